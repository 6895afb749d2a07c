"""Whom a message rule writes to, and when: by how people stand now and by the dates that hold now.

Whoever holds places counts from the parts that they hold themselves; everybody else from the event as a whole.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    Select,
    SQLColumnExpression,
    Subquery,
    Text,
    and_,
    cast,
    exists,
    func,
    literal,
    or_,
    select,
    type_coerce,
    union_all,
)

from cop.core.work import Reading
from cop.core.working_hours import next_working_moment
from cop.models.base import UtcDateTime
from cop.models.cohorts import Application, ApplicationState
from cop.models.events import (
    CAME,
    Attendance,
    Booking,
    BookingSource,
    BookingState,
    Entry,
    EntryStatus,
    Event,
    EventKind,
    EventState,
    Mark,
    Part,
    PartState,
    Seat,
)
from cop.models.offers import Offer, OfferState
from cop.models.outbox import IS_OF_A_RULE, MAY_COME_AGAIN, RULE_ID, Outbox, OutboxState
from cop.models.summits import Answer, Invitation
from cop.models.telling import Anchor, MessageRule, RuleAudience
from cop.models.waiting import Waiting, WaitingState

WORTH_SENDING = timedelta(days=14)
"""So long a message that follows something is sent to those who come to be in its audience, or after jobs stood still;
one that comes before something is sent until then.
"""

SOON = timedelta(days=1)
"""What is of use for no longer than this, or comes before something that begins within it, waits for nothing."""

REMINDERS_MOST = 2
"""After so many reminders to answer, whoever sent them, rules send somebody none about the same event."""

UNANSWERED = frozenset({RuleAudience.SILENT, RuleAudience.DRAFTING})
"""Nobody is written to as one of them once nothing can be answered any more."""

_COMING = frozenset({RuleAudience.BOOKED, RuleAudience.ATTENDED, RuleAudience.NO_SHOW, RuleAudience.SILENT})

AUDIENCES: Mapping[EventKind, frozenset[RuleAudience]] = {
    EventKind.VISIT: _COMING | {RuleAudience.WAITING},
    EventKind.WEBINAR: _COMING | {RuleAudience.WAITING},
    EventKind.SUMMIT: _COMING | {RuleAudience.WAITING, RuleAudience.ACCEPTED},
    EventKind.COHORT: _COMING | {RuleAudience.ACCEPTED, RuleAudience.DRAFTING},
    EventKind.MEET_UP: _COMING - {RuleAudience.SILENT},
}
"""Who there can be, by the kind of event."""

Rows = Select[*tuple[Any, ...]]
"""Rows of (person_id, starts_at, ends_at, deadline)."""


def due(rule: MessageRule) -> Rows:
    """Everybody in the rule's audience now: ``person_id``, ``starts_at``, the moment ``at`` which they are written to,
    and ``until`` when that is of use; past and future ones.
    """
    return _dated(rule, standing(rule.audience, rule.event_id))


def _dated(rule: MessageRule, who: Subquery) -> Rows:
    anchor = {Anchor.START: who.c.starts_at, Anchor.END: who.c.ends_at, Anchor.DEADLINE: who.c.deadline}[rule.anchor]
    at = _instant(anchor + literal(rule.after))
    until = anchor if rule.after < timedelta() else _instant(at + literal(WORTH_SENDING))
    published = exists().where(Event.id == rule.event_id, Event.state == EventState.PUBLISHED)
    return select(who.c.person_id, who.c.starts_at, at.label("at"), until.label("until")).where(
        anchor.is_not(None), published
    )


def to_send(rule: MessageRule) -> Rows:
    """Those of :func:`due` who have not got the message yet, with its ``key``; whoever has not answered is reminded
    so many times and no more.

    A message that was dropped because its moment had passed or moved away is sent when that comes again.
    """
    return _without_it(rule, due(rule).subquery("who"))


def may_be_due(rule: MessageRule) -> Rows | None:
    """The same of those who will be in the audience if they are marked so, for audiences that follow marks."""
    may_follow = _ONCE_MARKED.get(rule.audience)
    if may_follow is None:
        return None
    return _without_it(rule, _dated(rule, may_follow(rule.event_id).subquery("unmarked")).subquery("who"))


def _without_it(rule: MessageRule, who: Subquery) -> Rows:
    """Those who have not got it, whoever they were when it was sent: people may be merged since."""
    key = func.concat(f"rule:{rule.id}:{rule.event_id}:", who.c.person_id)
    got = and_(
        IS_OF_A_RULE,
        RULE_ID.in_([str(rule.id)]),
        Outbox.person_id == who.c.person_id,
        or_(Outbox.state != OutboxState.DROPPED, Outbox.last_error.not_in(MAY_COME_AGAIN)),
    )
    found = select(who, key.label("key")).where(~exists().where(got))
    return found.where(_reminders(rule, who.c.person_id) < REMINDERS_MOST) if is_reminder(rule) else found


def is_pressing(rule: MessageRule, who: Subquery, *, now: datetime) -> ColumnElement[bool]:
    """Whether what goes out to one of these people, now or when its moment comes, may not wait for working hours: it
    would come on the day on which their time begins, or too late.
    """
    at = func.greatest(who.c.at, literal(now, UtcDateTime()))
    begins_soon = and_(who.c.starts_at > at, who.c.starts_at <= at + literal(SOON))
    if rule.after >= timedelta():
        return func.coalesce(begins_soon, False)
    waits_until = func.greatest(at + literal(SOON), literal(next_working_moment(now), UtcDateTime()))
    return func.coalesce(or_(begins_soon, who.c.until <= waits_until), False)


def template_of(rule: MessageRule) -> str:
    """The kind of its messages: what comes before something reminds of it, and what follows is a word about it."""
    return "event_reminder" if rule.after < timedelta() else "event_note"


def is_reminder(rule: MessageRule) -> bool:
    """Whether it reminds those who have not answered."""
    return rule.audience is RuleAudience.SILENT


def stands(read: Reading, rule: MessageRule, *, person_id: int | None) -> bool:
    """Whether somebody is to get the message now."""
    who = due(rule).subquery("who")
    now = select(who.c.person_id).where(who.c.person_id == person_id, who.c.at <= read.now, who.c.until > read.now)
    return read.session.scalar(now) is not None


def standing(audience: RuleAudience, event_id: int) -> Subquery:
    """Everybody in an audience of an event, each once, with their own dates."""
    return _AUDIENCES[audience](event_id).subquery("audience")


def _instant(value: SQLColumnExpression[Any]) -> ColumnElement[Any]:
    return type_coerce(value, UtcDateTime())


def _reminders(rule: MessageRule, person_id: SQLColumnExpression[int]) -> ScalarSelect[int]:
    """How often somebody was reminded of answering about this event: by rules, by staff, or before their offer ends."""
    of_rules = select(cast(MessageRule.id, Text)).where(
        MessageRule.event_id == rule.event_id, MessageRule.audience == RuleAudience.SILENT
    )
    of_offers = select(cast(Offer.id, Text)).where(Offer.event_id == rule.event_id)
    of_invitations = select(cast(Invitation.id, Text)).where(Invitation.event_id == rule.event_id)
    about = or_(
        and_(IS_OF_A_RULE, RULE_ID.in_(of_rules)),
        and_(
            Outbox.template.in_(("offer_reminder", "place_offer_reminder")),
            Outbox.params["offer_id"].astext.in_(of_offers),
        ),
        and_(
            Outbox.template == "invitation_reminder",
            Outbox.params["invitation_id"].astext.in_(of_invitations),
        ),
    )
    found = select(func.count()).select_from(Outbox)
    return found.where(Outbox.person_id == person_id, Outbox.state != OutboxState.DROPPED, about).scalar_subquery()


def _planned(event_id: int) -> ColumnElement[bool]:
    return and_(Part.event_id == event_id, Part.state == PartState.PLANNED)


def _starts(event_id: int) -> ScalarSelect[Any]:
    return select(func.min(Part.starts_at)).where(_planned(event_id)).scalar_subquery()


def _ends(event_id: int) -> ScalarSelect[Any]:
    return select(func.max(Part.ends_at)).where(_planned(event_id)).scalar_subquery()


def _closes(event_id: int) -> ScalarSelect[Any]:
    return select(Event.closes_at).where(Event.id == event_id).scalar_subquery()


def _booked(event_id: int) -> Rows:
    """Whoever holds places; those who walked in on the day never were told to expect anything."""
    return (
        select(
            Booking.person_id,
            func.min(Part.starts_at).label("starts_at"),
            func.max(Part.ends_at).label("ends_at"),
            _closes(event_id).label("deadline"),
        )
        .join(Entry, and_(Entry.booking_id == Booking.id, Entry.status == EntryStatus.CONFIRMED))
        .join(Part, and_(Part.id == Entry.part_id, Part.state == PartState.PLANNED))
        .where(
            Booking.event_id == event_id,
            Booking.state == BookingState.LIVE,
            Booking.source != BookingSource.WALK_IN,
        )
        .group_by(Booking.person_id)
    )


def _accepted(event_id: int) -> Rows:
    """Those of them who said yes to an offer or an invitation."""
    offered = exists().where(
        Offer.event_id == event_id, Offer.person_id == Booking.person_id, Offer.state == OfferState.ACCEPTED
    )
    invited = exists().where(
        Invitation.event_id == event_id, Invitation.person_id == Booking.person_id, Invitation.response == Answer.YES
    )
    return _booked(event_id).where(or_(offered, invited))


def _marked(event_id: int) -> Rows:
    """Seats of people whom we know, on the parts that they hold, with the mark where there is one."""
    return (
        select(
            Seat.person_id,
            func.min(Part.starts_at).label("starts_at"),
            func.max(Part.ends_at).label("ends_at"),
            _closes(event_id).label("deadline"),
        )
        .join(Booking, and_(Booking.id == Seat.booking_id, Booking.state == BookingState.LIVE))
        .join(Entry, and_(Entry.booking_id == Booking.id, Entry.status == EntryStatus.CONFIRMED))
        .join(Part, and_(Part.id == Entry.part_id, Part.state == PartState.PLANNED))
        .outerjoin(Mark, and_(Mark.part_id == Part.id, Mark.seat_id == Seat.id, Mark.superseded_at.is_(None)))
        .where(Seat.event_id == event_id, Seat.live, Seat.person_id.is_not(None))
        .group_by(Seat.person_id)
    )


def _attended(event_id: int) -> Rows:
    """Whoever came to something of it, from the parts that they came to."""
    return _marked(event_id).where(Mark.status.in_(CAME))


def _no_show(event_id: int) -> Rows:
    """Whoever is marked as absent wherever they were expected: not as excused, and not where nobody looked."""
    return _marked(event_id).having(func.bool_and(func.coalesce(Mark.status == Attendance.ABSENT, False)))


def _may_attend(event_id: int) -> Rows:
    """Whoever came to nothing of it yet and may come to what nobody is marked at, from those parts."""
    came = func.bool_or(func.coalesce(Mark.status.in_(CAME), False))
    unmarked = Mark.id.is_(None)
    return (
        _marked(event_id)
        .with_only_columns(
            Seat.person_id,
            _instant(func.min(Part.starts_at).filter(unmarked)).label("starts_at"),
            _instant(func.max(Part.ends_at).filter(unmarked)).label("ends_at"),
            _closes(event_id).label("deadline"),
        )
        .having(~came, func.bool_or(unmarked))
    )


def _may_be_missed(event_id: int) -> Rows:
    """Whoever is marked as nothing but absent, and not everywhere yet."""
    absent = func.bool_and(or_(Mark.id.is_(None), Mark.status == Attendance.ABSENT))
    return _marked(event_id).having(absent, func.bool_or(Mark.id.is_(None)))


def _waiting(event_id: int) -> Rows:
    return _of_event(event_id, Waiting.person_id, _closes(event_id)).where(
        Waiting.event_id == event_id, Waiting.state == WaitingState.WAITING
    )


def _drafting(event_id: int) -> Rows:
    """Whoever began an application and has not sent it."""
    return _of_event(event_id, Application.person_id, _closes(event_id)).where(
        Application.cohort_id == event_id, Application.state == ApplicationState.DRAFT
    )


def _silent(event_id: int) -> Rows:
    """Whoever was invited or offered a place and has not answered; what they have last to answer counts."""
    until = func.least(_closes(event_id), _starts(event_id))
    asked = union_all(
        _of_event(event_id, Invitation.person_id, until).where(
            Invitation.event_id == event_id, Invitation.response == Answer.NONE, Invitation.withdrawn_at.is_(None)
        ),
        _of_event(event_id, Offer.person_id, Offer.expires_at).where(
            Offer.event_id == event_id, Offer.state == OfferState.OPEN, Offer.expires_at.is_not(None)
        ),
    ).subquery("asked")
    latest = func.max(asked.c.deadline)
    return select(
        asked.c.person_id,
        func.min(asked.c.starts_at).label("starts_at"),
        func.min(asked.c.ends_at).label("ends_at"),
        _instant(latest).label("deadline"),
    ).group_by(asked.c.person_id)


def _of_event(event_id: int, person_id: SQLColumnExpression[int], deadline: SQLColumnExpression[Any]) -> Rows:
    return select(
        person_id.label("person_id"),
        _starts(event_id).label("starts_at"),
        _ends(event_id).label("ends_at"),
        deadline.label("deadline"),
    )


_AUDIENCES: Mapping[RuleAudience, Callable[[int], Rows]] = {
    RuleAudience.BOOKED: _booked,
    RuleAudience.ATTENDED: _attended,
    RuleAudience.NO_SHOW: _no_show,
    RuleAudience.WAITING: _waiting,
    RuleAudience.ACCEPTED: _accepted,
    RuleAudience.SILENT: _silent,
    RuleAudience.DRAFTING: _drafting,
}

_ONCE_MARKED: Mapping[RuleAudience, Callable[[int], Rows]] = {
    RuleAudience.ATTENDED: _may_attend,
    RuleAudience.NO_SHOW: _may_be_missed,
}
