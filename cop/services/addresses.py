"""Another e-mail address for somebody: it counts once a link that was sent there has been used."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import ColumnElement, func, select, update

from cop.core import secrecy
from cop.core.errors import NotFound, Refusal, marked
from cop.core.work import Work
from cop.models.accounts import Account, Person, SignIn
from cop.models.merging import AddressChange
from cop.queries.addresses import CONFIRMS, STOPS
from cop.services import outbox
from cop.services.accounts import clean_email

LINK_LIVES = timedelta(days=1)

WINDOW = timedelta(hours=1)
ASKED_MOST = 5
"""Changes that one person can ask for within WINDOW, so that nobody fills a stranger's mailbox."""

SPENT = marked("This link was used already, was stopped, or is older than a day")


def ask(work: Work, *, email: str, public_id: str | None = None) -> AddressChange:
    """Send a link to the new address of the acting person; admins name somebody else by ``public_id``.

    The answer is the same whether or not somebody has that address: who does is told by mail, and by no page.
    """
    person = _person(work, public_id)
    address = clean_email(email)
    if address == person.email:
        raise Refusal(marked("This is the address that we have already"), field="email")
    lately = select(func.count()).select_from(AddressChange).where(AddressChange.person_id == person.id)
    if (work.session.scalar(lately.where(AddressChange.asked_at > work.now - WINDOW)) or 0) >= ASKED_MOST:
        raise Refusal(marked("You have asked for this several times. Try again in an hour."), field="email")
    _end(work, AddressChange.person_id == person.id)
    change = AddressChange(
        person_id=person.id,
        email=address,
        asked_by=work.actor.person_id,
        asked_at=work.now,
        expires_at=work.now + LINK_LIVES,
    )
    work.session.add(change)
    work.session.flush()
    is_known = work.session.scalar(select(Person.id).where(Person.email == address)) is not None
    _post(work, change, "address_change_known" if is_known else "address_change_confirm", to=address)
    if person.email is not None:
        _post(work, change, "address_change_notice", to=person.email)
    return change


def _person(work: Work, public_id: str | None) -> Person:
    """Who is meant, locked: oneself, or for admins anybody."""
    if public_id is not None and not work.actor.is_admin():
        raise NotFound
    who = Person.public_id == public_id if public_id is not None else Person.id == work.actor.person_id
    found = select(Person).where(who, Person.merged_into.is_(None)).with_for_update(key_share=True)
    person = work.session.scalars(found.execution_options(populate_existing=True)).one_or_none()
    if person is None:
        raise NotFound
    return person


def _post(work: Work, change: AddressChange, template: str, *, to: str) -> None:
    outbox.post(
        work,
        key=f"{template.replace('_', '-')}:{change.id}",
        to=to,
        template=template,
        useless_after=change.expires_at,
        address_change_id=change.id,
    )


def _end(work: Work, *which: ColumnElement[bool]) -> None:
    still_open = update(AddressChange).where(AddressChange.ended_at.is_(None), *which)
    work.session.execute(still_open.values(ended_at=work.now))


def confirm(work: Work, *, token: str) -> int | None:
    """Change the address. All sessions end, and so do links to sign in by the address before; links that were mailed
    about bookings stay good. Returns the epoch of new sessions, None for somebody who has never signed in.
    """
    change, person = _change_of(work, token, CONFIRMS)
    if change.ended_at is not None or change.expires_at <= work.now:
        raise Refusal(SPENT)
    before, person.email = person.email, change.email
    change.ended_at = work.now
    work.session.flush()
    _close_sign_ins(work, [before, change.email])
    account = work.session.get(Account, person.id, with_for_update=True, populate_existing=True)
    if account is None:
        return None
    account.session_epoch += 1
    account.email_verified_at = work.now
    work.session.flush()
    return account.session_epoch


def _close_sign_ins(work: Work, addresses: Sequence[str | None]) -> None:
    waiting = update(SignIn).where(SignIn.email.in_(filter(None, addresses)), SignIn.closed_at.is_(None))
    work.session.execute(waiting.values(closed_at=work.now))


def stop(work: Work, *, token: str) -> None:
    """Whoever has the address before says that they did not ask: nothing changes, and every device is signed out."""
    change, person = _change_of(work, token, STOPS)
    if person.email == change.email:
        raise Refusal(marked("The address has been changed already"))
    if change.ended_at is None:
        change.ended_at = work.now
        account = update(Account).where(Account.person_id == person.id)
        work.session.execute(account.values(session_epoch=Account.session_epoch + 1))


def cancel(work: Work) -> None:
    """Keep the acting person's address as it is; nothing to cancel changes nothing."""
    if work.actor.person_id is None:
        raise NotFound
    _end(work, AddressChange.person_id == work.actor.person_id)


def _change_of(work: Work, token: str, purpose: str) -> tuple[AddressChange, Person]:
    """What a link stands for, with the person, locked in this order: the person, then the change."""
    signed = secrecy.read_signed(purpose, token)
    public_id = (signed or ("", 0))[0]
    person_id = work.session.scalar(select(AddressChange.person_id).where(AddressChange.public_id == public_id))
    if person_id is None:
        raise NotFound
    locked = select(Person).where(Person.id == person_id).with_for_update(key_share=True)
    person = work.session.scalars(locked.execution_options(populate_existing=True)).one()
    change = select(AddressChange).where(AddressChange.public_id == public_id).with_for_update()
    return work.session.scalars(change.execution_options(populate_existing=True)).one(), person
