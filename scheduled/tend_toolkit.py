"""Ask people what came of a resource thirty days after they took it, tell them of new versions, and remind those who
look after a resource of the day by which they wanted to look at it again. Each was asked for, and comes once.
"""

from collections.abc import Callable

from cop.core.access import SYSTEM
from cop.core.work import Work
from cop.services import toolkit_use
from cop.web import unit_of_work


def run() -> str:
    asked, told, reminded = map(_all, (toolkit_use.ask, toolkit_use.tell_of_versions, toolkit_use.remind_to_review))
    with unit_of_work(SYSTEM) as work:
        toolkit_use.forget_looks(work)
    return f"{asked} people asked about a resource, {told} told of a new version, {reminded} resources to review"


def _all(act: Callable[[Work], int]) -> int:
    """Carry out ``act`` until nothing is left to do, a batch a transaction; how much it was."""
    done = 0
    while True:
        with unit_of_work(SYSTEM) as work:
            count = act(work)
        if not count:
            return done
        done += count
