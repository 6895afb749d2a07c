"""The days by which data protection law wants an answer."""

from datetime import UTC, date, datetime

import pytest

from cop.core import deadlines


def noon(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("received", "due"),
    [
        (noon(2026, 3, 2), date(2026, 4, 2)),
        (noon(2026, 1, 30), date(2026, 3, 2)),  # no 30 February: Saturday 28 February, so Monday
        (noon(2024, 1, 31), date(2024, 2, 29)),
        (noon(2026, 5, 31), date(2026, 6, 30)),
        (noon(2026, 12, 8), date(2027, 1, 8)),
        (noon(2026, 11, 25), date(2026, 12, 29)),  # Christmas Day, and Boxing Day is put off to a Monday
        (noon(2026, 3, 3), date(2026, 4, 7)),  # Good Friday, a weekend and Easter Monday
    ],
)
def test_an_answer_is_due_on_the_corresponding_day_or_the_next_working_day(received: datetime, due: date) -> None:
    assert deadlines.due_on(received) == due


def test_the_day_is_that_of_the_place() -> None:
    assert deadlines.due_on(datetime(2026, 6, 30, 23, 30, tzinfo=UTC)) == date(2026, 8, 3)


def test_days_on_which_the_clock_stood_still_come_before_the_next_working_day() -> None:
    assert deadlines.due_on(noon(2026, 3, 2), stopped_days=1) == date(2026, 4, 7)
    assert deadlines.due_on(noon(2026, 3, 2), stopped_days=6) == date(2026, 4, 8)


def test_two_months_more_are_counted_from_the_day_it_came() -> None:
    assert deadlines.due_on(noon(2026, 1, 31), extended=True) == date(2026, 4, 30)
    assert deadlines.due_on(noon(2026, 11, 30), extended=True, stopped_days=3) == date(2027, 3, 3)


def test_a_complaint_is_acknowledged_within_thirty_days_whatever_day_that_is() -> None:
    assert deadlines.acknowledge_by(noon(2026, 3, 5)) == date(2026, 4, 4)
    assert date(2026, 4, 4).weekday() == 5
