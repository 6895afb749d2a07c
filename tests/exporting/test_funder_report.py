"""A report to funders as a page, a Word document and a tagged PDF: all say the same, to eye and ear."""

import io
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import docx
import pytest
from bs4 import BeautifulSoup
from flask import Flask

from cop.exporting.funder_report import FORMATS, document_of
from cop.exporting.funder_report.comparing import Difference, differences
from cop.formats.pdf_tags import is_tagged
from cop.models.evidence import FunderReport
from cop.queries.funder_reports import Quote
from tests.support import pdf
from tests.support.funder_reports import (
    WORD,
    content,
    missing_in_pdf,
    tables_of_content,
    tables_of_docx,
    tables_of_html,
)

Write = Callable[..., bytes]

WORDS = {"introduction": "We are glad.\n\nThank you.", "reach": "More came than we hoped."}


def report(**columns: Any) -> FunderReport:
    return FunderReport(
        **{
            "title": "Report to funders: Tackling health inequalities",
            "as_of": date(2026, 3, 2),
            "made_at": datetime(2026, 3, 2, 9, tzinfo=UTC),
            "content": content(),
            "words": WORDS,
            "withdrawn_at": None,
            **columns,
        }
    )


@pytest.fixture
def write(app: Flask) -> Write:
    """``write("pdf")`` is the file in that format."""

    def written(format_: str, quotes: dict[int, Quote] | None = None, **columns: Any) -> bytes:
        with app.app_context():
            found = report(**columns)
            make, _media_type = FORMATS[format_]
            return make(found, document_of(found, quotes or {}))

    return written


class TestTheFormats:
    def test_say_the_same_numbers(self, write: Write) -> None:
        wanted = tables_of_content(content())
        assert [title for title, _rows in wanted] == ["By kind of organisation", "Change in confidence"]
        assert wanted[0][1][1:] == [
            ["Council", "15", "12"],
            ["Health", "fewer than 5", "not shown"],
            ["All", "1,234", "not shown"],
        ]
        assert tables_of_html(write("html")) == wanted
        assert tables_of_docx(write("docx")) == wanted
        assert missing_in_pdf(write("pdf"), wanted) == []

    def test_a_number_that_differs_is_noticed(self, write: Write) -> None:
        other = tables_of_content(content(attended=13))
        assert tables_of_html(write("html")) != other
        assert tables_of_docx(write("docx")) != other
        assert missing_in_pdf(write("pdf"), other) == ["Council 15 13"]

    @pytest.mark.parametrize("format_", FORMATS)
    def test_say_the_same_words(self, write: Write, format_: str) -> None:
        said = words_of(format_, write(format_))
        for words in (
            "Report to funders: Tackling health inequalities",
            "Figures of 2 March 2026. They do not change afterwards.",
            "We are glad.",
            "Thank you.",
            "A first paragraph.",
            "Zoë’s 100% & <b>more</b> – “really”.",
            "Who came?",
            "Came counts people once.",
            "More came than we hoped.",
            "Groups are small.",
        ):
            assert words in said
        assert "withdrawn" not in said

    @pytest.mark.parametrize("format_", FORMATS)
    def test_say_first_that_the_report_is_withdrawn_and_why(self, write: Write, format_: str) -> None:
        gone = {"withdrawn_at": datetime(2026, 4, 1, tzinfo=UTC), "words": {"withdrawn": "Two courses were missing."}}
        said = words_of(format_, write(format_, **gone))
        notice = said.index("This report was withdrawn on 1 April 2026. Do not rely on it.")
        assert notice < said.index("Two courses were missing.") < said.index("1. Reach")

    @pytest.mark.parametrize("format_", FORMATS)
    def test_quote_those_alone_who_still_allow_it(self, write: Write, format_: str) -> None:
        part = {"kind": "quotations", "ids": [[7, "name"], [8, "anonymous"]]}
        quoting = content()
        quoting["sections"][0]["parts"].append(part)
        quote = Quote("It opened a door.", "Amina Yusuf, Brent", "Change makers 1")
        said = words_of(format_, write(format_, {7: quote}, content=quoting))
        assert said.index("It opened a door.") < said.index("Amina Yusuf, Brent, about Change makers 1")
        assert said.count("This quotation is not shown any more") == 1


def words_of(format_: str, body: bytes) -> str:
    """All that somebody reads, with single spaces."""
    if format_ == "pdf":
        return pdf.words(body)
    if format_ == "html":
        return " ".join(BeautifulSoup(body, "html.parser").get_text(" ").split())
    return " ".join(" ".join(each.text for each in docx.Document(io.BytesIO(body)).paragraphs).split())


class TestTheWordDocument:
    def test_has_real_headings_in_order(self, write: Write) -> None:
        found = docx.Document(io.BytesIO(write("docx")))
        named = [(str(each.style and each.style.name), each.text) for each in found.paragraphs]
        headings = [each for each in named if each[0].startswith(("Title", "Heading"))]
        assert headings == [
            ("Title", "Report to funders: Tackling health inequalities"),
            ("Heading 1", "About this report"),
            ("Heading 1", "1. Reach"),
            ("Heading 2", "By kind of organisation"),
            ("Heading 2", "Change in confidence"),
            ("Heading 2", "Comment"),
            ("Heading 1", "Limits"),
        ]

    def test_marks_the_header_row_of_each_table_and_no_other(self, write: Write) -> None:
        found = docx.Document(io.BytesIO(write("docx")))
        assert len(found.tables) == 2
        for table in found.tables:
            marked = [row._tr.find(f".//{{{WORD}}}tblHeader") is not None for row in table.rows]
            assert marked == [True] + [False] * (len(table.rows) - 1)

    def test_says_in_words_what_its_pictures_show(self, write: Write) -> None:
        found = docx.Document(io.BytesIO(write("docx")))
        said = [shape._inline.docPr.get("descr") for shape in found.inline_shapes]
        assert said == ["Chart: By kind of organisation. The table has the numbers."]

    def test_is_in_british_english_and_by_the_service(self, app: Flask, write: Write) -> None:
        body = write("docx")
        found = docx.Document(io.BytesIO(body)).core_properties
        assert (found.language, found.title) == ("en-GB", "Report to funders: Tackling health inequalities")
        assert {found.author, found.last_modified_by} == {app.config["SERVICE_NAME"]}
        assert not found.comments
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            styles = BeautifulSoup(archive.read("word/styles.xml"), "xml")
        assert {each["w:val"] for each in styles.find_all("lang")} == {"en-GB"}


class TestThePdf:
    def test_is_tagged_for_readers_of_screens(self, write: Write) -> None:
        body = write("pdf")
        assert is_tagged(io.BytesIO(body))
        for sign in (b"pdfuaid:part", b"/Lang(en-GB)", b"/S/TH", b"/S/Figure", b"/S/H1", b"/Alt"):
            assert sign in body

    def test_is_the_same_bytes_for_the_same_report(self, write: Write) -> None:
        assert write("pdf") == write("pdf")


class TestComparing:
    def test_tells_each_number_that_differs(self) -> None:
        (found,) = differences(content(attended=12), content(attended=17))
        assert (found.id, found.section, found.table) == ("reach-by-kind", "1. Reach", "By kind of organisation")
        assert found.differences == [Difference("Council", "Came", "12", "17")]

    @pytest.mark.parametrize("now", [8, 11, 13, 16])
    def test_does_not_tell_how_few_people_a_count_changed_by(self, now: int) -> None:
        (found,) = differences(content(attended=12), content(attended=now))
        assert found.differences == [Difference("Council", "Came", "12", "changed by fewer than 5")]

    def test_finds_nothing_where_nothing_differs(self) -> None:
        assert differences(content(), content()) == []

    def test_tells_of_rows_and_tables_that_only_one_has(self) -> None:
        less = content()
        rows = less["sections"][1]["parts"][0]["rows"]
        del rows[0]
        del less["sections"][1]["parts"][1]
        came, change = differences(content(), less)
        assert came.differences == [
            Difference("Council", "Booked", "15", "–"),
            Difference("Council", "Came", "12", "–"),
        ]
        assert [one.now for one in change.differences] == ["–", "–"]

    def test_keeps_rows_of_the_same_name_apart_by_their_other_words(self) -> None:
        def held(first: int, second: int) -> dict[str, Any]:
            found = content()
            part = found["sections"][1]["parts"][1]
            part["headings"] = ["Event", "Day", "Came"]
            part["rows"] = [
                ["A morning", day, {"text": str(came), "value": came}]
                for day, came in (("1 May", first), ("2 May", second))
            ]
            return found

        (found,) = differences(held(20, 30), held(20, 36))
        assert found.differences == [Difference("A morning, 2 May", "Came", "30", "36")]
