"""The demo programme is loaded once by each worker, and copied for each test that looks at it."""

from collections.abc import Iterator

import pytest
from flask import Flask

from cop.demo.programme import load
from cop.web import db
from tests.conftest import empty_tables
from tests.support.clock import FixedClock
from tests.support.postgres import copy_of, name_of, put_copy


@pytest.fixture(scope="session")
def demo_url(worker_app: Flask, worker_clock: FixedClock, database_url: str) -> Iterator[str]:
    """The address of a database with the demo programme, as it stands at the instant at which tests begin."""
    worker_clock.reset()
    with worker_app.app_context():
        load(lambda _step: None)
        db.engine.dispose()
    with copy_of(database_url, f"{name_of(database_url)}_demo") as url:
        empty_tables(worker_app)
        yield url


@pytest.fixture
def loaded(app: Flask, demo_url: str, database_url: str) -> None:
    """The tables hold the demo programme."""
    with app.app_context():
        db.engine.dispose()
    put_copy(demo_url, database_url)
