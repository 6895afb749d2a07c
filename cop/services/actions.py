"""Actions taken home from a summit: taken on by those who came or noted by staff, and said how they stand later."""

from datetime import date

from sqlalchemy import delete, exists, select

from cop.core.errors import NotFound, Refusal, marked
from cop.core.place import day_of
from cop.core.work import Work
from cop.models.commitments import Commitment, CommitmentCheck, CommitmentKind, CommitmentState
from cop.models.events import Event, EventKind, EventState, Part
from cop.queries import actions as queries
from cop.queries.events import may_run
from cop.queries.plans import SOURCE
from cop.services.commitments import say

CHANGED_MEANWHILE = marked(
    "The action was changed meanwhile, in another window or by somebody else. What is saved now stands below: look at "
    "it, then save again."
)


def add_action(work: Work, *, event_id: int, owner: str, what: str, by_on: date) -> Commitment:
    """Take something on from when the day begins: for oneself or one's organisation, or staff for any that came.

    Two that say the same are one: somebody pressed twice.
    """
    event = work.session.get(Event, event_id, with_for_update={"key_share": True})
    if event is None or event.kind is not EventKind.SUMMIT or not queries.may_look(work, event):
        raise NotFound
    if event.state is not EventState.PUBLISHED or not _has_begun(work, event):
        raise Refusal(marked("Actions can be noted from when the day begins"))
    chosen = queries.owners(work, event, own=not may_run(work.actor, event))
    taken_by = next((one for one in chosen if one.key == owner), None)
    if taken_by is None:
        raise Refusal(marked("Choose who takes it on"), field="owner")
    _refuse_past(work, by_on)
    same = select(Commitment).where(
        Commitment.kind == CommitmentKind.ACTION,
        Commitment.source_kind == SOURCE,
        Commitment.source_id == event.id,
        Commitment.person_id.is_not_distinct_from(taken_by.person_id),
        Commitment.organisation_id.is_not_distinct_from(taken_by.organisation_id),
        Commitment.what == what,
        Commitment.by_on == by_on,
    )
    known = work.session.scalars(same).first()
    if known is not None:
        return known
    action = Commitment(
        kind=CommitmentKind.ACTION,
        person_id=taken_by.person_id,
        organisation_id=taken_by.organisation_id,
        source_kind=SOURCE,
        source_id=event.id,
        what=what,
        by_on=by_on,
        check_on=by_on,
        revision=1,
        made_at=work.now,
        changed_at=work.now,
    )
    work.session.add(action)
    work.session.flush()
    return action


def _has_begun(work: Work, event: Event) -> bool:
    return bool(work.session.scalar(select(exists().where(Part.event_id == event.id, Part.starts_at <= work.now))))


def _refuse_past(work: Work, by_on: date) -> None:
    if by_on < day_of(work.now):
        raise Refusal(marked("The day has to be today or later"), field="by_on")


def edit_action(work: Work, *, public_id: str, what: str, by_on: date, seen: int) -> Commitment:
    """Put it in other words, or for another day: whoever has taken it on, or staff. On that day they are asked."""
    event, action = _locked(work, public_id)
    if not (may_run(work.actor, event) or _speaks_for(work, action)):
        raise NotFound
    if seen != action.revision:
        raise Refusal(CHANGED_MEANWHILE)
    if by_on != action.by_on:
        _refuse_past(work, by_on)
    action.what, action.by_on, action.check_on = what, by_on, by_on
    action.revision += 1
    action.changed_at = work.now
    work.session.flush()
    return action


def check_action(work: Work, *, public_id: str, state: CommitmentState, what_happened: str, seen: int) -> Commitment:
    """Say how it stands: whoever has taken it on, by the link in the mail too, or staff, whom they told."""
    event, action = _locked(work, public_id)
    if not (may_run(work.actor, event) or _speaks_for(work, action)):
        raise NotFound
    return say(work, action, state=state, what_happened=what_happened, seen=seen, changed=CHANGED_MEANWHILE)


def remove_action(work: Work, *, public_id: str, seen: int) -> None:
    """Staff take away what was noted by mistake."""
    event, action = _locked(work, public_id)
    if not may_run(work.actor, event):
        raise NotFound
    if seen != action.revision:
        raise Refusal(CHANGED_MEANWHILE)
    work.session.execute(delete(CommitmentCheck).where(CommitmentCheck.commitment_id == action.id))
    work.session.delete(action)
    work.session.flush()


def _locked(work: Work, public_id: str) -> tuple[Event, Commitment]:
    found = select(Commitment).where(Commitment.public_id == public_id, Commitment.kind == CommitmentKind.ACTION)
    action = work.session.scalars(found.with_for_update().execution_options(populate_existing=True)).one_or_none()
    if action is None:
        raise NotFound
    return work.session.get_one(Event, action.source_id), action


def _speaks_for(work: Work, action: Commitment) -> bool:
    if work.actor.person_id is None:
        return False
    try:
        queries.asked(work, commitment_id=action.id, person_id=work.actor.person_id)
    except NotFound:
        return False
    return True
