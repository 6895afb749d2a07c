"""What every search shares: the question, its excerpts, and the shape of what was found."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    SQLColumnExpression,
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

MOST_RANKED = 500
"""So many of the newest that fit are put in order; a word that fits more is no question."""

BEGIN, END = "\ue000", "\ue001"
"""Characters that nobody types, around the words that were found."""

MARKDOWN = re.compile(r"(?m)^\s*(?:>\s*|#+\s+|[-*+]\s+)+|[*`]+")
"""Marks of Markdown, which an excerpt does without."""

Snippet = Sequence[tuple[str, bool]]
"""Pieces of an excerpt in their order; the flag tells which were looked for."""


class Kind(StrEnum):
    """What can be found, in the order of the page."""

    EVENTS = "events"
    SERIES = "series"
    TOOLKIT = "toolkit"
    RECORDINGS = "recordings"
    TOPICS = "topics"
    POSTS = "posts"
    STORIES = "stories"
    PEOPLE = "people"


@dataclass(frozen=True)
class Hit:
    """One thing that was found. ``about`` says whose it is or where it stands; ``names`` make its address."""

    title: str
    about: str
    excerpt: Snippet
    names: Mapping[str, Any]


LIMIT, OFFSET = bindparam("limit", type_=Integer), bindparam("offset", type_=Integer)


def asked() -> ColumnElement[Any]:
    """The question as PostgreSQL understands it: "quoted words" stand together, -word is left out."""
    return func.websearch_to_tsquery(english(), bindparam("words", type_=Text), type_=TSQUERY)


def english() -> ColumnElement[Any]:
    return cast(literal("english"), REGCONFIG)


def vector(words: TextClause) -> ColumnElement[Any]:
    """The expression of an index. It names plain columns, so it stands in a statement about one table alone."""
    return literal_column(words.text, TSVECTOR)


def ranked(key: Any, words: SQLColumnExpression[Any], *conditions: ColumnElement[bool]) -> Any:
    """The newest rows of one table that fit, by their keys, with their ranks, as a subquery.

    The order is by an expression, so that PostgreSQL takes the index of the words, and not that of the keys.
    """
    newest = select(key).where(words.op("@@")(asked()), *conditions).order_by(-key).limit(MOST_RANKED)
    rank = func.ts_rank(words, asked()).label("rank")
    return select(key.label("id"), rank).where(key.in_(newest.correlate(None))).subquery("ranked")


def excerpt(text: Any) -> ColumnElement[str]:
    """Some words around what was found, which stands between marks that no page shows."""
    options = f"StartSel={BEGIN}, StopSel={END}, MaxWords=30, MinWords=12"
    return func.ts_headline(english(), text, asked(), options, type_=Text)


def pieces(text: str) -> Snippet:
    found: list[tuple[str, bool]] = []
    for number, piece in enumerate(MARKDOWN.sub("", text).split(BEGIN)):
        inside, mark, after = piece.partition(END)
        found += [(inside, bool(number and mark)), (after, False)]
    return [(words, is_found) for words, is_found in found if words]
