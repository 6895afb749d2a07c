"""A chair arranges the panel's work and takes names out, in a real browser: narrow, wide, and without JavaScript."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from cop.models.events import Event
from tests.browser.conftest import Visitor
from tests.support import panel
from tests.support import reviewing as work_of_panel
from tests.support.make import Make
from tests.support.pages import arrive, follow, heading, press

Check = Callable[[Page], None]
Shoot = Callable[[Page, str], None]

BASE = "/cohorts/change-makers"


@pytest.fixture
def course(make: Make) -> Event:
    course = panel.course(make)
    make.organisation("Stevenage Borough Council")
    challenge = "I am Benedikta, from Stevenage.\n\nWrite to benedikta@home.example."
    colleagues = make.organisation("Amberley and District Metropolitan Borough Council")
    panel.application(make, course, "Benedikta Featherstonehaugh-Cholmondeley", challenge=challenge)
    panel.application(make, course, "Cleo Osei", organisation=colleagues)
    panel.reviewer(make, "Rhona Reviewer-Featherstonehaugh", organisation=colleagues)
    panel.reviewer(make, "Seth Scorer")
    return course


@pytest.mark.parametrize(("width", "javascript"), [(1280, True), (320, False)])
def test_a_chair_arranges_the_work_of_the_panel(
    width: int,
    javascript: bool,  # noqa: FBT001
    visitor: Visitor,
    check_page: Check,
    shoot: Shoot,
    make: Make,
    course: Event,
) -> None:
    page = visitor(width, javascript=javascript, person=panel.chair(make))
    page.goto(f"{BASE}/selection")
    follow(page, "The work of the panel")
    check_page(page)
    follow(page, "Change how the panel works")
    check_page(page)
    page.get_by_label("From which difference do scores lie far apart?").fill("far")
    press(page, "Save")
    assert "like 1.5" in page.get_by_role("alert").inner_text()
    check_page(page)
    page.get_by_label("From which difference do scores lie far apart?").fill("1")
    page.get_by_label("How many people score each application?").fill("1")
    page.get_by_label("Somebody looks through each application").check()
    press(page, "Save")
    assert "Reviewers do not see 2 applications" in page.get_by_role("main").inner_text()
    shoot(page, f"reviewing-{width}")
    check_page(page)
    press(page, "Share the applications out")
    assert page.get_by_role("status").inner_text() == "2 new, 0 taken back, 0 as they are"
    shoot(page, f"sharing-{width}")
    check_page(page)
    press(page, "Share them out like this")
    follow(page, "Who scores which application")
    shoot(page, f"shares-{width}")
    check_page(page)
    arrive(page.get_by_role("link", name="Change who scores application 2"))
    assert "Rhona Reviewer-Featherstonehaugh cannot" in page.get_by_role("main").inner_text()
    shoot(page, f"reviewers-{width}")
    check_page(page)
    page.get_by_label("Seth Scorer").uncheck()
    press(page, "Save")
    assert "1 too few" in page.get_by_role("main").inner_text()
    check_page(page)


@pytest.mark.parametrize(("width", "javascript"), [(1280, True), (320, False)])
def test_a_chair_takes_names_out_and_a_reviewer_reads_the_rest(
    width: int,
    javascript: bool,  # noqa: FBT001
    visitor: Visitor,
    check_page: Check,
    shoot: Shoot,
    make: Make,
    course: Event,
) -> None:
    work_of_panel.wanting(make, course, None, redacting=True)
    page = visitor(width, javascript=javascript, person=panel.chair(make))
    page.goto(f"{BASE}/redactions")
    shoot(page, f"copies-{width}")
    check_page(page)
    follow(page, "Application 1")
    check_page(page)
    assert page.locator("mark").all_inner_texts() == ["Benedikta", "Stevenage", "benedikta@home.example"]
    press(page, "Take out what is marked")
    copy = page.get_by_label("What reviewers read: What is your challenge?")
    assert copy.input_value() == "I am [name], from [place].\n\nWrite to [e-mail address]."
    shoot(page, f"copy-{width}")
    check_page(page)
    press(page, "Save: reviewers may read this")
    assert heading(page).startswith("Take names out of application 2")
    page.goto(f"{BASE}/reviewing/remind")
    assert "Seth Scorer: 1 left" in page.get_by_role("main").inner_text()
    shoot(page, f"remind-{width}")
    check_page(page)
    press(page, "Send it")
    assert "The reminder goes to 2 people." in page.get_by_role("main").inner_text()
    reviewer = visitor(width, javascript=javascript, person=panel.reviewer(make, "Una Unrelated"))
    reviewer.goto(f"{BASE}/reviews")
    assert "1 more application comes to you" in reviewer.get_by_role("main").inner_text()
    check_page(reviewer)
    press(reviewer, "Review application 1")
    assert "I am [name], from [place]." in reviewer.get_by_role("main").inner_text()
    assert "Benedikta" not in reviewer.content()
    check_page(reviewer)
