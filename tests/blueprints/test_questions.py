"""The list of questions in advance."""

import pytest

from cop.core.access import Role
from cop.models.accounts import Person
from cop.models.events import Event
from tests.support.browse import Browse
from tests.support.make import Make, Reads, Working
from tests.support.queries import count_queries
from tests.support.webinars import Webinars, confirm_path


@pytest.fixture
def webinars(make: Make, work: Working) -> Webinars:
    return Webinars(make, work)


@pytest.fixture
def webinar(webinars: Webinars) -> Event:
    return webinars.webinar()


@pytest.fixture
def host(make: Make, webinar: Event) -> Person:
    person = make.account("Hani")
    make.grant(person, Role.HOST, event=webinar)
    return person


def test_leads_from_the_form_to_those_who_run_it(browse: Browse, make: Make, webinar: Event, host: Person) -> None:
    page = browse.sign_in(host).get(f"/admin/webinars/{webinar.slug}").click("Questions in advance")
    assert "Nobody has asked anything" in page.text
    browse.another().sign_in(make.account("Amina")).get(f"/webinars/{webinar.slug}/register").submit(
        "Register", question="What did it cost?"
    )
    page.get(f"/admin/webinars/{webinar.slug}")
    assert "1 to pass on" in page.text
    page.click("Questions in advance")
    assert "1 of 1 are still to be passed on" in page.text
    page.submit("Taken : What did it cost?")
    assert "0 of 1 are still" in page.text
    page.submit("Not taken after all : What did it cost?")
    assert "1 of 1 are still" in page.text


def test_is_asked_without_an_account_and_shown_before_it_is_confirmed(
    browse: Browse, webinars: Webinars, webinar: Event, reading: Reads
) -> None:
    page = browse.get(f"/webinars/{webinar.slug}/register")
    page.submit("Register", email="noor@stevenage.example", name="Noor", question="Who paid?" + "a" * 1000)
    assert page.errors == ["Use 1000 characters or fewer"]
    asking = webinars.asking(webinar, question="Who paid?")
    assert "Who paid?" in browse.get(confirm_path(asking)).text


def test_is_for_the_staff_of_the_event_alone(browse: Browse, make: Make, webinar: Event, webinars: Webinars) -> None:
    amina = make.account("Amina")
    webinars.register(amina, webinar, question="What did it cost?")
    address = f"/admin/events/{webinar.slug}/questions"
    elsewhere = make.account("Hani")
    make.grant(elsewhere, Role.HOST, event=make.visit())
    for person in (amina, elsewhere):
        visitor = browse.sign_in(person)
        assert visitor.get(address).status == 404
        assert visitor.post(f"{address}/1", {"taken": "yes"}).status == 404
    assert browse.sign_in(make.admin()).post(f"{address}/99", {"taken": "yes"}).status == 404


def test_is_cut_into_pages_with_the_same_few_statements(
    browse: Browse, make: Make, webinar: Event, webinars: Webinars, host: Person
) -> None:
    browse.sign_in(host)
    counts = []
    for number in range(3):
        webinars.register(make.account(f"Person {number}"), webinar, question=f"Question {number}")
        with count_queries() as sent:
            browse.get(f"/admin/events/{webinar.slug}/questions")
        counts.append(len(sent))
    assert set(counts) == {counts[0]}
    assert "There is nothing on this page" in browse.get(f"/admin/events/{webinar.slug}/questions", page=2).text
