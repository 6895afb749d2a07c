"""Working hours are 08:00 to 18:00 of the place on days that are neither weekends nor bank holidays in England.

Everything else is quiet hours: routine mail waits for their end, and the time to answer an offer stands still.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import cache

from cop.core import place

BEGIN, END = time(8), time(18)
HOURS_A_DAY = END.hour - BEGIN.hour


def is_working_day(day: date) -> bool:
    return day.weekday() < 5 and day not in _bank_holidays(day.year)  # noqa: PLR2004  Saturday


@cache
def _bank_holidays(year: int) -> dict[date, str]:
    """Those of England. The library knows every country and takes 40 MB, so it is loaded where somebody asks."""
    from holidays import country_holidays  # noqa: PLC0415

    return dict(country_holidays("GB", subdiv="ENG", years=year))


def bank_holiday(day: date) -> str | None:
    """What the day is called if it is a bank holiday in England."""
    return _bank_holidays(day.year).get(day)


def is_quiet(instant: datetime) -> bool:
    """Whether people should be left in peace now."""
    return next_working_moment(instant) != instant


def next_working_moment(instant: datetime) -> datetime:
    """The instant itself in working hours, else the moment at which they begin again."""
    begin, _end = next(_spans(instant))
    return begin


def after_working_hours(instant: datetime, hours: int) -> datetime:
    """The moment at which so many working hours have passed since ``instant``."""
    left = timedelta(hours=hours)
    for begin, end in _spans(instant):
        if begin + left <= end:
            return begin + left
        left -= end - begin
    raise AssertionError("there is always another working day")


def _spans(instant: datetime) -> Iterator[tuple[datetime, datetime]]:
    """What is left of the working hours of this day, and those of all that follow."""
    day = place.day_of(instant)
    while True:
        begin, end = place.instant_on(day, BEGIN), place.instant_on(day, END)
        if is_working_day(day) and instant < end:
            yield max(begin, instant), end
        day += timedelta(days=1)
