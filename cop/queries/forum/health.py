"""How the community does, month by month, from figures that were counted at night."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, or_, select

from cop.core.access import Role
from cop.core.errors import NotFound
from cop.core.small_numbers import LEAST, Figure, exact, guarded
from cop.core.work import Reading
from cop.models.community import ForumMonth
from cop.models.programmes import Programme
from cop.queries.forum.entering import PERSON, facilitates, who
from cop.queries.programmes import LATEST_FIRST

MONTHS_SHOWN = 24

PEOPLE = ("writers", "readers", "began", "organisations", "ties")
"""Figures that count people or organisations."""

NUMBERS = ("posts", "replies", "topics", "replied", "questions", "answered", "across", "helped", "me_too", "by_staff")


@dataclass(frozen=True)
class Month:
    """One month. A figure of people may be hidden from the reader; the others are None where it would tell of few.

    ``replied`` of the ``topics`` had a reply by somebody else, after ``reply_hours`` hours at the median. ``began`` are
    readers who wrote for the first time. ``across`` of the ``replies`` are to somebody of another organisation, between
    ``ties`` pairs of organisations. ``by_staff`` are posts by facilitators.
    """

    month: date
    writers: Figure
    readers: Figure
    began: Figure
    organisations: Figure
    ties: Figure
    posts: int | None
    replies: int | None
    topics: int | None
    replied: int | None
    questions: int | None
    answered: int | None
    across: int | None
    helped: int | None
    me_too: int | None
    by_staff: int | None
    reply_hours: float | None

    @property
    def waiting(self) -> int | None:
        """Topics of the month to which nobody replied."""
        return None if self.topics is None or self.replied is None else self.topics - self.replied


@dataclass(frozen=True)
class Health:
    """``is_exact`` tells that nothing is hidden from this reader. ``months`` begin with the earliest."""

    programmes: Sequence[Programme]
    programme: Programme
    is_exact: bool
    months: Sequence[Month]
    counted_at: datetime | None


def health(read: Reading, *, slug: str | None) -> Health:
    """The latest months that were counted of a programme, or of the first one that the actor may see.

    They are for facilitators and admins of the programme or of one of its courses, and for evaluators of it.
    """
    known = dict(_programmes(read))
    for programme, is_exact in known.items():
        if not slug or slug == programme.slug:
            rows = read.session.scalars(_latest(programme.id)).all()
            months = [_month(row.month, row.figures, hide=not is_exact) for row in reversed(rows)]
            counted_at = max((row.counted_at for row in rows), default=None)
            return Health(list(known), programme, is_exact, months, counted_at)
    raise NotFound


def _programmes(read: Reading) -> Sequence[tuple[Programme, bool]]:
    """Those of which the actor may see the figures, the current one first, and whether they see all of them."""
    evaluated = [grant.programme_id for grant in read.actor.grants if grant.role is Role.EVALUATOR]
    keeps_order = facilitates(PERSON, Programme.id)
    found = (
        select(Programme, keeps_order)
        .where(or_(keeps_order, Programme.id.in_([id_ for id_ in evaluated if id_ is not None])))
        .order_by(*LATEST_FIRST)
    )
    return [(row[0], row[1]) for row in read.session.execute(found, who(read))]


def _latest(programme_id: int) -> Select[ForumMonth]:
    found = select(ForumMonth).where(ForumMonth.programme_id == programme_id)
    return found.order_by(ForumMonth.month.desc()).limit(MONTHS_SHOWN)


def _month(month: date, counted: dict[str, Any], *, hide: bool) -> Month:
    """With few writers, all that they did is hidden with them: it would be about persons."""
    few = hide and 0 < counted["writers"] < LEAST
    shown: dict[str, Any] = {name: _people(counted[name], few=few, hide=hide) for name in PEOPLE}
    shown |= {name: None if few else counted[name] for name in NUMBERS}
    shown["reply_hours"] = None if few or (hide and counted["replied"] < LEAST) else counted["reply_hours"]
    return Month(month, **shown)


def _people(count: int, *, few: bool, hide: bool) -> Figure:
    if few:
        return Figure(None, is_small=0 < count < LEAST)
    return guarded(count) if hide else exact(count)
