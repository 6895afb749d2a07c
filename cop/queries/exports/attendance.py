"""Rows of the attendance export: a seat on a part, as the contract defines it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, func, or_, select

from cop.core.work import Reading
from cop.models.accounts import Person
from cop.models.events import (
    Attendance,
    Booking,
    BookingState,
    Entry,
    EntryStatus,
    Event,
    EventKind,
    Mark,
    MarkSource,
    Part,
    Seat,
)
from cop.models.organisations import Organisation
from cop.queries.exports import Who, of_organisation, streamed


@dataclass(frozen=True)
class AttendanceRow(Who):
    """A seat on a part; ``mark`` is None where nobody said whether it was there."""

    event: str
    event_kind: EventKind
    session: str | None
    session_starts_at: datetime | None
    booking_state: BookingState
    mark: Attendance | None
    minutes: int | None
    source: MarkSource | None
    recorded_at: datetime | None


def attendance_rows(read: Reading, *, programme_id: int) -> Iterator[AttendanceRow]:
    """Rows by event, part, booking and seat."""
    for row in streamed(read, _attendance(programme_id)):
        yield AttendanceRow(**row)


def _attendance(programme_id: int) -> Select[*tuple[Any, ...]]:
    """A row for each seat and part that its booking holds, held when it was cancelled, or that it is marked on.

    What was given up before, by a move or for fewer parts, counts no more. A booking without parts has one row.
    """
    held_at_the_end = and_(Booking.state == BookingState.CANCELLED, Entry.changed_at >= Booking.cancelled_at)
    held = (
        select(Seat.id.label("seat_id"), Entry.part_id)
        .join(Booking, Booking.id == Seat.booking_id)
        .join(Entry, Entry.booking_id == Booking.id)
        .where(or_(Entry.status == EntryStatus.CONFIRMED, held_at_the_end))
    )
    marked = select(Mark.seat_id, Mark.part_id).where(Mark.superseded_at.is_(None))
    on = held.union(marked).subquery("on_part")
    return (
        select(
            Event.slug.label("event"),
            Event.kind.label("event_kind"),
            Part.title.label("session"),
            Part.starts_at.label("session_starts_at"),
            Seat.person_id.label("person_id"),
            Person.public_id.label("public_id"),
            func.coalesce(Seat.name, Person.name).label("name"),
            Person.email.label("email"),
            *of_organisation(),
            Booking.membership,
            Booking.newer_member,
            Booking.sector,
            Booking.state.label("booking_state"),
            Mark.status.label("mark"),
            Mark.minutes,
            Mark.source,
            Mark.recorded_at,
        )
        .select_from(Event)
        .join(Booking, Booking.event_id == Event.id)
        .join(Seat, Seat.booking_id == Booking.id)
        .outerjoin(on, on.c.seat_id == Seat.id)
        .outerjoin(Part, Part.id == on.c.part_id)
        .outerjoin(Mark, and_(Mark.part_id == Part.id, Mark.seat_id == Seat.id, Mark.superseded_at.is_(None)))
        .outerjoin(Person, Person.id == Seat.person_id)
        .outerjoin(Organisation, Organisation.id == Booking.organisation_id)
        .where(Event.programme_id == programme_id)
        .order_by(Event.slug, Part.starts_at, Part.id, Booking.id, Seat.position)
    )
