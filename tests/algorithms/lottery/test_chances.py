"""The lottery against the list of all panels: chances, levels, and what is said of the proof."""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest

from cop.algorithms.lottery import (
    Demand,
    NoPanel,
    Person,
    Pool,
    Side,
    Stage,
    Target,
    lottery,
    unreachable,
)
from tests.support.lotteries import everything, feasible_panels, keeps, leximin, small_pool

MILLIONTH = 1e-6


def people(*features: str, organisation: str | None = None) -> list[Person]:
    return [Person(f"p{number}", {"sector": value}, organisation) for number, value in enumerate(features)]


def feasible(number: int) -> Pool:
    """One with a panel, from this number on."""
    return next(pool for pool in map(small_pool, count(number)) if feasible_panels(pool))


def after(asked: int) -> Callable[[], bool]:
    """Stops when it was asked so many times."""
    left = iter(range(asked))
    return lambda: next(left, None) is None


@pytest.mark.parametrize("start", range(0, 120, 20))
def test_it_is_the_leximin_lottery_of_all_feasible_panels(start: int) -> None:
    for number in range(start, start + 20):
        pool = small_pool(number)
        panels = feasible_panels(pool)
        if not panels:
            with pytest.raises(NoPanel):
                lottery(pool)
            continue
        found, truth = lottery(pool), leximin(panels)
        assert found.stage is Stage.FINISHED
        assert found.chances == pytest.approx(
            {person.id: truth.get(person.id, 0.0) for person in pool.free()}, abs=MILLIONTH
        )
        free = [chance for name, chance in truth.items() if name not in pool.inside]
        assert found.smallest == pytest.approx(min(free, default=1.0), abs=MILLIONTH)
        assert found.bound >= min(free, default=1.0) - 1e-9
        assert found.gap <= MILLIONTH
        assert found.unreachable == tuple(person.id for person in pool.free() if person.id not in truth)
        assert found.unreachable == unreachable(pool)


@pytest.mark.parametrize("number", range(0, 60, 6))
def test_every_recorded_panel_is_feasible_and_the_tickets_are_the_chances(number: int) -> None:
    pool = feasible(number)
    found = lottery(pool, total=1_000_003)
    assert found.recorded.total == 1_000_003
    assert all(keeps(pool, panel) and pool.inside <= set(panel) for _, panel in found.recorded.panels)
    tickets = Counter(name for number, panel in found.recorded.panels for name in panel for _ in range(number))
    assert found.chances == {person.id: tickets[person.id] / 1_000_003 for person in pool.free()}
    assert found.rounding < 20 / 1_000_003


def test_equal_people_are_equal_to_a_ticket() -> None:
    found = lottery(Pool(people(*"aaaaabbb"), 4, [Target("sector", "b", 1, 1)]), total=1_000)
    assert Counter(found.recorded.tickets().values()) == {600: 5, 334: 1, 333: 2}
    assert found.levels == 2
    assert found.kinds == 2


def test_whoever_can_be_on_no_panel_is_named_and_does_not_drag_the_others_down() -> None:
    found = lottery(Pool(people("a", "a", "b"), 1, [Target("sector", "b", 0, 0)]))
    assert found.unreachable == ("p2",)
    assert found.chances["p2"] == 0
    assert found.smallest == 0.5


def test_an_organisation_shares_its_places() -> None:
    pool = Pool([*people("a", "a", "a", organisation="one"), Person("q"), Person("r")], 2, per_organisation=1)
    assert lottery(pool).chances == pytest.approx({"p0": 1 / 3, "p1": 1 / 3, "p2": 1 / 3, "q": 0.5, "r": 0.5})


def test_whoever_is_fixed_in_counts_for_targets_and_the_organisation() -> None:
    colleagues = people("a", "a", "b", organisation="one")
    pool = Pool([*colleagues, Person("q", {"sector": "a"}), Person("r", {"sector": "b"})], 2, (), 1, frozenset({"p0"}))
    assert lottery(pool).chances == pytest.approx({"p1": 0, "p2": 0, "q": 0.5, "r": 0.5})
    with_b = replace(pool, targets=[Target("sector", "b", 1)])
    assert lottery(with_b).chances == pytest.approx({"p1": 0, "p2": 0, "q": 0, "r": 1})


def test_all_places_are_fixed() -> None:
    pool = Pool(people("a", "b"), 1, inside=frozenset({"p1"}))
    found = lottery(pool)
    assert found.recorded.panels == ((found.recorded.total, ("p1",)),)
    assert (found.smallest, found.stage, found.unreachable) == (1.0, Stage.FINISHED, ("p0",))
    with pytest.raises(NoPanel):
        lottery(replace(pool, targets=[Target("sector", "a", 1)]))


def test_everybody_has_a_place() -> None:
    assert set(lottery(Pool(people(*"abc"), 3)).chances.values()) == {1.0}


def test_it_names_the_targets_that_bind() -> None:
    found = lottery(Pool(people(*"aaaab"), 2, [Target("sector", "b", 1), Target("sector", "a", 0, 2)]))
    assert found.binding == (Demand("sector", "b", Side.MINIMUM, 1),)


def uneven() -> Pool:
    """Of a, b and c only one can be on a panel, for any two share something; in fractions it would be half of each."""
    features = {"a": "13", "b": "12", "c": "23", "d": "", "e": "4", "f": "4", "g": "14"}
    people = [Person(name, dict.fromkeys(those, "yes")) for name, those in features.items()]
    return Pool(people, 3, [*(Target(feature, "yes", 0, 1) for feature in "123"), Target("4", "yes", 1, 1)])


def test_when_told_to_stop_it_says_what_is_proven() -> None:
    truth = leximin(feasible_panels(uneven()))
    stages = []
    for asked in range(80):
        found = lottery(uneven(), stop=after(asked))
        stages.append(found.stage)
        assert found.smallest == pytest.approx(1 / 3, abs=MILLIONTH)
        assert found.bound == pytest.approx(1 / 3)
        if found.stage is Stage.FINISHED:
            assert found.chances == pytest.approx(truth, abs=MILLIONTH)
    assert stages == sorted(stages, key=list(Stage).index)
    assert set(stages) == {Stage.MAXIMIN, Stage.LEXIMIN, Stage.FINISHED}


def test_stopped_at_once_it_still_has_a_lottery() -> None:
    found = lottery(Pool(people(*"aaaaaabbbbbb"), 5, [Target("sector", "a", 2, 3)]), stop=after(0))
    assert found.stage is Stage.BEGUN
    assert found.levels == 0
    assert found.bound == pytest.approx(5 / 12)
    assert 0 < found.smallest < 5 / 12
    assert found.gap == pytest.approx(found.bound - found.smallest)


def test_another_process_finds_the_same() -> None:
    script = "import json, tests.support.lotteries as these; print(json.dumps(these.everything()))"
    there = subprocess.run(  # noqa: S603
        [sys.executable, "-c", script],
        cwd=Path(__file__).parents[3],
        env={**os.environ, "PYTHONHASHSEED": "4242"},
        capture_output=True,
        check=True,
        text=True,
    )
    assert json.loads(there.stdout) == everything()


@pytest.mark.parametrize("number", range(0, 40, 8))
def test_the_order_of_people_and_targets_means_nothing(number: int) -> None:
    pool = feasible(number)
    other = replace(pool, people=pool.people[::-1], targets=pool.targets[::-1])
    assert other.digest() == pool.digest()
    assert lottery(other) == lottery(pool)
