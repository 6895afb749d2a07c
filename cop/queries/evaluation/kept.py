"""Figures of large programmes, which are counted at night: to count them anew for each page would take seconds."""

from collections.abc import Callable, Sequence
from datetime import datetime, time
from typing import Any

from sqlalchemy import Select, func, select

from cop.core.place import day_of, instant_on
from cop.core.work import Reading
from cop.models.events import Event, Mark, Part
from cop.models.evidence import KeptFigures
from cop.queries.evaluation.filters import Filters

Rows = Sequence[Sequence[Any]]
"""What a count found, as JSON can hold it."""

LARGE = 20_000
"""From so many marks on, the figures of a programme are counted at night."""


def kept_or(read: Reading, programme_id: int, name: str, filters: Filters, count: Callable[[], Rows]) -> Rows:
    """What was counted last night, or counted now: for programmes that are not large, for what is narrowed by
    ``filters``, and for the job that counts at night.
    """
    if not filters and read.actor.via != "system":
        kept = read.session.get(KeptFigures, (programme_id, name))
        if kept is not None:
            return kept.rows
    return count()


def counted_at(read: Reading, programme_id: int) -> datetime | None:
    """When the figures of a programme were counted that are kept, None where they are counted as they are asked for."""
    return read.session.scalar(select(func.max(KeptFigures.counted_at)).where(KeptFigures.programme_id == programme_id))


def due(read: Reading, programme_ids: Sequence[int]) -> Sequence[int]:
    """Which of these programmes were not counted yet today."""
    today = instant_on(day_of(read.now), time())
    done = select(KeptFigures.programme_id).where(KeptFigures.counted_at >= today)
    kept = set(read.session.scalars(done))
    return [programme_id for programme_id in programme_ids if programme_id not in kept]


def large(read: Reading) -> Sequence[int]:
    """The ids of the programmes whose figures are counted at night."""
    return read.session.scalars(_large()).all()


def _large() -> Select[int]:
    return (
        select(Event.programme_id)
        .join(Part, Part.event_id == Event.id)
        .join(Mark, Mark.part_id == Part.id)
        .group_by(Event.programme_id)
        .having(func.count() >= LARGE)
    )
