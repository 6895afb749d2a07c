"""Reads about reviews of decisions: what a mailed link stands for, and the list of requests for those who answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, Select, and_, bindparam, select
from sqlalchemy.orm import joinedload

from cop.core import secrecy
from cop.core.errors import NotFound
from cop.core.place import day_of, last_minute_of
from cop.core.work import Reading
from cop.models.accounts import Person
from cop.models.cohorts import Application, ApplicationState, Cohort, Decision, DecisionOutcome, Reconsideration
from cop.models.events import Event, EventState
from cop.queries.cohorts.panel import hidden_because, is_chair

ASK_WITHIN = timedelta(days=28)
"""So long after the release a review can be asked for: time to read the feedback and to talk to somebody about it, and
an end before the places are settled and the course is near."""

PURPOSE = "decision"
"""The purpose of links to what was decided about one's own application."""

NOT_CHOSEN = (DecisionOutcome.RESERVE, DecisionOutcome.DECLINE)


@dataclass(frozen=True)
class Decided:
    """A released decision with its application, course and event, and the review of it that was asked for."""

    application: Application
    decision: Decision
    asked: Reconsideration | None

    @property
    def event(self) -> Event:
        return self.application.cohort.event

    @property
    def until(self) -> datetime:
        return ask_until(self.decision.released_at)

    def can_be_asked(self, now: datetime) -> bool:
        return (
            self.asked is None
            and self.decision.outcome in NOT_CHOSEN
            and self.event.state is not EventState.CANCELLED
            and now <= self.until
        )


def ask_until(released_at: datetime | None) -> datetime:
    """The last minute for asking; nothing can be asked about what was not released."""
    if released_at is None:
        raise NotFound
    return last_minute_of(day_of(released_at) + ASK_WITHIN)


def link_token(application: Application) -> str:
    """What stands for the decision in the address of its page."""
    return secrecy.sign(PURPOSE, application.public_id)


def decision_of_link(read: Reading, *, token: str) -> Decided:
    """NotFound before the release, and once the application is nobody's."""
    signed = secrecy.read_signed(PURPOSE, token)
    if signed is None:
        raise NotFound
    return decided(read, public_id=signed[0])


def decided(read: Reading, *, public_id: str) -> Decided:
    """By the application; the caller has checked who asks."""
    row = read.session.execute(_decided(), {"public_id": public_id}).one_or_none()
    if row is None:
        raise NotFound
    return Decided(row.Application, row.Decision, row.Reconsideration)


@cache
def _decided() -> Select[*tuple[Any, ...]]:
    return (
        select(Application, Decision, Reconsideration)
        .join(Decision, and_(Decision.application_id == Application.id, Decision.released_at.is_not(None)))
        .outerjoin(Reconsideration, Reconsideration.application_id == Application.id)
        .where(
            Application.public_id == bindparam("public_id"),
            Application.state == ApplicationState.SUBMITTED,
            Application.anonymised_at.is_(None),
        )
        .options(joinedload(Application.cohort).joinedload(Cohort.event).joinedload(Event.programme))
    )


@dataclass(frozen=True)
class Request:
    """A request for a review, for those who answer it."""

    number: int
    name: str
    outcome: DecisionOutcome
    rank: int | None
    words: str
    asked_at: datetime
    answer: str
    changed: bool | None
    answered_at: datetime | None


def requests(read: Reading, cohort: Cohort, *, offset: int = 0, limit: int = 50) -> Sequence[Request]:
    """Those that the acting chair may see, unanswered ones first, then the newest; ``limit`` + 1 of them."""
    if not is_chair(read.actor, cohort.event):
        raise NotFound
    found = _requests().order_by(
        Reconsideration.answered_at.is_not(None), Reconsideration.asked_at.desc(), Application.id
    )
    rows = read.session.execute(found.offset(offset).limit(limit + 1), _values(read, cohort))
    return [Request(**row._asdict()) for row in rows]


def request(read: Reading, cohort: Cohort, *, number: int) -> Request:
    if not is_chair(read.actor, cohort.event):
        raise NotFound
    one = _requests().where(Application.number == bindparam("number", type_=BigInteger()))
    row = read.session.execute(one, {**_values(read, cohort), "number": number}).one_or_none()
    if row is None:
        raise NotFound
    return Request(**row._asdict())


def _values(read: Reading, cohort: Cohort) -> dict[str, Any]:
    return {"cohort_id": cohort.event_id, "panellist": read.actor.person_id}


def _requests() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Application.number,
            Person.name,
            Decision.outcome,
            Decision.reserve_rank.label("rank"),
            Reconsideration.words,
            Reconsideration.asked_at,
            Reconsideration.answer,
            Reconsideration.changed,
            Reconsideration.answered_at,
        )
        .select_from(Reconsideration)
        .join(Application, Application.id == Reconsideration.application_id)
        .join(Person, Person.id == Application.person_id)
        .join(Decision, Decision.application_id == Application.id)
        .where(
            Application.cohort_id == bindparam("cohort_id"),
            Application.state == ApplicationState.SUBMITTED,
            hidden_because().is_(None),
        )
    )
