"""From bytes to rows of cells, whatever program saved them, and which rows belong together."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cop.core.errors import marked
from cop.formats.attendance_reports.headings import Columns, columns_of, is_heading, may_be_heading, teams_columns_of
from cop.formats.attendance_reports.values import Refused

MOST_BYTES = 5_000_000
MOST_ROWS = 20_000
MOST_COLUMNS = 200
MOST_CHARACTERS = 32_767  # as many as a cell of a spreadsheet holds

MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
DELIMITERS = "\t;,"
SEPARATOR_LINE = re.compile(r"sep=([\t,;])(?:\r\n|\r|\n)")
JOINERS = "\u200c\u200d"  # they change how letters and emoji look, so they belong to names
NUMBERED = re.compile(r"\d{1,2}\. \S.*")
LINES_LOOKED_AT = 60
WIDTH_LOOKED_AT = 4_000


@dataclass(frozen=True)
class Line:
    """The cells of one row, without the blank ones at its end, and the line of the file on which it begins."""

    number: int
    cells: tuple[str, ...]

    @property
    def is_title(self) -> bool:
        return len(self.cells) == 1

    def at(self, column: int | None) -> str:
        """The cell in a column, blank where the row is shorter or there is no such column."""
        return self.cells[column] if column is not None and column < len(self.cells) else ""


@dataclass(frozen=True)
class Section:
    """Rows under one heading; ``title`` is the line above it, if there is one."""

    title: str
    heading: Line
    columns: Columns
    lines: tuple[Line, ...]

    def cell(self, line: Line, field: str) -> str:
        return line.at(self.columns.get(field))


@dataclass(frozen=True)
class Sheet:
    """A file in sections, after the rows that belong to none; ``numbered`` where Teams counts the sections."""

    lines: tuple[Line, ...]
    opening: tuple[Line, ...]
    sections: tuple[Section, ...]
    numbered: bool


def read_sheet(data: bytes) -> Sheet:
    text = _text_of(data)
    lines = list(_lines_of(text))
    if not lines:
        raise Refused(1, marked("the file is empty"))
    numbered = _is_numbered_title(lines[0])
    headings = list(_numbered_headings(lines) if numbered else _headings(lines))
    begins = [heading - (heading > 0 and lines[heading - 1].is_title) for heading in headings]
    ends = [*begins, len(lines)][1:]
    sections = [
        Section(
            lines[heading - 1].cells[0] if begin < heading else "",
            lines[heading],
            (teams_columns_of if numbered else columns_of)(lines[heading].cells),
            tuple(lines[heading + 1 : end]),
        )
        for begin, heading, end in zip(begins, headings, ends, strict=True)
    ]
    return Sheet(tuple(lines), tuple(lines[: begins[0]] if begins else lines), tuple(sections), numbered)


def _is_numbered_title(line: Line) -> bool:
    return line.is_title and bool(NUMBERED.fullmatch(line.cells[0]))


def _numbered_headings(lines: Sequence[Line]) -> Iterator[int]:
    """The line below each ``2. Participants``, in whatever language."""
    for index, line in enumerate(lines[:-1]):
        if _is_numbered_title(line) and not _is_numbered_title(lines[index + 1]):
            yield index + 1


def _headings(lines: Sequence[Line]) -> Iterator[int]:
    for index, line in enumerate(lines):
        if is_heading(line.cells, opens=index == 0):
            yield index


def _text_of(data: bytes) -> str:
    if len(data) > MOST_BYTES:
        raise Refused(1, marked("the file is larger than %(most)s MB"), most=f"{MOST_BYTES / 1_000_000:g}")
    if data.startswith(WORKBOOKS):
        raise Refused(1, marked("this is a workbook; open it and save the sheet with the people as “CSV UTF-8”"))
    mark, encoding = next(((mark, name) for mark, name in MARKS if data.startswith(mark)), (b"", _guessed(data)))
    text = _decoded(data.removeprefix(mark), encoding)
    if "\0" in text:
        raise Refused(text.count("\n", 0, text.index("\0")) + 1, marked("the line holds a NUL byte"))
    return text


def _guessed(data: bytes) -> str:
    """UTF-16 shows by the NUL bytes of its Latin letters."""
    pairs = len(data) // 2
    if pairs and data[1::2].count(0) * 2 > pairs:
        return "utf-16-le"
    return "utf-16-be" if pairs and data[::2].count(0) * 2 > pairs else "utf-8"


def _decoded(data: bytes, encoding: str) -> str:
    """The text; what is not UTF-8 is read as a spreadsheet on Windows writes it."""
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        if encoding == "utf-8":
            return _decoded(data, "cp1252")
        before = data[: error.start].decode(encoding, errors="ignore")
        raise Refused(before.count("\n") + 1, marked("the file is damaged here, or is no text")) from None


def _lines_of(text: str) -> Iterator[Line]:
    """Rows that are not blank; a cell in quotation marks may run over several lines."""
    said = SEPARATOR_LINE.match(text)
    delimiter = said.group(1) if said else _delimiter_of(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows = 0
    while True:
        begins = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise Refused(
                begins, marked("a quotation mark is not closed or stands in the wrong place, or a cell is too long")
            ) from None
        if said and begins == 1:
            continue
        if any(len(cell) > MOST_CHARACTERS for cell in cells):
            raise Refused(begins, marked("a cell has more than %(most)s characters"), most=f"{MOST_CHARACTERS:,}")
        cells = [tidy(cell) for cell in cells]
        while cells and not cells[-1]:
            cells.pop()
        if len(cells) > MOST_COLUMNS:
            raise Refused(begins, marked("the row has more than %(most)s cells"), most=MOST_COLUMNS)
        if cells:
            rows += 1
            if rows > MOST_ROWS:
                raise Refused(begins, marked("the file has more than %(most)s rows"), most=f"{MOST_ROWS:,}")
            yield Line(begins, tuple(cells))


def _delimiter_of(text: str) -> str:
    """Between the cells stands what makes the best heading, else what the fullest line has most of."""
    opening = [
        line[:WIDTH_LOOKED_AT] for line in text[: LINES_LOOKED_AT * WIDTH_LOOKED_AT].splitlines()[:LINES_LOOKED_AT]
    ]

    def fits(delimiter: str) -> tuple[int, int]:
        rows = [[cell.strip(' "') for cell in line.split(delimiter)[:MOST_COLUMNS]] for line in opening]
        headings = [row for row in rows if may_be_heading(row)]
        known = (len(columns) for row in headings for columns in (columns_of(row), teams_columns_of(row)))
        return max(known, default=0), max(map(len, rows), default=0)

    return max(DELIMITERS, key=fits)


def tidy(cell: str) -> str:
    """The cell on one line, with plain spaces and without marks of direction and control characters."""
    if not (cell.isascii() and cell.isprintable()):
        cell = "".join(_plain(character) for character in cell)
    return " ".join(cell.split())


def _plain(character: str) -> str:
    if character.isprintable() or character in JOINERS:
        return character
    return "" if unicodedata.category(character) == "Cf" else " "
