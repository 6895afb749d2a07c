"""Rows of the attendance export: a seat on a part, as the contract defines it."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    Label,
    Select,
    Text,
    and_,
    case,
    func,
    literal,
    null,
    or_,
    select,
    type_coerce,
    union_all,
)

from cop.core.work import Reading
from cop.models.accounts import Person
from cop.models.events import Booking, BookingState, Entry, EntryStatus, Event, Mark, Part, Seat
from cop.models.organisations import Organisation
from cop.models.waiting import Waiting, WaitingPart
from cop.queries.exports import as_text, rows_of
from cop.queries.waiting import LIVE
from cop.queries.walk_ins import NOT_TAKEN_BACK


class AttendanceRow(NamedTuple):
    """A seat on a part, or an entry of a waiting list, in text as the database wrote it.

    ``status`` is the mark, and without one the state of the booking or the entry.
    """

    event: str
    event_kind: str
    session: str | None
    session_starts_at: str | None
    person_id: int | None
    public_id: str | None
    name: str | None
    email: str | None
    organisation_id: int | None
    organisation: str | None
    organisation_kind: str | None
    membership: str | None
    region: str | None
    newer_member: bool | None
    sector: str | None
    status: str
    minutes: int | None
    source: str
    recorded_at: str | None


def attendance_rows(read: Reading, *, programme_id: int) -> Iterator[AttendanceRow]:
    """Rows by event, part, booking and seat; those of its waiting list come last of each event."""
    return map(AttendanceRow._make, rows_of(read, _attendance(programme_id)))


def _attendance(programme_id: int) -> Select[*tuple[Any, ...]]:
    both = union_all(_seats(programme_id), _entries(programme_id)).subquery()
    columns = [both.c[name] for name in AttendanceRow._fields]
    return select(*columns).order_by(both.c.event, both.c.waits, both.c.starts_at, both.c.part_id, both.c.n, both.c.m)


def _seats(programme_id: int) -> Select[*tuple[Any, ...]]:
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
    ended = case((Booking.state == BookingState.CANCELLED, "cancelled"), else_="booked")
    return (
        select(
            Event.slug.label("event"),
            as_text(Event.kind).label("event_kind"),
            Part.title.label("session"),
            as_text(Part.starts_at).label("session_starts_at"),
            Seat.person_id.label("person_id"),
            Person.public_id.label("public_id"),
            func.coalesce(Seat.name, Person.name).label("name"),
            Person.email.label("email"),
            *_standing(Booking),
            func.coalesce(type_coerce(Mark.status, Text), ended).label("status"),
            Mark.minutes.label("minutes"),
            func.coalesce(type_coerce(Mark.source, Text), "none").label("source"),
            as_text(Mark.recorded_at).label("recorded_at"),
            *_order(Part.starts_at, Part.id, Booking.id, Seat.position, waits=False),
        )
        .select_from(Event)
        .join(Booking, Booking.event_id == Event.id)
        .join(Seat, Seat.booking_id == Booking.id)
        .outerjoin(on, on.c.seat_id == Seat.id)
        .outerjoin(Part, Part.id == on.c.part_id)
        .outerjoin(Mark, and_(Mark.part_id == Part.id, Mark.seat_id == Seat.id, Mark.superseded_at.is_(None)))
        .outerjoin(Person, Person.id == Seat.person_id)
        .outerjoin(Organisation, Organisation.id == Booking.organisation_id)
        .where(Event.programme_id == programme_id, NOT_TAKEN_BACK)
    )


def _entries(programme_id: int) -> Select[*tuple[Any, ...]]:
    """A row for each party that waits or was offered places, with a part where it waits for exactly one."""
    wanted = (
        select(WaitingPart.waiting_id, func.min(WaitingPart.part_id).label("part_id"))
        .group_by(WaitingPart.waiting_id)
        .having(func.count() == 1)
        .subquery("wanted")
    )
    return (
        select(
            Event.slug.label("event"),
            as_text(Event.kind).label("event_kind"),
            Part.title.label("session"),
            as_text(Part.starts_at).label("session_starts_at"),
            Person.id.label("person_id"),
            Person.public_id.label("public_id"),
            Person.name.label("name"),
            Person.email.label("email"),
            *_standing(Waiting),
            literal("waitlisted").label("status"),
            null().cast(BigInteger).label("minutes"),
            literal("none").label("source"),
            null().cast(Text).label("recorded_at"),
            *_order(Part.starts_at, Part.id, Waiting.id, literal(0), waits=True),
        )
        .select_from(Event)
        .join(Waiting, Waiting.event_id == Event.id)
        .join(Person, Person.id == Waiting.person_id)
        .outerjoin(wanted, wanted.c.waiting_id == Waiting.id)
        .outerjoin(Part, Part.id == wanted.c.part_id)
        .outerjoin(Organisation, Organisation.id == Waiting.organisation_id)
        .where(Event.programme_id == programme_id, Waiting.state.in_(LIVE))
    )


def _standing(held: type[Booking] | type[Waiting]) -> tuple[Label[Any], ...]:
    return (
        Organisation.id.label("organisation_id"),
        Organisation.name.label("organisation"),
        as_text(Organisation.kind).label("organisation_kind"),
        as_text(held.membership).label("membership"),
        Organisation.region.label("region"),
        held.newer_member.label("newer_member"),
        as_text(held.sector).label("sector"),
    )


def _order(starts_at: Any, part_id: Any, first: Any, second: Any, *, waits: bool) -> tuple[Label[Any], ...]:
    return (
        literal(waits).label("waits"),
        starts_at.label("starts_at"),
        part_id.label("part_id"),
        first.label("n"),
        second.label("m"),
    )
