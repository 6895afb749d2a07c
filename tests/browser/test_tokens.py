"""A token for a program in a real browser: made, copied, used, and taken back."""

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page

from tests.browser.conftest import Visitor
from tests.support.api import Program, Tokens
from tests.support.make import Make
from tests.support.pages import follow, heading, press

Check = Callable[[Page], None]
Shoot = Callable[[Page, str], None]


@pytest.mark.parametrize(("width", "javascript"), [(1280, True), (320, False)])
def test_an_admin_gives_a_program_what_it_needs_and_takes_it_back(
    width: int,
    javascript: bool,  # noqa: FBT001
    visitor: Visitor,
    check_page: Check,
    shoot: Shoot,
    app: Flask,
    make: Make,
) -> None:
    make.booking(make.person("Amina Yusuf"), make.visit())
    page = visitor(width, javascript=javascript, person=Tokens(app, make).admin())
    page.goto("/admin/")
    follow(page, "Tokens for programs")
    check_page(page)
    page.goto("/admin/tokens/new")
    check_page(page)
    press(page, "Make the token")
    assert page.get_by_role("alert").get_by_text("Say what the token is for").is_visible()
    check_page(page)
    page.get_by_label("What is it for?").fill("The dashboard")
    page.get_by_label("Attendance", exact=True).check()
    shoot(page, "token-form")
    press(page, "Make the token")
    assert heading(page) == "The dashboard"
    check_page(page)
    shoot(page, "token-made")

    secret = page.locator("code.cop-address").inner_text()
    program = Program(app, secret)
    (row,) = program.items("/programmes/health-inequalities/attendance")
    assert (row["name"], row["status"]) == (None, "booked")

    page.reload()
    assert secret not in page.content()
    page.goto("/admin/tokens/")
    check_page(page)
    shoot(page, "tokens")
    follow(page, "The dashboard")
    page.goto(f"{page.url}/revoke")
    check_page(page)
    press(page, "Take it back")
    assert page.get_by_text("It no longer works").is_visible()
    assert program.call("/").status_code == 401


@pytest.mark.parametrize(("width", "javascript"), [(1280, True), (320, False)])
def test_everybody_can_read_how_programs_read(
    width: int,
    javascript: bool,  # noqa: FBT001
    visitor: Visitor,
    check_page: Check,
    shoot: Shoot,
) -> None:
    page = visitor(width, javascript=javascript)
    page.goto("/api/")
    assert heading(page) == "For programs"
    check_page(page)
    shoot(page, "api")
