"""Who sits where: colleagues apart, sectors mixed, new people in each round, and the rules of the hosts kept.

``seat(room, seed)`` seats everybody and refuses with :class:`Impossible`, which names what cannot be; the same room and
seed give the same seating. ``seat_late`` finds places for those who have none and moves nobody. ``score`` says how good
a seating is, whoever made it.

Seating everybody loads numpy, 20 MB, at the first call, and HiGHS where rules are hard to keep.
"""

import random
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace

from cop.algorithms.seating.dealing import dealt, meetings
from cop.algorithms.seating.feasibility import obstacle, tables_by_rule
from cop.algorithms.seating.rooms import Guest, Impossible, Obstacle, Pair, Room, Seated, Why, parted
from cop.algorithms.seating.scoring import Score, TableScore, score
from cop.algorithms.seating.searching import Search

__all__ = [
    "Guest",
    "Impossible",
    "Obstacle",
    "Pair",
    "Room",
    "Score",
    "Seated",
    "TableScore",
    "Why",
    "obstacle",
    "score",
    "seat",
    "seat_late",
]


def seat(room: Room, seed: int, tell: Callable[[int, int], None] = lambda done, total: None) -> Seated:
    """Everybody in all rounds; ``tell`` hears how many of how many steps are done. Raises ``Impossible``."""
    chance = random.Random(seed)  # noqa: S311  no secret
    search = Search(room, _begin(room, chance), chance)
    search.run(tell)
    return search.seated()


def seat_late(room: Room, seed: int) -> Seated:
    """The same for a few who come when the others sit: each takes the best place that is left, and nobody moves."""
    return _begin(room, random.Random(seed))  # noqa: S311


def _begin(room: Room, chance: random.Random) -> Seated:
    """A first seating in which all rules are kept."""
    if len(room.guests) > sum(room.seats):
        raise Impossible(Obstacle(Why.SEATS))
    seated: list[Mapping[int, int]] = []
    for round_ in range(room.rounds):
        met = meetings(seated)
        tables = dealt(room, round_, met, chance)
        if tables is None or _breaks(room, round_, tables):
            tables = _by_rule(room, round_, met, chance)
        seated.append(tables)
    return seated


def _breaks(room: Room, round_: int, tables: Mapping[int, int]) -> bool:
    loads = Counter(tables.values())
    is_over = any(loads[table] > size for table, size in enumerate(room.seats))
    return is_over or any(tables[one] == tables[other] for one, other in parted(room, round_, room.apart))


def _by_rule(room: Room, round_: int, met: Counter[Pair], chance: random.Random) -> Mapping[int, int]:
    found = tables_by_rule(room, round_, room.together, room.apart)
    held = {(round_, one): table for one, table in (found or {}).items()}
    tables = dealt(replace(room, held=held), round_, met, chance) if found is not None else None
    if tables is None:
        reason = obstacle(room)
        raise Impossible(reason or Obstacle(Why.RULES, round_))
    return tables
