"""How strictly reviewers score: what they give beside what others gave the same applications.

It stands beside the scores and changes none of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Float, Select, bindparam, cast, func, select

from cop.core.work import Reading
from cop.models.cohorts import Application, ApplicationState, Cohort, Review
from cop.queries.cohorts.scores import counts

ENOUGH = 5
"""Applications that a reviewer shares with others, before anything is said of them: fewer are chance."""


@dataclass(frozen=True)
class Severity:
    """The mean difference between a reviewer's scores and the mean of the others', on what both scored.

    Below zero they are stricter than the others. ``applications`` is on how many that rests.
    """

    applications: int
    difference: float


def severities(read: Reading, cohort: Cohort) -> Mapping[int, Severity]:
    """By the id of the reviewer; whoever shares too few applications with others is left out."""
    rows = read.session.execute(_severities(), {"cohort_id": cohort.event_id, "enough": ENOUGH})
    return {row.reviewer_id: Severity(row.applications, row.difference) for row in rows}


@cache
def _severities() -> Select[*tuple[Any, ...]]:
    others = func.count().over(partition_by=Review.application_id) - 1
    all_of_it = func.sum(Review.total).over(partition_by=Review.application_id)
    of_others = (all_of_it - Review.total) / func.nullif(others, 0)
    beside = (
        select(Review.reviewer_id, (Review.total - of_others).label("difference"))
        .join(Application, Application.id == Review.application_id)
        .where(
            Application.cohort_id == bindparam("cohort_id"),
            Application.state == ApplicationState.SUBMITTED,
            counts(),
        )
        .subquery()
    )
    number = func.count(beside.c.difference)
    return (
        select(
            beside.c.reviewer_id,
            number.label("applications"),
            cast(func.round(func.avg(beside.c.difference), 2), Float).label("difference"),
        )
        .group_by(beside.c.reviewer_id)
        .having(number >= bindparam("enough"))
    )
