"""What two reports of one programme say differently, number by number."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from cop.core.small_numbers import LEAST
from cop.exporting.funder_report.document import text_of
from cop.exporting.funder_report.parts import NOTHING, Cell

Content = Mapping[str, Any]
Figures = dict[tuple[str, str], Cell]
"""The numbers of a table by the name of their row and the heading of their column."""


@dataclass(frozen=True)
class Difference:
    """``row`` and ``column`` name the number; ``then`` and ``now`` are its words, a dash where there was none.

    Of a count that changed by few people, ``now`` says only that.
    """

    row: str
    column: str
    then: str
    now: str


@dataclass(frozen=True)
class Changed:
    """A table in which something differs."""

    id: str
    section: str
    table: str
    differences: Sequence[Difference]


def differences(then: Content, now: Content) -> Sequence[Changed]:
    """By section and table of the later report; what only the earlier one had comes last."""
    before, after = dict(_tables(then)), dict(_tables(now))
    found = []
    for where in [*after, *(where for where in before if where not in after)]:
        section, table = (after.get(where) or before[where])[0]
        differ = list(_differences(_figures(before.get(where)), _figures(after.get(where))))
        if differ:
            found.append(Changed("-".join(where), section, table, differ))
    return found


Table = tuple[tuple[str, str], Mapping[str, Any]]


def _tables(content: Content) -> Iterator[tuple[tuple[str, str], Table]]:
    for section in content["sections"]:
        for part in section["parts"]:
            if part["kind"] == "table":
                yield (section["key"], part["key"]), ((section["title"], part["title"]), part)


def _figures(table: Table | None) -> Figures:
    if table is None:
        return {}
    part = table[1]
    return {
        (_name(row), heading): cell
        for row in part["rows"]
        for heading, cell in zip(part["headings"][1:], row[1:], strict=True)
        if not _is_word(cell)
    }


def _name(row: Sequence[Cell]) -> str:
    """All words of a row, for two events may have the same title."""
    return ", ".join([text_of(row[0]), *(text_of(cell) for cell in row[1:] if _is_word(cell))])


def _is_word(cell: Cell) -> bool:
    return isinstance(cell, str) and cell != NOTHING


def _differences(before: Figures, after: Figures) -> Iterator[Difference]:
    for where in [*after, *(where for where in before if where not in after)]:
        then, now = before.get(where, NOTHING), after.get(where, NOTHING)
        if text_of(then) != text_of(now):
            few = _is_by_few(then, now)
            yield Difference(*where, text_of(then), _("changed by fewer than 5") if few else text_of(now))


def _is_by_few(then: Cell, now: Cell) -> bool:
    """Counts are whole numbers; shares and medians are not."""
    before, after = (cell["value"] if isinstance(cell, Mapping) else None for cell in (then, now))
    return isinstance(before, int) and isinstance(after, int) and abs(after - before) < LEAST
