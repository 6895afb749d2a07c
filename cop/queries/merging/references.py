"""What points to a person or an organisation, read off the tables themselves so that no table can be forgotten."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Constraint,
    Index,
    PrimaryKeyConstraint,
    Subquery,
    Table,
    UniqueConstraint,
    and_,
    func,
    select,
)

from cop.core.work import Reading
from cop.models.accounts import Person
from cop.models.base import Base
from cop.models.merging import MergeKind
from cop.models.organisations import Organisation

TABLES: Mapping[MergeKind, Table] = {
    MergeKind.PERSON: Base.metadata.tables[Person.__tablename__],
    MergeKind.ORGANISATION: Base.metadata.tables[Organisation.__tablename__],
}

STAYS = frozenset({"audit.actor_id", "audit.about_person_id", "erasure.person_id", "person_key.person_id"})
"""What says who did something, or was changed, as it was then, under a key of its own: history does not pass over."""

Row = Mapping[str, Any]
"""A row of any table as JSON."""


@cache
def references(kind: MergeKind) -> Sequence[Column[Any]]:
    """Every column that passes over when one record becomes another, by the names of table and column."""
    columns = [column for table in Base.metadata.sorted_tables for column in _pointing(table, TABLES[kind])]
    return sorted((column for column in columns if name_of(column) not in STAYS), key=name_of)


def name_of(column: Column[Any]) -> str:
    return f"{column.table.name}.{column.name}"


def _pointing(table: Table, target: Table) -> Iterator[Column[Any]]:
    for column in table.columns:
        if any(key.column.table is target for key in column.foreign_keys):
            yield column


@dataclass(frozen=True)
class Key:
    """A promise that some columns are unique together, one of them pointing to the record.

    ``where`` limits it to some rows; ``nulls_equal`` tells that two empty values count as the same.
    """

    name: str
    column: Column[Any]
    others: Sequence[Column[Any]]
    where: ColumnElement[bool] | None = None
    nulls_equal: bool = False

    def rows(self, record_id: int, name: str) -> Subquery:
        """The rows of one record to which the promise applies."""
        found = select(self.column.table).where(self.column == record_id)
        return (found.where(self.where) if self.where is not None else found).subquery(name)

    def same(self, one: Subquery, other: Subquery) -> ColumnElement[bool]:
        """Whether the two rows could not both belong to one record."""
        pairs = [(one.c[column.name], other.c[column.name]) for column in self.others]
        if self.nulls_equal:
            return and_(True, *(left.is_not_distinct_from(right) for left, right in pairs))
        return and_(True, *(left == right for left, right in pairs))


@cache
def unique_keys(kind: MergeKind) -> Sequence[Key]:
    """Every promise that two records may break when they become one."""
    keys = [key for column in references(kind) for key in _keys_with(column)]
    return sorted(keys, key=lambda key: (key.name, key.column.name))


def _keys_with(column: Column[Any]) -> Iterator[Key]:
    table = column.table
    for constraint in table.constraints:
        if isinstance(constraint, (UniqueConstraint, PrimaryKeyConstraint)) and column in list(constraint.columns):
            yield Key(_name(constraint), column, _others(constraint.columns, column))
    for index in table.indexes:
        if index.unique and column in list(index.columns):
            options = index.dialect_options["postgresql"]
            nulls_equal = bool(options["nulls_not_distinct"])
            yield Key(_name(index), column, _others(index.columns, column), options["where"], nulls_equal)


def _name(promise: Constraint | Index) -> str:
    return str(promise.name)


def _others(columns: Any, but: Column[Any]) -> Sequence[Column[Any]]:
    return [column for column in columns if column is not but]


def doubles(read: Reading, key: Key, *, kept_id: int, gone_id: int) -> Sequence[tuple[Row, Row]]:
    """Pairs of rows, of the record that is kept and of its double, of which only one can stay."""
    kept, gone = key.rows(kept_id, "kept"), key.rows(gone_id, "gone")
    pairs = select(func.to_jsonb(kept.table_valued()), func.to_jsonb(gone.table_valued()))
    order = [kept.c[column.name] for column in key.column.table.primary_key]
    found = read.session.execute(pairs.select_from(kept).join(gone, key.same(kept, gone)).order_by(*order))
    return [(row[0], row[1]) for row in found]
