"""The place where the programme happens has one wall clock, set once when the process starts."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

_zone = ZoneInfo("Europe/London")


def use(zone: ZoneInfo) -> None:
    global _zone  # noqa: PLW0603  process-wide by nature
    _zone = zone


def day_of(instant: datetime) -> date:
    """The calendar day that the instant falls on in that place."""
    return instant.astimezone(_zone).date()
