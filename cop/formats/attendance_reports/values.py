"""What a report of attendance says, whichever service wrote it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from cop.formats.tables import TableError

MINUTE = timedelta(minutes=1)


class Kind(StrEnum):
    """Whose report it is."""

    TEAMS = "teams"
    ZOOM_WEBINAR = "zoom webinar"
    ZOOM_MEETING = "zoom meeting"
    EVENTBRITE = "eventbrite"
    TABLE = "table"


class Skip(StrEnum):
    """Why somebody in a report is none of those who attended."""

    ORGANISER = "organiser"
    HOST = "host"
    PANELLIST = "panellist"
    TELEPHONE = "telephone"


@dataclass(frozen=True, order=True)
class Interval:
    """From when until when somebody was there, in UTC; it may be empty, and never ends before it begins."""

    joined_at: datetime
    left_at: datetime


@dataclass(frozen=True)
class Reported:
    """One human of a report, rejoins merged; ``line`` is the first in the file that speaks of them, from 1.

    ``email`` is in small letters, or blank where the report has none. ``also`` are other names that the report has
    for them, to find them by. ``intervals`` do not touch one another, and are blank where the report does not say when
    somebody was there. ``minutes`` are those in the intervals, else what the report says, else None. Of a telephone
    number nothing is kept but that there was one.
    """

    line: int
    name: str
    email: str
    came: bool
    organisation: str = ""
    minutes: int | None = None
    intervals: tuple[Interval, ...] = ()
    skipped: Skip | None = None
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class Report:
    """A report as read; ``met_from`` and ``met_until`` are the meeting's own times in UTC, where it has them."""

    kind: Kind
    people: tuple[Reported, ...]
    met_from: datetime | None = None
    met_until: datetime | None = None


class Refused(TableError):  # noqa: N818  as Refusal: a rule said no, nothing is broken
    """The file is no report that we can take; its text is one line that names the line of the file and the reason."""


def union(intervals: Iterable[Interval]) -> tuple[Interval, ...]:
    """The same time without overlaps, in order: who is in a meeting with two devices is there once."""
    found: list[Interval] = []
    for interval in sorted(intervals):
        if found and interval.joined_at <= found[-1].left_at:
            found[-1] = Interval(found[-1].joined_at, max(found[-1].left_at, interval.left_at))
        else:
            found.append(interval)
    return tuple(found)


def minutes_in(intervals: Iterable[Interval]) -> int:
    """The whole minutes, to the nearest, in the union of the intervals."""
    return rounded(sum((interval.left_at - interval.joined_at for interval in union(intervals)), timedelta()))


def minutes_together(reported: Iterable[Reported]) -> int | None:
    """How long one human was there by several reports of the same meeting, or None where none of them says it.

    Intervals count once, however many reports have them. What is said without saying when is added.
    """
    people = list(reported)
    untimed = [person.minutes for person in people if not person.intervals and person.minutes is not None]
    intervals = [interval for person in people for interval in person.intervals]
    return minutes_in(intervals) + sum(untimed) if intervals or untimed else None


def rounded(duration: timedelta) -> int:
    """Whole minutes, to the nearest; half a minute counts."""
    return (duration + MINUTE / 2) // MINUTE
