"""What will go out about one event, when and to whom, as things stand: by its rules, and by the service itself.

The same conditions decide here as in the jobs; what depends on who will have come, or on who will not have answered,
is counted as if all did, and says so.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Select,
    SQLColumnExpression,
    Text,
    and_,
    exists,
    func,
    literal,
    or_,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by

from cop.core import place
from cop.core.errors import NotFound
from cop.core.place import months_after
from cop.core.work import Reading
from cop.core.working_hours import next_working_moment
from cop.models.accounts import Person
from cop.models.base import UtcDateTime
from cop.models.cohorts import Application
from cop.models.events import (
    CAME,
    Booking,
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
from cop.models.offers import Offer
from cop.models.outbox import Outbox
from cop.models.surveys import Ask, Subject, Wave
from cop.models.telling import MessageRule
from cop.queries import staff_events, timetable
from cop.queries.downloads import taken
from cop.queries.rules import UNANSWERED, is_pressing, may_be_due, to_send

NAMES_SHOWN = 50
LINES_MOST = 400
"""So many lines are worked out; what is later than those is left out."""


class After(Protocol):
    """So long after the last part that somebody came to they are asked, and ``until`` then."""

    @property
    def kinds(self) -> Sequence[EventKind]: ...
    @property
    def since(self) -> timedelta: ...
    @property
    def until(self) -> timedelta: ...


class Asking(Protocol):
    """When one wave of a survey asks, for how long, and reminds."""

    @property
    def open_for(self) -> timedelta: ...
    @property
    def reminders(self) -> Sequence[timedelta]: ...
    @property
    def months(self) -> int | None: ...
    @property
    def after(self) -> After | None: ...
    @property
    def download(self) -> timedelta | None: ...


@dataclass(frozen=True)
class Line:
    """One message that goes to ``count`` people at ``at``.

    ``what`` is its kind as the service knows it, and ``which`` says which of those: how long before, or the wave of a
    survey; ``reminder`` is the number of a survey's reminder. ``rule`` is what sends it, where staff wrote it. With
    ``at_most``, fewer may get it.
    """

    at: datetime
    what: str
    which: str
    rule: MessageRule | None
    reminder: int
    count: int
    names: Sequence[str]
    at_most: bool

    @property
    def on(self) -> date:
        return place.day_of(self.at)


Source = Select[*tuple[Any, ...]]
"""Rows of (what, at, until, person_id, at_most, routine); ``what`` is ``kind``, ``kind:which`` or
``kind:which:number``, and ``until`` says from when on a message of a rule is of no use.
"""


def dry_run(read: Reading, event: Event, rounds: Mapping[Wave, Asking]) -> Sequence[Line]:
    """All that will go out about the event, the next first; for those who may change it.

    ``rounds`` says when surveys ask.
    """
    if not staff_events.may_edit(read.actor, event):
        raise NotFound
    if event.state is not EventState.PUBLISHED:
        return []
    rules = read.session.scalars(select(MessageRule).where(MessageRule.event_id == event.id, MessageRule.active)).all()
    sources = [
        *(source for rule in rules for source in _of_rule(read, rule)),
        *_of_the_service(read, event),
        *_of_surveys(read, event, rounds),
    ]
    rows = union_all(*sources).subquery("rows")
    at = func.date_trunc("minute", rows.c.at)
    names = func.array_agg(aggregate_order_by(Person.name, Person.name), type_=ARRAY(Text))[1:NAMES_SHOWN]
    found = (
        select(
            rows.c.what,
            type_coerce(at, UtcDateTime()).label("at"),
            func.min(rows.c.until),
            func.bool_or(rows.c.at_most),
            rows.c.routine,
            func.count(),
            names,
        )
        .join(Person, Person.id == rows.c.person_id)
        .group_by(rows.c.what, at, rows.c.routine)
        .order_by(at, rows.c.what)
        .limit(LINES_MOST)
    )
    by_id = {str(rule.id): rule for rule in rules}
    lines = [
        Line(
            at=_leaves_at(moment, until) if routine else moment,
            count=count,
            names=shown,
            at_most=at_most,
            **_said(by_id, what),
        )
        for what, moment, until, at_most, routine, count, shown in read.session.execute(found)
    ]
    return sorted(lines, key=lambda line: (line.at, line.what))


def _leaves_at(moment: datetime, until: datetime | None) -> datetime:
    """When something routine leaves: in working hours, or at its moment where it would be of no use by then.

    :func:`is_pressing` is asked now, and knows the next working hours only.
    """
    at = next_working_moment(moment)
    return moment if until is not None and until <= at else at


def _said(rules: Mapping[str, MessageRule], what: str) -> Mapping[str, Any]:
    """What a line says of the source that it comes from."""
    kind, _colon, which = what.partition(":")
    which, _colon, number = which.partition(":")
    return {"what": kind, "which": which, "rule": rules.get(which), "reminder": int(number or 0)}


def _rows(
    read: Reading,
    what: str,
    at: SQLColumnExpression[Any],
    person_id: SQLColumnExpression[Any],
    *,
    until: SQLColumnExpression[Any] | None = None,
    at_most: SQLColumnExpression[bool] | bool = False,
    routine: SQLColumnExpression[bool] | bool = True,
) -> Source:
    """One source; what is due already goes out now."""
    return select(
        literal(what).label("what"),
        func.greatest(at, literal(read.now, UtcDateTime())).label("at"),
        (literal(None, UtcDateTime()) if until is None else until).label("until"),
        type_coerce(person_id, BigInteger).label("person_id"),
        (literal(at_most, Boolean) if isinstance(at_most, bool) else at_most).label("at_most"),
        (literal(routine, Boolean) if isinstance(routine, bool) else routine).label("routine"),
    )


def _of_rule(read: Reading, rule: MessageRule) -> Iterator[Source]:
    """Whoever is to get it, and whoever will if they are marked so."""
    depends = rule.audience in UNANSWERED
    for at_most, found in ((depends, to_send(rule)), (True, may_be_due(rule))):
        if found is not None:
            who = found.subquery()
            routine = ~is_pressing(rule, who, now=read.now)
            rows = _rows(
                read, f"rule:{rule.id}", who.c.at, who.c.person_id, until=who.c.until, at_most=at_most, routine=routine
            )
            yield rows.where(who.c.until > read.now)


def _of_the_service(read: Reading, event: Event) -> Iterator[Source]:
    """Reminders, packs, and what comes before a deadline: none of it is routine."""
    for ahead in timetable.AHEAD:
        due = timetable.reminders(ahead).where(Part.event_id == event.id, Part.starts_at > read.now + ahead.until)
        who = due.subquery(f"reminder_{ahead.name}")
        at = who.c.starts_at - literal(ahead.before)
        yield _rows(read, f"reminder:{ahead.name}", at, who.c.person_id, routine=False)
    packs = timetable.visit_packs().add_columns(Booking.person_id)
    who = packs.where(Part.event_id == event.id, Part.starts_at > read.now).subquery("packs")
    yield _rows(read, "visit_pack", who.c.starts_at - literal(timetable.PACK_AHEAD), who.c.person_id, routine=False)
    drafts = timetable.drafts_before_the_close().add_columns(Application.person_id)
    who = drafts.where(Event.id == event.id, Event.closes_at > read.now).subquery("drafts")
    at = who.c.closes_at - literal(timetable.CLOSE_AHEAD)
    yield _rows(read, "application_closing_soon", at, who.c.person_id, at_most=True, routine=False)
    yield _rows(
        read,
        "offer_reminder",
        Offer.expires_at - literal(timetable.OFFER_AHEAD),
        Offer.person_id,
        at_most=True,
        routine=False,
    ).where(Offer.event_id == event.id, Offer.expires_at > read.now, timetable.offer_to_be_reminded_of())


def _of_surveys(read: Reading, event: Event, rounds: Mapping[Wave, Asking]) -> Iterator[Source]:
    """Who will be asked, as far as that is known, and who will be reminded of it."""
    for wave, plan in rounds.items():
        reminding = list(enumerate(plan.reminders, start=1))
        for number, after in reminding:
            yield _reminder_of_ask(read, event, wave, number, after)
        for who in _to_ask(read, event, wave, plan):
            for number, after in ((0, timedelta()), *reminding):
                kind = "survey_reminder" if number else "survey_invitation"
                at_most = literal(True, Boolean) if number else who.c.at_most
                at = func.greatest(who.c.at, literal(read.now, UtcDateTime())) + literal(after)
                yield _rows(read, f"{kind}:{wave}:{number}", at, who.c.person_id, at_most=at_most)


def _reminder_of_ask(read: Reading, event: Event, wave: Wave, number: int, after: timedelta) -> Source:
    """Whoever was asked and has not answered."""
    at = Ask.opens_at + literal(after)
    posted = exists().where(Outbox.key == func.concat("survey-reminder:", number, ":", Ask.id))
    rows = _rows(read, f"survey_reminder:{wave}:{number}", at, Ask.person_id, at_most=True)
    return rows.where(
        Ask.subject_kind == Subject.EVENT,
        Ask.subject_id == event.id,
        Ask.wave == wave,
        Ask.done_on.is_(None),
        Ask.closes_at > func.greatest(at, literal(read.now, UtcDateTime())),
        ~posted,
    )


def _to_ask(read: Reading, event: Event, wave: Wave, plan: Asking) -> Iterator[Any]:
    """Whom this wave will ask: rows of (person_id, at, at_most)."""
    if plan.after is not None and event.kind in plan.after.kinds:
        yield _after_the_event(read, event, wave, plan.after)
    if event.kind is EventKind.COHORT and (wave is Wave.BASELINE or plan.months is not None):
        yield from _of_the_course(read, event, wave, plan)
    if plan.download is not None:
        yield _after_a_download(read, event, wave, plan.download, plan.open_for)


def _after_a_download(read: Reading, event: Event, wave: Wave, since: timedelta, open_for: timedelta) -> Any:
    """Whoever took a file or a resource of the event along."""
    what = taken(after=read.now - since - open_for)
    at = type_coerce(what.c.at + literal(since), UtcDateTime()).label("at")
    found = select(what.c.person_id, at, literal(False, Boolean).label("at_most"))
    return found.where(what.c.event_id == event.id, ~_asked(event, wave, what.c.person_id)).subquery()


def _after_the_event(read: Reading, event: Event, wave: Wave, after: After) -> Any:
    """Whoever came, or may still come, to the last part that they came to or hold."""
    may_come = or_(Mark.id.is_(None), Mark.status.in_(CAME))
    last = func.max(Part.ends_at).filter(may_come)
    at = type_coerce(last + literal(after.since), UtcDateTime())
    found = (
        select(
            Seat.person_id,
            at.label("at"),
            (~func.bool_or(func.coalesce(Mark.status.in_(CAME), False))).label("at_most"),
        )
        .join(Booking, and_(Booking.id == Seat.booking_id, Booking.state == BookingState.LIVE))
        .join(Entry, and_(Entry.booking_id == Booking.id, Entry.status == EntryStatus.CONFIRMED))
        .join(Part, and_(Part.id == Entry.part_id, Part.state == PartState.PLANNED))
        .outerjoin(Mark, and_(Mark.part_id == Part.id, Mark.seat_id == Seat.id, Mark.superseded_at.is_(None)))
        .where(Seat.event_id == event.id, Seat.live, Seat.person_id.is_not(None), ~_asked(event, wave, Seat.person_id))
        .group_by(Seat.person_id)
        .having(func.bool_or(may_come), last > read.now - after.until)
    )
    return found.subquery()


def _of_the_course(read: Reading, event: Event, wave: Wave, plan: Asking) -> Iterator[Any]:
    """Whoever holds a place: before it begins, or some months after its end and as long as that would be open."""
    planned = [part for part in event.parts if part.state is PartState.PLANNED]
    if not planned:
        return
    begins, ends = min(part.starts_at for part in planned), max(part.ends_at for part in planned)
    is_before = plan.months is None
    at = read.now if plan.months is None else months_after(ends, plan.months)
    if (is_before and begins <= read.now) or at <= read.now - plan.open_for:
        return
    held = select(
        Booking.person_id,
        literal(at, UtcDateTime()).label("at"),
        literal(not is_before, Boolean).label("at_most"),
    ).where(Booking.event_id == event.id, Booking.state == BookingState.LIVE, ~_asked(event, wave, Booking.person_id))
    yield held.subquery()


def _asked(event: Event, wave: Wave, person_id: SQLColumnExpression[Any]) -> ColumnElement[bool]:
    return exists().where(
        Ask.subject_kind == Subject.EVENT, Ask.subject_id == event.id, Ask.wave == wave, Ask.person_id == person_id
    )
