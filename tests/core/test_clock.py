"""The service's clock is the machine's, moved on by what all processes agree on."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from cop import create_app
from cop.core.clock import ShiftedClock, SystemClock
from cop.core.settings import Settings
from cop.models.service import Setting
from cop.web import db, ports
from tests.support.clock import START, FixedClock
from tests.support.make import Working

NEAR = timedelta(seconds=5)


def test_the_system_clock_is_in_utc() -> None:
    assert SystemClock().now().tzinfo is UTC


def test_a_shifted_clock_is_moved_on() -> None:
    offset = timedelta(days=40)
    assert abs(ShiftedClock(lambda: offset).now() - SystemClock().now() - offset) < NEAR


def test_a_shifted_clock_asks_for_its_offset_once_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    seconds = 100.0
    monkeypatch.setattr(time, "monotonic", lambda: seconds)

    def offset() -> timedelta:
        asked.append(seconds)
        return timedelta(days=len(asked))

    clock = ShiftedClock(offset)
    first = clock.now()
    seconds += 0.9
    clock.now()
    assert asked == [100.0]
    seconds += 0.1
    assert clock.now() - first > timedelta(hours=23)
    assert asked == [100.0, 101.0]


def test_all_processes_agree_through_the_database(app: Flask, settings: Settings, work: Working) -> None:
    with work() as opened:
        opened.session.add(Setting(name="clock_offset_seconds", value=86_400))
    other = create_app(settings)
    with other.app_context():
        assert abs(ports().clock.now() - SystemClock().now() - timedelta(days=1)) < NEAR
        db.engine.dispose()


def test_the_clock_of_the_tests_stands_still(clock: FixedClock) -> None:
    assert clock.now() == clock.now() == START
    clock.move(timedelta(days=1, minutes=1))
    assert clock.now() == datetime(2026, 3, 3, 9, 1, tzinfo=UTC)
    clock.set(datetime(2026, 7, 1, 12, tzinfo=UTC))
    assert clock.now() == datetime(2026, 7, 1, 12, tzinfo=UTC)
