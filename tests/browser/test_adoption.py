"""A story, a self-rating and a pledge in a real browser, wide and narrow, with JavaScript and without."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from cop.models.accounts import Person
from tests.browser.conftest import Visitor
from tests.support.adoption import lead_of, principles, rate
from tests.support.make import Make, Working
from tests.support.pages import follow, press
from tests.support.stories import WORDS

Check = Callable[[Page], None]

WAYS = pytest.mark.parametrize(("width", "javascript"), [(1280, True), (320, False)])


@pytest.fixture
def lea(make: Make, work: Working) -> Person:
    principles(make, work)
    return lead_of(make, make.organisation("Brent Council", slug="brent"))


@WAYS
def test_a_story_is_told_and_read(
    width: int,
    javascript: bool,  # noqa: FBT001
    visitor: Visitor,
    check_page: Check,
    lea: Person,
) -> None:
    page = visitor(width, javascript=javascript, person=lea)
    page.goto("/stories/")
    check_page(page)
    follow(page, "Tell your story")
    check_page(page)
    page.get_by_label("What would you call your story?").fill("Tea at reception")
    press(page, "Begin")
    for words in WORDS.values():
        check_page(page)
        page.get_by_role("textbox").fill(words)
        press(page, "Save and go on")
    check_page(page)
    follow(page, "Go on without")
    check_page(page)
    page.get_by_label("Everybody, on this website").check()
    page.get_by_label("With my name and my organisation").check()
    press(page, "Tell it")
    check_page(page)
    page.goto("/stories/mine")
    check_page(page)
    reader = visitor(width, javascript=javascript)
    reader.goto("/stories/")
    check_page(reader)
    follow(reader, "Tea at reception")
    expect(reader.get_by_text("Lea Lead, Brent Council")).to_be_visible()
    check_page(reader)


@WAYS
def test_a_lead_rates_and_pledges(
    width: int,
    javascript: bool,  # noqa: FBT001
    visitor: Visitor,
    check_page: Check,
    make: Make,
    work: Working,
    lea: Person,
) -> None:
    page = visitor(width, javascript=javascript, person=lea)
    page.goto("/ratings/")
    check_page(page)
    page.goto("/organisations/brent/rating")
    check_page(page)
    press(page, "Begin the first rating")
    page.get_by_label("2. First steps").check()
    page.get_by_label("What is an example of it?").fill("A book club.")
    check_page(page)
    press(page, "Save and come back later")
    expect(page.get_by_text("9 principles are still to do.")).to_be_visible()
    check_page(page)
    other = make.organisation("Oldham Council", slug="oldham")
    rate(work, make.actor(make.admin()), other)
    page.goto("/pledges/new?organisation=brent")
    page.get_by_label("What do you promise?").fill("Open the hall on Sundays.")
    check_page(page)
    press(page, "Make the pledge")
    check_page(page)
    page.goto("/organisations/brent")
    expect(page.get_by_text("Open the hall on Sundays.")).to_be_visible()
    check_page(page)
    staff = visitor(width, javascript=javascript, person=make.admin())
    for address in ("/admin/adoption", "/evaluation/adoption", "/organisations/oldham/rating"):
        staff.goto(address)
        check_page(staff)
