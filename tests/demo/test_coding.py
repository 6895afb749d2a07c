"""What the evaluator of the demonstration made of free answers, and what of it stands in the report."""

import pytest
from sqlalchemy import select

from cop.demo.coding import CODES
from cop.demo.roles import ROLES
from cop.demo.surveys import WORDS
from cop.models.accounts import Person
from cop.models.evidence import AnswerCode, FunderReport, Quotation
from cop.queries import funder_reports as queries
from tests.support.browse import Browse
from tests.support.make import Reads

pytestmark = pytest.mark.usefixtures("loaded")


def test_most_answers_have_codes_that_are_counted(reading: Reads, browse: Browse) -> None:
    with reading() as read:
        evaluator = read.session.scalars(select(Person).where(Person.email == ROLES["evaluator"])).one()
        codes = read.session.scalars(select(AnswerCode.tag_id)).all()
    assert len(codes) > 30
    assert len(set(codes)) == 6
    page = browse.sign_in(evaluator).get("/evaluation/learning")
    assert "Residents took part" in page.text


def test_each_word_for_a_code_stands_in_what_people_answer() -> None:
    said = " ".join(words for answers in WORDS.values() for words in answers)
    assert [word for words in CODES.values() for word in words if word not in said] == []


def test_the_report_quotes_what_may_be_quoted(reading: Reads) -> None:
    with reading() as read:
        picked = {quotation.words for quotation in read.session.scalars(select(Quotation))}
        report = read.session.scalars(select(FunderReport)).one()
        quoted = {quotation.words for quotation in queries.quotations(read, report).values()}
    assert len(quoted) == 2
    assert quoted == picked
