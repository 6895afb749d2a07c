"""Attendance, bookings and posts for programs: the rows of the exports, a page at a time.

They come in the order in which they were made, and a page looks only at the bookings that it shows.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Integer, Row, Select, Subquery, exists, func, literal, select, tuple_, union_all

from cop.core.work import Reading
from cop.models.events import Booking, Event, Seat
from cop.models.forum import Post
from cop.models.waiting import Waiting
from cop.queries.api import Page, Wanted
from cop.queries.exports import Scope
from cop.queries.exports.attendance import ORDER, entries, seats
from cop.queries.exports.bookings import bookings as booking_rows
from cop.queries.exports.forum import PostRow, post_row
from cop.queries.exports.forum import posts as post_rows
from cop.queries.walk_ins import NOT_TAKEN_BACK

SEATS, WAITS = 0, 1
"""The two halves of the list of attendance, as the column ``waits`` of its rows tells them apart."""


def attendance(read: Reading, wanted: Wanted, scope: Scope) -> Page[Sequence[Any]]:
    """The cells of the export of attendance: seats by booking, then who waits. One statement."""
    half, *after = wanted.after or (SEATS, 0, 0, 0)
    event = select(Event.id, Event.slug, Event.kind, literal(0).label("place"))
    event = event.where(Event.programme_id == scope.programme_id)
    of_events = (event if wanted.event_id is None else event.where(Event.id == wanted.event_id)).subquery()
    halves = [_waits(of_events, scope, after if half == WAITS else (0, 0, 0), wanted.limit)]
    if half == SEATS:
        halves.append(_seats(of_events, scope, after, wanted.limit))
    both = union_all(*halves).subquery()
    place = (both.c.waits.cast(Integer), both.c.n, both.c.m, func.coalesce(both.c.part_id, 0))
    shown = [column for column in both.c if column.key not in ORDER]
    found = read.session.execute(select(*shown, *place).order_by(*place).limit(wanted.limit + 1)).all()
    return Page.cut(found, wanted.limit, lambda row: row[len(shown) :], lambda row: (scope.slug, *row[: len(shown)]))


def _seats(event: Subquery, scope: Scope, after: Sequence[int], limit: int) -> Select[*tuple[Any, ...]]:
    """Each booking with a seat has a row at least. The first may be the one at which the last page ended."""
    some = (
        select(Booking.id)
        .join(event, event.c.id == Booking.event_id)
        .where(NOT_TAKEN_BACK, Booking.id >= after[0], exists().where(Seat.booking_id == Booking.id))
        .order_by(Booking.id)
        .limit(limit + 2)
        .subquery("some")
    )
    rows = seats(event, scope, among=select(some.c.id)).subquery("seats")
    place = (rows.c.n, rows.c.m, func.coalesce(rows.c.part_id, 0))
    following = select(rows).where(tuple_(*place) > tuple_(*map(literal, after)))
    return select(following.order_by(*place).limit(limit + 1).subquery())


def _waits(event: Subquery, scope: Scope, after: Sequence[int], limit: int) -> Select[*tuple[Any, ...]]:
    rows = entries(event, scope).where(Waiting.id > after[0]).order_by(Waiting.id).limit(limit + 1)
    return select(rows.subquery())


def bookings(read: Reading, wanted: Wanted, scope: Scope) -> Page[Sequence[Any]]:
    """The cells of the export of bookings. One statement."""
    (after,) = wanted.after or (0,)
    some = (
        select(Booking.id)
        .join(Event, Event.id == Booking.event_id)
        .where(Event.programme_id == scope.programme_id, NOT_TAKEN_BACK, Booking.id > after)
        .order_by(Booking.id)
        .limit(wanted.limit + 1)
    )
    if wanted.event_id is not None:
        some = some.where(Booking.event_id == wanted.event_id)
    rows = booking_rows(scope, among=select(some.subquery("some").c.id))
    found = read.session.execute(rows.add_columns(Booking.id).order_by(Booking.id)).all()
    return Page.cut(found, wanted.limit, lambda row: [row[-1]], lambda row: row[:-1])


def posts(read: Reading, wanted: Wanted, scope: Scope) -> Page[PostRow]:
    """The rows of the export of the forum. One statement."""
    (after,) = wanted.after or (0,)
    rows = post_rows(scope.programme_id).add_columns(Post.id.label("place")).where(Post.id > after).order_by(Post.id)
    found = read.session.execute(rows.limit(wanted.limit + 1)).all()
    return Page.cut(found, wanted.limit, lambda row: [row.place], _post)


def _post(row: Row[*tuple[Any, ...]]) -> PostRow:
    values = row._asdict()
    del values["place"]
    return post_row(values)
