"""Guests take their places one after the other, each the best that is left; nobody who has one moves."""

import random
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from cop.algorithms.seating.costs import AGAIN, BROKEN, UNEVEN, alike, shares
from cop.algorithms.seating.rooms import Pair, Room, Unit, parted, units_of


def dealt(room: Room, round_: int, met: Mapping[Pair, int], chance: random.Random) -> Mapping[int, int] | None:
    """A table for everybody in one round, given who met how often in other rounds; None where that leads nowhere,
    which proves nothing.

    A rule to sit together is always kept here. A rule to sit apart may be broken where no other table has a seat.
    """
    units = units_of(room, round_, room.together)
    if units is None:
        return None
    guests = {guest.id: guest for guest in room.guests}
    foes: dict[int, set[int]] = defaultdict(set)
    for first, second in parted(room, round_, room.apart):
        foes[first].add(second)
        foes[second].add(first)
    homes = Counter(guest.home for guest in room.guests if guest.home)
    targets = shares(room)
    sitting: list[list[int]] = [[] for _ in room.seats]

    def hardest_first(unit: Unit) -> tuple[object, ...]:
        largest_home = max(homes[guests[one].home] for one in unit.members)
        return (unit.table is None, -len(unit.members), -sum(len(foes[one]) for one in unit.members), -largest_home)

    def cost(unit: Unit, table: int) -> int:
        over = len(sitting[table]) - targets[table]
        sum_ = UNEVEN * ((over + len(unit.members)) ** 2 - over**2)
        for one in unit.members:
            for other in sitting[table]:
                sum_ += alike(guests[one], guests[other]) + AGAIN * met.get(pair(one, other), 0)
                sum_ += BROKEN if other in foes[one] else 0
        return sum_

    for unit in sorted(_shuffled(units, chance), key=hardest_first):
        open_ = [table for table, size in enumerate(room.seats) if len(sitting[table]) + len(unit.members) <= size]
        table = unit.table if unit.table is not None else min(open_, key=lambda table: cost(unit, table), default=None)
        if table is None:
            return None
        sitting[table] += unit.members
    return {one: table for table, there in enumerate(sitting) for one in there}


def pair(one: int, other: int) -> Pair:
    return (one, other) if one < other else (other, one)


def meetings(seated: Sequence[Mapping[int, int]], but: int | None = None) -> Counter[Pair]:
    """How often any two share a table, in all rounds or all but one."""
    met: Counter[Pair] = Counter()
    for round_, tables in enumerate(seated):
        if round_ == but:
            continue
        by_table: dict[int, list[int]] = defaultdict(list)
        for guest, table in sorted(tables.items()):
            by_table[table].append(guest)
        for there in by_table.values():
            met.update((one, other) for at, one in enumerate(there) for other in there[at + 1 :])
    return met


def _shuffled(units: list[Unit], chance: random.Random) -> list[Unit]:
    """By chance, but the same for the same seed in every version of Python."""
    return [unit for _, unit in sorted(((chance.random(), unit) for unit in units), key=lambda drawn: drawn[0])]
