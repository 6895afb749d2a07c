"""Feasible panels of a shape: the one of the greatest weight, and which of them stand at given bounds."""

from collections.abc import Sequence

from cop.algorithms.lottery.shapes import Counts, Shape
from cop.algorithms.lottery.solver import Line, Programme, Solution

NEAR = 1e-6
"""How near to a whole number a count has to be; ``Shape.keeps`` then decides in whole numbers."""


def lines(shape: Shape) -> list[Line]:
    return [(float(row.low), float(row.high), row.kinds, [1.0] * len(row.kinds)) for row in shape.rows]


def whole(solution: Solution, shape: Shape) -> Counts | None:
    """The panel, if the solution is one."""
    counts = tuple(map(round, solution.columns))
    near = all(abs(found - count) < NEAR for found, count in zip(solution.columns, counts, strict=True))
    return counts if near and shape.keeps(counts) else None


class Panels:
    """Two programmes over the same panels: in fractions, which takes a millisecond and often gives a panel, and in
    whole numbers, which takes some ten and always does.
    """

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        highs = [float(size) for size in shape.sizes]
        self._fractions = Programme([0.0] * len(highs), highs)
        self._numbers = Programme([0.0] * len(highs), highs, whole=True)
        for programme in (self._fractions, self._numbers):
            programme.add(lines(shape))

    def quick(self, weights: Sequence[float]) -> tuple[float, Counts | None] | None:
        """An upper bound for the weight of any panel, and the panel that reaches it if it was met by chance; ``None``
        if there is certainly no panel.
        """
        self._fractions.weigh(weights)
        solution = self._fractions.maximise()
        return (solution.bound, whole(solution, self.shape)) if solution else None

    def best(self, weights: Sequence[float]) -> tuple[float, Counts] | None:
        """An upper bound and a panel that reaches it, up to the solver's tolerance; ``None`` without any panel."""
        self._numbers.weigh(weights)
        solution = self._numbers.maximise()
        if solution is None:
            return None
        counts = whole(solution, self.shape)
        if counts is None:
            raise ArithmeticError("a solution in whole numbers keeps no target")
        return solution.bound, counts

    def covering(self) -> tuple[list[bool], list[Counts]] | None:
        """Which kinds are in some panel, and panels that have all of these; ``None`` without any panel."""
        sizes = self.shape.sizes
        missing, seen = dict.fromkeys(range(len(sizes))), list[Counts]()
        while missing or not seen:
            weights = [1 / size if kind in missing else 0.0 for kind, size in enumerate(sizes)]
            found = self.quick(weights)
            if found is None:
                return None
            counts = found[1]
            if counts is None or not any(counts[kind] for kind in missing):
                best = self.best(weights)
                if best is None:
                    return None
                counts = best[1]
            met = [kind for kind in missing if counts[kind]]
            if seen and not met:
                break
            seen.append(counts)
            for kind in met:
                del missing[kind]
        return [kind not in missing for kind in range(len(sizes))], seen

    def confine(
        self, lows: Sequence[float], highs: Sequence[float], row_lows: Sequence[float], row_highs: Sequence[float]
    ) -> None:
        """From now on only panels within these bounds of the kinds and of the rows."""
        for programme in (self._fractions, self._numbers):
            programme.bound_columns(lows, highs)
            programme.bound_rows(row_lows, row_highs)
