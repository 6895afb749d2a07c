"""The pages on which staff read reports of who came."""

import io
from datetime import UTC, datetime

import pytest

from cop.core.access import Role
from cop.models.accounts import Person
from cop.models.events import Attendance, Event
from cop.services.events import attendance as marking
from tests.support.attendance_reports import Reports
from tests.support.browse import Browse
from tests.support.clock import FixedClock
from tests.support.make import Make, Reads, Working
from tests.support.queries import count_queries

BEGINS = datetime(2026, 3, 9, 10, tzinfo=UTC)
INDEX = "/events/hub/reports"
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
    event = make.visit(slots=[BEGINS], slug="hub")
    for name in ("Amina Khan", "Ben Okafor"):
        make.booking(make.account(name, f"{name.split()[0].lower()}@council.example"), event)
    clock.set(BEGINS.replace(hour=13))
    return event


@pytest.fixture
def host(make: Make, meeting: Event, browse: Browse) -> Person:
    person = make.account("Hana Host")
    make.grant(person, Role.HOST, event=meeting)
    browse.sign_in(person)
    return person


@pytest.mark.usefixtures("host")
def test_a_report_is_read_looked_through_decided_about_and_taken_back(
    browse: Browse, reports: Reports, meeting: Event
) -> None:
    page = browse.get("/events/hub/attendance").click("Read a report of Teams, Zoom or Eventbrite")
    assert "No report has been read yet" in page.text
    page.submit("See what it would do", file=(io.BytesIO(reports.file(meeting, *ROWS)), "zoom.csv"))
    assert "Would be marked 1 person" in page.text
    assert "To decide (2)" in page.text
    page.submit("Yes, it is : Ben Okafor")
    assert "Saved." in page.text
    page.get(page.path.partition("?")[0]).submit("Mark these people")
    assert "3 people are marked." in page.text
    assert reports.marks(meeting) == ["attended 58 import", "attended 60 import", "partial 20 import"]
    assert "58 minutes by an attendance report" in browse.get("/events/hub/attendance").text
    assert "Nia Rees Without a booking · from an attendance report" in page.text
    page.get(INDEX).click("zoom.csv").click("To decide (1)").click("Decide : B. Okafur")
    assert "takes effect at once" in page.text
    page.submit("Save", who=f"seat-{reports.seats(meeting)[1]}")
    assert "There is nobody left to decide about" in page.text
    page.click("See everybody in the report").click("Change : Ben Okafor")
    page.submit("Save", who="undo")
    assert reports.marks(meeting) == ["attended 58 import", "partial 5 import", "partial 20 import"]
    page.click("Everybody (4)").click("Take this report back").submit("Take it back")
    assert "The report no longer counts." in page.text
    assert reports.marks(meeting) == []


@pytest.mark.usefixtures("host")
def test_what_cannot_be_read_says_the_line_and_the_reason(browse: Browse, meeting: Event, reports: Reports) -> None:
    page = browse.get(INDEX).submit("See what it would do")
    assert page.errors == ["Choose a file"]
    page.submit("See what it would do", file=(io.BytesIO(b"Nothing\nof,use\n"), "x.csv"))
    assert page.status == 422
    assert page.errors[0].startswith("Line 1: no list of people is in it")
    reports.read(meeting, *ROWS)
    page.get(INDEX).submit("See what it would do", file=(io.BytesIO(reports.file(meeting, *ROWS)), "again.csv"))
    assert "This report was read before" in page.text
    assert len(browse.get(INDEX).soup.select("tbody tr")) == 1


@pytest.mark.usefixtures("host")
def test_somebody_is_found_by_a_search_and_a_stale_decision_is_refused(
    browse: Browse, reports: Reports, meeting: Event
) -> None:
    kept = reports.keep(meeting, ("Zed", "", "10:00", "11:00"))
    key = reports.people(kept)[0].id
    page = browse.get(f"{INDEX}/{kept.public_id}/people/{key}")
    assert "Amina Khan" not in page.text
    page.submit("Save")
    assert page.errors == ["Choose who it is"]
    page.submit("Find", q="khan")
    assert "Amina Khan" in page.text
    reports.decide(meeting, kept, 0, leave_out=True)
    page.submit("Save", who=f"seat-{reports.seats(meeting)[0]}")
    assert page.errors == ["Somebody else changed this a moment ago. Look at it again."]
    page.submit("Save", who=f"seat-{reports.seats(meeting)[0]}")
    assert "Saved." in page.text


@pytest.mark.usefixtures("host")
def test_a_draft_that_changed_is_not_applied_unseen(browse: Browse, reports: Reports, meeting: Event) -> None:
    kept = reports.keep(meeting, *ROWS)
    page = browse.get(f"{INDEX}/{kept.public_id}")
    reports.decide(meeting, kept, 1, leave_out=True)
    page.submit("Mark these people")
    assert page.status == 422
    assert "Somebody else changed this a moment ago" in page.errors[0]
    page.submit("Mark these people")
    assert "2 people are marked." in page.text
    other = reports.keep(meeting, ROWS[0])
    page.get(f"{INDEX}/{other.public_id}").click("Throw the draft away").submit("Throw it away")
    assert "The draft is gone." in page.text


def test_a_difference_is_settled_on_its_page(
    browse: Browse, host: Person, reports: Reports, meeting: Event, work: Working, clock: FixedClock
) -> None:
    seats = reports.seats(meeting)
    for seat in seats:
        with work() as unit:
            marking.mark(unit, part_id=meeting.parts[0].id, seat_id=seat, status=Attendance.ABSENT)
    clock.set(BEGINS.replace(hour=14))
    reports.read(meeting, *(("X", f"{name}@council.example", "10:00", "11:00") for name in ("amina", "ben")))
    page = browse.get(INDEX)
    assert "Of 2 people a report says something else" in page.text
    page.click("See where they differ").submit("The report : Amina Khan")
    page.submit("The mark : Ben Okafor")
    assert "They agree about everybody" in page.text
    assert reports.marks(meeting) == ["attended 60 import", "absent None roster"]
    stale = {"part": meeting.parts[0].id, "seat": seats[0], "seen": "1", "right": "hand"}
    assert browse.post(f"{INDEX}/differences", stale).status == 422
    assert browse.post(f"{INDEX}/differences", {**stale, "part": "999999"}).status == 404
    assert host.name == "Hana Host"


def test_reports_are_for_the_staff_of_the_event_alone(
    browse: Browse, make: Make, reports: Reports, meeting: Event
) -> None:
    kept = reports.keep(meeting, *ROWS)
    key = reports.people(kept)[1].id
    elsewhere = make.account("Other Host")
    other = make.visit(slug="other")
    make.grant(elsewhere, Role.HOST, event=other)
    pages = (
        "",
        "/differences",
        f"/{kept.public_id}",
        f"/{kept.public_id}/take-back",
        f"/{kept.public_id}/people/{key}",
    )
    for person in (elsewhere, make.account("Amina")):
        browse.sign_in(person)
        assert {browse.get(INDEX + page).status for page in pages} == {404}
        assert {browse.post(INDEX + page, {"seen": 0}).status for page in pages} == {404}
    browse.sign_in(elsewhere)
    assert browse.get(f"/events/other/reports/{kept.public_id}").status == 404
    assert "A report can be read from the day itself on" in browse.get("/events/other/reports").text


@pytest.mark.usefixtures("host")
def test_lists_take_the_same_few_statements_however_long_they_are(
    browse: Browse, reports: Reports, meeting: Event
) -> None:
    browse.get(INDEX)
    counts = []
    for number in range(3):
        rows = [(f"Name {each}", "", "10:00", f"10:{30 + number}") for each in range(number + 1)]
        kept = reports.keep(meeting, *rows)
        with count_queries() as sent:
            browse.get(INDEX)
        with count_queries() as of_one:
            browse.get(f"{INDEX}/{kept.public_id}")
        counts.append((len(sent), len(of_one)))
    assert set(counts) == {counts[0]}
