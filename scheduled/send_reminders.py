"""Post reminders seven days, a day and an hour before each booked part.

What is due follows from the part's present time, so reminders move with it; the key holds that time, so a part that
moves after its reminder was sent is reminded of again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import BigInteger, Row, exists, func, select
from sqlalchemy.orm import aliased

from cop.core.access import SYSTEM
from cop.core.work import Work
from cop.models.accounts import Person
from cop.models.events import Booking, BookingState, Entry, EntryStatus, Part, PartState
from cop.models.outbox import Outbox, OutboxClass
from cop.services import outbox
from cop.web import unit_of_work

BATCH = 200


@dataclass(frozen=True)
class Ahead:
    """A reminder goes out ``before`` the start and is useless once ``until`` remains.

    It serves for whatever else the booking holds within ``serves`` after that start: a course of two days needs one
    reminder in the week before, and one for each day.
    """

    name: str
    before: timedelta
    until: timedelta
    serves: timedelta


AHEAD = (
    Ahead("week", timedelta(days=7), timedelta(days=2), serves=timedelta(days=7)),
    Ahead("day", timedelta(days=1), timedelta(hours=2), serves=timedelta(hours=12)),
    Ahead("hour", timedelta(hours=1), timedelta(), serves=timedelta(hours=12)),
)


def run() -> str:
    return f"{sum(_post_all(ahead) for ahead in AHEAD)} reminders posted"


def _post_all(ahead: Ahead) -> int:
    posted = 0
    while count := _post_batch(ahead):
        posted += count
    return posted


def _post_batch(ahead: Ahead) -> int:
    with unit_of_work(SYSTEM) as work:
        rows = _due(work, ahead)
        people = {
            person.id: person
            for person in work.session.scalars(select(Person).where(Person.id.in_({row.person_id for row in rows})))
        }
        for row in rows:
            outbox.post(
                work,
                key=row.key,
                to=people[row.person_id],
                template="reminder",
                urgency=OutboxClass.TIMELY,
                useless_after=row.starts_at - ahead.until,
                booking_id=row.booking_id,
                part_id=row.part_id,
                starts_at=row.starts_at.isoformat(),
                ahead=ahead.name,
            )
    return len(rows)


def _due(work: Work, ahead: Ahead) -> Sequence[Row[str, int, int, int, datetime]]:
    """Entries whose reminder falls due and is not posted; whoever booked or moved after that needs none."""
    key = func.concat(
        "reminder:", ahead.name, ":", Entry.id, ":", func.extract("epoch", Part.starts_at).cast(BigInteger)
    )
    earlier_entry, earlier = aliased(Entry), aliased(Part)
    served = exists().where(
        earlier_entry.booking_id == Entry.booking_id,
        earlier_entry.status == EntryStatus.CONFIRMED,
        earlier.id == earlier_entry.part_id,
        earlier.state == PartState.PLANNED,
        earlier.starts_at < Part.starts_at,
        earlier.starts_at >= Part.starts_at - ahead.serves,
    )
    return work.session.execute(
        select(
            key.label("key"),
            Booking.person_id,
            Booking.id.label("booking_id"),
            Part.id.label("part_id"),
            Part.starts_at,
        )
        .join(Entry, Entry.part_id == Part.id)
        .join(Booking, Booking.id == Entry.booking_id)
        .where(
            Part.starts_at <= work.now + ahead.before,
            Part.starts_at > work.now + ahead.until,
            Part.state == PartState.PLANNED,
            Entry.status == EntryStatus.CONFIRMED,
            Booking.state == BookingState.LIVE,
            Entry.changed_at <= Part.starts_at - ahead.before,
            ~served,
            ~exists().where(Outbox.key == key),
        )
        .order_by(Part.starts_at, Entry.id)
        .limit(BATCH)
    ).all()
