"""Those who come without a booking: seats and marks, no claims, and nothing told about whom we know."""

from datetime import time, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from cop.core.access import VISITOR, Role
from cop.core.errors import NotFound, Refusal
from cop.exporting.attendance import COLUMNS
from cop.models.accounts import Affiliation, Person, Sector
from cop.models.events import (
    Attendance,
    Booking,
    BookingSource,
    BookingState,
    Claim,
    Event,
    EventKind,
    MarkSource,
    PartState,
    Visibility,
)
from cop.models.summits import PartKind
from cop.models.waiting import WaitingState
from cop.queries.attendance import host_lists
from cop.queries.bookings import own_bookings
from cop.queries.cohorts.roster import event_of_member, roster
from cop.queries.evaluation.funnels import event_funnels
from cop.queries.exports import Scope
from cop.queries.exports.attendance import attendance_rows
from cop.queries.exports.bookings import booking_rows
from cop.queries.soundness import unsound
from cop.queries.walk_ins import walk_ins
from cop.services.events import booking as bookings
from cop.services.events import walk_ins as services
from cop.services.events.editing import summits as editing
from tests.support import cohorts
from tests.support.clock import FixedClock
from tests.support.make import Make, Reads, Working
from tests.support.summits import LONDON, make_summit
from tests.support.visiting import host_of, marks_of, seats_of, walk_in
from tests.support.waiting import Line

NAMES = [column.name for column in COLUMNS]


@pytest.fixture
def visit(make: Make, clock: FixedClock) -> Event:
    """On its day, with one slot of ten."""
    visit = make.visit(slots=1)
    clock.set(visit.parts[0].starts_at)
    return visit


def take_back(work: Working, event: Event, booking: Booking, **more: Any) -> None:
    values = {"event_id": event.id, "part_id": event.parts[0].id, **more}
    with work() as unit:
        services.take_back(unit, public_id=booking.public_id, **values)


class TestAWalkIn:
    def test_has_seats_and_marks_and_no_claims(
        self, make: Make, work: Working, reading: Reads, visit: Event, clock: FixedClock
    ) -> None:
        host = host_of(make, visit)
        booking = walk_in(work, visit, party_size=3, actor=make.actor(host))
        assert (booking.source, booking.state, booking.party_size) == (BookingSource.WALK_IN, BookingState.LIVE, 3)
        assert (booking.booked_at, booking.by_person_id) == (clock.now(), host.id)
        seats = seats_of(reading, booking)
        assert [(seat.position, seat.name, seat.live) for seat in seats] == [
            (0, "Nell Neighbour", True),
            (1, None, True),
            (2, None, True),
        ]
        marks = marks_of(reading, booking)
        assert [mark.seat_id for mark in marks] == [seat.id for seat in seats]
        assert {(mark.status, mark.source, mark.recorded_by) for mark in marks} == {
            (Attendance.ATTENDED, MarkSource.CHECK_IN, host.id)
        }
        with reading() as read:
            assert not read.session.scalars(select(Claim)).all()
        assert make.event(visit.id).parts[0].seats_taken == 0

    def test_fits_where_everything_is_full(self, make: Make, work: Working, clock: FixedClock) -> None:
        visit = make.visit(slots=1, capacity=1, event_capacity=1)
        make.booking(make.person(), visit)
        clock.set(visit.parts[0].starts_at)
        assert walk_in(work, visit, party_size=4).party_size == 4

    def test_of_somebody_unknown_makes_them_known_with_what_they_said(
        self, make: Make, work: Working, reading: Reads, visit: Event
    ) -> None:
        brent = make.organisation("Brent Council")
        known = walk_in(work, visit, email=" Nell@Council.EXAMPLE ", organisation="brent  council")
        typed = walk_in(work, visit, name="Olu", organisation="Friends of the hub")
        with reading() as read:
            nell, olu = (read.session.get_one(Person, one.person_id) for one in (known, typed))
            places = {one.person_id: one for one in read.session.scalars(select(Affiliation))}
        assert (nell.name, nell.email) == ("Nell Neighbour", "nell@council.example")
        assert (known.organisation_id, places[nell.id].organisation_id) == (brent.id, brent.id)
        assert (olu.name, olu.email) == ("Olu", None)
        assert (typed.organisation_id, places[olu.id].organisation_text) == (None, "Friends of the hub")

    def test_of_somebody_known_changes_nothing_about_them_and_tells_nothing(
        self, make: Make, work: Working, reading: Reads, visit: Event, clock: FixedClock
    ) -> None:
        leeds, brent = make.organisation("Leeds"), make.organisation("Brent")
        clock.move(timedelta(days=-1))
        amina = make.person(
            "Amina Yusuf", "amina@council.example", organisation=leeds, sector=Sector.VCSE, phone="01632 960 001"
        )
        clock.move(timedelta(days=1))
        booking = walk_in(work, visit, name="Mina", email="amina@council.example", organisation=brent.name)
        assert (booking.person_id, booking.organisation_id, booking.sector) == (amina.id, leeds.id, Sector.VCSE)
        with reading() as read:
            assert read.session.get_one(Person, amina.id).name == "Amina Yusuf"
            [party] = walk_ins(read, visit)[visit.parts[0].id]
        assert (party.name, party.organisation, party.people) == ("Mina", None, 1)

    def test_shows_the_organisation_of_somebody_made_at_the_door(
        self, work: Working, reading: Reads, visit: Event
    ) -> None:
        walk_in(work, visit, organisation="Friends of the hub", email="nell@council.example")
        with reading() as read:
            [party] = walk_ins(read, visit)[visit.parts[0].id]
        assert party.organisation == "Friends of the hub"

    def test_is_pointed_to_the_booking_that_they_have(self, make: Make, work: Working, visit: Event) -> None:
        amina = make.person("Amina Yusuf", "amina@council.example")
        with work() as unit:
            bookings_of = bookings.Guest("Amina Yusuf", "amina@council.example")
            late = make.visit(slots=[visit.parts[0].starts_at + timedelta(hours=2)])
            bookings.book_for(
                unit, event_id=late.id, part_ids=[late.parts[0].id], party=bookings.Party(1), guest=bookings_of
            )
        with pytest.raises(Refusal, match="Mina has a booking here") as refused:
            walk_in(work, late, name="Mina", email="amina@council.example")
        assert refused.value.field == "email"
        assert amina.name not in str(refused.value)

    def test_who_waited_leaves_the_list_and_what_was_held_for_them_is_offered_to_the_next(
        self, app: Flask, make: Make, work: Working, reading: Reads, clock: FixedClock
    ) -> None:
        visit = make.visit(slots=2, capacity=1)
        holder, nell, olu = (make.account(name, f"{name.lower()}@people.example") for name in ("Holder", "Nell", "Olu"))
        make.booking(make.person(), visit, 0)
        held = make.booking(holder, visit, 1)
        line = Line(app, make, visit)
        line.join(nell, slots=(1,))
        line.join(olu, slots=(1,))
        with work(make.actor(holder)) as unit:
            bookings.cancel(unit, public_id=held.public_id)
        clock.set(visit.parts[0].starts_at - timedelta(hours=2))
        walk_in(work, visit, name="Nell", email="nell@people.example")
        assert line.states() == [("Nell", WaitingState.LEFT), ("Olu", WaitingState.OFFERED)]
        assert [(offer.person_id, offer.party_size) for offer in line.offers()] == [(olu.id, 1)]
        with reading() as read:
            assert unsound(read) == []

    def test_holds_no_place_that_could_be_changed(self, make: Make, work: Working, visit: Event) -> None:
        booking = walk_in(work, visit)
        with pytest.raises(Refusal, match="came without a booking"), work() as unit:
            bookings.change(unit, public_id=booking.public_id, part_ids=[visit.parts[0].id], party=bookings.Party(1))
        assert make.event(visit.id).parts[0].seats_taken == 0

    def test_comes_once_to_one_time_and_again_to_another(
        self, make: Make, work: Working, reading: Reads, clock: FixedClock
    ) -> None:
        visit = make.visit(slots=2)
        clock.set(visit.parts[0].starts_at)
        first = walk_in(work, visit, email="nell@council.example", party_size=2)
        with pytest.raises(Refusal, match="already") as refused:
            walk_in(work, visit, email="nell@council.example")
        assert refused.value.field == "email"
        again = walk_in(work, visit, email="nell@council.example", part_id=visit.parts[1].id, party_size=3)
        assert (again.id, again.party_size) == (first.id, 3)
        assert [mark.part_id for mark in marks_of(reading, first)] == [visit.parts[0].id] * 2 + [visit.parts[1].id] * 3

    @pytest.mark.parametrize("kind", [EventKind.WEBINAR, EventKind.MEET_UP, EventKind.SUMMIT, EventKind.COHORT])
    def test_is_for_all_kinds_of_event(self, make: Make, work: Working, clock: FixedClock, kind: EventKind) -> None:
        event = make.visit(slots=1, kind=kind, visibility=Visibility.INVITED)
        clock.set(event.parts[0].starts_at)
        assert walk_in(work, event).source is BookingSource.WALK_IN

    @pytest.mark.parametrize(
        ("values", "field", "message"),
        [
            ({"name": "  "}, "name", "Enter a name"),
            ({"email": "nell at council"}, "email", "e-mail address"),
            ({"party_size": 0}, "party_size", "1 to 100"),
            ({"party_size": 101}, "party_size", "1 to 100"),
        ],
    )
    def test_has_to_make_sense(
        self, work: Working, visit: Event, values: dict[str, Any], field: str, message: str
    ) -> None:
        with pytest.raises(Refusal, match=message) as refused:
            walk_in(work, visit, **values)
        assert refused.value.field == field

    def test_waits_for_the_day(self, work: Working, visit: Event, clock: FixedClock) -> None:
        clock.move(timedelta(days=-1))
        with pytest.raises(Refusal, match="from the day itself"):
            walk_in(work, visit)

    def test_comes_to_nothing_that_does_not_happen(self, make: Make, work: Working, clock: FixedClock) -> None:
        draft, visit = make.visit(slots=1, published=False), make.visit(slots=2)
        clock.set(visit.parts[0].starts_at)
        with pytest.raises(Refusal, match="draft"):
            walk_in(work, draft)
        with work() as unit:
            part = unit.session.merge(visit.parts[0])
            part.state = PartState.CANCELLED
        with pytest.raises(Refusal, match="cancelled"):
            walk_in(work, visit)

    def test_is_written_down_by_staff_of_the_event_alone(self, make: Make, work: Working, visit: Event) -> None:
        stranger, participant = make.account(), make.account()
        make.grant(stranger, Role.HOST, event=make.visit(slots=1))
        for actor in (VISITOR, make.actor(stranger), make.actor(participant)):
            with pytest.raises(NotFound):
                walk_in(work, visit, actor=actor)
        with pytest.raises(NotFound):
            walk_in(work, visit, part_id=make.visit(slots=[visit.parts[0].starts_at]).parts[0].id)


class TestTakingBack:
    def test_ends_it_as_if_it_had_never_been(
        self, work: Working, reading: Reads, visit: Event, make: Make, clock: FixedClock
    ) -> None:
        booking = walk_in(work, visit, party_size=2, email="nell@council.example")
        clock.move(timedelta(minutes=1))
        take_back(work, visit, booking)
        assert not marks_of(reading, booking)
        assert {seat.live for seat in seats_of(reading, booking)} == {False}
        everything = Scope(make.programme().id, "", None)
        with reading() as read:
            assert read.session.get_one(Booking, booking.id).state is BookingState.CANCELLED
            assert walk_ins(read, visit) == {}
            assert not list(attendance_rows(read, everything))
            assert not list(booking_rows(read, everything))
        again = walk_in(work, visit, email="nell@council.example")
        assert again.id != booking.id

    def test_of_one_time_leaves_the_other(self, make: Make, work: Working, reading: Reads, clock: FixedClock) -> None:
        visit = make.visit(slots=2)
        clock.set(visit.parts[0].starts_at)
        booking = walk_in(work, visit, email="nell@council.example")
        walk_in(work, visit, email="nell@council.example", part_id=visit.parts[1].id)
        take_back(work, visit, booking)
        assert [mark.part_id for mark in marks_of(reading, booking)] == [visit.parts[1].id]
        with reading() as read:
            assert read.session.get_one(Booking, booking.id).state is BookingState.LIVE

    def test_twice_is_refused(self, work: Working, visit: Event) -> None:
        booking = walk_in(work, visit)
        take_back(work, visit, booking)
        with pytest.raises(Refusal, match="Somebody else took this back"):
            take_back(work, visit, booking)

    def test_is_for_walk_ins_of_this_event(self, make: Make, work: Working, clock: FixedClock) -> None:
        visit, other = make.visit(slots=1), make.visit(slots=1)
        held = make.booking(make.person(), visit)
        clock.set(visit.parts[0].starts_at)
        came = walk_in(work, other)
        for booking in (held, came):
            with pytest.raises(NotFound):
                take_back(work, visit, booking)


class TestWhatIsKnownOfThem:
    def test_they_are_apart_from_those_who_are_expected(
        self, make: Make, work: Working, reading: Reads, clock: FixedClock
    ) -> None:
        visit = make.visit(slots=1)
        make.booking(make.person(), visit, party_size=2)
        clock.set(visit.parts[0].starts_at)
        walk_in(work, visit, party_size=3)
        with reading() as read:
            [expected] = host_lists(read, make.event(visit.id))
            [row] = event_funnels(read, make.programme(), withheld=None)
        assert len(expected.guests) == 2
        assert (row.booked.value, row.came.value, row.unmarked.value, row.walk_ins.value) == (2, 0, 2, 3)
        assert row.cancelled.value == 0

    def test_the_export_has_a_row_for_each_of_them(
        self, make: Make, work: Working, reading: Reads, visit: Event
    ) -> None:
        walk_in(work, visit, party_size=2)
        everything = Scope(make.programme().id, "", None)
        with reading() as read:
            rows = [dict(zip(NAMES, row, strict=True)) for row in attendance_rows(read, everything)]
        part = visit.parts[0]
        assert [(row["name"], row["session"], row["status"], row["source"]) for row in rows] == [
            ("Nell Neighbour", part.title, Attendance.ATTENDED, MarkSource.CHECK_IN),
            (None, part.title, Attendance.ATTENDED, MarkSource.CHECK_IN),
        ]

    def test_it_is_among_their_own_bookings(
        self, make: Make, work: Working, reading: Reads, visit: Event, clock: FixedClock
    ) -> None:
        amina = make.account("Amina", "amina@council.example")
        walk_in(work, visit, email="amina@council.example")
        clock.move(timedelta(days=1))
        with reading(make.actor(amina)) as read:
            [held] = own_bookings(read, past=True)
            assert not own_bookings(read, past=False)
        assert (held.slug, held.attendance) == (visit.slug, Attendance.ATTENDED)

    def test_they_have_no_place_on_a_course(self, make: Make, work: Working, clock: FixedClock) -> None:
        course = cohorts.course(work, make)
        clock.set(course.parts[0].starts_at)
        booking = walk_in(work, course, email="nell@council.example")
        with work() as read:
            assert event_of_member(read, event_id=course.id, person_id=booking.person_id) is None
            assert not roster(read, slug=course.slug).members

    def test_a_new_item_of_an_agenda_gives_them_no_claim(
        self, make: Make, work: Working, reading: Reads, clock: FixedClock
    ) -> None:
        summit = make_summit(make, work)
        clock.set(summit.parts[0].starts_at)
        walk_in(work, summit)
        with work() as unit:
            day = clock.now().date()
            editing.add_part(
                unit,
                event_id=summit.id,
                kind=PartKind.AGENDA,
                title="Tea",
                on_date=day,
                start=time(16),
                end=time(17),
                place="",
                capacity=None,
                zone=LONDON,
            )
        with reading() as read:
            assert not read.session.scalars(select(Claim)).all()
