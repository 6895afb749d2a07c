"""The draw of a course: its pool is frozen, the chances are sealed with half of the seed, the panel is drawn, and
places that become free later are drawn from the reserves. Each step goes on a record that is only ever added to.

Whoever presses the buttons may have a conflict with some of the applications: the draw is about all of them, and the
pages show to nobody what they may not see.
"""

import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from cop.algorithms.lottery import (
    Change,
    Contradiction,
    Lottery,
    NoPanel,
    Pool,
    Recorded,
    Unsolved,
    draw,
    fitting,
    highest_scores,
    ranking,
    replacements,
    unreachable,
)
from cop.algorithms.lottery import lottery as lottery_of
from cop.algorithms.lottery.reports import changes_in_words, in_words, seed_of
from cop.core.errors import Refusal, marked
from cop.core.work import Work
from cop.models.cohorts import (
    Application,
    ApplicationState,
    Cohort,
    Decision,
    DecisionOutcome,
    Selection,
    SelectionPolicy,
    SelectionStep,
)
from cop.models.events import Event, EventState
from cop.models.offers import Offer
from cop.models.tasks import Task
from cop.queries.cohorts.drawing import (
    Chain,
    Fixed,
    Override,
    Reach,
    Step,
    appointable,
    chain_of,
    commitment_to,
    has_changed,
    lottery_on_record,
    person_of,
    pool_as_it_stands,
    pool_of,
    record_of,
    replacement_words,
    scores_of,
    seed_words,
    seen_of,
    targets_of,
    trouble_with,
    version_of_selecting,
)
from cop.queries.cohorts.panel import hidden_because, places_free
from cop.queries.cohorts.selection import Candidate, everybody
from cop.queries.tasks import DRAW
from cop.services import tasks
from cop.services.cohorts.choice import Verdict, choose_as_drawn
from cop.services.cohorts.offers import deadline, offer_place
from cop.services.cohorts.panel import acting_person, course_of_chair, refuse_unless_judging
from cop.services.cohorts.record import BROKEN, append
from cop.services.events.editing.shared import event_to_edit, touch

SECRET_BYTES = 32
TRIES = 500
"""So many steps the solver may take to draw several replacements at once, while the course is locked."""

MOVED_ON = marked("Somebody else went a step further a moment ago. Nothing was done: look at the page, then go on.")
CHANGED = marked(
    "Applications, scores or targets have changed since the pool was frozen. Set this draw aside and freeze again."
)


def edit_selecting(
    work: Work,
    *,
    event_id: int,
    policy: SelectionPolicy,
    threshold: float | None,
    per_organisation: int | None,
    seen: str,
) -> Cohort:
    """Who is good enough, and how places are given to those. ``seen`` is the version that the page was made from."""
    event = event_to_edit(work, event_id)
    _event, cohort = course_of_chair(work, event_id)
    if version_of_selecting(event, cohort) != seen:
        raise Refusal(marked("Somebody else changed this meanwhile. Look at what is saved now, then save again."))
    if cohort.released_at is not None:
        raise Refusal(marked("The decisions have been released, so the rules stay as they are"))
    cohort.policy, cohort.threshold, event.per_organisation = policy, threshold, per_organisation
    touch(work, event)
    work.session.flush()
    return cohort


def freeze(work: Work, *, cohort_id: int, fixed: Fixed, seen: str) -> Selection:
    """Put on record whom the draw is among, and under which rules; nothing is drawn before."""
    event, cohort, chain = _course(work, cohort_id, seen)
    _expect(chain, Reach.OPEN)
    if cohort.threshold is None:
        raise Refusal(marked("Say first from which score somebody is good enough"))
    if event.capacity is None:
        raise Refusal(marked("Say first how many places there are"))
    if not places_free(event):
        raise Refusal(marked("No place is free, so there is nothing to draw"))
    _refuse_unknown(work, cohort, fixed)
    body = pool_as_it_stands(event, cohort, _candidates(work, cohort), fixed)
    _refuse_unscored(body)
    pool = _pool(body)
    if trouble_with(body, pool) is not None:
        raise Refusal(marked("No choice of people keeps all targets. This page says which contradict one another."))
    return append(work, cohort, chain, SelectionStep.FROZEN, {**body, "pool": pool.digest()})


def _candidates(work: Work, cohort: Cohort) -> Sequence[Candidate]:
    return [one for one, _ in everybody(work, cohort, with_scores=True)]


def _course(work: Work, cohort_id: int, seen: str) -> tuple[Event, Cohort, Chain]:
    """The locked course for its chair before the release, and its record as the page showed it."""
    event, cohort = course_of_chair(work, cohort_id)
    refuse_unless_judging(work, event, cohort)
    chain = chain_of(work, cohort_id)
    if seen_of(chain) != seen:
        raise Refusal(MOVED_ON)
    return event, cohort, chain


def _expect(chain: Chain, reach: Reach) -> None:
    if chain.reach is not reach:
        raise Refusal(MOVED_ON)


def _refuse_unknown(work: Work, cohort: Cohort, fixed: Fixed) -> None:
    """Numbers that are not there, or not for the actor to say anything about: the same sentence for both."""
    if both := sorted(fixed.inside.keys() & fixed.outside.keys()):
        raise Refusal(marked("Application %(number)s cannot be in and out"), field="fixed", number=both[0])
    may_see = select(Application.number).where(
        Application.cohort_id == cohort.event_id,
        Application.state == ApplicationState.SUBMITTED,
        hidden_because().is_(None),
    )
    known = set(work.session.scalars(may_see, {"panellist": work.actor.person_id}))
    for number in sorted({*fixed.inside, *fixed.outside}):
        if number not in known:
            raise Refusal(marked("There is no application %(number)s that you could fix"), field="fixed", number=number)


def _refuse_unscored(body: Mapping[str, Any]) -> None:
    fixed = {*body["fixed_in"], *body["fixed_out"]}
    unscored = sum(told["score"] is None and str(told["number"]) not in fixed for told in body["people"])
    if unscored:
        raise Refusal(
            marked("Some applications have no score, and nobody is turned down unread. Without a score: %(count)s"),
            count=unscored,
        )


def _pool(body: Mapping[str, Any]) -> Pool:
    try:
        return pool_of(body)
    except Contradiction:
        raise Refusal(
            marked(
                "There are %(places)s places, and %(people)s people are good enough and not fixed out. Give fewer "
                "places, or choose by hand where no panel was drawn before."
            ),
            places=body["places"],
            people=len(appointable(body)) - len(body["fixed_out"]),
        ) from None


@dataclass(frozen=True)
class Computed:
    """What is put on record about a frozen pool before the seed exists: no ``lottery`` where scores decide."""

    frozen: str
    lottery: Lottery | None
    unreachable: tuple[str, ...]


def ask_to_seal(work: Work, *, cohort_id: int, source: str, seen: str) -> Task:
    """Have the chances computed and sealed: long work that goes on without whoever asks.

    ``source`` says where the panel will take its own half of the seed from, where it wants one.
    """
    event, cohort, chain = _course(work, cohort_id, seen)
    _expect(chain, Reach.FROZEN)
    if chain.frozen is not None:
        _refuse_changed(work, event, cohort, chain.frozen)
    params = {"cohort_id": cohort_id, "slug": event.slug, "source": source}
    return tasks.ask(work, kind=DRAW, title=f"Chances: {event.title}", params=params)


def compute(chain: Chain, *, stop: Callable[[], bool]) -> Computed:
    """Work out the chances for the pool that is frozen; it needs no database, and may take a while."""
    if chain.reach is not Reach.FROZEN or chain.frozen is None:
        raise Refusal(MOVED_ON)
    pool = pool_of(chain.frozen.body)
    try:
        if chain.frozen.body["policy"] == SelectionPolicy.LOTTERY:
            found = lottery_of(pool, stop=stop)
            return Computed(chain.frozen.hash, found, found.unreachable)
        return Computed(chain.frozen.hash, None, unreachable(pool))
    except NoPanel:
        raise Refusal(marked("No choice of people keeps all targets. Set this draw aside and change them.")) from None
    except (Unsolved, ArithmeticError):
        raise Refusal(marked("The chances could not be computed. Change the targets a little and try again.")) from None


def seal(work: Work, *, cohort_id: int, computed: Computed, source: str) -> Selection:
    """Put the chances on record, with the hash of a secret that is made only now: half of the seed."""
    event, cohort = course_of_chair(work, cohort_id)
    refuse_unless_judging(work, event, cohort)
    chain = chain_of(work, cohort_id)
    if chain.reach is not Reach.FROZEN or chain.frozen is None or chain.frozen.hash != computed.frozen:
        raise Refusal(MOVED_ON)
    _refuse_changed(work, event, cohort, chain.frozen)
    secret = secrets.token_hex(SECRET_BYTES)
    body: dict[str, Any] = {
        "commitment": commitment_to(secret),
        "source": source,
        "unreachable": list(computed.unreachable),
        "lottery": None,
    }
    found = computed.lottery
    if found is not None:
        body |= {
            "lottery": lottery_on_record(found.recorded),
            "digest": found.recorded.digest(),
            "smallest": found.smallest,
            "bound": found.bound,
            "gap": found.gap,
            "stage": found.stage,
            "binding": in_words(found.binding),
        }
    cohort.sealed_seed = secret
    return append(work, cohort, chain, SelectionStep.SEALED, body)


def _refuse_changed(work: Work, event: Event, cohort: Cohort, frozen: Step) -> None:
    if has_changed(event, cohort, _candidates(work, cohort), frozen):
        raise Refusal(CHANGED)


@dataclass(frozen=True)
class Drawn:
    offers: int
    reserves: int
    declined: int


def draw_panel(work: Work, *, cohort_id: int, words: str, seen: str) -> Drawn:
    """Reveal the secret, draw, and write the decisions down as the chair’s choice; nobody is told before the release.

    ``words`` are the panel’s own part of the seed, said in public: it may be empty.
    """
    event, cohort, chain = _course(work, cohort_id, seen)
    _expect(chain, Reach.SEALED)
    if chain.frozen is None or chain.sealed is None:  # there is no sealed step without a frozen one
        raise Refusal(MOVED_ON)
    _refuse_changed(work, event, cohort, chain.frozen)
    secret, frozen, sealed = cohort.sealed_seed, chain.frozen.body, chain.sealed.body
    if secret is None or commitment_to(secret) != sealed["commitment"]:
        raise Refusal(marked("The secret is not the one that was sealed. Set this draw aside and freeze again."))
    seed = seed_words(frozen["pool"], secret, words)
    pool = pool_of(frozen)
    if frozen["policy"] == SelectionPolicy.LOTTERY:
        panel = draw(record_of(sealed["lottery"]), seed_of(seed))
        binding = sealed["binding"]
    else:
        panel = highest_scores(pool, scores_of(frozen), seed_of(seed)).panel
        binding = in_words(pool.binding(panel))
    reserves = _reserves(frozen, pool, panel, seed)
    append(
        work,
        cohort,
        chain,
        SelectionStep.DRAWN,
        {
            "secret": secret,
            "words": words,
            "seed": seed,
            "panel": [int(name) for name in panel],
            "reserves": reserves,
            "binding": binding,
        },
    )
    cohort.sealed_seed = None
    verdicts = {told["number"]: Verdict(DecisionOutcome.DECLINE) for told in frozen["people"]}
    verdicts |= {int(name): Verdict(DecisionOutcome.OFFER) for name in panel}
    verdicts |= {number: Verdict(DecisionOutcome.RESERVE, rank) for rank, number in enumerate(reserves, start=1)}
    choose_as_drawn(work, event, cohort, verdicts)
    return Drawn(len(panel), len(reserves), len(verdicts) - len(panel) - len(reserves))


def _reserves(frozen: Mapping[str, Any], pool: Pool, panel: Collection[str], seed: str) -> list[int]:
    """All others who are good enough and not fixed out, in an order drawn from the seed; the best first where scores
    decide.
    """
    order = ranking((one.id for one in pool.people if one.id not in {*panel, *pool.outside}), seed_of(seed), "reserves")
    if frozen["policy"] == SelectionPolicy.HIGHEST_SCORES:
        scores = scores_of(frozen)
        order = tuple(sorted(order, key=lambda name: -scores[name]))
    return [int(name) for name in order]


def set_aside(work: Work, *, cohort_id: int, reason: str, seen: str) -> Selection:
    """Begin anew, with the reason on record. Decisions that were drawn stay until another draw replaces them."""
    _event, cohort, chain = _course(work, cohort_id, seen)
    if chain.reach is Reach.OPEN:
        raise Refusal(MOVED_ON)
    cohort.sealed_seed = None
    return append(work, cohort, chain, SelectionStep.OVERRIDDEN, {"kind": Override.DRAW, "reason": reason})


class NoReplacementError(Refusal):
    """A free place stays free until somebody looks after the record, or after the service."""


def replace_dropouts(work: Work, *, cohort_id: int, seen: str | None = None) -> Sequence[Offer]:
    """Draw who takes the places that are free after the release, and offer them; asked by the chair or by the service.

    The reserves are those who are reserves now. Whoever holds a place or an offer counts towards the targets.
    """
    event, cohort = course_of_chair(work, cohort_id)
    chain = chain_of(work, cohort_id)
    if seen is not None and seen_of(chain) != seen:
        raise Refusal(MOVED_ON)
    if chain.fault is not None:
        raise NoReplacementError(BROKEN, number=chain.fault)
    if chain.frozen is None or chain.drawn is None:
        raise Refusal(marked("The places of this course were not drawn"))
    if cohort.released_at is None:
        raise Refusal(marked("Release the decisions first"))
    if event.state is not EventState.PUBLISHED:
        raise Refusal(marked("The course is not published, so no place can be offered"))
    deadline(work, cohort)  # refuses once the course has begun
    candidates = _candidates(work, cohort)
    kept = [one.number for one in candidates if one.holds]
    waiting = sorted((one for one in candidates if one.rank is not None), key=lambda one: one.rank or 0)
    free = places_free(event) or 0
    if free < 1:
        raise Refusal(marked("No place is free at present"))
    if not waiting:
        raise Refusal(marked("There are no reserves left"))
    seed = replacement_words(chain.last_hash, chain.drawn.body["secret"])
    joined = _joining(chain.frozen.body, kept, waiting, min(free, len(waiting)), seed)
    append(
        work,
        cohort,
        chain,
        SelectionStep.REPLACED,
        {
            "seed": seed,
            "kept": sorted(kept),
            "reserves": [one.number for one in waiting],
            "joined": sorted(joined.numbers),
            "lottery": lottery_on_record(joined.record) if joined.record is not None else None,
            "changes": changes_in_words(joined.changes),
        },
    )
    return [_offer(work, event, cohort, number, chain.drawn) for number in sorted(joined.numbers)]


@dataclass(frozen=True)
class Joining:
    """Who takes the free places, the lottery they were drawn from, and what of the targets had to give way."""

    numbers: Sequence[int]
    record: Recorded | None
    changes: Sequence[Change]


def _joining(
    frozen: Mapping[str, Any], kept: Sequence[int], waiting: Sequence[Candidate], places: int, seed: str
) -> Joining:
    numbers = {*kept, *(one.number for one in waiting)}
    people = [person_of(told) for told in frozen["people"] if told["number"] in numbers]
    pool = Pool(people, len(kept) + places, targets_of(frozen), frozen["per_organisation"])
    staying = [str(number) for number in kept]
    try:
        if frozen["policy"] == SelectionPolicy.HIGHEST_SCORES:
            return _best_fitting(pool, staying, [str(one.number) for one in waiting], places)
        found = replacements(pool, staying, (), seed_of(seed), stop=_after(TRIES))
    except (Contradiction, NoPanel, Unsolved, ArithmeticError):
        raise NoReplacementError(
            marked("The draw of a replacement failed. Tell whoever looks after the service.")
        ) from None
    return Joining([int(name) for name in found.people], found.recorded, found.changes)


def _best_fitting(pool: Pool, kept: Sequence[str], order: Sequence[str], places: int) -> Joining:
    """One after the other, the first of the order who keeps the targets."""
    staying, changes = list(kept), list[Change]()
    for _ in range(places):
        one_more = Pool(pool.people, len(staying) + 1, pool.targets, pool.per_organisation)
        fits = fitting(one_more, staying, ())
        name = next(name for name in order if name in fits.people)
        changes = list(dict(fits.changes).get(name, ()))
        staying.append(name)
    return Joining([int(name) for name in staying[len(kept) :]], None, changes)


def _after(times: int) -> Callable[[], bool]:
    """A ``stop`` that is true once it was asked so often: the same answer every time."""
    left = iter(range(times))
    return lambda: next(left, None) is None


def _offer(work: Work, event: Event, cohort: Cohort, number: int, drawn: Step) -> Offer:
    """In the name of whoever acts, or of whoever drew the panel where the service acts."""
    by = work.actor.person_id or drawn.by_person_id or acting_person(work)
    held = select(Application).where(Application.cohort_id == cohort.event_id, Application.number == number)
    application = work.session.scalars(held.with_for_update().execution_options(populate_existing=True)).one()
    decision = work.session.get_one(Decision, application.id, populate_existing=True)
    return offer_place(work, event, cohort, application, decision, by=by)
