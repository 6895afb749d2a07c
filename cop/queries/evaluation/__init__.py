"""Numbers for the evaluation: whom a programme reached, and what became of its events and courses.

Admins of the programme see them as they are. For evaluators, counts of fewer than five people are hidden, with what
would give them away.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from cop.core.access import Role
from cop.core.errors import NotFound
from cop.core.work import Reading
from cop.models.programmes import Programme
from cop.queries import programmes as all_programmes
from cop.queries.evaluation.funnels import Course, EventFunnel, HalfDay, courses, event_funnels, half_days
from cop.queries.evaluation.reach import Geography, Group, Reach, reach
from cop.queries.succession import divided

__all__ = ["Course", "EventFunnel", "Geography", "Group", "HalfDay", "Overview", "Reach", "overview", "programmes"]

READERS = (Role.ADMIN, Role.EVALUATOR)


def programmes(read: Reading) -> Sequence[Programme]:
    """The programmes whose results the actor may read, the current one first, then the latest."""
    return all_programmes.granted(read, *READERS)


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


def overview(read: Reading, programme: Programme, geography: Geography = Geography.THEN) -> Overview:
    """All figures of a programme, in the same number of statements whatever it holds."""
    if not read.actor.may(*READERS, programme_id=programme.id):
        raise NotFound
    hide = not read.actor.may(Role.ADMIN, programme_id=programme.id)
    return Overview(
        not hide,
        geography,
        divided(read) if geography is Geography.TODAY else (),
        reach(read, programme, geography, hide=hide),
        event_funnels(read, programme, hide=hide),
        half_days(read, programme, hide=hide),
        courses(read, programme, hide=hide),
    )
