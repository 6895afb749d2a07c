"""Working hours of England: evenings, weekends, bank holidays and the change of the clocks."""

from datetime import UTC, datetime

import pytest

from cop.core.working_hours import after_working_hours, is_quiet, next_working_moment


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("instant", "quiet"),
    [
        ("2026-03-10T07:59", True),
        ("2026-03-10T08:00", False),
        ("2026-03-10T17:59", False),
        ("2026-03-10T18:00", True),
        ("2026-03-14T12:00", True),  # a Saturday
        ("2026-04-03T12:00", True),  # Good Friday
        ("2026-04-06T12:00", True),  # Easter Monday
        ("2026-12-28T12:00", True),  # Boxing Day falls on a Saturday
        ("2026-07-01T07:00", False),  # eight o'clock in summer
        ("2026-07-01T17:00", True),  # six o'clock in summer
    ],
)
def test_quiet_hours(instant: str, quiet: bool) -> None:  # noqa: FBT001
    assert is_quiet(at(instant)) is quiet


def test_the_next_working_moment_is_now_or_when_work_begins_again() -> None:
    assert next_working_moment(at("2026-03-10T09:30")) == at("2026-03-10T09:30")
    assert next_working_moment(at("2026-03-10T20:00")) == at("2026-03-11T08:00")
    assert next_working_moment(at("2026-04-02T18:00")) == at("2026-04-07T07:00")  # over Easter


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2026-03-10T09:00", 4, "2026-03-10T13:00"),
        ("2026-03-10T08:00", 10, "2026-03-10T18:00"),
        ("2026-03-10T16:00", 4, "2026-03-11T10:00"),
        ("2026-03-13T17:30", 1, "2026-03-16T08:30"),  # over a weekend
        ("2026-03-27T17:00", 2, "2026-03-30T08:00"),  # the clocks go forward on the Sunday between
        ("2026-10-23T16:00", 2, "2026-10-26T09:00"),  # and back
        ("2026-03-14T03:00", 20, "2026-03-17T18:00"),
    ],
)
def test_so_many_working_hours_later(start: str, hours: int, end: str) -> None:
    assert after_working_hours(at(start), hours) == at(end)
