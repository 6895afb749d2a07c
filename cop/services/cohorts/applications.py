"""Applying for a place on a course: begun as a draft, saved page by page, submitted once, and taken back if need be.

People apply for themselves. Where staff enter an application for somebody, they name it by its ``public_id``.
"""

from datetime import datetime

from sqlalchemy import func, select

from cop.core.access import EVENT_EDITORS
from cop.core.errors import NotFound, Refusal, marked
from cop.core.questions import Answers, read_items
from cop.core.work import Work
from cop.models.accounts import Person
from cop.models.cohorts import Application, ApplicationState, Cohort, Decision
from cop.models.events import FOR_ANYBODY, BookingSource, Event, EventKind, EventState
from cop.models.surveys import Questionnaire, Response
from cop.queries.accounts import standing_of
from cop.queries.cohorts.applications import ApplicationForm, own_application
from cop.queries.cohorts.calls import Phase, phase_of
from cop.queries.cohorts.endorsements import is_still_needed, support_of
from cop.queries.cohorts.panel import hidden_because
from cop.services import answers as store
from cop.services import outbox
from cop.services.cohorts import equality
from cop.services.events.locking import lock_event


def start(work: Work, *, event_id: int) -> Application:
    """A draft for the acting person, who gets a link back to it. Starting again finds the one that is there."""
    event = lock_event(work, event_id)
    person = _applicant(work, event)
    found = own_application(work, event)
    if found is not None and found.is_live:
        return found.application
    return begin(work, event, person, BookingSource.SELF)


def begin(work: Work, event: Event, person: Person, source: BookingSource) -> Application:
    """A draft of somebody who has none; the event is locked, and the caller has checked who acts."""
    refuse_outside_window(work, event)
    cohort = work.session.get_one(Cohort, event.id)
    if cohort.questionnaire_id is None:
        raise NotFound
    response = store.start(work, questionnaire_id=cohort.questionnaire_id)
    made = Application(
        cohort_id=event.id,
        person_id=person.id,
        state=ApplicationState.DRAFT,
        source=source,
        by_person_id=work.actor.person_id,
        response_id=response.id,
        started_at=work.now,
    )
    work.session.add(made)
    work.session.flush()
    if source is BookingSource.SELF or person.email is not None:  # nobody is called about a draft that staff begin
        _tell(work, person, made, "application_started", useless_after=event.closes_at)
    return made


def save(work: Work, *, event_id: int, answers: Answers, seen: int, public_id: str | None = None) -> Application:
    """Save one page of an application; one that was submitted stays submitted, and complete.

    ``seen`` is the revision of the answers that the page showed.
    """
    event = course(work, event_id)
    application = lock_application(work, event, public_id)
    refuse_outside_window(work, event)
    store.save(work, response_id=application.response_id, answers=answers, seen=seen)
    return application


def submit(work: Work, *, event_id: int, public_id: str | None = None) -> Application:
    """Hand the application in and number it, with who its author is today. A second time changes nothing."""
    event = lock_event(work, event_id)
    application = lock_application(work, event, public_id)
    if application.state is ApplicationState.SUBMITTED:
        return application
    refuse_outside_window(work, event)
    person = work.session.get_one(Person, application.person_id)
    standing = standing_of(work, person.id)
    if standing.sector is None:
        raise Refusal(marked("Complete “About you” first: say how you come to this programme"))
    _refuse_unfinished(work, application)
    store.submit(work, response_id=application.response_id)
    highest = select(func.coalesce(func.max(Application.number), 0)).where(Application.cohort_id == event.id)
    application.number = (work.session.scalar(highest) or 0) + 1
    application.state, application.submitted_at = ApplicationState.SUBMITTED, work.now
    application.organisation_id, application.sector = standing.organisation_id, standing.sector
    application.membership, application.newer_member = standing.membership, standing.newer_member
    application.region = standing.region
    work.session.flush()
    _tell(work, person, application, "application_submitted")
    return application


def withdraw(work: Work, *, event_id: int, public_id: str | None = None) -> Application:
    """Take an application back, at any time before its author is told the decision."""
    event = lock_event(work, event_id)
    application = lock_application(work, event, public_id)
    released = select(Decision.released_at).where(Decision.application_id == application.id)
    if work.session.scalar(released) is not None:
        raise Refusal(
            marked("You have been told our decision, so there is no application left to withdraw")
            if public_id is None
            else marked("The decision has been told, so there is no application left to withdraw")
        )
    application.state, application.withdrawn_at = ApplicationState.WITHDRAWN, work.now
    equality.forget(work, application)
    work.session.flush()
    person = work.session.get_one(Person, application.person_id)
    _tell(work, person, application, "application_withdrawn")
    return application


def course(work: Work, event_id: int) -> Event:
    event = work.session.get(Event, event_id)
    if event is None:
        raise NotFound
    return event


def _applicant(work: Work, event: Event) -> Person:
    """Who acts, where the course is one that they may apply to."""
    person = work.session.get(Person, work.actor.person_id) if work.actor.person_id else None
    shown = event.state is not EventState.DRAFT and event.visibility in FOR_ANYBODY
    if person is None or event.kind is not EventKind.COHORT or not shown:
        raise NotFound
    return person


def lock_application(work: Work, event: Event, public_id: str | None) -> Application:
    """The live application that the actor may write: their own, or the named one that staff entered for somebody."""
    found = select(Application).where(
        Application.cohort_id == event.id, Application.state != ApplicationState.WITHDRAWN
    )
    if public_id is None:
        found = found.where(Application.person_id == work.actor.person_id)
    else:
        refuse_non_editors(work, event)
        found = found.where(
            Application.public_id == public_id,
            Application.source == BookingSource.STAFF,
            hidden_because().is_(None),
        )
    locked = found.with_for_update(key_share=True, of=Application).execution_options(populate_existing=True)
    application = work.session.scalars(locked, {"panellist": work.actor.person_id}).one_or_none()
    if application is None:
        raise NotFound
    return application


def refuse_non_editors(work: Work, event: Event) -> None:
    if not work.actor.may(*EVENT_EDITORS, programme_id=event.programme_id, event_id=event.id):
        raise NotFound


def refuse_outside_window(work: Work, event: Event) -> None:
    match phase_of(event, work.now):
        case Phase.CANCELLED:
            raise Refusal(marked("“%(title)s” has been cancelled"), title=event.title)
        case Phase.COMING:
            raise Refusal(marked("Applications have not opened yet"))
        case Phase.CLOSED:
            raise Refusal(marked("Applications have closed, so nothing more can be saved or submitted"))


def _refuse_unfinished(work: Work, application: Application) -> None:
    """Name every question that still needs an answer, where the store would name the first."""
    response = work.session.get_one(Response, application.response_id, populate_existing=True)
    asked = work.session.get_one(Questionnaire, response.questionnaire_id)
    missing = ApplicationForm(read_items(asked.items), response.answers).missing()
    if missing:
        questions = "; ".join(item.text for item, _page in missing)
        raise Refusal(marked("Before you submit, answer: %(questions)s"), questions=questions)
    if is_still_needed(work.session.get_one(Cohort, application.cohort_id), support_of(work, application.id)):
        raise Refusal(marked("Before you submit, name somebody who supports the application"))


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
