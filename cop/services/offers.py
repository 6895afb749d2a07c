"""Answers to offers, from a waiting list or of a course: accepted, declined, or let go by.

The event is locked first, always: offers and bookings of an event follow one another, and the database's own check of
the capacity stands behind them.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, exists, func, or_, select, update

from cop.core.errors import NotFound, Refusal, marked
from cop.core.work import Work
from cop.models.accounts import Person
from cop.models.events import Booking, BookingState, Claim, Event, EventKind, EventState, Part
from cop.models.offers import Offer, OfferState
from cop.models.outbox import OFFER_LETTER, Outbox, OutboxChannel, OutboxClass, OutboxState
from cop.models.summits import Answer, Invitation
from cop.models.waiting import Waiting, WaitingPart, WaitingState
from cop.services import outbox
from cop.services.events.booking import (
    ANSWER_BEFORE,
    LETTER_KEY,
    advance,
    answer_by,
    book_offered,
    end_entry,
    end_offer,
    enlarge_by_offer,
    latest_answer,
)
from cop.services.events.locking import lock_event


def accept(work: Work, *, public_id: str) -> Booking:
    """Turn the acting person's offer into a booking. Accepting again changes nothing."""
    event, offer = own_offer(work, public_id)
    if offer.state is OfferState.ACCEPTED:
        return booking_of(work, offer)
    _refuse_ended(work, event, offer)
    if offer.waiting_id is None:
        return book_offered(work, event, offer)
    return _accept_in_line(work, event, offer, _entry_of(work, offer))


def _accept_in_line(work: Work, event: Event, offer: Offer, entry: Waiting) -> Booking:
    """A party that took fewer places than it wants keeps its place in the line for the rest, at the same time."""
    live = _live_booking(work, offer)
    booked = book_offered(work, event, offer) if live is None else enlarge_by_offer(work, live, offer)
    entry.party_size -= offer.party_size
    if entry.party_size > 0:
        entry.state = WaitingState.WAITING
        taken = select(Claim.part_id).where(Claim.booking_id == booked.id, Claim.part_id.is_not(None))
        others = delete(WaitingPart).where(WaitingPart.waiting_id == entry.id, WaitingPart.part_id.not_in(taken))
        work.session.execute(others)
    else:
        entry.party_size = offer.party_size
        entry.state, entry.ended_at = WaitingState.BOOKED, work.now
    if event.kind is EventKind.SUMMIT:  # whoever takes a place says yes to the invitation
        invited = update(Invitation).where(Invitation.event_id == event.id, Invitation.person_id == offer.person_id)
        work.session.execute(invited.values(response=Answer.YES, answered_at=work.now))
    work.session.flush()
    advance(work, event)
    return booked


def booking_of(work: Work, offer: Offer) -> Booking:
    """What an accepted offer became."""
    booked = _live_booking(work, offer)
    if booked is None:
        raise Refusal(marked("You accepted this offer and gave the place back later"))
    return booked


def _live_booking(work: Work, offer: Offer) -> Booking | None:
    held = select(Booking).where(
        Booking.event_id == offer.event_id, Booking.person_id == offer.person_id, Booking.state == BookingState.LIVE
    )
    return work.session.scalars(held).one_or_none()


def decline(work: Work, *, public_id: str) -> Offer:
    """Give the places that were held back, at once, and leave the waiting list. Declining again changes nothing."""
    event, offer = own_offer(work, public_id)
    if offer.state is not OfferState.DECLINED:
        _refuse_ended(work, event, offer)
        _end(work, event, offer, OfferState.DECLINED)
    return offer


def lapse(work: Work, *, offer_id: int) -> bool:
    """End an open offer whose time is over and tell the person; False where it has ended or has time still."""
    if work.actor.via != "system":
        raise NotFound
    event_id = work.session.scalar(select(Offer.event_id).where(Offer.id == offer_id))
    if event_id is None:
        raise NotFound
    event = lock_event(work, event_id)
    due = select(Offer.id).where(Offer.id == offer_id, is_over(work.now))
    if work.session.scalar(due) is None:
        return False
    offer = _locked(work, Offer.id == offer_id)
    _end(work, event, offer, OfferState.LAPSED)
    tell(work, offer, "offer_lapsed" if offer.waiting_id is None else "place_offer_lapsed")
    return True


def is_over(now: datetime) -> ColumnElement[bool]:
    """Open offers whose time has passed; those that nobody was told of yet end when their part is near."""
    letter = exists().where(
        Outbox.key == func.concat(LETTER_KEY, Offer.id),
        Outbox.channel == OutboxChannel.EMAIL,
        Outbox.state.in_([OutboxState.PENDING, OutboxState.LEASED, OutboxState.DEAD]),
    )
    near = (
        exists()
        .where(Claim.offer_id == Offer.id, Claim.released_at.is_(None))
        .where(Part.id == Claim.part_id, Part.starts_at <= now + ANSWER_BEFORE)
    )
    untold = or_(Offer.expires_at.is_(None), letter)
    return and_(Offer.state == OfferState.OPEN, or_(and_(Offer.expires_at <= now, ~letter), and_(untold, near)))


def _end(work: Work, event: Event, offer: Offer, state: OfferState) -> None:
    end_offer(work, offer, state)
    if offer.waiting_id is not None:
        lapsed = state is OfferState.LAPSED
        end_entry(work, _entry_of(work, offer), WaitingState.LAPSED if lapsed else WaitingState.LEFT)
        advance(work, event)


def remind(work: Work, *, offer_id: int) -> None:
    """Promise a reminder of an open offer; it is useless once the offer has ended."""
    offer = work.session.get_one(Offer, offer_id)
    if offer.is_open(work.now):
        tell(work, offer, "offer_reminder" if offer.waiting_id is None else "place_offer_reminder")


def lock_before_letter(work: Work, *, outbox_id: int) -> None:
    """Lock what a letter offers, and its event, for whoever is about to lock the letter itself, which comes last."""
    offered = select(Outbox.params["offer_id"].as_integer())
    offer_id = work.session.scalar(offered.where(Outbox.id == outbox_id, Outbox.template == OFFER_LETTER))
    if offer_id is not None:
        _locked_with_event(work, offer_id)


def start_clock(work: Work, *, offer_id: int) -> None:
    """Staff have told somebody of their offer whom no mail reaches: the time to answer begins, and begins anew."""
    event, offer = _locked_with_event(work, offer_id)
    if offer.state is OfferState.OPEN:
        offer.expires_at = answer_by(work, event, _held_parts(work, offer))
        work.session.flush()


def stop_clock(work: Work, *, offer_id: int) -> datetime | None:
    """The message of an offer did not arrive: its time stands still until staff have told the person, and until when
    that is of use; None where the offer has ended.
    """
    _event, offer = _locked_with_event(work, offer_id)
    if offer.state is not OfferState.OPEN:
        return None
    offer.expires_at = None
    work.session.flush()
    return latest_answer(_held_parts(work, offer))


def _held_parts(work: Work, offer: Offer) -> Sequence[Part]:
    held = select(Part).join(Claim, Claim.part_id == Part.id)
    return work.session.scalars(held.where(Claim.offer_id == offer.id, Claim.released_at.is_(None))).all()


def tell(work: Work, offer: Offer, template: str, **params: Any) -> None:
    """Promise a message about an offer, once for each kind; about an open one it is useless when that ends."""
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


def own_offer(work: Work, public_id: str) -> tuple[Event, Offer]:
    """The acting person's offer and its event, both locked."""
    event_id = work.session.scalar(select(Offer.event_id).where(Offer.public_id == public_id))
    if event_id is None:
        raise NotFound
    event = lock_event(work, event_id)
    offer = _locked(work, Offer.public_id == public_id)
    if offer.person_id != work.actor.person_id:
        raise NotFound
    return event, offer


def _locked_with_event(work: Work, offer_id: int) -> tuple[Event, Offer]:
    event_id = work.session.scalar(select(Offer.event_id).where(Offer.id == offer_id))
    return lock_event(work, event_id or 0), _locked(work, Offer.id == offer_id)


def _locked(work: Work, which: ColumnElement[bool]) -> Offer:
    found = select(Offer).where(which).with_for_update()
    return work.session.scalars(found.execution_options(populate_existing=True)).one()


def _entry_of(work: Work, offer: Offer) -> Waiting:
    found = select(Waiting).where(Waiting.id == offer.waiting_id).with_for_update()
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
