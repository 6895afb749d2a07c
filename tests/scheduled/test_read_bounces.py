"""Reading the mailbox of bounces from a real IMAP server."""

import imaplib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select

from cop.formats.delivery_reports import DeliveryReport, read_delivery_report
from cop.models.accounts import Person
from cop.models.outbox import Bounce, Outbox
from scheduled import read_bounces
from scheduled.read_bounces import MOST
from tests.support.imap import ImapServer, imap_server
from tests.support.mailbox import Mailbox
from tests.support.make import Make, Reads
from tests.support.reports import HARD, report

ADDRESS = "amina@council.example"

Posted = Callable[..., Sequence[Outbox]]


@pytest.fixture
def server() -> Iterator[ImapServer]:
    with imap_server() as server:
        yield server


@pytest.fixture
def run(app: Flask, server: ImapServer) -> Iterator[Callable[[], str]]:
    """The job, with the setting that leads to the server."""
    ports = app.extensions["cop"]
    before = ports.settings
    ports.settings = replace(before, imap=server.at())

    def run_once() -> str:
        with app.app_context():
            return read_bounces.run()

    yield run_once
    ports.settings = before


@pytest.fixture
def sent(make: Make, mailbox: Mailbox, outbox: Posted) -> Callable[..., str]:
    """``sent("amina@council.example")`` is the random word of a confirmation that went there."""

    def send(to: str = ADDRESS) -> str:
        make.booking(make.person(email=to), make.visit())
        mailbox.deliver()
        return outbox()[-1].message_id

    return send


def bounced(reading: Reads) -> list[tuple[str, bool, str]]:
    with reading() as read:
        return [(row.address, row.hard, row.status) for row in read.session.scalars(select(Bounce).order_by(Bounce.id))]


def test_without_the_setting_there_is_nothing_to_do(app: Flask) -> None:
    with app.app_context():
        assert read_bounces.run() == "0 messages: no mailbox is set"


@pytest.mark.parametrize("name", HARD)
def test_a_report_stops_mail_to_the_address_whoever_wrote_it(
    server: ImapServer, run: Callable[[], str], sent: Callable[..., str], reading: Reads, name: str
) -> None:
    server.put(report(name, sent(), ADDRESS))
    assert run() == "1 messages read, 1 addresses stopped, 0 soft bounces, 0 not understood"
    assert [(address, hard) for address, hard, _status in bounced(reading)] == [(ADDRESS, True)]
    assert server.letters[0].flags == {r"\Seen"}
    assert run() == "0 messages read, 0 addresses stopped, 0 soft bounces, 0 not understood"


def test_other_mail_is_put_away_without_effect(
    server: ImapServer, run: Callable[[], str], sent: Callable[..., str], reading: Reads
) -> None:
    word = sent()
    server.put(report("on-holiday", word, ADDRESS), report("postfix", "guessed", ADDRESS), b"")
    assert run() == "3 messages read, 0 addresses stopped, 0 soft bounces, 0 not understood"
    assert bounced(reading) == []
    assert all(letter.flags == {r"\Seen"} for letter in server.letters)


def test_a_full_mailbox_and_a_delay_are_noted_and_stop_nothing(
    server: ImapServer, run: Callable[[], str], sent: Callable[..., str], reading: Reads
) -> None:
    word = sent()
    server.put(report("mailbox-full", word, ADDRESS), report("delayed", word, ADDRESS))
    assert run() == "2 messages read, 0 addresses stopped, 2 soft bounces, 0 not understood"
    assert bounced(reading) == [(ADDRESS, False, "5.2.2"), (ADDRESS, False, "4.4.1")]


def test_a_report_that_lies_there_twice_counts_once(
    server: ImapServer, run: Callable[[], str], sent: Callable[..., str], reading: Reads
) -> None:
    raw = report("exim", sent(), ADDRESS)
    server.put(raw, raw)
    run()
    assert len(bounced(reading)) == 1


def test_one_that_cannot_be_understood_is_marked_for_a_person_and_harms_no_other(
    server: ImapServer,
    run: Callable[[], str],
    sent: Callable[..., str],
    reading: Reads,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    word = sent()
    server.put(report("postfix", word, ADDRESS), report("gmail", word, ADDRESS))

    def stumbles(raw: bytes) -> DeliveryReport | None:
        if b"Postfix" in raw:
            raise LookupError("unknown encoding")
        return read_delivery_report(raw)

    monkeypatch.setattr(read_bounces, "read_delivery_report", stumbles)
    assert run() == "2 messages read, 1 addresses stopped, 0 soft bounces, 1 not understood"
    assert [letter.flags for letter in server.letters] == [{r"\Seen", r"\Flagged"}, {r"\Seen"}]


def test_a_message_is_marked_after_the_commit(
    server: ImapServer, run: Callable[[], str], sent: Callable[..., str], reading: Reads
) -> None:
    server.put(report("postfix", sent(), ADDRESS))
    server.hangs_up_at = "STORE"
    with pytest.raises((OSError, imaplib.IMAP4.error)):
        run()
    assert len(bounced(reading)) == 1
    assert server.letters[0].flags == set()
    server.hangs_up_at = ""
    assert run() == "1 messages read, 0 addresses stopped, 0 soft bounces, 0 not understood"
    assert len(bounced(reading)) == 1


def test_no_more_than_so_many_in_one_run(server: ImapServer, run: Callable[[], str]) -> None:
    server.put(*[b"Subject: hello\r\n\r\n"] * (MOST + 1))
    assert run().startswith(f"{MOST} messages read")
    assert run().startswith("1 messages read")


def test_a_letter_of_any_length_is_read_at_its_beginning(
    server: ImapServer, run: Callable[[], str], sent: Callable[..., str], reading: Reads
) -> None:
    server.put(report("postfix", sent(), ADDRESS).replace(b"Hello Amina", b"x" * 300_000))
    run()
    assert len(bounced(reading)) == 1


@pytest.mark.parametrize(
    "other", [{"password": "wrong"}, {"folder": "Elsewhere"}, {"port": 1}], ids=["password", "folder", "nobody there"]
)
def test_a_server_that_refuses_fails_the_job(
    app: Flask, server: ImapServer, run: Callable[[], str], other: dict[str, object]
) -> None:
    ports = app.extensions["cop"]
    ports.settings = replace(ports.settings, imap=server.at(**other))
    with pytest.raises((OSError, imaplib.IMAP4.error)):
        run()


def test_nothing_more_is_mailed_to_a_stopped_address(
    server: ImapServer, run: Callable[[], str], sent: Callable[..., str], make: Make, reading: Reads, mailbox: Mailbox
) -> None:
    server.put(report("postfix", sent(), ADDRESS))
    run()
    with reading() as read:
        amina = read.session.scalars(select(Person).where(Person.email == ADDRESS)).one()
    make.booking(amina, make.visit("Another"))
    assert mailbox.deliver() == []
