"""Sharing applications out: as even as anything can be, and nobody reads what they may not see."""

import random
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import combinations, product

import pytest
from hypothesis import given
from hypothesis import strategies as some

from cop.algorithms.sharing import Shared, share_out

Pair = tuple[int, str]

FOUR = ["Ann", "Ben", "Cy", "Di"]


def squares(pairs: Iterable[Pair]) -> int:
    return sum(load**2 for load in Counter(reviewer for _, reviewer in pairs).values())


def readers(shared: Shared[int, str], application: int) -> list[str]:
    return [reviewer for each, reviewer in shared.pairs if each == application]


def best_of_all(
    applications: Sequence[int], reviewers: Sequence[str], wanted: int, blocked: set[Pair], held: set[Pair]
) -> int:
    """The smallest sum of squares over every sharing there is."""
    ways = []
    for application in applications:
        kept = {reviewer for each, reviewer in held if each == application}
        may = [reviewer for reviewer in reviewers if (application, reviewer) not in blocked and reviewer not in kept]
        lacking = min(max(wanted - len(kept), 0), len(may))
        ways.append([[(application, who) for who in (*kept, *more)] for more in combinations(may, lacking)])
    return min(squares(pair for way in chosen for pair in way) for chosen in product(*ways))


class TestEachApplication:
    def test_has_as_many_different_reviewers_as_are_wanted(self) -> None:
        shared = share_out(range(6), FOUR, wanted=2, blocked=set())
        assert all(len(set(readers(shared, application))) == 2 for application in range(6))
        assert dict(shared.loads) == dict.fromkeys(FOUR, 3)
        assert shared.missing == {}

    def test_goes_to_nobody_who_may_not_see_it(self) -> None:
        blocked: set[Pair] = {(0, "Ann"), (0, "Ben"), (0, "Cy"), (1, "Ann")}
        shared = share_out(range(3), FOUR, wanted=2, blocked=blocked)
        assert not blocked & set(shared.pairs)
        assert readers(shared, 0) == ["Di"]
        assert shared.missing == {0: 1}

    def test_keeps_whom_it_has_and_gets_the_rest(self) -> None:
        shared = share_out(
            range(4), FOUR, wanted=2, blocked=set(), held=[(0, "Ann"), (1, "Ann"), (1, "Ben"), (1, "Cy")]
        )
        assert readers(shared, 1) == ["Ann", "Ben", "Cy"]
        assert readers(shared, 0)[0] == "Ann"
        assert Counter(dict(shared.loads)).most_common()[0][1] == 3
        assert sorted(shared.loads.values()) == [2, 2, 2, 3]

    def test_keeps_a_review_of_somebody_who_has_left_the_panel(self) -> None:
        shared = share_out([0], ["Ann", "Ben"], wanted=2, blocked=set(), held=[(0, "Zoe")])
        assert readers(shared, 0) == ["Ann", "Zoe"]
        assert dict(shared.loads) == {"Ann": 1, "Ben": 0}

    def test_lacks_all_where_there_is_nobody(self) -> None:
        assert share_out([0, 1], [], wanted=3, blocked=set()).missing == {0: 3, 1: 3}


class TestTheWork:
    def test_goes_round_those_who_may_see_less(self) -> None:
        """Greedy choice by number alone would give Ann four."""
        blocked: set[Pair] = {(application, "Ben") for application in (2, 3)} | {
            (application, "Cy") for application in (2, 3)
        }
        shared = share_out(range(4), ["Ann", "Ben", "Cy"], wanted=1, blocked=blocked)
        assert sorted(shared.loads.values()) == [1, 1, 2]
        assert shared.loads["Ann"] == 2

    def test_is_the_same_every_time(self) -> None:
        blocked = {(application, FOUR[application % 4]) for application in range(40)}
        first = share_out(range(40), FOUR, wanted=2, blocked=blocked)
        assert share_out(range(40), FOUR, wanted=2, blocked=blocked) == first

    def test_lets_any_two_meet(self) -> None:
        shared = share_out(range(12), FOUR, wanted=2, blocked=set())
        pairs = Counter(frozenset(readers(shared, application)) for application in range(12))
        assert set(pairs.values()) == {2}, "each of the six pairs of reviewers reads two applications together"

    def test_of_two_thousand_is_even(self) -> None:
        chance = random.Random(7)  # noqa: S311  a test that is always the same
        team = [f"r{number}" for number in range(25)]
        blocked = {(application, who) for application in range(2000) for who in team if chance.random() < 0.1}
        shared = share_out(range(2000), team, wanted=3, blocked=blocked)
        assert set(shared.loads.values()) == {240}
        assert not shared.missing
        assert not blocked & set(shared.pairs)


@given(some.data())
def test_no_other_sharing_is_evener(data: some.DataObject) -> None:
    """Against every sharing that there is, with conflicts and with reviews that have begun."""
    applications = range(data.draw(some.integers(1, 5)))
    reviewers = FOUR[: data.draw(some.integers(1, 4))]
    wanted = data.draw(some.integers(1, 3))
    every: list[Pair] = list(product(applications, reviewers))
    blocked = data.draw(some.sets(some.sampled_from(every)))
    held = data.draw(some.sets(some.sampled_from(every), max_size=4)) - blocked
    shared = share_out(applications, reviewers, wanted=wanted, blocked=blocked, held=sorted(held, key=str))
    assert held <= set(shared.pairs)
    assert not blocked & set(shared.pairs)
    assert len(set(shared.pairs)) == len(shared.pairs)
    assert squares(shared.pairs) == best_of_all(applications, reviewers, wanted, blocked, held)
    for application in applications:
        may = sum((application, reviewer) not in blocked for reviewer in reviewers)
        begun = sum(each == application for each, _ in held)
        assert len(readers(shared, application)) == max(begun, min(wanted, may))


@pytest.mark.parametrize("wanted", [1, 2, 4])
def test_nothing_to_share_is_nothing(wanted: int) -> None:
    assert share_out([], FOUR, wanted=wanted, blocked=set()) == Shared([], dict.fromkeys(FOUR, 0), {})
