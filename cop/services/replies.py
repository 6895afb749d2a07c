"""Answers from people's calendars: carried out where there is no doubt, and else kept for staff."""

from dataclasses import replace
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from cop.core.access import Actor
from cop.core.errors import NotFound, Refusal, marked
from cop.core.work import Work
from cop.formats import itip
from cop.models.accounts import Person
from cop.models.events import Booking, BookingSource, BookingState, Entry, EntryStatus, Event, Part
from cop.models.replies import CalendarReply, Participation, ReplyState
from cop.models.summits import Answer, Invitation
from cop.queries import replies as queries
from cop.queries.replies import Answered, Doubt, Effect, effect_of
from cop.services import summits
from cop.services.events import booking as bookings
from cop.services.events.booking.places import entries_of
from cop.services.events.locking import lock_event_to_edit

LEAVES_IT = frozenset({Doubt.SEQUENCE, Doubt.ENDED, Doubt.OVERTAKEN})
"""Doubts that nobody has to look at: the answer was to something that is no more."""


def receive(work: Work, *, reply: itip.Reply) -> ReplyState | None:
    """Take an answer from the mailbox; what became of it, or None where it is not to us or was read before.

    It counts as the booker's own where it came to the address that only they were given, from their address, and
    speaks for it. Then it does what they could do on the page of their booking.
    """
    if not work.actor.is_admin():
        raise NotFound
    named = queries.bookings_named(reply.recipients)
    if not named or _is_known(work, reply):
        return None
    entry = _entry_of(work, reply, named)
    if entry is None:
        return _note(work, reply, ReplyState.REFUSED, Doubt.UNKNOWN)
    event = lock_event_to_edit(work, work.session.get_one(Part, entry.part_id).event_id)
    work.session.expire_all()
    if _is_known(work, reply):  # another process read the same mail and was first
        return None
    booking = work.session.get_one(Booking, entry.booking_id)
    doubt = _doubt(work, reply, event, booking, entry)
    if doubt is None:
        said = Participation(reply.participation)
        doubt = _carry_out(replace(work, actor=Actor(booking.person_id, via="link")), said, booking, entry)
    if doubt is None:
        before = update(CalendarReply).where(CalendarReply.uid == entry.uid, CalendarReply.state == ReplyState.WAITING)
        work.session.execute(before.values(state=ReplyState.OLD, reason=Doubt.OVERTAKEN, decided_at=work.now))
    return _note(work, reply, _state_of(reply, doubt), doubt, entry=entry, invitation_id=_invitation_of(work, booking))


def _state_of(reply: itip.Reply, doubt: Doubt | None) -> ReplyState:
    if doubt is None:
        return ReplyState.APPLIED
    if doubt in LEAVES_IT:
        return ReplyState.OLD
    if doubt is Doubt.STRANGER and reply.participation == "accepted" and not reply.is_counter:
        return ReplyState.APPLIED  # the place is held anyway, whoever says yes to it
    return ReplyState.WAITING


def _invitation_of(work: Work, booking: Booking) -> int | None:
    if booking.source is not BookingSource.INVITATION:
        return None
    return work.session.scalar(
        select(Invitation.id).where(Invitation.event_id == booking.event_id, Invitation.person_id == booking.person_id)
    )


def _is_known(work: Work, reply: itip.Reply) -> bool:
    return work.session.scalar(select(CalendarReply.id).where(CalendarReply.message_id == reply.id)) is not None


def _entry_of(work: Work, reply: itip.Reply, named: frozenset[str]) -> Entry | None:
    """The date that is answered, of a booking that the address names."""
    try:
        uid = UUID(reply.uid.partition("@")[0])
    except ValueError:
        return None
    found = select(Entry).join(Booking, Booking.id == Entry.booking_id)
    return work.session.scalars(found.where(Entry.uid == uid, Booking.public_id.in_(named))).one_or_none()


def _doubt(work: Work, reply: itip.Reply, event: Event, booking: Booking, entry: Entry) -> Doubt | None:
    """Why the answer is not carried out by itself; the event is locked."""
    if booking.state is BookingState.CANCELLED or entry.status is EntryStatus.CANCELLED:
        return Doubt.ENDED
    if reply.sequence < entry.sequence:
        return Doubt.SEQUENCE
    if not reply.sender == reply.attendee == work.session.get_one(Person, booking.person_id).email:
        return Doubt.STRANGER
    newest = queries.latest_stamp(work, uid=entry.uid)
    if newest is not None and reply.stamped_at is not None and reply.stamped_at < newest:
        return Doubt.OVERTAKEN
    return Doubt.COUNTER if reply.is_counter else _doubt_about_effect(work, reply, event, booking, entry)


def _doubt_about_effect(work: Work, reply: itip.Reply, event: Event, booking: Booking, entry: Entry) -> Doubt | None:
    said, part = Participation(reply.participation), work.session.get_one(Part, entry.part_id)
    dates = sum(held.status is EntryStatus.CONFIRMED for held in entries_of(work, booking))
    effect = effect_of(said, booking.source, event, part, dates=dates)
    if effect is Effect.UNDECIDED:
        return Doubt.UNDECIDED
    return Doubt.SOME if effect is Effect.END and dates > 1 else None


def _carry_out(work: Work, said: Participation, booking: Booking, entry: Entry) -> Doubt | None:
    """What the booker could do on their page; too late is for staff to decide."""
    if said is not Participation.DECLINED:
        return None
    try:
        with work.session.begin_nested():
            _give_back(work, booking, entry)
    except Refusal:
        return Doubt.LATE
    return None


def _give_back(work: Work, booking: Booking, entry: Entry) -> None:
    """One date of several that were chosen, or all of the booking."""
    event, part = work.session.get_one(Event, booking.event_id), work.session.get_one(Part, entry.part_id)
    held = [other.part_id for other in entries_of(work, booking) if other.status is EntryStatus.CONFIRMED]
    if effect_of(Participation.DECLINED, booking.source, event, part, dates=len(held)) is Effect.END:
        bookings.cancel(work, public_id=booking.public_id)
        return
    kept = [part_id for part_id in held if part_id != entry.part_id]
    party = bookings.party_of(work, booking)
    bookings.change(work, public_id=booking.public_id, part_ids=kept, party=party)


def _note(
    work: Work,
    reply: itip.Reply,
    state: ReplyState,
    doubt: Doubt | None,
    *,
    entry: Entry | None = None,
    invitation_id: int | None = None,
) -> ReplyState:
    work.session.execute(
        insert(CalendarReply)
        .values(
            message_id=reply.id,
            uid=entry.uid if entry is not None else None,
            sequence=reply.sequence,
            participation=Participation(reply.participation),
            sender=reply.sender,
            attendee=reply.attendee,
            stamped_at=min(reply.stamped_at, work.now) if reply.stamped_at is not None else None,
            proposes=reply.proposes,
            booking_id=entry.booking_id if entry is not None else None,
            invitation_id=invitation_id,
            state=state,
            reason=doubt or "",
            came_at=work.now,
            decided_at=None if state is ReplyState.WAITING else work.now,
        )
        .on_conflict_do_nothing(index_elements=["message_id"])
    )
    return state


def confirm(work: Work, *, reply_id: int, seen: int) -> Effect:
    """Do what somebody answered in their calendar, for them; what was done. ``seen`` is what the page showed."""
    found = _waiting(work, reply_id)
    if found.seen != seen:
        raise Refusal(
            marked("This booking has been changed meanwhile. See above what counts now, then decide once more.")
        )
    effect = found.effect
    if effect in {Effect.END, Effect.DROP}:
        _give_back(work, found.booking, found.entry)
    elif effect is Effect.UNDECIDED:
        invited = select(Invitation.public_id).where(
            Invitation.event_id == found.event.id, Invitation.person_id == found.booking.person_id
        )
        reply = summits.Reply(Answer.TENTATIVE)
        summits.answer(work, public_id=work.session.scalars(invited).one(), reply=reply)
    _decide(work, found.reply, ReplyState.APPLIED)
    return effect


def set_aside(work: Work, *, reply_id: int) -> None:
    """Leave everything as it is; the answer leaves the list."""
    _decide(work, _waiting(work, reply_id).reply, ReplyState.REFUSED)


def _decide(work: Work, reply: CalendarReply, state: ReplyState) -> None:
    reply.state, reply.decided_at, reply.decided_by = state, work.now, work.actor.person_id
    work.session.flush()


def _waiting(work: Work, reply_id: int) -> Answered:
    """The answer and all that it is about, locked; NotFound for those who do not run its event."""
    event_id = queries.answered(work, reply_id=reply_id).event.id
    lock_event_to_edit(work, event_id)
    work.session.expire_all()
    found = queries.answered(work, reply_id=reply_id)
    if found.reply.state is not ReplyState.WAITING:
        raise Refusal(marked("Somebody has decided this already"))
    if not found.is_open:
        raise Refusal(marked("This booking has ended meanwhile, so there is nothing left to decide"))
    return found
