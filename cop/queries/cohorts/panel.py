"""Reads of the review panel: who is on it, who has a conflict with what, and what a reviewer judges without names.

An application that somebody has a conflict with is not theirs to read, to score or to decide. Every read of the panel,
and every service that writes for it, asks :func:`hidden_because`.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, and_, bindparam, case, exists, func, or_, select
from sqlalchemy.orm import aliased, contains_eager, selectinload

from cop.core.access import EVENT_EDITORS, PANEL, Actor, Role
from cop.core.errors import NotFound
from cop.core.questions import Answers, Item, Kind, Section, asked, read_items, sections
from cop.core.work import Reading
from cop.models.accounts import Affiliation, Sector
from cop.models.cohorts import Application, ApplicationState, Cohort, Conflict, Review, ReviewState
from cop.models.events import Event, EventKind
from cop.models.surveys import Questionnaire, Response


def is_reviewer(actor: Actor, event: Event) -> bool:
    """Whether the actor scores applications to this course; its chair does not, unless granted that too."""
    return actor.may(Role.REVIEWER, programme_id=event.programme_id, event_id=event.id)


def is_chair(actor: Actor, event: Event) -> bool:
    return actor.may(*EVENT_EDITORS, programme_id=event.programme_id, event_id=event.id)


def course_of_panel(read: Reading, *, slug: str) -> Cohort:
    """A course with its event and half-days, for its reviewers and its chair; to others it is not there."""
    cohort = read.session.scalars(_course(), {"slug": slug}).one_or_none()
    if cohort is None or not read.actor.may(*PANEL, programme_id=cohort.event.programme_id, event_id=cohort.event.id):
        raise NotFound
    return cohort


def course_of_chair(read: Reading, *, slug: str) -> Cohort:
    cohort = course_of_panel(read, slug=slug)
    if not is_chair(read.actor, cohort.event):
        raise NotFound
    return cohort


@cache
def _course() -> Select[Cohort]:
    return (
        select(Cohort)
        .join(Cohort.event)
        .where(Event.slug == bindparam("slug"), Event.kind == EventKind.COHORT)
        .options(contains_eager(Cohort.event).options(selectinload(Event.parts)))
    )


def call_is_over(event: Event, now: datetime) -> bool:
    """Whether applications stay as they are: nothing is scored or chosen while people may still change theirs."""
    return event.closes_at is not None and event.closes_at <= now


class Hidden(StrEnum):
    """Why somebody of the panel may not see an application; the first that fits."""

    OWN = "own"
    DECLARED = "declared"
    ORGANISATION = "organisation"
    APPLICANT = "applicant"


def hidden_because() -> ColumnElement[str | None]:
    """A :class:`Hidden` word for each row of ``application``, NULL where ``:panellist`` may see it."""
    panellist = bindparam("panellist", type_=BigInteger())
    mine, theirs, own = aliased(Affiliation), aliased(Affiliation), aliased(Application)
    of_applicant = and_(theirs.person_id == Application.person_id, theirs.is_primary, theirs.to_on.is_(None))
    same_now = or_(
        theirs.organisation_id == mine.organisation_id,
        func.lower(func.btrim(theirs.organisation_text)) == func.lower(func.btrim(mine.organisation_text)),
    )
    colleague = exists().where(
        mine.person_id == panellist,
        mine.to_on.is_(None),
        or_(
            mine.organisation_id == Application.organisation_id,
            exists().where(of_applicant, same_now).correlate(mine, Application),
        ),
    )
    declared = exists().where(Conflict.application_id == Application.id, Conflict.reviewer_id == panellist)
    applies = exists().where(
        own.cohort_id == Application.cohort_id,
        own.person_id == panellist,
        own.state != ApplicationState.WITHDRAWN,
    )
    return case(
        (Application.person_id == panellist, Hidden.OWN),
        (declared.correlate(Application), Hidden.DECLARED),
        (colleague.correlate(Application), Hidden.ORGANISATION),
        (applies.correlate(Application), Hidden.APPLICANT),
        else_=None,
    )


@dataclass(frozen=True)
class ToReview:
    """An application as a list of a reviewer's work shows it; ``state`` is that of their own review."""

    number: int
    sector: Sector | None
    state: ReviewState | None
    total: float | None


@dataclass(frozen=True)
class Pile:
    """All that a reviewer is to score, in order of number, and how many they may not see for which reason."""

    items: Sequence[ToReview]
    hidden: Mapping[Hidden, int]

    @property
    def done(self) -> int:
        return sum(item.state is ReviewState.SUBMITTED for item in self.items)

    def next_after(self, number: int = 0) -> int | None:
        """The next number without a finished review, beginning again at the first; None once all are done."""
        open_numbers = [item.number for item in self.items if item.state is not ReviewState.SUBMITTED]
        return next((found for found in open_numbers if found > number), open_numbers[0] if open_numbers else None)


def pile(read: Reading, cohort: Cohort) -> Pile:
    """The acting reviewer's work; NotFound for whoever does not score here."""
    if not is_reviewer(read.actor, cohort.event):
        raise NotFound
    values = {"cohort_id": cohort.event_id, "panellist": read.actor.person_id}
    rows = read.session.execute(_pile(), values).all()
    return Pile(
        [ToReview(row.number, row.sector, row.state, row.total) for row in rows if row.hidden is None],
        Counter(Hidden(row.hidden) for row in rows if row.hidden is not None),
    )


@cache
def _pile() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Application.number,
            Application.sector,
            Review.state,
            Review.total,
            hidden_because().label("hidden"),
        )
        .outerjoin(Review, _own_review())
        .where(_submitted())
        .order_by(Application.number)
    )


def _own_review() -> ColumnElement[bool]:
    own = bindparam("panellist", type_=BigInteger())
    return and_(Review.application_id == Application.id, Review.reviewer_id == own)


def _submitted() -> ColumnElement[bool]:
    return and_(Application.cohort_id == bindparam("cohort_id"), Application.state == ApplicationState.SUBMITTED)


@dataclass(frozen=True)
class Answered:
    """A section of the questionnaire with what was answered, in words."""

    section: Section
    answers: Sequence[tuple[Item, str]]


BASELINE = Kind.SCALE
"""How confident people feel before the course: asked for the evaluation, and no reason to choose anybody."""


def answered(questionnaire: Questionnaire, answers: Answers, *, blind: bool) -> Sequence[Answered]:
    """What the applicant was asked, by section; what did not apply to them is left out, and ``blind`` the baseline."""
    items = [item for item in read_items(questionnaire.items) if not (blind and item.kind is BASELINE)]
    shown = {item.code for item in asked(items, answers)}
    found = [
        Answered(
            section,
            [(item, item.in_words(answers.get(item.code))) for item in section.items if item.code in shown],
        )
        for section in sections(items)
    ]
    return [part for part in found if part.answers]


@dataclass(frozen=True)
class Blind:
    """An application as a reviewer reads it: a number, a sector and the answers."""

    number: int
    sector: Sector | None
    answered: Sequence[Answered]
    review: Review | None


def application_to_review(read: Reading, cohort: Cohort, *, number: int) -> Blind:
    """One application for the acting reviewer, with their own review of it. NotFound where they have a conflict."""
    if not is_reviewer(read.actor, cohort.event):
        raise NotFound
    values = {"cohort_id": cohort.event_id, "panellist": read.actor.person_id, "number": number}
    row = read.session.execute(_blind(), values).one_or_none()
    if row is None or row.hidden is not None:
        raise NotFound
    return Blind(number, row.sector, answered(row.Questionnaire, row.answers, blind=True), row.Review)


@cache
def _blind() -> Select[*tuple[Any, ...]]:
    return (
        select(Application.sector, Response.answers, Questionnaire, Review, hidden_because().label("hidden"))
        .join(Response, Response.id == Application.response_id)
        .join(Questionnaire, Questionnaire.id == Response.questionnaire_id)
        .outerjoin(Review, _own_review())
        .where(_submitted(), Application.number == bindparam("number"))
    )


def may_see(read: Reading, cohort: Cohort, *, number: int) -> bool:
    """Whether the acting member of the panel has no conflict with the application; False where there is none."""
    values = {"cohort_id": cohort.event_id, "panellist": read.actor.person_id, "number": number}
    return read.session.execute(_sight(), values).one_or_none() == (None,)


@cache
def _sight() -> Select[*tuple[Any, ...]]:
    return select(hidden_because()).where(_submitted(), Application.number == bindparam("number"))
