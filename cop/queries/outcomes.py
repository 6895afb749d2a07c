"""Reads about what a summit led to: reports about it, decisions that somebody took, and which follows from which."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, select

from cop.core.errors import NotFound
from cop.core.work import Reading
from cop.models.events import Event
from cop.models.organisations import Organisation
from cop.models.summits import Outcome, OutcomeKind


@dataclass(frozen=True)
class Shown:
    """One outcome, in the order of the drawing. ``number`` counts those of its kind from 1; ``depth`` is 1 for what
    follows from the summit itself; ``after`` is the row of what it follows from, 0 for the summit.
    """

    outcome: Outcome
    organisation: str | None
    number: int
    depth: int
    row: int
    after: int
    follows: "Shown | None"

    @property
    def kind(self) -> OutcomeKind:
        return self.outcome.kind


def outcomes_of(read: Reading, event: Event) -> Sequence[Shown]:
    """All of them, each after what it follows from; the caller has checked that the event may be seen."""
    rows = read.session.execute(_found(), {"event_id": event.id}).all()
    numbers: dict[int, int] = {}
    counts: dict[OutcomeKind, int] = defaultdict(int)
    after: dict[int | None, list[Any]] = defaultdict(list)
    for row in rows:
        counts[row.Outcome.kind] += 1
        numbers[row.Outcome.id] = counts[row.Outcome.kind]
        after[row.Outcome.follows].append(row)
    found: list[Shown] = []

    def add(rows: Sequence[Any], before: Shown | None) -> None:
        for row in rows:
            shown = Shown(
                row.Outcome,
                row.organisation,
                numbers[row.Outcome.id],
                before.depth + 1 if before else 1,
                len(found) + 1,
                before.row if before else 0,
                before,
            )
            found.append(shown)
            add(after[row.Outcome.id], shown)

    add(after[None], None)
    return found


@cache
def _found() -> Select[*tuple[Any, ...]]:
    return (
        select(Outcome, Organisation.name.label("organisation"))
        .outerjoin(Organisation, Organisation.id == Outcome.organisation_id)
        .where(Outcome.event_id == bindparam("event_id"))
        .order_by(Outcome.on_date.nulls_last(), Outcome.id)
    )


def one_of(found: Sequence[Shown], outcome_id: int) -> Shown:
    shown = next((one for one in found if one.outcome.id == outcome_id), None)
    if shown is None:
        raise NotFound
    return shown


def can_follow(found: Sequence[Shown], one: Shown | None) -> Sequence[Shown]:
    """From which of them this one, or a new one, can follow: from none that follows from it."""
    return [other for other in found if not _comes_of(other, one)]


def _comes_of(other: Shown | None, one: Shown | None) -> bool:
    while other is not None and one is not None:
        if other.outcome.id == one.outcome.id:
            return True
        other = other.follows
    return False
