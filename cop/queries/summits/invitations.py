"""Reads about invitations: one's own, that of a mailed link, and the list that staff work through."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, Text, and_, case, cast, exists, func, select
from sqlalchemy.orm import aliased, joinedload, selectinload

from cop.core import secrecy
from cop.core.errors import NotFound
from cop.core.work import Reading
from cop.models.accounts import PERSON_WORDS, Affiliation, Person
from cop.models.base import UtcDateTime
from cop.models.events import Booking, BookingState, Entry, EntryStatus, Event, EventState, Part, PartState
from cop.models.organisations import Organisation
from cop.models.service import Observation
from cop.models.summits import Answer, Invitation
from cop.queries.search import matching

OPENED = "invitation opened"
"""The kind of observation that a look at an invitation leaves."""

REST = timedelta(days=3)
"""Nobody is written to about an invitation more often than this."""


class Stop(StrEnum):
    """Why an invitation cannot be answered."""

    WITHDRAWN = "withdrawn"
    CANCELLED = "cancelled"
    BEGUN = "begun"
    EARLY = "early"
    CLOSED = "closed"
    LATE = "late"


def begins_at(event: Event) -> datetime | None:
    """The start of the first part that still takes place; the event's parts are loaded."""
    return min((part.starts_at for part in event.parts if part.state is PartState.PLANNED), default=None)


def answers_until(event: Event) -> datetime | None:
    """Until when invitations can be answered: the close that staff set, and at the latest the beginning."""
    return min((at for at in (event.closes_at, begins_at(event)) if at is not None), default=None)


def stop_for(event: Event, invitation: Invitation, now: datetime, *, is_staff: bool = False) -> Stop | None:
    """What stands against an answer now; staff may enter one outside the times that are set for guests."""
    begins = begins_at(event)
    late = invitation.response is Answer.YES and event.change_until is not None and event.change_until <= now
    reasons = (
        (Stop.WITHDRAWN, invitation.withdrawn_at is not None),
        (Stop.CANCELLED, event.state is EventState.CANCELLED),
        (Stop.BEGUN, begins is not None and begins <= now),
        (Stop.EARLY, not is_staff and event.opens_at is not None and now < event.opens_at),
        (Stop.CLOSED, not is_staff and event.closes_at is not None and event.closes_at <= now),
        (Stop.LATE, not is_staff and late),
    )
    return next((reason for reason, holds in reasons if holds), None)


def version_of(invitation: Invitation) -> int:
    """A number that grows with each answer, so that a form can tell which one its page showed."""
    answered = invitation.answered_at
    return int(answered.timestamp() * 1_000_000) if answered is not None else 0


WITH_ALL = (
    joinedload(Invitation.event).selectinload(Event.parts).joinedload(Part.day_limit),
    joinedload(Invitation.event).joinedload(Event.programme),
    joinedload(Invitation.person),
)


def own_invitation(read: Reading, *, event_id: int) -> Invitation | None:
    """The acting person's invitation to this event, unless it was withdrawn."""
    own = select(Invitation).where(
        Invitation.event_id == event_id,
        Invitation.person_id == read.actor.person_id,
        Invitation.withdrawn_at.is_(None),
    )
    return read.session.scalars(own.options(*WITH_ALL)).one_or_none()


def invitation_of_link(read: Reading, *, token: str) -> Invitation:
    """The invitation that a mailed link stands for, also one that was withdrawn; NotFound for any other link."""
    signed = secrecy.read_signed("invitation", token)
    found = (
        read.session.scalars(
            select(Invitation)
            .where(Invitation.public_id == signed[0], Invitation.generation == signed[1])
            .options(*WITH_ALL)
        ).one_or_none()
        if signed
        else None
    )
    if found is None or found.event.state is EventState.DRAFT:
        raise NotFound
    return found


def invitation_by_id(read: Reading, invitation_id: int) -> Invitation:
    """An invitation with all that a mail about it shows."""
    found = select(Invitation).where(Invitation.id == invitation_id).options(*WITH_ALL)
    invitation = read.session.scalars(found).one_or_none()
    if invitation is None:
        raise NotFound
    return invitation


def invitation_to(read: Reading, event: Event, *, public_id: str) -> Invitation:
    """An invitation to this event; the caller has checked that staff ask."""
    found = select(Invitation).where(Invitation.public_id == public_id, Invitation.event_id == event.id)
    invitation = read.session.scalars(found.options(*WITH_ALL)).one_or_none()
    if invitation is None:
        raise NotFound
    return invitation


def invitation_of_booking(read: Reading, booking: Booking) -> Invitation:
    """The invitation that the booking came of, with all that a mail about it shows."""
    found = select(Invitation).where(Invitation.event_id == booking.event_id, Invitation.person_id == booking.person_id)
    invitation = read.session.scalars(found.options(*WITH_ALL)).one_or_none()
    if invitation is None:
        raise NotFound
    return invitation


def link_token(invitation: Invitation) -> str:
    """What makes the address of a personal link; raising the generation makes it worthless."""
    return secrecy.sign("invitation", invitation.public_id, invitation.generation)


def booking_of(read: Reading, invitation: Invitation) -> Booking | None:
    """The live booking that a yes has made, with what it holds."""
    live = select(Booking).where(
        Booking.event_id == invitation.event_id,
        Booking.person_id == invitation.person_id,
        Booking.state == BookingState.LIVE,
    )
    return read.session.scalars(live.options(selectinload(Booking.entries).joinedload(Entry.part))).one_or_none()


def held_ids(booking: Booking | None) -> Sequence[int]:
    """The ids of the parts that the booking holds."""
    entries = booking.entries if booking is not None else []
    return [entry.part_id for entry in entries if entry.status is EntryStatus.CONFIRMED]


@dataclass(frozen=True)
class OwnInvitation:
    slug: str
    title: str
    starts_at: datetime
    response: Answer


def own_invitations(read: Reading, *, limit: int = 20) -> Sequence[OwnInvitation]:
    """Where the acting person is invited and the day is still to come, soonest first."""
    first = func.min(Part.starts_at)
    rows = read.session.execute(
        select(Event.slug, Event.title, first.label("starts_at"), Invitation.response)
        .join(Event, Event.id == Invitation.event_id)
        .join(Part, Part.event_id == Event.id)
        .where(
            Invitation.person_id == read.actor.person_id,
            Invitation.withdrawn_at.is_(None),
            Event.state == EventState.PUBLISHED,
            Part.state == PartState.PLANNED,
            Part.ends_at > read.now,
        )
        .group_by(Event.id, Invitation.id)
        .order_by(first, Event.id)
        .limit(limit)
    ).all()
    return [OwnInvitation(**row._asdict()) for row in rows]


class State(StrEnum):
    """How far an invitation has come, for the staff who count."""

    UNOPENED = "not opened"
    OPENED = "opened"
    YES = "yes"
    TENTATIVE = "tentative"
    NO = "no"
    WITHDRAWN = "withdrawn"


def _state() -> ColumnElement[str]:
    opened = exists().where(
        Observation.kind == OPENED, Observation.subject_kind == "invitation", Observation.subject_id == Invitation.id
    )
    return case(
        (Invitation.withdrawn_at.is_not(None), State.WITHDRAWN.value),
        (Invitation.response != Answer.NONE, cast(Invitation.response, Text)),
        (opened, State.OPENED.value),
        else_=State.UNOPENED.value,
    )


def tally(read: Reading, event: Event) -> Mapping[State, int]:
    """How many invitations are in each state; the caller has checked that staff ask."""
    state = _state().label("state")
    rows = read.session.execute(
        select(state, func.count().label("number")).where(Invitation.event_id == event.id).group_by(state)
    )
    found = {row.state: row.number for row in rows}
    return {state: found.get(state.value, 0) for state in State}


@dataclass(frozen=True)
class Invited:
    """A row of the list that staff work through."""

    public_id: str
    name: str
    email: str | None
    organisation: str | None
    state: State
    invited_at: datetime
    reminded_at: datetime | None
    answered_at: datetime | None
    sender: str | None
    """In whose place they come."""


def invited(
    read: Reading, event: Event, *, state: State | None = None, words: str = "", offset: int = 0, limit: int = 50
) -> Sequence[Invited]:
    """By name, ``limit`` + 1 of them; the caller has checked that staff ask."""
    sent, sender = aliased(Invitation), aliased(Person)
    found = (
        select(
            Invitation.public_id,
            Person.name,
            Person.email,
            func.coalesce(Organisation.name, Affiliation.organisation_text).label("organisation"),
            _state().label("state"),
            Invitation.invited_at,
            Invitation.reminded_at,
            Invitation.answered_at,
            sender.name.label("sender"),
        )
        .join(Person, Person.id == Invitation.person_id)
        .outerjoin(sent, sent.id == Invitation.substitute_for)
        .outerjoin(sender, sender.id == sent.person_id)
        .outerjoin(
            Affiliation, and_(Affiliation.person_id == Person.id, Affiliation.is_primary, Affiliation.to_on.is_(None))
        )
        .outerjoin(Organisation, Organisation.id == Affiliation.organisation_id)
        .where(Invitation.event_id == event.id)
        .order_by(Person.name, Invitation.id)
    )
    if state is not None:
        found = found.where(_state() == state.value)
    if words:
        found = found.where(matching(Person.id, PERSON_WORDS, words))
    rows = read.session.execute(found.offset(offset).limit(limit + 1)).all()
    return [Invited(**{**row._asdict(), "state": State(row.state)}) for row in rows]


@dataclass(frozen=True)
class Silent:
    """How many have not answered, by whether a reminder may go to them now."""

    due: int
    resting: int


def unanswered(event_id: int, *, tentative: bool) -> Select[Invitation]:
    """Invitations that wait for an answer, or for a clearer one."""
    waiting = [Answer.NONE, Answer.TENTATIVE] if tentative else [Answer.NONE]
    return select(Invitation).where(
        Invitation.event_id == event_id, Invitation.withdrawn_at.is_(None), Invitation.response.in_(waiting)
    )


def may_be_reminded(now: datetime) -> ColumnElement[bool]:
    """Whether the last letter about the invitation lies far enough back."""
    return func.greatest(Invitation.invited_at, Invitation.reminded_at, type_=UtcDateTime()) <= now - REST


def silent(read: Reading, event: Event, *, tentative: bool) -> Silent:
    """How many a reminder would reach now; the caller has checked that staff ask."""
    found = unanswered(event.id, tentative=tentative)
    due = func.count().filter(may_be_reminded(read.now)).label("due")
    row = read.session.execute(found.with_only_columns(due, func.count().label("number"))).one()
    return Silent(row.due, row.number - row.due)
