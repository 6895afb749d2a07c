"""What somebody can be told of their own application: strengths and what to work on, in absolute terms."""

import pytest

from cop.core.criteria import Criterion
from cop.core.feedback import portrait

CRITERIA = [Criterion(code, code.upper(), "", 1, ("",) * 5) for code in "abcd"]


@pytest.mark.parametrize(
    ("means", "strongest", "to_work_on"),
    [
        ({"a": 4.5, "b": 2.0, "c": 3.0, "d": 3.5}, "a", "b"),
        ({"a": 4.5, "b": 4.3, "c": 2.0, "d": 2.2}, "ab", "cd"),
        ({"a": 5.0, "b": 5.0, "c": 5.0, "d": 5.0}, "ab", ""),
        ({"a": 2.0, "b": 2.0, "c": 2.0, "d": 2.0}, "", "ab"),
        ({"a": 3.5, "b": 3.5, "c": 3.5, "d": 3.5}, "ab", "cd"),
        ({"a": 4.5, "b": 4.0, "c": 4.0, "d": 4.1}, "a", ""),
        ({"d": 1.0}, "", "d"),
        ({"gone": 5.0}, "", ""),
        ({}, "", ""),
    ],
)
def test_a_portrait(means: dict[str, float], strongest: str, to_work_on: str) -> None:
    found = portrait(CRITERIA, means)
    assert "".join(one.code for one in found.strongest) == strongest
    assert "".join(one.code for one in found.to_work_on) == to_work_on
