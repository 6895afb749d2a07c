"""Conflicts and the smallest changes, against all panels there are."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from cop.algorithms.lottery import (
    Change,
    Contradiction,
    Demand,
    Person,
    Pool,
    Side,
    Target,
    conflict,
    obstacle,
    relaxations,
    unreachable,
)
from tests.support.lotteries import all_panels, feasible_panels, small_pool

Changes = Mapping[Demand, int]


def without(pool: Pool, demands: Sequence[Demand]) -> Pool:
    """All demands but these."""
    far = {Side.MINIMUM: 0, Side.MAXIMUM: pool.places, Side.PER_ORGANISATION: pool.places}
    return pool.changed([Change(demand, far[demand.side]) for demand in demands])


def only(pool: Pool, demands: Sequence[Demand]) -> Pool:
    return without(pool, [demand for demand in pool.demands() if demand not in demands])


def pools(*, feasible: bool, tight: float, start: int) -> list[Pool]:
    found = [small_pool(number, tight=tight) for number in range(start, start + 60)]
    return [pool for pool in found if bool(feasible_panels(pool)) is feasible]


@pytest.mark.parametrize("start", [1000, 2000])
def test_a_conflict_cannot_be_kept_but_all_less_of_it_can(start: int) -> None:
    impossible = pools(feasible=False, tight=3, start=start)
    assert len(impossible) > 10
    for pool in impossible:
        found = conflict(pool)
        assert found
        assert not feasible_panels(only(pool, found))
        for demand in found:
            assert feasible_panels(only(pool, [other for other in found if other != demand]))


def test_without_a_conflict_there_is_nothing_to_say() -> None:
    for pool in pools(feasible=True, tight=1, start=0)[:20]:
        assert conflict(pool) is None
        assert relaxations(pool) == []


def sizes(pool: Pool) -> list[Changes]:
    """What each panel breaks, and by how much."""
    return [
        {change.demand: abs(change.becomes - change.demand.bound) for change in pool.broken(panel)}
        for panel in all_panels(pool)
    ]


@pytest.mark.parametrize("start", [1000, 2000])
def test_relaxations_are_the_smallest_there_are(start: int) -> None:
    for pool in pools(feasible=False, tight=3, start=start):
        all_sizes = sizes(pool)
        found = relaxations(pool)
        before: list[Changes] = []
        for changes in found:
            assert feasible_panels(pool.changed(changes))
            new = [each for each in all_sizes if not any(_covers(each, other) for other in before)]
            size = {change.demand: abs(change.becomes - change.demand.bound) for change in changes}
            assert sum(size.values()) == min(sum(each.values()) for each in new)
            assert size in new
            before.append(size)
        assert len(found) == 3 or all(any(_covers(each, other) for other in before) for each in all_sizes)


def _covers(each: Changes, other: Changes) -> bool:
    return all(each.get(demand, 0) >= size for demand, size in other.items())


def test_the_obstacle_says_why_somebody_is_on_no_panel() -> None:
    found = 0
    for pool in pools(feasible=True, tight=2, start=0):
        for name in unreachable(pool):
            demands = obstacle(pool, name)
            assert demands is not None
            found += 1
            forced = replace(pool, inside=pool.inside | {name})
            assert not feasible_panels(only(forced, demands))
            for demand in demands:
                assert feasible_panels(only(forced, [other for other in demands if other != demand]))
    assert found > 10


def test_there_is_no_obstacle_for_those_who_can_be_chosen_and_no_reason_but_the_places_where_all_are_taken() -> None:
    pool = Pool([Person("p"), Person("q")], 1)
    assert obstacle(pool, "p") is None
    assert obstacle(replace(pool, inside=frozenset({"q"})), "p") == ()


def test_it_says_it_in_terms_of_the_targets() -> None:
    people = [Person(f"p{number}", {"sector": "a"}, "one") for number in range(3)]
    people += [Person(f"q{number}", {"sector": "b"}) for number in range(2)]
    pool = Pool(people, 3, [Target("sector", "a", 2), Target("sector", "b", 1)], 1)
    limit, minimum = Demand("", "", Side.PER_ORGANISATION, 1), Demand("sector", "a", Side.MINIMUM, 2)
    assert conflict(pool) == (limit, minimum)
    assert sorted(relaxations(pool)) == [(Change(limit, 2),), (Change(minimum, 1),)]
    assert len(relaxations(pool, 1)) == 1


def test_those_who_are_fixed_in_may_be_too_many_already() -> None:
    people = [Person(f"p{number}", {"sector": "a"}, "one") for number in range(3)] + [Person("q")]
    pool = Pool(people, 3, [Target("sector", "a", 0, 1)], 2, frozenset({"p0", "p1", "p2"}))
    assert conflict(pool) == (Demand("sector", "a", Side.MAXIMUM, 1),)
    assert relaxations(pool) == [
        (Change(Demand("", "", Side.PER_ORGANISATION, 2), 3), Change(Demand("sector", "a", Side.MAXIMUM, 1), 3))
    ]


P = Person("p", {"sector": "a"})
Q = Person("q", {"sector": "a"})


@pytest.mark.parametrize(
    ("people", "places", "more", "sentence"),
    [
        ([P, P], 1, {}, "the same person twice: p"),
        ([P], 2, {}, "more places than people"),
        ([P, Q], 2, {"outside": frozenset("p")}, "more places than people"),
        ([P], 0, {}, "no places"),
        ([P, Q], 1, {"inside": frozenset("pq")}, "more people are fixed in"),
        ([P], 1, {"inside": frozenset("x")}, "not in the pool: x"),
        ([P, Q], 1, {"inside": frozenset("p"), "outside": frozenset("p")}, "fixed in and out: p"),
        ([P], 1, {"per_organisation": 0}, "below 1"),
        ([P], 1, {"targets": [Target("sector", "a", 2, 1)]}, "minimum of sector a is above"),
        ([P], 1, {"targets": [Target("sector", "a", -1)]}, "minimum of sector a is below 0"),
        ([P], 1, {"targets": [Target("sector", "a"), Target("sector", "a", 1)]}, "the same target twice"),
    ],
)
def test_what_contradicts_itself_is_refused(
    people: list[Person], places: int, more: dict[str, object], sentence: str
) -> None:
    with pytest.raises(Contradiction, match=sentence):
        Pool(people, places, **more)  # type: ignore[arg-type]
