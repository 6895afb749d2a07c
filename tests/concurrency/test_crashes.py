"""Processes that are killed without warning lose neither a booking nor its mail."""

import http.client
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from aiosmtpd.smtp import Session
from sqlalchemy import select

from cop.core.clock import SystemClock
from cop.demo import running
from cop.models.accounts import Person
from cop.models.events import Booking, BookingState, Event
from scheduled.send_outbox import LEASE
from tests.concurrency.conftest import PLACES
from tests.concurrency.crowds import Reply, Visitor
from tests.concurrency.post_office import PostOffice
from tests.concurrency.processes import PATIENCE, Environment, Web, environment, scheduled, until, web_server
from tests.support.mailbox import free_port
from tests.support.make import Make, Reads, Working

LIVE = select(Person.email).join(Booking, Booking.person_id == Person.id).where(Booking.state == BookingState.LIVE)


@pytest.fixture
def surroundings(database_url: str, post_office: PostOffice) -> Environment:
    return environment(database_url, post_office.port)


@pytest.fixture
def mortal_web(surroundings: Environment, tmp_path: Path) -> Iterator[Web]:
    """A web server of the test's own, since its workers will not live long."""
    with web_server(surroundings, free_port(), 2, tmp_path / "web.log") as server:
        yield server


@pytest.fixture
def booked(reading: Reads) -> Callable[[], list[str]]:
    """The address of everybody who holds a live booking, once for each."""

    def find() -> list[str]:
        with reading() as read:
            return sorted(str(email) for email in read.session.scalars(LIVE))

    return find


def deliver(surroundings: Environment, log: Path) -> None:
    """Run the job once, to its end."""
    with scheduled(surroundings, log, "send_outbox") as job:
        assert job.wait(PATIENCE) == 0, log.read_text()


def test_a_web_worker_killed_after_its_answers_loses_nothing(
    mortal_web: Web,
    surroundings: Environment,
    crowd: Callable[[int, int], list[Visitor]],
    visit: Callable[..., Event],
    booked: Callable[[], list[str]],
    post_office: PostOffice,
    tmp_path: Path,
) -> None:
    opened = visit(capacity=PLACES)
    visitors = crowd(12, mortal_web.port)
    book = partial(_book, slug=opened.slug, slot=opened.parts[0].id)
    with ThreadPoolExecutor(len(visitors)) as threads:
        answers = [threads.submit(book, visitor) for visitor in visitors]
        until(lambda: any(answer.done() for answer in answers), "an answer")
        mortal_web.kill_workers()
        first = [answer.result() for answer in answers]
    until(mortal_web.is_ready, "a new worker")
    again = [book(visitor) for visitor in visitors]
    answered = [after for before, after in zip(first, again, strict=True) if before and before.status == 302]
    assert answered
    assert all(after and after.status == 422 for after in answered), "a booking that was answered is lost"
    assert len(booked()) == len(visitors)
    deliver(surroundings, tmp_path / "job.log")
    assert {email: len(ids) for email, ids in post_office.by_recipient().items()} == dict.fromkeys(booked(), 1)


def _book(visitor: Visitor, slug: str, slot: int) -> Reply | None:
    """The answer, or None where the worker died with the question."""
    try:
        return visitor.book(slug, slot)
    except (OSError, http.client.HTTPException):
        return None


@pytest.mark.parametrize("deaths", [[1], [4], [3, 2]], ids=["at the first", "at the fourth", "twice"])
def test_a_scheduler_killed_while_it_sends_loses_no_mail_and_doubles_one_at_most(
    surroundings: Environment,
    make: Make,
    people: Callable[[int], list[int]],
    visit: Callable[..., Event],
    work: Working,
    booked: Callable[[], list[str]],
    post_office: PostOffice,
    tmp_path: Path,
    deaths: list[int],
) -> None:
    opened = visit(capacity=PLACES)
    with work() as unit:
        guests = [unit.session.get_one(Person, person_id) for person_id in people(8)]
    for guest in guests:
        make.booking(guest, opened)
    for number, mails in enumerate(deaths, start=1):
        _send_and_die(surroundings, post_office, mails, tmp_path / "scheduler.log")
        with work() as unit:  # time goes by, until nobody holds the mails of the dead
            running.move_clock_on(unit, to=SystemClock().now() + number * (LEASE + timedelta(minutes=1)))
    deliver(surroundings, tmp_path / "job.log")
    came = post_office.by_recipient()
    assert sorted(came) == booked()
    assert all(len(set(ids)) == 1 for ids in came.values()), "a double must say that it is one"
    assert sum(len(ids) - 1 for ids in came.values()) == len(deaths), "the one that was on its way, and no other"
    assert len({ids[0] for ids in came.values()}) == len(came)


def _send_and_die(surroundings: Environment, post_office: PostOffice, mails: int, log: Path) -> None:
    """Run all jobs, and kill them when so many mails have come, before the server says that it has the last one."""
    last = len(post_office.mails) + mails
    with scheduled(surroundings, log) as runner:

        async def kill(_session: Session) -> None:
            if len(post_office.mails) == last:
                runner.kill()

        post_office.slowly = kill
        until(lambda: runner.poll() is not None, "the death of the runner")
        assert runner.returncode == -signal.SIGKILL, log.read_text()
