"""Webinars in a real browser: registering by e-mail and joining, narrow, without JavaScript, and from another zone."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page
from werkzeug.serving import BaseWSGIServer

from cop.core.access import Role
from cop.models.events import Event
from cop.models.webinars import LinkKind
from tests.browser.conftest import Visitor
from tests.support.clock import START, FixedClock
from tests.support.mailbox import Mailbox
from tests.support.make import Make, Working
from tests.support.pages import button, follow, heading, leave, press
from tests.support.webinars import ADDRESS, Webinars

Check = Callable[[Page], None]

TITLE = "Health beyond hospitals"


@pytest.fixture
def webinars(make: Make, work: Working) -> Webinars:
    return Webinars(make, work)


@pytest.fixture
def webinar(webinars: Webinars, make: Make) -> Event:
    """One of two in a series, with a speaker in Ontario."""
    series = make.series()
    made = webinars.webinar(
        TITLE, series_id=series.id, step_free="Live captions.", needs_until=START + timedelta(days=2), capacity=15
    )
    webinars.webinar("What a street can do", begins=START + timedelta(days=20), series_id=series.id)
    webinars.speaker(made, "Maren Oakfield", role_title="Manager", timezone="America/Toronto")
    return made


@pytest.mark.parametrize(("width", "javascript"), [(1280, True), (320, True), (320, False)])
def test_a_newcomer_registers_by_mail_joins_and_watches_the_recording(
    width: int,
    javascript: bool,  # noqa: FBT001
    visitor: Visitor,
    check_page: Check,
    webinars: Webinars,
    webinar: Event,
    mailbox: Mailbox,
    clock: FixedClock,
) -> None:
    page = visitor(width, javascript=javascript)

    def arrived_at(title: str) -> None:
        assert heading(page) == title
        check_page(page)

    page.goto("/series/speaker-series")
    arrived_at("Speaker series")
    follow(page, TITLE)
    arrived_at(TITLE)
    page.get_by_label("Show the time in").select_option("America/Toronto")
    press(page, "Show")
    arrived_at(TITLE)
    assert page.get_by_text("For you: Monday 9 March, 8:30am to 9:30am in Toronto").is_visible()
    press(page, "Register")
    arrived_at(f"Register for {TITLE}")
    press(page, "Register")
    arrived_at(f"Register for {TITLE}")  # with the errors
    page.get_by_label("E-mail address").fill("noor@guelph.example")
    page.get_by_label("Full name").fill("Noor Adeyemi 🙂 نور")
    page.get_by_label("Access needs").fill("Captions")
    page.get_by_label("What a street can do").check()
    press(page, "Register")
    arrived_at("Check your e-mail")
    (mail,) = mailbox.deliver()
    page.goto(mail.link("/confirm/"))
    arrived_at("Confirm that you are coming")
    press(page, "Yes, register me")
    arrived_at("You are registered")
    assert page.get_by_text("Registered", exact=True).count() == 2
    join = next(mail for mail in mailbox.deliver() if TITLE in mail.subject).link("/webinars/")
    page.goto(join)
    arrived_at(f"Join {TITLE}")
    assert page.get_by_text("You can join from 9 March 2026 at 11:30am").is_visible()

    clock.set(webinar.parts[0].starts_at)
    page.goto(join)
    arrived_at(f"Join {TITLE}")
    asked = leave(button(page, "Join now"))
    assert asked.url == ADDRESS, "the policy of the page lets the browser leave for the meeting"
    assert "referer" not in asked.all_headers(), "and nothing tells the meeting the address of the page"

    clock.set(webinar.parts[0].ends_at)
    webinars.link(webinar, "The whole hour")
    webinars.link(webinar, "Slides", kind=LinkKind.RESOURCE)
    page.goto(f"/webinars/{webinar.slug}")
    arrived_at(TITLE)
    assert page.get_by_role("main").get_by_role("link", name="The whole hour").is_visible()
    page.goto(join)
    arrived_at(f"Join {TITLE}")
    page.goto("/webinars/?show=past")
    arrived_at("Webinars that were")


@pytest.fixture
def in_toronto(browser: Browser, server: BaseWSGIServer) -> Iterator[Page]:
    context = browser.new_context(
        base_url=f"http://127.0.0.1:{server.port}", timezone_id="America/Toronto", locale="en-CA"
    )
    yield context.new_page()
    context.close()


def test_a_browser_elsewhere_tells_its_own_time_beside_that_of_the_programme(
    in_toronto: Page, visitor: Visitor, webinar: Event
) -> None:
    in_toronto.goto(f"/webinars/{webinar.slug}")
    assert in_toronto.get_by_text("Where you are: Monday 9 March at 8:30 am").is_visible()
    at_home = visitor()
    at_home.goto(f"/webinars/{webinar.slug}")
    assert at_home.get_by_text("Where you are").count() == 0


@pytest.mark.parametrize("width", [1280, 320])
def test_staff_prepare_a_webinar(
    width: int, visitor: Visitor, check_page: Check, make: Make, webinar: Event, webinars: Webinars
) -> None:
    editor = make.account("Edi Editor")
    make.grant(editor, Role.FACILITATOR, programme=make.programme())
    webinars.register(make.account("Ann"), webinar, needs="Captions")
    webinars.speaker(webinar, "Orla Byrne")
    webinars.link(webinar)
    page = visitor(width, person=editor)

    def back_at(title: str) -> None:
        assert title in heading(page)
        check_page(page)

    page.goto("/admin/webinars/new")
    check_page(page)
    page.goto(f"/admin/webinars/{webinar.slug}")
    back_at(TITLE)
    follow(page, "Time and joining")
    check_page(page)
    page.get_by_label("Ends at").fill("midday")
    press(page, "Save")
    back_at("Time and joining")  # with the error
    page.get_by_label("Ends at").fill("2pm")
    press(page, "Save")
    back_at("Move the webinar?")
    press(page, "Yes, move it and tell them")
    back_at(TITLE)
    follow(page, "Speakers")
    check_page(page)
    press(page, "Move up Orla Byrne")
    back_at("Speakers")
    follow(page, "Change Orla Byrne")
    check_page(page)
    page.get_by_label("Role").fill("Resident")
    press(page, "Save")
    follow(page, "Remove Orla Byrne")
    check_page(page)
    press(page, "Yes, remove it")
    back_at("Speakers")
    for name, path in (("Access", "access"), ("Access needs", "needs"), ("Recording and resources", "links")):
        page.goto(f"/admin/webinars/{webinar.slug}")
        follow(page, name)
        assert page.url.endswith(path)
        check_page(page)
    follow(page, "Change Watch it")
    check_page(page)
