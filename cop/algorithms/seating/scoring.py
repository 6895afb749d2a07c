"""How good a seating is, in numbers that people can check at the tables themselves."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cop.algorithms.seating.dealing import pair
from cop.algorithms.seating.rooms import Guest, Pair, Room, Seated


@dataclass(frozen=True)
class TableScore:
    """``colleagues`` are people at the table who sit with a colleague though no rule says so; ``sorts`` different first
    traits out of the ``most_sorts`` that there could be; ``again`` pairs who met in an earlier round.
    """

    people: int
    colleagues: int
    sorts: int
    most_sorts: int
    again: int


@dataclass(frozen=True)
class Score:
    """``tables`` by round and table. ``colleagues`` are pairs at one table, of which ``least_colleagues`` cannot be
    helped. ``met`` is how many different others somebody meets on average, of ``most_met`` that would be possible.
    ``again`` are pairs who meet more than once. ``broken`` are rules that are not kept, with the rounds.
    """

    tables: Sequence[Sequence[TableScore]]
    people: int
    colleagues: int
    least_colleagues: int
    mix: int
    met: float
    most_met: float
    again: int
    rules: int
    broken: Mapping[Pair, Sequence[int]]


def score(room: Room, seated: Seated) -> Score:
    """How good it is; guests who are missing in a round count for none of its tables."""
    guests = {guest.id: guest for guest in room.guests}
    tables = [_by_table(room, guests, places) for places in seated]
    sorts = len({guest.traits[0] for guest in room.guests if guest.traits and guest.traits[0]})
    scores: list[list[TableScore]] = []
    before: Counter[Pair] = Counter()
    for there in tables:
        scores.append([_table(room, table, sorts, before) for table in there])
        before.update(pair(one.id, other.id) for table in there for one, other in _pairs(table))
    used = [table for round_ in scores for table in round_ if table.people]
    again = [met for met in before if before[met] > 1 and met not in room.together]
    return Score(
        scores,
        len(guests),
        colleagues=sum(
            _are_colleagues(one, other) and pair(one.id, other.id) not in room.together
            for there in tables
            for table in there
            for one, other in _pairs(table)
        ),
        least_colleagues=_least_colleagues(room, tables),
        mix=round(100 * sum(table.sorts for table in used) / max(1, sum(table.most_sorts for table in used))),
        met=2 * len(before) / max(1, len(guests)),
        most_met=_most_met(len(guests), tables),
        again=len(again),
        rules=len(room.together) + len(room.apart),
        broken=_broken(room, seated),
    )


def _by_table(room: Room, guests: Mapping[int, Guest], places: Mapping[int, int]) -> Sequence[Sequence[Guest]]:
    there: list[list[Guest]] = [[] for _ in room.seats]
    for one, table in sorted(places.items()):
        there[table].append(guests[one])
    return there


def _table(room: Room, there: Sequence[Guest], sorts: int, before: Counter[Pair]) -> TableScore:
    beside: set[int] = set()
    again = 0
    for one, other in _pairs(there):
        met = pair(one.id, other.id)
        if met in room.together:
            continue
        again += before[met] > 0
        if _are_colleagues(one, other):
            beside |= set(met)
    known = [guest.traits[0] for guest in there if guest.traits and guest.traits[0]]
    return TableScore(len(there), len(beside), len(set(known)), min(sorts, len(known)), again)


def _pairs(there: Sequence[Guest]) -> list[tuple[Guest, Guest]]:
    return [(one, other) for at, one in enumerate(there) for other in there[at + 1 :]]


def _are_colleagues(one: Guest, other: Guest) -> bool:
    return bool(one.home) and one.home == other.home


def _least_colleagues(room: Room, tables: Sequence[Sequence[Sequence[Guest]]]) -> int:
    """Pairs that there are however people sit: where an organisation has more people than there are tables."""
    homes = {guest.id: guest.home for guest in room.guests if guest.home}
    asked = Counter(homes[one] for one, other in room.together if one in homes and homes[one] == homes.get(other))
    least = 0
    for there in tables:
        sizes = Counter(guest.home for table in there for guest in table if guest.home)
        for home, size in sizes.items():
            each, over = divmod(size, len(room.seats))
            pairs = over * each + len(room.seats) * each * (each - 1) // 2
            least += max(0, pairs - asked[home])
    return least


def _most_met(people: int, tables: Sequence[Sequence[Sequence[Guest]]]) -> float:
    chances: dict[int, int] = defaultdict(int)
    for there in tables:
        for table in there:
            for guest in table:
                chances[guest.id] += len(table) - 1
    return sum(min(people - 1, count) for count in chances.values()) / max(1, people)


def _broken(room: Room, seated: Seated) -> Mapping[Pair, Sequence[int]]:
    broken: dict[Pair, list[int]] = defaultdict(list)
    for round_, tables in enumerate(seated):
        for rules, is_kept in ((room.together, True), (room.apart, False)):
            for first, second in sorted(rules):
                both = first in tables and second in tables
                if both and (tables[first] == tables[second]) is not is_kept:
                    broken[first, second].append(round_)
    return broken
