"""The equality questions in a real browser: answered after applying, changed, and taken back; and what is counted."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from cop.models.accounts import Sector
from tests.browser.conftest import Visitor
from tests.support import panel
from tests.support.clock import FixedClock
from tests.support.equality import count, crowd, open_course
from tests.support.keyboard import Keyboard
from tests.support.make import Make
from tests.support.pages import follow, heading, press

Check = Callable[[Page], None]


@pytest.mark.parametrize(("width", "javascript"), [(1280, True), (320, False)])
def test_an_applicant_answers_changes_and_takes_back(
    width: int,
    javascript: bool,  # noqa: FBT001
    visitor: Visitor,
    check_page: Check,
    make: Make,
) -> None:
    event, amina = open_course(make), make.account(sector=Sector.RESIDENT)
    panel.application(make, event, person=amina)
    page = visitor(width, javascript=javascript, person=amina)

    def arrived_at(title: str) -> None:
        assert heading(page).endswith(title), heading(page)
        check_page(page)

    page.goto(f"/cohorts/{event.slug}/application/equality")
    arrived_at("We have received your application")
    press(page, "Continue")
    arrived_at("We have received your application")  # with the error
    page.get_by_label("Yes, answer the equality questions (takes 2 minutes)").check()
    press(page, "Continue")
    arrived_at("What is your sex?")
    page.get_by_label("Female", exact=True).check()
    press(page, "Continue")
    arrived_at("How old are you?")
    press(page, "Continue")
    arrived_at("12 months or more?")
    follow(page, "Skip the other questions")
    arrived_at("Application submitted")
    follow(page, "See where your application stands")
    follow(page, "Change your answers to the equality questions")
    arrived_at("Your answers to the equality questions")
    follow(page, "Change (What is your sex?)")
    expect(page.get_by_label("Female", exact=True)).to_be_checked()
    page.get_by_label("Prefer not to say").check()
    press(page, "Continue")
    arrived_at("Your answers to the equality questions")
    expect(page.get_by_text("Prefer not to say")).to_be_visible()
    follow(page, "Remove all these answers")
    arrived_at("Remove your answers to the equality questions?")
    press(page, "Yes, remove them")
    arrived_at("Where your application stands")


def test_somebody_answers_without_a_pointer(visitor: Visitor, make: Make) -> None:
    event, amina = open_course(make), make.account(sector=Sector.RESIDENT)
    panel.application(make, event, person=amina)
    page = visitor(person=amina)
    keys = Keyboard(page)
    page.goto(f"/cohorts/{event.slug}/application/equality")
    keys.choose("Do you want to answer the equality questions?", "Yes, answer the equality questions (takes 2 minutes)")
    keys.press("Continue")
    keys.choose("What is your sex?", "Male", "ArrowDown")
    keys.press("Continue")
    assert heading(page) == "How old are you?"


@pytest.mark.parametrize("width", [1280, 320])
def test_the_chair_sees_who_came_how_far(
    width: int, visitor: Visitor, check_page: Check, make: Make, clock: FixedClock
) -> None:
    event, chair = open_course(make), panel.chair(make)
    crowd(make, event, (20, {"sex": "female", "age": "35-44"}), (12, {"sex": "male", "age": "55-64"}), (4, {}))
    page = visitor(width, person=chair)
    page.goto(f"/admin/cohorts/{event.slug}")
    follow(page, "Who came how far, by group")
    check_page(page)
    expect(page.get_by_text("Nothing is counted before the call has closed.")).to_be_visible()
    page.goto(f"/cohorts/{event.slug}/fairness/questions")
    check_page(page)
    page.get_by_label("Also ask about gender identity").check()
    press(page, "Save")
    clock.move(timedelta(days=1))
    count(make, event)
    page.goto(f"/cohorts/{event.slug}/fairness")
    check_page(page)
    expect(page.get_by_role("cell", name="20 (56%)").first).to_be_visible()
