"""Action plans of those on a course: one's own, how all of them stand, and who is to be asked a hundred days later."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Date, Select, and_, bindparam, exists, func, select
from sqlalchemy.orm import aliased, selectinload

from cop.core import secrecy
from cop.core.access import EVENT_EDITORS, Actor
from cop.core.errors import NotFound
from cop.core.place import day_of
from cop.core.work import Reading
from cop.models.accounts import Affiliation, Person
from cop.models.base import UtcDateTime
from cop.models.cohorts import Application, ApplicationState
from cop.models.commitments import Commitment, CommitmentCheck, CommitmentKind, CommitmentState
from cop.models.events import Booking, Event, EventKind, EventState, Part, PartState
from cop.models.organisations import Organisation
from cop.models.surveys import Response
from cop.queries import events
from cop.queries.cohorts.roster import HAS_PLACE

SOURCE = "event"
"""What a plan names as its source: the event of the course."""

CHECK_AFTER = timedelta(days=100)
"""So long after the course its people are asked what has become of their plans."""

ASKED_FOR = timedelta(days=60)
"""So long after the day of the check it is worth asking, and the link in the mail is good."""

ASK_AGAIN_AFTER = timedelta(days=14)

LINK = "plan"
"""Purpose of the link in the mail that asks."""

KEY = "plan-check:"
"""How the keys of messages that ask begin; ``first:`` or ``again:`` and the plan follow."""

ENDED = (CommitmentState.DONE, CommitmentState.GIVEN_UP)

_PERSON = bindparam("person_id", type_=BigInteger())
_NOW = bindparam("now", type_=UtcDateTime())
_TODAY = bindparam("today", type_=Date())


def is_plan_of(event_id: int) -> ColumnElement[bool]:
    """That a Commitment is a plan made at this event."""
    return and_(
        Commitment.kind == CommitmentKind.PLAN, Commitment.source_kind == SOURCE, Commitment.source_id == event_id
    )


def is_plan_of_event() -> ColumnElement[bool]:
    """That a Commitment is a plan made at the Event."""
    return and_(
        Commitment.kind == CommitmentKind.PLAN,
        Commitment.source_kind == SOURCE,
        Commitment.source_id == Event.id,
    )


def opens_at(parts: Iterable[Part]) -> datetime | None:
    """When plans can be written: with the second half-day, or the first of a course that has one only."""
    starts = sorted(part.starts_at for part in parts if part.state is PartState.PLANNED)
    return next(iter(starts[1:2] or starts), None)


def check_after_course(parts: Iterable[Part]) -> date | None:
    """The day on which a course's people are asked about their plans: a hundred days from the last half-day."""
    ends = [part.ends_at for part in parts if part.state is PartState.PLANNED]
    return day_of(max(ends)) + CHECK_AFTER if ends else None


def first_check_on(parts: Iterable[Part], today: date) -> date:
    """The day of the check of a plan that is written now, a hundred days from today where the course is long over."""
    after_course = check_after_course(parts)
    return after_course if after_course is not None and after_course > today else today + CHECK_AFTER


def follows_plans(actor: Actor, event: Event) -> bool:
    """Whether the actor reads the plans of a course: its facilitators and admins, not its hosts."""
    return actor.may(*EVENT_EDITORS, programme_id=event.programme_id, event_id=event.id)


@dataclass(frozen=True)
class PlanPage:
    """The plan of one person with a place on a course, or None; ``challenge`` is what they applied with."""

    event: Event
    person_id: int
    public_id: str
    name: str
    opens_at: datetime | None
    plan: Commitment | None
    checks: Sequence[CommitmentCheck]
    challenge: str

    def is_open(self, now: datetime) -> bool:
        return self.event.state is EventState.PUBLISHED and self.opens_at is not None and self.opens_at <= now

    def is_due(self, now: datetime) -> bool:
        """Whether they are asked how it stands and have not said."""
        plan = self.plan
        if plan is None or plan.check_on is None or plan.state in ENDED:
            return False
        return plan.check_on <= day_of(now) and not any(check.on_date >= plan.check_on for check in self.checks)


def own_plan(read: Reading, *, slug: str) -> PlanPage:
    """For the acting person, who has a place on the course."""
    event = events.event_page(read, slug=slug, kind=EventKind.COHORT)
    return _page(read, event, Person.id == read.actor.person_id)


def plan_of_member(read: Reading, *, slug: str, public_id: str) -> PlanPage:
    """That of somebody with a place, for the facilitators of the course."""
    event = events.staffed_event(read, slug=slug)
    if event.kind is not EventKind.COHORT or not follows_plans(read.actor, event):
        raise NotFound
    return _page(read, event, Person.public_id == public_id)


def plan_of_link(read: Reading, *, token: str) -> PlanPage:
    """What the link of a mail leads to, as long as it is good; the reader may say how the plan stands, and no more."""
    signed = secrecy.read_signed(LINK, token)
    if signed is None:
        raise NotFound
    found = select(Commitment).where(Commitment.public_id == signed[0], Commitment.kind == CommitmentKind.PLAN)
    plan = read.session.scalars(found).one_or_none()
    if plan is None or plan.check_on is None or plan.check_on + ASKED_FOR < day_of(read.now):
        raise NotFound
    return page_of(read, plan)


def page_of(read: Reading, plan: Commitment) -> PlanPage:
    """The page of a plan for a mail about it or its link; the caller has checked who asks."""
    event = read.session.scalars(
        select(Event).where(Event.id == plan.source_id).options(selectinload(Event.parts))
    ).one()
    return _page(read, event, Person.id == plan.person_id)


def link_token(plan: Commitment) -> str:
    return secrecy.sign(LINK, plan.public_id)


def _page(read: Reading, event: Event, whose: ColumnElement[bool]) -> PlanPage:
    row = read.session.execute(
        select(Person.id, Person.public_id, Person.name, Commitment)
        .join(Booking, and_(Booking.person_id == Person.id, Booking.event_id == event.id, *HAS_PLACE))
        .join(Event, Event.id == Booking.event_id)
        .outerjoin(Commitment, and_(is_plan_of_event(), Commitment.person_id == Person.id))
        .where(whose)
    ).one_or_none()
    if row is None:
        raise NotFound
    checks = challenge = None
    if row.Commitment is not None:
        told = select(CommitmentCheck).where(CommitmentCheck.commitment_id == row.Commitment.id)
        checks = read.session.scalars(told.order_by(CommitmentCheck.id.desc())).all()
    else:
        challenge = read.session.scalar(
            select(Response.answers["challenge"].astext)
            .join(Application, Application.response_id == Response.id)
            .where(
                Application.cohort_id == event.id,
                Application.person_id == row.id,
                Application.state == ApplicationState.SUBMITTED,
            )
        )
    return PlanPage(
        event, row.id, row.public_id, row.name, opens_at(event.parts), row.Commitment, checks or (), challenge or ""
    )


@dataclass(frozen=True)
class Own:
    """A course of somebody, with their plan or the chance to write one."""

    slug: str
    title: str
    opens_at: datetime | None
    ended_at: datetime | None
    what: str | None
    check_on: date | None
    state: CommitmentState | None
    checked_on: date | None

    def waits_for_plan(self, now: datetime) -> bool:
        """Whether they can write one, and the course is not long over."""
        if self.state is not None or self.opens_at is None or self.ended_at is None:
            return False
        return self.opens_at <= now < self.ended_at + ASKED_FOR

    def waits_for_check(self, now: datetime) -> bool:
        if self.state is None or self.check_on is None or self.state in ENDED:
            return False
        has_said = self.checked_on is not None and self.checked_on >= self.check_on
        return not has_said and self.check_on <= day_of(now) <= self.check_on + ASKED_FOR


def own_plans(read: Reading) -> Sequence[Own]:
    """The courses on which the acting person has a place and can write a plan or has one, the latest first."""
    rows = read.session.execute(_own(), {"person_id": read.actor.person_id, "now": read.now})
    return [Own(**row._asdict()) for row in rows]


@cache
def _own() -> Select[*tuple[Any, ...]]:
    planned = and_(Part.event_id == Event.id, Part.state == PartState.PLANNED)
    last = select(func.max(Part.ends_at)).where(planned).correlate(Event).scalar_subquery()
    opens = _opens()
    return (
        select(
            Event.slug,
            Event.title,
            opens.label("opens_at"),
            last.label("ended_at"),
            Commitment.what,
            Commitment.check_on,
            Commitment.state,
            _checked_on().label("checked_on"),
        )
        .join(Booking, and_(Booking.event_id == Event.id, *HAS_PLACE))
        .outerjoin(Commitment, and_(is_plan_of_event(), Commitment.person_id == Booking.person_id))
        .where(
            Booking.person_id == _PERSON,
            Event.kind == EventKind.COHORT,
            Event.state == EventState.PUBLISHED,
            opens <= _NOW,
        )
        .order_by(last.desc(), Event.id)
    )


def _opens() -> Any:
    """In SQL what :func:`opens_at` says."""
    planned = and_(Part.event_id == Event.id, Part.state == PartState.PLANNED)
    start = select(Part.starts_at).where(planned).order_by(Part.starts_at, Part.id).correlate(Event).limit(1)
    return func.coalesce(start.offset(1).scalar_subquery(), start.scalar_subquery(), type_=UtcDateTime())


def _checked_on() -> Any:
    """The day on which somebody last said how a Commitment stands."""
    said = select(func.max(CommitmentCheck.on_date)).where(CommitmentCheck.commitment_id == Commitment.id)
    return said.correlate(Commitment).scalar_subquery()


class Standing(StrEnum):
    """How a plan stands for whoever follows it: as its owner said last, unless they were asked since and are silent."""

    NONE = "none"
    SILENT = "silent"
    STUCK = "stuck"
    PLANNED = "planned"
    UNDER_WAY = "under way"
    DONE = "done"
    GIVEN_UP = "given up"


@dataclass(frozen=True)
class Followed:
    """A row of the facilitators' page: somebody with a place, their plan, and what they said last."""

    public_id: str
    name: str
    organisation: str | None
    email: str | None
    phone: str | None
    what: str | None
    first_step: str | None
    by_on: date | None
    confidence: int | None
    check_on: date | None
    state: CommitmentState | None
    checked_on: date | None
    what_happened: str | None
    standing: Standing


@dataclass(frozen=True)
class CoursePlans:
    event: Event
    opens_at: datetime | None
    people: Sequence[Followed]

    def count(self, standing: str) -> int:
        return sum(one.standing == standing for one in self.people)

    def standing(self, standing: str | None) -> Sequence[Followed]:
        """Those who stand so, or all."""
        return [one for one in self.people if standing in {None, one.standing}]


def plans_of_course(read: Reading, *, slug: str) -> CoursePlans:
    """Everybody with a place, in the order of who needs a word first; for the facilitators of the course."""
    event = events.staffed_event(read, slug=slug)
    if event.kind is not EventKind.COHORT or not follows_plans(read.actor, event):
        raise NotFound
    today = day_of(read.now)
    order = list(Standing)
    people = [
        Followed(**row._asdict(), standing=standing_of(row, today))
        for row in read.session.execute(_followed(), {"event_id": event.id})
    ]
    people.sort(key=lambda one: order.index(one.standing))  # each group stays in the order of names
    return CoursePlans(event, opens_at(event.parts), people)


def standing_of(row: Any, today: date) -> Standing:
    """How a promise stands; the row has ``state``, ``check_on`` and ``checked_on``."""
    if row.state is None:
        return Standing.NONE
    is_asked = row.check_on is not None and row.check_on <= today and row.state not in ENDED
    has_said = row.checked_on is not None and row.check_on is not None and row.checked_on >= row.check_on
    return Standing.SILENT if is_asked and not has_said else Standing(row.state.value)


@cache
def _followed() -> Select[*tuple[Any, ...]]:
    later = aliased(CommitmentCheck)
    newest = (
        select(func.max(later.id)).where(later.commitment_id == Commitment.id).correlate(Commitment).scalar_subquery()
    )
    return (
        select(
            Person.public_id,
            Person.name,
            func.coalesce(Organisation.name, Affiliation.organisation_text).label("organisation"),
            Person.email,
            Person.phone,
            Commitment.what,
            Commitment.first_step,
            Commitment.by_on,
            Commitment.confidence,
            Commitment.check_on,
            Commitment.state,
            CommitmentCheck.on_date.label("checked_on"),
            CommitmentCheck.what_happened,
        )
        .join(Booking, and_(Booking.person_id == Person.id, *HAS_PLACE))
        .join(Event, Event.id == Booking.event_id)
        .outerjoin(Organisation, Organisation.id == Booking.organisation_id)
        .outerjoin(
            Affiliation, and_(Affiliation.person_id == Person.id, Affiliation.is_primary, Affiliation.to_on.is_(None))
        )
        .outerjoin(Commitment, and_(is_plan_of_event(), Commitment.person_id == Person.id))
        .outerjoin(CommitmentCheck, CommitmentCheck.id == newest)
        .where(Event.id == bindparam("event_id"))
        .order_by(Person.name, Person.id)
    )


def due_checks() -> Select[Commitment, Person]:
    """Plans whose owners are to be asked by ``:today``, and have not said since how they stand."""
    found = to_be_checked().add_columns(Person).join(Person, Person.id == Commitment.person_id)
    return found.where(Commitment.check_on <= _TODAY).order_by(Commitment.id)


def to_be_checked() -> Select[Commitment]:
    """Plans, each with its Event, whose owners have not said yet how they stand on the day of the check or later."""
    said = exists().where(
        CommitmentCheck.commitment_id == Commitment.id, CommitmentCheck.on_date >= Commitment.check_on
    )
    return (
        select(Commitment)
        .join(Event, is_plan_of_event())
        .join(Booking, and_(Booking.event_id == Event.id, Booking.person_id == Commitment.person_id, *HAS_PLACE))
        .where(Commitment.state.not_in(ENDED), Event.state == EventState.PUBLISHED, ~said)
    )
