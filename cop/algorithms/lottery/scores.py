"""The other policy: the highest scores within the targets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cop.algorithms.lottery.feasibility import NoPanel
from cop.algorithms.lottery.panels import lines, whole
from cop.algorithms.lottery.pools import Contradiction, Pool
from cop.algorithms.lottery.records import ranking
from cop.algorithms.lottery.shapes import Row, Shape, shape
from cop.algorithms.lottery.solver import Programme

LARGEST = 1_000_000
AT_ONCE = 16


@dataclass(frozen=True)
class Best:
    """``panel`` by id, ``total`` the sum of its scores, ``order`` the one by which ties were broken."""

    panel: tuple[str, ...]
    total: int
    order: tuple[str, ...]


def highest_scores(pool: Pool, scores: Mapping[str, int], seed: bytes) -> Best:
    """The feasible panel with the largest sum of scores.

    Ties: ``order`` is the ranking of all who may be chosen, drawn from the seed. Of all panels with the largest sum,
    those with the first of the order are kept if there are any, and otherwise all; of these, those with the second;
    and so on, until one is left. Nothing of this depends on which of the panels the solver meets first.

    Scores are whole numbers of any unit, up to a million either way. Raises ``NoPanel``, and ``Contradiction`` for a
    person without a score, a score beyond a million and a seed of fewer than 16 bytes.
    """
    names = [person.id for person in pool.people if person.id not in pool.outside]
    if missing := sorted(name for name in names if name not in scores):
        raise Contradiction(f"without a score: {', '.join(missing)}")
    if wild := sorted(name for name in names if abs(scores[name]) > LARGEST):
        raise Contradiction(f"scores beyond {LARGEST:,}: {', '.join(wild)}")
    order = ranking(names, seed, "ties")
    what = _one_by_one(shape(pool))
    people = [members[0] for members in what.kinds]
    if what.impossible:
        raise NoPanel
    chosen = _chosen(what, people, scores, order) if len(pool.inside) < pool.places else ()
    panel = tuple(sorted({*pool.inside, *chosen}))
    if pool.broken(panel):
        raise NoPanel
    return Best(panel, sum(scores[name] for name in panel), order)


def _chosen(what: Shape, people: Sequence[str], scores: Mapping[str, int], order: Sequence[str]) -> list[str]:
    gains = [scores[name] for name in people]
    programme = Programme([0.0] * len(people), [1.0] * len(people), whole=True)
    programme.add(lines(what))
    best = _best(programme, what, gains)
    value = sum(gain for gain, there in zip(gains, best, strict=True) if there)
    programme.add([(value - 0.5, value + 0.5, range(len(people)), list(map(float, gains)))])
    at = {name: place for place, name in enumerate(people)}
    waiting = [at[name] for name in order if name in at]
    while waiting:
        group, waiting = waiting[:AT_ONCE], waiting[AT_ONCE:]
        weights = [0] * len(people)
        for number, place in enumerate(group):
            weights[place] = 1 << (AT_ONCE - 1 - number)  # more than all that follow in the group together
        best = _best(programme, what, weights)
        for place in group:
            programme.bound_column(place, best[place], best[place])
    return [name for name, there in zip(people, best, strict=True) if there]


def _best(programme: Programme, what: Shape, weights: Sequence[int]) -> tuple[int, ...]:
    """The panel of the greatest weight. Weights are whole, so a bound less than 1 above proves it."""
    programme.weigh(list(map(float, weights)))
    solution = programme.maximise()
    if solution is None:
        raise NoPanel
    counts = whole(solution, what)
    if counts is None or solution.bound - sum(map(int.__mul__, weights, counts)) >= 1:
        raise ArithmeticError("a solution in whole numbers is none")
    return counts


def _one_by_one(what: Shape) -> Shape:
    """Each person a kind of their own: scores tell apart those whom targets cannot."""
    firsts, people = [], list[tuple[str, ...]]()
    for members in what.kinds:
        firsts.append(range(len(people), len(people) + len(members)))
        people += [(name,) for name in members]
    rows = [
        Row(tuple(place for kind in row.kinds for place in firsts[kind]), row.low, row.high, row.below, row.above)
        for row in what.rows
    ]
    return Shape(tuple(people), tuple(rows))
