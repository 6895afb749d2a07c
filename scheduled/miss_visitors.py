"""Tell those who had booked a visit and did not come that they were missed: once, on the next day at the earliest."""

from datetime import time

from cop.core import place
from cop.core.access import SYSTEM
from cop.models.outbox import OutboxClass
from cop.queries.no_shows import KEY, missed_visits
from cop.services import outbox
from cop.web import unit_of_work

BATCH = 200


def run() -> str:
    posted = 0
    while count := _post_batch():
        posted += count
    return f"{posted} people missed at a visit written to"


def _post_batch() -> int:
    with unit_of_work(SYSTEM) as work:
        today = place.instant_on(place.day_of(work.now), time(0))
        found = missed_visits(work, before=today, limit=BATCH)
        for booking_id, person in found:
            outbox.post(
                work,
                key=f"{KEY}{booking_id}",
                to=person,
                template="visit_missed",
                urgency=OutboxClass.ROUTINE,
                booking_id=booking_id,
            )
    return len(found)
