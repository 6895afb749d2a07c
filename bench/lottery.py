"""How long the fair lottery takes, on invented pools; ``python -m bench.lottery`` shows each of them."""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor
from time import perf_counter, process_time

from bench import figures
from cop.algorithms.lottery import Lottery, Person, Pool, Target, lottery

SIZES = ((60, 15, 0.8), (200, 15, 5.0), (500, 30, 30.0))
"""People, places, and the seconds within which maximin is wanted."""

NUMBERS = range(1, 4)
PER_ORGANISATION = 2
HEADINGS = ["pool", "s", "CPU s", "stage", "smallest chance", "gap", "levels", "panels", "kinds"]

Weights = dict[str, int]
SECTOR: Weights = {"officer": 8, "councillor": 5, "voluntary": 4, "housing": 2, "health": 2, "resident": 1}
REGION: Weights = dict(zip((f"region {number}" for number in range(9)), (5, 9, 4, 6, 3, 7, 2, 5, 4), strict=True))
MEMBERSHIP: Weights = {"full": 6, "associate": 3, "affiliate": 2, "none": 1}
YES_OR_NO: Weights = {"yes": 1, "no": 3}
OF_ORGANISATION = {"region": REGION, "membership": MEMBERSHIP, "newer": YES_OR_NO, "rural": YES_OR_NO}


@dataclass(frozen=True)
class Taken:
    name: str
    seconds: float
    cpu: float
    found: Lottery


def realistic(people: int, places: int, number: int) -> Pool:
    """Two to four of an organisation share all but their sector; the panel is to be more even than they."""
    chance = random.Random(number)  # noqa: S311  the same pools every time
    organisations = [
        {name: _one(chance, of) for name, of in OF_ORGANISATION.items()} for _ in range(max(people // 4, 30))
    ]
    found = []
    for person in range(people):
        where = chance.randrange(len(organisations))
        features = {"sector": _one(chance, SECTOR), **organisations[where]}
        found.append(Person(f"person {person:03}", features, f"organisation {where}"))
    return Pool(found, places, _targets(found, places, evener=0.4), PER_ORGANISATION)


def independent(people: int, places: int, number: int) -> Pool:
    """Everybody's features by chance, all values as likely; the panel is to be as they are."""
    chance = random.Random(number)  # noqa: S311  the same pools every time
    found = [
        Person(
            f"person {person:03}",
            {name: chance.choice(list(of)) for name, of in {"sector": SECTOR, **OF_ORGANISATION}.items()},
            f"organisation {chance.randrange(people)}",
        )
        for person in range(people)
    ]
    return Pool(found, places, _targets(found, places, evener=0), PER_ORGANISATION)


def _one(chance: random.Random, weights: Weights) -> str:
    return chance.choices(list(weights), list(weights.values()))[0]


def _targets(people: Sequence[Person], places: int, *, evener: float) -> list[Target]:
    """For each value its share of the places, 15 % up or down and rounded away."""
    targets = []
    for feature in ("sector", *OF_ORGANISATION):
        there = Counter(person.features[feature] for person in people)
        for value in sorted(there):
            share = (1 - evener) * there[value] / len(people) * places + evener * places / len(there)
            least = min(there[value], floor(share * 0.85))
            targets.append(Target(feature, value, least, max(1, ceil(share * 1.15))))
    return targets


def measure() -> list[list[Taken]]:
    """For each size, all pools; each lottery goes on to the end of leximin."""
    lottery(realistic(20, 5, 0))  # loads the solver
    return [
        [
            _take(f"{make.__name__} {number}, {places} of {people}", make(people, places, number))
            for make in (realistic, independent)
            for number in NUMBERS
        ]
        for people, places, _ in SIZES
    ]


def _take(name: str, pool: Pool) -> Taken:
    began, cpu = perf_counter(), process_time()
    found = lottery(pool)
    return Taken(name, perf_counter() - began, process_time() - cpu, found)


def rows(taken: Sequence[Sequence[Taken]]) -> list[list[str]]:
    """The slowest of each size beside its goal."""
    found = []
    for (people, places, goal), pools in zip(SIZES, taken, strict=True):
        slowest = max(pools, key=lambda each: each.seconds)
        stages = ", ".join(sorted({str(each.found.stage) for each in pools}))
        name = f"fair lottery, {places} of {people}, slowest of {len(pools)}, s ({slowest.cpu:.2f} s of CPU; {stages})"
        found.append(figures.other_row(name, slowest.seconds, goal, most=True, digits=2))
    return found


def main() -> None:
    taken = measure()
    print(figures.table([HEADINGS, *(_row(each) for pools in taken for each in pools)]))
    print()
    print(figures.table([figures.OTHER_HEADINGS, *rows(taken)]))


def _row(taken: Taken) -> list[str]:
    found = taken.found
    return [
        taken.name,
        f"{taken.seconds:.2f}",
        f"{taken.cpu:.2f}",
        str(found.stage),
        f"{found.smallest:.6f}",
        f"{max(found.gap, found.slack):.0e}",
        str(found.levels),
        str(len(found.recorded.panels)),
        str(found.kinds),
    ]


if __name__ == "__main__":
    main()
