"""Mail in a real browser: choosing what one gets, ending it from a mail, and staff who look before they send."""

from collections.abc import Callable, Sequence

import pytest
from flask import Flask
from playwright.sync_api import Page

from cop.models.accounts import Person
from cop.models.outbox import Outbox
from tests.browser.conftest import Visitor
from tests.support.clock import FixedClock
from tests.support.mailbox import Mailbox
from tests.support.make import Make
from tests.support.messages import comes_back
from tests.support.pages import arrive, follow, heading, press
from tests.support.surveys import Surveys

Check = Callable[[Page], None]
Shoot = Callable[[Page, str], None]


@pytest.fixture
def amina(make: Make) -> Person:
    return make.account("Amina Yusuf", email="amina@council.example")


@pytest.mark.parametrize(("width", "javascript"), [(1280, True), (320, False)])
def test_somebody_chooses_and_ends_mail_by_its_own_link(
    app: Flask,
    make: Make,
    clock: FixedClock,
    amina: Person,
    mailbox: Mailbox,
    visitor: Visitor,
    check_page: Check,
    shoot: Shoot,
    width: int,
    javascript: bool,  # noqa: FBT001
) -> None:
    Surveys(app, make, clock).pulse([amina])
    mail = mailbox.deliver()[-1]
    page = visitor(width=width, javascript=javascript)
    page.goto(mail["List-Unsubscribe"].strip("<>"))
    assert heading(page) == "Stop these mails?"
    check_page(page)
    press(page, "Stop these mails")
    assert heading(page) == "These mails are stopped"
    check_page(page)
    shoot(page, f"messages-stopped-{width}")
    press(page, "Undo: I want these mails")
    assert heading(page) == "You get these mails again"

    page = visitor(width=width, javascript=javascript, person=amina)
    page.goto("/account")
    follow(page, "What we mail you")
    check_page(page)
    shoot(page, f"messages-own-{width}")
    page.get_by_label("Short surveys after events and courses").uncheck()
    press(page, "Save")
    assert "Your choice is saved." in page.inner_text("body")
    assert not page.get_by_label("Short surveys after events and courses").is_checked()
    assert page.get_by_label("What is new in the practice forum").is_checked()
    follow(page, "Survey invitation")
    assert "/surveys/…" in page.get_by_role("main").inner_text()
    check_page(page)
    shoot(page, f"messages-one-{width}")


@pytest.mark.parametrize(("width", "javascript"), [(1280, True), (320, False)])
def test_staff_look_before_they_send_and_mend_what_failed(
    app: Flask,
    make: Make,
    amina: Person,
    mailbox: Mailbox,
    outbox: Callable[..., Sequence[Outbox]],
    visitor: Visitor,
    check_page: Check,
    shoot: Shoot,
    width: int,
    javascript: bool,  # noqa: FBT001
) -> None:
    make.booking(amina, make.visit("A morning at the hub"))
    mailbox.deliver()
    page = visitor(width=width, javascript=javascript, person=make.admin())
    page.goto("/admin/messages/")
    check_page(page)
    shoot(page, f"messages-list-{width}")
    follow(page, "Look at a message before it is sent")
    check_page(page)
    page.get_by_label("Kind of message").select_option("Booking changed")
    page.get_by_label("Who would get it").fill("amina")
    press(page, "Search")
    check_page(page)
    follow(page, "Amina Yusuf")
    frame = page.frame_locator("iframe")
    assert "A morning at the hub" in frame.locator("body").inner_text()
    check_page(page)
    shoot(page, f"messages-preview-{width}")
    press(page, "Send a test to myself")
    assert "The test is on its way to you" in page.inner_text("body")
    (test,) = mailbox.deliver()
    assert test.subject.startswith("[Test] ")

    comes_back(app, outbox("booking_confirmed")[0], "amina@council.example")
    page.goto("/admin/messages/bounces")
    check_page(page)
    shoot(page, f"messages-bounces-{width}")
    follow(page, "Amina Yusuf")
    assert "Mail to this address comes back." in page.inner_text("body")
    check_page(page)
    follow(page, "All messages to this person")
    check_page(page)
    follow(page, "Booking confirmed")
    check_page(page)
    shoot(page, f"messages-looked-at-{width}")
    page.goto("/admin/messages/bounces")
    arrive(page.get_by_role("button", name="Send there again"))
    assert "Mail goes to amina@council.example again." in page.inner_text("body")
