"""Reviews of decisions: somebody who was not chosen asks for one, once, and the chair answers.

Nobody of the panel is told: who scored does not learn who asked, and scores stay as they are.
"""

from enum import StrEnum

from sqlalchemy import func, select

from cop.core.errors import NotFound, Refusal, marked
from cop.core.work import Work
from cop.models.accounts import Person
from cop.models.cohorts import Application, ApplicationState, Cohort, Decision, DecisionOutcome, Reconsideration
from cop.models.events import Event
from cop.models.outbox import OutboxClass
from cop.queries.cohorts.reconsidering import NOT_CHOSEN, decided
from cop.services import outbox
from cop.services.cohorts.offers import can_offer, offer_place
from cop.services.cohorts.panel import acting_person, application_to_judge, course_of_chair
from cop.services.cohorts.record import Chosen, note_override

AFTER_REVIEW = marked("The decision was changed after a review of it")
"""What stands on the record of a draw; the words of the review are for the person only."""


class CameOf(StrEnum):
    """What a review came to. ``reserve``: the decision was changed, and no place is free; ``noted``: nor will be."""

    STAYS = "stays"
    OFFERED = "offered"
    RESERVE = "reserve"
    NOTED = "noted"


def ask(work: Work, *, public_id: str, words: str) -> Reconsideration:
    """Ask for a review of the decision on the acting person's own application."""
    held = select(Application).where(Application.public_id == public_id).with_for_update()
    application = work.session.scalars(held.execution_options(populate_existing=True)).one_or_none()
    if application is None or application.person_id != work.actor.person_id:
        raise NotFound
    found = decided(work, public_id=public_id)
    if found.asked is not None:
        raise Refusal(marked("You have asked for a review of this decision already"))
    if found.decision.outcome not in NOT_CHOSEN:
        raise Refusal(marked("You were offered a place meanwhile, so there is nothing to review"))
    if not found.can_be_asked(work.now):
        raise Refusal(marked("The time to ask for a review is over"))
    asked = Reconsideration(application_id=application.id, words=words, asked_at=work.now)
    work.session.add(asked)
    work.session.flush()
    return asked


def answer(work: Work, *, cohort_id: int, number: int, changed: bool, words: str) -> CameOf:
    """Tell the person what came of the review. A changed decision is an offer where a place is free; else it is noted
    by a place on the reserve list, whose people can have the next free place.
    """
    event, cohort = course_of_chair(work, cohort_id)
    application = application_to_judge(work, cohort_id, number)
    held = select(Reconsideration).where(Reconsideration.application_id == application.id).with_for_update()
    asked = work.session.scalars(held.execution_options(populate_existing=True)).one_or_none()
    if asked is None:
        raise NotFound
    if asked.answered_at is not None:
        raise Refusal(marked("Somebody else answered this request a moment ago. The person is told already."))
    came_of = _change(work, event, cohort, application) if changed else CameOf.STAYS
    asked.answer, asked.changed = words, changed
    asked.answered_by, asked.answered_at = acting_person(work), work.now
    outbox.post(
        work,
        key=f"decision-reviewed:{application.id}",
        to=work.session.get_one(Person, application.person_id),
        template="decision_reviewed",
        urgency=OutboxClass.TIMELY,
        application_id=application.id,
        came_of=came_of,
    )
    work.session.flush()
    return came_of


def _change(work: Work, event: Event, cohort: Cohort, application: Application) -> CameOf:
    decision = work.session.get_one(Decision, application.id, populate_existing=True)
    if decision.outcome not in NOT_CHOSEN:
        raise Refusal(marked("This person was offered a place meanwhile. Answer that the decision stays as it is now."))
    number, before = application.number or 0, Chosen(decision.outcome, decision.reserve_rank)
    if can_offer(work, event, cohort):
        note_override(work, cohort, {number: (before, Chosen(DecisionOutcome.OFFER))}, reason=AFTER_REVIEW)
        offer_place(work, event, cohort, application, decision, by=acting_person(work))
        return CameOf.OFFERED
    if not can_offer(work, event, cohort, once_free=True):
        return CameOf.NOTED
    if decision.outcome is DecisionOutcome.DECLINE:
        after = Chosen(DecisionOutcome.RESERVE, _last_rank(work, cohort) + 1)
        note_override(work, cohort, {number: (before, after)}, reason=AFTER_REVIEW)
        decision.outcome, decision.reserve_rank = DecisionOutcome.RESERVE, after.rank
        decision.decided_by, decision.decided_at = acting_person(work), work.now
        cohort.choice_revision += 1
    return CameOf.RESERVE


def _last_rank(work: Work, cohort: Cohort) -> int:
    ranks = (
        select(func.max(Decision.reserve_rank))
        .join(Application, Application.id == Decision.application_id)
        .where(Application.cohort_id == cohort.event_id, Application.state == ApplicationState.SUBMITTED)
    )
    return work.session.scalar(ranks) or 0
