"""Reads about those whom invited people send in their place."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, select
from sqlalchemy.orm import aliased

from cop.core.errors import NotFound
from cop.core.work import Reading
from cop.models.accounts import Affiliation, Person
from cop.models.events import Booking, BookingState, Event
from cop.models.organisations import Organisation
from cop.models.summits import Answer, Invitation, Substitution, SubstitutionState
from cop.queries.summits.invitations import Stop, stop_for


@dataclass(frozen=True)
class Sending:
    """What became of sending somebody else: who has the place now, who is proposed, or who was declined last."""

    successor: str | None = None
    proposed: Substitution | None = None
    declined: Substitution | None = None


def sending(read: Reading, invitation: Invitation) -> Sending:
    """For the page of an invitation; the caller has checked who asks."""
    found = select(Substitution).where(Substitution.invitation_id == invitation.id).order_by(Substitution.id.desc())
    last = read.session.scalars(found.limit(1)).one_or_none()
    state = last.state if last is not None else None
    return Sending(
        successor=successor_of(read, invitation),
        proposed=last if state is SubstitutionState.PROPOSED else None,
        declined=last if state is SubstitutionState.DECLINED else None,
    )


def successor_of(read: Reading, invitation: Invitation) -> str | None:
    """The name of whoever has this invitation now, unless they have said no or are not invited any more."""
    theirs = (
        select(Person.name)
        .join(Invitation, Invitation.person_id == Person.id)
        .where(
            Invitation.substitute_for == invitation.id,
            Invitation.withdrawn_at.is_(None),
            Invitation.response != Answer.NO,
        )
        .order_by(Invitation.id.desc())
    )
    return read.session.scalars(theirs.limit(1)).one_or_none()


def sent_by(read: Reading, invitation: Invitation) -> str | None:
    """The name of whoever sends this person in their place."""
    theirs = select(Person.name).join(Invitation, Invitation.person_id == Person.id)
    return read.session.scalar(theirs.where(Invitation.id == invitation.substitute_for))


def may_propose(event: Event, invitation: Invitation, booking: Booking | None, now: datetime) -> bool:
    """Whether somebody else can be sent: whoever has a place can do that until the day begins."""
    stop = stop_for(event, invitation, now)
    return stop is None or (stop in {Stop.CLOSED, Stop.LATE} and booking is not None)


@dataclass(frozen=True)
class Proposal:
    """Somebody whom an invited person wants to send, with that person; ``known_as`` is whoever has the address."""

    id: int
    name: str
    email: str
    organisation_text: str
    reason: str
    proposed_at: datetime
    public_id: str
    sender: str
    organisation: str | None
    response: Answer
    has_place: bool
    known_as: str | None


def proposals(read: Reading, event: Event) -> Sequence[Proposal]:
    """Those that wait to be decided, the oldest first; the caller has checked that staff ask."""
    other = aliased(Person)
    known = select(other.name).where(other.email == Substitution.email).correlate(Substitution).scalar_subquery()
    rows = read.session.execute(
        select(
            Substitution.id,
            Substitution.name,
            Substitution.email,
            Substitution.organisation_text,
            Substitution.reason,
            Substitution.proposed_at,
            Invitation.public_id,
            Person.name.label("sender"),
            func.coalesce(Organisation.name, Affiliation.organisation_text).label("organisation"),
            Invitation.response,
            Booking.id.is_not(None).label("has_place"),
            known.label("known_as"),
        )
        .join(Invitation, Invitation.id == Substitution.invitation_id)
        .join(Person, Person.id == Invitation.person_id)
        .outerjoin(
            Affiliation, and_(Affiliation.person_id == Person.id, Affiliation.is_primary, Affiliation.to_on.is_(None))
        )
        .outerjoin(Organisation, Organisation.id == Affiliation.organisation_id)
        .outerjoin(
            Booking,
            and_(
                Booking.event_id == Invitation.event_id,
                Booking.person_id == Invitation.person_id,
                Booking.state == BookingState.LIVE,
            ),
        )
        .where(Invitation.event_id == event.id, Substitution.state == SubstitutionState.PROPOSED)
        .order_by(Substitution.id)
    )
    return [Proposal(**row._asdict()) for row in rows]


def proposal_of(read: Reading, event: Event, *, substitution_id: int) -> Proposal | None:
    """One of this event that waits, or None where it is settled; the caller has checked that staff ask."""
    of_event = select(Substitution.id).join(Invitation, Invitation.id == Substitution.invitation_id)
    known = of_event.where(Substitution.id == substitution_id, Invitation.event_id == event.id)
    if read.session.scalar(known) is None:
        raise NotFound
    return next((one for one in proposals(read, event) if one.id == substitution_id), None)


def count_of_proposals(read: Reading, event: Event) -> int:
    waiting = (
        select(func.count())
        .select_from(Substitution)
        .join(Invitation, Invitation.id == Substitution.invitation_id)
        .where(Invitation.event_id == event.id, Substitution.state == SubstitutionState.PROPOSED)
    )
    return read.session.scalars(waiting).one()


def proposal_of_letter(read: Reading, substitution_id: int) -> Substitution | None:
    """None once it has been removed."""
    return read.session.get(Substitution, substitution_id)
