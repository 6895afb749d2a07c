"""Those who come without a booking: seats and marks, and no claims, because the room decides how many fit."""

from collections.abc import Iterable, Sequence

from sqlalchemy import insert, select, update

from cop.core.errors import NotFound, Refusal, marked
from cop.core.work import Work
from cop.models.accounts import Affiliation, Person
from cop.models.events import (
    Attendance,
    Booking,
    BookingSource,
    BookingState,
    Event,
    EventState,
    Mark,
    MarkSource,
    Part,
    PartState,
    Seat,
)
from cop.models.waiting import WaitingState
from cop.queries import organisations
from cop.queries.accounts import standing_of
from cop.queries.waiting import somebody_waits
from cop.services import accounts
from cop.services.events.attendance import part_to_mark
from cop.services.events.booking import STAFF_PARTY_MAX, advance, leave_line
from cop.services.events.locking import lock_event
from cop.services.organisations import clean_name, clean_text


def add_walk_in(
    work: Work,
    *,
    event_id: int,
    part_id: int,
    name: str,
    email: str | None = None,
    organisation: str = "",
    party_size: int = 1,
    source: MarkSource = MarkSource.CHECK_IN,
) -> Booking:
    """Write down somebody who is here without a booking, and mark their whole party as here.

    Whoever is known by that address is taken as they are: what was typed changes nothing about them. Whoever came to
    another part of the event like this before keeps one booking. Whoever waits for the event waits no more, and places
    that were held for them are offered to the next.
    """
    part, event = part_to_mark(work, part_id)
    if event.id != event_id:
        raise NotFound
    event = lock_event(work, event.id)
    work.session.refresh(part)
    refuse_what_does_not_happen(event, part)
    if not 1 <= party_size <= STAFF_PARTY_MAX:
        raise Refusal(marked("A party here is 1 to %(most)s people"), field="party_size", most=STAFF_PARTY_MAX)
    typed = clean_name(name)
    person = _person(work, typed, email, organisation)
    booking = _live_booking(work, event, person)
    if booking is None:
        booking = _new_booking(work, event, person)
    elif booking.source is not BookingSource.WALK_IN:
        raise Refusal(
            marked("%(name)s has a booking here. Look for it in the list, and mark it there."),
            field="email",
            name=typed,
        )
    elif _current_marks(work, booking, part):
        raise Refusal(
            marked("%(name)s is among those who came to this time without a booking already."),
            field="email",
            name=typed,
        )
    _mark_here(work, _seats(work, booking, typed, party_size), part, source)
    _wait_no_more(work, event, person)
    return booking


def seat_without_booking(
    work: Work, event: Event, *, person_id: int | None, name: str, email: str | None, organisation: str = ""
) -> int:
    """The seat of somebody whom a report names and who had not booked; nothing is marked yet.

    ``person_id`` is set where it is known who they are. The caller has locked the event and checked who asks.
    """
    typed = clean_name(name)
    known = work.session.get(Person, person_id) if person_id is not None else None
    person = known or _person(work, typed, email, organisation)
    booking = _live_booking(work, event, person)
    if booking is None:
        booking = _new_booking(work, event, person)
        _wait_no_more(work, event, person)
    return _seats(work, booking, typed, 1)[0]


def end_unmarked(work: Work, seat_ids: Iterable[int]) -> None:
    """End those walk-ins among these seats of whom nothing is marked any more, as if they had never been."""
    seats = select(Seat.booking_id).where(Seat.id.in_(list(seat_ids)))
    found = select(Booking).where(
        Booking.id.in_(seats), Booking.source == BookingSource.WALK_IN, Booking.state == BookingState.LIVE
    )
    for booking in work.session.scalars(found.order_by(Booking.id).with_for_update(key_share=True)).all():
        if not _current_marks(work, booking):
            _end(work, booking)
    work.session.flush()


def take_back(work: Work, *, event_id: int, part_id: int, public_id: str) -> None:
    """Undo a walk-in that was written down by mistake; without any part left, its booking ends."""
    part, event = part_to_mark(work, part_id)
    found = select(Booking).where(
        Booking.public_id == public_id, Booking.event_id == event_id, Booking.source == BookingSource.WALK_IN
    )
    booking = work.session.scalars(found.with_for_update(key_share=True)).one_or_none()
    if booking is None or event.id != event_id:
        raise NotFound
    marks = _current_marks(work, booking, part)
    if not marks:
        raise Refusal(marked("Somebody else took this back a moment ago."))
    work.session.execute(update(Mark).where(Mark.id.in_(marks)).values(superseded_at=work.now))
    if not _current_marks(work, booking):
        _end(work, booking)
    work.session.flush()


def _end(work: Work, booking: Booking) -> None:
    booking.state, booking.cancelled_at = BookingState.CANCELLED, work.now
    work.session.execute(update(Seat).where(Seat.booking_id == booking.id).values(live=False))


def _wait_no_more(work: Work, event: Event, person: Person) -> None:
    """Places that were held for somebody who is here are offered to the next."""
    if somebody_waits(work, event.id):
        leave_line(work, event, person.id, state=WaitingState.LEFT)
        advance(work, event)


def refuse_what_does_not_happen(event: Event, part: Part) -> None:
    if event.state is EventState.DRAFT:
        raise Refusal(marked("This is a draft: publish it before somebody can come to it"))
    if event.state is EventState.CANCELLED:
        raise Refusal(marked("“%(title)s” has been cancelled"), title=event.title)
    if part.state is PartState.CANCELLED:
        raise Refusal(marked("This time has been cancelled. Choose another."), field="part")


def _person(work: Work, name: str, email: str | None, organisation: str) -> Person:
    if email:
        person, made = accounts.person_with_email(work, email=accounts.clean_email(email), name=name)
    else:
        person, made = Person(name=name, created_at=work.now), True
        work.session.add(person)
        work.session.flush()
    place = clean_text(organisation)
    if made and place:
        known = organisations.named(work, place)
        belonging = Affiliation(
            person_id=person.id,
            organisation_id=known.id if known else None,
            organisation_text=None if known else place,
            relation=accounts.relation_for(None),
            from_on=work.now.date(),
        )
        work.session.add(belonging)
        work.session.flush()
    return person


def _live_booking(work: Work, event: Event, person: Person) -> Booking | None:
    live = select(Booking).where(
        Booking.event_id == event.id, Booking.person_id == person.id, Booking.state == BookingState.LIVE
    )
    return work.session.scalars(live.with_for_update(key_share=True)).one_or_none()


def _new_booking(work: Work, event: Event, person: Person) -> Booking:
    standing = standing_of(work, person.id)
    booking = Booking(
        event_id=event.id,
        person_id=person.id,
        party_size=1,
        state=BookingState.LIVE,
        source=BookingSource.WALK_IN,
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


def _seats(work: Work, booking: Booking, name: str, party_size: int) -> Sequence[int]:
    """The first seats of the booking, with new ones where it has had fewer. The first bears the name as typed."""
    seats = select(Seat.id).where(Seat.booking_id == booking.id).order_by(Seat.position)
    held = len(work.session.scalars(seats).all())
    rows = [
        {
            "booking_id": booking.id,
            "event_id": booking.event_id,
            "position": position,
            "person_id": booking.person_id if position == 0 else None,
            "name": name if position == 0 else None,
            "live": True,
        }
        for position in range(held, party_size)
    ]
    if rows:
        work.session.execute(insert(Seat), rows)
    booking.party_size = max(held, party_size)
    return work.session.scalars(seats.limit(party_size)).all()


def _mark_here(work: Work, seat_ids: Sequence[int], part: Part, source: MarkSource) -> None:
    work.session.add_all(
        Mark(
            part_id=part.id,
            seat_id=seat_id,
            status=Attendance.ATTENDED,
            source=source,
            recorded_at=work.now,
            recorded_by=work.actor.person_id,
        )
        for seat_id in seat_ids
    )
    work.session.flush()


def _current_marks(work: Work, booking: Booking, part: Part | None = None) -> Sequence[int]:
    found = select(Mark.id).join(Seat, Seat.id == Mark.seat_id)
    found = found.where(Seat.booking_id == booking.id, Mark.superseded_at.is_(None))
    return work.session.scalars(found if part is None else found.where(Mark.part_id == part.id)).all()
