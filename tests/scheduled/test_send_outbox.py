"""Delivering what was promised: in order, once, again when it failed, and never when it has become useless."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from threading import Event as Signal
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from flask import Flask
from sqlalchemy import update

from cop.models.accounts import Person
from cop.models.events import Booking, Event
from cop.models.outbox import Dropped, Outbox, OutboxChannel, OutboxClass, OutboxState
from cop.services import outbox as promises
from cop.services.events import booking as bookings
from scheduled import send_outbox
from scheduled.send_outbox import BACK_OFF, BATCH, LEASE
from tests.support.clock import FixedClock
from tests.support.mailbox import Mail, Mailbox, open_mailbox
from tests.support.make import Make, Working

MINUTE, HOUR, SECOND = timedelta(minutes=1), timedelta(hours=1), timedelta(seconds=1)

Posted = Callable[..., Sequence[Outbox]]


@pytest.fixture
def visit(make: Make) -> Event:
    return make.visit(capacity=None)


@pytest.fixture
def held(make: Make, visit: Event) -> Booking:
    return make.booking(make.person("Amina", "amina@council.example"), visit)


@pytest.fixture
def run(app: Flask) -> Callable[[], str]:
    """The job, as often as it is called."""

    def run_once() -> str:
        with app.app_context():
            return send_outbox.run()

    return run_once


@pytest.fixture
def promise(work: Working, held: Booking) -> Callable[..., None]:
    """``promise("a@b.example")`` promises another letter about the booking to an address."""

    def post(to: str, **more: Any) -> None:
        values = {"template": "booking_confirmed", "booking_id": held.id, **more}
        with work() as unit:
            promises.post(unit, key=f"test:{to}", to=to, **values)

    return post


def recipients(mails: Sequence[Mail]) -> list[str]:
    return [mail.message["To"].addresses[0].addr_spec for mail in mails]


def alter(work: Working, row: Outbox, **values: Any) -> None:
    with work() as unit:
        unit.session.execute(update(Outbox).where(Outbox.id == row.id).values(**values))


class TestALetter:
    def test_is_sent_once_and_noted(
        self, mailbox: Mailbox, outbox: Posted, held: Booking, clock: FixedClock, run: Callable[[], str]
    ) -> None:
        assert run() == "1 sent, 0 dropped, 0 failed"
        assert run() == "0 sent, 0 dropped, 0 failed"
        (row,) = outbox()
        assert (row.state, row.sent_at, row.attempts) == (OutboxState.SENT, clock.now(), 1)
        assert (row.lease_until, row.last_error) == (None, None)
        assert recipients(mailbox.messages) == ["amina@council.example"]

    def test_says_where_it_comes_back_to(self, mailbox: Mailbox, held: Booking, run: Callable[[], str]) -> None:
        senders = []
        keep = mailbox.handle_DATA

        async def handle(server: SMTP, session: Session, envelope: Envelope) -> str:
            senders.append(envelope.mail_from)
            return await keep(server, session, envelope)

        vars(mailbox)["handle_DATA"] = handle
        run()
        assert senders == ["programme@cop.example"]

    def test_waits_until_it_is_due(self, mailbox: Mailbox, clock: FixedClock, promise: Callable[..., None]) -> None:
        mailbox.deliver()
        promise("later@x.example", due_at=clock.now() + HOUR)
        clock.move(HOUR - SECOND)
        assert mailbox.deliver() == []
        clock.move(SECOND)
        assert recipients(mailbox.deliver()) == ["later@x.example"]

    def test_that_answers_an_act_overtakes_those_that_are_merely_timely(
        self, mailbox: Mailbox, clock: FixedClock, promise: Callable[..., None]
    ) -> None:
        mailbox.deliver()
        promise("early@x.example", urgency=OutboxClass.TIMELY, due_at=clock.now() - HOUR)
        promise("second@x.example")
        promise("first@x.example", due_at=clock.now() - MINUTE)
        assert recipients(mailbox.deliver()) == ["first@x.example", "second@x.example", "early@x.example"]

    def test_goes_out_with_all_others_however_many(self, mailbox: Mailbox, promise: Callable[..., None]) -> None:
        for number in range(2 * BATCH + 1):
            promise(f"guest{number:02d}@x.example")
        mails = mailbox.deliver()
        assert len(mails) == len(set(recipients(mails))) == 2 * BATCH + 2

    def test_to_somebody_without_email_is_left_for_a_person_to_say(
        self, make: Make, visit: Event, mailbox: Mailbox, outbox: Posted
    ) -> None:
        make.booking(make.person("Rosa Lund", None), visit)
        assert mailbox.deliver() == []
        assert outbox()[0].state is OutboxState.PENDING

    def test_to_somebody_whose_address_was_taken_away_is_left_for_a_person_to_say(
        self, held: Booking, work: Working, mailbox: Mailbox, outbox: Posted, run: Callable[[], str]
    ) -> None:
        with work() as unit:
            unit.session.get_one(Person, held.person_id).email = None
        assert run() == "0 sent, 0 dropped, 0 failed, 1 to tell"
        assert mailbox.messages == []
        assert (outbox()[0].state, outbox()[0].channel) == (OutboxState.PENDING, OutboxChannel.TELL)

    def test_to_somebody_without_address_that_has_no_point_is_dropped_and_not_said(
        self, held: Booking, make: Make, work: Working, mailbox: Mailbox, outbox: Posted
    ) -> None:
        with work() as unit:
            bookings.cancel(unit, public_id=held.public_id)
            unit.session.get_one(Person, held.person_id).email = None
        assert mailbox.deliver() == []
        first = outbox()[0]
        assert (first.state, first.channel, first.last_error) == (
            OutboxState.DROPPED,
            OutboxChannel.EMAIL,
            Dropped.POINTLESS,
        )


def test_whoever_is_asked_to_end_sends_no_more_and_gives_back_the_rest(
    mailbox: Mailbox,
    outbox: Posted,
    promise: Callable[..., None],
    run: Callable[[], str],
    held: Booking,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    promise("second@x.example")
    promise("third@x.example")
    ending, keep = Signal(), mailbox.handle_DATA
    monkeypatch.setattr(send_outbox, "ENDING", ending)

    async def handle(server: SMTP, session: Session, envelope: Envelope) -> str:
        ending.set()
        return await keep(server, session, envelope)

    vars(mailbox)["handle_DATA"] = handle
    assert run() == "1 sent, 0 dropped, 0 failed, 2 later"
    assert [(row.state, row.attempts, row.lease_until) for row in outbox("booking_confirmed")] == [
        (OutboxState.SENT, 1, None),
        (OutboxState.PENDING, 0, None),
        (OutboxState.PENDING, 0, None),
    ]
    assert run() == "0 sent, 0 dropped, 0 failed"
    monkeypatch.setattr(send_outbox, "ENDING", Signal())
    assert run() == "2 sent, 0 dropped, 0 failed"


class TestALetterThatFails:
    def test_is_tried_again_after_longer_and_longer_waits_and_then_put_aside(
        self, held: Booking, outbox: Posted, clock: FixedClock, run: Callable[[], str]
    ) -> None:
        for attempt, wait in enumerate(BACK_OFF, start=1):
            assert run() == "0 sent, 0 dropped, 1 failed"
            (row,) = outbox()
            assert (row.state, row.attempts) == (OutboxState.PENDING, attempt)
            assert row.due_at == clock.now() + wait
            clock.move(wait - SECOND)
            assert run() == "0 sent, 0 dropped, 0 failed"
            clock.move(SECOND)
        assert run() == "0 sent, 0 dropped, 1 failed"
        (row,) = outbox()
        assert (row.state, row.attempts, row.lease_until) == (OutboxState.DEAD, len(BACK_OFF) + 1, None)
        assert "refused" in (row.last_error or "")
        clock.move(timedelta(days=30))
        assert run() == "0 sent, 0 dropped, 0 failed"

    def test_goes_out_once_the_mail_server_is_back(
        self, app: Flask, held: Booking, outbox: Posted, clock: FixedClock, run: Callable[[], str]
    ) -> None:
        run()
        clock.move(BACK_OFF[0])
        with open_mailbox(app) as mailbox:
            (mail,) = mailbox.deliver()
        (row,) = outbox()
        assert (row.state, row.attempts, row.last_error) == (OutboxState.SENT, 2, None)
        assert mail["Message-ID"] == f"<{row.message_id}@localhost>"

    def test_is_sent_under_its_old_name_when_a_person_takes_it_up_again(
        self, held: Booking, outbox: Posted, work: Working, mailbox: Mailbox
    ) -> None:
        (row,) = outbox()
        alter(work, row, state=OutboxState.DEAD, attempts=6)
        assert mailbox.deliver() == []
        with work() as unit:
            assert promises.retry(unit, outbox_id=row.id)
        (mail,) = mailbox.deliver()
        assert mail["Message-ID"] == f"<{row.message_id}@localhost>"

    @pytest.mark.parametrize(
        "poison",
        [{"template": "no_such_letter"}, {"booking_id": "no number"}, {"template": "reminder"}],
        ids=["unknown template", "malformed", "parameters missing"],
    )
    def test_harms_no_other(
        self,
        mailbox: Mailbox,
        outbox: Posted,
        clock: FixedClock,
        promise: Callable[..., None],
        poison: dict[str, Any],
    ) -> None:
        promise("poison@x.example", due_at=clock.now() - HOUR, **poison)
        promise("well@x.example")
        assert sorted(recipients(mailbox.deliver())) == ["amina@council.example", "well@x.example"]
        states = {row.key: row.state for row in outbox()}
        assert states["test:poison@x.example"] is OutboxState.PENDING

    @pytest.mark.parametrize(
        "reply",
        ["550 no such mailbox", "452 mailbox full", "421 closing this connection", None],
        ids=["refused for good", "refused for now", "closing", "hangs up"],
    )
    def test_at_the_server_harms_no_other(
        self,
        mailbox: Mailbox,
        outbox: Posted,
        clock: FixedClock,
        promise: Callable[..., None],
        reply: str | None,
    ) -> None:
        promise("poison@x.example", due_at=clock.now() - HOUR)
        promise("well@x.example")
        with answering(mailbox, "poison@x.example", reply):
            came = recipients(mailbox.deliver())
        assert sorted(came) == ["amina@council.example", "well@x.example"]
        poisoned = next(row for row in outbox() if row.address == "poison@x.example")
        assert (poisoned.state, poisoned.attempts) == (OutboxState.PENDING, 1)


@contextmanager
def answering(mailbox: Mailbox, recipient: str, reply: str | None) -> Iterator[None]:
    """Let the server answer letters to one recipient with ``reply``, or hang up in the middle of them."""
    keep = mailbox.handle_DATA

    async def handle(server: SMTP, session: Session, envelope: Envelope) -> str:
        if recipient not in envelope.rcpt_tos:
            return await keep(server, session, envelope)
        if reply is None:
            assert server.transport
            server.transport.close()
        return reply or "250 never heard"

    vars(mailbox)["handle_DATA"] = handle
    yield
    del vars(mailbox)["handle_DATA"]


@contextmanager
def taking(mailbox: Mailbox, clock: FixedClock, time: timedelta) -> Iterator[None]:
    """Let the server take its time over each letter."""
    keep = mailbox.handle_DATA

    async def handle(server: SMTP, session: Session, envelope: Envelope) -> str:
        clock.move(time)
        return await keep(server, session, envelope)

    vars(mailbox)["handle_DATA"] = handle
    yield
    del vars(mailbox)["handle_DATA"]


class TestALease:
    """A runner that is killed leaves what it had claimed; nobody touches it until the lease is over."""

    def claim(self, app: Flask) -> None:
        with app.app_context():
            assert send_outbox._claim()

    def test_keeps_others_away_and_then_lets_them_send_under_the_same_name(
        self, app: Flask, mailbox: Mailbox, outbox: Posted, clock: FixedClock, held: Booking
    ) -> None:
        self.claim(app)
        (row,) = outbox()
        assert (row.state, row.lease_until) == (OutboxState.LEASED, clock.now() + LEASE)
        clock.move(LEASE)
        assert mailbox.deliver() == []
        clock.move(SECOND)
        (mail,) = mailbox.deliver()
        assert mail["Message-ID"] == f"<{row.message_id}@localhost>"
        (row,) = outbox()
        assert (row.state, row.attempts) == (OutboxState.SENT, 2)

    def test_that_was_lost_leaves_the_outcome_to_whoever_has_it_now(
        self, app: Flask, mailbox: Mailbox, outbox: Posted, clock: FixedClock, held: Booking
    ) -> None:
        with app.app_context():
            rows = send_outbox._claim()
        clock.move(LEASE + SECOND)
        mailbox.deliver()
        with app.app_context():
            send_outbox._failed(rows[0], "too late")
        (row,) = outbox()
        assert (row.state, row.last_error) == (OutboxState.SENT, None)

    def test_that_runs_out_again_and_again_ends_among_the_dead_letters(
        self, app: Flask, mailbox: Mailbox, outbox: Posted, clock: FixedClock, held: Booking
    ) -> None:
        """A letter whose rendering kills its runner must not kill runners for ever."""
        for _ in range(len(BACK_OFF) + 1):
            self.claim(app)
            clock.move(LEASE + SECOND)
        with app.app_context():
            assert send_outbox._claim() == []
        assert mailbox.deliver() == []
        assert outbox()[0].state is OutboxState.DEAD


class TestALetterWithoutUse:
    def test_is_dropped_at_the_instant_it_becomes_useless(
        self, mailbox: Mailbox, outbox: Posted, clock: FixedClock, promise: Callable[..., None]
    ) -> None:
        mailbox.deliver()
        promise("in-time@x.example", useless_after=clock.now() + HOUR + SECOND)
        promise("too-late@x.example", useless_after=clock.now() + HOUR)
        clock.move(HOUR)
        assert recipients(mailbox.deliver()) == ["in-time@x.example"]
        late = next(row for row in outbox() if row.address == "too-late@x.example")
        assert (late.state, late.sent_at) == (OutboxState.DROPPED, None)

    def test_is_dropped_when_it_became_useless_while_others_were_sent(
        self, mailbox: Mailbox, outbox: Posted, clock: FixedClock, promise: Callable[..., None]
    ) -> None:
        mailbox.deliver()
        promise("first@x.example", due_at=clock.now() - MINUTE)
        promise("too-late@x.example", useless_after=clock.now() + MINUTE)
        with taking(mailbox, clock, 2 * MINUTE):
            assert recipients(mailbox.deliver()) == ["first@x.example"]
        assert outbox()[-1].state is OutboxState.DROPPED

    def test_about_a_booking_that_was_cancelled_meanwhile_is_dropped_and_the_cancellation_sent(
        self, make: Make, visit: Event, mailbox: Mailbox, outbox: Posted, work: Working
    ) -> None:
        amina = make.person()
        held = make.booking(amina, visit)
        to = [visit.parts[1].id]
        with work(make.actor(amina)) as unit:
            bookings.change(unit, public_id=held.public_id, part_ids=to, party=bookings.Party(1))
        with work(make.actor(amina)) as unit:
            bookings.cancel(unit, public_id=held.public_id)
        assert [mail.subject.partition(":")[0] for mail in mailbox.deliver()] == ["Cancelled"]
        assert [row.state for row in outbox()] == [OutboxState.DROPPED, OutboxState.DROPPED, OutboxState.SENT]

    def test_about_a_booking_that_is_no_more_is_dropped(
        self, mailbox: Mailbox, outbox: Posted, promise: Callable[..., None]
    ) -> None:
        mailbox.deliver()
        promise("nobody@x.example", booking_id=987_654)
        assert mailbox.deliver() == []
        assert outbox()[-1].state is OutboxState.DROPPED

    def test_is_counted(self, mailbox: Mailbox, run: Callable[[], str], promise: Callable[..., None]) -> None:
        promise("nobody@x.example", booking_id=987_654)
        promise("poison@x.example", template="no_such_letter")
        assert run() == "1 sent, 1 dropped, 1 failed"
