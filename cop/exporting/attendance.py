"""Attendance: one row per seat and part. The first columns are a public promise."""

from dataclasses import replace

from cop.core.errors import marked
from cop.exporting.columns import EMAIL, EVENT, PERSON, Column, Kind, standing
from cop.queries.exports.attendance import attendance_rows

STATUSES = ("attended", "partial", "absent", "excused", "cancelled", "waitlisted", "booked")
SOURCES = ("check-in", "self-check-in", "roster", "import", "none")

COLUMNS = (
    *EVENT,
    Column("session", "Title of the dated part; empty where a booking has none"),
    Column("session_starts_at", "Start of the part, ISO 8601 with offset"),
    replace(PERSON, meaning="Stable key of the person; empty for a member of a party who is known by name at most"),
    Column("name", "Name of the person in the seat; empty when not yet named or when pseudonymised"),
    EMAIL,
    *standing("booker", "on the day of booking"),
    Column("status", "Current attendance mark; without one, the state of the booking or of the wait", STATUSES),
    Column("minutes", "Minutes present, where an online report told"),
    Column("source", "Where the mark comes from", SOURCES),
    Column("recorded_at", "When the mark was made, ISO 8601 with offset; empty without a mark"),
)


ATTENDANCE = Kind(
    "attendance",
    marked("One row per seat and dated part, with who came, and per party that waits"),
    COLUMNS,
    attendance_rows,
)
