"""What became of a programme's events, half-days and courses, step by step."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    Select,
    Text,
    and_,
    cast,
    exists,
    func,
    not_,
    or_,
    select,
    union_all,
)

from cop.core.small_numbers import Figure
from cop.core.work import Reading
from cop.models.cohorts import Application, Cohort, Decision, DecisionOutcome
from cop.models.commitments import Commitment, CommitmentState
from cop.models.events import (
    Arrangement,
    Attendance,
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
from cop.models.offers import Offer, OfferState
from cop.models.organisations import Organisation
from cop.models.outbox import Outbox, OutboxState
from cop.models.programmes import Programme
from cop.models.service import Observation
from cop.models.summits import Invitation
from cop.models.surveys import Ask, Response, ResponseState, Subject
from cop.queries.alumni import alumni
from cop.queries.evaluation.figures import alone, chain, pieces
from cop.queries.evaluation.filters import NOTHING, Filters
from cop.queries.evaluation.kept import Rows, kept_or
from cop.queries.evaluation.reach import newer_since
from cop.queries.evaluation.seats import MISSED, Withheld, seats_of
from cop.queries.summits import OPENED

EVENTS_AT_MOST = 50

HIDDEN = Figure(None)

USED = ("once", "several", "how we work")
DONE = ("done", "part")
"""Answers to the questions ``used`` and ``commitment_now`` by which somebody says that they did something."""


@dataclass(frozen=True)
class EventFunnel:
    """Heads at one event. The ``booked`` seats are those that ``came``, that ``missed`` it, and the ``unmarked``.

    ``walk_ins`` came without a booking and are in none of these. People, not seats, are those ``invited`` and of them
    those who ``opened`` it, the ``reminded``, the ``asked`` and of them the ``answered``, and those who ``acted``;
    ``needs`` are bookings with an access need.
    """

    title: str
    slug: str
    kind: EventKind
    starts_at: datetime | None
    is_over: bool
    invited: Figure
    opened: Figure
    booked: Figure
    reminded: Figure
    came: Figure
    missed: Figure
    unmarked: Figure
    walk_ins: Figure
    cancelled: Figure
    asked: Figure
    answered: Figure
    acted: Figure
    needs: Figure


def event_funnels(
    read: Reading, programme: Programme, *, withheld: Withheld | None, filters: Filters = NOTHING
) -> Sequence[EventFunnel]:
    """The latest events that somebody was invited to or has booked, latest first.

    ``withheld`` is for who may not see small numbers: the caller then narrows to events alone, and not to people.
    """
    rows = kept_or(read, programme.id, "events", filters, partial(event_rows, read, programme, filters))
    found = [_event(dict(zip(EVENT_COLUMNS, row, strict=True)), read.now, hide=withheld is not None) for row in rows]
    if withheld is None:
        return found
    found = [_without_seats(one) if one.slug in withheld.booked else one for one in found]
    return [replace(one, walk_ins=HIDDEN) if one.slug in withheld.walk_ins else one for one in found]


def _without_seats(one: EventFunnel) -> EventFunnel:
    """Nor what would tell how many seats are booked, or how many came: those are asked."""
    return replace(
        one,
        booked=HIDDEN,
        reminded=HIDDEN,
        came=HIDDEN,
        missed=HIDDEN,
        unmarked=HIDDEN,
        asked=HIDDEN,
        answered=HIDDEN,
        needs=HIDDEN,
    )


EVENT_COLUMNS = (
    *("title", "slug", "kind", "starts_at", "ends_at", "booked", "came", "missed", "walk_ins", "cancelled"),
    *("invited", "opened", "reminded", "asked", "answered", "acted", "needs"),
)


def event_rows(read: Reading, programme: Programme, filters: Filters) -> Rows:
    wanted = _events(read, programme, filters).limit(EVENTS_AT_MOST)
    return [[_plain(value) for value in row] for row in read.session.execute(wanted)]


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _event(row: dict[str, Any], now: datetime, *, hide: bool) -> EventFunnel:
    counts = (row["came"], row["missed"], row["booked"] - row["came"] - row["missed"])
    (came, missed, unmarked), booked = pieces(counts, hide=hide)
    found = {name: alone(row[name], hide=hide) for name in _ALONE}
    found |= {"booked": booked, "came": came, "missed": missed, "unmarked": unmarked}
    found["invited"], found["opened"] = chain(row["invited"], row["opened"], hide=hide)
    found["asked"], found["answered"] = chain(row["asked"], row["answered"], hide=hide)
    for name in ("reminded", "needs"):
        _booked, found[name] = chain(row["booked"], row[name], hide=hide)
    begins, ends = (datetime.fromisoformat(row[name]) if row[name] else None for name in ("starts_at", "ends_at"))
    return EventFunnel(
        title=row["title"],
        slug=row["slug"],
        kind=EventKind(row["kind"]),
        starts_at=begins,
        is_over=ends is not None and ends <= now,
        **found,
    )


_ALONE = ("walk_ins", "cancelled", "acted")


def _events(read: Reading, programme: Programme, filters: Filters) -> Select[*tuple[Any, ...]]:
    since = newer_since(read, programme)
    seats = seats_of(programme.id, *filters.events(), *filters.booked(Booking.sector, since)).subquery("seats")
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
    ends_at = select(func.max(Part.ends_at)).where(Part.event_id == Event.id).scalar_subquery()
    is_invited = and_(
        Invitation.event_id == Event.id,
        Invitation.withdrawn_at.is_(None),
        *filters.people(Invitation.person_id, since),
    )
    looked = exists().where(
        Observation.kind == OPENED, Observation.subject_kind == "invitation", Observation.subject_id == Invitation.id
    )
    invited = select(func.count(Invitation.id)).where(is_invited)
    of_event = and_(
        Ask.subject_kind == Subject.EVENT, Ask.subject_id == Event.id, *filters.people(Ask.person_id, since)
    )
    asked = select(func.count(Ask.person_id.distinct())).where(of_event)
    needs = (
        select(func.count())
        .select_from(Arrangement)
        .join(Booking, Booking.id == Arrangement.booking_id)
        .outerjoin(Organisation, Organisation.id == Booking.organisation_id)
        .where(
            Booking.event_id == Event.id,
            Booking.state == BookingState.LIVE,
            Arrangement.access.is_not(None),
            *filters.booked(Booking.sector, since),
        )
    )
    counts = ("booked", "came", "missed", "walk_ins", "cancelled")
    return (
        select(
            Event.title,
            Event.slug,
            cast(Event.kind, Text),
            starts_at,
            ends_at,
            *(func.coalesce(by_event.c[name], 0) for name in counts),
            invited.scalar_subquery(),
            invited.where(or_(looked, Invitation.answered_at.is_not(None))).scalar_subquery(),
            _people_among(_reminded(), filters, newer_since=since),
            asked.scalar_subquery(),
            asked.where(Ask.done_on.is_not(None)).scalar_subquery(),
            _people_among(_acted(), filters, newer_since=since),
            needs.scalar_subquery(),
        )
        .outerjoin(by_event, by_event.c.event_id == Event.id)
        .where(
            Event.programme_id == programme.id,
            Event.state != EventState.DRAFT,
            or_(by_event.c.event_id.is_not(None), exists().where(is_invited)),
            *filters.events(),
        )
        .order_by(starts_at.desc().nulls_last(), Event.id)
    )


def _people_among(rows: Sequence[Select[int | None]], filters: Filters, *, newer_since: Any) -> ScalarSelect[int]:
    """How many different people are in these rows about the Event."""
    found = union_all(*rows).subquery()
    people = select(func.count(found.c.person_id.distinct())).where(*filters.people(found.c.person_id, newer_since))
    return people.scalar_subquery()


def _reminded() -> Sequence[Select[int | None]]:
    """Whom a reminder went to of a booking, or of an invitation."""
    of_booking = Outbox.params["booking_id"].astext == cast(Booking.id, Text)
    by_mail = (
        select(Outbox.person_id.label("person_id"))
        .join(Booking, and_(Booking.person_id == Outbox.person_id, of_booking))
        .where(Outbox.template == "reminder", Outbox.state == OutboxState.SENT, Booking.event_id == Event.id)
        .correlate(Event)
    )
    of_invitation = select(Invitation.person_id).where(
        Invitation.event_id == Event.id, Invitation.reminded_at.is_not(None), Invitation.withdrawn_at.is_(None)
    )
    return by_mail, of_invitation.correlate(Event)


def _acted() -> Sequence[Select[int | None]]:
    """Who began or carried out what they had set out to do there, or said later that they used or did something."""
    promised = select(Commitment.person_id).where(
        Commitment.source_kind == "event",
        Commitment.source_id == Event.id,
        Commitment.state.in_([CommitmentState.UNDER_WAY, CommitmentState.DONE]),
    )
    said = Response.answers
    told = (
        select(Ask.person_id)
        .join(Response, and_(Response.ask_id == Ask.id, Response.state == ResponseState.SUBMITTED))
        .where(
            Ask.subject_kind == Subject.EVENT,
            Ask.subject_id == Event.id,
            or_(said["used"].astext.in_(USED), said["commitment_now"].astext.in_(DONE)),
        )
    )
    return promised.correlate(Event), told.correlate(Event)


@dataclass(frozen=True)
class HalfDay:
    """Participants of a course on one half-day: the ``expected`` are the sum of the others."""

    course: str
    slug: str
    title: str
    starts_at: datetime
    expected: Figure
    attended: Figure
    partial: Figure
    missed: Figure
    unmarked: Figure


def half_days(
    read: Reading, programme: Programme, *, withheld: Withheld | None, filters: Filters = NOTHING
) -> Sequence[HalfDay]:
    """The half-days of all courses that have begun, the latest course first."""
    count = partial(half_day_rows, read, programme, filters)
    rows = kept_or(read, programme.id, "half-days", filters, count)
    found = [_half_day(row, hide=withheld is not None) for row in rows]
    if withheld is None:
        return found
    return [_without_numbers(one) if one.slug in withheld.booked else one for one in found]


def _without_numbers(one: HalfDay) -> HalfDay:
    return replace(one, expected=HIDDEN, attended=HIDDEN, partial=HIDDEN, missed=HIDDEN, unmarked=HIDDEN)


def half_day_rows(read: Reading, programme: Programme, filters: Filters) -> Rows:
    found = _half_days(programme.id, read.now, newer_since(read, programme), filters)
    return [[_plain(value) for value in row] for row in read.session.execute(found)]


def _half_day(row: Sequence[Any], *, hide: bool) -> HalfDay:
    course, slug, title, starts_at, whole, attended, partly, missed = row
    figures, expected = pieces([attended, partly, missed, whole - attended - partly - missed], hide=hide)
    return HalfDay(course, slug, title, datetime.fromisoformat(starts_at), expected, *figures)


def _half_days(programme_id: int, now: datetime, since: Any, filters: Filters) -> Select[*tuple[Any, ...]]:
    def seats(*statuses: Attendance) -> ColumnElement[int]:
        return func.count(Seat.id).filter(Mark.status.in_(statuses))

    return (
        select(
            Event.title,
            Event.slug,
            Part.title,
            Part.starts_at,
            func.count(Seat.id),
            seats(Attendance.ATTENDED),
            seats(Attendance.PARTIAL),
            seats(*MISSED),
        )
        .select_from(Event)
        .join(Part, and_(Part.event_id == Event.id, Part.state == PartState.PLANNED, Part.starts_at <= now))
        .join(Entry, and_(Entry.part_id == Part.id, Entry.status == EntryStatus.CONFIRMED))
        .join(Booking, Booking.id == Entry.booking_id)
        .join(Seat, and_(Seat.booking_id == Booking.id, Seat.live))
        .outerjoin(Organisation, Organisation.id == Booking.organisation_id)
        .outerjoin(Mark, and_(Mark.part_id == Part.id, Mark.seat_id == Seat.id, Mark.superseded_at.is_(None)))
        .where(
            Event.programme_id == programme_id,
            Event.kind == EventKind.COHORT,
            Event.state != EventState.DRAFT,
            *filters.events(),
            *filters.booked(Booking.sector, since),
        )
        .group_by(Event.id, Part.id)
        .order_by(func.min(Part.starts_at).over(partition_by=Event.id).desc(), Event.id, Part.starts_at, Part.id)
    )


@dataclass(frozen=True)
class Course:
    """From application to completion, in applications: those of former rounds have nobody behind them any more.

    ``waited`` are applications that were put on the reserve list when the places were given.
    """

    title: str
    slug: str
    applied: Figure
    waited: Figure
    offered: Figure
    accepted: Figure
    completed: Figure


def courses(
    read: Reading, programme: Programme, *, withheld: Withheld | None, filters: Filters = NOTHING
) -> Sequence[Course]:
    """All courses of the programme, the latest first."""
    rows = kept_or(read, programme.id, "courses", filters, partial(course_rows, read, programme, filters))
    found = [_course(*row, hide=withheld is not None) for row in rows]
    if withheld is None:
        return found
    return [replace(one, accepted=HIDDEN, completed=HIDDEN) if one.slug in withheld.booked else one for one in found]


def _course(
    title: str, slug: str, applied: int, waited: int, offered: int, accepted: int, completed: int, *, hide: bool
) -> Course:
    first, *others = chain(applied, offered, accepted, completed, hide=hide)
    _applied, reserve = chain(applied, waited, hide=hide)
    return Course(title, slug, first, reserve, *others)


def course_rows(read: Reading, programme: Programme, filters: Filters) -> Rows:
    found = _courses(programme.id, newer_since(read, programme), filters)
    return [[*row] for row in read.session.execute(found, {"now": read.now})]


def _courses(programme_id: int, since: Any, filters: Filters) -> Select[*tuple[Any, ...]]:
    done = alumni().subquery("done")
    fits = filters.booked(Application.sector, since)
    applications = select(func.count(Application.id)).outerjoin(
        Organisation, Organisation.id == Application.organisation_id
    )
    applied = applications.where(Application.cohort_id == Event.id, Application.submitted_at.is_not(None), *fits)
    waited = applied.join(Decision, Decision.application_id == Application.id).where(
        Decision.outcome == DecisionOutcome.RESERVE, Decision.released_at.is_not(None)
    )
    offered = (
        select(func.count(Offer.application_id.distinct()))
        .join(Application, Application.id == Offer.application_id)
        .outerjoin(Organisation, Organisation.id == Application.organisation_id)
        .where(Offer.event_id == Event.id, *fits)
    )
    completed = (
        select(func.count(done.c.person_id.distinct()))
        .join(
            Booking,
            and_(
                Booking.event_id == done.c.event_id,
                Booking.person_id == done.c.person_id,
                Booking.state == BookingState.LIVE,
            ),
        )
        .outerjoin(Organisation, Organisation.id == Booking.organisation_id)
        .where(done.c.event_id == Event.id, *filters.booked(Booking.sector, since))
    )
    return (
        select(
            Event.title,
            Event.slug,
            *(
                found.correlate(Event).scalar_subquery()
                for found in (applied, waited, offered, offered.where(Offer.state == OfferState.ACCEPTED), completed)
            ),
        )
        .join(Cohort, Cohort.event_id == Event.id)
        .where(Event.programme_id == programme_id, Event.state != EventState.DRAFT, *filters.events())
        .order_by(_first_day().desc().nulls_last(), Event.id)
    )


def _first_day() -> ScalarSelect[datetime]:
    return select(func.min(Part.starts_at)).where(Part.event_id == Event.id).scalar_subquery()
