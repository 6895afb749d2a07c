"""What people are written about their action plan, letter for letter."""

from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from cop.models.outbox import Outbox
from cop.queries.plans import link_token
from scheduled import ask_plans
from tests.support import panel, plans
from tests.support.browse import Browse
from tests.support.clock import FixedClock
from tests.support.golden import Golden
from tests.support.html import faults
from tests.support.mailbox import Mail, Mailbox
from tests.support.make import Make, Reads
from tests.test_mail import readable, without

GOLDEN = Path(__file__).parent / "golden" / "mail"

MONDAY = panel.at(2026, 7, 13, 10)

LETTERS = {"plan-check": timedelta(), "plan-check-again": timedelta(days=14)}


class Asked:
    def __init__(self, app: Flask, make: Make, clock: FixedClock, mailbox: Mailbox) -> None:
        self._app, self._clock, self._mailbox = app, clock, mailbox
        course = panel.course(make)
        alma = plans.member(make, course, email="alma@council.example")
        clock.set(course.parts[1].starts_at)
        self.plan = plans.plan(make, course, alma)
        mailbox.deliver()

    def letter(self, name: str) -> Mail:
        self._clock.set(MONDAY)
        mail = self._ask()
        if LETTERS[name]:
            self._clock.move(LETTERS[name])
            mail = self._ask()
        return mail

    def _ask(self) -> Mail:
        with self._app.app_context():
            ask_plans.run()
        (mail,) = self._mailbox.deliver()
        return mail


@pytest.fixture
def asked(app: Flask, make: Make, clock: FixedClock, mailbox: Mailbox) -> Asked:
    return Asked(app, make, clock, mailbox)


@pytest.mark.parametrize("name", LETTERS)
class TestALetter:
    def test_is_what_was_read_and_approved(self, asked: Asked, golden: Golden, reading: Reads, name: str) -> None:
        mail = asked.letter(name)
        with reading() as read:
            random = dict.fromkeys(read.session.scalars(select(Outbox.message_id)), "MESSAGE")
        random[link_token(asked.plan)] = "TOKEN"
        golden(GOLDEN / f"{name}.txt", without(random, readable(mail.message)))

    def test_is_sound_html_with_the_same_links_as_the_text(self, asked: Asked, name: str) -> None:
        mail = asked.letter(name)
        assert [fault for fault in faults(mail.soup) if "attribute style" not in fault] == []
        links = {str(link["href"]) for link in mail.soup.select("a[href]")}
        assert links == {line for line in mail.text.splitlines() if "://" in line}
        assert links

    def test_leads_to_the_page_that_takes_the_answer(self, asked: Asked, browse: Browse, name: str) -> None:
        page = browse.get(asked.letter(name).link("/plans/t/"))
        page.submit("Write it down", state="done")
        assert "Thank you" in page.text
