"""The operations page, and the figures for monitoring."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text, update

from cop import create_app
from cop.core.settings import Settings
from cop.models.outbox import Outbox, OutboxState
from cop.models.tasks import Task
from cop.services.operations import Runs, note_runs
from cop.web import db
from tests.support.browse import Browse
from tests.support.clock import FixedClock
from tests.support.make import Make, Working
from tests.support.queries import count_queries

TOKEN = "a-token-of-sixteen-and-more"  # noqa: S105  invented
MINUTE = timedelta(minutes=1)


@pytest.fixture
def ran(work: Working, clock: FixedClock) -> Callable[..., None]:
    """``ran("send_reminders")`` notes a run that began and ended now; more says otherwise."""

    def noting(name: str = "send_reminders", **more: object) -> None:
        now = clock.now()
        known: dict[str, object] = {"began_at": now, "ended_at": now, "succeeded_at": now, "runs": 1}
        with work() as unit:
            note_runs(unit, [Runs(name, "about it", 60, "web1:7", **{**known, **more})])  # type: ignore[arg-type]

    return noting


@pytest.fixture
def page(make: Make, browse: Browse) -> Callable[[], str]:
    browse.sign_in(make.admin())
    return lambda: browse.get("/admin/operations").text


class TestThePage:
    def test_says_that_everything_runs(self, page: Callable[[], str], ran: Callable[..., None]) -> None:
        ran()
        assert "Everything runs." in page()
        assert "send_reminders about it Fine 1 minute" in page()
        assert "web1:7" in page()

    def test_says_that_no_job_has_run(self, page: Callable[[], str]) -> None:
        assert "No job has run yet. Start them: python -m scheduled." in page()
        assert "Everything runs" not in page()

    def test_says_which_job_has_not_run_for_how_long(
        self, page: Callable[[], str], ran: Callable[..., None], clock: FixedClock
    ) -> None:
        ran()
        clock.move(7 * MINUTE)
        assert "Everything runs." in page()
        clock.move(33 * MINUTE)
        assert "send_reminders has not run for 40 minutes." in page()
        assert "Overdue" in page()

    def test_says_which_job_does_not_end(
        self, page: Callable[[], str], ran: Callable[..., None], clock: FixedClock
    ) -> None:
        ran("run_tasks", ended_at=None, succeeded_at=None, runs=0)
        clock.move(60 * MINUTE)
        assert "Running" in page()
        assert "Everything runs." in page()
        clock.move(120 * MINUTE)
        assert "run_tasks has been at it for 3 hours." in page()

    def test_shows_how_a_job_failed_until_it_goes_well_again(
        self, page: Callable[[], str], ran: Callable[..., None], clock: FixedClock
    ) -> None:
        ran(succeeded_at=None, failed_at=clock.now(), error="OSError: no disk (ab12cd34)", failures=1)
        assert "send_reminders failed: OSError: no disk (ab12cd34)" in page()
        clock.move(MINUTE)
        ran()
        assert "send_reminders failed" not in page()
        assert "Everything runs." in page()
        assert "2 March 2026 at 9am : OSError: no disk (ab12cd34)" in page()

    def test_shows_what_is_not_sent_and_what_could_not_be(
        self,
        page: Callable[[], str],
        ran: Callable[..., None],
        make: Make,
        browse: Browse,
        work: Working,
        clock: FixedClock,
    ) -> None:
        make.booking(make.account(), make.visit())
        ran()
        assert "At once Waiting 1" in page()
        assert "Everything runs." in page()
        clock.move(6 * MINUTE)
        ran()
        assert "Messages have been waiting to be sent for 6 minutes." in page()
        with work() as unit:
            unit.session.execute(update(Outbox).values(state=OutboxState.DEAD))
        assert "1 message could not be delivered" in page()
        assert browse.click("1 message could not be delivered").status == 200

    def test_shows_long_work_with_a_link(
        self, page: Callable[[], str], browse: Browse, make: Make, work: Working
    ) -> None:
        amina = make.person("Amina")
        with work() as unit:
            unit.session.add(
                Task(
                    kind="export",
                    params={"kind": "attendance", "programme_slug": "a", "pseudonymised": False},
                    person_id=amina.id,
                    asked_at=unit.now,
                    done=3,
                    total=10,
                )
            )
        assert "Export Waits Amina 2 March 2026 at 9am 3 of 10" in page()

    def test_says_that_migrations_are_missing(self, page: Callable[[], str], work: Working) -> None:
        with work() as unit:
            before = unit.session.scalar(text("SELECT version_num FROM alembic_version"))
            unit.session.execute(text("UPDATE alembic_version SET version_num = '0001'"))
        try:
            assert f"The tables are at 0001, and this version needs {before}: run cop db upgrade." in page()
        finally:
            with work() as unit:
                unit.session.execute(text("UPDATE alembic_version SET version_num = :before"), {"before": before})

    def test_asks_the_same_number_of_questions_however_much_there_is(
        self, page: Callable[[], str], ran: Callable[..., None], make: Make, browse: Browse
    ) -> None:
        counts = []
        for number in (1, 3):
            for each in range(number):
                ran(f"job_{each}")
                make.booking(make.account(), make.visit())
            with count_queries() as sent:
                browse.get("/admin/operations")
            counts.append(len(sent))
        assert counts[0] == counts[1]


class TestMetrics:
    @pytest.fixture
    def client(self, app: Flask) -> FlaskClient:
        return app.test_client(use_cookies=False)

    def test_are_text_for_prometheus(
        self, client: FlaskClient, ran: Callable[..., None], make: Make, clock: FixedClock
    ) -> None:
        make.booking(make.account("Amina Yusuf", "amina@council.example"), make.visit("Healthy Hub"))
        ran(failures=2, failed_at=clock.now() - MINUTE, error="Amina could not be reached (ab12cd34)", runs=5)
        clock.move(MINUTE)
        response = client.get("/metrics")
        assert (response.status_code, response.headers["Content-Type"]) == (
            200,
            "text/plain; version=0.0.4; charset=utf-8",
        )
        assert response.headers["Cache-Control"] == "no-store"
        found = response.get_data(as_text=True)
        began = int((clock.now() - MINUTE).timestamp())
        for line in (
            "cop_up 1",
            'cop_outbox_messages{class="now",state="pending"} 1',
            'cop_outbox_oldest_due_seconds{class="now"} 60',
            "cop_outbox_dead_letters 0",
            "cop_outbox_to_tell 0",
            'cop_tasks_open{state="queued"} 0',
            f'cop_job_last_success_timestamp_seconds{{job="send_reminders"}} {began}',
            'cop_job_interval_seconds{job="send_reminders"} 60',
            'cop_job_runs_total{job="send_reminders"} 5',
            'cop_job_failures_total{job="send_reminders"} 2',
        ):
            assert f"\n{line}\n" in found, line
        assert re.search(
            r'^cop_build_info\{version="[^"]+",python="3[^"]+",postgresql="\d[^"]+",migration="\d+"\} 1$',
            found,
            re.MULTILINE,
        )
        assert re.search(r"^cop_database_connections [1-9]\d*$", found, re.MULTILINE)

    def test_are_well_formed(self, client: FlaskClient, ran: Callable[..., None], make: Make) -> None:
        make.booking(make.account(), make.visit())
        ran()
        typed: dict[str, str] = {}
        for line in client.get("/metrics").get_data(as_text=True).splitlines():
            if line.startswith("# TYPE"):
                _, _, name, kind = line.split(" ")
                assert name not in typed
                assert (kind == "counter") == name.endswith("_total")
                typed[name] = kind
            elif not line.startswith("# HELP"):
                match = re.fullmatch(r'([a-z_]+)(\{([a-z_]+="[^"]*",?)+\})? [0-9.e+-]+', line)
                assert match, line
                assert match[1] in typed

    def test_name_nobody(self, client: FlaskClient, ran: Callable[..., None], make: Make, clock: FixedClock) -> None:
        make.booking(make.account("Amina Yusuf", "amina@council.example"), make.visit("Healthy Hub"))
        ran(failed_at=clock.now(), error="Amina could not be reached (ab12cd34)")
        found = client.get("/metrics").get_data(as_text=True).lower()
        assert not [word for word in ("amina", "council", "healthy", "reached", "web1") if word in found]

    def test_cost_two_statements(self, client: FlaskClient, ran: Callable[..., None], make: Make) -> None:
        ran()
        client.get("/metrics")
        with count_queries() as sent:
            client.get("/metrics")
        assert len(sent) == 2

    @pytest.mark.parametrize(
        ("address", "headers", "status"),
        [
            ("127.0.0.1", {}, 200),
            ("::1", {}, 200),
            ("192.0.2.1", {}, 404),
            ("", {}, 404),
            ("127.0.0.1", {"X-Forwarded-For": "192.0.2.1"}, 404),
            ("127.0.0.1", {"X-Forwarded-For": "127.0.0.1"}, 404),
            ("127.0.0.1", {"X-Real-IP": "192.0.2.1"}, 404),
            ("192.0.2.1", {"Authorization": f"Bearer {TOKEN}"}, 404),
        ],
    )
    def test_without_a_token_are_for_this_machine_alone(
        self, client: FlaskClient, address: str, headers: dict[str, str], status: int
    ) -> None:
        response = client.get("/metrics", headers=headers, environ_base={"REMOTE_ADDR": address})
        assert response.status_code == status

    @pytest.mark.parametrize(
        ("address", "sent", "status"),
        [
            ("192.0.2.1", f"Bearer {TOKEN}", 200),
            ("192.0.2.1", f"bearer {TOKEN}", 200),
            ("192.0.2.1", f"Bearer {TOKEN}x", 404),
            ("192.0.2.1", "Bearer ", 404),
            ("192.0.2.1", f"Basic {TOKEN}", 404),
            ("192.0.2.1", "Bearer ü", 404),
            ("127.0.0.1", "", 404),
        ],
    )
    def test_with_a_token_are_for_whoever_sends_it(
        self, settings: Settings, make: Make, clock: FixedClock, address: str, sent: str, status: int
    ) -> None:
        app = create_app(replace(settings, metrics_token=TOKEN), clock=clock)
        client = app.test_client(use_cookies=False)
        response = client.get("/metrics", headers={"Authorization": sent}, environ_base={"REMOTE_ADDR": address})
        assert response.status_code == status
        with app.app_context():
            db.engine.dispose()
