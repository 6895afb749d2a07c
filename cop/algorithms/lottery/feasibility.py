"""Where no panel keeps all targets: which of them contradict one another, and what the smallest changes would be."""

from collections.abc import Sequence
from dataclasses import replace

from cop.algorithms.lottery.panels import Panels
from cop.algorithms.lottery.pools import Change, Demand, Pool, Side
from cop.algorithms.lottery.shapes import Row, Shape, shape
from cop.algorithms.lottery.solver import INFINITE, Line, Programme

MOST_ALTERNATIVES = 3


class NoPanel(ValueError):  # noqa: N818  an answer, with a report to follow
    """No panel keeps all that is asked. ``conflict`` and ``relaxations`` say more."""


def unreachable(pool: Pool) -> tuple[str, ...]:
    """Those who are in no feasible panel, by id, apart from who is fixed out. Raises ``NoPanel``."""
    what = shape(pool)
    covered = None if what.impossible else Panels(what).covering()
    if covered is None:
        raise NoPanel
    return tuple(
        sorted(name for members, there in zip(what.kinds, covered[0], strict=True) if not there for name in members)
    )


def conflict(pool: Pool) -> tuple[Demand, ...] | None:
    """Demands that cannot be kept together, given who is fixed in and out, though all but any one of them could.

    ``None`` if there is a feasible panel. There may be other conflicts beside this one.
    """
    what = shape(pool)
    kept = sorted({demand for row in what.rows for demand in (row.below, row.above) if demand is not None})
    if _possible(what, kept):
        return None
    for demand in list(kept):
        fewer = [other for other in kept if other != demand]
        if not _possible(what, fewer):
            kept = fewer
    return tuple(kept)


def obstacle(pool: Pool, person: str) -> tuple[Demand, ...] | None:
    """Why nobody can be on a panel with this person: the conflict that there is if they are fixed in. Empty if those
    who are fixed in have all places; ``None`` if there is a panel with them.
    """
    if person not in pool.inside and len(pool.inside) == pool.places:
        return ()
    return conflict(replace(pool, inside=pool.inside | {person}))


def relaxations(pool: Pool, most: int = MOST_ALTERNATIVES) -> list[tuple[Change, ...]]:
    """The smallest changes after which there is a panel, the smallest first; none if there is one already.

    A change lowers a minimum, raises a maximum or raises the limit for organisations; its size is by how much, summed
    over all changes. Each alternative leaves out something that each of those before it changed, or changes it by
    less, and is the smallest that does. Those who are fixed in and out stay so.
    """
    what = shape(pool)
    found: list[tuple[Change, ...]] = []
    while len(found) < most:
        changes = _smallest(what, found)
        if not changes:
            break
        found.append(changes)
    return found


def _possible(what: Shape, kept: Sequence[Demand]) -> bool:
    """Whether a panel keeps these demands, whatever becomes of the others."""
    places = what.rows[0].high
    rows = [
        Row(
            row.kinds,
            row.low if row.below in kept or row is what.rows[0] else 0,
            row.high if row.above in kept or row is what.rows[0] else places,
        )
        for row in what.rows
    ]
    less = Shape(what.kinds, tuple(rows))
    if less.impossible:
        return False
    if not places:
        return less.keeps((0,) * len(less.kinds))
    panels, nothing = Panels(less), [0.0] * len(less.kinds)
    found = panels.quick(nothing)
    return found is not None and (found[1] is not None or panels.best(nothing) is not None)


def _smallest(what: Shape, before: Sequence[tuple[Change, ...]]) -> tuple[Change, ...]:
    """In whole numbers: people of each kind, the size of each change, and for each alternative before this one, which
    of its changes is smaller here.
    """
    kinds, places = len(what.kinds), what.rows[0].high
    demands = sorted({demand for row in what.rows for demand in (row.below, row.above) if demand is not None})
    if not demands:
        return ()
    size_of = {demand: kinds + number for number, demand in enumerate(demands)}
    largest = [demand.bound if demand.side is Side.MINIMUM else places + _overfull(what) for demand in demands]
    smaller = [(change, number) for number, changes in enumerate(before) for change in changes]
    programme = Programme(
        [0.0] * (kinds + len(demands) + len(smaller)),
        [*map(float, what.sizes), *map(float, largest), *([1.0] * len(smaller))],
        whole=True,
    )
    programme.add(line for row in what.rows for line in _lines(row, size_of, is_size=row is what.rows[0]))
    first = kinds + len(demands)
    for number, changes in enumerate(before):
        flags = [first + place for place, (_, of) in enumerate(smaller) if of == number]
        programme.add([(1.0, INFINITE, flags, [1.0] * len(flags))])
        for flag, change in zip(flags, changes, strict=True):
            most = float(largest[demands.index(change.demand)])
            size = abs(change.becomes - change.demand.bound)
            programme.add([(-INFINITE, most, (size_of[change.demand], flag), (1.0, most - size + 1))])
    programme.weigh([*([0.0] * kinds), *([1.0] * len(demands)), *([0.0] * len(smaller))])
    solution = programme.minimise()
    if solution is None:
        return ()
    return tuple(
        Change(demand, demand.bound + (-size if demand.side is Side.MINIMUM else size))
        for demand in demands
        if (size := round(solution.columns[size_of[demand]]))
    )


def _lines(row: Row, size_of: dict[Demand, int], *, is_size: bool) -> list[Line]:
    ones = [1.0] * len(row.kinds)
    if is_size:
        return [(float(row.low), float(row.high), row.kinds, ones)]
    found: list[Line] = []
    if row.below:
        found.append((float(row.low), INFINITE, (*row.kinds, size_of[row.below]), [*ones, 1.0]))
    if row.above:
        found.append((-INFINITE, float(row.high), (*row.kinds, size_of[row.above]), [*ones, -1.0]))
    return found


def _overfull(what: Shape) -> int:
    """By how much those who are fixed in surpass a maximum at most."""
    return max(0, *(-row.high for row in what.rows))
