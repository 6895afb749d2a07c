"""Tables as comma-separated text: read strictly, because a guess would end in the directory."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from cop.core.errors import marked

MOST_BYTES = 5_000_000
MOST_ROWS = 100_000
CHUNK_CHARACTERS = 64 * 1024
FORMULA_STARTS = frozenset("=+-@\t\r")
BOM = b"\xef\xbb\xbf"


class TableError(Exception):
    """The file is no table that we can take; its text is one line that names the line of the file.

    ``reason`` is an English sentence marked for translation, with ``%(placeholders)s`` filled from ``params``.
    """

    def __init__(self, line: int, reason: str, **params: Any) -> None:
        super().__init__(f"line {line}: {reason % params if params else reason}")
        self.line = line
        self.reason = reason
        self.params = params


@dataclass(frozen=True)
class Row:
    """One row: the line of the file on which it begins, and its stripped cells by column name."""

    line: int
    values: dict[str, str]


def read_csv(
    data: bytes,
    required: frozenset[str],
    optional: frozenset[str] = frozenset(),
    *,
    most_bytes: int = MOST_BYTES,
    others: bool = False,
) -> list[Row]:
    """The rows of a file with a header; blank rows are left out. With ``others``, it may have any columns beside.

    A column that the file lacks is missing from every row's ``values``, so that a caller can tell it from a blank
    cell. Raises TableError for the first thing that is wrong.
    """
    text = _text_of(data, most_bytes)
    lines = _parsed(text)
    _, header = next(lines, (1, []))
    columns = _columns(header, required, optional, others=others)
    rows: list[Row] = []
    for line, cells in lines:
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) > len(columns):
            raise TableError(
                line,
                marked("the row has %(found)s cells, the header has %(expected)s"),
                found=len(cells),
                expected=len(columns),
            )
        if len(rows) == MOST_ROWS:
            raise TableError(line, marked("the file has more than %(most)s rows"), most=f"{MOST_ROWS:,}")
        padded = cells + [""] * (len(columns) - len(cells))
        rows.append(Row(line, {name: cell.strip() for name, cell in zip(columns, padded, strict=True)}))
    return rows


def _text_of(data: bytes, most_bytes: int) -> str:
    if len(data) > most_bytes:
        raise TableError(1, marked("the file is larger than %(most)s MB"), most=f"{most_bytes / 1_000_000:g}")
    try:
        text = data.removeprefix(BOM).decode()
    except UnicodeDecodeError as error:
        raise TableError(
            data.count(b"\n", 0, error.start) + 1, marked("the file is not UTF-8; save it as “CSV UTF-8”")
        ) from None
    if "\0" in text:
        raise TableError(text.count("\n", 0, text.index("\0")) + 1, marked("the line holds a NUL byte"))
    return text


def _parsed(text: str) -> Iterator[tuple[int, list[str]]]:
    """Rows with the line each begins on; a cell in quotation marks may run over several lines."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    while True:
        begins = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise TableError(begins, marked("a quotation mark is not closed or stands in the wrong place")) from None
        yield begins, cells


def _columns(header: list[str], required: frozenset[str], optional: frozenset[str], *, others: bool) -> list[str]:
    names = [cell.strip().lower() for cell in header]
    if not any(names):
        raise TableError(1, marked("the first line must name the columns: %(columns)s"), columns=_listed(required))
    known = required | optional
    for name in names:
        if name not in known and not others:
            raise TableError(
                1, marked("unknown column “%(name)s”; known are %(columns)s"), name=name, columns=_listed(known)
            )
        if names.count(name) > 1:
            raise TableError(1, marked("the column “%(name)s” appears twice"), name=name)
    if missing := required.difference(names):
        raise TableError(1, marked("missing column: %(columns)s"), columns=_listed(missing))
    return names


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))


def write_csv(rows: Iterable[Sequence[str]]) -> Iterator[bytes]:
    """The rows as UTF-8 in pieces of some size, so that a large export is never whole in memory.

    Lines end as RFC 4180 has it, and every cell passes through ``safe_cell``.
    """
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    for row in rows:
        writer.writerow([safe_cell(cell) if cell[:1] in FORMULA_STARTS else cell for cell in row])
        if buffer.tell() >= CHUNK_CHARACTERS:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    if buffer.tell():
        yield buffer.getvalue().encode()


def safe_cell(text: str) -> str:
    """``text`` with an apostrophe before it where a spreadsheet would run it as a formula."""
    return f"'{text}" if text[:1] in FORMULA_STARTS else text
