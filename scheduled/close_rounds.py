"""Delete drafts 90 days after the close of a call, and make applications of closed rounds nobody's."""

from collections.abc import Callable
from functools import partial

from cop.core.access import SYSTEM
from cop.core.work import Work
from cop.services.cohorts import closed_rounds
from cop.web import ports, unit_of_work

BATCH = 100


def run() -> str:
    drafts = _all(partial(closed_rounds.delete_drafts, limit=BATCH))
    months = ports().settings.keep_applications
    applications = _all(partial(closed_rounds.anonymise, keep_months=months, limit=BATCH))
    with unit_of_work(SYSTEM) as work:
        closed_rounds.forget_history(work)
    return f"{drafts} drafts of applications deleted, {applications} applications made nobody’s"


def _all(command: Callable[[Work], int]) -> int:
    done = 0
    while count := _some(command):
        done += count
    return done


def _some(command: Callable[[Work], int]) -> int:
    with unit_of_work(SYSTEM) as work:
        return command(work)
