"""Asking by hand, how answers are kept, and who is silent, as staff and people see it."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from flask import Flask

from cop.core.access import Role
from cop.models.accounts import Person
from cop.models.cohorts import DecisionOutcome
from cop.models.events import Event
from cop.models.surveys import Mode, Wave
from cop.services.answers import publish_questionnaire
from scheduled import close_surveys
from tests.support.browse import Browse
from tests.support.clock import FixedClock
from tests.support.evidence import Evidence
from tests.support.make import Make, Working
from tests.support.queries import count_queries
from tests.support.surveys import FEW, Surveys


@pytest.fixture
def surveys(app: Flask, make: Make, clock: FixedClock) -> Surveys:
    return Surveys(app, make, clock)


@pytest.fixture
def people(make: Make) -> Sequence[Person]:
    council = make.organisation("Stevenage")
    return [make.person(f"Guest {number:02}", organisation=council) for number in range(7)]


@pytest.fixture
def visit(make: Make, people: Sequence[Person]) -> Event:
    visit = make.visit(slots=1, capacity=None, slug="healthy-hub")
    for person in people:
        make.booking(person, visit)
    return visit


@pytest.fixture
def facilitator(make: Make, visit: Event) -> Person:
    person = make.account("Fatima")
    make.grant(person, Role.FACILITATOR, event=visit)
    return person


class TestAskingByHand:
    @pytest.fixture(autouse=True)
    def published(self, work: Working) -> None:
        with work() as unit:
            for mode in Mode:
                publish_questionnaire(unit, code=f"some-{mode}", title="Parking", items=FEW, mode=mode)

    def test_begins_on_the_page_of_the_event(
        self, browse: Browse, facilitator: Person, visit: Event, surveys: Surveys
    ) -> None:
        browse.sign_in(facilitator).get("/admin/events/healthy-hub").click("Ask people a few questions")
        assert "Everybody who has a place (7)" in browse.text
        assert "Those who are marked as having come (0)" in browse.text
        assert "Parking (without names once it has closed)" in browse.text
        day = {"closes_on-day": "16", "closes_on-month": "3", "closes_on-year": "2026"}
        browse.submit(questionnaire="some-panel", who="booked", **day)
        assert "7 people are asked." in browse.text
        assert "Asked by hand" in browse.text
        assert {asked.wave for asked in surveys.asks()} == {Wave.ONCE}

    def test_offers_those_who_were_declined_where_there_are_any(
        self, app: Flask, make: Make, browse: Browse, visit: Event, people: Sequence[Person], surveys: Surveys
    ) -> None:
        evidence = Evidence(app, make)
        course = evidence.course()
        for person in people:
            evidence.decision(evidence.application(person, course), people[0], DecisionOutcome.DECLINE)
        evidence.release(course)
        assert "declined" not in browse.sign_in(make.admin()).get("/admin/events/healthy-hub/ask").text
        browse.get(f"/admin/events/{course.slug}/ask")
        assert "Those whose application was declined, and who were told so (7)" in browse.text
        day = {"closes_on-day": "16", "closes_on-month": "3", "closes_on-year": "2026"}
        browse.submit(questionnaire="some-anonymous", who="unsuccessful", **day)
        assert "7 people are asked." in browse.text

    def test_is_refused_with_what_was_typed_still_there(
        self, browse: Browse, facilitator: Person, visit: Event, surveys: Surveys
    ) -> None:
        browse.sign_in(facilitator).get("/admin/events/healthy-hub/ask")
        day = {"closes_on-day": "16", "closes_on-month": "3", "closes_on-year": "2025"}
        browse.submit(questionnaire="some-panel", who="booked", **day)
        assert browse.status == 422
        assert "Choose a day after today and within 90 days" in browse.text
        chosen = browse.soup.select_one("select[name=questionnaire] option[selected]")
        assert chosen is not None
        assert chosen["value"] == "some-panel"
        assert browse.soup.select_one("input[name=closes_on-year][value='2025']")
        browse.submit(**day)
        assert browse.status == 422
        assert surveys.asks() == []

    def test_finds_nobody_to_ask_or_nothing(self, browse: Browse, make: Make) -> None:
        make.visit("Empty", slots=1, slug="empty")
        browse.sign_in(make.admin()).get("/admin/events/empty/ask")
        assert "Nobody has a place yet" in browse.text

    def test_is_for_those_who_run_the_event(self, browse: Browse, make: Make, visit: Event) -> None:
        host, stranger = make.account(), make.account()
        make.grant(host, Role.HOST, event=visit)
        make.grant(stranger, Role.FACILITATOR, programme=make.programme("another"))
        for person in (host, stranger):
            assert browse.sign_in(person).get("/admin/events/healthy-hub/ask").status == 404
        assert "Ask people" not in browse.sign_in(host).get("/admin/events/healthy-hub").text


def test_without_a_questionnaire_nobody_can_be_asked(browse: Browse, make: Make, visit: Event) -> None:
    browse.sign_in(make.admin()).get("/admin/events/healthy-hub/ask")
    assert "No questionnaire is published yet." in browse.text


class TestWhatPeopleAreTold:
    @pytest.mark.parametrize(
        ("mode", "told"),
        [
            (Mode.NAMED, "The secretariat keeps answers with names"),
            (Mode.PANEL, "we take your name off them"),
            (Mode.ANONYMOUS, "As long as anybody can still answer, we keep your answers with your name"),
        ],
    )
    def test_is_what_happens_to_their_answers(
        self, mode: Mode, told: str, surveys: Surveys, people: Sequence[Person], visit: Event, browse: Browse
    ) -> None:
        [ask] = surveys.put(people[:1], visit, mode)
        browse.get(surveys.address(ask))
        assert told in browse.text
        assert "anonymous" not in browse.html.lower()
        browse.submit(sure="5")
        assert browse.heading == "Thank you"
        browse.get(surveys.address(ask))
        assert browse.heading == "Thank you"

    def test_after_it_has_closed_the_link_still_says_thank_you(
        self, app: Flask, surveys: Surveys, people: Sequence[Person], visit: Event, make: Make, browse: Browse,
        clock: FixedClock,
    ) -> None:  # fmt: skip
        asked = surveys.put(people, visit, Mode.ANONYMOUS)
        for ask in asked[:6]:
            surveys.answer(ask)
        clock.move(timedelta(days=22))
        with app.app_context():
            close_surveys.run()
        browse.sign_in(make.admin()).get(f"/surveys/{asked[0].id}/results")
        assert "How sure are you?" in browse.text
        assert browse.get(surveys.address(asked[0])).heading == "Thank you"
        assert browse.get(surveys.address(asked[6])).heading == "These questions are closed"


class TestResultsWithoutNames:
    def test_are_shown_once_nobody_can_answer_any_more(
        self, app: Flask, surveys: Surveys, people: Sequence[Person], visit: Event, make: Make, browse: Browse,
        clock: FixedClock,
    ) -> None:  # fmt: skip
        asked = surveys.put(people, visit, Mode.ANONYMOUS)
        for ask in asked[:6]:
            surveys.answer(ask, why="Because of the tea")
        browse.sign_in(make.admin()).get("/surveys/").click("A morning at the Healthy Hub")
        assert "Nobody reads these answers before the survey has closed for everybody" in browse.text
        assert "Because of the tea" not in browse.html
        clock.move(timedelta(days=22))
        with app.app_context():
            close_surveys.run()
        browse.get("/surveys/").click("A morning at the Healthy Hub")
        assert browse.text.count("Because of the tea") == 6
        assert "6 of 6 people answered" in browse.text
        assert "See who has not answered" not in browse.text


class TestWhoIsSilent:
    def test_is_a_page_behind_the_results(
        self, surveys: Surveys, people: Sequence[Person], visit: Event, facilitator: Person, browse: Browse
    ) -> None:
        asked = surveys.put(people, visit, Mode.NAMED)
        surveys.answer(asked[3])
        browse.sign_in(facilitator).get("/surveys/").click("A morning at the Healthy Hub")
        browse.click("See who has not answered")
        rows = [row.get_text(" ", strip=True) for row in browse.soup.select("tbody tr")]
        assert rows[0].startswith("Guest 00 Stevenage 2 March 2026 16 March 2026")
        assert len(rows) == 6
        assert "Guest 03" not in browse.text

    def test_is_no_business_of_evaluators(
        self, surveys: Surveys, people: Sequence[Person], visit: Event, make: Make, browse: Browse
    ) -> None:
        asked = surveys.put(people, visit, Mode.NAMED)
        evaluator = make.account()
        make.grant(evaluator, Role.EVALUATOR, programme=make.programme())
        browse.sign_in(evaluator).get(f"/surveys/{asked[0].id}/results")
        assert "Answered" in browse.text
        assert "who has not answered" not in browse.text
        assert browse.get(f"/surveys/{asked[0].id}/silent").status == 404

    def test_is_paged_and_costs_the_same_for_one_and_for_three(
        self, surveys: Surveys, people: Sequence[Person], visit: Event, make: Make, browse: Browse,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:  # fmt: skip
        browse.sign_in(make.admin())
        counts, asked = [], []
        for number in (1, 2, 3):
            asked = surveys.put(people[:number], visit, Mode.NAMED)
            with count_queries() as statements:
                browse.get(f"/surveys/{asked[0].id}/silent")
            counts.append(len(statements))
            assert len(browse.soup.select("tbody tr")) == number
        assert counts[0] == counts[2]
        monkeypatch.setattr("cop.blueprints.surveys.PAGE", 2)
        browse.get(f"/surveys/{asked[0].id}/silent").click("Next page")
        assert len(browse.soup.select("tbody tr")) == 1
        browse.get(f"/surveys/{asked[0].id}/silent", page=9)
        assert "The list ends before this page." in browse.text
