"""What every test can ask for: PostgreSQL, a clock that stands still, the application, and helpers for all of them."""

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import hypothesis
import pytest
from flask import Flask
from sqlalchemy import select, text

from cop import create_app
from cop.core.settings import Settings
from cop.models.base import Base
from cop.models.outbox import Outbox
from cop.web import db
from tests.support.browse import Browse
from tests.support.clock import FixedClock
from tests.support.golden import Golden
from tests.support.mailbox import Mailbox, open_mailbox
from tests.support.make import Make, Reads, Working, reading, working
from tests.support.postgres import PostgresOfTheRun, copy_of, settings_for_tests, worker_database

WORKERS_AT_MOST = 8
"""Workers share one PostgreSQL, and each holds up to ten connections of its hundred."""

STEADY = hypothesis.settings(
    derandomize=True, database=None, deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.register_profile("same", STEADY)
hypothesis.settings.register_profile("hunt", STEADY, derandomize=False)
hypothesis.settings.load_profile("same")
"""A run is the same as the one before, however busy the machine is. ``--hypothesis-profile=hunt`` looks further."""

POSTGRES = pytest.StashKey[PostgresOfTheRun]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write the golden files anew; read the diff")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[POSTGRES] = PostgresOfTheRun()
    if not hasattr(config, "workerinput"):
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # a run that is told to stop stops its server too


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """All cores for the suite, and no second process where single files are named: those start faster alone."""
    named = all(".py" in name for name in config.args)
    return 0 if named else min(os.cpu_count() or 1, WORKERS_AT_MOST)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell each worker of pytest-xdist where the one server is."""
    node.workerinput["template_url"] = node.config.stash[POSTGRES].template_url()


def pytest_unconfigure(config: pytest.Config) -> None:
    config.stash[POSTGRES].stop()


@pytest.fixture(scope="session")
def template_url(request: pytest.FixtureRequest) -> str:
    """The address of a database with all tables and no rows, to be copied."""
    told: str | None = getattr(request.config, "workerinput", {}).get("template_url")
    return told or request.config.stash[POSTGRES].template_url()


@pytest.fixture(scope="session")
def database_url(template_url: str, worker_id: str) -> Iterator[str]:
    """The address of this worker's own database, with all tables."""
    with copy_of(template_url, worker_database(template_url, worker_id)) as url:
        yield url


@pytest.fixture(scope="session")
def settings(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return settings_for_tests(database_url, tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="session")
def worker_clock() -> FixedClock:
    """The clock of the worker's application; a test asks for ``clock``."""
    return FixedClock()


@pytest.fixture(scope="session")
def worker_app(settings: Settings, worker_clock: FixedClock) -> Iterator[Flask]:
    """The application of this worker, built once; a test asks for ``app``."""
    app = create_app(settings, clock=worker_clock)
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def clock(worker_clock: FixedClock) -> FixedClock:
    """2 March 2026, 9:00 UTC, until the test says ``clock.move(timedelta(…))`` or ``clock.set(…)``."""
    worker_clock.reset()
    return worker_clock


@pytest.fixture
def app(worker_app: Flask, clock: FixedClock) -> Iterator[Flask]:
    """The application with empty tables."""
    yield worker_app
    empty_tables(worker_app)


# The names in these statements are those of our own tables.
TABLES = [f'"{table.name}"' for table in Base.metadata.sorted_tables]
ONLY_ADDED_TO = '"selection"'
ALONE = text(f"LOCK TABLE {', '.join(TABLES)}")
FILLED = text(" UNION ALL ".join(f"(SELECT '{table}' FROM {table} LIMIT 1)" for table in TABLES))  # noqa: S608
FROM_ONE = text(
    "SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false) "
    "FROM pg_sequences WHERE last_value IS NOT NULL"
)


def empty_tables(app: Flask) -> None:
    """Leave all tables as they were made, in a fraction of the time that TRUNCATE takes for so many.

    VACUUM gives their pages back, so that every test finds its rows in the order in which it saved them.
    """
    with app.app_context():
        with db.engine.begin() as connection:
            connection.execute(text("SET LOCAL lock_timeout = '10s'"))  # a transaction left open fails its test
            connection.execute(ALONE)
            filled = connection.scalars(FILLED).all()
            if ONLY_ADDED_TO in filled:
                connection.execute(text(f"TRUNCATE {ONLY_ADDED_TO}"))
                filled = [table for table in filled if table != ONLY_ADDED_TO]
            if filled:  # in one statement, after which the foreign keys are looked at
                deletes = (f"rows_{number} AS (DELETE FROM {name})" for number, name in enumerate(filled))  # noqa: S608
                connection.execute(text(f"WITH {', '.join(deletes)} SELECT"))
            connection.execute(FROM_ONE)
        if filled:
            with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(text(f"VACUUM {', '.join(filled)}"))


@pytest.fixture
def work(app: Flask) -> Working:
    """``with work() as work:`` or ``with work(actor) as work:`` is one unit of work."""
    return partial(working, app)


@pytest.fixture(name="reading")
def _reading(app: Flask) -> Reads:
    """``with reading() as read:`` or ``with reading(actor) as read:`` is what a query is given."""
    return partial(reading, app)


@pytest.fixture
def make(app: Flask) -> Make:
    return Make(app)


@pytest.fixture
def browse(app: Flask, make: Make) -> Browse:
    """A visitor who is signed out."""
    return Browse(app, make)


@pytest.fixture
def outbox(reading: Reads) -> Callable[..., Sequence[Outbox]]:
    """``outbox()`` lists all promised messages in order, ``outbox("booking_confirmed")`` those of one kind."""

    def posted(template: str | None = None) -> Sequence[Outbox]:
        wanted = select(Outbox).order_by(Outbox.id)
        with reading() as read:
            return read.session.scalars(wanted.where(Outbox.template == template) if template else wanted).all()

    return posted


@pytest.fixture
def mailbox(app: Flask) -> Iterator[Mailbox]:
    """A real SMTP server; ``mailbox.deliver()`` runs the real job and returns the messages that arrived."""
    with open_mailbox(app) as mailbox:
        yield mailbox


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    """``golden(path, text)`` compares with the file, or writes it under ``--update-golden``."""
    return Golden(update=request.config.getoption("--update-golden"))
