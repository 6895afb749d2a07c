"""How a message reaches somebody: what they turned off, and whether mail to them comes back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, SQLColumnExpression, String, exists, literal, select

from cop.core.errors import NotFound
from cop.core.work import Reading
from cop.models.accounts import Person
from cop.models.outbox import TOPICS, Bounce, Dropped, MailTopic, Outbox, OutboxChannel, Preference


def turned_off(person: SQLColumnExpression[int], topic: MailTopic) -> ColumnElement[bool]:
    """Whether a person, as a column or a value, wants no mail of this topic."""
    return exists().where(Preference.person_id == person, Preference.topic == topic, ~Preference.wanted)


def comes_back(address: SQLColumnExpression[str | None]) -> ColumnElement[bool]:
    """Whether mail to an address, as a column or a value, could not be delivered for good."""
    return exists().where(Bounce.address == address, Bounce.hard, Bounce.lifted_at.is_(None))


@dataclass(frozen=True)
class Way:
    """By which channel a message goes, unless it is ``dropped`` for a reason."""

    channel: OutboxChannel = OutboxChannel.EMAIL
    dropped: Dropped | None = None


def way(read: Reading, person: Person, template: str) -> Way:
    """How this message would reach the person now. Whom no mail reaches is told by staff, but not of news; who was
    erased is told nothing.
    """
    if person.erased_at is not None:
        return Way(dropped=Dropped.UNREACHABLE)
    topic = TOPICS.get(template)
    off = turned_off(literal(person.id), topic) if topic else literal(value=False)
    back = comes_back(literal(person.email, String())) if person.email else literal(value=True)
    is_off, no_mail = read.session.execute(select(off, back)).one()
    if is_off:
        return Way(dropped=Dropped.TURNED_OFF)
    if not no_mail:
        return Way()
    return Way(OutboxChannel.TELL) if is_worth_a_call(template) else Way(dropped=Dropped.UNREACHABLE)


def is_worth_a_call(template: str) -> bool:
    """Whether staff tell somebody of this whom no mail reaches."""
    news = {MailTopic.FORUM, MailTopic.TOOLKIT, MailTopic.NEWS}
    return template not in {"test", "forum_answer", "member_letter"} and TOPICS.get(template) not in news


def way_of(read: Reading, message: Outbox) -> Way:
    """The same for a message that is promised. To a bare address goes what somebody asked for who typed it just now."""
    if message.person_id is None or message.template == "test":
        return Way()
    return way(read, read.session.get_one(Person, message.person_id), message.template)


def wanted(read: Reading) -> Sequence[MailTopic]:
    """The topics of which the acting person gets mail."""
    if read.actor.person_id is None:
        raise NotFound
    off = select(Preference.topic).where(Preference.person_id == read.actor.person_id, ~Preference.wanted)
    left_out = set(read.session.scalars(off))
    return [topic for topic in MailTopic if topic not in left_out]


def turned_off_by(read: Reading, *, person_id: int) -> Sequence[MailTopic]:
    """The topics of which somebody wants no mail, for staff."""
    if not read.actor.is_admin():
        raise NotFound
    off = select(Preference.topic).where(Preference.person_id == person_id, ~Preference.wanted)
    left_out = set(read.session.scalars(off))
    return [topic for topic in MailTopic if topic in left_out]


@dataclass(frozen=True)
class ComesBack:
    """An address to which nothing is sent, whose it is, and what its mail server said."""

    id: int
    address: str
    name: str | None
    public_id: str | None
    status: str
    diagnostic: str
    at: datetime


def addresses_that_bounce(
    read: Reading, *, address: str | None = None, before: int | None = None, limit: int = 50
) -> Sequence[ComesBack]:
    """The newest first, ``limit`` + 1 of them; ``before`` continues below that id."""
    if not read.actor.is_admin():
        raise NotFound
    found = (
        select(Bounce.id, Bounce.address, Person.name, Person.public_id, Bounce.status, Bounce.diagnostic, Bounce.at)
        .outerjoin(Person, Person.email == Bounce.address)
        .where(Bounce.hard, Bounce.lifted_at.is_(None))
        .order_by(Bounce.id.desc())
        .limit(limit + 1)
    )
    if address is not None:
        found = found.where(Bounce.address == address)
    if before is not None:
        found = found.where(Bounce.id < before)
    return [ComesBack(*row) for row in read.session.execute(found)]
