"""The use of the toolkit in the demonstration: figures to look at, and words of people who used it."""

import pytest
from sqlalchemy import select

from cop.models.accounts import Person
from cop.queries import toolkit_use as queries
from tests.support.browse import Browse
from tests.support.make import Make, Reads

pytestmark = pytest.mark.usefixtures("loaded")


def person(reading: Reads, role: str) -> Person:
    with reading() as read:
        return read.session.scalars(select(Person).where(Person.email == f"{role}@demo.example")).one()


def test_staff_see_how_far_people_and_councils_got(reading: Reads, make: Make, browse: Browse) -> None:
    facilitator = person(reading, "facilitator")
    with reading(make.actor(facilitator)) as read:
        found = queries.use(read)
        people = [figure.value or 0 for figure in found.ladder.people]
        assert people == sorted(people, reverse=True)
        assert people[0] == 12
        assert people[-1] == 1
        assert sum(month.viewed > 0 for month in found.months) >= 2
        first = queries.lines(read, found)[0]
        assert (first.slug, first.answered.value, first.useful.value) == ("residents-panel", 4, 3)
        assert first.downloaded > 0
    page = browse.sign_in(facilitator).get("/evaluation/toolkit/resources/residents-panel")
    assert "Nine residents now sit in the group" in page.text


def test_evaluators_read_nobodys_words(reading: Reads, browse: Browse) -> None:
    page = browse.sign_in(person(reading, "evaluator")).get("/evaluation/toolkit/resources/residents-panel")
    assert page.status == 200
    assert "Nine residents" not in page.text
    assert "fewer than 5" in page.text
