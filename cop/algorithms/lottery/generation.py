"""Column generation: the mix of feasible panels that lifts chances highest, found without a list of all panels."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from cop.algorithms.lottery.panels import Panels
from cop.algorithms.lottery.peeling import Mix
from cop.algorithms.lottery.shapes import Counts
from cop.algorithms.lottery.solver import INFINITE, Programme

T = TypeVar("T")

BEHIND = (0.8, 0.4)
"""How much of the best prices so far is mixed into today's, which swing from round to round (Wentges 1997)."""

VARIED = 6
DEAREST = 1e3
"""The highest price of a floor: floors of levels before may be missed by as little as a solver misses them."""


@dataclass(frozen=True)
class Lifted:
    """``mix`` gives each kind its floor plus ``level`` times its step. No mix has a level above ``bound``, which
    ``prices`` prove: no feasible panel is worth more to them than ``bound`` plus what the floors are worth. There are
    none where nothing was proven, or nothing beyond what was known.
    """

    level: float
    bound: float
    mix: Mix
    prices: Sequence[float]


class Columns:
    """The panels known so far. ``add`` at least one, then ``lift``."""

    def __init__(self, panels: Panels) -> None:
        self.known: dict[Counts, None] = {}
        self._panels = panels
        self._sizes = panels.shape.sizes

    def add(self, found: Sequence[Counts]) -> None:
        self.known.update(dict.fromkeys(found))

    def lift(
        self,
        floors: Sequence[float],
        steps: Sequence[float],
        *,
        near: float,
        bound: float = INFINITE,
        enough: float = INFINITE,
        stop: Callable[[], bool],
    ) -> Lifted:
        """The highest level to within ``near``; ``bound`` is one that is proven already. Ends before that where the
        level is ``enough``, where it is proven that it never will be, and where it is told to stop.
        """
        master = _Master(self._sizes, floors, steps)
        master.add(list(self.known))
        search = _Search(self._panels, floors, steps, bound)
        while True:
            level, prices, mix = master.solve()
            bound = max(search.bound, level)
            settled = bound - level <= near or level >= enough or bound < enough < INFINITE
            fresh = [] if settled or stop() else search.better(prices, level + near / 2)
            fresh = [counts for counts in fresh if counts not in self.known]
            if not fresh:
                return Lifted(level, max(search.bound, level), mix, search.centre)
            self.add(fresh)
            master.add(fresh)


class _Search:
    """Looks for panels that are worth more than all that are known, and keeps the best bound that it meets."""

    def __init__(self, panels: Panels, floors: Sequence[float], steps: Sequence[float], bound: float) -> None:
        self.bound = bound
        self._panels = panels
        self._sizes = panels.shape.sizes
        self._floors = floors
        self._steps = steps
        self.centre: list[float] = []
        self._varied = random.Random(0)  # noqa: S311  which panels are met first, not what is proven in the end

    def better(self, prices: Sequence[float], level: float) -> list[Counts]:
        """Panels that these prices value higher than ``level`` asks for; none if there certainly is none."""
        found: dict[Counts, None] = {}
        for tried in self._tries(prices):
            bound, counts = self._known(self._panels.quick(self._each(tried)))
            self._note(bound, tried)
            if counts is not None and self._level(counts, prices) > level:
                found[counts] = None
        if not found and self.bound > level:
            bound, best = self._known(self._panels.best(self._each(prices)))
            self._note(bound, prices)
            if self._level(best, prices) > level:
                found[best] = None
        return list(found)

    def _tries(self, prices: Sequence[float]) -> list[Sequence[float]]:
        behind = (
            [
                [share * old + (1 - share) * new for old, new in zip(self.centre, prices, strict=True)]
                for share in BEHIND
            ]
            if self.centre
            else []
        )
        noisy = [[price * (0.75 + self._varied.random() / 2) for price in prices] for _ in range(VARIED)]
        return [prices, *behind, *map(self._scaled, noisy)]

    def _scaled(self, prices: Sequence[float]) -> Sequence[float]:
        """So that the steps are worth 1 again, on which the bound rests."""
        total = sum(step * price for step, price in zip(self._steps, prices, strict=True))
        return [price / total for price in prices]

    def _each(self, prices: Sequence[float]) -> list[float]:
        return [price / size for price, size in zip(prices, self._sizes, strict=True)]

    def _note(self, bound: float, prices: Sequence[float]) -> None:
        bound -= _value(self._floors, prices)
        if bound < self.bound:
            self.bound, self.centre = bound, list(prices)

    def _level(self, counts: Counts, prices: Sequence[float]) -> float:
        return _value(counts, self._each(prices)) - _value(self._floors, prices)

    @staticmethod
    def _known(found: T | None) -> T:
        if found is None:
            raise ArithmeticError("panels were known, and now there is none")
        return found


class _Master:
    """Mixes the panels known so far. It is the dual programme: prices of the kinds, and the worth of the panel that is
    worth most, which is to be small. A panel is a row, so each round goes on from the last by the dual simplex method.
    """

    def __init__(self, sizes: Counts, floors: Sequence[float], steps: Sequence[float]) -> None:
        self._sizes, self._floors, self._steps = sizes, floors, steps
        self._panels: list[Counts] = []
        count = len(sizes)
        self._programme = Programme([*([0.0] * count), -INFINITE], [*([DEAREST] * count), INFINITE])
        self._programme.weigh([*(-floor for floor in floors), 1.0])
        stepping = [kind for kind in range(count) if steps[kind]]
        self._programme.add([(1.0, 1.0, stepping, [steps[kind] for kind in stepping])])

    def add(self, found: Sequence[Counts]) -> None:
        self._panels += found
        worth = len(self._sizes)
        lines = []
        for counts in found:
            there = [kind for kind, count in enumerate(counts) if count]
            shares = [-counts[kind] / self._sizes[kind] for kind in there]
            lines.append((0.0, INFINITE, [*there, worth], [*shares, 1.0]))
        self._programme.add(lines)

    def solve(self) -> tuple[float, Sequence[float], Mix]:
        """The level, the prices and the mix. The level is that of the mix itself, not what the solver says of it."""
        solution = self._programme.minimise()
        if solution is None:
            raise ArithmeticError("the panels known so far have no mix")
        shares = [max(price, 0.0) for price in solution.prices[1:]]
        total = sum(shares)
        mix = [(share / total, counts) for share, counts in zip(shares, self._panels, strict=True) if share > 0]
        reached = chances(mix, self._sizes)
        level = min(
            (chance - floor) / step
            for chance, floor, step in zip(reached, self._floors, self._steps, strict=True)
            if step
        )
        prices = [max(price, 0.0) for price in solution.columns[:-1]]
        return level, prices, mix


def chances(mix: Mix, sizes: Counts) -> list[float]:
    """Of each person of each kind, when the places of a kind are spread evenly."""
    expected = [0.0] * len(sizes)
    for share, counts in mix:
        for kind, count in enumerate(counts):
            if count:
                expected[kind] += share * count
    return [each / size for each, size in zip(expected, sizes, strict=True)]


def _value(amounts: Sequence[float], prices: Sequence[float]) -> float:
    return sum(amount * price for amount, price in zip(amounts, prices, strict=True) if price)
