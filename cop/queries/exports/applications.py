"""Rows of the export of applications: one for each, with its scores and what it was told.

The panel's rules hold here, too: an admin gets no judgement and no answers of an application that they may not see.
Evaluators know nobody by a row, and cells that are empty for them alone would tell whose it is.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, and_, case, exists, select

from cop.core.access import Role
from cop.core.place import day_of
from cop.core.questions import Item, read_items
from cop.core.work import Reading
from cop.models.accounts import Person
from cop.models.cohorts import (
    Application,
    ApplicationState,
    Cohort,
    Decision,
    DecisionOutcome,
)
from cop.models.events import BookingSource, Event, EventKind
from cop.models.offers import Offer, OfferState
from cop.models.organisations import Organisation
from cop.models.surveys import Questionnaire, Response
from cop.queries.cohorts import scores
from cop.queries.cohorts.panel import hidden_because
from cop.queries.exports import Scope, Who, streamed, who


@dataclass(frozen=True)
class ApplicationRow(Who):
    """Scores, ``outcome`` and ``reserve_rank`` are None until the decisions are released to everybody.

    Where names are hidden, so is who somebody was unless they took a place, and the number and the time of the day, by
    which an application could be found in the report of its draw.
    """

    event: str
    event_kind: EventKind
    application_id: int
    application_word: str
    number: int | None
    state: ApplicationState
    source: BookingSource
    started_at: date
    submitted_at: date | None
    withdrawn_at: date | None
    reviews: int | None
    mean_score: float | None
    moderated_score: float | None
    outcome: DecisionOutcome | None
    reserve_rank: int | None
    offer: OfferState | None
    questionnaire_id: int
    answers: Mapping[str, Any] | None


JUDGED = ("reviews", "mean_score", "moderated_score", "outcome", "reserve_rank", "offer", "answers")
WHO_THEY_WERE = (
    "organisation_id",
    "organisation",
    "organisation_kind",
    "membership",
    "region",
    "newer_member",
    "sector",
)
TIMES = ("started_at", "submitted_at", "withdrawn_at")


def application_rows(read: Reading, scope: Scope) -> Iterator[ApplicationRow]:
    """Rows by course, in the order in which people began; where names are hidden in one that tells nothing."""
    is_admin = read.actor.may(Role.ADMIN, programme_id=scope.programme_id)
    wanted = _applications(scope).params(panellist=read.actor.person_id if is_admin else None)
    for row in streamed(read, wanted):
        accepted = row.pop("accepted")
        if row.pop("hidden") is not None:
            row.update(dict.fromkeys(JUDGED))
        if scope.key is not None:
            row.update({name: row[name] and day_of(row[name]) for name in TIMES}, number=None)
            row.update({} if accepted else dict.fromkeys(WHO_THEY_WERE))
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


def _applications(scope: Scope) -> Select[*tuple[Any, ...]]:
    offered = (
        select(Offer.state)
        .where(Offer.application_id == Application.id)
        .order_by(Offer.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    accepted = exists().where(Offer.application_id == Application.id, Offer.state == OfferState.ACCEPTED)
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
            case((out, scores.reviews())).label("reviews"),
            case((out, scores.mean())).label("mean_score"),
            case((out, scores.moderated())).label("moderated_score"),
            Decision.outcome,
            Decision.reserve_rank,
            offered.label("offer"),
            accepted.label("accepted"),
            Response.questionnaire_id,
            Response.answers,
            hidden_because().label("hidden"),
        )
        .select_from(Event)
        .join(Cohort, Cohort.event_id == Event.id)
        .join(Application, Application.cohort_id == Cohort.event_id)
        .join(Response, Response.id == Application.response_id)
        .join(Person, Person.id == Application.person_id)
        .outerjoin(Organisation, Organisation.id == Application.organisation_id)
        .outerjoin(Decision, told)
        .where(Event.programme_id == scope.programme_id)
        .order_by(Event.slug, Application.id if scope.key is None else Application.public_id)
    )
