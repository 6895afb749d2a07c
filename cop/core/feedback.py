"""What somebody can be told of their own application, from the mean of its scores by each criterion.

It compares nobody with anybody, and what comes of it names no score and no reviewer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cop.core.criteria import Criterion

STRONG, GOOD = 3.0, 4.0
"""From the first up something counts as a strength; below the second there is something to work on."""

CLOSE = 0.25
"""Means that lie no further apart are alike: reviewers do not score more finely than that."""

MOST = 2
"""More than so many at a time help nobody."""


@dataclass(frozen=True)
class Portrait:
    """What came out strongest, and what could be worked on; each may be empty, and no criterion is both."""

    strongest: Sequence[Criterion] = ()
    to_work_on: Sequence[Criterion] = ()


def portrait(criteria: Sequence[Criterion], means: Mapping[str, float]) -> Portrait:
    """Of an application whose reviews have these means, by the code of the criterion; in the order of the criteria."""
    scored = [criterion for criterion in criteria if criterion.code in means]
    if not scored:
        return Portrait()
    best, lowest = max(means[one.code] for one in scored), min(means[one.code] for one in scored)
    strongest = [one for one in scored if means[one.code] >= max(STRONG, best - CLOSE)][:MOST]
    lacking = [one for one in scored if means[one.code] <= lowest + CLOSE and means[one.code] < GOOD]
    return Portrait(strongest, [one for one in lacking if one not in strongest][:MOST])
