"""What became of a programme's events, half-days and courses, step by step."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Label, ScalarSelect, Select, and_, exists, func, not_, or_, select

from cop.core.small_numbers import Figure
from cop.core.work import Reading
from cop.models.cohorts import Application, Cohort
from cop.models.events import (
    CAME,
    Attendance,
    Booking,
    BookingSource,
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
from cop.models.programmes import Programme
from cop.models.summits import Invitation
from cop.models.surveys import Ask, Subject
from cop.queries.alumni import alumni
from cop.queries.evaluation.figures import alone, pieces

EVENTS_AT_MOST = 50

MISSED = (Attendance.ABSENT, Attendance.EXCUSED)


@dataclass(frozen=True)
class EventFunnel:
    """Heads at one event. The ``booked`` seats are those that ``came``, that ``missed`` it, and the ``unmarked``.

    ``walk_ins`` came without a booking and are in none of these.
    """

    title: str
    kind: EventKind
    starts_at: datetime | None
    invited: Figure
    booked: Figure
    came: Figure
    missed: Figure
    unmarked: Figure
    walk_ins: Figure
    cancelled: Figure
    asked: Figure
    answered: Figure


def event_funnels(read: Reading, programme: Programme, *, hide: bool) -> Sequence[EventFunnel]:
    """The latest events that somebody was invited to or has booked, latest first."""
    return [
        _event(row._asdict(), hide=hide) for row in read.session.execute(_events(programme.id).limit(EVENTS_AT_MOST))
    ]


def _event(row: dict[str, Any], *, hide: bool) -> EventFunnel:
    counts = (row["came"], row["missed"], row["booked"] - row["came"] - row["missed"])
    (came, missed, unmarked), booked = pieces(counts, hide=hide)
    row |= {name: alone(row[name], hide=hide) for name in ("invited", "walk_ins", "cancelled", "asked", "answered")}
    row |= {"booked": booked, "came": came, "missed": missed, "unmarked": unmarked}
    return EventFunnel(**row)


def _events(programme_id: int) -> Select[*tuple[Any, ...]]:
    seats = _seats(programme_id).subquery("seats")
    held = and_(seats.c.live, not_(seats.c.walked_in))
    was_missed = and_(seats.c.missed, not_(seats.c.came))
    by_event = (
        select(
            seats.c.event_id,
            func.count().filter(held).label("booked"),
            func.count().filter(held, seats.c.came).label("came"),
            func.count().filter(held, was_missed).label("missed"),
            func.count().filter(seats.c.live, seats.c.walked_in).label("walk_ins"),
            func.count().filter(not_(seats.c.live), not_(seats.c.walked_in)).label("cancelled"),
        )
        .group_by(seats.c.event_id)
        .subquery("by_event")
    )
    starts_at = select(func.min(Part.starts_at)).where(Part.event_id == Event.id).scalar_subquery()
    is_invited = and_(Invitation.event_id == Event.id, Invitation.withdrawn_at.is_(None))
    invited = select(func.count(Invitation.id)).where(is_invited)
    of_event = and_(Ask.subject_kind == Subject.EVENT, Ask.subject_id == Event.id)
    asked = select(func.count(Ask.person_id.distinct())).where(of_event)
    counts = ("booked", "came", "missed", "walk_ins", "cancelled")
    return (
        select(
            Event.title,
            Event.kind,
            starts_at.label("starts_at"),
            *(func.coalesce(by_event.c[name], 0).label(name) for name in counts),
            invited.scalar_subquery().label("invited"),
            asked.scalar_subquery().label("asked"),
            asked.where(Ask.done_on.is_not(None)).scalar_subquery().label("answered"),
        )
        .outerjoin(by_event, by_event.c.event_id == Event.id)
        .where(
            Event.programme_id == programme_id,
            Event.state != EventState.DRAFT,
            or_(by_event.c.event_id.is_not(None), exists().where(is_invited)),
        )
        .order_by(starts_at.desc().nulls_last(), Event.id)
    )


def _seats(programme_id: int) -> Select[*tuple[Any, ...]]:
    """Each seat of the programme's events, with what was said of it on any of its parts."""
    return (
        select(
            Seat.event_id,
            Seat.live,
            (Booking.source == BookingSource.WALK_IN).label("walked_in"),
            func.coalesce(func.bool_or(Mark.status.in_(CAME)), False).label("came"),
            func.coalesce(func.bool_or(Mark.status.in_(MISSED)), False).label("missed"),
        )
        .join(Event, Event.id == Seat.event_id)
        .join(Booking, Booking.id == Seat.booking_id)
        .outerjoin(Mark, and_(Mark.seat_id == Seat.id, Mark.superseded_at.is_(None)))
        .where(Event.programme_id == programme_id)
        .group_by(Seat.id, Booking.id)
    )


@dataclass(frozen=True)
class HalfDay:
    """Participants of a course on one half-day: the ``expected`` are the sum of the others."""

    course: str
    title: str
    starts_at: datetime
    expected: Figure
    attended: Figure
    partial: Figure
    missed: Figure
    unmarked: Figure


def half_days(read: Reading, programme: Programme, *, hide: bool) -> Sequence[HalfDay]:
    """The half-days of all courses that have begun, the latest course first."""
    return [_half_day(row._asdict(), hide=hide) for row in read.session.execute(_half_days(programme.id, read.now))]


def _half_day(row: dict[str, Any], *, hide: bool) -> HalfDay:
    unmarked = row["expected"] - row["attended"] - row["partial"] - row["missed"]
    figures, expected = pieces([row["attended"], row["partial"], row["missed"], unmarked], hide=hide)
    return HalfDay(row["course"], row["title"], row["starts_at"], expected, *figures)


def _half_days(programme_id: int, now: datetime) -> Select[*tuple[Any, ...]]:
    def seats(name: str, *statuses: Attendance) -> Label[int]:
        return func.count(Seat.id).filter(Mark.status.in_(statuses)).label(name)

    return (
        select(
            Event.title.label("course"),
            Part.title,
            Part.starts_at,
            func.count(Seat.id).label("expected"),
            seats("attended", Attendance.ATTENDED),
            seats("partial", Attendance.PARTIAL),
            seats("missed", *MISSED),
        )
        .select_from(Event)
        .join(Part, and_(Part.event_id == Event.id, Part.state == PartState.PLANNED, Part.starts_at <= now))
        .join(Entry, and_(Entry.part_id == Part.id, Entry.status == EntryStatus.CONFIRMED))
        .join(Booking, Booking.id == Entry.booking_id)
        .join(Seat, and_(Seat.booking_id == Booking.id, Seat.live))
        .outerjoin(Mark, and_(Mark.part_id == Part.id, Mark.seat_id == Seat.id, Mark.superseded_at.is_(None)))
        .where(Event.programme_id == programme_id, Event.kind == EventKind.COHORT, Event.state != EventState.DRAFT)
        .group_by(Event.id, Part.id)
        .order_by(func.min(Part.starts_at).over(partition_by=Event.id).desc(), Event.id, Part.starts_at, Part.id)
    )


@dataclass(frozen=True)
class Course:
    """From application to completion, in applications: those of former rounds have nobody behind them any more."""

    title: str
    slug: str
    applied: Figure
    offered: Figure
    accepted: Figure
    completed: Figure


def courses(read: Reading, programme: Programme, *, hide: bool) -> Sequence[Course]:
    """All courses of the programme, the latest first."""
    rows = read.session.execute(_courses(programme.id), {"now": read.now})
    return [Course(row.title, row.slug, *(alone(count, hide=hide) for count in row[2:])) for row in rows]


def _courses(programme_id: int) -> Select[*tuple[Any, ...]]:
    done = alumni().subquery("done")
    applied = select(func.count(Application.id)).where(
        Application.cohort_id == Event.id, Application.submitted_at.is_not(None)
    )
    offered = select(func.count(Offer.application_id.distinct())).where(Offer.event_id == Event.id)
    completed = select(func.count(done.c.person_id.distinct())).where(done.c.event_id == Event.id)
    return (
        select(
            Event.title,
            Event.slug,
            applied.scalar_subquery(),
            offered.scalar_subquery(),
            offered.where(Offer.state == OfferState.ACCEPTED).scalar_subquery(),
            completed.scalar_subquery(),
        )
        .join(Cohort, Cohort.event_id == Event.id)
        .where(Event.programme_id == programme_id, Event.state != EventState.DRAFT)
        .order_by(_first_day().desc().nulls_last(), Event.id)
    )


def _first_day() -> ScalarSelect[datetime]:
    return select(func.min(Part.starts_at)).where(Part.event_id == Event.id).scalar_subquery()
