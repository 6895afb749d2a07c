"""The dashboard and the coding of answers in a real browser: narrow, wide, dark, by keyboard and without JavaScript."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import Page

from cop.core.access import Role
from cop.models.accounts import Person, Sector
from cop.models.events import Attendance
from cop.models.surveys import Mode, Wave
from cop.models.tags import TagKind
from cop.services import tags
from tests.browser.conftest import Visitor
from tests.support.clock import FixedClock
from tests.support.evidence import Evidence
from tests.support.make import Make, Working
from tests.support.pages import arrive, click_in_place, follow, press
from tests.support.surveys import Surveys

Check = Callable[[Page], None]
Shoot = Callable[[Page, str], None]

WAYS = [(1280, True), (320, True), (320, False)]
PEOPLE = 12

ITEMS = (
    {"code": "se1", "kind": "scale", "text": "How confident are you?"},
    {"code": "n1", "kind": "number", "text": "How many people could you call on?"},
    {"code": "e1_2", "kind": "rating", "text": "How relevant was it?", "labels": ["Not", "Slightly", "Fairly", "Very"]},
    {"code": "did", "kind": "text", "text": "What did you do?"},
    {
        "code": "permission",
        "kind": "choice",
        "text": "May we tell others?",
        "options": [["name", "With my name"], ["no", "No"]],
    },
)


@pytest.fixture
def course(app: Flask, make: Make, clock: FixedClock, work: Working) -> None:
    """A course with attendance, answers before and after, and a code."""
    evidence, surveys = Evidence(app, make), Surveys(app, make, clock)
    event = evidence.course("Change makers")
    people = []
    for number in range(PEOPLE):
        place = make.organisation(region=("London", "Wales")[number % 2])
        person = make.person(f"Participant {number}", organisation=place, sector=Sector.RESIDENT)
        held = evidence.participant(person, event)
        evidence.mark(held, event.parts[0], Attendance.ABSENT if number == 0 else Attendance.ATTENDED)
        people.append(person)
    for wave, more in ((Wave.BASELINE, 0), (Wave.END, 3)):
        for number, waiting in enumerate(surveys.put(people, event, Mode.NAMED, wave=wave, items=ITEMS)):
            given = {"se1": number % 5 + more, "n1": number + more, "e1_2": 3, "permission": "name"}
            surveys.answer(waiting, **given, did=f"We asked residents first, {number} of them.")
    with work() as unit:
        tags.add(unit, kind=TagKind.CODE, name="Residents took part")
    clock.move(timedelta(days=30))


def granted(make: Make, role: Role) -> Person:
    person = make.account(f"Some {role}")
    make.grant(person, role, programme=make.programme())
    return person


@pytest.mark.usefixtures("course")
@pytest.mark.parametrize("role", [Role.EVALUATOR, Role.ADMIN])
@pytest.mark.parametrize(("width", "javascript"), WAYS)
def test_somebody_reads_the_answer_to_each_question(
    width: int,
    javascript: bool,  # noqa: FBT001
    role: Role,
    visitor: Visitor,
    check_page: Check,
    shoot: Shoot,
    make: Make,
) -> None:
    page = visitor(width, javascript=javascript, person=granted(make, role))
    page.goto("/evaluation/")
    check_page(page)
    shoot(page, f"dashboard-{role}")
    for name in ("Reach", "Events and access", "Learning and relationships", "Plans, adoption and pledges"):
        page.goto("/evaluation/")
        follow(page, name)
        check_page(page)
        shoot(page, f"dashboard-{role}-{name.split()[0].lower()}")
    page.goto("/evaluation/community")
    check_page(page)


@pytest.mark.usefixtures("course")
@pytest.mark.parametrize(("width", "javascript"), [(1280, True), (320, False)])
def test_an_admin_narrows_the_figures_and_sees_who_stands_behind_them(
    width: int,
    javascript: bool,  # noqa: FBT001
    visitor: Visitor,
    check_page: Check,
    shoot: Shoot,
    make: Make,
) -> None:
    page = visitor(width, javascript=javascript, person=granted(make, Role.ADMIN))
    page.goto("/evaluation/reach")
    click_in_place(page.get_by_text("Narrow the figures"))
    page.get_by_label("Region or nation", exact=True).select_option("London")
    press(page, "Show")
    check_page(page)
    follow(page, "See who stands behind these numbers")
    check_page(page)
    shoot(page, "people-behind-figures")
    assert page.get_by_role("row").count() == 1 + PEOPLE // 2


@pytest.mark.usefixtures("course")
@pytest.mark.parametrize(("width", "javascript"), WAYS)
def test_an_evaluator_codes_an_answer_and_picks_a_quotation(
    width: int,
    javascript: bool,  # noqa: FBT001
    visitor: Visitor,
    check_page: Check,
    shoot: Shoot,
    make: Make,
) -> None:
    page = visitor(width, javascript=javascript, person=granted(make, Role.EVALUATOR))
    page.goto("/evaluation/coding/")
    check_page(page)
    follow(page, "What did you do?")
    check_page(page)
    shoot(page, "answers-to-code")
    arrive(page.get_by_role("link", name="Give codes").first)
    answer = page.url
    page.get_by_label("Residents took part").check()
    check_page(page)
    shoot(page, "code-an-answer")
    press(page, "Save and go on")
    assert page.url != answer
    page.goto(answer)
    follow(page, "Pick words for reports")
    check_page(page)
    page.get_by_label("Words to quote").fill("We asked nobody")
    press(page, "Pick these words")
    check_page(page)
    page.get_by_label("Words to quote").fill("We asked residents first")
    press(page, "Pick these words")
    check_page(page)
    page.goto("/evaluation/coding/health-inequalities/quotations")
    assert "Participant" in page.get_by_role("main").inner_text()
    check_page(page)
