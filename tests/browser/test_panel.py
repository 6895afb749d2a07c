"""From the first score to the roster in a real browser: narrow, wide, and without JavaScript."""

from collections.abc import Callable
from datetime import timedelta
from typing import Literal

import pytest
from playwright.sync_api import Page

from cop.core.access import Role
from cop.models.accounts import Person
from cop.models.events import Event
from tests.browser.conftest import Visitor
from tests.support import panel
from tests.support.clock import FixedClock
from tests.support.mailbox import Mailbox
from tests.support.make import Make
from tests.support.pages import arrive, follow, heading, press

Check = Callable[[Page], None]

BASE = "/cohorts/change-makers"
TARGETS = [
    {"attribute": "sector", "value": "resident", "minimum": 1, "maximum": 2},
    {"attribute": "newer_member", "value": "yes", "minimum": 1, "maximum": None},
]


@pytest.fixture
def course(make: Make) -> Event:
    course = panel.course(make, places=2, targets=TARGETS)
    names = ("Amina Yusuf", "Benedikta Featherstonehaugh-Cholmondeley", "Cleo Osei")
    for name in names:
        council = make.organisation(f"{name.split()[0]}shire and District Metropolitan Borough Council")
        panel.application(make, course, name, organisation=council, newer_member=name == names[0])
    return course


@pytest.fixture
def rhona(make: Make, course: Event) -> Person:
    return panel.reviewer(make)


@pytest.fixture
def femi(make: Make, course: Event) -> Person:
    return panel.chair(make)


def score(page: Page, points: str, reason: str) -> None:
    for number in range(2):
        page.get_by_role("radio", name=f"{points}:").nth(number).check()
        page.get_by_label("Why this score").nth(number).fill(reason)


@pytest.mark.parametrize(("width", "javascript"), [(1280, True), (320, False)])
def test_a_reviewer_scores_one_after_the_other(
    width: int,
    javascript: bool,  # noqa: FBT001
    visitor: Visitor,
    check_page: Check,
    course: Event,
    rhona: Person,
) -> None:
    page = visitor(width, javascript=javascript, person=rhona)
    page.goto(f"{BASE}/reviews")
    assert page.get_by_role("status").inner_text() == "0 of 3 done"
    check_page(page)
    press(page, "Review application 1")
    assert heading(page).startswith("Application 1")
    assert "Amina" not in page.content()
    check_page(page)
    press(page, "Submit the review")
    assert page.get_by_role("alert").get_by_role("link").count() == 4
    check_page(page)
    score(page, "5", "Known from close by")
    press(page, "Submit the review")
    assert heading(page).startswith("Application 2")
    follow(page, "I should not judge this application")
    check_page(page)
    page.get_by_label("Why should you not judge").fill("We sang in a choir together")
    press(page, "Take it off my list")
    assert page.get_by_role("status").inner_text() == "1 of 2 done"
    assert "1 application that you may not see" in page.get_by_role("main").inner_text()
    check_page(page)


@pytest.mark.parametrize(("width", "javascript"), [(1280, True), (320, False)])
def test_a_chair_chooses_releases_and_moves_a_reserve_up(
    width: int,
    javascript: bool,  # noqa: FBT001
    visitor: Visitor,
    check_page: Check,
    make: Make,
    course: Event,
    rhona: Person,
    femi: Person,
    mailbox: Mailbox,
) -> None:
    for number, points in ((1, 3), (2, 5), (3, 4)):
        panel.review(make, rhona, course, number, points)
    page = visitor(width, javascript=javascript, person=femi)
    page.goto(f"{BASE}/selection")
    check_page(page)
    follow(page, "Mean")
    assert page.get_by_role("rowheader").locator("a").first.inner_text().startswith("Benedikta")
    follow(page, "Cleo Osei")
    check_page(page)
    page.get_by_label("What did the panel say?").fill("The best of all")
    page.get_by_label("Score that the panel sets").fill("4.75")
    press(page, "Add to the record")
    assert "Score set to 4.75" in page.get_by_role("main").inner_text()
    check_page(page)
    page.goto(f"{BASE}/selection")
    for number, outcome in ((1, "Offer"), (2, "Offer"), (3, "Offer")):
        page.get_by_label(f"Outcome of application {number}").select_option(label=outcome)
    press(page, "Save these choices")
    assert "only 2 can have a place" in page.get_by_role("alert").inner_text()
    check_page(page)
    page.get_by_label("Outcome of application 2").select_option(label="Reserve")
    press(page, "Save these choices")
    assert "2 of 2 chosen, 1 reserve, 0 undecided" in page.get_by_role("status").inner_text()
    check_page(page)
    press(page, "Release the decisions")
    assert heading(page).startswith("Release the decisions")
    check_page(page)
    press(page, "Release and tell everybody")
    assert "0 of 2 offers accepted" in page.get_by_role("status").inner_text()
    check_page(page)
    page.goto(f"{BASE}/selection?sort=outcome")
    assert "2 of 2 places taken or offered, 1 reserve" in page.get_by_role("status").inner_text()
    check_page(page)
    follow(page, "Take back the offer to Cleo Osei")
    check_page(page)
    page.get_by_label("Why is the offer taken back?").fill("We counted the places wrongly")
    press(page, "Take the offer back")
    assert "1 place is free" in page.get_by_role("main").inner_text()
    arrive(page.get_by_role("link", name="Move up Benedikta"))
    check_page(page)
    press(page, "Offer the place")
    assert "2 of 2 places taken or offered, 0 reserves" in page.get_by_role("status").inner_text()
    assert len(mailbox.deliver()) == 4


@pytest.mark.parametrize(("width", "javascript"), [(1280, True), (320, True), (320, False)])
def test_somebody_accepts_and_says_what_they_need(
    width: int,
    javascript: bool,  # noqa: FBT001
    visitor: Visitor,
    check_page: Check,
    make: Make,
    course: Event,
    femi: Person,
    mailbox: Mailbox,
) -> None:
    panel.decide(make, femi, course, "ord")
    panel.release(make, femi, course)
    link = next(mail for mail in mailbox.deliver() if "A place for you" in mail.subject).link("/offers/")
    page = visitor(width, javascript=javascript)
    page.goto(link)
    assert heading(page).startswith("A place for you")
    check_page(page)
    follow(page, "I cannot take it")
    check_page(page)
    follow(page, "No, back to the offer")
    press(page, "Accept the place")
    assert heading(page).startswith("What do you need?")
    check_page(page)
    page.get_by_label("What do you need to take part fully?").fill("A ramp")
    page.get_by_label("Vegan").check()
    press(page, "Save")
    assert heading(page) == "The place is yours"
    check_page(page)


def test_somebody_declines_and_another_comes_too_late(
    visitor: Visitor, check_page: Check, make: Make, course: Event, femi: Person, clock: FixedClock
) -> None:
    panel.decide(make, femi, course, "ood")
    panel.release(make, femi, course)
    first, second = panel.offers_of(make, course)
    page = visitor(320)
    page.goto(f"/offers/{panel.token(first)}/decline")
    press(page, "Yes, decline it")
    assert heading(page).startswith("You declined this place")
    check_page(page)
    assert second.expires_at
    clock.set(second.expires_at)
    answer = page.goto(f"/offers/{panel.token(second)}")
    assert answer
    assert (answer.status, heading(page).startswith("The time to answer is over")) == (410, True)


@pytest.mark.parametrize(("width", "javascript"), [(1280, True), (320, False)])
def test_a_host_keeps_the_roster_and_writes_to_everybody(
    width: int,
    javascript: bool,  # noqa: FBT001
    visitor: Visitor,
    check_page: Check,
    make: Make,
    course: Event,
    femi: Person,
    clock: FixedClock,
    mailbox: Mailbox,
) -> None:
    panel.decide(make, femi, course, "oor")
    panel.release(make, femi, course)
    for offer in panel.offers_of(make, course):
        panel.accept(make, offer)
    mailbox.deliver()
    host = make.account("Hana Host")
    make.grant(host, Role.HOST, event=course)
    clock.set(course.parts[0].ends_at)
    panel.mark(make, course, panel.offers_of(make, course)[0].person_id, "a---")
    page = visitor(width, javascript=javascript, person=host)
    page.goto(f"{BASE}/roster")
    assert "2 of 2 places" in page.get_by_role("main").inner_text()
    check_page(page)
    follow(page, "Read what they need")
    check_page(page)
    page.goto(f"{BASE}/roster")
    press(page, "Write to everybody")
    check_page(page)
    page.get_by_label("Subject").fill("Tomorrow")
    page.get_by_label("Message").fill("Bring a pen.\n\nSee you there.")
    press(page, "See it before it goes")
    check_page(page)
    press(page, "Send it to 2 people")
    assert "The message goes to 2 people." in page.get_by_role("main").inner_text()
    assert [mail.subject for mail in mailbox.deliver()] == ["Tomorrow"] * 2


Scheme = Literal["light", "dark"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_dense_pages_are_sound_in_the_dark_too(
    scheme: Scheme, visitor: Visitor, check_page: Check, make: Make, course: Event, femi: Person, rhona: Person
) -> None:
    panel.review(make, rhona, course, 1)
    panel.decide(make, femi, course, "or-")
    page = visitor(person=femi)
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    for path in ("selection", "selection/1", "selection/release", "roster", "roster/message"):
        page.goto(f"{BASE}/{path}")
        check_page(page)


def test_before_the_close_the_pages_wait(visitor: Visitor, check_page: Check, make: Make) -> None:
    panel.course(make, "Later", slug="later", closes_in=timedelta(days=3))
    page = visitor(320, person=panel.reviewer(make))
    page.goto("/cohorts/later/reviews")
    assert "Reviewing begins when the call closes" in page.get_by_role("main").inner_text()
    check_page(page)
