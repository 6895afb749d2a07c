"""The forum in a real browser: asking and answering, narrow and without JavaScript, and keeping order."""

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page

from cop.core.access import Role
from cop.models.accounts import Person
from cop.models.forum import Space
from tests.browser.conftest import Visitor
from tests.support.forum import MakeForum
from tests.support.mailbox import Mailbox
from tests.support.make import Make
from tests.support.pages import follow, heading, press

Check = Callable[[Page], None]
Shoot = Callable[[Page, str], None]

BODY = """We *began* with **tea**.

- two rooms
- three afternoons

> Nobody came

See https://tea.example/how"""


@pytest.fixture
def forum(app: Flask, make: Make) -> MakeForum:
    return MakeForum(app, make)


@pytest.fixture
def space(forum: MakeForum) -> Space:
    return forum.space()


@pytest.fixture
def alma(forum: MakeForum, make: Make) -> Person:
    council = make.organisation("Brent Council")
    return forum.alumna("Alma Ashdown", email="alma@council.example", organisation=council, accepts=False)


@pytest.fixture
def ben(forum: MakeForum) -> Person:
    return forum.alumna("Ben Birkett", email="ben@council.example")


@pytest.mark.parametrize(("width", "javascript"), [(1280, True), (320, True), (320, False)])
def test_two_alumni_ask_and_answer(
    width: int,
    javascript: bool,  # noqa: FBT001
    visitor: Visitor,
    check_page: Check,
    shoot: Shoot,
    alma: Person,
    ben: Person,
    space: Space,
    mailbox: Mailbox,
) -> None:
    stranger = visitor(width, javascript=javascript)
    stranger.goto("/forum/")
    check_page(stranger)
    shoot(stranger, "forum-stranger")

    page = visitor(width, javascript=javascript, person=alma)
    page.goto("/forum/")
    check_page(page)
    shoot(page, "forum-rules")
    press(page, "I accept the house rules")
    check_page(page)
    follow(page, "Project updates")
    assert heading(page) == "Project updates"
    check_page(page)
    press(page, "Start a topic")
    press(page, "Post the topic")
    assert "There is a problem" in page.get_by_role("alert").inner_text()
    check_page(page)
    page.get_by_label("Title").fill("Warm rooms: what works?")
    page.get_by_label("Your post").fill(BODY)
    press(page, "Preview")
    page.get_by_text("Preview: not posted yet").wait_for()
    check_page(page)
    shoot(page, "forum-preview")
    press(page, "Post the topic")
    assert heading(page) == "Your post is there. Shall we mail you the answers?"
    check_page(page)
    page.get_by_label("A letter for each post, as it is written").check()
    press(page, "Save")
    assert heading(page) == "Warm rooms: what works?"
    check_page(page)
    shoot(page, "forum-topic")
    address = page.url

    other = visitor(width, javascript=javascript, person=ben)
    other.goto("/forum/")
    other.get_by_text("1 topic with something new", exact=True).wait_for()
    check_page(other)
    shoot(other, "forum-index")
    follow(other, "Project updates")
    check_page(other)
    follow(other, "1 new in Warm rooms: what works?")
    follow(other, "Quote post 1")
    check_page(other)
    reply = other.get_by_label("Your post")
    reply.fill(f"{reply.input_value()}Cups. The washing-up tells you the number.")
    press(other, "Reply")
    other.wait_for_url("**#post-2")
    check_page(other)

    (mail,) = mailbox.deliver()
    assert mail.subject == "Re: Warm rooms: what works?"
    page.goto(mail.link("/forum/"))
    page.locator("#post-2 blockquote").first.wait_for()
    follow(page, "Edit post 1")
    check_page(page)
    page.get_by_label("Your post").fill("We began with coffee.")
    press(page, "Save")
    page.locator("#post-1").get_by_text("edited").wait_for()
    follow(page, "Delete post 1")
    check_page(page)
    press(page, "Yes, delete it")
    check_page(page)
    press(page, "Undo the deletion")
    check_page(page)

    page.goto(mail.link("/unsubscribe/"))
    check_page(page)
    press(page, "Stop these mails")
    assert heading(page) == "These mails are stopped"
    check_page(page)

    page.goto("/search")
    check_page(page)
    page.get_by_label("What are you looking for?").fill("washing-up")
    press(page, "Search")
    check_page(page)
    shoot(page, "forum-search")
    follow(page, "Warm rooms: what works?")
    assert page.url.partition("#")[0] == address.partition("#")[0]


@pytest.mark.parametrize("width", [1280, 320])
def test_a_facilitator_keeps_order(
    width: int,
    visitor: Visitor,
    check_page: Check,
    shoot: Shoot,
    forum: MakeForum,
    make: Make,
    ben: Person,
    space: Space,
) -> None:
    facilitator = make.account("Femi Facilitator")
    make.grant(facilitator, Role.FACILITATOR, programme=make.programme())
    topic = forum.topic(ben, space)
    reader = visitor(width, person=forum.alumna("Rae Reader"))
    reader.goto(f"/forum/{space.slug}/{topic.id}-{topic.slug}")
    follow(reader, "Report post 1")
    check_page(reader)
    reader.get_by_label("What is wrong with this post?").fill("It names a patient.")
    press(reader, "Send the report")
    check_page(reader)

    page = visitor(width, person=facilitator)
    page.goto("/forum/")
    check_page(page)
    follow(page, "Look at the reported posts")
    check_page(page)
    follow(page, "What works in Brent, post 1")
    check_page(page)
    page.get_by_label("Hide the post").check()
    page.get_by_label("Reason").fill("It names a patient")
    press(page, "Settle the report")
    check_page(page)
    follow(page, "What was done to keep order")
    check_page(page)
    shoot(page, "forum-log")
    follow(page, "What works in Brent, post 1")
    check_page(page)
    press(page, "Show the post again")
    check_page(page)
    press(page, "Lock this topic")
    check_page(page)
    follow(page, "Hide this topic")
    check_page(page)
    page.get_by_label("Reason").fill("Two people asked for it")
    press(page, "Hide it")
    check_page(page)
    reader.reload()
    assert heading(reader) == "This topic is hidden"
    check_page(reader)
    page.goto("/forum/spaces/new")
    check_page(page)
    page.get_by_label("Name").fill("What worked")
    page.get_by_label("What it is for").fill("Bring the evidence.")
    press(page, "Add the space")
    check_page(page)
    follow(page, "Change this space")
    check_page(page)
