"""Changes of e-mail addresses: what is under way, and what a link in a mail stands for."""

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select

from cop.core import secrecy
from cop.core.errors import NotFound
from cop.core.work import Reading
from cop.models.accounts import Person
from cop.models.merging import AddressChange

CONFIRMS = "address-change"
"""The purpose of links that were sent to a new address."""

STOPS = "address-change-stop"
"""The purpose of links that were sent to the address before."""


class Stage(StrEnum):
    """Where a change of address is."""

    WAITING = "waiting"
    DONE = "done"
    ENDED = "ended"


@dataclass(frozen=True)
class Change:
    """``is_current`` tells that the person has this address now."""

    public_id: str
    person_id: int
    email: str
    is_current: bool
    is_open: bool

    @property
    def stage(self) -> Stage:
        if self.is_open:
            return Stage.WAITING
        return Stage.DONE if self.is_current else Stage.ENDED


def under_way(read: Reading, *, person_id: int) -> str | None:
    """The new address that waits for its owner to confirm it; a person's own, or for admins."""
    if read.actor.person_id != person_id and not read.actor.is_admin():
        raise NotFound
    found = select(AddressChange.email).where(
        AddressChange.person_id == person_id, AddressChange.ended_at.is_(None), AddressChange.expires_at > read.now
    )
    return read.session.scalar(found.order_by(AddressChange.id.desc()).limit(1))


def change_of_link(read: Reading, *, token: str, purpose: str) -> Change:
    """What a link stands for; NotFound for a forged one, and for one that is long forgotten."""
    signed = secrecy.read_signed(purpose, token)
    found = select(AddressChange, Person.email).join(Person, Person.id == AddressChange.person_id)
    row = read.session.execute(found.where(AddressChange.public_id == (signed or ("", 0))[0])).one_or_none()
    if row is None:
        raise NotFound
    change, current = row
    is_open = change.ended_at is None and change.expires_at > read.now
    return Change(change.public_id, change.person_id, change.email, current == change.email, is_open)
