"""How the applications of a course would be shared out among its reviewers now, and why everybody gets so many."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from sqlalchemy import Select, and_, false, func, select, true

from cop.algorithms.sharing import Shared, share_out
from cop.core.work import Reading
from cop.models.cohorts import Application, Assignment, Cohort, Review, ReviewState
from cop.queries.cohorts.panel import hidden_because
from cop.queries.cohorts.preparing import version_of
from cop.queries.cohorts.reviewing import is_submitted, only_chairs, team_of_course, values_of
from cop.queries.cohorts.scores import is_taken_back


@dataclass(frozen=True)
class Planned:
    """What one reviewer would have: ``before`` is what they have now, ``begun`` what stays because it has begun.

    ``may_see`` counts the applications that they have no conflict with, ``only`` those of them that no more people may
    see than are wanted, so that nobody can take one over.
    """

    person_id: int
    name: str
    before: int
    after: int
    begun: int
    may_see: int
    only: int


@dataclass(frozen=True)
class Plan:
    """How the applications would be shared out now, and what that changes.

    ``stays`` are the pairs of application and reviewer that are there already, ``comes`` and ``goes`` what changes.
    """

    wanted: int
    applications: int
    reviewers: Sequence[Planned]
    stays: Sequence[tuple[int, int]]
    comes: Sequence[tuple[int, int]]
    goes: Sequence[tuple[int, int]]
    missing: int

    @cached_property
    def version(self) -> str:
        return version_of(self.wanted, sorted(self.stays), sorted(self.comes), sorted(self.goes))

    @property
    def is_even(self) -> bool:
        """Whether nobody has two more than somebody else."""
        loads = [reviewer.after for reviewer in self.reviewers]
        return not loads or max(loads) - min(loads) <= 1


def plan_of(read: Reading, cohort: Cohort) -> Plan:
    """The fairest sharing there is, which keeps every review that has begun; for the chair."""
    only_chairs(read, cohort)
    values, wanted = values_of(read, cohort), cohort.reviews_wanted or 0
    names = {row.id: row.name for row in read.session.execute(_names(), values)}
    numbers = {row.id: row.number for row in read.session.execute(_submitted_ones(), values)}
    blocked = {(row.application_id, row.id) for row in read.session.execute(_blocked(), values)}
    now = {(row.application_id, row.reviewer_id): row for row in read.session.execute(_begun(), values)}
    held = [pair for pair, row in now.items() if row.begun and (row.done or (pair[1] in names and pair not in blocked))]
    shared = share_out(list(numbers), list(names), wanted=wanted, blocked=blocked, held=held)
    has, gets = {pair for pair, row in now.items() if row.shared}, set(shared.pairs)
    return Plan(
        wanted=wanted,
        applications=len(numbers),
        reviewers=_planned(names, list(numbers), blocked, held, has, shared),
        stays=sorted(has & gets),
        comes=sorted(gets - has),
        goes=sorted(has - gets),
        missing=len(shared.missing),
    )


def _planned(
    names: Mapping[int, str],
    numbers: Sequence[int],
    blocked: set[tuple[int, int]],
    held: Sequence[tuple[int, int]],
    has: set[tuple[int, int]],
    shared: Shared[int, int],
) -> Sequence[Planned]:
    readers = Counter(application for application, _ in shared.pairs)
    free = {number: [person for person in names if (number, person) not in blocked] for number in numbers}
    before, begun = Counter(person for _, person in has), Counter(person for _, person in held)
    may_see = Counter(person for people in free.values() for person in people)
    only = Counter(person for number, people in free.items() if len(people) <= readers[number] for person in people)
    return [
        Planned(person, name, before[person], shared.loads[person], begun[person], may_see[person], only[person])
        for person, name in names.items()
    ]


@cache
def _names() -> Select[*tuple[Any, ...]]:
    team = team_of_course()
    return select(team.c.id, team.c.name).order_by(team.c.name, team.c.id)


@cache
def _submitted_ones() -> Select[*tuple[Any, ...]]:
    return select(Application.id, Application.number).where(is_submitted()).order_by(Application.number)


@cache
def _blocked() -> Select[*tuple[Any, ...]]:
    """Each reviewer with each application that they may not see."""
    team = team_of_course()
    return (
        select(team.c.id, Application.id.label("application_id"))
        .select_from(team)
        .join(Application, is_submitted())
        .where(hidden_because(team.c.id).is_not(None))
    )


@cache
def _begun() -> Select[*tuple[Any, ...]]:
    """Each share and each review that counts, by application and reviewer."""
    shared = (
        select(
            Assignment.application_id,
            Assignment.reviewer_id,
            true().label("shared"),
        )
        .join(Application, Application.id == Assignment.application_id)
        .where(is_submitted())
        .subquery("shared")
    )
    begun = (
        select(Review.application_id, Review.reviewer_id, (Review.state == ReviewState.SUBMITTED).label("done"))
        .join(Application, Application.id == Review.application_id)
        .where(is_submitted(), ~is_taken_back())
        .subquery("begun")
    )
    same = and_(shared.c.application_id == begun.c.application_id, shared.c.reviewer_id == begun.c.reviewer_id)
    return select(
        func.coalesce(shared.c.application_id, begun.c.application_id).label("application_id"),
        func.coalesce(shared.c.reviewer_id, begun.c.reviewer_id).label("reviewer_id"),
        shared.c.shared.is_not(None).label("shared"),
        begun.c.application_id.is_not(None).label("begun"),
        func.coalesce(begun.c.done, false()).label("done"),
    ).select_from(shared.outerjoin(begun, same, full=True))
