"""What the jobs did is noted: seldom where all goes well, at once where it does not, and by any number of runners."""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import event, select

from cop import create_app
from cop.core.settings import Settings
from cop.models.tasks import JobRun
from cop.web import db
from scheduled import __main__ as runner
from scheduled.jobs import JOBS, Job
from scheduled.noting import Notebook
from tests.concurrency.crowds import at_once
from tests.support.clock import FixedClock
from tests.support.make import Reads

MINUTE = timedelta(minutes=1)

Found = Callable[..., JobRun]


def broken() -> str:
    raise OSError("no disk\nand a second line")


GOOD = Job(lambda: "0 things done", timedelta(seconds=2), "do things")
BAD = Job(broken, timedelta(seconds=2), "do things")


@pytest.fixture
def notebook(app: Flask) -> Notebook:
    return Notebook(app)


@pytest.fixture
def found(reading: Reads) -> Found:
    """``found("send_outbox")`` is what is known of it."""

    def noted(name: str = "things") -> JobRun:
        with reading() as read:
            return read.session.scalars(select(JobRun).where(JobRun.name == name)).one()

    return noted


def test_the_first_run_is_noted_with_when_where_and_how_often(
    app: Flask, notebook: Notebook, found: Found, clock: FixedClock
) -> None:
    def run() -> str:
        clock.move(MINUTE)
        return "3 things done"

    began = clock.now()
    assert runner._run(app, notebook, "things", replace(GOOD, run=run))
    noted = found()
    assert (noted.about, noted.every_seconds) == ("do things", 2)
    assert (noted.began_at, noted.ended_at, noted.succeeded_at) == (began, clock.now(), clock.now())
    assert (noted.failed_at, noted.error, noted.runs, noted.failures) == (None, None, 1, 0)
    assert ":" in noted.node


def test_what_goes_well_is_noted_once_a_minute_for_all_jobs_together(
    app: Flask, notebook: Notebook, found: Found, clock: FixedClock
) -> None:
    for name in ("things", "more"):
        runner._run(app, notebook, name, GOOD)
    for _ in range(5):
        clock.move(timedelta(seconds=2))
        for name in ("things", "more"):
            runner._run(app, notebook, name, GOOD)
    assert found().runs == 1
    clock.move(MINUTE)
    runner._run(app, notebook, "more", GOOD)
    assert [(found(name).runs, found(name).succeeded_at) for name in ("things", "more")] == [
        (6, clock.now() - MINUTE),
        (7, clock.now()),
    ]


def test_a_failure_is_noted_at_once_with_its_first_line_and_its_reference(
    app: Flask, notebook: Notebook, found: Found, clock: FixedClock, caplog: pytest.LogCaptureFixture
) -> None:
    runner._run(app, notebook, "things", GOOD)
    went_well = clock.now()
    clock.move(MINUTE)
    with caplog.at_level(logging.ERROR):
        assert not runner._run(app, notebook, "things", BAD)
    noted = found()
    reference = caplog.records[-1].fields["reference"]  # type: ignore[attr-defined]
    assert noted.error == f"OSError: no disk ({reference})"
    assert (noted.succeeded_at, noted.failed_at, noted.runs, noted.failures) == (went_well, clock.now(), 2, 1)


def test_the_end_of_a_failure_is_noted_at_once(app: Flask, notebook: Notebook, found: Found, clock: FixedClock) -> None:
    runner._run(app, notebook, "things", BAD)
    clock.move(MINUTE)
    runner._run(app, notebook, "things", GOOD)
    noted = found()
    assert (noted.succeeded_at, noted.failed_at) == (clock.now(), clock.now() - MINUTE)
    assert noted.error
    assert noted.error.startswith("OSError: no disk")


def test_a_run_that_is_under_way_is_seen(app: Flask, notebook: Notebook, found: Found, clock: FixedClock) -> None:
    def run() -> str:
        clock.move(MINUTE)
        runner._run(app, notebook, "quick", GOOD)
        noted = found()
        assert (noted.began_at, noted.ended_at, noted.runs) == (clock.now() - MINUTE, None, 0)
        return "1 thing done"

    assert runner._run(app, notebook, "things", replace(GOOD, run=run))
    assert found().runs == 1


def test_two_runners_add_up_and_the_latest_counts(app: Flask, found: Found, clock: FixedClock) -> None:
    one, other = Notebook(app), Notebook(app)
    runner._run(app, one, "things", BAD)
    clock.move(MINUTE)
    runner._run(app, other, "things", GOOD)
    noted = found()
    assert (noted.runs, noted.failures) == (2, 1)
    assert (noted.began_at, noted.succeeded_at, noted.failed_at) == (clock.now(), clock.now(), clock.now() - MINUTE)


def test_many_runners_note_at_once(app: Flask, found: Found) -> None:
    def act() -> bool:
        notebook = Notebook(app)
        return all(runner._run(app, notebook, name, GOOD) for name in ("things", "more"))

    assert all(at_once([act] * 6))
    assert (found("things").runs, found("more").runs) == (6, 6)


def test_a_note_of_long_ago_does_not_hide_a_later_one(app: Flask, found: Found, clock: FixedClock) -> None:
    slow, quick = Notebook(app), Notebook(app)
    slow.began("things", GOOD)
    clock.move(MINUTE)
    runner._run(app, quick, "things", GOOD)
    clock.move(-MINUTE)
    slow.ended("things", "OSError: too slow (ab12cd34)")
    noted = found()
    assert (noted.began_at, noted.failed_at) == (clock.now() + MINUTE, clock.now())
    assert noted.succeeded_at == clock.now() + MINUTE


def test_without_a_database_the_job_fails_and_the_note_waits(
    settings: Settings, clock: FixedClock, caplog: pytest.LogCaptureFixture, app: Flask, found: Found
) -> None:
    away = create_app(replace(settings, database_url="postgresql+psycopg://nobody@127.0.0.1:1/nothing"))
    notebook = Notebook(away)
    assert not runner._run(away, notebook, "things", BAD)
    assert "what the jobs did could not be noted: OperationalError" in caplog.text
    notebook._app = app
    runner._run(app, notebook, "things", GOOD)
    assert (found().runs, found().failures) == (2, 1)
    with away.app_context():
        db.engine.dispose()


def test_jobs_that_this_version_does_not_have_are_struck_off(
    app: Flask, notebook: Notebook, reading: Reads, clock: FixedClock
) -> None:
    for name in ("of_old", "send_outbox"):
        runner._run(app, notebook, name, GOOD)
    notebook.forget_others()
    with reading() as read:
        assert read.session.scalars(select(JobRun.name)).all() == ["send_outbox"]
    assert "send_outbox" in JOBS


def test_runs_that_find_nothing_to_do_write_nothing(app: Flask, notebook: Notebook) -> None:
    """Or the pages that are drawn once would be drawn anew every two seconds."""
    runner._run(app, notebook, "send_outbox", JOBS["send_outbox"])
    wrote: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if statement.lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE")):
            wrote.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        for _ in range(3):
            runner._run(app, notebook, "send_outbox", JOBS["send_outbox"])
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert [statement for statement in wrote if "job_run" in statement] == []
