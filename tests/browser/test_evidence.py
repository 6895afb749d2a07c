"""Home pages, the staff's desk and the evaluation in a real browser: narrow, wide, and without JavaScript."""

import csv
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page

from cop.core.access import Role
from cop.models.accounts import Person, Sector
from cop.models.cohorts import ApplicationState, DecisionOutcome
from cop.models.events import Attendance, Event, EventKind
from cop.models.offers import OfferState
from cop.models.organisations import OrganisationKind
from cop.models.summits import Answer
from tests.browser.conftest import Visitor
from tests.support.clock import FixedClock
from tests.support.evidence import Evidence
from tests.support.make import Make
from tests.support.pages import arrive, click_in_place, link

Check = Callable[[Page], None]
Shoot = Callable[[Page, str], None]

WAYS = [(1280, True), (320, True), (320, False)]
REGIONS = ("London", "North West", "East of England")


@pytest.fixture
def evidence(app: Flask, make: Make) -> Evidence:
    return Evidence(app, make)


@pytest.fixture
def alumna(make: Make, evidence: Evidence, clock: FixedClock) -> Person:
    """Somebody who went the whole way, among others who went a part of it, at a time when much waits."""
    council = make.organisation("Stevenage Borough Council", region="East of England")
    person = make.account("Noor Adeyemi-Fitzwilliam", organisation=council, sector=Sector.COUNCIL_OFFICER)
    course, visit = evidence.course("Change makers 1"), make.visit("A morning at the Healthy Hub", capacity=None)
    make.booking(person, visit, party_size=2)
    evidence.alumnus(person, course)
    for number in range(12):
        kind = OrganisationKind.HEALTH if number < 3 else OrganisationKind.COUNCIL
        place = make.organisation(region=REGIONS[number % 3], kind=kind)
        other = make.person(f"Participant {number}", organisation=place)
        held, seen = evidence.participant(other, course), make.booking(other, visit)
        evidence.mark(held, course.parts[0], Attendance.ABSENT if number < 2 else Attendance.ATTENDED)
        evidence.mark(seen, visit.parts[0], Attendance.ATTENDED if number % 4 else Attendance.EXCUSED)
        evidence.ask(other, visit, {"confidence": 7} if number < 4 else None)
    clock.move(timedelta(days=20))
    _what_waits(evidence, make, person, clock)
    return person


def _what_waits(evidence: Evidence, make: Make, person: Person, clock: FixedClock) -> None:
    admin, chosen = make.admin("Boss"), evidence.course("Change makers 2", closes_at=clock.now(), places=2)
    for number, outcome in enumerate((DecisionOutcome.OFFER, DecisionOutcome.OFFER, DecisionOutcome.RESERVE)):
        application = evidence.application(person if number == 0 else make.person(), chosen)
        evidence.decision(application, admin, outcome, rank=1 if outcome is DecisionOutcome.RESERVE else None)
        if outcome is DecisionOutcome.OFFER:
            evidence.offer(application, OfferState.DECLINED if number else OfferState.OPEN)
    evidence.release(chosen)
    to_decide = evidence.course("Change makers 3", closes_at=clock.now())
    for _ in range(3):
        evidence.application(make.person(), to_decide)
    draft = evidence.course("Change makers 4", closes_at=clock.now() + timedelta(days=9))
    evidence.application(person, draft, ApplicationState.DRAFT)
    summit = evidence.event(EventKind.SUMMIT, "Roundtable summit", starts=[clock.now() + timedelta(days=40)])
    evidence.invitation(person, summit)
    evidence.invitation(make.person(), summit, Answer.NO)
    make.booking(person, make.visit("An afternoon at the Healthy Hub"))
    evidence.ask(person, _first_visit(make))
    clock.move(timedelta(days=4))
    evidence.report(evidence.post(evidence.topic(evidence.space(), admin), admin), person)


def _first_visit(make: Make) -> Event:
    return make.event(2)


@pytest.mark.parametrize(("width", "javascript"), WAYS)
def test_somebody_sees_what_waits_and_goes_on_with_it(
    width: int,
    javascript: bool,  # noqa: FBT001
    visitor: Visitor,
    check_page: Check,
    shoot: Shoot,
    alumna: Person,
) -> None:
    page = visitor(width, javascript=javascript, person=alumna)
    page.goto("/account")
    check_page(page)
    shoot(page, "account")
    arrive(page.get_by_role("link", name="Say whether you come"))
    assert "Roundtable summit" in page.get_by_role("main").inner_text()
    page.goto("/account/bookings")
    check_page(page)
    shoot(page, "bookings")


@pytest.mark.parametrize(("width", "javascript"), WAYS)
def test_the_secretariat_sees_what_waits_and_a_persons_record(
    width: int,
    javascript: bool,  # noqa: FBT001
    visitor: Visitor,
    check_page: Check,
    shoot: Shoot,
    alumna: Person,
    make: Make,
) -> None:
    page = visitor(width, javascript=javascript, person=make.admin())
    page.goto("/admin/")
    check_page(page)
    shoot(page, "staff")
    arrive(page.get_by_role("link", name="Summits"))
    check_page(page)
    page.goto(f"/admin/people/{alumna.public_id}")
    check_page(page)
    shoot(page, "record")


@pytest.mark.parametrize(("width", "javascript"), WAYS)
def test_an_evaluator_reads_the_figures_and_takes_the_files(
    width: int,
    javascript: bool,  # noqa: FBT001
    visitor: Visitor,
    check_page: Check,
    shoot: Shoot,
    alumna: Person,
    make: Make,
) -> None:
    evaluator = make.account("Eva")
    make.grant(evaluator, Role.EVALUATOR, programme=make.programme())
    page = visitor(width, javascript=javascript, person=evaluator)
    page.goto("/evaluation/")
    check_page(page)
    shoot(page, "evaluation")
    page.goto("/evaluation/reach")
    check_page(page)
    assert "fewer than 5" in page.get_by_role("main").inner_text()
    page.goto("/evaluation/")
    for name in ("Survey answers, pseudonymised (CSV)", "Survey answers: what each column means (CSV)"):
        with page.expect_download() as download:
            click_in_place(link(page, name))
        with Path(download.value.path()).open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        assert rows
        assert "Noor" not in str(rows)
