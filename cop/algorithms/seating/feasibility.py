"""Whether the rules can be kept at all, a way to keep them, and which of them contradict one another.

Guests of whom no rule speaks take whatever is left, so an integer programme over the others decides it.
"""

from collections import Counter
from collections.abc import Mapping

from cop.algorithms.lottery.solver import Line, Programme
from cop.algorithms.seating.rooms import Obstacle, Pair, Room, Why, parted, units_of


def tables_by_rule(
    room: Room, round_: int, together: frozenset[Pair], apart: frozenset[Pair]
) -> Mapping[int, int] | None:
    """A table for each guest who is held or of whom a rule speaks, so that all these rules are kept; None if none is.

    ``together`` and ``apart`` are those of the room, or some of them.
    """
    units = units_of(room, round_, together)
    if units is None:
        return None
    unit_of = {one: number for number, unit in enumerate(units) for one in unit.members}
    pairs = {(unit_of[first], unit_of[second]) for first, second in parted(room, round_, apart)}
    if any(one == other for one, other in pairs):
        return None
    bound = [
        number
        for number, unit in enumerate(units)
        if len(unit.members) > 1 or unit.table is not None or any(number in pair for pair in pairs)
    ]
    if not bound:
        return {}
    tables = range(len(room.seats))
    column = {(number, table): at * len(tables) + table for at, number in enumerate(bound) for table in tables}
    fixed = [(units[number].table, table) for number in bound for table in tables]
    programme = Programme(
        [1.0 if there == table else 0.0 for there, table in fixed],
        [1.0 if there in (None, table) else 0.0 for there, table in fixed],
        whole=True,
    )
    lines: list[Line] = [
        (1.0, 1.0, [column[number, table] for table in tables], [1.0] * len(tables)) for number in bound
    ]
    sizes = [float(len(units[number].members)) for number in bound]
    lines += [(0.0, float(room.seats[table]), [column[number, table] for number in bound], sizes) for table in tables]
    lines += [
        (0.0, 1.0, [column[one, table], column[other, table]], [1.0, 1.0])
        for one, other in sorted(pairs)
        for table in tables
    ]
    programme.add(lines)
    found = programme.minimise()
    if found is None:
        return None
    return {
        one: table
        for (number, table), at in column.items()
        if found.columns[at] > 1 / 2
        for one in units[number].members
    }


def obstacle(room: Room) -> Obstacle | None:
    """Why not everybody can be seated by the rules; None where they can."""
    if len(room.guests) > sum(room.seats):
        return Obstacle(Why.SEATS)
    for round_ in range(room.rounds):
        found = _in_round(room, round_)
        if found:
            return found
    return None


def _in_round(room: Room, round_: int) -> Obstacle | None:
    loads = Counter(table for (number, _), table in room.held.items() if number == round_)
    for table, load in sorted(loads.items()):
        if load > room.seats[table]:
            return Obstacle(Why.TABLE, round_, table)
    kept = [(pair, True) for pair in sorted(room.together)] + [(pair, False) for pair in sorted(room.apart)]
    if _possible(room, round_, kept):
        return None
    for rule in list(kept):
        fewer = [other for other in kept if other != rule]
        if not _possible(room, round_, fewer):
            kept = fewer
    together, apart = (tuple(pair for pair, is_together in kept if is_together is sort) for sort in (True, False))
    alone = Room(room.guests, room.seats)
    is_held = _possible(alone, 0, kept)
    why = Why.RULES if apart or is_held else Why.PARTY
    return Obstacle(why, round_, together=together, apart=apart, held=is_held)


def _possible(room: Room, round_: int, rules: list[tuple[Pair, bool]]) -> bool:
    together, apart = (frozenset(pair for pair, is_together in rules if is_together is sort) for sort in (True, False))
    return tables_by_rule(room, round_, together, apart) is not None
