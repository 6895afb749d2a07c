"""Reads about messages: what was promised, what was sent, what failed, and who is to be told by telephone."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, true
from sqlalchemy.orm import joinedload, selectinload

from cop.core import place
from cop.core.errors import NotFound
from cop.core.work import Reading
from cop.models.accounts import PERSON_WORDS, Person
from cop.models.cohorts import Application, Cohort, Endorsement
from cop.models.events import Booking, Entry, Event
from cop.models.offers import Offer
from cop.models.outbox import (
    ANNOUNCEMENT_ID,
    IS_ANNOUNCEMENT,
    Bounce,
    Outbox,
    OutboxChannel,
    OutboxClass,
    OutboxState,
)
from cop.models.summits import Invitation
from cop.queries.cohorts.panel import is_kept_from
from cop.queries.search import matching


class Shown(StrEnum):
    """The lists that staff look at; ``waiting`` are messages in the queue, ``tell`` those that a person must say."""

    ALL = "all"
    WAITING = "waiting"
    SENT = "sent"
    DEAD = "dead"
    DROPPED = "dropped"
    TELL = "tell"


_BY_MAIL = Outbox.channel == OutboxChannel.EMAIL

_CONDITIONS: Mapping[Shown, ColumnElement[bool]] = {
    Shown.ALL: true(),
    Shown.WAITING: and_(_BY_MAIL, Outbox.state.in_([OutboxState.PENDING, OutboxState.LEASED])),
    Shown.SENT: Outbox.state == OutboxState.SENT,
    Shown.DEAD: Outbox.state == OutboxState.DEAD,
    Shown.DROPPED: Outbox.state == OutboxState.DROPPED,
    Shown.TELL: and_(Outbox.channel == OutboxChannel.TELL, Outbox.state == OutboxState.PENDING),
}


def of_announcement(announcement_id: int) -> ColumnElement[bool]:
    """Whether a message is a letter of this announcement."""
    return and_(IS_ANNOUNCEMENT, ANNOUNCEMENT_ID.in_([str(announcement_id)]))


@dataclass(frozen=True)
class Wanted:
    """What staff look for: a kind of message, a person by name, address or random word, a day of posting, and the
    letters of one announcement.
    """

    kind: str | None = None
    words: str = ""
    public_id: str | None = None
    day: date | None = None
    announcement_id: int | None = None

    def conditions(self) -> Iterator[ColumnElement[bool]]:
        if self.kind:
            yield Outbox.template == self.kind
        if self.words:
            by_name = Outbox.person_id.in_(select(Person.id).where(matching(Person.id, PERSON_WORDS, self.words)))
            yield or_(by_name, Outbox.address == self.words.lower())
        if self.public_id:
            yield Outbox.person_id == select(Person.id).where(Person.public_id == self.public_id).scalar_subquery()
        if self.announcement_id is not None:
            yield of_announcement(self.announcement_id)
        if self.day:
            begin = place.instant_on(self.day, time())
            yield Outbox.posted_at >= begin
            yield Outbox.posted_at < place.instant_on(self.day + timedelta(days=1), time())


ANYTHING = Wanted()


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


def messages(
    read: Reading, *, shown: Shown, wanted: Wanted = ANYTHING, before: int | None = None, limit: int = 50
) -> Sequence[MessageRow]:
    """The newest messages of one list, ``limit`` + 1 of them; ``before`` continues below that id."""
    _only_admins(read)
    found = _rows().where(_CONDITIONS[shown], *wanted.conditions()).order_by(Outbox.id.desc()).limit(limit + 1)
    if before is not None:
        found = found.where(Outbox.id < before)
    return [MessageRow(**row._asdict()) for row in read.session.execute(found)]


def _rows() -> Select[*tuple[Any, ...]]:
    return select(
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
    ).outerjoin(Person, Person.id == Outbox.person_id)


@dataclass(frozen=True)
class Looked:
    """One message and what else is known of it; ``public_id`` leads to the person that it went to.

    ``is_kept_back``: it is about an application of which the acting admin may not know everything.
    """

    row: MessageRow
    message: Outbox
    public_id: str | None
    bounces: Sequence[Bounce]
    is_kept_back: bool


def message(read: Reading, *, outbox_id: int) -> Looked:
    _only_admins(read)
    row = read.session.execute(_rows().where(Outbox.id == outbox_id)).one_or_none()
    if row is None:
        raise NotFound
    found = read.session.get_one(Outbox, outbox_id)
    owner = select(Person.public_id).where(Person.id == found.person_id)
    came_back = select(Bounce).where(Bounce.outbox_id == outbox_id).order_by(Bounce.id)
    return Looked(
        MessageRow(**row._asdict()),
        found,
        read.session.scalar(owner),
        read.session.scalars(came_back).all(),
        _is_kept_back(read, found.params),
    )


def _is_kept_back(read: Reading, params: Mapping[str, Any]) -> bool:
    """A test says under ``about`` what the message is about that it shows."""
    named = {**params, **params.get("about", {})}
    about = or_(
        Application.id == named.get("application_id"),
        Application.id.in_(select(Offer.application_id).where(Offer.id == named.get("offer_id"))),
        Application.id.in_(select(Endorsement.application_id).where(Endorsement.id == named.get("endorsement_id"))),
    )
    found = (
        select(Application.id)
        .join(Cohort, Cohort.event_id == Application.cohort_id)
        .join(Event, Event.id == Cohort.event_id)
        .where(about, is_kept_from(read.actor))
        .limit(1)
    )
    return read.session.scalar(found, {"panellist": read.actor.person_id}) is not None


def own_messages(read: Reading, *, before: int | None = None, limit: int = 20) -> Sequence[MessageRow]:
    """The acting person's own, the newest first, ``limit`` + 1 of them; ``before`` continues below that id."""
    if read.actor.person_id is None:
        raise NotFound
    found = _rows().where(Outbox.person_id == read.actor.person_id).order_by(Outbox.id.desc()).limit(limit + 1)
    if before is not None:
        found = found.where(Outbox.id < before)
    return [MessageRow(**row._asdict()) for row in read.session.execute(found)]


def own_message(read: Reading, *, outbox_id: int) -> Outbox:
    found = read.session.get(Outbox, outbox_id)
    if found is None or read.actor.person_id is None or found.person_id != read.actor.person_id:
        raise NotFound
    return found


@dataclass(frozen=True)
class Queue:
    """What waits for the mail server: what is due, since when, and routine messages that wait for their time."""

    due: int
    oldest: datetime | None
    routine: int


def queue(read: Reading) -> Queue:
    _only_admins(read)
    overdue = and_(Outbox.urgency != OutboxClass.ROUTINE, Outbox.due_at <= read.now)
    row = read.session.execute(
        select(
            func.count().filter(overdue),
            func.min(Outbox.due_at).filter(overdue),
            func.count().filter(Outbox.urgency == OutboxClass.ROUTINE),
        ).where(_CONDITIONS[Shown.WAITING])
    ).one()
    return Queue(*row)


@dataclass(frozen=True)
class Error:
    """Why messages failed at last, how many, and one of them."""

    text: str
    messages: int
    outbox_id: int


def errors(read: Reading, *, limit: int = 10) -> Sequence[Error]:
    """The most frequent reasons among dead letters."""
    _only_admins(read)
    number = func.count()
    found = (
        select(func.coalesce(Outbox.last_error, ""), number, func.min(Outbox.id))
        .where(Outbox.state == OutboxState.DEAD, Outbox.last_error.is_not(None))
        .group_by(Outbox.last_error)
        .order_by(number.desc(), Outbox.last_error)
        .limit(limit)
    )
    return [Error(*row) for row in read.session.execute(found)]


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
