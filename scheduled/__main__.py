"""``python -m scheduled``: every job for ever; ``python -m scheduled NAME``: one job once; ``--list``: their names.

Any number of these processes may run at once, on any number of machines: PostgreSQL hands out the work.
"""

import argparse
import logging
import os
import secrets
import signal
import sys
import time
from datetime import UTC
from threading import Thread
from types import FrameType

from apscheduler.schedulers.blocking import BlockingScheduler
from flask import Flask

from cop import create_app
from cop.core.clock import SystemClock
from cop.core.settings import SettingsError
from cop.starting import settings_of_this_process
from cop.web.requests import log_to_standard_error
from scheduled.ending import ENDING
from scheduled.jobs import JOBS, Job
from scheduled.noting import Notebook

MOST_OF_AN_ERROR = 300
"""Characters of an error that the operations page shows; the whole of it is in the log."""

log = logging.getLogger("scheduled")


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m scheduled", description="Run jobs for ever, or one job once.")
    parser.add_argument("name", nargs="?", choices=sorted(JOBS), help="one job, once")
    parser.add_argument("--list", action="store_true", help="list the jobs")
    asked = parser.parse_args(arguments)
    if asked.list:
        for name, job in JOBS.items():
            sys.stdout.write(f"{name:16} every {job.every}: {job.about}\n")
        return 0
    log_to_standard_error()
    try:
        app = create_app(settings_of_this_process(os.environ), migrates=False)
    except SettingsError as error:
        sys.stderr.write(f"cop: {error}\n")
        return 1
    if asked.name:
        return 0 if _run(app, Notebook(app), asked.name, JOBS[asked.name]) else 1
    _run_for_ever(app)
    return 0


def _run(app: Flask, notebook: Notebook, name: str, job: Job) -> bool:
    """Run a job once; a failure is logged and leaves its work to the next run."""
    notebook.began(name, job)
    try:
        with app.app_context():
            report = job.run()
    except Exception as error:
        reference = secrets.token_hex(4)
        log.exception("job failed", extra={"fields": {"job": name, "reference": reference}})
        notebook.ended(name, f"{_first_line(error)} ({reference})")
        return False
    notebook.ended(name)
    log.log(logging.DEBUG if report.startswith("0 ") else logging.INFO, "%s: %s", name, report)
    return True


def _first_line(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".partition("\n")[0][:MOST_OF_AN_ERROR]


def _run_for_ever(app: Flask) -> None:
    notebook = Notebook(app)
    notebook.forget_others()
    scheduler = BlockingScheduler(timezone=UTC)
    for name, job in JOBS.items():
        scheduler.add_job(
            _run,
            "interval",
            args=[app, notebook, name, job],
            seconds=job.every.total_seconds(),
            id=name,
            max_instances=1,
            coalesce=True,
            misfire_grace_time=None,
            next_run_time=SystemClock().now(),
        )

    def stop(_signal: int, _frame: FrameType | None) -> None:
        ENDING.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    Thread(target=_shut_down_when_asked, args=[scheduler], daemon=True).start()
    log.info("jobs are running: %s", ", ".join(JOBS))
    scheduler.start()


def _shut_down_when_asked(scheduler: BlockingScheduler) -> None:
    """Not in the signal's handler: it may interrupt the main thread while that holds the locks which this needs."""
    ENDING.wait()
    while not scheduler.running:
        time.sleep(0.01)
    scheduler.shutdown(wait=False)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
