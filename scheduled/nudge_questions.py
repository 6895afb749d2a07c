"""Tell facilitators of questions that nobody answers, and ask those who asked whether a reply answered them."""

from collections.abc import Callable

from cop.core.access import SYSTEM
from cop.core.work import Work
from cop.services.forum import ask_askers, nudge_facilitators
from cop.web import unit_of_work


def run() -> str:
    return f"{_all(nudge_facilitators)} questions told of to facilitators, {_all(ask_askers)} asked about replies"


def _all(batch: Callable[[Work], int]) -> int:
    """How many it were, one unit of work after the other."""
    count = 0
    while True:
        with unit_of_work(SYSTEM) as work:
            found = batch(work)
        if not found:
            return count
        count += found
