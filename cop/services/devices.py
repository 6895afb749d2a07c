"""Browsers in which somebody is signed in: each has a row, so that each can be signed out alone."""

import re
from datetime import datetime

from sqlalchemy import Update, select, update

from cop.core.access import TWO_LOCKS
from cop.core.errors import NotFound
from cop.core.work import Work
from cop.models.accounts import Account, Person, RoleGrant
from cop.models.security import Device
from cop.services import outbox

BROWSERS = (
    ("Edge", r"\bEdg(e|A|iOS)?/"),
    ("Opera", r"\bOPR/"),
    ("Samsung Internet", r"\bSamsungBrowser/"),
    ("Firefox", r"\b(Firefox|FxiOS)/"),
    ("Chrome", r"\b(Chrome|CriOS|Chromium)/"),
    ("Safari", r"\bSafari/"),
)
"""Each calls itself by its own name and by the names of those that came before; so the order counts."""

SYSTEMS = (
    ("iPhone", r"\biPhone\b"),
    ("iPad", r"\biPad\b"),
    ("Android", r"\bAndroid\b"),
    ("Windows", r"\bWindows\b"),
    ("Mac", r"\bMacintosh\b"),
    ("ChromeOS", r"\bCrOS\b"),
    ("Linux", r"\bLinux\b"),
)


def browser_name(user_agent: str) -> str:
    """“Firefox on Windows”: what a browser says of itself, in words; empty where it says nothing that we know."""
    browser = _named(BROWSERS, user_agent)
    system = _named(SYSTEMS, user_agent)
    return " on ".join(word for word in (browser, system) if word)


def _named(known: tuple[tuple[str, str], ...], user_agent: str) -> str:
    return next((name for name, pattern in known if re.search(pattern, user_agent)), "")


def begin(
    work: Work, *, person_id: int, session_epoch: int, user_agent: str, before: str, tells: bool = True
) -> str | None:
    """The public id of a new row for the browser in which this person signs in; None for a spent epoch.

    ``before`` is the id that the browser had at its last session. Staff who come from a browser that was never seen
    with them are told by mail, unless it is their first of all or ``tells`` is false.
    """
    epoch = select(Account.session_epoch).where(Account.person_id == person_id)
    if work.session.scalar(epoch) != session_epoch:
        return None
    of_them = select(Device).where(Device.person_id == person_id)
    last = work.session.scalars(of_them.where(Device.public_id == before)).one_or_none() if before else None
    is_first = work.session.scalar(select(of_them.exists())) is False
    if last is not None and last.ended_at is None:
        last.ended_at = work.now
    browser = browser_name(user_agent)
    device = Device(
        person_id=person_id, session_epoch=session_epoch, browser=browser, signed_in_at=work.now, seen_at=work.now
    )
    work.session.add(device)
    work.session.flush()
    if tells and last is None and not is_first and _has_two_locks(work, person_id):
        outbox.post(
            work,
            key=f"new-browser:{device.id}",
            to=work.session.get_one(Person, person_id),
            template="new_browser",
            device_id=device.id,
        )
    return device.public_id


def _has_two_locks(work: Work, person_id: int) -> bool:
    held = select(RoleGrant.id).where(
        RoleGrant.person_id == person_id, RoleGrant.revoked_at.is_(None), RoleGrant.role.in_(TWO_LOCKS)
    )
    return bool(work.session.scalar(select(held.exists())))


def seen(public_id: str, at: datetime) -> Update:
    """The statement that keeps when a browser was last seen; two at once write it once."""
    return update(Device).where(Device.public_id == public_id, Device.seen_at < at).values(seen_at=at)


def end(work: Work, *, public_id: str) -> None:
    """Sign the acting person out in one of their browsers. NotFound if it is another's, or ended."""
    device = work.session.scalars(
        select(Device)
        .where(Device.public_id == public_id, Device.person_id == work.actor.person_id, Device.ended_at.is_(None))
        .with_for_update()
    ).one_or_none()
    if device is None:
        raise NotFound
    device.ended_at = work.now


def leave(work: Work, *, public_id: str) -> None:
    """Note that the acting person signed out in this browser, if they were signed in."""
    mine = update(Device).where(Device.public_id == public_id, Device.person_id == work.actor.person_id)
    work.session.execute(mine.where(Device.ended_at.is_(None)).values(ended_at=work.now))


def end_others(work: Work, *, but: str) -> int:
    """Sign the acting person out everywhere but in the browser named; in how many others they were."""
    ended = (
        update(Device)
        .where(Device.person_id == work.actor.person_id, Device.public_id != but, Device.ended_at.is_(None))
        .values(ended_at=work.now)
        .returning(Device.id)
    )
    return len(work.session.scalars(ended).all())


def end_all(work: Work, *, person_id: int) -> None:
    """Sign a person out everywhere."""
    work.session.execute(
        update(Account).where(Account.person_id == person_id).values(session_epoch=Account.session_epoch + 1)
    )
