"""What a letter of a rule says to one person: of their own times, until when they answer, and where."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from cop.core.errors import NotFound
from cop.core.work import Reading
from cop.models.accounts import Person
from cop.models.events import Booking, BookingState, Entry, EntryStatus, Event, Part, PartState
from cop.models.offers import Offer, OfferState
from cop.models.summits import Answer, Invitation
from cop.models.telling import MessageRule, RuleAudience
from cop.models.waiting import Waiting, WaitingState
from cop.queries.rules.audiences import standing

FIELDS = ("name", "event", "when", "until")
"""What staff may write in braces, to be filled in for each recipient."""

Record = Booking | Invitation | Offer | Waiting


@dataclass(frozen=True)
class Addressed:
    """``record`` is what the letter's button leads to, where it leads to something of their own; ``parts`` are those
    that they hold, or else all of the event.
    """

    rule: MessageRule
    name: str
    parts: Sequence[Part]
    until: datetime | None
    record: Record | None

    @property
    def event(self) -> Event:
        return self.rule.event


def rule_with_event(read: Reading, rule_id: int) -> MessageRule:
    """The rule with its event and the event's parts; the caller has checked who asks."""
    found = read.session.scalars(
        select(MessageRule)
        .where(MessageRule.id == rule_id)
        .options(
            joinedload(MessageRule.event).selectinload(Event.parts), joinedload(MessageRule.event, Event.programme)
        )
    ).one_or_none()
    if found is None:
        raise NotFound
    return found


def addressed(read: Reading, *, rule_id: int, person_id: int) -> Addressed:
    rule = rule_with_event(read, rule_id)
    booking = read.session.scalars(
        select(Booking)
        .where(Booking.event_id == rule.event_id, Booking.person_id == person_id, Booking.state == BookingState.LIVE)
        .options(selectinload(Booking.entries).joinedload(Entry.part))
    ).one_or_none()
    held = [entry.part for entry in booking.entries if entry.status is EntryStatus.CONFIRMED] if booking else ()
    planned = [part for part in held or rule.event.parts if part.state is PartState.PLANNED]
    who = standing(rule.audience, rule.event_id)
    person = read.session.get_one(Person, person_id)
    return Addressed(
        rule=rule,
        name=" ".join(person.name.split()),
        parts=sorted(planned, key=lambda part: (part.starts_at, part.id)),
        until=read.session.scalar(select(who.c.deadline).where(who.c.person_id == person_id)) or rule.event.closes_at,
        record=_record(read, rule, person_id, booking),
    )


def _record(read: Reading, rule: MessageRule, person_id: int, booking: Booking | None) -> Record | None:
    match rule.audience:
        case RuleAudience.BOOKED | RuleAudience.ACCEPTED:
            return booking
        case RuleAudience.WAITING:
            waits = (Waiting.event_id == rule.event_id, Waiting.person_id == person_id)
            return read.session.scalars(
                select(Waiting).where(*waits, Waiting.state == WaitingState.WAITING)
            ).one_or_none()
        case RuleAudience.SILENT:
            offered = (Offer.event_id == rule.event_id, Offer.person_id == person_id, Offer.state == OfferState.OPEN)
            invited = (Invitation.event_id == rule.event_id, Invitation.person_id == person_id)
            offer = read.session.scalars(select(Offer).where(*offered).order_by(Offer.id.desc())).first()
            return (
                offer
                or read.session.scalars(
                    select(Invitation).where(
                        *invited, Invitation.response == Answer.NONE, Invitation.withdrawn_at.is_(None)
                    )
                ).one_or_none()
            )
        case _:
            return None
