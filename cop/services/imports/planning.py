"""What an import would do, and the tools to do it in a few statements however long the list is."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any, TypeVar

from sqlalchemy import TableValuedAlias, column, func, literal, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeEngine

from cop.core.errors import NotFound, Refusal, marked
from cop.core.work import Reading, Work

Word = TypeVar("Word", bound=StrEnum)


class Action(StrEnum):
    CREATE = "create"
    UPDATE = "update"
    UNCHANGED = "unchanged"
    REFUSE = "refuse"


@dataclass(frozen=True)
class Reason:
    """An English sentence marked for translation, and what its placeholders stand for."""

    message: str
    params: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.message % self.params if self.params else self.message


@dataclass(frozen=True)
class Line:
    """What becomes of one row. ``line`` is where it begins in the file, ``subject`` the name or address it is about."""

    line: int
    action: Action
    subject: str
    reason: Reason | None = None


@dataclass(frozen=True)
class Plan:
    lines: tuple[Line, ...]

    @cached_property
    def counts(self) -> Counter[Action]:
        return Counter(line.action for line in self.lines)

    @property
    def refused(self) -> list[Line]:
        return self.doing(Action.REFUSE)

    @property
    def changes(self) -> int:
        return self.counts[Action.CREATE] + self.counts[Action.UPDATE]

    def doing(self, *actions: Action) -> list[Line]:
        return [line for line in self.lines if line.action in actions]


class PlanRefused(Refusal):
    """Nothing was imported, because the plan refuses at least one line; the message names the first."""

    def __init__(self, plan: Plan) -> None:
        first, more = plan.refused[0], len(plan.refused) - 1
        message = (
            marked("line %(line)s: %(reason)s (and %(more)s more lines)")
            if more
            else marked("line %(line)s: %(reason)s")
        )
        super().__init__(message, line=first.line, reason=str(first.reason), more=more)
        self.plan = plan


def update(line: int, subject: str, changed: Sequence[str]) -> Line:
    """The line of a row about somebody known: what it changes, if anything."""
    if not changed:
        return Line(line, Action.UNCHANGED, subject)
    reason = Reason(marked("changes %(columns)s"), {"columns": ", ".join(changed)})
    return Line(line, Action.UPDATE, subject, reason)


def refuse(line: int, subject: str, refusal: Refusal) -> Line:
    return Line(line, Action.REFUSE, subject, Reason(refusal.message, refusal.params))


def refuse_double(seen: dict[str, int], key: str, line: int) -> None:
    """Refuse a row about the same subject as an earlier one; else remember its line."""
    if key in seen:
        raise Refusal(marked("the same as line %(earlier)s"), earlier=seen[key])
    seen[key] = line


def one_of(words: type[Word], text: str) -> Word | None:
    """The word that is written, in whatever case; None for a blank, Refusal for an unknown one."""
    if not text:
        return None
    for item in words:
        if item.casefold() == text.casefold():
            return item
    raise Refusal(marked("“%(text)s” is none of: %(words)s"), text=text, words=", ".join(words))


def only_admins(read: Reading) -> None:
    if not read.actor.is_admin():
        raise NotFound


def one_at_a_time(work: Work) -> None:
    """Hold back other imports until this one has ended, so that two cannot plan to create the same record."""
    work.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended("import", 0))))


def as_table(rows: Iterable[Mapping[str, Any]], **columns: TypeEngine[Any]) -> TableValuedAlias:
    """Values as a table that a statement can select from, so that one statement writes any number of rows.

    They travel as JSON: dates are given as ISO text.
    """
    given = func.jsonb_to_recordset(literal(list(rows), JSONB))
    return given.table_valued(*(column(name, kind) for name, kind in columns.items())).render_derived(
        name="given", with_types=True
    )
