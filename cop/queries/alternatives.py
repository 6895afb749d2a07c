"""What else there is for those who cannot come: something online, another date, another time of the same visit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, func, or_, select

from cop.core.work import Reading
from cop.models.base import UtcDateTime
from cop.models.events import FOR_ANYBODY, Choice, Event, EventKind, EventState, Part, PartState
from cop.queries.events import is_open, places_left

ONLINE = (EventKind.WEBINAR,)
"""The kinds that take place online and have a page of their own."""

BOOKED_BY_ANYBODY = (EventKind.VISIT, EventKind.WEBINAR)
"""Where somebody whose event was cancelled can book another without being invited or chosen."""


@dataclass(frozen=True)
class Alternative:
    """An event that is published and still to come, with its next date."""

    id: int
    slug: str
    title: str
    kind: EventKind
    starts_at: datetime


def online_choices(read: Reading, event: Event) -> Sequence[Alternative]:
    """What staff of a visit may offer to those who cannot come; the caller has checked that they ask."""
    return _coming(read, Event.programme_id == event.programme_id, Event.kind.in_(ONLINE))


def instead_choices(read: Reading, event: Event) -> Sequence[Alternative]:
    """The other dates that staff may offer when they cancel the event, and what takes place online."""
    kinds = {*ONLINE, *({event.kind} & {*BOOKED_BY_ANYBODY})}
    return _coming(read, Event.programme_id == event.programme_id, Event.kind.in_(kinds), Event.id != event.id)


def online_alternative(read: Reading, event: Event) -> Alternative | None:
    """The webinar for those who cannot come, as long as it is still to come."""
    return _one(read, event.online_event_id)


def instead(read: Reading, event: Event) -> Alternative | None:
    """The other date that stands for a cancelled event, as long as it is still to come."""
    return _one(read, event.instead_event_id)


def _one(read: Reading, event_id: int | None) -> Alternative | None:
    if event_id is None:
        return None
    row = read.session.execute(_by_id(), {"now": read.now, "event_id": event_id}).one_or_none()
    return Alternative(**row._asdict()) if row is not None else None


_NOW = bindparam("now", type_=UtcDateTime())


@cache
def _by_id() -> Select[*tuple[Any, ...]]:
    return _found(Event.id == bindparam("event_id"))


def _found(*conditions: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    """Events that anybody with their address may see and book."""
    next_at = func.min(Part.starts_at)
    return (
        select(Event.id, Event.slug, Event.title, Event.kind, next_at.label("starts_at"))
        .join(Part, Part.event_id == Event.id)
        .where(
            *conditions,
            Event.state == EventState.PUBLISHED,
            Event.visibility.in_(FOR_ANYBODY),
            Part.state == PartState.PLANNED,
            Part.starts_at > _NOW,
            or_(Event.closes_at.is_(None), Event.closes_at > _NOW),
        )
        .group_by(Event.id)
        .order_by(next_at, Event.id)
    )


def _coming(read: Reading, *conditions: ColumnElement[bool]) -> Sequence[Alternative]:
    rows = read.session.execute(_found(*conditions), {"now": read.now})
    return [Alternative(**row._asdict()) for row in rows]


def other_times(read: Reading, event: Event, *, but: Part | None = None, size: int = 1) -> Sequence[Part]:
    """The times to come of a visit at which a party of that size still finds places; without those that are full."""
    if event.choice is not Choice.ONE or not is_open(read, event):
        return []
    return [
        part
        for part in event.parts
        if part.state is PartState.PLANNED
        and part.starts_at > read.now
        and (but is None or part.id != but.id)
        and _fits(places_left(event, part), size)
    ]


def _fits(left: int | None, size: int) -> bool:
    return left is None or left >= size
