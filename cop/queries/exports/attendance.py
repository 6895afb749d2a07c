"""Rows of the attendance export: a seat on a part, as the contract defines it."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Label,
    Select,
    Subquery,
    Text,
    and_,
    case,
    func,
    literal,
    null,
    or_,
    select,
    true,
    type_coerce,
    union_all,
)

from cop.core.work import Reading
from cop.models.accounts import Person
from cop.models.events import Booking, BookingState, Entry, EntryStatus, Event, Mark, Part, Seat
from cop.models.organisations import Organisation
from cop.models.waiting import Waiting, WaitingPart
from cop.queries.exports import Scope, as_text, rows_of, told
from cop.queries.waiting import LIVE
from cop.queries.walk_ins import NOT_TAKEN_BACK

ORDER = ("place", "waits", "starts_at", "part_id", "n", "m")
"""Columns by which rows are put in order, and which are not shown.

They are numbers and come first: PostgreSQL takes a row apart up to them each time that it compares two.
"""


def attendance_rows(read: Reading, scope: Scope) -> Iterator[Sequence[Any]]:
    """Rows by event, part, booking and seat; those of its waiting list come last of each event.

    The status is the mark, and without one the state of the booking or of the entry of the waiting list.
    """
    return rows_of(read, _attendance(scope))


def _attendance(scope: Scope) -> Select[*tuple[Any, ...]]:
    place = func.row_number().over(order_by=Event.slug).label("place")
    event = select(Event.id, Event.slug, Event.kind, place).where(Event.programme_id == scope.programme_id).subquery()
    both = union_all(seats(event, scope), entries(event, scope)).subquery()
    order = [both.c[name] for name in ORDER]
    shown = [column for column in both.c if column.key not in ORDER]
    # What is sorted is taken apart outside, row by row as it comes: so nobody has to read what only the order needs.
    rows = select(*order, literal(scope.slug).label("programme"), *shown).order_by(*order).subquery()
    return select(*(column for column in rows.c if column.key not in ORDER))


def seats(event: Subquery, scope: Scope, *, among: Select[int] | None = None) -> Select[*tuple[Any, ...]]:
    """A row for each seat and part that its booking holds, held when it was cancelled, or that it is marked on.

    What was given up before, by a move or for fewer parts, counts no more. A booking without parts has one row.
    ``among`` are the ids of the bookings to look at, where not all of them are wanted.
    """
    held_at_the_end = and_(Booking.state == BookingState.CANCELLED, Entry.changed_at >= Booking.cancelled_at)
    held = (
        select(Seat.id.label("seat_id"), Entry.part_id)
        .join(Booking, Booking.id == Seat.booking_id)
        .join(Entry, Entry.booking_id == Booking.id)
        .join(event, event.c.id == Booking.event_id)
        .where(or_(Entry.status == EntryStatus.CONFIRMED, held_at_the_end))
        .where(_is_among(among))
    )
    marked = (
        select(Mark.seat_id, Mark.part_id)
        .join(Part, Part.id == Mark.part_id)
        .join(event, event.c.id == Part.event_id)
        .where(Mark.superseded_at.is_(None))
    )
    if among is not None:
        marked = marked.join(Seat, Seat.id == Mark.seat_id).where(Seat.booking_id.in_(among))
    on = held.union(marked).subquery("on_part")
    ended = case((Booking.state == BookingState.CANCELLED, "cancelled"), else_="booked")
    return (
        select(
            event.c.slug.label("event"),
            as_text(event.c.kind).label("event_kind"),
            Part.title.label("session"),
            as_text(Part.starts_at).label("session_starts_at"),
            *told(Booking, scope, name=func.coalesce(Seat.name, Person.name)),
            func.coalesce(type_coerce(Mark.status, Text), ended).label("status"),
            Mark.minutes.label("minutes"),
            func.coalesce(type_coerce(Mark.source, Text), "none").label("source"),
            as_text(Mark.recorded_at).label("recorded_at"),
            *_order(event, Part.starts_at, Part.id, Booking.id, Seat.position, waits=False),
        )
        .select_from(event)
        .join(Booking, Booking.event_id == event.c.id)
        .join(Seat, Seat.booking_id == Booking.id)
        .outerjoin(on, on.c.seat_id == Seat.id)
        .outerjoin(Part, Part.id == on.c.part_id)
        .outerjoin(Mark, and_(Mark.part_id == Part.id, Mark.seat_id == Seat.id, Mark.superseded_at.is_(None)))
        .outerjoin(Person, Person.id == Seat.person_id)
        .outerjoin(Organisation, Organisation.id == Booking.organisation_id)
        .where(NOT_TAKEN_BACK, _is_among(among))
    )


def _is_among(among: Select[int] | None) -> ColumnElement[bool]:
    return true() if among is None else Booking.id.in_(among)


def entries(event: Subquery, scope: Scope) -> Select[*tuple[Any, ...]]:
    """A row for each party that waits or was offered places, with a part where it waits for exactly one."""
    wanted = (
        select(WaitingPart.waiting_id, func.min(WaitingPart.part_id).label("part_id"))
        .group_by(WaitingPart.waiting_id)
        .having(func.count() == 1)
        .subquery("wanted")
    )
    return (
        select(
            event.c.slug.label("event"),
            as_text(event.c.kind).label("event_kind"),
            Part.title.label("session"),
            as_text(Part.starts_at).label("session_starts_at"),
            *told(Waiting, scope),
            literal("waitlisted").label("status"),
            null().cast(BigInteger).label("minutes"),
            literal("none").label("source"),
            null().cast(Text).label("recorded_at"),
            *_order(event, Part.starts_at, Part.id, Waiting.id, literal(0), waits=True),
        )
        .select_from(event)
        .join(Waiting, Waiting.event_id == event.c.id)
        .join(Person, Person.id == Waiting.person_id)
        .outerjoin(wanted, wanted.c.waiting_id == Waiting.id)
        .outerjoin(Part, Part.id == wanted.c.part_id)
        .outerjoin(Organisation, Organisation.id == Waiting.organisation_id)
        .where(Waiting.state.in_(LIVE))
    )


def _order(
    event: Subquery, starts_at: Any, part_id: Any, first: Any, second: Any, *, waits: bool
) -> tuple[Label[Any], ...]:
    columns = (event.c.place, literal(waits), func.date_part("epoch", starts_at), part_id, first, second)
    return tuple(column.label(name) for name, column in zip(ORDER, columns, strict=True))
