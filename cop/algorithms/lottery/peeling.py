"""Takes given chances apart into panels: each step takes off as much as it can of one panel that fits them."""

import random
from collections.abc import Callable, Sequence
from math import ceil, floor

from cop.algorithms.lottery.panels import Panels
from cop.algorithms.lottery.shapes import Counts, Row

LARGEST_SHARE = 1 / 64
"""Of one panel. More would be quicker, but a draw among four panels is a poor lottery even where chances are equal."""

QUICK_TRIES = 5
NOISE, FINEST, COARSEST = 1e-10, 1e-9, 1e-6
"""A mean counts as standing at a bound within ``NOISE`` of the whole lottery, or these limits of what is left."""

DONE = 1e-8
STUCK = 4
MOST_FAILURES = 3
"""After each, twice as many steps are taken back, to go on by others."""

MOST_STEPS = 5000

Mix = list[tuple[float, Counts]]
"""Panels with their shares of the lottery."""


def peel(panels: Panels, chances: Sequence[float], stop: Callable[[], bool]) -> tuple[Mix, float]:
    """Panels whose shares give each kind its chances, and the share that could not be taken apart (0: all was).

    What stays after each step keeps every bound, and in the end stands at ever more of them, so that there are at
    most about as many steps as kinds and rows (Carathéodory). Where a bound holds a fraction of a panel but no whole
    one, the last steps may be impossible.
    """
    shape = panels.shape
    sizes, rows = shape.sizes, shape.rows
    expected = [chance * size for chance, size in zip(chances, sizes, strict=True)]
    left, mix, idle, failures = 1.0, Mix(), 0, 0
    before = [(left, expected)]
    varied = random.Random(0)  # noqa: S311  which panels stand on the list, not which of them is drawn
    while left > DONE and len(mix) < MOST_STEPS and not stop():
        means = [min(max(each / left, 0.0), float(size)) for each, size in zip(expected, sizes, strict=True)]
        sums = [sum(means[kind] for kind in row.kinds) for row in rows]
        near = min(max(NOISE / left, FINEST), COARSEST)
        counts = _fitting(panels, means, sums, near, varied)
        share = min(_most(means, sums, counts, rows, sizes), LARGEST_SHARE / left) if counts else 0.0
        idle = 0 if share > FINEST else idle + 1
        if counts is None or idle == STUCK:
            failures += 1
            if failures > MOST_FAILURES:
                break
            back = max(len(mix) - 2**failures, 0)
            left, expected = before[back]
            del mix[back:], before[back + 1 :]
            idle = 0
        elif share > 0:
            mix.append((share * left, counts))
            expected = [each - share * left * count for each, count in zip(expected, counts, strict=True)]
            left *= 1 - share
            before.append((left, expected))
    _set_free(panels)
    return mix, left if left > DONE else 0.0


def _fitting(
    panels: Panels, means: Sequence[float], sums: Sequence[float], near: float, varied: random.Random
) -> Counts | None:
    """A panel next to the means: each kind rounded up or down, and each row that stands at a bound there."""
    shape = panels.shape
    lows, highs = [floor(mean + near) for mean in means], [ceil(mean - near) for mean in means]
    row_lows = [
        float(row.high if total > row.high - near else row.low) for row, total in zip(shape.rows, sums, strict=True)
    ]
    row_highs = [
        float(row.low if total < row.low + near else row.high) for row, total in zip(shape.rows, sums, strict=True)
    ]
    panels.confine(lows, highs, row_lows, row_highs)
    weights: list[float] = []
    for _ in range(QUICK_TRIES):
        weights = [varied.random() + mean % 1 for mean in means]
        found = panels.quick(weights)
        if found is None:
            return None
        if found[1] is not None:
            return found[1]
    best = panels.best(weights)
    return best and best[1]


def _most(means: Sequence[float], sums: Sequence[float], counts: Counts, rows: Sequence[Row], sizes: Counts) -> float:
    """The largest share of this panel after which what stays keeps every bound."""
    share = 1.0
    for mean, count, size in zip(means, counts, sizes, strict=True):
        share = min(share, _until(mean, count, 0, size))
    for row, total in zip(rows, sums, strict=True):
        share = min(share, _until(total, sum(counts[kind] for kind in row.kinds), row.low, row.high))
    return max(share, 0.0)


def _until(mean: float, count: int, low: int, high: int) -> float:
    if count > mean and count > low:
        return (mean - low) / (count - low)
    if count < mean and count < high:
        return (high - mean) / (high - count)
    return 1.0


def _set_free(panels: Panels) -> None:
    sizes, rows = panels.shape.sizes, panels.shape.rows
    panels.confine(
        [0.0] * len(sizes), list(map(float, sizes)), [float(row.low) for row in rows], [float(row.high) for row in rows]
    )
