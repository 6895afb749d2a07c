"""The toolkit of the demonstration: 38 case studies, and resources that show what a toolkit can hold."""

import pytest
from sqlalchemy import func, select

from cop.core.access import VISITOR
from cop.models.accounts import Person
from cop.models.toolkit import ItemKind, Resource, ResourceState
from cop.queries import toolkit as queries
from cop.queries.toolkit import Wanted
from tests.support.browse import Browse
from tests.support.make import Make, Reads

pytestmark = pytest.mark.usefixtures("loaded")


def titles(reading: Reads, make: Make, email: str) -> set[str]:
    with reading() as read:
        person = read.session.scalars(select(Person).where(Person.email == email)).one()
    with reading(make.actor(person)) as read:
        return {row.title for row in queries.listed(read, Wanted(), limit=100)}


def test_the_38_case_studies_say_whose_claim_they_are(reading: Reads, browse: Browse) -> None:
    with reading(VISITOR) as read:
        studies = queries.listed(read, Wanted(kind=ItemKind.CASE_STUDY), limit=100)
    assert len(studies) == 38
    assert {study.year for study in studies} == {2021}
    page = browse.get("/toolkit/wigan-the-wigan-deal")
    assert "Self-reported, of 2021: ≥£131m saved since 2010" in page.text
    assert "UCL Institute of Health Equity, 2021" in page.text


def test_resources_come_in_every_state_and_for_each_audience(reading: Reads, make: Make) -> None:
    with reading() as read:
        states = dict(read.session.execute(select(Resource.state, func.count()).group_by(Resource.state)).all())
    assert states == {ResourceState.PUBLISHED: 42, ResourceState.DRAFT: 1}
    for_members, for_alumni = "Planning a 100-day challenge", "Workbook of the Change Makers course"
    alumna, applicant = (titles(reading, make, f"{role}@demo.example") for role in ("alumna", "applicant"))
    assert {for_members, for_alumni} <= alumna
    assert for_alumni not in applicant
    with reading(VISITOR) as read:
        seen = {row.title for row in queries.listed(read, Wanted(), limit=100)}
    assert seen.isdisjoint({for_members, for_alumni})


def test_one_has_a_second_version_with_a_file_more(browse: Browse) -> None:
    page = browse.get("/toolkit/residents-panel")
    assert "A budget to fill in, and shorter advice on the first meeting." in page.text
    assert "What a panel costs in its first year" in page.text
    assert "What a panel costs in its first year" not in page.click("Version 1").text


def test_collections_lead_to_what_belongs_together(browse: Browse) -> None:
    page = browse.get("/toolkit/").click("Begin here")
    assert len(page.soup.select(".cop-roster li")) == 4
    page = browse.get("/toolkit/").click("Food and fuel")
    assert len(page.soup.select(".cop-roster li")) == 5
