"""Small counts are hidden, and so is whatever would tell them."""

from collections.abc import Sequence
from itertools import product

import pytest

from cop.core.small_numbers import LEAST, Figure, guarded, guarded_pieces

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
