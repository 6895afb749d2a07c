"""Topics in a real browser: a template, words to sort by, a file, a mention, signs, the answer, and a proposal."""

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import FilePayload, Page

from cop.core.access import Role
from cop.models.accounts import Person
from cop.models.forum import Space
from cop.services import tags
from tests.browser.conftest import Visitor
from tests.support.files import PDF
from tests.support.forum import MakeForum
from tests.support.make import Make, Working
from tests.support.pages import click_in_place, follow, heading, press

Check = Callable[[Page], None]
Shoot = Callable[[Page, str], None]

FOLDED = "Sort it, or link it to an event, a resource or your plan (optional)"
MAP = FilePayload(name="map.pdf", mimeType="application/pdf", buffer=PDF)


@pytest.fixture
def forum(app: Flask, make: Make) -> MakeForum:
    return MakeForum(app, make)


@pytest.fixture
def space(forum: MakeForum, work: Working) -> Space:
    with work() as unit:
        tags.ensure(unit)
    return forum.space()


@pytest.fixture
def alma(forum: MakeForum) -> Person:
    return forum.alumna("Alma Ashdown", email="alma@council.example")


@pytest.fixture
def ben(forum: MakeForum) -> Person:
    return forum.alumna("Ben Birkett", email="ben@council.example")


@pytest.mark.parametrize(("width", "javascript"), [(1280, True), (320, True), (320, False)])
def test_a_question_is_asked_with_a_template_and_answered_with_a_file(
    width: int,
    javascript: bool,  # noqa: FBT001
    visitor: Visitor,
    check_page: Check,
    shoot: Shoot,
    make: Make,
    alma: Person,
    ben: Person,
    space: Space,
) -> None:
    make.visit(title="A day at the Healthy Hub")
    page = visitor(width, javascript=javascript, person=alma)
    page.goto(f"/forum/{space.slug}/new")
    check_page(page)
    shoot(page, "forum-starters")
    follow(page, "Ask a question")
    check_page(page)
    page.get_by_label("Title").fill("How do you pay residents?")
    click_in_place(page.get_by_text(FOLDED))
    page.get_by_label("Housing").check()
    page.get_by_label("An event").select_option("A day at the Healthy Hub")
    check_page(page)
    shoot(page, "forum-sorting")
    press(page, "Post the topic")
    assert heading(page) == "How do you pay residents?"
    check_page(page)
    address = page.url.partition("#")[0]

    other = visitor(width, javascript=javascript, person=ben)
    other.goto(address)
    check_page(other)
    press(other, "Me too post 1")
    other.get_by_role("button", name="Me too (1) post 1").wait_for()
    check_page(other)
    follow(other, "Reply with files, or mention somebody")
    check_page(other)
    other.get_by_label("Your post").fill("@Alma Ashdown, by voucher. Our form is below.")
    other.get_by_label("Files (optional)").set_input_files(MAP)
    press(other, "Reply")
    other.get_by_role("link", name="map.pdf").wait_for()
    check_page(other)
    follow(other, "Edit post 2")
    check_page(other)

    page.goto(address)
    press(page, "This is the answer post 2")
    page.get_by_text("Accepted answer", exact=True).wait_for()
    press(page, "Helped me post 2")
    check_page(page)
    shoot(page, "forum-answered")
    follow(page, "Change what this topic is about")
    check_page(page)
    page.goto(address)
    follow(page, "Housing")
    assert heading(page) == "Themes Housing"
    check_page(page)
    page.goto(address)
    follow(page, "A day at the Healthy Hub")
    page.get_by_role("heading", name="Talked about in the forum").wait_for()
    check_page(page)


@pytest.mark.parametrize(("width", "javascript"), [(1280, True), (320, False)])
def test_a_visit_is_proposed_supported_and_planned(
    width: int,
    javascript: bool,  # noqa: FBT001
    visitor: Visitor,
    check_page: Check,
    make: Make,
    forum: MakeForum,
    alma: Person,
    ben: Person,
    space: Space,
) -> None:
    facilitator = make.account("Femi Facilitator")
    make.grant(facilitator, Role.FACILITATOR, programme=make.programme())
    forum.accept(facilitator)
    page = visitor(width, javascript=javascript, person=alma)
    page.goto(f"/forum/{space.slug}/new?starter=visit")
    page.get_by_label("Title").fill("See the kitchen in Brent")
    press(page, "Post the topic")
    check_page(page)
    address = page.url.partition("#")[0]

    other = visitor(width, javascript=javascript, person=ben)
    other.goto(address)
    press(other, "Me too post 1")
    other.goto("/forum/proposals")
    other.get_by_text("1 person would come too").wait_for()
    check_page(other)

    staff = visitor(width, javascript=javascript, person=facilitator)
    staff.goto(address)
    follow(staff, "Decide about this proposal")
    check_page(staff)
    staff.get_by_label("We plan it").check()
    staff.get_by_label("What you answer").fill("In May. Bring boots.")
    press(staff, "Save the decision")
    staff.get_by_text("It is planned.").wait_for()
    check_page(staff)


@pytest.mark.parametrize(("width", "javascript"), [(1280, True), (320, False)])
def test_an_admin_keeps_the_words_to_sort_by(
    width: int,
    javascript: bool,  # noqa: FBT001
    visitor: Visitor,
    check_page: Check,
    make: Make,
) -> None:
    page = visitor(width, javascript=javascript, person=make.admin())
    page.goto("/admin/words/")
    check_page(page)
    press(page, "Add the ready-made words")
    check_page(page)
    press(page, "Add a word")
    check_page(page)
    page.get_by_label("Skills").check()
    page.get_by_label("Word", exact=True).fill("Taking minutes")
    press(page, "Add the word")
    follow(page, "Change Taking minutes")
    check_page(page)
    press(page, "Offer it no more")
    check_page(page)
