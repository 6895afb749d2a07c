"""Promise a letter with what is new in the forum to those who chose one a day or one a week."""

from cop.core.access import SYSTEM
from cop.services import forum
from cop.web import unit_of_work


def run() -> str:
    with unit_of_work(SYSTEM) as work:
        posted = forum.post_digests(work)
    return f"{posted} digests posted"
