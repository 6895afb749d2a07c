"""Waiting for a place in a real browser: joining, one's place in the line, the offer, and what staff see of it all."""

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page

from cop.models.accounts import Person
from cop.models.events import Booking, Event
from cop.models.waiting import WaitingState
from cop.services.events import booking
from tests.browser.conftest import Visitor
from tests.support.keyboard import Keyboard
from tests.support.mailbox import Mailbox
from tests.support.make import Make, Working
from tests.support.pages import follow, heading, press
from tests.support.waiting import Line

Check = Callable[[Page], None]
Shoot = Callable[[Page, str], None]
Link = Callable[[Person], str]

TITLE = "A morning at the Healthy Hub"
VISIT = "/visits/healthy-hub"
JOIN = "Join the waiting list for times that are full"
MORNING = "Monday 9 March 2026, 10am to 11am"


class Machine:
    """A machine of one width, with or without JavaScript, at which anybody may sit down; every page is checked."""

    def __init__(self, width: int, *, javascript: bool, visitor: Visitor, check_page: Check, shoot: Shoot) -> None:
        self.width, self.javascript = width, javascript
        self._visitor, self._check_page, self._shoot = visitor, check_page, shoot

    def sit_down(self, person: Person | None = None) -> Page:
        return self._visitor(self.width, javascript=self.javascript, person=person)

    def arrived_at(self, page: Page, title: str, name: str) -> None:
        assert heading(page) == title
        self._check_page(page)
        if self.javascript:
            self._shoot(page, f"waiting-{name}")


@pytest.fixture(params=[(1280, True), (320, True), (320, False)], ids=["wide", "narrow", "without JavaScript"])
def machine(request: pytest.FixtureRequest, visitor: Visitor, check_page: Check, shoot: Shoot) -> Machine:
    width, javascript = request.param
    return Machine(width, javascript=javascript, visitor=visitor, check_page=check_page, shoot=shoot)


@pytest.fixture
def holder(make: Make) -> Person:
    return make.account("Hanna Holder", "hanna@people.example")


@pytest.fixture
def noor(make: Make) -> Person:
    return make.account("Noor Adeyemi", "noor@people.example")


@pytest.fixture
def ben(make: Make) -> Person:
    return make.account("Ben Okri", "ben@people.example")


@pytest.fixture
def visit(make: Make) -> Event:
    """Two slots with two places each."""
    return make.visit(TITLE, slug="healthy-hub", capacity=2)


@pytest.fixture
def held(make: Make, visit: Event, holder: Person) -> Booking:
    """All of the first slot."""
    return make.booking(holder, visit, party_size=2)


@pytest.fixture
def line(app: Flask, make: Make, visit: Event, held: Booking) -> Line:
    return Line(app, make, visit)


@pytest.fixture
def give_back(make: Make, work: Working, held: Booking, holder: Person) -> Callable[[], None]:
    def cancel() -> None:
        with work(make.actor(holder)) as unit:
            booking.cancel(unit, public_id=held.public_id)

    return cancel


@pytest.fixture
def offer_to(mailbox: Mailbox) -> Link:
    """The way from the newest letter with an offer to this person."""

    def newest(person: Person) -> str:
        mailbox.deliver()
        letters = [mail for mail in mailbox.messages if f"<{person.email}>" in mail["To"] and "/offers/" in mail.text]
        return letters[-1].link("/offers/")

    return newest


def words(page: Page) -> str:
    return " ".join(page.get_by_role("main").inner_text().split())


def test_a_full_time_leads_to_the_line_and_a_place_given_back_to_a_booking(
    machine: Machine,
    line: Line,
    held: Booking,
    holder: Person,
    noor: Person,
    ben: Person,
    offer_to: Link,
) -> None:
    page = machine.sit_down(noor)
    page.goto(VISIT)
    machine.arrived_at(page, TITLE, "visit")
    follow(page, JOIN)
    machine.arrived_at(page, f"Join the waiting list {TITLE}", "join")
    press(page, "Join the waiting list")
    machine.arrived_at(page, f"Join the waiting list {TITLE}", "join-error")
    assert "Choose one or more of the times in the list" in words(page)
    page.get_by_label(MORNING).check()
    page.get_by_label("How many people would come").fill("2")
    press(page, "Join the waiting list")
    machine.arrived_at(page, f"You are on the waiting list {TITLE}", "entry")
    assert f"1 {MORNING} You are next" in words(page)
    line.join(ben, size=2)

    other = machine.sit_down(holder)
    other.goto(f"/bookings/{held.public_id}")
    press(other, "Cancel the booking")
    press(other, "Yes, cancel it")
    assert heading(other) == "This booking is cancelled"

    page.goto("/account")
    machine.arrived_at(page, "Hello, Noor Adeyemi", "account")
    assert "Accept or decline" in words(page)
    page.goto(VISIT)
    press(page, "See the offer")
    machine.arrived_at(page, f"Places are held for you {TITLE}", "entry-offered")

    page = machine.sit_down()  # signed out, by the mail
    link = offer_to(noor)
    for _ in range(2):
        page.goto(link)
        machine.arrived_at(page, f"A place for you {TITLE}", "offer")
    assert "we hold 2 places for you until Tuesday 3 March 2026, 9am" in words(page)
    assert line.states() == [("Noor Adeyemi", WaitingState.OFFERED), ("Ben Okri", WaitingState.WAITING)]
    press(page, "Accept the 2 places")
    machine.arrived_at(page, "You are booked", "booked")
    assert MORNING in words(page)
    assert line.states() == [("Noor Adeyemi", WaitingState.BOOKED), ("Ben Okri", WaitingState.WAITING)]


def test_what_one_declines_is_offered_to_the_next_and_whoever_leaves_is_out_of_it(
    machine: Machine,
    make: Make,
    line: Line,
    give_back: Callable[[], None],
    noor: Person,
    ben: Person,
    offer_to: Link,
) -> None:
    line.join(noor, size=2)
    cleo = make.account("Cleo", "cleo@people.example")
    second = line.join(cleo, size=3, split_ok=True)
    line.join(ben, size=2)
    give_back()
    page = machine.sit_down()
    page.goto(offer_to(noor))
    follow(page, "I cannot take it")
    machine.arrived_at(page, f"Do you want to decline this place? {TITLE}", "decline")
    press(page, "Yes, decline it")
    machine.arrived_at(page, f"You declined this place {TITLE}", "declined")
    assert [name for name, state in line.states() if state is WaitingState.OFFERED] == ["Cleo"]

    page = machine.sit_down(cleo)
    page.goto(f"/waiting/{second.public_id}")
    machine.arrived_at(page, f"Places are held for you {TITLE}", "entry-split")
    follow(page, "Leave the waiting list")
    machine.arrived_at(page, f"Do you want to leave the waiting list? {TITLE}", "leave")
    assert "The places that are held go to whoever is next." in words(page)
    press(page, "Yes, leave it")
    machine.arrived_at(page, f"You have left the waiting list {TITLE}", "left")

    page = machine.sit_down()
    page.goto(offer_to(ben))
    assert heading(page) == f"A place for you {TITLE}"


def test_staff_see_why_no_offer_went_out_and_change_the_rules(
    machine: Machine,
    app: Flask,
    make: Make,
    work: Working,
    holder: Person,
    noor: Person,
    ben: Person,
) -> None:
    visit = make.visit(TITLE, slug="healthy-hub", capacity=3, slots=1)
    make.booking(make.account("Other"), visit, party_size=2)
    held = make.booking(holder, visit)
    line = Line(app, make, visit)
    line.join(noor, size=3)
    line.join(ben)
    with work(make.actor(holder)) as unit:
        booking.cancel(unit, public_id=held.public_id)
    page = machine.sit_down(make.admin())

    page.goto(VISIT)
    follow(page, "Waiting list")
    machine.arrived_at(page, f"Waiting list {TITLE}", "line")
    assert "No offer: 1 free, and the party is 3." in words(page)
    assert "No offer: what is free is kept for Noor Adeyemi, who came first." in words(page)
    follow(page, "Change the rules")
    machine.arrived_at(page, f"Sharing out places {TITLE}", "rules")
    assert page.get_by_label("In order", exact=True).is_checked()
    page.get_by_label("Whoever fits", exact=True).check()
    page.get_by_label("Working hours to answer an offer").fill("many")
    press(page, "Save")
    machine.arrived_at(page, f"Sharing out places {TITLE}", "rules-error")
    assert page.get_by_label("Whoever fits", exact=True).is_checked()
    page.get_by_label("Working hours to answer an offer").fill("5")
    press(page, "Save")
    assert "Whoever fits" in words(page)
    follow(page, "Waiting list")
    machine.arrived_at(page, f"Waiting list {TITLE}", "line-fit")
    assert "1 place, until 2 March 2026 at 2pm" in words(page)
    press(page, "Put somebody on the list")
    machine.arrived_at(page, f"Put somebody on the waiting list {TITLE}", "join-for")
    page.get_by_label("Full name").fill("Rose Hall")
    press(page, "Put on the waiting list")
    assert line.waiting() == ["Noor Adeyemi", "Rose Hall"]
    follow(page, "Take off Rose Hall")
    machine.arrived_at(page, f"Take Rose Hall off the waiting list? {TITLE}", "take-off")
    press(page, "Yes, take them off")
    assert line.waiting() == ["Noor Adeyemi"]


def test_the_journey_works_by_keyboard_alone(
    visitor: Visitor, make: Make, line: Line, give_back: Callable[[], None], noor: Person, offer_to: Link
) -> None:
    page = visitor(person=noor)
    keys = Keyboard(page)
    page.goto(VISIT)
    keys.follow(JOIN)
    keys.tick(MORNING)
    keys.write("How many people would come", "2")
    keys.press("Join the waiting list")
    assert heading(page) == f"You are on the waiting list {TITLE}"
    assert line.waiting() == ["Noor Adeyemi"]
    give_back()
    page.goto(offer_to(noor))
    keys.follow("I cannot take it")
    keys.follow("No, back to the offer")
    keys.press("Accept the 2 places")
    assert heading(page) == "You are booked"

    page = visitor(person=make.admin())
    keys = Keyboard(page)
    page.goto("/events/healthy-hub/waiting")
    keys.follow("Change the rules")
    keys.choose("Who gets a place that becomes free?", "Whoever fits")
    keys.follow("Save")
    assert "Whoever fits" in words(page)
