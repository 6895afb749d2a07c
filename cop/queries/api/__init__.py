"""Lists for programs, a page at a time. A place in a list is told by the keys of its last row and not by a number, so
that whoever walks through it meets each row once, whatever is added meanwhile.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import select

from cop.core.errors import NotFound
from cop.core.work import Reading
from cop.models.events import Event

T = TypeVar("T")
S = TypeVar("S")

Key = Sequence[Any]
"""Where a row stands in its list: numbers and words that JSON knows."""


@dataclass(frozen=True)
class Wanted:
    """At most ``limit`` rows, of those that follow ``after``; of one event, where ``event_id`` says so."""

    limit: int
    after: Key | None = None
    event_id: int | None = None


@dataclass(frozen=True)
class Page(Generic[T]):
    """``next`` is where to go on, None at the end of the list."""

    rows: Sequence[T]
    next: Key | None

    @classmethod
    def cut(cls, found: Sequence[S], limit: int, key: Callable[[S], Key], row: Callable[[S], T]) -> "Page[T]":
        """The first ``limit`` of what was found; more than that tells that the list goes on."""
        shown = found[:limit]
        return cls([row(one) for one in shown], key(shown[-1]) if len(found) > limit else None)


def event_id(read: Reading, *, programme_id: int, slug: str) -> int:
    """The event of a programme; NotFound where the programme has none of this name."""
    found = read.session.scalar(select(Event.id).where(Event.slug == slug, Event.programme_id == programme_id))
    if found is None:
        raise NotFound
    return found
