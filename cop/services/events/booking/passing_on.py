"""A booking that passes from one person to another."""

from sqlalchemy import update

from cop.core.work import Work
from cop.models.accounts import Person
from cop.models.events import Booking, BookingSource, Claim, EntryStatus, Event
from cop.queries.accounts import standing_of
from cop.services.events.booking.changing import end_booking
from cop.services.events.booking.making import new_booking, refuse_second
from cop.services.events.booking.parties import Party, add_seats
from cop.services.events.booking.places import add_entries, entries_of
from cop.services.events.locking import lock_parts


def pass_on(work: Work, event: Event, booking: Booking, *, to: Person) -> Booking:
    """End one person's booking and book the same for another: what it claimed passes over, so no place is free for a
    moment between. What the first has told us about access and food is forgotten.

    The event and the booking are locked; telling both is the caller's business.
    """
    refuse_second(work, event, to, BookingSource.STAFF)
    entries = entries_of(work, booking)
    held = [entry.part_id for entry in entries if entry.status is EntryStatus.CONFIRMED]
    party = Party(booking.party_size)
    passed = new_booking(work, event, to, party, booking.source, standing_of(work, to.id))
    claims = update(Claim).where(Claim.booking_id == booking.id, Claim.released_at.is_(None))
    work.session.execute(claims.values(booking_id=passed.id))
    end_booking(work, booking, entries)
    add_seats(work, passed, party, range(party.size))
    add_entries(work, passed, list(enumerate(lock_parts(work, event.id, held))))
    work.session.flush()
    return passed
