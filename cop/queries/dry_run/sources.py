"""Who gets what about one event, and when: a statement for each thing that is sent, by the conditions of its job."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import time, timedelta
from typing import Any, Protocol

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Date,
    DateTime,
    Select,
    SQLColumnExpression,
    and_,
    case,
    cast,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import JSONB

from cop.core import place
from cop.core.place import months_after
from cop.core.work import Reading
from cop.models.base import UtcDateTime
from cop.models.cohorts import Application, Endorsement
from cop.models.commitments import Commitment
from cop.models.events import (
    CAME,
    Booking,
    BookingState,
    Entry,
    EntryStatus,
    Event,
    EventKind,
    Mark,
    Part,
    PartState,
    Seat,
)
from cop.models.offers import Offer
from cop.models.outbox import Outbox
from cop.models.surveys import Ask, Subject, Wave
from cop.models.telling import MessageRule
from cop.queries import no_shows, plans, timetable
from cop.queries.cohorts.roster import HAS_PLACE
from cop.queries.downloads import taken
from cop.queries.rules import UNANSWERED, is_pressing, may_be_due, template_of, to_send


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


Source = Select[*tuple[Any, ...]]
"""Rows of (what, template, params, at, overdue, until, person_id, at_most, routine); ``what`` is ``kind``,
``kind:which`` or ``kind:which:number``, ``params`` are those of the message where it has all that it tells about, and
``until`` says from when on a message of a rule is of no use.
"""


def all_sources(
    read: Reading, event: Event, rules: Sequence[MessageRule], rounds: Mapping[Wave, Asking]
) -> list[Source]:
    """Everything that goes out by itself about the event."""
    return [
        *(source for rule in rules for source in _of_rule(read, rule)),
        *_of_the_service(read, event),
        *_of_surveys(read, event, rounds),
        *_of_plans(read, event),
    ]


def supporters(read: Reading, event: Event) -> Select[*tuple[Any, ...]]:
    """Rows of (at, name) of those who are reminded that they were asked to support an application: they need not be
    people whom we know.
    """
    asked = timetable.endorsements_before_the_close().add_columns(Endorsement.name)
    who = asked.where(Event.id == event.id, Event.closes_at > read.now).subquery("supporters")
    at = func.greatest(who.c.closes_at - literal(timetable.CLOSE_AHEAD), literal(read.now, UtcDateTime()))
    return select(type_coerce(at, UtcDateTime()).label("at"), who.c.name).order_by(who.c.name)


def _rows(
    read: Reading,
    what: str,
    at: SQLColumnExpression[Any],
    person_id: SQLColumnExpression[Any],
    *,
    template: str | None = None,
    params: Mapping[str, Any] | None = None,
    until: SQLColumnExpression[Any] | None = None,
    at_most: SQLColumnExpression[bool] | bool = False,
    routine: SQLColumnExpression[bool] | bool = True,
) -> Source:
    """One source; what is due already goes out now. The message is called as its kind is, unless ``template`` says."""
    told = func.jsonb_build_object(*(part for pair in (params or {}).items() for part in pair)) if params else null()
    return select(
        literal(what).label("what"),
        literal(template or what.partition(":")[0]).label("template"),
        cast(told, JSONB).label("params"),
        func.greatest(at, literal(read.now, UtcDateTime())).label("at"),
        (at < literal(read.now, UtcDateTime())).label("overdue"),
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
            rows = _rows(
                read,
                f"rule:{rule.id}",
                who.c.at,
                who.c.person_id,
                template=template_of(rule),
                params={"rule_id": rule.id},
                until=who.c.until,
                at_most=at_most,
                routine=~is_pressing(rule, who, now=read.now),
            )
            yield rows.where(who.c.until > read.now)


def _of_the_service(read: Reading, event: Event) -> Iterator[Source]:
    """Reminders, packs, and what comes before a deadline: none of it is routine."""
    for ahead in timetable.AHEAD:
        due = timetable.reminders(ahead).where(Part.event_id == event.id, Part.starts_at > read.now + ahead.until)
        who = due.subquery(f"reminder_{ahead.name}")
        told = {
            "booking_id": who.c.booking_id,
            "part_id": who.c.part_id,
            "starts_at": who.c.starts_at,
            "ahead": ahead.name,
        }
        at = who.c.starts_at - literal(ahead.before)
        yield _rows(read, f"reminder:{ahead.name}", at, who.c.person_id, params=told, routine=False)
    packs = timetable.visit_packs().add_columns(Booking.person_id)
    who = packs.where(Part.event_id == event.id, Part.starts_at > read.now).subquery("packs")
    yield _rows(
        read,
        "visit_pack",
        who.c.starts_at - literal(timetable.PACK_AHEAD),
        who.c.person_id,
        params={"booking_id": who.c.booking_id, "part_id": who.c.part_id},
        routine=False,
    )
    drafts = timetable.drafts_before_the_close().add_columns(Application.person_id)
    who = drafts.where(Event.id == event.id, Event.closes_at > read.now).subquery("drafts")
    yield _rows(
        read,
        "application_closing_soon",
        who.c.closes_at - literal(timetable.CLOSE_AHEAD),
        who.c.person_id,
        params={"application_id": who.c.id, "closes_at": who.c.closes_at},
        at_most=True,
        routine=False,
    )
    for template, is_of_it in (
        ("offer_reminder", Offer.waiting_id.is_(None)),
        ("place_offer_reminder", Offer.waiting_id.is_not(None)),
    ):
        yield _rows(
            read,
            template,
            Offer.expires_at - literal(timetable.OFFER_AHEAD),
            Offer.person_id,
            params={"offer_id": Offer.id},
            at_most=True,
            routine=False,
        ).where(
            Offer.event_id == event.id,
            Offer.expires_at > read.now,
            is_of_it,
            timetable.offer_to_be_reminded_of(),
        )
    if event.kind is EventKind.VISIT:
        yield _of_missed_visits(read, event)


def _of_missed_visits(read: Reading, event: Event) -> Source:
    """Whoever booked and may not come, on the day after."""
    who = no_shows.may_be_missed(event.id).subquery("may_be_missed")
    at = _first_minute_of(cast(_wall_clock(who.c.ends_at), Date) + literal(1))
    rows = _rows(read, "visit_missed", at, who.c.person_id, params={"booking_id": who.c.booking_id}, at_most=True)
    return rows.where(who.c.ends_at > read.now - no_shows.WORTH_A_WORD)


def _of_plans(read: Reading, event: Event) -> Iterator[Source]:
    """Whoever has an action plan, and whoever may write one: a hundred days after the course, and once more."""
    after_course = plans.check_after_course(event.parts)
    if event.kind is not EventKind.COHORT or after_course is None:
        return
    today = place.day_of(read.now)
    written = plans.to_be_checked().where(Event.id == event.id).subquery("written")
    first = select(Outbox.posted_at).where(Outbox.key == func.concat(plans.KEY, "first:", written.c.id))
    asked_at = first.scalar_subquery()
    is_posted = exists().where(Outbox.key == func.concat(plans.KEY, "again:", written.c.id))
    at = _first_minute_of(written.c.check_on)
    again_at = func.greatest(func.coalesce(asked_at, at), literal(read.now, UtcDateTime()))
    still = written.c.check_on > today - plans.ASKED_FOR
    told = {"plan_id": written.c.id}
    yield _rows(read, "plan_check:first", at, written.c.person_id, params={**told, "again": False}, at_most=True).where(
        still, asked_at.is_(None)
    )
    again = case((asked_at.is_(None), again_at), else_=asked_at) + literal(plans.ASK_AGAIN_AFTER)
    yield _rows(
        read, "plan_check:again", again, written.c.person_id, params={**told, "again": True}, at_most=True
    ).where(still, ~is_posted)
    if after_course <= today:
        return
    has_plan = exists().where(plans.is_plan_of(event.id), Commitment.person_id == Booking.person_id)
    begins = place.instant_on(after_course, time())
    for which, moment in (("first", begins), ("again", begins + plans.ASK_AGAIN_AFTER)):
        yield _rows(read, f"plan_check:{which}", literal(moment, UtcDateTime()), Booking.person_id, at_most=True).where(
            Booking.event_id == event.id, *HAS_PLACE, ~has_plan
        )


def _wall_clock(instant: SQLColumnExpression[Any]) -> ColumnElement[Any]:
    return func.timezone(place.zone_name(), instant)


def _first_minute_of(day: SQLColumnExpression[Any]) -> ColumnElement[Any]:
    """The instant at which a day begins there."""
    return type_coerce(func.timezone(place.zone_name(), cast(day, DateTime(timezone=False))), UtcDateTime())


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
    what = f"survey_reminder:{wave}:{number}"
    rows = _rows(read, what, at, Ask.person_id, params={"ask_id": Ask.id}, at_most=True)
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
