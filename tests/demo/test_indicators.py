"""Indicators of the demonstration: counted, with targets, and with a history to look at."""

import pytest
from sqlalchemy import select

from cop.demo.indicators import INVENTED
from cop.demo.roles import ROLES
from cop.models.accounts import Person
from cop.queries import indicators, programmes
from cop.queries.indicators import MEASURES
from tests.support.browse import Browse
from tests.support.make import Reads

pytestmark = pytest.mark.usefixtures("loaded")

PATH = "/evaluation/indicators/"


def as_role(reading: Reads, browse: Browse, role: str) -> Browse:
    with reading() as read:
        return browse.sign_in(read.session.scalars(select(Person).where(Person.email == ROLES[role])).one())


def test_every_question_but_the_last_has_a_number(reading: Reads) -> None:
    with reading() as read:
        programme = programmes.current(read)
        assert programme is not None
        found = indicators.measured(read, programme, hide=False)
        changes = indicators.paired_changes(read, programme, hide=False)
    assert {one.question for one in found if one.value is not None} == set(range(1, 14))
    assert sum(one.target is not None for one in found) == 14
    assert {one.measure for one in found if one.is_automatic} == {m.code for m in MEASURES.values() if m.is_ready_made}
    assert [one.name for one in found if not one.is_automatic] == [
        "Councils with a panel of residents that decides",
        "Residents named as having shaped a plan",
    ]
    first = changes[0]
    assert (first.code, first.wave) == ("confidence", "end")
    assert first.difference is not None
    assert first.difference > 0
    assert first.interval is not None


def test_staff_see_a_history_that_says_what_is_invented(reading: Reads, browse: Browse) -> None:
    as_role(reading, browse, "admin").get(PATH).click("Member organisations with a participant")
    assert len(browse.soup.select("#months ~ .cop-figure tbody tr")) == 6
    assert INVENTED in browse.text
    assert len(browse.soup.select(".cop-over-time rect.bar")) == 6


def test_evaluators_see_it_without_small_numbers(reading: Reads, browse: Browse) -> None:
    as_role(reading, browse, "evaluator").get(PATH)
    assert "not shown" in browse.text
    browse.click("What changed in the same people")
    assert "Confidence, over eight questions from 0 to 10" in browse.text
