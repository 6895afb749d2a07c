"""The privacy centre in a real browser: seeing, reading a notice, and being erased; narrow and without JavaScript."""

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page

from cop.models.accounts import Person
from scheduled import run_tasks
from tests.browser.conftest import Visitor
from tests.support.make import Make
from tests.support.pages import button, click_in_place, follow, heading, press

Check = Callable[[Page], None]
Shoot = Callable[[Page, str], None]


@pytest.fixture
def edda(make: Make) -> Person:
    person = make.account("Edda Erased", "edda@council.example", organisation=make.organisation("Brent Council"))
    make.booking(person, make.visit())
    return person


@pytest.mark.parametrize(("width", "javascript"), [(1280, True), (320, True), (320, False)])
def test_somebody_sees_what_is_held_takes_a_copy_and_is_erased(
    app: Flask,
    width: int,
    javascript: bool,  # noqa: FBT001
    visitor: Visitor,
    check_page: Check,
    shoot: Shoot,
    edda: Person,
) -> None:
    page = visitor(width, javascript=javascript, person=edda)
    page.goto("/account/privacy")
    check_page(page)
    shoot(page, "privacy-centre")
    press(page, "Make a copy")
    assert heading(page) == "A copy of what we hold about you"
    with app.app_context():
        run_tasks.run()
    page.goto(page.url)
    with page.expect_download() as copied:
        click_in_place(button(page, "Download your-information.zip"))
    assert copied.value.suggested_filename == "your-information.zip"
    page.goto("/account/privacy")
    follow(page, "See what erasing would do, and be erased")
    check_page(page)
    shoot(page, "be-erased")
    press(page, "Erase for good")
    assert page.locator(".govuk-error-summary").is_visible()
    check_page(page)
    page.get_by_label("Delete my words and my files").check()
    page.get_by_label("Type ERASE to confirm").fill("erase")
    press(page, "Erase for good")
    assert "You are erased." in page.inner_text("main")
    check_page(page)
    page.goto("/account")
    assert "/sign-in" in page.url


@pytest.mark.parametrize("javascript", [True, False])
def test_an_admin_writes_a_new_version_of_a_notice(
    visitor: Visitor,
    javascript: bool,  # noqa: FBT001
    check_page: Check,
    make: Make,
) -> None:
    page = visitor(320, javascript=javascript, person=make.admin())
    page.goto("/admin/notices/")
    check_page(page)
    follow(page, "Bookings and visits")
    check_page(page)
    page.get_by_label("Summary").fill("We count who comes.")
    press(page, "Preview")
    check_page(page)
    press(page, "Publish this version")
    assert "We count who comes." in page.inner_text("main")
    check_page(page)
    follow(page, "Version 1")
    check_page(page)
