"""Post reminders seven days, a day and an hour before each booked part.

What is due follows from the part's present time, so reminders move with it; the key holds that time, so a part that
moves after its reminder was sent is reminded of again.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Row, select

from cop.core.access import SYSTEM
from cop.core.work import Work
from cop.models.accounts import Person
from cop.models.events import Entry, Part
from cop.models.outbox import OutboxClass
from cop.queries import timetable
from cop.queries.timetable import AHEAD, Ahead
from cop.services import outbox
from cop.web import unit_of_work

BATCH = 200


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
    """Entries whose reminder falls due and is not posted."""
    ready = (Part.starts_at <= work.now + ahead.before, Part.starts_at > work.now + ahead.until)
    found = timetable.reminders(ahead).where(*ready)
    return work.session.execute(found.order_by(Part.starts_at, Entry.id).limit(BATCH)).all()
