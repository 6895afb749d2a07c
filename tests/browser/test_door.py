"""The door in a real browser: searching, going on without a connection, and checking oneself in."""

import re
from collections.abc import Callable, Sequence

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from cop.core.access import Role
from cop.models.accounts import Person
from cop.models.events import Booking, Event, Mark, MarkSource
from tests.browser.conftest import PATIENCE_MILLISECONDS, Visitor
from tests.support.clock import FixedClock
from tests.support.doors import open_code
from tests.support.make import Make, Reads, Working
from tests.support.pages import arrive, arriving, button, click_in_place, follow, heading, press

Check = Callable[[Page], None]


@pytest.fixture
def visit(make: Make) -> Event:
    return make.visit(slots=1, slug="healthy-hub")


@pytest.fixture
def amina(make: Make) -> Person:
    return make.account("Amina Yusuf", "amina@council.example")


@pytest.fixture
def booked(make: Make, visit: Event, amina: Person) -> Booking:
    make.booking(make.person("Zora Zane"), visit)
    return make.booking(amina, visit, party_size=2, names=["Ben Okri"])


@pytest.fixture
def host(make: Make, visit: Event, booked: Booking, clock: FixedClock) -> Person:
    person = make.account("Hana Host")
    make.grant(person, Role.HOST, event=visit)
    clock.set(visit.parts[0].starts_at)
    return person


def here(reading: Reads) -> Sequence[MarkSource]:
    with reading() as read:
        return read.session.scalars(select(Mark.source).where(Mark.superseded_at.is_(None)).order_by(Mark.id)).all()


def names(page: Page) -> list[str]:
    return page.locator(".cop-roster strong").all_inner_texts()


def door_button(page: Page, name: str) -> None:
    click_in_place(page.get_by_role("button", name=re.compile(name)))


def test_a_telephone_goes_on_without_a_connection_and_loses_nothing(
    visitor: Visitor, check_page: Check, visit: Event, host: Person, reading: Reads
) -> None:
    page = visitor(320, person=host)
    page.goto(f"/events/{visit.slug}/check-in")
    follow(page, "Without a connection")
    expect(page.get_by_text("This phone is ready")).to_be_visible(timeout=PATIENCE_MILLISECONDS)
    expect(page.get_by_role("status").filter(has_text="Everything is sent.")).to_be_visible(
        timeout=PATIENCE_MILLISECONDS
    )
    expect(page.get_by_text("0 of 3 here")).to_be_visible(timeout=PATIENCE_MILLISECONDS)
    check_page(page)
    page.context.set_offline(True)
    door_button(page, r"Check in\W+Ben Okri")
    expect(page.get_by_role("status").filter(has_text="1 press waits to be sent.")).to_be_visible(
        timeout=PATIENCE_MILLISECONDS
    )
    with arriving(page):  # even the list at the door is there, as the one that the telephone keeps
        page.goto(f"/events/{visit.slug}/check-in")
    assert heading(page).startswith("Check in without a connection")
    expect(page.get_by_text("1 of 3 here")).to_be_visible(timeout=PATIENCE_MILLISECONDS)
    page.get_by_label("Name or organisation").fill("zo")
    assert names(page) == ["Zora Zane"]
    door_button(page, r"Check in\W+Zora Zane")
    door_button(page, r"Undo\W+Zora Zane")
    expect(page.get_by_role("status").filter(has_text="3 presses wait to be sent.")).to_be_visible(
        timeout=PATIENCE_MILLISECONDS
    )
    assert here(reading) == []
    page.context.set_offline(False)
    expect(page.get_by_role("status").filter(has_text="Everything is sent.")).to_be_visible(
        timeout=PATIENCE_MILLISECONDS
    )
    assert here(reading) == [MarkSource.CHECK_IN]
    page.get_by_label("Name or organisation").fill("ben")
    expect(page.get_by_role("button", name=re.compile(r"Undo\W+Ben Okri"))).to_be_visible(timeout=PATIENCE_MILLISECONDS)


def test_whoever_signs_out_leaves_no_names_on_the_telephone(
    visitor: Visitor, visit: Event, host: Person, check_page: Check
) -> None:
    page = visitor(person=host)
    page.goto(f"/events/{visit.slug}/check-in/offline")
    expect(page.get_by_text("This phone is ready")).to_be_visible(timeout=PATIENCE_MILLISECONDS)
    check_page(page)
    kept = """async () => {
        const { listOf } = await import("/static/door_store.js");
        return [(await listOf("healthy-hub"))?.parts[0].guests.length ?? 0, (await caches.keys()).length];
    }"""
    assert page.evaluate(kept) == [3, 1]
    page.goto("/sign-out")
    press(page, "Sign out")
    assert page.evaluate(kept) == [0, 0]


def test_a_list_of_yesterday_is_removed(visitor: Visitor, visit: Event, host: Person) -> None:
    page = visitor(person=host)
    page.goto(f"/events/{visit.slug}/check-in/offline")
    expect(page.get_by_text("This phone is ready")).to_be_visible(timeout=PATIENCE_MILLISECONDS)
    left = page.evaluate("""async () => {
        const { listOf, keepList, forgetOldLists } = await import("/static/door_store.js");
        const list = await listOf("healthy-hub");
        await keepList({ ...list, until: Date.now() - 1 });
        await keepList({ ...list, door: "another", until: Date.now() + 60000 });
        await forgetOldLists();
        return [await listOf("healthy-hub"), await listOf("another")].map(Boolean);
    }""")
    assert left == [False, True]


def test_the_list_at_the_door_says_when_there_is_no_connection(visitor: Visitor, visit: Event, host: Person) -> None:
    page = visitor(320, person=host)
    page.goto(f"/events/{visit.slug}/check-in")
    page.context.set_offline(True)
    door_button(page, "Check in.*Ben Okri")
    expect(page.get_by_text("There is no connection, so nothing was saved.")).to_be_visible(
        timeout=PATIENCE_MILLISECONDS
    )
    page.context.set_offline(False)
    door_button(page, "Check in.*Ben Okri")
    expect(page.get_by_text("There is no connection")).to_be_hidden(timeout=PATIENCE_MILLISECONDS)
    expect(page.get_by_text("1 of 3 here")).to_be_visible(timeout=PATIENCE_MILLISECONDS)


@pytest.mark.parametrize(("width", "javascript"), [(1280, True), (320, False)])
def test_a_host_opens_a_code_and_a_guest_checks_in_with_it(
    width: int,
    javascript: bool,  # noqa: FBT001
    visitor: Visitor,
    check_page: Check,
    shoot: Callable[[Page, str], None],
    visit: Event,
    host: Person,
    reading: Reads,
) -> None:
    page = visitor(width, javascript=javascript, person=host)
    page.goto(f"/events/{visit.slug}/check-in")
    follow(page, "Let people check themselves in")
    check_page(page)
    press(page, "Open a code")
    assert heading(page).startswith("Check yourself in")
    check_page(page)
    shoot(page, "slide")
    code = page.locator(".cop-slide__word").inner_text()
    guest = visitor(width, javascript=javascript)
    guest.goto("/check-in/")
    check_page(guest)
    guest.get_by_label("The code on the slide").fill(code)
    press(guest, "Continue")
    check_page(guest)
    guest.get_by_label("E-mail address").fill("amina@council.example")
    press(guest, "I am here")
    assert "If this address has a booking here" in guest.locator("body").inner_text()
    assert here(reading) == [MarkSource.SELF_CHECK_IN]
    page.reload()
    assert "1 of 3 here" in page.get_by_role("main").inner_text()


def test_whoever_is_signed_in_presses_once(
    visitor: Visitor, check_page: Check, make: Make, work: Working, visit: Event, host: Person, amina: Person
) -> None:
    door = open_code(make, work, visit, host)
    page = visitor(320, person=amina)
    page.goto(f"/check-in/{door.code}")
    check_page(page)
    press(page, "I am here")
    assert heading(page) == "You are here"
    check_page(page)


def test_the_code_of_a_booking_leads_a_host_to_the_party(
    visitor: Visitor,
    check_page: Check,
    shoot: Callable[[Page, str], None],
    booked: Booking,
    host: Person,
    amina: Person,
) -> None:
    page = visitor(320, person=amina)
    page.goto(f"/bookings/{booked.public_id}")
    expect(page.locator("svg.cop-qr")).to_be_visible(timeout=PATIENCE_MILLISECONDS)
    check_page(page)
    shoot(page, "booking")
    page.goto(f"/bookings/{booked.public_id}/door")
    assert heading(page) == "Show this at the door"
    check_page(page)
    page = visitor(320, person=host)
    page.goto(f"/bookings/{booked.public_id}/door")
    assert sorted(names(page)) == ["Amina Yusuf", "Ben Okri"]
    check_page(page)
    shoot(page, "party")
    arrive(page.get_by_role("link", name="Show everybody"))
    assert len(names(page)) == 3
    assert button(page, "Show").is_visible()
