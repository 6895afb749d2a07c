"""Strictness of reading, and safety of writing, tables of comma-separated text."""

import csv
import io

import pytest

from cop.formats.tables import MOST_BYTES, MOST_ROWS, Row, TableError, read_csv, safe_cell, write_csv

NEEDED = frozenset({"name"})
OPTIONAL = frozenset({"kind", "domains"})


def read(data: bytes) -> list[Row]:
    return read_csv(data, NEEDED, OPTIONAL)


def test_cells_are_stripped_and_belong_to_their_columns() -> None:
    assert read(b"name,kind\n Brent ,council\n") == [Row(2, {"name": "Brent", "kind": "council"})]


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbfname\nBrent\n",
        b"name\r\nBrent\r\n",
        b"name\rBrent\r",
        b"name\nBrent",
        b" Name \nBrent\n",
        b'"NAME"\n"Brent"\n',
    ],
    ids=["BOM", "CRLF", "CR", "no last line end", "spaces and case", "quotes"],
)
def test_files_of_every_origin_are_read_alike(data: bytes) -> None:
    assert read(data) == [Row(2, {"name": "Brent"})]


def test_blank_rows_are_left_out_and_lines_counted_on() -> None:
    assert [row.line for row in read(b"name,kind\n\nA,\n,\nB,\n")] == [3, 5]


def test_a_row_is_named_by_the_line_on_which_it_begins() -> None:
    rows = read(b'name,kind\n"A\nand B",council\nC,council\n')
    assert [(row.line, row.values["name"]) for row in rows] == [(2, "A\nand B"), (4, "C")]


def test_missing_cells_are_blank_and_missing_columns_missing() -> None:
    assert read(b"name,kind\nA\n")[0].values == {"name": "A", "kind": ""}


def test_emoji_and_right_to_left_names_are_kept() -> None:
    assert read("name\n🌱 بلدية\n".encode())[0].values["name"] == "🌱 بلدية"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "line 1: the first line must name the columns: name"),
        (b"\n", "line 1: the first line must name the columns: name"),
        (b"kind\ncouncil\n", "line 1: missing column: name"),
        (b"name,colour\nA,red\n", "line 1: unknown column “colour”; known are domains, kind, name"),
        (b"name,\nA,\n", "line 1: unknown column “”; known are domains, kind, name"),
        (b"name,kind,Name\nA,B,C\n", "line 1: the column “name” appears twice"),
        (b"name\nA\nB,C\n", "line 3: the row has 2 cells, the header has 1"),
        (b"name\nA\nB\0\n", "line 3: the line holds a NUL byte"),
        (b"name\nA\n\xff\n", "line 3: the file is not UTF-8; save it as “CSV UTF-8”"),
        ("name\nA\n".encode("utf-16"), "line 1: the file is not UTF-8; save it as “CSV UTF-8”"),
        (b'name\nA\n"B\nC\n', "line 3: a quotation mark is not closed or stands in the wrong place"),
        (b'name\n"A" B\n', "line 2: a quotation mark is not closed or stands in the wrong place"),
    ],
)
def test_a_faulty_file_is_refused_with_the_line(data: bytes, message: str) -> None:
    with pytest.raises(TableError) as refused:
        read(data)
    assert str(refused.value) == message


def test_a_large_file_is_refused() -> None:
    with pytest.raises(TableError, match="line 1: the file is larger than 5 MB"):
        read(b"name\n" + b"x" * MOST_BYTES)


def test_too_many_rows_are_refused() -> None:
    assert len(read(b"name\n" + b"x\n" * MOST_ROWS)) == MOST_ROWS
    with pytest.raises(TableError, match="line 100002: the file has more than 100,000 rows"):
        read(b"name\n" + b"x\n" * (MOST_ROWS + 1))


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_what_a_spreadsheet_would_run_is_disarmed_once(start: str) -> None:
    assert safe_cell(f"{start}1") == f"'{start}1"
    assert safe_cell(safe_cell(f"{start}1")) == f"'{start}1"


def test_harmless_cells_stay_as_they_are() -> None:
    assert [safe_cell(text) for text in ("", "Amina", "1 = 1", "'quoted'")] == ["", "Amina", "1 = 1", "'quoted'"]


def test_written_tables_are_read_back_and_disarmed() -> None:
    data = b"".join(write_csv([["name", "kind"], ["A, “B”\nC", '"x"'], ["=1+1", "é"]]))
    assert data.endswith("\r\n'=1+1,é\r\n".encode())
    rows = list(csv.reader(io.StringIO(data.decode(), newline="")))
    assert rows == [["name", "kind"], ["A, “B”\nC", '"x"'], ["'=1+1", "é"]]


def test_a_long_table_comes_in_pieces() -> None:
    pieces = list(write_csv([f"row {number}", "x" * 100] for number in range(2_000)))
    assert len(pieces) > 1
    assert b"".join(pieces).count(b"\r\n") == 2_000


def test_an_empty_table_has_no_pieces() -> None:
    assert list(write_csv([])) == []
