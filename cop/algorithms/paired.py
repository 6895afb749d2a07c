"""What changed in the same people between two times at which they were asked, as plain descriptive statistics.

Only people who answered both times are compared: each of them is their own yardstick. Medians, because the scales are
short and a few large changes should not speak for all. Beside the median of the differences stands a percentile
bootstrap interval: what other groups of as many people like these might have shown. There are no p-values.

The interval is drawn with a fixed seed, so the same answers give the same interval on every machine and every version
of Python: of :mod:`random` only ``random()`` is used, whose sequence for a seed Python promises to keep. The order of
the people does not matter, because their differences are sorted first.
"""

import random
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from statistics import median
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)

SEED = 20_240_615
"""Any number would do; it never changes, so that reports can be checked."""

RESAMPLES = 2_000

COVERAGE = 0.95

LEAST_PAIRS = 6
"""Below so many pairs there is no interval: not even all between the smallest and the largest difference would hold the
median of 95 in 100 samples (1 - 2 / 2 ** n is 0.94 for five pairs, and 0.97 for six).
"""

PLACES = 9
"""Decimal places to which differences are rounded, so that means of the same answers are the same."""


@dataclass(frozen=True)
class Interval:
    """The ends of a 95 % percentile bootstrap interval of the median of the differences, in units of the scale."""

    low: float
    high: float


@dataclass(frozen=True)
class Paired:
    """``n`` people answered both times; ``before_only`` and ``after_only`` count those who are compared with nobody.

    ``before`` and ``after`` are medians over the pairs, ``difference`` is the median of the differences (after less
    before), which need not be the difference of the medians. All are None where there is no pair, and ``interval``
    below :data:`LEAST_PAIRS`.
    """

    n: int
    before_only: int
    after_only: int
    before: float | None = None
    after: float | None = None
    difference: float | None = None
    interval: Interval | None = None
    rose: int = 0
    stayed: int = 0
    fell: int = 0


def compare(before: Mapping[Key, float], after: Mapping[Key, float]) -> Paired:
    """The change from what each person, by some key, said before to what they said after."""
    both = [key for key in before if key in after]
    alone = (len(before) - len(both), len(after) - len(both))
    if not both:
        return Paired(0, *alone)
    differences = [round(after[key] - before[key], PLACES) for key in both]
    return Paired(
        len(both),
        *alone,
        before=median(before[key] for key in both),
        after=median(after[key] for key in both),
        difference=median(differences),
        interval=interval(differences) if len(both) >= LEAST_PAIRS else None,
        rose=sum(difference > 0 for difference in differences),
        stayed=sum(difference == 0 for difference in differences),
        fell=sum(difference < 0 for difference in differences),
    )


def interval(differences: Sequence[float]) -> Interval:
    """Between which ends the medians of 95 % of the resamples lie. ValueError for fewer than :data:`LEAST_PAIRS`."""
    if len(differences) < LEAST_PAIRS:
        raise ValueError(f"an interval needs at least {LEAST_PAIRS} pairs")
    return _interval(tuple(sorted(differences)))


@lru_cache(maxsize=256)
def _interval(differences: tuple[float, ...]) -> Interval:
    """The same answers are asked about each time that a page is drawn."""
    people = len(differences)
    chance = random.Random(SEED).random  # noqa: S311  statistics, and to be repeated
    medians = sorted(
        _median_of_sorted(sorted([differences[int(chance() * people)] for _ in range(people)]))
        for _ in range(RESAMPLES)
    )
    outside = round(RESAMPLES * (1 - COVERAGE) / 2)
    return Interval(medians[outside], medians[-outside - 1])


def _median_of_sorted(values: Sequence[float]) -> float:
    middle = len(values) // 2
    return values[middle] if len(values) % 2 else (values[middle - 1] + values[middle]) / 2
