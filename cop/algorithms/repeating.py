"""The days on which something comes again: every so many weeks, or on the same weekday of each month."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import count

WEEK = 7


class Rhythm(StrEnum):
    """How days follow the first one: by weeks; as the second Tuesday of each month; as the last Tuesday."""

    WEEKS = "weeks"
    MONTHS = "months"
    MONTHS_LAST = "months-last"


DATES_MOST = 60
"""Dates that are planned at once: a year of weeks."""


@dataclass(frozen=True)
class Repetition:
    """Which days, from the first: until a day, so many ``times``, or whichever comes first. One of the two is there.

    Bank holidays are left out, and do not count as a time, unless it meets ``on_holidays``.
    """

    first: date
    rhythm: Rhythm
    weeks: int = 1
    until: date | None = None
    times: int | None = None
    on_holidays: bool = False


def days(first: date, rhythm: Rhythm, *, weeks: int = 1) -> Iterator[date]:
    """The first day and all that follow it, without an end; ``weeks`` apart where weeks count.

    ``number_in_month`` and ``is_last_in_month`` say whether a first day suits a rhythm of months.
    """
    if rhythm is Rhythm.WEEKS:
        yield from (first + timedelta(weeks=number * weeks) for number in count())
        return
    number = number_in_month(first)
    for months in count():
        year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
        begin = date(year, month + 1, 1)
        begin += timedelta(days=(first.weekday() - begin.weekday()) % WEEK)
        yield _last(begin) if rhythm is Rhythm.MONTHS_LAST else begin + timedelta(weeks=number - 1)


def number_in_month(day: date) -> int:
    """2 for the second Tuesday of its month; months without a fifth one there are in every year."""
    return (day.day - 1) // WEEK + 1


def is_last_in_month(day: date) -> bool:
    return (day + timedelta(weeks=1)).month != day.month


def _last(day: date) -> date:
    """The last such weekday in the month of ``day``."""
    while not is_last_in_month(day):
        day += timedelta(weeks=1)
    return day
