"""The letters of a webinar, letter for letter: the one that asks to confirm, the confirmation, the last reminder."""

import re
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from cop.models.events import Booking, Entry
from cop.models.outbox import Outbox
from scheduled import send_reminders
from tests.support.browse import Browse
from tests.support.clock import FixedClock
from tests.support.golden import Golden
from tests.support.html import faults
from tests.support.mailbox import Mail, Mailbox
from tests.support.make import Make, Reads, Working
from tests.support.webinars import Webinars, confirm_path
from tests.test_mail import readable, without

GOLDEN = Path(__file__).parent / "golden" / "mail"
LETTERS = ("registration", "webinar-confirmation", "webinar-reminder")


@pytest.fixture
def letters(
    app: Flask, make: Make, work: Working, clock: FixedClock, mailbox: Mailbox, browse: Browse
) -> dict[str, Mail]:
    """All that somebody is sent who registers by e-mail from Toronto."""
    webinars = Webinars(make, work)
    webinar = webinars.webinar(step_free="Live captions and a BSL interpreter.")
    asking = webinars.asking(webinar, timezone="America/Toronto")
    sent: list[Sequence[Mail]] = [mailbox.deliver()]
    browse.get(confirm_path(asking)).submit("Yes, register me")
    sent.append(mailbox.deliver())
    clock.set(webinar.parts[0].starts_at - timedelta(hours=1))
    with app.app_context():
        send_reminders.run()
    sent.append(mailbox.deliver())
    return {name: mail for name, (mail,) in zip(LETTERS, sent, strict=True)}


@pytest.mark.parametrize("name", LETTERS)
def test_is_letter_for_letter_what_was_read_and_approved(
    letters: dict[str, Mail], golden: Golden, reading: Reads, name: str
) -> None:
    with reading() as read:
        random = {uid.hex: "ENTRY" for uid in read.session.scalars(select(Entry.uid))}
        random |= dict.fromkeys(read.session.scalars(select(Booking.public_id)), "BOOKING")
        random |= dict.fromkeys(read.session.scalars(select(Outbox.message_id)), "MESSAGE")
    page, line, calendar = readable(letters[name].message).partition("––– text/calendar")
    text = without(random, page + line + calendar.replace("\n ", ""))  # lines of calendars are folded anywhere
    golden(GOLDEN / f"{name}.txt", re.sub(r"(/confirm/|\?t=)[\w.-]+", r"\1TOKEN", text))


@pytest.mark.parametrize("name", LETTERS)
def test_stands_in_sound_html_with_the_same_links_each_on_its_own_line_of_the_text(
    letters: dict[str, Mail], name: str
) -> None:
    mail = letters[name]
    assert [fault for fault in faults(mail.soup) if "attribute style" not in fault] == []
    links = re.findall(r"https?://\S+", mail.text)
    assert {str(link["href"]) for link in mail.soup.select("a[href]")} == set(links)
    assert [line for line in mail.text.splitlines() if "://" in line and not line.startswith("http")] == []


def test_nothing_secret_lies_in_the_outbox(letters: dict[str, Mail], reading: Reads) -> None:
    tokens = [found for mail in letters.values() for found in re.findall(r"(?:/t/|/confirm/|\?t=)(\S+)", mail.text)]
    assert len(tokens) >= 5
    with reading() as read:
        kept = " ".join(str(vars(row)) for row in read.session.scalars(select(Outbox)))
    assert [token for token in tokens if token in kept] == []


def test_what_a_stranger_typed_is_not_mailed_to_an_address(letters: dict[str, Mail]) -> None:
    assert "Noor" not in letters["registration"].raw.decode()
    assert "Hello Noor Adeyemi" in letters["webinar-confirmation"].text
