"""Better and better seating: the best swap or move of all, again and again, round after round.

Whatever makes a seating worse lies between two people at one table. So for each unit of guests and each table it is
known what it costs to sit there, and from that what any swap of two units and any move of one would change; all of
them are weighed at once. A move that was made may not be undone for a while (tabu search: F. Glover, "Tabu Search,
Part I", ORSA Journal on Computing 1 (1989), pp. 190-206), which leads out of dead ends; the best that was seen counts.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cop.algorithms.seating.costs import AGAIN, BROKEN, UNEVEN, alike, shares
from cop.algorithms.seating.rooms import Room, Unit, parted, units_of

if TYPE_CHECKING:
    from numpy import int64
    from numpy.typing import NDArray

    Matrix = NDArray[int64]

KICKS = 10
"""How often a seating that nothing makes better is shaken a little and made better again."""

STEPS = 400
"""How often the best swap is made in one round at most, before the next round has its turn."""

WORK = 180_000_000
"""How many swaps are weighed in all, roughly: a few seconds."""

EACH_STEP = 10_000
"""What a step costs beside that, however few they are."""

SHAKEN = 8
"""One in so many changes places then."""

REST = 7
"""A unit that has left a table stays away from it for so many steps, fewer where they are few, and some by chance."""

FORBIDDEN = 1 << 50


@dataclass
class _Round:
    """One round: ``units`` in an order of chance, ``of`` the unit of each guest, the table of each unit."""

    units: Sequence[Unit]
    of: "Matrix"
    foes: "Matrix"
    tables: "Matrix"


class Search:
    """Holds a seating and makes it better."""

    def __init__(self, room: Room, seated: Sequence[Mapping[int, int]], chance: random.Random) -> None:
        import numpy as np  # noqa: PLC0415  20 MB for the few processes that seat people

        self._np, self._room, self._chance = np, room, chance
        self._guests = sorted(guest.id for guest in room.guests)
        at = {guest: number for number, guest in enumerate(self._guests)}
        known = sorted(room.guests, key=lambda guest: guest.id)
        self._alike = np.array([[alike(one, other) for other in known] for one in known], dtype=np.int64)
        self._again = np.full(self._alike.shape, AGAIN, dtype=np.int64)
        for first, second in room.together:
            if first in at and second in at:
                self._again[at[first], at[second]] = self._again[at[second], at[first]] = 0
        self._seats = np.array(room.seats, dtype=np.int64)
        self._targets = np.array(shares(room), dtype=np.int64)
        self._rounds = [self._round(number, tables, at) for number, tables in enumerate(seated)]

    def _round(self, number: int, tables: Mapping[int, int], at: Mapping[int, int]) -> _Round:
        np = self._np
        units = units_of(self._room, number, self._room.together) or []
        units = [unit for _, unit in sorted(((self._chance.random(), unit) for unit in units), key=lambda one: one[0])]
        of = np.zeros((len(at), len(units)), dtype=np.int64)
        for column, unit in enumerate(units):
            of[[at[one] for one in unit.members], column] = 1
        foes = np.zeros((len(at), len(at)), dtype=np.int64)
        for first, second in parted(self._room, number, self._room.apart):
            foes[at[first], at[second]] = foes[at[second], at[first]] = BROKEN
        return _Round(units, of, foes, np.array([tables[unit.members[0]] for unit in units], dtype=np.int64))

    def run(self, tell: Callable[[int, int], None]) -> None:
        """Make it as good as can be found with so much work, and tell how many per cent of it are done."""
        done, lowest, best = 0, self.cost(), [found.tables.copy() for found in self._rounds]
        kicks = 0
        while kicks <= KICKS and done < WORK:
            before = self.cost()
            for number in range(len(self._rounds)):
                tell(min(99, 100 * done // WORK), 100)
                done += self._improve(number)
            after = self.cost()
            if after < lowest:
                lowest, best = after, [found.tables.copy() for found in self._rounds]
            if after >= before:
                kicks += 1
                for found, tables in zip(self._rounds, best, strict=True):
                    found.tables = tables.copy()
                    self._shake(found)
        for found, tables in zip(self._rounds, best, strict=True):
            found.tables = tables

    def _shake(self, found: _Round) -> None:
        """Swap some who are as many, and sit by no rule, by chance."""
        bound = found.of.T @ (found.foes.any(axis=0) > 0)
        free = [
            at for at, unit in enumerate(found.units) if unit.table is None and len(unit.members) == 1 and not bound[at]
        ]
        for _ in range(2 + len(free) // SHAKEN if free else 0):
            one, other = (free[int(self._chance.random() * len(free))] for _ in range(2))
            found.tables[[one, other]] = found.tables[[other, one]]

    def seated(self) -> Sequence[Mapping[int, int]]:
        return [
            {one: int(table) for unit, table in zip(found.units, found.tables, strict=True) for one in unit.members}
            for found in self._rounds
        ]

    def cost(self) -> int:
        """All that is worse than it might be, in all rounds."""
        np = self._np
        met, sum_ = np.zeros_like(self._alike), 0
        for found in self._rounds:
            there = self._there(found)
            beside = there @ there.T
            np.fill_diagonal(beside, 0)
            sum_ += int((beside * (self._alike + found.foes)).sum()) // 2
            sum_ += UNEVEN * int(((there.sum(axis=0) - self._targets) ** 2).sum())
            met += beside
        return sum_ + int((self._again * met * (met - 1)).sum()) // 4

    def _there(self, found: _Round) -> "Matrix":
        """Guests by tables, 1 where somebody sits."""
        return found.of @ self._np.eye(len(self._seats), dtype=self._np.int64)[found.tables]

    def _between(self, number: int) -> "Matrix":
        """What it costs that two units of a round share a table, as everybody sits in the other rounds."""
        np, found = self._np, self._rounds[number]
        met = np.zeros_like(self._alike)
        for other in self._rounds:
            if other is not found:
                there = self._there(other)
                met += there @ there.T
        between: Matrix = found.of.T @ (self._alike + found.foes + self._again * met) @ found.of
        np.fill_diagonal(between, 0)
        return between

    def _improve(self, number: int) -> int:
        """Make the best swap or move that is allowed, so many times, and keep the best seating on the way; says how
        much work it was.
        """
        np, found = self._np, self._rounds[number]
        count = len(found.units)
        if all(unit.table is not None for unit in found.units):
            return count
        sitting = _Sitting(np, found, self._between(number), self._seats, self._targets)
        until = np.zeros(sitting.price.shape, dtype=np.int64)
        cost = lowest = 0
        steps, rest = min(STEPS, 10 * count), min(REST, 1 + count // 6)
        for step in range(1, steps + 1):
            swaps, moves, resting = sitting.swaps(), sitting.moves(), until > step
            rests = resting[:, sitting.tables]
            swaps[(rests | rests.T) & (cost + swaps >= lowest)] = FORBIDDEN
            moves[resting & (cost + moves >= lowest)] = FORBIDDEN
            swap, move = int(swaps.argmin()), int(moves.argmin())
            if swaps.flat[swap] <= moves.flat[move]:
                gain, (one, other) = int(swaps.flat[swap]), divmod(swap, count)
                changes = [(one, int(sitting.tables[other])), (other, int(sitting.tables[one]))]
            else:
                gain, change = int(moves.flat[move]), divmod(move, len(self._seats))
                changes = [change]
            if gain == FORBIDDEN:
                break
            for unit, table in changes:
                until[unit, sitting.tables[unit]] = step + rest + int(self._chance.random() * rest)
                sitting.change(unit, table)
            cost += gain
            if cost < lowest:
                lowest = cost
                found.tables = sitting.tables.copy()
        return steps * (count * (count + len(self._seats)) + EACH_STEP)


class _Sitting:
    """One round while it changes. ``price`` is what it costs each unit to sit at each table."""

    def __init__(self, np: Any, found: _Round, between: "Matrix", seats: "Matrix", targets: "Matrix") -> None:
        self._between, self._seats, self._targets = between, seats, targets
        self.tables = found.tables.copy()
        self._sizes = np.array([len(unit.members) for unit in found.units], dtype=np.int64)
        self._fixed = np.array([unit.table is not None for unit in found.units])
        self._rows = np.arange(len(found.units))
        there = np.eye(len(seats), dtype=np.int64)[self.tables]
        self.price: Matrix = between @ there
        self._load: Matrix = self._sizes @ there
        self._more = self._sizes[None, :] - self._sizes[:, None]
        self._closed = self._fixed[:, None] | self._fixed[None, :]

    def swaps(self) -> "Matrix":
        """What it would cost more that two units change places."""
        tables, more = self.tables, self._more
        own, over = self.price[self._rows, tables], (self._load - self._targets)[tables]
        theirs = self.price[:, tables]
        cost: Matrix = theirs + theirs.T - own[:, None] - own[None, :] - 2 * self._between
        cost += 2 * UNEVEN * more * (over[:, None] - over[None, :] + more)
        fits = self._load[tables][:, None] + more <= self._seats[tables][:, None]
        cost[self._closed | ~(fits & fits.T) | (tables[:, None] == tables[None, :])] = FORBIDDEN
        return cost

    def moves(self) -> "Matrix":
        """What it would cost more that a unit goes to a table with free seats."""
        size, over = self._sizes[:, None], self._load - self._targets
        cost: Matrix = self.price - self.price[self._rows, self.tables][:, None]
        cost += 2 * UNEVEN * size * (over[None, :] - over[self.tables][:, None] + size)
        cost[self._fixed[:, None] | (self._load[None, :] + size > self._seats[None, :])] = FORBIDDEN
        cost[self._rows, self.tables] = FORBIDDEN
        return cost

    def change(self, unit: int, table: int) -> None:
        left = int(self.tables[unit])
        self.price[:, left] -= self._between[:, unit]
        self.price[:, table] += self._between[:, unit]
        self._load[left] -= self._sizes[unit]
        self._load[table] += self._sizes[unit]
        self.tables[unit] = table
