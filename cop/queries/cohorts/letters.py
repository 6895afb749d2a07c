"""Reads about the letters of a release: what each applicant will be told, or was told, and what came of it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, Select, and_, bindparam, case, exists, func, select
from sqlalchemy.orm import aliased, joinedload, selectinload

from cop.core.criteria import Criterion, read_scores
from cop.core.errors import NotFound
from cop.core.feedback import Portrait, portrait
from cop.core.place import day_of, last_minute_of
from cop.core.work import Reading
from cop.models.accounts import Person
from cop.models.cohorts import (
    Application,
    ApplicationState,
    Cohort,
    Decision,
    DecisionOutcome,
    Reconsideration,
    Review,
)
from cop.models.events import Booking, Event, Part, PartState
from cop.models.offers import Offer, OfferState
from cop.models.outbox import Outbox, OutboxChannel, OutboxState
from cop.queries.cohorts.panel import Hidden, has_scored, hidden_because, is_chair, is_reviewer, is_share_of
from cop.queries.cohorts.preparing import version_of
from cop.queries.cohorts.roster import HAS_PLACE
from cop.queries.cohorts.scores import counts

LETTERS: Mapping[DecisionOutcome, str] = {
    DecisionOutcome.OFFER: "offer_made",
    DecisionOutcome.RESERVE: "application_reserve",
    DecisionOutcome.DECLINE: "application_declined",
}
"""By which message somebody learns of an outcome."""


class Feedback(StrEnum):
    """How far the words for one person are: ``to read`` were written for another outcome, ``left out`` on purpose.

    Whoever is offered a place needs none (``optional``).
    """

    MISSING = "missing"
    TO_READ = "to read"
    WRITTEN = "written"
    LEFT_OUT = "left out"
    OPTIONAL = "optional"


def feedback_of(decision: Any) -> Feedback:
    """Of a decision, or of a row with its columns."""
    if decision.feedback_read_at is not None:
        return Feedback.WRITTEN if decision.feedback else Feedback.LEFT_OUT
    if decision.feedback:
        return Feedback.TO_READ
    return Feedback.OPTIONAL if decision.outcome is DecisionOutcome.OFFER else Feedback.MISSING


OPEN = frozenset({Feedback.MISSING, Feedback.TO_READ})
"""What somebody has still to look at before the release."""


class Standing(StrEnum):
    """What came of an offer of a place."""

    ACCEPTED = "accepted"
    DECLINED = "declined"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"
    GIVEN_BACK = "given back"
    OPEN = "open"


@dataclass(frozen=True)
class Line:
    """One application in the list of letters; ``standing`` is that of the last offer, ``sent_at`` that of the mail.

    ``way`` is how the message goes, ``message`` where it is: both None before the release.
    """

    number: int
    name: str
    outcome: DecisionOutcome | None
    rank: int | None
    feedback: Feedback | None
    standing: Standing | None
    answered_at: datetime | None
    way: OutboxChannel | None
    message: OutboxState | None
    sent_at: datetime | None
    asks_review: bool
    review_waits: bool


@dataclass(frozen=True)
class Letters:
    """All letters of a course. Counts hold for everybody, ``lines`` for those whom the acting chair may see."""

    lines: Sequence[Line]
    hidden: Mapping[Hidden, int]
    hidden_open: int
    """Letters without feedback among those that the acting chair may not see."""
    outcomes: Mapping[DecisionOutcome | None, int]
    standings: Mapping[Standing, int]
    reviews_asked: int
    reviews_waiting: int

    @property
    def submitted(self) -> int:
        return sum(self.outcomes.values())

    @property
    def undecided(self) -> int:
        return self.outcomes.get(None, 0)

    @property
    def offered(self) -> int:
        return sum(self.standings.values())

    def count(self, outcome: str) -> int:
        return self.outcomes.get(DecisionOutcome(outcome), 0)

    def with_feedback(self, feedback: str) -> int:
        return sum(line.feedback == feedback for line in self.lines)

    def next_after(self, number: int = 0) -> int | None:
        """The next number whose feedback somebody has to look at, beginning again at the first; None once none is."""
        found = [line.number for line in self.lines if line.feedback in OPEN]
        return next((one for one in found if one > number), found[0] if found else None)


def letters(read: Reading, cohort: Cohort) -> Letters:
    """The letters of a course for its chair, in one statement: by number before the release, then by outcome."""
    if not is_chair(read.actor, cohort.event):
        raise NotFound
    values = {"cohort_id": cohort.event_id, "panellist": read.actor.person_id}
    rows = read.session.execute(_letters(), values).all()
    lines = [(_line(read, row), row.hidden) for row in rows]
    return Letters(
        lines=sorted((line for line, hidden in lines if hidden is None), key=_in_order(cohort)),
        hidden=Counter(Hidden(hidden) for _, hidden in lines if hidden is not None),
        hidden_open=sum(line.feedback in OPEN for line, hidden in lines if hidden is not None),
        outcomes=Counter(line.outcome for line, _ in lines),
        standings=Counter(line.standing for line, _ in lines if line.standing is not None),
        reviews_asked=sum(line.asks_review for line, _ in lines),
        reviews_waiting=sum(line.review_waits for line, _ in lines),
    )


def _in_order(cohort: Cohort) -> Any:
    if cohort.released_at is None:
        return lambda line: line.number
    order = [*DecisionOutcome, None]
    return lambda line: (order.index(line.outcome), line.rank or 0, line.number)


def _line(read: Reading, row: Any) -> Line:
    return Line(
        number=row.number,
        name=row.name,
        outcome=row.outcome,
        rank=row.reserve_rank,
        feedback=feedback_of(row) if row.outcome is not None else None,
        standing=_standing(read, row),
        answered_at=row.ended_at,
        way=row.channel,
        message=row.message,
        sent_at=row.sent_at,
        asks_review=row.asked_at is not None,
        review_waits=row.asked_at is not None and row.answered_at is None,
    )


def _standing(read: Reading, row: Any) -> Standing | None:
    match row.offer:
        case None:
            return None
        case OfferState.ACCEPTED:
            return Standing.ACCEPTED if row.booked else Standing.GIVEN_BACK
        case OfferState.OPEN:
            is_over = row.expires_at is not None and row.expires_at <= read.now
            return Standing.LAPSED if is_over else Standing.OPEN
    return Standing(row.offer.value)


@cache
def _letters() -> Select[*tuple[Any, ...]]:
    later = aliased(Offer)
    last_offer = select(func.max(later.id)).where(later.application_id == Application.id).scalar_subquery()
    booked = exists().where(
        Booking.event_id == Application.cohort_id, Booking.person_id == Application.person_id, *HAS_PLACE
    )
    key = case(
        (Offer.id.is_not(None), func.concat("offer-made:", Offer.id)),
        (Decision.outcome == DecisionOutcome.RESERVE, func.concat("application-reserve:", Application.id)),
        else_=func.concat("application-declined:", Application.id),
    )
    return (
        select(
            Application.number,
            Person.name,
            Decision.outcome,
            Decision.reserve_rank,
            Decision.feedback,
            Decision.feedback_read_at,
            Offer.state.label("offer"),
            Offer.expires_at,
            Offer.ended_at,
            booked.label("booked"),
            Outbox.channel,
            Outbox.state.label("message"),
            Outbox.sent_at,
            Reconsideration.asked_at,
            Reconsideration.answered_at,
            hidden_because().label("hidden"),
        )
        .select_from(Application)
        .join(Person, Person.id == Application.person_id)
        .outerjoin(Decision, Decision.application_id == Application.id)
        .outerjoin(Offer, Offer.id == last_offer)
        .outerjoin(Outbox, and_(Outbox.key == key, Decision.released_at.is_not(None)))
        .outerjoin(Reconsideration, Reconsideration.application_id == Application.id)
        .where(Application.cohort_id == bindparam("cohort_id"), Application.state == ApplicationState.SUBMITTED)
    )


@dataclass(frozen=True)
class Letter:
    """What one person is to be told, for the chair who looks it over.

    ``portrait`` is what a proposal can be made from: None where the chair still owes a review of their own.
    ``offer_id`` is the offer that came last.
    """

    application_id: int
    offer_id: int | None
    person_id: int
    number: int
    name: str
    decision: Decision | None
    portrait: Portrait | None


def letter(read: Reading, cohort: Cohort, criteria: Sequence[Criterion], *, number: int) -> Letter:
    """NotFound for an application that the acting chair may not see."""
    if not is_chair(read.actor, cohort.event):
        raise NotFound
    values = {"cohort_id": cohort.event_id, "panellist": read.actor.person_id, "number": number}
    row = read.session.execute(_letter(), values).one_or_none()
    if row is None or row.hidden is not None:
        raise NotFound
    is_owed = row.owed and cohort.released_at is None and is_reviewer(read.actor, cohort.event)
    seen = None if is_owed else portrait(criteria, _means(read, row.id))
    return Letter(row.id, row.offer_id, row.person_id, number, row.name, row.Decision, seen)


@cache
def _letter() -> Select[*tuple[Any, ...]]:
    last_offer = select(func.max(Offer.id)).where(Offer.application_id == Application.id).scalar_subquery()
    return (
        select(
            Application.id,
            last_offer.label("offer_id"),
            Application.person_id,
            Person.name,
            Decision,
            and_(is_share_of(), ~has_scored()).label("owed"),
            hidden_because().label("hidden"),
        )
        .select_from(Application)
        .join(Cohort, Cohort.event_id == Application.cohort_id)
        .join(Person, Person.id == Application.person_id)
        .outerjoin(Decision, Decision.application_id == Application.id)
        .where(
            Application.cohort_id == bindparam("cohort_id"),
            Application.state == ApplicationState.SUBMITTED,
            Application.number == bindparam("number", type_=BigInteger()),
        )
    )


def _means(read: Reading, application_id: int) -> Mapping[str, float]:
    """The mean of the submitted scores by each criterion."""
    given: dict[str, list[int]] = {}
    for scores in read.session.scalars(select(Review.scores).where(Review.application_id == application_id, counts())):
        for code, said in read_scores(scores).items():
            if said.score is not None:
                given.setdefault(code, []).append(said.score)
    return {code: sum(each) / len(each) for code, each in given.items()}


def version_of_letters(cohort: Cohort) -> str:
    return version_of(cohort.letters)


def version_of_feedback(decision: Decision) -> str:
    """A word that changes with what was decided for somebody and with the words for them."""
    return version_of(decision.outcome, decision.feedback)


def offer_ends(read: Reading, cohort: Cohort) -> datetime | None:
    """When an offer made now would end: with its last day, and at the latest when the course begins.

    None once the course has begun, since no place can be offered then.
    """
    first = select(func.min(Part.starts_at)).where(Part.event_id == cohort.event_id, Part.state == PartState.PLANNED)
    begins = read.session.scalar(first)
    if begins is None or begins <= read.now:
        return None
    return min(last_minute_of(day_of(read.now) + timedelta(days=cohort.offer_days)), begins)


@dataclass(frozen=True)
class Told:
    """An application with its course, event and programme, and what was decided: what a letter about it shows."""

    application: Application
    decision: Decision | None


def told(read: Reading, *, application_id: int) -> Told | None:
    """The caller has checked who reads; None once the application was withdrawn."""
    row = read.session.execute(_told(), {"application_id": application_id}).one_or_none()
    return Told(row.Application, row.Decision) if row is not None else None


@cache
def _told() -> Select[*tuple[Any, ...]]:
    event = joinedload(Application.cohort).joinedload(Cohort.event)
    return (
        select(Application, Decision)
        .outerjoin(Decision, Decision.application_id == Application.id)
        .where(Application.id == bindparam("application_id"), Application.state == ApplicationState.SUBMITTED)
        .options(event.options(joinedload(Event.programme), selectinload(Event.parts)))
    )
