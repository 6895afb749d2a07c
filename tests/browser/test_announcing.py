"""News in a real browser: somebody asks for it and agrees to it; staff write to an audience and stop midway."""

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page

from tests.browser.conftest import Visitor
from tests.support.mailbox import Mailbox
from tests.support.make import Make
from tests.support.pages import arrive, follow, heading, press
from tests.support.telling import Telling

Check = Callable[[Page], None]
Shoot = Callable[[Page, str], None]

WAYS = [(1280, True), (320, False)]


@pytest.mark.parametrize(("width", "javascript"), WAYS)
def test_somebody_asks_to_be_told_and_agrees_to_news(
    make: Make,
    mailbox: Mailbox,
    visitor: Visitor,
    check_page: Check,
    shoot: Shoot,
    width: int,
    javascript: bool,  # noqa: FBT001
) -> None:
    make.programme()
    page = visitor(width=width, javascript=javascript)
    page.goto("/")
    follow(page, "Tell me when the next round opens")
    check_page(page)
    page.get_by_label("Your e-mail address").fill("new@council.example")
    press(page, "Tell me")
    assert heading(page) == "Check your e-mail"
    check_page(page)
    (mail,) = mailbox.deliver()
    page.goto(mail.link("/confirm/"))
    check_page(page)
    shoot(page, f"announcing-confirm-{width}")
    press(page, "Yes, tell me")
    assert heading(page) == "You are on the list"
    check_page(page)
    follow(page, "Leave the list")
    check_page(page)
    press(page, "Leave the list")
    assert heading(page) == "You are off the list"

    amina = make.account("Amina Yusuf", "amina@council.example")
    page = visitor(width=width, javascript=javascript, person=amina)
    page.goto("/account")
    follow(page, "What you agree to")
    check_page(page)
    arrive(page.get_by_role("button", name="I agree").first)
    assert "Agreed on 2 March 2026" in page.inner_text("main")
    check_page(page)
    shoot(page, f"announcing-consents-{width}")
    arrive(page.get_by_role("button", name="Withdraw"))
    assert "2 March 2026 by Amina Yusuf" in page.inner_text("main")
    check_page(page)
    page.goto("/programmes/health-inequalities/interest")
    press(page, "Tell me")
    check_page(page)


@pytest.mark.parametrize(("width", "javascript"), WAYS)
def test_staff_write_to_an_audience_and_stop_midway(
    app: Flask,
    make: Make,
    mailbox: Mailbox,
    visitor: Visitor,
    check_page: Check,
    shoot: Shoot,
    width: int,
    javascript: bool,  # noqa: FBT001
) -> None:
    make.programme()
    make.visit("A morning at the Healthy Hub")
    telling = Telling(app, make)
    for name in ("Ann", "Bob", "Cem"):
        telling.reader(name, f"{name.lower()}@council.example", organisation=make.organisation())
    page = visitor(width=width, javascript=javascript, person=telling.ada)
    page.goto("/admin/announcements/")
    check_page(page)
    press(page, "Write an announcement")
    check_page(page)
    page.get_by_label("Subject").fill("The next round, {name}")
    page.get_by_label("Text").fill("It opens on **Monday**.\n\n- two days\n- fifteen places")
    page.get_by_label("Who agreed to news").check()
    shoot(page, f"announcing-write-{width}")
    press(page, "Save the draft")
    assert "3 people would get it now" in page.inner_text("main")
    check_page(page)
    shoot(page, f"announcing-draft-{width}")
    follow(page, "Look at it, and send yourself a test")
    check_page(page)
    press(page, "Send a test to myself")
    assert len(mailbox.deliver()) == 1
    arrive(page.get_by_role("link", name="The next round, {name}"))
    press(page, "Send it")
    check_page(page)
    page.get_by_label("How many letters an hour?").fill("2")
    shoot(page, f"announcing-send-{width}")
    press(page, "Send it")
    telling.release()
    page.reload()
    assert "Going out" in page.inner_text("main")
    check_page(page)
    shoot(page, f"announcing-progress-{width}")
    press(page, "Stop it")
    check_page(page)
    press(page, "Stop it")
    assert "Stopped. 2 letters are not sent." in page.inner_text("body")
    assert mailbox.deliver() == []
    check_page(page)
    page.goto("/admin/announcements/")
    check_page(page)
    shoot(page, f"announcing-list-{width}")

    page.goto(f"/admin/people/{telling.ada.public_id}/consents")
    check_page(page)
    page.get_by_label("You may take photographs").check()
    page.get_by_label("On paper").check()
    press(page, "Note that they agree")
    check_page(page)
    shoot(page, f"announcing-noted-{width}")
