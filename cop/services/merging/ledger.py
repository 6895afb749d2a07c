"""Writes what becomes of rows when two records become one, and keeps a ledger from which it can be undone exactly."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Table,
    TableValuedAlias,
    and_,
    delete,
    func,
    insert,
    literal,
    literal_column,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import IntegrityError

from cop.core.errors import Refusal, marked
from cop.core.work import Work
from cop.models.base import Base
from cop.queries.merging.references import Row, name_of
from cop.services.imports.planning import as_table

CONTRADICTED = marked(
    "What the merge brought together has been changed since, so it cannot be taken apart again by itself"
)
TAKEN = marked("The places that the second booking gave back are somebody else’s by now, so this cannot be undone")


class Ledger:
    """What passed over, what was changed and what was removed, in this order of the steps: rows are changed or removed
    first, and then what is left passes over.
    """

    def __init__(self, work: Work) -> None:
        self._work = work
        self.moved: list[dict[str, Any]] = []
        self.changed: list[dict[str, Any]] = []
        self.removed: list[dict[str, Any]] = []

    def as_json(self) -> dict[str, Any]:
        return {"moved": self.moved, "changed": self.changed, "removed": self.removed}

    def move(self, column: Column[Any], *, from_id: int, to_id: int) -> None:
        """Let every row that points to the one record point to the other."""
        statement = update(column.table).where(column == from_id).values({column: to_id})
        keys = self._work.session.execute(statement.returning(*column.table.primary_key)).all()
        if keys:
            step = {"column": name_of(column), "from": from_id, "to": to_id}
            self.moved.append(step | {"keys": [list(key) for key in keys]})

    def change(self, table: Table, row: Row, **values: Any) -> None:
        key = _key_of(table, row)
        before = _as_json(self._work, table, key)
        self._work.session.execute(update(table).where(_is(table, key)).values(values))
        after = _as_json(self._work, table, key)
        step = {"table": table.name, "key": key}
        self.changed.append(step | {name: {c: row[c] for c in values} for name, row in _named(before, after)})

    def rows(self, table: Table, *conditions: ColumnElement[bool]) -> Sequence[Row]:
        """The rows of a table as JSON, by their keys."""
        found = select(func.to_jsonb(table.table_valued())).where(*conditions).order_by(*table.primary_key)
        return self._work.session.scalars(found).all()

    def remove(self, table: Table, row: Row) -> None:
        key = _key_of(table, row)
        self.removed.append({"table": table.name, "row": _as_json(self._work, table, key)})
        self._work.session.execute(delete(table).where(_is(table, key)))


def _named(before: Row, after: Row) -> Sequence[tuple[str, Row]]:
    return [("before", before), ("after", after)]


def undo(work: Work, ledger: Mapping[str, Any]) -> None:
    """Take every step back, the last first; Refusal where something that was changed then has been changed since."""
    try:
        with work.session.begin_nested():
            for moved in reversed(ledger["moved"]):
                _move_back(work, moved)
            for removed in reversed(ledger["removed"]):
                table = Base.metadata.tables[removed["table"]]
                row = _as_record(table, removed["row"])
                work.session.execute(insert(table).from_select(list(table.columns.keys()), select(row)))
            for changed in reversed(ledger["changed"]):
                _change_back(work, changed)
    except IntegrityError as error:
        constraint = str(getattr(getattr(error.orig, "diag", None), "constraint_name", ""))
        raise Refusal(TAKEN if constraint.endswith("seats_fit") else CONTRADICTED) from error


def _move_back(work: Work, moved: Mapping[str, Any]) -> None:
    """What was deleted meanwhile is gone, and contradicts nothing."""
    table_name, _, column_name = moved["column"].rpartition(".")
    table = Base.metadata.tables[table_name]
    columns = {f"key_{column.name}": column for column in table.primary_key}
    given = as_table(
        (dict(zip(columns, key, strict=True)) for key in moved["keys"]),
        **{name: column.type for name, column in columns.items()},
    )
    same = and_(*(column == given.c[name] for name, column in columns.items()))
    column = table.c[column_name]
    work.session.execute(update(table).where(same, column == moved["to"]).values({column: moved["from"]}))


def _change_back(work: Work, changed: Mapping[str, Any]) -> None:
    table, key = Base.metadata.tables[changed["table"]], changed["key"]
    now = _as_json(work, table, key)
    if {name: now.get(name) for name in changed["after"]} != changed["after"]:
        raise Refusal(CONTRADICTED)
    before = _as_record(table, changed["before"])
    values: dict[str, Any] = {name: select(before.c[name]).scalar_subquery() for name in changed["before"]}
    if "sequence" in values:  # calendars believe only what is newer than what they have
        values |= {"sequence": table.c.sequence + 1, "changed_at": work.now}
    work.session.execute(update(table).where(_is(table, key)).values(values))


def _key_of(table: Table, row: Row) -> dict[str, Any]:
    return {column.name: row[column.name] for column in table.primary_key}


def _is(table: Table, key: Row) -> ColumnElement[bool]:
    return and_(*(table.c[name] == value for name, value in key.items()))


def _as_json(work: Work, table: Table, key: Row) -> Row:
    """The row as JSON, letter for letter what PostgreSQL makes a row of again; empty where there is none."""
    found: Row | None = work.session.scalar(select(func.to_jsonb(table.table_valued())).where(_is(table, key)))
    return found or {}


def _as_record(table: Table, row: Row) -> TableValuedAlias:
    empty = literal_column(f'NULL::"{table.name}"', JSONB)
    return func.jsonb_populate_record(empty, literal(dict(row), JSONB)).table_valued(*table.columns.keys())
