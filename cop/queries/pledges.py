"""Pledges of people and organisations: one's own, those of an organisation, and who is to be asked about them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    Select,
    and_,
    bindparam,
    exists,
    false,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.orm import aliased

from cop.core import secrecy
from cop.core.access import Actor, Role
from cop.core.errors import NotFound
from cop.core.place import day_of
from cop.core.work import Reading
from cop.models.accounts import Person, RoleGrant
from cop.models.commitments import Commitment, CommitmentCheck, CommitmentKind, CommitmentState
from cop.models.organisations import Organisation
from cop.models.programmes import Programme
from cop.queries.plans import ASKED_FOR, ENDED, Standing, standing_of
from cop.queries.ratings import is_secretariat, led_by

SOURCE = "programme"
"""What a pledge names as its source: the programme in which it was made."""

LINK = "pledge"
"""Purpose of the link in the mail that asks."""

USUAL = timedelta(days=180)
"""So long after today a pledge is to be kept, unless somebody says otherwise."""

MOST = 200
"""Pledges on one page: nobody has as many open ones, and what has ended long ago need not be there."""

_TODAY = bindparam("today", type_=Date())


def is_pledge() -> ColumnElement[bool]:
    """That a Commitment is a pledge made in the Programme."""
    return and_(
        Commitment.kind == CommitmentKind.PLEDGE,
        Commitment.source_kind == SOURCE,
        Commitment.source_id == Programme.id,
    )


@dataclass(frozen=True)
class Pledge:
    """``slug`` is that of the organisation that made it; ``is_own`` whether the reader speaks for its owner."""

    id: int
    public_id: str
    what: str
    by_on: date | None
    check_on: date | None
    state: CommitmentState
    revision: int
    owner: str
    slug: str | None
    is_own: bool
    programme: str
    checked_on: date | None
    what_happened: str | None
    standing: Standing

    @property
    def has_ended(self) -> bool:
        return self.state in ENDED

    def is_due(self, today: date) -> bool:
        """Whether its owner is asked how it stands and has not said."""
        return self.standing is Standing.SILENT and self.check_on is not None and self.check_on <= today


def speaks_for(actor: Actor) -> ColumnElement[bool]:
    """The commitments of the actor, and of the organisations that they lead, as a condition."""
    if actor.person_id is None or actor.via != "session":
        return false()
    return or_(Commitment.person_id == actor.person_id, Commitment.organisation_id.in_(led_by(actor)))


def own_pledges(read: Reading) -> Sequence[Pledge]:
    """Those of the acting person and of the organisations that they lead, the latest first."""
    return _pledges(read, speaks_for(read.actor))


def of_organisation(read: Reading, *, organisation_id: int) -> Sequence[Pledge]:
    """The caller has checked who asks."""
    return _pledges(read, Commitment.organisation_id == organisation_id)


def pledge(read: Reading, *, public_id: str) -> Pledge:
    """For who speaks for its owner, and those of organisations for the secretariat too."""
    found = _pledges(read, Commitment.public_id == public_id, _may_see(read.actor))
    if not found:
        raise NotFound
    return found[0]


def _may_see(actor: Actor) -> ColumnElement[bool]:
    ids = {grant.programme_id for grant in actor.grants if grant.role is Role.ADMIN and grant.programme_id}
    of_programme = literal(value=True) if actor.may(Role.ADMIN) else Commitment.source_id.in_(ids)
    return or_(speaks_for(actor), and_(Commitment.organisation_id.is_not(None), of_programme))


def may_change(actor: Actor, promise: Commitment) -> bool:
    """Whether the actor speaks for the owner, or is the secretariat and the owner an organisation."""
    if promise.organisation_id is None:
        return actor.via == "session" and promise.person_id == actor.person_id is not None
    is_lead = actor.via == "session" and promise.organisation_id in led_by(actor)
    return is_lead or is_secretariat(actor, promise.source_id)


def checks(read: Reading, *, pledge_id: int) -> Sequence[CommitmentCheck]:
    """What was said of how it stands, the latest first; the caller has checked who asks."""
    said = select(CommitmentCheck).where(CommitmentCheck.commitment_id == pledge_id)
    return read.session.scalars(said.order_by(CommitmentCheck.id.desc())).all()


def _pledges(read: Reading, *conditions: ColumnElement[bool]) -> Sequence[Pledge]:
    later = aliased(CommitmentCheck)
    newest = (
        select(func.max(later.id)).where(later.commitment_id == Commitment.id).correlate(Commitment).scalar_subquery()
    )
    found = (
        select(
            Commitment.id,
            Commitment.public_id,
            Commitment.what,
            Commitment.by_on,
            Commitment.check_on,
            Commitment.state,
            Commitment.revision,
            func.coalesce(Person.name, Organisation.name).label("owner"),
            Organisation.slug.label("slug"),
            speaks_for(read.actor).label("is_own"),
            Programme.name.label("programme"),
            CommitmentCheck.on_date.label("checked_on"),
            CommitmentCheck.what_happened,
        )
        .join(Programme, is_pledge())
        .outerjoin(Person, Person.id == Commitment.person_id)
        .outerjoin(Organisation, Organisation.id == Commitment.organisation_id)
        .outerjoin(CommitmentCheck, CommitmentCheck.id == newest)
        .where(*conditions)
        .order_by(Commitment.id.desc())
        .limit(MOST)
    )
    today = day_of(read.now)
    return [Pledge(**row._asdict(), standing=standing_of(row, today)) for row in read.session.execute(found)]


@dataclass(frozen=True)
class Owner:
    """Who can make a pledge: the acting person, or an organisation. ``key`` stands for it in a form."""

    key: str
    name: str
    person_id: int | None = None
    organisation_id: int | None = None


def owners(read: Reading, *, programme_id: int, slug: str | None = None) -> Sequence[Owner]:
    """The acting person and the organisations that they lead; for the secretariat also the one of ``slug``."""
    person = read.session.get(Person, read.actor.person_id) if read.actor.person_id is not None else None
    if person is None:
        return ()
    theirs: ColumnElement[bool] = Organisation.id.in_(led_by(read.actor))
    if slug is not None and is_secretariat(read.actor, programme_id):
        theirs = or_(theirs, Organisation.slug == slug)
    found = select(Organisation.id, Organisation.slug, Organisation.name).where(
        theirs, Organisation.merged_into.is_(None)
    )
    rows = read.session.execute(found.order_by(Organisation.name, Organisation.id))
    led = [Owner(f"organisation {key}", name, organisation_id=found_id) for found_id, key, name in rows]
    return [Owner("me", person.name, person_id=person.id), *led]


@dataclass(frozen=True)
class Asked:
    """A pledge with the one who is asked about it, as a mail and its link show it."""

    pledge: Pledge
    person_id: int


def asked(read: Reading, *, commitment_id: int, person_id: int) -> Asked:
    """The caller has checked who asks; NotFound where that person does not speak for the owner any more."""
    found = _pledges(read, Commitment.id == commitment_id, _is_asked(literal(person_id, BigInteger())))
    if not found:
        raise NotFound
    return Asked(found[0], person_id)


def asked_of_link(read: Reading, *, token: str) -> Asked:
    """What the link of a mail leads to, as long as it is good: the reader may say how the pledge stands, no more."""
    signed = secrecy.read_signed(LINK, token)
    person_id = read.session.scalar(select(Person.id).where(Person.public_id == signed[0])) if signed else None
    if signed is None or person_id is None:
        raise NotFound
    found = asked(read, commitment_id=signed[1], person_id=person_id)
    if found.pledge.check_on is None or found.pledge.check_on + ASKED_FOR < day_of(read.now):
        raise NotFound
    return found


def link_token(person: Person, pledge_id: int) -> str:
    """Whoever has it can say how the pledge stands, in the name of that person."""
    return secrecy.sign(LINK, person.public_id, pledge_id)


def _is_asked(person_id: Any) -> ColumnElement[bool]:
    """Whether a person, as a column or a value, is the owner of a Commitment or speaks for the owner today."""
    leads = exists().where(
        RoleGrant.person_id == person_id,
        RoleGrant.organisation_id == Commitment.organisation_id,
        RoleGrant.role == Role.LEAD,
        RoleGrant.revoked_at.is_(None),
    )
    return or_(Commitment.person_id == person_id, leads)


def due_pledges() -> Select[Commitment, Person]:
    """Pledges about which somebody is to be asked by ``:today``, and nobody has said since how they stand.

    An organisation is asked through its leads.
    """
    said = exists().where(
        CommitmentCheck.commitment_id == Commitment.id, CommitmentCheck.on_date >= Commitment.check_on
    )
    return (
        select(Commitment, Person)
        .join(Person, _is_asked(Person.id))
        .where(
            Commitment.kind == CommitmentKind.PLEDGE,
            Commitment.state.not_in(ENDED),
            Commitment.check_on <= _TODAY,
            ~said,
        )
        .order_by(Commitment.id, Person.id)
    )
