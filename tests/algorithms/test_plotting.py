"""Axes with round numbers, which hold what is drawn on them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cop.algorithms.plotting import axis


@pytest.mark.parametrize(
    ("values", "ticks"),
    [
        ([], [0, 0.2]),
        ([0, 0], [0, 0.2]),
        ([1.5, 3.2], [0, 1, 2, 3, 4]),
        ([-0.5, 2], [-0.5, 0, 0.5, 1, 1.5, 2]),
        ([-7], [-8, -6, -4, -2, 0]),
        ([430], [0, 100, 200, 300, 400, 500]),
    ],
)
def test_the_ticks_are_round_and_hold_zero(values: list[float], ticks: list[float]) -> None:
    assert axis(values).ticks == pytest.approx(ticks)


def test_a_value_stands_where_it_belongs_and_never_outside() -> None:
    found = axis([-2, 8])
    assert (found.low, found.high) == (-2, 8)
    assert [found.place(value) for value in (-2, 0, 3, 8, -50, 50)] == [0, 20, 50, 100, 0, 100]


@given(st.lists(st.floats(-1_000, 1_000, allow_nan=False), max_size=8))
def test_every_value_is_on_the_axis_in_order(values: list[float]) -> None:
    found = axis(values)
    assert 2 <= len(found.ticks) <= 9
    assert all(found.low - 1e-6 <= value <= found.high + 1e-6 for value in values)
    places = [found.place(value) for value in sorted(values)]
    assert places == sorted(places)
