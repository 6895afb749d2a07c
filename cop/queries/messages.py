"""Reads about messages: what was promised, what was sent, what failed, and who is to be told by telephone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import joinedload, selectinload

from cop.core.errors import NotFound
from cop.core.work import Reading
from cop.models.accounts import Person
from cop.models.events import Booking, Entry, Event
from cop.models.outbox import Outbox, OutboxChannel, OutboxState
from cop.models.summits import Invitation


class Shown(StrEnum):
    """The lists that staff look at; ``waiting`` are messages in the queue, ``tell`` those that a person must say."""

    WAITING = "waiting"
    SENT = "sent"
    DEAD = "dead"
    DROPPED = "dropped"
    TELL = "tell"


_BY_MAIL = Outbox.channel == OutboxChannel.EMAIL

_CONDITIONS: Mapping[Shown, ColumnElement[bool]] = {
    Shown.WAITING: and_(_BY_MAIL, Outbox.state.in_([OutboxState.PENDING, OutboxState.LEASED])),
    Shown.SENT: Outbox.state == OutboxState.SENT,
    Shown.DEAD: Outbox.state == OutboxState.DEAD,
    Shown.DROPPED: Outbox.state == OutboxState.DROPPED,
    Shown.TELL: and_(Outbox.channel == OutboxChannel.TELL, Outbox.state == OutboxState.PENDING),
}


@dataclass(frozen=True)
class MessageRow:
    """One message. ``params`` stay in the database: a list shows to whom, when and how it went, not what it said."""

    id: int
    template: str
    channel: OutboxChannel
    state: OutboxState
    recipient: str
    address: str | None
    posted_at: datetime
    due_at: datetime
    sent_at: datetime | None
    attempts: int
    last_error: str | None


def messages(read: Reading, *, shown: Shown, before: int | None = None, limit: int = 50) -> Sequence[MessageRow]:
    """The newest messages of one kind, ``limit`` + 1 of them; ``before`` continues below that id."""
    _only_admins(read)
    found = (
        select(
            Outbox.id,
            Outbox.template,
            Outbox.channel,
            Outbox.state,
            func.coalesce(Person.name, Outbox.address).label("recipient"),
            func.coalesce(Person.email, Outbox.address).label("address"),
            Outbox.posted_at,
            Outbox.due_at,
            Outbox.sent_at,
            Outbox.attempts,
            Outbox.last_error,
        )
        .outerjoin(Person, Person.id == Outbox.person_id)
        .where(_CONDITIONS[shown])
        .order_by(Outbox.id.desc())
        .limit(limit + 1)
    )
    if before is not None:
        found = found.where(Outbox.id < before)
    return [MessageRow(**row._asdict()) for row in read.session.execute(found)]


def counts(read: Reading) -> Mapping[Shown, int]:
    """How many messages wait for staff or for the mail server; those that are done are not counted."""
    _only_admins(read)
    open_lists = (Shown.WAITING, Shown.DEAD, Shown.TELL)
    row = read.session.execute(
        select(*(func.count().filter(_CONDITIONS[shown]) for shown in open_lists)).where(
            Outbox.state.in_([OutboxState.PENDING, OutboxState.LEASED, OutboxState.DEAD])
        )
    ).one()
    return dict(zip(open_lists, row, strict=True))


@dataclass(frozen=True)
class ToTell:
    """Somebody without e-mail who has to be told, with the booking that it is about, where it is about one."""

    id: int
    template: str
    params: Mapping[str, Any]
    posted_at: datetime
    useless_after: datetime | None
    name: str
    phone: str | None
    booking: Booking | None
    invited_to: str | None = None
    """The title of the event that an invitation is for."""


def to_tell(read: Reading, *, before: int | None = None, limit: int = 50) -> Sequence[ToTell]:
    """The newest messages that a person must say, ``limit`` + 1 of them; ``before`` continues below that id."""
    _only_admins(read)
    found = (
        select(Outbox, Person)
        .join(Person, Person.id == Outbox.person_id)
        .where(_CONDITIONS[Shown.TELL])
        .order_by(Outbox.id.desc())
        .limit(limit + 1)
    )
    if before is not None:
        found = found.where(Outbox.id < before)
    rows = read.session.execute(found).all()
    bookings = _bookings(read, [message.params.get("booking_id") for message, _ in rows])
    titles = _invited_to(read, [message.params.get("invitation_id") for message, _ in rows])
    return [
        ToTell(
            message.id,
            message.template,
            message.params,
            message.posted_at,
            message.useless_after,
            person.name,
            person.phone,
            bookings.get(message.params.get("booking_id")),
            titles.get(message.params.get("invitation_id")),
        )
        for message, person in rows
    ]


def _bookings(read: Reading, ids: Sequence[int | None]) -> Mapping[int | None, Booking]:
    found = select(Booking).where(Booking.id.in_([key for key in ids if key is not None]))
    loaded = found.options(joinedload(Booking.event), selectinload(Booking.entries).joinedload(Entry.part))
    return {booking.id: booking for booking in read.session.scalars(loaded)}


def _invited_to(read: Reading, ids: Sequence[int | None]) -> Mapping[int | None, str]:
    """The titles of the events that these invitations are for."""
    found = select(Invitation.id, Event.title).join(Event, Event.id == Invitation.event_id)
    rows = read.session.execute(found.where(Invitation.id.in_([key for key in ids if key is not None])))
    return {row.id: row.title for row in rows}


def _only_admins(read: Reading) -> None:
    if not read.actor.is_admin():
        raise NotFound
