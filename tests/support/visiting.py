"""What tests of the days around a visit start from: hosts asked, days off, people who walk in, and marks."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import select

from cop.core.access import SYSTEM, Actor, Role
from cop.models.accounts import Person
from cop.models.events import Attendance, Booking, Event, Mark, Part, Seat
from cop.models.visits import Blackout, SlotHost
from cop.services.events import attendance, blackouts, rota, walk_ins
from tests.support.make import Make, Reads, Working

PACK: dict[str, str] = {
    "map_url": "https://maps.example/hub",
    "parking": "Two bays at the door.",
    "contact": "Ask for the hub team, 01632 960 180.",
    "safety": "Meet at the bandstand.",
}
"""What a visit pack has beside the directions."""


def host_of(make: Make, visit: Event, name: str = "Hana Host") -> Person:
    """Somebody who can be asked to receive visitors."""
    person = make.account(name, f"{name.split(maxsplit=1)[0].lower()}@council.example")
    make.grant(person, Role.HOST, event=visit)
    return person


def ask(work: Working, visit: Event, person: Person, *slots: Part) -> None:
    with work() as unit:
        part_ids = [part.id for part in slots or visit.parts]
        rota.ask_host(unit, event_id=visit.id, person_id=person.id, part_ids=part_ids)


def asked_of(reading: Reads, person: Person) -> Sequence[SlotHost]:
    """What somebody was asked, in the order of the slots."""
    found = select(SlotHost).join(Part, Part.id == SlotHost.part_id).where(SlotHost.person_id == person.id)
    with reading() as read:
        return read.session.scalars(found.order_by(Part.starts_at, Part.id)).all()


def answer(work: Working, visit: Event, asked: SlotHost, *, yes: bool = True, seen: int = 0) -> SlotHost:
    with work(Actor(asked.person_id)) as unit:
        return rota.answer_rota(unit, event_id=visit.id, slot_host_id=asked.id, accepted=yes, seen=seen)


def day_off(work: Working, visit: Event, first: date, last: date | None = None, **more: Any) -> Blackout:
    values = {"reason": "The floor is renewed", "for_all": False, **more}
    with work() as unit:
        return blackouts.add_blackout(unit, event_id=visit.id, first_on=first, last_on=last, **values)


def walk_in(work: Working, event: Event, name: str = "Nell Neighbour", actor: Actor = SYSTEM, **more: Any) -> Booking:
    """Somebody who came to the first part without a booking."""
    values = {"part_id": event.parts[0].id, **more}
    with work(actor) as unit:
        return walk_ins.add_walk_in(unit, event_id=event.id, name=name, **values)


def seats_of(reading: Reads, booking: Booking) -> Sequence[Seat]:
    with reading() as read:
        return read.session.scalars(select(Seat).where(Seat.booking_id == booking.id).order_by(Seat.position)).all()


def marks_of(reading: Reads, booking: Booking) -> Sequence[Mark]:
    """The marks that stand, in the order in which they were made."""
    found = select(Mark).join(Seat, Seat.id == Mark.seat_id)
    with reading() as read:
        standing = found.where(Seat.booking_id == booking.id, Mark.superseded_at.is_(None))
        return read.session.scalars(standing.order_by(Mark.id)).all()


def mark_party(work: Working, reading: Reads, booking: Booking, part: Part, *statuses: Attendance | None) -> None:
    """Mark the seats of a party in their order."""
    for seat, status in zip(seats_of(reading, booking), statuses, strict=True):
        with work() as unit:
            attendance.mark(unit, part_id=part.id, seat_id=seat.id, status=status)
