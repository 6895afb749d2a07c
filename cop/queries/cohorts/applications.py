"""Reads about applications as those who make them see them, and the list of them for the staff of a course."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache, cached_property
from typing import Any

from sqlalchemy import BigInteger, Select, and_, bindparam, case, func, select
from sqlalchemy.orm import contains_eager, joinedload

from cop.core.access import EVENT_EDITORS
from cop.core.errors import NotFound
from cop.core.questions import Answers, Item, Kind, Section, asked, read_items, sections
from cop.core.work import Reading
from cop.models.accounts import Affiliation, Person, Sector
from cop.models.cohorts import Application, ApplicationState, Cohort, Decision, DecisionOutcome
from cop.models.events import BookingSource, Event
from cop.models.offers import Offer
from cop.models.organisations import Organisation
from cop.models.surveys import Questionnaire, Response
from cop.queries.cohorts.calls import Phase, phase_of
from cop.queries.cohorts.panel import hidden_because

SHARE_A_PAGE = frozenset({Kind.SCALE, Kind.RATING})


class Status(StrEnum):
    """Where an application stands, as far as the applicant may know: nothing of a decision before its release."""

    DRAFT = "draft"
    NOT_SENT = "not sent"
    SUBMITTED = "submitted"
    IN_REVIEW = "in review"
    OFFER = "offer"
    RESERVE = "reserve"
    NOT_THIS_TIME = "not this time"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class OwnApplication:
    """The acting person's application; ``outcome`` and ``offer`` are there only once decisions were released."""

    application: Application
    outcome: DecisionOutcome | None
    offer: Offer | None

    def status(self, event: Event, now: datetime) -> Status:
        outcomes = {
            DecisionOutcome.OFFER: Status.OFFER,
            DecisionOutcome.RESERVE: Status.RESERVE,
            DecisionOutcome.DECLINE: Status.NOT_THIS_TIME,
        }
        is_open = phase_of(event, now) is Phase.OPEN
        match self.application.state:
            case ApplicationState.WITHDRAWN:
                return Status.WITHDRAWN
            case ApplicationState.DRAFT:
                return Status.DRAFT if is_open else Status.NOT_SENT
        if self.offer is not None:
            return Status.OFFER
        if self.outcome is not None:
            return outcomes[self.outcome]
        return Status.SUBMITTED if is_open else Status.IN_REVIEW

    @property
    def is_live(self) -> bool:
        return self.application.state is not ApplicationState.WITHDRAWN

    @cached_property
    def form(self) -> "ApplicationForm":
        """The questions that this application was begun with, and its answers so far."""
        response = self.application.response
        return ApplicationForm(read_items(response.questionnaire.items), response.answers)


def own_application(read: Reading, event: Event) -> OwnApplication | None:
    """The acting person's live application to this course, else the one that they withdrew last."""
    if read.actor.person_id is None:
        return None
    values = {"event_id": event.id, "person_id": read.actor.person_id}
    row = read.session.execute(_own(), values).one_or_none()
    return OwnApplication(row.Application, row.outcome, row.Offer) if row is not None else None


def entered_application(read: Reading, event: Event, *, public_id: str) -> OwnApplication:
    """An application that staff entered for somebody, for those who may alter the course and have no conflict."""
    _refuse_strangers(read, event)
    values = {"event_id": event.id, "public_id": public_id, "panellist": read.actor.person_id}
    row = read.session.execute(_entered(), values).one_or_none()
    if row is None:
        raise NotFound
    return OwnApplication(row.Application, row.outcome, row.Offer)


@cache
def _own() -> Select[*tuple[Any, ...]]:
    return _whole().where(Application.person_id == bindparam("person_id", type_=BigInteger()))


@cache
def _entered() -> Select[*tuple[Any, ...]]:
    return _whole().where(
        Application.public_id == bindparam("public_id"),
        Application.source == BookingSource.STAFF,
        hidden_because().is_(None),
    )


def _whole() -> Select[*tuple[Any, ...]]:
    released = and_(Decision.application_id == Application.id, Decision.released_at.is_not(None))
    return (
        select(Application, Decision.outcome, Offer)
        .join(Application.response)
        .join(Response.questionnaire)
        .outerjoin(Decision, released)
        .outerjoin(Offer, and_(Offer.application_id == Application.id, Decision.released_at.is_not(None)))
        .where(Application.cohort_id == bindparam("event_id", type_=BigInteger()))
        .order_by(
            case((Application.state == ApplicationState.WITHDRAWN, 1), else_=0),
            Application.id.desc(),
            Offer.id.desc(),
        )
        .limit(1)
        .options(contains_eager(Application.response).contains_eager(Response.questionnaire))
    )


@dataclass(frozen=True)
class Applicant:
    """Who applies, as the pages of an application show them."""

    name: str
    sector: Sector | None
    role_title: str | None
    organisation: str | None


def applicant_of(read: Reading, application: Application) -> Applicant:
    """The person as they are today; the caller has checked who asks."""
    today = and_(Affiliation.person_id == Person.id, Affiliation.is_primary, Affiliation.to_on.is_(None))
    row = read.session.execute(
        select(Person.name, Affiliation.sector, Affiliation.role_title, Organisation.name.label("organisation"))
        .outerjoin(Affiliation, today)
        .outerjoin(Organisation, Organisation.id == Affiliation.organisation_id)
        .where(Person.id == application.person_id)
    ).one()
    return Applicant(**row._asdict())


class Progress(StrEnum):
    """How far a section has got; ``optional`` is one that needs no answer and has none."""

    NOT_STARTED = "not started"
    OPTIONAL = "optional"
    IN_PROGRESS = "in progress"
    COMPLETE = "complete"


@dataclass(frozen=True)
class Task:
    """A section of the questionnaire as one line of the task list; ``start`` is its first page without an answer."""

    section: Section
    progress: Progress
    start: str


@dataclass(frozen=True)
class ApplicationForm:
    """What an application asks, one thing to a page; a page is named by the code of its first item.

    Neighbouring scales and ratings of a section share a page.
    """

    items: tuple[Item, ...]
    answers: Answers

    @cached_property
    def sections(self) -> Sequence[Section]:
        """The sections with those items only that are asked, given the answers so far."""
        shown = {item.code for item in asked(self.items, self.answers)}
        found = [
            Section(part.code, part.title, part.hint, tuple(item for item in part.items if item.code in shown))
            for part in sections(self.items)
        ]
        return [part for part in found if part.items]

    def pages_of(self, section: Section) -> Sequence[tuple[Item, ...]]:
        pages: list[tuple[Item, ...]] = []
        for item in section.items:
            if pages and {pages[-1][-1].kind, item.kind} <= SHARE_A_PAGE:
                pages[-1] = (*pages[-1], item)
            else:
                pages.append((item,))
        return pages

    def page(self, code: str) -> tuple[Section, tuple[Item, ...], str | None]:
        """The section and items of one page, and the page after it in the section."""
        for section in self.sections:
            pages = self.pages_of(section)
            for number, items in enumerate(pages):
                if items[0].code == code:
                    return section, items, pages[number + 1][0].code if number + 1 < len(pages) else None
        raise NotFound

    def tasks(self) -> Sequence[Task]:
        return [
            Task(
                section,
                self._progress(section),
                next((page[0].code for page in self.pages_of(section) if self._is_open(page)), section.items[0].code),
            )
            for section in self.sections
        ]

    def _is_open(self, page: Sequence[Item]) -> bool:
        return any(item.code not in self.answers for item in page)

    def _progress(self, section: Section) -> Progress:
        needed = [item for item in section.items if item.required]
        answered = [item for item in section.items if item.code in self.answers]
        if all(item in answered for item in needed) and (needed or answered):
            return Progress.COMPLETE
        if answered:
            return Progress.IN_PROGRESS
        return Progress.NOT_STARTED if needed else Progress.OPTIONAL

    def missing(self) -> Sequence[tuple[Item, str]]:
        """Each question that still needs an answer, with its page."""
        return [
            (item, page[0].code)
            for section in self.sections
            for page in self.pages_of(section)
            for item in page
            if item.required and item.code not in self.answers
        ]

    def page_of(self, code: str) -> str:
        """The page on which an item is asked."""
        return next(page[0].code for part in self.sections for page in self.pages_of(part) if code in _codes(page))


def _codes(page: Sequence[Item]) -> set[str]:
    return {item.code for item in page}


def questions_of(read: Reading, cohort: Cohort) -> tuple[Item, ...]:
    """What the course asks now; those who began earlier were asked what was published then."""
    found = read.session.get(Questionnaire, cohort.questionnaire_id) if cohort.questionnaire_id else None
    return read_items(found.items) if found is not None else ()


@dataclass(frozen=True)
class Applied:
    """A row of the list for staff. Organisation and sector are those of the day of submission.

    ``source`` tells who wrote it: the person, or staff for them.
    """

    number: int | None
    public_id: str
    source: BookingSource
    name: str
    email: str | None
    organisation: str | None
    sector: Sector | None
    newer_member: bool | None
    state: ApplicationState
    started_at: datetime
    submitted_at: datetime | None
    withdrawn_at: datetime | None


def applications_to(
    read: Reading, event: Event, *, state: ApplicationState | None = None, offset: int = 0, limit: int = 50
) -> Sequence[Applied]:
    """Who applied, in order of number and drafts last, ``limit`` + 1 of them; for those who may alter the course.

    Whom the actor has a conflict with is left out here as everywhere.
    """
    _refuse_strangers(read, event)
    found = (
        select(
            Application.number,
            Application.public_id,
            Application.source,
            Person.name,
            Person.email,
            Organisation.name.label("organisation"),
            Application.sector,
            Application.newer_member,
            Application.state,
            Application.started_at,
            Application.submitted_at,
            Application.withdrawn_at,
        )
        .join(Person, Person.id == Application.person_id)
        .outerjoin(Organisation, Organisation.id == Application.organisation_id)
        .where(Application.cohort_id == event.id, hidden_because().is_(None))
        .order_by(Application.number.nulls_last(), Application.id)
        .offset(offset)
        .limit(limit + 1)
    )
    if state is not None:
        found = found.where(Application.state == state)
    rows = read.session.execute(found, {"panellist": read.actor.person_id})
    return [Applied(**row._asdict()) for row in rows]


def counts_of(read: Reading, event: Event) -> dict[ApplicationState, int]:
    """How many applications there are in each state; for those who may alter the course."""
    _refuse_strangers(read, event)
    counted = select(Application.state, func.count().label("number")).group_by(Application.state)
    rows = read.session.execute(counted.where(Application.cohort_id == event.id))
    return dict.fromkeys(ApplicationState, 0) | {row.state: row.number for row in rows}


def _refuse_strangers(read: Reading, event: Event) -> None:
    if not read.actor.may(*EVENT_EDITORS, programme_id=event.programme_id, event_id=event.id):
        raise NotFound


def application_by_id(read: Reading, application_id: int) -> Application:
    """An application with its event, as a mail about it shows it."""
    found = select(Application).where(Application.id == application_id)
    application = read.session.scalars(
        found.options(joinedload(Application.cohort).joinedload(Cohort.event))
    ).one_or_none()
    if application is None:
        raise NotFound
    return application
