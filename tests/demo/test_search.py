"""The search of the demo programme: a question and its answer that came by e-mail."""

import pytest
from sqlalchemy import select

from cop.models.accounts import Person
from tests.support.browse import Browse
from tests.support.make import Reads


@pytest.fixture
def alumna(reading: Reads) -> Person:
    with reading() as read:
        return read.session.scalars(select(Person).where(Person.email == "alumna@demo.example")).one()


@pytest.mark.usefixtures("loaded")
def test_an_answer_that_came_by_e_mail_is_found(browse: Browse, alumna: Person) -> None:
    page = browse.sign_in(alumna).get("/search", q='"swapped desks"')
    assert "I am on the train" in page.click("Who else works across two tiers?").text
