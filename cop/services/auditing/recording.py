"""Noticing changes: of objects as they are flushed, and of rows that statements insert, update and delete.

What goes around the ORM, such as ``text("UPDATE …")`` or the counters of a trigger, is not noticed.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Delete,
    Insert,
    Result,
    Update,
    event,
    inspect,
    literal_column,
    select,
    tuple_,
)
from sqlalchemy.orm import ORMExecuteState, Session, SessionTransaction, UOWTransaction
from sqlalchemy.orm.base import PASSIVE_NO_INITIALIZE

from cop.core.work import Record, open_work
from cop.models.audited import BY_MODEL, Audited, Row
from cop.services.auditing.changes import UNKNOWN, Action, Change, needed
from cop.services.auditing.rows import write

AT_ONCE = 1_000
"""Rows that one statement looks up by their keys."""

IS_NEW = literal_column("xmax = 0", Boolean).label("is_new")
"""Whether a statement that inserts or else updates has inserted the row."""


def attach(sessions: type[Session]) -> None:
    """Record whatever units of work change in sessions of this class."""
    event.listen(sessions, "before_flush", _before_flush)
    event.listen(sessions, "after_flush", _after_flush)
    event.listen(sessions, "do_orm_execute", _statement)
    event.listen(sessions, "before_commit", _before_commit)
    event.listen(sessions, "after_transaction_create", _savepoint)
    event.listen(sessions, "after_soft_rollback", _undone)


def _record(session: Session) -> Record | None:
    work = open_work(session)
    return work.record if work is not None else None


def _before_flush(session: Session, _flush: UOWTransaction, _objects: object) -> None:
    """Note what is about to change, while the database still says how it was."""
    record = _record(session)
    if record is None:
        return
    for changed in session.dirty:
        if (what := BY_MODEL.get(type(changed))) is not None:
            record.changes.extend(_changed_object(session, what, changed))
    for gone in session.deleted:
        if (what := BY_MODEL.get(type(gone))) is not None:
            record.changes.append(Change(what, Action.DELETED, _row(what, gone), _said(what, gone), {}))


def _after_flush(session: Session, _flush: UOWTransaction) -> None:
    """Note what was made: only now has it a key."""
    record = _record(session)
    if record is None:
        return
    for made in session.new:
        what = BY_MODEL.get(type(made))
        if what is not None and what.made:
            record.changes.append(Change(what, Action.CREATED, _row(what, made), {}, {}))


def _changed_object(session: Session, what: Audited, changed: object) -> Iterator[Change]:
    state = inspect(changed)
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for name in what.columns:
        if name not in state.dict:
            continue
        history = state.get_history(name, PASSIVE_NO_INITIALIZE)
        if history.added:
            before[name] = history.deleted[0] if history.deleted else UNKNOWN
            after[name] = history.added[0]
    if not after:
        return
    row = _row(what, changed)
    unknown = [name for name, value in before.items() if value is UNKNOWN]
    if unknown:  # set without having been loaded
        columns = [what.mapper.columns[name] for name in unknown]
        found = session.connection().execute(select(*columns).where(_is_one_of(what, [what.identity(row)])))
        before |= dict(zip(unknown, found.one(), strict=True))
    yield Change(what, Action.CHANGED, row, before, after)


def _row(what: Audited, made: object) -> Row:
    return {name: getattr(made, name) for name in needed(what)}


def _said(what: Audited, gone: object) -> Row:
    return {name: value for name in what.columns if (value := getattr(gone, name)) is not None}


def _statement(execute: ORMExecuteState) -> Result[Any] | None:
    """Note what a statement changes, by looking before and after it."""
    if execute.is_select or execute.bind_mapper is None:
        return None
    what = BY_MODEL.get(execute.bind_mapper.class_)
    record = _record(execute.session)
    if what is None or record is None:
        return None
    statement = execute.statement
    if isinstance(statement, Insert):
        return _insert(execute, statement, what, record)
    if isinstance(statement, Update):
        return _update(execute, statement, what, record)
    if isinstance(statement, Delete):
        found = _look(execute.session, what, statement.whereclause, for_update=True)
        for row in found.values():
            said = {name: row[name] for name in what.columns if row[name] is not None}
            record.changes.append(Change(what, Action.DELETED, row, said, {}))
    return None


def _insert(execute: ORMExecuteState, statement: Insert, what: Audited, record: Record) -> Result[Any] | None:
    if not what.made:
        return None
    names = needed(what)
    told = statement.returning(*(getattr(what.model, name) for name in names), IS_NEW)
    result = execute.invoke_statement(statement=told).freeze()
    was_there = []
    for returned in result().all():
        *values, is_new = returned[-len(names) - 1 :]
        row = dict(zip(names, values, strict=True))
        if is_new:
            record.changes.append(Change(what, Action.CREATED, row, {}, {}))
        else:
            was_there.append(what.identity(row))
    for found in _look(execute.session, what, _is_one_of(what, was_there)).values() if was_there else ():
        after = {name: found[name] for name in what.columns}
        record.changes.append(Change(what, Action.CHANGED, found, dict.fromkeys(after, UNKNOWN), after))
    return result()


def _update(execute: ORMExecuteState, statement: Update, what: Audited, record: Record) -> Result[Any]:
    if execute.is_executemany and isinstance(execute.parameters, Sequence):
        where: ColumnElement[bool] | None = _is_one_of(what, [what.identity(row) for row in execute.parameters])
    else:
        where = statement.whereclause
    before = _look(execute.session, what, where, for_update=True)
    result = execute.invoke_statement()
    keys = list(before)
    for begin in range(0, len(keys), AT_ONCE):
        found = _look(execute.session, what, _is_one_of(what, keys[begin : begin + AT_ONCE]))
        for key, row in found.items():
            moved = [name for name in what.columns if before[key][name] != row[name]]
            if moved:
                was, now = ({name: each[name] for name in moved} for each in (before[key], row))
                record.changes.append(Change(what, Action.CHANGED, row, was, now))
    return result


def _look(
    session: Session, what: Audited, where: ColumnElement[bool] | None, *, for_update: bool = False
) -> Mapping[tuple[Any, ...], Row]:
    names = tuple(dict.fromkeys([*needed(what), *what.columns]))
    looked = select(*(getattr(what.model, name) for name in names))
    if where is not None:
        looked = looked.where(where)
    if for_update:
        looked = looked.with_for_update(of=what.model, key_share=True)
    rows: Iterable[Row] = (dict(zip(names, row, strict=True)) for row in session.execute(looked))
    return {what.identity(row): row for row in rows}


def _is_one_of(what: Audited, keys: Sequence[tuple[Any, ...]]) -> ColumnElement[bool]:
    return tuple_(*(getattr(what.model, name) for name in what.keys)).in_(keys)


def _before_commit(session: Session) -> None:
    work = open_work(session)
    if work is None or session.in_nested_transaction():
        return
    session.flush()
    if work.record.changes:
        write(work)


def _savepoint(session: Session, transaction: SessionTransaction) -> None:
    record = _record(session)
    if record is not None and transaction.nested:
        record.savepoints[transaction] = len(record.changes)


def _undone(session: Session, transaction: SessionTransaction) -> None:
    record = _record(session)
    if record is not None and transaction.nested:
        del record.changes[record.savepoints[transaction] :]
