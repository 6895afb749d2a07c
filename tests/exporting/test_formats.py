"""The same rows as CSV, as a workbook and as JSON; and parties on a waiting list among them."""

import csv
import io
import json
import zipfile
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from flask import Flask

from cop import exporting
from cop.exporting import Format
from cop.formats.workbooks import Sheet, write_xlsx
from tests.support.make import Make, Reads
from tests.support.waiting import Line

SPREADSHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


@pytest.fixture
def export(reading: Reads) -> Any:
    """``export(Format.JSON)`` are the bytes of the attendance with names."""

    def of(format_: Format, kind: str = "attendance", *, pseudonymised: bool = False) -> bytes:
        with reading() as read:
            asked = {"programme_slug": "health-inequalities", "pseudonymised": pseudonymised}
            return b"".join(exporting.table(read, kind=kind, format_=format_, **asked))  # type: ignore[arg-type]

    return of


def rows_of(workbook: bytes, sheet: int = 1) -> list[list[str]]:
    """The cells of one sheet as text."""
    with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
        root = ET.fromstring(archive.read(f"xl/worksheets/sheet{sheet}.xml"))  # noqa: S314  our own file
    return [["".join(cell.itertext()) for cell in row] for row in root.iter(f"{SPREADSHEET}row")]


def as_csv(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode(), newline="")))


@pytest.fixture
def line(app: Flask, make: Make) -> Line:
    """A full visit: one booking with a mark to come, one party that waits for it and one for either slot."""
    visit = make.visit("Healthy Hub", slug="healthy-hub", capacity=1)
    make.booking(make.account("=Holder()", "holder@people.example"), visit)
    make.booking(make.account("Other", "other@people.example"), visit, 1)
    line = Line(app, make, visit)
    line.join(make.account("Ana Quill", "ana@people.example"))
    line.join(make.account("Ben Okri", "ben@people.example"), slots=(0, 1), size=3, split_ok=True)
    return line


@pytest.mark.parametrize("kind", list(exporting.KINDS))
def test_all_formats_hold_the_same_rows(line: Line, export: Any, kind: str) -> None:
    header, *table = as_csv(export(Format.CSV, kind))
    typed = json.loads(export(Format.JSON, kind))
    assert [list(row) for row in typed["rows"]] == [header] * len(table)
    bare = [[cell.removeprefix("'") for cell in row] for row in table]
    assert [[str(cell) for cell in row.values()] for row in typed["rows"]] == bare
    found = rows_of(export(Format.XLSX, kind))
    assert found[0] == header
    assert found[1:] == bare


def test_the_codebook_is_inside(line: Line, export: Any, reading: Reads) -> None:
    with reading() as read:
        asked = {"kind": "attendance", "programme_slug": "health-inequalities", "pseudonymised": False}
        entries = as_csv(b"".join(exporting.codebook(read, **asked)))  # type: ignore[arg-type]
    inside = json.loads(export(Format.JSON))["codebook"]
    assert [[str(cell) for cell in entry.values()] for entry in inside] == entries[1:]
    assert rows_of(export(Format.XLSX), 2) == entries


def test_those_who_wait_have_a_row_each(line: Line, export: Any) -> None:
    waits = [row for row in json.loads(export(Format.JSON))["rows"] if row["status"] == "waitlisted"]
    assert [(row["name"], row["session"], row["source"]) for row in waits] == [
        ("Ana Quill", line.event.parts[0].title, "none"),
        ("Ben Okri", "", "none"),
    ]
    hidden = json.loads(export(Format.JSON, pseudonymised=True))["rows"]
    assert {row["name"] + row["email"] for row in hidden} == {""}
    assert len({row["person"] for row in hidden}) == 4


def test_text_that_looks_like_a_formula_stays_text(line: Line, export: Any) -> None:
    assert "'=Holder()" in export(Format.CSV).decode()
    with zipfile.ZipFile(io.BytesIO(export(Format.XLSX))) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")


def test_a_sheet_that_is_full_goes_on_in_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cop.formats.workbooks.MOST_ROWS", 2)
    workbook = b"".join(write_xlsx([Sheet("rows", ["a"], ([number] for number in range(5)))]))
    assert [rows_of(workbook, sheet) for sheet in (1, 2, 3)] == [
        [["a"], ["0"], ["1"]],
        [["a"], ["2"], ["3"]],
        [["a"], ["4"]],
    ]
