"""The whole demonstration as ``make demo`` starts it: processes, database and mail server of its own."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode, urljoin
from urllib.request import HTTPCookieProcessor, OpenerDirector, build_opener

import pytest
from bs4 import BeautifulSoup

from cop import embedded
from cop.core.settings import SECRETS_FILE
from tests.support.html import parse
from tests.support.mailbox import free_port

COP = str(Path(sys.executable).with_name("cop"))
ROLES = ("admin", "facilitator", "reviewer", "evaluator", "host", "alumna", "participant", "applicant")
NEWCOMER = "newcomer@council.example"
PATIENCE_SECONDS = 180


class Visitor:
    """Somebody over HTTP, with cookies of their own."""

    def __init__(self, base_url: str) -> None:
        self._opener: OpenerDirector = build_opener(HTTPCookieProcessor(CookieJar()))
        self.url = base_url
        self.soup: BeautifulSoup

    def get(self, path: str, data: dict[str, str] | None = None) -> "Visitor":
        url = urljoin(self.url, path)
        with self._opener.open(url, urlencode(data).encode() if data else None, timeout=20) as answer:
            self.url, self.soup = answer.url, parse(answer.read().decode())
        return self

    def submit(self, to: str = "", **fields: str) -> "Visitor":
        """The form of the page that posts to this path; the first one, to the page's own address, without."""
        (form, *_) = self.soup.select(f"main form[action^='{to}']" if to else "main form")
        token = form.select_one("input[name=csrf_token]")
        assert token is not None
        address = str(form["action"]) if to else self.url
        return self.get(address, {"csrf_token": str(token["value"]), **fields})

    @property
    def heading(self) -> str:
        assert self.soup.h1 is not None
        return self.soup.h1.get_text(strip=True)


class Demo:
    """One run of ``cop demo``; ``lines`` is what it printed once it was ready."""

    def __init__(self, data: Path, port: int, environment: dict[str, str], *options: str) -> None:
        self.data, self.port = data, port
        self.log = data.with_suffix(".log")
        with self.log.open("w") as log:
            self.process = subprocess.Popen(  # noqa: S603  our own command
                [COP, "demo", "--port", str(port), "--data", str(data), *options],
                stdout=log,
                stderr=log,
                env=environment,
                start_new_session=True,  # so that Ctrl-C can be sent as a terminal sends it: to all of them
            )

    @property
    def printed(self) -> str:
        return self.log.read_text()

    def wait_until_ready(self) -> "Demo":
        wait_for(lambda: "Ctrl-C" in self.printed or self.process.poll() is not None)
        assert self.process.poll() is None, self.printed
        return self

    def links(self) -> dict[str, str]:
        """The sign-in link of each role."""
        return dict(re.findall(r"^ +(\w+) +(http://\S+/sign-in/\S+)$", self.printed, re.MULTILINE))

    def stop(self, by: signal.Signals) -> int:
        """A terminal tells all of its processes that it is closed or that Ctrl-C was pressed; others tell one."""
        if by is signal.SIGTERM:
            self.process.send_signal(by)
        else:
            os.killpg(self.process.pid, by)
        return self.process.wait(timeout=PATIENCE_SECONDS)

    def clear_away(self) -> None:
        """Stop what a failed test left running, with all that it started; kill it if it does not listen."""
        with suppress(subprocess.TimeoutExpired):
            self.process.terminate()
            self.process.wait(timeout=PATIENCE_SECONDS)
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def wait_for(condition: Callable[[], bool], tell: Callable[[], str] = lambda: "it took too long") -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, tell()
        time.sleep(0.05)


def living(word: str = "", *, at: Path) -> list[str]:
    """Commands of processes that belong to a data folder: its path is in their arguments or their environment."""
    found, traces = [], (str(at), str(embedded.database_folder(at)))
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and int(folder.name) != os.getpid():
            try:
                command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                environment = (folder / "environ").read_bytes().decode(errors="replace")
            except OSError:
                continue
            if word in command and any(trace in command or trace in environment for trace in traces):
                found.append(command)
    return found


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


Start = Callable[..., Demo]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "LANG": "C.UTF-8"}


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    """A data folder of its own, outside of which nothing stays."""
    folder = tmp_path / "demo"
    yield folder
    if (folder / SECRETS_FILE).exists():
        database = embedded.database_folder(folder)
        with suppress(OSError):
            os.kill(int((database / "postmaster.pid").read_text().partition("\n")[0]), signal.SIGQUIT)
        shutil.rmtree(database, ignore_errors=True)


@pytest.fixture
def start(data: Path, environment: dict[str, str]) -> Iterator[Start]:
    """``start("--fresh")`` begins a run with these options."""
    port, started = free_port(), []

    def begin(*options: str) -> Demo:
        started.append(Demo(data, port, environment, *options))
        return started[-1]

    yield begin
    for demo in started:
        demo.clear_away()


@contextmanager
def stopped_cleanly(demo: Demo, by: signal.Signals) -> Iterator[Visitor]:
    """A visitor of the run; afterwards it is stopped, and nothing of it may be left."""
    demo.wait_until_ready()
    yield Visitor(f"http://127.0.0.1:{demo.port}/")
    assert demo.stop(by) == 0, demo.printed
    wait_until_gone(demo)


def wait_until_gone(demo: Demo) -> None:
    wait_for(lambda: not living(at=demo.data) and is_free(demo.port), lambda: str(living(at=demo.data)))


def test_the_demonstration_comes_up_stops_and_keeps_what_happened(start: Start) -> None:
    first = start()
    with stopped_cleanly(first, signal.SIGINT) as visitor:
        signs_in_by_printed_links(first)
        signs_in_by_mail(visitor)
        assert refused(start()) == f"cop: port {first.port} is in use: choose another with --port"
        assert is_listed(visitor)

    moved_on = datetime.now(UTC) + timedelta(days=60)  # noqa: TID251  the demonstration runs on real time
    with stopped_cleanly(start("--now", f"{moved_on:%Y-%m-%dT%H:%M}Z"), signal.SIGTERM) as visitor:
        assert NEWCOMER in visitor.get("/demo/mail").soup.get_text()
        assert not is_listed(visitor)

    past = datetime.now(UTC) + timedelta(days=30)  # noqa: TID251  as above
    assert "never goes back" in refused(start("--now", f"{past:%Y-%m-%dT%H:%M}"))

    with stopped_cleanly(start("--fresh"), signal.SIGINT) as visitor:
        assert is_listed(visitor)


def signs_in_by_printed_links(demo: Demo) -> None:
    links = demo.links()
    assert set(links) == set(ROLES)
    buttons = Visitor(links["admin"]).get("/demo/sign-in").soup.select("main button")
    assert [button.get_text(strip=True).lower() for button in buttons] == list(ROLES)
    for role in ("admin", "participant"):
        visitor = Visitor(links[role]).get(links[role])
        assert visitor.heading == "Sign in"
        visitor.submit()
        if role == "admin":
            assert visitor.heading == "Set up a second factor"
            visitor.submit(to="/demo/second-factor/skip")
        assert visitor.heading.startswith("Hello, ")


def signs_in_by_mail(visitor: Visitor) -> None:
    """The web server posts, the jobs deliver over SMTP, and the page shows what arrived."""
    visitor.get("/sign-in").submit(email=NEWCOMER)
    reader = Visitor(visitor.url)
    wait_for(lambda: NEWCOMER in reader.get("/demo/mail").soup.get_text())
    (row,) = [row for row in reader.soup.select("tbody tr") if NEWCOMER in row.get_text()]
    link = row.select_one("a")
    assert link is not None
    mail = reader.get(str(link["href"]))
    (address,) = {str(found["href"]) for found in mail.soup.select("pre a") if "/sign-in/" in str(found["href"])}
    assert visitor.get(address).submit().heading == "About you"


def is_listed(visitor: Visitor) -> bool:
    """Whether the coming visit is still to come."""
    return "healthy-hub-stevenage" in str(visitor.get("/visits/").soup.main)


def refused(demo: Demo) -> str:
    assert demo.process.wait(timeout=PATIENCE_SECONDS) == 1, demo.printed
    assert "Traceback" not in demo.printed
    return demo.printed.splitlines()[-1]


def test_closing_the_terminal_stops_it_too(start: Start) -> None:
    with stopped_cleanly(start(), signal.SIGHUP):
        pass


def test_stopping_it_while_it_starts_leaves_nothing_behind(start: Start) -> None:
    demo = start()
    wait_for(lambda: "web server" in demo.printed and bool(living("gunicorn", at=demo.data)))
    demo.stop(signal.SIGTERM)
    wait_until_gone(demo)


def test_a_wrong_instant_is_wrong_usage(start: Start) -> None:
    demo = start("--now", "tomorrow")
    assert demo.process.wait(timeout=PATIENCE_SECONDS) == 2
    assert "Usage:" in demo.printed
