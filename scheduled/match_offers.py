"""Tell people of a newer offer or ask in the forum that fits theirs."""

from cop.core.access import SYSTEM
from cop.services.forum import offering
from cop.web import unit_of_work


def run() -> str:
    with unit_of_work(SYSTEM) as work:
        told = offering.tell(work)
    return f"{told} letters about offers and asks promised"
