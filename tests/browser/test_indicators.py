"""Indicators in a real browser: staff begin with the ready-made ones and note a value, evaluators read on."""

from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from cop.core.access import Role
from cop.models.surveys import Wave
from tests.browser.conftest import Visitor
from tests.support.evidence import Evidence
from tests.support.indicators import SLUG, Indicators
from tests.support.make import Make
from tests.support.pages import click_in_place, follow, heading, press

Check = Callable[[Page], None]
Shoot = Callable[[Page, str], None]

PATH = "/evaluation/indicators/"


@pytest.mark.parametrize(("width", "javascript"), [(1280, True), (320, False)])
def test_staff_set_them_up_and_evaluators_read_them(
    width: int,
    javascript: bool,  # noqa: FBT001
    visitor: Visitor,
    check_page: Check,
    shoot: Shoot,
    app: Flask,
    make: Make,
) -> None:
    indicators = Indicators(app, make)
    page = visitor(width, person=indicators.admin, javascript=javascript)
    page.goto(PATH)
    check_page(page)
    press(page, "Add the ready-made indicators")
    check_page(page)
    shoot(page, "indicators")
    press(page, "Add an indicator")
    check_page(page)
    press(page, "Add the indicator")
    check_page(page)
    assert page.get_by_role("link", name="Enter a definition").is_visible()
    page.get_by_label("Name").fill("Councils with a panel")
    page.get_by_label("Definition").fill("Councils where residents decide, and are paid.")
    page.get_by_label("Source").fill("Calls")
    page.get_by_label("Target", exact=True).fill("40")
    press(page, "Add the indicator")
    assert heading(page).endswith("Councils with a panel")
    check_page(page)
    press(page, "Note a value")
    check_page(page)
    page.get_by_label("Value").fill("12")
    press(page, "Save")
    for month, value in ((1, 9), (2, 10)):
        indicators.note("councils-with-a-panel", value, on=date(2026, month, 20))
    page.reload()
    check_page(page)
    shoot(page, "indicator")
    expect(page.locator(".cop-over-time rect.bar")).to_have_count(3)
    follow(page, "Change its words, baseline or target")
    check_page(page)

    eve = make.account("Eve Evaluator")
    make.grant(eve, Role.EVALUATOR, programme=indicators.programme)
    reader = visitor(width, person=eve, javascript=javascript)
    reader.goto(f"{PATH}{SLUG}/councils-with-a-panel")
    check_page(reader)
    expect(reader.locator(".cop-over-time rect.bar")).to_have_count(1)


@pytest.mark.parametrize(("width", "javascript"), [(1280, True), (320, False)])
def test_what_changed_in_people(
    width: int,
    javascript: bool,  # noqa: FBT001
    visitor: Visitor,
    check_page: Check,
    shoot: Shoot,
    app: Flask,
    make: Make,
) -> None:
    evidence = Evidence(app, make)
    course = evidence.course()
    page = visitor(width, person=make.admin(), javascript=javascript)
    page.goto(f"{PATH}changes")
    check_page(page)
    assert page.get_by_text("There is nothing to compare yet.").is_visible()
    for gain in (1, 2, 2, 3, 4, 5):
        person = make.person()
        evidence.ask(person, course, {"se1": 3, "se2": 4}, wave=Wave.BASELINE)
        evidence.ask(person, course, {"se1": 3 + gain, "se2": 4 + gain}, wave=Wave.END)
    page.reload()
    check_page(page)
    shoot(page, "changes")
    row = page.get_by_role("row", name="Confidence, over eight questions").first
    expect(row.get_by_role("cell")).to_have_text(
        ["At the end", "6", "3.5", "6", "2.5", "1.5 to 4.5", "6", "0", "0", "0", "0"]
    )
    click_in_place(page.get_by_text("Question by question"))
    assert page.get_by_role("row", name="se1").is_visible()
