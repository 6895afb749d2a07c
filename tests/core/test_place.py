"""Months on the wall clock of the place."""

from datetime import UTC, datetime

import pytest

from cop.core.place import months_after


@pytest.mark.parametrize(
    ("instant", "months", "after"),
    [
        (datetime(2026, 1, 15, 12, tzinfo=UTC), 0, datetime(2026, 1, 15, 12, tzinfo=UTC)),
        (datetime(2026, 1, 15, 12, tzinfo=UTC), 1, datetime(2026, 2, 15, 12, tzinfo=UTC)),
        (datetime(2026, 11, 30, 12, tzinfo=UTC), 3, datetime(2027, 2, 28, 12, tzinfo=UTC)),
        (datetime(2026, 12, 1, 12, tzinfo=UTC), 12, datetime(2027, 12, 1, 12, tzinfo=UTC)),
        (datetime(2026, 3, 1, 12, tzinfo=UTC), 6, datetime(2026, 9, 1, 11, tzinfo=UTC)),
        (datetime(2026, 6, 30, 23, 30, tzinfo=UTC), 6, datetime(2027, 1, 1, 0, 30, tzinfo=UTC)),
        (datetime(2024, 2, 29, 12, tzinfo=UTC), 12, datetime(2025, 2, 28, 12, tzinfo=UTC)),
        (datetime(2025, 12, 29, 1, 30, tzinfo=UTC), 3, datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
    ],
    ids=[
        "none",
        "one",
        "a shorter month",
        "a year",
        "into summer time",
        "the local day",
        "leap day",
        "the hour skipped",
    ],
)
def test_months_later_the_clock_on_the_wall_shows_the_same(instant: datetime, months: int, after: datetime) -> None:
    assert months_after(instant, months) == after
