"""What applicants told us for equality statistics, for themselves alone, and where they stand with it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import select

from cop.core.equality import CURRENT, SETS
from cop.core.errors import NotFound
from cop.core.questions import Answers, Item, asked
from cop.core.work import Reading
from cop.models.cohorts import Application, ApplicationState, Cohort, EqualityAnswer
from cop.models.events import Event


@dataclass(frozen=True)
class OwnAnswers:
    """``answers`` is None as long as the acting person has answered nothing."""

    application: Application
    items: tuple[Item, ...]
    answers: Answers | None

    @cached_property
    def asked(self) -> list[Item]:
        """The questions in order, those that follow from an answer among them."""
        return list(asked(self.items, self.answers or {}))

    def item(self, code: str) -> Item:
        for found in self.asked:
            if found.code == code:
                return found
        raise NotFound

    def after(self, code: str) -> str | None:
        """The question that follows; None after the last."""
        codes = [item.code for item in self.asked]
        position = codes.index(code) + 1
        return codes[position] if position < len(codes) else None


def own_answers(read: Reading, event: Event) -> OwnAnswers:
    """Those of the acting person, who has submitted an application; NotFound for everybody else."""
    found = select(Application, Cohort.asks_gender_identity).join(Cohort, Cohort.event_id == Application.cohort_id)
    own = found.where(
        Application.cohort_id == event.id,
        Application.person_id == read.actor.person_id,
        Application.state == ApplicationState.SUBMITTED,
    )
    row = read.session.execute(own).one_or_none()
    if row is None:
        raise NotFound
    items = SETS[CURRENT].asked_of(gender_identity=row.asks_gender_identity)
    return OwnAnswers(row.Application, items, _behind(read, row.Application.equality_key))


def _behind(read: Reading, key: str | None) -> Mapping[str, Any] | None:
    found = read.session.get(EqualityAnswer, key) if key is not None else None
    answers: Mapping[str, Any] | None = json.loads(found.answers) if found is not None else None
    return answers
