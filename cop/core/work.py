"""Reading and writing: one session, one instant, one actor, and only a unit of work may write."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import CursorResult, Select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from cop.core.access import Actor
from cop.core.clock import Clock


class Reading(Protocol):
    """What every query is given; a unit of work will do as well."""

    @property
    def session(self) -> Session: ...
    @property
    def now(self) -> datetime: ...
    @property
    def actor(self) -> Actor: ...


@dataclass(frozen=True)
class Read:
    session: Session
    now: datetime
    actor: Actor


@dataclass
class Record:
    """What the audit will say of a unit of work: its changes as they happen, and why, where somebody said why.

    ``savepoints`` holds how many changes there were when each savepoint began.
    """

    changes: list[Any] = field(default_factory=list)
    savepoints: dict[Any, int] = field(default_factory=dict)
    reason: str = ""


@dataclass(frozen=True)
class Work:
    """One transaction that may write. Services take it first and never commit."""

    session: Session
    now: datetime
    actor: Actor
    record: Record = field(default_factory=Record, init=False, compare=False)

    def because(self, reason: str) -> None:
        """Note the reason that somebody gave, for the audit of all that this unit of work changes.

        It is not encrypted: it may tell of events, and not of a person.
        """
        self.record.reason = reason


def open_work(session: Session) -> Work | None:
    """The unit of work that is under way in this session."""
    found: Work | None = session.info.get("work")
    return found


def may_write(session: Session) -> bool:
    return open_work(session) is not None


@contextmanager
def writing(session: Session, clock: Clock, actor: Actor) -> Iterator[Work]:
    """Open the transaction; commit on a clean exit, roll back on any exception."""
    if may_write(session):
        raise RuntimeError("units of work do not nest")
    end_reading(session)  # the read-only transaction that loaded the page
    session.expunge_all()  # the page keeps what it loaded; services read anew
    work = Work(session, clock.now(), actor)
    session.info["work"] = work
    try:
        yield work
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        del session.info["work"]


def end_reading(session: Session) -> None:
    """End a read-only transaction. By commit, because psycopg forgets its prepared statements at a rollback."""
    if session.in_transaction():
        try:
            session.commit()
        except SQLAlchemyError:  # the connection is gone, or a statement had failed: there is nothing to keep
            session.rollback()


def rows(
    session: Session, found: Select[*tuple[Any, ...]], values: Mapping[str, Any]
) -> CursorResult[*tuple[Any, ...]]:
    """The rows of a statement that names plain columns, for the pages that are asked for most.

    The session's own ``execute`` prepares for objects, which takes as long again as all the rest.
    """
    session.flush()  # as the session itself does first: a unit of work sees what it has changed
    return session.connection().execute(found, values)
