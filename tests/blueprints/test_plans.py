"""Action plans as their owners write them and their facilitators follow them."""

from datetime import timedelta
from typing import Any

import pytest

from cop.core.access import Role
from cop.models.accounts import Person
from cop.models.commitments import CommitmentState
from cop.models.events import Event
from cop.queries.plans import link_token
from tests.support import panel, plans
from tests.support.browse import Browse
from tests.support.clock import FixedClock
from tests.support.make import Make
from tests.support.queries import count_queries

TYPED: dict[str, Any] = {
    "challenge": "Damp flats",
    "what": "Meet the tenants",
    "first_step": "Ask the caretaker",
    "by_on-day": "20",
    "by_on-month": "4",
    "by_on-year": "2026",
    "helpers": "The caretaker",
    "confidence": "7",
}


@pytest.fixture
def course(make: Make) -> Event:
    return panel.course(make)


@pytest.fixture
def alma(make: Make, course: Event, clock: FixedClock) -> Person:
    person = plans.member(make, course)
    clock.set(course.parts[1].starts_at)
    return person


@pytest.fixture
def femi(make: Make, course: Event) -> Person:
    return panel.chair(make, "Femi Follows", event=course)


def test_is_written_from_the_account_and_read_again(browse: Browse, alma: Person) -> None:
    page = browse.sign_in(alma).get("/account")
    assert "Your action plan" in page.text
    page.click("Your action plans")
    assert "You have not written a plan yet." in page.text
    page.get("/plans/change-makers").click("Write your plan")
    assert "Damp flats and asthma" in page.html  # what she applied with
    page.submit("Save the plan", **TYPED)
    assert page.path == "/plans/change-makers"
    for words in ("The plan is saved.", "Meet the tenants", "20 April 2026", "We ask you on Saturday 11 July 2026"):
        assert words in page.text
    page.click("Change the plan").submit("Save the plan", what="Meet them twice")
    assert "Meet them twice" in page.text
    assert "Meet them twice" in page.get("/plans/").text


def test_says_when_it_can_be_written(browse: Browse, course: Event, alma: Person, clock: FixedClock) -> None:
    clock.move(timedelta(hours=-1))
    page = browse.sign_in(alma).get("/plans/change-makers")
    assert "You can write your plan from" in page.text
    page.get("/plans/change-makers/write").submit("Save the plan", **TYPED)
    assert (page.status, page.errors) == (422, ["Plans can be written from the second half-day on"])
    assert "Meet the tenants" in page.html


def test_asks_for_what_is_missing_and_loses_nothing(browse: Browse, alma: Person) -> None:
    page = browse.sign_in(alma).get("/plans/change-makers/write")
    page.submit("Save the plan", **{**TYPED, "what": "", "confidence": "11", "by_on-year": "26"})
    assert (page.status, page.errors) == (
        422,
        [
            "Say what you will do",
            "The day of the first step must have a year of 4 numbers",
            "Enter a whole number from 0 to 10",
        ],
    )
    assert "Ask the caretaker" in page.html


def test_shows_what_somebody_else_saved_and_keeps_what_was_typed(
    make: Make, browse: Browse, course: Event, alma: Person, femi: Person
) -> None:
    page = browse.sign_in(alma).get("/plans/change-makers/write")
    plans.plan(make, course, alma, femi, what="Written by Femi")
    page.submit("Save the plan", **TYPED)
    assert page.status == 422
    assert "The plan was changed meanwhile" in page.errors[0]
    assert "Written by Femi" in page.text
    assert "Meet the tenants" in page.html
    page.submit("Save the plan")
    assert "Meet the tenants" in page.text


def test_says_how_it_stands(make: Make, browse: Browse, course: Event, alma: Person) -> None:
    plans.plan(make, course, alma)
    page = browse.sign_in(alma).get("/plans/change-makers").click("Say how it stands")
    page.submit("Write it down", state="stuck")
    assert (page.status, page.errors) == (422, ["Say in a few words what stood in the way"])
    page.submit("Write it down", what_happened="No money.")
    assert page.path == "/plans/change-makers"
    assert "Stuck No money." in page.text


class TestTheLink:
    def test_shows_on_get_and_acts_on_post_without_an_account(
        self, make: Make, browse: Browse, course: Event, alma: Person, clock: FixedClock
    ) -> None:
        token = link_token(plans.plan(make, course, alma))
        clock.set(course.parts[-1].ends_at + timedelta(days=100))
        page = browse.get(f"/plans/t/{token}")
        assert plans.PLAN["what"] in page.text
        page.get(f"/plans/t/{token}").submit("Write it down", state="under way", what_happened="They came.")
        assert "Thank you" in page.text
        assert "Under way They came." in page.text
        page.submit("Write it down", state="done")
        assert "Done" in page.text
        assert not browse.is_signed_in
        assert browse.get("/plans/change-makers", follow=False).location.startswith("/sign-in")

    def test_leads_nowhere_when_it_is_not_ours(self, make: Make, browse: Browse, course: Event, alma: Person) -> None:
        plan = plans.plan(make, course, alma)
        assert browse.get(f"/plans/t/{plan.public_id}").status == 404


class TestFollowing:
    def test_leads_from_the_roster_to_whoever_is_stuck(
        self, make: Make, browse: Browse, course: Event, alma: Person, femi: Person
    ) -> None:
        plans.plan(make, course, alma)
        plans.check(make, course, alma, CommitmentState.STUCK, "No money.")
        page = browse.sign_in(femi).get("/cohorts/change-makers/roster").click("Action plans")
        assert "Stuck : 1" in page.text
        page.click("Stuck")
        assert "No money." in page.text
        page.click("Alma Alumna")
        assert "Asked how it stands on Saturday 11 July 2026" in page.text
        page.click("Write down how it stands").submit("Write it down", state="done", what_happened="Money came.")
        assert "Written down by those who run the course" in page.text
        assert "Nobody stands like this." in page.get("/cohorts/change-makers/plans", show="stuck").text

    def test_writes_a_plan_for_whoever_told_it_on_paper(
        self, make: Make, browse: Browse, course: Event, alma: Person, femi: Person
    ) -> None:
        page = browse.sign_in(femi).get("/cohorts/change-makers/plans").click("Alma Alumna")
        page.click("Write the plan for them").submit("Save the plan", **TYPED)
        assert "Meet the tenants" in page.text
        assert "Meet the tenants" in browse.sign_in(alma).get("/plans/change-makers").text

    def test_of_nobody_says_so(self, make: Make, browse: Browse, course: Event, femi: Person) -> None:
        assert "Nobody has a place yet" in browse.sign_in(femi).get("/cohorts/change-makers/plans").text

    def test_takes_the_same_statements_however_many_there_are(
        self, make: Make, browse: Browse, course: Event, femi: Person, clock: FixedClock
    ) -> None:
        people = plans.members(make, course, "Ada", "Ben", "Cleo")
        clock.set(course.parts[1].starts_at)
        browse.sign_in(femi).get("/cohorts/change-makers/plans")
        counts = []
        for some in (people[:1], people[1:]):
            for person in some:
                plans.plan(make, course, person)
                plans.check(make, course, person, CommitmentState.UNDER_WAY, "So so.")
            with count_queries() as statements:
                browse.get("/cohorts/change-makers/plans")
            counts.append(len(statements))
        assert counts[0] == counts[1]


def test_nobody_else_finds_them(make: Make, browse: Browse, course: Event, alma: Person) -> None:
    plans.plan(make, course, alma)
    host = make.account("Hana Host")
    make.grant(host, Role.HOST, event=course)
    other = panel.chair(make, "Other", event=panel.course(make, "Another", slug="another"))
    own = ("", "/write", "/check")
    for who in (host, other, panel.reviewer(make), make.account("Stranger")):
        browse.sign_in(who)
        for path in own:
            assert browse.get(f"/plans/change-makers{path}").status == 404
            assert browse.get(f"/cohorts/change-makers/plans/{alma.public_id}{path}").status == 404
        assert browse.get("/cohorts/change-makers/plans").status == 404
        assert "Change Makers" not in browse.get("/plans/").text
    roster = browse.sign_in(host).get("/cohorts/change-makers/roster")
    assert "Action plans" not in roster.text
    assert "Action plan" not in roster.click("Alma Alumna").text
