"""Reads of the chair: all applications beside their scores, the mix of those chosen, and one application whole."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, Float, Select, and_, bindparam, cast, exists, func, select
from sqlalchemy.orm import aliased

from cop.core.errors import NotFound
from cop.core.work import Reading
from cop.models.accounts import Affiliation, Person, Sector
from cop.models.cohorts import (
    Application,
    ApplicationState,
    Cohort,
    Decision,
    DecisionOutcome,
    Endorsement,
    Moderation,
    Review,
)
from cop.models.events import Booking
from cop.models.offers import Offer, OfferState
from cop.models.organisations import Membership, Organisation
from cop.models.surveys import Questionnaire, Response
from cop.queries.cohorts.endorsements import everybody_asked
from cop.queries.cohorts.panel import (
    Answered,
    Hidden,
    answered,
    has_scored,
    hidden_because,
    is_chair,
    is_reviewer,
    is_share_of,
    places_free,
)
from cop.queries.cohorts.roster import HAS_PLACE
from cop.queries.cohorts.scores import counts, moderated
from cop.queries.cohorts.severity import Severity, severities


class Attribute(StrEnum):
    """What the mix of a course is looked at by."""

    SECTOR = "sector"
    REGION = "region"
    MEMBERSHIP = "membership"
    NEWER_MEMBER = "newer_member"
    RURAL = "rural"


@dataclass(frozen=True)
class Candidate:
    """A submitted application as the chair's table shows it.

    ``mean`` is that of the submitted reviews, ``spread`` the highest less the lowest of them, ``moderated`` the score
    that the panel set last. ``typed_organisation`` is what stands in the place of one that the directory has, so that
    the same words are the same. ``booked`` tells whether the person holds a place now. ``is_owed``: the acting chair is
    a reviewer too and has not scored it yet; until then nothing is told of what others said. ``is_apart``: the reviews
    lie far apart; ``is_talked_over``: the panel has said something since the last of them.
    """

    number: int
    name: str
    organisation_id: int | None
    organisation: str | None
    typed_organisation: str | None
    region: str | None
    rural: bool | None
    sector: Sector | None
    membership: Membership | None
    newer_member: bool | None
    reviews: int
    mean: float | None
    spread: float | None
    moderated: float | None
    outcome: DecisionOutcome | None
    rank: int | None
    offer: OfferState | None
    expires_at: datetime | None
    booked: bool
    is_owed: bool
    is_apart: bool
    is_talked_over: bool

    @property
    def score(self) -> float | None:
        """What counts: the moderated score, else the mean."""
        return self.moderated if self.moderated is not None else self.mean

    def value(self, attribute: Attribute) -> str:
        """The word of an attribute, empty where it is not known."""
        found = getattr(self, attribute)
        if isinstance(found, bool):
            return "yes" if found else "no"
        return str(found or "")

    @property
    def holds(self) -> bool:
        """Whether a place is theirs, by a booking or by an open offer."""
        return self.booked or self.offer is OfferState.OPEN


@dataclass(frozen=True)
class Share:
    """How one value of an attribute stands: among all who applied, and among those chosen against its target."""

    value: str
    applied: int
    chosen: int
    minimum: int | None
    maximum: int | None

    @property
    def missing(self) -> int:
        return max((self.minimum or 0) - self.chosen, 0)

    @property
    def too_many(self) -> int:
        return max(self.chosen - self.maximum, 0) if self.maximum is not None else 0


@dataclass(frozen=True)
class Selection:
    """The state of the choice. Counts and mix hold for all applications, ``candidates`` for those that may be seen.

    ``places`` is None where the course has no limit; before the release it counts what is still free.
    """

    candidates: Sequence[Candidate]
    hidden: Mapping[Hidden, int]
    hidden_undecided: int
    outcomes: Mapping[DecisionOutcome | None, int]
    mix: Mapping[Attribute, Sequence[Share]]
    places: int | None
    free: int | None
    is_ahead_hidden: bool
    """Whether the reserve who comes first is one that the acting chair may not see."""

    @property
    def submitted(self) -> int:
        return sum(self.outcomes.values())

    @property
    def undecided(self) -> int:
        return self.outcomes.get(None, 0)

    @property
    def to_talk_over(self) -> int:
        """Applications whose reviews lie far apart, and of which the panel has not spoken since."""
        return sum(candidate.is_apart and not candidate.is_talked_over for candidate in self.candidates)

    def count(self, outcome: str) -> int:
        return self.outcomes.get(DecisionOutcome(outcome), 0)


class Order(StrEnum):
    NUMBER = "number"
    MEAN = "mean"
    OUTCOME = "outcome"


OUTCOMES = (DecisionOutcome.OFFER, DecisionOutcome.RESERVE, DecisionOutcome.DECLINE, None)


def _by_number(candidate: Candidate) -> tuple[Any, ...]:
    return (candidate.number,)


def _by_mean(candidate: Candidate) -> tuple[Any, ...]:
    return (candidate.score is None, -(candidate.score or 0), candidate.number)


def _by_outcome(candidate: Candidate) -> tuple[Any, ...]:
    return (OUTCOMES.index(candidate.outcome), candidate.rank or 0, *_by_mean(candidate))


ORDERS: Mapping[Order, Callable[[Candidate], tuple[Any, ...]]] = {
    Order.NUMBER: _by_number,
    Order.MEAN: _by_mean,
    Order.OUTCOME: _by_outcome,
}


def selection(read: Reading, cohort: Cohort, *, order: Order = Order.NUMBER) -> Selection:
    """Everything that the acting chair sees of the choice, in one statement; NotFound for others."""
    if not is_chair(read.actor, cohort.event):
        raise NotFound
    all_of_them = everybody(read, cohort)
    known = [candidate for candidate, _ in all_of_them]
    seen = [candidate for candidate, hidden in all_of_them if hidden is None]
    unseen = [candidate for candidate, hidden in all_of_them if hidden is not None]
    return Selection(
        candidates=sorted(seen, key=ORDERS[order]),
        hidden=Counter(hidden for _, hidden in all_of_them if hidden is not None),
        hidden_undecided=sum(candidate.outcome is None for candidate in unseen),
        outcomes=Counter(candidate.outcome for candidate in known),
        mix={attribute: _shares(cohort, known, attribute) for attribute in _looked_at(cohort)},
        places=cohort.event.capacity,
        free=places_free(cohort.event),
        is_ahead_hidden=_first_rank(unseen) < _first_rank(seen),
    )


def everybody(read: Reading, cohort: Cohort, *, with_scores: bool = False) -> Sequence[tuple[Candidate, Hidden | None]]:
    """All candidates, each with the reason why the actor may not see them; for what counts, and names nobody.

    ``with_scores`` is for the draw, which asks for the scores of all, whoever presses the button.
    """
    rows = read.session.execute(_candidates(), _values(read, cohort)).all()
    return [
        (
            _candidate(read, cohort, row._asdict(), with_scores=with_scores),
            Hidden(row.hidden) if row.hidden else None,
        )
        for row in rows
    ]


def _looked_at(cohort: Cohort) -> Sequence[Attribute]:
    """The attributes of which every mix is shown, and those that have a target."""
    targeted = {raw["attribute"] for raw in cohort.targets}
    return [one for one in Attribute if one in targeted or one not in {Attribute.MEMBERSHIP, Attribute.RURAL}]


def _first_rank(candidates: Sequence[Candidate]) -> float:
    return min((item.rank for item in candidates if item.rank is not None), default=float("inf"))


def _candidate(read: Reading, cohort: Cohort, values: dict[str, Any], *, with_scores: bool = False) -> Candidate:
    """A row as the acting chair may see it: without scores while they owe a review of their own."""
    del values["hidden"]
    may_owe = values.pop("is_unscored") and not with_scores and cohort.released_at is None
    is_owed = may_owe and is_reviewer(read.actor, cohort.event)
    if is_owed:
        values |= {"mean": None, "spread": None, "moderated": None}
    is_apart = values["spread"] is not None and values["spread"] >= cohort.spread_flag
    return Candidate(**values, is_owed=is_owed, is_apart=is_apart)


def _shares(cohort: Cohort, candidates: Sequence[Candidate], attribute: Attribute) -> Sequence[Share]:
    """The values with a target, in its order, then the others that occur, by name."""
    applied = Counter(candidate.value(attribute) for candidate in candidates)
    chosen = Counter(candidate.value(attribute) for candidate in candidates if _is_chosen(cohort, candidate))
    targets = {_word(raw["value"]): raw for raw in cohort.targets if raw["attribute"] == attribute}
    others = sorted((value for value in applied if value not in targets), key=lambda value: (not value, value))
    values = [*targets, *others]
    return [
        Share(
            value,
            applied[value],
            chosen[value],
            targets.get(value, {}).get("minimum"),
            targets.get(value, {}).get("maximum"),
        )
        for value in values
    ]


def _word(value: object) -> str:
    """A target's value as candidates have it; true and false are yes and no."""
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def _is_chosen(cohort: Cohort, candidate: Candidate) -> bool:
    if cohort.released_at is None:
        return candidate.outcome is DecisionOutcome.OFFER
    return candidate.holds


def _values(read: Reading, cohort: Cohort) -> dict[str, Any]:
    return {"cohort_id": cohort.event_id, "panellist": read.actor.person_id}


@cache
def _candidates() -> Select[*tuple[Any, ...]]:
    of_course = and_(Application.cohort_id == bindparam("cohort_id"), Application.state == ApplicationState.SUBMITTED)
    ids = select(Application.id).where(of_course)
    counted = (
        select(
            Review.application_id,
            func.count().label("reviews"),
            cast(func.avg(Review.total), Float).label("mean"),
            cast(func.max(Review.total) - func.min(Review.total), Float).label("spread"),
            func.max(Review.submitted_at).label("last_at"),
        )
        .where(Review.application_id.in_(ids), counts())
        .group_by(Review.application_id)
        .subquery()
    )
    talked_over = exists().where(Moderation.application_id == Application.id, Moderation.at >= counted.c.last_at)
    typed = (
        select(func.nullif(func.lower(func.btrim(Affiliation.organisation_text)), ""))
        .where(Affiliation.person_id == Application.person_id, Affiliation.is_primary, Affiliation.to_on.is_(None))
        .scalar_subquery()
    )
    later = aliased(Offer)
    last_offer = select(func.max(later.id)).where(later.application_id == Application.id).scalar_subquery()
    booked = exists().where(
        Booking.event_id == Application.cohort_id,
        Booking.person_id == Application.person_id,
        *HAS_PLACE,
    )
    return (
        select(
            Application.number,
            Person.name,
            Application.organisation_id,
            Organisation.name.label("organisation"),
            typed.label("typed_organisation"),
            Organisation.region,
            Organisation.rural,
            Application.sector,
            Application.membership,
            Application.newer_member,
            func.coalesce(counted.c.reviews, 0).label("reviews"),
            counted.c.mean,
            counted.c.spread,
            moderated().label("moderated"),
            Decision.outcome,
            Decision.reserve_rank.label("rank"),
            Offer.state.label("offer"),
            Offer.expires_at,
            booked.label("booked"),
            and_(is_share_of(), ~has_scored()).label("is_unscored"),
            talked_over.correlate(Application, counted).label("is_talked_over"),
            hidden_because().label("hidden"),
        )
        .select_from(Application)
        .join(Cohort, Cohort.event_id == Application.cohort_id)
        .join(Person, Person.id == Application.person_id)
        .outerjoin(Organisation, Organisation.id == Application.organisation_id)
        .outerjoin(counted, counted.c.application_id == Application.id)
        .outerjoin(Decision, Decision.application_id == Application.id)
        .outerjoin(Offer, Offer.id == last_offer)
        .where(of_course)
    )


@dataclass(frozen=True)
class Scored:
    """One reviewer's finished review; ``scores`` by the code of the criterion, as the model keeps them.

    ``severity`` is how the reviewer scores beside others; None where that cannot be said.
    """

    reviewer: str
    scores: Mapping[str, Any]
    comment: str
    total: float
    submitted_at: datetime
    severity: Severity | None


@dataclass(frozen=True)
class Said:
    """One entry of the moderation record."""

    score: float | None
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True)
class Whole:
    """One application with all that the panel knows of it."""

    candidate: Candidate
    answered: Sequence[Answered]
    reviews: Sequence[Scored]
    record: Sequence[Said]
    decision: Decision | None
    offers: Sequence[Offer]
    support: Sequence[Endorsement]


def application_whole(read: Reading, cohort: Cohort, *, number: int) -> Whole:
    """One application for the acting chair; NotFound where they have a conflict."""
    if not is_chair(read.actor, cohort.event):
        raise NotFound
    values = {**_values(read, cohort), "number": number}
    row = read.session.execute(_one_candidate(), values).one_or_none()
    if row is None or row.hidden is not None:
        raise NotFound
    told = row._asdict()
    questionnaire, answers = told.pop("Questionnaire"), told.pop("answers")
    application_id, decision = told.pop("application_id"), told.pop("Decision")
    candidate = _candidate(read, cohort, told)
    return Whole(
        candidate=candidate,
        answered=answered(questionnaire, answers, blind=False),
        reviews=[] if candidate.is_owed else _reviews_of(read, cohort, application_id),
        record=[] if candidate.is_owed else _record_of(read, application_id),
        decision=decision,
        offers=read.session.scalars(
            select(Offer).where(Offer.application_id == application_id).order_by(Offer.id)
        ).all(),
        support=everybody_asked(read, application_id),
    )


@cache
def _one_candidate() -> Select[*tuple[Any, ...]]:
    number = Application.number == bindparam("number", type_=BigInteger())
    return (
        _candidates()
        .add_columns(Application.id.label("application_id"), Response.answers, Questionnaire, Decision)
        .join(Response, Response.id == Application.response_id)
        .join(Questionnaire, Questionnaire.id == Response.questionnaire_id)
        .where(number)
    )


def _reviews_of(read: Reading, cohort: Cohort, application_id: int) -> Sequence[Scored]:
    rows = read.session.execute(
        select(
            Review.reviewer_id,
            Person.name.label("reviewer"),
            Review.scores,
            Review.comment,
            Review.total,
            Review.submitted_at,
        )
        .join(Person, Person.id == Review.reviewer_id)
        .where(Review.application_id == application_id, counts())
        .order_by(Review.submitted_at, Review.id)
    ).all()
    known = severities(read, cohort) if rows else {}
    found = []
    for row in rows:
        told = row._asdict()
        severity = known.get(told.pop("reviewer_id"))
        found.append(Scored(**told, severity=severity))
    return found


def _record_of(read: Reading, application_id: int) -> Sequence[Said]:
    rows = read.session.execute(
        select(Moderation.score, Moderation.reason, Person.name.label("by"), Moderation.at)
        .join(Person, Person.id == Moderation.by_person_id)
        .where(Moderation.application_id == application_id)
        .order_by(Moderation.id)
    ).all()
    return [Said(**row._asdict()) for row in rows]
