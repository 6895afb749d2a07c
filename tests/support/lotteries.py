"""Small pools of chance, and the answers to them from a list of all panels there are."""

import random
from collections.abc import Mapping, Sequence
from itertools import combinations

from cop.algorithms.lottery import (
    Contradiction,
    NoPanel,
    Person,
    Pool,
    Target,
    highest_scores,
    lottery,
    relaxations,
    replacements,
)
from cop.algorithms.lottery.solver import INFINITE, Programme

VALUES = "abc"


def small_pool(number: int, *, tight: float = 1.0, fewest: int = 5, most: int = 9) -> Pool:
    """The same for the same number. Less ``tight`` targets contradict one another more rarely."""
    chance = random.Random(number)  # noqa: S311  the same pools every time
    while True:
        size = chance.randint(fewest, most)
        places = chance.randint(2, min(5, size - 1))
        features = [f"feature {place}" for place in range(chance.randint(1, 4))]
        people = [
            Person(
                f"p{place}",
                {feature: chance.choice(VALUES) for feature in features if chance.random() < 0.95},
                chance.choice(["one", "two", "three", None]),
            )
            for place in range(size)
        ]
        targets = [
            _target(chance, people, places, feature, value, tight)
            for feature in features
            for value in VALUES
            if chance.random() < 0.8
        ]
        ids = [person.id for person in people]
        chance.shuffle(ids)
        inside, outside = chance.choice([0, 0, 0, 1]), chance.choice([0, 0, 1])
        try:
            return Pool(
                people,
                places,
                targets,
                chance.choice([None, 1, 2]),
                frozenset(ids[:inside]),
                frozenset(ids[inside : inside + outside]),
            )
        except Contradiction:
            continue


def _target(
    chance: random.Random, people: Sequence[Person], places: int, feature: str, value: str, tight: float
) -> Target:
    share = sum(person.features.get(feature) == value for person in people) * places / len(people)
    minimum = max(0, int(share + 1 - chance.random() - 1 / tight))
    return Target(feature, value, minimum, max(minimum, int(share + chance.random() * 0.8 + 1 / tight)))


def all_panels(pool: Pool) -> list[tuple[str, ...]]:
    """Of the right size and with those who are fixed, whether or not they keep the targets."""
    free = [person.id for person in pool.free()]
    return [tuple(sorted({*pool.inside, *names})) for names in combinations(free, pool.places - len(pool.inside))]


def feasible_panels(pool: Pool) -> list[tuple[str, ...]]:
    return [panel for panel in all_panels(pool) if keeps(pool, panel)]


def keeps(pool: Pool, panel: Sequence[str]) -> bool:
    """The rules once more, in their plainest words."""
    people = [person for person in pool.people if person.id in panel]
    organisations = [person.organisation for person in people if person.organisation is not None]
    return all(
        target.minimum
        <= sum(person.features.get(target.feature) == target.value for person in people)
        <= (pool.places if target.maximum is None else target.maximum)
        for target in pool.targets
    ) and (
        pool.per_organisation is None
        or all(organisations.count(name) <= pool.per_organisation for name in organisations)
    )


def leximin(panels: Sequence[tuple[str, ...]]) -> Mapping[str, float]:
    """Everybody's chance in the leximin lottery over these panels, person by person: whose chance cannot rise above
    the level without that of somebody else falling below theirs?
    """
    names = sorted({name for panel in panels for name in panel})
    settled: dict[str, float] = {}
    while len(settled) < len(names):
        level = _most(panels, names, settled, None, None)
        stuck = [
            name for name in names if name not in settled and _most(panels, names, settled, level, name) < level + 1e-6
        ]
        settled |= dict.fromkeys(stuck, level)
        assert stuck
    return settled


def _most(
    panels: Sequence[tuple[str, ...]],
    names: Sequence[str],
    settled: Mapping[str, float],
    level: float | None,
    of: str | None,
) -> float:
    """The most that all who are not settled can have together, or that one can have when they all have that."""
    count = len(panels)
    programme = Programme([0.0] * (count + 1), [1.0] * (count + 1))
    programme.add([(1.0, 1.0, range(count), [1.0] * count)])
    for name in names:
        where = [place for place, panel in enumerate(panels) if name in panel]
        ones = [1.0] * len(where)
        if name in settled or level is not None:
            programme.add([(settled.get(name, level or 0.0) - 1e-9, INFINITE, where, ones)])
        else:
            programme.add([(0.0, INFINITE, [*where, count], [*ones, -1.0])])
    programme.weigh([*(float(of in panel) if of else 0.0 for panel in panels), 0.0 if of else 1.0])
    solution = programme.maximise()
    assert solution
    return solution.value


def everything() -> list[list[str]]:
    """All answers to a few pools, down to the last digit."""
    return [_answers(small_pool(number)) for number in range(12)]


def _answers(pool: Pool) -> list[str]:
    seed = bytes(range(16))
    try:
        found = lottery(pool)
    except NoPanel:
        return [repr(relaxations(pool))]
    best = highest_scores(pool, {person.id: 1 for person in pool.people}, seed)
    joined = replacements(pool, [], [], seed)
    return [repr(found), found.recorded.digest(), repr(best), repr(joined)]
