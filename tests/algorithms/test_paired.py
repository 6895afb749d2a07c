"""Paired comparisons: worked examples by hand, and what has to hold for any answers."""

from collections.abc import Mapping
from statistics import median

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cop.algorithms.paired import LEAST_PAIRS, Interval, Paired, compare, interval

ANSWERS = st.dictionaries(st.integers(0, 30), st.integers(0, 10), max_size=30)

DIFFERENCES = st.lists(st.integers(-10, 10), min_size=LEAST_PAIRS, max_size=15)

FEW = settings(max_examples=25)
"""Each draws thousands of resamples."""


def test_a_worked_example() -> None:
    """Before 2 3 5 4 6, after 6 5 5 8 5 for a to e: the differences are 4 2 0 4 -1."""
    before = {"a": 2, "b": 3, "c": 5, "d": 4, "e": 6, "only before": 9}
    after = {"a": 6, "b": 5, "c": 5, "d": 8, "e": 5, "only after": 1, "too": 2}
    assert compare(before, after) == Paired(
        5, 1, 2, before=4, after=5, difference=2, interval=None, rose=3, stayed=1, fell=1
    )


def test_the_median_difference_is_not_the_difference_of_the_medians() -> None:
    """Before 0 5 9, after 4 4 10: the medians are 5 and 4, but the differences 4 -1 1, and the middle one is 1."""
    found = compare({1: 0, 2: 5, 3: 9}, {1: 4, 2: 4, 3: 10})
    assert (found.before, found.after, found.difference) == (5, 4, 1)


def test_an_even_number_of_pairs_has_the_middle_between_two() -> None:
    found = compare({1: 1, 2: 1}, {1: 2, 2: 5})
    assert (found.before, found.after, found.difference) == (1, 3.5, 2.5)


def test_nobody_who_answered_both_times() -> None:
    assert compare({1: 4}, {2: 5, 3: 6}) == Paired(0, 1, 2)
    assert compare({}, {}) == Paired(0, 0, 0)


def test_means_of_the_same_answers_are_no_change() -> None:
    """0.1 + 0.2 is not 0.3 for a computer, and for people it is."""
    assert compare({1: 0.1 + 0.2}, {1: 0.3}).stayed == 1


def test_intervals_stay_as_they_were_published() -> None:
    """They stand in reports: another machine, or another version of Python, finds the same."""
    assert interval([1, 2, 2, 3, 3, 3, 4, 4, 5, 0, -1]) == Interval(1, 4)
    assert interval([0, 0, 1, 1, 2, 3, 5, 8]) == Interval(0, 5)


def test_the_interval_of_a_sample_in_which_all_changed_alike() -> None:
    assert interval([3] * 12) == Interval(3, 3)


def test_an_interval_is_near_what_can_be_computed() -> None:
    """Of 9 distinct differences the median of a resample is at most the k-th smallest where at least 5 of 9 draws are.

    For k = 1, 2, 3 the chance is 0.0014, 0.0304 and 0.1448 (binomial, 9 draws): 2.5 % is passed at the second smallest.
    """
    assert interval([1, 2, 3, 4, 5, 6, 7, 8, 9]) == Interval(2, 8)


def test_few_pairs_have_no_interval() -> None:
    few: Mapping[int, float] = dict.fromkeys(range(LEAST_PAIRS - 1), 1)
    assert compare(few, few).interval is None
    enough: Mapping[int, float] = dict.fromkeys(range(LEAST_PAIRS), 1)
    assert compare(enough, enough).interval == Interval(0, 0)
    with pytest.raises(ValueError, match="at least 6 pairs"):
        interval([1.0] * (LEAST_PAIRS - 1))


@given(ANSWERS, ANSWERS)
def test_everybody_is_counted_once(before: Mapping[int, int], after: Mapping[int, int]) -> None:
    found = compare(before, after)
    assert found.n + found.before_only == len(before)
    assert found.n + found.after_only == len(after)
    assert found.rose + found.stayed + found.fell == found.n


@given(ANSWERS, ANSWERS)
def test_looking_back_turns_the_change_round(before: Mapping[int, int], after: Mapping[int, int]) -> None:
    there, back = compare(before, after), compare(after, before)
    assert (there.rose, there.fell, there.stayed) == (back.fell, back.rose, back.stayed)
    if there.difference is not None and back.difference is not None:
        assert there.difference == -back.difference


@FEW
@given(DIFFERENCES)
def test_an_interval_lies_within_the_differences_and_around_their_median(differences: list[int]) -> None:
    found = interval(differences)
    assert min(differences) <= found.low <= median(differences) <= found.high <= max(differences)


@FEW
@given(DIFFERENCES.flatmap(lambda found: st.tuples(st.just(found), st.permutations(found))))
def test_the_order_of_people_does_not_matter(orders: tuple[list[int], list[int]]) -> None:
    assert interval(orders[0]) == interval(orders[1])


@FEW
@given(DIFFERENCES, st.integers(-5, 5))
def test_a_change_of_everybody_moves_the_interval(differences: list[int], by: int) -> None:
    found, moved = interval(differences), interval([difference + by for difference in differences])
    assert moved == Interval(found.low + by, found.high + by)
