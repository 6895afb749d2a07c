"""A clock that stands still until a test moves it."""

from datetime import UTC, datetime, timedelta

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
"""A Monday morning in winter, so that Europe/London is on UTC."""


class FixedClock:
    def __init__(self) -> None:
        self.at = START

    def reset(self) -> None:
        self.at = START

    def now(self) -> datetime:
        return self.at

    def move(self, by: timedelta) -> None:
        self.at += by

    def set(self, at: datetime) -> None:
        self.at = at.astimezone(UTC)
