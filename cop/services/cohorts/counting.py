"""Counting how far people came by what they told us for equality statistics, once for each step, and forgetting it.

This is the one place that opens the answers of everybody. What is stored is what everybody may see: the rules of
:mod:`cop.algorithms.disclosing` are applied before. A step is counted when it cannot change any more, and never again,
so that no count can be held against another.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import delete, select

from cop.algorithms.disclosing import Earlier, Step, show
from cop.core.equality import SETS, Topic
from cop.core.errors import NotFound
from cop.core.questions import Answers
from cop.core.work import Work
from cop.models.cohorts import Application, Cohort, EqualityAnswer, EqualityCount, EqualityStage
from cop.models.events import Event, EventState
from cop.queries.cohorts.fairness import (
    APPLICANTS_LEAST,
    EVERYBODY,
    TOPICS,
    Moments,
    Reached,
    counted_at,
    moments,
    reached,
    stored,
)


def with_answers(work: Work) -> Sequence[int]:
    """The courses whose answers are not forgotten yet, and whose call has closed."""
    found = (
        select(Cohort.event_id)
        .join(Event, Event.id == Cohort.event_id)
        .where(Cohort.equality_closed_at.is_(None), Event.closes_at <= work.now, Event.state != EventState.DRAFT)
    )
    return work.session.scalars(found.order_by(Cohort.event_id)).all()


def count(work: Work, *, cohort_id: int) -> int:
    """Count the steps of a course that are final and were not counted, and forget the answers when their time is over.

    How many steps it were.
    """
    if work.actor.via != "system":
        raise NotFound
    locked = select(Cohort).where(Cohort.event_id == cohort_id, Cohort.equality_closed_at.is_(None))
    cohort = work.session.scalars(locked.with_for_update().execution_options(populate_existing=True)).one_or_none()
    event = work.session.get_one(Event, cohort_id)
    known = moments(work, event) if cohort is not None else None
    if cohort is None or known is None:
        return 0
    done = _count_steps(work, cohort, known)
    if known.forget_at <= work.now:
        _forget(work, cohort)
    return done


def _count_steps(work: Work, cohort: Cohort, known: Moments) -> int:
    counted = counted_at(work, cohort)
    settled = known.settled(has_threshold=cohort.threshold is not None, now=work.now)
    due = [stage for stage in settled if stage not in counted and not _is_passed(stage, counted)]
    if not due:
        return 0
    people = reached(
        work,
        cohort,
        applied_by=counted.get(EqualityStage.APPLIED, work.now),
        accepted_by=counted.get(EqualityStage.ACCEPTED, work.now),
    )
    if len(people) < APPLICANTS_LEAST:
        return 0
    answers = _answers(work, cohort)
    _before, funnels = stored(work, cohort)
    earlier = {funnel.code: list(funnel.steps) for funnel in funnels}
    for stage in due:
        here = [person for person in people if stage in person.stages]
        _keep(work, cohort, stage, EVERYBODY, {"": len(here)})
        for topic in TOPICS.values():
            if topic.code == GENDER and not cohort.asks_gender_identity:
                continue
            before = earlier.setdefault(topic.code, [])
            shown = show(_step(topic, here, answers), topic.ladder, before)
            hidden = dict.fromkeys(topic.ladder[-1].words)
            _keep(work, cohort, stage, topic.code, shown.groups if shown is not None else hidden)
            before.append(Earlier(len(here), shown))
    work.session.flush()
    return len(due)


GENDER = "gender"


def _is_passed(stage: EqualityStage, counted: Mapping[EqualityStage, datetime]) -> bool:
    """Whether a later step was counted: one that is counted after it could be held against it."""
    order = list(EqualityStage)
    return any(order.index(other) > order.index(stage) for other in counted)


def _step(topic: Topic, people: Sequence[Reached], answers: Mapping[int, tuple[str, Answers]]) -> Step:
    finest: Counter[str] = Counter()
    for person in people:
        version, given = answers.get(person.id, ("", {}))
        topics = SETS[version].topics if version in SETS else ()
        group = next((item.count(given) for item in topics if item.code == topic.code), None)
        if group is not None and group in topic.ladder[0].joins:
            finest[group] += 1
    return Step(len(people), finest)


def _answers(work: Work, cohort: Cohort) -> Mapping[int, tuple[str, Answers]]:
    """What each application's author told us, and to which version of the questions."""
    keys = select(Application.equality_key, Application.id).where(
        Application.cohort_id == cohort.event_id, Application.equality_key.is_not(None)
    )
    of_key = {row.equality_key: row.id for row in work.session.execute(keys)}
    found = work.session.scalars(select(EqualityAnswer).where(EqualityAnswer.key.in_(list(of_key))))
    return {of_key[one.key]: (one.version, json.loads(one.answers)) for one in found}


def _keep(
    work: Work, cohort: Cohort, stage: EqualityStage, question: str, groups: Mapping[str, int] | Mapping[str, None]
) -> None:
    for group, people in groups.items():
        work.session.add(
            EqualityCount(
                cohort_id=cohort.event_id,
                question=question,
                group=group,
                stage=stage,
                people=people,
                counted_at=work.now,
            )
        )


def _forget(work: Work, cohort: Cohort) -> None:
    """Remove the answers and every way to them, for good."""
    held = select(Application).where(Application.cohort_id == cohort.event_id, Application.equality_key.is_not(None))
    applications = work.session.scalars(held.with_for_update()).all()
    keys = [application.equality_key for application in applications]
    work.session.execute(delete(EqualityAnswer).where(EqualityAnswer.key.in_(keys)))
    for application in applications:
        application.equality_key = None
    cohort.equality_closed_at = work.now
    work.session.flush()
