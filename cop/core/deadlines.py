"""The days by which data protection law wants an answer: calendar months, and days on which the clock stood still."""

from datetime import date, datetime, timedelta

from cop.core import place
from cop.core.working_hours import is_working_day

MONTHS, MONTHS_EXTENDED = 1, 3
"""To answer a request: a calendar month, and two more where it is complex or one of many."""

ACKNOWLEDGE_WITHIN = timedelta(days=30)
"""To acknowledge a complaint, by the Data (Use and Access) Act 2025."""


def due_on(received_at: datetime, *, stopped_days: int = 0, extended: bool = False) -> date:
    """The working day by which a request is to be answered.

    It is the corresponding day of a later month, or the last of a month that has none, moved by the days on which the
    clock stood still; and the next working day where nobody works on it.
    """
    months = MONTHS_EXTENDED if extended else MONTHS
    return next_working_day(place.day_of(place.months_after(received_at, months)) + timedelta(days=stopped_days))


def next_working_day(day: date) -> date:
    """The day itself if people work on it, else the next on which they do."""
    while not is_working_day(day):
        day += timedelta(days=1)
    return day


def acknowledge_by(received_at: datetime) -> date:
    """The last day on which a complaint is acknowledged in time, whether or not people work on it."""
    return place.day_of(received_at) + ACKNOWLEDGE_WITHIN
