"""Send the visit pack three days before each booked visit; whoever books later gets it right away.

The key names the booking and its slot, so that a booking which moves to another slot gets the pack of that one.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Row, exists, func, select

from cop.core.access import SYSTEM
from cop.core.work import Work
from cop.models.accounts import Person
from cop.models.events import Booking, BookingState, Entry, EntryStatus, Event, EventKind, EventState, Part, PartState
from cop.models.outbox import Outbox, OutboxClass
from cop.services import outbox
from cop.web import unit_of_work

AHEAD = timedelta(days=3)
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
    key = func.concat("visit-pack:", Booking.id, ":", Part.id)
    return work.session.execute(
        select(key.label("key"), Booking.id.label("booking_id"), Part.id.label("part_id"), Part.starts_at, Person)
        .select_from(Part)
        .join(Event, Event.id == Part.event_id)
        .join(Entry, Entry.part_id == Part.id)
        .join(Booking, Booking.id == Entry.booking_id)
        .join(Person, Person.id == Booking.person_id)
        .where(
            Part.starts_at <= work.now + AHEAD,
            Part.starts_at > work.now,
            Part.state == PartState.PLANNED,
            Event.kind == EventKind.VISIT,
            Event.state == EventState.PUBLISHED,
            Entry.status == EntryStatus.CONFIRMED,
            Booking.state == BookingState.LIVE,
            ~exists().where(Outbox.key == key),
        )
        .order_by(Part.starts_at, Entry.id)
        .limit(BATCH)
    ).all()
