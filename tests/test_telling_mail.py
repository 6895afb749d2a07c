"""Announcements and the letter that confirms an interest: what they say, and how somebody ends them."""

import re
from collections.abc import Callable

import pytest
from flask import Flask

from cop.core.audiences import Audience
from cop.models.accounts import Person
from tests.support.browse import Browse
from tests.support.golden import Golden
from tests.support.html import faults
from tests.support.mailbox import Mail, Mailbox
from tests.support.make import Make
from tests.support.telling import Telling
from tests.test_mail import GOLDEN, readable

BODY = """The next round of **{programme}** opens on Monday.

# What is new

- two days on site
- [how to apply](https://council.example/apply), {name}

<script>alert(1)</script>"""

Letter = Callable[[str], Mail]


@pytest.fixture
def amina(make: Make) -> Person:
    return make.account("Amina <b>Yusuf", "amina@council.example")


@pytest.fixture
def letter(app: Flask, make: Make, amina: Person, browse: Browse, mailbox: Mailbox) -> Letter:
    """The letter of that name, to Amina or to an address that nobody knows."""

    def write(name: str) -> Mail:
        programme = make.programme()
        if name == "interest-confirm":
            browse.get(f"/programmes/{programme.slug}/interest").submit(email="new@council.example")
        else:
            telling = Telling(app, make)
            telling.interested(amina, programme)
            telling.send(telling.draft(Audience(interest=True), subject="Round 2, {name}", body=BODY))
            telling.release()
        (mail,) = mailbox.deliver()
        return mail

    return write


@pytest.mark.parametrize("name", ["announcement", "interest-confirm"])
class TestALetter:
    def test_is_letter_for_letter_what_was_read_and_approved(self, letter: Letter, golden: Golden, name: str) -> None:
        text = re.sub(r"(?<=/)(confirm|interest)/[\w.-]+", r"\1/TOKEN", readable(letter(name).message))
        golden(GOLDEN / f"{name}.txt", re.sub(r"(?<=Message-ID: <)\w+", "MESSAGE", text))

    def test_is_sound_html_that_loads_nothing(self, letter: Letter, name: str) -> None:
        soup = letter(name).soup
        assert [fault for fault in faults(soup) if "attribute style" not in fault] == []
        assert not soup.select("img, script, iframe, form, b")


class TestAnAnnouncement:
    def test_has_a_button_that_ends_news(self, letter: Letter, browse: Browse, amina: Person) -> None:
        mail = letter("announcement")
        path = mail["List-Unsubscribe"].strip("<>").removeprefix("http://localhost")
        assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        page = browse.post(path, {"List-Unsubscribe": "One-Click"}, csrf=False)
        assert page.heading == "These mails are stopped"
        assert "News of the programme" in page.text

    def test_leaves_the_list_by_its_own_link(self, letter: Letter, browse: Browse) -> None:
        page = browse.get(letter("announcement").link("/interest/"))
        assert page.heading == "Leave the list?"
        assert page.submit().heading == "You are off the list"

    def test_has_no_such_link_for_whoever_is_not_on_the_list(self, app: Flask, make: Make, mailbox: Mailbox) -> None:
        telling = Telling(app, make)
        telling.reader("Ben", "ben@council.example")
        telling.send(telling.draft(Audience(consent=True)))
        telling.release()
        (mail,) = mailbox.deliver()
        assert "/interest/" not in mail.text
        assert "/unsubscribe/" in mail.text
