"""Note once a day what the automatic indicators of each programme are, so that pages and reports read some rows."""

from functools import partial

from cop.core.access import SYSTEM
from cop.queries.indicators.counting import due
from cop.services import indicators
from cop.web import run as in_one_unit_of_work
from cop.web import unit_of_work
from scheduled.one_by_one import added_up


def run() -> str:
    with unit_of_work(SYSTEM) as work:
        programmes = due(work)
    return added_up(_count, programmes, one="programme", words="indicators counted")


def _count(programme_id: int) -> int:
    return in_one_unit_of_work(partial(indicators.count, programme_id=programme_id), SYSTEM)
