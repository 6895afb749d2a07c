"""The days on which something comes again."""

from datetime import date
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cop.algorithms.repeating import Rhythm, days, is_last_in_month, number_in_month

TUESDAY = date(2026, 3, 10)


def first(count: int, *args: object, **more: int) -> list[date]:
    return list(islice(days(*args, **more), count))  # type: ignore[arg-type]


def test_every_other_week() -> None:
    assert first(3, TUESDAY, Rhythm.WEEKS, weeks=2) == [date(2026, 3, 10), date(2026, 3, 24), date(2026, 4, 7)]


def test_the_second_tuesday_of_each_month_across_the_year() -> None:
    found = first(11, TUESDAY, Rhythm.MONTHS)
    assert found[:2] == [date(2026, 3, 10), date(2026, 4, 14)]
    assert found[9:] == [date(2026, 12, 8), date(2027, 1, 12)]


def test_the_last_monday_is_the_fourth_or_the_fifth() -> None:
    found = first(3, date(2026, 3, 30), Rhythm.MONTHS_LAST)
    assert found == [date(2026, 3, 30), date(2026, 4, 27), date(2026, 5, 25)]


@pytest.mark.parametrize(("day", "number", "last"), [(7, 1, False), (8, 2, False), (24, 4, False), (25, 4, True)])
def test_where_a_day_stands_in_its_month(day: int, number: int, *, last: bool) -> None:
    assert number_in_month(date(2026, 3, day)) == number
    assert is_last_in_month(date(2026, 3, day)) is last


@given(st.dates(date(1950, 1, 1), date(2150, 1, 1)), st.sampled_from([Rhythm.MONTHS, Rhythm.MONTHS_LAST]))
def test_months_keep_the_weekday_and_its_place(begin: date, rhythm: Rhythm) -> None:
    if number_in_month(begin) > 4 and rhythm is Rhythm.MONTHS:
        return
    if not is_last_in_month(begin) and rhythm is Rhythm.MONTHS_LAST:
        return
    found = first(30, begin, rhythm)
    assert found[0] == begin
    assert {day.weekday() for day in found} == {begin.weekday()}
    months = [day.year * 12 + day.month for day in found]
    assert months == list(range(months[0], months[0] + 30))
    if rhythm is Rhythm.MONTHS:
        assert {number_in_month(day) for day in found} == {number_in_month(begin)}
    else:
        assert all(is_last_in_month(day) for day in found)
