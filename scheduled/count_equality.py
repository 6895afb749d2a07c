"""Count for equality statistics what cannot change any more, and forget the answers a month after a course."""

from cop.core.access import SYSTEM
from cop.services.cohorts import counting
from cop.web import unit_of_work


def run() -> str:
    with unit_of_work(SYSTEM) as work:
        due = counting.with_answers(work)
    done = 0
    for cohort_id in due:
        with unit_of_work(SYSTEM) as work:
            done += counting.count(work, cohort_id=cohort_id)
    return f"{done} steps of courses counted for equality statistics"
