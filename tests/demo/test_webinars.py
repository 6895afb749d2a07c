"""The speaker series of the demonstration: one that was, one next week, one from another time zone."""

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from cop.models.accounts import Person
from cop.models.events import Attendance, Booking, Event, Mark, Part, Seat
from cop.models.organisations import Organisation
from cop.models.webinars import AdvanceQuestion, Speaker
from cop.queries.speakers import Standing, standing
from tests.support.browse import Browse
from tests.support.clock import START
from tests.support.make import Reads

WAS, NEXT, LATER = "neighbours-before-doctors", "door-to-door-in-brazil", "guelph-a-city-plans-for-health"


pytestmark = pytest.mark.usefixtures("loaded")


def person(reading: Reads, role: str) -> Person:
    with reading() as read:
        return read.session.scalars(select(Person).where(Person.email == f"{role}@demo.example")).one()


def test_the_series_shows_what_was_and_what_comes(browse: Browse) -> None:
    page = browse.get("/series/speaker-series")
    links = [str(link["href"]) for link in page.soup.select('main a[href^="/webinars/"]')]
    assert links == [f"/webinars/{slug}" for slug in (NEXT, LATER, WAS)]
    assert "Maren Oakfield" in page.text
    assert "meet.example" not in page.html


def test_one_was_six_weeks_ago_with_a_recording_and_marks_of_every_sort(browse: Browse, reading: Reads) -> None:
    with reading() as read:
        marks = read.session.execute(
            select(Mark.status, func.count())
            .join(Part, Part.id == Mark.part_id)
            .join(Event, Event.id == Part.event_id)
            .where(Event.slug == WAS)
            .group_by(Mark.status)
        ).all()
        councils = read.session.scalar(
            select(func.count(func.distinct(Organisation.id)))
            .join(Booking, Booking.organisation_id == Organisation.id)
            .join(Event, Event.id == Booking.event_id)
            .where(Event.slug == WAS)
        )
        alumna = read.session.scalar(
            select(Mark.status)
            .join(Seat, Seat.id == Mark.seat_id)
            .join(Event, Event.id == Seat.event_id)
            .join(Person, Person.id == Seat.person_id)
            .where(Event.slug == WAS, Person.email == "alumna@demo.example")
        )
    counts = Counter({Attendance(status): count for status, count in marks})
    assert counts.keys() == {Attendance.ATTENDED, Attendance.PARTIAL, Attendance.ABSENT}
    assert counts.total() == 25  # one is still to be decided about, and one had not booked
    assert alumna == Attendance.ATTENDED
    assert (councils or 0) > 12
    page = browse.get(f"/webinars/{WAS}")
    assert "The whole hour, with captions" in page.text
    assert "Slides, large print" in page.text


def test_its_staff_see_how_many_joined_and_watched(browse: Browse, reading: Reads) -> None:
    page = browse.sign_in(person(reading, "facilitator")).get(f"/admin/webinars/{WAS}")
    assert "pressed the button to join" in page.text
    assert "Opened 0 times" not in page.text


def test_its_report_of_teams_was_read_and_leaves_something_to_decide(browse: Browse, reading: Reads) -> None:
    page = browse.sign_in(person(reading, "host")).get(f"/events/{WAS}/reports")
    assert "Of 1 person a report says something else than somebody marked" in page.text
    page.click("Neighbours before doctors - Attendance report.csv")
    assert "Left out 2 people" in page.text
    page.click("To decide (1)")
    assert "Found by the name alone" in page.text


def test_one_is_next_week_and_the_participant_is_registered(browse: Browse, reading: Reads) -> None:
    with reading() as read:
        starts_at = read.session.scalars(
            select(Part.starts_at).join(Event, Event.id == Part.event_id).where(Event.slug == NEXT)
        ).one()
    assert timedelta(days=7) < starts_at - START < timedelta(days=11)
    page = browse.sign_in(person(reading, "participant")).get(f"/webinars/{NEXT}")
    assert "You are registered" in page.text
    assert "Go to the page to join" in page.text


def test_one_comes_from_guelph_with_few_places_and_lacks_its_joining_address(browse: Browse, reading: Reads) -> None:
    page = browse.get(f"/webinars/{LATER}")
    assert "in Toronto" in page.text
    assert "places left" in page.text
    staff = browse.another().sign_in(person(reading, "facilitator")).get(f"/admin/webinars/{LATER}")
    assert "Joining address missing" in staff.text


def test_speakers_have_answered_or_not_and_people_ask(browse: Browse, reading: Reads) -> None:
    with reading() as read:
        found = read.session.scalars(select(Speaker).order_by(Speaker.name)).all()
        waiting = read.session.scalar(select(func.count()).select_from(AdvanceQuestion))
    assert Counter(standing(speaker) for speaker in found) == {
        Standing.ANSWERED: 2,
        Standing.NOT_ASKED: 1,
        Standing.SILENT: 1,
        Standing.UNREACHED: 1,
    }
    assert {speaker.may_record for speaker in found} == {True, False, None}
    assert waiting == 3
    assert "A day on the round" in browse.get(f"/webinars/{NEXT}").text
