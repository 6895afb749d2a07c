"""Reads about offers of places: what a mailed link stands for, and the way to one's own."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import joinedload

from cop.core import secrecy
from cop.core.errors import NotFound
from cop.core.work import Reading
from cop.models.events import Arrangement, Booking, BookingState, Claim, Event, Part, PartState
from cop.models.offers import Offer, OfferState


@cache
def _with_all() -> Select[Offer]:
    return select(Offer).options(
        joinedload(Offer.event).selectinload(Event.parts),
        joinedload(Offer.person),
        joinedload(Offer.application),
        joinedload(Offer.waiting),
    )


def offer_of_link(read: Reading, *, token: str) -> Offer:
    """The offer with its event, half-days and person that a link stands for; NotFound once the link was revoked."""
    signed = secrecy.read_signed("offer", token)
    if signed is None:
        raise NotFound
    values = {"public_id": signed[0], "generation": signed[1]}
    wanted = _with_all().where(Offer.public_id == bindparam("public_id"), Offer.generation == bindparam("generation"))
    found = read.session.scalars(wanted, values).one_or_none()
    if found is None:
        raise NotFound
    return found


def offer_by_id(read: Reading, offer_id: int) -> Offer:
    """An offer with all that a mail about it shows; the caller has checked who asks."""
    found = read.session.scalars(_with_all().where(Offer.id == offer_id)).one_or_none()
    if found is None:
        raise NotFound
    return found


def link_token(offer: Offer) -> str:
    """What stands for the offer in the address of its page."""
    return secrecy.sign("offer", offer.public_id, offer.generation)


def is_open(read: Reading, offer: Offer) -> bool:
    """Whether it can still be answered, whether or not the job that lets offers lapse has come by."""
    return offer.is_open(read.now)


def parts_of(read: Reading, offer: Offer) -> Sequence[Part]:
    """What an offer is about, in order of time: what it holds, or held last."""
    if offer.waiting_id is None:
        return [part for part in offer.event.parts if part.state is PartState.PLANNED]
    booked = booking_of_offer(read, offer)
    holder = Claim.offer_id == offer.id if booked is None else Claim.booking_id == booked.id
    held = select(Part).where(Part.id.in_(select(Claim.part_id).where(holder)))
    return read.session.scalars(held.order_by(Part.starts_at, Part.id)).all()


def booking_of_offer(read: Reading, offer: Offer) -> Booking | None:
    """The live booking that an accepted offer became; None where the place was given back."""
    held = select(Booking).where(
        Booking.event_id == offer.event_id, Booking.person_id == offer.person_id, Booking.state == BookingState.LIVE
    )
    return read.session.scalars(held).one_or_none() if offer.state is OfferState.ACCEPTED else None


@dataclass(frozen=True)
class Told:
    """What somebody told us for a booking, by the names of the form's fields."""

    access: str
    ways: Sequence[str]
    allergens: Sequence[str]
    food: str
    emergency_contact: str
    travel: str
    saved_at: datetime


def arrangements_of(read: Reading, *, booking_id: int) -> Told | None:
    """What was told for a booking; the caller has checked who asks."""
    found = read.session.get(Arrangement, booking_id)
    if found is None:
        return None
    diet = json.loads(found.diet) if found.diet else {}
    return Told(
        access=found.access or "",
        ways=diet.get("ways", ()),
        allergens=diet.get("allergens", ()),
        food=diet.get("other", ""),
        emergency_contact=found.emergency_contact or "",
        travel=found.travel or "",
        saved_at=found.saved_at,
    )
