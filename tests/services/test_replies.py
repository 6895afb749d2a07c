"""Answers from calendars: which count as the booker's own, which wait for staff, and which change nothing."""

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from cop.core.access import Role
from cop.core.errors import NotFound, Refusal
from cop.core.work import Work
from cop.formats.itip import read_reply
from cop.models.accounts import Person
from cop.models.events import Booking, BookingState, Choice, EntryStatus, Event, EventKind, Part
from cop.models.outbox import Outbox
from cop.models.replies import CalendarReply, ReplyState
from cop.models.summits import Answer, Invitation, PartKind
from cop.queries import replies as queries
from cop.queries.replies import Effect, bookings_named, reply_address
from cop.services import replies
from cop.services.events import booking as bookings
from tests.support.clock import FixedClock
from tests.support.make import Make, Reads, Working
from tests.support.queries import count_queries
from tests.support.replies import ADDRESS, CLIENTS, Calendars
from tests.support.summits import answer, invitation_of, invite, make_summit
from tests.support.waiting import Line

Posted = Callable[..., Sequence[Outbox]]

AMINA = "amina@council.example"


@pytest.fixture
def calendars(app: Flask) -> Calendars:
    return Calendars(app)


@pytest.fixture
def visit(make: Make) -> Event:
    return make.visit(slots=2, capacity=2)


@pytest.fixture
def booking(make: Make, visit: Event) -> Booking:
    return make.booking(make.account(email=AMINA), visit)


def state_of(reading: Reads, booking: Booking) -> BookingState:
    with reading() as read:
        return read.session.get_one(Booking, booking.id).state


def noted(reading: Reads) -> list[tuple[ReplyState, str]]:
    with reading() as read:
        rows = read.session.scalars(select(CalendarReply).order_by(CalendarReply.id))
        return [(row.state, row.reason) for row in rows]


class TestTheAddress:
    def test_names_one_booking_and_fits_into_a_mailbox_name(self, booking: Booking) -> None:
        longest = f"{'r' * 32}@cop.example"
        address = reply_address(longest, booking.public_id)
        assert len(address.partition("@")[0]) <= 64
        assert bookings_named([address]) == {booking.public_id}
        assert bookings_named([address.upper().lower()]) == {booking.public_id}

    def test_another_ending_names_nobody(self, booking: Booking) -> None:
        address = reply_address(ADDRESS, booking.public_id)
        last = "0" if address[-13] != "0" else "1"
        forged = address.replace(f"{address[-13]}@", f"{last}@")
        assert bookings_named([forged, ADDRESS, "", "replies+hello@cop.example"]) == frozenset()


class TestADeclinedInvitation:
    @pytest.mark.parametrize("client", CLIENTS)
    def test_ends_the_booking_as_its_owner_would(
        self, calendars: Calendars, booking: Booking, reading: Reads, outbox: Posted, client: str
    ) -> None:
        assert calendars.answer(booking, client=client) is ReplyState.APPLIED
        assert state_of(reading, booking) is BookingState.CANCELLED
        assert outbox()[-1].template == "booking_cancelled"
        assert noted(reading) == [(ReplyState.APPLIED, "")]

    def test_gives_the_place_to_the_next_on_the_waiting_list(
        self, app: Flask, calendars: Calendars, make: Make, outbox: Posted
    ) -> None:
        full = make.visit(slots=1, capacity=1)
        held = make.booking(make.account(), full)
        Line(app, make, full).join(make.account("Next"))
        calendars.answer(held)
        assert "place_offered" in [message.template for message in outbox()]

    def test_is_an_answer_of_no_at_a_summit(
        self, calendars: Calendars, make: Make, work: Working, reading: Reads
    ) -> None:
        held = said_yes(make, work, reading, one_hour(make, work))
        assert calendars.answer(held) is ReplyState.APPLIED
        with reading() as read:
            invitation = read.session.scalars(select(Invitation)).one()
            assert invitation.response is Answer.NO
            assert read.session.scalars(select(CalendarReply.invitation_id)).one() == invitation.id

    def test_gives_back_one_of_several_dates_that_were_chosen(
        self, calendars: Calendars, make: Make, work: Working, reading: Reads, outbox: Posted
    ) -> None:
        meetings, person = make.visit(slots=3, choice=Choice.ANY), make.account()
        with work(make.actor(person)) as unit:
            dates = [part.id for part in meetings.parts]
            held = bookings.book(unit, event_id=meetings.id, part_ids=dates, party=bookings.Party(2, ("Ben",)))
        assert calendars.answer(held, number=1) is ReplyState.APPLIED
        assert state_of(reading, held) is BookingState.LIVE
        statuses = [calendars.entry(held, number).status for number in range(3)]
        assert statuses == [EntryStatus.CONFIRMED, EntryStatus.CANCELLED, EntryStatus.CONFIRMED]
        assert outbox()[-1].template == "booking_changed"
        calendars.answer(held, number=0)
        calendars.answer(held, number=2)
        assert state_of(reading, held) is BookingState.CANCELLED

    def test_read_again_changes_nothing(self, calendars: Calendars, booking: Booking, reading: Reads) -> None:
        raw = calendars.mail(booking)
        assert calendars.take(raw) is ReplyState.APPLIED
        assert calendars.take(raw) is None
        again = calendars.mail(booking, message_id="<replayed@mx.example>", sequence=0)
        assert calendars.take(again) is ReplyState.OLD
        assert noted(reading) == [(ReplyState.APPLIED, ""), (ReplyState.OLD, "ended")]

    def test_read_by_four_at_once_counts_once(
        self, calendars: Calendars, booking: Booking, reading: Reads, outbox: Posted
    ) -> None:
        raw = calendars.mail(booking)
        with ThreadPoolExecutor(4) as readers:
            taken = list(readers.map(calendars.take, [raw] * 4))
        assert Counter(taken) == {ReplyState.APPLIED: 1, None: 3}
        assert noted(reading) == [(ReplyState.APPLIED, "")]
        assert [message.template for message in outbox()].count("booking_cancelled") == 1

    def test_to_an_invitation_that_has_changed_since_is_old(
        self, calendars: Calendars, booking: Booking, visit: Event, make: Make, work: Working, reading: Reads
    ) -> None:
        raw = calendars.mail(booking)
        with work() as unit:
            bookings.change(unit, public_id=booking.public_id, part_ids=[visit.parts[1].id], party=bookings.Party(1))
        assert calendars.take(raw) is ReplyState.OLD
        assert state_of(reading, booking) is BookingState.LIVE
        assert noted(reading) == [(ReplyState.OLD, "sequence")]

    def test_given_before_a_later_yes_is_old(
        self, calendars: Calendars, booking: Booking, clock: FixedClock, reading: Reads
    ) -> None:
        clock.move(timedelta(minutes=5))
        assert calendars.answer(booking, "ACCEPTED") is ReplyState.APPLIED
        assert calendars.answer(booking, stamp=clock.now() - timedelta(minutes=1)) is ReplyState.OLD
        assert state_of(reading, booking) is BookingState.LIVE
        assert calendars.answer(booking, stamp=clock.now() + timedelta(days=900)) is ReplyState.APPLIED


class TestWhatChangesNothing:
    @pytest.mark.parametrize("partstat", ["ACCEPTED", "TENTATIVE"])
    def test_a_place_that_is_held_stays_held(
        self, calendars: Calendars, booking: Booking, reading: Reads, outbox: Posted, partstat: str
    ) -> None:
        before = len(outbox())
        assert calendars.answer(booking, partstat) is ReplyState.APPLIED
        assert state_of(reading, booking) is BookingState.LIVE
        assert len(outbox()) == before

    def test_a_yes_from_another_address_bothers_nobody(
        self, calendars: Calendars, booking: Booking, reading: Reads
    ) -> None:
        assert calendars.answer(booking, "ACCEPTED", sender="office@council.example") is ReplyState.APPLIED
        assert noted(reading) == [(ReplyState.APPLIED, "stranger")]

    def test_an_address_without_a_genuine_signature_is_not_ours(
        self, calendars: Calendars, booking: Booking, reading: Reads
    ) -> None:
        for to in (ADDRESS, f"replies+{booking.public_id}{'0' * 16}@cop.example", "programme@cop.example"):
            assert calendars.answer(booking, to=to) is None
        assert noted(reading) == []

    def test_the_address_of_one_booking_says_nothing_about_another(
        self, calendars: Calendars, booking: Booking, make: Make, reading: Reads
    ) -> None:
        own = make.booking(make.account(), make.visit())
        assert calendars.answer(booking, to=reply_address(ADDRESS, own.public_id)) is ReplyState.REFUSED
        assert calendars.answer(booking, to=reply_address(ADDRESS, booking.public_id)) is ReplyState.APPLIED
        assert noted(reading)[0] == (ReplyState.REFUSED, "unknown")

    @pytest.mark.parametrize("uid", ["040000008200E00074C5B7101A82E008", "6f9619ff-8b86-4011-b42d-00c04fc964ff@x"])
    def test_an_entry_that_nobody_has_is_refused(
        self, calendars: Calendars, booking: Booking, work: Working, uid: str
    ) -> None:
        reply = read_reply(calendars.mail(booking))
        assert reply is not None
        with work() as unit:
            assert replies.receive(unit, reply=replace(reply, uid=uid)) is ReplyState.REFUSED

    def test_only_the_service_itself_takes_answers(
        self, calendars: Calendars, booking: Booking, visit: Event, make: Make, work: Working
    ) -> None:
        reply = read_reply(calendars.mail(booking))
        assert reply is not None
        host = make.account()
        make.grant(host, Role.HOST, event=visit)
        with work(make.actor(host)) as unit, pytest.raises(NotFound):
            replies.receive(unit, reply=reply)


class TestWhatWaitsForStaff:
    @pytest.mark.parametrize(
        ("how", "word"),
        [
            ({"sender": "office@council.example"}, "stranger"),
            ({"attendee": "other@council.example"}, "stranger"),
            ({"method": "COUNTER"}, "counter"),
        ],
    )
    def test_an_answer_that_is_not_clear(
        self, calendars: Calendars, booking: Booking, reading: Reads, how: dict[str, str], word: str
    ) -> None:
        assert calendars.answer(booking, **how) is ReplyState.WAITING
        assert state_of(reading, booking) is BookingState.LIVE
        assert noted(reading) == [(ReplyState.WAITING, word)]

    def test_one_that_comes_too_late(self, calendars: Calendars, make: Make, reading: Reads, clock: FixedClock) -> None:
        held = make.booking(make.account(), make.visit(change_until=clock.now() + timedelta(hours=1)))
        clock.move(timedelta(hours=2))
        assert calendars.answer(held) is ReplyState.WAITING
        assert state_of(reading, held) is BookingState.LIVE
        assert noted(reading) == [(ReplyState.WAITING, "late")]

    def test_one_date_of_several_that_belong_together(
        self, calendars: Calendars, make: Make, work: Working, reading: Reads
    ) -> None:
        summit = make_summit(make, work, breakouts=())
        held = said_yes(make, work, reading, summit)
        assert calendars.answer(held) is ReplyState.WAITING
        assert noted(reading) == [(ReplyState.WAITING, "some")]

    def test_somebody_who_said_yes_to_a_summit_and_does_not_know_any_more(
        self, calendars: Calendars, make: Make, work: Working, reading: Reads
    ) -> None:
        held = said_yes(make, work, reading, one_hour(make, work))
        assert calendars.answer(held, "TENTATIVE") is ReplyState.WAITING
        assert state_of(reading, held) is BookingState.LIVE

    def test_what_waited_is_overtaken_by_a_clear_answer(
        self, calendars: Calendars, booking: Booking, reading: Reads
    ) -> None:
        calendars.answer(booking, method="COUNTER", partstat="TENTATIVE")
        calendars.answer(booking, "ACCEPTED")
        assert noted(reading) == [(ReplyState.OLD, "overtaken"), (ReplyState.APPLIED, "")]


class TestTheList:
    def test_is_for_those_who_run_the_event(
        self, calendars: Calendars, booking: Booking, visit: Event, make: Make, reading: Reads
    ) -> None:
        calendars.answer(booking, method="COUNTER")
        calendars.answer(booking, "ACCEPTED", sender="x@council.example")
        host, stranger = make.account("Host"), make.account("Host of another")
        make.grant(host, Role.HOST, event=visit)
        make.grant(stranger, Role.HOST, event=make.visit())
        with reading(make.actor(host)) as read:
            assert [item.reply.reason for item in queries.waiting(read)] == ["counter"]
            assert [item.reply.reason for item in queries.decided(read)] == ["stranger"]
            assert queries.count_waiting(read) == 1
        with reading(make.actor(stranger)) as read:
            assert (queries.waiting(read), queries.decided(read), queries.count_waiting(read)) == ([], [], 0)
            with pytest.raises(NotFound):
                queries.answered(read, reply_id=1)

    def test_forgets_what_is_over_or_has_ended(
        self, calendars: Calendars, visit: Event, make: Make, work: Working, reading: Reads, clock: FixedClock
    ) -> None:
        one, other = make.booking(make.account(), visit), make.booking(make.account(), visit, 1)
        calendars.answer(one, method="COUNTER")
        calendars.answer(other, method="COUNTER")
        with work() as unit:
            bookings.cancel(unit, public_id=one.public_id)
        with reading() as read:
            assert [item.booking.id for item in queries.waiting(read)] == [other.id]
        clock.set(visit.parts[1].ends_at)
        with reading() as read:
            assert queries.waiting(read) == []

    def test_takes_the_same_number_of_statements_for_one_and_for_three(
        self, calendars: Calendars, make: Make, reading: Reads
    ) -> None:
        visit = make.visit()

        def statements() -> int:
            calendars.answer(make.booking(make.account(), visit), method="COUNTER")
            with reading() as read, count_queries() as counted:
                assert queries.waiting(read)
            return len(counted)

        assert statements() == statements() == statements()

    def test_continues_below_the_last(self, calendars: Calendars, make: Make, reading: Reads) -> None:
        visit = make.visit()
        for _ in range(3):
            calendars.answer(make.booking(make.account(), visit), method="COUNTER")
        with reading() as read:
            first = queries.waiting(read, limit=2)
            assert [item.reply.id for item in first] == [3, 2, 1]
            assert [item.reply.id for item in queries.waiting(read, before=2)] == [1]


class TestDeciding:
    @pytest.fixture
    def host(self, make: Make, visit: Event) -> Person:
        host = make.account("Host")
        make.grant(host, Role.HOST, event=visit)
        return host

    def test_staff_carry_a_no_out(
        self,
        calendars: Calendars,
        booking: Booking,
        host: Person,
        make: Make,
        work: Working,
        reading: Reads,
        outbox: Posted,
    ) -> None:
        calendars.answer(booking, sender="office@council.example")
        reply_id = calendars.waiting(booking)
        with work(make.actor(host)) as unit:
            assert replies.confirm(unit, reply_id=reply_id, seen=0) is Effect.END
        assert state_of(reading, booking) is BookingState.CANCELLED
        assert outbox()[-1].template == "booking_cancelled"
        with reading() as read:
            row = read.session.get_one(CalendarReply, reply_id)
            assert (row.state, row.decided_by) == (ReplyState.APPLIED, host.id)

    def test_also_after_the_time_for_changes(
        self, calendars: Calendars, make: Make, work: Working, reading: Reads, clock: FixedClock
    ) -> None:
        held = make.booking(make.account(), make.visit(change_until=clock.now() + timedelta(hours=1)))
        clock.move(timedelta(hours=2))
        calendars.answer(held)
        with work() as unit:
            replies.confirm(unit, reply_id=calendars.waiting(held), seen=0)
        assert state_of(reading, held) is BookingState.CANCELLED

    def test_staff_take_a_yes_back(self, calendars: Calendars, make: Make, work: Working, reading: Reads) -> None:
        held = said_yes(make, work, reading, one_hour(make, work))
        calendars.answer(held, "TENTATIVE")
        with work() as unit:
            assert replies.confirm(unit, reply_id=calendars.waiting(held), seen=0) is Effect.UNDECIDED
        assert state_of(reading, held) is BookingState.CANCELLED
        with reading() as read:
            assert read.session.scalars(select(Invitation.response)).one() is Answer.TENTATIVE

    def test_a_proposal_is_only_ticked_off(
        self, calendars: Calendars, booking: Booking, work: Working, reading: Reads
    ) -> None:
        calendars.answer(booking, "TENTATIVE", method="COUNTER")
        with work() as unit:
            assert replies.confirm(unit, reply_id=calendars.waiting(booking), seen=0) is Effect.NOTHING
        assert state_of(reading, booking) is BookingState.LIVE

    def test_what_is_set_aside_changes_nothing(
        self, calendars: Calendars, booking: Booking, work: Working, reading: Reads
    ) -> None:
        calendars.answer(booking, sender="office@council.example")
        with work() as unit:
            replies.set_aside(unit, reply_id=calendars.waiting(booking))
        assert state_of(reading, booking) is BookingState.LIVE
        assert noted(reading) == [(ReplyState.REFUSED, "stranger")]

    def test_nothing_is_decided_twice_or_about_what_has_changed(
        self, calendars: Calendars, booking: Booking, visit: Event, work: Working, reading: Reads
    ) -> None:
        calendars.answer(booking, sender="office@council.example")
        reply_id = calendars.waiting(booking)
        with work() as unit:
            bookings.change(unit, public_id=booking.public_id, part_ids=[visit.parts[1].id], party=bookings.Party(1))
        with work() as unit, pytest.raises(Refusal, match="changed meanwhile"):
            replies.confirm(unit, reply_id=reply_id, seen=0)
        with work() as unit:
            replies.set_aside(unit, reply_id=reply_id)
        with work() as unit, pytest.raises(Refusal, match="decided this already"):
            replies.confirm(unit, reply_id=reply_id, seen=1)
        assert state_of(reading, booking) is BookingState.LIVE

    def test_nothing_is_decided_about_a_booking_that_has_ended(
        self, calendars: Calendars, booking: Booking, work: Working
    ) -> None:
        calendars.answer(booking, sender="office@council.example")
        reply_id = calendars.waiting(booking)
        with work() as unit:
            bookings.cancel(unit, public_id=booking.public_id)
        with work() as unit, pytest.raises(Refusal, match="ended meanwhile"):
            replies.confirm(unit, reply_id=reply_id, seen=0)

    def test_strangers_decide_nothing(self, calendars: Calendars, booking: Booking, make: Make, work: Working) -> None:
        calendars.answer(booking, sender="office@council.example")
        reply_id = calendars.waiting(booking)
        other = make.account()
        make.grant(other, Role.HOST, event=make.visit())
        for act in (lambda unit: replies.confirm(unit, reply_id=reply_id, seen=0), replies_set_aside(reply_id)):
            with work(make.actor(other)) as unit, pytest.raises(NotFound):
                act(unit)


def replies_set_aside(reply_id: int) -> Callable[[Work], None]:
    return lambda unit: replies.set_aside(unit, reply_id=reply_id)


def one_hour(make: Make, work: Working) -> Event:
    """A summit that is one date."""
    summit = make.visit(kind=EventKind.SUMMIT, choice=Choice.ANY, slots=1)
    with work() as unit:
        unit.session.execute(update(Part).where(Part.event_id == summit.id).values(kind=PartKind.AGENDA))
    return summit


def said_yes(make: Make, work: Working, reading: Reads, summit: Event) -> Booking:
    person = make.account(email=AMINA)
    invite(work, summit, person)
    answer(work, invitation_of(reading, summit, person), Answer.YES)
    with reading() as read:
        return read.session.scalars(select(Booking).where(Booking.person_id == person.id)).one()
