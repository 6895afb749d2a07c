"""Who is asked what, and when: after each event, and along a course and the year after it.

What is due follows from the dates and marks as they are now; a job calls these functions every few minutes. Several
runners at once ask nobody twice: the lock of the questionnaire lets one after the other look, and a constraint keeps
each ask unique.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    Select,
    SQLColumnExpression,
    and_,
    exists,
    func,
    literal,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import insert

from cop.core.place import months_after
from cop.core.secrecy import random_word
from cop.core.work import Work
from cop.models.accounts import Person
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
from cop.models.outbox import Outbox, OutboxClass
from cop.models.surveys import AnonymousResponse, Ask, Questionnaire, Subject, Wave
from cop.queries.downloads import taken
from cop.queries.surveys.by_hand import unsuccessful
from cop.services import outbox
from cop.services.surveys import templates
from cop.services.surveys.publishing import in_force
from cop.services.surveys.templates import Template

MARKED_WITHIN = timedelta(days=7)
"""Where nobody at all was marked in this time, nobody is asked: late marks are for the record."""


@dataclass(frozen=True)
class After:
    """So long after the last part that somebody came to, at events of these kinds; ``until`` then nobody is asked."""

    kinds: tuple[EventKind, ...]
    since: timedelta
    until: timedelta


@dataclass(frozen=True)
class Round:
    """What one wave asks and for how long, and after which time those who are silent are reminded.

    ``months`` after the end of a course it falls due, ``after`` an event, or so long after a ``download``; none of them
    is there for waves that hang on something else, and no ``template`` where staff choose what is asked.
    """

    template: Template | None
    open_for: timedelta
    reminders: tuple[timedelta, timedelta]
    months: int | None = None
    after: After | None = None
    download: timedelta | None = None


_LONG = (timedelta(days=28), (timedelta(days=7), timedelta(days=14)))

ROUNDS = {
    Wave.PULSE: Round(
        templates.PULSE,
        timedelta(days=14),
        (timedelta(days=3), timedelta(days=7)),
        after=After(
            (EventKind.VISIT, EventKind.WEBINAR, EventKind.SUMMIT), timedelta(hours=1), until=timedelta(days=14)
        ),
    ),
    Wave.REFLECTION: Round(
        templates.REFLECTION,
        timedelta(days=14),
        (timedelta(days=4), timedelta(days=9)),
        after=After((EventKind.VISIT,), timedelta(days=14), until=timedelta(days=28)),
    ),
    Wave.DAYS_30: Round(
        templates.RESOURCE,
        timedelta(days=14),
        (timedelta(days=4), timedelta(days=9)),
        download=timedelta(days=30),
    ),
    Wave.DAYS_60: Round(
        templates.ACTIONS,
        *_LONG,
        after=After((EventKind.SUMMIT,), timedelta(days=60), until=timedelta(days=88)),
    ),
    Wave.BASELINE: Round(templates.BASELINE, *_LONG),
    Wave.END: Round(templates.END, *_LONG, months=0),
    Wave.MONTHS_3: Round(templates.FOLLOW_UP, *_LONG, months=3),
    Wave.MONTHS_6: Round(templates.FOLLOW_UP, *_LONG, months=6),
    Wave.MONTHS_12: Round(templates.FOLLOW_UP_YEAR, *_LONG, months=12),
    Wave.ONCE: Round(None, timedelta(days=14), (timedelta(days=4), timedelta(days=9))),
}
"""What ``until`` says is never longer after than the first who were asked can answer: nobody is asked afterwards."""

FOR_THOSE_ON_THE_COURSE = frozenset({Wave.BASELINE, Wave.END, Wave.MONTHS_3, Wave.MONTHS_6, Wave.MONTHS_12})

Due = Select[*tuple[Any, ...]]
"""Rows of (event_id, person_id): who is to be asked about what."""


def ask_due(work: Work, *, wave: Wave, limit: int) -> int:
    """Ask up to ``limit`` people for whom this wave is due, and promise each their invitation; how many it were."""
    due, template = _due(work, wave), ROUNDS[wave].template
    if due is None or template is None or work.session.execute(due.limit(1)).first() is None:
        return 0
    questionnaire = in_force(work, template)  # from here on no other runner asks this
    people = [(event_id, person_id) for event_id, person_id in work.session.execute(due.limit(limit))]
    return ask(work, questionnaire=questionnaire, wave=wave, people=people)


def ask(
    work: Work,
    *,
    questionnaire: Questionnaire,
    wave: Wave,
    people: Iterable[tuple[int, int]],
    closes_at: datetime | None = None,
) -> int:
    """Put the questionnaire to people, each a pair of the event's id and the person's, and promise the invitations.

    Nothing happens where that was done already; how many are asked now.
    """
    shared = {
        "questionnaire_id": questionnaire.id,
        "subject_kind": Subject.EVENT,
        "wave": wave,
        "opens_at": work.now,
        "closes_at": closes_at or work.now + ROUNDS[wave].open_for,
        "generation": 0,
    }
    rows = [
        {**shared, "subject_id": event_id, "person_id": person_id, "public_id": random_word()}
        for event_id, person_id in people
    ]
    if not rows:
        return 0
    asked = insert(Ask).on_conflict_do_nothing(constraint="uq_ask_once").returning(Ask.id)
    made = work.session.scalars(asked, rows).all()
    to = select(
        Ask.person_id,
        func.concat("survey-invitation:", Ask.id).label("key"),
        Ask.closes_at.label("until"),
        func.jsonb_build_object("ask_id", Ask.id).label("params"),
    )
    return outbox.post_all(
        work, found=to.where(Ask.id.in_(made)), template="survey_invitation", urgency=OutboxClass.ROUTINE
    )


def _due(work: Work, wave: Wave) -> Due | None:
    plan = ROUNDS[wave]
    if plan.after is not None:
        return _came_to_an_event(work, wave, plan.after)
    if wave is Wave.BASELINE:
        return _booked_a_course(work)
    if plan.download is not None:
        return _took_something_along(work, wave, plan.download)
    if plan.months is not None:
        return _took_part_in_a_course(work, wave, plan.months)
    return None


def _came_to_an_event(work: Work, wave: Wave, due: After) -> Due:
    """Whoever is marked as having come, some time after the last part that they came to."""
    last = func.max(Part.ends_at)
    more_to_come = exists().where(
        Entry.booking_id == Seat.booking_id,
        Entry.status == EntryStatus.CONFIRMED,
        Entry.part_id.in_(_parts_that_end_after(work.now - due.since)),
    )
    return (
        select(Event.id, Seat.person_id)
        .select_from(Part)
        .join(Event, Event.id == Part.event_id)
        .join(Mark, and_(Mark.part_id == Part.id, Mark.superseded_at.is_(None), Mark.status.in_(CAME)))
        .join(Seat, and_(Seat.id == Mark.seat_id, Seat.live, Seat.person_id.is_not(None)))
        .where(
            Event.kind.in_(due.kinds),
            Event.state == EventState.PUBLISHED,
            Part.state == PartState.PLANNED,
            Part.ends_at > work.now - due.until,
            ~more_to_come,
            ~_asked(wave, Seat.person_id),
            ~_closed(wave),
        )
        .group_by(Event.id, Seat.person_id)
        .having(last <= work.now - due.since, _first_mark() <= last + literal(MARKED_WITHIN))
        .order_by(Event.id, Seat.person_id)
    )


def _took_something_along(work: Work, wave: Wave, since: timedelta) -> Due:
    """Whoever downloaded a file of an event, or opened a resource of a webinar, so long ago."""
    what = taken(after=work.now - since - ROUNDS[wave].open_for)
    return (
        select(Event.id, what.c.person_id)
        .join(what, what.c.event_id == Event.id)
        .where(
            Event.state == EventState.PUBLISHED,
            what.c.at <= work.now - since,
            ~_asked(wave, what.c.person_id),
            ~_closed(wave),
        )
        .order_by(Event.id, what.c.person_id)
    )


def _parts_that_end_after(instant: datetime) -> Select[int]:
    return select(Part.id).where(Part.ends_at > instant, Part.state == PartState.PLANNED)


def _first_mark() -> ScalarSelect[datetime]:
    part = select(Part.id).where(Part.event_id == Event.id).correlate(Event)
    return select(func.min(Mark.recorded_at)).where(Mark.part_id.in_(part)).correlate(Event).scalar_subquery()


def _booked_a_course(work: Work) -> Due:
    """Whoever holds a place on a course that has not begun."""
    begun = exists().where(Part.event_id == Event.id, Part.state == PartState.PLANNED, Part.starts_at <= work.now)
    return _on_courses(Wave.BASELINE).where(~begun)


def _took_part_in_a_course(work: Work, wave: Wave, months: int) -> Due | None:
    """Whoever took part in a course, from the day on which this wave falls due and as long as it would be open."""
    ends = work.session.execute(
        select(Event.id, func.max(Part.ends_at))
        .join(Part, and_(Part.event_id == Event.id, Part.state == PartState.PLANNED))
        .where(Event.kind == EventKind.COHORT, Event.state == EventState.PUBLISHED)
        .group_by(Event.id)
        .having(func.max(Part.ends_at) <= work.now)
    ).all()
    open_for = ROUNDS[wave].open_for
    event_ids = [event_id for event_id, end in ends if timedelta() <= work.now - months_after(end, months) < open_for]
    if not event_ids:
        return None
    came = (
        exists()
        .where(
            Seat.booking_id == Booking.id,
            Seat.position == 0,
            Mark.seat_id == Seat.id,
            Mark.superseded_at.is_(None),
            Mark.status.in_(CAME),
            Part.id == Mark.part_id,
            Part.state == PartState.PLANNED,
        )
        .correlate(Booking)
    )
    return _on_courses(wave).where(Event.id.in_(event_ids), came)


def _on_courses(wave: Wave) -> Due:
    """Whoever holds a place on a course and was not asked in this wave."""
    return (
        select(Event.id, Booking.person_id)
        .join(Booking, and_(Booking.event_id == Event.id, Booking.state == BookingState.LIVE))
        .where(
            Event.kind == EventKind.COHORT,
            Event.state == EventState.PUBLISHED,
            ~_asked(wave, Booking.person_id),
            ~_closed(wave),
        )
        .order_by(Event.id, Booking.person_id)
    )


def _asked(wave: Wave, person_id: SQLColumnExpression[Any]) -> ColumnElement[bool]:
    """Whether somebody was asked about the event in this wave, in whichever version of the questions, or is erased."""
    was_asked = exists().where(
        Ask.subject_kind == Subject.EVENT,
        Ask.subject_id == Event.id,
        Ask.wave == wave,
        Ask.person_id == person_id,
    )
    return or_(was_asked, exists().where(Person.id == person_id, Person.erased_at.is_not(None)))


def _closed(wave: Wave) -> ColumnElement[bool]:
    """Whether answers about the event were made anonymous: those of whoever came after would stand alone."""
    return exists().where(
        AnonymousResponse.subject_kind == Subject.EVENT,
        AnonymousResponse.subject_id == Event.id,
        AnonymousResponse.wave == wave,
    )


def remind_due(work: Work, *, wave: Wave, number: int, limit: int) -> int:
    """Post the first or the second reminder to up to ``limit`` people who are silent; how many it were.

    The first is left out once the second is due, so that nobody gets both at once after jobs stood still.
    """
    plan = ROUNDS[wave]
    after, until = (*plan.reminders, plan.open_for)[number - 1 : number + 1]
    key = func.concat("survey-reminder:", number, ":", Ask.id)
    on_the_course = exists().where(
        Booking.event_id == Ask.subject_id, Booking.person_id == Ask.person_id, Booking.state == BookingState.LIVE
    )
    at_the_event = exists().where(Seat.event_id == Ask.subject_id, Seat.person_id == Ask.person_id, Seat.live)
    still_there: ColumnElement[bool] = on_the_course if wave in FOR_THOSE_ON_THE_COURSE else at_the_event
    if wave is Wave.ONCE:
        still_there = or_(still_there, Ask.person_id.in_(unsuccessful(Ask.subject_id)))
    silent = (
        select(
            Ask.person_id,
            key.label("key"),
            func.least(Ask.opens_at + until, Ask.closes_at).label("until"),
            func.jsonb_build_object("ask_id", Ask.id).label("params"),
        )
        .where(
            Ask.wave == wave,
            Ask.done_on.is_(None),
            Ask.closes_at > work.now,
            Ask.opens_at <= work.now - after,
            Ask.opens_at > work.now - until,
            true() if plan.download is not None else still_there,  # whoever took something need not have come
            ~exists().where(Outbox.key == key),
        )
        .order_by(Ask.id)
        .limit(limit)
    )
    return outbox.post_all(work, found=silent, template="survey_reminder", urgency=OutboxClass.ROUTINE)
