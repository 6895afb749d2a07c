"""Reading and writing: one session, one instant, one actor, and only a unit of work may write."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

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


@dataclass(frozen=True)
class Work:
    """One transaction that may write. Services take it first and never commit."""

    session: Session
    now: datetime
    actor: Actor


def may_write(session: Session) -> bool:
    return bool(session.info.get("writing"))


@contextmanager
def writing(session: Session, clock: Clock, actor: Actor) -> Iterator[Work]:
    """Open the transaction; commit on a clean exit, roll back on any exception."""
    if may_write(session):
        raise RuntimeError("units of work do not nest")
    end_reading(session)  # the read-only transaction that loaded the page
    session.expunge_all()  # the page keeps what it loaded; services read anew
    session.info["writing"] = True
    try:
        yield Work(session, clock.now(), actor)
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        session.info["writing"] = False


def end_reading(session: Session) -> None:
    """End a read-only transaction. By commit, because psycopg forgets its prepared statements at a rollback."""
    if session.in_transaction():
        try:
            session.commit()
        except SQLAlchemyError:  # the connection is gone, or a statement had failed: there is nothing to keep
            session.rollback()
