"""A report to funders in a real browser: made with one click, read, commented, and taken along."""

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page

from cop.core.access import Role
from cop.models.accounts import Person, Sector
from tests.browser.conftest import Visitor
from tests.support import pdf
from tests.support.evidence import Evidence
from tests.support.make import Make
from tests.support.pages import arrive, click_in_place, follow, link, press

Check = Callable[[Page], None]
Shoot = Callable[[Page, str], None]

WAYS = [(1280, True), (320, True), (320, False)]


@pytest.fixture
def evaluator(app: Flask, make: Make) -> Person:
    """Somebody who evaluates a visit to which many came, and few residents among them."""
    evidence, visit = Evidence(app, make), make.visit("A morning at the Healthy Hub", capacity=None)
    for number in range(9):
        sector = Sector.RESIDENT if number < 2 else Sector.COUNCIL_OFFICER
        guest = make.person(f"Guest {number}", organisation=make.organisation(region="London"), sector=sector)
        evidence.mark(make.booking(guest, visit), visit.parts[0])
    person = make.account("Eva Evaluator")
    make.grant(person, Role.EVALUATOR, programme=make.programme())
    return person


@pytest.mark.parametrize(("width", "javascript"), WAYS)
def test_an_evaluator_makes_a_report_and_hands_it_on(
    width: int,
    javascript: bool,  # noqa: FBT001
    visitor: Visitor,
    check_page: Check,
    shoot: Shoot,
    evaluator: Person,
) -> None:
    page = visitor(width, javascript=javascript, person=evaluator)
    page.goto("/evaluation/reports/")
    check_page(page)
    press(page, "Make the report")
    check_page(page)
    shoot(page, "report")
    assert "fewer than 5" in page.get_by_role("main").inner_text()
    follow(page, "Write an introduction")
    check_page(page)
    page.get_by_label("Your words").fill("We are glad.")
    press(page, "Save")
    assert "We are glad." in page.get_by_role("main").inner_text()
    with page.expect_download() as download:
        click_in_place(link(page, "Download as a PDF"))
    assert "We are glad." in pdf.words(Path(download.value.path()).read_bytes())
    follow(page, "Evaluation pack: the report with all exports")
    check_page(page)
    page.go_back()
    arrive(page.get_by_role("link", name="Withdraw this report"))
    check_page(page)
    page.get_by_label("Why is it withdrawn?").fill("A course was missing.")
    press(page, "Withdraw it")
    check_page(page)
    assert "Do not rely on it" in page.get_by_role("main").inner_text()
