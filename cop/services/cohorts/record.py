"""The record of a course's selection: steps are added to its chain, and a choice that the draw made is overridden."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cop.core.chain import canonical, link
from cop.core.errors import Refusal, marked
from cop.core.work import Work
from cop.models.cohorts import Cohort, DecisionOutcome, Selection, SelectionPolicy, SelectionStep
from cop.models.offers import OfferState
from cop.queries.cohorts.drawing import Chain, Override, Reach, chain_of

BROKEN = marked(
    "Step %(number)s of the record of this selection is not what was recorded. Nothing can be added. Tell whoever "
    "looks after the service."
)


def append(work: Work, cohort: Cohort, chain: Chain, step: SelectionStep, body: Mapping[str, Any]) -> Selection:
    """Add a step to the record, which was read since the course was locked. None is added where somebody changed it."""
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


@dataclass(frozen=True)
class Chosen:
    """What is chosen for an application, with the rank of a reserve; ``withdrawn`` is an offer that was taken back."""

    outcome: DecisionOutcome | OfferState | None
    rank: int | None = None


def note_override(work: Work, cohort: Cohort, changes: Mapping[int, tuple[Chosen, Chosen]], *, reason: str) -> None:
    """Where a draw stands, put on record who gets or loses an offer or a place among the reserves, and why.

    ``changes`` are choices before and after. All others are nobody’s chance and not recorded; the rank of a reserve is
    one where scores decide.
    """
    changed = {number: (before, after) for number, (before, after) in changes.items() if before != after}
    chain = chain_of(work, cohort.event_id) if changed else None
    if chain is None or (chain.fault is None and chain.reach is not Reach.DRAWN):
        return
    told = [_told(chain, number, *change) for number, change in sorted(changed.items()) if _counts(chain, *change)]
    if not told:
        return
    if not reason:
        raise Refusal(
            marked(
                "These places were drawn. Say why you change who has an offer or is a reserve; it stands in the report."
            ),
            field="reason",
        )
    body = {"kind": Override.CHOICE, "changes": told, "reason": reason}
    append(work, cohort, chain, SelectionStep.OVERRIDDEN, body)


def _counts(chain: Chain, before: Chosen, after: Chosen) -> bool:
    if before.outcome is after.outcome:
        return _is_ranked(chain)
    return bool({before.outcome, after.outcome} & {DecisionOutcome.OFFER, DecisionOutcome.RESERVE})


def _told(chain: Chain, number: int, before: Chosen, after: Chosen) -> Mapping[str, Any]:
    ranks = {"from_rank": before.rank, "to_rank": after.rank} if _is_ranked(chain) else {}
    return {"number": number, "from": before.outcome, "to": after.outcome, **ranks}


def _is_ranked(chain: Chain) -> bool:
    """Whether reserves come in the order of their ranks."""
    return chain.frozen is not None and chain.frozen.body["policy"] == SelectionPolicy.HIGHEST_SCORES


def refuse_half_drawn(chain: Chain) -> None:
    """Nothing is released in the middle of a draw; nor by hand once a panel was drawn, for then its draw stands or
    another one takes its place.
    """
    if chain.fault is not None:
        raise Refusal(BROKEN, number=chain.fault)
    if chain.was_drawn and chain.reach is not Reach.DRAWN:
        raise Refusal(marked("A panel was drawn and set aside. Draw again first."))
    if chain.reach in {Reach.FROZEN, Reach.SEALED}:
        raise Refusal(marked("A draw is begun. Draw the panel first, or set the draw aside."))
