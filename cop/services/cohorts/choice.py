"""The chair's choice: what the panel says about scores, who is offered a place, and one release for all."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select

from cop.core.criteria import SCORES
from cop.core.errors import NotFound, Refusal, marked
from cop.core.work import Work
from cop.models.accounts import Person
from cop.models.cohorts import (
    Application,
    ApplicationState,
    Cohort,
    Decision,
    DecisionOutcome,
    Moderation,
)
from cop.models.events import Event, EventState
from cop.models.outbox import OutboxClass
from cop.queries.cohorts.drawing import chain_of
from cop.queries.cohorts.letters import LETTERS, Feedback, feedback_of
from cop.queries.cohorts.panel import hidden_because, owes_review, places_free
from cop.services import outbox
from cop.services.cohorts.offers import CHOSEN_ELSEWHERE, deadline, open_offer
from cop.services.cohorts.panel import acting_person, application_to_judge, course_of_chair, refuse_unless_judging
from cop.services.cohorts.record import Chosen, note_override, refuse_half_drawn


def moderate(work: Work, *, cohort_id: int, number: int, reason: str, score: float | None) -> Moderation:
    """Add to the record what the panel said about an application, and the score that it set where it set one."""
    event, cohort = course_of_chair(work, cohort_id)
    refuse_unless_judging(work, event, cohort)
    application = application_to_judge(work, cohort_id, number)
    if owes_review(work, event, application_id=application.id):
        raise Refusal(marked("You score this application too. Submit your own review first, then add to the record."))
    if score is not None and not min(SCORES) <= score <= max(SCORES):
        raise Refusal(
            marked("Enter a score from %(least)s to %(most)s"), field="score", least=min(SCORES), most=max(SCORES)
        )
    said = Moderation(
        application_id=application.id, score=score, reason=reason, by_person_id=acting_person(work), at=work.now
    )
    work.session.add(said)
    work.session.flush()
    return said


@dataclass(frozen=True)
class Verdict:
    """What is chosen for one application; no outcome takes a choice back. A reserve without a rank comes last."""

    outcome: DecisionOutcome | None
    rank: int | None = None


def choose(work: Work, *, cohort_id: int, verdicts: Mapping[int, Verdict], seen: int, reason: str = "") -> int:
    """Choose for the applications of these numbers, all of it or nothing; how many choices changed.

    ``seen`` is the revision of the choice that the page showed: where another chair was quicker nothing is saved.
    ``reason`` goes on record where the places were drawn and this changes who has an offer or is a reserve.
    """
    event, cohort = course_of_chair(work, cohort_id)
    refuse_unless_judging(work, event, cohort)
    if cohort.choice_revision != seen:
        raise Refusal(CHOSEN_ELSEWHERE)
    pool = {row.Application.number: row for row in _pool(work, cohort)}
    _refuse_strangers(work, cohort, pool, verdicts)
    before = {number: _chosen(pool[number].Decision) for number in verdicts}
    written = _write(work, event, cohort, pool, verdicts)
    after = {decision.application_id: decision for decision in written.decisions}
    changes = {number: (before[number], _chosen(after.get(pool[number].Application.id))) for number in verdicts}
    note_override(work, cohort, changes, reason=reason)
    return written.changed


def _chosen(decision: Decision | None) -> Chosen:
    return Chosen(decision.outcome, decision.reserve_rank) if decision is not None else Chosen(None)


def choose_as_drawn(work: Work, event: Event, cohort: Cohort, verdicts: Mapping[int, Verdict]) -> int:
    """Write down what was drawn, for all applications: those that the acting chair may not see as well."""
    pool = {row.Application.number: row for row in _pool(work, cohort)}
    return _write(work, event, cohort, pool, verdicts).changed


@dataclass(frozen=True)
class Written:
    """How many choices changed, and all decisions as they stand after it."""

    changed: int
    decisions: Sequence[Decision]


def _write(
    work: Work,
    event: Event,
    cohort: Cohort,
    pool: Mapping[int, Row[Application, Decision, str | None]],
    verdicts: Mapping[int, Verdict],
) -> Written:
    ranks = _Ranks(row.Decision.reserve_rank for row in pool.values() if row.Decision is not None)
    changed = 0
    for number, verdict in verdicts.items():
        changed += _decide(work, pool[number], verdict, ranks)
    if changed:
        cohort.choice_revision += 1
    work.session.flush()
    decided = _decisions(work, cohort)
    _refuse_twice(decided)
    _refuse_too_many(event, decided)
    return Written(changed, decided)


class _Ranks:
    """The last rank given so far, so that reserves without one come after all others."""

    def __init__(self, ranks: Any) -> None:
        self.last = max((rank for rank in ranks if rank is not None), default=0)

    def for_reserve(self, wanted: int | None, present: int | None) -> int:
        rank = wanted or present or self.last + 1
        self.last = max(self.last, rank)
        return rank


def _pool(work: Work, cohort: Cohort) -> Sequence[Row[Application, Decision, str | None]]:
    """Each submitted application with its decision, and why the actor may not see it; the course is locked."""
    return work.session.execute(
        select(Application, Decision, hidden_because().label("hidden"))
        .outerjoin(Decision, Decision.application_id == Application.id)
        .where(Application.cohort_id == cohort.event_id, Application.state == ApplicationState.SUBMITTED)
        .order_by(Application.number)
        .execution_options(populate_existing=True),
        {"panellist": work.actor.person_id},
    ).all()


def _refuse_strangers(
    work: Work,
    cohort: Cohort,
    pool: Mapping[int, Row[Application, Decision, str | None]],
    verdicts: Mapping[int, Verdict],
) -> None:
    """Numbers that are not there, or not for the actor to decide."""
    for number in sorted(verdicts):
        if number in pool and pool[number].hidden is None:
            continue
        gone = select(Application.id).where(
            Application.cohort_id == cohort.event_id,
            Application.number == number,
            Application.state == ApplicationState.WITHDRAWN,
        )
        if number in pool or work.session.scalar(gone) is None:
            raise NotFound
        raise Refusal(marked("Application %(number)s was withdrawn meanwhile. Look at the list again."), number=number)


def _decide(work: Work, row: Row[Application, Decision, str | None], verdict: Verdict, ranks: _Ranks) -> bool:
    """Write one choice down; False where it was the same already."""
    decision: Decision | None = row.Decision
    if verdict.outcome is None:
        if decision is not None:
            _refuse_losing_words(row.Application, decision)
            work.session.delete(decision)
        return decision is not None
    rank = None
    if verdict.outcome is DecisionOutcome.RESERVE:
        rank = ranks.for_reserve(verdict.rank, decision.reserve_rank if decision is not None else None)
    if decision is None:
        decision = Decision(application_id=row.Application.id, outcome=verdict.outcome)
        work.session.add(decision)
    elif (decision.outcome, decision.reserve_rank) == (verdict.outcome, rank):
        return False
    if decision.outcome is not verdict.outcome:
        decision.feedback_read_at = None  # words for another outcome: somebody has to look at them again
    decision.outcome, decision.reserve_rank = verdict.outcome, rank
    decision.decided_by, decision.decided_at = acting_person(work), work.now
    return True


def _refuse_losing_words(application: Application, decision: Decision) -> None:
    if decision.feedback:
        raise Refusal(
            marked("Feedback is written for application %(number)s. Empty it before you take the choice back."),
            number=application.number,
        )


def _decisions(work: Work, cohort: Cohort) -> Sequence[Decision]:
    """The decisions of all submitted applications as they stand now."""
    return work.session.scalars(
        select(Decision)
        .join(Application, Application.id == Decision.application_id)
        .where(Application.cohort_id == cohort.event_id, Application.state == ApplicationState.SUBMITTED)
    ).all()


def _refuse_twice(decided: Sequence[Decision]) -> None:
    ranks = Counter(decision.reserve_rank for decision in decided if decision.reserve_rank is not None)
    for rank, count in sorted(ranks.items()):
        if count > 1:
            raise Refusal(marked("Two reserves have the rank %(rank)s. Give each a rank of its own."), rank=rank)


def _refuse_too_many(event: Event, decided: Sequence[Decision]) -> None:
    offers = sum(decision.outcome is DecisionOutcome.OFFER for decision in decided)
    free = places_free(event)
    if free is not None and offers > free:
        raise Refusal(
            marked("You chose %(offers)s people, and only %(free)s can have a place. Make somebody a reserve."),
            offers=offers,
            free=free,
        )


@dataclass(frozen=True)
class Released:
    offers: int
    reserves: int
    declined: int


def release(work: Work, *, cohort_id: int, seen: int) -> Released:
    """Tell everybody at one instant, and hold a place for each who is offered one.

    Only once each submitted application has a decision; those that the acting chair may not see are released with them.
    """
    event, cohort = course_of_chair(work, cohort_id)
    refuse_unless_judging(work, event, cohort)
    if cohort.choice_revision != seen:
        raise Refusal(CHOSEN_ELSEWHERE)
    refuse_half_drawn(chain_of(work, cohort_id))
    if event.state is not EventState.PUBLISHED:
        raise Refusal(marked("The course is not published, so there is nothing to release"))
    pool = _pool(work, cohort)
    if not pool:
        raise Refusal(marked("Nobody has applied, so there is nothing to release"))
    undecided = sum(row.Decision is None for row in pool)
    if undecided:
        raise Refusal(
            marked("Decide on every application first. Without a decision: %(undecided)s"), undecided=undecided
        )
    _refuse_too_many(event, [row.Decision for row in pool])
    _refuse_unread(row.Decision for row in pool)
    expires_at = deadline(work, cohort)
    cohort.released_at, cohort.choice_revision = work.now, cohort.choice_revision + 1
    counts: Counter[DecisionOutcome] = Counter()
    for row in pool:
        row.Decision.released_at = work.now
        counts[row.Decision.outcome] += 1
        if row.Decision.outcome is DecisionOutcome.OFFER:
            open_offer(work, event, row.Application, expires_at=expires_at)
        else:
            _tell(work, row.Application, LETTERS[row.Decision.outcome])
    return Released(counts[DecisionOutcome.OFFER], counts[DecisionOutcome.RESERVE], counts[DecisionOutcome.DECLINE])


def _refuse_unread(decided: Iterable[Decision]) -> None:
    unread = sum(feedback_of(decision) is Feedback.TO_READ for decision in decided)
    if unread:
        raise Refusal(
            marked("Feedback was written before the choice changed. Look at it again first. Letters: %(unread)s"),
            unread=unread,
        )


def _tell(work: Work, application: Application, template: str) -> None:
    outbox.post(
        work,
        key=f"{template.replace('_', '-')}:{application.id}",
        to=work.session.get_one(Person, application.person_id),
        template=template,
        urgency=OutboxClass.TIMELY,
        application_id=application.id,
    )
