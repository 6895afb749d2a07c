"""Somebody else comes in the place of whoever is invited: they propose that, and staff decide."""

from sqlalchemy import select

from cop.core.access import EVENT_STAFF
from cop.core.errors import NotFound, Refusal, marked
from cop.core.work import Work
from cop.models.accounts import Person
from cop.models.events import Booking, Event, EventState
from cop.models.summits import Answer, Invitation, Substitution, SubstitutionState
from cop.models.waiting import WaitingState
from cop.queries.summits import begins_at, may_propose, successor_of
from cop.services import accounts, outbox
from cop.services.events.booking import advance, leave_line, pass_on
from cop.services.events.editing.shared import event_to_edit
from cop.services.events.editing.summits import post_invitations
from cop.services.organisations import clean_name, clean_text
from cop.services.summits.inviting import Newcomer, known_organisations, person_of
from cop.services.summits.shared import live_booking, locked_invitation, note_answer, open_proposal, with_parts

HAS_BEGUN = marked("“%(title)s” has begun, so nobody else can be sent any more")


def propose(
    work: Work, *, public_id: str, name: str, email: str, organisation: str = "", reason: str = ""
) -> Substitution:
    """Ask that somebody else comes instead: whoever is invited, or staff for them. Their place is kept meanwhile."""
    event, invitation = locked_invitation(work, public_id)
    is_staff = work.actor.may(*EVENT_STAFF, programme_id=event.programme_id, event_id=event.id)
    if not is_staff and invitation.person_id != work.actor.person_id:
        raise NotFound
    if event.state is EventState.DRAFT:
        raise NotFound
    if not may_propose(event, invitation, live_booking(work, invitation), work.now):
        raise Refusal(marked("Nobody else can be sent any more. Write to us, and we will see what we can do."))
    if open_proposal(work, invitation) is not None:
        raise Refusal(marked("Somebody is proposed already. Take that back first."))
    successor = successor_of(work, invitation)
    if successor is not None:
        raise Refusal(marked("%(name)s has this place already"), name=successor)
    address = accounts.clean_email(email)
    if address == work.session.get_one(Person, invitation.person_id).email:
        raise Refusal(
            marked("This is the address of whoever is invited. Enter that of the other person."), field="email"
        )
    proposal = Substitution(
        invitation_id=invitation.id,
        name=clean_name(name),
        email=address,
        organisation_text=clean_text(organisation),
        reason=reason,
        proposed_at=work.now,
    )
    work.session.add(proposal)
    work.session.flush()
    return proposal


def take_back(work: Work, *, public_id: str) -> Invitation:
    """Nobody is sent after all; the invitation stands as it did."""
    event, invitation = locked_invitation(work, public_id)
    is_staff = work.actor.may(*EVENT_STAFF, programme_id=event.programme_id, event_id=event.id)
    if not is_staff and invitation.person_id != work.actor.person_id:
        raise NotFound
    proposal = open_proposal(work, invitation)
    if proposal is None:
        raise Refusal(marked("This has been decided, or taken back, already"))
    proposal.state = SubstitutionState.TAKEN_BACK
    work.session.flush()
    return invitation


def approve(work: Work, *, substitution_id: int) -> Invitation:
    """Invite the other person, and let them have the place if there is one; both are told."""
    event, invitation, proposal = _to_decide(work, substitution_id)
    if event.state is EventState.DRAFT:
        raise Refusal(marked("This is a draft: publish it before you invite anybody"))
    begins = begins_at(with_parts(work, event.id))
    if begins is not None and begins <= work.now:
        raise Refusal(HAS_BEGUN, title=event.title)
    newcomer = Newcomer(proposal.name, proposal.email, proposal.organisation_text)
    person = work.session.get_one(Person, person_of(work, newcomer, known_organisations(work)))
    if person.id == invitation.person_id:
        raise Refusal(marked("%(name)s is invited already"), name=person.name)
    booking = live_booking(work, invitation)
    theirs = _invited_anew(work, event, invitation, person, has_place=booking is not None)
    proposal.state, proposal.decided_at, proposal.decided_by = (
        SubstitutionState.APPROVED,
        work.now,
        work.actor.person_id,
    )
    note_answer(work, invitation, Answer.NO)
    leave_line(work, event, invitation.person_id, state=WaitingState.LEFT)
    if booking is not None:
        _pass_on(work, event, booking, theirs, proposal)
    else:
        _tell_sender(work, invitation, proposal, "substitute_approved")
    work.session.flush()
    post_invitations(work, event)
    advance(work, event)
    return theirs


def decline(work: Work, *, substitution_id: int, reason: str) -> Invitation:
    """Whoever is invited is told why, and keeps what they have."""
    _event, invitation, proposal = _to_decide(work, substitution_id)
    proposal.state, proposal.decided_at, proposal.decided_by = (
        SubstitutionState.DECLINED,
        work.now,
        work.actor.person_id,
    )
    _tell_sender(work, invitation, proposal, "substitute_declined", reason=reason)
    work.session.flush()
    return invitation


def _to_decide(work: Work, substitution_id: int) -> tuple[Event, Invitation, Substitution]:
    public_id = work.session.scalar(
        select(Invitation.public_id)
        .join(Substitution, Substitution.invitation_id == Invitation.id)
        .where(Substitution.id == substitution_id)
    )
    if public_id is None:
        raise NotFound
    event, invitation = locked_invitation(work, public_id)
    event_to_edit(work, event.id)
    proposal = open_proposal(work, invitation)
    if proposal is None or proposal.id != substitution_id:
        raise Refusal(marked("This has been decided, or taken back, already"))
    return event, invitation, proposal


def _invited_anew(work: Work, event: Event, sender: Invitation, person: Person, *, has_place: bool) -> Invitation:
    """Their own invitation; with one that they have already, the place that passes on is theirs all the same."""
    found = select(Invitation).where(Invitation.event_id == event.id, Invitation.person_id == person.id)
    theirs = work.session.scalars(found.with_for_update(key_share=True)).one_or_none()
    if theirs is None:
        theirs = Invitation(
            event_id=event.id, person_id=person.id, invited_at=work.now, invited_by=work.actor.person_id
        )
        work.session.add(theirs)
    elif live_booking(work, theirs) is not None:
        raise Refusal(marked("%(name)s comes already. Decline this, and say so."), name=person.name)
    elif theirs.withdrawn_at is None and not has_place:
        raise Refusal(marked("%(name)s is invited already"), name=person.name)
    elif theirs.withdrawn_at is not None:
        theirs.withdrawn_at, theirs.reminded_at, theirs.invited_at = None, None, work.now
        theirs.response, theirs.answered_at = Answer.NONE, None
        theirs.generation += 1
    theirs.substitute_for = sender.id
    if has_place:
        note_answer(work, theirs, Answer.YES)
    work.session.flush()
    return theirs


def _pass_on(work: Work, event: Event, booking: Booking, theirs: Invitation, proposal: Substitution) -> None:
    person = work.session.get_one(Person, theirs.person_id)
    sender = work.session.get_one(Person, booking.person_id)
    leave_line(work, event, person.id, state=WaitingState.LEFT)
    passed = pass_on(work, event, booking, to=person)
    outbox.post(
        work,
        key=f"place-passed-on:{booking.id}",
        to=sender,
        template="place_passed_on",
        booking_id=booking.id,
        substitution_id=proposal.id,
    )
    outbox.post(
        work,
        key=f"booking-confirmed:{passed.id}",
        to=person,
        template="substitute_welcome",
        booking_id=passed.id,
        invitation_id=theirs.id,
    )


def _tell_sender(work: Work, invitation: Invitation, proposal: Substitution, template: str, reason: str = "") -> None:
    outbox.post(
        work,
        key=f"substitution-decided:{proposal.id}",
        to=work.session.get_one(Person, invitation.person_id),
        template=template,
        invitation_id=invitation.id,
        substitution_id=proposal.id,
        reason=reason,
    )
