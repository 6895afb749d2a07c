"""Attendance: one row per seat and part. The first columns are a public promise."""

from collections.abc import Iterator, Sequence
from typing import Any

from cop.core.errors import marked
from cop.core.work import Reading
from cop.exporting.columns import EMAIL, EVENT, Column, Kind, standing, who_cells
from cop.queries.exports import Scope
from cop.queries.exports.attendance import attendance_rows

STATUSES = ("attended", "partial", "absent", "excused", "cancelled", "waitlisted", "booked")
SOURCES = ("check-in", "self-check-in", "roster", "import", "none")

COLUMNS = (
    *EVENT,
    Column("session", "Title of the dated part; empty where a booking has none"),
    Column("session_starts_at", "Start of the part, ISO 8601 with offset"),
    Column("person", "Stable key of the person; empty for a member of a party who is known by name at most"),
    Column("name", "Name of the person in the seat; empty when not yet named or when pseudonymised"),
    EMAIL,
    *standing("booker", "on the day of booking"),
    Column("status", "Current attendance mark; without one, the state of the booking or of the wait", STATUSES),
    Column("minutes", "Minutes present, where an online report told"),
    Column("source", "Where the mark comes from", SOURCES),
    Column("recorded_at", "When the mark was made, ISO 8601 with offset; empty without a mark"),
)


def _rows(read: Reading, scope: Scope) -> Iterator[Sequence[Any]]:
    for row in attendance_rows(read, programme_id=scope.programme_id):
        yield (scope.slug, *row[:4], *who_cells(row, scope), *row[10:])


ATTENDANCE = Kind(
    "attendance", marked("One row per seat and dated part, with who came, and per party that waits"), COLUMNS, _rows
)
