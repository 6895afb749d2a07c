"""Offers: accepted once, given back, taken back, run out, and passed on to a reserve; never more than the places."""

from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from cop.core.access import SYSTEM, Actor
from cop.core.errors import NotFound, Refusal
from cop.models.accounts import Person
from cop.models.cohorts import Cohort, Decision, DecisionOutcome
from cop.models.events import Arrangement, Booking, BookingSource, BookingState, Claim, Entry, Event, EventState
from cop.models.offers import Offer, OfferState
from cop.models.outbox import Outbox
from cop.queries.soundness import unsound
from cop.services import offers as answers
from cop.services.cohorts import offers
from cop.services.events import booking
from cop.services.events.arrangements import Diet
from tests.support import panel
from tests.support.clock import FixedClock
from tests.support.make import Make, Reads, Working

Posted = Callable[..., Sequence[Outbox]]


@pytest.fixture
def course(make: Make) -> Event:
    return panel.course(make, places=2)


@pytest.fixture
def state(reading: Reads) -> Callable[[Offer], OfferState]:
    def look(offer: Offer) -> OfferState:
        with reading() as read:
            return read.session.get_one(Offer, offer.id).state

    return look


State = Callable[[Offer], OfferState]


def sound(reading: Reads) -> None:
    with reading() as read:
        assert unsound(read) == []


def decline(work: Working, offer: Offer) -> None:
    with work(Actor(offer.person_id, via="link")) as opened:
        answers.decline(opened, public_id=offer.public_id)


def move_up(make: Make, work: Working, who: Person, course: Event, number: int) -> Offer:
    with work(make.actor(who)) as opened:
        return offers.move_up(opened, cohort_id=course.id, number=number, seen=panel.revision(make, course))


def withdraw(make: Make, work: Working, who: Person, course: Event, number: int) -> None:
    with work(make.actor(who)) as opened:
        offers.withdraw_offer(opened, cohort_id=course.id, number=number, reason="A mistake of ours")


class TestAccepting:
    def test_makes_a_booking_of_all_half_days(
        self, make: Make, reading: Reads, course: Event, outbox: Posted, state: State
    ) -> None:
        offer = panel.offered(make, course, "od")[0]
        booked = panel.accept(make, offer)
        assert state(offer) is OfferState.ACCEPTED
        with reading() as read:
            held = set(read.session.scalars(select(Claim.part_id).where(Claim.booking_id == booked.id)))
            entries = read.session.scalars(select(Entry.part_id).where(Entry.booking_id == booked.id)).all()
        assert held == {None, *(part.id for part in course.parts)}
        assert sorted(entries) == sorted(part.id for part in course.parts)
        assert booked.source is BookingSource.OFFER
        assert make.event(course.id).seats_taken == 1
        assert [row.params["booking_id"] for row in outbox("booking_confirmed")] == [booked.id]
        sound(reading)

    def test_twice_is_harmless(self, make: Make, reading: Reads, course: Event, outbox: Posted) -> None:
        offer = panel.offered(make, course)[0]
        assert panel.accept(make, offer).id == panel.accept(make, offer).id
        assert len(outbox("booking_confirmed")) == 1
        assert make.event(course.id).seats_taken == 1
        sound(reading)

    def test_is_for_whose_offer_it_is(self, make: Make, work: Working, course: Event) -> None:
        offer = panel.offered(make, course)[0]
        for actor in (make.actor(make.admin()), Actor(via="link")):
            with pytest.raises(NotFound), work(actor) as opened:
                answers.accept(opened, public_id=offer.public_id)
        with pytest.raises(NotFound), work(Actor(offer.person_id)) as opened:
            answers.accept(opened, public_id="no-such-offer")

    def test_comes_too_late_from_the_deadline_on_whether_swept_or_not(
        self, make: Make, course: Event, clock: FixedClock, state: State
    ) -> None:
        offer = panel.offered(make, course)[0]
        clock.set(panel.until(offer))
        with pytest.raises(Refusal, match="time to answer"):
            panel.accept(make, offer)
        assert state(offer) is OfferState.OPEN

    def test_is_refused_after_it_was_declined_or_taken_back(self, make: Make, work: Working, course: Event) -> None:
        first, second = panel.offered(make, course, "oo")
        decline(work, first)
        withdraw(make, work, make.admin(), course, 2)
        with pytest.raises(Refusal, match="declined"):
            panel.accept(make, first)
        with pytest.raises(Refusal, match="taken back"):
            panel.accept(make, second)

    def test_is_refused_where_the_place_was_given_back_later(self, make: Make, work: Working, course: Event) -> None:
        offer = panel.offered(make, course)[0]
        booked = panel.accept(make, offer)
        with work(Actor(offer.person_id)) as opened:
            booking.cancel(opened, public_id=booked.public_id)
        with pytest.raises(Refusal, match="gave the place back"):
            panel.accept(make, offer)
        assert make.event(course.id).seats_taken == 0

    def test_is_refused_once_the_course_is_cancelled(self, make: Make, work: Working, course: Event) -> None:
        offer = panel.offered(make, course)[0]
        with work() as opened:
            opened.session.get_one(Event, course.id).state = EventState.CANCELLED
        with pytest.raises(Refusal, match="cancelled"):
            panel.accept(make, offer)


class TestDeclining:
    def test_frees_the_place_at_once_and_twice_is_harmless(
        self, make: Make, work: Working, reading: Reads, course: Event, state: State
    ) -> None:
        offer = panel.offered(make, course)[0]
        for _ in range(2):
            decline(work, offer)
        assert state(offer) is OfferState.DECLINED
        assert make.event(course.id).seats_taken == 0
        sound(reading)

    def test_is_refused_once_accepted(self, make: Make, work: Working, course: Event, state: State) -> None:
        offer = panel.offered(make, course)[0]
        panel.accept(make, offer)
        with pytest.raises(Refusal, match="cancel your booking"):
            decline(work, offer)
        assert state(offer) is OfferState.ACCEPTED


class TestLapsing:
    def test_ends_what_was_not_answered_and_tells_the_person(
        self, make: Make, work: Working, reading: Reads, course: Event, clock: FixedClock, outbox: Posted, state: State
    ) -> None:
        offer = panel.offered(make, course)[0]
        clock.set(panel.until(offer))
        with work(SYSTEM) as opened:
            assert answers.lapse(opened, offer_id=offer.id)
        with work(SYSTEM) as opened:
            assert not answers.lapse(opened, offer_id=offer.id)
        assert state(offer) is OfferState.LAPSED
        assert [row.person_id for row in outbox("offer_lapsed")] == [offer.person_id]
        assert make.event(course.id).seats_taken == 0
        sound(reading)

    def test_leaves_what_was_answered_or_has_time(
        self, make: Make, work: Working, course: Event, clock: FixedClock, state: State
    ) -> None:
        first, second = panel.offered(make, course, "oo")
        panel.accept(make, first)
        with work(SYSTEM) as opened:
            assert not answers.lapse(opened, offer_id=second.id)
        clock.set(panel.until(first))
        with work(SYSTEM) as opened:
            assert not answers.lapse(opened, offer_id=first.id)
        assert [state(first), state(second)] == [OfferState.ACCEPTED, OfferState.OPEN]

    def test_is_not_for_people(self, make: Make, work: Working, course: Event) -> None:
        offer = panel.offered(make, course)[0]
        with pytest.raises(NotFound), work(make.actor(make.admin())) as opened:
            answers.lapse(opened, offer_id=offer.id)
        with pytest.raises(NotFound), work(SYSTEM) as opened:
            answers.lapse(opened, offer_id=offer.id + 1)


class TestTakingBack:
    def test_frees_the_place_and_tells_the_person_why(
        self, make: Make, work: Working, reading: Reads, course: Event, outbox: Posted, state: State
    ) -> None:
        offer = panel.offered(make, course)[0]
        withdraw(make, work, make.admin(), course, 1)
        assert state(offer) is OfferState.WITHDRAWN
        assert [row.params["reason"] for row in outbox("offer_withdrawn")] == ["A mistake of ours"]
        assert make.event(course.id).seats_taken == 0
        sound(reading)

    def test_is_refused_where_nothing_is_open(self, make: Make, work: Working, course: Event) -> None:
        offer = panel.offered(make, course)[0]
        panel.accept(make, offer)
        with pytest.raises(Refusal, match="no open offer"):
            withdraw(make, work, make.admin(), course, 1)

    def test_is_for_a_chair_without_a_conflict(self, make: Make, work: Working, course: Event) -> None:
        council = make.organisation()
        panel.application(make, course, organisation=council)
        femi = panel.chair(make)
        panel.decide(make, femi, course, "o")
        panel.release(make, femi, course)
        for who in (panel.chair(make, organisation=council), panel.reviewer(make)):
            with pytest.raises(NotFound):
                withdraw(make, work, who, course, 1)


class TestMovingUp:
    def test_offers_a_freed_place_to_a_reserve(
        self, make: Make, work: Working, reading: Reads, course: Event, outbox: Posted
    ) -> None:
        panel.offered(make, course, "oord")
        decline(work, panel.offers_of(make, course)[0])
        moved = move_up(make, work, make.admin(), course, 3)
        assert moved.state is OfferState.OPEN
        assert make.event(course.id).seats_taken == 2
        assert len(outbox("offer_made")) == 3
        with reading() as read:
            decision = read.session.get_one(Decision, moved.application_id)
        assert (decision.outcome, decision.reserve_rank) == (DecisionOutcome.OFFER, None)
        sound(reading)

    def test_a_cancelled_booking_frees_a_place_too(self, make: Make, work: Working, course: Event) -> None:
        first, second = panel.offered(make, course, "oor")[:2]
        panel.accept(make, second)
        booked = panel.accept(make, first)
        with pytest.raises(Refusal, match="No place is free"):
            move_up(make, work, make.admin(), course, 3)
        with work(Actor(first.person_id)) as opened:
            booking.cancel(opened, public_id=booked.public_id)
        panel.accept(make, move_up(make, work, make.admin(), course, 3))
        assert make.event(course.id).seats_taken == 2

    @pytest.mark.parametrize("number", [1, 2])
    def test_is_for_reserves_only(self, make: Make, work: Working, course: Event, number: int) -> None:
        panel.offered(make, course, "od")
        with pytest.raises(Refusal, match="not on the reserve list"):
            move_up(make, work, make.admin(), course, number)
        assert len(panel.offers_of(make, course)) == 1

    def test_twice_offers_one_place(self, make: Make, work: Working, course: Event) -> None:
        panel.offered(make, course, "r")
        seen = panel.revision(make, course)
        move_up(make, work, make.admin(), course, 1)
        with pytest.raises(Refusal), work(make.actor(make.admin())) as opened:
            offers.move_up(opened, cohort_id=course.id, number=1, seen=seen)
        assert len(panel.offers_of(make, course)) == 1

    def test_comes_after_the_release_and_before_the_course(
        self, make: Make, work: Working, course: Event, clock: FixedClock
    ) -> None:
        panel.applications(make, course, 1)
        femi = panel.chair(make)
        panel.decide(make, femi, course, "r")
        with pytest.raises(Refusal, match="Release"):
            move_up(make, work, femi, course, 1)
        panel.release(make, femi, course)
        clock.set(course.parts[0].starts_at)
        with pytest.raises(Refusal, match="has begun"):
            move_up(make, work, femi, course, 1)

    def test_nobody_moves_a_colleague_up(self, make: Make, work: Working, course: Event) -> None:
        council = make.organisation()
        panel.application(make, course, organisation=council)
        femi = panel.chair(make)
        panel.decide(make, femi, course, "r")
        panel.release(make, femi, course)
        with pytest.raises(NotFound):
            move_up(make, work, panel.chair(make, organisation=council), course, 1)


class TestTheCapacity:
    def test_holds_below_the_services(self, make: Make, work: Working, course: Event) -> None:
        """Whatever code opens one offer too many, the database refuses its claim."""
        panel.offered(make, course, "oor")
        with pytest.raises(IntegrityError, match="ck_event_seats_fit"), work() as opened:
            event = opened.session.get_one(Event, course.id)
            application_id = opened.session.scalars(
                select(Decision.application_id).where(Decision.outcome == DecisionOutcome.RESERVE)
            ).one()
            person_id = opened.session.scalars(select(Offer.person_id).order_by(Offer.id).limit(1)).one()
            extra = Offer(
                event_id=event.id,
                person_id=person_id,
                application_id=application_id,
                offered_at=opened.now,
                expires_at=opened.now + timedelta(days=1),
            )
            opened.session.add(extra)
            opened.session.flush()
            opened.session.add(Claim(event_id=event.id, offer_id=extra.id, seats=1))

    def test_an_application_has_one_open_offer(self, make: Make, work: Working, course: Event) -> None:
        offer = panel.offered(make, course)[0]
        with pytest.raises(IntegrityError, match="uq_offer_open"), work() as opened:
            opened.session.add(
                Offer(
                    event_id=course.id,
                    person_id=offer.person_id,
                    application_id=offer.application_id,
                    offered_at=opened.now,
                    expires_at=opened.now + timedelta(days=1),
                )
            )


class TestWhatPeopleNeed:
    def arrange(self, work: Working, offer: Offer, access: str = "A ramp") -> None:
        with work(Actor(offer.person_id, via="link")) as opened:
            offers.arrange(
                opened,
                public_id=offer.public_id,
                access=access,
                diet=Diet(allergens=["milk"]),
                emergency_contact="",
                travel="",
            )

    def test_is_kept_with_the_booking(self, make: Make, work: Working, reading: Reads, course: Event) -> None:
        offer = panel.offered(make, course)[0]
        booked = panel.accept(make, offer)
        self.arrange(work, offer)
        self.arrange(work, offer, "A ramp and a loop")
        with reading() as read:
            kept = read.session.scalars(select(Arrangement)).one()
        assert (kept.booking_id, kept.access, kept.travel) == (booked.id, "A ramp and a loop", None)

    def test_is_asked_after_accepting_and_of_the_person_alone(self, make: Make, work: Working, course: Event) -> None:
        offer = panel.offered(make, course)[0]
        with pytest.raises(Refusal, match="Accept"):
            self.arrange(work, offer)
        panel.accept(make, offer)
        with pytest.raises(NotFound), work(make.actor(make.admin())) as opened:
            offers.arrange(opened, public_id=offer.public_id, access="x", diet=Diet(), emergency_contact="", travel="")


def test_the_days_of_an_offer_are_those_of_the_course(make: Make, work: Working, clock: FixedClock) -> None:
    course = panel.course(make)
    with work() as opened:
        opened.session.get_one(Cohort, course.id).offer_days = 3
    offer = panel.offered(make, course)[0]
    assert offer.expires_at == panel.at(2026, 3, 5, 23, 59)


def test_a_booking_of_staff_leaves_fewer_places(make: Make, work: Working, course: Event, app: Flask) -> None:
    """What is claimed already counts when the chair chooses."""
    other = make.account("Somebody")
    with work() as opened:
        held = Booking(
            event_id=course.id, person_id=other.id, party_size=1, state=BookingState.LIVE, booked_at=opened.now
        )
        opened.session.add(held)
        opened.session.flush()
        opened.session.add(Claim(event_id=course.id, booking_id=held.id, seats=1))
    panel.applications(make, course, 2)
    with pytest.raises(Refusal, match="only 1 can"):
        panel.decide(make, panel.chair(make), course, "oo")
