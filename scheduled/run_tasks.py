"""Carry out long work that people asked for: claimed by lease, reported in small transactions, tried three times."""

import logging
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy.orm import Session

from cop.core.access import SYSTEM
from cop.core.errors import NotFound, Refusal, marked
from cop.core.work import Read, Work, writing
from cop.formats.tables import TableError
from cop.models.tasks import Task
from cop.queries.tasks import asker_of
from cop.services import files, tasks
from cop.web import db, ports, unit_of_work
from scheduled.handlers import HANDLERS, Made

REPORT_EVERY = timedelta(seconds=1)

NOT_ALLOWED = marked("What you asked for is not there any more, or you may no longer have it.")
BROKE = marked("Something went wrong on our side, three times in a row.")

T = TypeVar("T")

log = logging.getLogger("scheduled.run_tasks")


class Gone(Exception):  # noqa: N818  nothing is broken
    """The task was stopped, or another worker has it."""


class Reports:
    """Reports of one task, at most one a second, in transactions beside the one in which the work is done."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._told_at: datetime | None = None
        self._told_total: int | None = None

    def __call__(self, done: int, total: int | None = None) -> None:
        now = ports().clock.now()
        if self._told_at and total == self._told_total and now - self._told_at < REPORT_EVERY:
            return
        self._told_at, self._told_total = now, total
        with Session(db.engine) as session, writing(session, ports().clock, SYSTEM) as work:
            is_ours = tasks.report(work, task=self._task, done=done, total=total)
        if not is_ours:
            raise Gone


def run() -> str:
    """Carry out what waits, one after the other."""
    ended = 0
    while task := _write(tasks.claim):
        _carry_out(task)
        ended += 1
    return f"{ended} tasks carried out"


def _carry_out(task: Task) -> None:
    try:
        made = HANDLERS[task.kind](task, asker_of(_reading(), task), Reports(task))
        db.session.remove()
        _write(lambda work: _finish(work, task, made))
    except Gone:
        log.info("task given up", extra={"fields": {"task": task.id}})
    except (Refusal, TableError) as refusal:
        sentence = str(refusal)
        _after(lambda work: tasks.fail(work, task=task, error=sentence))
    except NotFound:
        _after(lambda work: tasks.fail(work, task=task, error=NOT_ALLOWED))
    except Exception:
        reference = secrets.token_hex(4)
        log.exception("task failed", extra={"fields": {"task": task.id, "kind": task.kind, "reference": reference}})
        _after(lambda work: _try_again(work, task, reference))
    finally:
        db.session.remove()


def _try_again(work: Work, task: Task, reference: str) -> None:
    if not tasks.put_back(work, task=task):
        tasks.fail(work, task=task, error=BROKE, reference=reference)


def _finish(work: Work, task: Task, made: Made) -> None:
    file = None
    if made.file is not None:
        with made.file:
            file = files.keep_own(work, made.file, media_type=made.media_type)
    if not tasks.finish(work, task=task, result=made.result, sha256=file.sha256 if file else task.sha256):
        raise Gone


def _reading() -> Read:
    return Read(db.session(), ports().clock.now(), SYSTEM)


def _after(command: Callable[[Work], T]) -> T:
    """Carry out a command after one that failed, whose transaction may still be open."""
    db.session.remove()
    return _write(command)


def _write(command: Callable[[Work], T]) -> T:
    with unit_of_work(SYSTEM) as work:
        return command(work)
