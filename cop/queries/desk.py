"""What waits for the staff on courses, invitations and surveys, within what each was granted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, and_, case, exists, func, or_, select

from cop.core.access import EVENT_EDITORS, EVENT_STAFF, PANEL, Role
from cop.core.work import Reading
from cop.models.cohorts import Application, ApplicationState, Cohort, Decision, DecisionOutcome
from cop.models.events import Event, EventKind, EventState, Part, PartState
from cop.models.offers import Offer, OfferState
from cop.models.summits import Answer, Invitation, Substitution, SubstitutionState
from cop.models.surveys import Response
from cop.queries import breaches, processing, requests, surveys
from cop.queries.cohorts.panel import has_scored, hidden_because, is_readable, is_share_of
from cop.queries.staff_events import granted

FEW = 50
"""Per cent; a survey that fewer have answered has few answers."""

TIME_TO_ANSWER = timedelta(days=3)
"""So long after it was sent a survey with few answers is no matter for the staff."""


@dataclass(frozen=True)
class Choosing:
    """A course whose call is over and whose decisions nobody has been told.

    ``to_review`` are applications that the actor scores and has not, ``undecided`` those the actor decides on and has
    not; None where that is not for them. ``to_look_through`` are those that reviewers wait for, because nobody has
    taken the names out.
    """

    slug: str
    title: str
    applications: int
    to_review: int | None
    undecided: int | None
    to_look_through: int | None
    decisions_on: date | None


@dataclass(frozen=True)
class Filling:
    """A course that waits for answers to its offers, or has free places to offer to reserves."""

    slug: str
    title: str
    offers: int
    next_ends_at: datetime | None
    free: int
    reserves: int


@dataclass(frozen=True)
class Unanswered:
    """An event to come with invitations that nobody has answered for good."""

    slug: str
    title: str
    kind: EventKind
    invited: int
    unanswered: int


@dataclass(frozen=True)
class Substitutes:
    """A summit whose guests would like to send somebody else, which nobody has decided."""

    slug: str
    title: str
    waiting: int


@dataclass(frozen=True)
class Desk:
    choosing: Sequence[Choosing]
    filling: Sequence[Filling]
    unanswered: Sequence[Unanswered]
    substitutes: Sequence[Substitutes]
    surveys: Sequence[surveys.Round]
    requests: requests.Waiting
    breaches: int
    processing: int
    """Entries of the breach log to decide about, and records of processing to look at again."""


def desk(read: Reading) -> Desk:
    """All of it, in the same number of statements for anybody."""
    values = {"panellist": read.actor.person_id}
    return Desk(
        choosing=[Choosing(**row._asdict()) for row in read.session.execute(_choosing(read), values)],
        filling=[Filling(**row._asdict()) for row in read.session.execute(_filling(read))],
        unanswered=[Unanswered(**row._asdict()) for row in read.session.execute(_unanswered(read))],
        substitutes=[Substitutes(**row._asdict()) for row in read.session.execute(_substitutes(read))],
        surveys=[round_ for round_ in surveys.rounds(read) if _has_few_answers(round_, read.now)],
        requests=requests.waiting(read),
        breaches=breaches.count_undecided(read),
        processing=processing.count_to_review(read),
    )


def _has_few_answers(round_: surveys.Round, now: datetime) -> bool:
    return round_.asked_at <= now - TIME_TO_ANSWER and now < round_.closes_at and round_.rate < FEW


def _choosing(read: Reading) -> Select[*tuple[Any, ...]]:
    decided = exists().where(Decision.application_id == Application.id)
    scores, decides = granted(read.actor, [Role.REVIEWER]), granted(read.actor, EVENT_EDITORS)
    mine = func.count().filter(hidden_because().is_(None), is_share_of(), is_readable(), ~has_scored())
    unread = func.count().filter(hidden_because().is_(None), ~is_readable())
    return (
        select(
            Event.slug,
            Event.title,
            func.count().label("applications"),
            case((scores, mine)).label("to_review"),
            case((decides, func.count().filter(~decided))).label("undecided"),
            case((decides, unread)).label("to_look_through"),
            Cohort.decisions_on,
        )
        .join(Cohort, Cohort.event_id == Event.id)
        .join(Application, Application.cohort_id == Cohort.event_id)
        .join(Response, Response.id == Application.response_id)
        .where(
            Application.state == ApplicationState.SUBMITTED,
            Cohort.released_at.is_(None),
            Event.state == EventState.PUBLISHED,
            Event.closes_at <= read.now,
            granted(read.actor, PANEL),
        )
        .group_by(Event.id, Cohort.event_id)
        .order_by(Cohort.decisions_on, Event.id)
    )


def _filling(read: Reading) -> Select[*tuple[Any, ...]]:
    is_open = and_(Offer.event_id == Event.id, Offer.state == OfferState.OPEN, Offer.expires_at > read.now)
    offers = select(func.count(Offer.id)).where(is_open).scalar_subquery()
    next_ends_at = select(func.min(Offer.expires_at)).where(is_open).scalar_subquery()
    asked = exists().where(Offer.application_id == Application.id)
    reserves = (
        select(func.count(Application.id))
        .join(Decision, Decision.application_id == Application.id)
        .where(
            Application.cohort_id == Event.id,
            Application.state == ApplicationState.SUBMITTED,
            Decision.outcome == DecisionOutcome.RESERVE,
            ~asked,
        )
        .scalar_subquery()
    )
    free = func.coalesce(Event.capacity - Event.seats_taken, 0)
    begun = exists().where(Part.event_id == Event.id, Part.state == PartState.PLANNED, Part.starts_at <= read.now)
    return (
        select(
            Event.slug,
            Event.title,
            offers.label("offers"),
            next_ends_at.label("next_ends_at"),
            free.label("free"),
            reserves.label("reserves"),
        )
        .join(Cohort, Cohort.event_id == Event.id)
        .where(
            Cohort.released_at.is_not(None),
            Event.state == EventState.PUBLISHED,
            ~begun,
            or_(offers > 0, and_(free > 0, reserves > 0)),
            granted(read.actor, EVENT_EDITORS),
        )
        .order_by(next_ends_at, Event.id)
    )


def _unanswered(read: Reading) -> Select[*tuple[Any, ...]]:
    coming = exists().where(Part.event_id == Event.id, Part.state == PartState.PLANNED, Part.starts_at > read.now)
    silent = func.count().filter(Invitation.response.in_([Answer.NONE, Answer.TENTATIVE]))
    return (
        select(
            Event.slug,
            Event.title,
            Event.kind,
            func.count().label("invited"),
            silent.label("unanswered"),
        )
        .join(Invitation, and_(Invitation.event_id == Event.id, Invitation.withdrawn_at.is_(None)))
        .where(Event.state == EventState.PUBLISHED, coming, granted(read.actor, EVENT_STAFF))
        .group_by(Event.id)
        .having(silent > 0)
        .order_by(Event.id)
    )


def _substitutes(read: Reading) -> Select[*tuple[Any, ...]]:
    return (
        select(Event.slug, Event.title, func.count().label("waiting"))
        .join(Invitation, Invitation.event_id == Event.id)
        .join(Substitution, Substitution.invitation_id == Invitation.id)
        .where(
            Substitution.state == SubstitutionState.PROPOSED,
            Event.state == EventState.PUBLISHED,
            granted(read.actor, EVENT_EDITORS),
        )
        .group_by(Event.id)
        .order_by(Event.id)
    )
