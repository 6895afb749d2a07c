"""Asking servers of somebody else's: over TLS, on the open internet, and never without end."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from cop.core import outgoing
from cop.core.outgoing import Outgoing, Unanswered, is_of_this_machine, is_public

HERE = "127.0.0.1"


class Answers(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/long":
            self._say(200, b"x" * (outgoing.MOST_BYTES + 10))
        elif self.path == "/onward":
            self.send_response(302)
            self.send_header("Location", "/")
            self.end_headers()
        elif self.path == "/slow":
            self.server.let_go.wait(30)  # type: ignore[attr-defined]
        else:
            self._say(200 if self.path == "/?a=b" else 404, b"{}")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self._say(200, self.headers["X-Word"].encode() + body)

    def _say(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[str]:
    served = ThreadingHTTPServer((HERE, 0), Answers)
    served.daemon_threads = True
    served.let_go = threading.Event()  # type: ignore[attr-defined]
    thread = threading.Thread(target=served.serve_forever, daemon=True)
    thread.start()
    yield f"http://{HERE}:{served.server_address[1]}"
    served.let_go.set()  # type: ignore[attr-defined]
    served.shutdown()
    thread.join()
    served.server_close()


LOCAL = Outgoing(is_allowed=is_of_this_machine, schemes=frozenset({"http"}))


def test_an_answer_is_read(server: str) -> None:
    assert LOCAL.ask(f"{server}?a=b") == b"{}"
    assert LOCAL.ask(f"{server}/", body=b"said", headers={"X-Word": "once "}) == b"once said"


@pytest.mark.parametrize(
    ("path", "why"), [("/none", "answers with 404"), ("/onward", "answers with 302"), ("/long", "too long")]
)
def test_any_other_answer_is_none(path: str, why: str, server: str) -> None:
    with pytest.raises(Unanswered, match=why):
        LOCAL.ask(f"{server}{path}")


def test_a_server_that_never_ends_is_left(server: str) -> None:
    hasty = Outgoing(is_allowed=is_of_this_machine, schemes=frozenset({"http"}), seconds=0.2)
    with pytest.raises(Unanswered, match="does not answer"):
        hasty.ask(f"{server}/slow")


@pytest.mark.parametrize(
    "url",
    [
        "http://login.harbour.example/",
        "file:///etc/passwd",
        "gopher://login.harbour.example",
        "https://",
        "https://user:word@login.harbour.example",
        "https://[",
        "https://login.harbour.example:99999",
        "",
    ],
)
def test_what_is_no_safe_address_is_not_asked(url: str) -> None:
    with pytest.raises(Unanswered, match="address"):
        Outgoing(look_up=lambda host, port: pytest.fail("looked up")).ask(url)


@pytest.mark.parametrize(
    "found",
    [
        ["127.0.0.1"],
        ["10.0.0.5"],
        ["169.254.169.254"],
        ["::1"],
        ["fd00::1"],
        ["::ffff:127.0.0.1"],
        ["93.184.215.14", "192.168.1.1"],
        [],
    ],
)
def test_a_name_that_leads_into_our_network_is_not_asked(found: list[str]) -> None:
    with pytest.raises(Unanswered, match="not a public address"):
        Outgoing(look_up=lambda host, port: found).ask("https://login.harbour.example")


def test_a_name_that_nobody_knows_is_not_asked() -> None:
    def unknown(host: str, port: int) -> list[str]:
        raise OSError

    with pytest.raises(Unanswered, match="name is not known"):
        Outgoing(look_up=unknown).ask("https://login.harbour.example")


def test_a_server_without_tls_is_none(server: str) -> None:
    safe = Outgoing(is_allowed=is_of_this_machine)
    with pytest.raises(Unanswered, match="certificate"):
        safe.ask(server.replace("http://", "https://"))


def test_public_is_what_the_open_internet_reaches() -> None:
    assert is_public("93.184.215.14")
    assert not is_public("no address")
