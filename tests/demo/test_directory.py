"""The directory of the demonstration: councils that were taken over, and doubles that wait."""

import pytest
from sqlalchemy import select

from cop.demo import directory
from cop.models.accounts import Person
from cop.models.organisations import Organisation
from cop.queries.merging import suggestions
from tests.support.browse import Browse
from tests.support.make import Make, Reads

pytestmark = pytest.mark.usefixtures("loaded")


def test_two_councils_were_taken_over_by_one(browse: Browse, reading: Reads) -> None:
    with reading() as read:
        slug = read.session.scalars(select(Organisation.slug).where(Organisation.name == directory.SUCCESSOR)).one()
        sources = read.session.scalars(select(Organisation.source).where(Organisation.source == directory.SOURCE))
        assert len(sources.all()) == 4
    browse.get(f"/organisations/{slug}")
    for name in directory.PREDECESSORS:
        assert name in browse.text
    assert directory.SOURCE in browse.text
    browse.click(directory.PREDECESSORS[0])
    assert f"part of {directory.SUCCESSOR}" in browse.text


def test_the_evaluation_differs_by_map(browse: Browse, reading: Reads, make: Make) -> None:
    with reading() as read:
        admin = read.session.scalars(select(Person).where(Person.email == "admin@demo.example")).one()
    browse.sign_in(admin)
    then = browse.get("/evaluation/reach").text.partition("members of the network")[0]
    today = browse.click("Organisations as they are today").text.partition("members of the network")[0]
    assert then != today


def test_one_person_and_one_organisation_wait_to_be_merged(reading: Reads) -> None:
    with reading() as read:
        people, organisations = suggestions.people(read), suggestions.organisations(read)
    assert [(pair.kept.name, pair.gone.email) for pair in people] == [(people[0].gone.name, None)]
    assert directory.DOUBLE in {name for twin in organisations for name in (twin.kept_name, twin.gone_name)}
