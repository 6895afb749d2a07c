"""A report of who came, read in a real browser: looked through, decided about by the keyboard, and applied."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from cop.core.access import Role
from cop.models.accounts import Person
from cop.models.events import Attendance, Event
from cop.services.events import attendance as marking
from tests.browser.conftest import Visitor
from tests.support.attendance_reports import Reports
from tests.support.clock import FixedClock
from tests.support.make import Make, Reads, Working
from tests.support.pages import follow, press

Check = Callable[[Page], None]
Shoot = Callable[[Page, str], None]

BEGINS = datetime(2026, 3, 9, 10, tzinfo=UTC)
ROWS = (
    ("Amina K", "amina@council.example", "10:00", "10:58"),
    ("Ben Okafor", "", "10:00", "11:00"),
    ("B. Okafur", "", "10:00", "10:05"),
    ("Nia Rees", "nia@health.example", "10:00", "10:20"),
)


@pytest.fixture
def reports(make: Make, work: Working, reading: Reads) -> Reports:
    return Reports(make, work, reading)


@pytest.fixture
def meeting(make: Make, clock: FixedClock) -> Event:
    event = make.visit("What a street can do", slots=[BEGINS], slug="hub")
    for name in ("Amina Khan", "Ben Okafor"):
        make.booking(make.account(name, f"{name.split()[0].lower()}@council.example"), event)
    clock.set(BEGINS.replace(hour=13))
    return event


@pytest.fixture
def host(make: Make, meeting: Event, work: Working, reports: Reports, clock: FixedClock) -> Person:
    """Who marked Amina as absent while it ran."""
    person = make.account("Hana Host")
    make.grant(person, Role.HOST, event=meeting)
    with work(make.actor(person)) as unit:
        amina = reports.seats(meeting)[0]
        marking.mark(unit, part_id=meeting.parts[0].id, seat_id=amina, status=Attendance.ABSENT)
    clock.set(BEGINS.replace(hour=14))
    return person


@pytest.mark.parametrize(("width", "javascript"), [(1280, True), (320, False)])
def test_a_report_becomes_marks(
    width: int,
    javascript: bool,  # noqa: FBT001
    visitor: Visitor,
    check_page: Check,
    shoot: Shoot,
    reports: Reports,
    meeting: Event,
    host: Person,
    tmp_path: Path,
) -> None:
    report = tmp_path / "Attendance.csv"
    report.write_bytes(reports.file(meeting, *ROWS))
    page = visitor(width, javascript=javascript, person=host)
    page.goto("/events/hub/attendance")
    follow(page, "Read a report of Teams, Zoom or Eventbrite")
    check_page(page)
    page.locator("input[type=file]").set_input_files(report)
    press(page, "See what it would do")
    check_page(page)
    shoot(page, f"report-draft-{width}")
    press(page, "Mark these people")
    expect(page.get_by_text("1 person is marked.")).to_be_visible()
    follow(page, "To decide (2)")
    press(page, "Yes, it is : Ben Okafor")
    follow(page, "Decide : B. Okafur")
    check_page(page)
    shoot(page, f"report-person-{width}")
    page.get_by_label("Ben Okafor").check()
    press(page, "Save")
    expect(page.get_by_text("There is nobody left to decide about.")).to_be_visible()
    follow(page, "See everybody in the report")
    shoot(page, f"report-applied-{width}")
    page.goto("/events/hub/reports")
    check_page(page)
    shoot(page, f"reports-{width}")
    follow(page, "See where they differ")
    check_page(page)
    shoot(page, f"report-differs-{width}")
    press(page, "The report : Amina Khan")
    expect(page.get_by_text("They agree about everybody.")).to_be_visible()
    assert reports.marks(meeting) == ["attended 58 import", "attended 60 import", "partial 20 import"]
