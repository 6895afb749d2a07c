"""The pages on which staff decide answers from calendars."""

import pytest
from flask import Flask

from cop.core.access import Role
from cop.models.events import Booking, BookingState, Event
from cop.services.events import booking as bookings
from tests.support.browse import Browse
from tests.support.make import Make, Reads, Working
from tests.support.queries import count_queries
from tests.support.replies import Calendars


@pytest.fixture
def calendars(app: Flask) -> Calendars:
    return Calendars(app)


@pytest.fixture
def visit(make: Make) -> Event:
    return make.visit("A morning at the hub", slots=2)


@pytest.fixture
def booking(make: Make, visit: Event) -> Booking:
    return make.booking(make.account("Amina Yusuf", "amina@council.example"), visit)


@pytest.fixture
def host(browse: Browse, make: Make, visit: Event) -> Browse:
    person = make.account("Host")
    make.grant(person, Role.HOST, event=visit)
    return browse.sign_in(person)


def state_of(reading: Reads, booking: Booking) -> BookingState:
    with reading() as read:
        return read.session.get_one(Booking, booking.id).state


def test_what_waits_stands_on_the_page_of_staff(host: Browse, calendars: Calendars, booking: Booking) -> None:
    assert "from a calendar" not in host.get("/admin/").text
    calendars.answer(booking, sender="office@council.example")
    page = host.get("/admin/")
    assert "1 answer from a calendar to decide" in " ".join(page.text.split())
    page = page.click("Decide")
    assert "Amina Yusuf" in page.text
    assert "It came from office@council.example and speaks for amina@council.example." in page.text


def test_a_no_is_carried_out(host: Browse, calendars: Calendars, booking: Booking, reading: Reads) -> None:
    calendars.answer(booking, sender="office@council.example")
    page = host.get("/admin/replies/").click("Amina Yusuf")
    assert "amina@council.example" in page.text
    page = page.submit(decision="confirm")
    assert "Done. Amina Yusuf is told." in page.text
    assert "Nothing waits for you." in page.text
    assert state_of(reading, booking) is BookingState.CANCELLED
    page = page.click("See what was carried out")
    assert "Carried out by staff" in page.text
    assert "The booking is cancelled." in page.click("Amina Yusuf").text


def test_or_left_as_it_is(host: Browse, calendars: Calendars, booking: Booking, reading: Reads) -> None:
    calendars.answer(booking, sender="office@council.example")
    page = host.get("/admin/replies/").click("Amina Yusuf").submit(decision="set aside")
    assert "It is off the list." in page.text
    assert state_of(reading, booking) is BookingState.LIVE
    page = host.get("/admin/replies/?show=past")
    assert "Left as it was by staff" in page.text
    assert "The booking stands." in page.click("Amina Yusuf").text


def test_a_proposal_is_ticked_off(host: Browse, calendars: Calendars, booking: Booking) -> None:
    calendars.answer(booking, "TENTATIVE", method="COUNTER")
    page = host.get("/admin/replies/").click("Amina Yusuf")
    assert "They propose another time:" in page.text
    assert "It is off the list." in page.submit().text


def test_a_choice_is_needed(host: Browse, calendars: Calendars, booking: Booking, reading: Reads) -> None:
    calendars.answer(booking, sender="office@council.example")
    page = host.get("/admin/replies/").click("Amina Yusuf").submit()
    assert page.status == 422
    assert "Choose what shall happen" in page.text
    assert state_of(reading, booking) is BookingState.LIVE


def test_what_changed_meanwhile_is_shown_before_it_counts(
    host: Browse, calendars: Calendars, booking: Booking, visit: Event, work: Working, reading: Reads
) -> None:
    calendars.answer(booking, sender="office@council.example")
    page = host.get("/admin/replies/").click("Amina Yusuf")
    with work() as unit:
        bookings.change(unit, public_id=booking.public_id, part_ids=[visit.parts[1].id], party=bookings.Party(1))
    page = page.submit(decision="confirm")
    assert page.status == 422
    assert "This booking has been changed meanwhile." in page.text
    assert state_of(reading, booking) is BookingState.LIVE
    page.submit(decision="confirm")
    assert state_of(reading, booking) is BookingState.CANCELLED


def test_staff_of_other_events_find_nothing(browse: Browse, calendars: Calendars, booking: Booking, make: Make) -> None:
    calendars.answer(booking, sender="office@council.example")
    other = make.account()
    make.grant(other, Role.HOST, event=make.visit())
    browse.sign_in(other)
    assert "Nothing waits for you." in browse.get("/admin/replies/").text
    assert browse.get("/admin/replies/1").status == 404


def test_the_list_takes_as_many_statements_for_three_as_for_one(
    host: Browse, calendars: Calendars, make: Make, visit: Event
) -> None:
    def statements() -> int:
        calendars.answer(make.booking(make.account(), visit), method="COUNTER")
        with count_queries() as counted:
            host.get("/admin/replies/")
        return len(counted)

    assert statements() == statements() == statements()
