"""Visiting the Healthy Hub in a real browser: narrow, wide, without JavaScript, by keyboard, in the dark, on paper."""

import csv
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Locator, Page

from cop.core.access import Role
from cop.models.accounts import Person, Sector
from cop.models.events import Event
from cop.models.organisations import Organisation
from tests.browser.conftest import Visitor
from tests.support.clock import FixedClock
from tests.support.keyboard import Keyboard
from tests.support.mailbox import Mail, Mailbox
from tests.support.make import Make
from tests.support.pages import arrive, click_in_place, follow, heading, link, press
from tests.test_cli import HEADER

Check = Callable[[Page], None]

TITLE = "A morning at the Healthy Hub"
SLOTS = [datetime(2026, 3, day, hour, tzinfo=UTC) for day in (9, 10) for hour in (10, 14)]
ADDRESS = "noor@stevenage.example"
NAME = "Noor Adeyemi-Fitzwilliam 🙂 نور"


@pytest.fixture
def visit(make: Make) -> Event:
    make.organisation("Stevenage Borough Council", slug="stevenage", region="East of England")
    return make.visit(TITLE, slots=SLOTS, party_max=6, slug="healthy-hub")


@pytest.fixture
def amina(make: Make, visit: Event) -> Person:
    """Somebody with a booking for two on the first morning."""
    person = make.account("Amina Yusuf", "amina@council.example", sector=Sector.COUNCILLOR, needs="A ramp, please")
    make.booking(person, visit, party_size=2, names=["Ben Okafor"])
    return person


@pytest.fixture
def newest(mailbox: Mailbox) -> Callable[[], Mail]:
    def delivered() -> Mail:
        (mail,) = mailbox.deliver()
        return mail

    return delivered


def of(page: Page, button: str, name: str) -> Locator:
    """The button of that person on the host's list; its name says both, for whoever hears it alone."""
    return page.get_by_role("button", name=re.compile(f"^{button}\\W+{name}$"))


@pytest.mark.parametrize(("width", "javascript"), [(1280, True), (320, True), (320, False)])
def test_a_newcomer_books_moves_and_cancels(
    width: int,
    javascript: bool,  # noqa: FBT001
    visitor: Visitor,
    check_page: Check,
    visit: Event,
    newest: Callable[[], Mail],
) -> None:
    page = visitor(width, javascript=javascript)

    def arrived_at(title: str) -> None:
        assert heading(page) == title
        check_page(page)

    page.goto("/")
    check_page(page)
    arrive(page.get_by_role("link", name="Visits", exact=True))
    arrived_at("Visits")
    follow(page, TITLE)
    arrived_at(TITLE)
    press(page, "Book a visit")
    arrived_at("Sign in or join")
    press(page, "Send me a link")
    arrived_at("Sign in or join")  # with the error
    page.get_by_label("E-mail address").fill(ADDRESS)
    press(page, "Send me a link")
    arrived_at("Check your e-mail")

    page.goto(newest().link("/sign-in/"))
    arrived_at("Sign in")
    press(page, "Sign in now")
    arrived_at("About you")
    page.get_by_label("Full name").fill(NAME)
    page.get_by_label("Council officer").check()
    page.get_by_label("Access needs").fill("Step-free access")
    press(page, "Save")
    arrived_at("Your organisation")
    page.get_by_label("Search by name").fill("stevenage")
    press(page, "Search")
    check_page(page)
    page.get_by_label("Stevenage Borough Council").check()
    press(page, "Save")

    arrived_at("Choose a date")
    page.get_by_label("Tuesday 10 March 2026").check()
    press(page, "Continue")
    arrived_at(TITLE)
    press(page, "Book this visit")
    arrived_at(TITLE)  # with the error
    page.get_by_label("2pm to 3pm").check()
    page.get_by_label("How many people are coming").fill("3")
    page.get_by_label("Names of the others").fill("Sam Osei")
    press(page, "Book this visit")
    arrived_at("You are booked")
    assert "Tuesday 10 March 2026, 2pm to 3pm" in page.get_by_role("main").inner_text()
    invitation = newest()
    assert invitation["To"].endswith(f"<{ADDRESS}>")
    assert "METHOD:REQUEST" in (invitation.calendar or "")

    press(page, "Change time, party or names")
    arrived_at("Change your booking")
    page.get_by_label("Monday 9 March 2026, 10am to 11am").check()
    page.get_by_label("How many people are coming").fill("2")
    press(page, "Save the change")
    arrived_at("You are booked")
    assert "Monday 9 March 2026, 10am to 11am" in page.get_by_role("main").inner_text()
    assert "METHOD:REQUEST" in (newest().calendar or "")

    press(page, "Cancel the booking")
    arrived_at("Do you want to cancel this booking?")
    press(page, "Yes, cancel it")
    arrived_at("This booking is cancelled")
    assert "METHOD:CANCEL" in (newest().calendar or "")


def test_the_journey_works_by_keyboard_alone(visitor: Visitor, visit: Event, newest: Callable[[], Mail]) -> None:
    page = visitor()
    keys = Keyboard(page)
    page.goto("/visits/")
    keys.go_to(page.get_by_role("link", name="Skip to main content"))
    page.keyboard.press("Enter")
    keys.follow(TITLE)
    keys.follow("Book a visit")
    keys.write("E-mail address", ADDRESS)
    keys.enter()
    page.goto(newest().link("/sign-in/"))
    keys.follow("Sign in now")
    keys.write("Full name", NAME)
    keys.choose("How do you come to this programme?", "Councillor")
    keys.follow("Save")
    keys.write("Search by name", "stevenage")
    keys.follow("Search")
    keys.choose("Choose your organisation", "Stevenage Borough Council")
    keys.follow("Save")
    keys.choose("Choose a date", "Tuesday 10 March 2026")
    keys.follow("Continue")
    keys.choose("Choose a time", "2pm to 3pm, Tue 10 Mar")
    keys.write("How many people", "2")
    keys.follow("Book this visit")
    assert heading(page) == "You are booked"
    keys.follow("Change time, party or names")
    keys.choose("Choose a time", "Tuesday 10 March 2026, 10am to 11am", "ArrowUp")
    keys.follow("Save the change")
    assert "Tuesday 10 March 2026, 10am to 11am" in page.get_by_role("main").inner_text()
    keys.follow("Cancel the booking")
    keys.follow("Yes, cancel it")
    assert heading(page) == "This booking is cancelled"


def test_an_error_takes_the_focus_and_leads_to_its_field(visitor: Visitor, visit: Event, amina: Person) -> None:
    page = visitor(320, person=amina)
    page.goto("/account/profile")
    page.get_by_label("Full name").fill("")
    press(page, "Save")
    page.wait_for_function("document.activeElement.className.startsWith('govuk-error-summary')")
    click_in_place(page.get_by_role("alert").get_by_role("link"))
    assert page.evaluate("document.activeElement.name") == "name"
    assert page.title().startswith("Error: ")


def test_a_host_marks_who_came_on_a_phone(
    visitor: Visitor, check_page: Check, make: Make, visit: Event, amina: Person, clock: FixedClock
) -> None:
    host = make.account("Hana Host")
    make.grant(host, Role.HOST, event=visit)
    make.booking(make.account("Cleo"), visit)
    clock.set(SLOTS[0] + timedelta(minutes=5))
    page = visitor(320, person=host)
    page.goto(f"/visits/{visit.slug}")
    follow(page, "Who is coming")
    assert "A ramp, please" in page.get_by_role("main").inner_text()
    check_page(page)
    press(page, "Mark who came")
    assert page.get_by_role("status").inner_text() == "0 of 3 marked"
    check_page(page)
    arrive(of(page, "Came", "Amina Yusuf"))
    arrive(of(page, "Did not come", "Ben Okafor"))
    assert page.get_by_role("status").inner_text() == "2 of 3 marked"
    assert of(page, "Came", "Amina Yusuf").get_attribute("aria-pressed") == "true"
    assert page.get_by_role("button", pressed=True).count() == 2
    check_page(page)
    press(page, "Everyone without a mark came")
    assert page.get_by_role("status").inner_text() == "3 of 3 marked"
    check_page(page)
    arrive(of(page, "Undo", "Cleo"))
    assert page.get_by_role("status").inner_text() == "2 of 3 marked"


def test_an_admin_exports_the_attendance(
    visitor: Visitor, check_page: Check, make: Make, amina: Person, tmp_path: Path
) -> None:
    page = visitor(person=make.admin())
    page.goto("/admin/")
    follow(page, "Evaluation")
    check_page(page)
    out = tmp_path / "attendance.csv"
    with page.expect_download() as download:
        click_in_place(link(page, "Attendance, with names (CSV)"))
    assert download.value.suggested_filename == "attendance.csv"
    download.value.save_as(out)
    lines = out.read_text(encoding="utf-8").splitlines()
    assert lines[0] == HEADER
    assert [(row["name"], row["status"]) for row in csv.DictReader(lines)] == [
        ("Amina Yusuf", "booked"),
        ("Ben Okafor", "booked"),
    ]


PUBLIC = [
    "/",
    "/programmes/health-inequalities",
    "/visits/",
    "/visits/?show=past",
    "/visits/healthy-hub",
    "/series/speaker-series",
    "/members/",
    "/members/?q=nobody",
    "/organisations/stevenage",
    "/calendar",
    "/accessibility",
    "/privacy",
    "/cookies",
    "/contact",
    "/sign-in",
    "/no-such-page",
]
OWN = [
    "/account",
    "/account/profile",
    "/account/organisation?q=stevenage",
    "/account/organisation?q=nowhere",
    "/account/security",
    "/account/privacy",
    "/account/bookings",
    "/account/bookings?show=past",
    "/bookings/{booking}",
    "/bookings/{booking}/change",
    "/bookings/{booking}/cancel",
    "/calendar",
    "/calendar/renew",
    "/sign-out",
    "/visits/healthy-hub",
    "/visits/another-hub/book",
]
STAFF = [
    "/admin/",
    "/admin/events/",
    "/admin/events/new/visit",
    "/admin/events/healthy-hub",
    "/admin/events/healthy-hub/details",
    "/admin/events/healthy-hub/practicalities",
    "/admin/events/healthy-hub/rules",
    "/admin/events/healthy-hub/slots",
    "/admin/events/healthy-hub/slots/new",
    "/admin/events/healthy-hub/slots/1",
    "/admin/events/healthy-hub/cancel",
    "/admin/messages/",
    "/admin/organisations/",
    "/admin/organisations/new",
    "/admin/organisations/import",
    "/admin/organisations/stevenage",
    "/admin/people/",
    "/admin/people/new",
    "/admin/people/import",
    "/admin/people/{person}",
    "/admin/people/{person}/edit",
    "/admin/people/{person}/grants",
    "/admin/programmes/",
    "/admin/programmes/new",
    "/admin/programmes/health-inequalities/edit",
    "/evaluation/",
    "/events/healthy-hub/attendance",
    "/events/healthy-hub/bookings",
    "/events/healthy-hub/bookings/new",
]

Scheme = Literal["light", "dark"]
LOOKS: list[tuple[int, Scheme]] = [(320, "light"), (1280, "dark"), (1280, "light")]


def faults_of(page: Page, paths: Iterable[str], scheme: Scheme, check_page: Check) -> list[str]:
    found = []
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    for path in paths:
        answer = page.goto(path)
        expected = 404 if path == "/no-such-page" else 200
        if answer is None or answer.status != expected or answer.request.redirected_from is not None:
            found.append(f"{path}: {answer and answer.status} at {page.url}")
        try:
            check_page(page)
        except AssertionError as error:
            found.append(str(error))
    return found


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
class TestEveryPageIsSound:
    @pytest.fixture
    def everything(self, make: Make, visit: Event, amina: Person) -> dict[str, str]:
        """A record of each sort, with a long name, and what addresses call them."""
        make.series()
        make.visit("Unterstützungsgemeinschaftszentrum-Führungen am Vormittag", slug="another-hub")
        make.visit("A visit that was", slots=[datetime(2026, 1, 12, 10, tzinfo=UTC)])
        make.organisation("Royal Borough of Kingston-upon-Thames-and-Hammersmithshire Council")
        booking = make.booking(make.account(NAME), visit, slot=1, party_size=2)
        public_id = make.booking(make.account("Somebody"), visit, slot=2).public_id
        assert booking
        return {"person": amina.public_id, "booking": public_id}

    def test_signed_out(
        self, width: int, scheme: Scheme, visitor: Visitor, check_page: Check, everything: dict[str, str]
    ) -> None:
        assert not faults_of(visitor(width), PUBLIC, scheme, check_page)

    def test_of_ones_own(
        self, width: int, scheme: Scheme, visitor: Visitor, check_page: Check, everything: dict[str, str], make: Make
    ) -> None:
        person = make.account(NAME, ADDRESS)
        booking = make.booking(person, make.visit("Mine", slug="mine"), party_size=3, names=["Sam"]).public_id
        paths = [path.format(booking=booking) for path in OWN]
        assert not faults_of(visitor(width, person=person), paths, scheme, check_page)

    def test_of_staff(
        self, width: int, scheme: Scheme, visitor: Visitor, check_page: Check, everything: dict[str, str], make: Make
    ) -> None:
        paths = [path.format(**everything) for path in STAFF]
        assert not faults_of(visitor(width, person=make.admin()), paths, scheme, check_page)


def shown(page: Page, selectors: Sequence[str]) -> list[bool]:
    return [page.locator(selector).first.is_visible() for selector in selectors]


def test_on_paper_there_is_the_list_and_nothing_to_press(
    visitor: Visitor, make: Make, visit: Event, amina: Person
) -> None:
    page = visitor(person=make.admin())
    parts = [".cop-header", ".cop-footer", ".govuk-back-link", "main .govuk-button", ".cop-roster", "h1"]
    page.goto(f"/events/{visit.slug}/bookings")
    assert shown(page, parts) == [True] * 6
    page.emulate_media(media="print")
    assert shown(page, parts) == [False] * 4 + [True] * 2
    assert "A ramp, please" in page.get_by_role("main").inner_text()


def test_there_is_a_button_to_print_where_scripts_run(
    visitor: Visitor, make: Make, visit: Event, amina: Person
) -> None:
    admin = make.admin()
    for javascript in (True, False):
        page = visitor(person=admin, javascript=javascript)
        page.goto(f"/events/{visit.slug}/bookings")
        assert page.get_by_role("button", name="Print this list").is_visible() == javascript


def test_organisations_keep_their_long_names_within_a_phone(visitor: Visitor, check_page: Check, make: Make) -> None:
    long: Organisation = make.organisation("Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch", slug="long")
    page = visitor(320)
    for path in ("/members/", f"/organisations/{long.slug}"):
        page.goto(path)
        check_page(page)
