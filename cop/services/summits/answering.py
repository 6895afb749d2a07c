"""Answering an invitation: by whoever is invited, or by staff for them. Only a yes makes a booking."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from sqlalchemy import delete

from cop.core.access import EVENT_STAFF
from cop.core.errors import NotFound, Refusal, marked
from cop.core.work import Work
from cop.models.accounts import Person
from cop.models.events import Arrangement, Booking, EntryStatus, Event, EventState, Part, PartState, Queue
from cop.models.summits import Answer, Invitation, PartKind
from cop.models.waiting import WaitingState
from cop.queries.summits import Needs, Stop, kept_needs, stop_for, successor_of, version_of
from cop.queries.waiting import somebody_waits
from cop.services import outbox
from cop.services.events import booking as bookings
from cop.services.events.arrangements import Diet, save_arrangements
from cop.services.events.booking.places import entries_of
from cop.services.summits.shared import live_booking, locked_invitation, note_answer, open_proposal

REASONS = {
    Stop.WITHDRAWN: marked("This invitation was withdrawn"),
    Stop.CANCELLED: marked("“%(title)s” has been cancelled"),
    Stop.BEGUN: marked("“%(title)s” has begun, so answers stay as they are"),
    Stop.EARLY: marked("Invitations cannot be answered yet"),
    Stop.CLOSED: marked("Answers have closed. Write to us, and we will see what we can do."),
    Stop.LATE: marked("It is too late to change your answer here. Write to us, so that we know."),
}


@dataclass(frozen=True)
class Reply:
    """``breakouts`` and ``needs`` count with a yes only.

    ``keeps_blanks`` says that the page did not show what was said before, so that a blank takes nothing back.
    ``seen`` is the version of the answer that the page showed; leave it None where nobody looked at a page.
    """

    response: Answer
    breakouts: Collection[int] = ()
    needs: Needs = field(default_factory=Needs)
    keeps_blanks: bool = False
    seen: int | None = None


def answer(work: Work, *, public_id: str, reply: Reply) -> Invitation:
    """Give the answer, or another than before: a yes books, holds on to what it has, or moves; the others end it.

    Answers to one summit are taken one after the other, so that two windows make neither two bookings nor a mix.
    """
    event, invitation = locked_invitation(work, public_id)
    person = work.session.get_one(Person, invitation.person_id)
    is_staff = work.actor.may(*EVENT_STAFF, programme_id=event.programme_id, event_id=event.id)
    if not is_staff and (invitation.person_id != work.actor.person_id or event.state is EventState.DRAFT):
        raise NotFound
    if event.state is EventState.DRAFT:
        raise Refusal(marked("This is a draft: publish it before you enter answers"))
    stop = stop_for(event, invitation, work.now, is_staff=is_staff)
    if stop is not None:
        raise Refusal(REASONS[stop], **({"title": event.title} if "%(title)s" in REASONS[stop] else {}))
    if reply.seen is not None and reply.seen != version_of(invitation):
        raise Refusal(
            marked(
                "This invitation was answered elsewhere meanwhile. See above what counts now, then send yours again."
            )
        )
    if reply.response is Answer.NONE:
        raise Refusal(marked("Choose an answer"), field="response")
    if not is_staff:
        _refuse_beside_substitute(work, invitation, reply.response)
    booking = live_booking(work, invitation)
    if reply.response is Answer.YES:
        _come(work, event, person, booking, reply)
    elif booking is not None:
        _stay_away(work, booking, person)
    if reply.response is Answer.NO:
        _wait_no_more(work, event, person)
    note_answer(work, invitation, reply.response)
    work.session.flush()
    return invitation


def _refuse_beside_substitute(work: Work, invitation: Invitation, response: Answer) -> None:
    """One invitation is one place: whoever wants to send somebody keeps it for them until that is decided."""
    proposal = open_proposal(work, invitation)
    if proposal is not None and response is not Answer.YES:
        raise Refusal(
            marked(
                "You want to send %(name)s in your place, so we keep it for now. If nobody is to come, take that back "
                "first."
            ),
            field="response",
            name=proposal.name,
        )
    successor = successor_of(work, invitation)
    if successor is not None and response is Answer.YES:
        raise Refusal(
            marked("%(name)s has your place. Write to us if you would like to come as well."),
            field="response",
            name=successor,
        )


def _come(work: Work, event: Event, person: Person, booking: Booking | None, reply: Reply) -> None:
    held = {part.id for part in _held_breakouts(work, event, booking)}
    _refuse_breakouts(event, reply, held)
    if booking is None:
        if event.capacity is not None and event.seats_taken >= event.capacity:
            raise Refusal(
                marked("All places are taken just now")
                if event.queue is Queue.NONE
                else marked("All places are taken. Join the waiting list, and we write when there is one for you."),
                field="response",
            )
        booking = bookings.book_invited(work, event_id=event.id, person=person, part_ids=set(reply.breakouts))
    elif held != set(reply.breakouts):
        party = bookings.Party(booking.party_size)
        bookings.change(work, public_id=booking.public_id, part_ids=set(reply.breakouts), party=party)
    _save_needs(work, booking, reply)


def _held_breakouts(work: Work, event: Event, booking: Booking | None) -> Sequence[Part]:
    entries = entries_of(work, booking) if booking is not None else []
    held = {entry.part_id for entry in entries if entry.status is EntryStatus.CONFIRMED}
    return [part for part in event.parts if part.id in held and part.kind == PartKind.BREAKOUT]


def _refuse_breakouts(event: Event, reply: Reply, held: Collection[int]) -> None:
    """Say beside the list what the engine would say of no field that stands on the page."""
    parts = [part for part in event.parts if part.id in reply.breakouts and part.kind == PartKind.BREAKOUT]
    if len(parts) != len(set(reply.breakouts)):
        raise Refusal(marked("Choose from the list of breakouts"), field="breakouts")
    for part in parts:
        if part.state is PartState.CANCELLED:
            raise Refusal(
                marked("“%(title)s” has been cancelled. Choose another."), field="breakouts", title=part.title
            )
        if part.id not in held and part.places_left is not None and part.places_left <= 0:
            raise Refusal(marked("“%(title)s” is full. Choose another."), field="breakouts", title=part.title)


def _save_needs(work: Work, booking: Booking, reply: Reply) -> None:
    needs = reply.needs.or_before(kept_needs(work, booking_id=booking.id)) if reply.keeps_blanks else reply.needs
    if not (needs.has_access or needs.has_diet):
        work.session.execute(delete(Arrangement).where(Arrangement.booking_id == booking.id))
        return
    diet = Diet(tuple(needs.allergens), tuple(needs.ways), needs.food)
    save_arrangements(work, booking_id=booking.id, access=needs.access_text, diet=diet)


def _stay_away(work: Work, booking: Booking, person: Person) -> None:
    bookings.end_booking(work, booking, entries_of(work, booking))
    key = f"booking-cancelled:{booking.id}"
    outbox.post(work, key=key, to=person, template="booking_cancelled", booking_id=booking.id)
    bookings.advance(work, work.session.get_one(Event, booking.event_id))


def _wait_no_more(work: Work, event: Event, person: Person) -> None:
    """Whoever says no does not wait for a place either, and what was held for them goes to the next."""
    if somebody_waits(work, event.id):
        bookings.leave_line(work, event, person.id, state=WaitingState.LEFT)
        bookings.advance(work, event)
