"""The job that carries out what people asked for."""

import csv
import io
import json
import zipfile
from collections.abc import Callable, Mapping
from datetime import timedelta
from threading import Event as Signal
from threading import Thread
from typing import Any
from unittest.mock import Mock

import pytest
from flask import Flask
from sqlalchemy import delete, select, update

from cop import exporting
from cop.core.access import Role
from cop.core.errors import NotFound, Refusal
from cop.exporting import Format
from cop.models.accounts import Person, RoleGrant
from cop.models.files import File
from cop.models.organisations import Organisation
from cop.models.service import Observation
from cop.models.tasks import Task, TaskState
from cop.queries.tasks import asker_of
from cop.services import files, tasks
from cop.services.imports.asking import ask_to_plan
from scheduled import purge_expired, run_tasks
from scheduled.handlers import HANDLERS, Made
from tests.support.clock import FixedClock
from tests.support.make import Make, Reads, Working

Run = Callable[[], str]
Now = Callable[[Task], Task]


@pytest.fixture
def run(app: Flask) -> Run:
    def once() -> str:
        with app.app_context():
            return run_tasks.run()

    return once


@pytest.fixture
def now(reading: Reads) -> Now:
    """The task as it stands."""

    def found(task: Task) -> Task:
        with reading() as read:
            return read.session.get_one(Task, task.id)

    return found


@pytest.fixture
def evaluator(make: Make) -> Person:
    person = make.account("Eva Evaluator")
    make.grant(person, Role.EVALUATOR, programme=make.programme())
    return person


@pytest.fixture
def ask(work: Working, make: Make) -> Callable[..., Task]:
    """``ask(person, "export", kind="attendance")``, with sensible parameters of an export as CSV."""

    def asking(person: Person, task_kind: str = "export", /, **more: Any) -> Task:
        usual = {"kind": "bookings", "programme_slug": "health-inequalities", "pseudonymised": True, "format": "csv"}
        with work(make.actor(person)) as unit:
            return tasks.ask(unit, kind=task_kind, title="All of it", params={**usual, **more})

    return asking


Ask = Callable[..., Task]


def made(reading: Reads, task: Task) -> tuple[str, bytes]:
    """The kind and the bytes of the file that the task made."""
    with reading() as read:
        file = read.session.get_one(File, task.sha256)
        return file.media_type, b"".join(files.pieces(read, file))


def unpacked(reading: Reads, task: Task) -> Mapping[str, list[dict[str, str]]]:
    """The tables in the archive that the task made."""
    media_type, data = made(reading, task)
    assert media_type == "application/zip"
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        return {name: list(csv.DictReader(io.StringIO(archive.read(name).decode()))) for name in archive.namelist()}


class TestExport:
    def test_holds_the_table_and_its_codebook(self, make: Make, ask: Ask, run: Run, now: Now, reading: Reads) -> None:
        make.booking(make.account("Amina", "amina@council.example"), make.visit())
        task = ask(make.admin(), pseudonymised=False)
        assert run() == "1 tasks carried out"
        done = now(task)
        assert done.state is TaskState.DONE
        assert done.result == {"name": "bookings-health-inequalities.zip", "rows": 1, "named": True}
        tables = unpacked(reading, done)
        assert list(tables) == ["bookings.csv", "bookings-codebook.csv"]
        assert tables["bookings.csv"][0]["name"] == "Amina"
        with reading() as read:
            chunks = exporting.table(read, kind="bookings", programme_slug="health-inequalities", pseudonymised=False)
            page = b"".join(chunks).decode()
        assert tables["bookings.csv"] == list(csv.DictReader(io.StringIO(page)))

    def test_reads_the_rows_once_for_both(
        self, make: Make, ask: Ask, run: Run, now: Now, reading: Reads, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for _ in range(2):
            make.booking(make.account(), make.visit())
        task = ask(make.admin())
        with reading() as read:
            asked = {"kind": "bookings", "programme_slug": "health-inequalities", "pseudonymised": True}
            book = b"".join(exporting.codebook(read, **asked)).decode()  # type: ignore[arg-type]
        through = Mock(wraps=exporting._rows)
        monkeypatch.setattr(exporting, "_rows", through)
        run()
        assert through.call_count == 2, "once to count them, and once to write them"
        tables = unpacked(reading, now(task))
        assert list(tables) == ["bookings-pseudonymised.csv", "bookings-pseudonymised-codebook.csv"]
        assert tables["bookings-pseudonymised-codebook.csv"] == list(csv.DictReader(io.StringIO(book)))

    def test_that_was_asked_for_before_there_were_formats_is_made_as_csv(
        self, ask: Ask, run: Run, now: Now, reading: Reads, evaluator: Person, work: Working
    ) -> None:
        task = ask(evaluator)
        with work() as unit:
            params = {name: value for name, value in task.params.items() if name != "format"}
            unit.session.execute(update(Task).values(params=params))
        run()
        assert len(unpacked(reading, now(task))) == 2

    def test_as_json_is_one_file_with_both(
        self, make: Make, ask: Ask, run: Run, now: Now, reading: Reads, evaluator: Person
    ) -> None:
        make.booking(make.account("Amina", "amina@council.example"), make.visit())
        task = ask(evaluator, format="json")
        run()
        done = now(task)
        assert done.result is not None
        assert done.result["name"] == "bookings-health-inequalities-pseudonymised.json"
        media_type, data = made(reading, done)
        assert media_type == "application/json"
        found = json.loads(data)
        assert [row["state"] for row in found["rows"]] == ["live"]
        assert {"column", "meaning", "value", "count"} == set(found["codebook"][0])

    def test_as_a_workbook_is_one_file_with_both(
        self, make: Make, ask: Ask, run: Run, now: Now, reading: Reads
    ) -> None:
        make.booking(make.account("Amina", "amina@council.example"), make.visit())
        task = ask(make.admin(), format="xlsx", pseudonymised=False)
        run()
        done = now(task)
        assert done.result == {"name": "bookings-health-inequalities.xlsx", "rows": 1, "named": True}
        media_type, data = made(reading, done)
        assert media_type == Format.XLSX.media_type
        with zipfile.ZipFile(io.BytesIO(data)) as book:
            assert b"Amina" in book.read("xl/worksheets/sheet1.xml")
            assert b"meaning" in book.read("xl/worksheets/sheet2.xml")

    @pytest.mark.parametrize("format_", ["csv", "xlsx", "json"])
    def test_tells_how_many_rows_are_written(
        self,
        app: Flask,
        make: Make,
        ask: Ask,
        evaluator: Person,
        reading: Reads,
        monkeypatch: pytest.MonkeyPatch,
        format_: str,
    ) -> None:
        monkeypatch.setattr("cop.exporting.ROWS_BETWEEN_REPORTS", 1)
        visit = make.visit(slots=3)
        for number in range(3):
            make.booking(make.account(), visit, number)
        task, told = ask(evaluator, format=format_), []
        with app.test_request_context():
            with reading() as read:
                actor = asker_of(read, task)
            done = HANDLERS["export"](task, actor, lambda *steps: told.append(steps))
        assert done.file is not None
        done.file.close()
        counting, writing = told[:3], told[3:]
        assert counting == [(0,)] * 3
        assert writing == [(number, 3) for number in range(4)]

    def test_hides_names_from_evaluators_whatever_was_asked(
        self, make: Make, ask: Ask, run: Run, now: Now, reading: Reads, evaluator: Person
    ) -> None:
        make.booking(make.account("Amina", "amina@council.example"), make.visit())
        task = ask(evaluator, pseudonymised=False)
        run()
        (table, _codebook) = unpacked(reading, now(task)).values()
        assert (table[0]["name"], table[0]["email"]) == ("", "")
        assert now(task).result == {
            "name": "bookings-health-inequalities-pseudonymised.zip",
            "rows": 1,
            "named": False,
        }

    def test_is_noted(self, make: Make, ask: Ask, run: Run, reading: Reads, evaluator: Person) -> None:
        ask(evaluator)
        run()
        with reading() as read:
            seen = read.session.execute(select(Observation.kind, Observation.person_id)).all()
        assert seen == [("bookings exported", evaluator.id)]

    def test_needs_the_rights_of_the_hour(self, ask: Ask, run: Run, now: Now, work: Working, evaluator: Person) -> None:
        task = ask(evaluator)
        with work() as unit:
            unit.session.execute(delete(RoleGrant))
        run()
        assert (now(task).state, now(task).error) == (TaskState.FAILED, run_tasks.NOT_ALLOWED)

    def test_of_a_kind_that_there_is_not_finds_nothing(self, ask: Ask, run: Run, now: Now, evaluator: Person) -> None:
        task = ask(evaluator, kind="secrets")
        run()
        assert (now(task).state, now(task).error) == (TaskState.FAILED, run_tasks.NOT_ALLOWED)

    def test_is_kept_for_a_day(
        self, app: Flask, ask: Ask, run: Run, now: Now, clock: FixedClock, reading: Reads, evaluator: Person
    ) -> None:
        task = ask(evaluator)
        run()
        clock.move(timedelta(days=1))
        with app.app_context():
            purge_expired.run()
        assert now(task).sha256 is not None
        clock.move(timedelta(seconds=1))
        with app.app_context():
            purge_expired.run()
        assert now(task).sha256 is None
        with reading() as read:
            assert read.session.scalars(select(File)).all() == []


class TestImport:
    @pytest.fixture
    def plan(self, work: Working, make: Make) -> Callable[[str], Task]:
        actor = make.actor(make.admin())

        def asking(table: str) -> Task:
            with work(actor) as unit:
                return ask_to_plan(
                    unit, kind="organisations", stream=io.BytesIO(table.encode()), title="Import of members.csv"
                )

        return asking

    def test_says_what_it_would_do_and_does_it_when_asked(
        self, plan: Callable[[str], Task], run: Run, now: Now, work: Working, make: Make, reading: Reads
    ) -> None:
        task = plan("name,kind\nLeeds,council\nYork,council\n")
        run()
        said = now(task).result
        assert said is not None
        assert said["counts"] == {"create": 2, "update": 0, "unchanged": 0, "refuse": 0}
        assert [line[2] for line in said["changes"]] == ["Leeds", "York"]
        with reading() as read:
            assert read.session.scalars(select(Organisation)).all() == []
        with work() as unit:
            unit.session.execute(update(Task).values(params={**task.params, "dry_run": False}, state="queued"))
        run()
        with reading() as read:
            assert read.session.scalars(select(Organisation.name).order_by(Organisation.id)).all() == ["Leeds", "York"]

    @pytest.mark.parametrize("dry_run", [True, False])
    def test_imports_nothing_of_a_file_with_one_bad_row(
        self,
        *,
        dry_run: bool,
        plan: Callable[[str], Task],
        run: Run,
        now: Now,
        work: Working,
        reading: Reads,
    ) -> None:
        task = plan("name,kind\nLeeds,council\nNowhere,volcano\n")
        with work() as unit:
            unit.session.execute(update(Task).values(params={**task.params, "dry_run": dry_run}))
        run()
        ended = now(task)
        if dry_run:
            assert ended.result is not None
            assert [line[0] for line in ended.result["refused"]] == [3]
        else:
            assert ended.state is TaskState.FAILED
            assert str(ended.error).startswith("line 3:")
        with reading() as read:
            assert read.session.scalars(select(Organisation)).all() == []

    def test_of_what_is_no_table_fails_with_the_line(self, plan: Callable[[str], Task], run: Run, now: Now) -> None:
        task = plan("colour\nred\n")
        run()
        assert str(now(task).error).startswith("line 1: unknown column")

    def test_is_for_admins_only(self, work: Working, make: Make, run: Run, now: Now) -> None:
        with pytest.raises(NotFound), work(make.actor(make.account())) as unit:
            ask_to_plan(unit, kind="people", stream=io.BytesIO(b"email\n"), title="x")


class TestCarryingOut:
    @pytest.fixture
    def handler(self, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
        """``handler(function)`` carries out tasks of the kind “test” from now on."""

        def use(function: Callable[..., Made]) -> None:
            monkeypatch.setitem(HANDLERS, "test", function)

        return use

    def test_a_refusal_is_what_the_page_says(
        self, handler: Callable[..., None], ask: Ask, run: Run, now: Now, evaluator: Person
    ) -> None:
        def refuse(*_given: object) -> Made:
            raise Refusal("There are only %(left)s left", left=3)

        handler(refuse)
        task = ask(evaluator, "test")
        run()
        assert (now(task).state, now(task).error) == (TaskState.FAILED, "There are only 3 left")

    def test_a_fault_is_tried_three_times_and_then_has_a_reference(
        self,
        handler: Callable[..., None],
        ask: Ask,
        run: Run,
        now: Now,
        evaluator: Person,
        clock: FixedClock,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        tried = []

        def fail(*_given: object) -> Made:
            tried.append(1)
            raise ZeroDivisionError

        handler(fail)
        task = ask(evaluator, "test")
        for _ in range(5):
            run()
            clock.move(timedelta(minutes=1))
        ended = now(task)
        assert (len(tried), ended.state, ended.error) == (3, TaskState.FAILED, run_tasks.BROKE)
        assert ended.result is not None
        assert ended.result["reference"] in str([getattr(record, "fields", "") for record in caplog.records])

    def test_a_fault_harms_no_other_task(
        self, handler: Callable[..., None], ask: Ask, run: Run, now: Now, evaluator: Person
    ) -> None:
        handler(lambda *_given: 1 // 0)
        bad, good = ask(evaluator, "test"), ask(evaluator)
        run()
        assert (now(bad).state, now(good).state) == (TaskState.QUEUED, TaskState.DONE)

    def test_progress_is_seen_while_it_goes_on(
        self, handler: Callable[..., None], ask: Ask, run: Run, now: Now, evaluator: Person, clock: FixedClock
    ) -> None:
        seen = []

        def count(task: Task, _actor: object, progress: Callable[..., None]) -> Made:
            for done in range(5):
                clock.move(timedelta(seconds=1))
                progress(done, 5)
                seen.append(now(task).done)
            return Made()

        handler(count)
        task = ask(evaluator, "test")
        run()
        assert seen == [0, 1, 2, 3, 4]
        assert (now(task).done, now(task).total) == (5, 5)

    def test_reports_are_written_at_most_once_a_second(
        self, handler: Callable[..., None], ask: Ask, run: Run, now: Now, evaluator: Person
    ) -> None:
        seen = []

        def count(task: Task, _actor: object, progress: Callable[..., None]) -> Made:
            for done in range(100):
                progress(done, 100)
            seen.append(now(task).done)
            return Made()

        handler(count)
        ask(evaluator, "test")
        run()
        assert seen == [0]

    def test_a_task_that_is_stopped_ends_at_its_next_report(
        self,
        handler: Callable[..., None],
        ask: Ask,
        run: Run,
        now: Now,
        work: Working,
        evaluator: Person,
        clock: FixedClock,
        reading: Reads,
    ) -> None:
        reports = []

        def long(task: Task, _actor: object, progress: Callable[..., None]) -> Made:
            for done in range(10):
                if done == 3:
                    with work() as unit:
                        tasks.stop(unit, public_id=task.public_id)
                clock.move(timedelta(seconds=1))
                progress(done, 10)
                reports.append(done)
            return Made(file=io.BytesIO(b"x"), media_type="text/plain")

        handler(long)
        task = ask(evaluator, "test")
        run()
        assert reports == [0, 1, 2]
        assert now(task).state is TaskState.STOPPED
        with reading() as read:
            assert read.session.scalars(select(File)).all() == []

    def test_what_a_slow_worker_made_is_thrown_away_when_another_has_the_task(
        self, handler: Callable[..., None], ask: Ask, run: Run, now: Now, evaluator: Person, clock: FixedClock
    ) -> None:
        runs = []

        def slow(*_given: object) -> Made:
            runs.append(1)
            if len(runs) == 1:  # it says nothing for longer than its lease, and meanwhile another worker looks for work
                clock.move(tasks.LEASE + timedelta(seconds=1))
                other = Thread(target=run)
                other.start()
                other.join(timeout=30)
            return Made({"run": len(runs)})

        handler(slow)
        task = ask(evaluator, "test")
        run()
        assert (now(task).attempts, now(task).result) == (2, {"run": 2})

    def test_two_workers_share_the_tasks(
        self, handler: Callable[..., None], make: Make, ask: Ask, run: Run, evaluator: Person
    ) -> None:
        carried_out: list[int] = []
        both = Signal()

        def note(task: Task, *_given: object) -> Made:
            carried_out.append(task.id)
            if len(carried_out) > 1:
                both.set()
            both.wait(timeout=20)  # until the other worker holds one, too
            return Made()

        handler(note)
        wanted = sorted(ask(evaluator, "test", of=number).id for number in range(4))
        workers = [Thread(target=run) for _ in range(2)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join(timeout=30)
        assert sorted(carried_out) == wanted
        assert both.is_set()
