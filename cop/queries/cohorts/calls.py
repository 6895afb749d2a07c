"""Reads about courses as those who may apply see them: what is open, one call, and whether somebody fits it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import Select, and_, bindparam, case, func, or_, select

from cop.core.errors import NotFound, marked
from cop.core.work import Reading
from cop.models.base import UtcDateTime
from cop.models.cohorts import Cohort
from cop.models.events import Event, EventKind, EventState, Part, PartState, Visibility


class Phase(StrEnum):
    """Where a call stands. A draft has not opened, whatever its dates."""

    COMING = "coming"
    OPEN = "open"
    CLOSED = "closed"
    CANCELLED = "cancelled"


def phase_of(event: Event, now: datetime) -> Phase:
    if event.state is EventState.CANCELLED:
        return Phase.CANCELLED
    if event.state is EventState.DRAFT or event.opens_at is None or now < event.opens_at:
        return Phase.COMING
    return Phase.OPEN if event.closes_at is None or now < event.closes_at else Phase.CLOSED


@dataclass(frozen=True)
class Listed:
    """A row of the list of courses; without half-days it has neither start nor end."""

    slug: str
    title: str
    summary: str
    kind: EventKind
    place: str
    state: EventState
    capacity: int | None
    opens_at: datetime | None
    closes_at: datetime | None
    starts_at: datetime | None
    ends_at: datetime | None


def listed_calls(read: Reading, *, past: bool, offset: int = 0, limit: int = 20) -> Sequence[Listed]:
    """Public courses, ``limit`` + 1 of them: open calls by their close and then coming ones, or those that closed."""
    values = {"now": read.now, "offset": offset, "limit": limit + 1}
    rows = read.session.execute(_past_calls() if past else _present_calls(), values)
    return [Listed(**row._asdict()) for row in rows]


_NOW = bindparam("now", type_=UtcDateTime())


@cache
def _present_calls() -> Select[*tuple[Any, ...]]:
    is_open = Event.opens_at <= _NOW
    return (
        _calls()
        .where(Event.state == EventState.PUBLISHED, or_(Event.closes_at.is_(None), Event.closes_at > _NOW))
        .order_by(case((is_open, 0), else_=1), case((is_open, Event.closes_at), else_=Event.opens_at), Event.id)
    )


@cache
def _past_calls() -> Select[*tuple[Any, ...]]:
    return (
        _calls()
        .where(or_(Event.closes_at <= _NOW, Event.state == EventState.CANCELLED), Event.state != EventState.DRAFT)
        .order_by(Event.closes_at.desc(), Event.id.desc())
    )


def _calls() -> Select[*tuple[Any, ...]]:
    planned = and_(Part.event_id == Event.id, Part.state == PartState.PLANNED)
    return (
        select(
            Event.slug,
            Event.title,
            Event.summary,
            Event.kind,
            Event.place,
            Event.state,
            Event.capacity,
            Event.opens_at,
            Event.closes_at,
            select(func.min(Part.starts_at)).where(planned).scalar_subquery().label("starts_at"),
            select(func.max(Part.ends_at)).where(planned).scalar_subquery().label("ends_at"),
        )
        .where(Event.kind == EventKind.COHORT, Event.visibility == Visibility.PUBLIC)
        .offset(bindparam("offset"))
        .limit(bindparam("limit"))
    )


def cohort_of(read: Reading, event: Event) -> Cohort:
    """What the course has beside its event, which the caller was allowed to see."""
    cohort = read.session.scalars(_cohort(), {"event_id": event.id}).one_or_none()
    if cohort is None:
        raise NotFound
    return cohort


@cache
def _cohort() -> Select[Cohort]:
    return select(Cohort).where(Cohort.event_id == bindparam("event_id"))


def half_days(event: Event) -> Sequence[Part]:
    return [part for part in event.parts if part.state is PartState.PLANNED]


@dataclass(frozen=True)
class Screening:
    """One question before the application: who answers otherwise than ``needed`` learns why, and of other ways."""

    question: str
    needed: str
    otherwise: str


def screening_of(cohort: Cohort) -> Sequence[Screening]:
    return [Screening(raw["question"], raw["needed"], raw["otherwise"]) for raw in cohort.screening]


def missing_in_call(read: Reading, event: Event) -> Sequence[str]:
    """What a course lacks before people can apply, in words that continue a sentence."""
    cohort = cohort_of(read, event)
    needed = (
        (event.capacity, marked("the number of places")),
        (cohort.involves, marked("what is involved")),
        (cohort.eligibility, marked("who can apply")),
        (cohort.selecting, marked("how you select")),
        (event.opens_at and event.closes_at, marked("when applications open and close")),
        (cohort.questionnaire_id, marked("the questions")),
        (cohort.criteria, marked("the criteria")),
    )
    return [words for present, words in needed if not present]
