"""From the changes of a unit of work to rows of the audit, in one statement, with their values encrypted."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import insert, inspect, select
from sqlalchemy.dialects.postgresql import insert as insert_unless_there

from cop.core import secrecy
from cop.core.work import Work
from cop.models.audit import Audit, PersonKey
from cop.models.audited import Row, Through
from cop.models.programmes import Programme
from cop.services.auditing.changes import UNKNOWN, Action, Change, settled

Said = Mapping[str, Sequence[Any]]
"""For each column what it said before and after; only after, where nobody asked before."""


@dataclass(frozen=True)
class Placed:
    """A change, with whose history it belongs to, whom it is about, and the programme that the row names."""

    change: Change
    subject: tuple[str, Any]
    about: int | None
    programme_id: int | None
    said: Said


def write(work: Work) -> None:
    """Add the rows to the transaction that they tell about."""
    changes = settled(work.record.changes)
    work.record.changes.clear()
    further = _further(work, changes)
    placed = [_placed(change, further) for change in changes]
    keys = _keys(work, {item.about for item in placed if item.said and item.about is not None})
    rows = [
        {
            "at": work.now,
            "actor_id": work.actor.person_id,
            "via": work.actor.via,
            "action": _action(item.change),
            "subject_kind": item.subject[0],
            "subject_id": str(item.subject[1]),
            "programme_id": item.programme_id,
            "about_person_id": item.about,
            "fields": [name for name in item.change.what.columns if name in {*item.change.before, *item.change.after}],
            "values": _sealed(item, keys),
            "reason": work.record.reason,
        }
        for item in placed
    ]
    if rows:
        work.session.execute(insert(Audit), rows)


def _action(change: Change) -> str:
    return str(change.action) if change.what.of is None else f"{change.action} {change.what.kind}"


def _placed(change: Change, further: Mapping[Through, Mapping[Any, Row]]) -> Placed:
    what, row = change.what, dict(change.row)
    if what.through is not None:
        row |= further[what.through][row[what.through.by]]
    subject = what.subject(row)
    about = row[what.about] if what.about else None
    return Placed(
        change,
        subject,
        about=subject[1] if about is None and subject[0] == "person" else about,
        programme_id=row["id"] if what.model is Programme else row.get("programme_id"),
        said=_said(change, row),
    )


def _further(work: Work, changes: Sequence[Change]) -> Mapping[Through, Mapping[Any, Row]]:
    """The rows that tell where others belong, by their keys: one statement for each of their tables.

    A row that this unit of work has deleted is found among the changes themselves.
    """
    wanted: dict[Through, set[Any]] = {}
    for change in changes:
        if (through := change.what.through) is not None:
            wanted.setdefault(through, set()).add(change.row[through.by])
    found: dict[Through, Mapping[Any, Row]] = {}
    for through, ids in wanted.items():
        (key,) = inspect(through.model).primary_key
        columns = [getattr(through.model, name) for name in through.brings]
        rows = work.session.execute(select(key, *columns).where(key.in_(ids)))
        gone = [change for change in changes if change.what.model is through.model and change.action is Action.DELETED]
        found[through] = {
            **{change.row[str(key.key)]: {name: change.row[name] for name in through.brings} for change in gone},
            **{row[0]: dict(zip(through.brings, row[1:], strict=True)) for row in rows},
        }
    return found


def _said(change: Change, row: Row) -> Said:
    """What is written down: which row it is, and how its columns changed, but never what a sealed one says."""
    what = change.what
    said: dict[str, Sequence[Any]] = {}
    for name in what.names if change.action is not Action.DELETED else ():
        if row[name] is not None and name not in change.after:
            said[name] = [None if change.action is Action.CREATED else row[name], row[name]]
    for name in (*change.before, *(name for name in change.after if name not in change.before)):
        if name not in what.sealed:
            before, after = change.before.get(name), change.after.get(name)
            said[name] = [after] if before is UNKNOWN else [before, after]
    return said


def _keys(work: Work, person_ids: set[int]) -> Mapping[int, str | None]:
    """The keys of these persons, made where there are none yet; None where a key was forgotten."""
    if not person_ids:
        return {}
    wanted = select(PersonKey.person_id, PersonKey.key).where(PersonKey.person_id.in_(person_ids))
    found = {row.person_id: row.key for row in work.session.execute(wanted)}
    missing = sorted(person_ids - found.keys())
    if missing:
        made = [{"person_id": one, "key": secrecy.new_encryption_key(), "made_at": work.now} for one in missing]
        work.session.execute(insert_unless_there(PersonKey).on_conflict_do_nothing(), made)
        found = {row.person_id: row.key for row in work.session.execute(wanted)}  # somebody else may have been first
    return found


def _sealed(item: Placed, keys: Mapping[int, str | None]) -> bytes | None:
    if not item.said:
        return None
    text = json.dumps(item.said, ensure_ascii=False, separators=(",", ":"), default=_plain)
    if item.about is None:
        return secrecy.encrypt(text)
    key = keys[item.about]
    return secrecy.encrypt_under(key, text) if key is not None else None


def _plain(value: object) -> str:
    if isinstance(value, date):  # instants too
        return value.isoformat()
    if isinstance(value, timedelta):
        return f"{value / timedelta(hours=1):g} hours"
    if isinstance(value, Decimal):
        return f"{value:f}"
    raise TypeError(f"the audit cannot write down {type(value).__name__}")
