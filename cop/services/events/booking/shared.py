"""What making and changing have in common: who is staff here, and telling the booker."""

from cop.core.access import EVENT_STAFF
from cop.core.work import Work
from cop.models.accounts import Person
from cop.models.events import Booking, Event
from cop.services import outbox


def runs(work: Work, event: Event) -> bool:
    return work.actor.may(*EVENT_STAFF, programme_id=event.programme_id, event_id=event.id)


def tell(work: Work, booking: Booking, template: str, *, key: str) -> None:
    person = work.session.get_one(Person, booking.person_id)
    outbox.post(work, key=key, to=person, template=template, booking_id=booking.id)
