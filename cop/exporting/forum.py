"""The practice forum: one row per post that can be read there."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from cop.core.errors import marked
from cop.core.work import Reading
from cop.exporting.columns import EMAIL, NAME, PERSON, Column, Kind, standing, standing_cells, who_cells
from cop.models.events import EventKind
from cop.queries.exports import Scope
from cop.queries.exports.forum import PostRow, post_rows

COLUMNS = (
    Column("programme", "Address word of the programme"),
    Column("event", "Address word of the course whose space it is; empty in spaces for everybody"),
    Column("event_kind", "Kind of that event", (EventKind.COHORT,)),
    PERSON,
    NAME,
    EMAIL,
    *standing("author", "today"),
    Column("space", "Address word of the space", listed=True),
    Column("topic", "Number of the topic in its address; a stable key when pseudonymised", key="topic"),
    Column("title", "Title of the topic; empty when pseudonymised"),
    Column(
        "post", "Number of the post within the topic; 1 opens it, and numbers of deleted or hidden posts are missing"
    ),
    Column("made_at", "When it was written, ISO 8601 with offset"),
    Column("reply_hours", "Hours since the topic was opened; empty for the post that opens it"),
    Column("words", "How many words the post has"),
    Column("text", "The post as it was typed, in Markdown; empty when pseudonymised"),
)


def _rows(read: Reading, scope: Scope) -> Iterator[Sequence[Any]]:
    for row in post_rows(read, programme_id=scope.programme_id):
        yield post_cells(row, scope)


def post_cells(row: PostRow, scope: Scope) -> Sequence[Any]:
    return (
        scope.slug,
        row.event,
        row.event_kind,
        *who_cells(row, scope),
        *standing_cells(row),
        row.space,
        row.topic_id,
        None if scope.key else row.title,
        row.number,
        row.made_at,
        (row.made_at - row.opened_at) / timedelta(hours=1) if row.number > 1 else None,
        len(row.body.split()),
        None if scope.key else row.body,
    )


FORUM = Kind("forum", marked("One row per post in the practice forum that was not deleted or hidden"), COLUMNS, _rows)
