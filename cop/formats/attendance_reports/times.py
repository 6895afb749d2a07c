"""Dates and times as many countries write them. In which order a file writes its dates, the whole of it decides."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from enum import Enum

from cop.core.errors import marked
from cop.formats.attendance_reports.headings import plain
from cop.formats.attendance_reports.values import Refused

NOTHING = frozenset({"", "-", "--", "—", "–", "n/a"})
MOST_CHARACTERS = 60
YEARS = range(2000, 2100)
NOON = 12
DAY = timedelta(days=1)
LONGEST = timedelta(hours=48)

# The beginnings of the months' names in English, German, French, Spanish, Italian, Dutch, Portuguese and Welsh.
MONTHS = (
    "jan jän ene gen ion",
    "feb fév fev chw",
    "mar mär mrt maa maw",
    "apr avr abr ebr",
    "may mai mag mei",
    "jun jui giu meh",
    "jul juil lug gor",
    "aug aoû aou ago aws",
    "sep set med",
    "oct okt out ott hyd",
    "nov tac",
    "dec déc dez dic rha",
)
MONTH_OF = {beginning: number for number, names in enumerate(MONTHS, start=1) for beginning in names.split()}


WEEKDAY = r"(?:[^\W\d_]{2,12}\.?,? )?"
NUMBERS = r"(?P<a>\d{1,4}) ?[./-] ?(?P<b>\d{1,2}) ?[./-] ?(?P<c>\d{4}|\d{2})\.?(?!\d)"
MONTH_FIRST = r"(?P<month1>[^\W\d_]{3,12})\.? (?P<day1>\d{1,2}),? (?P<year1>\d{4})"
DAY_FIRST = r"(?P<day2>\d{1,2})\.?[ -](?:de )?(?P<month2>[^\W\d_]{3,12})\.?,?[ -](?:de )?(?P<year2>\d{4})"
DATE = re.compile(rf"{WEEKDAY}(?:{NUMBERS}|{MONTH_FIRST}|{DAY_FIRST})", re.IGNORECASE)
BETWEEN = re.compile(r"\At(?=\d)|\A,? ?-? ?(?:(?:um|à|a las|at|om|alle|às|kl)\.? )?", re.IGNORECASE)  # codespell:ignore
CLOCK = re.compile(
    r"(?P<hour>\d{1,2})[:.h] ?(?P<minute>\d{2})(?:[:.](?P<second>\d{2})(?:[.,]\d{1,9})?)?"
    r"(?: ?(?P<half>[ap]\.? ?m\.?|y[bh]))?"
    r"(?: ?\(?(?P<zone>z|bst|(?:utc|gmt)?(?P<offset>[+-]\d{2}:?\d{2})|utc|gmt)\)?)?",
    re.IGNORECASE,
)
HOURS_AND_MINUTES = re.compile(r"(\d{1,3}):(\d{2})(?::(\d{2}))?")
AMOUNT = re.compile(r"(\d{1,5}(?:[.,]\d{1,3})?) ?([^\W\d_]*)\.?")
UNITS = {"h": 3600, "u": 3600, "o": 3600, "a": 3600, "g": 3600, "st": 3600, "m": 60, "s": 1, "e": 1}


class Order(Enum):
    """Which of the first two numbers of a date is the month."""

    DAY_FIRST = "day first"
    MONTH_FIRST = "month first"


@dataclass(frozen=True)
class Stamp:
    """A date, a time or both, as written; ``numbers`` are a day and a month in an order that is not yet known."""

    line: int
    text: str
    day: date | None
    numbers: tuple[int, int, int] | None
    clock: time | None
    zone: tzinfo | None

    @property
    def has_date(self) -> bool:
        return self.day is not None or self.numbers is not None

    def date_in(self, order: Order) -> date | None:
        """The date by that order, or None where there is no such day or no date at all."""
        if self.numbers is None:
            return self.day
        first, second, year = self.numbers
        return _date(year, *((second, first) if order is Order.DAY_FIRST else (first, second)))


@dataclass(frozen=True)
class Calendar:
    """How the dates of one file are read, and the event's own day, on which times without a date are."""

    order: Order
    day: date
    zone: tzinfo

    def moment(self, stamp: Stamp | None, near: datetime | None = None) -> datetime | None:
        """When it was, in UTC; a time without a date is on the day of ``near``. None where no time is said."""
        if stamp is None or stamp.clock is None:
            return None
        zone = stamp.zone or self.zone
        day = stamp.date_in(self.order) or (near.astimezone(zone).date() if near else self.day)
        return datetime.combine(day, stamp.clock, zone).astimezone(UTC)

    def date_of(self, stamp: Stamp) -> date | None:
        """On which of the event's days it was."""
        moment = self.moment(stamp)
        return stamp.date_in(self.order) if moment is None else moment.astimezone(self.zone).date()


def read_stamp(line: int, text: str, zone: tzinfo | None = None) -> Stamp | None:
    """The date or time in a cell, None where it is blank; ``zone`` holds where the cell names none."""
    if text.lower() in NOTHING:
        return None
    stamp = find_stamp(line, text, zone)
    if stamp is None:
        raise Refused(line, marked("“%(text)s” is no time that we can read"), text=text[:MOST_CHARACTERS])
    return stamp


def find_stamp(line: int, text: str, zone: tzinfo | None = None) -> Stamp | None:
    """The same, for cells that may hold anything: None for what is no time."""
    if not 1 < len(text) <= MOST_CHARACTERS:
        return None
    dated = DATE.match(text)
    day, numbers = (_day_of(dated), _numbers_of(dated)) if dated else (None, None)
    rest = text
    if dated and (day or numbers):
        rest = BETWEEN.sub("", text[dated.end() :], count=1)
        if not rest:
            return Stamp(line, text, day, numbers, None, zone)
    timed = CLOCK.fullmatch(rest)
    clock = _clock_of(timed) if timed else None
    return Stamp(line, text, day, numbers, clock, _zone_of(timed) or zone) if timed and clock else None


def settle(stamps: Iterable[Stamp], met: Sequence[Stamp], day: date, zone: tzinfo) -> Calendar:
    """How dates are read, so that all of them are days, and the meeting was on the event's.

    ``met`` are the times of the meeting itself, each on the day, the one before or the one after, and one of them on
    the day. ``stamps`` are the others of the file.
    """
    calendars = [Calendar(order, day, zone) for order in Order]
    for stamp in sorted([*stamps, *met], key=lambda stamp: stamp.line):
        if stamp.has_date:
            fitting = [calendar for calendar in calendars if stamp.date_in(calendar.order)]
            if not fitting:
                raise Refused(
                    stamp.line,
                    marked("“%(text)s” is no day, in the way in which the file writes dates"),
                    text=stamp.text,
                )
            calendars = fitting
    dated = [stamp for stamp in met if stamp.has_date]
    for calendar in calendars:
        if not dated or day in map(calendar.date_of, dated):
            _refuse_far(calendar, dated)
            return calendar
    days = list(dict.fromkeys(found for calendar in calendars if (found := calendar.date_of(dated[0]))))
    raise Refused(
        dated[0].line,
        marked("the report is of %(found)s, and the event is on %(day)s"),
        found=" or ".join(map(_written, days)),
        day=_written(day),
    )


def _refuse_far(calendar: Calendar, dated: Iterable[Stamp]) -> None:
    for stamp in dated:
        found = calendar.date_of(stamp)
        if found is not None and abs(found - calendar.day) > DAY:
            raise Refused(
                stamp.line,
                marked("“%(text)s” is not on %(day)s, the day of the event"),
                text=stamp.text,
                day=_written(calendar.day),
            )


def read_duration(line: int, text: str) -> timedelta | None:
    """A duration in words, as 1:02:03 or in minutes; None where the cell is blank."""
    if text.lower() in NOTHING:
        return None
    duration = find_duration(text)
    if duration is None or duration > LONGEST:
        raise Refused(line, marked("“%(text)s” is no duration that we can read"), text=text[:MOST_CHARACTERS])
    return duration


def find_duration(text: str) -> timedelta | None:
    """The same, for cells that may hold anything: None for what is no duration."""
    if len(text) > MOST_CHARACTERS:
        return None
    if found := HOURS_AND_MINUTES.fullmatch(text):
        hours, minutes, seconds = (int(part or 0) for part in found.groups())
        return timedelta(hours=hours, minutes=minutes, seconds=seconds)
    amounts = AMOUNT.findall(text)
    if not amounts or AMOUNT.sub("", text).strip(" ,"):
        return None
    if len(amounts) == 1 and not amounts[0][1]:
        amounts = [(amounts[0][0], "m")]
    parts = [_seconds(number, plain(unit)) for number, unit in amounts]
    return timedelta(seconds=sum(filter(None, parts))) if None not in parts else None


def _seconds(number: str, unit: str) -> float | None:
    size = UNITS.get(unit[:2]) or UNITS.get(unit[:1])
    return float(number.replace(",", ".")) * size if size else None


def _day_of(found: re.Match[str]) -> date | None:
    """The date where the way in which it is written leaves no doubt."""
    if found["a"]:
        return _date(int(found["a"]), int(found["b"]), int(found["c"])) if len(found["a"]) > len("31") else None
    word, number, year = (found[f"{part}1"] or found[f"{part}2"] for part in ("month", "day", "year"))
    month = MONTH_OF.get(word[:3].lower())
    if word[:4].lower() == "juil":
        month = MONTH_OF["jul"]
    return _date(int(year), month, int(number)) if month else None


def _numbers_of(found: re.Match[str]) -> tuple[int, int, int] | None:
    if not found["a"] or len(found["a"]) > len("31"):
        return None
    year = int(found["c"]) + (YEARS.start if len(found["c"]) == len("26") else 0)
    numbers = int(found["a"]), int(found["b"]), year
    is_day = any(_date(year, month, day) for month, day in (numbers[:2], numbers[1::-1]))
    return numbers if is_day else None


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day) if year in YEARS else None
    except ValueError:
        return None


def _clock_of(found: re.Match[str]) -> time | None:
    hour, minute, second = (int(found[part] or 0) for part in ("hour", "minute", "second"))
    half = (found["half"] or "").lower()
    if half:
        if not 1 <= hour <= NOON:
            return None
        hour = hour % NOON + (NOON if half == "yh" or half.startswith("p") else 0)
    try:
        return time(hour, minute, second)
    except ValueError:
        return None


def _zone_of(found: re.Match[str] | None) -> tzinfo | None:
    if found is None or not found["zone"]:
        return None
    if found["zone"].lower() == "bst":
        return timezone(timedelta(hours=1))
    if not found["offset"]:
        return UTC
    sign, digits = found["offset"][0], found["offset"][1:].replace(":", "")
    ahead = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-ahead if sign == "-" else ahead) if ahead < DAY else None


def _written(day: date) -> str:
    return f"{day.day} {day:%B} {day.year}"
