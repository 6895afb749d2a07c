"""What is better and what is worse, in whole numbers. Whatever two who share a table have in common adds up."""

from collections.abc import Sequence

from cop.algorithms.seating.rooms import Guest, Room

BROKEN = 1_000_000
"""Two at one table whom a rule keeps apart; more than all else together."""

COLLEAGUES = 60
AGAIN = 8
"""Two who meet for the second time; the third time costs twice as much."""

TRAITS = (2, 1)
"""The same first trait, and the same of any other."""

UNEVEN = 5
"""Times the square of how many more or fewer sit at a table than its share."""


def alike(one: Guest, other: Guest) -> int:
    cost = COLLEAGUES if one.home and one.home == other.home else 0
    for number, (mine, theirs) in enumerate(zip(one.traits, other.traits, strict=True)):
        if mine and mine == theirs:
            cost += TRAITS[min(number, 1)]
    return cost


def shares(room: Room) -> Sequence[int]:
    """How many sit at each table if all are filled alike, in proportion to their seats."""
    people, seats = len(room.guests), sum(room.seats)
    exact = [divmod(people * size, seats) for size in room.seats]
    spare = people - sum(whole for whole, _ in exact)
    first = sorted(range(len(exact)), key=lambda table: (-exact[table][1], table))[:spare]
    return [whole + (table in first) for table, (whole, _) in enumerate(exact)]
