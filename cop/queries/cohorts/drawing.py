"""Reads about the draw of a course: the record of its steps, the pool as it stands, and the report for everybody.

The record names applications by their numbers. Until the decisions are released, numbers that somebody may not see are
told to them on no page; what is computed here holds for all applications nevertheless.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import exists, select

from cop.algorithms.lottery import (
    Change,
    Contradiction,
    Demand,
    Person,
    Pool,
    Recorded,
    Side,
    Target,
    Unsolved,
    conflict,
    relaxations,
)
from cop.core.chain import FIRST, canonical, digest, link
from cop.core.work import Reading
from cop.models.cohorts import Cohort, Selection, SelectionStep
from cop.models.events import Event
from cop.queries.cohorts.panel import places_free
from cop.queries.cohorts.preparing import version_of
from cop.queries.cohorts.selection import Attribute, Candidate, everybody

DECIMALS = 4
"""Of a score as the record has it: means of a few scores with two digits differ by more."""

REVIEWS_LEAST = 2
"""Fewer reviews than this are worth a word, where the course does not say how many it wants."""


class Reach(StrEnum):
    """How far a draw has come."""

    OPEN = "open"
    FROZEN = "frozen"
    SEALED = "sealed"
    DRAWN = "drawn"


class Override(StrEnum):
    """What was overridden: a choice that the draw had made, or the whole draw, which then begins anew."""

    CHOICE = "choice"
    DRAW = "draw"


@dataclass(frozen=True)
class Step:
    """One step of the record; ``body`` is what its text says."""

    number: int
    step: SelectionStep
    body: Mapping[str, Any]
    text: str
    previous: str
    hash: str
    at: datetime
    by_person_id: int | None


@dataclass(frozen=True)
class Chain:
    """The record of one course. ``fault`` is the number of the first step whose hash is not what it should be.

    ``frozen``, ``sealed`` and ``drawn`` are the steps of the draw that stands; ``overrides`` and ``replacements`` are
    what came after it was drawn. Where there is a fault, nothing stands.
    """

    steps: Sequence[Step]
    fault: int | None
    frozen: Step | None = None
    sealed: Step | None = None
    drawn: Step | None = None
    overrides: Sequence[Step] = ()
    replacements: Sequence[Step] = ()

    @property
    def reach(self) -> Reach:
        if self.drawn is not None:
            return Reach.DRAWN
        if self.sealed is not None:
            return Reach.SEALED
        return Reach.FROZEN if self.frozen is not None else Reach.OPEN

    @property
    def last_hash(self) -> str:
        return self.steps[-1].hash if self.steps else FIRST

    @property
    def was_drawn(self) -> bool:
        """Whether a panel was ever drawn: by the draw that stands, or by one that was set aside."""
        return any(step.step is SelectionStep.DRAWN for step in self.steps)


def chain_of(read: Reading, cohort_id: int) -> Chain:
    """The whole record of a course; the caller has checked who reads."""
    rows = read.session.scalars(
        select(Selection)
        .where(Selection.cohort_id == cohort_id)
        .order_by(Selection.number)
        .execution_options(populate_existing=True)
    ).all()
    steps = [
        Step(
            row.number,
            row.step,
            _content(row.body),
            row.body,
            row.previous,
            row.hash,
            row.at,
            row.by_person_id,
        )
        for row in rows
    ]
    fault = _fault(str(cohort_id), steps)
    return _standing(Chain(steps, None)) if fault is None else Chain(steps, fault)


def was_drawn(read: Reading, cohort_id: int) -> bool:
    """The same as of its chain, without reading it."""
    drawn = exists().where(Selection.cohort_id == cohort_id, Selection.step == SelectionStep.DRAWN)
    return bool(read.session.scalar(select(drawn)))


def _content(text: str) -> Any:
    """What a body says; nothing where somebody has changed it to what is no JSON."""
    try:
        return json.loads(text)
    except ValueError:
        return {}


def _fault(of: str, steps: Sequence[Step]) -> int | None:
    previous = FIRST
    for number, step in enumerate(steps, start=1):
        right = link(previous, of=of, number=number, step=step.step, body=step.text, at=step.at)
        if (step.number, step.previous, step.hash) != (number, previous, right):
            return number
        previous = step.hash
    return None


def _standing(chain: Chain) -> Chain:
    for step in chain.steps:
        match step.step:
            case SelectionStep.FROZEN:
                chain = replace(chain, frozen=step)
            case SelectionStep.SEALED:
                chain = replace(chain, sealed=step)
            case SelectionStep.DRAWN:
                chain = replace(chain, drawn=step)
            case SelectionStep.REPLACED:
                chain = replace(chain, replacements=[*chain.replacements, step])
            case SelectionStep.OVERRIDDEN if step.body["kind"] == Override.CHOICE:
                chain = replace(chain, overrides=[*chain.overrides, step])
            case SelectionStep.OVERRIDDEN:
                chain = Chain(chain.steps, chain.fault)
    return chain


def broken_chains(read: Reading) -> list[str]:
    """A line for each course whose record was changed; for whoever looks after the service."""
    found = []
    for cohort_id in read.session.scalars(select(Selection.cohort_id).distinct().order_by(Selection.cohort_id)).all():
        fault = chain_of(read, cohort_id).fault
        if fault is not None:
            found.append(f"step {fault} of the selection of course {cohort_id} is not what was recorded")
    return found


@dataclass(frozen=True)
class Fixed:
    """Who is on the panel, or off it, whatever the draw says; each number with the reason."""

    inside: Mapping[int, str]
    outside: Mapping[int, str]


NOBODY = Fixed({}, {})


def pool_as_it_stands(event: Event, cohort: Cohort, candidates: Iterable[Candidate], fixed: Fixed) -> dict[str, Any]:
    """What freezing puts on record: everything that the draw knows, and nothing else; organisations under an alias.

    An organisation that the directory does not have goes by what was typed. ``candidates`` are all, with their scores.
    """
    aliases: dict[int | str, str] = {}
    people = []
    for one in sorted(candidates, key=lambda one: one.number):
        organisation = one.organisation_id if one.organisation_id is not None else one.typed_organisation
        if organisation is not None:
            aliases.setdefault(organisation, f"o{len(aliases) + 1}")
        people.append(
            {
                "number": one.number,
                "score": round(one.score, DECIMALS) if one.score is not None else None,
                "organisation": aliases[organisation] if organisation is not None else None,
                "features": {str(each): one.value(each) for each in Attribute if one.value(each)},
            }
        )
    body: dict[str, Any] = {
        "policy": str(cohort.policy),
        "threshold": cohort.threshold,
        "places": places_free(event),
        "per_organisation": event.per_organisation,
        "targets": [
            {name: raw[name] for name in ("attribute", "value", "minimum", "maximum")} for raw in cohort.targets
        ],
        "people": people,
        "fixed_in": {str(number): reason for number, reason in sorted(fixed.inside.items())},
        "fixed_out": {str(number): reason for number, reason in sorted(fixed.outside.items())},
    }
    return body


def fixed_of(body: Mapping[str, Any]) -> Fixed:
    return Fixed(
        *({int(number): reason for number, reason in body[side].items()} for side in ("fixed_in", "fixed_out"))
    )


def appointable(body: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """Those of a frozen pool from whom a panel is drawn: good enough, or fixed in; those fixed out among them."""
    least = body["threshold"]
    return [
        person
        for person in body["people"]
        if str(person["number"]) in body["fixed_in"]
        or (person["score"] is not None and (least is None or person["score"] >= least))
    ]


def person_of(told: Mapping[str, Any]) -> Person:
    return Person(str(told["number"]), told["features"], told["organisation"])


def targets_of(body: Mapping[str, Any]) -> list[Target]:
    return [Target(raw["attribute"], raw["value"], raw["minimum"] or 0, raw["maximum"]) for raw in body["targets"]]


def pool_of(body: Mapping[str, Any]) -> Pool:
    """The question that a frozen pool asks. Raises ``Contradiction``."""
    people = [person_of(told) for told in appointable(body)]
    return Pool(
        people,
        body["places"],
        targets_of(body),
        body["per_organisation"],
        frozenset(body["fixed_in"]),
        frozenset(body["fixed_out"]) & {person.id for person in people},
    )


def scores_of(body: Mapping[str, Any]) -> dict[str, int]:
    """Scores in whole numbers, for the policy that looks at them; who is fixed in may have none."""
    return {str(told["number"]): round((told["score"] or 0) * 10**DECIMALS) for told in appointable(body)}


def has_changed(event: Event, cohort: Cohort, candidates: Iterable[Candidate], frozen: Step) -> bool:
    """Whether the pool of a frozen step is not the one that there is now: somebody withdrew, or a target changed."""
    now = pool_as_it_stands(event, cohort, candidates, fixed_of(frozen.body))
    return canonical(now) != canonical({name: frozen.body[name] for name in now})


def record_of(body: Mapping[str, Any]) -> Recorded:
    """The lottery as a step keeps it."""
    return Recorded(body["pool"], tuple((number, tuple(panel)) for number, panel in body["panels"]))


def lottery_on_record(record: Recorded) -> dict[str, Any]:
    return {"pool": record.pool, "panels": [[number, list(panel)] for number, panel in record.panels]}


@dataclass(frozen=True)
class Wish:
    """A demand of the targets in a form that a page can name; ``position`` is that of its target in the list."""

    demand: Demand
    position: int | None
    becomes: int | None = None


@dataclass(frozen=True)
class Trouble:
    """Why no panel keeps all targets, and the smallest changes that would help; empty if the solver cannot say."""

    conflict: Sequence[Wish]
    ways: Sequence[Sequence[Wish]]


def trouble_with(body: Mapping[str, Any], pool: Pool) -> Trouble | None:
    """What stands in the way of any panel; None if there is one."""
    try:
        found = conflict(pool)
        ways = relaxations(pool) if found is not None else []
    except (Unsolved, ArithmeticError):
        return Trouble((), ())
    if found is None:
        return None
    return Trouble(
        [_wish(body, demand) for demand in found],
        [[_wish(body, change) for change in way] for way in ways],
    )


def _wish(body: Mapping[str, Any], what: Demand | Change) -> Wish:
    demand = what.demand if isinstance(what, Change) else what
    named = [(raw["attribute"], raw["value"]) for raw in body["targets"]]
    position = None if demand.side is Side.PER_ORGANISATION else named.index((demand.feature, demand.value))
    return Wish(demand, position, what.becomes if isinstance(what, Change) else None)


def wishes(body: Mapping[str, Any], told: Sequence[Mapping[str, Any]]) -> Sequence[Wish]:
    """Demands or changes as a step keeps them."""
    found = []
    for each in told:
        demand = Demand(each["attribute"], each["value"], Side(each["side"]), each["bound"])
        found.append(_wish(body, Change(demand, each["becomes"]) if "becomes" in each else demand))
    return found


@dataclass(frozen=True)
class Standing:
    """All that the chair's page about the draw shows.

    ``hidden`` are numbers that the acting chair may not see. Of a pool that is not frozen yet: ``below`` the threshold,
    ``unscored``, ``thin`` (with fewer reviews than wanted) and ``trouble`` with the targets are looked at as it stands.
    """

    chain: Chain
    body: Mapping[str, Any]
    pool: Pool | None
    contradiction: str
    trouble: Trouble | None
    unscored: int
    thin: int
    hidden: frozenset[int]
    has_changed: bool
    free: int | None
    reserves: int

    @property
    def seen(self) -> str:
        """What the page was made from, so that two chairs cannot overrun each other."""
        return seen_of(self.chain)

    @property
    def good(self) -> int:
        return len(appointable(self.body))

    @property
    def below(self) -> int:
        return len(self.body["people"]) - self.good - self.unscored

    def may_see(self, number: int | str) -> bool:
        return int(number) not in self.hidden


def seen_of(chain: Chain) -> str:
    return version_of(chain.last_hash)


def standing(read: Reading, cohort: Cohort, chain: Chain | None = None) -> Standing:
    """The draw as the acting chair sees it; the caller has checked that they are the chair, and may have the chain."""
    chain, event = chain or chain_of(read, cohort.event_id), cohort.event
    everyone = everybody(read, cohort, with_scores=True)
    candidates = [one for one, _ in everyone]
    body = chain.frozen.body if chain.frozen is not None else pool_as_it_stands(event, cohort, candidates, NOBODY)
    good = {told["number"] for told in appointable(body)}
    pool, contradiction, trouble = None, "", None
    if cohort.threshold is not None and body["places"]:
        try:
            pool = pool_of(body)
        except Contradiction as error:
            contradiction = str(error)
    if chain.reach is Reach.OPEN and pool is not None:
        trouble = trouble_with(body, pool)
    wanted = cohort.reviews_wanted or REVIEWS_LEAST
    return Standing(
        chain=chain,
        body=body,
        pool=pool,
        contradiction=contradiction,
        trouble=trouble,
        unscored=sum(told["score"] is None and told["number"] not in good for told in body["people"]),
        thin=sum(one.number in good and one.reviews < wanted for one in candidates),
        hidden=frozenset(one.number for one, hidden in everyone if hidden is not None),
        has_changed=(
            chain.reach in {Reach.FROZEN, Reach.SEALED}
            and chain.frozen is not None
            and has_changed(event, cohort, candidates, chain.frozen)
        ),
        free=places_free(event),
        reserves=sum(one.rank is not None for one in candidates),
    )


def version_of_selecting(event: Event, cohort: Cohort) -> str:
    return version_of(cohort.policy, cohort.threshold, event.per_organisation)


def seed_words(pool: str, secret: str, words: str) -> str:
    """The words whose SHA-256 is the seed of a draw: the digest of the pool, the secret and what the panel said."""
    return f"{pool}/{secret}/{words}"


def replacement_words(previous: str, secret: str) -> str:
    """The same for a place that became free: the hash of the step before, and the secret of the draw."""
    return f"{previous}/{secret}"


def commitment_to(secret: str) -> str:
    return digest(secret)
