"""Even groups in which everybody meets those unlike them."""

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from itertools import combinations, product


@dataclass(frozen=True)
class One:
    """Somebody to be put into a group; ``sort`` and ``home`` are what they share with others."""

    id: int
    sort: Hashable
    home: str


def mixed(people: Sequence[One], number: int) -> list[list[int]]:
    """So many groups of ids. Sizes differ by one at most, and so do the numbers of each sort.

    People are dealt like cards, sort after sort and without a break between, so both follow. Then people of one sort
    change places as long as fewer of one home are together by it, which changes neither. An empty home is none.
    """
    if number < 1:
        raise ValueError("people need a group at least")
    count = Counter(one.sort for one in people)
    pack = sorted(people, key=lambda one: (-count[one.sort], str(one.sort), one.home, one.id))
    groups: list[list[One]] = [pack[turn::number] for turn in range(number)]
    while swap := _better(groups):
        (group, at), (other, there) = swap
        group[at], other[there] = other[there], group[at]
    return [[one.id for one in group] for group in groups]


def _better(groups: Sequence[list[One]]) -> tuple[tuple[list[One], int], tuple[list[One], int]] | None:
    """The first two of one sort whose change of places parts more people of one home than it brings together."""
    homes = [Counter(one.home for one in group if one.home) for group in groups]
    for (here, group), (there, other) in combinations(enumerate(groups), 2):
        for (at, one), (to, another) in product(enumerate(group), enumerate(other)):
            if one.sort != another.sort or one.home == another.home:
                continue
            met = homes[here][one.home] - bool(one.home) + homes[there][another.home] - bool(another.home)
            to_meet = homes[there][one.home] + homes[here][another.home]
            if to_meet < met:
                return (group, at), (other, to)
    return None
