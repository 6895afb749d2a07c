"""Visits that somebody had booked and did not come to. Nothing follows from it but a kind word."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select

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
    Part,
    Seat,
)
from cop.models.outbox import Outbox

WORTH_A_WORD = timedelta(days=14)
"""So long after a visit a word about it is kind; later it only puzzles."""

KEY = "visit-missed:"


def missed_visits(read: Reading, *, before: datetime, limit: int) -> Sequence[tuple[int, Person]]:
    """Bookings of visits that were over ``before`` and that nobody of the party came to, with who booked.

    Those to whom a word was sent are left out, and those without e-mail: nobody is telephoned about it.
    """
    rows = read.session.execute(
        select(Booking.id, Person)
        .join(Person, Person.id == Booking.person_id)
        .join(Event, Event.id == Booking.event_id)
        .join(Entry, and_(Entry.booking_id == Booking.id, Entry.status == EntryStatus.CONFIRMED))
        .join(Part, Part.id == Entry.part_id)
        .where(
            Part.ends_at < before,
            Part.ends_at > read.now - WORTH_A_WORD,
            Event.kind == EventKind.VISIT,
            Booking.state == BookingState.LIVE,
            Person.email.is_not(None),
            _nobody_came(),
            ~exists().where(Outbox.key == func.concat(KEY, Booking.id)),
        )
        .order_by(Booking.id)
        .limit(limit)
    )
    return [(row.id, row.Person) for row in rows]


def may_be_missed(event_id: int) -> Select[*tuple[Any, ...]]:
    """Bookings of a visit that may come to be told that they were missed: ``booking_id``, ``person_id``, and when what
    they booked ``ends_at``. Whoever of the party came, or was excused, is not.
    """
    current = and_(Mark.seat_id == Seat.id, Mark.superseded_at.is_(None), Mark.status != Attendance.ABSENT)
    somebody_came = exists().where(Seat.booking_id == Booking.id, Seat.live, current)
    return (
        select(Booking.id.label("booking_id"), Booking.person_id, func.max(Part.ends_at).label("ends_at"))
        .join(Person, Person.id == Booking.person_id)
        .join(Entry, and_(Entry.booking_id == Booking.id, Entry.status == EntryStatus.CONFIRMED))
        .join(Part, Part.id == Entry.part_id)
        .where(
            Booking.event_id == event_id,
            Booking.state == BookingState.LIVE,
            Person.email.is_not(None),
            ~somebody_came,
            ~exists().where(Outbox.key == func.concat(KEY, Booking.id)),
        )
        .group_by(Booking.id, Booking.person_id)
    )


def is_missed(read: Reading, *, booking_id: int) -> bool:
    """Whether all of the party are still marked as absent."""
    found = select(Booking.id).where(Booking.id == booking_id, Booking.state == BookingState.LIVE, _nobody_came())
    return read.session.scalar(found) is not None


def _nobody_came() -> ColumnElement[bool]:
    """That every seat of Booking is marked as absent: none as excused, as there, or not at all."""
    seat = and_(Seat.booking_id == Booking.id, Seat.live)
    current = and_(Mark.seat_id == Seat.id, Mark.superseded_at.is_(None))
    absent = exists().where(current, Mark.status == Attendance.ABSENT).correlate(Seat)
    otherwise = exists().where(current, Mark.status != Attendance.ABSENT).correlate(Seat)
    return and_(
        exists().where(seat, absent).correlate(Booking),
        ~exists().where(seat, or_(~absent, otherwise)).correlate(Booking),
    )


def times_missed(read: Reading, *, person_id: int) -> int:
    """To how many bookings somebody did not come without being excused, of whatever kind; for staff who ask."""
    own = and_(Seat.booking_id == Booking.id, Seat.position == 0)
    marks = (
        select(Booking.id)
        .join(Seat, own)
        .join(Mark, and_(Mark.seat_id == Seat.id, Mark.superseded_at.is_(None)))
        .where(Booking.person_id == person_id, Booking.state == BookingState.LIVE)
        .group_by(Booking.id)
        .having(func.bool_and(Mark.status == Attendance.ABSENT))
        .subquery()
    )
    return read.session.scalar(select(func.count()).select_from(marks)) or 0
