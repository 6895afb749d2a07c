"""Reads about events as visitors and bookers see them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from sqlalchemy import ARRAY, BigInteger, ColumnElement, Select, and_, any_, bindparam, exists, func, or_, select
from sqlalchemy.orm import joinedload, load_only, selectinload
from sqlalchemy.orm.attributes import set_committed_value

from cop.core.access import EVENT_STAFF, Actor
from cop.core.errors import NotFound
from cop.core.work import Reading
from cop.models.base import UtcDateTime
from cop.models.events import (
    FOR_ANYBODY,
    Booking,
    Choice,
    DayLimit,
    Event,
    EventKind,
    EventState,
    Part,
    PartState,
    Visibility,
)
from cop.models.summits import Invitation
from cop.queries import circles

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def may_run(actor: Actor, event: Event) -> bool:
    """Whether the actor is staff of this event: its host, or a facilitator or admin of its programme."""
    return actor.may(*EVENT_STAFF, programme_id=event.programme_id, event_id=event.id)


def revision(event: Event) -> int:
    """Rises with every change that staff make, so that two of them cannot overwrite each other unseen."""
    return (event.changed_at - EPOCH) // timedelta(microseconds=1)


def _run_by(actor: Actor) -> ColumnElement[bool]:
    """The events that the actor is staff of, as a condition."""
    if actor.via == "system":
        return Event.id.is_not(None)
    grants = [grant for grant in actor.grants if grant.role in EVENT_STAFF and grant.organisation_id is None]
    if any(grant.programme_id is None and grant.event_id is None for grant in grants):
        return Event.id.is_not(None)
    programmes = [grant.programme_id for grant in grants if grant.programme_id is not None]
    events = [grant.event_id for grant in grants if grant.event_id is not None]
    return or_(Event.programme_id.in_(programmes), Event.id.in_(events))


def _shown() -> ColumnElement[bool]:
    """What anybody may open by its address: published or cancelled, and one's own where invitation is needed.

    What is for alumni alone passes too: ``event_page`` asks who they are.
    """
    own = exists().where(Booking.event_id == Event.id, Booking.person_id == bindparam("person_id"))
    invited = exists().where(
        Invitation.event_id == Event.id,
        Invitation.person_id == bindparam("person_id"),
        Invitation.withdrawn_at.is_(None),
    )
    return and_(
        Event.state != EventState.DRAFT, or_(Event.visibility.in_((*FOR_ANYBODY, Visibility.ALUMNI)), own, invited)
    )


@dataclass(frozen=True)
class Listed:
    """A row of a list of events: its next or last dates, and how many can still come; None where there is no limit."""

    slug: str
    title: str
    summary: str
    kind: EventKind
    place: str
    state: EventState
    starts_at: datetime
    ends_at: datetime
    left: int | None


def listed_events(
    read: Reading, kind: EventKind, zone: ZoneInfo, *, past: bool, offset: int = 0, limit: int = 20
) -> Sequence[Listed]:
    """Public events of one kind in order of date, ``limit`` + 1 of them so that the caller knows of a next page."""
    values = {"now": read.now, "offset": offset, "limit": limit + 1}
    found = read.session.scalars(_past_of(kind) if past else _coming_of(kind), values).all()
    return _listed(read, found, zone)


def coming_in(read: Reading, zone: ZoneInfo, *, programme_id: int, limit: int = 12) -> Sequence[Listed]:
    """Public events of a programme by their next date."""
    values = {"now": read.now, "offset": 0, "limit": limit, "programme_id": programme_id}
    return _listed(read, read.session.scalars(_coming_in_programme(), values).all(), zone)


@dataclass(frozen=True)
class OfSeries:
    """The public events of a series: those to come by their next date, and those that are over, the latest first."""

    coming: Sequence[Listed]
    past: Sequence[Listed]


def of_series(read: Reading, zone: ZoneInfo, *, series_id: int, limit: int = 12) -> OfSeries:
    values = {"now": read.now, "offset": 0, "limit": limit, "series_id": series_id}
    coming = read.session.scalars(_coming_in_series(), values).all()
    past = read.session.scalars(_past_in_series(), values).all()
    found = _listed(read, [*coming, *past], zone)
    return OfSeries(found[: len(coming)], found[len(coming) :])


@dataclass(frozen=True)
class Call:
    """A course that takes applications now."""

    slug: str
    title: str
    kind: EventKind
    closes_at: datetime


def open_calls(read: Reading, *, programme_id: int) -> Sequence[Call]:
    """The courses of a programme that take applications now, those that close first before the others."""
    rows = read.session.execute(_open_calls(), {"now": read.now, "programme_id": programme_id})
    return [Call(**row._asdict()) for row in rows]


_NOW = bindparam("now", type_=UtcDateTime())


@cache
def _open_calls() -> Select[str, str, EventKind, datetime | None]:
    return (
        select(Event.slug, Event.title, Event.kind, Event.closes_at)
        .where(
            Event.programme_id == bindparam("programme_id"),
            Event.kind == EventKind.COHORT,
            Event.state == EventState.PUBLISHED,
            Event.visibility == Visibility.PUBLIC,
            Event.opens_at <= _NOW,
            Event.closes_at > _NOW,
        )
        .order_by(Event.closes_at)
    )


@cache
def _coming_of(kind: EventKind) -> Select[Event]:
    return _coming().where(Event.kind == kind)


def _coming() -> Select[Event]:
    return (
        _public()
        .where(Event.state == EventState.PUBLISHED, Part.state == PartState.PLANNED, Part.starts_at > _NOW)
        .order_by(func.min(Part.starts_at), Event.id)
    )


@cache
def _coming_in_programme() -> Select[Event]:
    return _coming().where(Event.programme_id == bindparam("programme_id"))


@cache
def _coming_in_series() -> Select[Event]:
    return _coming().where(Event.series_id == bindparam("series_id"))


@cache
def _past_of(kind: EventKind) -> Select[Event]:
    return _past().where(Event.kind == kind)


@cache
def _past_in_series() -> Select[Event]:
    return _past().where(Event.series_id == bindparam("series_id"))


def _past() -> Select[Event]:
    last = func.max(Part.ends_at)
    return (
        _public()
        .where(Event.state != EventState.DRAFT)
        .having(func.coalesce(func.max(Part.starts_at).filter(Part.state == PartState.PLANNED), last) <= _NOW)
        .order_by(last.desc(), Event.id)
    )


def _public() -> Select[Event]:
    shown = (Event.slug, Event.title, Event.summary, Event.kind, Event.place, Event.state)
    return (
        select(Event)
        .options(load_only(*shown, Event.capacity, Event.seats_taken, raiseload=True))
        .join(Part, Part.event_id == Event.id)
        .where(Event.visibility == Visibility.PUBLIC)
        .group_by(Event.id)
        .offset(bindparam("offset"))
        .limit(bindparam("limit"))
    )


def _listed(read: Reading, events: Sequence[Event], zone: ZoneInfo) -> Sequence[Listed]:
    """The events in their order, with places counted as the page of each counts them."""
    parts: dict[int, list[Part]] = defaultdict(list)
    for part in read.session.scalars(_parts_of(), {"ids": [event.id for event in events]}) if events else ():
        parts[part.event_id].append(part)
    for event in events:
        set_committed_value(event, "parts", parts[event.id])
    return [_row(event, zone, read.now) for event in events]


@cache
def _parts_of() -> Select[Part]:
    """Of several events at once; the page of a series shows two lists of them."""
    counted = (Part.event_id, Part.state, Part.starts_at, Part.ends_at, Part.capacity, Part.seats_taken)
    return (
        select(Part)
        .options(load_only(*counted, raiseload=True), joinedload(Part.day_limit))
        .where(Part.event_id == any_(bindparam("ids", type_=ARRAY(BigInteger()))))
        .order_by(Part.starts_at, Part.id)
    )


def _row(event: Event, zone: ZoneInfo, now: datetime) -> Listed:
    planned = [part for part in event.parts if part.state is PartState.PLANNED] or event.parts
    coming = [part for part in planned if part.starts_at > now] or planned
    return Listed(
        slug=event.slug,
        title=event.title,
        summary=event.summary,
        kind=event.kind,
        place=event.place,
        state=event.state,
        starts_at=coming[0].starts_at,
        ends_at=max(part.ends_at for part in coming),
        left=_left_in_all(event, days_of(event, zone, after=now)),
    )


def _left_in_all(event: Event, days: Sequence["Day"]) -> int | None:
    """How many can still come over all days, by the tightest of days and event."""
    limits = [event.capacity - event.seats_taken] if event.capacity is not None else []
    if all(day.left is not None for day in days):
        limits.append(sum(day.left or 0 for day in days))
    return max(min(limits), 0) if limits else None


def event_page(read: Reading, *, slug: str, kind: EventKind | None = None, alone: bool = False) -> Event:
    """One event with its parts, days, series and programme, if the actor may see it.

    ``alone`` leaves them out, and all but its name and its window: enough for the pages of an application.
    """
    found = _event(alone=alone) if read.actor.grants else _shown_event(alone=alone)
    if read.actor.grants:
        found = found.where(or_(_shown(), _run_by(read.actor)))
    event = read.session.scalars(found, {"slug": slug, "person_id": read.actor.person_id}).one_or_none()
    if event is None or kind not in {None, event.kind} or not _is_seen(read, event):
        raise NotFound
    return event


def _is_seen(read: Reading, event: Event) -> bool:
    """Meet-ups are seen by whoever may come to them, and by those who had a place when they still might."""
    if event.visibility is not Visibility.ALUMNI or circles.may_come(read, event):
        return True
    own = select(Booking.id).where(Booking.event_id == event.id, Booking.person_id == read.actor.person_id).limit(1)
    return read.session.scalar(own) is not None


# The statements are built once a process: putting one together takes longer than PostgreSQL needs to answer it.


@cache
def _event(*, alone: bool) -> Select[Event]:
    who = (Event.programme_id, Event.visibility)
    window = (Event.slug, Event.title, Event.kind, Event.state, Event.opens_at, Event.closes_at, *who)
    loaded = (
        [load_only(*window, raiseload=True)]
        if alone
        else [
            joinedload(Event.series),
            joinedload(Event.programme),
            selectinload(Event.parts).joinedload(Part.day_limit),
        ]
    )
    return select(Event).where(Event.slug == bindparam("slug")).options(*loaded)


@cache
def _shown_event(*, alone: bool) -> Select[Event]:
    return _event(alone=alone).where(_shown())


def staffed_event(read: Reading, *, slug: str) -> Event:
    """The event, for its staff; to others it does not exist."""
    event = event_page(read, slug=slug)
    if not may_run(read.actor, event):
        raise NotFound
    return event


def is_open(read: Reading, event: Event) -> bool:
    """Whether visitors may book now; staff may at any time."""
    has_opened = event.opens_at is None or event.opens_at <= read.now
    has_closed = event.closes_at is not None and event.closes_at <= read.now
    return event.state is EventState.PUBLISHED and has_opened and not has_closed


def is_full(event: Event) -> bool:
    """Whether all places of the event as a whole are taken; those of its parts are counted apart."""
    return event.capacity is not None and event.seats_taken >= event.capacity


def places_left(event: Event, part: Part) -> int | None:
    """Places left at one time, by the tightest of slot, day and event; None where nothing is limited."""
    whole = event.capacity - event.seats_taken if event.capacity is not None else None
    return min((left for left in (part.places_left, whole) if left is not None), default=None)


def has_room(event: Event, parts: Sequence[Part]) -> bool:
    """Whether anybody could have a place, not regarding those who wait: at one of these times, where one is chosen."""
    free = [left is None or left > 0 for left in (places_left(event, part) for part in parts)]
    if event.choice is Choice.ONE:
        return any(free)
    return not is_full(event) if event.choice is Choice.ANY else all(free)


@dataclass(frozen=True)
class Day:
    on: date
    parts: Sequence[Part]
    left: int | None


def days_of(event: Event, zone: ZoneInfo, *, after: datetime) -> Sequence[Day]:
    """The event's parts that begin after an instant, by local day, with the places left on each."""
    by_day: dict[date, list[Part]] = defaultdict(list)
    for part in (part for part in event.parts if part.starts_at > after and part.state is PartState.PLANNED):
        by_day[part.starts_at.astimezone(zone).date()].append(part)
    return [Day(on, parts, _left_on(event, parts)) for on, parts in sorted(by_day.items())]


def _left_on(event: Event, parts: Sequence[Part]) -> int | None:
    """Places over several times of one day: their sum, but never more than the day or the event has left."""
    limits: list[Event | DayLimit | None] = [event, parts[0].day_limit]
    left = [unit.capacity - unit.seats_taken for unit in limits if unit is not None and unit.capacity is not None]
    if all(part.capacity is not None for part in parts):
        left.append(sum((part.capacity or 0) - part.seats_taken for part in parts))
    return max(min(left), 0) if left else None
