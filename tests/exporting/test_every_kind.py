"""What holds for every export, whatever its kind and format: who is hidden, what is counted, and that nothing runs."""

import csv
import io
import json
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from flask import Flask
from sqlalchemy import update

from cop import exporting
from cop.core.access import Role
from cop.core.errors import NotFound
from cop.exporting import Format
from cop.formats.tables import FORMULA_STARTS
from cop.models.accounts import Person, Sector
from cop.models.evidence import Indicator, IndicatorValue, Unit
from cop.models.programmes import Programme
from cop.models.surveys import Ask, Questionnaire, Response, ResponseState, Subject, Wave
from cop.services.answers import publish_questionnaire
from tests.support.evidence import Evidence
from tests.support.make import Make, Reads, Working
from tests.support.waiting import Line

SLUG = "health-inequalities"
NAME, EMAIL, COUNCIL = "=Amina(Yusuf)", "+amina@brent.example", "@Brent Borough"
UNSAID = "-Nobody was to read this"
ALLOWED = "=Everybody may read this"

WITHOUT_PEOPLE = frozenset({"indicators"})

SPREADSHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"

every_kind = pytest.mark.parametrize("kind", exporting.KINDS)
every_format = pytest.mark.parametrize("format_", list(Format))
either = pytest.mark.parametrize("hidden", [False, True], ids=["named", "pseudonymised"])

Row = dict[str, str]
Export = Callable[..., bytes]


@pytest.fixture
def amina(make: Make) -> Person:
    council = make.organisation(COUNCIL, region="London")
    return make.account(NAME, EMAIL, organisation=council, sector=Sector.RESIDENT)


@pytest.fixture(autouse=True)
def left_behind(app: Flask, make: Make, work: Working, amina: Person) -> None:
    """A trace of somebody in every kind, with words that a spreadsheet would run."""
    evidence, visit = Evidence(app, make), make.visit("-A morning")
    evidence.mark(make.booking(amina, visit), visit.parts[0])
    course = evidence.course()
    evidence.application(amina, course, answers={"why": UNSAID, "confidence": 6, "ways": ["both"]})
    evidence.ask(amina, visit, {"why": UNSAID, "confidence": 9, "ways": ["alone", "both"]})
    evidence.topic(evidence.space(), amina, "+How?", UNSAID)
    evidence.resource_used(amina, UNSAID)
    full = make.visit("Full", slug="full", capacity=1)
    make.booking(make.account("Other", "other@people.example"), full)
    Line(app, make, full).join(amina)
    with work() as unit:
        _asked_for_permission(unit, amina, visit.id)
        indicator = Indicator(
            programme_id=visit.programme_id,
            code="people",
            name="=People",
            definition="Who came.",
            unit=Unit.COUNT,
            source="Staff",
        )
        unit.session.add(indicator)
        unit.session.flush()
        value = IndicatorValue(
            indicator_id=indicator.id, on_date=unit.now.date(), value=23, note=UNSAID, recorded_at=unit.now
        )
        unit.session.add(value)


def _asked_for_permission(unit: Any, person: Person, event_id: int) -> None:
    """Somebody allowed their words to be used without their name."""
    options = [["anonymous", "Yes, without any names"], ["no", "No"]]
    items: list[dict[str, Any]] = [
        {"code": "changed", "kind": "text", "text": "What changed?"},
        {"code": "permission", "kind": "choice", "text": "May we use your words?", "options": options},
    ]
    asked: Questionnaire = publish_questionnaire(unit, code="story", title="What changed", items=items)
    ask = Ask(
        questionnaire_id=asked.id,
        person_id=person.id,
        subject_kind=Subject.EVENT,
        subject_id=event_id,
        wave=Wave.REFLECTION,
        opens_at=unit.now,
        closes_at=unit.now,
        done_on=unit.now.date(),
    )
    unit.session.add(ask)
    unit.session.flush()
    sent = Response(
        questionnaire_id=asked.id,
        ask_id=ask.id,
        answers={"changed": ALLOWED, "permission": "anonymous"},
        state=ResponseState.SUBMITTED,
        saved_at=unit.now,
        submitted_at=unit.now,
    )
    unit.session.add(sent)


@pytest.fixture
def export(reading: Reads) -> Export:
    """``export("forum", Format.JSON, hidden=True)`` are the bytes of that file."""

    def file(kind: str, format_: Format, *, hidden: bool) -> bytes:
        with reading() as read:
            asked = {"kind": kind, "programme_slug": SLUG, "pseudonymised": hidden}
            return b"".join(exporting.table(read, format_=format_, **asked))  # type: ignore[arg-type]

    return file


@pytest.fixture
def codebook(reading: Reads) -> Export:
    def file(kind: str, *, hidden: bool) -> bytes:
        with reading() as read:
            return b"".join(exporting.codebook(read, kind=kind, programme_slug=SLUG, pseudonymised=hidden))

    return file


def rows_of(file: bytes, format_: Format) -> list[Row]:
    """The rows as somebody reads them who takes the apostrophes off."""
    if format_ is Format.JSON:
        return [{name: str(cell) for name, cell in row.items()} for row in json.loads(file)["rows"]]
    header, *lines = _cells(file, format_)
    return [dict(zip(header, line, strict=True)) for line in lines]


def _cells(file: bytes, format_: Format, sheet: int = 1) -> list[list[str]]:
    if format_ is Format.CSV:
        lines = csv.reader(io.StringIO(file.decode(), newline=""))
        return [
            [cell[1:] if cell[:1] == "'" and cell[1:2] in FORMULA_STARTS else cell for cell in line] for line in lines
        ]
    return [["".join(cell.itertext()) for cell in row] for row in _sheet(file, sheet).iter(f"{SPREADSHEET}row")]


def _bare(cell: str) -> str:
    return cell[1:] if cell[:1] == "'" and cell[1:2] in FORMULA_STARTS else cell


def _sheet(workbook: bytes, number: int) -> ET.Element:
    with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
        return ET.fromstring(archive.read(f"xl/worksheets/sheet{number}.xml"))  # noqa: S314  our own file


def _book_of(file: bytes, format_: Format, csv_codebook: bytes) -> list[list[str]]:
    """The entries of the codebook: column, meaning, value, count."""
    if format_ is Format.JSON:
        return [[str(cell) for cell in entry.values()] for entry in json.loads(file)["codebook"]]
    if format_ is Format.XLSX:
        return _cells(file, format_, sheet=2)[1:]
    return _cells(csv_codebook, format_)[1:]


def said_in(file: bytes, format_: Format) -> str:
    """All that stands in a file, unpacked."""
    if format_ is not Format.XLSX:
        return file.decode()
    with zipfile.ZipFile(io.BytesIO(file)) as archive:
        return "".join(archive.read(name).decode() for name in archive.namelist())


@every_kind
@every_format
@either
def test_every_export_keeps_what_it_promises(
    export: Export, codebook: Export, amina: Person, kind: str, format_: Format, *, hidden: bool
) -> None:
    file = export(kind, format_, hidden=hidden)
    rows = rows_of(file, format_)
    assert len(rows) == len(rows_of(export(kind, Format.JSON, hidden=not hidden), Format.JSON)) > 0
    if hidden:
        assert [secret for secret in secrets_of(amina) if secret in said_in(file, format_)] == []
    elif kind not in WITHOUT_PEOPLE:
        assert {(row["email"], row["person"]) for row in rows if row["name"] == NAME} == {(EMAIL, amina.public_id)}
    book = _book_of(file, format_, codebook(kind, hidden=hidden))
    assert miscounted(book, rows) == []
    assert runs(file, format_) == []


def secrets_of(person: Person) -> tuple[str, ...]:
    return ("Amina", "amina@", "brent.example", "Brent", UNSAID[1:], person.public_id)


def miscounted(book: list[list[str]], rows: list[Row]) -> list[list[str]]:
    """The entries of a codebook that say another number than the rows, and columns that it leaves out."""
    filled = Counter(name for row in rows for name, cell in row.items() if cell != "")
    values = Counter((name, cell) for row in rows for name, cell in row.items())
    missing = [[name] for name in rows[0] if name not in {entry[0] for entry in book}]
    return missing + [
        [column, meaning, value, count]
        for column, meaning, value, count in book
        if not meaning or int(count) != (values[column, value] if value else filled[column])
    ]


def runs(file: bytes, format_: Format) -> list[str]:
    """What a spreadsheet would run or follow."""
    if format_ is Format.CSV:
        lines = csv.reader(io.StringIO(file.decode(), newline=""))
        return [cell for line in lines for cell in line if cell[:1] in FORMULA_STARTS]
    if format_ is Format.XLSX:
        return [cell.tag for sign in ("f", "hyperlink") for cell in _sheet(file, 1).iter(f"{SPREADSHEET}{sign}")]
    return []


def test_a_wrong_count_and_a_formula_are_noticed() -> None:
    rows = [{"name": "Ana"}, {"name": ""}]
    assert miscounted([["name", "Who", "", "1"], ["name", "Who", "Ana", "1"]], rows) == []
    assert miscounted([["name", "Who", "", "2"]], rows) == [["name", "Who", "", "2"]]
    assert miscounted([["other", "Who", "", "0"]], rows) == [["name"]]
    assert runs(b"name\r\n=1+1\r\n", Format.CSV) == ["=1+1"]


@every_kind
class TestKeys:
    def test_are_stable(self, export: Export, kind: str) -> None:
        assert export(kind, Format.CSV, hidden=True) == export(kind, Format.CSV, hidden=True)

    def test_are_others_in_another_programme(self, export: Export, work: Working, kind: str) -> None:
        before = rows_of(export(kind, Format.CSV, hidden=True), Format.CSV)
        with work() as unit:
            unit.session.execute(update(Programme).values(pseudonym_key="that of another programme"))
        after = rows_of(export(kind, Format.CSV, hidden=True), Format.CSV)
        columns = {column.name for column in exporting.KINDS[kind].columns if column.key}
        assert bool(columns) == (kind not in WITHOUT_PEOPLE)
        first, then = ({row[column] for row in rows for column in columns} - {""} for rows in (before, after))
        assert bool(first) == bool(columns)
        assert not first & then

    def test_are_the_same_person_in_every_kind(self, export: Export, kind: str) -> None:
        wanted = {row["person"] for row in rows_of(export("attendance", Format.CSV, hidden=True), Format.CSV)}
        found = {row.get("person", "") for row in rows_of(export(kind, Format.CSV, hidden=True), Format.CSV)} - {""}
        assert found <= wanted

    def test_are_all_that_an_evaluator_gets(self, reading: Reads, make: Make, export: Export, kind: str) -> None:
        evaluator = make.account("Eva")
        make.grant(evaluator, Role.EVALUATOR, programme=make.programme())
        with reading(make.actor(evaluator)) as read:
            asked = exporting.table(read, kind=kind, programme_slug=SLUG, pseudonymised=False)
            assert isinstance(asked, Iterator)
            assert b"".join(asked) == export(kind, Format.CSV, hidden=True)

    def test_are_for_nobody_else(self, reading: Reads, make: Make, amina: Person, kind: str) -> None:
        make.grant(amina, Role.FACILITATOR, programme=make.programme())
        with reading(make.actor(amina)) as read, pytest.raises(NotFound):
            exporting.table(read, kind=kind, programme_slug=SLUG, pseudonymised=True)


def test_programmes_have_keys_of_their_own(make: Make, reading: Reads) -> None:
    make.programme("other")
    with reading() as read:
        keys = [programme.pseudonym_key for programme in read.session.query(Programme)]
    assert len(set(keys)) == len(keys) == 2


@every_format
def test_words_that_their_author_allowed_are_in_the_answers(export: Export, format_: Format) -> None:
    found = rows_of(export("surveys", format_, hidden=True), format_)
    words = {row["code"]: row["value"] for row in found if row["kind"] == "text"}
    assert words == {"why": "", "changed": ALLOWED}
