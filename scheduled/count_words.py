"""Count the words that the search suggests to whoever mistyped one."""

from cop.core.access import SYSTEM
from cop.services import searching
from cop.web import unit_of_work


def run() -> str:
    with unit_of_work(SYSTEM) as work:
        known = searching.count_words(work)
    return f"{known} words known to the search"
