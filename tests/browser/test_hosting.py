"""The days around a visit in a real browser: at the door on a phone, planning without scripts, the roll on paper."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page

from cop.models.accounts import Person
from cop.models.events import Event
from cop.services.events import editing
from tests.browser.conftest import Visitor
from tests.services.events.test_editing import TEXTS
from tests.support.clock import FixedClock
from tests.support.make import Make, Working
from tests.support.pages import arrive, follow, heading, press
from tests.support.visiting import PACK, ask, day_off, host_of, walk_in

Check = Callable[[Page], None]

SLOTS = [datetime(2026, 3, day, hour, tzinfo=UTC) for day in (9, 10) for hour in (10, 14)]


@pytest.fixture
def visit(make: Make, work: Working) -> Event:
    visit = make.visit(slots=SLOTS, slug="healthy-hub")
    with work() as unit:
        editing.edit_practicalities(unit, event_id=visit.id, **TEXTS, **PACK)
    return make.event(visit.id)


@pytest.fixture
def host(make: Make, visit: Event) -> Person:
    return host_of(make, visit)


def main(page: Page) -> str:
    return " ".join(page.get_by_role("main").inner_text().split())


@pytest.mark.parametrize(("width", "javascript"), [(1280, True), (320, True), (320, False)])
def test_a_host_writes_down_who_walks_in(
    width: int,
    javascript: bool,  # noqa: FBT001
    visitor: Visitor,
    check_page: Check,
    make: Make,
    visit: Event,
    host: Person,
    clock: FixedClock,
) -> None:
    make.booking(make.person("Amina Yusuf", "amina@council.example", needs="A ramp, please"), visit, party_size=2)
    clock.set(SLOTS[0])
    page = visitor(width, javascript=javascript, person=host)
    page.goto(f"/events/{visit.slug}/check-in")
    check_page(page)
    arrive(page.get_by_role("button", name="Add somebody without a booking"))
    assert heading(page).startswith("Somebody came without a booking")
    check_page(page)
    page.get_by_label("Full name").fill("Mina")
    page.get_by_label("E-mail address").fill("amina@council.example")
    press(page, "They are here")
    assert "Mina has a booking here" in main(page)
    check_page(page)
    page.get_by_label("Full name").fill("Nell Neighbour")
    page.get_by_label("E-mail address").fill("")
    page.get_by_label("How many people").fill("2")
    press(page, "They are here")
    assert "Nell Neighbour is written down as here." in page.locator("body").inner_text()
    assert "2 people came without a booking" in main(page)
    check_page(page)
    arrive(page.get_by_role("link", name=re.compile(r"^Take back\W+Nell Neighbour$")))
    check_page(page)
    press(page, "Yes, take it back")
    assert "Nell Neighbour" not in main(page)


def test_the_list_leads_to_notes_and_roll_and_pack(
    visitor: Visitor, check_page: Check, make: Make, work: Working, visit: Event, host: Person, clock: FixedClock
) -> None:
    make.booking(make.person("Amina Yusuf", needs="A ramp, please"), visit, party_size=2)
    clock.set(SLOTS[0])
    walk_in(work, visit, party_size=2)
    page = visitor(320, person=host)
    page.goto(f"/events/{visit.slug}/bookings")
    check_page(page)
    follow(page, "Write notes")
    check_page(page)
    page.get_by_label("Notes for those who run it").fill("The key is at the desk.")
    press(page, "Save the notes")
    assert "The key is at the desk." in main(page)
    check_page(page)
    follow(page, "Visit pack, to read or print")
    check_page(page)
    page.go_back()
    arrive(page.get_by_role("button", name="Emergency roll"))
    check_page(page)
    assert "A ramp, please" in main(page)


def test_on_paper_the_roll_is_a_table_with_boxes_and_nothing_to_press(
    visitor: Visitor, make: Make, visit: Event, host: Person
) -> None:
    make.booking(make.person("Amina Yusuf"), visit)
    page = visitor(person=host)
    page.goto(f"/events/{visit.slug}/roll")
    parts = [".cop-header", "main form", "main .govuk-button", ".cop-roll table", ".cop-box", ".cop-blank", "h1"]
    assert [page.locator(part).first.is_visible() for part in parts] == [True] * 7
    page.emulate_media(media="print")
    assert [page.locator(part).first.is_visible() for part in parts] == [False] * 3 + [True] * 4


@pytest.mark.parametrize(("width", "javascript"), [(1280, True), (320, False)])
def test_an_editor_prepares_a_visit(
    width: int,
    javascript: bool,  # noqa: FBT001
    visitor: Visitor,
    check_page: Check,
    make: Make,
    visit: Event,
    host: Person,
) -> None:
    make.booking(make.person(), visit, party_size=2)
    page = visitor(width, javascript=javascript, person=make.admin())
    page.goto("/admin/events/healthy-hub")
    check_page(page)
    follow(page, "Rota")
    check_page(page)
    page.get_by_label("Who could receive the visitors?").select_option(label="Hana Host")
    press(page, "Ask them")
    assert "Choose at least one slot" in main(page)
    check_page(page)
    page.get_by_label("Monday 9 March 2026, 10am to 11am").check()
    press(page, "Ask them")
    assert "Hana Host: asked, no answer yet" in main(page)
    check_page(page)
    page.goto("/admin/events/healthy-hub/blackouts")
    for part, value in (("Day", "11"), ("Month", "3"), ("Year", "2026")):
        page.get_by_role("group", name="First day").get_by_label(part).fill(value)
    page.get_by_label("Reason").fill("The floor is renewed")
    press(page, "Add them")
    assert "Wednesday 11 March 2026" in main(page)
    check_page(page)
    page.goto("/admin/events/healthy-hub/slots")
    check_page(page)
    arrive(page.get_by_role("link", name="Change Visit at 10:00").first)
    page.get_by_label("Day").fill("11")
    press(page, "Save")
    assert "The floor is renewed" in main(page)
    check_page(page)
    page.get_by_label("Day").fill("12")
    press(page, "Save")
    assert heading(page).endswith("Move this slot?")
    check_page(page)
    press(page, "Yes, move it and tell them")
    assert "The slot is moved, and people are told." in page.locator("body").inner_text()


def test_somebody_asked_answers_on_a_phone(
    visitor: Visitor, check_page: Check, work: Working, visit: Event, host: Person
) -> None:
    ask(work, visit, host, visit.parts[0])
    page = visitor(320, person=host)
    page.goto("/admin/")
    check_page(page)
    arrive(page.get_by_role("link", name="Say yes or no"))
    check_page(page)
    arrive(page.get_by_role("button", name="Yes, I receive them"))
    assert "You said yes" in main(page)
    check_page(page)


def test_whoever_booked_reads_the_pack(visitor: Visitor, check_page: Check, make: Make, visit: Event) -> None:
    amina = make.account("Amina")
    held = make.booking(amina, visit)
    page = visitor(320, person=amina)
    page.goto(f"/bookings/{held.public_id}")
    follow(page, "Visit pack, to read or print")
    assert PACK["safety"] in main(page)
    check_page(page)


def test_what_is_cancelled_leads_to_what_there_is_instead(
    visitor: Visitor, check_page: Check, make: Make, work: Working, visit: Event
) -> None:
    other = make.visit("Another date", slots=[SLOTS[0] + timedelta(days=20)])
    day_off(work, visit, SLOTS[0].date())
    page = visitor(320, person=make.admin())
    page.goto("/admin/events/healthy-hub/cancel")
    check_page(page)
    page.get_by_label("Reason").fill("Flood")
    page.get_by_label("Is there another date, or something online instead?").select_option(value=str(other.id))
    press(page, "See who is told")
    check_page(page)
    press(page, "Yes, cancel it")
    page.goto("/visits/healthy-hub")
    check_page(page)
    follow(page, "See “Another date”")
    assert heading(page) == "Another date"
