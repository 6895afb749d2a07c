"""Reads about second factors and signed-in devices."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, select

from cop.core.errors import NotFound
from cop.core.work import Reading
from cop.formats.passkeys import Known
from cop.models.accounts import Account, Person
from cop.models.security import Authenticator, Device, Passkey, RecoveryCode

FEW = 3
"""So many recovery codes, or fewer, are few."""

MOST_DEVICES = 50


@dataclass(frozen=True)
class Factor:
    public_id: str
    name: str
    added_at: datetime
    used_at: datetime | None


@dataclass(frozen=True)
class Factors:
    """The second factors of the acting person; ``codes_left`` are recovery codes that were not used."""

    apps: Sequence[Factor]
    passkeys: Sequence[Factor]
    codes_left: int

    @property
    def any(self) -> bool:
        return bool(self.apps or self.passkeys)

    @property
    def codes_are_few(self) -> bool:
        return self.any and self.codes_left <= FEW


def own_factors(read: Reading) -> Factors:
    me = read.actor.person_id
    apps = read.session.execute(
        select(Authenticator.public_id, Authenticator.confirmed_at, Authenticator.used_at)
        .where(Authenticator.person_id == me, Authenticator.confirmed_at.is_not(None))
        .order_by(Authenticator.id)
    )
    passkeys = read.session.execute(
        select(Passkey.public_id, Passkey.name, Passkey.added_at, Passkey.used_at)
        .where(Passkey.person_id == me)
        .order_by(Passkey.id)
    )
    left = select(func.count()).where(RecoveryCode.person_id == me, RecoveryCode.used_at.is_(None))
    return Factors(
        [Factor(row.public_id, "", row.confirmed_at, row.used_at) for row in apps],
        [Factor(*row) for row in passkeys],
        read.session.scalar(left) or 0,
    )


def factor(read: Reading, *, public_id: str) -> Factor:
    """One of the acting person's, for the page that asks whether it shall go."""
    own = own_factors(read)
    found = next((one for one in (*own.apps, *own.passkeys) if one.public_id == public_id), None)
    if found is None:
        raise NotFound
    return found


def secret_of_app(read: Reading) -> str | None:
    """The secret of the app that the acting person began to set up; None before that and after."""
    waiting = Authenticator.confirmed_at.is_(None)
    return read.session.scalar(
        select(Authenticator.secret).where(Authenticator.person_id == read.actor.person_id, waiting)
    )


def passkeys(read: Reading) -> Sequence[Known]:
    """How to name the passkeys of the acting person to their browser."""
    mine = select(Passkey.credential_id, Passkey.transports).where(Passkey.person_id == read.actor.person_id)
    return [Known(*row) for row in read.session.execute(mine.order_by(Passkey.id))]


def own_handle(read: Reading) -> str:
    """What the acting person is to their passkeys: a word that tells nothing of them."""
    found = read.session.scalar(select(Person.public_id).where(Person.id == read.actor.person_id))
    if found is None:
        raise NotFound
    return found


@dataclass(frozen=True)
class SignedInDevice:
    public_id: str
    browser: str
    signed_in_at: datetime
    seen_at: datetime


def own_devices(read: Reading) -> Sequence[SignedInDevice]:
    """Where the acting person is signed in, the browser seen last first."""
    live = (
        select(Device.public_id, Device.browser, Device.signed_in_at, Device.seen_at)
        .join(Account, and_(Account.person_id == Device.person_id, Account.session_epoch == Device.session_epoch))
        .where(Device.person_id == read.actor.person_id, Device.ended_at.is_(None))
    )
    return [
        SignedInDevice(*row)
        for row in read.session.execute(live.order_by(Device.seen_at.desc(), Device.id.desc()).limit(MOST_DEVICES))
    ]
