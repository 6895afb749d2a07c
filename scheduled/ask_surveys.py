"""Ask people how it was, and remind those who are silent: after events, and along a course and the year after it."""

from collections.abc import Callable
from functools import partial

from cop.core.access import SYSTEM
from cop.core.work import Work
from cop.models.surveys import Wave
from cop.services import surveys
from cop.web import unit_of_work

BATCH = 2_000


def run() -> str:
    asked = sum(_all(partial(surveys.ask_due, wave=wave, limit=BATCH)) for wave in Wave)
    reminded = sum(
        _all(partial(surveys.remind_due, wave=wave, number=number, limit=BATCH)) for wave in Wave for number in (1, 2)
    )
    return f"{asked + reminded} people written to: {asked} asked, {reminded} reminded"


def _all(command: Callable[[Work], int]) -> int:
    """Batch after batch, each in a transaction of its own, until nothing is due."""
    done = 0
    while count := _once(command):
        done += count
    return done


def _once(command: Callable[[Work], int]) -> int:
    with unit_of_work(SYSTEM) as work:
        return command(work)
