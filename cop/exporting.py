"""Exports: query rows joined to a format, streamed, the same bytes for the page and the command."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from cop.core import secrecy
from cop.core.work import Reading
from cop.formats.tables import write_csv
from cop.models.events import BookingState
from cop.models.programmes import Programme
from cop.queries.attendance import ExportRow, export_programme, export_rows


@dataclass(frozen=True)
class Column:
    """``values`` lists what can stand in the column, where that is a closed list."""

    name: str
    meaning: str
    values: tuple[str, ...] = ()


STATUSES = ("attended", "partial", "absent", "excused", "cancelled", "waitlisted", "booked")
SOURCES = ("check-in", "self-check-in", "roster", "import", "none")

ATTENDANCE = (
    Column("programme", "Address word of the programme"),
    Column("event", "Address word of the event, unique over all kinds"),
    Column("event_kind", "What was booked", ("visit", "webinar", "summit", "cohort", "meet-up")),
    Column("session", "Title of the dated part; empty where a booking has none"),
    Column("session_starts_at", "Start of the part, ISO 8601 with offset"),
    Column("person", "Stable key of the person; empty for a member of a party who is known by name at most"),
    Column("name", "Name of the person in the seat; empty when not yet named or when pseudonymised"),
    Column("email", "E-mail address of the person; empty when none is known or when pseudonymised"),
    Column("organisation", "Organisation of the booker on the day of booking; a stable key when pseudonymised"),
    Column("organisation_kind", "Kind of that organisation"),
    Column("membership", "Its membership on the day of booking", ("full", "associate", "affiliate", "supporter")),
    Column("region", "Region or nation of that organisation"),
    Column("newer_member", "Whether it had joined the network within the three years before", ("yes", "no")),
    Column(
        "sector",
        "Who the booker is in the room",
        ("resident", "council officer", "councillor", "VCSE", "health", "other public service", "business"),
    ),
    Column("status", "Current attendance mark; without one, the state of the booking", STATUSES),
    Column("minutes", "Minutes present, where an online report told"),
    Column("source", "Where the mark comes from", SOURCES),
    Column("recorded_at", "When the mark was made, ISO 8601 with offset; empty without a mark"),
)


def attendance_csv(read: Reading, *, programme_slug: str, pseudonymised: bool) -> Iterator[bytes]:
    """The attendance of a programme as CSV in chunks of bytes. NotFound before the first chunk if not allowed."""
    programme = export_programme(read, slug=programme_slug)
    header = [column.name for column in ATTENDANCE]
    return write_csv(_with_header(header, _attendance(read, programme, pseudonymised=pseudonymised)))


def attendance_codebook(read: Reading, *, programme_slug: str, pseudonymised: bool) -> Iterator[bytes]:
    """The codebook of the same export: each column, its meaning, its values and how often each occurs."""
    programme = export_programme(read, slug=programme_slug)
    filled: Counter[str] = Counter()
    values: dict[str, Counter[str]] = {column.name: Counter() for column in ATTENDANCE if column.values}
    for row in _attendance(read, programme, pseudonymised=pseudonymised):
        for column, cell in zip(ATTENDANCE, row, strict=True):
            if cell:
                filled[column.name] += 1
                if column.values:
                    values[column.name][cell] += 1
    return write_csv(_with_header(["column", "meaning", "value", "count"], _codebook(filled, values)))


def _codebook(filled: Counter[str], values: dict[str, Counter[str]]) -> Iterator[list[str]]:
    for column in ATTENDANCE:
        count = filled[column.name]
        yield [column.name, column.meaning, "", str(count)]
        for value in column.values:
            yield [column.name, column.meaning, value, str(values[column.name][value])]


def _with_header(header: list[str], rows: Iterable[list[str]]) -> Iterator[list[str]]:
    yield header
    yield from rows


def _attendance(read: Reading, programme: Programme, *, pseudonymised: bool) -> Iterator[list[str]]:
    for row in export_rows(read, programme_id=programme.id):
        yield [
            programme.slug,
            row.event,
            row.event_kind,
            row.session or "",
            row.session_starts_at.isoformat() if row.session_starts_at else "",
            *_who(row, programme.pseudonym_key if pseudonymised else None),
            row.organisation_kind or "",
            row.membership or "",
            row.region or "",
            "" if row.newer_member is None else "yes" if row.newer_member else "no",
            row.sector or "",
            row.mark or ("cancelled" if row.booking_state is BookingState.CANCELLED else "booked"),
            "" if row.minutes is None else str(row.minutes),
            row.source or "none",
            row.recorded_at.isoformat() if row.recorded_at else "",
        ]


def _who(row: ExportRow, pseudonym_key: str | None) -> tuple[str, str, str, str]:
    """Person, name, e-mail and organisation, or stable keys in the place of person and organisation."""
    if pseudonym_key is None:
        return row.public_id or "", row.name or "", row.email or "", row.organisation or ""
    person = _pseudonym("person", row.person_id, pseudonym_key)
    return person, "", "", _pseudonym("organisation", row.organisation_id, pseudonym_key)


def _pseudonym(kind: str, row_id: int | None, key: str) -> str:
    return "" if row_id is None else secrecy.digest(kind, row_id, key=key)[:16]
