"""What people set out to do at a course or a summit, and what became of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, select

from cop.core.place import day_of
from cop.core.small_numbers import Figure
from cop.core.work import Reading
from cop.models.commitments import Commitment, CommitmentCheck, CommitmentKind, CommitmentState
from cop.models.events import Booking, Event, EventKind, EventState, Part
from cop.models.programmes import Programme
from cop.queries.cohorts.roster import HAS_PLACE
from cop.queries.evaluation.figures import chain, pieces
from cop.queries.evaluation.filters import NOTHING, Filters
from cop.queries.plans import SOURCE, is_plan_of_event

STATES = tuple(CommitmentState)


@dataclass(frozen=True)
class Promised:
    """At one event. Of the ``people`` with a place on a course, ``without`` a plan and those whose plan stands in each
    of the ``states``; of a summit there are no ``people``, and all actions stand in the states.

    Of those that were ``due`` to be looked at again by today, so many were ``reviewed``.
    """

    title: str
    slug: str
    kind: EventKind
    people: Figure | None
    without: Figure | None
    states: Sequence[Figure]
    due: Figure
    reviewed: Figure


def promised(read: Reading, programme: Programme, *, hide: bool, filters: Filters = NOTHING) -> Sequence[Promised]:
    """The courses that somebody has a place on, and the summits that anybody left with an action, the latest first."""
    rows = read.session.execute(_promised(read, programme, filters))
    return [_of_event(row._asdict(), hide=hide) for row in rows]


def _of_event(row: dict[str, Any], *, hide: bool) -> Promised:
    states = [row[state.value] for state in STATES]
    is_course = row["kind"] is EventKind.COHORT
    without = [max(row["people"] - sum(states), 0)] if is_course else []
    figures, whole = pieces([*without, *states], hide=hide)
    due, reviewed = chain(row["due"], row["reviewed"], hide=hide)
    return Promised(
        row["title"],
        row["slug"],
        row["kind"],
        whole if is_course else None,
        figures[0] if is_course else None,
        figures[len(without) :],
        due,
        reviewed,
    )


def _promised(read: Reading, programme: Programme, filters: Filters) -> Select[*tuple[Any, ...]]:
    is_action = and_(
        Commitment.kind == CommitmentKind.ACTION,
        Commitment.source_kind == SOURCE,
        Commitment.source_id == Event.id,
    )
    is_due = Commitment.check_on <= day_of(read.now)
    was_reviewed = exists().where(
        CommitmentCheck.commitment_id == Commitment.id, CommitmentCheck.on_date >= Commitment.check_on
    )
    of_programme = select(Event.id).where(Event.programme_id == programme.id, Event.kind == EventKind.COHORT)
    places = (
        select(Booking.event_id, func.count().label("people"))
        .where(Booking.event_id.in_(of_programme), *HAS_PLACE)
        .group_by(Booking.event_id)
        .subquery()
    )
    starts_at = select(func.min(Part.starts_at)).where(Part.event_id == Event.id).scalar_subquery()

    def count(*conditions: ColumnElement[bool]) -> ColumnElement[int]:
        return func.count(Commitment.id).filter(*conditions)

    return (
        select(
            Event.title,
            Event.slug,
            Event.kind,
            func.coalesce(places.c.people, 0).label("people"),
            *(count(Commitment.state == state).label(state.value) for state in STATES),
            count(is_due).label("due"),
            count(is_due, was_reviewed).label("reviewed"),
        )
        .outerjoin(places, places.c.event_id == Event.id)
        .outerjoin(Commitment, is_plan_of_event() | is_action)
        .where(
            Event.programme_id == programme.id,
            Event.state != EventState.DRAFT,
            places.c.people.is_not(None) | Commitment.id.is_not(None),
            *filters.events(),
        )
        .group_by(Event.id, places.c.people)
        .order_by(starts_at.desc().nulls_last(), Event.id)
    )
