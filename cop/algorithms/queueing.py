"""Who of those who wait gets which places, by the stated policy.

Everything that is limited is a *unit* with some room left: the event as a whole, a day, a part, and what one
organisation may hold of a part. A party needs room in all units of one of its options.

- strict: nobody is served at the cost of those before them. A party for whom there is too little room keeps what
  there is, so that it is never further from its turn because of somebody behind it.
- fit: in the same order, but a party for whom there is too little room is passed over.

A party whose organisation has its share is passed over in both: only its own organisation can make room for it.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

Unit = Hashable


@dataclass(frozen=True)
class Option:
    """One way to be served: room is needed in all ``units``, and in all ``shares`` of the party's organisation."""

    key: int
    units: frozenset[Unit]
    shares: frozenset[Unit] = field(default_factory=frozenset)


@dataclass(frozen=True)
class Entrant:
    """A party in the queue, its options in the order in which it would like them. ``split_ok``: fewer will do."""

    key: int
    size: int
    options: Sequence[Option]
    split_ok: bool = False


class Why(StrEnum):
    """Why a party goes on waiting, from what lies farthest from its reach to what lies nearest."""

    NOTHING_LEFT = "nothing left"
    FULL = "full"
    SHARE = "share"
    TOO_FEW = "too few"
    BEHIND = "behind"


@dataclass(frozen=True)
class Placed:
    entrant: Entrant
    option: Option
    seats: int


@dataclass(frozen=True)
class Waits:
    """``room`` is what is left in the best of its options, ``behind`` the key of the party that comes first."""

    entrant: Entrant
    why: Why
    room: int = 0
    behind: int | None = None


def serve(entrants: Iterable[Entrant], room: Mapping[Unit, int], *, strict: bool) -> list[Placed | Waits]:
    """What becomes of each party, in order. Units that ``room`` does not name are unlimited."""
    left = dict(room)
    kept_by: dict[Unit, int] = {}
    outcomes: list[Placed | Waits] = []
    for entrant in entrants:
        outcome = _serve(entrant, left, kept_by)
        outcomes.append(outcome)
        if isinstance(outcome, Placed):
            taken = dict.fromkeys(outcome.option.units | outcome.option.shares, outcome.seats)
        else:
            taken = _kept(entrant, left) if strict else {}
            for unit in taken:
                kept_by.setdefault(unit, entrant.key)
        for unit, seats in taken.items():
            if unit in left:
                left[unit] -= seats
    return outcomes


def _serve(entrant: Entrant, left: Mapping[Unit, int], kept_by: Mapping[Unit, int]) -> Placed | Waits:
    """Its first option with room for it, or the reason that lies nearest."""
    found = Waits(entrant, Why.NOTHING_LEFT)
    nearness = list(Why)
    for option in entrant.options:
        seats = _room(option.units | option.shares, left, entrant.size)
        if seats >= _needed(entrant):
            return Placed(entrant, option, seats)
        room = _room(option.units, left, entrant.size)
        behind = next((kept_by[unit] for unit in option.units if unit in kept_by), None)
        if seats < room:
            why = Why.SHARE
        elif behind is not None:
            why = Why.BEHIND
        else:
            why = Why.TOO_FEW if room else Why.FULL
        if nearness.index(why) > nearness.index(found.why):
            found = Waits(entrant, why, room, behind if why is Why.BEHIND else None)
    return found


def _kept(entrant: Entrant, left: Mapping[Unit, int]) -> dict[Unit, int]:
    """What a party that waits could have already, and keeps from those behind it; it takes one option in the end."""
    kept: dict[Unit, int] = {}
    for option in entrant.options:
        if _room(option.shares, left, entrant.size) >= _needed(entrant):
            seats = _room(option.units, left, entrant.size)
            kept.update({unit: max(seats, kept.get(unit, 0)) for unit in option.units if seats})
    return kept


def _needed(entrant: Entrant) -> int:
    return 1 if entrant.split_ok else entrant.size


def _room(units: Iterable[Unit], left: Mapping[Unit, int], wanted: int) -> int:
    return max(0, min((wanted, *(left[unit] for unit in units if unit in left))))
