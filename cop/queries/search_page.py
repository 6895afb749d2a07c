"""The search page: public events and series, and what members may see of the forum, best first."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Text,
    bindparam,
    cast,
    func,
    literal,
    literal_column,
    select,
)
from sqlalchemy.dialects.postgresql import REGCONFIG, TSQUERY, TSVECTOR
from sqlalchemy.sql.elements import TextClause

from cop.core.work import Reading
from cop.models.accounts import Person
from cop.models.events import EVENT_WORDS, Event, EventKind, EventState, Visibility
from cop.models.forum import POST_WORDS, TOPIC_WORDS, Post, Space, Topic
from cop.models.programmes import Series
from cop.queries.forum import spaces_entered, who
from cop.queries.search import MOST_CHARACTERS

MOST_FOUND = 20
"""Of each kind."""

MOST_RANKED = 500
"""So many of the newest that fit are put in order; a word that fits more is no question."""

BEGIN, END = "\ue000", "\ue001"
"""Characters that nobody types, around the words that were found."""

MARKDOWN = re.compile(r"(?m)^\s*(?:>\s*|#+\s+|[-*+]\s+)+|[*`]+")
"""Marks of Markdown, which an excerpt does without."""

Snippet = Sequence[tuple[str, bool]]
"""Pieces of an excerpt in their order; the flag tells which were looked for."""


@dataclass(frozen=True)
class FoundEvent:
    kind: EventKind
    slug: str
    title: str
    summary: Snippet


@dataclass(frozen=True)
class FoundSeries:
    slug: str
    name: str
    summary: Snippet


@dataclass(frozen=True)
class FoundTopic:
    space_slug: str
    space: str
    id: int
    slug: str
    title: str


@dataclass(frozen=True)
class FoundPost:
    excerpt: Snippet
    space_slug: str
    topic_id: int
    topic_slug: str
    topic: str
    number: int
    author: str


@dataclass(frozen=True)
class Found:
    events: Sequence[FoundEvent]
    series: Sequence[FoundSeries]
    topics: Sequence[FoundTopic]
    posts: Sequence[FoundPost]

    def __bool__(self) -> bool:
        return bool(self.events or self.series or self.topics or self.posts)


def found(read: Reading, words: str) -> Found:
    """What holds all these words. As with other engines, "quoted words" stand together and -word is left out."""
    asked = {"words": words[:MOST_CHARACTERS]}
    rows = read.session.execute
    events = [FoundEvent(row[0], row[1], row[2], _pieces(row[3])) for row in rows(_events(), asked)]
    series = [FoundSeries(row[0], row[1], _pieces(row[2])) for row in rows(_series(), asked)]
    if read.actor.person_id is None:
        return Found(events, series, (), ())
    mine = {**who(read), **asked}
    topics = [FoundTopic(*row) for row in rows(_topics(), mine)]
    posts = [FoundPost(_pieces(row[0]), *row[1:]) for row in rows(_posts(), mine)]
    return Found(events, series, topics, posts)


def _asked() -> ColumnElement[Any]:
    words = bindparam("words", type_=Text)
    return func.websearch_to_tsquery(_english(), words, type_=TSQUERY)


def _english() -> ColumnElement[Any]:
    return cast(literal("english"), REGCONFIG)


def _vector(words: TextClause) -> ColumnElement[Any]:
    """The expression of an index. It names plain columns, so it stands in a statement about one table alone."""
    return literal_column(words.text, TSVECTOR)


def _excerpt(text: Any) -> ColumnElement[str]:
    """Some words around what was found, which stands between marks that no page shows."""
    options = f"StartSel={BEGIN}, StopSel={END}, MaxWords=30, MinWords=12"
    return func.ts_headline(_english(), text, _asked(), options, type_=Text)


def _pieces(excerpt: str) -> Snippet:
    pieces: list[tuple[str, bool]] = []
    for number, piece in enumerate(MARKDOWN.sub("", excerpt).split(BEGIN)):
        inside, mark, after = piece.partition(END)
        pieces += [(inside, bool(number and mark)), (after, False)]
    return [(text, is_found) for text, is_found in pieces if text]


@cache
def _events() -> Select[*tuple[Any, ...]]:
    """Published ones that everybody may see."""
    rank = func.ts_rank(_vector(EVENT_WORDS), _asked())
    best = (
        select(Event.id, rank.label("rank"))
        .where(
            _vector(EVENT_WORDS).op("@@")(_asked()),
            Event.state == EventState.PUBLISHED,
            Event.visibility == Visibility.PUBLIC,
        )
        .order_by(rank.desc(), Event.id.desc())
        .limit(MOST_FOUND)
        .subquery("best")
    )
    return (
        select(Event.kind, Event.slug, Event.title, _excerpt(Event.summary))
        .join(best, best.c.id == Event.id)
        .order_by(best.c.rank.desc(), Event.id.desc())
    )


@cache
def _series() -> Select[*tuple[Any, ...]]:
    vector = func.to_tsvector(_english(), Series.name + " " + Series.summary, type_=TSVECTOR)
    return (
        select(Series.slug, Series.name, _excerpt(Series.summary))
        .where(vector.op("@@")(_asked()))
        .order_by(func.ts_rank(vector, _asked()).desc(), Series.id)
        .limit(MOST_FOUND)
    )


@cache
def _topics() -> Select[*tuple[Any, ...]]:
    rank = func.ts_rank(_vector(TOPIC_WORDS), _asked())
    best = (
        select(Topic.id, rank.label("rank"))
        .where(
            _vector(TOPIC_WORDS).op("@@")(_asked()),
            Topic.space_id.in_(spaces_entered()),
            Topic.hidden_at.is_(None),
        )
        .order_by(Topic.id.desc())
        .limit(MOST_RANKED)
        .subquery("best")
    )
    return (
        select(Space.slug, Space.name, Topic.id, Topic.slug, Topic.title)
        .select_from(Topic)
        .join(best, best.c.id == Topic.id)
        .join(Space, Space.id == Topic.space_id)
        .order_by(best.c.rank.desc(), Topic.id.desc())
        .limit(MOST_FOUND)
    )


@cache
def _posts() -> Select[*tuple[Any, ...]]:
    rank = func.ts_rank(_vector(POST_WORDS), _asked())
    readable = select(Topic.id).where(Topic.space_id.in_(spaces_entered()), Topic.hidden_at.is_(None))
    fitting = (
        select(Post.id, rank.label("rank"))
        .where(
            _vector(POST_WORDS).op("@@")(_asked()),
            Post.topic_id.in_(readable),
            Post.deleted_at.is_(None),
            Post.hidden_at.is_(None),
        )
        .order_by(Post.id.desc())
        .limit(MOST_RANKED)
        .subquery("fitting")
    )
    best = (
        select(fitting.c.id, fitting.c.rank)
        .order_by(fitting.c.rank.desc(), fitting.c.id.desc())
        .limit(MOST_FOUND)
        .subquery("best")
    )
    return (
        select(_excerpt(Post.body), Space.slug, Topic.id, Topic.slug, Topic.title, Post.number, Person.name)
        .select_from(Post)
        .join(best, best.c.id == Post.id)
        .join(Topic, Topic.id == Post.topic_id)
        .join(Space, Space.id == Topic.space_id)
        .join(Person, Person.id == Post.author_id)
        .order_by(best.c.rank.desc(), Post.id.desc())
    )
