"""Staff plan a monthly meet-up and move a date; an alumna comes to some dates: wide, narrow, and without JavaScript."""

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page

from cop.core.access import Role
from tests.browser.conftest import Visitor
from tests.support.forum import MakeForum
from tests.support.make import Make
from tests.support.pages import follow, heading, press
from tests.support.webinars import ADDRESS

Check = Callable[[Page], None]


@pytest.mark.parametrize(("width", "javascript"), [(1280, True), (320, False)])
def test_from_the_plan_to_the_door(
    width: int,
    javascript: bool,  # noqa: FBT001
    app: Flask,
    visitor: Visitor,
    check_page: Check,
    make: Make,
    shoot: Callable[[Page, str], None],
) -> None:
    editor = make.account("Edi Editor")
    make.grant(editor, Role.FACILITATOR, programme=make.programme())
    staff = visitor(width, javascript=javascript, person=editor)
    alumna = visitor(width, javascript=javascript, person=MakeForum(app, make).alumna("Alma Ashdown", accepts=False))

    def arrived_at(page: Page, title: str) -> None:
        assert title in heading(page)
        check_page(page)
        shoot(page, f"meet-ups-{title.lower().replace(' ', '-').strip('?')}")

    staff.goto("/admin/events/new")
    follow(staff, "A meet-up")
    arrived_at(staff, "Plan a meet-up")
    staff.get_by_label("Title").fill("Peer circle")
    staff.get_by_label("Summary").fill("An hour among peers.")
    press(staff, "Save the draft")
    arrived_at(staff, "Peer circle")
    follow(staff, "Details")
    staff.get_by_label("Description (optional)").fill("What helps, and what does not.")
    press(staff, "Save")
    follow(staff, "Dates")
    arrived_at(staff, "Dates")
    press(staff, "Plan dates")
    for box, value in (("Day", "7"), ("Month", "4"), ("Year", "2026")):
        staff.get_by_role("group", name="First date").get_by_label(box).fill(value)
    staff.get_by_label("Begins at").fill("12:30")
    staff.get_by_label("Ends at").fill("1:30pm")
    staff.get_by_label("Each month, on the same weekday").check()
    staff.get_by_label("How many times?").fill("3")
    staff.get_by_label("Joining address (optional)").fill(ADDRESS)
    arrived_at(staff, "Plan dates")
    press(staff, "See the dates")
    arrived_at(staff, "Plan these dates?")
    press(staff, "Yes, plan them")
    arrived_at(staff, "Dates")
    staff.goto("/admin/meet-ups/peer-circle")
    follow(staff, "Publish")
    press(staff, "Yes, publish it")
    arrived_at(staff, "Peer circle")

    alumna.goto("/account")
    follow(alumna, "Meet-ups of alumni")
    arrived_at(alumna, "Meet-ups")
    follow(alumna, "Peer circle")
    arrived_at(alumna, "Peer circle")
    press(alumna, "Choose your dates")
    arrived_at(alumna, "Choose your dates")
    alumna.get_by_label("Tuesday 5 May 2026").uncheck()
    press(alumna, "Save")
    arrived_at(alumna, "You are booked")

    staff.goto("/admin/meet-ups/peer-circle/dates")
    follow(staff, "Change Tuesday 2 June 2026, 12:30pm to 1:30pm")
    arrived_at(staff, "Change the date")
    staff.get_by_role("group", name="Date").get_by_label("Day").fill("3")
    press(staff, "Save")
    arrived_at(staff, "Move this date?")
    press(staff, "Yes, move it and tell them")
    arrived_at(staff, "Dates")

    alumna.reload()
    assert alumna.get_by_text("Wednesday 3 June 2026").first.is_visible()
    follow(alumna, "Tuesday 7 April 2026, 12:30pm to 1:30pm")
    arrived_at(alumna, "Join")
    assert alumna.get_by_text("You can join from").is_visible()
    assert ADDRESS not in alumna.content()
