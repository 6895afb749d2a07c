"""The directory of members of the demonstration, and what its people offer one another."""

import pytest
from sqlalchemy import select

from cop.models.accounts import Person
from tests.support.browse import Browse
from tests.support.make import Reads

pytestmark = pytest.mark.usefixtures("loaded")


@pytest.fixture
def alumna(reading: Reads, browse: Browse) -> Browse:
    with reading() as read:
        person = read.session.scalars(select(Person).where(Person.email == "alumna@demo.example")).one()
    return browse.sign_in(person)


def test_members_find_one_another_and_write(alumna: Browse) -> None:
    found = alumna.get("/members/people/").text
    assert "7 people" in found
    assert "1 person found" in alumna.get("/members/people/", q="forty doors").text
    letters = alumna.get("/members/letters/").text
    assert "To " in letters
    assert "From " in letters


def test_an_ask_finds_the_offer_that_fits_and_people_who_could_help(alumna: Browse) -> None:
    board = alumna.get("/forum/offers").text
    assert "Both name: Writing bids" in board
    assert "A room in Oldham" not in board
    alumna.click("Somebody to read a bid before Friday week")
    assert "I read bids, two a month" in alumna.text
    assert "Named: Writing bids" in alumna.text
