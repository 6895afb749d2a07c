"""Places held by an offer, and the booking that it becomes."""

from sqlalchemy import select, update

from cop.core.work import Work
from cop.models.accounts import Person
from cop.models.events import Booking, BookingSource, Claim, Event
from cop.services.events.booking.making import new_booking, refuse_second, settle
from cop.services.events.booking.parties import Party
from cop.services.events.booking.places import chosen_parts, claim, refuse_if_full
from cop.services.events.locking import lock_parts


def hold_for_offer(work: Work, event: Event, *, offer_id: int, seats: int) -> None:
    """Claim the event and all its parts for an offer; the event is locked. Refused where no place is left."""
    parts = chosen_parts(work, event, ())
    refuse_if_full(event, parts, seats)
    claim(work, event, parts, seats, offer_id=offer_id)


def release_offer(work: Work, *, offer_id: int) -> None:
    """Give back what an offer held; the event is locked."""
    held = update(Claim).where(Claim.offer_id == offer_id, Claim.released_at.is_(None))
    work.session.execute(held.values(released_at=work.now))


def book_offered(work: Work, event: Event, *, offer_id: int, person: Person, seats: int) -> Booking:
    """Turn an open offer into a booking: what it claimed passes over, so no place is free for a moment between.

    The event is locked, and the caller has checked the offer.
    """
    refuse_second(work, event, person, BookingSource.OFFER)
    booking = new_booking(work, event, person, Party(seats), BookingSource.OFFER)
    held = update(Claim).where(Claim.offer_id == offer_id, Claim.released_at.is_(None))
    work.session.execute(held.values(offer_id=None, booking_id=booking.id))
    claimed = select(Claim.part_id).where(Claim.booking_id == booking.id, Claim.part_id.is_not(None))
    parts = lock_parts(work, event.id, [part_id for part_id in work.session.scalars(claimed) if part_id is not None])
    settle(work, booking, Party(seats), parts)
    return booking
