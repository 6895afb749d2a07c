"""What most applicants of two courses told us for equality statistics, and what was counted of it."""

import random
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from cop.core.equality import CURRENT, SETS
from cop.demo.cohorts import FINISHED, IN_SELECTION, cohort_of
from cop.demo.stage import Stage, as_person
from cop.models.accounts import Person
from cop.models.cohorts import Application, ApplicationState
from cop.services.cohorts import counting, equality

WEIGHTS: Mapping[str, Sequence[int]] = {
    "sex": (55, 40, 5),
    "age": (3, 17, 25, 25, 18, 6, 1, 5),
    "conditions": (28, 62, 10),
    "reduce": (30, 45, 20, 5),
    "ethnic_group": (58, 6, 14, 14, 3, 5),
    "orientation": (78, 7, 5, 1, 9),
    "religion": (36, 33, 2, 4, 2, 13, 2, 1, 7),
    "earner": (24, 16, 14, 12, 19, 4, 6, 1, 4),
}
"""How often each option of a question is chosen, in its order; what is not here is chosen evenly."""

ANSWERING = 0.9


def load(stage: Stage) -> None:
    chance = random.Random(54)  # noqa: S311  of its own, so that the rest of the programme stays as it is
    for slug in (FINISHED, IN_SELECTION):
        _answer(stage, slug, chance)
        counting.count(stage.work, cohort_id=cohort_of(stage, slug).id)


def _answer(stage: Stage, slug: str, chance: random.Random) -> None:
    """Two minutes after they submitted, page by page."""
    event = cohort_of(stage, slug)
    applied = (
        select(Person, Application.submitted_at)
        .join(Application, Application.person_id == Person.id)
        .where(Application.cohort_id == event.id, Application.state == ApplicationState.SUBMITTED)
        .order_by(Application.number)
    )
    for person, submitted_at in stage.work.session.execute(applied).all():
        if submitted_at is not None and chance.random() < ANSWERING:
            then = as_person(stage.work, person, submitted_at + timedelta(minutes=2))
            equality.save(then, event_id=event.id, answers=_compose(chance))


def _compose(chance: random.Random) -> Mapping[str, Any]:
    """Answers to all that has options; what does not follow from the others is left out when it is saved."""
    answers = {}
    for item in SETS[CURRENT].asked_of(gender_identity=False):
        if item.options:
            values = [option.value for option in item.options]
            (answers[item.code],) = chance.choices(values, WEIGHTS.get(item.code, [1] * len(values)))
    return answers
