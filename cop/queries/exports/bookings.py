"""Rows of the export of bookings: one for each, whatever became of it."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Row, Select, Subquery, and_, func, literal, or_, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from cop.core.work import Reading
from cop.models.accounts import Person
from cop.models.events import Booking, BookingState, Entry, EntryStatus, Event, Part
from cop.models.organisations import Organisation
from cop.models.summits import Invitation
from cop.queries.exports import Scope, as_text, rows_of, told
from cop.queries.walk_ins import NOT_TAKEN_BACK


def booking_rows(read: Reading, scope: Scope) -> Iterator[Row[*tuple[Any, ...]]]:
    """Rows by event and in the order of booking."""
    return rows_of(read, bookings(scope).order_by(Event.slug, Booking.id))


def bookings(scope: Scope, *, among: Select[int] | None = None) -> Select[*tuple[Any, ...]]:
    """The rows in no order. ``among`` are the ids of the bookings to look at, where not all of them are wanted."""
    held = _sessions(scope, among)
    found = (
        select(
            literal(scope.slug).label("programme"),
            Event.slug.label("event"),
            as_text(Event.kind).label("event_kind"),
            *told(Booking, scope),
            (Booking.public_id if scope.key is None else Booking.id).label("booking"),
            as_text(Booking.state),
            as_text(Booking.source),
            Booking.party_size,
            held.c.sessions,
            as_text(Booking.booked_at),
            as_text(Booking.cancelled_at),
            as_text(Invitation.invited_at),
            as_text(Invitation.response).label("invitation"),
        )
        .select_from(Event)
        .join(Booking, Booking.event_id == Event.id)
        .join(Person, Person.id == Booking.person_id)
        .outerjoin(Organisation, Organisation.id == Booking.organisation_id)
        .outerjoin(held, held.c.booking_id == Booking.id)
        .outerjoin(Invitation, and_(Invitation.event_id == Booking.event_id, Invitation.person_id == Booking.person_id))
        .where(Event.programme_id == scope.programme_id, NOT_TAKEN_BACK)
    )
    return found if among is None else found.where(Booking.id.in_(among))


def _sessions(scope: Scope, among: Select[int] | None) -> Subquery:
    """Titles of the parts that each booking holds, or held when it was cancelled."""
    held_at_the_end = and_(Booking.state == BookingState.CANCELLED, Entry.changed_at >= Booking.cancelled_at)
    in_order = aggregate_order_by(literal("; "), Part.starts_at, Part.id)
    found = (
        select(Entry.booking_id, func.string_agg(Part.title, in_order).label("sessions"))
        .join(Booking, Booking.id == Entry.booking_id)
        .join(Part, Part.id == Entry.part_id)
        .join(Event, Event.id == Part.event_id)
        .where(Event.programme_id == scope.programme_id)
        .where(or_(Entry.status == EntryStatus.CONFIRMED, held_at_the_end))
        .group_by(Entry.booking_id)
    )
    return (found if among is None else found.where(Entry.booking_id.in_(among))).subquery()
