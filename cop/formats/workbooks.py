"""Tables as Excel workbooks, written row by row so that memory does not grow with them."""

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from xlsxwriter import Workbook

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
IN_MEMORY_BYTES = 1_000_000
CHUNK_BYTES = 64 * 1024
MOST_ROWS = 1_048_575
"""Rows of a sheet below its header, as Excel has it."""

AS_TYPED = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
"""Text stays text, whatever it begins with: no cell becomes a formula or a link."""


@dataclass(frozen=True)
class Sheet:
    """``rows`` are read when the sheets before it are written."""

    name: str
    header: Sequence[str]
    rows: Iterable[Sequence[str | int | float]]


def write_xlsx(sheets: Iterable[Sheet]) -> Iterator[bytes]:
    """A workbook in pieces; what is more than a sheet holds goes on in another with the same header."""
    from xlsxwriter import Workbook  # noqa: PLC0415  2 MB that few processes need

    with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY_BYTES) as file:
        with Workbook(file, {"constant_memory": True, **AS_TYPED}) as book:
            for sheet in sheets:
                _write(book, sheet)
        file.seek(0)
        while chunk := file.read(CHUNK_BYTES):
            yield chunk


def _write(book: "Workbook", sheet: Sheet) -> None:
    bold = book.add_format({"bold": True})
    page = _page(book, sheet, sheet.name, bold)
    for number, cells in enumerate(sheet.rows):
        if number and number % MOST_ROWS == 0:
            page = _page(book, sheet, f"{sheet.name} {number // MOST_ROWS + 1}", bold)
        for column, cell in enumerate(cells):
            if isinstance(cell, str):
                page.write_string(number % MOST_ROWS + 1, column, cell)
            else:
                page.write_number(number % MOST_ROWS + 1, column, cell)


def _page(book: "Workbook", sheet: Sheet, name: str, bold: Any) -> Any:
    page = book.add_worksheet(name)
    page.freeze_panes(1, 0)
    page.write_row(0, 0, sheet.header, bold)
    return page
