"""When somebody may get routine mail again, by the days on which they got some."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cop.core.frequency import A_DAY, A_WEEK, first_day_that_counts, may_come_at
from cop.core.place import day_of
from cop.core.working_hours import is_quiet

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
"""In winter, when London is on UTC; no bank holiday is near until Good Friday, 3 April 2026."""


def days(*offsets: int) -> list[date]:
    return [MONDAY.date() + timedelta(days=offset) for offset in offsets]


@pytest.mark.parametrize(
    ("now", "had", "at"),
    [
        (MONDAY, [], MONDAY),
        (MONDAY.replace(hour=3), [], MONDAY.replace(hour=8)),
        (MONDAY, days(0), datetime(2026, 3, 3, 8, tzinfo=UTC)),
        (MONDAY, days(-1), MONDAY),
        (MONDAY + timedelta(days=4), days(4), datetime(2026, 3, 9, 8, tzinfo=UTC)),
        (MONDAY + timedelta(days=3), days(0, 1, 2), datetime(2026, 3, 9, 8, tzinfo=UTC)),
        (MONDAY + timedelta(days=3), days(-4, 1, 2), MONDAY + timedelta(days=3)),
        (MONDAY, days(-6, -5, -4), datetime(2026, 3, 3, 8, tzinfo=UTC)),
        (MONDAY, days(-7, -6, -5), MONDAY),
        (datetime(2026, 4, 2, 12, tzinfo=UTC), [date(2026, 4, 2)], datetime(2026, 4, 7, 7, tzinfo=UTC)),
    ],
    ids=[
        "at once",
        "when people are awake",
        "tomorrow",
        "yesterday does not count for today",
        "after the weekend",
        "after three in a week",
        "a week is seven days",
        "the eldest goes tomorrow",
        "what is a week old is forgotten",
        "after Easter, in summer time",
    ],
)
def test_the_next_one_may_come(now: datetime, had: list[date], at: datetime) -> None:
    assert may_come_at(now, had) == at


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 1), timezones=st.just(UTC)),  # noqa: DTZ001  its API
    st.lists(st.integers(0, 9), max_size=8),
)
def test_whatever_came_before_the_rule_holds_after(now: datetime, ago: list[int]) -> None:
    today = day_of(now)
    had = [today - timedelta(days=number) for number in ago]
    at = may_come_at(now, had)
    day = day_of(at)
    assert at >= now
    assert not is_quiet(at)
    assert had.count(day) < A_DAY
    assert sum(0 <= (day - other).days < 7 for other in had) < A_WEEK
    counted = [other for other in had if other >= day_of(first_day_that_counts(now))]
    assert may_come_at(now, counted) == at
