"""Booking, changing and cancelling, for a party whose names may come later.

Visits and webinars are booked by those who come. A place at a summit follows from an invitation
(:func:`book_invited`), one on a course from an offer (:func:`book_offered`).
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from sqlalchemy import delete, func, insert, select, update

from cop.core.access import EVENT_STAFF
from cop.core.errors import NotFound, Refusal, marked
from cop.core.work import Work
from cop.models.accounts import Person, Sector
from cop.models.events import (
    Booking,
    BookingSource,
    BookingState,
    Choice,
    Claim,
    Entry,
    EntryStatus,
    Event,
    EventKind,
    EventState,
    Mark,
    Part,
    PartState,
    Seat,
    Visibility,
)
from cop.models.summits import Answer, Invitation
from cop.queries.accounts import standing_of
from cop.services import accounts, outbox
from cop.services.events.locking import lock_event, lock_parts

STAFF_PARTY_MAX = 100

BOOKED_FREELY = (EventKind.VISIT, EventKind.WEBINAR, EventKind.MEET_UP)

AGENDA = "agenda"
"""The kind of part that belongs to every booking where the others, such as breakouts, are chosen."""


@dataclass(frozen=True)
class Party:
    """How many come, and the names of those beside the booker that are known already."""

    size: int
    names: tuple[str, ...] = ()

    def name_at(self, position: int) -> str | None:
        """The name of the seat, counted from the booker's own at 0; None for the booker and for whom nobody named."""
        return self.names[position - 1] if 0 < position <= len(self.names) else None


@dataclass(frozen=True)
class Guest:
    """Somebody whom staff book for: known by e-mail, or by name alone."""

    name: str
    email: str | None = None
    phone: str | None = None
    organisation_id: int | None = None
    sector: Sector | None = None


def book(work: Work, *, event_id: int, part_ids: Collection[int], party: Party) -> Booking:
    """Book for the acting person, or refuse with the rule that stands against it."""
    event = lock_event(work, event_id)
    person = work.session.get(Person, work.actor.person_id) if work.actor.person_id else None
    if person is None or event.state is EventState.DRAFT or event.visibility is Visibility.INVITED:
        raise NotFound
    if event.kind not in BOOKED_FREELY:
        raise NotFound
    _refuse_outside_window(work, event)
    _refuse_party(party, event.party_max)
    return _add_booking(work, event, person, part_ids, party, BookingSource.SELF)


def book_for(work: Work, *, event_id: int, part_ids: Collection[int], party: Party, guest: Guest) -> Booking:
    """Book for somebody else, with or without e-mail; staff may book outside the booking window."""
    event = lock_event(work, event_id)
    if not _is_staff(work, event) or event.kind not in BOOKED_FREELY:
        raise NotFound
    if event.state is EventState.DRAFT:
        raise Refusal(marked("This is a draft: publish it before you book for somebody"))
    _refuse_party(party, STAFF_PARTY_MAX)
    return _add_booking(work, event, _person_of(work, guest), part_ids, party, BookingSource.STAFF)


def book_invited(work: Work, *, event_id: int, person: Person, part_ids: Collection[int]) -> Booking:
    """The booking of somebody who said yes to an invitation; the caller has locked and checked the invitation."""
    event = lock_event(work, event_id)
    _refuse_outside_window(work, event)
    return _add_booking(work, event, person, part_ids, Party(1), BookingSource.INVITATION)


def hold_for_offer(work: Work, event: Event, *, offer_id: int, seats: int) -> None:
    """Claim the event and all its parts for an offer; the event is locked. Refused where no place is left."""
    parts = _chosen_parts(work, event, ())
    _refuse_if_full(event, parts, seats)
    _claim(work, event, parts, seats, offer_id=offer_id)


def release_offer(work: Work, *, offer_id: int) -> None:
    """Give back what an offer held; the event is locked."""
    held = update(Claim).where(Claim.offer_id == offer_id, Claim.released_at.is_(None))
    work.session.execute(held.values(released_at=work.now))


def book_offered(work: Work, event: Event, *, offer_id: int, person: Person, seats: int) -> Booking:
    """Turn an open offer into a booking: what it claimed passes over, so no place is free for a moment between.

    The event is locked, and the caller has checked the offer.
    """
    _refuse_second(work, event, person, BookingSource.OFFER)
    booking = _new_booking(work, event, person, Party(seats), BookingSource.OFFER)
    held = update(Claim).where(Claim.offer_id == offer_id, Claim.released_at.is_(None))
    work.session.execute(held.values(offer_id=None, booking_id=booking.id))
    claimed = select(Claim.part_id).where(Claim.booking_id == booking.id, Claim.part_id.is_not(None))
    parts = lock_parts(work, event.id, [part_id for part_id in work.session.scalars(claimed) if part_id is not None])
    _settle(work, booking, Party(seats), parts)
    return booking


def _person_of(work: Work, guest: Guest) -> Person:
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
    _refuse_second(work, event, person, source)
    parts = _chosen_parts(work, event, part_ids)
    _refuse_if_full(event, parts, party.size)
    booking = _new_booking(work, event, person, party, source)
    _claim(work, event, parts, party.size, booking_id=booking.id)
    _settle(work, booking, party, parts)
    return booking


def _refuse_second(work: Work, event: Event, person: Person, source: BookingSource) -> None:
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


def _new_booking(work: Work, event: Event, person: Person, party: Party, source: BookingSource) -> Booking:
    standing = standing_of(work, person.id)
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


def _settle(work: Work, booking: Booking, party: Party, parts: Sequence[Part]) -> None:
    """Give a new booking its seats and calendar entries, and confirm it."""
    _add_seats(work, booking, party, range(party.size))
    _add_entries(work, booking, list(enumerate(parts)))
    _tell(work, booking, "booking_confirmed", key=f"booking-confirmed:{booking.id}")


def change(work: Work, *, public_id: str, part_ids: Collection[int], party: Party) -> Booking:
    """Move a booking to other parts or another party size; its calendar entry moves along under the same UID."""
    booking, event = _lock_booking(work, public_id)
    is_staff = _refuse_late(work, event, booking)
    _refuse_party(party, STAFF_PARTY_MAX if is_staff else max(event.party_max, booking.party_size))
    entries = _entries(work, booking)
    held = [entry.part_id for entry in entries if entry.status is EntryStatus.CONFIRMED]
    _refuse_begun(work, lock_parts(work, event.id, {*held, *part_ids}), held, is_staff=is_staff)
    _release_claims(work, booking)
    event = lock_event(work, event.id)  # its counter has moved with the release
    parts = _chosen_parts(work, event, part_ids)
    _refuse_if_full(event, parts, party.size)
    is_news = (booking.party_size, held) != (party.size, [part.id for part in parts])
    booking.party_size = party.size
    _claim(work, event, parts, party.size, booking_id=booking.id)
    _seat_party(work, booking, party)
    _move_entries(work, booking, entries, parts)
    work.session.flush()
    if is_news:
        _tell(work, booking, "booking_changed", key=f"booking-changed:{booking.id}:{work.now.isoformat()}")
    return booking


def cancel(work: Work, *, public_id: str) -> Booking:
    """Give the seats back at once and take the entry out of the person's calendar."""
    booking, event = _lock_booking(work, public_id)
    is_staff = _refuse_late(work, event, booking)
    entries = _entries(work, booking)
    held = [entry.part_id for entry in entries if entry.status is EntryStatus.CONFIRMED]
    _refuse_begun(work, lock_parts(work, event.id, held), held, is_staff=is_staff)
    end_booking(work, booking, entries)
    if booking.source is BookingSource.INVITATION:  # whoever gives a place back has changed their answer
        invited = update(Invitation).where(
            Invitation.event_id == event.id,
            Invitation.person_id == booking.person_id,
            Invitation.response == Answer.YES,
        )
        work.session.execute(invited.values(response=Answer.NO, answered_at=work.now))
    _tell(work, booking, "booking_cancelled", key=f"booking-cancelled:{booking.id}")
    return booking


def _tell(work: Work, booking: Booking, template: str, *, key: str) -> None:
    person = work.session.get_one(Person, booking.person_id)
    outbox.post(work, key=key, to=person, template=template, booking_id=booking.id)


def end_booking(work: Work, booking: Booking, entries: Iterable[Entry]) -> None:
    """Cancel a locked booking with everything that hangs on it; what to tell the person is the caller's business."""
    booking.state, booking.cancelled_at = BookingState.CANCELLED, work.now
    _release_claims(work, booking)
    work.session.execute(update(Seat).where(Seat.booking_id == booking.id).values(live=False))
    for entry in entries:
        if entry.status is EntryStatus.CONFIRMED:
            entry.status, entry.sequence, entry.changed_at = EntryStatus.CANCELLED, entry.sequence + 1, work.now
    work.session.flush()


def _is_staff(work: Work, event: Event) -> bool:
    return work.actor.may(*EVENT_STAFF, programme_id=event.programme_id, event_id=event.id)


def _lock_booking(work: Work, public_id: str) -> tuple[Booking, Event]:
    """The booking and its event, if the actor owns the one or runs the other."""
    event_id = work.session.scalar(select(Booking.event_id).where(Booking.public_id == public_id))
    if event_id is None:
        raise NotFound
    event = lock_event(work, event_id)
    found = select(Booking).where(Booking.public_id == public_id).with_for_update(key_share=True)
    booking = work.session.scalars(found.execution_options(populate_existing=True)).one()
    if booking.person_id != work.actor.person_id and not _is_staff(work, event):
        raise NotFound
    return booking, event


def _refuse_late(work: Work, event: Event, booking: Booking) -> bool:
    """Refuse what comes too late for the booker; whether the actor is staff, who may act later."""
    if booking.state is BookingState.CANCELLED:
        raise Refusal(marked("This booking has been cancelled already"))
    is_staff = _is_staff(work, event)
    if not is_staff and event.change_until is not None and work.now >= event.change_until:
        raise Refusal(marked("It is too late to change or cancel here. Please tell the host instead."))
    return is_staff


def _refuse_begun(work: Work, parts: Iterable[Part], held: Collection[int], *, is_staff: bool) -> None:
    for part in parts:
        if not is_staff and part.id in held and part.starts_at <= work.now:
            raise Refusal(marked("“%(title)s” has already begun, so the booking stays as it is"), title=part.title)


def _refuse_outside_window(work: Work, event: Event) -> None:
    if event.state is EventState.CANCELLED:
        raise Refusal(marked("“%(title)s” has been cancelled"), title=event.title)
    if event.opens_at is not None and work.now < event.opens_at:
        raise Refusal(marked("Booking has not opened yet"))
    if event.closes_at is not None and work.now >= event.closes_at:
        raise Refusal(marked("Booking has closed"))


def _refuse_party(party: Party, most: int) -> None:
    if not 1 <= party.size <= most:
        raise Refusal(marked("A party here is 1 to %(most)s people"), field="party_size", most=most)
    if len(party.names) > party.size - 1:
        raise Refusal(
            marked("You gave more names than your party has people beside you (%(others)s)"),
            field="names",
            others=party.size - 1,
        )


def _chosen_parts(work: Work, event: Event, part_ids: Collection[int]) -> Sequence[Part]:
    if event.state is EventState.CANCELLED:
        raise Refusal(marked("“%(title)s” has been cancelled"), title=event.title)
    if event.choice is not Choice.ONE:
        planned = select(Part.id).where(Part.event_id == event.id, Part.state == PartState.PLANNED)
        if event.choice is Choice.ALL:
            part_ids = work.session.scalars(planned).all()
        else:
            part_ids = {*part_ids, *work.session.scalars(planned.where(Part.kind == AGENDA))}
    parts = lock_parts(work, event.id, part_ids)
    if len(parts) != len(set(part_ids)) or (event.choice is Choice.ONE and len(parts) != 1):
        raise Refusal(marked("Choose one of the times in the list"), field="slot")
    for part in parts:
        if part.state is PartState.CANCELLED:
            raise Refusal(marked("This time has been cancelled. Choose another."), field="slot")
        if part.starts_at <= work.now:
            raise Refusal(marked("This time has passed. Choose another."), field="slot")
    chosen = [part for part in parts if event.choice is Choice.ANY and part.kind != AGENDA]
    for earlier, later in pairwise(chosen):
        if later.starts_at < earlier.ends_at:
            raise Refusal(
                marked("“%(first)s” and “%(second)s” are at the same time. Choose one of them."),
                field="breakouts",
                first=earlier.title,
                second=later.title,
            )
    return parts


def _refuse_if_full(event: Event, parts: Sequence[Part], size: int) -> None:
    """Say politely what the constraint would say anyway."""
    left = [part.places_left for part in parts]
    if event.capacity is not None:
        left.append(event.capacity - event.seats_taken)
    tightest = min((places for places in left if places is not None), default=size)
    if tightest <= 0:
        raise Refusal(marked("This time is full. Choose another."), field="slot")
    if tightest < size:
        raise Refusal(
            marked("Only %(left)s places are left at this time, and your party is %(size)s")
            if tightest > 1
            else marked("Only one place is left at this time, and your party is %(size)s"),
            field="party_size",
            size=size,
            **({"left": tightest} if tightest > 1 else {}),
        )


def _claim(work: Work, event: Event, parts: Sequence[Part], seats: int, **holder: int) -> None:
    """Claim the event and then each part by id: the trigger counts in that order, the order of all locks.

    ``holder`` is ``booking_id`` or ``offer_id``.
    """
    rows = [
        {"event_id": event.id, "part_id": part_id, "seats": seats, **holder}
        for part_id in (None, *sorted(part.id for part in parts))
    ]
    work.session.execute(insert(Claim), rows)


def _release_claims(work: Work, booking: Booking) -> None:
    held = update(Claim).where(Claim.booking_id == booking.id, Claim.released_at.is_(None))
    work.session.execute(held.values(released_at=work.now))


def _seat_party(work: Work, booking: Booking, party: Party) -> None:
    """Give the seats that stay their names, add those that are missing, and take away those too many."""
    held = select(Seat).where(Seat.booking_id == booking.id)
    seats = {seat.position: seat for seat in work.session.scalars(held).all()}
    for position, seat in seats.items():
        seat.name = party.name_at(position)
    work.session.flush()
    _add_seats(work, booking, party, [position for position in range(party.size) if position not in seats])
    spare = [seat.id for position, seat in seats.items() if position >= party.size]
    if spare:
        marked_seats = select(func.count()).select_from(Mark).where(Mark.seat_id.in_(spare))
        if work.session.scalar(marked_seats):
            raise Refusal(marked("Attendance of this party has been marked already"), field="party_size")
        work.session.execute(delete(Seat).where(Seat.id.in_(spare)))


def _add_seats(work: Work, booking: Booking, party: Party, positions: Iterable[int]) -> None:
    """One seat a head: the booker first, then those named, then those to be named later."""
    rows = [
        {
            "booking_id": booking.id,
            "event_id": booking.event_id,
            "position": position,
            "person_id": booking.person_id if position == 0 else None,
            "name": party.name_at(position),
            "live": True,
        }
        for position in positions
    ]
    if rows:
        work.session.execute(insert(Seat), rows)


def _add_entries(work: Work, booking: Booking, parts: Sequence[tuple[int, Part]]) -> None:
    rows = [
        {"booking_id": booking.id, "position": position, "part_id": part.id, "changed_at": work.now}
        for position, part in parts
    ]
    if rows:
        work.session.execute(insert(Entry), rows)


def _entries(work: Work, booking: Booking) -> Sequence[Entry]:
    return work.session.scalars(select(Entry).where(Entry.booking_id == booking.id).order_by(Entry.position)).all()


def _move_entries(work: Work, booking: Booking, entries: Sequence[Entry], parts: Sequence[Part]) -> None:
    """Hand the parts to the entries in order, so that a person's calendar shows a move and not a new thing."""
    _add_entries(work, booking, list(enumerate(parts))[len(entries) :])
    for position, part in enumerate(parts[: len(entries)]):
        if (entries[position].part_id, entries[position].status) != (part.id, EntryStatus.CONFIRMED):
            _touch(entries[position], work.now, part_id=part.id, status=EntryStatus.CONFIRMED)
    for entry in entries[len(parts) :]:
        if entry.status is EntryStatus.CONFIRMED:
            _touch(entry, work.now, part_id=entry.part_id, status=EntryStatus.CANCELLED)


def _touch(entry: Entry, now: datetime, *, part_id: int, status: EntryStatus) -> None:
    entry.part_id, entry.status, entry.changed_at = part_id, status, now
    entry.sequence += 1
