"""The forum by e-mail in a real browser: choosing how often, answering a letter, and finding the answer."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from flask import Flask
from playwright.sync_api import Page

from scheduled import read_mailbox
from tests.browser.conftest import Visitor
from tests.support.answers import plain
from tests.support.forum import MakeForum, address_of
from tests.support.imap import ImapServer, imap_server
from tests.support.mailbox import Mailbox
from tests.support.make import Make
from tests.support.pages import follow, heading, press

Check = Callable[[Page], None]
Shoot = Callable[[Page, str], None]


@pytest.fixture
def forum(app: Flask, make: Make) -> MakeForum:
    return MakeForum(app, make)


@pytest.fixture
def inbox(app: Flask) -> Iterator[ImapServer]:
    """A mailbox that the service reads, and to which people answer."""
    ports = app.extensions["cop"]
    before = ports.settings
    with imap_server() as server:
        ports.settings = replace(before, imap=server.at(), reply_address="replies@cop.example")
        yield server
    ports.settings = before


@pytest.mark.parametrize(("width", "javascript"), [(1280, True), (320, False)])
def test_an_answer_by_e_mail_is_read_in_the_forum(
    app: Flask,
    forum: MakeForum,
    visitor: Visitor,
    check_page: Check,
    shoot: Shoot,
    mailbox: Mailbox,
    inbox: ImapServer,
    width: int,
    javascript: bool,  # noqa: FBT001
) -> None:
    space, alma = forum.space(), forum.alumna("Alma Ashdown", email="alma@council.example")
    topic = forum.topic(alma, space)
    page = visitor(width, javascript=javascript, person=alma)
    page.goto(address_of(space, topic))
    follow(page, "Choose how often the forum writes to you")
    assert heading(page) == "Mails of the forum"
    check_page(page)
    shoot(page, f"forum-mails-{width}")
    page.get_by_label("A letter for each post, as it is written").check()
    press(page, "Save")
    assert page.get_by_label("A letter for each post, as it is written").is_checked()
    check_page(page)

    forum.reply(forum.alumna("Ben Birkett"), topic, "Who has a kettle?")
    (mail,) = mailbox.deliver()
    inbox.put(plain(mail["Reply-To"], "We have one, and it whistles."))
    with app.app_context():
        assert "1 answers posted in the forum" in read_mailbox.run()

    page.goto(f"{address_of(space, topic)}#post-3")
    page.locator("#post-3").get_by_text("We have one, and it whistles.").wait_for()
    page.goto("/search")
    page.get_by_label("What are you looking for?").fill("whistles")
    press(page, "Search")
    assert "What works in Brent" in page.get_by_role("main").inner_text()

    page.goto("/forum/mails")
    press(page, "Mute What works in Brent")
    check_page(page)
    press(page, "End the addresses of older letters")
    check_page(page)
    inbox.put(plain(mail["Reply-To"], "This comes too late."))
    with app.app_context():
        assert "0 answers posted in the forum" in read_mailbox.run()
