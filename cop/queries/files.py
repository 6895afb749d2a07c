"""Reads about files: what an event offers, and to whom."""

import hashlib
from collections.abc import Sequence
from functools import cache

from sqlalchemy import ColumnElement, Select, bindparam, exists, func, or_, select
from sqlalchemy.orm import joinedload

from cop.core.errors import NotFound
from cop.core.work import Reading
from cop.models.base import Base
from cop.models.events import Booking, BookingState, Event, Seat
from cop.models.files import EventFile, File, FileContent
from cop.queries import bookings, events

DOWNLOADED = "downloaded"
"""The kind of an observation of a file of an event; its subject is the row of ``event_file``."""


def is_used() -> ColumnElement[bool]:
    """Whether any table points to the file, as the foreign keys tell; the bytes themselves do not count."""
    tables = (table for table in Base.metadata.sorted_tables if table.name != FileContent.__tablename__)
    keys = [key for table in tables for key in table.foreign_keys if key.column.table.name == File.__tablename__]
    return or_(*(exists().where(key.parent == File.sha256) for key in keys))


def of_event(read: Reading, event_id: int) -> Sequence[EventFile]:
    """All files of an event in their order; the caller has checked who asks."""
    return read.session.scalars(_of_event(), {"event_id": event_id}).all()


@cache
def _of_event() -> Select[EventFile]:
    return (
        select(EventFile)
        .where(EventFile.event_id == bindparam("event_id"))
        .options(joinedload(EventFile.file))
        .order_by(EventFile.position, EventFile.id)
    )


def count_of(read: Reading, event_id: int) -> int:
    return read.session.scalars(select(func.count()).where(EventFile.event_id == event_id)).one()


def offered(read: Reading, event: Event) -> Sequence[EventFile]:
    """What the page of an event offers: all to its staff and to who comes, to others what is for everybody."""
    found = of_event(read, event.id)
    if all(item.public for item in found) or events.may_run(read.actor, event) or _comes(read, event.id):
        return found
    return [item for item in found if item.public]


def revision(listed: Sequence[EventFile]) -> int:
    """A number that stands for the list as somebody saw it, its order and its words."""
    shown = "\x1f".join(f"{item.public_id}\x1e{item.title}\x1e{item.public}" for item in listed)
    return int(hashlib.sha256(shown.encode()).hexdigest()[:15], 16)


def to_download(read: Reading, *, slug: str, public_id: str) -> EventFile:
    """A file of an event, for its staff and for whoever comes; NotFound to others, unless it is for everybody."""
    event = events.event_page(read, slug=slug)
    file = _one(read, event.id, public_id)
    if not (file.public or events.may_run(read.actor, event) or _comes(read, event.id)):
        raise NotFound
    return file


def of_link(read: Reading, *, token: str, public_id: str) -> tuple[EventFile, int]:
    """The same for whoever holds the link of a booking that stands, and the person whose booking it is."""
    booking_id, person_id = bookings.booking_of_link(read, token=token)
    standing = select(Booking.event_id).where(Booking.id == booking_id, Booking.state == BookingState.LIVE)
    event_id = read.session.scalars(standing).one_or_none()
    if event_id is None:
        raise NotFound
    return _one(read, event_id, public_id), person_id


def _one(read: Reading, event_id: int, public_id: str) -> EventFile:
    file = read.session.scalars(
        _of_event().where(EventFile.public_id == public_id), {"event_id": event_id}
    ).one_or_none()
    if file is None:
        raise NotFound
    return file


def _comes(read: Reading, event_id: int) -> bool:
    """Whether the acting person holds a seat, booked by themselves or by somebody else."""
    if read.actor.person_id is None:
        return False
    seat = exists().where(Seat.event_id == event_id, Seat.person_id == read.actor.person_id, Seat.live)
    return bool(read.session.scalar(select(seat)))
