"""Reads for calendar feeds: what each shows, and cheaply whether it changed since a client last asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Numeric, Select, bindparam, exists, func, literal_column, or_, select

from cop.core import secrecy
from cop.core.errors import NotFound
from cop.core.work import Reading
from cop.models.accounts import Person
from cop.models.base import UtcDateTime
from cop.models.events import (
    FOR_ANYBODY,
    Booking,
    Entry,
    EntryStatus,
    Event,
    EventKind,
    EventState,
    Part,
    PartState,
    Visibility,
)
from cop.models.programmes import Series

PAST = timedelta(days=90)
"""How long a date stays in a feed after it has begun."""

CANCELLED = timedelta(days=30)
"""How long a cancelled date stays, so that clients that ask seldom still learn of it."""

MOST = 1_000
"""Dates in one feed, the earliest first."""

FEEDS_LISTED = 100
"""Series on the page that explains the feeds."""


@dataclass(frozen=True)
class Shown:
    """Which public feed: of one series, of one event, or (both empty) of everything."""

    series_id: int | None = None
    event_id: int | None = None


@dataclass(frozen=True)
class Titled:
    id: int
    slug: str
    name: str
    summary: str


@dataclass(frozen=True)
class Version:
    """``digest`` differs whenever a feed's content differs; ``changed_at`` is None for an empty feed."""

    digest: str
    changed_at: datetime | None


@dataclass(frozen=True)
class Occasion:
    """A dated piece of an event as a calendar shows it. In public feeds the UID is the part's, in one's own feed
    that of the entry, which stays when the booking moves to another part.
    """

    uid: UUID
    sequence: int
    cancelled: bool
    changed_at: datetime
    starts_at: datetime
    ends_at: datetime
    place: str
    part_title: str
    title: str
    kind: EventKind
    slug: str
    summary: str


@dataclass(frozen=True)
class OwnOccasion(Occasion):
    public_id: str
    link_generation: int
    party_size: int
    getting_there: str
    step_free: str
    bring: str
    part_id: int


def series_shown(read: Reading, *, slug: str) -> Titled:
    return _titled(read, select(Series.id, Series.slug, Series.name, Series.summary).where(Series.slug == slug))


def event_shown(read: Reading, *, slug: str) -> Titled:
    """An event that anyone who knows its address may see: drafts and events for some are NotFound."""
    found = select(Event.id, Event.slug, Event.title, Event.summary).where(
        Event.slug == slug, Event.state != EventState.DRAFT, Event.visibility.in_(FOR_ANYBODY)
    )
    return _titled(read, found)


def _titled(read: Reading, statement: Select[int, str, str, str]) -> Titled:
    row = read.session.execute(statement).one_or_none()
    if row is None:
        raise NotFound
    return Titled(*row)


def series_with_feeds(read: Reading) -> Sequence[Titled]:
    """The series that have a public event, by name."""
    public = exists().where(
        Event.series_id == Series.id, Event.state != EventState.DRAFT, Event.visibility == Visibility.PUBLIC
    )
    rows = read.session.execute(
        select(Series.id, Series.slug, Series.name, Series.summary)
        .where(public)
        .order_by(Series.name, Series.id)
        .limit(FEEDS_LISTED)
    )
    return [Titled(*row) for row in rows]


def public_version(read: Reading, shown: Shown) -> Version:
    return _version(read, *_public(read, shown))


def public_occasions(read: Reading, shown: Shown) -> Sequence[Occasion]:
    return [Occasion(*row) for row in read.session.execute(*_public(read, shown))]


def own_version(read: Reading, *, person_id: int) -> Version:
    return _version(read, _own_rows(), {**_window(read), "person_id": person_id})


def own_occasions(read: Reading, *, person_id: int) -> Sequence[OwnOccasion]:
    rows = read.session.execute(_own_rows(), {**_window(read), "person_id": person_id})
    return [OwnOccasion(*row) for row in rows]


def occasions_of_booking(read: Reading, *, booking_id: int) -> Sequence[OwnOccasion]:
    """All entries of one booking, cancelled ones too; the caller has checked who asks."""
    rows = read.session.execute(_entry_rows().where(Booking.id == booking_id))
    return [OwnOccasion(*row) for row in rows]


def address_token(read: Reading) -> str:
    """What makes the acting person's own feed address secret."""
    row = read.session.execute(
        select(Person.public_id, Person.calendar_generation).where(Person.id == read.actor.person_id)
    ).one_or_none()
    if row is None:
        raise NotFound
    return secrecy.sign("calendar", row.public_id, row.calendar_generation)


def owner_of_address(read: Reading, *, token: str) -> int:
    """The id of the person whose feed this token opens; NotFound once they asked for a new address."""
    signed = secrecy.read_signed("calendar", token)
    if signed is None:
        raise NotFound
    owner = select(Person.id).where(
        Person.public_id == signed[0],
        Person.calendar_generation == signed[1],
        Person.merged_into.is_(None),
        Person.erased_at.is_(None),
    )
    person_id = read.session.scalar(owner)
    if person_id is None:
        raise NotFound
    return person_id


Values = dict[str, Any]

_SINCE = bindparam("since", type_=UtcDateTime())
_CANCELLED_SINCE = bindparam("cancelled_since", type_=UtcDateTime())


def _window(read: Reading) -> Values:
    return {"since": read.now - PAST, "cancelled_since": read.now - CANCELLED}


def _public(read: Reading, shown: Shown) -> tuple[Select[Any], Values]:
    if shown.event_id is not None:
        return _rows_of_event(), {"event_id": shown.event_id}
    if shown.series_id is not None:
        return _rows_of_series(), {**_window(read), "series_id": shown.series_id}
    return _rows_of_everything(), _window(read)


def _version(read: Reading, rows: Select[Any], values: Values) -> Version:
    """One statement over the very rows of the feed: edits, deletions and dates that leave the window all show.

    A hash of the content is exact where the latest ``changed_at`` is not: transactions need not end in the order of
    their instants. Read the version before the content, so that content is never older than its version.
    """
    connection = read.session.connection()  # plain columns need nothing of the ORM, and clients ask this often
    row = connection.execute(_hashing(rows), values).one()
    return Version(f"{row[0]}.{row[1]}", row[2])


@cache
def _hashing(rows: Select[Any]) -> Select[int, Any, Any]:
    """How many rows, and the sum of their hashes: no row is turned into text or put in order, so this is cheap."""
    feed = rows.subquery("feed")
    hashed = func.hash_record_extended(literal_column("feed"), 0)
    return select(func.count(), func.sum(hashed, type_=Numeric()), func.max(feed.c.changed_at)).select_from(feed)


# The statements are built once a process: putting one together takes longer than PostgreSQL needs to answer it.


@cache
def _rows_of_event() -> Select[Any]:
    """All dates of one event, which may be unlisted; its file is not trimmed."""
    return _shared_rows().where(Event.id == bindparam("event_id"))


@cache
def _rows_of_series() -> Select[Any]:
    return _rows_of_everything().where(Event.series_id == bindparam("series_id"))


@cache
def _rows_of_everything() -> Select[Any]:
    return _shared_rows().where(Event.visibility == Visibility.PUBLIC, *_in_window())


def _shared_rows() -> Select[Any]:
    return (
        select(
            Part.uid,
            (Event.sequence + Part.sequence).label("sequence"),
            _is_cancelled().label("cancelled"),
            func.greatest(Part.changed_at, Event.changed_at, type_=UtcDateTime()).label("changed_at"),
            *_described(),
        )
        .join(Event, Event.id == Part.event_id)
        .where(Event.state != EventState.DRAFT, Event.visibility.in_(FOR_ANYBODY))
        .order_by(Part.starts_at, Part.uid)
        .limit(MOST)
    )


@cache
def _own_rows() -> Select[Any]:
    return _entry_rows().where(
        Booking.person_id == bindparam("person_id"),
        or_(Entry.status == EntryStatus.CONFIRMED, Entry.changed_at > _CANCELLED_SINCE),
        *_in_window(),
    )


def _entry_rows() -> Select[Any]:
    return (
        select(
            Entry.uid,
            Entry.sequence,
            or_(Entry.status == EntryStatus.CANCELLED, _is_cancelled()).label("cancelled"),
            func.greatest(Entry.changed_at, Part.changed_at, Event.changed_at, type_=UtcDateTime()).label("changed_at"),
            *_described(),
            Booking.public_id,
            Booking.link_generation,
            Booking.party_size,
            Event.getting_there,
            Event.step_free,
            Event.bring,
            Part.id,
        )
        .join(Booking, Booking.id == Entry.booking_id)
        .join(Part, Part.id == Entry.part_id)
        .join(Event, Event.id == Part.event_id)
        .order_by(Part.starts_at, Entry.uid)
        .limit(MOST)
    )


def _in_window() -> tuple[ColumnElement[bool], ...]:
    return (
        Part.starts_at > _SINCE,
        or_(Event.state != EventState.CANCELLED, Event.changed_at > _CANCELLED_SINCE),
        or_(Part.state != PartState.CANCELLED, Part.changed_at > _CANCELLED_SINCE),
    )


def _is_cancelled() -> ColumnElement[bool]:
    return or_(Event.state == EventState.CANCELLED, Part.state == PartState.CANCELLED)


def _described() -> tuple[Any, ...]:
    """The columns that all feeds share, in the order of ``Occasion``."""
    return (
        Part.starts_at,
        Part.ends_at,
        func.coalesce(func.nullif(Part.place, ""), Event.place).label("place"),
        Part.title.label("part_title"),
        Event.title,
        Event.kind,
        Event.slug,
        Event.summary,
    )
