"""Count what happened in the forum, so that its figures are a matter of reading some rows."""

from cop.core.access import SYSTEM
from cop.queries.forum.counting import due
from cop.services.forum import counting
from cop.web import unit_of_work


def run() -> str:
    with unit_of_work(SYSTEM) as work:
        months = due(work)
    for programme_id, month in months:
        with unit_of_work(SYSTEM) as work:
            counting.count(work, programme_id=programme_id, month=month)
    return f"{len(months)} months of the forum counted"
