"""What somebody's own page shows: what is next, what waits for an answer, and what was."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, Select, String, and_, bindparam, case, func, literal, or_, select, union_all

from cop.core import secrecy
from cop.core.errors import NotFound
from cop.core.work import Reading
from cop.models.base import UtcDateTime
from cop.models.cohorts import Application, ApplicationState, Cohort, Decision, DecisionOutcome
from cop.models.events import (
    CAME,
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
from cop.models.summits import Answer, Invitation
from cop.queries import alumni, forum, surveys, waiting_lists
from cop.queries.forum.pages import SpaceRow
from cop.queries.joining import ONLINE
from cop.queries.plans import Own as OwnPlan
from cop.queries.plans import own_plans

NEXT_SHOWN = 6
PAST_SHOWN = 8

_PERSON = bindparam("person_id", type_=BigInteger())
_NOW = bindparam("now", type_=UtcDateTime())


@dataclass(frozen=True)
class Coming:
    """One dated part that somebody booked; ``opens_minutes`` is None where it has no online door."""

    public_id: str
    generation: int
    title: str
    slug: str
    kind: EventKind
    part_title: str
    starts_at: datetime
    ends_at: datetime
    place: str
    party_size: int
    opens_minutes: int | None
    part_id: int

    @property
    def joins_at(self) -> datetime | None:
        """When the online door opens."""
        return self.starts_at - timedelta(minutes=self.opens_minutes) if self.opens_minutes is not None else None

    @property
    def join_token(self) -> str:
        return secrecy.sign("join", self.public_id, self.generation)


class Due(StrEnum):
    OFFER = "offer"
    INVITATION = "invitation"


@dataclass(frozen=True)
class ToAnswer:
    """An open offer or an invitation, with the last instant for an answer."""

    what: Due
    public_id: str
    generation: int
    title: str
    slug: str
    by: datetime | None

    @property
    def token(self) -> str:
        return secrecy.sign(self.what, self.public_id, self.generation)


@dataclass(frozen=True)
class Applied:
    """An application to a course; ``outcome`` is None until the decisions were released."""

    title: str
    slug: str
    state: ApplicationState
    closes_at: datetime | None
    submitted_at: datetime | None
    decisions_on: date | None
    outcome: DecisionOutcome | None

    @property
    def is_listed(self) -> bool:
        """Whether it was sent and is no offer, which waits for an answer or has had one."""
        return self.state is ApplicationState.SUBMITTED and self.outcome is not DecisionOutcome.OFFER


@dataclass(frozen=True)
class Past:
    """A booking of an event that is over: how many of its parts were held, and how many attended."""

    public_id: str
    title: str
    slug: str
    kind: EventKind
    starts_at: datetime
    ends_at: datetime
    parts: int
    attended: int
    missed: int


@dataclass(frozen=True)
class Home:
    at: datetime
    coming: Sequence[Coming]
    to_answer: Sequence[ToAnswer]
    drafts: Sequence[Applied]
    applied: Sequence[Applied]
    surveys: Sequence[surveys.Waiting]
    plans: Sequence[OwnPlan]
    spaces: Sequence[SpaceRow]
    rules: Sequence[forum.Membership]
    waiting: Sequence[waiting_lists.OwnEntry]
    past: Sequence[Past]
    completed: Sequence[alumni.Completed]

    @property
    def plans_to_write(self) -> Sequence[OwnPlan]:
        return [plan for plan in self.plans if plan.waits_for_plan(self.at)]

    @property
    def plans_to_check(self) -> Sequence[OwnPlan]:
        return [plan for plan in self.plans if plan.waits_for_check(self.at)]

    @property
    def unread(self) -> int:
        """Topics of the forum with something new."""
        return sum(space.unread for space in self.spaces)


def home(read: Reading) -> Home:
    """All of it for the acting person, in a number of statements that does not depend on how much there is."""
    if read.actor.person_id is None:
        raise NotFound
    values = {"person_id": read.actor.person_id, "now": read.now}
    applied = [Applied(**row._asdict()) for row in read.session.execute(_applied(), values)]
    return Home(
        at=read.now,
        coming=[Coming(**row._asdict()) for row in read.session.execute(_coming(), values)],
        to_answer=[ToAnswer(Due(row[0]), *row[1:]) for row in read.session.execute(_to_answer(), values)],
        drafts=[item for item in applied if item.state is ApplicationState.DRAFT],
        applied=[item for item in applied if item.is_listed],
        surveys=surveys.waiting_asks(read),
        plans=own_plans(read),
        spaces=forum.spaces(read),
        rules=[membership for membership in forum.memberships(read) if not membership.accepted],
        waiting=waiting_lists.own_entries(read),
        past=[Past(**row._asdict()) for row in read.session.execute(_past(), values)],
        completed=alumni.courses_completed(read, person_id=read.actor.person_id),
    )


@cache
def _coming() -> Select[*tuple[Any, ...]]:
    door = and_(Event.kind.in_(ONLINE), Part.join_url.is_not(None))
    return (
        select(
            Booking.public_id,
            Booking.link_generation.label("generation"),
            Event.title,
            Event.slug,
            Event.kind,
            Part.title.label("part_title"),
            Part.starts_at,
            Part.ends_at,
            func.coalesce(func.nullif(Part.place, ""), Event.place).label("place"),
            Booking.party_size,
            case((door, Event.join_opens_minutes)).label("opens_minutes"),
            Part.id.label("part_id"),
        )
        .join(Event, Event.id == Booking.event_id)
        .join(Entry, and_(Entry.booking_id == Booking.id, Entry.status == EntryStatus.CONFIRMED))
        .join(Part, and_(Part.id == Entry.part_id, Part.state == PartState.PLANNED, Part.ends_at > _NOW))
        .where(Booking.person_id == _PERSON, Booking.state == BookingState.LIVE)
        .order_by(Part.starts_at, Booking.id)
        .limit(NEXT_SHOWN)
    )


@cache
def _to_answer() -> Select[*tuple[Any, ...]]:
    starts_at = (
        select(func.min(Part.starts_at))
        .where(Part.event_id == Event.id, Part.state == PartState.PLANNED)
        .scalar_subquery()
    )
    until = func.least(Event.closes_at, starts_at, type_=UtcDateTime())
    offers = (
        select(
            literal(Due.OFFER, String).label("what"),
            Offer.public_id,
            Offer.generation,
            Event.title,
            Event.slug,
            Offer.expires_at.label("by"),
        )
        .join(Event, Event.id == Offer.event_id)
        .where(Offer.person_id == _PERSON, Offer.state == OfferState.OPEN, func.coalesce(Offer.expires_at > _NOW, True))
    )
    invitations = (
        select(
            literal(Due.INVITATION, String).label("what"),
            Invitation.public_id,
            Invitation.generation,
            Event.title,
            Event.slug,
            until.label("by"),
        )
        .join(Event, Event.id == Invitation.event_id)
        .where(
            Invitation.person_id == _PERSON,
            Invitation.response.in_([Answer.NONE, Answer.TENTATIVE]),
            Invitation.withdrawn_at.is_(None),
            Event.state == EventState.PUBLISHED,
            or_(Event.opens_at.is_(None), Event.opens_at <= _NOW),
            until > _NOW,
        )
    )
    due = union_all(offers, invitations).subquery("due")
    return select(due).order_by(due.c.by, due.c.public_id)


@cache
def _applied() -> Select[*tuple[Any, ...]]:
    """Drafts while the course takes applications, and what was sent until the last half-day is over."""
    last = select(func.max(Part.ends_at)).where(Part.event_id == Event.id).scalar_subquery()
    is_open = or_(Event.closes_at.is_(None), Event.closes_at > _NOW)
    told = and_(
        Decision.application_id == Application.id, Decision.released_at.is_not(None), Cohort.released_at.is_not(None)
    )
    return (
        select(
            Event.title,
            Event.slug,
            Application.state,
            Event.closes_at,
            Application.submitted_at,
            Cohort.decisions_on,
            Decision.outcome,
        )
        .join(Cohort, Cohort.event_id == Application.cohort_id)
        .join(Event, Event.id == Cohort.event_id)
        .outerjoin(Decision, told)
        .where(
            Application.person_id == _PERSON,
            Event.state == EventState.PUBLISHED,
            or_(
                and_(Application.state == ApplicationState.DRAFT, is_open),
                and_(Application.state == ApplicationState.SUBMITTED, or_(last.is_(None), last > _NOW)),
            ),
        )
        .order_by(Event.closes_at, Application.id)
    )


@cache
def _past() -> Select[*tuple[Any, ...]]:
    def marked(*statuses: Attendance) -> Any:
        return func.count(Mark.id).filter(Mark.status.in_(statuses))

    return (
        select(
            Booking.public_id,
            Event.title,
            Event.slug,
            Event.kind,
            func.min(Part.starts_at).label("starts_at"),
            func.max(Part.ends_at).label("ends_at"),
            func.count(Part.id).label("parts"),
            marked(*CAME).label("attended"),
            marked(Attendance.ABSENT, Attendance.EXCUSED).label("missed"),
        )
        .join(Event, Event.id == Booking.event_id)
        .join(Entry, and_(Entry.booking_id == Booking.id, Entry.status == EntryStatus.CONFIRMED))
        .join(Part, and_(Part.id == Entry.part_id, Part.state == PartState.PLANNED))
        .join(Seat, and_(Seat.booking_id == Booking.id, Seat.position == 0))
        .outerjoin(Mark, and_(Mark.part_id == Part.id, Mark.seat_id == Seat.id, Mark.superseded_at.is_(None)))
        .where(Booking.person_id == _PERSON, Booking.state == BookingState.LIVE)
        .group_by(Booking.id, Event.id)
        .having(func.max(Part.ends_at) <= _NOW)
        .order_by(func.max(Part.ends_at).desc(), Booking.id)
        .limit(PAST_SHOWN)
    )
