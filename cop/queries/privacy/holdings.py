"""What we hold about a person, area by area, in counts; and whether they can be erased now."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, literal, select, union_all

from cop.core.access import STAFF_ROLES, Role
from cop.core.errors import NotFound
from cop.core.work import Reading
from cop.models.accounts import Person, RoleGrant
from cop.queries.privacy.held import Area, Fate, Held, Who, shown, who
from cop.queries.privacy.plan import BY_COLUMN, PLAN


@dataclass(frozen=True)
class Line:
    """So many records of one kind, and what an erasure does to them; ``why`` they stay, where they do."""

    called: str
    count: int
    fate: Fate
    why: str = ""


@dataclass(frozen=True)
class Holding:
    area: Area
    lines: Sequence[Line]

    @property
    def count(self) -> int:
        return sum(line.count for line in self.lines)


def own(read: Reading) -> Sequence[Holding]:
    """What we hold about whoever acts; every area, also those without anything."""
    if read.actor.person_id is None:
        raise NotFound
    return of(read, who(read, person_id=read.actor.person_id))


def of(read: Reading, somebody: Who) -> Sequence[Holding]:
    """The same of anybody; the caller has seen that the actor may know."""
    counts = counted(read, somebody)
    return [Holding(area, list(_lines(area, counts))) for area in Area]


def counted(read: Reading, somebody: Who, *, plan: Iterable[Held] = PLAN) -> Mapping[str, int]:
    """For each way in which a table is about somebody how many rows they may see, by one statement."""
    each = [
        select(literal(held.column).label("held"), func.count().label("rows"))
        .select_from(held.table)
        .where(shown(held, somebody, BY_COLUMN))
        for held in plan
        if held.is_counted
    ]
    return {row.held: row.rows for row in read.session.execute(union_all(*each))}


def _lines(area: Area, counts: Mapping[str, int]) -> Iterable[Line]:
    """One line for each name and fate; the same rows found in two ways stand under one name only once."""
    joined: dict[tuple[str, Fate], tuple[int, str]] = {}
    for held in PLAN:
        if held.area is area and counts.get(held.column):
            count, why = joined.get((held.called, held.fate), (0, str(held.why)))
            joined[(held.called, held.fate)] = (count + counts[held.column], why)
    return (Line(called, count, fate, why) for (called, fate), (count, why) in joined.items())


def roles_that_stop(read: Reading, somebody: Who) -> Sequence[Role]:
    """Live roles of staff: they are revoked before an erasure, so that nobody erases the last admin by a slip."""
    live = select(RoleGrant.role).where(
        RoleGrant.person_id.in_(somebody.ids), RoleGrant.revoked_at.is_(None), RoleGrant.role.in_(STAFF_ROLES)
    )
    return read.session.scalars(live.distinct().order_by(RoleGrant.role)).all()


def by_public_id(read: Reading, *, public_id: str) -> Who:
    """Somebody by their address, for admins of the whole service."""
    if not read.actor.is_admin():
        raise NotFound
    found: Any = read.session.scalar(select(Person.id).where(Person.public_id == public_id))
    if found is None:
        raise NotFound
    return who(read, person_id=found)
