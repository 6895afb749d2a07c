"""A pool brought down to what decides: how many people of each kind, and what a panel's numbers have to be."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from cop.algorithms.lottery.pools import Demand, Person, Pool, Side

Counts = tuple[int, ...]
"""A panel as numbers: how many people of each kind."""


@dataclass(frozen=True)
class Row:
    """The people of these kinds, together, are at least ``low`` and at most ``high``; ``below`` and ``above`` say who
    asks for it. Those who are fixed in are counted already, so ``high`` may be less than 0.
    """

    kinds: tuple[int, ...]
    low: int
    high: int
    below: Demand | None = None
    above: Demand | None = None


@dataclass(frozen=True)
class Shape:
    """``kinds`` are the ids of people who can stand in for one another in every panel: alike in all features that a
    target names, and either colleagues or in organisations that can never have too many. Since leximin treats them
    alike, it is enough to ask for their chances together.
    """

    kinds: tuple[tuple[str, ...], ...]
    rows: tuple[Row, ...]

    @property
    def sizes(self) -> Counts:
        return tuple(map(len, self.kinds))

    @property
    def impossible(self) -> bool:
        """Whether those who are fixed in are too many already."""
        return any(row.low > row.high for row in self.rows)

    def keeps(self, counts: Counts) -> bool:
        """Whether these numbers are a feasible panel; in whole numbers, so beyond doubt."""
        return all(0 <= count <= size for count, size in zip(counts, self.sizes, strict=True)) and all(
            row.low <= sum(counts[kind] for kind in row.kinds) <= row.high for row in self.rows
        )


def shape(pool: Pool) -> Shape:
    """What is left to decide once those who are fixed in are counted, without demands that every panel keeps."""
    people, fixed = pool.free(), pool.fixed_in()
    places = pool.places - len(fixed)
    asked = _asked(pool, people, fixed, places)
    room = _room(pool, people, fixed)
    features = sorted({feature for feature, _ in asked})
    members: dict[tuple[str | None, ...], list[str]] = defaultdict(list)
    for person in people:
        limited = person.organisation if person.organisation in room else None
        members[*(person.features.get(feature) for feature in features), limited].append(person.id)
    keys = sorted(members, key=lambda key: [(part is not None, part or "") for part in key])
    rows = [Row(tuple(range(len(keys))), places, places)]
    for (feature, value), (low, high, below, above) in asked.items():
        at = features.index(feature)
        rows.append(Row(_with(keys, at, value), low, high, below, above))
    for organisation in sorted(room):
        limit = Demand("", "", Side.PER_ORGANISATION, pool.per_organisation or 0)
        rows.append(Row(_with(keys, -1, organisation), 0, room[organisation], above=limit))
    return Shape(tuple(tuple(members[key]) for key in keys), tuple(rows))


def _with(keys: Sequence[tuple[str | None, ...]], at: int, value: str) -> tuple[int, ...]:
    return tuple(kind for kind, key in enumerate(keys) if key[at] == value)


Asked = tuple[int, int, Demand | None, Demand | None]


def _asked(pool: Pool, people: Sequence[Person], fixed: Sequence[Person], places: int) -> dict[tuple[str, str], Asked]:
    """Feature and value: fewest and most of those whom the draw decides about, and who asks for that."""
    there = Counter(pair for person in people for pair in person.features.items())
    taken = Counter(pair for person in fixed for pair in person.features.items())
    found: dict[tuple[str, str], Asked] = {}
    for target in sorted(pool.targets, key=lambda target: (target.feature, target.value)):
        pair = (target.feature, target.value)
        below = above = None
        low, high = target.minimum - taken[pair], places
        if low > 0:
            below = Demand(*pair, Side.MINIMUM, target.minimum)
        if target.maximum is not None and target.maximum - taken[pair] < min(there[pair], places):
            high = target.maximum - taken[pair]
            above = Demand(*pair, Side.MAXIMUM, target.maximum)
        if below or above:
            found[pair] = (max(low, 0), high, below, above)
    return found


def _room(pool: Pool, people: Sequence[Person], fixed: Sequence[Person]) -> dict[str, int]:
    """How many more each organisation may have, for those with more people than that."""
    if pool.per_organisation is None:
        return {}
    there = Counter(person.organisation for person in people if person.organisation is not None)
    taken = Counter(person.organisation for person in fixed if person.organisation is not None)
    room = {name: pool.per_organisation - taken[name] for name in sorted(there | taken)}
    return {name: left for name, left in room.items() if left < there[name]}
