"""The whole way from a pool to a recorded lottery."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from cop.algorithms.lottery.chances import Fairest, fairest
from cop.algorithms.lottery.feasibility import NoPanel
from cop.algorithms.lottery.generation import chances
from cop.algorithms.lottery.panels import Panels
from cop.algorithms.lottery.pools import Demand, Pool
from cop.algorithms.lottery.records import Recorded, recorded
from cop.algorithms.lottery.shapes import Row, Shape, shape
from cop.algorithms.lottery.spreading import spread, tickets

TICKETS = 1_000_000_000
LARGEST_GAP = 1e-6
"""What is called proven is proven to within this."""


class Stage(StrEnum):
    """How far the lottery came: feasible panels only; the smallest chance is proven; so are more levels; all are."""

    BEGUN = "begun"
    MAXIMIN = "maximin"
    LEXIMIN = "leximin"
    FINISHED = "finished"


@dataclass(frozen=True)
class Lottery:
    """``chances``, from 0 to 1, are those of the recorded tickets, by id, for everybody but those fixed in and out.

    ``smallest`` is the smallest chance of those who are in any feasible panel (1 if there are none), ``bound`` what no
    lottery can surpass, ``gap`` the difference. ``levels`` of leximin are settled, and those who stand on them could
    have no more than ``slack`` more, given those below them. ``rounding`` is by how much whole tickets changed any
    chance at most. ``binding`` are the demands at whose bound every panel of the lottery stands, but for a millionth of
    its weight at most. ``kinds`` is how many different kinds of people there are, as far as the targets can tell.
    """

    recorded: Recorded
    chances: Mapping[str, float]
    unreachable: tuple[str, ...]
    smallest: float
    bound: float
    gap: float
    stage: Stage
    levels: int
    slack: float
    rounding: float
    binding: tuple[Demand, ...]
    kinds: int


def never() -> bool:
    return False


def lottery(pool: Pool, *, stop: Callable[[], bool] = never, total: int = TICKETS) -> Lottery:
    """The lottery over feasible panels that is leximin, in ``total`` tickets.

    ``stop()`` is asked between steps of some milliseconds up to a second; once it is true, the best that was found so
    far is the answer, and ``stage`` says what is proven of it. A ``stop`` that counts how often it was asked gives the
    same answer every time, one that looks at a clock may not. Raises ``NoPanel``.
    """
    what = shape(pool)
    if what.impossible:
        raise NoPanel
    if len(pool.inside) == pool.places:
        return _only(pool, what, total)
    panels = Panels(what)
    covered = panels.covering()
    if covered is None:
        raise NoPanel
    reachable, seen = covered
    return _recorded(pool, what, fairest(panels, reachable, seen, stop), reachable, total)


def _only(pool: Pool, what: Shape, total: int) -> Lottery:
    """All places are fixed."""
    nobody = (0,) * len(what.kinds)
    if not what.keeps(nobody):
        raise NoPanel
    found = Fairest([(1.0, nobody)], bound=1.0, slack=0.0, levels=0, finished=True)
    return _recorded(pool, what, found, [False] * len(what.kinds), total)


def _recorded(pool: Pool, what: Shape, found: Fairest, reachable: list[bool], total: int) -> Lottery:
    blocks = tickets(found.mix, total)
    record = recorded(pool.digest(), ((number, pool.inside.union(ids)) for ids, number in spread(what, blocks).items()))
    on = record.tickets()
    wanted = chances(found.mix, what.sizes)
    theirs = {name: chance for members, chance in zip(what.kinds, wanted, strict=True) for name in members}
    exact = {name: on.get(name, 0) / total for name in sorted(theirs)}
    there = [name for members, is_there in zip(what.kinds, reachable, strict=True) if is_there for name in members]
    smallest = min((exact[name] for name in there), default=1.0)
    gap = max(found.bound - smallest, 0.0)
    return Lottery(
        recorded=record,
        chances=exact,
        unreachable=tuple(sorted(theirs.keys() - there)),
        smallest=smallest,
        bound=found.bound,
        gap=gap,
        stage=_stage(found, gap),
        levels=found.levels,
        slack=found.slack,
        rounding=max((abs(exact[name] - theirs[name]) for name in theirs), default=0.0),
        binding=_binding(what, found),
        kinds=len(what.kinds),
    )


def _stage(found: Fairest, gap: float) -> Stage:
    if gap > LARGEST_GAP:
        return Stage.BEGUN
    if found.finished and found.slack <= LARGEST_GAP:
        return Stage.FINISHED
    return Stage.LEXIMIN if found.levels > 1 else Stage.MAXIMIN


def _binding(what: Shape, found: Fairest) -> tuple[Demand, ...]:
    demands = set()
    for row in what.rows:
        if row.below and _is_at(row, row.low, found):
            demands.add(row.below)
        if row.above and _is_at(row, row.high, found):
            demands.add(row.above)
    return tuple(sorted(demands))


def _is_at(row: Row, bound: int, found: Fairest) -> bool:
    """Whether the panels have just so many people of the row, but for what the solver's rounding left over."""
    elsewhere = (weight for weight, counts in found.mix if sum(counts[kind] for kind in row.kinds) != bound)
    return sum(elsewhere) <= LARGEST_GAP
