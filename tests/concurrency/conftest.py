"""Several processes of the service on the test's own database, by the machine's clock."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import func, select

from cop.core.clock import SystemClock
from cop.models.events import Event, Seat
from cop.queries.soundness import unsound
from tests.concurrency.crowds import Visitor, add_people
from tests.concurrency.post_office import PostOffice, open_post_office
from tests.concurrency.processes import Web, environment, web_server
from tests.support.clock import FixedClock
from tests.support.mailbox import free_port
from tests.support.make import Make, Reads, Working

WORKERS = 3
LIVE_SEATS = select(func.count()).select_from(Seat).where(Seat.live)
PLACES = 15


@pytest.fixture(autouse=True)
def present(clock: FixedClock) -> None:
    """What tests make must lie in the future of real processes."""
    clock.set(SystemClock().now())


@pytest.fixture(scope="session")
def web(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    log = tmp_path_factory.mktemp("web") / "log"
    with web_server(environment(database_url), free_port(), WORKERS, log) as server:
        yield server


@pytest.fixture
def post_office() -> Iterator[PostOffice]:
    with open_post_office() as office:
        yield office


@pytest.fixture
def people(app: Flask, work: Working) -> Callable[[int], list[int]]:
    """``people(100)`` are the ids of a hundred people with accounts."""

    def make_people(number: int) -> list[int]:
        with work() as opened:
            return add_people(opened, number)

    return make_people


@pytest.fixture
def crowd(app: Flask, people: Callable[[int], list[int]]) -> Callable[[int, int], list[Visitor]]:
    """``crowd(100, port)`` are a hundred visitors of the server on that port, each with the form open."""
    return lambda number, port: [Visitor(app, person_id, port) for person_id in people(number)]


@pytest.fixture
def visit(make: Make) -> Callable[..., Event]:
    """A visit a month from now, too far for any reminder."""
    month = SystemClock().now() + timedelta(days=30)
    return partial(make.visit, slots=[month.replace(hour=10, minute=0, second=0, microsecond=0)])


@pytest.fixture
def wrong_numbers(reading: Reads) -> Callable[[], list[str]]:
    """Promises about places that are not kept."""

    def count() -> list[str]:
        with reading() as read:
            return unsound(read)

    return count


@pytest.fixture
def people_booked(reading: Reads) -> Callable[[], int]:
    """How many people hold a place."""

    def count() -> int:
        with reading() as read:
            return int(read.session.scalar(LIVE_SEATS) or 0)

    return count
