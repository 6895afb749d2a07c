"""Presses that were noted without a connection: each counts once, in the order in which people pressed."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from itertools import permutations
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from cop.core.access import Role
from cop.core.errors import NotFound
from cop.models.accounts import Person
from cop.models.doors import DoorPress, Synced
from cop.models.events import Attendance, Booking, Event, Mark, MarkSource, Seat
from cop.services.events import attendance, booking, editing
from cop.services.events.late_presses import Press, take_presses
from tests.support.clock import FixedClock
from tests.support.make import Make, Reads, Working

CAME, ABSENT = Attendance.ATTENDED, Attendance.ABSENT
MINUTE = timedelta(minutes=1)


class Door:
    """A visit on its day, an hour after it began, with two hosts and one guest."""

    def __init__(self, make: Make, work: Working, reading: Reads, clock: FixedClock) -> None:
        self.make, self.work, self.reading, self.clock = make, work, reading, clock
        self.visit: Event = make.visit(slots=2)
        self.hosts: list[Person] = [make.account(f"Host {number}") for number in range(2)]
        for host in self.hosts:
            make.grant(host, Role.HOST, event=self.visit)
        self.booking: Booking = make.booking(make.person("Amina Yusuf"), self.visit, party_size=2)
        clock.set(self.visit.parts[0].starts_at + 60 * MINUTE)
        with reading() as read:
            self.seats = read.session.scalars(select(Seat.id).order_by(Seat.position)).all()

    def press(self, status: Attendance | None = CAME, *, ago: float = 0, seat: int = 0, part: int = 0) -> Press:
        """``ago`` in minutes."""
        part_id = self.visit.parts[part].id
        return Press(uuid4(), part_id, self.seats[seat], status, timedelta(minutes=ago))

    def send(self, *presses: Press, host: int = 0) -> list[Synced]:
        with self.work(self.make.actor(self.hosts[host])) as work:
            taken = take_presses(work, event_id=self.visit.id, presses=presses)
        return [taken[press.id] for press in presses]

    def say(self, status: Attendance | None, source: MarkSource = MarkSource.CHECK_IN) -> None:
        """With a connection, now."""
        with self.work(self.make.actor(self.hosts[1])) as work:
            part_id = self.visit.parts[0].id
            attendance.mark(work, part_id=part_id, seat_id=self.seats[0], status=status, source=source)

    def stands(self) -> Sequence[Attendance]:
        with self.reading() as read:
            return read.session.scalars(select(Mark.status).where(Mark.superseded_at.is_(None))).all()

    def marks(self) -> Sequence[Mark]:
        with self.reading() as read:
            return read.session.scalars(select(Mark).order_by(Mark.id)).all()


@pytest.fixture
def door(make: Make, work: Working, reading: Reads, clock: FixedClock) -> Door:
    return Door(make, work, reading, clock)


class TestAPress:
    def test_is_a_mark_of_when_it_was_pressed_and_by_whom(self, door: Door) -> None:
        assert door.send(door.press(ago=50), host=1) == [Synced.MARKED]
        [mark] = door.marks()
        assert (mark.status, mark.source, mark.recorded_by) == (CAME, MarkSource.CHECK_IN, door.hosts[1].id)
        assert mark.recorded_at == door.visit.parts[0].starts_at + 10 * MINUTE

    def test_that_is_sent_twice_counts_once_and_says_the_same(self, door: Door, reading: Reads) -> None:
        press = door.press(ago=5)
        assert door.send(press, press) == [Synced.MARKED] * 2
        door.say(None)
        assert door.send(press) == [Synced.MARKED]
        assert door.stands() == []
        with reading() as read:
            assert read.session.scalar(select(func.count()).select_from(DoorPress)) == 1

    def test_is_taken_back_by_the_next(self, door: Door) -> None:
        assert door.send(door.press(None, ago=4), door.press(ago=5)) == [Synced.MARKED] * 2
        assert door.stands() == []
        [mark] = door.marks()
        assert mark.superseded_at == mark.recorded_at + MINUTE

    def test_says_nothing_new_of_somebody_who_is_here(self, door: Door) -> None:
        door.say(Attendance.PARTIAL, MarkSource.ROSTER)
        door.clock.move(5 * MINUTE)
        assert door.send(door.press(ago=1), door.press(None, seat=1)) == [Synced.KNOWN] * 2
        assert door.stands() == [Attendance.PARTIAL]

    def test_loses_against_what_was_said_later(self, door: Door) -> None:
        door.say(ABSENT)
        assert door.send(door.press(ago=1)) == [Synced.OLDER]
        assert door.stands() == [ABSENT]
        door.clock.move(10 * MINUTE)
        assert door.send(door.press(ago=1)) == [Synced.MARKED]
        assert door.stands() == [CAME]

    def test_loses_against_a_mark_that_was_taken_back_later(self, door: Door) -> None:
        door.say(CAME)
        door.clock.move(10 * MINUTE)
        door.say(None)
        assert door.send(door.press(ago=5)) == [Synced.OLDER]
        assert door.stands() == []

    def test_wins_against_a_report_of_the_meeting(self, door: Door) -> None:
        door.say(ABSENT, MarkSource.IMPORT)
        assert door.send(door.press(ago=30)) == [Synced.MARKED]
        assert door.stands() == [CAME]

    @pytest.mark.parametrize("order", list(permutations(range(3))))
    def test_counts_in_the_order_of_pressing_whoever_sends_first(self, door: Door, order: tuple[int, ...]) -> None:
        presses = [door.press(ago=30), door.press(None, ago=20), door.press(ago=10)]
        for number in order:
            door.send(presses[number], host=number % 2)
        assert door.stands() == [CAME]
        door.send(door.press(None, ago=5))
        assert door.stands() == []

    def test_from_a_clock_that_runs_ahead_is_of_now(self, door: Door) -> None:
        assert door.send(door.press(ago=-500)) == [Synced.MARKED]
        assert door.marks()[0].recorded_at == door.visit.parts[0].starts_at + 60 * MINUTE


class TestIsRefused:
    def test_for_who_is_not_expected_any_more(self, door: Door, work: Working) -> None:
        with work() as opened:
            booking.cancel(opened, public_id=door.booking.public_id)
        press = door.press(ago=1)
        assert door.send(press, door.press(part=1), press) == [Synced.REFUSED] * 3
        assert door.stands() == []

    def test_before_the_day_and_for_what_is_cancelled(self, door: Door, work: Working) -> None:
        assert door.send(door.press(ago=60 * 24)) == [Synced.REFUSED]
        door.clock.set(door.visit.parts[0].starts_at)
        with work() as opened:
            editing.cancel_event(opened, event_id=door.visit.id, reason="Burst pipe.")
        assert door.send(door.press()) == [Synced.REFUSED]

    @pytest.mark.parametrize(
        "wrong", [lambda press: {"part_id": 999_999}, lambda press: {"seat_id": 999_999}], ids=["part", "seat"]
    )
    def test_for_what_is_not_there(self, door: Door, wrong: Callable[[Press], dict[str, int]]) -> None:
        press = door.press()
        values = {"id": press.id, "part_id": press.part_id, "seat_id": press.seat_id, **wrong(press)}
        assert door.send(Press(status=CAME, ago=MINUTE, **values)) == [Synced.REFUSED]  # type: ignore[arg-type]
        assert door.marks() == []

    def test_for_another_event(self, door: Door, make: Make) -> None:
        other = make.visit("Another visit")
        held = make.booking(make.person("Sven"), other)
        with door.reading() as read:
            seat = read.session.scalars(select(Seat.id).where(Seat.booking_id == held.id)).one()
        for part_id, seat_id in ((other.parts[0].id, seat), (door.visit.parts[0].id, seat)):
            assert door.send(Press(uuid4(), part_id, seat_id, CAME, MINUTE)) == [Synced.REFUSED]

    def test_wholly_from_those_who_do_not_run_it(self, door: Door, make: Make, work: Working) -> None:
        other = make.account("Otto Other")
        make.grant(other, Role.HOST, event=make.visit("Another visit"))
        for event_id in (door.visit.id, 999_999):
            with pytest.raises(NotFound), work(make.actor(other)) as opened:
                take_presses(opened, event_id=event_id, presses=[door.press()])
        assert door.marks() == []


def test_the_same_number_from_another_telephone_is_the_same_press(door: Door) -> None:
    number = UUID(int=1)
    for seat in range(2):
        press = Press(number, door.visit.parts[0].id, door.seats[seat], CAME, MINUTE)
        assert door.send(press, host=seat) == [Synced.MARKED]
    assert len(door.marks()) == 1
