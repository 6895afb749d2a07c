"""An organisation's own sign-in as a process of its own, that speaks OpenID Connect over HTTP."""

import json
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from http.client import HTTPConnection
from urllib.parse import urlencode, urlsplit

PATIENCE = 60.0
HOST = "127.0.0.1"


@dataclass(frozen=True)
class Provider:
    """The process, once it answers; ``known`` says what it knows of somebody."""

    process: subprocess.Popen[bytes]
    port: int

    @property
    def issuer(self) -> str:
        return f"http://{HOST}:{self.port}"

    def known(self, subject: str, **claims: object) -> None:
        status, _ = self._ask("PUT", f"/users/{subject}", json.dumps(claims), "application/json")
        assert status == 204

    def sign_in(self, address: str, subject: str, *, action: str = "") -> str:
        """Where the browser is sent after somebody has signed in at the page to which we sent them."""
        parts = urlsplit(address)
        assert parts.netloc == f"{HOST}:{self.port}"
        form = urlencode({"sub": subject, **({"action": action} if action else {})})
        status, location = self._ask("POST", f"{parts.path}?{parts.query}", form, "application/x-www-form-urlencoded")
        assert status == 302
        return location

    def _ask(self, method: str, path: str, body: str, kind: str) -> tuple[int, str]:
        connection = HTTPConnection(HOST, self.port, timeout=PATIENCE)
        try:
            connection.request(method, path, body, {"Content-Type": kind})
            answer = connection.getresponse()
            answer.read()
            return answer.status, answer.headers.get("Location", "")
        finally:
            connection.close()

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=PATIENCE)


def start() -> Provider:
    with socket.create_server((HOST, 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port), "--host", HOST]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603
    until = time.monotonic() + PATIENCE
    while not _answers(port):
        assert process.poll() is None, "the provider ended"
        assert time.monotonic() < until, "the provider does not answer"
        time.sleep(0.05)
    return Provider(process, port)


def _answers(port: int) -> bool:
    try:
        with socket.create_connection((HOST, port), timeout=1):
            return True
    except OSError:
        return False
