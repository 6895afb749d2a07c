"""A course from the middle on: a plan, sub-groups, the record of attendance, and somebody who checks it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page

from cop.models.accounts import Person
from cop.models.commitments import CommitmentState
from cop.models.events import Event
from cop.queries.plans import link_token
from tests.browser.conftest import Visitor
from tests.support import panel, plans
from tests.support.clock import FixedClock
from tests.support.make import Make
from tests.support.pages import arrive, click_in_place, follow, heading, press

Check = Callable[[Page], None]

WIDTHS = pytest.mark.parametrize(("width", "javascript"), [(1280, True), (320, False)])


@pytest.fixture
def course(make: Make) -> Event:
    return panel.course(make)


@pytest.fixture
def people(make: Make, course: Event, clock: FixedClock) -> list[Person]:
    """Four with a place; the second half-day has begun."""
    found = plans.members(make, course, "Alma Alumna", "Ben Okafor", "Cleo Osei", "Dora Quist")
    clock.set(course.parts[1].starts_at)
    return found


@WIDTHS
def test_somebody_writes_a_plan_and_says_how_it_went(
    width: int,
    javascript: bool,  # noqa: FBT001
    visitor: Visitor,
    check_page: Check,
    make: Make,
    course: Event,
    people: list[Person],
    clock: FixedClock,
) -> None:
    page = visitor(width, javascript=javascript, person=people[0])
    page.goto("/plans/")
    check_page(page)
    arrive(page.get_by_role("main").get_by_role("link", name="Write it"))
    press(page, "Save the plan")
    assert page.get_by_role("alert").get_by_role("link").count() == 4
    check_page(page)
    page.get_by_label("What will you do about it").fill("Meet the tenants of two blocks.")
    page.get_by_label("What is the first step?").fill("Ask the caretaker.")
    for name, value in (("Day", "20"), ("Month", "4"), ("Year", "2026")):
        page.get_by_label(name, exact=True).fill(value)
    page.get_by_label("How confident are you").fill("7")
    press(page, "Save the plan")
    assert heading(page).startswith("Your action plan")
    check_page(page)
    written = plans.plan(make, course, people[1])
    clock.set(course.parts[-1].ends_at + timedelta(days=100))
    link = visitor(width, javascript=javascript)
    link.goto(f"/plans/t/{link_token(written)}")
    check_page(link)
    link.get_by_label("It is stuck").check()
    press(link, "Write it down")
    check_page(link)
    link.get_by_label("What happened?").fill("No money.")
    press(link, "Write it down")
    assert "It is written down" in link.get_by_role("main").inner_text()
    check_page(link)


@WIDTHS
def test_a_facilitator_splits_people_and_follows_their_plans(
    width: int,
    javascript: bool,  # noqa: FBT001
    visitor: Visitor,
    check_page: Check,
    make: Make,
    course: Event,
    people: list[Person],
) -> None:
    plans.plan(make, course, people[0])
    plans.check(make, course, people[0], CommitmentState.STUCK, "No money.")
    page = visitor(width, javascript=javascript, person=panel.chair(make, "Femi Follows", event=course))
    page.goto("/cohorts/change-makers/roster?q=alma")
    check_page(page)
    follow(page, "Alma Alumna")
    page.get_by_label("Write a note").fill("Prefers a call.")
    press(page, "Keep the note")
    check_page(page)
    page.goto("/cohorts/change-makers/plans")
    check_page(page)
    follow(page, "Alma Alumna")
    check_page(page)
    page.goto("/cohorts/change-makers/groups/split")
    page.get_by_label("How many sub-groups?").fill("2")
    press(page, "Split them")
    check_page(page)
    press(page, "Arrange by hand")
    page.get_by_label("Ben Okafor").select_option(label="In no sub-group")
    press(page, "Save the sub-groups")
    assert "In no sub-group" in page.get_by_role("main").inner_text()
    press(page, "Open a space for Group 1")
    check_page(page)
    arrive(page.get_by_role("link", name="Write to them").first)
    check_page(page)


@WIDTHS
def test_a_record_is_made_and_checked(
    width: int,
    javascript: bool,  # noqa: FBT001
    visitor: Visitor,
    check_page: Check,
    make: Make,
    course: Event,
    people: list[Person],
    clock: FixedClock,
) -> None:
    clock.set(course.parts[-1].ends_at)
    panel.mark(make, course, people[0].id, "aaaa")
    page = visitor(width, javascript=javascript, person=people[0])
    page.goto("/account")
    check_page(page)
    arrive(page.get_by_role("main").get_by_role("link", name="Record of attendance"))
    check_page(page)
    press(page, "Make my record")
    check_page(page)
    code = page.get_by_text("Code:").locator("strong").inner_text()
    with page.expect_download() as download:
        click_in_place(page.get_by_role("button", name="Download it (PDF)"))
    assert download.value.suggested_filename == "record-of-attendance-change-makers.pdf"
    stranger = visitor(width, javascript=javascript)
    stranger.goto("/verify/")
    check_page(stranger)
    stranger.get_by_label("The code on the paper").fill(code.upper())
    press(stranger, "Check")
    assert "This record is valid" in stranger.get_by_role("main").inner_text()
    check_page(stranger)
