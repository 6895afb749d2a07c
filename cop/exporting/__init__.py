"""Exports: query rows joined to a format, streamed, the same bytes for the page and the command.

One module for each kind. A kind has its columns, and the codebook is counted from the very rows.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from cop.core.errors import NotFound
from cop.core.work import Reading
from cop.exporting.applications import APPLICATIONS
from cop.exporting.attendance import ATTENDANCE
from cop.exporting.bookings import BOOKINGS
from cop.exporting.columns import Column, Kind, written
from cop.exporting.forum import FORUM
from cop.exporting.surveys import SURVEYS
from cop.formats.tables import write_csv
from cop.queries.exports import Scope, scope

KINDS: Mapping[str, Kind] = {kind.name: kind for kind in (ATTENDANCE, BOOKINGS, APPLICATIONS, SURVEYS, FORUM)}

CODEBOOK = ["column", "meaning", "value", "count"]


def table(read: Reading, *, kind: str, programme_slug: str, pseudonymised: bool) -> Iterator[bytes]:
    """The export as CSV in chunks of bytes. NotFound before the first chunk if not allowed."""
    asked = _kind(kind)
    allowed = scope(read, programme_slug=programme_slug, pseudonymised=pseudonymised)
    return write_csv(_with_header([column.name for column in asked.columns], _rows(read, asked, allowed)))


def codebook(read: Reading, *, kind: str, programme_slug: str, pseudonymised: bool) -> Iterator[bytes]:
    """The codebook of the same export: each column, its meaning, its values and how often each occurs."""
    asked = _kind(kind)
    allowed = scope(read, programme_slug=programme_slug, pseudonymised=pseudonymised)
    filled: Counter[str] = Counter()
    values: dict[str, Counter[str]] = {
        column.name: Counter(dict.fromkeys(column.values, 0))
        for column in asked.columns
        if column.values or column.listed
    }
    for row in _rows(read, asked, allowed):
        for column, cell in zip(asked.columns, row, strict=True):
            if cell:
                filled[column.name] += 1
                if column.name in values:
                    values[column.name][cell] += 1
    return write_csv(_with_header(CODEBOOK, _codebook(asked.columns, filled, values)))


def _kind(name: str) -> Kind:
    kind = KINDS.get(name)
    if kind is None:
        raise NotFound
    return kind


def _rows(read: Reading, kind: Kind, allowed: Scope) -> Iterator[list[str]]:
    return (written(row) for row in kind.rows(read, allowed))


def _codebook(
    columns: Iterable[Column], filled: Counter[str], values: Mapping[str, Counter[str]]
) -> Iterator[list[str]]:
    for column in columns:
        yield [column.name, column.meaning, "", str(filled[column.name])]
        found = values.get(column.name, Counter())
        for value in sorted(found) if column.listed else found:
            yield [column.name, column.meaning, value, str(found[value])]


def _with_header(header: list[str], rows: Iterable[list[str]]) -> Iterator[list[str]]:
    yield header
    yield from rows
