"""The directory of members in a real browser: joining, writing and answering, narrow and without JavaScript."""

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page

from cop.models.accounts import Person
from cop.models.forum import TopicKind
from cop.services import forum as services
from cop.services.forum.sorting import About
from tests.browser.conftest import Visitor
from tests.support.forum import MakeForum
from tests.support.mailbox import Mailbox
from tests.support.make import Make, Working
from tests.support.members import Directory
from tests.support.pages import arrive, follow, heading, press

Check = Callable[[Page], None]
Shoot = Callable[[Page, str], None]


@pytest.fixture
def amina(make: Make) -> Person:
    return make.account("Amina Ashdown", "amina@council.example", organisation=make.organisation("Brent Council"))


@pytest.fixture
def alma(app: Flask, make: Make, work: Working) -> Person:
    """Who completed a course, stands in the directory, and asks for something in the forum."""
    directory, forum = Directory(app, make), MakeForum(app, make)
    person = forum.alumna(
        "Alma Ashdown", email="alma@council.example", organisation=make.organisation("Oldham Council")
    )
    directory.join(person, about="Damp and mould.", offers=["Housing"], seeks=["Peer research"])
    space, about = forum.space(), About(kind=TopicKind.ASK, tag_ids=directory.words("Peer research"))
    with work(make.actor(person)) as unit:
        services.open_topic(
            unit, space_id=space.id, title="Who has trained peer researchers?", body="We begin in May.", about=about
        )
    return person


@pytest.mark.parametrize(("width", "javascript"), [(1280, True), (320, True), (320, False)])
def test_a_member_joins_finds_somebody_and_hears_back(
    width: int,
    javascript: bool,  # noqa: FBT001
    visitor: Visitor,
    check_page: Check,
    shoot: Shoot,
    amina: Person,
    alma: Person,
    mailbox: Mailbox,
) -> None:
    page = visitor(width, javascript=javascript, person=amina)
    page.goto("/members/people/")
    assert "Alma Ashdown" in page.inner_text("main")
    check_page(page)
    shoot(page, "members")
    follow(page, "Let members find you")
    check_page(page)
    page.get_by_label("About you (optional)").fill("I train peer researchers.")
    page.get_by_role("group", name="What could you help others with?").get_by_label("Peer research").check()
    press(page, "Agree, and let members find me")
    assert heading(page) == "Amina Ashdown"
    check_page(page)
    page.goto("/members/people/?q=damp")
    follow(page, "Alma Ashdown")
    press(page, "Write to Alma Ashdown")
    press(page, "Send the letter")
    assert "There is a problem" in page.get_by_role("alert").inner_text()
    check_page(page)
    page.get_by_label("Your letter").fill("May I come and see?")
    press(page, "Send the letter")
    check_page(page)
    [mail] = [mail for mail in mailbox.deliver() if mail.subject == "Amina Ashdown wrote to you"]

    answering = visitor(width, javascript=javascript, person=alma)
    answering.goto(mail.link("/members/letters/"))
    check_page(answering)
    shoot(answering, "members-letter")
    answering.get_by_label("Your letter").fill("Please do.")
    press(answering, "Send the answer")
    assert heading(answering) == "Your letter to Amina Ashdown"
    answering.goto("/members/letters/")
    check_page(answering)

    answering.goto("/forum/offers")
    check_page(answering)
    shoot(answering, "offers")
    arrive(answering.get_by_role("region", name="Yours that wait").get_by_role("link").first)
    assert "Amina Ashdown" in answering.inner_text("main")
    check_page(answering)
    press(answering, "Take it off the board")
    assert "Settled" in answering.inner_text("main")
