"""Even groups in which everybody meets those unlike them."""

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class One:
    """Somebody to be put into a group; ``sort`` and ``home`` are what they share with others."""

    id: int
    sort: Hashable
    home: str


def mixed(people: Sequence[One], number: int) -> list[list[int]]:
    """So many groups of ids. Sizes differ by one at most, and so do the numbers of each sort.

    People are dealt like cards, sort after sort and without a break between, so both follow. Of one sort, those of one
    home lie together in the pack and come into different groups as far as there are enough groups.
    """
    if number < 1:
        raise ValueError("people need a group at least")
    count = Counter(one.sort for one in people)
    pack = sorted(people, key=lambda one: (-count[one.sort], str(one.sort), one.home, one.id))
    groups: list[list[int]] = [[] for _ in range(number)]
    for turn, one in enumerate(pack):
        groups[turn % number].append(one.id)
    return groups
