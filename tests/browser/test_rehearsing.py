"""Staff rehearse a draft before they publish it, and admins keep the accessibility statement, in a real browser."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from cop.core.access import Role
from tests.browser.conftest import Visitor
from tests.support.make import Make
from tests.support.pages import follow, heading, press

Check = Callable[[Page], None]
Shoot = Callable[[Page, str], None]

SIZES = pytest.mark.parametrize(("width", "javascript"), [(1280, True), (320, False)])


@SIZES
def test_a_draft_is_rehearsed(
    make: Make,
    visitor: Visitor,
    check_page: Check,
    shoot: Shoot,
    width: int,
    javascript: bool,  # noqa: FBT001
) -> None:
    editor, draft = make.account("Edi Editor"), make.visit("Healthy Hub", published=False)
    make.grant(editor, Role.FACILITATOR, programme=make.programme())
    page = visitor(width=width, javascript=javascript, person=editor)
    page.goto(f"/admin/events/{draft.slug}/messages/plan")
    assert "The event is a draft." in page.get_by_role("main").inner_text()
    check_page(page)
    shoot(page, f"rehearsal-{width}")
    follow(page, "Visit pack")
    assert "Visit pack" in heading(page)
    assert "a person to come" in page.get_by_role("main").inner_text()
    check_page(page)
    shoot(page, f"rehearsal-letter-{width}")


@SIZES
def test_an_issue_comes_into_the_statement(
    make: Make,
    visitor: Visitor,
    check_page: Check,
    shoot: Shoot,
    width: int,
    javascript: bool,  # noqa: FBT001
) -> None:
    page = visitor(width=width, javascript=javascript, person=make.admin())
    page.goto("/admin/accessibility/")
    check_page(page)
    press(page, "Add an issue")
    check_page(page)
    page.get_by_label("What is the problem?").fill("The plan of the room is a picture.")
    page.get_by_label("We have not met the standard here, and will").check()
    press(page, "Add the issue")
    assert "Choose the criterion that is not met." in page.get_by_role("alert").inner_text()
    check_page(page)
    page.get_by_label("Which criterion of WCAG 2.2 is not met?").select_option("1.1.1")
    press(page, "Add the issue")
    check_page(page)
    shoot(page, f"accessibility-{width}")
    press(page, "Note a review")
    check_page(page)
    press(page, "Note the review")
    follow(page, "Read the statement")
    assert "partially compliant" in page.get_by_role("main").inner_text()
    check_page(page)
    shoot(page, f"accessibility-statement-{width}")
    page.goto("/security/report")
    check_page(page)
