"""Answering by the link in a mail, page by page and once; and results that tell nothing of anybody."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from cop.core import secrecy
from cop.core.access import Role
from cop.models.accounts import Person
from cop.models.events import Event
from cop.models.surveys import Ask, Mode, Response, ResponseState, Wave
from cop.queries import surveys as queries
from cop.web import attempt
from tests.support.browse import Browse
from tests.support.clock import FixedClock
from tests.support.mailbox import Mailbox
from tests.support.make import Make, Reads, Working
from tests.support.queries import count_queries
from tests.support.surveys import Surveys

DAY = timedelta(days=1)

ABOUT_AMINA = {"role": "resident", "years": "3 to 5", "remit": "housing"}

ALL_WELL = {"e1_1": "5", "e1_2": "4", "e1_3": "4", "e1_4": "9", "e1_5": "no"}


@pytest.fixture
def surveys(app: Flask, make: Make, clock: FixedClock) -> Surveys:
    return Surveys(app, make, clock)


@pytest.fixture
def amina(make: Make) -> Person:
    return make.person("Amina", "amina@council.example")


@pytest.fixture
def pulse(surveys: Surveys, amina: Person) -> Ask:
    """Somebody who came to a visit was asked how it was."""
    surveys.pulse([amina])
    return surveys.ask_of(amina)


@pytest.fixture
def baseline(surveys: Surveys, amina: Person) -> Ask:
    """Somebody with a place on a course in May was asked before it begins."""
    surveys.place(amina, surveys.course(datetime(2026, 5, 4, 9, tzinfo=UTC)))
    surveys.run()
    return surveys.ask_of(amina, Wave.BASELINE)


@pytest.fixture
def response(reading: Reads) -> Callable[[], Response]:
    """The one response that there is."""

    def found() -> Response:
        with reading() as read:
            return read.session.scalars(select(Response)).one()

    return found


class TestAPulse:
    def test_is_answered_by_the_link_in_the_mail_without_signing_in(
        self, pulse: Ask, browse: Browse, mailbox: Mailbox, response: Callable[[], Response]
    ) -> None:
        link = next(mail for mail in mailbox.deliver() if "How was" in mail.subject).link("/surveys/")
        browse.get(link)
        assert browse.heading == "How was it?"
        assert "A morning at the Healthy Hub" in browse.text
        browse.submit(**ALL_WELL, e1_6="More tea")
        assert browse.heading == "Thank you"
        assert "You sent your answers on 3 March 2026." in browse.text
        kept = response()
        assert kept.state is ResponseState.SUBMITTED
        assert kept.answers == {"e1_1": 5, "e1_2": 4, "e1_3": 4, "e1_4": 9, "e1_5": "no", "e1_6": "More tea"}
        assert pulse.public_id not in browse.text

    def test_says_who_reads_the_answers(self, pulse: Ask, browse: Browse, surveys: Surveys) -> None:
        browse.get(surveys.address(pulse))
        assert "without names, and nothing at all where fewer than five people answered" in browse.text

    def test_that_lacks_answers_is_refused_and_nothing_typed_is_lost(
        self, pulse: Ask, browse: Browse, surveys: Surveys
    ) -> None:
        browse.get(surveys.address(pulse)).submit(e1_1="5", e1_4="0", e1_6="More tea")
        assert browse.status == 422
        assert browse.errors == [
            "Answer “How relevant was it to your work?”",
            "Answer “I will use something from today”",
            "Answer “Was anything hard to access or take part in?”",
        ]
        assert browse.soup.select_one("#e1_6").get_text(strip=True) == "More tea"  # type: ignore[union-attr]
        assert [tag["id"] for tag in browse.soup.select("input[checked]")] == ["e1_1-5", "e1_4"]

    @pytest.mark.parametrize(
        ("forged", "message"),
        [
            ({"e1_1": "6"}, "Enter a whole number from 1 to 5"),
            ({"e1_4": "-1"}, "Enter a whole number from 0 to 10"),
            ({"e1_4": "many"}, "Enter a whole number from 0 to 10"),
            ({"e1_5": "perhaps"}, "Choose from the list"),
            ({"e1_6": "a" * 10_001}, "Use 10000 characters or fewer"),
            ({"e1_6": "a\x07b"}, "Remove the invisible control characters from this answer"),
        ],
    )
    def test_that_is_forged_is_refused(
        self, forged: dict[str, str], message: str, pulse: Ask, browse: Browse, surveys: Surveys, reading: Reads
    ) -> None:
        browse.get(surveys.address(pulse)).post(surveys.address(pulse), {**ALL_WELL, "revision": "0", **forged})
        assert (browse.status, browse.errors) == (422, [message])
        with reading() as read:
            assert read.session.scalars(select(Response)).all() == []

    def test_sent_twice_is_one_response(
        self, pulse: Ask, browse: Browse, surveys: Surveys, response: Callable[[], Response]
    ) -> None:
        first, second = browse, browse.another()
        for window in (first, second):
            window.get(surveys.address(pulse))
        first.submit(**ALL_WELL)
        sent = response()
        second.submit(**ALL_WELL)
        assert second.heading == "Thank you"
        assert (response().revision, response().submitted_at) == (sent.revision, sent.submitted_at)

    def test_sent_twice_with_other_answers_is_refused(
        self, pulse: Ask, browse: Browse, surveys: Surveys, response: Callable[[], Response]
    ) -> None:
        first, second = browse, browse.another()
        for window in (first, second):
            window.get(surveys.address(pulse))
        first.submit(**ALL_WELL)
        second.submit(**ALL_WELL, e1_6="More tea")
        assert second.errors == ["You have sent your answers already. What is on this page was not saved."]
        assert "More tea" in second.html
        assert "e1_6" not in response().answers


class TestTheLink:
    def test_of_answers_that_were_sent_says_so(self, pulse: Ask, browse: Browse, surveys: Surveys) -> None:
        surveys.answer(pulse)
        browse.get(surveys.address(pulse))
        assert (browse.status, browse.heading) == (200, "Thank you")

    def test_of_questions_that_are_closed_says_so(
        self, pulse: Ask, browse: Browse, surveys: Surveys, clock: FixedClock
    ) -> None:
        clock.set(pulse.closes_at)
        browse.get(surveys.address(pulse))
        assert (browse.status, browse.heading) == (410, "These questions are closed")

    def test_answers_that_come_too_late_are_refused_and_still_there(
        self, pulse: Ask, browse: Browse, surveys: Surveys, clock: FixedClock
    ) -> None:
        browse.get(surveys.address(pulse))
        clock.set(pulse.closes_at)
        browse.submit(**ALL_WELL, e1_6="More tea")
        assert browse.status == 422
        assert browse.errors == ["We no longer take answers to these questions: the last day has passed."]
        assert "More tea" in browse.html

    def test_is_nothing_where_it_is_forged(self, pulse: Ask, browse: Browse) -> None:
        others = [
            pulse.public_id,
            secrecy.sign("booking", pulse.public_id),
            secrecy.sign("survey", "nobody"),
            secrecy.sign("survey", pulse.public_id, 1),
        ]
        assert [browse.get(f"/surveys/{token}").status for token in others] == [404] * 4

    def test_is_worthless_once_it_was_revoked(
        self, pulse: Ask, browse: Browse, surveys: Surveys, work: Working
    ) -> None:
        browse.get(surveys.address(pulse))
        with work() as unit:
            unit.session.get_one(Ask, pulse.id).generation = 1
        assert browse.submit(**ALL_WELL).status == 404

    def test_costs_one_statement(self, pulse: Ask, browse: Browse, surveys: Surveys) -> None:
        with count_queries() as statements:
            browse.get(surveys.address(pulse))
        assert len(statements) == 1

    @pytest.mark.parametrize("mode", Mode)
    def test_costs_five_statements_to_send(
        self, mode: Mode, browse: Browse, surveys: Surveys, make: Make, amina: Person
    ) -> None:
        [asked] = surveys.put([amina], make.visit(), mode)
        browse.get(surveys.address(asked))
        with count_queries() as statements:
            browse.post(surveys.address(asked), {"sure": "5", "revision": "0"}, follow=False)
        assert (browse.status, len(statements)) == (302, 5)

    def test_of_somebody_else_answers_for_them_and_not_for_who_is_signed_in(
        self, pulse: Ask, browse: Browse, surveys: Surveys, make: Make, amina: Person
    ) -> None:
        browse.sign_in(make.account("Ben")).get(surveys.address(pulse)).submit(**ALL_WELL)
        assert browse.heading == "Thank you"
        assert surveys.ask_of(amina).done_on is not None


class TestPageByPage:
    def test_begins_with_what_it_is_about(self, baseline: Ask, browse: Browse, surveys: Surveys) -> None:
        browse.get(surveys.address(baseline))
        assert browse.heading == "Before the course"
        assert "There are 5 pages." in browse.text
        assert "You can answer until Monday 30 March 2026." in browse.text
        browse.click("Start")
        assert browse.heading == "You and your work"
        assert "page 1 of 5" in browse.text

    def test_goes_on_where_one_stopped(self, baseline: Ask, browse: Browse, surveys: Surveys) -> None:
        self.to_confidence(browse, surveys, baseline)
        again = browse.another().get(surveys.address(baseline))
        assert again.heading == "How confident are you right now?"
        again.click("Page before")
        assert again.heading == "You and your work"
        assert again.soup.select_one("[name=remit][checked]")["value"] == "housing"  # type: ignore[index]

    def test_ends_with_a_look_at_all_answers(
        self, baseline: Ask, browse: Browse, surveys: Surveys, response: Callable[[], Response]
    ) -> None:
        self.to_the_end(browse, surveys, baseline)
        assert browse.heading == "Check your answers"
        assert "Housing or homelessness" in browse.text
        assert "No answer" in browse.text
        assert response().state is ResponseState.DRAFT
        browse.submit()
        assert browse.heading == "Thank you"
        assert response().state is ResponseState.SUBMITTED

    def test_an_answer_can_be_changed_before_sending(
        self, baseline: Ask, browse: Browse, surveys: Surveys, response: Callable[[], Response]
    ) -> None:
        self.to_the_end(browse, surveys, baseline)
        browse.click("Change your answers: How confident are you right now?").submit(se1="10")
        browse.get(surveys.address(baseline), section="check-answers").submit()
        assert browse.heading == "Thank you"
        assert response().answers["se1"] == 10

    def test_nothing_is_sent_before_all_that_is_needed_is_there(
        self, baseline: Ask, browse: Browse, surveys: Surveys
    ) -> None:
        self.to_confidence(browse, surveys, baseline)
        browse.get(surveys.address(baseline), section="check-answers")
        assert browse.heading == "How confident are you right now?"

    def test_a_blank_page_comes_again_and_a_page_that_is_none_does_not(
        self, baseline: Ask, browse: Browse, surveys: Surveys
    ) -> None:
        self.to_confidence(browse, surveys, baseline)
        browse.get(surveys.address(baseline), section="no-such-page")
        assert browse.heading == "How confident are you right now?"

    def test_two_windows_do_not_overwrite_each_other(
        self, baseline: Ask, browse: Browse, surveys: Surveys, response: Callable[[], Response]
    ) -> None:
        first, second = browse, browse.another()
        for window in (first, second):
            window.get(surveys.address(baseline)).click("Start")
        first.submit(**ABOUT_AMINA)
        second.submit(**{**ABOUT_AMINA, "role": "elected", "remit": "place"})
        assert second.status == 422
        assert "These answers were changed in another window." in second.errors[0]
        assert second.soup.select_one("[name=remit][checked]")["value"] == "place"  # type: ignore[index]
        assert "Saved in the other window" in second.text
        assert "My life as a resident" in second.text
        assert response().answers["remit"] == "housing"
        second.submit(**{**ABOUT_AMINA, "role": "elected", "remit": "place"})
        assert second.heading == "How confident are you right now?"
        assert response().answers["remit"] == "place"

    def test_what_changed_since_one_looked_is_not_sent(
        self, baseline: Ask, browse: Browse, surveys: Surveys, response: Callable[[], Response]
    ) -> None:
        self.to_the_end(browse, surveys, baseline)
        other = browse.another().get(surveys.address(baseline), section="confidence").submit(se1="10")
        assert other.status == 200
        browse.submit()
        assert browse.errors == ["Your answers were changed in another window. Read them again, then send them."]
        assert response().state is ResponseState.DRAFT
        browse.submit()
        assert browse.heading == "Thank you"

    def to_confidence(self, browse: Browse, surveys: Surveys, ask: Ask) -> None:
        browse.get(surveys.address(ask)).click("Start").submit(**ABOUT_AMINA)
        assert browse.heading == "How confident are you right now?"

    def to_the_end(self, browse: Browse, surveys: Surveys, ask: Ask) -> None:
        self.to_confidence(browse, surveys, ask)
        browse.submit(**{f"se{number}": "3" for number in range(1, 9)})
        browse.submit(**{f"k{number}": "2" for number in range(1, 5)}, n1="4")
        browse.submit(org1="1", org2="2", org3="3")
        browse.submit()


class TestWhatHangsOnAnAnswer:
    @pytest.fixture
    def follow_up(self, surveys: Surveys, clock: FixedClock, amina: Person) -> Ask:
        course = surveys.course(clock.now() + DAY)
        held = surveys.place(amina, course)
        surveys.run()
        clock.set(course.parts[0].ends_at)
        surveys.mark(held, course.parts[0])
        surveys.at(clock.now() + 100 * DAY)
        return surveys.ask_of(amina, Wave.MONTHS_3)

    @pytest.mark.parametrize(
        ("used", "following"), [("not yet", "What helped, and what stood in the way"), ("several", "What you did")]
    )
    def test_is_a_page_of_its_own_that_others_do_not_see(
        self, used: str, following: str, follow_up: Ask, browse: Browse, surveys: Surveys
    ) -> None:
        browse.get(surveys.address(follow_up)).click("Start").submit(used=used, commitment_now="part")
        assert browse.heading == following

    def test_is_forgotten_with_it(
        self, follow_up: Ask, browse: Browse, surveys: Surveys, response: Callable[[], Response]
    ) -> None:
        browse.get(surveys.address(follow_up)).click("Start").submit(used="once", commitment_now="part")
        browse.submit(did="We asked residents", reach_residents="12")
        assert response().answers["reach_residents"] == 12
        browse.get(surveys.address(follow_up), section="use").submit(used="not yet")
        assert "reach_residents" not in response().answers

    def test_what_is_typed_on_a_page_that_is_gone_comes_back(
        self, follow_up: Ask, browse: Browse, surveys: Surveys, response: Callable[[], Response]
    ) -> None:
        browse.get(surveys.address(follow_up)).click("Start").submit(used="once", commitment_now="part")
        assert browse.heading == "What you did"
        browse.another().get(surveys.address(follow_up), section="use").submit(used="not yet")
        for _ in range(2):
            browse.submit(did="We asked residents", reach_residents="12")
            assert (browse.status, browse.heading) == (422, "What you did")
            assert "These questions are no longer asked" in browse.errors[0]
            assert "We asked residents" in browse.html
        assert (response().revision, response().answers.get("did")) == (2, None)
        browse.click("Page before")
        assert browse.soup.select_one("[name=used][checked]")["value"] == "not yet"  # type: ignore[index]

    def test_what_is_typed_after_sending_under_a_key_is_refused_as_that(
        self, browse: Browse, surveys: Surveys, make: Make, amina: Person
    ) -> None:
        """The answers are not known any more, and so not what hangs on them."""
        items: list[Mapping[str, Any]] = [
            {"code": "used", "kind": "choice", "text": "Used?", "options": [["yes", "Yes"], ["no", "No"]]},
            {"code": "more", "kind": "section", "text": "What you did"},
            {"code": "did", "kind": "text", "text": "What?", "only_if": {"code": "used", "values": ["yes"]}},
        ]
        [asked] = surveys.put([amina], make.visit(), Mode.PANEL, items=items)
        browse.get(surveys.address(asked)).click("Start").submit(used="yes")
        other = browse.another().get(surveys.address(asked), section="more").submit(did="We asked")
        other.submit()
        assert other.heading == "Thank you"
        browse.submit(did="We asked residents")
        assert browse.errors == ["You have sent your answers already. What is on this page was not saved."]
        assert "We asked residents" in browse.html

    def test_a_page_that_goes_while_it_is_saved_comes_back_too(
        self, follow_up: Ask, browse: Browse, surveys: Surveys, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        browse.get(surveys.address(follow_up)).click("Start").submit(used="once", commitment_now="part")
        other = browse.another().get(surveys.address(follow_up), section="use")

        def later(*args: Any) -> Any:
            monkeypatch.undo()
            other.submit(used="not yet")
            return attempt(*args)

        monkeypatch.setattr("cop.blueprints.surveys.attempt", later)
        browse.submit(did="We asked residents")
        assert (browse.status, browse.heading) == (422, "What you did")
        assert "These answers were changed in another window." in browse.errors[0]
        assert "We asked residents" in browse.html

    def test_a_number_is_a_number(self, follow_up: Ask, browse: Browse, surveys: Surveys) -> None:
        browse.get(surveys.address(follow_up)).click("Start").submit(used="once", commitment_now="part")
        browse.submit(did="We asked residents", reach_residents="a dozen")
        assert browse.status == 422
        assert browse.errors == ["Enter a whole number from 0 to 1000000"]
        assert "a dozen" in browse.html
        assert "We asked residents" in browse.html


class TestTheList:
    def test_shows_what_was_asked_and_how_many_answered(self, surveys: Surveys, make: Make, browse: Browse) -> None:
        people = [make.person(f"Guest {number}") for number in range(4)]
        surveys.pulse(people)
        for person in people[:3]:
            surveys.answer(surveys.ask_of(person))
        browse.sign_in(make.admin()).get("/surveys/")
        row = browse.soup.select_one("tbody tr")
        assert row is not None
        assert [cell.get_text(" ", strip=True) for cell in row.select("td")] == [
            "Just after", "Until Tue 17 Mar", "4", "3", "75%",
        ]  # fmt: skip

    def test_costs_the_same_for_one_and_for_three(self, surveys: Surveys, make: Make, browse: Browse) -> None:
        browse.sign_in(make.admin())
        amina = make.person()
        counts = []
        for number in (1, 2, 3):
            surveys.pulse([amina], f"Visit {number}")
            with count_queries() as statements:
                browse.get("/surveys/")
            counts.append(len(statements))
            assert len(browse.soup.select("tbody tr")) == number
        assert counts[0] == counts[2]

    def test_is_paged(self, surveys: Surveys, make: Make, browse: Browse, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("cop.blueprints.surveys.PAGE", 2)
        amina = make.person()
        for number in (1, 2, 3):
            surveys.pulse([amina], f"Visit {number}")
        browse.sign_in(make.admin()).get("/surveys/").click("Next page")
        assert "Visit 1" in browse.text
        assert "Visit 2" not in browse.text
        browse.get("/surveys/", page=9)
        assert "The list ends before this page." in browse.text

    def test_that_is_empty_says_what_will_come(self, make: Make, browse: Browse) -> None:
        browse.sign_in(make.admin()).get("/surveys/")
        assert "Nobody was asked anything yet." in browse.text


class TestResults:
    @pytest.fixture
    def people(self, make: Make) -> Sequence[Person]:
        return [make.person(f"Guest {number}") for number in range(7)]

    @pytest.fixture
    def visit(self, surveys: Surveys, people: Sequence[Person]) -> Event:
        return surveys.pulse(people)

    def page(self, browse: Browse, make: Make) -> Browse:
        return browse.sign_in(make.admin()).get("/surveys/").click("A morning at the Healthy Hub")

    def test_of_five_are_shown_with_chart_and_table(
        self, visit: Event, people: Sequence[Person], surveys: Surveys, make: Make, browse: Browse
    ) -> None:
        for person in people[:5]:
            surveys.answer(surveys.ask_of(person), e1_1=4, e1_4=10)
        self.page(browse, make)
        assert "5, that is 71%" in browse.text
        assert (
            "5 of 5 people answered · median “Satisfied”, range “Satisfied” to “Satisfied” · mean 4.0 "
            "(1 is the first answer, 5 the last)"
        ) in browse.text
        assert "median “10”, range “10” to “10” · mean 10.0" in browse.text
        assert len(browse.soup.select(".cop-figure")) == len(browse.soup.select(".cop-figure table")) == 5
        bars = browse.soup.select("figure[aria-labelledby=e1_4-chart] rect.bar")
        assert [bar["width"] for bar in (bars[0], bars[5], bars[10])] == ["0.0%", "0.0%", "100.0%"]

    def test_that_are_spread_too_widely_tell_the_middle_and_the_range_alone(
        self, visit: Event, people: Sequence[Person], surveys: Surveys, make: Make, browse: Browse
    ) -> None:
        for number, person in enumerate(people[:5], start=1):
            surveys.answer(surveys.ask_of(person), e1_1=number)
        self.page(browse, make)
        assert (
            "median “Neither satisfied nor dissatisfied”, range “Very dissatisfied” to “Very satisfied”" in browse.text
        )
        assert "The answers are spread so widely" in browse.text
        assert len(browse.soup.select("#e1_1-table")) == 0

    def test_of_a_few_are_not_shown_beside_those_of_many(self, surveys: Surveys, make: Make, browse: Browse) -> None:
        people = [make.person(f"Guest {number}") for number in range(12)]
        surveys.pulse(people)
        for number, person in enumerate(people):
            surveys.answer(surveys.ask_of(person), e1_4=3 if number == 0 else 8 if number < 6 else 10)
        self.page(browse, make)
        rows = browse.soup.select("[aria-labelledby=e1_4-table] tbody tr")
        cells = {row.th.get_text(): row.td.get_text() for row in rows if row.th and row.td}
        assert (cells["3"], cells["8"], cells["10"], cells["0"]) == ("not shown", "not shown", "6", "0")
        assert "mean" not in browse.soup.select_one("#e1_4 + p").get_text()  # type: ignore[union-attr]

    def test_of_four_are_not(
        self, visit: Event, people: Sequence[Person], surveys: Surveys, make: Make, browse: Browse
    ) -> None:
        for person in people[:4]:
            surveys.answer(surveys.ask_of(person), e1_6="More tea")
        self.page(browse, make)
        assert "4, that is 57%" in browse.text
        assert "Fewer than 5 people have answered." in browse.text
        assert "More tea" not in browse.html
        assert "mean" not in browse.text
        assert browse.soup.select("main table, main h3, main svg") == []

    def test_of_a_question_that_four_answered_are_not(
        self, visit: Event, people: Sequence[Person], surveys: Surveys, make: Make, browse: Browse
    ) -> None:
        for number, person in enumerate(people):
            more: dict[str, Any] = {"e1_6": "More tea"} if number < 4 else {}
            surveys.answer(surveys.ask_of(person), **more, e1_3_what="Maps")
        self.page(browse, make)
        assert "More tea" not in browse.html
        assert browse.html.count("Maps") == 7
        assert "Fewer than 5 people answered this, so it is not shown." in browse.text

    def test_show_no_draft(
        self, visit: Event, people: Sequence[Person], surveys: Surveys, make: Make, browse: Browse, work: Working
    ) -> None:
        for person in people[:5]:
            surveys.answer(surveys.ask_of(person))
        with work() as unit:
            ask = surveys.ask_of(people[6])
            unit.session.add(
                Response(
                    questionnaire_id=ask.questionnaire_id,
                    ask_id=ask.id,
                    answers={"e1_1": 1},
                    saved_at=unit.now,
                )
            )
        self.page(browse, make)
        assert "6 answers" not in browse.text

    def test_name_nobody_and_stand_in_an_order_that_tells_nothing(
        self, visit: Event, people: Sequence[Person], surveys: Surveys, make: Make, browse: Browse
    ) -> None:
        for number, person in enumerate(people):
            surveys.answer(surveys.ask_of(person), e1_6=f"Six {number}", e1_3_what=f"Three {number}")
        self.page(browse, make)
        first = browse.text
        assert "Guest" not in first
        orders = {
            word: [int(item.get_text(strip=True)[-1]) for item in browse.soup.select("li") if word in item.get_text()]
            for word in ("Six", "Three")
        }
        assert sorted(orders["Six"]) == sorted(orders["Three"]) == list(range(7))
        assert orders["Six"] != orders["Three"]
        assert self.page(browse, make).text == first

    def test_are_for_those_who_run_or_evaluate_the_programme(self, visit: Event, make: Make, browse: Browse) -> None:
        other = make.programme("another")
        for role in (Role.ADMIN, Role.FACILITATOR, Role.EVALUATOR, Role.HOST, Role.REVIEWER):
            may = role in {Role.ADMIN, Role.FACILITATOR, Role.EVALUATOR}
            for scope, right in (
                ({"programme": make.programme()}, may),
                ({"event": visit}, may),
                ({"programme": other}, False),
            ):
                person = make.account()
                make.grant(person, role, **scope)
                assert (browse.sign_in(person).get("/surveys/1/results").status == 200) is right
                assert ("Healthy Hub" in browse.get("/surveys/").text) is right

    def test_count_ticks_against_all_who_answered_and_numbers_in_bands(
        self, surveys: Surveys, make: Make, browse: Browse, clock: FixedClock
    ) -> None:
        course = surveys.course(clock.now() + DAY)
        people = [make.person(f"Guest {number}") for number in range(11)]
        for number, person in enumerate(people):
            ticked = ["time", "data"] if number else ["time"]
            surveys.answer(surveys.asked(person, course, Wave.MONTHS_3), enablers=ticked, n1=4 if number < 5 else 9)
        browse.sign_in(make.admin()).get("/surveys/").click("Change makers")
        tables = {str(table.caption["id"]): table for table in browse.soup.select("main table") if table.caption}
        cells = {
            name: [[cell.get_text() for cell in row.select("th, td")] for row in table.select("tbody tr")]
            for name, table in tables.items()
        }
        assert cells["enablers-table"][0] == ["Time", "11", "100%"]
        assert ["Data", "not shown"] in cells["enablers-table"]
        assert [row[:2] for row in cells["n1-table"]] == [
            *(["0", "0"], ["1 to 2", "0"], ["3 to 5", "5"], ["6 to 10", "6"]),
        ]
        assert "median “6 to 10”, range “3 to 5” to “6 to 10” · mean 6.7" in browse.text

    def test_of_another_wave_or_event_stay_apart(
        self, visit: Event, people: Sequence[Person], surveys: Surveys, make: Make, browse: Browse
    ) -> None:
        surveys.pulse(people[:2], "Another visit")
        for person in people:
            surveys.answer(surveys.ask_of(person))
        browse.sign_in(make.admin()).get("/surveys/").click("Another visit")
        assert "0, that is 0%" in browse.text

    def test_cost_the_same_for_five_and_for_seven(
        self, visit: Event, people: Sequence[Person], surveys: Surveys, make: Make, browse: Browse
    ) -> None:
        counts = []
        for answering in (people[:5], people[5:]):
            for person in answering:
                surveys.answer(surveys.ask_of(person))
            with count_queries() as statements:
                self.page(browse, make)
            counts.append(len(statements))
        assert counts[0] == counts[1]


class TestWhatWaits:
    def test_is_what_was_asked_and_not_answered(
        self, surveys: Surveys, make: Make, reading: Reads, amina: Person, clock: FixedClock
    ) -> None:
        surveys.pulse([amina], "First")
        surveys.pulse([amina], "Second")
        actor = make.actor(amina)
        with reading(actor) as read:
            found = queries.waiting_asks(read)
        assert [(item.subject, item.title) for item in found] == [("First", "How was it?"), ("Second", "How was it?")]
        assert found[0].token == queries.token_of(surveys.asks()[0])
        surveys.answer(surveys.asks()[0])
        with reading(actor) as read:
            assert [item.subject for item in queries.waiting_asks(read)] == ["Second"]
        clock.move(14 * DAY)
        with reading(actor) as read:
            assert queries.waiting_asks(read) == []

    def test_is_nothing_for_a_visitor_and_not_that_of_others(
        self, surveys: Surveys, make: Make, reading: Reads, amina: Person
    ) -> None:
        surveys.pulse([amina])
        with reading(make.actor(make.person())) as read:
            assert queries.waiting_asks(read) == []
        with reading() as read:
            assert queries.waiting_asks(read) == []
