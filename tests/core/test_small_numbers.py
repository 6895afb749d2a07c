"""Small counts are hidden, and so is whatever would tell them."""

from collections.abc import Sequence
from itertools import permutations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cop.core.small_numbers import LEAST, Figure, guarded, guarded_pieces, without_few, without_small

SMALL, HIDDEN = Figure(None, is_small=True), Figure(None)


def test_a_count_of_a_few_people_is_hidden_and_that_of_nobody_is_not() -> None:
    assert [guarded(count) for count in (0, 1, 4, 5, 90)] == [Figure(0), SMALL, SMALL, Figure(5), Figure(90)]


@pytest.mark.parametrize(
    ("counts", "shown", "whole"),
    [
        ([], [], True),
        ([0, 0], [Figure(0), Figure(0)], True),
        ([5, 12], [Figure(5), Figure(12)], True),
        ([2, 9, 30], [SMALL, HIDDEN, Figure(30)], True),
        ([2, 3, 9, 30], [SMALL, SMALL, HIDDEN, Figure(30)], True),
        ([1, 5, 30], [SMALL, HIDDEN, HIDDEN], True),  # 6 is 1 and 5 and nothing else, so 30 goes too
        ([1, 5], [SMALL, HIDDEN], False),
        ([4, 4], [SMALL, SMALL], False),
        ([3], [SMALL], False),
        ([0, 3, 0], [Figure(0), SMALL, Figure(0)], False),
    ],
)
def test_what_is_shown_of_the_pieces(counts: list[int], shown: list[Figure], whole: bool) -> None:  # noqa: FBT001
    assert guarded_pieces(counts) == (shown, whole)


def possible(shown: Sequence[Figure], whole: int) -> list[tuple[int, ...]]:
    """All counts that fit what a reader sees, who knows that the smallest of the others are hidden first."""
    large = [figure.value for figure in shown if figure.value is not None and figure.value >= LEAST]
    others = range(LEAST, min([*large, whole]) + 1)
    ranges = [
        range(1, LEAST) if figure.is_small else others if figure.value is None else [figure.value] for figure in shown
    ]
    return [counts for counts in product(*ranges) if sum(counts) == whole]


def given_away(counts: tuple[int, ...]) -> bool:
    shown, whole_too = guarded_pieces(counts)
    fitting = possible(shown, sum(counts)) if whole_too else []
    return whole_too and any(
        figure.is_small and len({each[position] for each in fitting}) < 2 for position, figure in enumerate(shown)
    )


def test_no_hidden_count_can_be_computed_from_the_whole() -> None:
    assert [counts for counts in product(range(11), repeat=3) if given_away(counts)] == []


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
