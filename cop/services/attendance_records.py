"""Making the record of attendance of somebody who completed a course."""

from sqlalchemy import select

from cop.core.access import EVENT_STAFF
from cop.core.errors import NotFound
from cop.core.secrecy import random_word
from cop.core.work import Work
from cop.models.events import Booking, BookingState, Event, EventKind
from cop.models.rosters import AttendanceRecord
from cop.queries.attendance_records import CODE_LENGTH, has_completed, latest


def issue(work: Work, *, event_id: int, person_id: int) -> AttendanceRecord:
    """The record of that person, made the first time; for themselves and for the staff of the course."""
    event = work.session.get(Event, event_id)
    if event is None or event.kind is not EventKind.COHORT:
        raise NotFound
    is_own = work.actor.person_id == person_id and work.actor.via == "session"
    if not is_own and not work.actor.may(*EVENT_STAFF, programme_id=event.programme_id, event_id=event.id):
        raise NotFound
    held = select(Booking.id).where(
        Booking.event_id == event.id, Booking.person_id == person_id, Booking.state == BookingState.LIVE
    )
    if not work.session.scalars(held.with_for_update()).all():  # one after the other: two presses make one record
        raise NotFound
    if not has_completed(work, event_id=event.id, person_id=person_id):
        raise NotFound
    record = latest(work, event_id=event.id, person_id=person_id)
    if record is None:
        record = AttendanceRecord(
            code=random_word(CODE_LENGTH), event_id=event.id, person_id=person_id, issued_at=work.now
        )
        work.session.add(record)
        work.session.flush()
    return record
