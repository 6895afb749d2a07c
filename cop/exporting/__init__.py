"""Exports: query rows joined to a format, streamed, the same bytes for the page and the command.

One module for each kind. A kind has its columns, and the codebook is counted from the very rows.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any, TypeVar

from cop.core.errors import NotFound
from cop.core.work import Reading
from cop.exporting.applications import APPLICATIONS
from cop.exporting.attendance import ATTENDANCE
from cop.exporting.bookings import BOOKINGS
from cop.exporting.columns import Cell, Column, Kind, keyed, plain, written
from cop.exporting.forum import FORUM
from cop.exporting.indicators import INDICATORS
from cop.exporting.surveys import SURVEYS
from cop.exporting.toolkit import TOOLKIT
from cop.formats import workbooks
from cop.formats.tables import write_csv
from cop.formats.workbooks import Sheet, write_xlsx
from cop.queries.exports import Scope, scope

KINDS: Mapping[str, Kind] = {
    kind.name: kind for kind in (ATTENDANCE, BOOKINGS, APPLICATIONS, SURVEYS, FORUM, TOOLKIT, INDICATORS)
}

CODEBOOK = ["column", "meaning", "value", "count"]

JSON_CHUNK = 64 * 1024

ROWS_BETWEEN_REPORTS = 1_000

Row = TypeVar("Row", bound=Sequence[Cell])

Tell = Callable[[int], None]
"""Is told now and then how many rows went past."""


class Format(StrEnum):
    """CSV has its codebook in a file beside it; a workbook has it in a sheet, JSON under a key."""

    CSV = "csv"
    XLSX = "xlsx"
    JSON = "json"

    @property
    def media_type(self) -> str:
        return {
            Format.CSV: "text/csv; charset=utf-8",
            Format.XLSX: workbooks.MEDIA_TYPE,
            Format.JSON: "application/json",
        }[self]


class Tally:
    """What the codebook tells: each column, its meaning, its values and how often each occurs."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self._columns = columns
        self._filled = [0] * len(columns)
        self._values = [
            Counter(dict.fromkeys(column.values, 0)) if column.values or column.listed else None for column in columns
        ]

    def counted(self, rows: Iterable[Row]) -> Iterator[Row]:
        """The same rows, counted on their way."""
        filled = self._filled
        listed = [(place, values) for place, values in enumerate(self._values) if values is not None]
        for row in rows:
            for place, cell in enumerate(row):
                if cell != "":
                    filled[place] += 1
            for place, values in listed:
                if row[place] != "":
                    values[str(row[place])] += 1
            yield row

    def rows(self) -> Iterator[list[str | int]]:
        for column, filled, values in zip(self._columns, self._filled, self._values, strict=True):
            yield [column.name, column.meaning, "", filled]
            found = values or Counter()
            for value in sorted(found) if column.listed else found:
                yield [column.name, column.meaning, value, found[value]]


def table(
    read: Reading,
    *,
    kind: str,
    programme_slug: str,
    pseudonymised: bool,
    format_: Format = Format.CSV,
    tell: Tell | None = None,
) -> Iterator[bytes]:
    """The export in chunks of bytes. NotFound before the first chunk if not allowed."""
    asked = _kind(kind)
    allowed = scope(read, programme_slug=programme_slug, pseudonymised=pseudonymised)
    header = [column.name for column in asked.columns]
    if format_ is Format.CSV:
        return write_csv(_with_header(header, map(written, _rows(read, asked, allowed, tell))))
    tally = Tally(asked.columns)
    rows = tally.counted(map(plain, _rows(read, asked, allowed, tell)))
    if format_ is Format.XLSX:
        return write_xlsx([Sheet(asked.name, header, rows), Sheet("codebook", CODEBOOK, tally.rows())])
    return _json(header, rows, tally)


def _json(header: Sequence[str], rows: Iterable[Sequence[Cell]], tally: Tally) -> Iterator[bytes]:
    """The rows come first, because the codebook counts them."""
    pieces, size, separator = ['{"rows": ['], 0, "\n"
    for row in rows:
        piece = separator + json.dumps(dict(zip(header, row, strict=True)), ensure_ascii=False)
        pieces.append(piece)
        size, separator = size + len(piece), ",\n"
        if size >= JSON_CHUNK:
            yield "".join(pieces).encode()
            pieces, size = [], 0
    entries = [dict(zip(CODEBOOK, entry, strict=True)) for entry in tally.rows()]
    yield ("".join(pieces) + '\n], "codebook": ' + json.dumps(entries, ensure_ascii=False, indent=1) + "}\n").encode()


def table_and_codebook(
    read: Reading, *, kind: str, programme_slug: str, pseudonymised: bool, tell: Tell | None = None
) -> tuple[Iterator[bytes], Iterator[bytes]]:
    """The export as CSV and its codebook. The rows are read once: the table is taken to its end first."""
    asked = _kind(kind)
    allowed = scope(read, programme_slug=programme_slug, pseudonymised=pseudonymised)
    tally = Tally(asked.columns)
    rows = tally.counted(map(written, _rows(read, asked, allowed, tell)))
    return write_csv(_with_header([column.name for column in asked.columns], rows)), _codebook(tally)


def codebook(
    read: Reading, *, kind: str, programme_slug: str, pseudonymised: bool, tell: Tell | None = None
) -> Iterator[bytes]:
    """The codebook of the same export as CSV."""
    asked = _kind(kind)
    allowed = scope(read, programme_slug=programme_slug, pseudonymised=pseudonymised)
    tally = Tally(asked.columns)
    for _row in tally.counted(map(written, _rows(read, asked, allowed, tell))):
        pass
    return _codebook(tally)


def _codebook(tally: Tally) -> Iterator[bytes]:
    return write_csv(_with_header(CODEBOOK, ([str(cell) for cell in entry] for entry in tally.rows())))


def count(read: Reading, *, kind: str, programme_slug: str, pseudonymised: bool, tell: Tell) -> int:
    """How many rows the same export has."""
    allowed = scope(read, programme_slug=programme_slug, pseudonymised=pseudonymised)
    return sum(1 for _row in _rows(read, _kind(kind), allowed, tell))


def _kind(name: str) -> Kind:
    kind = KINDS.get(name)
    if kind is None:
        raise NotFound
    return kind


def _rows(read: Reading, kind: Kind, allowed: Scope, tell: Tell | None) -> Iterable[Sequence[Any]]:
    rows = keyed(kind.columns, kind.rows(read, allowed), allowed)
    return rows if tell is None else _told(rows, tell)


def _told(rows: Iterable[Sequence[Any]], tell: Tell) -> Iterator[Sequence[Any]]:
    for number, row in enumerate(rows, 1):
        if number % ROWS_BETWEEN_REPORTS == 0:
            tell(number)
        yield row


def _with_header(header: list[str], rows: Iterable[list[str]]) -> Iterator[list[str]]:
    yield header
    yield from rows
