"""The search page: what is public, and what the reader may see of forum, toolkit, stories and people, best first."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select

from cop.core.work import Reading
from cop.queries.forum import who
from cop.queries.search import MOST_CHARACTERS
from cop.queries.search_page import events, forum, people, stories, toolkit
from cop.queries.search_page.shared import Hit, Kind, pieces
from cop.queries.search_page.words import corrected

__all__ = ["Found", "Hit", "Kind", "Section", "found", "kinds"]

FIRST_OF_EACH = 5
"""Of each kind, where all kinds are shown."""

A_PAGE = 20
"""Of the one kind that was chosen."""

TITLE, ABOUT, EXCERPT, NAMES = 0, 1, 2, 3
"""What the columns of each search hold; from the fourth on they make the address."""

SEARCHES: Mapping[Kind, Callable[[Reading], Select[*tuple[Any, ...]]]] = {
    Kind.EVENTS: events.events,
    Kind.SERIES: events.series,
    Kind.TOOLKIT: toolkit.resources,
    Kind.RECORDINGS: events.recordings,
    Kind.TOPICS: forum.topics,
    Kind.POSTS: forum.posts,
    Kind.STORIES: stories.stories,
    Kind.PEOPLE: people.people,
}

FOR_MEMBERS = frozenset({Kind.TOPICS, Kind.POSTS, Kind.PEOPLE})
"""Where somebody who is signed out finds nothing."""


@dataclass(frozen=True)
class Section:
    kind: Kind
    hits: Sequence[Hit]
    has_more: bool


@dataclass(frozen=True)
class Found:
    """What was found, kind by kind. ``instead`` are words that would find something where these find nothing."""

    sections: Sequence[Section]
    instead: str = ""

    def __bool__(self) -> bool:
        return bool(self.sections)


def kinds(read: Reading) -> Sequence[Kind]:
    """The kinds of which the actor may find something."""
    return [kind for kind in SEARCHES if read.actor.person_id is not None or kind not in FOR_MEMBERS]


def found(read: Reading, words: str, *, kind: Kind | None = None, page: int = 1) -> Found:
    """What holds all these words: the best of each kind, or one page of one ``kind``.

    As with other engines, "quoted words" stand together and -word is left out. One statement for each kind, and where
    nothing is found the same once more with words that are spelt right.
    """
    words = words[:MOST_CHARACTERS]
    sections = _sections(read, words, kind, page)
    if sections or page > 1:
        return Found(sections)
    instead = corrected(read, words)
    return Found((), instead if instead and _sections(read, instead, kind, page) else "")


def _sections(read: Reading, words: str, kind: Kind | None, page: int) -> Sequence[Section]:
    wanted = [each for each in kinds(read) if kind in (None, each)]
    size = FIRST_OF_EACH if kind is None else A_PAGE
    values = {**who(read), "words": words, "limit": size + 1, "offset": (page - 1) * size}
    each = [(kind, _hits(read, SEARCHES[kind](read), values)) for kind in wanted]
    return [Section(kind, hits[:size], len(hits) > size) for kind, hits in each if hits]


def _hits(read: Reading, search: Select[*tuple[Any, ...]], values: Mapping[str, Any]) -> Sequence[Hit]:
    result = read.session.execute(search, values)
    names = list(result.keys())[NAMES:]
    return [
        Hit(row[TITLE], row[ABOUT], pieces(row[EXCERPT]), dict(zip(names, row[NAMES:], strict=True))) for row in result
    ]
