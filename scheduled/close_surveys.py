"""Make the answers of anonymous surveys anonymous, once the last day to answer has passed."""

from cop.core.access import SYSTEM
from cop.services import surveys
from cop.web import unit_of_work

BATCH = 20


def run() -> str:
    done = 0
    while count := _some():
        done += count
    return f"{done} anonymous surveys closed"


def _some() -> int:
    with unit_of_work(SYSTEM) as work:
        return surveys.close_due(work, limit=BATCH)
