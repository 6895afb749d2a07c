"""Reads about events as their staff see them: drafts too, but only within what each was granted."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, SQLColumnExpression, and_, case, func, or_, select, true
from sqlalchemy.orm import joinedload, selectinload

from cop.core.access import EVENT_EDITORS, EVENT_STAFF, Actor, Role
from cop.core.errors import NotFound, marked
from cop.core.work import Reading
from cop.models.events import (
    Claim,
    DayLimit,
    Event,
    EventKind,
    EventState,
    Mark,
    Part,
    PartState,
    Seat,
)
from cop.models.programmes import Programme
from cop.queries.joining import ONLINE

STILL_WORTH_MARKING = timedelta(days=90)
"""So long after a slot its unmarked seats are shown as waiting; later nobody remembers who came."""


def may_edit(actor: Actor, event: Event) -> bool:
    """Whether the actor may alter the event; hosts run it but do not."""
    return actor.may(*EVENT_EDITORS, programme_id=event.programme_id, event_id=event.id)


def missing_to_publish(event: Event, *, has_coming_slot: bool) -> Sequence[str]:
    """What visitors would look for in vain, in words that continue a sentence."""
    on_site = (
        (event.place, marked("the place")),
        (event.getting_there, marked("how to get there")),
        (event.step_free, marked("what step-free access there is")),
    )
    needed = (
        *(on_site if event.kind not in ONLINE else ((event.description, marked("what it is about")),)),
        (has_coming_slot, marked("at least one date in the future")),
    )
    return [words for present, words in needed if not present]


def granted(actor: Actor, roles: Collection[Role]) -> ColumnElement[bool]:
    """The events that a grant of one of ``roles`` covers, as a condition."""
    if actor.may(*roles):
        return true()
    programmes = [grant.programme_id for grant in actor.grants if grant.role in roles and grant.programme_id]
    events = [grant.event_id for grant in actor.grants if grant.role in roles and grant.event_id]
    return or_(Event.programme_id.in_(programmes), Event.id.in_(events))


class When(StrEnum):
    UPCOMING = "upcoming"
    PAST = "past"


@dataclass(frozen=True)
class Places:
    """People who are booked, and the most there can be over all slots; None where something is unlimited."""

    taken: int = 0
    capacity: int | None = None


@dataclass(frozen=True)
class EventRow:
    kind: EventKind
    slug: str
    title: str
    programme: str
    state: EventState
    next_at: datetime | None
    last_at: datetime | None
    slots: int
    places: Places


def listed(
    read: Reading,
    *,
    when: When = When.UPCOMING,
    state: EventState | None = None,
    kind: EventKind | None = None,
    offset: int = 0,
    limit: int = 25,
) -> Sequence[EventRow]:
    """The actor's events, ``limit`` + 1 of them: coming ones by their next date, drafts without dates last.

    Events whose slots are all over are past, latest first; those without slots are still being prepared.
    """
    planned = Part.state == PartState.PLANNED
    last_at = func.max(Part.ends_at)
    next_at = func.min(Part.starts_at).filter(planned, Part.ends_at > read.now)
    found = (
        select(
            Event.id,
            Event.kind,
            Event.slug,
            Event.title,
            Programme.name.label("programme"),
            Event.state,
            next_at.label("next_at"),
            last_at.label("last_at"),
            func.count(Part.id).filter(planned).label("slots"),
        )
        .join(Programme, Programme.id == Event.programme_id)
        .outerjoin(Part, Part.event_id == Event.id)
        .where(granted(read.actor, EVENT_STAFF))
        .group_by(Event.id, Programme.id)
    )
    if state is not None:
        found = found.where(Event.state == state)
    if kind is not None:
        found = found.where(Event.kind == kind)
    if when is When.PAST:
        found = found.having(last_at <= read.now).order_by(last_at.desc(), Event.id)
    else:
        found = found.having(or_(last_at > read.now, last_at.is_(None))).order_by(next_at.nulls_last(), Event.id)
    rows = read.session.execute(found.offset(offset).limit(limit + 1)).all()
    places = _places(read, [row.id for row in rows])
    return [
        EventRow(
            row.kind,
            row.slug,
            row.title,
            row.programme,
            row.state,
            row.next_at,
            row.last_at,
            row.slots,
            places[row.id],
        )
        for row in rows
    ]


def _places(read: Reading, event_ids: Collection[int]) -> Mapping[int, Places]:
    """Each event's places: the sum of its slots, never more than a day's limit or the event's own."""
    per_day = (
        select(
            Part.event_id,
            func.least(_sum_or_none(Part.capacity), func.min(DayLimit.capacity)).label("capacity"),
        )
        .outerjoin(DayLimit, DayLimit.id == Part.day_limit_id)
        .where(Part.state == PartState.PLANNED, Part.event_id.in_(event_ids))
        .group_by(Part.event_id, Part.day_limit_id)
        .subquery()
    )
    per_event = (
        select(per_day.c.event_id, _sum_or_none(per_day.c.capacity).label("capacity"))
        .group_by(per_day.c.event_id)
        .subquery()
    )
    taken = (
        select(func.coalesce(func.sum(Claim.seats), 0))
        .where(Claim.event_id == Event.id, Claim.part_id.is_(None), Claim.released_at.is_(None))
        .scalar_subquery()
    )
    rows = read.session.execute(
        select(Event.id, taken.label("taken"), func.least(Event.capacity, per_event.c.capacity).label("capacity"))
        .outerjoin(per_event, per_event.c.event_id == Event.id)
        .where(Event.id.in_(event_ids))
    ).all()
    return {row.id: Places(int(row.taken), int(row.capacity) if row.capacity is not None else None) for row in rows}


def _sum_or_none(column: SQLColumnExpression[int | None]) -> ColumnElement[int | None]:
    """The sum, or NULL as soon as one of the rows has no limit."""
    return case((func.bool_or(column.is_(None)), None), else_=func.sum(column))


@dataclass(frozen=True)
class Slot:
    """A part with the people booked on it now, and whether anybody ever held a place in it."""

    part: Part
    taken: int
    was_claimed: bool


@dataclass(frozen=True)
class Day:
    on: date
    limit: DayLimit | None
    slots: Sequence[Slot]


@dataclass(frozen=True)
class StaffEvent:
    """One event with everything that its staff pages show."""

    event: Event
    places: Places
    slots: Sequence[Slot]
    limits: Mapping[date, DayLimit]

    def days(self, zone: ZoneInfo) -> Sequence[Day]:
        """The slots by local day; a day that has a limit and no slots is among them."""
        by_day: dict[date, list[Slot]] = defaultdict(list, {on: [] for on in self.limits})
        for slot in self.slots:
            by_day[slot.part.starts_at.astimezone(zone).date()].append(slot)
        return [Day(on, self.limits.get(on), slots) for on, slots in sorted(by_day.items())]

    def slot(self, part_id: int) -> Slot:
        """One slot of this event; NotFound where it is none."""
        for slot in self.slots:
            if slot.part.id == part_id:
                return slot
        raise NotFound

    def coming(self, now: datetime) -> Sequence[Slot]:
        return [slot for slot in self.slots if slot.part.state is PartState.PLANNED and slot.part.starts_at > now]


def staff_event(read: Reading, *, slug: str, to_edit: bool = False) -> StaffEvent:
    """The event for its staff; with ``to_edit`` only for those who may alter it."""
    event = read.session.scalars(
        select(Event)
        .where(Event.slug == slug, granted(read.actor, EVENT_EDITORS if to_edit else EVENT_STAFF))
        .options(joinedload(Event.programme), joinedload(Event.series), selectinload(Event.parts))
    ).one_or_none()
    if event is None:
        raise NotFound
    claims = select(
        Claim.part_id, func.coalesce(func.sum(Claim.seats).filter(Claim.released_at.is_(None)), 0).label("taken")
    )
    rows = read.session.execute(claims.where(Claim.event_id == event.id).group_by(Claim.part_id)).all()
    taken = {row.part_id: int(row.taken) for row in rows}
    slots = [Slot(part, taken.get(part.id, 0), part.id in taken) for part in event.parts]
    limits = read.session.scalars(select(DayLimit).where(DayLimit.event_id == event.id))
    return StaffEvent(event, _places(read, [event.id])[event.id], slots, {limit.on_date: limit for limit in limits})


@dataclass(frozen=True)
class Unmarked:
    """A slot that is over while nobody has said of some seats whether they came."""

    slug: str
    title: str
    part_id: int
    starts_at: datetime
    ends_at: datetime
    seats: int
    marked: int


def unmarked(read: Reading, *, limit: int = 10) -> Sequence[Unmarked]:
    """Slots of the last months whose attendance is not complete, latest first."""
    held = and_(Claim.part_id == Part.id, Claim.released_at.is_(None))
    seats = select(func.coalesce(func.sum(Claim.seats), 0)).where(held).scalar_subquery()
    marked = (
        select(func.count())
        .select_from(Claim)
        .join(Seat, Seat.booking_id == Claim.booking_id)
        .join(Mark, and_(Mark.seat_id == Seat.id, Mark.part_id == Claim.part_id, Mark.superseded_at.is_(None)))
        .where(held)
        .scalar_subquery()
    )
    over = and_(
        Part.state == PartState.PLANNED, Part.ends_at <= read.now, Part.ends_at > read.now - STILL_WORTH_MARKING
    )
    rows = read.session.execute(
        select(
            Event.slug,
            Event.title,
            Part.id.label("part_id"),
            Part.starts_at,
            Part.ends_at,
            seats.label("seats"),
            marked.label("marked"),
        )
        .join(Event, Event.id == Part.event_id)
        .where(over, marked < seats, granted(read.actor, EVENT_STAFF))
        .order_by(Part.starts_at.desc(), Part.id)
        .limit(limit)
    ).all()
    return [Unmarked(**{**row._asdict(), "seats": int(row.seats)}) for row in rows]
