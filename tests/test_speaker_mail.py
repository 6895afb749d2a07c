"""The letters to those who speak at an event."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from cop.core.work import Read
from cop.mail.messages import MESSAGES
from cop.models.events import Event
from cop.models.outbox import Outbox
from cop.models.webinars import Speaker
from cop.queries.events import revision
from cop.services import speakers
from tests.support.clock import FixedClock
from tests.support.golden import Golden
from tests.support.html import faults
from tests.support.mailbox import Mail, Mailbox
from tests.support.make import Make, Reads, Working
from tests.support.webinars import Webinars
from tests.test_mail import readable, without

GOLDEN = Path(__file__).parent / "golden" / "mail"
LETTERS = ("speaker-asked", "speaker-reminder")


class Stage:
    def __init__(self, make: Make, work: Working) -> None:
        self.work, self.webinars = work, Webinars(make, work)
        self.webinar = self.webinars.webinar()
        zone = "America/Toronto"
        self.speaker = self.webinars.speaker(self.webinar, "Maren", email="maren@guelph.example", timezone=zone)

    def ask(self) -> None:
        with self.work() as unit:
            seen = revision(unit.session.get_one(Event, self.webinar.id))
            speakers.ask(unit, event_id=self.webinar.id, seen=seen, speaker_ids=[self.speaker.id])


@pytest.fixture
def stage(make: Make, work: Working) -> Stage:
    return Stage(make, work)


@pytest.fixture
def letters(stage: Stage, clock: FixedClock, mailbox: Mailbox) -> dict[str, Mail]:
    found = {}
    for name in LETTERS:
        stage.ask()
        (found[name],) = mailbox.deliver()
        clock.move(timedelta(days=1))
    return found


@pytest.mark.parametrize("name", LETTERS)
def test_is_letter_for_letter_what_was_read_and_approved(
    letters: dict[str, Mail], golden: Golden, reading: Reads, name: str
) -> None:
    with reading() as read:
        random = dict.fromkeys(read.session.scalars(select(Outbox.message_id)), "MESSAGE")
    text = without(random, readable(letters[name].message))
    golden(GOLDEN / f"{name}.txt", re.sub(r"(/speakers/)[\w.-]+", r"\1TOKEN", text))


@pytest.mark.parametrize("name", LETTERS)
def test_stands_in_sound_html_with_the_same_links(letters: dict[str, Mail], name: str) -> None:
    mail = letters[name]
    assert [fault for fault in faults(mail.soup) if "attribute style" not in fault] == []
    assert {str(link["href"]) for link in mail.soup.select("a[href]")} == set(re.findall(r"https?://\S+", mail.text))


@pytest.mark.parametrize(
    "change",
    [{"declined_at": True}, {"answered_at": True}, {"generation": 1}, {"email": None, "asked_at": None}],
    ids=["declined", "answered", "another link", "no address"],
)
def test_is_pointless_once_it_is_known_or_asked_elsewhere(
    app: Flask, stage: Stage, reading: Reads, work: Working, change: dict[str, object]
) -> None:
    stage.ask()
    kind = MESSAGES["speaker_asked"]
    with app.app_context(), reading() as read:
        row = read.session.scalars(select(Outbox)).one()
        assert kind.load(read, row) is not None
    with work() as unit:
        speaker = unit.session.get_one(Speaker, stage.speaker.id)
        for name, value in change.items():
            setattr(speaker, name, unit.now if value is True else value)
    with app.app_context(), reading() as read:
        row = read.session.scalars(select(Outbox)).one()
        assert kind.load(read, row) is None


def test_is_pointless_once_it_is_over(app: Flask, stage: Stage, reading: Reads) -> None:
    stage.ask()
    with app.app_context(), reading() as read:
        row = read.session.scalars(select(Outbox)).one()
        afterwards = Read(read.session, stage.webinar.parts[0].ends_at, read.actor)
        assert MESSAGES["speaker_asked"].load(afterwards, row) is None
