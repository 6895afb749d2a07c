"""The place where the programme happens has one wall clock, set once when the process starts."""

from calendar import monthrange
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

_zone = ZoneInfo("Europe/London")


def use(zone: ZoneInfo) -> None:
    global _zone  # noqa: PLW0603  process-wide by nature
    _zone = zone


def zone_name() -> str:
    """The name of its time zone, as PostgreSQL knows it, too."""
    return _zone.key


def day_of(instant: datetime) -> date:
    """The calendar day that the instant falls on in that place."""
    return instant.astimezone(_zone).date()


def last_minute_of(day: date) -> datetime:
    """The instant at which a day there has one minute left: how a deadline at the end of a day is told."""
    return instant_on(day, time(23, 59))


def instant_on(day: date, at: time) -> datetime:
    """The instant of a time there on that day."""
    return datetime.combine(day, at, _zone).astimezone(UTC)


def months_after(instant: datetime, months: int) -> datetime:
    """The same time by the wall clock so many calendar months later; the last day of a month that is shorter."""
    local = instant.astimezone(_zone)
    years, month = divmod(local.month - 1 + months, 12)
    year, month = local.year + years, month + 1
    return local.replace(year=year, month=month, day=min(local.day, monthrange(year, month)[1])).astimezone(UTC)
