"""One change of one row, and what becomes of several changes of it within a unit of work."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final

from cop.models.audited import Audited, Row


class Action(StrEnum):
    CREATED = "created"
    CHANGED = "changed"
    DELETED = "deleted"


UNKNOWN: Final = object()
"""What a row said before, where a statement that inserts or updates did not ask."""


@dataclass(frozen=True)
class Change:
    """``row`` holds what tells which row it is and whose; ``before`` and ``after`` hold the columns that changed."""

    what: Audited
    action: Action
    row: Row
    before: Row
    after: Row


def needed(what: Audited) -> tuple[str, ...]:
    """The columns that a change has to know beside those that changed: which row it is, and where it belongs."""
    place = {"programme_id", what.about, *([what.through.by] if what.through else [])}
    points = {name for name in what.everything if what.of and what.mapper.columns[name].foreign_keys}
    merged = {"kind", "kept_id"} if "kept_id" in what.everything else set()
    wanted = {*what.keys, *what.names, *place, *points, *merged}
    return tuple(name for name in what.everything if name in wanted)


def settled(changes: Iterable[Change]) -> Sequence[Change]:
    """At most one change for each row: what it was at first, and what it is at the end."""
    found: dict[tuple[Any, ...], Change] = {}
    for change in changes:
        key = (change.what.model, *change.what.identity(change.row))
        earlier = found.pop(key, None)
        joined = change if earlier is None else _joined(earlier, change)
        if joined is not None:
            found[key] = joined
    return list(found.values())


def _joined(first: Change, then: Change) -> Change | None:
    if first.action is Action.CREATED:
        return None if then.action is Action.DELETED else replace(first, row=then.row)
    if first.action is Action.DELETED:  # deleted, and made again under the same key
        return then
    before = {**then.before, **first.before}
    if then.action is Action.DELETED:
        return replace(then, before=before)
    after = {**first.after, **then.after}
    moved = [name for name in after if before[name] is UNKNOWN or before[name] != after[name]]
    if not moved:
        return None
    return replace(then, before={name: before[name] for name in moved}, after={name: after[name] for name in moved})
