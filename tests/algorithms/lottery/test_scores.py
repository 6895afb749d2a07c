"""The highest scores within the targets, against all panels there are."""

import random
from dataclasses import replace

import pytest

from cop.algorithms.lottery import Contradiction, NoPanel, Person, Pool, Target, highest_scores
from tests.support.lotteries import feasible_panels, small_pool

SEED = b"sixteen bytes and more"


@pytest.mark.parametrize("largest", [1, 3, 1_000_000])
@pytest.mark.parametrize("start", [0, 100])
def test_it_is_the_best_panel_there_is_and_ties_follow_the_rule(largest: int, start: int) -> None:
    for number in range(start, start + 40):
        pool = small_pool(number)
        chance = random.Random(number)  # noqa: S311
        scores = {person.id: chance.randint(-largest, largest) for person in pool.people}
        panels = feasible_panels(pool)
        if not panels:
            with pytest.raises(NoPanel):
                highest_scores(pool, scores, SEED)
            continue
        found = highest_scores(pool, scores, SEED)
        most = max(sum(scores[name] for name in panel) for panel in panels)
        best = [panel for panel in panels if sum(scores[name] for name in panel) == most]
        for name in found.order:
            best = [panel for panel in best if name in panel] or best
        assert [found.panel] == best
        assert found.total == most
        assert sorted(found.order) == sorted(person.id for person in pool.people if person.id not in pool.outside)


def test_many_ties_are_broken_by_the_order_alone() -> None:
    people = [Person(f"p{number}", {"sector": "ab"[number % 2]}) for number in range(50)]
    pool = Pool(people, 10, [Target("sector", "a", 3, 3)])
    found = highest_scores(pool, dict.fromkeys([person.id for person in people], 7), SEED)
    sector = {person.id: person.features["sector"] for person in people}
    firsts = {value: [name for name in found.order if sector[name] == value] for value in "ab"}
    assert set(found.panel) == {*firsts["a"][:3], *firsts["b"][:7]}
    assert highest_scores(pool, dict.fromkeys(sector, 7), SEED + b"!").panel != found.panel


def test_all_places_are_fixed() -> None:
    pool = Pool([Person("a"), Person("b")], 1, inside=frozenset("b"))
    assert highest_scores(pool, {"a": 9, "b": 1}, SEED).panel == ("b",)


def test_scores_that_are_missing_or_beyond_all_bounds_are_refused() -> None:
    pool = Pool([Person("a"), Person("b")], 1)
    with pytest.raises(Contradiction, match="without a score: b"):
        highest_scores(pool, {"a": 1}, SEED)
    with pytest.raises(Contradiction, match="beyond"):
        highest_scores(pool, {"a": 1, "b": 1_000_001}, SEED)
    with pytest.raises(Contradiction, match="16 bytes"):
        highest_scores(pool, {"a": 1, "b": 1}, b"short")
    assert highest_scores(replace(pool, outside=frozenset("b")), {"a": 1}, SEED).panel == ("a",)
