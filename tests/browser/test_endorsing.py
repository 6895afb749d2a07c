"""Support for an application, and an application by telephone, in a real browser: wide, narrow, without JavaScript."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from cop.core.access import Role
from cop.models.accounts import Person, Sector
from cop.models.events import Event
from tests.browser.conftest import Visitor
from tests.support import cohorts
from tests.support.cohorts import ANSWERS
from tests.support.mailbox import Mailbox
from tests.support.make import Make, Working
from tests.support.pages import follow, heading, press

Check = Callable[[Page], None]


@pytest.fixture
def course(work: Working, make: Make) -> Event:
    return cohorts.course(work, make)


@pytest.mark.parametrize(("width", "javascript"), [(1280, True), (320, False)])
def test_a_manager_supports_an_application(
    width: int,
    javascript: bool,  # noqa: FBT001
    visitor: Visitor,
    check_page: Check,
    course: Event,
    make: Make,
    work: Working,
    mailbox: Mailbox,
) -> None:
    amina: Person = make.account("Amina Yusuf", "amina@council.example", sector=Sector.RESIDENT)
    cohorts.begin(work, make, amina, course, **ANSWERS)
    mailbox.deliver()
    page = visitor(width, javascript=javascript, person=amina)
    page.goto(f"/cohorts/{course.slug}/apply")
    follow(page, "Who supports it")
    check_page(page)
    press(page, "Ask this person")
    check_page(page)  # with the errors
    page.get_by_label("Line manager").check()
    page.get_by_label("Their full name").fill("Ruth Bello")
    page.get_by_label("Their e-mail address").fill("ruth@council.example")
    press(page, "Ask this person")
    check_page(page)
    (mail,) = mailbox.deliver()

    manager = visitor(width, javascript=javascript)
    manager.goto(mail.link("/endorsements/"))
    assert heading(manager).endswith("Application of Amina Yusuf")
    check_page(manager)
    press(manager, "Send my answer")
    check_page(manager)  # with the error
    manager.get_by_label("Yes, I support it").check()
    manager.get_by_label("What should those who choose know?").fill("She asks the right questions.")
    press(manager, "Send my answer")
    assert heading(manager).endswith("Thank you for your answer")
    check_page(manager)

    (told,) = mailbox.deliver()
    assert told["Subject"] == "Ruth Bello supports your application"
    page.goto(told.link("/cohorts/"))
    expect(page.get_by_text("Supported")).to_be_visible()


@pytest.mark.parametrize(("width", "javascript"), [(1280, True), (320, False)])
def test_staff_enter_an_application(
    width: int,
    javascript: bool,  # noqa: FBT001
    visitor: Visitor,
    check_page: Check,
    course: Event,
    make: Make,
) -> None:
    chair: Person = make.account("Femi")
    make.grant(chair, Role.FACILITATOR, event=course)
    make.account("Nia", "nia@council.example")
    page = visitor(width, javascript=javascript, person=chair)
    page.goto(f"/admin/cohorts/{course.slug}")
    follow(page, "Support from others")
    check_page(page)
    page.get_by_label("Yes: applicants name somebody").check()
    press(page, "Save")
    follow(page, "Who applied")
    press(page, "Enter an application for somebody")
    check_page(page)
    press(page, "Begin the application")
    check_page(page)  # with the errors
    page.get_by_label("Full name").fill("Nia")
    page.get_by_label("E-mail address").fill("nia@council.example")
    page.get_by_label("How they come to the programme").select_option("resident")
    press(page, "Begin the application")
    assert heading(page).endswith("Application of Nia")
    check_page(page)
    follow(page, "About the applicant")
    check_page(page)
    page.get_by_label("Resident").check()
    press(page, "Save")
    follow(page, "Your challenge")
    expect(page.get_by_text("You enter this for Nia")).to_be_visible()
    check_page(page)
    page.get_by_role("textbox").fill("Damp flats make children ill.")
    press(page, "Save and continue")
    follow(page, "Back to the application without saving this page")
    follow(page, "Check the answers")
    check_page(page)
    follow(page, "name somebody who supports it")
    check_page(page)
    follow(page, "Back to the application")
    follow(page, "Withdraw it")
    check_page(page)
    follow(page, "No, keep it")
    assert heading(page).endswith("Applications")
    expect(page.get_by_text("Entered by us")).to_be_visible()
    check_page(page)
