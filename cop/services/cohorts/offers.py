"""Offers of places: made at the release or when a reserve moves up, answered by the person, ended by time or staff.

The event is locked first, always: offers and bookings of a course follow one another, and the database's own check of
the capacity stands behind them.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select

from cop.core.errors import NotFound, Refusal, marked
from cop.core.place import day_of, last_minute_of
from cop.core.work import Work
from cop.models.accounts import Person
from cop.models.cohorts import Application, Cohort, Decision, DecisionOutcome
from cop.models.events import Booking, BookingState, Event, EventState, Part, PartState
from cop.models.offers import Offer, OfferState
from cop.models.outbox import OutboxClass
from cop.services import outbox
from cop.services.cohorts.panel import acting_person, application_to_judge, course_of_chair
from cop.services.events import booking
from cop.services.events.arrangements import Diet, save_arrangements
from cop.services.events.locking import lock_event

CHOSEN_ELSEWHERE = marked(
    "Somebody else changed the choice a moment ago. Nothing was saved: look at the list, then choose again."
)


def deadline(work: Work, cohort: Cohort) -> datetime:
    """When an offer made now ends: at the end of its last day, and at the latest when the course begins."""
    last_day = day_of(work.now) + timedelta(days=cohort.offer_days)
    first = select(func.min(Part.starts_at)).where(Part.event_id == cohort.event_id, Part.state == PartState.PLANNED)
    begins = work.session.scalar(first)
    if begins is None or begins <= work.now:
        raise Refusal(marked("The course has begun, so no place can be offered"))
    return min(last_minute_of(last_day), begins)


def open_offer(work: Work, event: Event, application: Application, *, expires_at: datetime) -> Offer:
    """Hold a place for somebody and tell them; the event is locked, and the caller has checked who asks."""
    offer = Offer(
        event_id=event.id,
        person_id=application.person_id,
        application_id=application.id,
        state=OfferState.OPEN,
        offered_at=work.now,
        offered_by=work.actor.person_id,
        expires_at=expires_at,
    )
    work.session.add(offer)
    work.session.flush()
    booking.hold_for_offer(work, event, offer_id=offer.id, seats=offer.party_size)
    _tell(work, offer, "offer_made")
    return offer


def _tell(work: Work, offer: Offer, template: str, **params: Any) -> None:
    outbox.post(
        work,
        key=f"{template.replace('_', '-')}:{offer.id}",
        to=work.session.get_one(Person, offer.person_id),
        template=template,
        urgency=OutboxClass.TIMELY,
        useless_after=offer.expires_at if offer.state is OfferState.OPEN else None,
        offer_id=offer.id,
        **params,
    )


def move_up(work: Work, *, cohort_id: int, number: int, seen: int) -> Offer:
    """Offer a place that became free to one of the reserves; nobody else can be offered one after the release."""
    event, cohort = course_of_chair(work, cohort_id)
    if cohort.released_at is None:
        raise Refusal(marked("Release the decisions first"))
    if cohort.choice_revision != seen:
        raise Refusal(CHOSEN_ELSEWHERE)
    application = application_to_judge(work, cohort_id, number)
    decision = work.session.get(Decision, application.id, populate_existing=True)
    if decision is None or decision.outcome is not DecisionOutcome.RESERVE:
        raise Refusal(marked("Application %(number)s is not on the reserve list"), number=number)
    if event.state is not EventState.PUBLISHED:
        raise Refusal(marked("The course is not published, so no place can be offered"))
    if event.capacity is not None and event.seats_taken >= event.capacity:
        raise Refusal(marked("No place is free at present, so nobody can be moved up"))
    decision.outcome, decision.reserve_rank = DecisionOutcome.OFFER, None
    decision.decided_by, decision.decided_at = acting_person(work), work.now
    cohort.choice_revision += 1
    return open_offer(work, event, application, expires_at=deadline(work, cohort))


def withdraw_offer(work: Work, *, cohort_id: int, number: int, reason: str) -> Offer:
    """Take an open offer back and tell the person why; the place is free at once."""
    course_of_chair(work, cohort_id)
    application = application_to_judge(work, cohort_id, number)
    offer = _open_offer_of(work, application.id)
    if offer is None:
        raise Refusal(marked("There is no open offer for application %(number)s any more"), number=number)
    _end(work, offer, OfferState.WITHDRAWN)
    decision = work.session.get_one(Decision, application.id)
    decision.reason = reason
    _tell(work, offer, "offer_withdrawn", reason=reason)
    return offer


def _open_offer_of(work: Work, application_id: int) -> Offer | None:
    found = select(Offer).where(Offer.application_id == application_id, Offer.state == OfferState.OPEN)
    return work.session.scalars(found.with_for_update().execution_options(populate_existing=True)).one_or_none()


def accept(work: Work, *, public_id: str) -> Booking:
    """Turn the acting person's offer into a booking of all half-days. Accepting again changes nothing."""
    event, offer = _own_offer(work, public_id)
    if offer.state is OfferState.ACCEPTED:
        return _booking_of(work, offer)
    _refuse_ended(work, event, offer)
    person = work.session.get_one(Person, offer.person_id)
    booked = booking.book_offered(work, event, offer_id=offer.id, person=person, seats=offer.party_size)
    offer.state, offer.ended_at = OfferState.ACCEPTED, work.now
    work.session.flush()
    return booked


def _booking_of(work: Work, offer: Offer) -> Booking:
    """What an accepted offer became."""
    held = select(Booking).where(
        Booking.event_id == offer.event_id, Booking.person_id == offer.person_id, Booking.state == BookingState.LIVE
    )
    booked = work.session.scalars(held).one_or_none()
    if booked is None:
        raise Refusal(marked("You accepted this offer and gave the place back later"))
    return booked


def arrange(work: Work, *, public_id: str, access: str, diet: Diet, emergency_contact: str, travel: str) -> None:
    """Keep what the acting person needs for the place that they accepted, instead of what they said before."""
    _event, offer = _own_offer(work, public_id)
    if offer.state is not OfferState.ACCEPTED:
        raise Refusal(marked("Accept the offer first"))
    booked = _booking_of(work, offer)
    save_arrangements(
        work, booking_id=booked.id, access=access, diet=diet, emergency_contact=emergency_contact, travel=travel
    )


def decline(work: Work, *, public_id: str) -> Offer:
    """Give the place that was held back, at once. Declining again changes nothing."""
    event, offer = _own_offer(work, public_id)
    if offer.state is not OfferState.DECLINED:
        _refuse_ended(work, event, offer)
        _end(work, offer, OfferState.DECLINED)
    return offer


def lapse(work: Work, *, offer_id: int) -> bool:
    """End an open offer whose time is over and tell the person; False where it has ended or has time still."""
    if work.actor.via != "system":
        raise NotFound
    event_id = work.session.scalar(select(Offer.event_id).where(Offer.id == offer_id))
    if event_id is None:
        raise NotFound
    lock_event(work, event_id)
    offer = _locked(work, Offer.id == offer_id)
    if offer.state is not OfferState.OPEN or offer.is_open(work.now):
        return False
    _end(work, offer, OfferState.LAPSED)
    _tell(work, offer, "offer_lapsed")
    return True


def remind(work: Work, *, offer_id: int) -> None:
    """Promise a reminder of an open offer; it is useless once the offer has ended."""
    offer = work.session.get_one(Offer, offer_id)
    if offer.state is OfferState.OPEN:
        _tell(work, offer, "offer_reminder")


def _own_offer(work: Work, public_id: str) -> tuple[Event, Offer]:
    event_id = work.session.scalar(select(Offer.event_id).where(Offer.public_id == public_id))
    if event_id is None:
        raise NotFound
    event = lock_event(work, event_id)
    offer = _locked(work, Offer.public_id == public_id)
    if offer.person_id != work.actor.person_id:
        raise NotFound
    return event, offer


def _locked(work: Work, which: ColumnElement[bool]) -> Offer:
    found = select(Offer).where(which).with_for_update()
    return work.session.scalars(found.execution_options(populate_existing=True)).one()


def _refuse_ended(work: Work, event: Event, offer: Offer) -> None:
    """The plain reasons for which an offer cannot be answered any more."""
    if offer.state is OfferState.ACCEPTED:
        raise Refusal(marked("You have accepted this offer. To give the place back, cancel your booking."))
    if offer.state is OfferState.DECLINED:
        raise Refusal(marked("You have declined this offer, and the place may be somebody else’s by now"))
    if offer.state is OfferState.WITHDRAWN:
        raise Refusal(marked("This offer was taken back"))
    if not offer.is_open(work.now):
        raise Refusal(marked("The time to answer this offer is over"))
    if event.state is not EventState.PUBLISHED:
        raise Refusal(marked("“%(title)s” has been cancelled"), title=event.title)


def _end(work: Work, offer: Offer, state: OfferState) -> None:
    """The event is locked; what the offer held is free for others at once."""
    booking.release_offer(work, offer_id=offer.id)
    offer.state, offer.ended_at = state, work.now
    work.session.flush()
