"""Several runners of one job at once: one sends, and the next takes its place when it is held up or gone."""

import asyncio
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest
from aiosmtpd.smtp import Session
from flask import Flask
from sqlalchemy import delete, text

from cop.demo import running
from cop.models.events import Booking, Event
from cop.models.outbox import Outbox
from cop.services import outbox
from scheduled import send_outbox
from scheduled.send_outbox import LEASE
from tests.concurrency.post_office import PostOffice
from tests.concurrency.processes import PATIENCE, environment, scheduled, until
from tests.support.clock import FixedClock
from tests.support.make import Make, Working

RUNNERS, MAILS = 4, 60


END_TURNS = text(
    "SELECT pg_terminate_backend(pid) FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database"
    " WHERE locktype = 'advisory' AND datname = current_database()"
)
"""As a network does that forgets a connection while its owner lives on."""


def post_mails(work: Working, booking: Booking, number: int) -> list[str]:
    """Promise a confirmation of one booking to many addresses, in place of what was promised before."""
    addresses = [f"guest{position:02d}@crowd.example" for position in range(number)]
    with work() as unit:
        unit.session.execute(delete(Outbox))
        for address in addresses:
            outbox.post(unit, key=f"told:{address}", to=address, template="booking_confirmed", booking_id=booking.id)
    return addresses


def test_four_runners_deliver_every_mail_once(
    database_url: str,
    make: Make,
    visit: Callable[..., Event],
    work: Working,
    post_office: PostOffice,
    tmp_path: Path,
) -> None:
    booking = make.booking(make.account(), visit())
    addresses = post_mails(work, booking, MAILS)
    senders = Senders()
    post_office.slowly = senders.stay_a_while
    surroundings = environment(database_url, post_office.port)
    log = tmp_path / "jobs.log"
    with ExitStack() as stack:
        runners = [stack.enter_context(scheduled(surroundings, log, "send_outbox")) for _ in range(RUNNERS)]
        assert [runner.wait(PATIENCE) for runner in runners] == [0] * RUNNERS, log.read_text()
    came = post_office.by_recipient()
    assert sorted(came) == sorted(addresses)
    assert all(len(ids) == 1 for ids in came.values())
    assert len({ids[0] for ids in came.values()}) == MAILS
    assert senders.most == 1, "a mail server that dies must leave no more than one mail in doubt"


def test_a_runner_that_was_held_up_does_not_send_what_another_has_taken_over(
    app: Flask,
    database_url: str,
    make: Make,
    visit: Callable[..., Event],
    work: Working,
    clock: FixedClock,
    post_office: PostOffice,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    addresses = post_mails(work, make.booking(make.account(), visit()), 5)
    patience = Patience()
    post_office.slowly = patience.keep_the_first_waiting
    monkeypatch.setattr(app.extensions["mail"], "port", post_office.port)
    with scheduled(environment(database_url, post_office.port), tmp_path / "job.log", "send_outbox") as held_up:
        until(lambda: len(post_office.mails) == 1, "the first mail")
        clock.move(LEASE + timedelta(minutes=1))
        with work() as unit:
            running.move_clock_on(unit, to=clock.now())
            unit.session.execute(END_TURNS)
        with app.app_context():
            send_outbox.run()
        patience.is_over = True
        assert held_up.wait(PATIENCE) == 1, "whoever has lost its turn says so in its log"
    came = post_office.by_recipient()
    assert sorted(came) == addresses
    assert sum(len(ids) - 1 for ids in came.values()) <= 1, "only the mail that was on its way may come twice"


class Patience:
    """Keeps the sender of the first mail waiting until it is over."""

    def __init__(self) -> None:
        self.is_over = False
        self._first: object = None

    async def keep_the_first_waiting(self, session: Session) -> None:
        self._first = self._first or session.peer
        while session.peer == self._first and not self.is_over:  # noqa: ASYNC110  set by another thread
            await asyncio.sleep(0.02)


class Senders:
    """Sees how many mails are on their way at the same time."""

    def __init__(self) -> None:
        self.most = self._now = 0

    async def stay_a_while(self, _session: Session) -> None:
        self._now += 1
        self.most = max(self.most, self._now)
        await asyncio.sleep(0.02)
        self._now -= 1
