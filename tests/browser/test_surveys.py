"""Being asked, in a real browser: narrow, wide, without JavaScript, by keyboard; and reading what came of it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import Page

from cop.models.accounts import Person
from cop.models.surveys import Wave
from tests.browser.conftest import Visitor
from tests.support.clock import FixedClock
from tests.support.mailbox import Mailbox
from tests.support.make import Make
from tests.support.pages import arrive, click_in_place, heading, press
from tests.support.surveys import Surveys

Check = Callable[[Page], None]
Shoot = Callable[[Page, str], None]


@pytest.fixture
def surveys(app: Flask, make: Make, clock: FixedClock) -> Surveys:
    return Surveys(app, make, clock)


@pytest.fixture
def amina(make: Make) -> Person:
    return make.person("Amina Yusuf", "amina@council.example")


def choose(page: Page, question: str, answer: str) -> None:
    page.get_by_role("group", name=question).get_by_label(answer, exact=True).check()


@pytest.mark.parametrize(("width", "javascript"), [(1280, True), (320, False)])
def test_a_visitor_says_how_it_was(
    width: int,
    javascript: bool,  # noqa: FBT001
    visitor: Visitor,
    check_page: Check,
    shoot: Shoot,
    surveys: Surveys,
    amina: Person,
    mailbox: Mailbox,
) -> None:
    surveys.pulse([amina])
    link = mailbox.deliver()[-1].link("/surveys/")
    page = visitor(width, javascript=javascript)
    page.goto(link)
    assert heading(page) == "How was it?"
    check_page(page)
    shoot(page, "pulse")
    page.get_by_label("One thing to change").fill("More time for questions")
    press(page, "Send your answers")
    check_page(page)
    shoot(page, "pulse-error")
    click_in_place(page.get_by_role("link", name="Answer “Overall, how satisfied were you?”"))
    assert page.evaluate("document.activeElement.id") == "e1_1"
    choose(page, "Overall, how satisfied were you?", "Satisfied")
    choose(page, "How relevant was it to your work?", "Very relevant")
    choose(page, "I will use something from today", "Agree")
    choose(page, "How likely are you to recommend it to a colleague?", "10")
    choose(page, "Was anything hard to access or take part in?", "No")
    assert page.get_by_label("One thing to change").input_value() == "More time for questions"
    press(page, "Send your answers")
    assert heading(page) == "Thank you"
    check_page(page)
    shoot(page, "pulse-thanks")
    page.goto(link)
    assert heading(page) == "Thank you"


@pytest.mark.parametrize(("width", "javascript"), [(1280, True), (320, True)])
def test_somebody_with_a_place_answers_page_by_page_on_two_days(
    width: int,
    javascript: bool,  # noqa: FBT001
    visitor: Visitor,
    check_page: Check,
    shoot: Shoot,
    surveys: Surveys,
    amina: Person,
    clock: FixedClock,
) -> None:
    surveys.place(amina, surveys.course(clock.now() + timedelta(days=40)))
    surveys.run()
    address = surveys.address(surveys.ask_of(amina, Wave.BASELINE))
    page = visitor(width, javascript=javascript)
    page.goto(address)
    check_page(page)
    shoot(page, "baseline-start")
    press(page, "Start")
    choose(page, "What do you mostly bring to the course?", "My life as a resident")
    choose(page, "For how many years", "3 to 5 years")
    choose(page, "What is your remit?", "Housing or homelessness")
    check_page(page)
    press(page, "Save and continue")
    assert heading(page) == "How confident are you right now?"
    check_page(page)
    shoot(page, "baseline-scale")

    clock.move(timedelta(days=1))
    page = visitor(width, javascript=javascript)
    page.goto(address)
    assert heading(page) == "How confident are you right now?"
    for group in page.get_by_role("group").all():
        group.get_by_label("3", exact=True).focus()
        page.keyboard.press("Space")
    press(page, "Save and continue")
    for group in page.get_by_role("group").all():
        group.get_by_label("A little", exact=True).check()
    page.get_by_label("How many people in other councils").fill("4")
    press(page, "Save and continue")
    for group in page.get_by_role("group").all():
        group.get_by_label("Agree", exact=True).check()
    press(page, "Save and continue")
    page.get_by_label("What change do you want to make?").fill("Somebody rings back.")
    press(page, "Save and continue")
    assert heading(page) == "Check your answers"
    check_page(page)
    shoot(page, "baseline-check")
    press(page, "Send your answers")
    assert heading(page) == "Thank you"


@pytest.mark.parametrize("width", [1280, 320])
def test_staff_read_what_came_of_it(
    width: int, visitor: Visitor, check_page: Check, shoot: Shoot, surveys: Surveys, make: Make
) -> None:
    people = [make.person(f"Guest {number}") for number in range(13)]
    surveys.pulse(people)
    for number, person in enumerate(people[:12]):
        rated = {"e1_1": 4 if number < 5 else 5, "e1_2": number % 5 + 1, "e1_3": 3 if number < 2 else 4 + number % 2}
        surveys.answer(surveys.ask_of(person), **rated, e1_4=number % 7 + 4, e1_3_what=f"Idea {number}")
    page = visitor(width, person=make.admin())
    page.goto("/surveys/")
    check_page(page)
    shoot(page, "surveys")
    arrive(page.get_by_role("link", name="A morning at the Healthy Hub"))
    assert page.get_by_role("table", name="Overall, how satisfied were you?").is_visible()
    assert page.get_by_role("img", name="Chart: Overall, how satisfied were you?").is_visible()
    check_page(page)
    shoot(page, "results")
    page.emulate_media(color_scheme="dark")
    check_page(page)
    arrive(page.get_by_role("link", name="See who has not answered"))
    assert page.get_by_role("row", name="Guest 12").is_visible()
    check_page(page)
    shoot(page, "silent")


def test_questions_that_are_closed_say_so(
    visitor: Visitor, check_page: Check, surveys: Surveys, amina: Person, clock: FixedClock
) -> None:
    surveys.pulse([amina])
    clock.move(timedelta(days=14))
    page = visitor(320, javascript=False)
    page.goto(surveys.address(surveys.ask_of(amina)))
    assert heading(page) == "These questions are closed"
    check_page(page)
