"""The clock is a port: whoever needs the time is handed one."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """The service's present instant, in UTC."""
        ...


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)  # noqa: TID251  the one place that asks the machine


class ShiftedClock:
    """The machine's clock moved on by an offset that all processes share through the database.

    The offset is read again at most once a second, so a demonstration that moves the clock on is seen
    by every running process without a statement in each request.
    """

    def __init__(self, read_offset: Callable[[], timedelta]) -> None:
        self._read_offset = read_offset
        self._offset = timedelta()
        self._read_at = float("-inf")

    def now(self) -> datetime:
        if time.monotonic() - self._read_at >= 1:
            self._offset = self._read_offset()
            self._read_at = time.monotonic()
        return SystemClock().now() + self._offset
