"""Asking whether an address on the web answers, without being led into our own network.

Whoever edits a resource chooses the address, and whoever runs that site chooses where it leads on to. So each host is
looked up once, all its addresses have to be public, and the connection goes to one that was looked at: a name that
means another machine a moment later changes nothing.
"""

import socket
import ssl
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from threading import Timer
from urllib.parse import quote, urljoin, urlsplit

from cop.core.outgoing import is_public, look_up

REDIRECTS_MOST = 5
SECONDS = 20
"""For one address and all that it leads on to, however slowly that comes."""

PORTS = {"http": 80, "https": 443}

NOT_HEAD = frozenset({400, 403, 404, 405, 500, 501, 503})
"""Answers to HEAD that some servers give for want of knowing it; they are asked again by GET."""

ONWARD = frozenset({301, 302, 303, 307, 308})

KEPT_OUT = frozenset({401, 402, 403, 407, 429, 451})
"""Somebody is there, who lets programs not in."""

IN_A_TARGET = "/?%:@!$&'()*+,;=~-._[]"
"""Characters that stay as they are in the first line of a request."""

Look = Callable[[str, int], Sequence[str]]


class Failed(Exception):  # noqa: N818
    """Why an address counts as one that does not answer, in words for people."""


@dataclass(frozen=True)
class Fetching:
    """How addresses are tried; what is not given is the open internet. ``agent`` says to sites who asks."""

    agent: str
    look_up: Look = look_up
    is_allowed: Callable[[str], bool] = is_public
    ports: tuple[int, ...] = tuple(PORTS.values())
    seconds: float = SECONDS
    trust: ssl.SSLContext | None = None

    def why_not(self, url: str) -> str:
        """Why the address does not answer; nothing where it does, also where it keeps programs out."""
        try:
            self._follow(url)
        except Failed as failed:
            return str(failed)
        return ""

    def _follow(self, url: str) -> None:
        ends = time.monotonic() + self.seconds
        for _number in range(REDIRECTS_MOST + 1):
            status, onward = self._ask("HEAD", url, ends)
            if status in NOT_HEAD:
                status, onward = self._ask("GET", url, ends)
            if onward is None:
                if status >= 400 and status not in KEPT_OUT:  # noqa: PLR2004
                    raise Failed(f"it answers with {status}")
                return
            url = _joined(url, onward)
        raise Failed("it leads on and on to other addresses")

    def _ask(self, method: str, url: str, ends: float) -> tuple[int, str | None]:
        """The status of the answer, and where it leads on to."""
        where = _parts(url)
        left = ends - time.monotonic()
        if where.port not in self.ports:
            raise Failed("it is not an address of the web")
        if left <= 0:
            raise Failed("it does not answer")
        connection = HTTPConnection(where.host, where.port, timeout=left)
        end = Timer(left, _cut_off, [connection])
        end.daemon = True
        end.start()
        try:
            self._connect(connection, where, left)
            connection.putrequest(method, where.target, skip_host=True, skip_accept_encoding=True)
            for name, value in (("Host", where.named), ("User-Agent", self.agent), ("Connection", "close")):
                connection.putheader(name, value)
            connection.endheaders()
            answer = connection.getresponse()
        except ssl.SSLError:
            raise Failed("its certificate is not valid") from None
        except (OSError, HTTPException, ValueError):
            raise Failed("it does not answer") from None
        finally:
            end.cancel()
            connection.close()
        return answer.status, answer.headers.get("Location") if answer.status in ONWARD else None

    def _connect(self, connection: HTTPConnection, where: "_Where", seconds: float) -> None:
        try:
            addresses = self.look_up(where.host, where.port)
        except (OSError, UnicodeError):
            raise Failed("its name is not known") from None
        if not addresses or not all(map(self.is_allowed, addresses)):
            raise Failed("it is not a public address")
        plain = socket.create_connection((addresses[0], where.port), timeout=seconds)
        connection.sock = plain
        if where.scheme == "https":
            trust = self.trust or ssl.create_default_context()
            wrapped = trust.wrap_socket(plain, server_hostname=where.host, do_handshake_on_connect=False)
            connection.sock = wrapped
            wrapped.do_handshake()


@dataclass(frozen=True)
class _Where:
    """``named`` is what the request calls the host, ``target`` what stands in its first line."""

    scheme: str
    host: str
    port: int
    named: str
    target: str


def _parts(url: str) -> _Where:
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").encode("idna").decode()
        port = parts.port or PORTS.get(parts.scheme, 0)
    except ValueError:
        raise Failed("it is not an address of the web") from None
    if parts.scheme not in PORTS or not host or "@" in parts.netloc:
        raise Failed("it is not an address of the web")
    bare = f"[{host}]" if ":" in host else host
    path = quote(parts.path or "/", safe=IN_A_TARGET)
    target = f"{path}?{quote(parts.query, safe=IN_A_TARGET)}" if parts.query else path
    return _Where(parts.scheme, host, port, bare if port == PORTS[parts.scheme] else f"{bare}:{port}", target)


def _joined(url: str, onward: str) -> str:
    try:
        return urljoin(url, onward)
    except ValueError:
        raise Failed("it leads on to what is not an address of the web") from None


def _cut_off(connection: HTTPConnection) -> None:
    """Wake whoever waits for the other side."""
    if connection.sock is not None:
        with suppress(OSError):  # it has ended by itself
            connection.sock.shutdown(socket.SHUT_RDWR)
