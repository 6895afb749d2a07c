"""How long each kind of data is kept, what would go tonight, and what went in the nights before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from cop.core.errors import NotFound
from cop.core.work import Reading
from cop.models.accounts import Person
from cop.models.privacy import RetentionRule, RetentionRun
from cop.queries.retention.kinds import EQUALITY_AT_MOST, KINDS, NEEDS_KEPT, Kind

__all__ = [
    "EQUALITY_AT_MOST",
    "KINDS",
    "NEEDS_KEPT",
    "Due",
    "Kind",
    "Rule",
    "days",
    "due",
    "kept",
    "one",
    "rules",
    "runs",
]


@dataclass(frozen=True)
class Rule:
    """How long one kind is kept. Without ``changed_at`` it is the service's own choice."""

    kind: Kind
    days: int
    why_changed: str = ""
    changed_at: datetime | None = None
    changed_by: str | None = None


@dataclass(frozen=True)
class Due:
    """What would go now: how many rows, and since when the oldest of them counts."""

    rows: int
    oldest: datetime | None


def days(read: Reading) -> Mapping[str, int]:
    """The days of every kind, by its code; for anybody, since the privacy notice says them."""
    found = read.session.execute(select(RetentionRule.kind, RetentionRule.days))
    chosen = {row.kind: row.days for row in found}
    return {code: chosen.get(code, kind.days) for code, kind in KINDS.items()}


def kept(read: Reading, code: str) -> timedelta:
    """For how long one kind is kept."""
    chosen = read.session.scalar(select(RetentionRule.days).where(RetentionRule.kind == code))
    return timedelta(days=chosen if chosen is not None else KINDS[code].days)


def rules(read: Reading) -> Sequence[Rule]:
    """All kinds in their order, for admins of everything."""
    _only_admins(read)
    found = select(RetentionRule, Person.name).outerjoin(Person, Person.id == RetentionRule.changed_by)
    chosen = {rule.kind: (rule, name) for rule, name in read.session.execute(found)}
    return [_rule(kind, *chosen.get(code, (None, None))) for code, kind in KINDS.items()]


def one(read: Reading, code: str) -> Rule:
    """One kind; NotFound where there is none of that code."""
    found = next((rule for rule in rules(read) if rule.kind.code == code), None)
    if found is None:
        raise NotFound
    return found


def _rule(kind: Kind, chosen: RetentionRule | None, by: str | None) -> Rule:
    if chosen is None:
        return Rule(kind, kind.days)
    return Rule(kind, chosen.days, chosen.why, chosen.changed_at, by)


def due(read: Reading, kind: Kind, kept_days: int) -> Due:
    """What would go tonight if this kind were kept for so many days; nothing goes by this."""
    _only_admins(read)
    cutoff = read.now - timedelta(days=kept_days)
    counted = kind.due(cutoff).with_only_columns(func.count(), func.min(kind.since), maintain_column_froms=True)
    return Due(*read.session.execute(counted).one())


@dataclass(frozen=True)
class Run:
    """What one run of the job removed, by the codes of kinds, and of which kinds it could not."""

    id: int
    at: datetime
    removed: Mapping[str, int]
    failed: Sequence[str]


def runs(read: Reading, *, before: int | None = None, limit: int = 50) -> Sequence[Run]:
    """The newest first, ``limit`` + 1 of them; ``before`` continues below that id."""
    _only_admins(read)
    found = select(RetentionRun).order_by(RetentionRun.id.desc()).limit(limit + 1)
    if before is not None:
        found = found.where(RetentionRun.id < before)
    return [Run(row.id, row.at, row.removed, row.failed) for row in read.session.scalars(found)]


def _only_admins(read: Reading) -> None:
    if not read.actor.is_admin():
        raise NotFound
