"""The seats of a programme's events, and of which events evaluators do not see how many there are."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, and_, cast, func, not_, select

from cop.core.small_numbers import LEAST
from cop.core.work import Reading
from cop.models.events import CAME, Attendance, Booking, BookingSource, Event, EventKind, EventState, Mark, Seat
from cop.models.organisations import Organisation
from cop.models.programmes import Programme
from cop.queries.evaluation.filters import NOTHING
from cop.queries.evaluation.kept import Rows, kept_or

MISSED = (Attendance.ABSENT, Attendance.EXCUSED)

BOOKED, WALK_INS = "booked", "walk-ins"


def seats_of(programme_id: int, *narrowed: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    """Each seat of the programme's events, with what was said of it on any of its parts."""
    return (
        select(
            Seat.event_id,
            Seat.live,
            (Booking.source == BookingSource.WALK_IN).label("walked_in"),
            func.coalesce(func.bool_or(Mark.status.in_(CAME)), False).label("came"),
            func.coalesce(func.bool_or(Mark.status.in_(MISSED)), False).label("missed"),
        )
        .join(Event, Event.id == Seat.event_id)
        .join(Booking, Booking.id == Seat.booking_id)
        .outerjoin(Organisation, Organisation.id == Booking.organisation_id)
        .outerjoin(Mark, and_(Mark.seat_id == Seat.id, Mark.superseded_at.is_(None)))
        .where(Event.programme_id == programme_id, *narrowed)
        .group_by(Seat.id, Booking.id)
    )


@dataclass(frozen=True)
class Withheld:
    """The slugs of the events of which somebody sees neither how many ``booked`` nor what became of them, and of those
    of which they do not see how many walked in.
    """

    booked: frozenset[str]
    walk_ins: frozenset[str]


def withheld(read: Reading, programme: Programme) -> Withheld:
    """What is withheld from who may not see small numbers.

    All people of the programme are counted once elsewhere. Whoever took from them the seats of all events but one would
    know at least how many that one has; so with the numbers that are small goes the smallest other one, and all that
    are as small. Courses are spared where anything else is large: too much else tells how many are on them.
    """
    rows = kept_or(read, programme.id, "withheld", NOTHING, partial(withheld_rows, read, programme))
    booked, walk_ins = (frozenset(slug for slug, of in rows if of == what) for what in (BOOKED, WALK_INS))
    return Withheld(booked, walk_ins)


def withheld_rows(read: Reading, programme: Programme) -> Rows:
    pieces = [
        (slug, what, count, kind == EventKind.COHORT)
        for slug, kind, booked, walk_ins in read.session.execute(_heads(programme.id))
        for what, count in ((BOOKED, booked), (WALK_INS, walk_ins))
    ]
    if not any(0 < count < LEAST for _slug, _what, count, _is_course in pieces):
        return []
    large = [(is_course, count) for _slug, _what, count, is_course in pieces if count >= LEAST]
    goes_too = min(large, default=None)
    return [
        [slug, what] for slug, what, count, is_course in pieces if 0 < count < LEAST or (is_course, count) == goes_too
    ]


def _heads(programme_id: int) -> Select[str, str, int, int]:
    walked_in = Booking.source == BookingSource.WALK_IN
    return (
        select(Event.slug, cast(Event.kind, Text), func.count().filter(not_(walked_in)), func.count().filter(walked_in))
        .join(Seat, and_(Seat.event_id == Event.id, Seat.live))
        .join(Booking, Booking.id == Seat.booking_id)
        .where(Event.programme_id == programme_id, Event.state != EventState.DRAFT)
        .group_by(Event.id)
    )
