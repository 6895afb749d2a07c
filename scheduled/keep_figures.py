"""Count the figures of large programmes for the dashboard, once in a night."""

from cop.core.access import SYSTEM
from cop.queries.evaluation.kept import due, large
from cop.services import evaluation
from cop.web import unit_of_work


def run() -> str:
    with unit_of_work(SYSTEM) as work:
        programmes = large(work)
        evaluation.forget(work, programme_ids=[*programmes])
        waiting = due(work, programmes)
    for programme_id in waiting:
        with unit_of_work(SYSTEM) as work:
            evaluation.keep(work, programme_id=programme_id)
    return f"figures of {len(waiting)} programmes counted"
