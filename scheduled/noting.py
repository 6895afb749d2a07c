"""What the jobs of this process did, told to the operations page without writing at every turn.

Some jobs look for work every two seconds. Each write makes the pages that are drawn once be drawn anew, so what went
well is written down once a minute for all jobs together. What is news is written at once: a job's first run in this
process, a failure, and the end of one.
"""

import logging
import os
import socket
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from threading import Lock

from flask import Flask

from cop.core.access import SYSTEM
from cop.core.clock import SystemClock
from cop.services import operations
from cop.services.operations import Runs
from cop.web import ports, run
from scheduled.jobs import JOBS, Job

EVERY = timedelta(minutes=1)

log = logging.getLogger("scheduled")


class Notebook:
    """Shared by the threads of one process. What cannot be written, because the database is away, waits here."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._node = f"{socket.gethostname()}:{os.getpid()}"
        self._lock, self._writing = Lock(), Lock()
        self._jobs: dict[str, Runs] = {}
        self._failing: set[str] = set()
        self._written_at: datetime | None = None
        self._is_news = False

    def forget_others(self) -> None:
        """Strike jobs off the list that this version does not have."""
        self._try(partial(operations.forget_jobs, but=list(JOBS)))

    def began(self, name: str, job: Job) -> None:
        now = self._now()
        with self._lock:
            new = Runs(name, job.about, int(job.every.total_seconds()), self._node, now)
            self._jobs[name] = replace(self._jobs.get(name, new), began_at=now)

    def ended(self, name: str, error: str | None = None) -> None:
        """The job came to its end, or failed with this error."""
        now = self._now()
        with self._lock:
            so_far = self._jobs[name]
            is_first = so_far.ended_at is None
            self._is_news = self._is_news or is_first or error is not None or name in self._failing
            so_far = replace(so_far, ended_at=now, runs=so_far.runs + 1)
            if error is None:
                self._failing.discard(name)
                self._jobs[name] = replace(so_far, succeeded_at=now)
            else:
                self._failing.add(name)
                failures = so_far.failures + 1
                self._jobs[name] = replace(so_far, failed_at=now, error=error, failures=failures)
        self._write(now)

    def _write(self, now: datetime) -> None:
        """Write down what is news, or a minute old."""
        with self._writing:
            with self._lock:
                if not self._is_news and self._written_at is not None and now - self._written_at < EVERY:
                    return
                told = dict(self._jobs)
                self._is_news, self._written_at = False, now
            is_written = self._try(partial(operations.note_runs, noted=list(told.values())))
            with self._lock:
                self._is_news = self._is_news or not is_written
                for name, was in told.items() if is_written else ():
                    job = self._jobs[name]
                    self._jobs[name] = replace(job, runs=job.runs - was.runs, failures=job.failures - was.failures)

    def _try(self, command: partial[None]) -> bool:
        try:
            with self._app.app_context():
                run(command, SYSTEM)
        except Exception as error:  # noqa: BLE001  the database may be away, which the jobs themselves say aloud
            log.warning("what the jobs did could not be noted: %s", type(error).__name__)
            return False
        return True

    def _now(self) -> datetime:
        try:
            with self._app.app_context():
                return ports().clock.now()
        except Exception:  # noqa: BLE001  the clock reads its offset from the database
            return SystemClock().now()
