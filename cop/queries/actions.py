"""Actions that people and organisations take home from a summit: who took what on, and who is to be asked about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Date, Select, and_, bindparam, exists, func, or_, select
from sqlalchemy.orm import aliased

from cop.core import secrecy
from cop.core.access import Actor
from cop.core.errors import NotFound
from cop.core.place import day_of
from cop.core.work import Reading
from cop.models.accounts import Affiliation, Person
from cop.models.commitments import Commitment, CommitmentCheck, CommitmentKind, CommitmentState
from cop.models.events import Booking, BookingState, Event, EventKind, EventState
from cop.models.organisations import Organisation
from cop.queries import events
from cop.queries.plans import ASKED_FOR, ENDED, SOURCE, Standing, standing_of
from cop.queries.summits import begins_at

LINK = "action"
"""Purpose of the link in the mail that asks."""

USUAL = timedelta(days=60)
"""So long after the day an action is to be done, unless somebody says otherwise."""

_TODAY = bindparam("today", type_=Date())


def is_action_of_event() -> ColumnElement[bool]:
    """That a Commitment is an action taken home from the Event."""
    return and_(
        Commitment.kind == CommitmentKind.ACTION,
        Commitment.source_kind == SOURCE,
        Commitment.source_id == Event.id,
    )


def _of_owner(booking: Any) -> ColumnElement[bool]:
    """That a booking is that of the owner of a Commitment, or of somebody who came from the owner."""
    return or_(booking.person_id == Commitment.person_id, booking.organisation_id == Commitment.organisation_id)


@dataclass(frozen=True)
class Action:
    id: int
    public_id: str
    what: str
    by_on: date | None
    check_on: date | None
    state: CommitmentState
    revision: int
    owner: str
    of_organisation: bool
    organisation: str | None
    """Where the person who took it on belongs."""
    is_own: bool
    checked_on: date | None
    what_happened: str | None
    standing: Standing

    def is_due(self, today: date) -> bool:
        """Whether its owner is asked how it stands and has not said."""
        return self.standing is Standing.SILENT and self.check_on is not None and self.check_on <= today


@dataclass(frozen=True)
class Actions:
    """Those of one summit, by date. ``follows`` is whether staff look, ``was_there`` whether somebody who came does."""

    event: Event
    all: Sequence[Action]
    follows: bool
    was_there: bool

    def is_open(self, now: Any) -> bool:
        """Whether actions can be taken on: from when the day begins."""
        begins = begins_at(self.event)
        return self.event.state is EventState.PUBLISHED and begins is not None and begins <= now

    def one(self, public_id: str) -> Action:
        found = next((action for action in self.all if action.public_id == public_id), None)
        if found is None:
            raise NotFound
        return found

    @cached_property
    def silent(self) -> Sequence[Action]:
        return [action for action in self.all if action.standing is Standing.SILENT]


def came(event_id: int, person_id: int | None) -> ColumnElement[bool]:
    return exists().where(
        Booking.event_id == event_id, Booking.person_id == person_id, Booking.state == BookingState.LIVE
    )


def may_look(read: Reading, event: Event) -> bool:
    """The staff of the event, and those who have a place at it."""
    return events.may_run(read.actor, event) or _was_there(read, event)


def _was_there(read: Reading, event: Event) -> bool:
    return read.actor.person_id is not None and bool(read.session.scalar(select(came(event.id, read.actor.person_id))))


def actions_of(read: Reading, *, slug: str) -> Actions:
    """For those who have a place, and for staff; to others there is no such page."""
    event = events.event_page(read, slug=slug, kind=EventKind.SUMMIT)
    follows, was_there = events.may_run(read.actor, event), _was_there(read, event)
    if not (follows or was_there):
        raise NotFound
    return Actions(event, _actions(read, event.id, read.actor), follows, was_there)


def _actions(read: Reading, event_id: int, actor: Actor) -> Sequence[Action]:
    today = day_of(read.now)
    rows = read.session.execute(_found(), {"event_id": event_id, "actor_id": actor.person_id})
    return [Action(**row._asdict(), standing=standing_of(row, today)) for row in rows]


def _found() -> Select[*tuple[Any, ...]]:
    later, home, mine = aliased(CommitmentCheck), aliased(Organisation), aliased(Booking)
    newest = (
        select(func.max(later.id)).where(later.commitment_id == Commitment.id).correlate(Commitment).scalar_subquery()
    )
    is_own = exists().where(
        mine.event_id == Commitment.source_id,
        mine.state == BookingState.LIVE,
        mine.person_id == bindparam("actor_id", type_=BigInteger()),
        _of_owner(mine),
    )
    return (
        select(
            Commitment.id,
            Commitment.public_id,
            Commitment.what,
            Commitment.by_on,
            Commitment.check_on,
            Commitment.state,
            Commitment.revision,
            func.coalesce(Person.name, Organisation.name).label("owner"),
            Commitment.organisation_id.is_not(None).label("of_organisation"),
            func.coalesce(home.name, Affiliation.organisation_text).label("organisation"),
            is_own.label("is_own"),
            CommitmentCheck.on_date.label("checked_on"),
            CommitmentCheck.what_happened,
        )
        .outerjoin(Person, Person.id == Commitment.person_id)
        .outerjoin(Organisation, Organisation.id == Commitment.organisation_id)
        .outerjoin(
            Affiliation, and_(Affiliation.person_id == Person.id, Affiliation.is_primary, Affiliation.to_on.is_(None))
        )
        .outerjoin(home, home.id == Affiliation.organisation_id)
        .outerjoin(CommitmentCheck, CommitmentCheck.id == newest)
        .where(
            Commitment.kind == CommitmentKind.ACTION,
            Commitment.source_kind == SOURCE,
            Commitment.source_id == bindparam("event_id"),
        )
        .order_by(Commitment.by_on, Commitment.id)
    )


@dataclass(frozen=True)
class Owner:
    """Somebody who came, or an organisation from which somebody came. ``key`` stands for it in a form."""

    key: str
    name: str
    person_id: int | None = None
    organisation_id: int | None = None


def owners(read: Reading, event: Event, *, own: bool) -> Sequence[Owner]:
    """Who can take something on: with ``own`` the actor and their organisation, else everybody who came.

    The caller has checked who asks.
    """
    there = (
        select(Person.id, Person.public_id, Person.name, Organisation.id, Organisation.slug, Organisation.name)
        .join(Booking, Booking.person_id == Person.id)
        .outerjoin(Organisation, Organisation.id == Booking.organisation_id)
        .where(Booking.event_id == event.id, Booking.state == BookingState.LIVE)
        .order_by(Person.name, Person.id)
    )
    if own:
        there = there.where(Person.id == read.actor.person_id)
    people, homes = [], {}
    for person_id, public_id, name, organisation_id, slug, home in read.session.execute(there):
        people.append(Owner(f"person {public_id}", f"{name}, {home}" if home else name, person_id=person_id))
        if organisation_id is not None:
            homes[organisation_id] = Owner(f"organisation {slug}", home, organisation_id=organisation_id)
    return [*people, *sorted(homes.values(), key=lambda owner: owner.name.casefold())]


@dataclass(frozen=True)
class Asked:
    """An action with the one who is asked about it, as a mail and its link show it."""

    event: Event
    action: Action
    person_id: int


def asked(read: Reading, *, commitment_id: int, person_id: int) -> Asked:
    """The caller has checked who asks; NotFound where that person does not speak for the owner any more."""
    event = read.session.scalars(
        select(Event).join(Commitment, is_action_of_event()).where(Commitment.id == commitment_id)
    ).one_or_none()
    if event is None:
        raise NotFound
    for action in _actions(read, event.id, Actor(person_id, via="link")):
        if action.id == commitment_id and action.is_own:
            return Asked(event, action, person_id)
    raise NotFound


def asked_of_link(read: Reading, *, token: str) -> Asked:
    """What the link of a mail leads to, as long as it is good: the reader may say how the action stands, no more."""
    signed = secrecy.read_signed(LINK, token)
    person_id = read.session.scalar(select(Person.id).where(Person.public_id == signed[0])) if signed else None
    if signed is None or person_id is None:
        raise NotFound
    found = asked(read, commitment_id=signed[1], person_id=person_id)
    if found.action.check_on is None or found.action.check_on + ASKED_FOR < day_of(read.now):
        raise NotFound
    return found


def link_token(person: Person, action_id: int) -> str:
    """Whoever has it can say how the action stands, in the name of that person."""
    return secrecy.sign(LINK, person.public_id, action_id)


@dataclass(frozen=True)
class Own:
    slug: str
    title: str
    public_id: str
    what: str
    state: CommitmentState


def own_actions(read: Reading) -> Sequence[Own]:
    """What the acting person or their organisation has taken on, the latest first."""
    rows = read.session.execute(
        select(Event.slug, Event.title, Commitment.public_id, Commitment.what, Commitment.state)
        .join(Event, is_action_of_event())
        .join(Booking, and_(Booking.event_id == Event.id, Booking.state == BookingState.LIVE, _of_owner(Booking)))
        .where(Booking.person_id == read.actor.person_id)
        .order_by(Commitment.id.desc())
    )
    return [Own(**row._asdict()) for row in rows]


def due_actions() -> Select[Commitment, Person]:
    """Actions about which somebody is to be asked by ``:today``, and nobody has said since how they stand.

    An organisation is asked through those who came from it.
    """
    said = exists().where(
        CommitmentCheck.commitment_id == Commitment.id, CommitmentCheck.on_date >= Commitment.check_on
    )
    return (
        select(Commitment, Person)
        .join(Event, is_action_of_event())
        .join(Booking, and_(Booking.event_id == Event.id, Booking.state == BookingState.LIVE, _of_owner(Booking)))
        .join(Person, Person.id == Booking.person_id)
        .where(
            Commitment.state.not_in(ENDED),
            Commitment.check_on <= _TODAY,
            Event.state == EventState.PUBLISHED,
            ~said,
        )
        .order_by(Commitment.id, Person.id)
    )
