"""One long record of a person, from the first invitation to the last answer; never what they answered or wrote."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, Select, SQLColumnExpression, Text, and_, cast, func, literal, null, select, union_all

from cop.core.errors import NotFound
from cop.core.work import Reading
from cop.models.cohorts import Application, ApplicationState, Cohort, Decision
from cop.models.events import CAME, Booking, Entry, EntryStatus, Event, EventKind, Mark, Seat
from cop.models.forum import Post
from cop.models.offers import Offer, OfferState
from cop.models.summits import Answer, Invitation
from cop.models.surveys import Ask, Subject
from cop.queries.alumni import courses_completed
from cop.queries.no_shows import times_missed

STEPS_SHOWN = 100


class Step(StrEnum):
    """In the order of the chain, which tells the order of steps at one instant."""

    INVITED = "invited"
    APPLIED = "applied"
    OFFERED = "offered"
    BOOKED = "booked"
    COMPLETED = "completed"
    ASKED = "asked"


@dataclass(frozen=True)
class Trace:
    """One step of a person at one event, and what became of it.

    ``state`` is that of the booking, application or offer, the answer to an invitation, or the wave of a survey.
    ``public_id`` is the booking's. ``outcome`` is a decision that was released. ``attended`` of ``parts`` count for a
    booking; for a survey ``attended`` is 1 once it was answered.
    """

    step: Step
    at: datetime
    title: str
    slug: str
    kind: EventKind
    state: str = ""
    public_id: str | None = None
    outcome: str | None = None
    party_size: int = 1
    parts: int = 0
    attended: int = 0

    @property
    def is_open(self) -> bool:
        """Whether the person has still to say or send something."""
        silent = self.step is Step.ASKED and not self.attended
        return silent or self.state in {ApplicationState.DRAFT, Answer.NONE, OfferState.OPEN}


@dataclass(frozen=True)
class Record:
    """``missed``: bookings that they did not come to without being excused."""

    traces: Sequence[Trace]
    posts: int
    missed: int


def record(read: Reading, *, person_id: int) -> Record:
    """The last steps of somebody, latest first, and how many posts of theirs stand in the forum; for admins."""
    if not read.actor.is_admin():
        raise NotFound
    traces = [Trace(Step(row[0]), *row[1:]) for row in read.session.execute(_traces(person_id))]
    traces += [
        Trace(Step.COMPLETED, course.ended_at, course.title, course.slug, EventKind.COHORT)
        for course in courses_completed(read, person_id=person_id)
    ]
    posts = select(func.count(Post.id)).where(
        Post.author_id == person_id, Post.deleted_at.is_(None), Post.hidden_at.is_(None)
    )
    order = list(Step)
    latest = sorted(traces, key=lambda trace: (trace.at, order.index(trace.step)), reverse=True)
    missed = times_missed(read, person_id=person_id)
    return Record(latest[:STEPS_SHOWN], read.session.scalar(posts) or 0, missed)


def _traces(person_id: int) -> Select[*tuple[Any, ...]]:
    found = union_all(
        _bookings().where(Booking.person_id == person_id),
        _of(Step.INVITED, Invitation.invited_at, Invitation.response)
        .join(Invitation, Invitation.event_id == Event.id)
        .where(Invitation.person_id == person_id),
        _applications().where(Application.person_id == person_id),
        _of(Step.OFFERED, Offer.offered_at, Offer.state)
        .join(Offer, Offer.event_id == Event.id)
        .where(Offer.person_id == person_id),
        _of(Step.ASKED, Ask.opens_at, Ask.wave, attended=func.num_nonnulls(Ask.done_on))
        .join(Ask, and_(Ask.subject_id == Event.id, Ask.subject_kind == Subject.EVENT))
        .where(Ask.person_id == person_id),
    ).subquery("found")
    return select(found).order_by(found.c.at.desc(), found.c.step).limit(STEPS_SHOWN)


def _of(
    step: Step,
    at: SQLColumnExpression[datetime],
    state: Any,
    *,
    public_id: Any = null(),  # noqa: B008  a value like any other
    outcome: Any = null(),  # noqa: B008
    party_size: Any = 1,
    parts: Any = 0,
    attended: Any = 0,
) -> Select[*tuple[Any, ...]]:
    """The columns of Trace, in its order, from an event."""
    return select(
        literal(step, Text).label("step"),
        at.label("at"),
        Event.title,
        Event.slug,
        Event.kind,
        cast(state, Text).label("state"),
        cast(public_id, Text).label("public_id"),
        cast(outcome, Text).label("outcome"),
        cast(party_size, BigInteger).label("party_size"),
        cast(parts, BigInteger).label("parts"),
        cast(attended, BigInteger).label("attended"),
    ).select_from(Event)


def _bookings() -> Select[*tuple[Any, ...]]:
    parts = select(func.count(Entry.id)).where(Entry.booking_id == Booking.id, Entry.status == EntryStatus.CONFIRMED)
    attended = (
        select(func.count(Mark.id))
        .join(Seat, Seat.id == Mark.seat_id)
        .where(
            Seat.booking_id == Booking.id,
            Seat.position == 0,
            Mark.superseded_at.is_(None),
            Mark.status.in_(CAME),
        )
    )
    return _of(
        Step.BOOKED,
        Booking.booked_at,
        Booking.state,
        public_id=Booking.public_id,
        party_size=Booking.party_size,
        parts=parts.scalar_subquery(),
        attended=attended.scalar_subquery(),
    ).join(Booking, Booking.event_id == Event.id)


def _applications() -> Select[*tuple[Any, ...]]:
    told = and_(
        Decision.application_id == Application.id, Decision.released_at.is_not(None), Cohort.released_at.is_not(None)
    )
    at = func.coalesce(Application.submitted_at, Application.started_at)
    return (
        _of(Step.APPLIED, at, Application.state, outcome=Decision.outcome)
        .join(Cohort, Cohort.event_id == Event.id)
        .join(Application, Application.cohort_id == Cohort.event_id)
        .outerjoin(Decision, told)
    )
