"""Rows of the export of bookings: one for each, whatever became of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from cop.core.work import Reading
from cop.models.accounts import Person
from cop.models.events import Booking, BookingSource, BookingState, Entry, EntryStatus, Event, EventKind, Part
from cop.models.organisations import Organisation
from cop.models.summits import Answer, Invitation
from cop.queries.exports import Who, streamed, who
from cop.queries.walk_ins import NOT_TAKEN_BACK


@dataclass(frozen=True)
class BookingRow(Who):
    """``sessions`` are the titles of the parts that it holds, or held when it was cancelled."""

    event: str
    event_kind: EventKind
    booking_id: int
    booking_word: str
    party_size: int
    state: BookingState
    source: BookingSource
    sessions: Sequence[str] | None
    booked_at: datetime
    cancelled_at: datetime | None
    invited_at: datetime | None
    invitation: Answer | None


def booking_rows(read: Reading, *, programme_id: int) -> Iterator[BookingRow]:
    """Rows by event and in the order of booking."""
    for row in streamed(read, _bookings(programme_id)):
        yield BookingRow(**row)


def _bookings(programme_id: int) -> Select[*tuple[Any, ...]]:
    held_at_the_end = and_(Booking.state == BookingState.CANCELLED, Entry.changed_at >= Booking.cancelled_at)
    sessions = (
        select(func.array_agg(aggregate_order_by(Part.title, Part.starts_at, Part.id)))
        .select_from(Entry)
        .join(Part, Part.id == Entry.part_id)
        .where(Entry.booking_id == Booking.id, or_(Entry.status == EntryStatus.CONFIRMED, held_at_the_end))
        .correlate(Booking)
        .scalar_subquery()
    )
    return (
        select(
            Event.slug.label("event"),
            Event.kind.label("event_kind"),
            *who(Booking),
            Booking.id.label("booking_id"),
            Booking.public_id.label("booking_word"),
            Booking.party_size,
            Booking.state,
            Booking.source,
            sessions.label("sessions"),
            Booking.booked_at,
            Booking.cancelled_at,
            Invitation.invited_at,
            Invitation.response.label("invitation"),
        )
        .select_from(Event)
        .join(Booking, Booking.event_id == Event.id)
        .join(Person, Person.id == Booking.person_id)
        .outerjoin(Organisation, Organisation.id == Booking.organisation_id)
        .outerjoin(Invitation, and_(Invitation.event_id == Booking.event_id, Invitation.person_id == Booking.person_id))
        .where(Event.programme_id == programme_id, NOT_TAKEN_BACK)
        .order_by(Event.slug, Booking.id)
    )
