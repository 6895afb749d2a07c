"""Real processes of the service, started for a test and ended by their id."""

import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from cop.demo import running
from tests.support.postgres import ENCRYPTION_KEY, SECRET_KEY

HOST = "127.0.0.1"
PATIENCE = 40.0
"""Seconds after which something that has not happened will not happen, even on a busy machine."""

Environment = Mapping[str, str]


def environment(database_url: str, mail_port: int = 1) -> dict[str, str]:
    """What a process needs to share a test's database, secrets and mail server."""
    return {
        **os.environ,
        "DATABASE_URL": database_url,
        "SECRET_KEY": SECRET_KEY,
        "COP_ENCRYPTION_KEYS": ENCRYPTION_KEY,
        "BASE_URL": f"http://{HOST}",
        "MAIL_SERVER": HOST,
        "MAIL_PORT": str(mail_port),
    }


def until(happened: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < deadline, f"{what} has not happened in {PATIENCE:.0f} seconds"
        time.sleep(0.02)


class Web:
    """A gunicorn with several worker processes under the settings of production."""

    def __init__(self, port: int, master: int, log: Path) -> None:
        self.port, self._master, self.log = port, master, log

    def workers(self) -> list[int]:
        return [int(pid) for pid in Path(f"/proc/{self._master}/task/{self._master}/children").read_text().split()]

    def kill_workers(self) -> None:
        """End every worker at once, whatever it is doing; the master starts others."""
        for pid in self.workers():
            os.kill(pid, signal.SIGKILL)

    def is_ready(self) -> bool:
        connection = http.client.HTTPConnection(HOST, self.port, timeout=PATIENCE)
        try:
            connection.request("GET", "/health/ready")
            return connection.getresponse().status == http.client.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()


@contextmanager
def web_server(surroundings: Environment, port: int, workers: int, log: Path) -> Iterator[Web]:
    with _started(running.gunicorn(port, workers), surroundings, log) as process:
        web = Web(port, process.pid, log)
        until(web.is_ready, "an answer of the web server")
        yield web


@contextmanager
def scheduled(surroundings: Environment, log: Path, *job: str) -> Iterator[subprocess.Popen[bytes]]:
    """``python -m scheduled``: all jobs for ever, or one job once."""
    with _started([sys.executable, "-m", "scheduled", *job], surroundings, log) as process:
        yield process


@contextmanager
def _started(command: list[str], surroundings: Environment, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("ab") as output:
        process = subprocess.Popen(  # noqa: S603  our own
            command, cwd=running.ROOT, env=dict(surroundings), stdout=output, stderr=output
        )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGINT)  # unlike SIGTERM, it does not wait for connections that are kept open
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
