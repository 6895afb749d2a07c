"""On the day on which one council takes over from another, let people and domains go along."""

from cop.core.access import SYSTEM
from cop.queries.succession import due
from cop.services import succession
from cop.web import read, unit_of_work

BATCH = 50


def run() -> str:
    organisations = people = 0
    while predecessors := due(read(SYSTEM), limit=BATCH):
        for predecessor_id in predecessors:
            with unit_of_work(SYSTEM) as work:
                people += succession.carry_out(work, predecessor_id=predecessor_id)
        organisations += len(predecessors)
    return f"{organisations} organisations taken over, {people} people went along"
