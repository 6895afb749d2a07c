"""Reads about bookings: one's own, one by its address, and one by the link in a mail."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy import ScalarSelect, Select, Subquery, and_, bindparam, exists, func, or_, select, true
from sqlalchemy.orm import aliased, joinedload, selectinload

from cop.core import secrecy
from cop.core.errors import NotFound
from cop.core.work import Reading
from cop.models.events import (
    Attendance,
    Booking,
    BookingSource,
    BookingState,
    Entry,
    EntryStatus,
    Event,
    EventKind,
    Mark,
    Part,
    Seat,
)
from cop.queries.events import may_run


def live_booking_of(read: Reading, event_id: int) -> Booking | None:
    """The acting person's own live booking of this event."""
    if read.actor.person_id is None:
        return None
    values = {"event_id": event_id, "person_id": read.actor.person_id}
    return read.session.scalars(_live_booking(), values).one_or_none()


@cache
def _live_booking() -> Select[Booking]:
    return select(Booking).where(
        Booking.event_id == bindparam("event_id"),
        Booking.person_id == bindparam("person_id"),
        Booking.state == BookingState.LIVE,
    )


BOOKING_PAGE = (
    joinedload(Booking.event).selectinload(Event.parts).joinedload(Part.day_limit),
    joinedload(Booking.person),
    joinedload(Booking.organisation),
    selectinload(Booking.seats),
    selectinload(Booking.entries).joinedload(Entry.part),
)


@cache
def _booking_with_all() -> Select[Booking]:
    return select(Booking).where(Booking.public_id == bindparam("public_id")).options(*BOOKING_PAGE)


def booking_page(read: Reading, *, public_id: str) -> Booking:
    """A booking with all that its page shows, for its owner and for the staff of its event."""
    booking = read.session.scalars(_booking_with_all(), {"public_id": public_id}).one_or_none()
    if booking is None or not (booking.person_id == read.actor.person_id or may_run(read.actor, booking.event)):
        raise NotFound
    return booking


def booking_by_id(read: Reading, booking_id: int) -> Booking:
    """A booking with all that its page or a mail about it shows; the caller has checked who asks."""
    booking = read.session.scalars(select(Booking).where(Booking.id == booking_id).options(*BOOKING_PAGE)).one_or_none()
    if booking is None:
        raise NotFound
    return booking


def link_token(booking: Booking) -> str:
    """What stands for the booking in the address of its page."""
    return secrecy.sign("booking", booking.public_id, booking.link_generation)


def booking_of_link(read: Reading, *, token: str) -> tuple[int, int]:
    """The ids of the booking and the person that a mailed link stands for; NotFound once it was revoked."""
    signed = secrecy.read_signed("booking", token)
    row = (
        read.session.execute(
            select(Booking.id, Booking.person_id).where(
                Booking.public_id == signed[0], Booking.link_generation == signed[1]
            )
        ).one_or_none()
        if signed
        else None
    )
    if row is None:
        raise NotFound
    return row.id, row.person_id


def held_parts(booking: Booking) -> Sequence[Part]:
    """The parts that the booking holds, or held when it was cancelled, by their time."""
    ended = booking.cancelled_at
    held = [
        entry.part
        for entry in booking.entries
        if entry.status is EntryStatus.CONFIRMED or (ended is not None and entry.changed_at >= ended)
    ]
    return sorted(held, key=lambda part: (part.starts_at, part.id))


def parts_of(read: Reading, booking: Booking) -> Sequence[Part]:
    """The parts that the booking holds or held; for somebody who walked in, those at which they were seen."""
    if booking.source is not BookingSource.WALK_IN:
        return held_parts(booking)
    seen = exists().where(
        Mark.part_id == Part.id,
        Mark.superseded_at.is_(None),
        Mark.seat_id.in_([seat.id for seat in booking.seats]),
    )
    return read.session.scalars(select(Part).where(seen).order_by(Part.starts_at, Part.id)).all()


@dataclass(frozen=True)
class Held:
    """One part of one booking, as lists of one's own bookings show it."""

    public_id: str
    title: str
    slug: str
    kind: EventKind
    part_title: str
    starts_at: datetime
    ends_at: datetime
    place: str
    party_size: int
    state: BookingState
    attendance: Attendance | None


def own_bookings(read: Reading, *, past: bool, offset: int = 0, limit: int = 20) -> Sequence[Held]:
    """The acting person's bookings, coming ones first to come, past ones latest first; ``limit`` + 1 rows."""
    order = Part.starts_at.desc() if past else Part.starts_at
    on = _on_parts()
    rows = read.session.execute(
        select(
            Booking.public_id,
            Event.title,
            Event.slug,
            Event.kind,
            Part.title.label("part_title"),
            Part.starts_at,
            Part.ends_at,
            func.coalesce(func.nullif(Part.place, ""), Event.place).label("place"),
            Booking.party_size,
            Booking.state,
            Mark.status.label("attendance"),
        )
        .join(Event, Event.id == Booking.event_id)
        .join(on, on.c.booking_id == Booking.id)
        .join(Part, Part.id == on.c.part_id)
        .outerjoin(
            Mark,
            and_(Mark.part_id == Part.id, Mark.superseded_at.is_(None), Mark.seat_id == _first_seat()),
        )
        .where(
            Booking.person_id == read.actor.person_id,
            Part.ends_at <= read.now if past else Part.ends_at > read.now,
            or_(on.c.stands, Booking.state == BookingState.CANCELLED),
        )
        .order_by(order, Booking.id)
        .offset(offset)
        .limit(limit + 1)
    ).all()
    return [Held(**row._asdict()) for row in rows]


def _on_parts() -> Subquery:
    """Bookings with the parts that they hold, and walk-ins with those at which they were seen."""
    held = select(Entry.booking_id, Entry.part_id, (Entry.status == EntryStatus.CONFIRMED).label("stands"))
    walked_in = aliased(Booking)
    seen = (
        select(Seat.booking_id, Mark.part_id, true().label("stands"))
        .join(Mark, and_(Mark.seat_id == Seat.id, Mark.superseded_at.is_(None)))
        .join(walked_in, walked_in.id == Seat.booking_id)
        .where(Seat.position == 0, walked_in.source == BookingSource.WALK_IN)
    )
    return held.union_all(seen).subquery("on_parts")


def _first_seat() -> ScalarSelect[int]:
    return select(Seat.id).where(Seat.booking_id == Booking.id, Seat.position == 0).scalar_subquery()
