"""``python -m scheduled`` as operators and supervisors call it: real processes, their words and exit codes."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from cop.core.clock import SystemClock
from cop.models.outbox import Outbox, OutboxState
from scheduled.jobs import JOBS
from tests.support.clock import FixedClock
from tests.support.mailbox import Mailbox
from tests.support.make import Make
from tests.support.postgres import ENCRYPTION_KEY, SECRET_KEY

ROOT = Path(__file__).parents[2]

NUMBERS = {2: "two", 5: "five", 6: "six", 10: "ten", 30: "thirty"}

Runs = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def run(app: Flask, database_url: str, tmp_path: Path) -> Runs:
    """``run("send_outbox")`` runs a command to its end; ``run(…, NAME=None)`` without a setting."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("COP_", "MAIL_"))}

    def run_command(*arguments: str, **settings: str | None) -> "subprocess.CompletedProcess[str]":
        environment: Mapping[str, str | None] = {
            **ours,
            "COP_DATA_DIR": str(tmp_path),
            "DATABASE_URL": database_url,
            "SECRET_KEY": SECRET_KEY,
            "COP_ENCRYPTION_KEYS": ENCRYPTION_KEY,
            "BASE_URL": "http://localhost",
            "MAIL_SERVER": "127.0.0.1",
            "MAIL_PORT": str(app.extensions["mail"].port),
            **settings,
        }
        return subprocess.run(  # noqa: S603  our own
            [sys.executable, "-m", "scheduled", *arguments],
            cwd=ROOT,
            env={name: value for name, value in environment.items() if value is not None},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run_command


def in_words(every: timedelta) -> str:
    """``every minute``, ``every ten minutes``."""
    seconds = int(every.total_seconds())
    number, unit = next(
        (seconds // size, unit) for unit, size in (("hour", 3600), ("minute", 60), ("second", 1)) if not seconds % size
    )
    return f"every {unit}" if number == 1 else f"every {NUMBERS[number]} {unit}s"


def test_operators_read_of_every_job_and_how_often_it_runs() -> None:
    page = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
    table = re.findall(r"^\| `(\w+)` \| (every [a-z ]+) \| \w", page, re.MULTILINE)
    assert sorted(table) == sorted((name, in_words(job.every)) for name, job in JOBS.items())


def test_the_list_names_every_job_and_needs_no_settings(run: Runs) -> None:
    done = run("--list", DATABASE_URL=None, SECRET_KEY=None, COP_ENCRYPTION_KEYS=None)
    assert (done.returncode, done.stderr) == (0, "")
    assert [line.split()[0] for line in done.stdout.splitlines()] == list(JOBS)
    assert all(job.about in done.stdout for job in JOBS.values())


def test_an_unknown_name_is_wrong_usage_and_the_known_ones_are_told(run: Runs) -> None:
    done = run("no_such_job")
    assert (done.returncode, done.stdout) == (2, "")
    assert all(name in done.stderr for name in JOBS)


def test_one_job_does_its_work_once_and_ends_well(
    run: Runs, mailbox: Mailbox, make: Make, clock: FixedClock, outbox: Callable[..., Sequence[Outbox]]
) -> None:
    clock.set(SystemClock().now())
    make.booking(make.person("Amina", "amina@council.example"), make.visit())
    done = run("send_outbox")
    assert done.returncode == 0, done.stderr
    assert [mail["To"] for mail in mailbox.messages] == ["Amina <amina@council.example>"]
    assert [row.state for row in outbox()] == [OutboxState.SENT]
    assert "send_outbox: 1 sent, 0 dropped, 0 failed" in done.stderr


@pytest.mark.parametrize("name", JOBS)
def test_every_job_ends_well_with_nothing_to_do(run: Runs, name: str) -> None:
    done = run(name)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


def test_a_job_that_fails_ends_badly_and_says_so_in_the_log(run: Runs) -> None:
    done = run("send_reminders", DATABASE_URL="postgresql://nobody@127.0.0.1:1/nothing")
    assert (done.returncode, done.stdout) == (1, "")
    assert "job failed" in done.stderr
    assert SECRET_KEY not in done.stderr


@pytest.mark.parametrize(
    ("setting", "value"),
    [("SECRET_KEY", None), ("COP_ENCRYPTION_KEYS", "short"), ("BASE_URL", "nonsense"), ("COP_COLOUR", "red")],
)
def test_a_setting_at_fault_ends_it_with_one_line_that_names_it(run: Runs, setting: str, value: str | None) -> None:
    done = run("send_outbox", **{setting: value})
    assert (done.returncode, done.stdout) == (1, "")
    assert len(done.stderr.splitlines()) == 1
    assert setting in done.stderr
