"""Full-text search by the beginnings of words, without extensions of PostgreSQL."""

import re

from sqlalchemy import ColumnElement, Text, cast, false, func, literal, literal_column, select
from sqlalchemy.dialects.postgresql import REGCONFIG, TSQUERY, TSVECTOR
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.elements import TextClause

MOST_CHARACTERS = 200
"""PostgreSQL refuses words of more than two kilobytes."""

MOST_WORDS = 8
PIECE = re.compile(r"[^\W_]+")
EDGES = re.compile(r"^[\W_]+|[\W_]+$")


def matching(key: InstrumentedAttribute[int], vector: TextClause, words: str) -> ColumnElement[bool]:
    """Whether a row holds a word that begins with each of ``words``, as a condition on its primary key.

    ``vector`` is the expression that the table's GIN index is made of. It stands in a subquery of its own, where its
    plain column names can only mean this table.
    """
    words = words[:MOST_CHARACTERS]
    pieces = PIECE.findall(words)[:MOST_WORDS]
    if not pieces:
        return false()
    apart = func.to_tsquery(cast(literal("simple"), REGCONFIG), " & ".join(f"{piece}:*" for piece in pieces))
    looked_through = literal_column(vector.text, TSVECTOR)
    whole = cast(literal(_whole_words(words), Text), TSQUERY)
    return key.in_(select(key).where(looked_through.op("@@")(apart.op("||")(whole))).correlate(None))


def _whole_words(words: str) -> str:
    """The words as typed: PostgreSQL keeps addresses such as ``c.co`` or ``jo@demo.example`` in one piece."""
    clean = (re.sub(r"['\\\x00-\x1f\x7f]", "", word) for word in words.lower().split()[:MOST_WORDS])
    return " & ".join(f"'{word}':*" for word in (EDGES.sub("", word) for word in clean) if word)
