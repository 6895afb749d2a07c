"""Writing to those who have a place on a course, and what its staff note about them."""

import hashlib
from collections.abc import Collection

from sqlalchemy import select

from cop.core.access import EVENT_EDITORS, EVENT_STAFF
from cop.core.errors import NotFound, Refusal, marked
from cop.core.place import day_of
from cop.core.work import Work
from cop.models.accounts import Person
from cop.models.events import Booking, Event, EventKind
from cop.models.outbox import Outbox
from cop.models.rosters import RosterNote
from cop.queries.cohorts.roster import HAS_PLACE
from cop.services import outbox
from cop.services.cohorts.panel import acting_person


def write_to_roster(work: Work, *, event_id: int, subject: str, body: str, to: Collection[str] | None = None) -> int:
    """One message for each person with a place, or for those of them named by their ``public_id``; how many.

    The same words reach nobody twice on one day.
    """
    event = _course_of_staff(work, event_id)
    people = work.session.scalars(
        select(Person)
        .join(Booking, Booking.person_id == Person.id)
        .where(Booking.event_id == event.id, *HAS_PLACE, *([Person.public_id.in_(to)] if to is not None else ()))
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


def note(work: Work, *, event_id: int, person_id: int, body: str) -> RosterNote:
    """Write something down about somebody with a place. The same words from the same hand are one note."""
    event = _course_of_staff(work, event_id)
    held = select(Booking.id).where(Booking.event_id == event.id, Booking.person_id == person_id, *HAS_PLACE)
    if work.session.scalars(held.with_for_update()).one_or_none() is None:
        raise NotFound
    last = select(RosterNote).where(RosterNote.event_id == event.id, RosterNote.person_id == person_id)
    before = work.session.scalars(last.order_by(RosterNote.id.desc()).limit(1)).one_or_none()
    by_person_id = acting_person(work)
    if before is not None and (before.body, before.by_person_id) == (body, by_person_id):
        return before
    made = RosterNote(event_id=event.id, person_id=person_id, body=body, by_person_id=by_person_id, at=work.now)
    work.session.add(made)
    work.session.flush()
    return made


def remove_note(work: Work, *, event_id: int, person_id: int, note_id: int) -> None:
    """Take a note out for good: whoever wrote it, or the facilitators of the course."""
    event = _course_of_staff(work, event_id)
    found = work.session.get(RosterNote, note_id, with_for_update=True)
    if found is None or (found.event_id, found.person_id) != (event.id, person_id):
        raise NotFound
    is_editor = work.actor.may(*EVENT_EDITORS, programme_id=event.programme_id, event_id=event.id)
    if found.by_person_id != work.actor.person_id and not is_editor:
        raise NotFound
    work.session.delete(found)


def _course_of_staff(work: Work, event_id: int) -> Event:
    event = work.session.get(Event, event_id)
    if event is None or event.kind is not EventKind.COHORT:
        raise NotFound
    if not work.actor.may(*EVENT_STAFF, programme_id=event.programme_id, event_id=event.id):
        raise NotFound
    return event
