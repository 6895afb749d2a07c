"""Reads about people for admins. Access needs are never among them: they are not even decrypted here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import and_, select
from sqlalchemy.orm import aliased

from cop.core.access import Role
from cop.core.errors import NotFound
from cop.core.work import Reading
from cop.models.accounts import (
    FORMER_APPLICANT,
    PERSON_WORDS,
    Account,
    Affiliation,
    Channel,
    Person,
    Relation,
    RoleGrant,
    Sector,
)
from cop.models.events import Event
from cop.models.organisations import Organisation
from cop.models.outbox import Outbox, OutboxChannel, OutboxState
from cop.models.programmes import Programme
from cop.queries.search import matching

RECENT = 20
"""Messages that a person's page shows, the latest first."""

LIVE_PRIMARY = and_(Affiliation.person_id == Person.id, Affiliation.is_primary, Affiliation.to_on.is_(None))


@dataclass(frozen=True)
class Listed:
    public_id: str
    name: str
    email: str | None
    organisation: str | None
    sector: Sector | None


def listed(
    read: Reading, *, words: str = "", organisation_slug: str | None = None, offset: int = 0, limit: int = 50
) -> Sequence[Listed]:
    """By name, ``limit`` + 1 of them so that the caller knows of a next page."""
    _only_admins(read)
    found = (
        select(Person.public_id, Person.name, Person.email, Organisation.name, Affiliation.sector)
        .outerjoin(Affiliation, LIVE_PRIMARY)
        .outerjoin(Organisation, Organisation.id == Affiliation.organisation_id)
        .where(Person.merged_into.is_(None), Person.erased_at.is_(None), Person.public_id != FORMER_APPLICANT)
    )
    if words:
        found = found.where(matching(Person.id, PERSON_WORDS, words))
    if organisation_slug:
        found = found.where(Organisation.slug == organisation_slug)
    rows = read.session.execute(found.order_by(Person.name, Person.id).offset(offset).limit(limit + 1))
    return [Listed(*row) for row in rows]


@dataclass(frozen=True)
class Profile:
    """What staff may know of a person. With an account the e-mail address is theirs alone to change."""

    id: int
    public_id: str
    name: str
    email: str | None
    phone: str | None
    prefers: Channel
    timezone: str
    created_at: datetime
    email_verified_at: datetime | None
    organisation: str | None
    organisation_slug: str | None
    sector: Sector | None
    role_title: str | None


def profile(read: Reading, *, public_id: str) -> Profile:
    _only_admins(read)
    row = read.session.execute(
        select(
            Person.id,
            Person.public_id,
            Person.name,
            Person.email,
            Person.phone,
            Person.prefers,
            Person.timezone,
            Person.created_at,
            Account.email_verified_at,
            Organisation.name.label("organisation"),
            Organisation.slug.label("organisation_slug"),
            Affiliation.sector,
            Affiliation.role_title,
        )
        .outerjoin(Account, Account.person_id == Person.id)
        .outerjoin(Affiliation, LIVE_PRIMARY)
        .outerjoin(Organisation, Organisation.id == Affiliation.organisation_id)
        .where(Person.public_id == public_id, Person.public_id != FORMER_APPLICANT, Person.merged_into.is_(None))
    ).one_or_none()
    if row is None:
        raise NotFound
    return Profile(**row._asdict())


@dataclass(frozen=True)
class Place:
    """Where a person belonged, from one day to another."""

    organisation: str | None
    organisation_slug: str | None
    relation: Relation
    sector: Sector | None
    role_title: str | None
    from_on: date
    to_on: date | None


def places(read: Reading, *, person_id: int) -> Sequence[Place]:
    """All affiliations, the present ones first."""
    _only_admins(read)
    rows = read.session.execute(
        select(
            Organisation.name,
            Organisation.slug,
            Affiliation.relation,
            Affiliation.sector,
            Affiliation.role_title,
            Affiliation.from_on,
            Affiliation.to_on,
        )
        .outerjoin(Organisation, Organisation.id == Affiliation.organisation_id)
        .where(Affiliation.person_id == person_id)
        .order_by(Affiliation.to_on.desc().nulls_first(), Affiliation.id.desc())
    )
    return [Place(*row) for row in rows]


@dataclass(frozen=True)
class Granted:
    """A role somebody holds or held, and over what; ``scope`` is None where it is over everything."""

    id: int
    role: Role
    programme: str | None
    event: str | None
    organisation: str | None
    granted_at: datetime
    granted_by: str | None
    revoked_at: datetime | None

    @property
    def scope(self) -> str | None:
        return self.programme or self.event or self.organisation


def grants(read: Reading, *, person_id: int) -> Sequence[Granted]:
    """Live roles first, then those that ended."""
    _only_admins(read)
    giver = aliased(Person)
    rows = read.session.execute(
        select(
            RoleGrant.id,
            RoleGrant.role,
            Programme.name,
            Event.title,
            Organisation.name,
            RoleGrant.granted_at,
            giver.name,
            RoleGrant.revoked_at,
        )
        .outerjoin(Programme, Programme.id == RoleGrant.programme_id)
        .outerjoin(Event, Event.id == RoleGrant.event_id)
        .outerjoin(Organisation, Organisation.id == RoleGrant.organisation_id)
        .outerjoin(giver, giver.id == RoleGrant.granted_by)
        .where(RoleGrant.person_id == person_id)
        .order_by(RoleGrant.revoked_at.desc().nulls_first(), RoleGrant.id)
    )
    return [Granted(*row) for row in rows]


def live_grant(read: Reading, *, person_id: int, grant_id: int) -> Granted:
    for granted in grants(read, person_id=person_id):
        if granted.id == grant_id and granted.revoked_at is None:
            return granted
    raise NotFound


@dataclass(frozen=True)
class Message:
    id: int
    template: str
    channel: OutboxChannel
    state: OutboxState
    due_at: datetime
    sent_at: datetime | None
    last_error: str | None


def messages(read: Reading, *, person_id: int) -> Sequence[Message]:
    _only_admins(read)
    rows = read.session.execute(
        select(
            Outbox.id,
            Outbox.template,
            Outbox.channel,
            Outbox.state,
            Outbox.due_at,
            Outbox.sent_at,
            Outbox.last_error,
        )
        .where(Outbox.person_id == person_id)
        .order_by(Outbox.id.desc())
        .limit(RECENT)
    )
    return [Message(*row) for row in rows]


def _only_admins(read: Reading) -> None:
    if not read.actor.is_admin():
        raise NotFound
