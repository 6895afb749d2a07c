"""Marking who came: what is stated, by whom and from where, and that nothing stated is ever lost."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select

from cop.core.access import VISITOR, Role
from cop.core.errors import NotFound, Refusal
from cop.models.accounts import Person
from cop.models.events import Attendance, Booking, Event, Mark, MarkSource, Seat
from cop.queries.attendance import Guest, host_lists
from cop.services.events import attendance, booking
from tests.support.clock import FixedClock
from tests.support.make import Make, Reads, Working

CAME, ABSENT, EXCUSED, IN_PART = Attendance.ATTENDED, Attendance.ABSENT, Attendance.EXCUSED, Attendance.PARTIAL


class Door:
    """A visit on its day, with its host at the door."""

    def __init__(self, make: Make, work: Working, reading: Reads, clock: FixedClock) -> None:
        self.make, self._work, self._reading = make, work, reading
        self.visit: Event = make.visit()
        self.host: Person = make.person("Hani Host")
        make.grant(self.host, Role.HOST, event=self.visit)
        self.held: Booking = make.booking(make.person(), self.visit, party_size=3, names=["Ben"])
        clock.set(self.visit.parts[0].starts_at)

    @property
    def part_id(self) -> int:
        return self.visit.parts[0].id

    @property
    def seats(self) -> Sequence[int]:
        return self.seats_of(self.held)

    def seats_of(self, held: Booking) -> Sequence[int]:
        with self._reading() as read:
            return read.session.scalars(select(Seat.id).where(Seat.booking_id == held.id).order_by(Seat.position)).all()

    def mark(self, seat_id: int, status: Attendance | None, by: Person | None = None, **more: Any) -> Mark | None:
        with self._work(self.make.actor(by or self.host)) as work:
            return attendance.mark(work, **{"part_id": self.part_id, "seat_id": seat_id, "status": status, **more})

    def everyone(self, by: Person | None = None, **more: Any) -> int:
        with self._work(self.make.actor(by or self.host)) as work:
            values = {"event_id": self.visit.id, "part_id": self.part_id, **more}
            return attendance.mark_rest_attended(work, **values)

    def statuses(self, slot: int = 0) -> list[Attendance | None]:
        """What the host's list says of each seat now."""
        return [guest.status for guest in self.guests(slot)]

    def guests(self, slot: int = 0) -> Sequence[Guest]:
        event = self.make.event(self.visit.id)
        with self._reading() as read:
            return host_lists(read, event)[slot].guests

    def history(self) -> list[tuple[Attendance, bool]]:
        """Every statement ever made, and whether it still stands."""
        with self._reading() as read:
            marks = read.session.scalars(select(Mark).order_by(Mark.id))
            return [(mark.status, mark.superseded_at is None) for mark in marks]


@pytest.fixture
def door(make: Make, work: Working, reading: Reads, clock: FixedClock) -> Door:
    return Door(make, work, reading, clock)


class TestAMark:
    def test_says_who_when_and_from_where(self, door: Door, clock: FixedClock) -> None:
        made = door.mark(door.seats[0], CAME)
        assert made
        assert (made.status, made.source, made.minutes) == (CAME, MarkSource.ROSTER, None)
        assert (made.recorded_at, made.recorded_by, made.superseded_at) == (clock.now(), door.host.id, None)
        assert door.statuses() == [CAME, None, None]
        assert door.guests()[0].marked_by == "Hani Host"

    @pytest.mark.parametrize("source", list(MarkSource))
    def test_keeps_its_source(self, door: Door, source: MarkSource) -> None:
        made = door.mark(door.seats[0], CAME, source=source)
        assert made
        assert made.source is source

    def test_stands_for_one_seat_of_the_party_each(self, door: Door) -> None:
        for seat, status in zip(door.seats, (CAME, ABSENT, EXCUSED), strict=True):
            door.mark(seat, status)
        assert door.statuses() == [CAME, ABSENT, EXCUSED]

    def test_is_corrected_and_the_first_statement_kept(self, door: Door, clock: FixedClock, reading: Reads) -> None:
        seat = door.seats[0]
        door.mark(seat, ABSENT)
        clock.move(timedelta(minutes=20))
        door.mark(seat, IN_PART)
        assert door.statuses() == [IN_PART, None, None]
        assert door.history() == [(ABSENT, False), (IN_PART, True)]
        with reading() as read:
            first = read.session.scalars(select(Mark).order_by(Mark.id)).first()
        assert first
        assert first.superseded_at == clock.now()

    def test_is_taken_back_and_kept(self, door: Door) -> None:
        seat = door.seats[0]
        door.mark(seat, CAME)
        assert door.mark(seat, None) is None
        assert door.statuses() == [None, None, None]
        assert door.history() == [(CAME, False)]
        door.mark(seat, ABSENT)
        assert door.history() == [(CAME, False), (ABSENT, True)]

    def test_that_was_never_made_can_be_taken_back_all_the_same(self, door: Door) -> None:
        assert door.mark(door.seats[0], None) is None
        assert door.history() == []

    def test_stated_twice_is_one_statement(self, door: Door) -> None:
        first, second = (door.mark(door.seats[0], CAME) for _ in range(2))
        assert first
        assert second
        assert first.id == second.id

    def test_from_another_source_is_another_statement(self, door: Door) -> None:
        door.mark(door.seats[0], CAME, source=MarkSource.SELF_CHECK_IN)
        door.mark(door.seats[0], CAME)
        assert door.history() == [(CAME, False), (CAME, True)]

    def test_is_possible_from_the_first_minute_of_the_day_and_for_ever_after(
        self, door: Door, clock: FixedClock
    ) -> None:
        day = door.visit.parts[0].starts_at.replace(hour=0, minute=0)
        clock.set(day - timedelta(seconds=1))
        with pytest.raises(Refusal, match="from the day itself"):
            door.mark(door.seats[0], CAME)
        with pytest.raises(Refusal, match="from the day itself"):
            door.everyone()
        clock.set(day)
        door.mark(door.seats[0], CAME)
        clock.move(timedelta(days=400))
        door.mark(door.seats[0], ABSENT)
        assert door.statuses()[0] is ABSENT

    def test_waits_for_the_day_on_the_clock_of_the_place(self, door: Door, clock: FixedClock) -> None:
        """At 23:30 UTC on a summer evening the slot's day has not begun at noon in Stevenage."""
        night = door.make.visit("A night walk", slots=[datetime(2026, 7, 13, 23, 30, tzinfo=UTC)])
        door.make.grant(door.host, Role.HOST, event=night)
        held = door.make.booking(door.make.person(), night)
        clock.set(datetime(2026, 7, 13, 11, tzinfo=UTC))
        with pytest.raises(Refusal, match="from the day itself"):
            door.mark(door.seats_of(held)[0], CAME, part_id=night.parts[0].id)


class TestAListThatIsOutOfDate:
    def test_is_refused_and_the_quicker_statement_stands(self, door: Door) -> None:
        seat, other = door.seats[0], door.make.admin()
        made = door.mark(seat, ABSENT, by=other, seen=0)
        assert made
        with pytest.raises(Refusal, match="Somebody else marked"):
            door.mark(seat, CAME, seen=0)
        with pytest.raises(Refusal, match="Somebody else marked"):
            door.mark(seat, None, seen=0)
        assert door.statuses()[0] is ABSENT
        door.mark(seat, CAME, seen=made.id)
        assert door.statuses()[0] is CAME

    def test_is_refused_when_the_statement_it_showed_was_taken_back(self, door: Door) -> None:
        seat = door.seats[0]
        made = door.mark(seat, ABSENT)
        assert made
        door.mark(seat, None)
        with pytest.raises(Refusal, match="Somebody else marked"):
            door.mark(seat, CAME, seen=made.id)


class TestEveryoneWithoutAMark:
    def test_was_there(self, door: Door) -> None:
        door.mark(door.seats[1], ABSENT)
        door.make.booking(door.make.person("Zoe"), door.visit, slot=1)
        assert door.everyone() == 2
        assert door.statuses() == [CAME, ABSENT, CAME]
        assert door.statuses(slot=1) == [None]

    def test_is_nobody_the_second_time(self, door: Door) -> None:
        assert (door.everyone(), door.everyone()) == (3, 0)

    def test_counts_those_whose_mark_was_taken_back(self, door: Door) -> None:
        door.mark(door.seats[0], ABSENT)
        door.mark(door.seats[0], None)
        assert door.everyone() == 3

    def test_leaves_out_whoever_cancelled_or_moved(
        self, make: Make, work: Working, reading: Reads, clock: FixedClock
    ) -> None:
        door = Door(make, work, reading, clock)
        clock.reset()
        leaver, mover = make.person("Leaver"), make.person("Mover")
        left, moved = make.booking(leaver, door.visit), make.booking(mover, door.visit)
        with work(make.actor(leaver)) as unit:
            booking.cancel(unit, public_id=left.public_id)
        to = [door.visit.parts[1].id]
        with work(make.actor(mover)) as unit:
            booking.change(unit, public_id=moved.public_id, part_ids=to, party=booking.Party(1))
        clock.set(door.visit.parts[0].starts_at)
        assert door.everyone() == 3

    def test_of_another_event_is_not_found(self, door: Door) -> None:
        other = door.make.visit(slots=[door.visit.parts[0].starts_at])
        door.make.grant(door.host, Role.HOST, event=other)
        with pytest.raises(NotFound):
            door.everyone(part_id=other.parts[0].id)


class TestIsNotFound:
    def test_a_seat_that_does_not_hold_the_part(self, door: Door) -> None:
        stranger = door.make.booking(door.make.person(), door.make.visit())
        later = door.make.booking(door.make.person(), door.visit, slot=1)
        for seat in (door.seats_of(stranger)[0], door.seats_of(later)[0], 987_654):
            with pytest.raises(NotFound):
                door.mark(seat, CAME)

    def test_a_seat_of_a_cancelled_booking(self, door: Door, work: Working) -> None:
        seats = door.seats
        with work(door.make.actor(door.host)) as unit:
            booking.cancel(unit, public_id=door.held.public_id)
        with pytest.raises(NotFound):
            door.mark(seats[0], CAME)

    def test_a_part_that_is_none(self, door: Door) -> None:
        with pytest.raises(NotFound):
            door.mark(door.seats[0], CAME, part_id=987_654)
        with pytest.raises(NotFound):
            door.everyone(part_id=987_654)

    @pytest.mark.parametrize("who", ["booker", "host of another visit", "evaluator", "facilitator elsewhere"])
    def test_a_list_of_an_event_that_one_does_not_run(self, door: Door, who: str) -> None:
        make, person = door.make, door.make.person()
        if who == "host of another visit":
            make.grant(person, Role.HOST, event=make.visit())
        elif who == "evaluator":
            make.grant(person, Role.EVALUATOR, programme=door.visit.programme)
        elif who == "facilitator elsewhere":
            make.grant(person, Role.FACILITATOR, programme=make.programme("another"))
        for act in (partial(door.mark, door.seats[0], CAME), door.everyone):
            with pytest.raises(NotFound):
                act(by=person)
        assert door.history() == []

    def test_anything_by_somebody_signed_out(self, door: Door, work: Working) -> None:
        with pytest.raises(NotFound), work(VISITOR) as unit:
            attendance.mark(unit, part_id=door.part_id, seat_id=door.seats[0], status=CAME)


@pytest.mark.parametrize("role", [Role.HOST, Role.FACILITATOR, Role.ADMIN])
def test_staff_of_the_event_may_mark(door: Door, role: Role) -> None:
    person = door.make.person()
    scope: dict[str, Any] = {"event": door.visit} if role is Role.HOST else {"programme": door.visit.programme}
    door.make.grant(person, role, **scope)
    made = door.mark(door.seats[0], CAME, by=person)
    assert made
    assert made.recorded_by == person.id
