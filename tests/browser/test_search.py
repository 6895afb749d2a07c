"""Searching in a real browser: a mistyped word, the right one, one place alone, and the find itself."""

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page

from cop.core.access import SYSTEM
from cop.services import searching
from tests.browser.conftest import Visitor
from tests.support.forum import MakeForum
from tests.support.make import Make, Working
from tests.support.pages import follow, heading, press
from tests.support.toolkit import Toolkit

Check = Callable[[Page], None]
Shoot = Callable[[Page, str], None]


@pytest.mark.parametrize(("width", "javascript"), [(1280, True), (320, True), (320, False)])
def test_a_mistyped_word_leads_to_what_was_meant(
    width: int,
    javascript: bool,  # noqa: FBT001
    visitor: Visitor,
    check_page: Check,
    shoot: Shoot,
    app: Flask,
    make: Make,
    work: Working,
) -> None:
    forum = MakeForum(app, make)
    alma, space = forum.alumna("Alma Ashdown"), forum.space()
    topic = forum.topic(alma, space, "Who has tried befriending?", "We **began** a befriending round with tea.")
    for name in ("Ben Birch", "Cleo Cobb"):
        person = forum.alumna(name)
        for number in range(11):
            forum.reply(person, topic, f"Number {number}: a befriending round needs a kettle.")
    Toolkit(make, work).resource("How to begin a befriending round")
    with work(SYSTEM) as unit:
        searching.count_words(unit)

    stranger = visitor(width, javascript=javascript)
    stranger.goto("/search")
    check_page(stranger)
    stranger.goto("/search?q=quagga")
    check_page(stranger)

    page = visitor(width, javascript=javascript, person=alma)
    page.goto("/search")
    page.get_by_label("What are you looking for?").fill("befreinding")
    press(page, "Search")
    check_page(page)
    shoot(page, "search-mistyped")
    follow(page, "befriending")
    check_page(page)
    shoot(page, "search")
    assert page.get_by_role("heading", level=2).all_inner_texts() == [
        "Toolkit",
        "Topics of the forum",
        "Posts in the forum",
    ]
    follow(page, "More: Posts in the forum")
    check_page(page)
    follow(page, "Next page")
    check_page(page)
    page.get_by_label("Where").select_option("Toolkit")
    press(page, "Search")
    check_page(page)
    follow(page, "How to begin a befriending round")
    assert heading(page) == "How to begin a befriending round"
