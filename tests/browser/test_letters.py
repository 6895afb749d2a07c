"""Letters are looked over and released, somebody asks for a review, and the chair answers: wide, narrow, plain."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Visitor
from tests.support import panel
from tests.support.keyboard import Keyboard
from tests.support.mailbox import Mailbox
from tests.support.make import Make
from tests.support.pages import follow, heading, press

Check = Callable[[Page], None]

BASE = "/cohorts/change-makers"


@pytest.mark.parametrize(("width", "javascript"), [(1280, True), (320, False)])
def test_from_the_first_letter_to_the_answer(
    width: int,
    javascript: bool,  # noqa: FBT001
    visitor: Visitor,
    check_page: Check,
    make: Make,
    mailbox: Mailbox,
) -> None:
    course = panel.course(make, places=2)
    panel.applications(make, course, 3)
    femi, rhona = panel.chair(make), panel.reviewer(make)
    panel.review_with(make, rhona, course, 3, {"c1": 5, "c2": 1})
    panel.decide(make, femi, course, "ord")
    page = visitor(width, javascript=javascript, person=femi)
    page.goto(f"{BASE}/selection/release")
    check_page(page)
    follow(page, "Add words to all letters")
    check_page(page)
    page.get_by_label("To everybody whom we cannot offer a place").fill("Three people applied.")
    press(page, "Save")
    follow(page, "Go through the letters one by one")
    assert heading(page).startswith("Letter to Applicant 2")
    check_page(page)
    page.get_by_label("Feedback to this person alone").fill("You came close.")
    press(page, "Save and next")
    assert heading(page).startswith("Letter to Applicant 3")
    assert "A real challenge" in page.get_by_label("Feedback to this person alone").input_value()
    check_page(page)
    press(page, "Save and next")
    assert heading(page).startswith("Release the decisions")
    press(page, "Release and tell everybody")
    check_page(page)
    letter = next(mail for mail in mailbox.deliver() if mail.subject == "Your application to Change Makers")
    assert "Three people applied." in letter.text
    assert "A real challenge" in letter.text

    applicant = visitor(width, javascript=javascript)
    applicant.goto(letter.link("/decisions/"))
    check_page(applicant)
    press(applicant, "Ask for a review")
    assert applicant.get_by_role("alert").get_by_role("link").count() == 1
    check_page(applicant)
    applicant.get_by_label("What should we look at again?").fill("You misread question two.")
    press(applicant, "Ask for a review")
    check_page(applicant)

    page.goto(f"{BASE}/selection/release")
    follow(page, "1 person asked for a review of the decision")
    check_page(page)
    follow(page, "Applicant 3")
    check_page(page)
    page.get_by_label("The decision is changed").check()
    page.get_by_label("What do you answer?").fill("You are right.")
    press(page, "Send the answer")
    assert "and the offer of a place" in page.get_by_role("main").inner_text()
    check_page(page)
    page.goto(f"{BASE}/reconsiderations/3")
    check_page(page)
    assert sorted(mail.subject for mail in mailbox.deliver()) == [
        "A place for you: Change Makers",
        "The review of your application to Change Makers",
    ]
    applicant.reload()
    assert "the decision is changed." in applicant.get_by_role("main").inner_text()
    check_page(applicant)


def test_a_letter_is_looked_over_without_a_pointer(visitor: Visitor, make: Make) -> None:
    course = panel.course(make, places=2)
    panel.applications(make, course, 1)
    femi = panel.chair(make)
    panel.decide(make, femi, course, "d")
    page = visitor(person=femi)
    page.goto(f"{BASE}/selection/release")
    keyboard = Keyboard(page)
    keyboard.follow("Go through the letters one by one")
    keyboard.write("Feedback to this person alone", "You came close.")
    keyboard.press("Save and next")
    assert heading(page).startswith("Release the decisions")
    assert "Written" in page.get_by_role("main").inner_text()
