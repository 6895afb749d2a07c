"""Staff decide answers from calendars in a real browser."""

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page

from cop.core.access import Role
from cop.models.events import Booking, BookingState
from tests.browser.conftest import Visitor
from tests.support.make import Make, Reads
from tests.support.pages import follow, heading, press
from tests.support.replies import Calendars

Check = Callable[[Page], None]
Shoot = Callable[[Page, str], None]


@pytest.mark.parametrize(("width", "javascript"), [(1280, True), (320, False)])
def test_staff_decide_what_was_not_clear(
    app: Flask,
    make: Make,
    reading: Reads,
    visitor: Visitor,
    check_page: Check,
    shoot: Shoot,
    width: int,
    javascript: bool,  # noqa: FBT001
) -> None:
    visit = make.visit("A morning at the hub")
    amina, ben = make.account("Amina Yusuf", "amina@council.example"), make.account("Ben Okri", phone="01438 555 0101")
    held, moved = make.booking(amina, visit, party_size=3), make.booking(ben, visit)
    calendars, host = Calendars(app), make.account("Host")
    make.grant(host, Role.HOST, event=visit)
    calendars.answer(held, sender="office@council.example")
    calendars.answer(moved, "TENTATIVE", method="COUNTER")

    page = visitor(width=width, javascript=javascript, person=host)
    page.goto("/admin/")
    check_page(page)
    follow(page, "Decide")
    check_page(page)
    shoot(page, "replies-list")
    follow(page, "Amina Yusuf")
    assert heading(page) == "The answer of Amina Yusuf"
    check_page(page)
    shoot(page, "replies-one")
    press(page, "Do it")
    check_page(page)
    assert page.get_by_role("alert").is_visible()
    page.get_by_label("Cancel the booking, as they would have done on its page").check()
    press(page, "Do it")
    with reading() as read:
        assert read.session.get_one(Booking, held.id).state is BookingState.CANCELLED

    follow(page, "Ben Okri")
    check_page(page)
    shoot(page, "replies-proposal")
    press(page, "I have dealt with it")
    check_page(page)
    follow(page, "Carried out and set aside")
    check_page(page)
    shoot(page, "replies-past")
    follow(page, "Ben Okri")
    check_page(page)
