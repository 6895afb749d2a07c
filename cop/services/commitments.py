"""What plans and actions have in common: saying how a promise stands."""

from sqlalchemy import select

from cop.core.errors import Refusal, marked
from cop.core.place import day_of
from cop.core.work import Work
from cop.models.commitments import Commitment, CommitmentCheck, CommitmentState
from cop.services.cohorts.panel import acting_person

NEEDS_WORDS = (CommitmentState.STUCK, CommitmentState.GIVEN_UP)


def say(
    work: Work, promise: Commitment, *, state: CommitmentState, what_happened: str, seen: int, changed: str
) -> Commitment:
    """Note how a locked promise stands; the caller has checked who says it. ``changed`` refuses a stale page.

    The same words a second time are one statement: somebody pressed twice.
    """
    if state in NEEDS_WORDS and not what_happened:
        raise Refusal(marked("Say in a few words what stood in the way"), field="what_happened")
    said = CommitmentCheck(
        commitment_id=promise.id,
        on_date=day_of(work.now),
        state=state,
        what_happened=what_happened,
        by_person_id=acting_person(work),
        at=work.now,
    )
    if _is_said(work, said):
        return promise
    if seen != promise.revision:
        raise Refusal(changed)
    work.session.add(said)
    promise.state = state
    promise.revision += 1
    promise.changed_at = work.now
    work.session.flush()
    return promise


def _is_said(work: Work, said: CommitmentCheck) -> bool:
    """Whether the last statement about the promise is this one."""
    last = select(CommitmentCheck).where(CommitmentCheck.commitment_id == said.commitment_id)
    before = work.session.scalars(last.order_by(CommitmentCheck.id.desc()).limit(1)).one_or_none()
    names = ("on_date", "state", "what_happened", "by_person_id")
    return before is not None and all(getattr(before, name) == getattr(said, name) for name in names)
