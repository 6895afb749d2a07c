"""Counting the automatic measures of a programme, each in the one place that counts it for the other pages too.

It takes long for a large programme, so it is done at night and kept: pages read what was kept.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, not_, or_, select, union_all

from cop.core.place import day_of
from cop.core.work import Reading
from cop.models.accounts import Sector
from cop.models.commitments import Commitment, CommitmentCheck, CommitmentState
from cop.models.community import ForumMonth
from cop.models.events import (
    CAME,
    Arrangement,
    Booking,
    BookingSource,
    BookingState,
    Event,
    EventKind,
    EventState,
    Mark,
    Part,
    PartState,
    Seat,
)
from cop.models.evidence import Indicator, IndicatorValue
from cop.models.programmes import Programme
from cop.models.surveys import AnonymousResponse, Ask, Mode, Questionnaire, Response, ResponseState, Subject, Wave
from cop.models.waiting import Waiting
from cop.queries.adoption import adoption
from cop.queries.cohorts.roster import HAS_PLACE
from cop.queries.evaluation.funnels import courses
from cop.queries.evaluation.reach import NEWER, Geography, reach
from cop.queries.forum.counting import first_of
from cop.queries.indicators.pairs import CONFIDENCE, CONTACTS, KNOWLEDGE, paired_changes
from cop.queries.plans import ENDED, is_plan_of_event
from cop.queries.toolkit_use import figures as toolkit
from cop.queries.toolkit_use.kinds import RUNGS, Rung

PLACES = Decimal("0.000001")
"""So exact that of up to a million people the number can be told again from the per cent."""


@dataclass(frozen=True)
class Counted:
    """What a measure is now; ``n`` is what its definition says: out of how many, or from how many people."""

    value: Decimal
    n: int | None = None


COUNTED_FOR = timedelta(days=400)
"""So long after the end of a programme it is counted: a year later its participants are asked for the last time."""


def due(read: Reading) -> Sequence[int]:
    """The programmes with automatic indicators of which none was counted today."""
    today = day_of(read.now)
    of_it = and_(Indicator.programme_id == Programme.id, Indicator.measure.is_not(None), Indicator.retired_at.is_(None))
    counted_today = exists().where(of_it, IndicatorValue.indicator_id == Indicator.id, IndicatorValue.on_date == today)
    found = select(Programme.id).where(
        Programme.starts_on <= today, Programme.ends_on >= today - COUNTED_FOR, exists().where(of_it), ~counted_today
    )
    return read.session.scalars(found.order_by(Programme.id)).all()


Found = Mapping[str, Counted]
"""Counted measures, by their codes; those for which there is nothing to count from are missing."""


def counted(read: Reading, programme: Programme) -> Found:
    """All measures of :data:`measures.ALL` as they are now, exactly: for the system alone.

    The number of statements does not depend on what there is.
    """
    found: dict[str, Counted] = {}
    for part in _PARTS:
        found |= part(read, programme)
    return found


def _count(value: int, n: int | None = None) -> Counted:
    return Counted(Decimal(value), n)


def _number(value: float, n: int) -> Counted:
    return Counted(Decimal(value).quantize(PLACES), n)


def _share(**shares: tuple[int, int]) -> dict[str, Counted]:
    """Per cent, of those of whom there are any; underscores in the names stand for hyphens."""
    return {
        name.replace("_", "-"): Counted((Decimal(100 * part) / whole).quantize(PLACES), whole)
        for name, (part, whole) in shares.items()
        if whole
    }


def _reach(read: Reading, programme: Programme) -> Found:
    found = reach(read, programme, Geography.THEN, hide=False)
    newer = next((group for group in found.by_newer if group.name == NEWER), None)
    people = found.whole.people_came.value or 0
    sectors = {row[0]: row[1] for row in read.session.execute(_by_sector(programme.id))}
    return {
        "organisations-reached": _count(found.whole.came, found.whole.members),
        "newer-organisations-reached": _count(newer.came, newer.members) if newer else _count(0),
        "people-reached": _count(people),
        "sectors-reached": _count(sum(1 for sector in sectors if sector is not None)),
        **_share(residents_share=(sectors.get(Sector.RESIDENT, 0), people)),
    }


def _by_sector(programme_id: int) -> Select[*tuple[Any, ...]]:
    came = exists().where(Mark.seat_id == Seat.id, Mark.superseded_at.is_(None), Mark.status.in_(CAME))
    return (
        select(Booking.sector, func.count(Seat.person_id.distinct()))
        .join(Seat, and_(Seat.booking_id == Booking.id, Seat.live, Seat.person_id.is_not(None)))
        .join(Event, Event.id == Booking.event_id)
        .where(Event.programme_id == programme_id, Event.state != EventState.DRAFT, came)
        .group_by(Booking.sector)
    )


def _courses(read: Reading, programme: Programme) -> Found:
    all_of_them = courses(read, programme, withheld=None)
    places, every, waited = read.session.execute(_places(programme.id, read.now)).one()
    found = {
        "applied": _count(sum(course.applied.value or 0 for course in all_of_them)),
        "selected": _count(sum(course.offered.value or 0 for course in all_of_them)),
        "waited": _count(waited),
    }
    if places:
        done = sum(course.completed.value or 0 for course in all_of_them)
        found |= {"attended-every-half-day": _count(every, places), "completed": _count(done, places)}
    return found


def _is_over(now: datetime) -> ColumnElement[bool]:
    """That an Event is a course of which all half-days have ended."""
    last = select(func.max(Part.ends_at)).where(Part.event_id == Event.id, Part.state == PartState.PLANNED)
    return and_(Event.kind == EventKind.COHORT, Event.state == EventState.PUBLISHED, last.scalar_subquery() <= now)


def _places(programme_id: int, now: datetime) -> Select[*tuple[Any, ...]]:
    """How many places there were on courses that are over, on how many somebody came each half-day, and who waited."""
    attended = (
        exists()
        .where(
            Mark.part_id == Part.id,
            Mark.seat_id == Seat.id,
            Mark.superseded_at.is_(None),
            Mark.status.in_(CAME),
        )
        .correlate(Part, Seat)
    )
    missed = (
        exists().where(Part.event_id == Event.id, Part.state == PartState.PLANNED, ~attended).correlate(Event, Seat)
    )
    waited = (
        select(func.count(Waiting.person_id.distinct()))
        .join(Event, Event.id == Waiting.event_id)
        .where(Event.programme_id == programme_id)
        .scalar_subquery()
    )
    return (
        select(func.count(), func.count().filter(~missed), waited)
        .select_from(Booking)
        .join(Seat, and_(Seat.booking_id == Booking.id, Seat.position == 0))
        .join(Event, Event.id == Booking.event_id)
        .where(Event.programme_id == programme_id, _is_over(now), *HAS_PLACE)
    )


FOLLOW_UPS = (Wave.MONTHS_3, Wave.MONTHS_6, Wave.MONTHS_12)

POSITIVE: Mapping[str, tuple[str, Sequence[str], Sequence[Wave]]] = {
    "relevant": ("e1_2", ("4", "5"), tuple(Wave)),
    "satisfied": ("e1_1", ("4", "5"), tuple(Wave)),
    "will_use": ("e1_3", ("4", "5"), tuple(Wave)),
    "useful_connections": ("connections", ("4", "5"), (Wave.END,)),
    "learnt_from_others": ("from_others", ("4", "5"), (Wave.END,)),
    "good_use_of_time": ("good_use", ("4", "5"), (Wave.END,)),
    "felt_listened_to": ("listened", ("4", "5"), (Wave.END,)),
    "felt_safe": ("safe", ("4", "5"), (Wave.END,)),
    "needs_met": ("e1_5", ("no",), tuple(Wave)),
    "used_learning": ("used", ("once", "several", "how we work"), FOLLOW_UPS),
}
"""Which answers to which question count, and in which waves, by the measure."""


def _answers(read: Reading, programme: Programme) -> Found:
    row = read.session.execute(_of_items(programme.id)).one()._asdict()
    asked, answered = read.session.execute(_asked(programme.id, read.now)).one()
    return _share(**{name: (row[name], row[f"{name}_n"]) for name in POSITIVE}, response_rate=(answered, asked))


def _of_items(programme_id: int) -> Select[*tuple[Any, ...]]:
    """Over all answers that were sent about the programme's events, in whichever mode; anonymous ones once they are."""
    of_programme = and_(Event.programme_id == programme_id, Event.state != EventState.DRAFT)
    sent = Response.state == ResponseState.SUBMITTED
    named = (
        select(Ask.wave.label("wave"), Response.answers.label("answers"))
        .join(Ask, Ask.id == Response.ask_id)
        .join(Questionnaire, and_(Questionnaire.id == Response.questionnaire_id, Questionnaire.mode == Mode.NAMED))
        .join(Event, and_(Event.id == Ask.subject_id, Ask.subject_kind == Subject.EVENT))
        .where(of_programme, sent)
    )
    of_panel = (
        select(Response.wave, Response.answers)
        .join(Event, and_(Event.id == Response.subject_id, Response.subject_kind == Subject.EVENT))
        .where(of_programme, sent)
    )
    anonymous = (
        select(AnonymousResponse.wave, AnonymousResponse.answers)
        .join(Event, and_(Event.id == AnonymousResponse.subject_id, AnonymousResponse.subject_kind == Subject.EVENT))
        .where(of_programme)
    )
    answers = union_all(named, of_panel, anonymous).subquery("answers").c
    columns: list[ColumnElement[int]] = []
    for name, (code, values, waves) in POSITIVE.items():
        given, in_time = answers.answers[code].astext, answers.wave.in_(waves)
        columns += [
            func.count(given).filter(in_time, given.in_(values)).label(name),
            func.count(given).filter(in_time).label(f"{name}_n"),
        ]
    return select(*columns)


def _asked(programme_id: int, now: datetime) -> Select[int, int]:
    return (
        select(func.count(), func.count(Ask.done_on))
        .select_from(Ask)
        .join(Event, and_(Event.id == Ask.subject_id, Ask.subject_kind == Subject.EVENT))
        .where(Event.programme_id == programme_id, Event.state != EventState.DRAFT, Ask.closes_at <= now)
    )


CHANGES = {
    (CONFIDENCE, Wave.END): "confidence-change",
    (CONFIDENCE, Wave.MONTHS_6): "confidence-change-6-months",
    (KNOWLEDGE, Wave.END): "knowledge-change",
    (CONTACTS, Wave.END): "contacts-change",
    (CONTACTS, Wave.MONTHS_6): "contacts-change-6-months",
}


def _changes(read: Reading, programme: Programme) -> Found:
    return {
        CHANGES[change.code, change.wave]: _number(change.difference, change.n.value or 0)
        for change in paired_changes(read, programme, hide=False)
        if (change.code, change.wave) in CHANGES and change.difference is not None
    }


def _plans(read: Reading, programme: Programme) -> Found:
    places, written = read.session.execute(_written(programme.id, read.now)).one()
    due, reviewed, done, stuck = read.session.execute(_reviewed(programme.id, read.now)).one()
    return _share(
        plans_made=(written, places), plans_reviewed=(reviewed, due), plans_done=(done, due), plans_stuck=(stuck, due)
    )


def _written(programme_id: int, now: datetime) -> Select[int, int]:
    """How many places there were on courses that are over, and on how many of them somebody has a plan."""
    return (
        select(func.count(), func.count(Commitment.id))
        .select_from(Booking)
        .join(Event, Event.id == Booking.event_id)
        .outerjoin(Commitment, and_(is_plan_of_event(), Commitment.person_id == Booking.person_id))
        .where(Event.programme_id == programme_id, _is_over(now), *HAS_PLACE)
    )


def _reviewed(programme_id: int, now: datetime) -> Select[int, int, int, int]:
    """The plans whose day of review has come, and of them those reviewed, done, and stuck."""
    said = exists().where(
        CommitmentCheck.commitment_id == Commitment.id, CommitmentCheck.on_date >= Commitment.check_on
    )
    return (
        select(
            func.count(),
            func.count().filter(or_(said, Commitment.state.in_(ENDED))),
            func.count().filter(Commitment.state == CommitmentState.DONE),
            func.count().filter(Commitment.state == CommitmentState.STUCK),
        )
        .select_from(Commitment)
        .join(Event, is_plan_of_event())
        .where(Event.programme_id == programme_id, Commitment.check_on <= day_of(now))
    )


def _community(read: Reading, programme: Programme) -> Found:
    """The last whole month, where it was counted."""
    month = first_of(first_of(day_of(read.now)) - timedelta(days=1))
    figures = read.session.scalar(
        select(ForumMonth.figures).where(ForumMonth.programme_id == programme.id, ForumMonth.month == month)
    )
    if figures is None:
        return {}
    found = {
        "community-writers": _count(figures["writers"]),
        "community-posts": _count(figures["posts"], figures["writers"]),
        "community-ties": _count(figures["ties"]),
        "community-readers": _count(max(figures["readers"], figures["writers"])),
    }
    if figures["reply_hours"] is not None:
        found["first-reply"] = _number(figures["reply_hours"], figures["replied"])
    return found | _share(unanswered=(figures["topics"] - figures["replied"], figures["topics"]))


def _toolkit(read: Reading, programme: Programme) -> Found:
    use = toolkit.use(read, programme=programme.slug)
    people = dict(zip(RUNGS, use.ladder.people, strict=True))
    organisations = dict(zip(RUNGS, use.ladder.organisations, strict=True))
    return {
        "toolkit-downloads": _count(sum(month.downloaded for month in use.months)),
        "toolkit-organisations": _count(organisations[Rung.DOWNLOADED].value or 0),
        "toolkit-organisations-again": _count(toolkit.came_back(read, use)),
        "toolkit-used": _count(people[Rung.USED].value or 0),
    }


def _adoption(read: Reading, programme: Programme) -> Found:
    found = adoption(read, programme)
    rose, same, fell = (figure.value or 0 for figure in (found.rose, found.same, found.fell))
    pledges = (found.by_people, found.by_organisations)
    made = sum(each.made.value or 0 for each in pledges)
    kept = sum(each.kept.value or 0 for each in pledges)
    return {
        "rated-first": _count(found.rated_first.value or 0),
        "rated-again": _count(rose + same + fell),
        "pledges-made": _count(made),
        **_share(adopting=(rose, rose + same + fell), pledges_kept=(kept, made)),
    }


def _access(read: Reading, programme: Programme) -> Found:
    needs = (
        select(func.count())
        .select_from(Arrangement)
        .join(Booking, and_(Booking.id == Arrangement.booking_id, Booking.state == BookingState.LIVE))
        .join(Event, Event.id == Booking.event_id)
        .where(Event.programme_id == programme.id, Arrangement.access.is_not(None))
    )
    marked, missed = read.session.execute(_missed(programme.id, read.now)).one()
    return {"needs-asked": _count(read.session.scalar(needs) or 0), **_share(dropped_off=(missed, marked))}


def _missed(programme_id: int, now: datetime) -> Select[int, int]:
    """The booked seats at events that are over of which anything is marked, and those on which nobody came."""
    last = select(func.max(Part.ends_at)).where(Part.event_id == Event.id, Part.state == PartState.PLANNED)
    seats = (
        select(func.bool_or(Mark.status.in_(CAME)).label("came"))
        .select_from(Event)
        .join(Booking, and_(Booking.event_id == Event.id, Booking.source != BookingSource.WALK_IN))
        .join(Seat, and_(Seat.booking_id == Booking.id, Seat.live))
        .join(Mark, and_(Mark.seat_id == Seat.id, Mark.superseded_at.is_(None)))
        .where(
            Event.programme_id == programme_id,
            Event.state == EventState.PUBLISHED,
            last.scalar_subquery() <= now,
        )
        .group_by(Seat.id)
        .subquery("seats")
    )
    return select(func.count(), func.count().filter(not_(seats.c.came)))


_PARTS: Sequence[Callable[[Reading, Programme], Found]] = (
    _reach,
    _courses,
    _answers,
    _changes,
    _plans,
    _community,
    _toolkit,
    _adoption,
    _access,
)
