"""Applying for a place on a course, and preparing one, in a real browser: narrow, wide, and without JavaScript."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from cop.core.access import Role
from cop.models.accounts import Person, Sector
from cop.models.events import Event
from tests.browser.conftest import Visitor
from tests.support import cohorts
from tests.support.mailbox import Mailbox
from tests.support.make import Make, Working
from tests.support.pages import follow, heading, press

Check = Callable[[Page], None]

TITLE = "Change Makers"


@pytest.fixture
def course(work: Working, make: Make) -> Event:
    make.organisation("Swindon Borough Council", region="South West")
    return cohorts.course(work, make, TITLE, screening=True, begins_at=datetime(2026, 4, 1, tzinfo=UTC))


@pytest.mark.parametrize(("width", "javascript"), [(1280, True), (320, True), (320, False)])
def test_a_newcomer_applies_changes_and_withdraws(
    width: int,
    javascript: bool,  # noqa: FBT001
    visitor: Visitor,
    check_page: Check,
    course: Event,
    mailbox: Mailbox,
) -> None:
    page = visitor(width, javascript=javascript)

    def arrived_at(title: str) -> None:
        assert heading(page).endswith(title), heading(page)
        check_page(page)

    def answer_both(second: str) -> None:
        for number, answer in enumerate(("Yes", second)):
            page.get_by_role("group").nth(number).get_by_label(answer, exact=True).check()
        press(page, "Continue")

    page.goto("/cohorts/")
    arrived_at("Courses")
    follow(page, TITLE)
    arrived_at(TITLE)
    press(page, "Apply now")
    arrived_at("Is this course for you?")
    answer_both("No")
    arrived_at("Other ways to take part")
    follow(page, "Answer again")
    press(page, "Continue")
    arrived_at("Is this course for you?")  # with the errors
    answer_both("Yes")
    arrived_at("Sign in or join")
    page.get_by_label("E-mail address").fill("noor@swindon.example")
    press(page, "Send me a link")
    (mail,) = mailbox.deliver()
    page.goto(mail.link("/sign-in/"))
    press(page, "Sign in now")
    page.get_by_label("Full name").fill("Noor Adeyemi")
    page.get_by_label("Resident").check()
    press(page, "Save")
    page.get_by_label("Search by name").fill("swindon")
    press(page, "Search")
    page.get_by_label("Swindon Borough Council").check()
    press(page, "Save")

    arrived_at("Before you start")
    press(page, "Start your application")
    arrived_at("Your application")
    (mail,) = mailbox.deliver()
    assert "Your draft application" in mail["Subject"]
    follow(page, "About you")
    arrived_at("About you")
    press(page, "This is right")
    follow(page, "Your challenge")
    arrived_at("What is the challenge in your place that you want to work on?")
    page.get_by_role("textbox").fill("damp " * 251)
    press(page, "Save and continue")
    arrived_at("What is the challenge in your place that you want to work on?")  # with the error
    expect(page.get_by_text("you have used 251").first).to_be_visible()
    for text in ("Damp flats make children ill.", "Fewer would miss school.", "I was one of them."):
        page.get_by_role("textbox").fill(text)
        press(page, "Save and continue")
    arrived_at("Your application")
    page.goto(mail.link("/cohorts/"))
    follow(page, "Taking part")
    arrived_at("Can you come to all the half-days?")
    for label in ("Yes", "I do not need that", "At a webinar"):
        page.get_by_label(label, exact=True).check()
        press(page, "Save and continue")
    arrived_at("Did somebody suggest that you apply? (optional)")
    press(page, "Save and continue")
    follow(page, "Check your answers")
    arrived_at("Check your answers")
    follow(page, "How confident are you that you can plan something together with residents as equals?")
    arrived_at("How confident you feel now")
    for number in (0, 1):
        page.get_by_role("group").nth(number).get_by_label("7", exact=True).check()
    press(page, "Save and continue")
    arrived_at("Check your answers")
    press(page, "Submit your application")
    arrived_at("We have received your application")
    page.get_by_label("No, skip them").check()
    press(page, "Continue")
    arrived_at("Application submitted")
    (mail,) = mailbox.deliver()
    page.goto(mail.link("/cohorts/"))
    arrived_at("Where your application stands")
    follow(page, "Change it")
    arrived_at("Your application")
    follow(page, "See where your application stands")
    follow(page, "Withdraw your application")
    arrived_at("Withdraw your application?")
    press(page, "Yes, withdraw it")
    arrived_at("Where your application stands")
    expect(page.get_by_text("You withdrew it on")).to_be_visible()


@pytest.mark.parametrize(("width", "javascript"), [(1280, True), (320, False)])
def test_staff_prepare_a_course(
    width: int,
    javascript: bool,  # noqa: FBT001
    visitor: Visitor,
    check_page: Check,
    course: Event,
    make: Make,
    work: Working,
) -> None:
    chair: Person = make.account("Femi")
    make.grant(chair, Role.FACILITATOR, programme=make.programme())
    page = visitor(width, javascript=javascript, person=chair)
    page.goto("/admin/cohorts/new")
    check_page(page)
    for path in (
        "",
        "/call",
        "/places",
        "/window",
        "/half-days",
        "/half-days/new",
        f"/half-days/{course.parts[0].id}",
        f"/half-days/{course.parts[0].id}/remove",
        "/lists/screening",
        "/lists/screening/new",
        "/lists/questions",
        "/lists/questions/1",
        "/lists/criteria/0",
        "/lists/criteria/0/remove",
        "/lists/targets",
        "/applications",
    ):
        page.goto(f"/admin/cohorts/{course.slug}{path}")
        check_page(page)
    page.goto(f"/admin/cohorts/{course.slug}/lists/targets")
    press(page, "Add a target")
    press(page, "Save")
    check_page(page)
    page.get_by_label("Group").select_option("Resident")
    page.get_by_label("At least").fill("3")
    press(page, "Save")
    page.goto(f"/admin/cohorts/{course.slug}/lists/criteria")
    press(page, "Move down A real challenge")
    check_page(page)
    assert page.locator(".cop-roster h2").nth(1).inner_text() == "A real challenge"
    cohorts.apply(work, make, make.account("Ben", sector=Sector.HEALTH), course)
    page.goto(f"/admin/cohorts/{course.slug}/applications")
    check_page(page)
    page.goto(f"/admin/cohorts/{course.slug}/lists/questions")
    check_page(page)
    expect(page.get_by_text("the questions stay as they are")).to_be_visible()
