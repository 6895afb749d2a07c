"""Leximin over panels in fractions: a few small linear programmes, and an upper bound for every real lottery."""

from collections.abc import Sequence
from dataclasses import dataclass

from cop.algorithms.lottery.panels import lines
from cop.algorithms.lottery.shapes import Shape
from cop.algorithms.lottery.solver import INFINITE, TOLERANCE, Programme

SHOWS = 1e-7
"""The price from which a person counts as one whose chance holds the others' back."""


@dataclass(frozen=True)
class Relaxed:
    """``chances`` of each kind if places could be cut into pieces. Every lottery over panels is one of these as well,
    so its smallest chance is at most ``smallest``; and if one has just these chances, it is leximin.
    """

    chances: Sequence[float]
    smallest: float


def relaxed(shape: Shape, reachable: Sequence[bool]) -> Relaxed:
    """Of those kinds that are in some panel; there has to be a panel."""
    sizes, count = shape.sizes, len(shape.kinds)
    highs = [float(size) if there else 0.0 for size, there in zip(sizes, reachable, strict=True)]
    programme = Programme([0.0] * (count + 1), [*highs, 1.0])
    programme.add(lines(shape))
    first = programme.height
    programme.add(
        (0.0, INFINITE, (kind, count), (1.0, -float(size) if reachable[kind] else 0.0))
        for kind, size in enumerate(sizes)
    )
    programme.weigh([0.0] * count + [1.0])
    expected: Sequence[float] = [0.0] * count
    open_kinds = [kind for kind in range(count) if reachable[kind]]
    smallest = None
    while open_kinds:
        solution = programme.maximise()
        if solution is None:
            raise ArithmeticError("a level that was reached before is out of reach")
        level, expected = solution.value, solution.columns
        smallest = level if smallest is None else smallest
        holding = [kind for kind in open_kinds if abs(solution.prices[first + kind]) * sizes[kind] > SHOWS]
        if level > 1 - TOLERANCE or not holding:  # certain, all of them
            holding = open_kinds
        for kind in holding:
            programme.change(first + kind, count, 0.0)
            programme.bound_row(first + kind, (level - 3 * TOLERANCE) * sizes[kind], INFINITE)
        settled = set(holding)
        open_kinds = [kind for kind in open_kinds if kind not in settled]
    chances = [max(each, 0.0) / size for each, size in zip(expected, sizes, strict=False)]
    return Relaxed(chances, 1.0 if smallest is None else smallest)
