"""Letters between members: each of the two reads them, and admins read one that its recipient reported."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, or_, select
from sqlalchemy.orm import aliased

from cop.core.errors import NotFound
from cop.core.work import Reading
from cop.models.accounts import Person
from cop.models.members import Relay


@dataclass(frozen=True)
class Listed:
    """One line of somebody's letters; ``other`` is whom they wrote to or heard from."""

    public_id: str
    is_mine: bool
    other: str
    sent_at: datetime


@dataclass(frozen=True)
class Letter:
    """A letter, as one of the two reads it. ``before`` is the letter that it answers, while that is kept."""

    id: int
    public_id: str
    is_mine: bool
    other: str
    body: str
    sent_at: datetime
    before: str | None
    is_reported: bool


def letters(read: Reading, *, offset: int = 0, limit: int = 20) -> Sequence[Listed]:
    """Those that the actor sent and got, the newest first; ``limit`` + 1 of them."""
    me = _reader(read)
    is_mine = Relay.from_person_id == me
    found = (
        select(Relay.public_id, is_mine, Person.name, Relay.sent_at)
        .join(Person, Person.id == case((is_mine, Relay.to_person_id), else_=Relay.from_person_id))
        .where(or_(is_mine, Relay.to_person_id == me))
        .order_by(Relay.id.desc())
    )
    return [Listed(*row) for row in read.session.execute(found.offset(offset).limit(limit + 1))]


def letter(read: Reading, *, public_id: str) -> Letter:
    """NotFound for everybody but the two."""
    me, before = _reader(read), aliased(Relay)
    is_mine = Relay.from_person_id == me
    found = (
        select(Relay, is_mine, Person.name, before.public_id)
        .join(Person, Person.id == case((is_mine, Relay.to_person_id), else_=Relay.from_person_id))
        .outerjoin(before, before.id == Relay.answers)
        .where(Relay.public_id == public_id, or_(is_mine, Relay.to_person_id == me))
    )
    row = read.session.execute(found).one_or_none()
    if row is None:
        raise NotFound
    relay, mine, other, earlier = row
    return Letter(
        id=relay.id,
        public_id=relay.public_id,
        is_mine=mine,
        other=other,
        body=relay.body or "",
        sent_at=relay.sent_at,
        before=earlier,
        is_reported=relay.reported_at is not None and not mine,
    )


@dataclass(frozen=True)
class Reported:
    """A letter that its recipient reported, for admins; ``body`` and ``why`` are only read on its own page."""

    id: int
    public_id: str
    sender: str
    recipient: str
    sent_at: datetime
    reported_at: datetime | None
    handled_at: datetime | None
    body: str = ""
    why: str = ""


def reported(read: Reading, *, offset: int = 0, limit: int = 20) -> Sequence[Reported]:
    """Those that wait, the oldest first; ``limit`` + 1 of them."""
    if not read.actor.is_admin():
        raise NotFound
    sender, recipient = aliased(Person), aliased(Person)
    found = (
        select(
            Relay.id,
            Relay.public_id,
            sender.name,
            recipient.name,
            Relay.sent_at,
            Relay.reported_at,
            Relay.handled_at,
        )
        .join(sender, sender.id == Relay.from_person_id)
        .join(recipient, recipient.id == Relay.to_person_id)
        .where(Relay.reported_at.is_not(None), Relay.handled_at.is_(None))
        .order_by(Relay.id)
    )
    return [Reported(*row) for row in read.session.execute(found.offset(offset).limit(limit + 1))]


def count_reported(read: Reading) -> int:
    waiting = (Relay.reported_at.is_not(None), Relay.handled_at.is_(None))
    return read.session.scalar(select(func.count()).select_from(Relay).where(*waiting)) or 0


def one_reported(read: Reading, *, public_id: str) -> Reported:
    """With its words, which its recipient showed by reporting it; NotFound for any other letter."""
    if not read.actor.is_admin():
        raise NotFound
    sender, recipient = aliased(Person), aliased(Person)
    found = (
        select(Relay, sender.name, recipient.name)
        .join(sender, sender.id == Relay.from_person_id)
        .join(recipient, recipient.id == Relay.to_person_id)
        .where(Relay.public_id == public_id, Relay.reported_at.is_not(None))
    )
    row = read.session.execute(found).one_or_none()
    if row is None:
        raise NotFound
    relay, wrote, got = row
    return Reported(
        id=relay.id,
        public_id=relay.public_id,
        sender=wrote,
        recipient=got,
        sent_at=relay.sent_at,
        reported_at=relay.reported_at,
        handled_at=relay.handled_at,
        body=relay.body or "",
        why=relay.reported_why or "",
    )


def _reader(read: Reading) -> int:
    if read.actor.person_id is None or read.actor.via == "link":
        raise NotFound
    return read.actor.person_id
