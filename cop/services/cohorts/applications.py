"""Applying for a place on a course: begun as a draft, saved page by page, submitted once, and taken back if need be."""

from datetime import datetime

from sqlalchemy import func, select

from cop.core.errors import NotFound, Refusal, marked
from cop.core.questions import Answers
from cop.core.work import Work
from cop.models.accounts import Person
from cop.models.cohorts import Application, ApplicationState, Cohort, Decision
from cop.models.events import Event, EventKind, EventState, Visibility
from cop.queries.accounts import standing_of
from cop.queries.cohorts.applications import own_application
from cop.queries.cohorts.calls import Phase, phase_of
from cop.services import answers as store
from cop.services import outbox
from cop.services.events.locking import lock_event


def start(work: Work, *, event_id: int) -> Application:
    """A draft for the acting person, who gets a link back to it. Starting again finds the one that is there."""
    event = lock_event(work, event_id)
    person = _applicant(work, event)
    found = own_application(work, event)
    if found is not None and found.is_live:
        return found.application
    _refuse_outside_window(work, event)
    cohort = work.session.get_one(Cohort, event.id)
    if cohort.questionnaire_id is None:
        raise NotFound
    response = store.start(work, questionnaire_id=cohort.questionnaire_id)
    made = Application(
        cohort_id=event.id,
        person_id=person.id,
        state=ApplicationState.DRAFT,
        by_person_id=person.id,
        response_id=response.id,
        started_at=work.now,
    )
    work.session.add(made)
    work.session.flush()
    _tell(work, person, made, "application_started", useless_after=event.closes_at)
    return made


def save(work: Work, *, event_id: int, answers: Answers, seen: int) -> Application:
    """Save one page of the acting person's application; one that was submitted stays submitted, and complete.

    ``seen`` is the revision of the answers that the page showed.
    """
    event = _event(work, event_id)
    application = _lock_own(work, event)
    _refuse_outside_window(work, event)
    store.save(work, response_id=application.response_id, answers=answers, seen=seen)
    return application


def submit(work: Work, *, event_id: int) -> Application:
    """Hand the application in and number it, with who its author is today. A second time changes nothing."""
    event = lock_event(work, event_id)
    application = _lock_own(work, event)
    if application.state is ApplicationState.SUBMITTED:
        return application
    _refuse_outside_window(work, event)
    person = work.session.get_one(Person, application.person_id)
    standing = standing_of(work, person.id)
    if standing.sector is None:
        raise Refusal(marked("Complete “About you” first: say how you come to this programme"))
    _refuse_unfinished(work, event)
    store.submit(work, response_id=application.response_id)
    highest = select(func.coalesce(func.max(Application.number), 0)).where(Application.cohort_id == event.id)
    application.number = (work.session.scalar(highest) or 0) + 1
    application.state, application.submitted_at = ApplicationState.SUBMITTED, work.now
    application.organisation_id, application.sector = standing.organisation_id, standing.sector
    application.membership, application.newer_member = standing.membership, standing.newer_member
    work.session.flush()
    _tell(work, person, application, "application_submitted")
    return application


def withdraw(work: Work, *, event_id: int) -> Application:
    """Take the acting person's application back, at any time before they are told the decision."""
    event = lock_event(work, event_id)
    application = _lock_own(work, event)
    released = select(Decision.released_at).where(Decision.application_id == application.id)
    if work.session.scalar(released) is not None:
        raise Refusal(marked("You have been told our decision, so there is no application left to withdraw"))
    application.state, application.withdrawn_at = ApplicationState.WITHDRAWN, work.now
    work.session.flush()
    person = work.session.get_one(Person, application.person_id)
    _tell(work, person, application, "application_withdrawn")
    return application


def _event(work: Work, event_id: int) -> Event:
    event = work.session.get(Event, event_id)
    if event is None:
        raise NotFound
    return event


def _applicant(work: Work, event: Event) -> Person:
    """Who acts, where the course is one that they may apply to."""
    person = work.session.get(Person, work.actor.person_id) if work.actor.person_id else None
    shown = event.state is not EventState.DRAFT and event.visibility is not Visibility.INVITED
    if person is None or event.kind is not EventKind.COHORT or not shown:
        raise NotFound
    return person


def _lock_own(work: Work, event: Event) -> Application:
    """The acting person's live application, locked."""
    if work.actor.person_id is None:
        raise NotFound
    own = select(Application).where(
        Application.cohort_id == event.id,
        Application.person_id == work.actor.person_id,
        Application.state != ApplicationState.WITHDRAWN,
    )
    locked = own.with_for_update(key_share=True).execution_options(populate_existing=True)
    application = work.session.scalars(locked).one_or_none()
    if application is None:
        raise NotFound
    return application


def _refuse_outside_window(work: Work, event: Event) -> None:
    match phase_of(event, work.now):
        case Phase.CANCELLED:
            raise Refusal(marked("“%(title)s” has been cancelled"), title=event.title)
        case Phase.COMING:
            raise Refusal(marked("Applications have not opened yet"))
        case Phase.CLOSED:
            raise Refusal(marked("Applications have closed, so nothing more can be saved or submitted"))


def _refuse_unfinished(work: Work, event: Event) -> None:
    """Name every question that still needs an answer, where the store would name the first."""
    own = own_application(work, event)
    missing = own.form.missing() if own is not None else []
    if missing:
        questions = "; ".join(item.text for item, _page in missing)
        raise Refusal(marked("Before you submit, answer: %(questions)s"), questions=questions)


def _tell(
    work: Work, person: Person, application: Application, template: str, *, useless_after: datetime | None = None
) -> None:
    outbox.post(
        work,
        key=f"{template.replace('_', '-')}:{application.id}",
        to=person,
        template=template,
        useless_after=useless_after,
        application_id=application.id,
    )
