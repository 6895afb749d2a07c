"""New bookings: by those who come, by staff for somebody, and by invitation."""

from collections.abc import Collection, Sequence

from sqlalchemy import select

from cop.core.errors import NotFound, Refusal, marked
from cop.core.work import Work
from cop.models.accounts import Person
from cop.models.events import (
    Booking,
    BookingSource,
    BookingState,
    Event,
    EventKind,
    EventState,
    Part,
)
from cop.models.waiting import WaitingState
from cop.queries.accounts import Standing, standing_of
from cop.queries.circles import may_come
from cop.queries.waiting import is_shared_out, somebody_waits
from cop.services import accounts
from cop.services.events.booking.parties import STAFF_PARTY_MAX, Guest, Party, add_seats, refuse_party
from cop.services.events.booking.places import add_entries, chosen_parts, claim, refuse_if_full
from cop.services.events.booking.queue import advance, leave_line, refuse_to_pass
from cop.services.events.booking.shared import runs, tell
from cop.services.events.locking import lock_event

BOOKED_FREELY = (EventKind.VISIT, EventKind.WEBINAR, EventKind.MEET_UP)


def book(work: Work, *, event_id: int, part_ids: Collection[int], party: Party) -> Booking:
    """Book for the acting person, or refuse with the rule that stands against it."""
    event = lock_event(work, event_id)
    person = work.session.get(Person, work.actor.person_id) if work.actor.person_id else None
    if person is None or event.state is EventState.DRAFT or not may_come(work, event):
        raise NotFound
    if event.kind not in BOOKED_FREELY:
        raise NotFound
    refuse_outside_window(work, event)
    refuse_party(party, event.party_max)
    return _add_booking(work, event, person, part_ids, party, BookingSource.SELF)


def book_for(work: Work, *, event_id: int, part_ids: Collection[int], party: Party, guest: Guest) -> Booking:
    """Book for somebody else, with or without e-mail; staff may book outside the booking window."""
    event = lock_event(work, event_id)
    if not runs(work, event) or event.kind not in BOOKED_FREELY:
        raise NotFound
    if event.state is EventState.DRAFT:
        raise Refusal(marked("This is a draft: publish it before you book for somebody"))
    refuse_party(party, STAFF_PARTY_MAX)
    return _add_booking(work, event, person_of(work, guest), part_ids, party, BookingSource.STAFF)


def book_invited(work: Work, *, event_id: int, person: Person, part_ids: Collection[int]) -> Booking:
    """The booking of somebody who said yes to an invitation, or for whom staff did, who may also outside the window.

    The caller has locked and checked the invitation.
    """
    event = lock_event(work, event_id)
    if not runs(work, event):
        refuse_outside_window(work, event)
    return _add_booking(work, event, person, part_ids, Party(1), BookingSource.INVITATION)


def person_of(work: Work, guest: Guest) -> Person:
    if guest.email:
        person, made = accounts.person_with_email(work, email=accounts.clean_email(guest.email), name=guest.name)
    else:
        person, made = Person(name=guest.name, created_at=work.now), True
        work.session.add(person)
        work.session.flush()
    if made:
        person.phone = guest.phone
        accounts.set_affiliation(work, person_id=person.id, organisation_id=guest.organisation_id, sector=guest.sector)
    return person


def _add_booking(
    work: Work, event: Event, person: Person, part_ids: Collection[int], party: Party, source: BookingSource
) -> Booking:
    refuse_second(work, event, person, source)
    parts = chosen_parts(work, event, part_ids)
    refuse_if_full(event, parts, party.size)
    standing = standing_of(work, person.id)
    waited_for = somebody_waits(work, event.id)
    if waited_for:
        leave_line(work, event, person.id, state=WaitingState.BOOKED)
    if waited_for or is_shared_out(event, work.now):
        refuse_to_pass(work, event, parts, seats=party.size, organisation_id=standing.organisation_id)
    booking = new_booking(work, event, person, party, source, standing)
    claim(work, event, parts, party.size, booking_id=booking.id)
    settle(work, booking, party, parts)
    if waited_for:
        advance(work, event)  # whoever waited may have kept places from others
    return booking


def refuse_second(work: Work, event: Event, person: Person, source: BookingSource) -> None:
    live = select(Booking.id).where(
        Booking.event_id == event.id, Booking.person_id == person.id, Booking.state == BookingState.LIVE
    )
    if work.session.scalar(live) is not None:
        raise Refusal(
            marked("%(name)s already has a booking here. Change that one instead.")
            if source is BookingSource.STAFF
            else marked("You have already booked. Change that booking instead."),
            **({"name": person.name} if source is BookingSource.STAFF else {}),
        )


def new_booking(
    work: Work, event: Event, person: Person, party: Party, source: BookingSource, standing: Standing
) -> Booking:
    booking = Booking(
        event_id=event.id,
        person_id=person.id,
        party_size=party.size,
        state=BookingState.LIVE,
        source=source,
        by_person_id=work.actor.person_id,
        booked_at=work.now,
        organisation_id=standing.organisation_id,
        sector=standing.sector,
        membership=standing.membership,
        newer_member=standing.newer_member,
    )
    work.session.add(booking)
    work.session.flush()
    return booking


def settle(work: Work, booking: Booking, party: Party, parts: Sequence[Part]) -> None:
    """Give a new booking its seats and calendar entries, and confirm it."""
    add_seats(work, booking, party, range(party.size))
    add_entries(work, booking, list(enumerate(parts)))
    tell(work, booking, "booking_confirmed", key=f"booking-confirmed:{booking.id}")


def refuse_outside_window(work: Work, event: Event) -> None:
    if event.state is EventState.CANCELLED:
        raise Refusal(marked("“%(title)s” has been cancelled"), title=event.title)
    if event.opens_at is not None and work.now < event.opens_at:
        raise Refusal(marked("Booking has not opened yet"))
    if event.closes_at is not None and work.now >= event.closes_at:
        raise Refusal(marked("Booking has closed"))
