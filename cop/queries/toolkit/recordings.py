"""Recordings of webinars that are over: what everybody may look at, and what a resource shows of its event."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select

from cop.core.work import Reading
from cop.models.events import Event, EventKind, EventState, Part, PartState, Visibility
from cop.models.webinars import EventLink, LinkKind


@dataclass(frozen=True)
class Recording:
    """``link_id`` and ``slug`` make the address that counts who opens it."""

    link_id: int
    title: str
    slug: str
    event: str
    ended_at: datetime


def recordings(read: Reading, *, offset: int = 0, limit: int = 20) -> Sequence[Recording]:
    """Of public webinars, the latest first, ``limit`` + 1 of them so that the caller knows of a next page."""
    return _rows(read, _found(read).offset(offset).limit(limit + 1))


def recordings_of(read: Reading, *, event_id: int) -> Sequence[Recording]:
    """Those of one public webinar, in their order."""
    return _rows(read, _found(read).where(Event.id == event_id))


def _found(read: Reading) -> Select[*tuple[Any, ...]]:
    last = (
        select(func.max(Part.ends_at))
        .where(Part.event_id == Event.id, Part.state == PartState.PLANNED)
        .scalar_subquery()
    )
    return (
        select(EventLink.id, EventLink.title, Event.slug, Event.title, last)
        .join(Event, Event.id == EventLink.event_id)
        .where(
            EventLink.kind == LinkKind.RECORDING,
            Event.kind == EventKind.WEBINAR,
            Event.state == EventState.PUBLISHED,
            Event.visibility == Visibility.PUBLIC,
            last <= read.now,
        )
        .order_by(last.desc(), Event.id, EventLink.position, EventLink.id)
    )


def _rows(read: Reading, found: Select[*tuple[Any, ...]]) -> Sequence[Recording]:
    return [Recording(*row) for row in read.session.execute(found)]
