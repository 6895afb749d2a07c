"""How the web ends its transactions."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import event

from cop import create_app
from cop.core.settings import Settings
from cop.web import db, ports


@pytest.fixture
def own_clock(settings: Settings) -> Iterator[Flask]:
    """The application with the service's own clock, which reads its offset from the database."""
    app = create_app(settings)
    yield app
    with app.app_context():
        db.engine.dispose()


def test_neither_a_page_nor_the_clock_ends_a_transaction_by_rollback(own_clock: Flask) -> None:
    """It would make psycopg forget its prepared statements, so that PostgreSQL planned each of them anew."""
    ended: list[str] = []
    with own_clock.app_context():
        event.listen(db.engine, "commit", lambda _connection: ended.append("commit"))
        event.listen(db.engine, "rollback", lambda _connection: ended.append("rollback"))
        ports().clock.now()
    assert own_clock.test_client().get("/visits/").status_code == 200
    assert ended
    assert set(ended) == {"commit"}
