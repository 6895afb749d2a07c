"""Keeping what applicants tell us for equality statistics: apart from them, until it is counted.

The answers lie under a random key in a table that says nothing else, and only the application, encrypted, knows the
key. They are opened for the applicant while the call is open, and for the counting
(:mod:`cop.services.cohorts.counting`).
"""

import json
from secrets import token_urlsafe
from typing import Any

from sqlalchemy import delete, select

from cop.core.equality import CURRENT, SETS
from cop.core.errors import NotFound, Refusal, marked
from cop.core.questions import Answers, check
from cop.core.work import Work
from cop.models.cohorts import Application, ApplicationState, Cohort, EqualityAnswer
from cop.models.events import Event
from cop.queries.cohorts.calls import Phase, phase_of
from cop.services.cohorts.panel import course_of_chair


def save(work: Work, *, event_id: int, answers: Answers) -> None:
    """Keep the acting person's answers to some of the questions; None takes one back.

    What no longer follows from the other answers goes.
    """
    application = _lock_own(work, event_id)
    cohort = work.session.get_one(Cohort, event_id)
    items = SETS[CURRENT].asked_of(gender_identity=cohort.asks_gender_identity)
    kept = _lock_answers(work, application)
    before: dict[str, Any] = json.loads(kept.answers) if kept is not None else {}
    clean, problems = check(items, {**before, **answers}, whole=False)
    for problem in problems:
        raise Refusal(problem.message, field=problem.code, **problem.params)
    if kept is None:
        application.equality_key = token_urlsafe(24)
        kept = EqualityAnswer(key=application.equality_key)
        work.session.add(kept)
    kept.version, kept.answers = CURRENT, json.dumps(clean)
    work.session.flush()


def take_back(work: Work, *, event_id: int) -> None:
    """Remove all that the acting person told us."""
    forget(work, _lock_own(work, event_id))


def forget(work: Work, application: Application) -> None:
    """Remove the answers behind an application, and the way to them; the caller holds its lock."""
    if application.equality_key is not None:
        work.session.execute(delete(EqualityAnswer).where(EqualityAnswer.key == application.equality_key))
        application.equality_key = None
        work.session.flush()


def edit_questions(work: Work, *, event_id: int, asks: bool) -> None:
    """Whether applicants are also asked about gender identity."""
    _event, cohort = course_of_chair(work, event_id)
    cohort.asks_gender_identity = asks
    work.session.flush()


def _lock_own(work: Work, event_id: int) -> Application:
    """The acting person's submitted application, while its answers can still be changed."""
    own = select(Application).where(
        Application.cohort_id == event_id,
        Application.person_id == work.actor.person_id,
        Application.state == ApplicationState.SUBMITTED,
    )
    locked = own.with_for_update(key_share=True).execution_options(populate_existing=True)
    application = work.session.scalars(locked).one_or_none()
    if application is None:
        raise NotFound
    event = work.session.get_one(Event, event_id)
    if phase_of(event, work.now) is not Phase.OPEN:
        raise Refusal(marked("Applications have closed, so your answers to the equality questions stay as they are"))
    return application


def _lock_answers(work: Work, application: Application) -> EqualityAnswer | None:
    if application.equality_key is None:
        return None
    found = select(EqualityAnswer).where(EqualityAnswer.key == application.equality_key)
    return work.session.scalars(found.with_for_update().execution_options(populate_existing=True)).one_or_none()
