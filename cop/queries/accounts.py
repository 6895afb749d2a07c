"""Reads about people: who is signed in, and what their pages show."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, and_, bindparam, exists, or_, select
from sqlalchemy.orm import Session

from cop.core import secrecy
from cop.core.access import TWO_LOCKS, Grant
from cop.core.errors import NotFound
from cop.core.work import Reading, rows
from cop.models.accounts import Account, Affiliation, Channel, Person, RoleGrant, Sector, SignIn
from cop.models.organisations import Membership, Organisation
from cop.models.security import Authenticator, Device, Passkey
from cop.models.service import Setting

NEWER_MEMBER_YEARS = 3
"""Default of the setting ``newer_member_years``: an organisation that joined within so many years is newer."""


@dataclass(frozen=True)
class SignedInPerson:
    id: int
    name: str
    email: str | None
    timezone: str
    session_epoch: int
    grants: tuple[Grant, ...]
    """All that they hold; which of them are in force in a session is for ``cop.web.acting`` to say."""

    device: str
    device_seen_at: datetime
    has_factor: bool

    @property
    def holds_two_locks(self) -> bool:
        """Whether they hold what opens only to a second factor."""
        return any(grant.role in TWO_LOCKS for grant in self.grants)

    @property
    def needs_factor(self) -> bool:
        """Whether they have to give a second factor: because of what they were granted, or because they wanted one."""
        return self.has_factor or self.holds_two_locks


def signed_in_person(session: Session, person_id: int, session_epoch: int, device: str) -> SignedInPerson | None:
    """The person of a session with their live grants in one statement.

    ``device`` is the public id of their browser. None once the epoch has moved on or the browser was signed out.
    """
    found = rows(session, _signed_in(), {"person_id": person_id, "epoch": session_epoch, "device": device}).all()
    if not found:
        return None
    grants = tuple(
        Grant(row.role, row.programme_id, row.event_id, row.organisation_id) for row in found if row.role is not None
    )
    one = found[0]
    return SignedInPerson(
        person_id, one.name, one.email, one.timezone, session_epoch, grants, device, one.seen_at, one.has_factor
    )


@cache
def _signed_in() -> Select[*tuple[Any, ...]]:
    """Built once a process, because every page of somebody signed in asks it."""
    live = and_(RoleGrant.person_id == Person.id, RoleGrant.revoked_at.is_(None))
    return (
        select(
            Person.name,
            Person.email,
            Person.timezone,
            Device.seen_at,
            has_factor(Person.id).label("has_factor"),
            RoleGrant.role,
            RoleGrant.programme_id,
            RoleGrant.event_id,
            RoleGrant.organisation_id,
        )
        .join(Account, Account.person_id == Person.id)
        .join(
            Device,
            and_(
                Device.person_id == Person.id, Device.session_epoch == Account.session_epoch, Device.ended_at.is_(None)
            ),
        )
        .outerjoin(RoleGrant, live)
        .where(
            Person.id == bindparam("person_id"),
            Account.session_epoch == bindparam("epoch"),
            Device.public_id == bindparam("device"),
        )
        .order_by(RoleGrant.id)
    )


def has_factor(person: SQLColumnExpression[int]) -> ColumnElement[bool]:
    """Whether a person has a second factor that they can give."""
    app = exists().where(Authenticator.person_id == person, Authenticator.confirmed_at.is_not(None))
    passkey = exists().where(Passkey.person_id == person)
    return or_(app.correlate_except(Authenticator), passkey.correlate_except(Passkey))


def waiting_sign_in(read: Reading, *, token: str) -> SignIn | None:
    """The request that a link belongs to, while the link still works."""
    signed = secrecy.read_signed("sign-in", token)
    if signed is None:
        raise NotFound
    return read.session.scalars(
        select(SignIn).where(SignIn.public_id == signed[0], SignIn.closed_at.is_(None), SignIn.expires_at > read.now)
    ).one_or_none()


@dataclass(frozen=True)
class OwnProfile:
    person_id: int
    name: str
    email: str | None
    phone: str | None
    prefers: Channel
    timezone: str
    needs: str | None
    calendar_generation: int
    organisation_id: int | None
    organisation: str | None
    organisation_slug: str | None
    organisation_ended_on: date | None
    sector: Sector | None
    role_title: str | None

    def has_lost_its_organisation(self, today: date) -> bool:
        """Whether where they belong has ended, and nobody knows where they belong instead."""
        return self.organisation_ended_on is not None and self.organisation_ended_on <= today


def own_profile(read: Reading) -> OwnProfile:
    """What the acting person told us of themselves, access needs included."""
    row = read.session.execute(
        select(
            Person.id.label("person_id"),
            Person.name,
            Person.email,
            Person.phone,
            Person.prefers,
            Person.timezone,
            Person.needs,
            Person.calendar_generation,
            Affiliation.organisation_id,
            Organisation.name.label("organisation"),
            Organisation.slug.label("organisation_slug"),
            Organisation.ended_on.label("organisation_ended_on"),
            Affiliation.sector,
            Affiliation.role_title,
        )
        .outerjoin(
            Affiliation,
            and_(Affiliation.person_id == Person.id, Affiliation.is_primary, Affiliation.to_on.is_(None)),
        )
        .outerjoin(Organisation, Organisation.id == Affiliation.organisation_id)
        .where(Person.id == read.actor.person_id)
    ).one_or_none()
    if row is None:
        raise NotFound
    return OwnProfile(**row._asdict())


@dataclass(frozen=True)
class Standing:
    """Who a person is to the network on the day they book or apply; kept with what they booked."""

    organisation_id: int | None = None
    sector: Sector | None = None
    membership: Membership | None = None
    newer_member: bool | None = None
    region: str | None = None


def standing_of(read: Reading, person_id: int) -> Standing:
    """Organisation, sector and membership by the live primary affiliation; None for what is not known."""
    years = select(Setting.value).where(Setting.name == "newer_member_years").scalar_subquery()
    row = read.session.execute(
        select(
            Affiliation.organisation_id,
            Affiliation.sector,
            Organisation.membership,
            Organisation.joined_on,
            Organisation.region,
            years.label("years"),
        )
        .outerjoin(Organisation, Organisation.id == Affiliation.organisation_id)
        .where(Affiliation.person_id == person_id, Affiliation.is_primary, Affiliation.to_on.is_(None))
    ).one_or_none()
    if row is None:
        return Standing()
    newer = (
        None
        if row.joined_on is None
        else is_newer_member(row.joined_on, read.now.date(), row.years or NEWER_MEMBER_YEARS)
    )
    return Standing(row.organisation_id, row.sector, row.membership, newer, row.region)


def is_newer_member(joined_on: date, today: date, years: int) -> bool:
    """Whether ``today`` falls within the first ``years`` years of membership."""
    return (today.year - joined_on.year, today.month - joined_on.month, today.day - joined_on.day) < (years, 0, 0)


def addresses_at(read: Reading, *, domain: str, limit: int = 50) -> Sequence[str]:
    """The addresses of people with an account at one e-mail domain, in order of their making."""
    found = select(Person.email).join(Account, Account.person_id == Person.id)
    mine = Person.email.endswith(f"@{domain}", autoescape=True)
    return [email for email in read.session.scalars(found.where(mine).order_by(Person.id).limit(limit)) if email]
