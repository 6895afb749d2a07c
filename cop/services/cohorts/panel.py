"""What every act of the review panel begins with: locks, rights, and whether there is a conflict.

Rows are locked in the order event, course, application. Reviews share the lock of the course, so that reviewers do not
wait for one another and the release waits for none of them twice.
"""

from functools import cache
from typing import Any

from sqlalchemy import Row, Select, and_, bindparam, select
from sqlalchemy.orm import joinedload

from cop.core.errors import NotFound, Refusal, marked
from cop.core.work import Work
from cop.models.cohorts import Application, ApplicationState, Cohort
from cop.models.events import Event
from cop.models.surveys import Response
from cop.queries.cohorts.panel import call_is_over, hidden_because, is_chair, is_readable, is_reviewer, is_share_of
from cop.services.events.locking import lock_event_to_edit


def course_to_review(work: Work, cohort_id: int) -> tuple[Event, Cohort]:
    """The course for one of its reviewers, held against a release meanwhile."""
    event, cohort = _shared(work, cohort_id)
    if not is_reviewer(work.actor, event):
        raise NotFound
    return event, cohort


def course_of_panel(work: Work, cohort_id: int) -> tuple[Event, Cohort]:
    """The course for anybody of its panel, held against a release meanwhile."""
    event, cohort = _shared(work, cohort_id)
    if not (is_reviewer(work.actor, event) or is_chair(work.actor, event)):
        raise NotFound
    return event, cohort


def _shared(work: Work, cohort_id: int) -> tuple[Event, Cohort]:
    found = select(Cohort).where(Cohort.event_id == cohort_id).with_for_update(read=True)
    cohort = work.session.scalars(found.execution_options(populate_existing=True)).one_or_none()
    if cohort is None:
        raise NotFound
    return work.session.get_one(Event, cohort_id), cohort


def course_of_chair(work: Work, cohort_id: int) -> tuple[Event, Cohort]:
    """The locked event and course for its chair: only one of them acts at a time."""
    event = lock_event_to_edit(work, cohort_id)
    found = select(Cohort).where(Cohort.event_id == cohort_id).options(joinedload(Cohort.event, innerjoin=True))
    found = found.with_for_update(of=Cohort)
    cohort = work.session.scalars(found.execution_options(populate_existing=True)).one_or_none()
    if cohort is None or not is_chair(work.actor, event):
        raise NotFound
    return event, cohort


def refuse_unless_judging(work: Work, event: Event, cohort: Cohort) -> None:
    """Scores and choices are made between the close of the call and the release."""
    if cohort.released_at is not None:
        raise Refusal(marked("The decisions have been released, so scores and choices stay as they are"))
    if not call_is_over(event, work.now):
        raise Refusal(marked("People can still change their applications. Wait until the call has closed."))


def application_to_judge(work: Work, cohort_id: int, number: int) -> Application:
    """A submitted application that the actor has no conflict with, held against its withdrawal meanwhile."""
    return _held(work, cohort_id, number).Application  # type: ignore[no-any-return]


def application_to_score(work: Work, cohort_id: int, number: int) -> Application:
    """One that is the actor's to score as a reviewer: shared out to them, and looked through where that is needed."""
    row = _held(work, cohort_id, number)
    if not row.to_score:
        raise NotFound
    return row.Application  # type: ignore[no-any-return]


def _held(work: Work, cohort_id: int, number: int) -> Row[*tuple[Any, ...]]:
    values = {"cohort_id": cohort_id, "number": number, "panellist": work.actor.person_id}
    row = work.session.execute(_judged(), values).one_or_none()
    if row is None or row.hidden is not None:
        raise NotFound
    return row


@cache
def _judged() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Application,
            hidden_because().label("hidden"),
            and_(is_share_of(), is_readable()).label("to_score"),
        )
        .join(Cohort, Cohort.event_id == Application.cohort_id)
        .join(Response, Response.id == Application.response_id)
        .where(
            Application.cohort_id == bindparam("cohort_id"),
            Application.number == bindparam("number"),
            Application.state == ApplicationState.SUBMITTED,
        )
        .with_for_update(read=True, of=Application)
        .execution_options(populate_existing=True)
    )


def acting_person(work: Work) -> int:
    """Who decides: decisions are made by people."""
    if work.actor.person_id is None:
        raise NotFound
    return work.actor.person_id
