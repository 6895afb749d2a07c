"""Reads about meet-ups, for the alumni who see them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, or_, select

from cop.core.access import EVENT_STAFF
from cop.core.work import Reading
from cop.models.events import Booking, BookingState, Entry, EntryStatus, Event, EventKind, EventState, Part, PartState
from cop.models.programmes import Programme
from cop.queries.circles import circles
from cop.queries.staff_events import granted


@dataclass(frozen=True)
class Listed:
    """A meet-up that goes on: its next date, how many there are to come, and to how many of them the actor does."""

    slug: str
    title: str
    summary: str
    programme: str
    starts_at: datetime
    ends_at: datetime
    dates: int
    held: int


def listed(read: Reading, *, offset: int = 0, limit: int = 20) -> Sequence[Listed]:
    """Those of the actor's programmes with a date to come, by the next one; ``limit`` + 1 of them."""
    coming = and_(Part.event_id == Event.id, Part.state == PartState.PLANNED, Part.ends_at > read.now)
    mine = and_(Entry.part_id == Part.id, Entry.status == EntryStatus.CONFIRMED)
    own = (
        select(func.count(Entry.id))
        .join(Part, Part.id == Entry.part_id)
        .join(Booking, Booking.id == Entry.booking_id)
        .where(coming, mine, Booking.person_id == read.actor.person_id, Booking.state == BookingState.LIVE)
        .scalar_subquery()
    )
    seen = or_(Event.programme_id.in_(circles(read)), granted(read.actor, EVENT_STAFF))
    found = (
        select(
            Event.slug,
            Event.title,
            Event.summary,
            Programme.name.label("programme"),
            func.min(Part.starts_at).label("starts_at"),
            func.min(Part.ends_at).label("ends_at"),
            func.count(Part.id).label("dates"),
            own.label("held"),
        )
        .join(Programme, Programme.id == Event.programme_id)
        .join(Part, coming)
        .where(Event.kind == EventKind.MEET_UP, Event.state == EventState.PUBLISHED, seen)
        .group_by(Event.id, Programme.id)
        .order_by(func.min(Part.starts_at), Event.id)
    )
    return [Listed(**row._asdict()) for row in read.session.execute(found.offset(offset).limit(limit + 1))]


def coming(event: Event, now: datetime) -> Sequence[Part]:
    """The dates that have not begun; the event has its parts loaded."""
    return [part for part in event.parts if part.state is PartState.PLANNED and part.starts_at > now]


def held_ids(booking: Booking | None) -> frozenset[int]:
    """The dates that a booking holds, by their ids; its entries are loaded."""
    entries = booking.entries if booking is not None else []
    return frozenset(entry.part_id for entry in entries if entry.status is EntryStatus.CONFIRMED)
