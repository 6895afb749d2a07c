"""Sub-groups as the facilitators of a course make them."""

import pytest
from sqlalchemy import select

from cop.core.access import Role
from cop.models.accounts import Person
from cop.models.events import Event
from cop.models.outbox import Outbox
from tests.support import panel, plans
from tests.support.browse import Browse
from tests.support.make import Make, Reads
from tests.support.queries import count_queries

BASE = "/cohorts/change-makers/groups"


@pytest.fixture
def course(make: Make) -> Event:
    return panel.course(make)


@pytest.fixture
def people(make: Make, course: Event) -> list[Person]:
    return plans.members(make, course, "Ada", "Ben", "Cleo", "Dora")


@pytest.fixture
def femi(make: Make, course: Event) -> Person:
    return panel.chair(make, "Femi Follows", event=course)


def test_are_split_written_to_and_given_a_room(
    browse: Browse, people: list[Person], femi: Person, reading: Reads
) -> None:
    page = browse.sign_in(femi).get("/cohorts/change-makers/roster").click("Sub-groups")
    page.click("Split evenly").submit("Split them", number="2")
    assert "Everybody is in a sub-group." in page.text
    assert page.text.count("2 people") == 2
    page.click("Write to them (Group 1)").submit("See it before it goes", subject="Hello", body="You are one group.")
    page.submit("Send it to 2 people")
    with reading() as read:
        assert len(read.session.scalars(select(Outbox).where(Outbox.template == "roster_message")).all()) == 2
    page.get(BASE).submit("Open a space for Group 1")
    page.click("Space in the forum (Group 1)")
    assert page.heading.startswith("Group 1")


def test_are_arranged_by_hand_and_nothing_is_overwritten(browse: Browse, people: list[Person], femi: Person) -> None:
    page = browse.sign_in(femi).get(f"{BASE}/new")
    page.submit("Save", name="")
    assert (page.status, page.errors) == (422, ["Enter a name"])
    page.submit("Save", name="Homes")
    page.get(f"{BASE}/new").submit("Save", name="Homes")
    assert (page.status, page.errors) == (422, ["There is already a sub-group of this name."])
    (group,) = {str(option["value"]) for option in page.get(f"{BASE}/arrange").soup.select("option:not([value=''])")}
    other = browse.another().sign_in(femi).get(f"{BASE}/arrange")
    page.submit("Save the sub-groups", **{f"group_{people[0].public_id}": group})
    assert "1 person" in page.text
    assert "In no sub-group" in page.text
    other.submit("Save the sub-groups", **{f"group_{people[1].public_id}": group})
    assert other.status == 422
    assert "Homes: Ada" in other.text
    (chosen,) = other.soup.select(f"select[name=group_{people[1].public_id}] option[selected]")
    assert chosen["value"] == group
    other.submit("Save the sub-groups")
    assert other.path == BASE


def test_are_renamed_and_removed(browse: Browse, people: list[Person], femi: Person) -> None:
    page = browse.sign_in(femi).get(f"{BASE}/split").submit("Split them", number="2")
    page.click("Change the name (Group 1)").submit("Save", name="Homes and air")
    assert "Homes and air" in page.text
    page.click("Remove (Homes and air)").submit("Remove it")
    assert "The sub-group is removed." in page.text
    assert "Homes and air" not in page.text


def test_need_people(browse: Browse, course: Event, femi: Person) -> None:
    assert "Nobody has a place yet" in browse.sign_in(femi).get(BASE).text


def test_take_the_same_statements_however_many_there_are(browse: Browse, people: list[Person], femi: Person) -> None:
    counts = []
    browse.sign_in(femi)
    for number in ("1", "4"):
        browse.get(f"{BASE}/split").submit("Split them", number=number)
        with count_queries() as statements:
            browse.get(BASE)
        counts.append(len(statements))
    assert counts[0] == counts[1]


def test_are_for_the_facilitators(make: Make, browse: Browse, course: Event, people: list[Person]) -> None:
    host = make.account("Hana Host")
    make.grant(host, Role.HOST, event=course)
    for who in (host, people[0], panel.reviewer(make)):
        browse.sign_in(who)
        for path in ("", "/new", "/split", "/arrange", "/1", "/1/remove"):
            assert browse.get(BASE + path).status == 404
    assert "Sub-groups" not in browse.sign_in(host).get("/cohorts/change-makers/roster").text
