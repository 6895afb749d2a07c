"""Groups are even in size and in sort, whoever there is."""

from collections import Counter
from itertools import combinations
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cop.algorithms.mixing import One, mixed

SORTS = st.sampled_from(["resident", "councillor", "health", None])
PEOPLE = st.lists(st.tuples(SORTS, st.sampled_from(["", "Stevenage", "Wigan", "Leeds"])), max_size=60).map(
    lambda found: [One(number, sort, home) for number, (sort, home) in enumerate(found)]
)


@given(PEOPLE, st.integers(min_value=1, max_value=9))
def test_everybody_is_in_one_group_and_groups_are_even(people: list[One], number: int) -> None:
    groups = mixed(people, number)
    assert len(groups) == number
    assert sorted(one for group in groups for one in group) == [one.id for one in people]
    sizes = [len(group) for group in groups]
    assert max(sizes) - min(sizes) <= 1
    sort_of = {one.id: one.sort for one in people}
    for sort in set(sort_of.values()):
        counts = [sum(sort_of[one] == sort for one in group) for group in groups]
        assert max(counts) - min(counts) <= 1


@given(PEOPLE, st.integers(min_value=1, max_value=9), st.randoms())
def test_the_order_in_which_they_come_does_not_matter(people: list[One], number: int, chance: object) -> None:
    shuffled = list(people)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert mixed(shuffled, number) == mixed(people, number)


def test_colleagues_are_parted_as_far_as_there_are_groups() -> None:
    people = [One(number, "resident", home) for number, home in enumerate(["Wigan", "Leeds"] * 3)]
    home_of = {one.id: one.home for one in people}
    for group in mixed(people, 3):
        assert Counter(home_of[one] for one in group) == {"Wigan": 1, "Leeds": 1}


def test_colleagues_of_different_sorts_are_parted_too() -> None:
    people = [One(1, "council", "X"), One(2, "council", "Y"), One(3, "health", "X"), One(4, "health", "Y")]
    assert sorted(map(sorted, mixed(people, 2))) == [[1, 4], [2, 3]]


@given(PEOPLE, st.integers(min_value=1, max_value=9))
def test_no_two_people_of_a_sort_could_change_places_for_the_better(people: list[One], number: int) -> None:
    home_of, sort_of = {one.id: one.home for one in people}, {one.id: one.sort for one in people}

    def together(groups: list[list[int]]) -> int:
        return sum(
            comb(n, 2) for group in groups for n in Counter(home_of[one] for one in group if home_of[one]).values()
        )

    groups = mixed(people, number)
    found = together(groups)
    for one, another in combinations(home_of, 2):
        if sort_of[one] == sort_of[another]:
            swapped = {one: another, another: one}
            assert together([[swapped.get(each, each) for each in group] for group in groups]) >= found


def test_no_group_is_no_answer() -> None:
    with pytest.raises(ValueError, match="group"):
        mixed([], 0)
