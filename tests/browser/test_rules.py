"""Messages by date in a real browser: written, read as their recipient, switched on, and seen in the dry run."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from cop.core.access import Role
from tests.browser.conftest import Visitor
from tests.support.make import Make
from tests.support.pages import follow, heading, press

Check = Callable[[Page], None]
Shoot = Callable[[Page, str], None]


@pytest.mark.parametrize(("width", "javascript"), [(1280, True), (320, False)])
def test_staff_write_a_message_and_see_what_will_be_sent(
    make: Make,
    visitor: Visitor,
    check_page: Check,
    shoot: Shoot,
    width: int,
    javascript: bool,  # noqa: FBT001
) -> None:
    editor, visit = make.account("Edi Editor"), make.visit()
    make.grant(editor, Role.FACILITATOR, programme=make.programme())
    make.booking(make.person("Amina Yusuf"), visit)
    page = visitor(width=width, javascript=javascript, person=editor)
    page.goto(f"/admin/events/{visit.slug}")
    follow(page, "Messages and what will be sent")
    check_page(page)
    follow(page, "Write a message")
    check_page(page)
    shoot(page, f"rules-write-{width}")
    page.get_by_label("Everybody who has booked").check()
    page.get_by_label("How long before or after?").fill("2")
    page.get_by_label("the start").check()
    page.get_by_label("Subject").fill("Boots for {event}")
    page.get_by_label("Message", exact=True).fill("Bring **boots** on {nothing}.")
    press(page, "Save and look at it")
    assert "“{nothing}” stands for nothing." in page.get_by_role("alert").inner_text()
    check_page(page)
    page.get_by_label("Message", exact=True).fill("Bring **boots** on {when}.")
    press(page, "Save and look at it")
    assert "Boots for A morning at the Healthy Hub" in heading(page)
    assert "Bring boots on Monday 9 March 2026" in page.get_by_role("main").inner_text()
    check_page(page)
    shoot(page, f"rules-rule-{width}")
    press(page, "Switch it on")
    page.goto(f"/admin/events/{visit.slug}/messages/")
    check_page(page)
    shoot(page, f"rules-list-{width}")
    follow(page, "See all that will be sent, and to whom")
    assert "Boots for A morning at the Healthy Hub" in page.get_by_role("main").inner_text()
    check_page(page)
    shoot(page, f"rules-plan-{width}")
