"""Transactions for pages, jobs and commands: everything reads, and only a unit of work writes."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from flask import Flask, current_app, g, stream_with_context
from flask_babel import gettext
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as FlaskSession
from flask_wtf import FlaskForm
from sqlalchemy import Connection, Engine, event, insert
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DisconnectionError, IntegrityError
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from cop.core.access import Actor
from cop.core.clock import Clock
from cop.core.errors import Refusal
from cop.core.settings import Settings
from cop.core.work import Read, Work, end_reading, may_write, writing
from cop.models.base import Base
from cop.models.service import Observation
from cop.services import auditing
from cop.services.promises import refusal_for
from cop.web.acting import current_actor
from cop.web.shelf import Shelf

T = TypeVar("T")

IDLE_SECONDS = 5

SHARED_PAGES = 256
"""How many pages that are drawn once a process keeps, of some 10 kB each."""


class CopSession(FlaskSession):
    """Outside a unit of work PostgreSQL itself refuses to write: objects, bulk statements and raw SQL alike."""

    def get_bind(self, *args: Any, **kwargs: Any) -> Engine | Connection:
        found = ports()
        if found.reader is None:
            found.reader = db.engine.execution_options(postgresql_readonly=True)
        return db.engine if may_write(self) else found.reader


auditing.attach(CopSession)

db = SQLAlchemy(metadata=Base.metadata, session_options={"class_": CopSession, "expire_on_commit": False})


def init_app(app: Flask) -> None:
    db.init_app(app)
    with app.app_context():
        _ask_after_a_rest(db.engine)

    @app.teardown_appcontext
    def end(error: BaseException | None) -> None:
        if error is None:
            end_reading(db.session())


def _ask_after_a_rest(engine: Engine) -> None:
    """Ping a pooled connection before its use only where it lay idle: a busy one proves itself all the time."""

    @event.listens_for(engine, "checkin")
    def rests(_connection: DBAPIConnection | None, record: ConnectionPoolEntry) -> None:
        record.info["idle_since"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def is_used(connection: DBAPIConnection, record: ConnectionPoolEntry, _proxy: PoolProxiedConnection) -> None:
        if time.monotonic() - record.info.get("idle_since", time.monotonic()) < IDLE_SECONDS:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise DisconnectionError from error  # the pool makes a new connection


@dataclass
class Ports:
    """What the application is given from outside, and what it keeps for as long as the process lives.

    ``reader`` is the engine of read-only transactions, ``shelf`` holds pages that are drawn once.
    """

    settings: Settings
    clock: Clock
    reader: Engine | None = None
    shelf: Shelf = field(default_factory=lambda: Shelf(SHARED_PAGES))


def ports() -> Ports:
    found: Ports = current_app.extensions["cop"]
    return found


@contextmanager
def unit_of_work(actor: Actor | None = None) -> Iterator[Work]:
    with writing(db.session(), ports().clock, actor or current_actor()) as work:
        yield work


def read(actor: Actor | None = None) -> Read:
    """What queries are given: inside a request, one instant for all of them."""
    if "now" not in g:
        g.now = ports().clock.now()
    return Read(db.session(), g.now, actor or current_actor())


@dataclass(frozen=True)
class Outcome(Generic[T]):
    """What became of a command: its value, or a refusal that now stands on the form."""

    value: T | None = None
    refused: bool = False

    def __bool__(self) -> bool:
        return not self.refused

    @property
    def result(self) -> T:
        if self.refused:
            raise RuntimeError("the command was refused")
        return self.value  # type: ignore[return-value]  # T may itself be None


def run(command: Callable[[Work], T], actor: Actor | None = None) -> T:
    """Carry out ``command`` in one transaction; a broken promise of the database is raised as its Refusal."""
    try:
        with unit_of_work(actor) as work:
            return command(work)
    except IntegrityError as error:
        diagnosis = getattr(error.orig, "diag", None)
        refusal = refusal_for(getattr(diagnosis, "constraint_name", None))
        if refusal is None:
            raise
        raise refusal from error


def attempt(form: FlaskForm, command: Callable[[Work], T], actor: Actor | None = None) -> Outcome[T]:
    """Carry out ``command`` in one transaction; a refusal becomes an error of the form, and nothing is saved."""
    try:
        return Outcome(run(command, actor))
    except Refusal as refusal:
        message = gettext(refusal.message, **refusal.params)
        if refusal.field is None or refusal.field not in form:
            form.form_errors.append(message)
        else:
            form[refusal.field].errors = [*form[refusal.field].errors, message]
        return Outcome(refused=True)


def streamed(chunks: Iterator[bytes], reader: Read) -> Iterator[bytes]:
    """The chunks of a download, and then the end of the transaction that they were read in.

    Flask clears up after the view and before the last chunk, so nobody else would end it.
    """

    def until_the_end() -> Iterator[bytes]:
        try:
            yield from chunks
        finally:
            reader.session.close()

    return stream_with_context(until_the_end())


def observe(
    kind: str, subject_kind: str, subject_id: int | None, *, value: int | None = None, actor: Actor | None = None
) -> None:
    """Note a view, a download or a sensitive read: the one thing that a GET may add, in a transaction of its own.

    ``value`` says how far, where that is a question; ``actor`` is who came by a link.
    """
    person_id = (actor or current_actor()).person_id
    with db.engine.begin() as connection:
        connection.execute(
            insert(Observation).values(
                kind=kind,
                subject_kind=subject_kind,
                subject_id=subject_id,
                person_id=person_id,
                value=value,
                at=ports().clock.now(),
            )
        )
