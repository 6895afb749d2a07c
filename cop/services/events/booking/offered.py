"""Offers of a course, and the booking that an offer becomes."""

from datetime import datetime

from sqlalchemy import select, update

from cop.core.errors import Refusal, marked
from cop.core.work import Work
from cop.models.accounts import Person
from cop.models.events import Booking, BookingSource, Claim, Event
from cop.models.offers import Offer, OfferState
from cop.queries.accounts import standing_of
from cop.services.events.booking.holding import end_offer, hold
from cop.services.events.booking.making import new_booking, refuse_second, settle
from cop.services.events.booking.parties import Party, add_seats
from cop.services.events.booking.places import chosen_parts, refuse_if_full
from cop.services.events.booking.shared import tell
from cop.services.events.locking import lock_parts


def hold_course(work: Work, event: Event, *, person_id: int, application_id: int, expires_at: datetime) -> Offer:
    """Offer one place in the event and all its parts; the event is locked. Refused where no place is left."""
    parts = chosen_parts(work, event, ())
    refuse_if_full(event, parts, 1)
    return hold(work, event, parts, person_id=person_id, seats=1, expires_at=expires_at, application_id=application_id)


def book_offered(work: Work, event: Event, offer: Offer) -> Booking:
    """Turn an open offer into a booking: what it claimed passes over, so no place is free for a moment between.

    The event is locked, and the caller has checked the offer.
    """
    person = work.session.get_one(Person, offer.person_id)
    refuse_second(work, event, person, BookingSource.OFFER)
    party = Party(offer.party_size)
    booking = new_booking(work, event, person, party, BookingSource.OFFER, standing_of(work, person.id))
    held = update(Claim).where(Claim.offer_id == offer.id, Claim.released_at.is_(None))
    work.session.execute(held.values(offer_id=None, booking_id=booking.id))
    settle(work, booking, party, lock_parts(work, event.id, _claimed_parts(work, booking)))
    offer.state, offer.ended_at = OfferState.ACCEPTED, work.now
    work.session.flush()
    return booking


def enlarge_by_offer(work: Work, booking: Booking, offer: Offer) -> Booking:
    """Add the places of an open offer to the booking of a party that was split; refused where it moved elsewhere.

    The event is locked, and the caller has checked the offer.
    """
    held = select(Claim.part_id).where(
        Claim.offer_id == offer.id, Claim.released_at.is_(None), Claim.part_id.is_not(None)
    )
    if set(work.session.scalars(held)) != set(_claimed_parts(work, booking)):
        raise Refusal(marked("You have booked another time. These places belong to the time that you waited for."))
    end_offer(work, offer, OfferState.ACCEPTED)
    claimed = update(Claim).where(Claim.booking_id == booking.id, Claim.released_at.is_(None))
    work.session.execute(claimed.values(seats=Claim.seats + offer.party_size))
    before, booking.party_size = booking.party_size, booking.party_size + offer.party_size
    add_seats(work, booking, Party(booking.party_size), range(before, booking.party_size))
    work.session.flush()
    tell(work, booking, "booking_changed", key=f"booking-enlarged:{booking.id}:{offer.id}")
    return booking


def _claimed_parts(work: Work, booking: Booking) -> list[int]:
    claimed = select(Claim.part_id).where(Claim.booking_id == booking.id, Claim.released_at.is_(None))
    return [part_id for part_id in work.session.scalars(claimed) if part_id is not None]
