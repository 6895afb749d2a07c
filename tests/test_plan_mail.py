"""What people are written about their action plan, letter for letter."""

from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from cop.models.accounts import Person
from cop.models.outbox import Outbox
from cop.queries import actions
from cop.queries.plans import link_token
from cop.services import actions as services
from scheduled import ask_plans
from tests.support import panel, plans
from tests.support.browse import Browse
from tests.support.clock import FixedClock
from tests.support.golden import Golden
from tests.support.html import faults
from tests.support.mailbox import Mail, Mailbox
from tests.support.make import Make, Reads, Working
from tests.support.seating import come
from tests.support.summits import make_summit
from tests.test_mail import readable, without

GOLDEN = Path(__file__).parent / "golden" / "mail"

MONDAY = panel.at(2026, 7, 13, 10)

LETTERS = {"plan-check": timedelta(), "plan-check-again": timedelta(days=14)}

ACTIONS = {"action-check": ("Amina", 0), "action-check-again": ("Amina", 14), "action-check-organisation": ("Ben", 0)}


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


@pytest.mark.parametrize("name", ACTIONS)
def test_a_letter_about_an_action_is_what_was_read_and_approved(
    app: Flask,
    make: Make,
    work: Working,
    reading: Reads,
    clock: FixedClock,
    mailbox: Mailbox,
    golden: Golden,
    browse: Browse,
    name: str,
) -> None:
    summit = make_summit(make, work, breakouts=())
    come(make, work, reading, summit, {"Amina": "", "Ben": "Brent Council"})
    clock.set(panel.at(2026, 4, 20, 11))
    with work() as opened:
        chosen = {one.name: one.key for one in actions.owners(opened, summit, own=False)}
        owner = chosen["Amina" if ACTIONS[name][0] == "Amina" else "Brent Council"]
        services.add_action(opened, event_id=summit.id, owner=owner, what="Ask the caretaker.", by_on=MONDAY.date())
    mailbox.deliver()
    letters: list[Mail] = []
    for days in sorted({0, ACTIONS[name][1]}):
        clock.set(MONDAY + timedelta(days=days))
        with app.app_context():
            ask_plans.run()
        letters = mailbox.deliver()
    [mail] = letters
    with reading() as read:
        random = dict.fromkeys(read.session.scalars(select(Outbox.message_id)), "MESSAGE")
        holder = read.session.scalars(select(Person).where(Person.name == ACTIONS[name][0])).one()
        random[actions.link_token(holder, 1)] = "TOKEN"
        random[str(holder.email)] = "somebody@council.example"
    golden(GOLDEN / f"{name}.txt", without(random, readable(mail.message)))
    page = browse.get(mail.link("/actions/"))
    assert "Ask the caretaker." in page.text
    page.submit("Write it down", state="done")
    assert "Thank you" in page.text
