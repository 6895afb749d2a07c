"""The page of a task: how far it is, what came of it, and a way to stop it."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, select, update

from cop.core.access import Role
from cop.exporting import Format
from cop.models.accounts import Person, RoleGrant
from cop.models.organisations import Organisation
from cop.models.service import Observation
from cop.models.tasks import Task, TaskState
from cop.services import tasks
from scheduled import purge_expired, run_tasks
from tests.support.browse import Browse
from tests.support.clock import FixedClock
from tests.support.files import close_sent, upload
from tests.support.make import Make, Reads, Working
from tests.support.queries import count_queries

SLUG = "health-inequalities"
PREPARE = f"/evaluation/exports/bookings/prepare?programme={SLUG}"


@pytest.fixture
def evaluator(make: Make) -> Person:
    person = make.account("Eva Evaluator")
    make.grant(person, Role.EVALUATOR, programme=make.programme())
    return person


@pytest.fixture
def run(app: Flask) -> Callable[[], None]:
    def once() -> None:
        with app.app_context():
            run_tasks.run()

    return once


@pytest.fixture
def asked(work: Working, make: Make, evaluator: Person) -> Callable[..., Task]:
    """``asked(state=…)`` is a task of the evaluator with these columns."""

    def ask(**columns: Any) -> Task:
        with work(make.actor(evaluator)) as unit:
            task = tasks.ask(
                unit,
                kind="export",
                title="Bookings, pseudonymised",
                params={"kind": "bookings", "programme_slug": SLUG, "pseudonymised": True, "format": "csv"},
            )
            unit.session.execute(update(Task).where(Task.id == task.id).values(**columns) if columns else select(1))
        return task

    return ask


def page_of(browse: Browse, task: Task) -> Browse:
    return browse.get(f"/tasks/{task.public_id}")


class TestThePage:
    def test_of_one_that_waits_refreshes_itself_unless_told_to_stand_still(
        self, browse: Browse, evaluator: Person, asked: Callable[..., Task]
    ) -> None:
        page = page_of(browse.sign_in(evaluator), asked())
        assert page.heading == "Bookings, pseudonymised"
        assert "Waiting for its turn" in page.text
        assert page.soup.select_one("noscript meta[http-equiv=refresh]")["content"] == "5"  # type: ignore[index]
        page.click("Let it stand still")
        assert not page.soup.select("meta[http-equiv=refresh]")

    def test_of_one_that_runs_shows_how_far_it_is(
        self, browse: Browse, evaluator: Person, asked: Callable[..., Task]
    ) -> None:
        task = asked(state=TaskState.RUNNING, done=47, total=100)
        page = page_of(browse.sign_in(evaluator), task)
        assert "40% done" in page.text
        bar = page.soup.select_one("progress")
        assert bar is not None
        assert (bar["value"], bar["max"]) == ("47", "100")

    def test_of_one_whose_end_nobody_knows_has_a_bar_without_a_value(
        self, browse: Browse, evaluator: Person, asked: Callable[..., Task]
    ) -> None:
        page = page_of(browse.sign_in(evaluator), asked(state=TaskState.RUNNING))
        assert "Working on it" in page.text
        assert not page.soup.select("progress[value]")

    def test_of_one_that_failed_says_why_and_what_to_quote(
        self, browse: Browse, evaluator: Person, asked: Callable[..., Task], clock: FixedClock
    ) -> None:
        task = asked(state=TaskState.FAILED, ended_at=clock.at, error=run_tasks.BROKE, result={"reference": "0a1b2c3d"})
        text = page_of(browse.sign_in(evaluator), task).text
        assert "Something went wrong on our side" in text
        assert "quote 0a1b2c3d" in text

    def test_of_one_that_was_stopped_says_so(
        self, browse: Browse, evaluator: Person, asked: Callable[..., Task], reading: Reads
    ) -> None:
        page = page_of(browse.sign_in(evaluator), asked())
        page.submit("Stop it")
        assert "It is stopped." in page.text
        assert "nothing came of it" in page.text

    def test_is_for_whoever_asked_and_for_admins(self, browse: Browse, make: Make, asked: Callable[..., Task]) -> None:
        task = asked()
        assert page_of(browse.sign_in(make.admin()), task).status == 200
        browse.sign_in(make.account())
        for path in ("", "/progress", "/file"):
            assert browse.get(f"/tasks/{task.public_id}{path}").status == 404
        for path in ("/stop", "/carry-out"):
            assert browse.post(f"/tasks/{task.public_id}{path}").status == 404

    def test_that_is_pressed_too_late_says_so(
        self, browse: Browse, evaluator: Person, asked: Callable[..., Task], run: Callable[[], None]
    ) -> None:
        page = page_of(browse.sign_in(evaluator), asked())
        run()
        page.submit("Stop it")
        assert "It had ended already." in page.text
        assert "Download" in page.text


class TestProgress:
    def test_is_told_to_a_script_and_only_where_it_is_news(
        self, browse: Browse, evaluator: Person, asked: Callable[..., Task], work: Working
    ) -> None:
        task = asked(state=TaskState.RUNNING, done=1, total=10)
        path = f"/tasks/{task.public_id}/progress"
        first = browse.sign_in(evaluator).client.get(path)
        assert json.loads(first.data) == {"ended": False, "done": 1, "total": 10, "text": "10% done"}
        assert first.headers["Cache-Control"] == "private, no-cache"
        known = {"If-None-Match": first.headers["ETag"]}
        assert browse.client.get(path, headers=known).status_code == 304
        with work() as unit:
            unit.session.execute(update(Task).values(done=2))
        assert browse.client.get(path, headers=known).status_code == 200

    def test_ends(self, browse: Browse, evaluator: Person, asked: Callable[..., Task], run: Callable[[], None]) -> None:
        task = asked()
        run()
        answer = browse.sign_in(evaluator).client.get(f"/tasks/{task.public_id}/progress")
        assert json.loads(answer.data)["ended"] is True


class TestTheList:
    def test_is_empty_at_first_and_then_holds_ones_own(
        self, browse: Browse, make: Make, evaluator: Person, asked: Callable[..., Task]
    ) -> None:
        page = browse.sign_in(evaluator).get("/admin/").click("Your tasks")
        assert "You have asked for nothing yet." in page.text
        asked()
        assert "Bookings, pseudonymised" in page.get("/tasks/").text
        assert "Bookings" not in browse.another().sign_in(make.account()).get("/tasks/").text

    def test_costs_the_same_however_long(self, browse: Browse, evaluator: Person, asked: Callable[..., Task]) -> None:
        browse.sign_in(evaluator)
        counts = []
        for number in (1, 3):
            for _ in range(number):
                asked(state=TaskState.STOPPED)
            with count_queries() as statements:
                browse.get("/tasks/")
            counts.append(len(statements))
        assert counts[0] == counts[1]


class TestAnExport:
    def test_is_asked_for_on_the_page_of_the_evaluation_and_downloaded(
        self, browse: Browse, make: Make, evaluator: Person, run: Callable[[], None], reading: Reads
    ) -> None:
        make.booking(make.account("Amina", "amina@council.example"), make.visit())
        page = browse.sign_in(evaluator).get("/evaluation/")
        page.click("Bookings: prepare a file in the background")
        assert not page.soup.select("input[value=names]")
        page.submit("Prepare the file", written_as="csv")
        assert page.heading == "Bookings of health-inequalities, pseudonymised"
        run()
        page.get(page.path).click("Download bookings-health-inequalities-pseudonymised.zip")
        assert page.status == 200
        headers = page.response.headers
        assert headers["Content-Type"] == "application/zip"
        assert headers["Content-Disposition"].endswith("bookings-health-inequalities-pseudonymised.zip")
        assert page.response.data.startswith(b"PK")
        with reading() as read:
            seen = read.session.execute(select(Observation.kind, Observation.subject_kind, Observation.person_id)).all()
        assert seen == [
            ("bookings exported", "programme", evaluator.id),
            ("downloaded", "task", evaluator.id),
        ]

    def test_of_names_is_offered_to_admins_only(self, browse: Browse, make: Make, run: Callable[[], None]) -> None:
        make.programme()
        page = browse.sign_in(make.admin()).get(PREPARE).submit("Prepare the file", written_as="xlsx", people="names")
        assert page.heading == "Bookings of health-inequalities, with names"
        run()
        page.get(page.path).click("Download bookings-health-inequalities.xlsx")
        assert page.response.headers["Content-Type"] == Format.XLSX.media_type
        assert page.response.headers["X-Content-Type-Options"] == "nosniff"

    def test_may_have_pseudonyms_for_admins_too(self, browse: Browse, make: Make) -> None:
        make.programme()
        page = browse.sign_in(make.admin()).get(PREPARE)
        page.submit("Prepare the file", written_as="json", people="pseudonyms")
        assert page.heading == "Bookings of health-inequalities, pseudonymised"

    def test_needs_a_choice(self, browse: Browse, make: Make) -> None:
        make.programme()
        page = browse.sign_in(make.admin()).get(PREPARE).submit("Prepare the file", people="names")
        assert page.status == 422
        assert "Choose what kind of file you want" in page.text
        assert page.soup.select("input[value=names][checked]")

    def test_is_refused_where_five_others_wait(
        self, browse: Browse, evaluator: Person, asked: Callable[..., Task], work: Working, make: Make
    ) -> None:
        with work(make.actor(evaluator)) as unit:
            for number in range(tasks.OPEN_MOST):
                tasks.ask(unit, kind="export", title=f"Number {number}", params={})
        page = browse.sign_in(evaluator).get(PREPARE).submit("Prepare the file", written_as="json")
        assert page.status == 422
        assert "Let one of them end first" in page.text

    def test_is_not_prepared_for_others(self, browse: Browse, make: Make, reading: Reads) -> None:
        stranger = make.account()
        make.grant(stranger, Role.EVALUATOR, programme=make.programme("another"))
        make.programme()
        browse.sign_in(stranger)
        for path in (PREPARE, "/evaluation/exports/secrets/prepare?programme=another"):
            assert browse.get(path).status == 404
            assert browse.post(path).status == 404
        with reading() as read:
            assert read.session.scalars(select(Task)).all() == []

    def test_is_no_longer_given_to_whoever_lost_the_right(
        self,
        browse: Browse,
        make: Make,
        evaluator: Person,
        asked: Callable[..., Task],
        run: Callable[[], None],
        work: Working,
    ) -> None:
        task = asked()
        run()
        path = f"/tasks/{task.public_id}/file"
        assert browse.sign_in(evaluator).get(path).status == 200
        with work() as unit:
            unit.session.execute(delete(RoleGrant))
        assert browse.get(path).status == 404

    def test_with_names_is_not_given_to_whoever_may_see_pseudonyms_now(
        self, browse: Browse, make: Make, run: Callable[[], None], work: Working, reading: Reads
    ) -> None:
        admin = make.account()
        make.grant(admin, Role.ADMIN, programme=make.programme())
        page = browse.sign_in(admin).get(PREPARE).submit("Prepare the file", written_as="csv", people="names")
        run()
        path = f"{page.path}/file"
        assert browse.get(path).status == 200
        with work() as unit:
            unit.session.execute(update(RoleGrant).values(role=Role.EVALUATOR))
        assert browse.get(path).status == 404

    def test_is_gone_after_a_day_and_the_page_says_so(
        self,
        app: Flask,
        browse: Browse,
        evaluator: Person,
        asked: Callable[..., Task],
        run: Callable[[], None],
        clock: FixedClock,
    ) -> None:
        task = asked()
        run()
        page = page_of(browse.sign_in(evaluator), task)
        assert "The file is kept until 3 March 2026 at 9am" in page.text
        clock.move(timedelta(days=1, seconds=1))
        with app.app_context():
            purge_expired.run()
        assert "is gone" in page_of(browse, task).text
        assert browse.get(f"/tasks/{task.public_id}/file").status == 404


class TestALargeImport:
    TABLE = "name,kind\n" + "".join(f"Council {number:05} {'x' * 150},council\n" for number in range(7_000))

    @pytest.fixture
    def page(self, browse: Browse, make: Make) -> Browse:
        return browse.sign_in(make.admin()).get("/admin/organisations/import")

    def test_is_looked_at_first_and_then_carried_out(
        self, page: Browse, run: Callable[[], None], reading: Reads
    ) -> None:
        close_sent(page.submit("See what it would do", file=upload(self.TABLE.encode(), "members.csv"), follow=False))
        page.get(page.location)
        assert page.heading == "Import of members.csv"
        run()
        page.get(page.path)
        assert "Would be created 7000" in page.text
        assert "And 6950 more." in page.text
        page.submit("Import 7000 rows")
        run()
        page.get(page.path)
        assert "Created 7000" in page.text
        assert "Import 7000 rows" not in page.text
        with reading() as read:
            assert len(read.session.scalars(select(Organisation.id)).all()) == 7_000

    def test_that_is_refused_is_not_offered(self, page: Browse, run: Callable[[], None]) -> None:
        table = f"{self.TABLE}Nowhere,volcano\n"
        close_sent(page.submit("See what it would do", file=upload(table.encode(), "members.csv"), follow=False))
        page.get(page.location)
        run()
        page.get(page.path)
        assert "nothing is imported" in page.text
        assert "Nowhere" in page.text
        assert not page.soup.select("main form")
        assert page.post(f"{page.path}/carry-out").status == 404

    def test_is_carried_out_by_nobody_who_is_no_admin_any_more(
        self, page: Browse, run: Callable[[], None], work: Working, reading: Reads
    ) -> None:
        close_sent(page.submit("See what it would do", file=upload(self.TABLE.encode(), "members.csv"), follow=False))
        page.get(page.location)
        run()
        page.get(page.path).submit("Import 7000 rows")
        with work() as unit:
            unit.session.execute(delete(RoleGrant))
        run()
        assert "you may no longer have it" in page.get(page.path).text
        with reading() as read:
            assert read.session.scalars(select(Organisation.id)).all() == []
