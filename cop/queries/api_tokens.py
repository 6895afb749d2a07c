"""Reads about the tokens of programs: whose it is that a program shows, and the list for those who made them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, and_, bindparam, func, or_, select

from cop.core import secrecy
from cop.core.access import Actor, Grant, Role, TokenScope
from cop.core.errors import NotFound
from cop.core.work import Reading, rows
from cop.models.accounts import Account, Person, RoleGrant
from cop.models.programmes import Programme
from cop.models.security import ApiToken


def digest_of(secret: str) -> str:
    return secrecy.digest("api token", secret)


@dataclass(frozen=True)
class Bearer:
    """A live token as it was shown. ``actor`` is None where its maker may no longer read what it is for."""

    id: int
    name: str
    scopes: frozenset[TokenScope]
    programme: str | None
    expires_at: datetime
    actor: Actor | None


def bearer(read: Reading, *, secret: str) -> Bearer | None:
    """The live token with this secret, in one statement; None where there is none, or where its maker has gone.

    It acts in the place of its maker: as an admin of what it is for, and without names as an evaluator.
    """
    found = rows(read.session, _bearer(), {"digest": digest_of(secret), "now": read.now}).all()
    if not found:
        return None
    token = found[0]
    scopes = frozenset(map(TokenScope, token.scopes))
    covers = any(row.grant_id is not None and row.granted_programme_id in (None, token.programme_id) for row in found)
    role = Role.ADMIN if TokenScope.NAMES in scopes else Role.EVALUATOR
    actor = Actor(token.person_id, (Grant(role, token.programme_id),), "api", scopes) if covers else None
    return Bearer(token.id, token.name, scopes, token.slug, token.expires_at, actor)


@cache
def _bearer() -> Select[*tuple[Any, ...]]:
    """Built once a process, because every call asks it: a row for each grant that might cover the token."""
    granted = and_(
        RoleGrant.person_id == ApiToken.person_id,
        RoleGrant.role == Role.ADMIN,
        RoleGrant.revoked_at.is_(None),
        RoleGrant.event_id.is_(None),
        RoleGrant.organisation_id.is_(None),
    )
    return (
        select(
            ApiToken.id,
            ApiToken.name,
            ApiToken.scopes,
            ApiToken.programme_id,
            ApiToken.person_id,
            ApiToken.expires_at,
            Programme.slug,
            RoleGrant.id.label("grant_id"),
            RoleGrant.programme_id.label("granted_programme_id"),
        )
        .join(Account, Account.person_id == ApiToken.person_id)
        .join(Person, and_(Person.id == ApiToken.person_id, Person.erased_at.is_(None)))
        .outerjoin(Programme, Programme.id == ApiToken.programme_id)
        .outerjoin(RoleGrant, granted)
        .where(
            ApiToken.digest == bindparam("digest"),
            ApiToken.revoked_at.is_(None),
            ApiToken.expires_at > bindparam("now"),
        )
    )


@dataclass(frozen=True)
class Line:
    """One token for the list. ``programme`` is None where it reads all of them."""

    public_id: str
    prefix: str
    name: str
    scopes: Sequence[TokenScope]
    programme: str | None
    maker: str
    made_at: datetime
    expires_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None
    is_live: bool


def listed(read: Reading, *, offset: int = 0, limit: int = 20) -> Sequence[Line]:
    """The tokens that the actor may take back, live ones first, then the newest; ``limit`` + 1 of them."""
    live = and_(ApiToken.revoked_at.is_(None), ApiToken.expires_at > read.now)
    wanted = _lines(read).order_by(live.desc(), ApiToken.id.desc()).offset(offset).limit(limit + 1)
    return [_line(read, row) for row in read.session.execute(wanted)]


def one(read: Reading, *, public_id: str) -> Line:
    """One of them; NotFound for who may not take it back."""
    row = read.session.execute(_lines(read).where(ApiToken.public_id == public_id)).one_or_none()
    if row is None:
        raise NotFound
    return _line(read, row)


def live_ones(read: Reading, *, person_id: int) -> int:
    """How many tokens somebody made that still work."""
    wanted = select(func.count()).where(
        ApiToken.person_id == person_id, ApiToken.revoked_at.is_(None), ApiToken.expires_at > read.now
    )
    return read.session.scalar(wanted) or 0


def _lines(read: Reading) -> Select[*tuple[Any, ...]]:
    wanted = (
        select(
            ApiToken.public_id,
            ApiToken.prefix,
            ApiToken.name,
            ApiToken.scopes,
            Programme.name.label("programme"),
            Person.name.label("maker"),
            ApiToken.made_at,
            ApiToken.expires_at,
            ApiToken.used_at,
            ApiToken.revoked_at,
        )
        .join(Person, Person.id == ApiToken.person_id)
        .outerjoin(Programme, Programme.id == ApiToken.programme_id)
    )
    if read.actor.is_admin():
        return wanted
    own = [grant.programme_id for grant in read.actor.grants if grant.role is Role.ADMIN and grant.programme_id]
    return wanted.where(or_(ApiToken.programme_id.in_(own), ApiToken.person_id == read.actor.person_id))


def _line(read: Reading, row: Any) -> Line:
    scopes = [scope for scope in TokenScope if scope in row.scopes]
    is_live = row.revoked_at is None and row.expires_at > read.now
    return Line(**{**row._asdict(), "scopes": scopes, "is_live": is_live})
