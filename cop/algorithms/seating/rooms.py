"""What is to be seated: guests, tables, rounds, and the rules that hold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

Pair = tuple[int, int]
"""The ids of two guests, the smaller first."""

Seated = Sequence[Mapping[int, int]]
"""For each round the table of each guest, both counted from 0."""


@dataclass(frozen=True)
class Guest:
    """Guests of one ``home`` are colleagues; nobody is a colleague where it is empty. ``traits`` are what else they may
    share with others, the same in the same place; an empty one is shared with nobody. The first counts most.
    """

    id: int
    home: str = ""
    traits: tuple[str, ...] = ()


@dataclass(frozen=True)
class Room:
    """``seats`` is how many each table has. ``held`` is where somebody sits already, by round and guest."""

    guests: Sequence[Guest]
    seats: Sequence[int]
    rounds: int = 1
    together: frozenset[Pair] = frozenset()
    apart: frozenset[Pair] = frozenset()
    held: Mapping[Pair, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Unit:
    """Guests who sit at one table because a rule says so, or one guest; ``table`` where it is decided already."""

    members: tuple[int, ...]
    table: int | None = None


class Why(StrEnum):
    """Why there is no way to seat everybody."""

    SEATS = "more people than seats"
    TABLE = "more held than a table seats"
    PARTY = "more together than a table seats"
    RULES = "rules contradict"


@dataclass(frozen=True)
class Obstacle:
    """``rules`` cannot be kept together, though all but any one of them could; ``held`` says whether they could be
    if nobody had a place already. ``table`` is the one that is too small.
    """

    why: Why
    round: int = 0
    table: int | None = None
    together: tuple[Pair, ...] = ()
    apart: tuple[Pair, ...] = ()
    held: bool = False


class Impossible(ValueError):  # noqa: N818  an answer
    """Nobody can be seated so."""

    def __init__(self, obstacle: Obstacle) -> None:
        super().__init__(obstacle.why)
        self.obstacle = obstacle


def units_of(room: Room, round_: int, together: frozenset[Pair]) -> list[Unit] | None:
    """Who moves as one in a round, by id; None where two who belong together are held at different tables.

    A rule about two who are both held already changes nothing any more.
    """
    leader = {guest.id: guest.id for guest in room.guests}

    def lead(one: int) -> int:
        while leader[one] != one:
            leader[one] = leader[leader[one]]
            one = leader[one]
        return one

    for first, second in sorted(together):
        if first in leader and second in leader and not _both_held(room, round_, (first, second)):
            one, other = sorted((lead(first), lead(second)))
            leader[other] = one
    members: dict[int, list[int]] = {}
    for guest in sorted(leader):
        members.setdefault(lead(guest), []).append(guest)
    units = []
    for found in members.values():
        tables = {room.held[round_, one] for one in found if (round_, one) in room.held}
        if len(tables) > 1:
            return None
        units.append(Unit(tuple(found), next(iter(tables), None)))
    return units


def parted(room: Room, round_: int, apart: frozenset[Pair]) -> list[Pair]:
    """The rules that two do not share a table, as far as one of them has no place yet."""
    there = {guest.id for guest in room.guests}
    return [pair for pair in sorted(apart) if there.issuperset(pair) and not _both_held(room, round_, pair)]


def _both_held(room: Room, round_: int, pair: Pair) -> bool:
    return all((round_, one) in room.held for one in pair)
