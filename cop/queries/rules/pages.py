"""The message rules of an event, as the staff who may change it see them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from cop.core.errors import NotFound
from cop.core.work import Reading
from cop.models.accounts import Person
from cop.models.events import Event
from cop.models.outbox import IS_OF_A_RULE, RULE_ID, Outbox, OutboxState
from cop.models.telling import MessageRule
from cop.queries import staff_events
from cop.queries.rules.audiences import due, to_send
from cop.queries.rules.letters import rule_with_event

SHOWN = 20
"""Names that the page of a rule shows of those whom it writes to."""


def rules_of(read: Reading, event: Event) -> Sequence[MessageRule]:
    """All rules of an event, in the order in which they were made."""
    if not staff_events.may_edit(read.actor, event):
        raise NotFound
    found = select(MessageRule).where(MessageRule.event_id == event.id).order_by(MessageRule.id)
    return read.session.scalars(found).all()


@dataclass(frozen=True)
class Sent:
    """How many messages of a rule went out, and how many wait to be sent."""

    sent: int = 0
    waiting: int = 0


def sent_by(read: Reading, rules: Sequence[MessageRule]) -> Mapping[int, Sent]:
    """What each of these rules has posted; the caller has checked who asks."""
    gone = func.count().filter(Outbox.state == OutboxState.SENT)
    waits = func.count().filter(Outbox.state.in_([OutboxState.PENDING, OutboxState.LEASED]))
    of_rules = RULE_ID.in_([str(rule.id) for rule in rules])
    posted = select(RULE_ID, gone, waits).select_from(Outbox).where(IS_OF_A_RULE, of_rules).group_by(RULE_ID)
    found = {int(rule_id): Sent(sent, waiting) for rule_id, sent, waiting in read.session.execute(posted)}
    return {rule.id: found.get(rule.id, Sent()) for rule in rules}


def rule_to_edit(read: Reading, *, slug: str, rule_id: int) -> MessageRule:
    """One rule of this event with the event, for those who may change it."""
    rule = rule_with_event(read, rule_id)
    if rule.event.slug != slug or not staff_events.may_edit(read.actor, rule.event):
        raise NotFound
    return rule


@dataclass(frozen=True)
class Recipient:
    """Somebody whom a rule is to write to as things stand, and from when on."""

    public_id: str
    person_id: int
    name: str
    at: datetime


@dataclass(frozen=True)
class Recipients:
    """The first of those whom a rule is to write to, and how many they are."""

    first: Sequence[Recipient]
    count: int

    def chosen(self, public_id: str | None) -> Recipient | None:
        """The one of this name in an address, or the first."""
        return next((one for one in self.first if one.public_id == public_id), self.first[0] if self.first else None)


def recipients(read: Reading, rule: MessageRule) -> Recipients:
    """Whom the rule is to write to from now on, by name; the caller has checked who asks."""
    who = to_send(rule).subquery("to_send")
    found = (
        select(Person.public_id, Person.id, Person.name, who.c.at, func.count().over().label("of_all"))
        .join(who, who.c.person_id == Person.id)
        .where(who.c.until > read.now)
        .order_by(func.lower(Person.name), Person.id)
        .limit(SHOWN)
    )
    rows = read.session.execute(found).all()
    return Recipients([Recipient(*row[:4]) for row in rows], rows[0].of_all if rows else 0)


def moments(read: Reading, rule: MessageRule) -> tuple[datetime, datetime] | None:
    """The first and the last moment at which the rule writes to those in its audience now; None where to nobody."""
    who = due(rule).subquery("who")
    first, last = read.session.execute(select(func.min(who.c.at), func.max(who.c.at))).one()
    return (first, last) if first is not None else None
