"""Free answers on pages: found, coded one after the other, quoted, and shown to nobody else."""

import pytest
from flask import Flask

from cop.core.access import Role
from cop.models.accounts import Person
from cop.models.events import Event
from cop.models.surveys import Mode
from cop.models.tags import TagKind
from cop.services import tags
from tests.support.browse import Browse
from tests.support.clock import FixedClock
from tests.support.make import Make, Working
from tests.support.queries import count_queries
from tests.support.surveys import Surveys

ITEMS = (
    {"code": "did", "kind": "text", "text": "What did you do?"},
    {
        "code": "permission",
        "kind": "choice",
        "text": "May we tell others?",
        "options": [["name", "With my name"], ["anonymous", "No names"], ["no", "No"]],
    },
)
LIST = "/evaluation/coding/health-inequalities/asked-named/did"


@pytest.fixture
def surveys(app: Flask, make: Make, clock: FixedClock) -> Surveys:
    return Surveys(app, make, clock)


@pytest.fixture
def evaluator(make: Make) -> Person:
    person = make.account("Eva Evaluator")
    make.grant(person, Role.EVALUATOR, programme=make.programme())
    return person


@pytest.fixture
def codes(work: Working) -> None:
    for name in ("New idea", "Felt listened to"):
        with work() as unit:
            tags.add(unit, kind=TagKind.CODE, name=name)


def answered(make: Make, surveys: Surveys, people: int, *, permission: str = "name") -> Event:
    event = make.visit("A morning", capacity=None)
    asked = [make.person(f"Participant {number}") for number in range(people)]
    for number, waiting in enumerate(surveys.put(asked, event, Mode.NAMED, items=ITEMS)):
        surveys.answer(waiting, did=f"We asked residents first, {number} of them.", permission=permission)
    return event


def first_of(page: Browse) -> str:
    """The address of the first answer in the list."""
    return str(page.soup.select("ul.cop-roster a.govuk-link")[0]["href"])


@pytest.mark.usefixtures("codes")
class TestCoding:
    def test_goes_from_the_dashboard_through_all_answers(
        self, browse: Browse, make: Make, surveys: Surveys, evaluator: Person
    ) -> None:
        answered(make, surveys, 6)
        page = browse.sign_in(evaluator).get("/evaluation/").click("Answers in people’s own words")
        page = page.click("What did you do?")
        assert "6 answers can be read, 0 of them have a code." in page.text
        assert "Participant" not in page.text
        page = page.get(first_of(page))
        for _each in range(6):
            assert page.heading.endswith("Give codes")
            page = page.submit(codes="1")
        assert page.path == LIST
        assert "6 of them have a code" in page.text
        assert "Answers with each code" in page.text
        assert "No answer fits this." in page.get(LIST, code="-").text
        assert len(page.get(LIST, code="new-idea").soup.select("ul.cop-roster li")) == 6

    def test_is_paged_and_asks_the_database_as_often_however_many_there_are(
        self, browse: Browse, make: Make, surveys: Surveys, evaluator: Person
    ) -> None:
        answered(make, surveys, 6)
        browse.sign_in(evaluator).get(LIST)
        with count_queries() as few:
            browse.get(LIST)
        answered(make, surveys, 20)
        with count_queries() as many:
            page = browse.get(LIST)
        assert len(many) == len(few)
        assert len(page.soup.select("ul.cop-roster li")) == 20
        assert len(page.click("Next page").soup.select("ul.cop-roster li")) == 6

    def test_counts_nonsense_in_the_address_as_not_asked(
        self, browse: Browse, make: Make, surveys: Surveys, evaluator: Person
    ) -> None:
        answered(make, surveys, 6)
        page = browse.sign_in(evaluator).get(LIST, code="nothing", event="nowhere", page="x")
        assert len(page.soup.select("ul.cop-roster li")) == 6

    def test_refuses_codes_that_are_none(self, browse: Browse, make: Make, surveys: Surveys, evaluator: Person) -> None:
        answered(make, surveys, 5)
        page = browse.sign_in(evaluator).get(LIST)
        address = first_of(page)
        for sent in ({"codes": "999"}, {"codes": "1e9"}, {"codes": "9" * 30}):
            assert browse.get(address).post(address, data=sent).status == 422
        assert browse.get(address).post(address, data={"codes": "1", "seen": "9" * 30 + ",x,,-1"}).status == 200

    def test_says_what_to_do_before_anybody_answered(self, browse: Browse, evaluator: Person) -> None:
        page = browse.sign_in(evaluator).get("/evaluation/coding/")
        assert "There are no answers to read yet." in page.text

    def test_is_for_evaluators_and_admins(
        self, browse: Browse, make: Make, surveys: Surveys, evaluator: Person
    ) -> None:
        answered(make, surveys, 5)
        page = browse.sign_in(evaluator).get(LIST)
        answer = first_of(page)
        addresses = [
            "/evaluation/coding/",
            "/evaluation/coding/health-inequalities/quotations",
            LIST,
            answer,
            f"{answer}/quotation",
        ]
        for role in (Role.REVIEWER, Role.FACILITATOR, Role.HOST):
            other = make.account()
            make.grant(other, role, programme=make.programme())
            for address in addresses:
                assert browse.another().sign_in(other).get(address).status == 404
        elsewhere = make.account()
        make.grant(elsewhere, Role.EVALUATOR, programme=make.programme("another"))
        for address in addresses[1:]:
            assert browse.another().sign_in(elsewhere).get(address).status == 404
        for wrong in (f"{LIST}x", f"{LIST}/0000000000000000", "/evaluation/coding/nowhere/quotations"):
            assert browse.get(wrong).status == 404


class TestQuotations:
    def test_are_picked_shown_changed_and_dropped(
        self, browse: Browse, make: Make, surveys: Surveys, evaluator: Person
    ) -> None:
        answered(make, surveys, 5)
        page = browse.sign_in(evaluator).get(LIST)
        address = first_of(page)
        page = browse.get(address).click("Pick words for reports").submit(words="We asked nobody")
        assert page.status == 422
        assert "Quote only words that stand in the answer" in page.errors[0]
        page = page.submit(words="We asked residents first")
        assert "The quotation is picked." in page.text
        shown = browse.get("/evaluation/coding/health-inequalities/quotations")
        assert "We asked residents first" in shown.text
        assert "Participant" in shown.text
        page = browse.get(address).click("Change what is quoted").submit(words="residents first")
        assert "residents first" in page.text
        page = page.submit("Quote nothing of this")
        assert "The quotation is dropped." in page.text
        assert "Nothing is picked yet" in browse.get("/evaluation/coding/health-inequalities/quotations").text

    def test_cannot_be_picked_where_nobody_was_asked(
        self, browse: Browse, make: Make, surveys: Surveys, evaluator: Person
    ) -> None:
        event = make.visit("A morning", capacity=None)
        people = [make.person(f"Participant {number}") for number in range(5)]
        for waiting in surveys.put(people, event, Mode.NAMED, items=ITEMS[:1]):
            surveys.answer(waiting, did="We asked residents first.")
        page = browse.sign_in(evaluator).get(LIST)
        address = first_of(page)
        page = browse.get(address)
        assert "reports cannot quote them" in page.text
        assert "Pick words for reports" not in page.text
        page = browse.post(f"{address}/quotation", data={"words": "We asked residents first."})
        assert page.status == 422
        assert "Nobody was asked" in page.text
