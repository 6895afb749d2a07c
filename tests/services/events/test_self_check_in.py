"""Checking oneself in with a code: who may, until when, and what a host has said already."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from cop.core.access import VISITOR, Role
from cop.core.errors import NotFound, Refusal
from cop.models.accounts import Person
from cop.models.doors import DoorCode, DoorTry
from cop.models.events import Attendance, Booking, Event, Mark, MarkSource, Seat
from cop.queries import self_check_in as queries
from cop.services.events import attendance, booking, editing, self_check_in
from cop.services.events.self_check_in import Tried
from tests.support.clock import FixedClock
from tests.support.doors import open_code
from tests.support.make import Make, Reads, Working

MINUTE = timedelta(minutes=1)
CAME, ABSENT = Attendance.ATTENDED, Attendance.ABSENT


class Room:
    """A visit on its day; Amina has booked for herself and Ben, and its host has opened a code."""

    def __init__(self, make: Make, work: Working, reading: Reads, clock: FixedClock) -> None:
        self.make, self.work, self.reading = make, work, reading
        self.visit: Event = make.visit(slots=2)
        self.host: Person = make.account("Hani Host")
        make.grant(self.host, Role.HOST, event=self.visit)
        self.amina: Person = make.account("Amina Yusuf", "amina@council.example")
        self.booking: Booking = make.booking(self.amina, self.visit, party_size=2, names=["Ben"])
        clock.set(self.visit.parts[0].starts_at)
        self.door: DoorCode = self.open()

    def open(self, minutes: int = 20) -> DoorCode:
        return open_code(self.make, self.work, self.visit, self.host, minutes=minutes)

    def say(self, person: Person | None = None, code: str | None = None) -> None:
        with self.work(self.make.actor(person or self.amina)) as work:
            self_check_in.check_oneself_in(work, code=code or self.door.code)

    def mail(self, email: str, network: str = "192.0.2.1") -> Tried:
        with self.work(VISITOR) as work:
            return self_check_in.check_in_by_email(work, code=self.door.code, email=email, network=network)

    def host_says(self, status: Attendance | None, source: MarkSource = MarkSource.CHECK_IN) -> None:
        with self.work(self.make.actor(self.host)) as work:
            seat = work.session.scalars(select(Seat.id).where(Seat.person_id == self.amina.id)).one()
            attendance.mark(work, part_id=self.door.part_id, seat_id=seat, status=status, source=source)

    def marks(self) -> Sequence[tuple[Attendance, MarkSource, int | None]]:
        """Those that stand."""
        with self.reading() as read:
            found = select(Mark).where(Mark.superseded_at.is_(None)).order_by(Mark.id)
            return [(mark.status, mark.source, mark.recorded_by) for mark in read.session.scalars(found)]


@pytest.fixture
def room(make: Make, work: Working, reading: Reads, clock: FixedClock) -> Room:
    return Room(make, work, reading, clock)


class TestTheCode:
    def test_is_six_letters_and_stands_for_the_part_until_it_closes(
        self, room: Room, reading: Reads, clock: FixedClock
    ) -> None:
        assert len(room.door.code) == 6
        spelt = queries.code_on_screen(room.door.code)
        with reading() as read:
            found = queries.open_code(read, typed=spelt)
            assert found
            assert (found.part.id, found.part.event.id) == (room.visit.parts[0].id, room.visit.id)
            assert [one.on_screen for one in queries.open_codes(read, room.visit)] == [spelt]
        clock.move(20 * MINUTE)
        with reading() as read:
            assert queries.open_code(read, typed=spelt) is None
            assert queries.open_codes(read, room.visit) == []

    def test_opened_by_two_hosts_is_one_and_as_long_as_the_longer(self, room: Room) -> None:
        again = room.open(minutes=60)
        assert again.code == room.door.code
        assert again.closes_at == room.door.opens_at + 60 * MINUTE
        assert room.open(minutes=10).closes_at == again.closes_at

    def test_after_it_closed_another_is_opened(self, room: Room, clock: FixedClock) -> None:
        clock.move(21 * MINUTE)
        assert room.open().code != room.door.code

    def test_is_closed_by_a_host(self, room: Room, work: Working, make: Make, clock: FixedClock) -> None:
        clock.move(MINUTE)
        for _ in range(2):
            with work(make.actor(room.host)) as opened:
                self_check_in.close_code(opened, event_id=room.visit.id, code=room.door.code)
        with pytest.raises(Refusal, match="This code is closed"):
            room.say()
        assert room.marks() == []

    @pytest.mark.parametrize("minutes", [0, -5, 241])
    def test_is_open_for_up_to_four_hours(self, room: Room, minutes: int) -> None:
        with pytest.raises(Refusal, match="Choose for how long"):
            room.open(minutes=minutes)

    def test_is_opened_on_the_day(self, room: Room, clock: FixedClock) -> None:
        clock.move(timedelta(days=-1))
        with pytest.raises(Refusal, match="from the day itself"):
            room.open()

    def test_is_neither_opened_nor_closed_by_others(self, room: Room, make: Make, work: Working) -> None:
        other = make.account("Otto Other")
        make.grant(other, Role.HOST, event=make.visit("Another visit"))
        with pytest.raises(NotFound):
            open_code(make, work, room.visit, other)
        for code in (room.door.code, "zzzzzz"):
            with pytest.raises(NotFound), work(make.actor(other if code != "zzzzzz" else room.host)) as opened:
                self_check_in.close_code(opened, event_id=room.visit.id, code=code)
        with pytest.raises(NotFound), work(make.actor(room.host)) as opened:
            self_check_in.open_code(
                opened, event_id=make.visit("A third").id, part_id=room.visit.parts[0].id, minutes=20
            )

    def test_of_a_part_that_was_cancelled_is_closed(self, room: Room, make: Make, work: Working) -> None:
        with work() as opened:
            editing.cancel_event(opened, event_id=room.visit.id, reason="Burst pipe.")
        with pytest.raises(Refusal, match="This code is closed"):
            room.say()
        with pytest.raises(Refusal, match="has been cancelled"):
            room.open()


class TestWhoIsSignedIn:
    def test_is_here_once_and_their_guests_are_not(self, room: Room) -> None:
        room.say()
        room.say(code=queries.code_on_screen(room.door.code))
        assert room.marks() == [(CAME, MarkSource.SELF_CHECK_IN, room.amina.id)]

    def test_needs_a_booking_that_stands_for_this_part(self, room: Room, make: Make, work: Working) -> None:
        later = make.account("Lena Later")
        make.booking(later, room.visit, slot=1)
        for person in (make.account("Nobody"), later):
            with pytest.raises(Refusal, match="You have no booking for this"):
                room.say(person)
        with work() as opened:
            booking.cancel(opened, public_id=room.booking.public_id)
        with pytest.raises(Refusal, match="You have no booking for this"):
            room.say()
        assert room.marks() == []

    def test_does_not_overrule_a_host(self, room: Room) -> None:
        room.host_says(ABSENT)
        with pytest.raises(Refusal, match="A host has written down something else"):
            room.say()
        assert [status for status, _source, _by in room.marks()] == [ABSENT]

    def test_changes_nothing_where_a_host_was_quicker(self, room: Room) -> None:
        room.host_says(CAME)
        room.say()
        assert room.marks() == [(CAME, MarkSource.CHECK_IN, room.host.id)]

    def test_knows_better_than_a_report_of_the_meeting(self, room: Room) -> None:
        room.host_says(ABSENT, MarkSource.IMPORT)
        room.say()
        assert room.marks() == [(CAME, MarkSource.SELF_CHECK_IN, room.amina.id)]

    def test_can_do_so_again_after_a_host_took_it_back(self, room: Room) -> None:
        room.say()
        room.host_says(None)
        assert room.marks() == []
        room.say()
        assert len(room.marks()) == 1

    def test_nobody_who_is_signed_out(self, room: Room, work: Working) -> None:
        with pytest.raises(NotFound), work(VISITOR) as opened:
            self_check_in.check_oneself_in(opened, code=room.door.code)


class TestByEmail:
    def test_whoever_booked_with_it_is_here(self, room: Room) -> None:
        assert room.mail(" Amina@council.example ") is Tried.TAKEN
        assert room.marks() == [(CAME, MarkSource.SELF_CHECK_IN, None)]

    def test_says_nothing_about_addresses(self, room: Room, make: Make) -> None:
        make.account("Nadia", "nadia@council.example")
        room.host_says(ABSENT)
        answers = {room.mail(f"{name}@council.example") for name in ("amina", "nadia", "nobody")}
        assert answers == {Tried.TAKEN}
        assert [status for status, _source, _by in room.marks()] == [ABSENT]

    def test_stops_where_one_network_asks_without_end(
        self, room: Room, monkeypatch: pytest.MonkeyPatch, clock: FixedClock, reading: Reads
    ) -> None:
        monkeypatch.setattr(self_check_in, "TRIES_A_NETWORK", 2)
        assert [room.mail("nobody@council.example") for _ in range(3)] == [
            Tried.TAKEN,
            Tried.TAKEN,
            Tried.NETWORK_IS_BUSY,
        ]
        assert room.mail("amina@council.example") is Tried.NETWORK_IS_BUSY
        assert room.marks() == []
        with reading() as read:
            assert read.session.scalar(select(func.count()).select_from(DoorTry)) == 2
            assert not any("192" in asked for asked in read.session.scalars(select(DoorTry.asked_from)))
        assert room.mail("nobody@council.example", network="192.0.2.2") is Tried.TAKEN
        clock.move(15 * MINUTE)
        assert room.mail("amina@council.example") is Tried.TAKEN
        assert len(room.marks()) == 1

    def test_needs_an_address_that_is_one(self, room: Room) -> None:
        with pytest.raises(Refusal, match="in the correct format"):
            room.mail("amina")
