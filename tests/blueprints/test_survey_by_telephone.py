"""A facilitator calls somebody who has not answered, and writes down what they say."""

from datetime import UTC, datetime

import pytest
from flask import Flask

from cop.core.access import Role
from cop.models.surveys import Ask, Wave
from tests.support.browse import Browse
from tests.support.clock import FixedClock
from tests.support.make import Make
from tests.support.surveys import Surveys, needed_in_words


@pytest.fixture
def surveys(app: Flask, make: Make, clock: FixedClock) -> Surveys:
    return Surveys(app, make, clock)


@pytest.fixture
def pulse(surveys: Surveys, make: Make) -> Ask:
    amina = make.person("Amina", None)
    surveys.pulse([amina, make.person("Ben")])
    return surveys.ask_of(amina)


@pytest.fixture
def fay(make: Make, browse: Browse) -> Browse:
    person = make.account("Fay")
    make.grant(person, Role.FACILITATOR, programme=make.programme())
    return browse.sign_in(person)


def silent(ask: Ask) -> str:
    return f"/surveys/{ask.id}/silent"


def test_from_the_list_of_the_silent_to_answers_that_are_sent(pulse: Ask, fay: Browse) -> None:
    fay.get(silent(pulse)).click("what Amina says")
    assert fay.heading == "A morning at the Healthy Hub · Just after Write down the answers of Amina"
    assert "What they were told" in fay.text
    assert "The secretariat keeps answers with names" in fay.text
    fay.click("Begin")
    assert "You are writing down what Amina tells you." in fay.text
    fay.submit("Send your answers", **needed_in_words(pulse), e1_6="Say it slower")
    assert "The answers of Amina were sent." in fay.html
    assert "Amina" not in fay.get(silent(pulse)).text


def test_what_lacks_is_refused_and_what_was_typed_is_there(pulse: Ask, fay: Browse) -> None:
    fay.get(silent(pulse)).click("what Amina says").click("Begin").submit("Send your answers", e1_6="Say it slower")
    assert fay.status == 422
    assert "Say it slower" in fay.html
    assert "You are writing down what Amina tells you." in fay.text


def test_page_by_page_with_a_look_at_the_end(surveys: Surveys, make: Make, fay: Browse) -> None:
    amina = make.person("Amina", None)
    surveys.place(amina, surveys.course(datetime(2026, 5, 4, 9, tzinfo=UTC)))
    surveys.run()
    ask = surveys.ask_of(amina, Wave.BASELINE)
    given = needed_in_words(ask)
    fay.get(silent(ask)).click("what Amina says").click("Begin")
    while fay.heading != "Check your answers":
        names = {str(field["name"]) for field in fay.soup.select("main form [name]")}
        fay.submit("Save and continue", **{code: value for code, value in given.items() if code in names})
        assert fay.status == 200
    assert "You are writing down what Amina tells you." in fay.text
    fay.submit("Send your answers")
    assert "The answers of Amina were sent." in fay.html


def test_what_they_have_begun_alone_is_not_shown(pulse: Ask, fay: Browse, surveys: Surveys, make: Make) -> None:
    amina = make.person("Cara")
    surveys.place(amina, surveys.course(datetime(2026, 5, 4, 9, tzinfo=UTC)))
    surveys.run()
    ask = surveys.ask_of(amina, Wave.BASELINE)
    fay.another().get(surveys.address(ask)).click("Start").submit(role="elected", years="1 to 2", remit="own")
    fay.get(silent(ask)).click("what Cara says")
    assert "They have begun to answer by themselves." in fay.text
    fay.get(f"{silent(ask)}/{ask.public_id}", section="about_you")
    assert "They have begun to answer by themselves." in fay.text
    assert "councillor" not in fay.html


def test_after_the_last_day_nothing_can_be_written(pulse: Ask, fay: Browse, clock: FixedClock) -> None:
    clock.set(pulse.closes_at)
    assert "what Amina says" not in fay.get(silent(pulse)).text
    fay.get(f"{silent(pulse)}/{pulse.public_id}")
    assert "These questions are closed." in fay.text


@pytest.mark.parametrize("role", [Role.EVALUATOR, Role.HOST])
def test_is_not_for_evaluators_or_hosts(role: Role, pulse: Ask, browse: Browse, make: Make) -> None:
    person = make.account("Pat")
    make.grant(person, role, programme=make.programme())
    assert browse.sign_in(person).get(f"{silent(pulse)}/{pulse.public_id}").status == 404
