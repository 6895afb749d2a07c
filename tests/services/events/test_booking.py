"""Booking, changing and cancelling: places, seats, calendar entries, mail, and every rule that stands against it."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from cop.core.access import VISITOR, Actor, Role
from cop.core.errors import NotFound, Refusal
from cop.models.accounts import Account, Person, Sector
from cop.models.events import (
    Attendance,
    Booking,
    BookingSource,
    BookingState,
    Choice,
    Claim,
    DayLimit,
    Entry,
    EntryStatus,
    Event,
    EventState,
    Part,
    PartState,
    Seat,
    Visibility,
)
from cop.models.organisations import Membership
from cop.models.outbox import Outbox, OutboxChannel
from cop.queries.soundness import unsound
from cop.services import accounts
from cop.services.events import attendance, booking
from cop.services.events.booking import Guest, Party
from tests.support.clock import START, FixedClock
from tests.support.make import Make, Reads, Working

HOUR, DAY = timedelta(hours=1), timedelta(days=1)

Posted = Callable[..., Sequence[Outbox]]


class Desk:
    """Changes, cancels and books as somebody, each in a unit of work of its own."""

    def __init__(self, make: Make, work: Working, reading: Reads) -> None:
        self._make, self._work, self._reading = make, work, reading

    def change(
        self, who: Person | Actor, held: Booking, part: Part, size: int = 1, names: Sequence[str] = ()
    ) -> Booking:
        party = Party(size, tuple(names))
        return self._do(who, partial(booking.change, public_id=held.public_id, part_ids=[part.id], party=party))

    def cancel(self, who: Person | Actor, held: Booking) -> Booking:
        return self._do(who, partial(booking.cancel, public_id=held.public_id))

    def book(self, who: Person | Actor, visit: Event, part_ids: Sequence[int], size: int = 1) -> Booking:
        return self._do(who, partial(booking.book, event_id=visit.id, part_ids=part_ids, party=Party(size)))

    def book_for(self, who: Person | Actor, guest: Guest, visit: Event, slot: int = 0, size: int = 1) -> Booking:
        parts = [visit.parts[slot].id]
        return self._do(
            who, partial(booking.book_for, event_id=visit.id, part_ids=parts, party=Party(size), guest=guest)
        )

    def edit(self, row: Any, **values: Any) -> None:
        with self._work() as work:
            work.session.execute(update(type(row)).where(type(row).id == row.id).values(**values))

    def seats(self, held: Booking) -> list[str | None]:
        """The names on the live seats, in order."""
        found = select(Seat).where(Seat.booking_id == held.id, Seat.live).order_by(Seat.position)
        with self._reading() as read:
            return [seat.name for seat in read.session.scalars(found)]

    def entries(self, held: Booking) -> Sequence[Entry]:
        with self._reading() as read:
            return read.session.scalars(select(Entry).where(Entry.booking_id == held.id).order_by(Entry.position)).all()

    def booking(self, held: Booking) -> Booking:
        """The booking as it stands now."""
        with self._reading() as read:
            return read.session.get_one(Booking, held.id)

    def everything(self) -> tuple[int, ...]:
        """How many rows there are of all that a booking makes."""
        with self._reading() as read:
            return tuple(
                read.session.scalar(select(func.count()).select_from(table)) or 0
                for table in (Person, Booking, Seat, Claim, Entry, Outbox)
            )

    def _do(self, who: Person | Actor, command: Callable[..., Booking]) -> Booking:
        with self._work(who if isinstance(who, Actor) else self._make.actor(who)) as work:
            return command(work)


@pytest.fixture
def desk(make: Make, work: Working, reading: Reads) -> Desk:
    return Desk(make, work, reading)


@pytest.fixture(autouse=True)
def everything_adds_up(reading: Reads) -> Iterator[None]:
    """After each test, whatever it did: counters equal live claims, and claims, seats and entries fit the parties."""
    yield
    with reading() as read:
        assert unsound(read) == []


class TestBooking:
    def test_takes_a_place_for_each_head(self, make: Make) -> None:
        visit = make.visit(capacity=10, day_capacity=15, event_capacity=20)
        held = make.booking(make.person(), visit, slot=1, party_size=3)
        now = make.event(visit.id)
        assert (held.state, held.source, held.party_size) == (BookingState.LIVE, BookingSource.SELF, 3)
        assert [part.places_left for part in now.parts] == [10, 7]
        assert now.parts[0].day_limit
        assert (now.parts[0].day_limit.seats_taken, now.seats_taken) == (3, 3)

    def test_gives_a_calendar_entry_and_promises_a_confirmation(self, make: Make, desk: Desk, outbox: Posted) -> None:
        amina, visit = make.person(), make.visit()
        held = make.booking(amina, visit)
        (entry,) = desk.entries(held)
        assert (entry.part_id, entry.sequence, entry.status) == (visit.parts[0].id, 0, EntryStatus.CONFIRMED)
        (message,) = outbox()
        assert (message.template, message.person_id, message.channel) == (
            "booking_confirmed",
            amina.id,
            OutboxChannel.EMAIL,
        )

    def test_names_of_the_party_may_come_later(self, make: Make, desk: Desk) -> None:
        visit = make.visit()
        held = make.booking(make.person(), visit, party_size=4, names=["Ben", "Çağla 🌻"])
        assert desk.seats(held) == [None, "Ben", "Çağla 🌻", None]

    def test_keeps_who_the_booker_was_that_day_when_they_move_on(self, make: Make, desk: Desk, work: Working) -> None:
        old = make.organisation("Old Council", membership=Membership.ASSOCIATE, joined_on=date(2024, 1, 1))
        new = make.organisation("New Council", membership=Membership.FULL, joined_on=date(2001, 1, 1))
        amina = make.person(organisation=old, sector=Sector.COUNCILLOR)
        held = make.booking(amina, make.visit())
        with work(make.actor(amina)) as unit:
            accounts.join_organisation(unit, organisation_id=new.id)
        desk.edit(old, membership=None, joined_on=None)
        kept = desk.booking(held)
        assert (kept.organisation_id, kept.sector) == (old.id, Sector.COUNCILLOR)
        assert (kept.membership, kept.newer_member) == (Membership.ASSOCIATE, True)

    @pytest.mark.parametrize(
        ("joined_on", "newer"),
        [(date(2023, 3, 3), True), (date(2023, 3, 2), False), (date(1990, 1, 1), False), (None, None)],
    )
    def test_a_member_is_newer_for_three_years(self, make: Make, joined_on: date | None, newer: Any) -> None:
        amina = make.person(organisation=make.organisation(joined_on=joined_on))
        assert make.booking(amina, make.visit()).newer_member is newer

    def test_of_somebody_unaffiliated_has_an_empty_snapshot(self, make: Make) -> None:
        held = make.booking(make.person(), make.visit())
        assert (held.organisation_id, held.sector, held.membership, held.newer_member) == (None, None, None, None)

    def test_is_open_to_whoever_knows_an_unlisted_address(self, make: Make) -> None:
        assert make.booking(make.person(), make.visit(visibility=Visibility.UNLISTED)).id

    def test_begins_at_the_very_instant_and_ends_before_it(self, make: Make) -> None:
        visit = make.visit(opens_at=START, closes_at=START + timedelta(seconds=1))
        assert make.booking(make.person(), visit).id

    def test_without_any_limit_counts_nothing(self, make: Make) -> None:
        visit = make.visit(capacity=None, party_max=50)
        for _ in range(3):
            make.booking(make.person(), visit, party_size=50)
        now = make.event(visit.id)
        assert (now.seats_taken, now.parts[0].seats_taken, now.parts[0].places_left) == (0, 0, None)

    def test_of_a_course_takes_every_half_day(self, make: Make, desk: Desk) -> None:
        course = make.visit(slots=3, choice=Choice.ALL)
        desk.edit(course.parts[1], state=PartState.CANCELLED)
        held = desk.book(make.person(), course, [], size=2)
        assert [entry.part_id for entry in desk.entries(held)] == [course.parts[0].id, course.parts[2].id]

    def test_of_breakouts_takes_those_chosen(self, make: Make, desk: Desk) -> None:
        summit = make.visit(slots=3, choice=Choice.ANY)
        held = desk.book(make.person(), summit, [summit.parts[2].id, summit.parts[0].id])
        assert [entry.part_id for entry in desk.entries(held)] == [summit.parts[0].id, summit.parts[2].id]


class TestABookingIsRefused:
    @pytest.mark.parametrize(
        ("columns", "party", "field", "words"),
        [
            ({"party_max": 3}, Party(4), "party_size", "1 to 3 people"),
            ({}, Party(0), "party_size", "1 to 5 people"),
            ({}, Party(-1), "party_size", "1 to 5 people"),
            ({}, Party(10_000), "party_size", "1 to 5 people"),
            ({}, Party(2, ("Ben", "Cem")), "names", "more names than"),
            ({"opens_at": START + HOUR}, Party(1), None, "not opened yet"),
            ({"closes_at": START}, Party(1), None, "has closed"),
            ({"state": EventState.CANCELLED}, Party(1), None, "has been cancelled"),
            ({"slots": [START]}, Party(1), "slot", "has passed"),
            ({"slots": [START - DAY]}, Party(1), "slot", "has passed"),
            ({"capacity": 0}, Party(1), "slot", "is full"),
            ({"capacity": 3}, Party(4), "party_size", "Only 3 places"),
            ({"capacity": 1}, Party(2), "party_size", "Only one place"),
            ({"day_capacity": 2}, Party(3), "party_size", "Only 2 places"),
            ({"event_capacity": 2}, Party(3), "party_size", "Only 2 places"),
            ({"event_capacity": 0}, Party(1), "slot", "is full"),
        ],
    )
    def test_by_the_rule_that_it_breaks(
        self, make: Make, desk: Desk, columns: dict[str, Any], party: Party, field: str | None, words: str
    ) -> None:
        visit, amina = make.visit(**columns), make.person()
        before = desk.everything()
        with pytest.raises(Refusal, match=words) as refused:
            make.booking(amina, visit, party_size=party.size, names=party.names)
        assert refused.value.field == field
        assert desk.everything() == before

    def test_at_a_time_that_was_called_off(self, make: Make, desk: Desk) -> None:
        visit = make.visit()
        desk.edit(visit.parts[0], state=PartState.CANCELLED)
        with pytest.raises(Refusal, match="This time has been cancelled") as refused:
            make.booking(make.person(), visit)
        assert refused.value.field == "slot"
        assert make.booking(make.person(), visit, slot=1).id

    @pytest.mark.parametrize(
        "hidden", [{"published": False}, {"visibility": Visibility.INVITED}], ids=["draft", "by invitation"]
    )
    def test_of_what_one_may_not_see(self, make: Make, hidden: dict[str, Any]) -> None:
        with pytest.raises(NotFound):
            make.booking(make.person(), make.visit(**hidden))

    @pytest.mark.parametrize("who", [VISITOR, Actor(987_654)], ids=["signed out", "nobody"])
    def test_of_nobody(self, make: Make, desk: Desk, who: Actor) -> None:
        visit = make.visit()
        with pytest.raises(NotFound):
            desk.book(who, visit, [visit.parts[0].id])

    def test_of_an_event_that_is_none(self, make: Make, desk: Desk) -> None:
        visit = make.visit()
        visit.id = 987_654
        with pytest.raises(NotFound):
            desk.book(make.person(), visit, [visit.parts[0].id])

    def test_at_a_time_of_another_event_or_at_none_or_at_two(self, make: Make, desk: Desk) -> None:
        visit, other = make.visit(), make.visit()
        first, second = visit.parts
        for part_ids in ([other.parts[0].id], [], [first.id, second.id], [first.id, other.parts[0].id], [987_654]):
            with pytest.raises(Refusal, match="Choose one of the times") as refused:
                desk.book(make.person(), visit, part_ids)
            assert refused.value.field == "slot"

    def test_twice_by_one_person_whatever_the_time(self, make: Make) -> None:
        amina, visit = make.person(), make.visit()
        make.booking(amina, visit)
        with pytest.raises(Refusal, match="already booked"):
            make.booking(amina, visit, slot=1)
        assert make.booking(amina, make.visit()).id

    def test_when_others_took_the_places(self, make: Make) -> None:
        visit = make.visit(capacity=4)
        make.booking(make.person(), visit, party_size=3)
        with pytest.raises(Refusal, match="Only one place is left"):
            make.booking(make.person(), visit, party_size=2)
        make.booking(make.person(), visit)
        with pytest.raises(Refusal, match="full"):
            make.booking(make.person(), visit)

    def test_when_the_day_is_full_though_the_slot_is_not(self, make: Make) -> None:
        visit = make.visit(slots=[START + DAY, START + DAY + HOUR, START + 2 * DAY], day_capacity=3)
        make.booking(make.person(), visit, slot=0, party_size=2)
        with pytest.raises(Refusal, match="Only one place is left"):
            make.booking(make.person(), visit, slot=1, party_size=2)
        make.booking(make.person(), visit, slot=1)
        with pytest.raises(Refusal, match="full"):
            make.booking(make.person(), visit, slot=1)
        assert make.booking(make.person(), visit, slot=2, party_size=3).id

    def test_when_the_whole_event_is_full_though_slot_and_day_are_not(self, make: Make) -> None:
        visit = make.visit(slots=[START + DAY, START + 2 * DAY], day_capacity=8, event_capacity=4)
        make.booking(make.person(), visit, slot=0, party_size=3)
        with pytest.raises(Refusal, match="Only one place is left"):
            make.booking(make.person(), visit, slot=1, party_size=2)
        assert make.booking(make.person(), visit, slot=1).id


class TestAChange:
    def test_moves_the_booking_and_gives_the_seats_back_at_once(self, make: Make, desk: Desk) -> None:
        amina, visit = make.person(), make.visit(capacity=3)
        held = make.booking(amina, visit, party_size=3)
        desk.change(amina, held, visit.parts[1], size=3)
        assert [part.places_left for part in make.event(visit.id).parts] == [3, 0]
        assert make.booking(make.person(), visit, slot=0, party_size=3).id

    def test_keeps_the_uid_and_raises_the_sequence_at_every_move(self, make: Make, desk: Desk) -> None:
        amina, visit = make.person(), make.visit()
        held = make.booking(amina, visit)
        (first,) = desk.entries(held)
        for sequence, part in enumerate([visit.parts[1], visit.parts[0], visit.parts[1]], start=1):
            desk.change(amina, held, part)
            (entry,) = desk.entries(held)
            assert (entry.uid, entry.sequence, entry.part_id) == (first.uid, sequence, part.id)

    def test_is_told(self, make: Make, desk: Desk, outbox: Posted, clock: FixedClock) -> None:
        amina, visit = make.person(), make.visit()
        held = make.booking(amina, visit)
        desk.change(amina, held, visit.parts[1])
        clock.move(HOUR)
        desk.change(amina, held, visit.parts[1], size=2)
        assert [message.person_id for message in outbox("booking_changed")] == [amina.id, amina.id]

    def test_of_nothing_or_of_names_alone_is_no_news(self, make: Make, desk: Desk, outbox: Posted) -> None:
        amina, visit = make.person(), make.visit()
        held = make.booking(amina, visit, party_size=3, names=["Ben"])
        desk.change(amina, held, visit.parts[0], size=3, names=["Ben"])
        desk.change(amina, held, visit.parts[0], size=3, names=["Benjamin", "Cem"])
        assert desk.seats(held) == [None, "Benjamin", "Cem"]
        assert desk.entries(held)[0].sequence == 0
        assert outbox("booking_changed") == []

    def test_lets_the_party_shrink_and_grow(self, make: Make, desk: Desk) -> None:
        amina, visit = make.person(), make.visit()
        held = make.booking(amina, visit, party_size=3, names=["Ben", "Cem"])
        desk.change(amina, held, visit.parts[0], size=2, names=["Ben"])
        assert desk.seats(held) == [None, "Ben"]
        desk.change(amina, held, visit.parts[0], size=5, names=["Ben", "Dee"])
        assert desk.seats(held) == [None, "Ben", "Dee", None, None]
        assert make.event(visit.id).parts[0].places_left == 5

    @pytest.mark.parametrize("limit", ["capacity", "day_capacity", "event_capacity"])
    def test_may_use_the_places_that_the_party_holds_and_no_more(self, make: Make, desk: Desk, limit: str) -> None:
        columns: dict[str, Any] = {limit: 6}
        amina, visit = make.person(), make.visit(party_max=9, **columns)
        make.booking(make.person(), visit, party_size=2)
        held = make.booking(amina, visit, party_size=3)
        desk.change(amina, held, visit.parts[0], size=4)
        with pytest.raises(Refusal, match="Only 4 places") as refused:
            desk.change(amina, held, visit.parts[0], size=5)
        assert refused.value.field == "party_size"
        assert desk.booking(held).party_size == 4

    def test_to_a_full_time_leaves_everything_as_it_was(self, make: Make, desk: Desk, outbox: Posted) -> None:
        amina, visit = make.person(), make.visit(capacity=2)
        held = make.booking(amina, visit, party_size=2, names=["Ben"])
        make.booking(make.person(), visit, slot=1, party_size=2)
        with pytest.raises(Refusal, match="full"):
            desk.change(amina, held, visit.parts[1], size=1)
        (entry,) = desk.entries(held)
        assert (entry.part_id, entry.sequence) == (visit.parts[0].id, 0)
        assert desk.seats(held) == [None, "Ben"]
        assert outbox("booking_changed") == []

    @pytest.mark.parametrize(
        ("size", "names", "field"),
        [(0, [], "party_size"), (6, [], "party_size"), (10_000, [], "party_size"), (2, ["Ben", "Cem"], "names")],
    )
    def test_keeps_to_the_rules_for_parties(
        self, make: Make, desk: Desk, size: int, names: list[str], field: str
    ) -> None:
        amina, visit = make.person(), make.visit(party_max=5)
        held = make.booking(amina, visit)
        with pytest.raises(Refusal) as refused:
            desk.change(amina, held, visit.parts[0], size=size, names=names)
        assert refused.value.field == field

    def test_does_not_ask_a_party_to_shrink_when_the_rule_has_become_stricter(self, make: Make, desk: Desk) -> None:
        amina, visit = make.person(), make.visit(party_max=5)
        held = make.booking(amina, visit, party_size=4)
        desk.edit(visit, party_max=2)
        desk.change(amina, held, visit.parts[1], size=4)
        with pytest.raises(Refusal, match="1 to 4"):
            desk.change(amina, held, visit.parts[1], size=5)

    def test_to_a_time_that_is_no_choice_is_refused(self, make: Make, desk: Desk) -> None:
        amina, other = make.person(), make.visit()
        visit = make.visit(slots=[START + 2 * HOUR, START + 4 * HOUR, START + HOUR / 2])
        held = make.booking(amina, visit, slot=visit.parts[-1])
        desk.edit(visit.parts[1], state=PartState.CANCELLED)
        with pytest.raises(Refusal, match="has been cancelled"):
            desk.change(amina, held, visit.parts[1])
        with pytest.raises(Refusal, match="Choose one of the times"):
            desk.change(amina, held, other.parts[0])

    def test_to_a_time_that_has_passed_is_refused(self, make: Make, desk: Desk, clock: FixedClock) -> None:
        amina, visit = make.person(), make.visit(slots=[START + HOUR, START + DAY])
        held = make.booking(amina, visit, slot=1)
        clock.move(HOUR)
        with pytest.raises(Refusal, match="has passed"):
            desk.change(amina, held, visit.parts[0])

    def test_away_from_a_seat_that_was_marked_is_refused(
        self, make: Make, desk: Desk, clock: FixedClock, work: Working, reading: Reads
    ) -> None:
        visit, host = make.visit(), make.admin()
        held = make.booking(make.person(), visit, party_size=2)
        clock.set(visit.parts[0].starts_at - HOUR)
        with reading() as read:
            last = read.session.scalars(select(Seat.id).where(Seat.booking_id == held.id, Seat.position == 1)).one()
        with work(make.actor(host)) as unit:
            attendance.mark(unit, part_id=visit.parts[0].id, seat_id=last, status=Attendance.ATTENDED)
        with pytest.raises(Refusal, match="marked already") as refused:
            desk.change(host, held, visit.parts[0], size=1)
        assert refused.value.field == "party_size"


class TestACancellation:
    def test_gives_the_seats_back_at_once(self, make: Make, desk: Desk) -> None:
        amina, visit = make.person(), make.visit(capacity=3, day_capacity=3, event_capacity=3)
        held = make.booking(amina, visit, party_size=3)
        desk.cancel(amina, held)
        now = make.event(visit.id)
        assert now.parts[0].day_limit
        assert (now.seats_taken, now.parts[0].seats_taken, now.parts[0].day_limit.seats_taken) == (0, 0, 0)
        assert make.booking(make.person(), visit, party_size=3).id

    def test_cancels_the_calendar_entry_under_a_higher_sequence(
        self, make: Make, desk: Desk, clock: FixedClock
    ) -> None:
        amina, visit = make.person(), make.visit()
        held = make.booking(amina, visit)
        desk.change(amina, held, visit.parts[1])
        (before,) = desk.entries(held)
        clock.move(HOUR)
        cancelled = desk.cancel(amina, held)
        (after,) = desk.entries(held)
        assert (cancelled.state, cancelled.cancelled_at) == (BookingState.CANCELLED, clock.now())
        assert (after.uid, after.status) == (before.uid, EntryStatus.CANCELLED)
        assert (before.sequence, after.sequence) == (1, 2)

    def test_is_told_once_and_refused_the_second_time(self, make: Make, desk: Desk, outbox: Posted) -> None:
        amina, visit = make.person(), make.visit()
        held = make.booking(amina, visit)
        desk.cancel(amina, held)
        with pytest.raises(Refusal, match="cancelled already"):
            desk.cancel(amina, held)
        with pytest.raises(Refusal, match="cancelled already"):
            desk.change(amina, held, visit.parts[1])
        assert len(outbox("booking_cancelled")) == 1

    def test_lets_the_same_person_book_again(self, make: Make, desk: Desk) -> None:
        amina, visit = make.person(), make.visit()
        first = make.booking(amina, visit)
        desk.cancel(amina, first)
        second = make.booking(amina, visit)
        assert first.public_id != second.public_id
        assert desk.entries(first)[0].uid != desk.entries(second)[0].uid

    def test_is_open_to_whoever_came_by_the_link_in_the_mail(self, make: Make, desk: Desk) -> None:
        amina = make.person()
        held = make.booking(amina, make.visit())
        assert desk.cancel(Actor(amina.id, via="link"), held).state is BookingState.CANCELLED

    def test_of_a_booking_without_parts(self, make: Make, desk: Desk) -> None:
        amina, summit = make.person(), make.visit(choice=Choice.ANY, event_capacity=5)
        held = desk.book(amina, summit, [])
        assert make.event(summit.id).seats_taken == 1
        assert desk.cancel(amina, held).state is BookingState.CANCELLED


CHANGE_OR_CANCEL = pytest.mark.parametrize("act", ["change", "cancel"])


@CHANGE_OR_CANCEL
class TestChangingAndCancelling:
    def act(self, desk: Desk, act: str, who: Person | Actor, held: Booking, part: Part) -> Booking:
        return desk.change(who, held, part, size=2) if act == "change" else desk.cancel(who, held)

    def test_are_possible_until_the_cut_off_and_not_at_it(
        self, make: Make, desk: Desk, clock: FixedClock, act: str
    ) -> None:
        visit = make.visit(change_until=START + DAY)
        amina, ben = make.person(), make.person()
        early, late = make.booking(amina, visit), make.booking(ben, visit)
        clock.move(DAY - timedelta(seconds=1))
        self.act(desk, act, amina, early, visit.parts[1])
        clock.move(timedelta(seconds=1))
        with pytest.raises(Refusal, match="too late"):
            self.act(desk, act, ben, late, visit.parts[1])

    def test_are_too_late_once_the_visit_has_begun(self, make: Make, desk: Desk, clock: FixedClock, act: str) -> None:
        amina, visit = make.person(), make.visit()
        held = make.booking(amina, visit)
        clock.set(visit.parts[0].starts_at)
        with pytest.raises(Refusal, match="already begun"):
            self.act(desk, act, amina, held, visit.parts[1])

    @pytest.mark.parametrize("who", ["stranger", "host of another visit", "evaluator", "signed out"])
    def test_are_not_found_by_others(self, make: Make, desk: Desk, act: str, who: str) -> None:
        visit, other = make.visit(), make.visit()
        held = make.booking(make.person(), visit)
        stranger = make.person()
        if who == "host of another visit":
            make.grant(stranger, Role.HOST, event=other)
        if who == "evaluator":
            make.grant(stranger, Role.EVALUATOR, programme=visit.programme)
        with pytest.raises(NotFound):
            self.act(desk, act, VISITOR if who == "signed out" else stranger, held, visit.parts[1])

    def test_of_a_booking_that_is_none_are_not_found(self, make: Make, desk: Desk, act: str) -> None:
        amina, visit = make.person(), make.visit()
        held = make.booking(amina, visit)
        held.public_id = "nothing"
        with pytest.raises(NotFound):
            self.act(desk, act, amina, held, visit.parts[1])

    @pytest.mark.parametrize("role", [Role.HOST, Role.FACILITATOR, Role.ADMIN])
    def test_are_open_to_staff_after_the_cut_off_and_after_the_start(
        self, make: Make, desk: Desk, clock: FixedClock, act: str, role: Role
    ) -> None:
        visit, staff = make.visit(change_until=START + HOUR), make.person("Hani Host")
        scope: dict[str, Any] = {"event": visit} if role is Role.HOST else {"programme": visit.programme}
        make.grant(staff, role, **scope)
        held = make.booking(make.person(), visit)
        clock.set(visit.parts[0].starts_at + HOUR / 2)
        self.act(desk, act, staff, held, visit.parts[1])


class TestBookingForSomebody:
    def test_without_email_puts_them_on_the_list_of_people_to_tell(
        self, make: Make, desk: Desk, outbox: Posted, reading: Reads
    ) -> None:
        council, host, visit = make.organisation(), make.admin(), make.visit()
        guest = Guest("Rosa Lund", phone="01438 000000", organisation_id=council.id, sector=Sector.RESIDENT)
        held = desk.book_for(host, guest, visit, size=2)
        with reading() as read:
            rosa = read.session.get_one(Person, held.person_id)
        assert (rosa.name, rosa.email, rosa.phone) == ("Rosa Lund", None, "01438 000000")
        assert (held.source, held.by_person_id) == (BookingSource.STAFF, host.id)
        assert (held.organisation_id, held.sector) == (council.id, Sector.RESIDENT)
        assert [(item.channel, item.person_id) for item in outbox()] == [(OutboxChannel.TELL, rosa.id)]

    def test_two_of_one_name_without_email_are_two_people(self, make: Make, desk: Desk) -> None:
        host, visit = make.admin(), make.visit()
        first, second = (desk.book_for(host, Guest("Rosa Lund"), visit) for _ in range(2))
        assert first.person_id != second.person_id

    def test_with_a_known_address_attaches_to_that_person_and_alters_nothing(
        self, make: Make, desk: Desk, outbox: Posted
    ) -> None:
        council = make.organisation()
        amina = make.person("Amina Yusuf", "amina@council.example", organisation=council, phone="1")
        guest = Guest("A. Yusuf", " Amina@Council.EXAMPLE", phone="2", sector=Sector.BUSINESS)
        held = desk.book_for(make.admin(), guest, make.visit())
        assert (held.person_id, held.organisation_id, held.sector) == (amina.id, council.id, None)
        assert [(item.channel, item.person_id) for item in outbox()] == [(OutboxChannel.EMAIL, amina.id)]

    def test_with_a_new_address_makes_a_person_who_has_no_account(self, make: Make, desk: Desk, reading: Reads) -> None:
        held = desk.book_for(make.admin(), Guest("Rosa Lund", "rosa@example.org"), make.visit())
        with reading() as read:
            assert read.session.get_one(Person, held.person_id).email == "rosa@example.org"
            assert read.session.get(Account, held.person_id) is None

    def test_with_a_malformed_address_is_refused_and_makes_nobody(self, make: Make, desk: Desk) -> None:
        host, visit = make.admin(), make.visit()
        before = desk.everything()
        with pytest.raises(Refusal, match="e-mail address") as refused:
            desk.book_for(host, Guest("Rosa Lund", "rosa at example"), visit)
        assert refused.value.field == "email"
        assert desk.everything() == before

    @pytest.mark.parametrize(
        "columns",
        [{"opens_at": START + DAY}, {"closes_at": START - DAY}, {"visibility": Visibility.INVITED}],
        ids=["not open yet", "closed", "by invitation"],
    )
    def test_is_possible_outside_the_window(self, make: Make, desk: Desk, columns: dict[str, Any]) -> None:
        assert desk.book_for(make.admin(), Guest("Rosa Lund"), make.visit(**columns)).id

    def test_allows_a_larger_party_but_never_a_senseless_one(self, make: Make, desk: Desk) -> None:
        host, visit = make.admin(), make.visit(party_max=2, capacity=None)
        assert desk.book_for(host, Guest("Class of Rosa Lund"), visit, size=100).party_size == 100
        for size in (0, 101, 10_000):
            with pytest.raises(Refusal, match="1 to 100"):
                desk.book_for(host, Guest("Ben"), visit, size=size)

    @pytest.mark.parametrize(
        "columns", [{"slots": [START]}, {"state": EventState.CANCELLED}, {"capacity": 0}, {"event_capacity": 0}]
    )
    def test_cannot_turn_back_time_or_make_places(self, make: Make, desk: Desk, columns: dict[str, Any]) -> None:
        host, visit = make.admin(), make.visit(**columns)
        before = desk.everything()
        with pytest.raises(Refusal):
            desk.book_for(host, Guest("Rosa Lund"), visit)
        assert desk.everything() == before

    def test_twice_is_refused_by_name(self, make: Make, desk: Desk) -> None:
        amina, visit = make.person("Amina Yusuf", "amina@council.example"), make.visit()
        make.booking(amina, visit)
        with pytest.raises(Refusal, match="Amina Yusuf already has a booking"):
            desk.book_for(make.admin(), Guest("A.", "amina@council.example"), visit, slot=1)

    @pytest.mark.parametrize("role", [Role.HOST, Role.FACILITATOR, Role.ADMIN])
    def test_is_for_staff_of_the_event(self, make: Make, desk: Desk, role: Role) -> None:
        visit, staff = make.visit(), make.person()
        scope: dict[str, Any] = {"event": visit} if role is Role.HOST else {"programme": visit.programme}
        make.grant(staff, role, **scope)
        assert desk.book_for(staff, Guest("Rosa Lund"), visit).by_person_id == staff.id

    @pytest.mark.parametrize("role", [None, Role.HOST, Role.FACILITATOR, Role.EVALUATOR, Role.REVIEWER])
    def test_is_for_nobody_else(self, make: Make, desk: Desk, role: Role | None) -> None:
        visit, stranger = make.visit(), make.person()
        other = make.visit(programme=make.programme("another"))
        if role is Role.HOST:
            make.grant(stranger, role, event=other)
        elif role is Role.FACILITATOR:
            make.grant(stranger, role, programme=other.programme)
        elif role is not None:
            make.grant(stranger, role, programme=visit.programme)
        with pytest.raises(NotFound):
            desk.book_for(stranger, Guest("Rosa Lund"), visit)


class TestACapacitySetLater:
    """A limit may come after the first bookings: the count then begins with what is held."""

    @pytest.mark.parametrize("where", ["event", "part"])
    def test_counts_what_is_held_and_holds_from_then_on(self, make: Make, desk: Desk, where: str) -> None:
        amina, visit = make.person(), make.visit(capacity=None)
        held = make.booking(amina, visit, party_size=3)
        desk.cancel(amina, make.booking(amina, make.visit()))
        desk.edit(visit if where == "event" else visit.parts[0], capacity=5)
        now = make.event(visit.id)
        assert (now if where == "event" else now.parts[0]).seats_taken == 3
        with pytest.raises(Refusal, match="Only 2 places"):
            make.booking(make.person(), visit, party_size=3)
        desk.change(amina, held, visit.parts[0], size=1)
        assert make.booking(make.person(), visit, party_size=4).id

    @pytest.mark.parametrize("where", ["event", "part"])
    def test_cannot_be_less_than_what_is_held(self, make: Make, desk: Desk, where: str) -> None:
        visit = make.visit(capacity=None)
        make.booking(make.person(), visit, party_size=3)
        with pytest.raises(IntegrityError, match="seats_fit"):
            desk.edit(visit if where == "event" else visit.parts[0], capacity=2)

    def test_lifted_and_set_again_counts_anew(self, make: Make, desk: Desk) -> None:
        amina, visit = make.person(), make.visit(capacity=4)
        held = make.booking(amina, visit, party_size=3)
        part = visit.parts[0]
        desk.edit(part, capacity=None)
        assert make.event(visit.id).parts[0].seats_taken == 0
        desk.change(amina, held, part, size=5)
        desk.edit(part, capacity=9)
        assert make.event(visit.id).parts[0].seats_taken == 5

    def test_of_a_day_counts_its_slots(self, make: Make, work: Working) -> None:
        visit = make.visit(slots=2)
        for slot in range(2):
            make.booking(make.person(), visit, slot=slot, party_size=2)
        with work() as unit:
            limit = DayLimit(event_id=visit.id, on_date=visit.parts[0].starts_at.date(), capacity=6)
            unit.session.add(limit)
            unit.session.flush()
            unit.session.execute(update(Part).where(Part.event_id == visit.id).values(day_limit_id=limit.id))
        with pytest.raises(Refusal, match="Only 2 places"):
            make.booking(make.person(), visit, party_size=3)
