"""Action plans: written by those on a course from its second half-day on, and said how they stand later."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select, update

from cop.core.errors import NotFound, Refusal, marked
from cop.core.place import day_of
from cop.core.work import Work
from cop.models.commitments import Commitment, CommitmentKind, CommitmentState
from cop.models.events import Booking, Event, EventState, Part
from cop.queries.cohorts.roster import HAS_PLACE
from cop.queries.plans import SOURCE, first_check_on, follows_plans, opens_at
from cop.services.commitments import say

CHANGED_MEANWHILE = marked(
    "The plan was changed meanwhile, in another window or by somebody else. What is saved now stands below: look at "
    "it, then save again."
)


def save_plan(
    work: Work,
    *,
    event_id: int,
    person_id: int,
    challenge: str,
    what: str,
    first_step: str,
    by_on: date,
    helpers: str,
    confidence: int,
    seen: int,
) -> Commitment:
    """Write the plan of somebody with a place on the course, or change it: they themselves or its facilitators.

    ``seen`` is the revision that the page showed, 0 where there was no plan.
    """
    event, half_days = _course_to_plan(work, event_id, person_id)
    plan = _locked(work, event, person_id)
    if seen != (plan.revision if plan is not None else 0):
        raise Refusal(CHANGED_MEANWHILE)
    today = day_of(work.now)
    if by_on < today and (plan is None or plan.by_on != by_on):
        raise Refusal(marked("The day of the first step has to be today or later"), field="by_on")
    if plan is None:
        plan = Commitment(
            kind=CommitmentKind.PLAN,
            person_id=person_id,
            source_kind=SOURCE,
            source_id=event.id,
            made_at=work.now,
            check_on=first_check_on(half_days, today),
            revision=0,
        )
        work.session.add(plan)
    plan.challenge, plan.what, plan.first_step, plan.helpers = challenge, what, first_step, helpers
    plan.by_on, plan.confidence = by_on, confidence
    plan.revision += 1
    plan.changed_at = work.now
    work.session.flush()
    return plan


def move_checks(work: Work, event: Event, *, before: date | None, after: date | None) -> None:
    """The last half-day was moved: whoever was to be asked a hundred days after it is asked on the other day."""
    if before is None or after is None:
        return
    moved = update(Commitment).where(
        Commitment.kind == CommitmentKind.PLAN,
        Commitment.source_kind == SOURCE,
        Commitment.source_id == event.id,
        Commitment.check_on == before,
    )
    work.session.execute(moved.values(check_on=after))


def check_plan(
    work: Work, *, event_id: int, person_id: int, state: CommitmentState, what_happened: str, seen: int
) -> Commitment:
    """Say how a plan stands: its owner, by the link in the mail too, or the facilitators, whom they told."""
    event = work.session.get(Event, event_id)
    if event is None or not (work.actor.person_id == person_id or follows_plans(work.actor, event)):
        raise NotFound
    plan = _locked(work, event, person_id)
    if plan is None:
        raise NotFound
    return say(work, plan, state=state, what_happened=what_happened, seen=seen, changed=CHANGED_MEANWHILE)


def _course_to_plan(work: Work, event_id: int, person_id: int) -> tuple[Event, Sequence[Part]]:
    """The course and its half-days, for its people and those who follow their plans, held while the place is."""
    event = work.session.get(Event, event_id)
    is_own = work.actor.person_id == person_id and work.actor.via == "session"
    if event is None or not (is_own or follows_plans(work.actor, event)):
        raise NotFound
    held = select(Booking.id).where(Booking.event_id == event.id, Booking.person_id == person_id, *HAS_PLACE)
    if work.session.scalars(held.with_for_update()).one_or_none() is None:
        raise NotFound
    half_days = work.session.scalars(select(Part).where(Part.event_id == event.id)).all()
    opens = opens_at(half_days)
    if event.state is not EventState.PUBLISHED or opens is None or work.now < opens:
        raise Refusal(marked("Plans can be written from the second half-day on"))
    return event, half_days


def _locked(work: Work, event: Event, person_id: int) -> Commitment | None:
    found = select(Commitment).where(
        Commitment.kind == CommitmentKind.PLAN,
        Commitment.source_kind == SOURCE,
        Commitment.source_id == event.id,
        Commitment.person_id == person_id,
    )
    return work.session.scalars(found.with_for_update()).one_or_none()
