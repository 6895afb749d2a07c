"""Keeping the forum tidy in a real browser: narrow, without JavaScript, and by those who only read."""

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page

from cop.core.access import Role
from tests.browser.conftest import Visitor
from tests.support.forum import MakeForum, address_of
from tests.support.make import Make
from tests.support.pages import follow, heading, press

Check = Callable[[Page], None]


@pytest.mark.parametrize(("width", "javascript"), [(1280, True), (320, False)])
def test_a_facilitator_pins_merges_and_takes_it_back(
    app: Flask,
    make: Make,
    visitor: Visitor,
    check_page: Check,
    width: int,
    javascript: bool,  # noqa: FBT001
) -> None:
    forum = MakeForum(app, make)
    facilitator = make.account("Femi Facilitator")
    make.grant(facilitator, Role.FACILITATOR, programme=make.programme())
    alma, space = forum.alumna("Alma Ashdown"), forum.space()
    kept, gone = forum.question(alma, space), forum.question(alma, space, "And who pays for lunch?")

    page = visitor(width, javascript=javascript, person=facilitator)
    page.goto("/forum/")
    follow(page, "All questions that wait for an answer")
    assert heading(page) == "Questions that wait for an answer"
    check_page(page)
    follow(page, "Who pays for the minibus?")
    follow(page, "Pin this topic")
    check_page(page)
    press(page, "Pin it")
    page.goto(address_of(space, gone))
    follow(page, "Merge this topic into another one")
    check_page(page)
    page.get_by_label("Web address of the topic").fill(address_of(space, kept))
    page.get_by_label("Reason").fill("The same question")
    press(page, "Merge them")
    assert heading(page) == "Who pays for the minibus?"
    check_page(page)
    follow(page, "Move this topic")
    check_page(page)
    page.goto("/forum/log")
    check_page(page)
    follow(page, "Take back for And who pays for lunch?")
    check_page(page)
    press(page, "Take it back")
    assert heading(page) == "And who pays for lunch?"
    page.goto(f"/forum/{space.slug}/")
    follow(page, "Close this space")
    check_page(page)
    page.get_by_label("Reason").fill("The programme is over")
    press(page, "Close the space")
    check_page(page)

    reader = visitor(width, javascript=javascript, person=forum.alumna("Rae Reader"))
    reader.goto("/forum/")
    check_page(reader)
    press(reader, "Mark everything as read")
    assert reader.get_by_text("something new").count() == 0
    check_page(reader)
