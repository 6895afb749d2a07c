"""How a table comes to hold something about a person, and how its rows are found."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import Column, ColumnElement, Select, Table, and_, select

from cop.core.errors import NotFound
from cop.core.work import Reading
from cop.models.accounts import Person
from cop.models.base import Base
from cop.models.cohorts import Decision


class Area(StrEnum):
    """The parts of the service, as the privacy centre shows them."""

    PROFILE = "profile"
    SIGN_IN = "sign-in"
    BOOKINGS = "bookings"
    NEEDS = "needs"
    APPLICATIONS = "applications"
    ANSWERS = "answers"
    PLANS = "plans"
    FORUM = "forum"
    MEMBERS = "members"
    TOOLKIT = "toolkit"
    MAILS = "mails"
    CONSENTS = "consents"
    EQUALITY = "equality"
    HISTORY = "history"
    REQUESTS = "requests"
    STAFF = "staff"


class Fate(StrEnum):
    """What becomes of rows at an erasure: they go, stay for counts and lead to nobody, or stay as they are."""

    GOES = "goes"
    NAMELESS = "nameless"
    STAYS = "stays"


@dataclass(frozen=True)
class Held:
    """One way in which rows of a table are about somebody.

    ``column`` ("table.column") names the person; with ``through`` it points to a row that is theirs, of which
    ``key`` is compared; with ``by_address`` it holds their e-mail address. ``empties`` says what the columns hold after
    an erasure. ``excused`` is the reason why a copy leaves the rows out, ``left_out`` the columns that it leaves out,
    each with the reason. ``told`` limits what they see to applications whose decision was told, ``where`` the rows.
    What is not ``is_counted`` belongs to rows that are.
    """

    column: str
    area: Area
    called: str
    fate: Fate
    empties: Mapping[str, Any] = field(default_factory=dict)
    through: str | None = None
    key: str | None = None
    by_address: bool = False
    why: str = ""
    excused: str = ""
    left_out: Mapping[str, str] = field(default_factory=dict)
    told: bool = False
    where: Callable[[], ColumnElement[bool]] | None = None
    is_counted: bool = True

    @property
    def table(self) -> Table:
        return Base.metadata.tables[self.column.rpartition(".")[0]]

    @property
    def points(self) -> Column[Any]:
        return self.table.c[self.column.rpartition(".")[2]]


@dataclass(frozen=True)
class Who:
    """A person with the doubles that were merged into their record, and the addresses that they have.

    An address that they asked for and did not confirm is not among them: it may be somebody else's.
    """

    ids: Sequence[int]
    addresses: Sequence[str]
    names: Sequence[str]

    @property
    def id(self) -> int:
        return self.ids[0]


def who(read: Reading, *, person_id: int) -> Who:
    """NotFound where there is no such person, or they were erased or merged into another."""
    own = select(Person.id, Person.name, Person.email).where(
        Person.id == person_id, Person.merged_into.is_(None), Person.erased_at.is_(None)
    )
    first = read.session.execute(own).one_or_none()
    if first is None:
        raise NotFound
    rows = [first]
    newest = [person_id]
    while newest:
        doubles = select(Person.id, Person.name, Person.email).where(Person.merged_into.in_(newest))
        found = read.session.execute(doubles.order_by(Person.id)).all()
        rows += found
        newest = [row.id for row in found]
    ids = [row.id for row in rows]
    return Who(
        ids,
        [row.email for row in rows if row.email],
        list(dict.fromkeys(row.name for row in rows)),
    )


def theirs(held: Held, of: Who, plan: Mapping[str, Held]) -> ColumnElement[bool]:
    """Which rows of the table are about this person."""
    found = _found(held, of, plan)
    return found if held.where is None else and_(found, held.where())


def _found(held: Held, of: Who, plan: Mapping[str, Held]) -> ColumnElement[bool]:
    if held.by_address:
        return held.points.in_(of.addresses)
    if held.through is None:
        return held.points.in_(of.ids)
    parent = plan[held.through]
    return held.points.in_(select(_compared(held, parent)).where(theirs(parent, of, plan)))


def shown(held: Held, of: Who, plan: Mapping[str, Held]) -> ColumnElement[bool]:
    """Those that the person sees, in counts and in a copy: nothing of a decision before it is told."""
    found = theirs(held, of, plan)
    if not held.told:
        return found
    released: Select[Any] = select(Decision.application_id).where(Decision.released_at.is_not(None))
    return and_(found, held.table.c.application_id.in_(released))


@cache
def _compared_by_key(column: Column[Any], table: Table) -> Column[Any]:
    for key in column.foreign_keys:
        if key.column.table is table:
            return key.column
    raise ValueError(f"{column} does not point to {table}")


def _compared(held: Held, parent: Held) -> Column[Any]:
    if held.key is not None:
        return parent.table.c[held.key]
    return _compared_by_key(held.points, parent.table)
