"""The waiting list: order, parties, fair shares, offers that hold their seats, and what ends it."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from cop.core.access import SYSTEM, Role
from cop.core.errors import NotFound, Refusal
from cop.models.accounts import Person
from cop.models.events import Booking, BookingSource, Choice, Claim, Entry, Event, EventKind, Queue, Seat
from cop.models.offers import Offer
from cop.models.outbox import Outbox, OutboxChannel
from cop.models.waiting import Waiting, WaitingState
from cop.queries.soundness import unsound
from cop.services import messages
from cop.services.events import booking, editing, waiting
from cop.services.events.booking import Guest, Party
from cop.services.events.editing.sharing import edit_waiting_rules
from cop.services.events.waiting import Wish
from tests.support.clock import FixedClock
from tests.support.mailbox import Mailbox
from tests.support.make import Make, Reads, Working
from tests.support.waiting import LONDON, Line

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


Posted = Callable[..., Sequence[Outbox]]


class Desk:
    """What people and staff do beside waiting, each in a unit of work of its own."""

    def __init__(self, make: Make, work: Working) -> None:
        self._make, self._work = make, work

    def cancel(self, held: Booking, who: Person) -> None:
        with self._work(self._make.actor(who)) as unit:
            booking.cancel(unit, public_id=held.public_id)

    def change(self, held: Booking, who: Person, event: Event, slot: int, size: int = 1) -> Booking:
        with self._work(self._make.actor(who)) as unit:
            return booking.change(unit, public_id=held.public_id, part_ids=[event.parts[slot].id], party=Party(size))

    def resize(self, event: Event, slot: int, capacity: int | None) -> None:
        """Staff set how many places a slot has."""
        part = event.parts[slot]
        with self._work(self._make.actor(self._make.admin("Ada Editor"))) as unit:
            editing.edit_slot(
                unit,
                part_id=part.id,
                on_date=part.starts_at.astimezone(LONDON).date(),
                start=part.starts_at.astimezone(LONDON).time(),
                end=part.ends_at.astimezone(LONDON).time(),
                title=part.title,
                place=part.place,
                capacity=capacity,
                zone=LONDON,
            )

    def share(self, event: Event, per_organisation: int | None, until: datetime | None = None, **rules: Queue) -> None:
        with self._work(self._make.actor(self._make.admin("Ada Sharer"))) as unit:
            edit_waiting_rules(
                unit,
                event_id=event.id,
                queue=rules.get("queue", Queue.STRICT),
                offer_hours=10,
                per_organisation=per_organisation,
                fair_share_until=until,
            )


@pytest.fixture
def desk(make: Make, work: Working) -> Desk:
    return Desk(make, work)


@pytest.fixture
def visit(make: Make) -> Event:
    """A visit of two slots with one place each."""
    return make.visit(capacity=1)


@pytest.fixture
def line(app: Flask, make: Make, visit: Event) -> Line:
    return Line(app, make, visit)


@pytest.fixture
def named(make: Make) -> Callable[[str], Person]:
    return lambda name: make.account(name, f"{name.lower()}@people.example")


@pytest.fixture(autouse=True)
def _every_promise_is_kept(app: Flask, reading: Reads) -> Iterator[None]:
    yield
    with reading() as read:
        assert not unsound(read)


class TestJoining:
    def test_puts_a_party_at_the_end_and_tells_it(
        self, make: Make, line: Line, named: Callable[[str], Person], outbox: Posted
    ) -> None:
        make.booking(named("Holder"), line.event)
        first, second = line.join(named("Ana")), line.join(named("Ben"), size=1)
        assert line.waiting() == ["Ana", "Ben"]
        assert [row.params for row in outbox("waiting_joined")] == [
            {"waiting_id": first.id},
            {"waiting_id": second.id},
        ]

    def test_keeps_who_they_were(self, make: Make, line: Line, reading: Reads) -> None:
        council = make.organisation("Stevenage Borough Council")
        make.booking(make.person("Holder"), line.event)
        entry = line.join(make.account("Ana", organisation=council))
        with reading() as read:
            assert read.session.get_one(Waiting, entry.id).organisation_id == council.id

    def test_is_refused_where_there_is_room(self, line: Line, named: Callable[[str], Person]) -> None:
        with pytest.raises(Refusal, match="no need to wait"):
            line.join(named("Ana"))
        assert line.states() == []

    def test_for_a_party_that_does_not_fit_now(self, app: Flask, make: Make, named: Callable[[str], Person]) -> None:
        line = Line(app, make, make.visit(capacity=3))
        make.booking(named("Holder"), line.event, party_size=2)
        line.join(named("Ana"), size=2)
        assert line.waiting() == ["Ana"]

    def test_is_refused_to_a_party_that_would_wait_for_ever(
        self, make: Make, line: Line, named: Callable[[str], Person]
    ) -> None:
        make.booking(named("Holder"), line.event)
        with pytest.raises(Refusal, match="would never get them together"):
            line.join(named("Ana"), size=2)
        line.join(named("Ben"), size=2, split_ok=True)

    def test_twice_or_beside_a_booking_is_refused(self, make: Make, line: Line, named: Callable[[str], Person]) -> None:
        holder = named("Holder")
        make.booking(holder, line.event)
        ana = named("Ana")
        line.join(ana)
        with pytest.raises(Refusal, match="on the waiting list already"):
            line.join(ana)
        with pytest.raises(Refusal, match="already booked"):
            line.join(holder)

    @pytest.mark.parametrize("slots", [(), (0, 0, 9)])
    def test_needs_times_of_this_event(
        self, app: Flask, make: Make, work: Working, line: Line, named: Callable[[str], Person], slots: Sequence[int]
    ) -> None:
        make.booking(named("Holder"), line.event)
        part_ids = [line.event.parts[number].id if number < 9 else 999 for number in slots]
        with pytest.raises(Refusal, match="Choose one or more"), work(make.actor(named("Ana"))) as unit:
            waiting.join(unit, event_id=line.event.id, wish=Wish(part_ids, 1))

    def test_a_draft_and_an_event_without_a_list_take_nobody(
        self, app: Flask, make: Make, named: Callable[[str], Person]
    ) -> None:
        draft = Line(app, make, make.visit(published=False))
        with pytest.raises(NotFound):
            draft.join(named("Ana"))
        without = Line(app, make, make.visit(capacity=1, queue=Queue.NONE))
        make.booking(named("Holder"), without.event)
        with pytest.raises(Refusal, match="no waiting list"):
            without.join(named("Ben"))

    def test_by_staff_for_somebody_without_an_account(
        self, make: Make, work: Working, line: Line, named: Callable[[str], Person]
    ) -> None:
        make.booking(named("Holder"), line.event)
        host = make.account("Hal")
        make.grant(host, Role.HOST, event=line.event)
        wish = Wish([line.event.parts[0].id], 1)
        with work(make.actor(host)) as unit:
            made = waiting.join_for(unit, event_id=line.event.id, wish=wish, guest=Guest("Rose Hall"))
        assert made.source is BookingSource.STAFF
        assert line.waiting() == ["Rose Hall"]
        with pytest.raises(NotFound), work(make.actor(named("Ana"))) as unit:
            waiting.join_for(unit, event_id=line.event.id, wish=wish, guest=Guest("Somebody"))


class TestASeatThatIsFreed:
    def test_is_offered_to_the_next_in_the_same_transaction(
        self, make: Make, line: Line, desk: Desk, named: Callable[[str], Person], outbox: Posted, reading: Reads
    ) -> None:
        holder = named("Holder")
        held = make.booking(holder, line.event)
        line.join(named("Ana"))
        line.join(named("Ben"))
        desk.cancel(held, holder)
        (offer,) = line.offers()
        assert line.states() == [("Ana", WaitingState.OFFERED), ("Ben", WaitingState.WAITING)]
        assert [row.params["offer_id"] for row in outbox("place_offered")] == [offer.id]
        with reading() as read:
            assert read.session.get_one(type(line.event.parts[0]), line.event.parts[0].id).seats_taken == 1

    def test_cannot_be_booked_by_a_newcomer(
        self, make: Make, line: Line, desk: Desk, named: Callable[[str], Person]
    ) -> None:
        holder = named("Holder")
        held = make.booking(holder, line.event)
        line.join(named("Ana"))
        desk.cancel(held, holder)
        with pytest.raises(Refusal, match="full"):
            make.booking(named("Eve"), line.event)

    def test_goes_on_to_the_next_when_declined_or_left(
        self, make: Make, line: Line, desk: Desk, named: Callable[[str], Person]
    ) -> None:
        holder, ana, ben, cleo = (named(name) for name in ("Holder", "Ana", "Ben", "Cleo"))
        held = make.booking(holder, line.event)
        line.join(ana)
        entry = line.join(ben)
        line.join(cleo)
        desk.cancel(held, holder)
        line.decline(line.offer_of(ana))
        assert line.offer_of(ben)
        line.leave(entry)
        assert line.offer_of(cleo)
        assert line.states() == [
            ("Ana", WaitingState.LEFT),
            ("Ben", WaitingState.LEFT),
            ("Cleo", WaitingState.OFFERED),
        ]

    @pytest.mark.parametrize("way", ["more places", "no limit", "smaller party", "moved"])
    def test_however_it_became_free(
        self, app: Flask, make: Make, desk: Desk, named: Callable[[str], Person], way: str
    ) -> None:
        line = Line(app, make, make.visit(capacity=2))
        holder = named("Holder")
        held = make.booking(holder, line.event, party_size=2)
        line.join(named("Ana"))
        if way == "smaller party":
            desk.change(held, holder, line.event, 0, size=1)
        elif way == "moved":
            desk.change(held, holder, line.event, 1, size=2)
        else:
            desk.resize(line.event, 0, 3 if way == "more places" else None)
        assert line.states() == [("Ana", WaitingState.OFFERED)]

    def test_day_limits_count_for_all_slots_of_the_day(
        self, app: Flask, make: Make, desk: Desk, work: Working, named: Callable[[str], Person]
    ) -> None:
        line = Line(app, make, make.visit(capacity=5, day_capacity=2))
        make.booking(named("Holder"), line.event, 0)
        make.booking(named("Other"), line.event, 1)
        line.join(named("Ana"), slots=(1,))
        admin = make.actor(make.admin())
        day = line.event.parts[0].starts_at.astimezone(LONDON).date()
        with work(admin) as unit:
            editing.limit_day(unit, event_id=line.event.id, on_date=day, capacity=3, zone=LONDON)
        assert line.states() == [("Ana", WaitingState.OFFERED)]


class TestPolicies:
    def queue_of(self, app: Flask, make: Make, named: Callable[[str], Person], queue: Queue) -> tuple[Line, Booking]:
        """Four places, all taken by parties of two; a party of four waits, then one person."""
        line = Line(app, make, make.visit(capacity=4, queue=queue))
        held = make.booking(named("Holder"), line.event, party_size=2)
        make.booking(named("Other"), line.event, party_size=2)
        line.join(named("Large"), size=4)
        line.join(named("Single"))
        return line, held

    def test_strict_waits_for_the_large_party_at_the_head(
        self, app: Flask, make: Make, desk: Desk, named: Callable[[str], Person]
    ) -> None:
        line, held = self.queue_of(app, make, named, Queue.STRICT)
        desk.cancel(held, Person(id=held.person_id))
        assert line.offers() == []
        with pytest.raises(Refusal, match="Others are waiting"):
            make.booking(named("Eve"), line.event)

    def test_fit_passes_it_over_and_says_so_to_everybody(
        self, app: Flask, make: Make, desk: Desk, named: Callable[[str], Person]
    ) -> None:
        line, held = self.queue_of(app, make, named, Queue.FIT)
        desk.cancel(held, Person(id=held.person_id))
        assert line.states() == [("Large", WaitingState.WAITING), ("Single", WaitingState.OFFERED)]
        make.booking(named("Eve"), line.event)  # the large party could not use this one

    def test_another_policy_takes_effect_at_once(
        self, app: Flask, make: Make, desk: Desk, named: Callable[[str], Person]
    ) -> None:
        line, held = self.queue_of(app, make, named, Queue.STRICT)
        desk.cancel(held, Person(id=held.person_id))
        desk.share(line.event, None, queue=Queue.FIT)
        assert line.states()[1] == ("Single", WaitingState.OFFERED)
        with pytest.raises(Refusal, match="until it is empty"):
            desk.share(line.event, None, queue=Queue.NONE)

    def test_when_the_head_leaves_those_behind_move_up(
        self, app: Flask, make: Make, desk: Desk, named: Callable[[str], Person], reading: Reads
    ) -> None:
        line, held = self.queue_of(app, make, named, Queue.STRICT)
        desk.cancel(held, Person(id=held.person_id))
        with reading() as read:
            head = read.session.scalars(select(Waiting).order_by(Waiting.id)).first()
        assert head is not None
        line.leave(head)
        assert line.states()[1] == ("Single", WaitingState.OFFERED)

    def test_any_of_these_slots(self, make: Make, line: Line, desk: Desk, named: Callable[[str], Person]) -> None:
        holder = named("Holder")
        make.booking(named("Other"), line.event, 0)
        held = make.booking(holder, line.event, 1)
        line.join(named("First"), slots=(0,))
        line.join(named("Any"), slots=(0, 1))
        desk.cancel(held, holder)
        assert line.states() == [("First", WaitingState.WAITING), ("Any", WaitingState.OFFERED)]

    def test_whoever_waits_may_book_another_slot_and_waits_no_more(
        self, make: Make, line: Line, named: Callable[[str], Person]
    ) -> None:
        make.booking(named("Holder"), line.event, 0)
        ana = named("Ana")
        line.join(ana, slots=(0,))
        make.booking(ana, line.event, 1)
        assert line.states() == [("Ana", WaitingState.BOOKED)]

    def test_whoever_holds_an_offer_answers_that_first(
        self, make: Make, line: Line, desk: Desk, named: Callable[[str], Person]
    ) -> None:
        holder, ana = named("Holder"), named("Ana")
        held = make.booking(holder, line.event, 0)
        line.join(ana)
        desk.cancel(held, holder)
        with pytest.raises(Refusal, match="Answer that first"):
            make.booking(ana, line.event, 1)

    def test_a_booking_grows_only_by_what_nobody_waits_for(
        self, app: Flask, make: Make, desk: Desk, named: Callable[[str], Person]
    ) -> None:
        line = Line(app, make, make.visit(capacity=4))
        holder = named("Holder")
        held = make.booking(holder, line.event, party_size=2)
        line.join(named("Ana"), size=3)
        with pytest.raises(Refusal, match="Others are waiting"):
            desk.change(held, holder, line.event, 0, size=3)
        desk.change(held, holder, line.event, 0, size=1)  # fewer is always possible, and serves those who wait
        assert line.states() == [("Ana", WaitingState.OFFERED)]


class TestFairShares:
    @pytest.fixture
    def councils(self, make: Make) -> tuple[list[Person], Person]:
        """Four colleagues and somebody from elsewhere."""
        ours, theirs = make.organisation("Stevenage Borough Council"), make.organisation("Swindon Borough Council")
        colleagues = [
            make.account(f"Colleague {letter}", f"{letter}@stevenage.example", organisation=ours) for letter in "abcd"
        ]
        return colleagues, make.account("Stranger", "s@swindon.example", organisation=theirs)

    def test_hold_for_bookings_and_changes(self, make: Make, desk: Desk, councils: tuple[list[Person], Person]) -> None:
        colleagues, stranger = councils
        visit = make.visit(capacity=10, per_organisation=2)
        held = make.booking(colleagues[0], visit)
        make.booking(colleagues[1], visit)
        with pytest.raises(Refusal, match="may hold 2 places"):
            make.booking(colleagues[2], visit)
        with pytest.raises(Refusal, match="may hold 2 places"):
            desk.change(held, colleagues[0], visit, 0, size=2)
        make.booking(colleagues[2], visit, 1)  # of each slot
        make.booking(stranger, visit)
        make.booking(make.account("Resident"), visit)

    def test_pass_over_colleagues_who_wait_without_blocking_others(
        self, app: Flask, make: Make, desk: Desk, councils: tuple[list[Person], Person]
    ) -> None:
        colleagues, stranger = councils
        line = Line(app, make, make.visit(capacity=2, per_organisation=1))
        make.booking(colleagues[0], line.event)
        other = make.account("Other")
        held = make.booking(other, line.event)
        line.join(colleagues[1])
        line.join(stranger)
        desk.cancel(held, other)
        assert line.states() == [("Colleague b", WaitingState.WAITING), ("Stranger", WaitingState.OFFERED)]

    def test_lift_near_the_date(
        self, app: Flask, make: Make, clock: FixedClock, councils: tuple[list[Person], Person], work: Working
    ) -> None:
        colleagues, _stranger = councils
        line = Line(app, make, make.visit(capacity=3, per_organisation=1, fair_share_until=clock.now() + 2 * DAY))
        make.booking(colleagues[0], line.event)
        line.join(colleagues[1])
        assert line.tend() == 0
        clock.move(2 * DAY)
        assert line.tend() == 1
        assert line.states() == [("Colleague b", WaitingState.OFFERED)]
        make.booking(colleagues[2], line.event)

    def test_are_needed_for_a_date_to_lift_them(self, desk: Desk, visit: Event) -> None:
        with pytest.raises(Refusal, match="how many places"):
            desk.share(visit, None, datetime(2026, 6, 1, tzinfo=UTC))


class TestAnOffer:
    @pytest.fixture
    def offered(self, make: Make, line: Line, desk: Desk, named: Callable[[str], Person]) -> Offer:
        """Ana is offered the place that became free, and Ben is next."""
        holder = named("Holder")
        held = make.booking(holder, line.event)
        line.join(named("Ana"))
        line.join(named("Ben"))
        desk.cancel(held, holder)
        return line.offers()[0]

    def test_becomes_a_booking(self, line: Line, offered: Offer, reading: Reads, outbox: Posted) -> None:
        booked = line.accept(offered)
        assert line.accept(offered).id == booked.id  # twice is harmless
        with reading() as read:
            assert booked.source is BookingSource.OFFER
            assert read.session.scalars(select(Entry.part_id).where(Entry.booking_id == booked.id)).all() == [
                line.event.parts[0].id
            ]
        assert line.states() == [("Ana", WaitingState.BOOKED), ("Ben", WaitingState.WAITING)]
        assert outbox("booking_confirmed")[-1].params == {"booking_id": booked.id}

    def test_lasts_for_working_hours(self, clock: FixedClock, line: Line, offered: Offer, mailbox: Mailbox) -> None:
        mailbox.deliver()
        assert offered.expires_at == datetime(2026, 3, 3, 9, tzinfo=UTC)  # ten working hours from Monday at nine
        clock.set(offered.expires_at - timedelta(seconds=1))
        assert not line.lapse(offered)
        clock.set(offered.expires_at)
        with pytest.raises(Refusal, match="time to answer"):
            line.accept(offered)
        assert line.lapse(offered)
        assert not line.lapse(offered)
        assert line.states() == [("Ana", WaitingState.LAPSED), ("Ben", WaitingState.OFFERED)]

    def test_ends_an_hour_before_its_slot_at_the_latest(
        self, app: Flask, make: Make, desk: Desk, clock: FixedClock, named: Callable[[str], Person]
    ) -> None:
        line = Line(app, make, make.visit(slots=[clock.now() + 3 * HOUR, clock.now() + 5 * HOUR], capacity=1))
        holder = named("Holder")
        held = make.booking(holder, line.event)
        line.join(named("Ana"))
        desk.cancel(held, holder)
        assert line.offers()[0].expires_at == line.event.parts[0].starts_at - HOUR

    def test_is_answered_by_whose_it_is(self, make: Make, line: Line, offered: Offer) -> None:
        with pytest.raises(NotFound):
            line.accept(_as(offered, make.account("Eve")))

    def test_declined_cannot_be_accepted(self, line: Line, offered: Offer) -> None:
        line.decline(offered)
        line.decline(offered)
        with pytest.raises(Refusal, match="declined"):
            line.accept(offered)

    def test_of_somebody_without_email_waits_until_they_are_told(
        self, make: Make, work: Working, line: Line, offered: Offer, clock: FixedClock, outbox: Posted
    ) -> None:
        admin = make.actor(make.admin())
        wish = Wish([line.event.parts[0].id], 1)
        with work(admin) as unit:
            waiting.join_for(unit, event_id=line.event.id, wish=wish, guest=Guest("Rose Hall"))
        line.decline(offered)
        line.decline(line.offers()[0])
        (offer,) = line.offers()
        assert offer.expires_at is None
        clock.move(3 * DAY)
        assert not line.lapse(offer)
        item = outbox("place_offered")[-1]
        assert item.channel is OutboxChannel.TELL
        with work(admin) as unit:
            messages.mark_told(unit, outbox_id=item.id)
        assert line.offers()[0].expires_at == datetime(2026, 3, 6, 9, tzinfo=UTC)

    def test_that_nobody_was_told_of_ends_before_its_slot(
        self, make: Make, work: Working, line: Line, offered: Offer, clock: FixedClock
    ) -> None:
        with work(make.actor(make.admin())) as unit:
            wish = Wish([line.event.parts[0].id], 1)
            waiting.join_for(unit, event_id=line.event.id, wish=wish, guest=Guest("Rose Hall"))
        line.decline(offered)
        line.decline(line.offers()[0])
        clock.set(line.event.parts[0].starts_at - HOUR)
        assert line.lapse(line.offers()[0])


def _as(offer: Offer, person: Person) -> Offer:
    return Offer(public_id=offer.public_id, person_id=person.id)


class TestAPartyThatMayBeSplit:
    def test_takes_what_there_is_and_waits_for_the_rest(
        self, app: Flask, make: Make, desk: Desk, named: Callable[[str], Person], reading: Reads
    ) -> None:
        line = Line(app, make, make.visit(capacity=3))
        people = [named(f"Holder{number}") for number in range(3)]
        held = [make.booking(person, line.event) for person in people]
        ana = named("Ana")
        line.join(ana, size=3, split_ok=True)
        desk.cancel(held[0], people[0])
        booked = line.accept(line.offer_of(ana))
        assert booked.party_size == 1
        assert line.waiting() == ["Ana"]
        desk.cancel(held[1], people[1])
        desk.cancel(held[2], people[2])
        assert line.accept(line.offer_of(ana)).party_size == 2
        assert line.accept(line.offer_of(ana)).party_size == 3
        assert line.states() == [("Ana", WaitingState.BOOKED)]
        with reading() as read:
            assert len(read.session.scalars(select(Seat).where(Seat.booking_id == booked.id, Seat.live)).all()) == 3
            claims = select(Claim.seats).where(Claim.booking_id == booked.id, Claim.released_at.is_(None))
            assert read.session.scalars(claims).all() == [3, 3]

    def test_gives_up_the_rest_with_its_booking(
        self, app: Flask, make: Make, desk: Desk, named: Callable[[str], Person]
    ) -> None:
        line = Line(app, make, make.visit(capacity=2))
        holder, ana = named("Holder"), named("Ana")
        held = make.booking(holder, line.event, party_size=2)
        line.join(ana, size=2, split_ok=True)
        desk.change(held, holder, line.event, 0, size=1)
        booked = line.accept(line.offer_of(ana))
        desk.cancel(booked, ana)
        assert line.states() == [("Ana", WaitingState.LEFT)]


class TestWhatEndsIt:
    def test_leaving_is_for_oneself_or_by_staff(self, make: Make, line: Line, named: Callable[[str], Person]) -> None:
        make.booking(named("Holder"), line.event)
        entry, other = line.join(named("Ana")), line.join(named("Ben"))
        with pytest.raises(NotFound):
            line.leave(entry, named("Eve"))
        line.leave(entry)
        line.leave(entry)
        line.leave(other, make.admin())
        assert {state for _name, state in line.states()} == {WaitingState.LEFT}

    def test_a_cancelled_slot_ends_what_was_for_it_alone(
        self, make: Make, work: Working, line: Line, desk: Desk, named: Callable[[str], Person], outbox: Posted
    ) -> None:
        make.booking(named("Other"), line.event, 1)
        holder = named("Holder")
        held = make.booking(holder, line.event, 0)
        line.join(named("Ana"), slots=(0, 1))
        line.join(named("Ben"), slots=(0,))
        desk.cancel(held, holder)
        with work(make.actor(make.admin())) as unit:
            editing.cancel_slot(unit, part_id=line.event.parts[0].id, reason="The boiler broke")
        assert line.states() == [("Ana", WaitingState.WAITING), ("Ben", WaitingState.LAPSED)]
        assert len(outbox("waiting_ended")) == 1
        assert len(outbox("place_offer_withdrawn")) == 1
        assert line.offers() == []

    def test_a_cancelled_visit_ends_it_for_all(
        self, make: Make, work: Working, line: Line, named: Callable[[str], Person], outbox: Posted
    ) -> None:
        make.booking(named("Holder"), line.event, 0)
        line.join(named("Ana"))
        with work(make.actor(make.admin())) as unit:
            editing.cancel_event(unit, event_id=line.event.id, reason="The boiler broke")
        assert line.states() == [("Ana", WaitingState.LAPSED)]
        assert len(outbox("waiting_ended")) == 1

    def test_slots_that_have_gone_by(
        self, make: Make, line: Line, clock: FixedClock, named: Callable[[str], Person], outbox: Posted
    ) -> None:
        make.booking(named("Holder"), line.event, 0)
        make.booking(named("Other"), line.event, 1)
        line.join(named("Ana"), slots=(0,))
        line.join(named("Ben"), slots=(0, 1))
        clock.set(line.event.parts[0].starts_at - 2 * HOUR)
        assert line.tend() == 1
        assert line.states() == [("Ana", WaitingState.LAPSED), ("Ben", WaitingState.WAITING)]
        assert [row.template for row in outbox("waiting_ended")] == ["waiting_ended"]

    def test_is_tended_by_the_service_alone(self, make: Make, work: Working, visit: Event) -> None:
        with pytest.raises(NotFound), work(make.actor(make.admin())) as unit:
            waiting.tend(unit, event_id=visit.id)
        with work(SYSTEM) as unit:
            assert waiting.tend(unit, event_id=visit.id) == 0


class TestEventsWhosePartsBelongTogether:
    def test_a_webinar_with_a_limit(
        self, app: Flask, make: Make, desk: Desk, named: Callable[[str], Person], reading: Reads
    ) -> None:
        webinar = make.visit(kind=EventKind.WEBINAR, choice=Choice.ALL, slots=1, capacity=None, event_capacity=1)
        line = Line(app, make, webinar)
        holder, ana = named("Holder"), named("Ana")
        held = make.booking(holder, webinar)
        line.join(ana)
        desk.cancel(held, holder)
        booked = line.accept(line.offer_of(ana))
        with reading() as read:
            claims = select(Claim.part_id).where(Claim.booking_id == booked.id, Claim.released_at.is_(None))
            assert set(read.session.scalars(claims)) == {None, webinar.parts[0].id}

    def test_a_course_has_no_queue(self, app: Flask, make: Make, named: Callable[[str], Person]) -> None:
        course = make.visit(kind=EventKind.COHORT, choice=Choice.ALL, slots=2, capacity=None, event_capacity=1)
        with pytest.raises(Refusal, match="no waiting list"):
            Line(app, make, course).join(named("Ana"))
