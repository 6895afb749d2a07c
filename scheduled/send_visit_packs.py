"""Send the visit pack three days before each booked visit; whoever books later gets it right away.

The key names the booking and its slot, so that a booking which moves to another slot gets the pack of that one.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Row

from cop.core.access import SYSTEM
from cop.core.work import Work
from cop.models.accounts import Person
from cop.models.events import Booking, Entry, Part
from cop.models.outbox import OutboxClass
from cop.queries.timetable import PACK_AHEAD, visit_packs
from cop.services import outbox
from cop.web import unit_of_work

BATCH = 200


def run() -> str:
    posted = 0
    while count := _post_batch():
        posted += count
    return f"{posted} visit packs posted"


def _post_batch() -> int:
    with unit_of_work(SYSTEM) as work:
        rows = _due(work)
        for row in rows:
            outbox.post(
                work,
                key=row.key,
                to=row.Person,
                template="visit_pack",
                urgency=OutboxClass.TIMELY,
                useless_after=row.starts_at,
                booking_id=row.booking_id,
                part_id=row.part_id,
            )
    return len(rows)


def _due(work: Work) -> Sequence[Row[str, int, int, datetime, Person]]:
    ready = (Part.starts_at <= work.now + PACK_AHEAD, Part.starts_at > work.now)
    found = visit_packs().add_columns(Person).join(Person, Person.id == Booking.person_id).where(*ready)
    return work.session.execute(found.order_by(Part.starts_at, Entry.id).limit(BATCH)).all()
