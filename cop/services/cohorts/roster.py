"""Writing to everybody who has a place on a course."""

import hashlib

from sqlalchemy import select

from cop.core.access import EVENT_STAFF
from cop.core.errors import NotFound, Refusal, marked
from cop.core.place import day_of
from cop.core.work import Work
from cop.models.accounts import Person
from cop.models.events import Booking, Event, EventKind
from cop.models.outbox import Outbox
from cop.queries.cohorts.roster import HAS_PLACE
from cop.services import outbox


def write_to_roster(work: Work, *, event_id: int, subject: str, body: str) -> int:
    """One message for each person with a place; how many. The same words reach nobody twice on one day."""
    event = work.session.get(Event, event_id)
    if event is None or event.kind is not EventKind.COHORT:
        raise NotFound
    if not work.actor.may(*EVENT_STAFF, programme_id=event.programme_id, event_id=event.id):
        raise NotFound
    people = work.session.scalars(
        select(Person)
        .join(Booking, Booking.person_id == Person.id)
        .where(Booking.event_id == event.id, *HAS_PLACE)
        .order_by(Person.id)
    ).all()
    if not people:
        raise Refusal(marked("Nobody has a place yet, so there is nobody to write to"))
    words = "\x1f".join((subject, body, day_of(work.now).isoformat()))
    prefix = f"roster-message:{event.id}:{hashlib.sha256(words.encode()).hexdigest()[:16]}:"
    keys = {f"{prefix}{person.id}": person for person in people}
    sent = set(work.session.scalars(select(Outbox.key).where(Outbox.key.in_(list(keys)))))
    for key, person in keys.items():
        outbox.post(work, key=key, to=person, template="roster_message", event_id=event.id, subject=subject, body=body)
    return len(keys.keys() - sent)
