"""Web server, jobs and mail server of the demonstration, started together and stopped together."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import click
import flask_migrate
from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert

from cop import create_app
from cop.core.access import SYSTEM
from cop.core.clock import SystemClock
from cop.core.errors import Refusal
from cop.core.settings import Settings, data_dir, remember_address
from cop.core.work import Work
from cop.demo import mailbox, programme
from cop.demo.roles import ROLES
from cop.models.base import Base
from cop.models.programmes import Programme
from cop.models.service import Setting
from cop.services import accounts
from cop.starting import settings_of_this_process
from cop.web import address, db, read
from cop.web import run as write

ROOT = Path(__file__).resolve().parents[2]
MIGRATIONS = ROOT / "migrations"
START_SECONDS = 30


def instant(words: str) -> datetime:
    """An ISO 8601 instant; without an offset it is in London time."""
    try:
        found = datetime.fromisoformat(words)
    except ValueError:
        raise click.BadParameter(f"{words!r} is no ISO 8601 instant such as 2026-12-01T09:00") from None
    return found if found.tzinfo else found.replace(tzinfo=ZoneInfo("Europe/London"))


def run(*, port: int, now: datetime | None, fresh: bool) -> None:
    """Bring everything up, print where it is, and stay until Ctrl-C; then stop everything that was started."""
    _stop_when_told()
    say = Steps()
    folder = data_dir(os.environ)
    if not _is_free(port):
        raise Refusal(f"port {port} is in use: choose another with --port")
    base_url = os.environ.setdefault("BASE_URL", f"http://127.0.0.1:{port}")
    folder.mkdir(parents=True, exist_ok=True)
    remember_address(folder, base_url)
    mail_port = _free_port()
    os.environ |= {"MAIL_SERVER": "127.0.0.1", "MAIL_PORT": str(mail_port), "COP_DEMO": "1"}
    say("database")
    settings = settings_of_this_process(os.environ)
    with create_app(settings).app_context():
        if fresh:
            _empty_database()
            shutil.rmtree(folder / "mail", ignore_errors=True)
        flask_migrate.upgrade(directory=str(MIGRATIONS))
        if now is not None:
            write(partial(move_clock_on, to=now), SYSTEM)
        db.session.remove()
    with create_app(settings).app_context():  # whose clock has read the new offset
        if read(SYSTEM).session.scalar(select(Programme.id)) is None:
            say("demo programme")
            programme.load(say)
        db.session.remove()
        say("web server, jobs, mail")
        with mailbox.server(mail_port, folder / "mail"):
            children: list[subprocess.Popen[bytes]] = []
            try:
                _start(environment_for(settings), port, children)
                _wait_until_ready(port, children)
                say.done()
                _print_addresses(base_url)
                db.session.remove()
                _wait_for_the_end(children)
            finally:
                _stop(children)


class Steps:
    """Progress on standard error: each step with the seconds that it took."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    def __call__(self, step: str) -> None:
        click.echo(f"· {time.monotonic() - self._began:5.1f} s  {step}", err=True)

    def done(self) -> None:
        self("ready")


def move_clock_on(work: Work, *, to: datetime) -> None:
    """Set how far the service's clock runs ahead; a clock that went back would undo what was promised."""
    seconds = (to - SystemClock().now()).total_seconds()
    if to < work.now:
        raise Refusal(f"the service's clock is at {work.now:%Y-%m-%dT%H:%M}Z already and never goes back")
    values = {"name": "clock_offset_seconds", "value": seconds}
    work.session.execute(
        insert(Setting).values(values).on_conflict_do_update(index_elements=["name"], set_={"value": seconds})
    )


def environment_for(settings: Settings) -> dict[str, str]:
    """What child processes need to share this process's database and secrets."""
    return {
        **os.environ,
        "DATABASE_URL": settings.database_url,
        "SECRET_KEY": settings.secret_key,
        "COP_ENCRYPTION_KEYS": ",".join(settings.encryption_keys),
        "BASE_URL": settings.base_url,
    }


def gunicorn(port: int, workers: int, host: str = "127.0.0.1") -> list[str]:
    return [sys.executable, "-m", "gunicorn", "--config", str(ROOT / "deploy" / "gunicorn.conf.py"),
            "--chdir", str(ROOT), "--bind", f"{host}:{port}", "--workers", str(workers), "wsgi:app"]  # fmt: skip


def sign_in_address(email: str) -> str:
    """A single-use sign-in address."""
    return address("accounts.use_link", token=write(partial(accounts.make_sign_in_link, email=email), SYSTEM))


def _empty_database() -> None:
    """Forget everything, the moved clock too; refused where the database knows anybody who is not invented."""
    with db.engine.begin() as connection:
        has_people = connection.scalar(text("SELECT to_regclass('person')")) is not None
        real = text("SELECT 1 FROM person WHERE email NOT LIKE '%.example' LIMIT 1")
        if has_people and connection.scalar(real) is not None:
            raise Refusal("--fresh would delete real people: this database holds more than the demo programme")
        for table in reversed(Base.metadata.sorted_tables):
            connection.execute(text(f'DROP TABLE IF EXISTS "{table.name}" CASCADE'))
        connection.execute(text("DROP TABLE IF EXISTS alembic_version"))
        connection.execute(
            text(
                "DROP FUNCTION IF EXISTS recount_days, start_counting, count_claims, add_seats, refuse_merged, "
                "refuse_change, note_words, move_words, search_words"
            )
        )


def _stop_when_told() -> None:
    """Let a request to stop, or the closing of the terminal, end the demonstration as Ctrl-C does."""

    def stop(_signal: int, _frame: object) -> None:
        raise KeyboardInterrupt

    for told in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(told, stop)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Let requests to stop wait for the end of the block.

    One that came while a process is started, and before it is noted, would leave that process behind.
    """
    asked: list[int] = []
    usual = {
        told: signal.signal(told, lambda number, _frame: asked.append(number))
        for told in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    }
    try:
        yield
    finally:
        for told, handler in usual.items():
            signal.signal(told, handler)
    if asked:
        raise KeyboardInterrupt


def _start(environment: Mapping[str, str], port: int, children: list[subprocess.Popen[bytes]]) -> None:
    """Start the processes and note each in ``children``, so that whatever was started can be stopped.

    They get a session of their own: the terminal's signals are for this process, which stops them in order.
    """
    log = (data_dir(os.environ) / "service.log").open("ab")
    with log, _undisturbed():
        for command in (gunicorn(port, 2), [sys.executable, "-m", "scheduled"]):
            children.append(  # noqa: PERF401  one by one, so that none is lost when the next fails
                subprocess.Popen(  # noqa: S603  our own arguments
                    command, cwd=ROOT, env=dict(environment), stdout=log, stderr=log, start_new_session=True
                )
            )


def _wait_until_ready(port: int, children: list[subprocess.Popen[bytes]]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if any(child.poll() is not None for child in children):
            break
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise Refusal(f"the service did not start: see {data_dir(os.environ) / 'service.log'}")


def _print_addresses(base_url: str) -> None:
    click.echo(f"\n  {base_url}/\n")
    for role, email in ROLES.items():
        click.echo(f"  {role:12} {sign_in_address(email)}")
    click.echo(f"\n  Every mail that it sends: {base_url}/demo/mail")
    click.echo("  Ctrl-C stops everything.\n")


def _wait_for_the_end(children: list[subprocess.Popen[bytes]]) -> None:
    """Until Ctrl-C or a request to stop; a child that dies ends the rest."""
    try:
        while all(child.poll() is None for child in children):
            time.sleep(0.5)
    except KeyboardInterrupt:
        click.echo("\n· stopping", err=True)
        return
    raise Refusal(f"a process of the service ended: see {data_dir(os.environ) / 'service.log'}")


def _stop(children: list[subprocess.Popen[bytes]]) -> None:
    for child in children:
        child.terminate()
    for child in children:
        try:
            child.wait(timeout=10)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _is_free(port: int) -> bool:
    with closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
