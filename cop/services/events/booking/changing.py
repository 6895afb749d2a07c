"""Changing and cancelling, by the booker until it is too late and by staff also later."""

from collections.abc import Collection, Iterable

from sqlalchemy import delete, select, update

from cop.core.errors import NotFound, Refusal, marked
from cop.core.work import Work
from cop.models.events import (
    Arrangement,
    Booking,
    BookingSource,
    BookingState,
    Entry,
    EntryStatus,
    Event,
    EventKind,
    Part,
    Seat,
)
from cop.models.summits import Answer, Invitation, Substitution, SubstitutionState
from cop.models.waiting import WaitingState
from cop.queries.waiting import is_shared_out, somebody_waits
from cop.services.events.booking.parties import STAFF_PARTY_MAX, Party, party_of, refuse_party, seat_party
from cop.services.events.booking.places import (
    chosen_parts,
    claim,
    entries_of,
    move_entries,
    refuse_if_full,
    release_claims,
)
from cop.services.events.booking.queue import advance, leave_line, refuse_to_pass
from cop.services.events.booking.shared import runs, tell
from cop.services.events.locking import lock_event, lock_parts


def change(work: Work, *, public_id: str, part_ids: Collection[int], party: Party) -> Booking:
    """Move a booking to other parts or another party size; its calendar entry moves along under the same UID.

    Of a meet-up, the dates to come are chosen anew; those that have begun stay in the booking, named or not.
    """
    booking, event = _lock_booking(work, public_id)
    is_staff = _refuse_late(work, event, booking)
    if booking.source is BookingSource.WALK_IN:
        raise Refusal(marked("This party came without a booking, so it holds no place that could be changed"))
    refuse_party(party, STAFF_PARTY_MAX if is_staff else max(event.party_max, booking.party_size))
    entries = entries_of(work, booking)
    held = [entry.part_id for entry in entries if entry.status is EntryStatus.CONFIRMED]
    wanted = lock_parts(work, event.id, {*held, *part_ids})
    lasting = _lasting(work, event, wanted, held)
    past_ids = {part.id for part in lasting}
    _refuse_begun(work, wanted, {*held} - past_ids, is_staff=is_staff)
    waited_for = somebody_waits(work, event.id)
    regards_others = waited_for or is_shared_out(event, work.now)
    stays = set(held) == {*part_ids, *past_ids}
    if regards_others and stays and party.size > booking.party_size:
        more = party.size - booking.party_size
        refuse_to_pass(work, event, wanted, seats=more, organisation_id=booking.organisation_id)
    release_claims(work, booking)
    event = lock_event(work, event.id)  # its counter has moved with the release
    coming = {*part_ids} - past_ids
    chosen = chosen_parts(work, event, coming) if coming or not lasting else []
    parts = [*lasting, *chosen]
    refuse_if_full(event, chosen, party.size)
    if regards_others and not stays:
        refuse_to_pass(work, event, parts, seats=party.size, organisation_id=booking.organisation_id)
    is_news = (booking.party_size, held) != (party.size, [part.id for part in parts])
    booking.party_size = party.size
    claim(work, event, parts, party.size, booking_id=booking.id)
    seat_party(work, booking, party)
    move_entries(work, booking, entries, parts)
    work.session.flush()
    if is_news:
        tell(work, booking, "booking_changed", key=f"booking-changed:{booking.id}:{work.now.isoformat()}")
    if waited_for:
        advance(work, event)
    return booking


def cancel(work: Work, *, public_id: str) -> Booking:
    """Give the seats back at once and take the entry out of the person's calendar.

    Whoever has been to a date of a meet-up keeps those that were, and gives back those to come.
    """
    booking, event = _lock_booking(work, public_id)
    is_staff = _refuse_late(work, event, booking)
    entries = entries_of(work, booking)
    held = [entry.part_id for entry in entries if entry.status is EntryStatus.CONFIRMED]
    parts = lock_parts(work, event.id, held)
    if 0 < len(_lasting(work, event, parts, held)) < len(held):
        return change(work, public_id=public_id, part_ids=(), party=party_of(work, booking))
    _refuse_begun(work, parts, held, is_staff=is_staff)
    if not is_staff:
        _refuse_before_substitute(work, booking)
    end_booking(work, booking, entries)
    if somebody_waits(work, event.id):
        leave_line(work, event, booking.person_id, state=WaitingState.LEFT)
        advance(work, event)
    if booking.source is BookingSource.INVITATION:  # whoever gives a place back has changed their answer
        invited = update(Invitation).where(
            Invitation.event_id == event.id,
            Invitation.person_id == booking.person_id,
            Invitation.response == Answer.YES,
        )
        work.session.execute(invited.values(response=Answer.NO, answered_at=work.now))
    tell(work, booking, "booking_cancelled", key=f"booking-cancelled:{booking.id}")
    return booking


def _refuse_before_substitute(work: Work, booking: Booking) -> None:
    """Whoever wants to send somebody in their place does not lose it before staff have decided."""
    proposed = (
        select(Substitution.name)
        .join(Invitation, Invitation.id == Substitution.invitation_id)
        .where(
            Invitation.event_id == booking.event_id,
            Invitation.person_id == booking.person_id,
            Substitution.state == SubstitutionState.PROPOSED,
        )
    )
    name = work.session.scalar(proposed)
    if name is not None:
        raise Refusal(
            marked(
                "You want to send %(name)s in your place, so we keep it for now. If nobody is to come, take that back "
                "first."
            ),
            name=name,
        )


def end_booking(work: Work, booking: Booking, entries: Iterable[Entry]) -> None:
    """Cancel a locked booking with everything that hangs on it; what to tell the person is the caller's business.

    What was arranged for somebody who does not come is forgotten at once.
    """
    booking.state, booking.cancelled_at = BookingState.CANCELLED, work.now
    release_claims(work, booking)
    work.session.execute(update(Seat).where(Seat.booking_id == booking.id).values(live=False))
    work.session.execute(delete(Arrangement).where(Arrangement.booking_id == booking.id))
    for entry in entries:
        if entry.status is EntryStatus.CONFIRMED:
            entry.status, entry.sequence, entry.changed_at = EntryStatus.CANCELLED, entry.sequence + 1, work.now
    work.session.flush()


def _lock_booking(work: Work, public_id: str) -> tuple[Booking, Event]:
    """The booking and its event, if the actor owns the one or runs the other."""
    event_id = work.session.scalar(select(Booking.event_id).where(Booking.public_id == public_id))
    if event_id is None:
        raise NotFound
    event = lock_event(work, event_id)
    found = select(Booking).where(Booking.public_id == public_id).with_for_update(key_share=True)
    booking = work.session.scalars(found.execution_options(populate_existing=True)).one()
    if booking.person_id != work.actor.person_id and not runs(work, event):
        raise NotFound
    return booking, event


def _refuse_late(work: Work, event: Event, booking: Booking) -> bool:
    """Refuse what comes too late for the booker; whether the actor is staff, who may act later."""
    if booking.state is BookingState.CANCELLED:
        raise Refusal(marked("This booking has been cancelled already"))
    is_staff = runs(work, event)
    if not is_staff and event.change_until is not None and work.now >= event.change_until:
        raise Refusal(marked("It is too late to change or cancel here. Please tell the host instead."))
    return is_staff


def _lasting(work: Work, event: Event, parts: Iterable[Part], held: Collection[int]) -> list[Part]:
    """The dates of a meet-up that somebody held when they began: each is something of its own, and stays theirs."""
    if event.kind is not EventKind.MEET_UP:
        return []
    return [part for part in parts if part.id in held and part.starts_at <= work.now]


def _refuse_begun(work: Work, parts: Iterable[Part], held: Collection[int], *, is_staff: bool) -> None:
    for part in parts:
        if not is_staff and part.id in held and part.starts_at <= work.now:
            raise Refusal(marked("“%(title)s” has already begun, so the booking stays as it is"), title=part.title)
