"""Doubles, councils that were taken over, and a new address, in a real browser."""

from collections.abc import Callable
from datetime import date

import pytest
from playwright.sync_api import Page

from cop.models.accounts import Person
from tests.browser.conftest import Visitor
from tests.support.mailbox import Mailbox
from tests.support.make import Make
from tests.support.pages import arrive, follow, heading, press

Check = Callable[[Page], None]
Shoot = Callable[[Page, str], None]


@pytest.fixture
def admin(make: Make) -> Person:
    return make.admin()


@pytest.mark.parametrize(("width", "javascript"), [(1280, True), (320, False)])
def test_an_admin_makes_one_of_two_and_two_again(
    width: int,
    javascript: bool,  # noqa: FBT001
    visitor: Visitor,
    check_page: Check,
    shoot: Shoot,
    make: Make,
    admin: Person,
) -> None:
    brent = make.organisation("Brent Council", slug="brent", domains=["brent.example"])
    make.organisation("London Borough of Brent", slug="lb-brent", domains=["brentlb.example"])
    kept = make.account("Amina Yusuf", "amina@brent.example", organisation=brent)
    gone = make.person("Amina Yusuf", "amina.yusuf@home.example", organisation=brent, timezone="Europe/Paris")
    visit = make.visit("A morning at the Healthy Hub")
    for person in (kept, gone):
        make.booking(person, visit)
    page = visitor(width, javascript=javascript, person=admin)

    def arrived_at(title: str) -> None:
        assert heading(page) == title
        check_page(page)

    page.goto("/admin/duplicates/")
    arrived_at("Possible doubles")
    shoot(page, "doubles")
    arrive(page.get_by_role("link", name="Look at both (Amina Yusuf, Amina Yusuf)"))
    arrived_at("Is this one person?")
    shoot(page, "one-person")
    page.get_by_role("group", name="Time zone").get_by_label("Europe/Paris").check()
    press(page, "Merge the two")
    arrived_at("Amina Yusuf")
    arrive(page.get_by_role("link", name="Undo (Amina Yusuf)"))
    arrived_at("Take the two records apart again?")
    press(page, "Take them apart")
    arrived_at("Amina Yusuf")
    page.goto("/admin/duplicates/")
    arrive(page.get_by_role("link", name="Look at both (Brent Council, London Borough of Brent)"))
    arrived_at("Is this one organisation?")
    shoot(page, "one-organisation")
    press(page, "Merge the two")
    arrived_at("Change Brent Council")
    page.goto("/organisations/lb-brent")
    arrived_at("Brent Council")
    page.goto("/admin/merges/")
    arrived_at("What has been merged")


@pytest.mark.parametrize("width", [1280, 320])
def test_an_admin_records_who_takes_over(
    width: int, visitor: Visitor, check_page: Check, shoot: Shoot, make: Make, admin: Person
) -> None:
    make.person("Amina", organisation=make.organisation("Harrogate Council", slug="harrogate"))
    make.organisation("North Yorkshire Council")
    page = visitor(width, person=admin)
    page.goto("/admin/organisations/harrogate")
    check_page(page)
    follow(page, "Others take over from it")
    check_page(page)
    page.get_by_label("Organisations that took over").fill("North Yorkshire")
    day = date(2027, 4, 1)
    for label, number in (("Day", day.day), ("Month", day.month), ("Year", day.year)):
        page.get_by_label(label, exact=True).fill(str(number))
    press(page, "See what it would do")
    assert "Did you mean: North Yorkshire Council" in page.get_by_role("alert").inner_text()
    check_page(page)
    page.get_by_label("Organisations that took over").fill("North Yorkshire Council")
    press(page, "See what it would do")
    assert "1 person goes along to North Yorkshire Council on that day" in page.get_by_role("main").inner_text()
    check_page(page)
    shoot(page, "succession")
    press(page, "Record it")
    check_page(page)
    page.goto("/organisations/harrogate")
    assert "From 1 April 2027 part of North Yorkshire Council" in page.get_by_role("main").inner_text()
    check_page(page)
    make.programme()
    page.goto("/evaluation/reach")
    follow(page, "Organisations as they are today")
    assert "Somebody came from" in page.get_by_role("main").inner_text()
    check_page(page)


@pytest.mark.parametrize(("width", "javascript"), [(1280, True), (320, False)])
def test_somebody_gets_a_new_address(
    width: int,
    javascript: bool,  # noqa: FBT001
    visitor: Visitor,
    check_page: Check,
    shoot: Shoot,
    make: Make,
    mailbox: Mailbox,
) -> None:
    amina = make.account("Amina Yusuf", "amina@council.example")
    page = visitor(width, javascript=javascript, person=amina)
    page.goto("/account")
    follow(page, "E-mail address")
    assert heading(page) == "Your e-mail address"
    check_page(page)
    page.get_by_label("New e-mail address").fill("amina@council.example")
    press(page, "Send a link there")
    check_page(page)
    page.get_by_label("New e-mail address").fill("amina@home.example")
    press(page, "Send a link there")
    check_page(page)
    shoot(page, "address")
    confirm, notice = mailbox.deliver()
    owner = visitor(width, javascript=javascript)
    owner.goto(notice.link("/confirm/"))
    assert heading(owner) == "Was this not you?"
    check_page(owner)
    page.goto(confirm.link("/confirm/"))
    assert heading(page) == "Use this address?"
    check_page(page)
    press(page, "Yes, use this address")
    assert heading(page) == "Your address has changed"
    check_page(page)
    owner.goto(notice.link("/confirm/"))
    assert heading(owner) == "The address has been changed already"
    check_page(owner)
