"""Small counts are hidden, and so is whatever would tell them."""

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise, permutations, product
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cop.core.small_numbers import (
    LEAST,
    Figure,
    guarded,
    guarded_chain,
    guarded_ladders,
    guarded_pieces,
    without_few,
    without_small,
)

Row = tuple[int, ...]
State = TypeVar("State", bound=Sequence[object])

SMALL, HIDDEN = Figure(None, is_small=True), Figure(None)


def test_a_count_of_a_few_people_is_hidden_and_that_of_nobody_is_not() -> None:
    assert [guarded(count) for count in (0, 1, 4, 5, 90)] == [Figure(0), SMALL, SMALL, Figure(5), Figure(90)]


@pytest.mark.parametrize(
    ("counts", "shown", "whole"),
    [
        ([], [], Figure(0)),
        ([0, 0], [Figure(0), Figure(0)], Figure(0)),
        ([5, 12], [Figure(5), Figure(12)], Figure(17)),
        ([2, 9, 30], [HIDDEN, HIDDEN, Figure(30)], Figure(41)),
        ([1, 5, 30], [HIDDEN, HIDDEN, Figure(30)], Figure(36)),
        ([1, 5], [HIDDEN, HIDDEN], Figure(6)),  # one of them told to be small would be 1
        ([4, 4], [HIDDEN, HIDDEN], Figure(8)),
        ([3], [SMALL], SMALL),
        ([0, 3, 0], [SMALL, SMALL, SMALL], SMALL),
    ],
)
def test_what_is_shown_of_the_pieces(counts: list[int], shown: list[Figure], whole: Figure) -> None:
    assert guarded_pieces(counts) == (shown, whole)


def told(states: Iterable[State], published: Callable[[State], object], secrets: Callable[[State], Row]) -> list[Row]:
    """What a reader who knows the rules can tell: of all states that look the same, the numbers that are small in
    each and the same in all.
    """
    seen: dict[object, list[Row]] = {}
    for state in states:
        seen.setdefault(repr(published(state)), []).append(secrets(state))
    return [
        numbers
        for alike in seen.values()
        for numbers in map(tuple, map(set, zip(*alike, strict=True)))
        if len(numbers) == 1 and 0 < numbers[0] < LEAST
    ]


def with_missed(rows: Sequence[Row]) -> Row:
    """All numbers of these rows and of their sums, and how many got no further from each step."""
    whole = [*rows, tuple(sum(column) for column in zip(*rows, strict=True))]
    return tuple(number for row in whole for number in (*row, *(one - other for one, other in pairwise(row))))


def falling(most: int, steps: int) -> list[Row]:
    return [row for row in product(range(most + 1), repeat=steps) if all(a >= b for a, b in pairwise(row))]


@pytest.mark.parametrize(("pieces", "most"), [(1, 12), (2, 12), (3, 12)])
def test_nobody_can_tell_a_small_piece_of_a_whole(pieces: int, most: int) -> None:
    counts = product(range(most + 1), repeat=pieces)
    assert told(counts, guarded_pieces, lambda counts: (*counts, sum(counts))) == []


@pytest.mark.parametrize(("pieces", "steps", "most"), [(1, 2, 19), (2, 2, 12), (3, 2, 7), (1, 3, 12), (2, 3, 6)])
def test_nobody_can_tell_of_a_few_who_got_to_a_step_or_no_further(pieces: int, steps: int, most: int) -> None:
    states = product(falling(most, steps), repeat=pieces)
    assert told(states, guarded_ladders, with_missed) == []


@pytest.mark.parametrize(("steps", "most"), [(2, 24), (3, 19), (4, 13)])
def test_nobody_can_tell_of_a_few_who_left_a_chain_of_steps(steps: int, most: int) -> None:
    assert told(falling(most, steps), guarded_chain, lambda counts: with_missed([counts])) == []


def test_the_audit_notices_what_may_be_subtracted() -> None:
    def labelled(counts: Row) -> object:
        return [guarded(count).is_small for count in counts], sum(counts)

    assert (1,) in told(product(range(8), repeat=2), labelled, lambda counts: counts)


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        ([0, 0], [0, 0]),
        ([7, 0, 12], [7, 0, 12]),
        ([2, 5, 0, 12], [None, None, 0, 12]),
        ([2, 5, 5, 12], [None, None, None, 12]),
        ([2, 12, 0], [None, None, None]),
        ([1, 4, 0], [None, None, None]),
        ([5, 5, 1], [None, None, None]),
    ],
)
def test_what_is_shown_of_the_pieces_of_a_known_whole(counts: list[int], shown: list[int | None]) -> None:
    assert without_small(counts) == shown


counted = st.lists(st.integers(0, 30), min_size=2, max_size=11).filter(lambda counts: sum(counts) >= LEAST)


@given(counted)
def test_no_small_piece_is_shown_nor_can_be_had_by_subtracting_the_others_from_the_whole(counts: list[int]) -> None:
    shown = without_small(counts)
    assert not [count for count in shown if count in range(1, LEAST)]
    hidden = [count for count, seen in zip(counts, shown, strict=True) if seen is None]
    assert len(hidden) != 1
    assert not hidden or sum(hidden) >= LEAST


@given(counted)
def test_a_reader_who_knows_the_rule_cannot_tell_which_of_the_hidden_is_which(counts: list[int]) -> None:
    """Whatever is hidden could be the other way round: the page would look the same."""
    shown = without_small(counts)
    places = [place for place, seen in enumerate(shown) if seen is None]
    for one, other in permutations(places, 2):
        swapped = list(counts)
        swapped[one], swapped[other] = counts[other], counts[one]
        assert without_small(swapped) == shown


def test_every_small_piece_could_be_another_number() -> None:
    """For all counts of up to 20 people over three answers: what a reader sees fits several of them."""
    seen: dict[tuple[int, tuple[int | None, ...]], list[tuple[int, ...]]] = {}
    for counts in product(range(21), repeat=3):
        if LEAST <= sum(counts) <= 20:
            seen.setdefault((sum(counts), tuple(without_small(counts))), []).append(counts)
    for fitting in seen.values():
        for place in range(3):
            values = {counts[place] for counts in fitting}
            assert len(values) > 1 or not values & set(range(1, LEAST)), fitting


@given(st.integers(LEAST, 60), st.data())
def test_a_yes_is_not_shown_where_few_said_it_or_few_did_not(whole: int, data: st.DataObject) -> None:
    count = data.draw(st.integers(0, whole))
    is_told = without_few(count, whole) is not None
    assert is_told is (count not in range(1, LEAST) and whole - count not in range(1, LEAST))


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        ([], []),
        ([20, 15, 9, 0], [Figure(20), Figure(15), Figure(9), Figure(0)]),
        ([20, 18, 15, 3], [Figure(20), HIDDEN, Figure(15), SMALL]),
        ([20, 20, 18, 17], [Figure(20), Figure(20), HIDDEN, HIDDEN]),
        ([6, 5], [Figure(6), HIDDEN]),
        ([6, 1], [Figure(6), HIDDEN]),  # of 6, to be told small would tell that it is 1
        ([3, 2, 0], [SMALL, SMALL, Figure(0)]),
    ],
)
def test_what_is_shown_of_a_chain_of_steps(counts: list[int], shown: list[Figure]) -> None:
    assert guarded_chain(counts) == shown


def test_a_step_that_hardly_anybody_missed_is_hidden_with_another() -> None:
    figures, sums = guarded_ladders([(20, 8), (30, 28), (40, 33)])
    assert figures == [[HIDDEN, HIDDEN], [HIDDEN, HIDDEN], [Figure(40), Figure(33)]]
    assert sums == [Figure(90), Figure(69)]
    figures, sums = guarded_ladders([(20, 20), (30, 28), (40, 40)])
    assert figures == [[Figure(20), HIDDEN], [Figure(30), HIDDEN], [Figure(40), HIDDEN]]
    assert sums == [Figure(90), HIDDEN]
    assert guarded_ladders([]) == ([], [])
