"""Tokens with which programs read: made by admins, shown once, taken back at once."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from secrets import token_urlsafe

from sqlalchemy import select

from cop.core.access import Role, TokenScope
from cop.core.errors import NotFound, Refusal, marked
from cop.core.work import Work
from cop.models.programmes import Programme
from cop.models.security import ApiToken
from cop.queries import api_tokens

LONGEST = timedelta(days=365)

MOST = 20
"""Tokens that one person may have at work."""

BEGINNING = "cop_"
"""Says what it is to whoever finds one, and to programs that look for secrets in code."""

PREFIX_CHARACTERS = len(BEGINNING) + 4


@dataclass(frozen=True)
class Made:
    """``secret`` is known now and never again."""

    public_id: str
    secret: str


def make(
    work: Work, *, name: str, scopes: Collection[TokenScope], programme_slug: str | None, lasts: timedelta
) -> Made:
    """Make a token for one programme or, without a slug, for all of them. NotFound where the actor is no admin of it.

    Refusal for a token that reads nothing, that lasts too long, and for one too many.
    """
    programme = _programme(work, programme_slug)
    if work.actor.person_id is None or work.actor.via != "session":
        raise NotFound
    if not set(scopes) - {TokenScope.NAMES}:
        raise Refusal(marked("Choose what the token may read"), field="scopes")
    if not timedelta() < lasts <= LONGEST:
        raise Refusal(marked("A token runs out after a year at the latest"), field="lasts")
    if api_tokens.live_ones(work, person_id=work.actor.person_id) >= MOST:
        raise Refusal(marked("You have %(most)s tokens that work. Take one back first."), most=MOST)
    secret = BEGINNING + token_urlsafe(32)
    made = ApiToken(
        digest=api_tokens.digest_of(secret),
        prefix=secret[:PREFIX_CHARACTERS],
        name=name,
        scopes=[scope.value for scope in TokenScope if scope in scopes],
        programme_id=programme.id if programme else None,
        person_id=work.actor.person_id,
        made_at=work.now,
        expires_at=work.now + lasts,
    )
    work.session.add(made)
    work.session.flush()
    return Made(made.public_id, secret)


def revoke(work: Work, *, public_id: str) -> str:
    """Take a token back: its next call is refused. Its name; again changes nothing. NotFound for who may not."""
    token = work.session.scalars(
        select(ApiToken).where(ApiToken.public_id == public_id).with_for_update()
    ).one_or_none()
    if token is None or work.actor.via != "session":
        raise NotFound
    is_own = token.person_id == work.actor.person_id
    if not is_own and not work.actor.may(Role.ADMIN, programme_id=token.programme_id):
        raise NotFound
    token.revoked_at = token.revoked_at or work.now
    return token.name


def _programme(work: Work, slug: str | None) -> Programme | None:
    if slug is None:
        if not work.actor.is_admin():
            raise NotFound
        return None
    programme = work.session.scalars(select(Programme).where(Programme.slug == slug)).one_or_none()
    if programme is None or not work.actor.may(Role.ADMIN, programme_id=programme.id):
        raise NotFound
    return programme
