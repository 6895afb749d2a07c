"""Numbers for the evaluation: whom a programme reached, and what became of its events, courses and people.

Admins of the programme see them as they are. For evaluators, counts of fewer than five people are hidden, with what
would give them away; and what they narrow the figures to picks some of the numbers that they see anyway, so that two
addresses never tell more than one.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from cop.core.access import Role
from cop.core.errors import NotFound
from cop.core.work import Reading
from cop.models.programmes import Programme
from cop.queries import programmes as all_programmes
from cop.queries.evaluation.filters import NOTHING, Filters, Quarter, events_to_choose, quarters
from cop.queries.evaluation.funnels import Course, EventFunnel, HalfDay, courses, event_funnels, half_days
from cop.queries.evaluation.people import Taken, people
from cop.queries.evaluation.reach import Geography, Group, Reach, reach
from cop.queries.evaluation.seats import Withheld, withheld
from cop.queries.succession import divided

__all__ = [
    "NOTHING",
    "Course",
    "EventFunnel",
    "Filters",
    "Geography",
    "Group",
    "HalfDay",
    "Overview",
    "Quarter",
    "Reach",
    "Taken",
    "Withheld",
    "courses",
    "event_funnels",
    "events_to_choose",
    "half_days",
    "is_exact",
    "narrowed_reach",
    "of_events",
    "overview",
    "people",
    "programmes",
    "quarters",
    "withheld",
]

READERS = (Role.ADMIN, Role.EVALUATOR)


def programmes(read: Reading) -> Sequence[Programme]:
    """The programmes whose results the actor may read, the current one first, then the latest."""
    return all_programmes.granted(read, *READERS)


def is_exact(read: Reading, programme: Programme) -> bool:
    """Whether nothing is hidden from the actor; NotFound for who may not read the results of the programme."""
    if not read.actor.may(*READERS, programme_id=programme.id):
        raise NotFound
    return read.actor.may(Role.ADMIN, programme_id=programme.id)


@dataclass(frozen=True)
class Overview:
    """``is_exact`` tells that no count is hidden from this reader.

    ``divided`` are councils that several have taken over, which count as they were by the map of today too.
    """

    is_exact: bool
    geography: Geography
    divided: Sequence[str]
    reach: Reach
    events: Sequence[EventFunnel]
    half_days: Sequence[HalfDay]
    courses: Sequence[Course]


def overview(
    read: Reading, programme: Programme, geography: Geography = Geography.THEN, filters: Filters = NOTHING
) -> Overview:
    """All figures of a programme, in the same number of statements whatever it holds."""
    exact = is_exact(read, programme)
    narrowed = filters if exact else of_events(filters)
    hidden = None if exact else withheld(read, programme)
    return Overview(
        exact,
        geography,
        divided(read) if geography is Geography.TODAY else (),
        narrowed_reach(read, programme, geography, filters),
        event_funnels(read, programme, withheld=hidden, filters=narrowed),
        half_days(read, programme, withheld=hidden, filters=narrowed),
        courses(read, programme, withheld=hidden, filters=narrowed),
    )


def of_events(filters: Filters) -> Filters:
    """What is left of them for who may not see small numbers, where there is a row for each event."""
    return replace(filters, sector=None, region=None, membership=None, kind=None, newer="")


def narrowed_reach(
    read: Reading, programme: Programme, geography: Geography = Geography.THEN, filters: Filters = NOTHING
) -> Reach:
    """For who may not see small numbers, of the tables that it has anyway the rows that fit."""
    if is_exact(read, programme):
        return reach(read, programme, geography, hide=False, filters=filters)
    found = reach(read, programme, geography, hide=True)
    return Reach(
        found.whole,
        _picked(found.by_kind, filters.kind),
        _picked(found.by_region, filters.region),
        _picked(found.by_newer, filters.newer),
        _picked(found.by_membership, filters.membership),
        _picked(found.by_sector, filters.sector),
    )


def _picked(groups: Sequence[Group], name: str | None) -> Sequence[Group]:
    return [group for group in groups if name in {None, "", group.name}]
