"""What a draw tells everybody: how likely each place was, what came of it, and how to check it. It names nobody.

Before the release the chair reads it, and whoever of the panel has a conflict with nobody: counts of a small group can
tell what became of somebody one knows. Numbers of applications are then for a chair who may see them all: whoever has
a conflict knows which numbers are missing from their lists.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cop.algorithms.lottery import recorded
from cop.algorithms.lottery.reports import report
from cop.core.access import PANEL
from cop.core.errors import NotFound
from cop.core.work import Reading
from cop.models.cohorts import Cohort, SelectionPolicy, SelectionStep
from cop.models.events import Event, EventKind
from cop.queries import events
from cop.queries.cohorts import drawing
from cop.queries.cohorts.calls import cohort_of
from cop.queries.cohorts.drawing import Chain, Step, Wish, appointable, chain_of, pool_of, record_of, wishes
from cop.queries.cohorts.panel import is_chair
from cop.queries.cohorts.selection import everybody

OF_REPLACEMENT = ("seed", "joined", "lottery", "changes")
"""What everybody is told of a place that was drawn later: who kept theirs and who waited is for the chair."""


@dataclass(frozen=True)
class Chances:
    """So many people had this chance, in per cent with one digit."""

    percent: float
    people: int


@dataclass(frozen=True)
class Aim:
    """A target, how many of those drawn are of its group, and how many of those from whom they were drawn."""

    attribute: str
    value: str
    minimum: int | None
    maximum: int | None
    drawn: int
    in_pool: int


@dataclass(frozen=True)
class Report:
    """The draw that stands. ``told`` is what ``cop lottery --verify`` reads.

    ``names_numbers``: whether the reader may be told numbers; ``is_panel``: whether they are of the panel, who also see
    of how many people each group was drawn from. ``set_aside`` are the reasons for which draws were begun anew.
    """

    event: Event
    cohort: Cohort
    chain: Chain
    frozen: Step
    sealed: Step
    drawn: Step
    told: Mapping[str, Any]
    binding: Sequence[Wish]
    set_aside: Sequence[Step]
    names_numbers: bool
    is_panel: bool

    @property
    def is_lottery(self) -> bool:
        return bool(self.frozen.body["policy"] == SelectionPolicy.LOTTERY)

    @property
    def good(self) -> int:
        """How many people the panel was drawn from."""
        return len(self.told["chances"]) - len(self.frozen.body["fixed_out"].keys() & self.told["chances"].keys())

    @property
    def chances(self) -> Sequence[Chances]:
        """Of all whom the draw decided about, the largest first."""
        fixed = {*self.frozen.body["fixed_in"], *self.frozen.body["fixed_out"]}
        found = Counter(round(100 * chance, 1) for name, chance in self.told["chances"].items() if name not in fixed)
        return [Chances(percent, people) for percent, people in sorted(found.items(), reverse=True)]

    @property
    def aims(self) -> Sequence[Aim]:
        body, panel = self.frozen.body, set(self.drawn.body["panel"])
        good = appointable(body)

        def count(raw: Mapping[str, Any], numbers: set[int]) -> int:
            return sum(
                told["features"].get(raw["attribute"]) == raw["value"] for told in good if told["number"] in numbers
            )

        everyone = {told["number"] for told in good}
        return [Aim(**raw, drawn=count(raw, panel), in_pool=count(raw, everyone)) for raw in body["targets"]]


def report_of(read: Reading, *, slug: str) -> Report:
    """NotFound before anything was drawn, and before the release for all but those of the panel who may know."""
    event = events.event_page(read, slug=slug, kind=EventKind.COHORT)
    cohort = cohort_of(read, event)
    is_panel = read.actor.may(*PANEL, programme_id=event.programme_id, event_id=event.id)
    is_out, is_its_chair = cohort.released_at is not None, is_chair(read.actor, event)
    sees_all = is_panel and not is_out and _sees_all(read, cohort)
    if not (is_out or is_its_chair or sees_all):
        raise NotFound
    found = _report(
        event,
        cohort,
        chain_of(read, event.id),
        names_numbers=is_out or (is_its_chair and sees_all),
        is_panel=is_panel,
    )
    if found is None:
        raise NotFound
    return found


def _report(event: Event, cohort: Cohort, chain: Chain, *, names_numbers: bool, is_panel: bool) -> Report | None:
    """Of the draw that stands, if one does; the caller has checked who reads."""
    if chain.frozen is None or chain.sealed is None or chain.drawn is None:
        return None
    return Report(
        event=event,
        cohort=cohort,
        chain=chain,
        frozen=chain.frozen,
        sealed=chain.sealed,
        drawn=chain.drawn,
        told=_told(event, chain, chain.frozen, chain.sealed, chain.drawn),
        binding=wishes(chain.frozen.body, chain.drawn.body["binding"]),
        set_aside=[
            step for step in chain.steps if step.step is SelectionStep.OVERRIDDEN and step.body["kind"] == "draw"
        ],
        names_numbers=names_numbers,
        is_panel=is_panel,
    )


def _sees_all(read: Reading, cohort: Cohort) -> bool:
    """Whether the actor has a conflict with nobody who applied."""
    return all(hidden is None for _, hidden in everybody(read, cohort, with_scores=True))


def _told(event: Event, chain: Chain, frozen: Step, sealed: Step, drawn: Step) -> Mapping[str, Any]:
    pool, panel = pool_of(frozen.body), [str(number) for number in drawn.body["panel"]]
    if sealed.body["lottery"] is not None:
        record, gap, stage = record_of(sealed.body["lottery"]), sealed.body["gap"], sealed.body["stage"]
    else:
        record, gap, stage = recorded(pool.digest(), [(1, panel)]), 0.0, "finished"
    checked = report(
        pool,
        record,
        seed=drawn.body["seed"],
        panel=panel,
        policy=frozen.body["policy"],
        stage=stage,
        gap=gap,
        binding=drawn.body["binding"],
        unreachable=sealed.body["unreachable"],
    )
    return {
        "course": event.title,
        **checked,
        "secret": drawn.body["secret"],
        "commitment": sealed.body["commitment"],
        "words": drawn.body["words"],
        "words_from": sealed.body["source"],
        "fixed_in": frozen.body["fixed_in"],
        "fixed_out": frozen.body["fixed_out"],
        "steps": [
            {
                "number": step.number,
                "step": step.step,
                "at": step.at.isoformat(),
                "previous": step.previous,
                "hash": step.hash,
            }
            for step in chain.steps
        ],
        "overrides": [{"at": step.at.isoformat(), **step.body} for step in chain.overrides],
        "replacements": [
            {"at": step.at.isoformat(), **{name: step.body[name] for name in OF_REPLACEMENT}}
            for step in chain.replacements
        ],
    }


def record_with_bodies(read: Reading, *, slug: str) -> Sequence[Mapping[str, Any]]:
    """The whole record with the text of each step, from which its hash is made: for a chair who may see everybody."""
    event = events.event_page(read, slug=slug, kind=EventKind.COHORT)
    if not is_chair(read.actor, event):
        raise NotFound
    chain = chain_of(read, event.id)
    if chain.drawn is None or not _sees_all(read, cohort_of(read, event)):
        raise NotFound
    return [
        {
            "of": str(event.id),
            "number": step.number,
            "step": step.step,
            "at": step.at.isoformat(),
            "previous": step.previous,
            "body": step.text,
            "hash": step.hash,
        }
        for step in chain.steps
    ]


def was_drawn(read: Reading, cohort: Cohort) -> bool:
    """Whether there is a report for everybody: a course whose decisions are out, and a draw."""
    if cohort.released_at is None:
        return False
    return drawing.was_drawn(read, cohort.event_id) and chain_of(read, cohort.event_id).drawn is not None


@dataclass(frozen=True)
class Chance:
    """What the draw was for one person; no ``percent`` where it did not decide about them."""

    percent: float | None
    people: int
    places: int


def chance_of(read: Reading, *, event: Event, cohort: Cohort, number: int | None) -> Chance | None:
    """For the applicant with this number, once the decisions are out; None where nothing was drawn."""
    if number is None or cohort.released_at is None:
        return None
    found = _report(event, cohort, chain_of(read, event.id), names_numbers=True, is_panel=False)
    if found is None:
        return None
    fixed = {*found.frozen.body["fixed_in"], *found.frozen.body["fixed_out"]}
    chance = found.told["chances"].get(str(number)) if found.is_lottery and str(number) not in fixed else None
    percent = round(100 * chance, 1) if chance is not None else None
    return Chance(percent, found.good, len(found.drawn.body["panel"]))
