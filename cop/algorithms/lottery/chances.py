"""The fairest lottery over feasible panels: maximin, then leximin.

Maximin makes the smallest chance of anybody as large as possible. Leximin goes on: among all such lotteries the
second smallest chance, and so on up. Exactly one list of chances is leximin (the set of possible lists is convex).
After B. Flanigan, P. Gölz, A. Gupta, B. Hennig, A. D. Procaccia, "Fair algorithms for selecting citizens'
assemblies", Nature 596 (2021), pp. 548-552, by a road of our own:

1. Leximin if places could be cut in pieces, by small linear programmes (``relaxation``). Every lottery is one of
   these as well, so if panels can be mixed to have just these chances, that mix is leximin, and nothing more has to
   be proven. In pools with many different people it nearly always can be: ``peeling`` takes the chances apart.
2. Where it cannot, level by level with column generation (``generation``): the largest chance that all who are still
   open can have together, those whom the prices of the optimum hold at it, and on with the others. An upper bound
   from an integer programme proves each level.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from cop.algorithms.lottery.generation import Columns, Lifted, chances
from cop.algorithms.lottery.panels import Panels
from cop.algorithms.lottery.peeling import Mix, peel
from cop.algorithms.lottery.relaxation import Relaxed, relaxed
from cop.algorithms.lottery.shapes import Counts

NEAR = 2e-9
"""How near a level comes to what is proven to be its best."""

REALISED = 1e-8
"""How near the chances of a mix come to those that they are to equal."""

PROVEN = 1e-7
HOLDS = 5e-7
"""By how much somebody whose chance is settled at a level could surpass it at most."""

BELOW = 1e-9
"""By how much less than its level a settled chance may be afterwards. It has to be more than the solver's tolerance,
or else the prices of settled chances mean nothing.
"""

CHEAPEST = 1e-6


@dataclass(frozen=True)
class Fairest:
    """``bound`` is what the smallest chance of anybody cannot surpass. ``levels`` is how many levels of leximin are
    settled: 0 if not even the smallest chance is proven, 1 for maximin. ``slack`` is by how much a settled chance may
    fall short of what it could be, given those below it.
    """

    mix: Mix
    bound: float
    slack: float
    levels: int
    finished: bool


def fairest(panels: Panels, reachable: Sequence[bool], seen: Sequence[Counts], stop: Callable[[], bool]) -> Fairest:
    """The lottery for the kinds that are in some panel; ``seen`` are panels that have all of these. Once ``stop()``
    is true, the best that was found.
    """
    ideal = relaxed(panels.shape, reachable)
    mix, left = peel(panels, ideal.chances, stop)
    if not left and (whole := _ideal(panels, ideal, mix, reachable)).slack <= PROVEN:
        return whole
    columns = Columns(panels)
    columns.add([*seen, *(counts for _, counts in mix)])
    zeros, steps = [0.0] * len(reachable), [float(there) for there in reachable]
    first = columns.lift(zeros, steps, near=NEAR, bound=ideal.smallest, stop=stop)
    if first.bound - first.level <= PROVEN:
        completed = _completed(panels, columns, ideal, mix, left, stop)
        if completed is not None:
            return _ideal(panels, ideal, completed, reachable)
    return _by_levels(columns, first, steps, stop)


def _ideal(panels: Panels, ideal: Relaxed, mix: Mix, reachable: Sequence[bool]) -> Fairest:
    """Finished, since nobody's chance can be better even in fractions."""
    total = sum(share for share, _ in mix)
    mix = [(share / total, counts) for share, counts in mix]
    found = chances(mix, panels.shape.sizes)
    slack = max(abs(chance - wanted) for chance, wanted in zip(found, ideal.chances, strict=True))
    levels = sorted(chance for chance, there in zip(ideal.chances, reachable, strict=True) if there)
    steps = sum(above - below > HOLDS for below, above in pairwise(levels))
    return Fairest(mix, ideal.smallest, slack, min(len(levels), 1) + steps, finished=True)


def _completed(
    panels: Panels, columns: Columns, ideal: Relaxed, mix: Mix, left: float, stop: Callable[[], bool]
) -> Mix | None:
    """A mix with just the ideal chances: first the part for which ``peel`` found no panels, then the whole anew."""
    sizes = panels.shape.sizes
    ones = [1.0] * len(sizes)
    if left:
        taken = chances(mix, sizes)
        rest = [max(chance - part, 0.0) / left for chance, part in zip(ideal.chances, taken, strict=True)]
        enough = -REALISED / left
        lifted = columns.lift(rest, ones, near=NEAR, enough=enough, stop=stop)
        if lifted.level >= enough:
            return [*mix, *((share * left, counts) for share, counts in lifted.mix)]
    lifted = columns.lift(ideal.chances, ones, near=NEAR, enough=-REALISED, stop=stop)
    return lifted.mix if lifted.level >= -REALISED else None


def _by_levels(columns: Columns, first: Lifted, steps: Sequence[float], stop: Callable[[], bool]) -> Fairest:
    """``first`` may be proven by the ideal alone, which has no prices to settle anybody by, so it is lifted again."""
    floors, steps = [0.0] * len(steps), list(steps)
    best, slack, rounds = first, first.bound - first.level, 0
    proven = slack <= PROVEN
    while proven and any(steps) and not stop():
        lifted = columns.lift(floors, steps, near=NEAR, stop=stop)
        if lifted.bound - lifted.level > PROVEN or not lifted.prices:
            break
        best, rounds = lifted, rounds + 1
        slack = max(slack, _settle(floors, steps, lifted))
    return Fairest(best.mix, first.bound, slack, max(rounds, int(proven)), finished=not any(steps))


def _settle(floors: list[float], steps: list[float], lifted: Lifted) -> float:
    """Settle those whom the prices hold at this level, and say by how much one of them could surpass it at most.

    All chances times their prices are worth at most ``bound`` and the floors. Whoever stood higher by ``x`` would add
    ``x`` times their price, and nobody can stand lower, so ``x`` is at most the gap divided by the price.
    """
    gap, slack = lifted.bound - lifted.level, 0.0
    still_open = [kind for kind, step in enumerate(steps) if step]
    dearest = max(still_open, key=lambda kind: lifted.prices[kind])
    for kind in still_open:
        price = lifted.prices[kind]
        if kind == dearest or price >= max(CHEAPEST, gap / HOLDS) or lifted.level > 1 - PROVEN:
            floors[kind], steps[kind] = max(lifted.level - BELOW, 0.0), 0.0
            slack = max(slack, gap / price if price else 0.0)
    return slack
