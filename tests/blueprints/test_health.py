"""For load balancers: does the process live, and can it do its work."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from cop import create_app
from cop.core.settings import Settings
from cop.web import db
from tests.support.make import Working
from tests.support.queries import count_queries


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client(use_cookies=False)


@pytest.fixture
def another_version(app: Flask, work: Working) -> Iterator[None]:
    """The database is at a migration that this code does not know."""
    with work() as unit:
        before = unit.session.scalar(text("SELECT version_num FROM alembic_version"))
        unit.session.execute(text("UPDATE alembic_version SET version_num = 'another'"))
    yield
    with work() as unit:
        unit.session.execute(text("UPDATE alembic_version SET version_num = :before"), {"before": before})


@pytest.fixture
def without_database(settings: Settings) -> Iterator[FlaskClient]:
    """The service where nobody listens at the database's address."""
    app = create_app(replace(settings, database_url="postgresql+psycopg://nobody@127.0.0.1:1/nothing"))
    yield app.test_client(use_cookies=False)
    with app.app_context():
        db.engine.dispose()


def test_a_process_that_answers_is_live_and_asks_nobody(client: FlaskClient) -> None:
    with count_queries() as sent:
        response = client.get("/health/live")
    assert (response.status_code, response.json, sent) == (200, {"status": "live"}, [])


def test_it_is_ready_when_its_tables_are_of_this_version(client: FlaskClient) -> None:
    response = client.get("/health/ready")
    assert (response.status_code, response.json) == (200, {"status": "ready"})


@pytest.mark.usefixtures("another_version")
def test_it_is_not_ready_while_migrations_are_missing(client: FlaskClient) -> None:
    response = client.get("/health/ready")
    assert (response.status_code, response.json) == (503, {"status": "migrations are missing"})
    assert client.get("/health/live").status_code == 200


def test_without_a_database_it_lives_and_is_not_ready(without_database: FlaskClient) -> None:
    assert without_database.get("/health/live").status_code == 200
    response = without_database.get("/health/ready")
    assert response.status_code == 503
    assert response.headers["Retry-After"]


@pytest.mark.parametrize("path", ["/health/live", "/health/ready"])
def test_it_sets_no_cookie_and_is_not_kept(client: FlaskClient, path: str) -> None:
    headers = client.get(path).headers
    assert "Set-Cookie" not in headers
    assert "max-age" not in headers.get("Cache-Control", "")
    assert client.post(path).status_code == 405
