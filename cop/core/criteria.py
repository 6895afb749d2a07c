"""Criteria as data, and what scores by them come to.

A criterion is JSON: ``{"code": "c1", "title": "A real challenge", "about": "…", "weight": 2, "levels": ["…", …]}``, its
levels described from the lowest score up. Scores run from 1 to 5.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

SCORES = range(1, 6)


@dataclass(frozen=True)
class Criterion:
    """``levels`` has one description for each of the scores, empty where nobody described it."""

    code: str
    title: str
    about: str
    weight: float
    levels: tuple[str, ...]


def read_criteria(raw: Iterable[Mapping[str, Any]]) -> Sequence[Criterion]:
    return [
        Criterion(
            code=str(each["code"]),
            title=str(each["title"]),
            about=str(each.get("about", "")),
            weight=float(each.get("weight", 1)),
            levels=tuple([*map(str, each.get("levels", ())), *[""] * len(SCORES)][: len(SCORES)]),
        )
        for each in raw
    ]


@dataclass(frozen=True)
class Score:
    """What a reviewer says by one criterion; a draft may lack both."""

    score: int | None = None
    reason: str = ""


def read_scores(raw: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Score]:
    """Scores by the code of their criterion, as a review keeps them."""
    return {code: Score(each.get("score"), each.get("reason", "")) for code, each in raw.items()}


def total_of(criteria: Sequence[Criterion], scores: Mapping[str, Score]) -> float:
    """The mean of the scores by the weights of their criteria, to two places; each of them has a score."""
    weights = sum(criterion.weight for criterion in criteria)
    weighed = sum(criterion.weight * (scores[criterion.code].score or 0) for criterion in criteria)
    return round(weighed / weights, 2)
