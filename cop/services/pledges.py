"""Pledges: made by people for themselves and by leads for their organisation, and said to be kept or not."""

from datetime import date

from sqlalchemy import delete, func, select

from cop.core.errors import NotFound, Refusal, marked
from cop.core.place import day_of
from cop.core.work import Work
from cop.models.accounts import Person
from cop.models.adoption import StoryLink
from cop.models.commitments import Commitment, CommitmentCheck, CommitmentKind, CommitmentState
from cop.queries import pledges as queries
from cop.queries import programmes
from cop.queries.plans import ENDED
from cop.queries.pledges import SOURCE
from cop.services.cohorts.panel import acting_person
from cop.services.commitments import say

OPEN = 20
"""Pledges that one owner may have open."""

CHANGED_MEANWHILE = marked(
    "The pledge was changed meanwhile, in another window or by somebody else. What is saved now stands below: look at "
    "it, then save again."
)


def make_pledge(work: Work, *, owner: str, what: str, by_on: date, slug: str | None = None) -> Commitment:
    """Promise something in the current programme, for oneself or for an organisation; ``owner`` is a key of `owners`.

    Two that say the same are one: somebody pressed twice. ``slug`` names the organisation for which the secretariat
    writes down a pledge.
    """
    programme = programmes.current(work)
    if programme is None:
        raise NotFound
    work.session.execute(select(Person.id).where(Person.id == acting_person(work)).with_for_update(key_share=True))
    chosen = queries.owners(work, programme_id=programme.id, slug=slug)
    taken_by = next((one for one in chosen if one.key == owner), None)
    if taken_by is None:
        raise Refusal(marked("Choose who makes the pledge"), field="owner")
    _refuse_past(work, by_on)
    of_owner = (
        Commitment.kind == CommitmentKind.PLEDGE,
        Commitment.person_id.is_not_distinct_from(taken_by.person_id),
        Commitment.organisation_id.is_not_distinct_from(taken_by.organisation_id),
    )
    same = select(Commitment).where(*of_owner, Commitment.what == what, Commitment.by_on == by_on)
    known = work.session.scalars(same).first()
    if known is not None:
        return known
    still_open = select(func.count()).select_from(Commitment).where(*of_owner, Commitment.state.not_in(ENDED))
    if (work.session.scalar(still_open) or 0) >= OPEN:
        raise Refusal(
            marked("There are %(most)s open pledges already. Say how they stand before you make another."), most=OPEN
        )
    made = Commitment(
        kind=CommitmentKind.PLEDGE,
        person_id=taken_by.person_id,
        organisation_id=taken_by.organisation_id,
        source_kind=SOURCE,
        source_id=programme.id,
        what=what,
        by_on=by_on,
        check_on=by_on,
        revision=1,
        made_at=work.now,
        changed_at=work.now,
    )
    work.session.add(made)
    work.session.flush()
    return made


def _refuse_past(work: Work, by_on: date) -> None:
    if by_on < day_of(work.now):
        raise Refusal(marked("The day has to be today or later"), field="by_on")


def edit_pledge(work: Work, *, public_id: str, what: str, by_on: date, seen: int) -> Commitment:
    """Put it in other words, or for another day, on which its owner is asked."""
    promise = _to_change(work, public_id)
    if seen != promise.revision:
        raise Refusal(CHANGED_MEANWHILE)
    if by_on != promise.by_on:
        _refuse_past(work, by_on)
    promise.what, promise.by_on, promise.check_on = what, by_on, by_on
    promise.revision += 1
    promise.changed_at = work.now
    work.session.flush()
    return promise


def check_pledge(work: Work, *, public_id: str, state: CommitmentState, what_happened: str, seen: int) -> Commitment:
    """Say how it stands: its owner, a lead of the organisation (by the link in the mail too), or the secretariat."""
    promise = _locked(work, public_id)
    if not (queries.may_change(work.actor, promise) or _is_asked(work, promise)):
        raise NotFound
    return say(work, promise, state=state, what_happened=what_happened, seen=seen, changed=CHANGED_MEANWHILE)


def remove_pledge(work: Work, *, public_id: str, seen: int) -> None:
    """Take away what was written by mistake. Once somebody said how it stands it stays, kept or not."""
    promise = _to_change(work, public_id)
    if seen != promise.revision:
        raise Refusal(CHANGED_MEANWHILE)
    said = select(CommitmentCheck.id).where(CommitmentCheck.commitment_id == promise.id).limit(1)
    if work.session.scalar(said) is not None:
        raise Refusal(marked("Somebody has said how it stands already. Say that it is given up, and why."))
    work.session.execute(delete(StoryLink).where(StoryLink.commitment_id == promise.id))
    work.session.delete(promise)
    work.session.flush()


def _to_change(work: Work, public_id: str) -> Commitment:
    promise = _locked(work, public_id)
    if not queries.may_change(work.actor, promise):
        raise NotFound
    return promise


def _locked(work: Work, public_id: str) -> Commitment:
    found = select(Commitment).where(Commitment.public_id == public_id, Commitment.kind == CommitmentKind.PLEDGE)
    promise = work.session.scalars(found.with_for_update().execution_options(populate_existing=True)).one_or_none()
    if promise is None:
        raise NotFound
    return promise


def _is_asked(work: Work, promise: Commitment) -> bool:
    """Whether whoever comes by the link of a mail speaks for the owner today."""
    if work.actor.via != "link" or work.actor.person_id is None:
        return False
    try:
        queries.asked(work, commitment_id=promise.id, person_id=work.actor.person_id)
    except NotFound:
        return False
    return True
