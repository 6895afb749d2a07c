"""Second factors: passkeys, apps that show codes, and recovery codes for the day on which both are lost.

All of it is about the acting person, but for ``reset``. Instants of codes are real time and come from the caller: the
telephone that shows a code knows nothing of a service's clock that was moved on.
"""

import re
import secrets
from datetime import datetime, timedelta
from enum import StrEnum

import pyotp
from sqlalchemy import delete, func, select

from cop.core import secrecy
from cop.core.errors import NotFound, Refusal, marked
from cop.core.work import Work
from cop.formats import passkeys
from cop.formats.passkeys import Site
from cop.models.accounts import Account, Person
from cop.models.security import Authenticator, Device, FactorTry, Passkey, RecoveryCode
from cop.services import devices, outbox
from cop.services.accounts import clean_email

STEP_SECONDS = 30
DRIFT = 1
"""A telephone's clock may be so many steps behind or ahead."""

APP_CODE_DIGITS = 6
"""A recovery code is longer, and now and then has no letter in it."""

RECOVERY_CODES = 10
RECOVERY_CODE_LETTERS = 10

SHORT, SHORT_TRIES = timedelta(minutes=15), 5
LONG, LONG_TRIES = timedelta(days=1), 20
"""Wrong codes within these times. Only codes of six digits count against the longer one: they are few enough to be
guessed in the end. Passkeys and recovery codes are not, so that nobody can be locked out for long by somebody else."""

CHALLENGE_LIVES = timedelta(minutes=5)
CHALLENGE_BYTES = 32

MOST_APPS = 5
MOST_PASSKEYS = 10
MOST_NAME = 60

WRONG_PASSKEY = marked("This passkey was not accepted. Try again.")


class Tried(StrEnum):
    """What became of a second factor. ``BUSY``: too many wrong codes lately, so that this one was not looked at."""

    RIGHT = "right"
    WRONG = "wrong"
    BUSY = "busy"


class Change(StrEnum):
    """What somebody is told by mail about their second factors."""

    APP_ADDED = "app added"
    APP_REMOVED = "app removed"
    PASSKEY_ADDED = "passkey added"
    PASSKEY_REMOVED = "passkey removed"
    CODES_MADE = "codes made"
    RESET = "reset"


def begin_app(work: Work) -> None:
    """Make a secret for an app; it is good for nothing until a code of it was typed."""
    person_id = _one_at_a_time(work)
    mine = Authenticator.person_id == person_id
    confirmed = select(func.count()).where(mine, Authenticator.confirmed_at.is_not(None))
    if (work.session.scalar(confirmed) or 0) >= MOST_APPS:
        raise Refusal(marked("You have %(most)s apps already: remove one first"), most=MOST_APPS)
    for waiting in work.session.scalars(select(Authenticator).where(mine, Authenticator.confirmed_at.is_(None))):
        work.session.delete(waiting)
    work.session.flush()
    work.session.add(Authenticator(person_id=person_id, secret=pyotp.random_base32(), begun_at=work.now))


def uri_of(secret: str, *, account: str, issuer: str) -> str:
    """What the QR code of an app says."""
    return str(pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=issuer))


def confirm_app(work: Work, *, code: str, at: datetime) -> None:
    """The app that was begun shows this code ``at`` this instant, so it is a second factor from now on."""
    person_id = _one_at_a_time(work)
    waiting = select(Authenticator).where(Authenticator.person_id == person_id, Authenticator.confirmed_at.is_(None))
    app = work.session.scalars(waiting).one_or_none()
    if app is None:
        raise NotFound
    step = _step(app, _plain(code), at)
    if step is None:
        raise Refusal(
            marked("This code is wrong. Type the one that the app shows now, and check the clock of your phone."),
            field="code",
        )
    app.confirmed_at, app.last_step, app.used_at = work.now, step, work.now
    tell(work, Change.APP_ADDED, app.id)


def give_code(work: Work, *, code: str, at: datetime) -> Tried:
    """Try a code of an app or a recovery code; each is good once, and a wrong one is counted."""
    person_id = _one_at_a_time(work)
    typed = _plain(code)
    is_of_app = len(typed) == APP_CODE_DIGITS and typed.isascii() and typed.isdigit()
    if _wrong(work, person_id, SHORT) >= SHORT_TRIES:
        return Tried.BUSY
    if is_of_app and _wrong(work, person_id, LONG) >= LONG_TRIES:
        return Tried.BUSY
    if is_of_app and _use_app(work, person_id, typed, at):
        return Tried.RIGHT
    if not is_of_app and _use_recovery_code(work, person_id, typed):
        return Tried.RIGHT
    work.session.add(FactorTry(person_id=person_id, at=work.now))
    return Tried.WRONG


def _wrong(work: Work, person_id: int, within: timedelta) -> int:
    lately = select(func.count()).where(FactorTry.person_id == person_id, FactorTry.at > work.now - within)
    return work.session.scalar(lately) or 0


def _use_app(work: Work, person_id: int, code: str, at: datetime) -> bool:
    mine = select(Authenticator).where(Authenticator.person_id == person_id, Authenticator.confirmed_at.is_not(None))
    for app in work.session.scalars(mine.order_by(Authenticator.id)):
        step = _step(app, code, at)
        if step is not None:
            app.last_step, app.used_at = step, work.now
            return True
    return False


def _step(app: Authenticator, code: str, at: datetime) -> int | None:
    """The step of time that this code is of, if it is one of about now and later than the last that was used."""
    present, shown = int(at.timestamp()) // STEP_SECONDS, pyotp.TOTP(app.secret)
    steps = range(max(app.last_step + 1, present - DRIFT), present + DRIFT + 1)
    return next((step for step in steps if secrecy.same(shown.generate_otp(step), code)), None)


def _use_recovery_code(work: Work, person_id: int, code: str) -> bool:
    found = work.session.scalars(
        select(RecoveryCode).where(
            RecoveryCode.person_id == person_id,
            RecoveryCode.digest == secrecy.digest("recovery-code", code),
            RecoveryCode.used_at.is_(None),
        )
    ).one_or_none()
    if found is None:
        return False
    found.used_at = work.now
    return True


def make_recovery_codes(work: Work) -> list[str]:
    """Ten new codes in the place of those before. Only their digests are kept, so they are shown once."""
    person_id = _one_at_a_time(work)
    if not _factors(work, person_id):
        raise Refusal(marked("Set up an app or a passkey first: recovery codes stand in for one of them"))
    work.session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person_id))
    codes = [secrecy.random_word(RECOVERY_CODE_LETTERS) for _ in range(RECOVERY_CODES)]
    made = [
        RecoveryCode(person_id=person_id, digest=secrecy.digest("recovery-code", code), made_at=work.now)
        for code in codes
    ]
    work.session.add_all(made)
    work.session.flush()
    tell(work, Change.CODES_MADE, made[0].id)
    half = RECOVERY_CODE_LETTERS // 2
    return [f"{code[:half]}-{code[half:]}" for code in codes]


def challenge(work: Work, *, device: str) -> bytes:
    """What a passkey has to sign next in this browser of the acting person, once and within minutes."""
    found = _device(work, device)
    found.challenge, found.challenge_until = secrets.token_bytes(CHALLENGE_BYTES), work.now + CHALLENGE_LIVES
    return found.challenge


def add_passkey(work: Work, *, device: str, site: Site, answer: str, name: str) -> None:
    """Keep the public half of a new passkey. ``answer`` is what the browser says of it, as JSON."""
    person_id = _one_at_a_time(work)
    mine = work.session.scalar(select(func.count()).where(Passkey.person_id == person_id)) or 0
    if mine >= MOST_PASSKEYS:
        raise Refusal(marked("You have %(most)s passkeys already: remove one first"), most=MOST_PASSKEYS)
    expected = _spend_challenge(work, device)
    if expected is None:
        raise Refusal(marked("This took too long, or was begun in another window. Try again."))
    made = passkeys.made(site, expected, answer)
    if made is None:
        raise Refusal(WRONG_PASSKEY)
    known = select(Passkey.id).where(Passkey.credential_id == made.credential_id)
    if work.session.scalar(known) is not None:
        raise Refusal(marked("This passkey is known already. Use another device, or remove it first."))
    passkey = Passkey(
        person_id=person_id,
        credential_id=made.credential_id,
        public_key=made.public_key,
        sign_count=made.sign_count,
        transports=list(made.transports),
        name=name.strip()[:MOST_NAME],
        added_at=work.now,
    )
    work.session.add(passkey)
    work.session.flush()
    tell(work, Change.PASSKEY_ADDED, passkey.id)


def give_passkey(work: Work, *, device: str, site: Site, answer: str) -> Tried:
    """Try what a passkey of the acting person signed. The challenge is spent either way."""
    person_id = _one_at_a_time(work)
    expected = _spend_challenge(work, device)
    credential_id = passkeys.credential_of(answer)
    if expected is None or credential_id is None:
        return Tried.WRONG
    mine = select(Passkey).where(Passkey.person_id == person_id, Passkey.credential_id == credential_id)
    passkey = work.session.scalars(mine).one_or_none()
    if passkey is None:
        return Tried.WRONG
    count = passkeys.given(site, expected, answer, public_key=passkey.public_key, sign_count=passkey.sign_count)
    if count is None:
        return Tried.WRONG
    passkey.sign_count, passkey.used_at = count, work.now
    return Tried.RIGHT


def _spend_challenge(work: Work, device: str) -> bytes | None:
    found = _device(work, device)
    expected, until = found.challenge, found.challenge_until
    found.challenge = found.challenge_until = None
    return expected if until is not None and until > work.now else None


def _device(work: Work, public_id: str) -> Device:
    mine = select(Device).where(Device.public_id == public_id, Device.person_id == work.actor.person_id)
    found = work.session.scalars(mine.where(Device.ended_at.is_(None)).with_for_update()).one_or_none()
    if found is None:
        raise NotFound
    return found


def remove(work: Work, *, public_id: str, needs_one: bool) -> None:
    """Remove an app or a passkey. ``needs_one`` is whether the person may not be without a second factor."""
    person_id = _one_at_a_time(work)
    factor, change = _own_factor(work, person_id, public_id)
    is_last = _factors(work, person_id) == 1
    if is_last and needs_one:
        raise Refusal(marked("This is your last second factor, and your role needs one: add another first"))
    work.session.delete(factor)
    if is_last:
        work.session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person_id))
    tell(work, change, factor.id)


def _own_factor(work: Work, person_id: int, public_id: str) -> tuple[Authenticator | Passkey, Change]:
    app = select(Authenticator).where(Authenticator.public_id == public_id, Authenticator.person_id == person_id)
    passkey = select(Passkey).where(Passkey.public_id == public_id, Passkey.person_id == person_id)
    if found := work.session.scalars(app.where(Authenticator.confirmed_at.is_not(None))).one_or_none():
        return found, Change.APP_REMOVED
    if other := work.session.scalars(passkey).one_or_none():
        return other, Change.PASSKEY_REMOVED
    raise NotFound


def _factors(work: Work, person_id: int) -> int:
    """How many second factors somebody can give, recovery codes aside."""
    apps = select(func.count()).where(Authenticator.person_id == person_id, Authenticator.confirmed_at.is_not(None))
    passkeys = select(func.count()).where(Passkey.person_id == person_id)
    return work.session.scalar(select(apps.scalar_subquery() + passkeys.scalar_subquery())) or 0


def reset(work: Work, *, public_id: str) -> Person:
    """Take away all second factors of somebody who lost them, and sign them out; for admins, and never for oneself."""
    if not work.actor.is_admin() or work.actor.withheld:
        raise NotFound
    person = work.session.scalars(select(Person).where(Person.public_id == public_id)).one_or_none()
    if person is None or person.merged_into is not None:
        raise NotFound
    if person.id == work.actor.person_id:
        raise Refusal(marked("Ask another admin: nobody takes away their own second factor"))
    if work.session.get(Account, person.id, with_for_update=True) is None or not _holds_any(work, person.id):
        raise Refusal(marked("This person has no second factor"))
    for table in (Authenticator, Passkey):
        for factor in work.session.scalars(select(table).where(table.person_id == person.id)):
            work.session.delete(factor)
    for kept in (RecoveryCode, FactorTry):
        work.session.execute(delete(kept).where(kept.person_id == person.id))
    devices.end_all(work, person_id=person.id)
    outbox.post(
        work,
        key=f"factors:{Change.RESET}:{person.id}:{work.now.isoformat()}",
        to=person,
        template="factors_changed",
        change=Change.RESET,
    )
    return person


def reset_by_address(work: Work, *, email: str) -> None:
    """For operators, where there is no other admin; Refusal where nobody has this address."""
    address = clean_email(email)
    public_id = work.session.scalar(select(Person.public_id).where(Person.email == address))
    if public_id is None:
        raise Refusal(marked("Nobody has this address"))
    reset(work, public_id=public_id)


def _holds_any(work: Work, person_id: int) -> bool:
    begun = select(Authenticator.id).where(Authenticator.person_id == person_id)
    return bool(_factors(work, person_id)) or work.session.scalar(begun) is not None


def _one_at_a_time(work: Work) -> int:
    """The acting person; what they do about second factors waits for what they do about them elsewhere."""
    person_id = work.actor.person_id
    if person_id is None or work.session.get(Account, person_id, with_for_update=True) is None:
        raise NotFound
    return person_id


def _plain(code: str) -> str:
    return re.sub(r"[\s-]", "", code).lower()


def tell(work: Work, change: Change, row_id: int) -> None:
    """Write to the acting person that one of their second factors changed."""
    person = work.session.get_one(Person, work.actor.person_id)
    outbox.post(work, key=f"factors:{change}:{row_id}", to=person, template="factors_changed", change=change)
