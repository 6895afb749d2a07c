"""The report to funders of the demonstration: all fourteen questions, and the same numbers in each format."""

import pytest
from sqlalchemy import select

from cop.demo.roles import ROLES
from cop.exporting.funder_report import FORMATS, document_of
from cop.models.accounts import Person
from cop.models.evidence import FunderReport
from cop.queries import funder_reports as queries
from tests.support.browse import Browse
from tests.support.funder_reports import missing_in_pdf, tables_of_content, tables_of_docx, tables_of_html
from tests.support.make import Reads

pytestmark = pytest.mark.usefixtures("loaded")


def test_answers_the_fourteen_questions_in_every_format(reading: Reads) -> None:
    with reading() as read:
        report = read.session.scalars(select(FunderReport)).one()
        found = document_of(report, queries.quotations(read, report))
        files = {format_: write(report, found) for format_, (write, _media_type) in FORMATS.items()}
    numbered = [one.title.partition(".")[0] for one in found.sections if one.title[0].isdigit()]
    assert numbered == [str(number) for number in range(1, 15)]
    wanted = tables_of_content(report.content)
    assert tables_of_html(files["html"]) == wanted
    assert tables_of_docx(files["docx"]) == wanted
    assert missing_in_pdf(files["pdf"], wanted) == []


def test_is_read_by_the_evaluator(reading: Reads, browse: Browse) -> None:
    with reading() as read:
        evaluator = read.session.scalars(select(Person).where(Person.email == ROLES["evaluator"])).one()
    page = browse.sign_in(evaluator).get("/evaluation/reports/")
    page.get(str(page.soup.select("table a")[0]["href"]))
    assert "This is the first report of the Policy Lab" in page.text
    assert "fewer than 5" in page.text
