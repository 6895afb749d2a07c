"""How often routine mail may come: at most one a day and three within any seven days, from all parts of the service."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from cop.core import place
from cop.core.working_hours import next_working_moment

A_DAY = 1
A_WEEK = 3
WEEK = timedelta(days=7)
DAY = timedelta(days=1)


def may_come_at(now: datetime, days: Sequence[date]) -> datetime:
    """The first working moment at which somebody who got routine mail on each of ``days`` may get another."""
    at = next_working_moment(now)
    while not _has_room(place.day_of(at), days):
        at = next_working_moment(place.instant_on(place.day_of(at) + DAY, time()))
    return at


def first_day_that_counts(now: datetime) -> datetime:
    """The instant from which routine mail bears on what may go out now."""
    return place.instant_on(place.day_of(now) - WEEK + DAY, time())


def _has_room(day: date, days: Sequence[date]) -> bool:
    return days.count(day) < A_DAY and sum(day - WEEK < other <= day for other in days) < A_WEEK
