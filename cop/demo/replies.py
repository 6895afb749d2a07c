"""Answers from calendars to the coming visit that wait for its host: one from an office, and a proposal."""

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select

from cop.demo.stage import Stage
from cop.demo.visits import COMING
from cop.formats.itip import Reply
from cop.models.accounts import Person
from cop.models.events import Booking, BookingState, Entry, EntryStatus, Event, Part
from cop.queries.replies import reply_address
from cop.services import replies

ADDRESS = "replies@cop.example"


def load(stage: Stage) -> None:
    found = (
        select(Booking, Entry, Part, Person)
        .join(Entry, Entry.booking_id == Booking.id)
        .join(Part, Part.id == Entry.part_id)
        .join(Event, Event.id == Booking.event_id)
        .join(Person, Person.id == Booking.person_id)
        .where(Event.slug == COMING, Booking.state == BookingState.LIVE, Person.email.is_not(None))
        .where(Entry.status == EntryStatus.CONFIRMED, Part.starts_at > stage.work.now)
        .order_by(Booking.id)
        .limit(2)
    )
    (booking, entry, _part, person), (other, other_entry, other_part, other_person) = stage.work.session.execute(found)
    office = f"office@{str(person.email).partition('@')[2]}"
    declined = _reply(stage, booking, entry, person)
    replies.receive(stage.work, reply=replace(declined, sender=office))
    asked = replace(_reply(stage, other, other_entry, other_person), participation="tentative", is_counter=True)
    replies.receive(stage.work, reply=replace(asked, proposes=other_part.starts_at + timedelta(days=7)))


def _reply(stage: Stage, booking: Booking, entry: Entry, person: Person) -> Reply:
    email = str(person.email)
    return Reply(
        id=f"<answer-{entry.id}@mail.example>",
        sender=email,
        recipients=(reply_address(ADDRESS, booking.public_id),),
        uid=str(entry.uid),
        sequence=entry.sequence,
        attendee=email,
        participation="declined",
        stamped_at=stage.work.now,
    )
