"""A survey without names in a real browser, from the question of a facilitator to what everybody said."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import Page

from cop.core.access import Role
from cop.models.surveys import Mode
from cop.services.answers import publish_questionnaire
from scheduled import close_surveys
from tests.browser.conftest import Visitor
from tests.support.clock import FixedClock
from tests.support.make import Make, Working
from tests.support.pages import arrive, heading, press
from tests.support.surveys import FEW, Surveys

Check = Callable[[Page], None]
Shoot = Callable[[Page, str], None]


@pytest.mark.parametrize(("width", "javascript"), [(1280, True), (320, False)])
def test_a_facilitator_asks_and_nobody_learns_who_said_what(
    width: int,
    javascript: bool,  # noqa: FBT001
    visitor: Visitor,
    check_page: Check,
    shoot: Shoot,
    app: Flask,
    make: Make,
    work: Working,
    clock: FixedClock,
) -> None:
    surveys, visit = Surveys(app, make, clock), make.visit(slots=1, capacity=None, slug="healthy-hub")
    for number in range(7):
        make.booking(make.person(f"Guest {number}"), visit)
    facilitator = make.account("Fatima")
    make.grant(facilitator, Role.FACILITATOR, event=visit)
    with work() as unit:
        publish_questionnaire(unit, code="freely", title="Speaking freely", items=FEW, mode=Mode.ANONYMOUS)

    page = visitor(width, person=facilitator, javascript=javascript)
    page.goto("/admin/events/healthy-hub/ask")
    check_page(page)
    shoot(page, "ask")
    press(page, "Ask them")
    check_page(page)
    page.get_by_label("Questions").select_option("Speaking freely (without names once it has closed)")
    page.get_by_label("Everybody who has a place (7)").check()
    for part, value in (("Day", "16"), ("Month", "3"), ("Year", "2026")):
        page.get_by_label(part, exact=True).fill(value)
    press(page, "Ask them")
    assert page.get_by_text("7 people are asked.").is_visible()
    check_page(page)

    asked = surveys.asks()
    for ask in asked[1:6]:
        surveys.answer(ask, why="The tea")
    guest = visitor(width, javascript=javascript)
    guest.goto(surveys.address(asked[0]))
    assert guest.get_by_text("we keep your answers with your name").is_visible()
    check_page(guest)
    shoot(guest, "without-names")
    guest.get_by_label("7", exact=True).check()
    press(guest, "Send your answers")
    assert heading(guest) == "Thank you"

    page.goto("/surveys/")
    arrive(page.get_by_role("link", name="A morning at the Healthy Hub"))
    assert page.get_by_text("Nobody reads these answers before").is_visible()
    check_page(page)
    arrive(page.get_by_role("link", name="See who has not answered"))
    assert page.get_by_role("row").count() == 2
    check_page(page)
    clock.move(timedelta(days=15))
    with app.app_context():
        close_surveys.run()
    page.goto("/surveys/")
    arrive(page.get_by_role("link", name="A morning at the Healthy Hub"))
    assert page.get_by_text("The tea").count() == 5
    check_page(page)
    shoot(page, "results-without-names")
