"""Reads of the records of processing, for admins of everything."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import func, select

from cop.core import place
from cop.core.errors import NotFound
from cop.core.work import Reading
from cop.models.privacy import Processing

SOON = timedelta(days=14)
"""So long before the day of its review an entry waits on the desk."""


def listed(read: Reading, *, retired: bool = True) -> Sequence[Processing]:
    """All entries in their order, those that are over last, or left out."""
    _only_admins(read)
    found = select(Processing).order_by(Processing.retired_at.is_not(None), Processing.position, Processing.id)
    if not retired:
        found = found.where(Processing.retired_at.is_(None))
    return read.session.scalars(found).all()


def one(read: Reading, entry_id: int) -> Processing:
    _only_admins(read)
    found = read.session.get(Processing, entry_id)
    if found is None:
        raise NotFound
    return found


def count_to_review(read: Reading) -> int:
    """How many entries are to be looked at again; for others than admins nothing waits."""
    if not read.actor.is_admin():
        return 0
    due = Processing.review_on <= place.day_of(read.now) + SOON
    return read.session.scalars(select(func.count()).where(due, Processing.retired_at.is_(None))).one()


def _only_admins(read: Reading) -> None:
    if not read.actor.is_admin():
        raise NotFound
