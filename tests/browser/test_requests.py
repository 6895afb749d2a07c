"""Somebody complains, the complaint is answered, a rule and the breach log are kept: wide, narrow, plain."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Visitor
from tests.support.mailbox import Mailbox
from tests.support.make import Make
from tests.support.pages import follow, heading, press

Check = Callable[[Page], None]


@pytest.mark.parametrize(("width", "javascript"), [(1280, True), (320, False)])
def test_a_complaint_from_the_form_to_the_answer(
    width: int,
    javascript: bool,  # noqa: FBT001
    visitor: Visitor,
    check_page: Check,
    make: Make,
    mailbox: Mailbox,
) -> None:
    page = visitor(width, javascript=javascript)
    page.goto("/complaints")
    check_page(page)
    press(page, "Send the complaint")
    assert page.get_by_role("alert").get_by_role("link").count() == 3
    check_page(page)
    page.get_by_label("Your name").fill("Sam Pell")
    page.get_by_label("Your e-mail address").fill("sam@home.example")
    page.get_by_label("What is your complaint?").fill("You wrote to me, and I had not agreed.")
    press(page, "Send the complaint")
    assert heading(page) == "We have your complaint"
    check_page(page)

    staff = visitor(width, javascript=javascript, person=make.admin())
    staff.goto("/admin/")
    follow(staff, "Take it on")
    check_page(staff)
    follow(staff, "Complaint: Sam Pell")
    check_page(staff)
    follow(staff, "Acknowledge it")
    check_page(staff)
    press(staff, "Acknowledge it")
    follow(staff, "Answer it")
    staff.get_by_label("Your answer").fill("We are sorry. You get no more news from us.")
    press(staff, "Send the answer, and close it")
    check_page(staff)
    assert [mail.subject for mail in mailbox.deliver()] == [
        "We have your complaint",
        "We are looking into your complaint",
        "Our answer to your complaint",
    ]
    staff.goto("/admin/requests/new")
    check_page(staff)


@pytest.mark.parametrize(("width", "javascript"), [(1280, True), (320, False)])
def test_a_request_with_an_account(
    width: int,
    javascript: bool,  # noqa: FBT001
    visitor: Visitor,
    check_page: Check,
    make: Make,
) -> None:
    page = visitor(width, javascript=javascript, person=make.account())
    page.goto("/account/privacy/requests/")
    check_page(page)
    press(page, "Ask for something, or complain")
    check_page(page)
    page.get_by_label("A copy of what you hold about me").check()
    page.get_by_label("Tell us more").fill("From the last year.")
    press(page, "Send")
    assert heading(page) == "Access, 2 March 2026"
    check_page(page)
    follow(page, "Take it back")
    check_page(page)
    press(page, "Take it back")
    check_page(page)


@pytest.mark.parametrize(("width", "javascript"), [(1280, True), (320, False)])
def test_what_the_law_asks_staff_to_keep(
    width: int,
    javascript: bool,  # noqa: FBT001
    visitor: Visitor,
    check_page: Check,
    make: Make,
) -> None:
    page = visitor(width, javascript=javascript, person=make.admin())
    page.goto("/admin/retention/")
    check_page(page)
    follow(page, "See what would go now")
    check_page(page)
    page.goto("/admin/retention/tasks")
    page.get_by_label("For how many days is it kept?").fill("60")
    page.get_by_label("Why?").fill("The audit asks for it.")
    press(page, "See what would go")
    check_page(page)
    press(page, "Save this rule")
    check_page(page)
    page.goto("/admin/retention/log")
    check_page(page)

    page.goto("/admin/breaches/new")
    for part, value in (("Day", "1"), ("Month", "3"), ("Year", "2026"), ("Time", "9am")):
        page.get_by_role("group", name="When did somebody of ours notice it?").get_by_label(part).fill(value)
    page.get_by_label("What happened?").fill("A list went to the wrong address.")
    check_page(page)
    press(page, "Save")
    check_page(page)
    follow(page, "Say how great the risk is, and who was told")
    check_page(page)
    page.goto("/admin/breaches/")
    check_page(page)

    page.goto("/admin/processing/")
    check_page(page)
    press(page, "Add the ready-made entries")
    check_page(page)
    follow(page, "Equality monitoring")
    check_page(page)
    page.goto("/admin/processing/print")
    check_page(page)
