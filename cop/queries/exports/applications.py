"""Rows of the export of applications: one for each, with its scores and what it was told."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Float, Select, and_, case, cast, exists, func, select

from cop.core.questions import Item, read_items
from cop.core.work import Reading
from cop.models.accounts import Person
from cop.models.cohorts import (
    Application,
    ApplicationState,
    Cohort,
    Decision,
    DecisionOutcome,
    Moderation,
    Review,
    ReviewState,
)
from cop.models.events import BookingSource, Event, EventKind
from cop.models.offers import Offer, OfferState
from cop.models.organisations import Organisation
from cop.models.surveys import Questionnaire, Response
from cop.queries.exports import Who, streamed, who


@dataclass(frozen=True)
class ApplicationRow(Who):
    """Scores, ``outcome`` and ``reserve_rank`` are None until the decisions are released to everybody."""

    event: str
    event_kind: EventKind
    application_id: int
    application_word: str
    number: int | None
    state: ApplicationState
    source: BookingSource
    started_at: datetime
    submitted_at: datetime | None
    withdrawn_at: datetime | None
    reviews: int | None
    mean_score: float | None
    moderated_score: float | None
    outcome: DecisionOutcome | None
    reserve_rank: int | None
    offer: OfferState | None
    questionnaire_id: int
    answers: Mapping[str, Any]


def application_rows(read: Reading, *, programme_id: int) -> Iterator[ApplicationRow]:
    """Rows by course and in the order in which people began."""
    for row in streamed(read, _applications(programme_id)):
        yield ApplicationRow(**row)


@dataclass(frozen=True)
class Asked:
    """One version of the questions that applications answered."""

    name: str
    items: Sequence[Item]


def application_questions(read: Reading, *, programme_id: int) -> Mapping[int, Asked]:
    """The questionnaires behind a programme's applications, by id."""
    answered = (
        exists()
        .where(Response.questionnaire_id == Questionnaire.id, Application.response_id == Response.id)
        .where(Event.id == Application.cohort_id, Event.programme_id == programme_id)
    )
    found = read.session.scalars(select(Questionnaire).where(answered)).all()
    return {item.id: Asked(f"{item.code} {item.version}", read_items(item.items)) for item in found}


def _applications(programme_id: int) -> Select[*tuple[Any, ...]]:
    submitted = and_(Review.application_id == Application.id, Review.state == ReviewState.SUBMITTED)
    moderated = (
        select(Moderation.score)
        .where(Moderation.application_id == Application.id, Moderation.score.is_not(None))
        .order_by(Moderation.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    offered = (
        select(Offer.state)
        .where(Offer.application_id == Application.id)
        .order_by(Offer.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    out = Cohort.released_at.is_not(None)
    told = and_(Decision.application_id == Application.id, Decision.released_at.is_not(None), out)
    return (
        select(
            Event.slug.label("event"),
            Event.kind.label("event_kind"),
            *who(Application),
            Application.id.label("application_id"),
            Application.public_id.label("application_word"),
            Application.number,
            Application.state,
            Application.source,
            Application.started_at,
            Application.submitted_at,
            Application.withdrawn_at,
            case((out, select(func.count(Review.id)).where(submitted).scalar_subquery())).label("reviews"),
            case((out, select(cast(func.avg(Review.total), Float)).where(submitted).scalar_subquery())).label(
                "mean_score"
            ),
            case((out, moderated)).label("moderated_score"),
            Decision.outcome,
            Decision.reserve_rank,
            offered.label("offer"),
            Response.questionnaire_id,
            Response.answers,
        )
        .select_from(Event)
        .join(Cohort, Cohort.event_id == Event.id)
        .join(Application, Application.cohort_id == Cohort.event_id)
        .join(Response, Response.id == Application.response_id)
        .join(Person, Person.id == Application.person_id)
        .outerjoin(Organisation, Organisation.id == Application.organisation_id)
        .outerjoin(Decision, told)
        .where(Event.programme_id == programme_id)
        .order_by(Event.slug, Application.id)
    )
