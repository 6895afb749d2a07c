"""Reads of the breach log, for admins of everything."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, or_, select

from cop.core.errors import NotFound
from cop.core.work import Reading
from cop.models.privacy import Breach, BreachRisk

REPORT_WITHIN = timedelta(hours=72)
"""So long after it was noticed a breach that is a risk to people is reported to the ICO (UK GDPR, Article 33)."""


def report_by(breach: Breach) -> datetime:
    return breach.noticed_at + REPORT_WITHIN


def is_undecided() -> ColumnElement[bool]:
    """Whether somebody has to say still if it is a risk, or to report it, or why not."""
    unreported = (Breach.reported_at.is_(None)) & (Breach.why_not_reported == "")
    return Breach.closed_at.is_(None) & or_(Breach.risk.is_(None), (Breach.risk != BreachRisk.UNLIKELY) & unreported)


def listed(read: Reading, *, offset: int = 0, limit: int | None = 50) -> Sequence[Breach]:
    """Open ones first, then the newest; ``limit`` + 1 of them, or all for the file."""
    _only_admins(read)
    found = select(Breach).order_by(Breach.closed_at.is_not(None), Breach.noticed_at.desc(), Breach.id.desc())
    if limit is not None:
        found = found.offset(offset).limit(limit + 1)
    return read.session.scalars(found).all()


def one(read: Reading, *, public_id: str) -> Breach:
    _only_admins(read)
    found = read.session.scalars(select(Breach).where(Breach.public_id == public_id)).one_or_none()
    if found is None:
        raise NotFound
    return found


def count_undecided(read: Reading) -> int:
    """How many breaches wait for a decision; for others than admins nothing waits."""
    if not read.actor.is_admin():
        return 0
    return read.session.scalars(select(func.count()).where(is_undecided())).one()


def _only_admins(read: Reading) -> None:
    if not read.actor.is_admin():
        raise NotFound
