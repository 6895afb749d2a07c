"""The use of the toolkit: one row per look, download, step that was told, and answer."""

from collections.abc import Iterator, Sequence
from typing import Any

from cop.core.errors import marked
from cop.core.work import Reading
from cop.exporting.columns import EMAIL, NAME, PERSON, Column, Kind, standing, standing_cells, who_cells
from cop.models.events import EventKind
from cop.models.toolkit import ItemKind
from cop.queries.exports import Scope
from cop.queries.exports.toolkit import ACTS, use_rows

COLUMNS = (
    Column("programme", "Address word of the programme"),
    Column("event", "Address word of the event that the resource came out of; empty where it came out of none"),
    Column("event_kind", "Kind of that event", tuple(EventKind)),
    PERSON,
    NAME,
    EMAIL,
    *standing("person", "on the day"),
    Column("resource", "Address word of the resource", listed=True),
    Column("resource_kind", "Kind of the resource", tuple(ItemKind)),
    Column(
        "act",
        "What somebody did: looked at the resource or took something from it, as the service counted it, or what they "
        "told of it themselves. Answers to “Was this useful?” are without a person, and so is what was done signed out",
        ACTS,
    ),
    Column("version", "Number of the version that it was about"),
    Column("item", "Title of what was downloaded"),
    Column("at", "When, ISO 8601 with offset"),
    Column("text", "What they wrote; empty when pseudonymised"),
)


def _rows(read: Reading, scope: Scope) -> Iterator[Sequence[Any]]:
    for row in use_rows(read, programme_id=scope.programme_id):
        yield (
            scope.slug,
            row.event,
            row.event_kind,
            *who_cells(row, scope),
            *standing_cells(row),
            row.resource,
            row.resource_kind,
            row.act,
            row.version,
            row.item,
            row.at,
            None if scope.key else row.words,
        )


TOOLKIT = Kind(
    "toolkit",
    marked("One row per look at a resource of the toolkit, download, use that was told, and answer about usefulness"),
    COLUMNS,
    _rows,
)
