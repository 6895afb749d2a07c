"""Reading what machines send us from a real IMAP server: mail that came back, and answers of calendars."""

import imaplib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select

from cop.formats.delivery_reports import DeliveryReport, read_delivery_report
from cop.models.accounts import Person
from cop.models.events import Booking, BookingState
from cop.models.forum import FollowLevel, Post, PostSource, Topic
from cop.models.outbox import Bounce, Outbox
from cop.models.replies import CalendarReply, ReplyState
from cop.queries.replies import reply_address
from cop.services import forum as forum_services
from scheduled import read_mailbox
from scheduled.read_mailbox import MOST
from tests.support.answers import plain
from tests.support.forum import MakeForum
from tests.support.imap import ImapServer, flags_in, imap_server, put, pymap_server
from tests.support.mailbox import Mailbox
from tests.support.make import Make, Reads, working
from tests.support.replies import Calendars
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
            return read_mailbox.run()

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


def read(
    messages: int,
    *,
    stopped: int = 0,
    soft: int = 0,
    answers: int = 0,
    waiting: int = 0,
    posted: int = 0,
    refused: int = 0,
    strange: int = 0,
) -> str:
    """What the job says."""
    return (
        f"{messages} messages read, {stopped} addresses stopped, {soft} soft bounces, "
        f"{answers} answers from calendars, {waiting} for staff to decide, {posted} answers posted in the forum, "
        f"{refused} not posted, {strange} to look at"
    )


def bounced(reading: Reads) -> list[tuple[str, bool, str]]:
    with reading() as found:
        return [
            (row.address, row.hard, row.status) for row in found.session.scalars(select(Bounce).order_by(Bounce.id))
        ]


def test_without_the_setting_there_is_nothing_to_do(app: Flask) -> None:
    with app.app_context():
        assert read_mailbox.run() == "0 messages: no mailbox is set"


@pytest.mark.parametrize("name", HARD)
def test_a_report_stops_mail_to_the_address_whoever_wrote_it(
    server: ImapServer, run: Callable[[], str], sent: Callable[..., str], reading: Reads, name: str
) -> None:
    server.put(report(name, sent(), ADDRESS))
    assert run() == read(1, stopped=1)
    assert [(address, hard) for address, hard, _status in bounced(reading)] == [(ADDRESS, True)]
    assert server.letters[0].flags == {r"\Seen"}
    assert run() == read(0)


def test_other_mail_is_put_away_without_effect(
    server: ImapServer, run: Callable[[], str], sent: Callable[..., str], reading: Reads
) -> None:
    word = sent()
    server.put(report("on-holiday", word, ADDRESS), report("postfix", "guessed", ADDRESS), b"")
    assert run() == read(3)
    assert bounced(reading) == []
    assert all(letter.flags == {r"\Seen"} for letter in server.letters)


def test_a_full_mailbox_and_a_delay_are_noted_and_stop_nothing(
    server: ImapServer, run: Callable[[], str], sent: Callable[..., str], reading: Reads
) -> None:
    word = sent()
    server.put(report("mailbox-full", word, ADDRESS), report("delayed", word, ADDRESS))
    assert run() == read(2, soft=2)
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

    monkeypatch.setattr(read_mailbox, "read_delivery_report", stumbles)
    assert run() == read(2, stopped=1, strange=1)
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
    assert run() == read(1)
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
    with reading() as found:
        amina = found.session.scalars(select(Person).where(Person.email == ADDRESS)).one()
    make.booking(amina, make.visit("Another"))
    assert mailbox.deliver() == []


class TestAnswersFromCalendars:
    @pytest.fixture
    def booking(self, make: Make) -> Booking:
        return make.booking(make.account(email=ADDRESS), make.visit())

    def state_of(self, reading: Reads, booking: Booking) -> BookingState:
        with reading() as found:
            return found.session.get_one(Booking, booking.id).state

    def test_a_no_ends_the_booking(
        self, app: Flask, server: ImapServer, run: Callable[[], str], booking: Booking, reading: Reads
    ) -> None:
        server.put(Calendars(app).mail(booking))
        assert run() == read(1, answers=1)
        assert self.state_of(reading, booking) is BookingState.CANCELLED
        assert server.letters[0].flags == {r"\Seen"}

    def test_one_in_doubt_waits_for_staff_and_one_to_nobody_is_put_away(
        self, app: Flask, server: ImapServer, run: Callable[[], str], booking: Booking, reading: Reads
    ) -> None:
        calendars = Calendars(app)
        server.put(
            calendars.mail(booking, sender="office@council.example"), calendars.mail(booking, to="x@cop.example")
        )
        assert run() == read(2, waiting=1)
        assert self.state_of(reading, booking) is BookingState.LIVE

    def test_it_is_read_again_where_the_server_went_away_and_counts_once(
        self, app: Flask, server: ImapServer, run: Callable[[], str], booking: Booking, reading: Reads
    ) -> None:
        server.put(Calendars(app).mail(booking))
        server.hangs_up_at = "STORE"
        with pytest.raises((OSError, imaplib.IMAP4.error)):
            run()
        server.hangs_up_at = ""
        assert run() == read(1)
        with reading() as found:
            assert found.session.scalars(select(CalendarReply.state)).all() == [ReplyState.APPLIED]

    def test_the_letter_of_a_person_is_left_for_a_person(
        self, app: Flask, server: ImapServer, run: Callable[[], str], booking: Booking
    ) -> None:
        to = reply_address("replies@cop.example", booking.public_id)
        letter = f"From: {ADDRESS}\r\nTo: {to}\r\nSubject: Re: Booked\r\n".encode()
        automatic = letter + b"Auto-Submitted: auto-replied\r\n"
        server.put(letter + b"\r\nMay I bring Ben?\r\n", automatic + b"\r\nI am away.\r\n")
        assert run() == read(2, strange=1)
        assert [letter.flags for letter in server.letters] == [{r"\Seen", r"\Flagged"}, {r"\Seen"}]


class TestAnswersToTheForum:
    """From a post to the letter about it, to the answer in a mailbox, and to the post that it becomes."""

    @pytest.fixture
    def forum(self, app: Flask, make: Make) -> MakeForum:
        return MakeForum(app, make)

    @pytest.fixture
    def topic(self, forum: MakeForum) -> Topic:
        return forum.topic(forum.alumna("Ben Birkett", email="ben@council.example"), forum.space())

    @pytest.fixture
    def to(self, app: Flask, forum: MakeForum, topic: Topic, make: Make, mailbox: Mailbox, run: object) -> str:
        """The address in a letter that reached Alma."""
        ports = app.extensions["cop"]
        ports.settings = replace(ports.settings, reply_address="replies@cop.example")
        alma = forum.alumna("Alma Ashdown", email="alma@council.example")
        forum.hears(alma)
        with working(app, make.actor(alma)) as work:
            forum_services.follow_topic(work, topic_id=topic.id, level=FollowLevel.FOLLOW)
        carol = forum.alumna("Carol Carter")
        forum.reply(carol, topic, "Who has a kettle?")
        (mail,) = mailbox.deliver()
        return mail["Reply-To"]

    def said(self, reading: Reads) -> list[tuple[str, PostSource]]:
        with reading() as found:
            rows = found.session.execute(select(Post.body, Post.source).where(Post.number > 2).order_by(Post.id))
            return [(body, source) for body, source in rows]

    def test_are_posted_and_counted(self, server: ImapServer, run: Callable[[], str], to: str, reading: Reads) -> None:
        server.put(plain(to, "We have."), plain(to, "I am away.", "Auto-Submitted: auto-replied"))
        assert run() == read(2, posted=1)
        assert self.said(reading) == [("We have.", PostSource.EMAIL)]
        assert [letter.flags for letter in server.letters] == [{r"\Seen"}, {r"\Seen"}]

    def test_that_are_not_posted_go_back_with_the_reason(
        self,
        forum: MakeForum,
        topic: Topic,
        server: ImapServer,
        run: Callable[[], str],
        to: str,
        mailbox: Mailbox,
        reading: Reads,
    ) -> None:
        forum.lock_topic(topic)
        server.put(plain(to, "We have."))
        assert run() == read(1, refused=1)
        (mail,) = mailbox.deliver()
        assert mail.subject == "Your answer is not in the forum"
        assert "We have." in mail.text
        assert self.said(reading) == []

    def test_to_forged_addresses_are_put_away_in_silence(
        self, server: ImapServer, run: Callable[[], str], to: str, mailbox: Mailbox, reading: Reads
    ) -> None:
        middle = to.index("+") + 16
        forged = to[:middle] + ("x" if to[middle] != "x" else "y") + to[middle + 1 :]
        server.put(plain(forged, "Buy this."), plain(to, "Buy this.", sender="mallory@elsewhere.example"))
        assert run() == read(2, refused=1)
        assert self.said(reading) == []
        (mail,) = mailbox.deliver()
        assert str(mail.message["To"]) == "Alma Ashdown <alma@council.example>"
        assert "Buy this." not in mail.text

    def test_count_once_where_the_server_went_away(
        self, server: ImapServer, run: Callable[[], str], to: str, reading: Reads
    ) -> None:
        server.put(plain(to, "We have."))
        server.hangs_up_at = "STORE"
        with pytest.raises((OSError, imaplib.IMAP4.error)):
            run()
        server.hangs_up_at = ""
        assert run() == read(1)
        assert self.said(reading) == [("We have.", PostSource.EMAIL)]

    def test_in_a_heap_of_parts_harm_no_other(
        self, server: ImapServer, run: Callable[[], str], to: str, reading: Reads
    ) -> None:
        edges = "".join(f"--e{n}\r\nContent-Type: multipart/mixed; boundary=e{n + 1}\r\n\r\n" for n in range(3_000))
        head = f"From: alma@council.example\r\nTo: {to}\r\nContent-Type: multipart/mixed; boundary=e0\r\n\r\n"
        server.put((head + edges).encode(), plain(to, "We have."))
        run()
        assert self.said(reading) == [("We have.", PostSource.EMAIL)]
        assert all(r"\Seen" in letter.flags for letter in server.letters)

    def test_are_read_from_the_server_of_another_maker(self, app: Flask, to: str, reading: Reads) -> None:
        ports = app.extensions["cop"]
        with pymap_server() as at, app.app_context():
            ports.settings = replace(ports.settings, imap=at)
            put(at, plain(to, "We have."))
            assert read_mailbox.run() == read(1, posted=1)
        assert self.said(reading) == [("We have.", PostSource.EMAIL)]


class TestTheInvitation:
    def test_is_answered_to_an_address_of_its_own(
        self, run: Callable[[], str], app: Flask, make: Make, mailbox: Mailbox, reading: Reads
    ) -> None:
        ports = app.extensions["cop"]
        ports.settings = replace(ports.settings, reply_address="replies@cop.example")
        person, visit = make.account(email=ADDRESS), make.visit()
        booking = make.booking(person, visit)
        (mail,) = mailbox.deliver()
        own = reply_address("replies@cop.example", booking.public_id)
        assert mail["Reply-To"] == own
        assert f"mailto:{own}" in str(mail.calendar).replace("\r\n ", "").replace("\n ", "")
        Calendars(app).answer(booking)
        (ended,) = mailbox.deliver()
        assert "Reply-To" not in ended.message
        assert "METHOD:CANCEL" in str(ended.calendar)
        assert f"mailto:{own}" in str(ended.calendar).replace("\r\n ", "").replace("\n ", "")
        assert f"/visits/{visit.slug}" in ended.text

    def test_without_the_setting_it_is_as_before(self, make: Make, mailbox: Mailbox) -> None:
        make.booking(make.account(), make.visit())
        (mail,) = mailbox.deliver()
        assert "Reply-To" not in mail.message
        assert "mailto:programme@cop.example" in str(mail.calendar)


def test_the_server_of_another_maker_is_read_alike(
    app: Flask, make: Make, sent: Callable[..., str], reading: Reads
) -> None:
    booking, calendars = make.booking(make.account(), make.visit()), Calendars(app)
    ports = app.extensions["cop"]
    letter = f"From: {ADDRESS}\r\nTo: {reply_address('r@cop.example', booking.public_id)}\r\n\r\nHello\r\n".encode()
    before = ports.settings
    with pymap_server() as at, app.app_context():
        ports.settings = replace(before, imap=at)
        try:
            put(at, report("postfix", sent(), ADDRESS), calendars.mail(booking, client="google"), letter)
            assert read_mailbox.run() == read(3, stopped=1, answers=1, strange=1)
            assert read_mailbox.run() == read(0)
            put(at, calendars.mail(booking, client="apple"))
            assert read_mailbox.run() == read(1)
            assert flags_in(at) == [r"\Seen", r"\Seen", r"\Flagged \Seen", r"\Seen"]
        finally:
            ports.settings = before
    with reading() as found:
        assert found.session.get_one(Booking, booking.id).state is BookingState.CANCELLED
