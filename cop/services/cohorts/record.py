"""The record of a course's selection: steps are added to its chain, and a choice that the draw made is overridden."""

from collections.abc import Mapping
from typing import Any

from cop.core.chain import canonical, link
from cop.core.errors import Refusal, marked
from cop.core.work import Work
from cop.models.cohorts import Cohort, DecisionOutcome, Selection, SelectionStep
from cop.queries.cohorts.drawing import Chain, Override, Reach, chain_of

BROKEN = marked(
    "Step %(number)s of the record of this selection is not what was recorded. Nothing can be added. Tell whoever "
    "looks after the service."
)


def append(work: Work, cohort: Cohort, step: SelectionStep, body: Mapping[str, Any]) -> Selection:
    """Add a step; the course is locked. Nothing is added to a record that somebody changed."""
    chain = chain_of(work, cohort.event_id)
    if chain.fault is not None:
        raise Refusal(BROKEN, number=chain.fault)
    text, number, previous = canonical(body), len(chain.steps) + 1, chain.last_hash
    added = Selection(
        cohort_id=cohort.event_id,
        number=number,
        step=step,
        body=text,
        previous=previous,
        hash=link(previous, of=str(cohort.event_id), number=number, step=step, body=text, at=work.now),
        by_person_id=work.actor.person_id,
        at=work.now,
    )
    work.session.add(added)
    work.session.flush()
    return added


Outcome = DecisionOutcome | None


def note_override(work: Work, cohort: Cohort, changes: Mapping[int, tuple[Outcome, Outcome]], *, reason: str) -> None:
    """Where a draw stands, put on record who has an offer now that had none, or the other way round, and why.

    ``changes`` are outcomes before and after; those that give or take no offer are nobody’s chance and not recorded.
    """
    offer = DecisionOutcome.OFFER
    told = [
        {"number": number, "from": before, "to": after}
        for number, (before, after) in sorted(changes.items())
        if (before is offer) != (after is offer)
    ]
    chain = chain_of(work, cohort.event_id) if told else None
    if chain is None or (chain.fault is None and chain.reach is not Reach.DRAWN):
        return
    if not reason:
        raise Refusal(
            marked("These places were drawn. Say why you change who has an offer; it stands in the report."),
            field="reason",
        )
    append(work, cohort, SelectionStep.OVERRIDDEN, {"kind": Override.CHOICE, "changes": told, "reason": reason})


def refuse_half_drawn(chain: Chain) -> None:
    """A draw that was begun is finished or set aside before anything is released."""
    if chain.reach in {Reach.FROZEN, Reach.SEALED}:
        raise Refusal(marked("A draw is begun. Draw the panel first, or set the draw aside."))
