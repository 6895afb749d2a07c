"""Asking a server of somebody else's, without being led into our own network.

Whoever sets up an organisation's sign-in chooses the address, and that server names others. So each host is looked up
once, all its addresses have to be public, and the connection goes to one that was looked at: a name that means another
machine a moment later changes nothing. Nothing is followed onward, and no answer is read without end.
"""

import ipaddress
import socket
import ssl
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from threading import Timer
from urllib.parse import urlsplit

SECONDS = 8
MOST_BYTES = 256 * 1024
PORTS = {"http": 80, "https": 443}
OK = 200

OPEN_INTERNET = ipaddress.ip_network("2000::/3")
"""Where new addresses are given out; others lead to old ones, private ones among them, or nowhere."""


class Unanswered(Exception):  # noqa: N818
    """Why there is no answer, in words for people who look after the service."""


def look_up(host: str, port: int) -> Sequence[str]:
    """All addresses of a host, in the order in which to try them."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for _family, _type, _protocol, _name, address in found))


def is_public(address: str) -> bool:
    """Whether an IP address is one of the open internet."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address) and (
        found not in OPEN_INTERNET or found.sixtofour is not None or found.teredo is not None
    ):
        return False
    return found.is_global and not found.is_multicast


def is_of_this_machine(address: str) -> bool:
    """Whether an IP address is this machine's own: for tests, which have a server of their own."""
    return ipaddress.ip_address(address).is_loopback


@dataclass(frozen=True)
class Outgoing:
    """How servers are asked; what is not given is the open internet, over TLS alone."""

    look_up: Callable[[str, int], Sequence[str]] = look_up
    is_allowed: Callable[[str], bool] = is_public
    schemes: frozenset[str] = frozenset({"https"})
    seconds: float = SECONDS
    trust: ssl.SSLContext | None = field(default=None, repr=False)

    def ask(self, url: str, *, body: bytes | None = None, headers: Mapping[str, str] | None = None) -> bytes:
        """What the server answers, by POST where there is a body. Unanswered unless its status is 200."""
        where = self._parts(url)
        connection = HTTPConnection(where.host, where.port, timeout=self.seconds)
        end = Timer(self.seconds, _cut_off, [connection])
        end.daemon = True
        end.start()
        try:
            self._connect(connection, where)
            connection.request("GET" if body is None else "POST", where.target, body, {**(headers or {}), **SAID})
            answer = connection.getresponse()
            data = answer.read(MOST_BYTES + 1)
        except ssl.SSLError:
            raise Unanswered("its certificate is not valid") from None
        except (OSError, HTTPException, ValueError):
            raise Unanswered("it does not answer") from None
        finally:
            end.cancel()
            connection.close()
        if answer.status != OK:
            raise Unanswered(f"it answers with {answer.status}")
        if len(data) > MOST_BYTES:
            raise Unanswered("its answer is too long")
        return data

    def _parts(self, url: str) -> "_Where":
        try:
            parts = urlsplit(url)
            host = (parts.hostname or "").encode("idna").decode()
            port = parts.port or PORTS.get(parts.scheme, 0)
        except ValueError:
            raise Unanswered("it is not an address of the web") from None
        if parts.scheme not in self.schemes or not host or "@" in parts.netloc:
            raise Unanswered("it is not an address that begins with https://")
        target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
        return _Where(parts.scheme, host, port, target)

    def _connect(self, connection: HTTPConnection, where: "_Where") -> None:
        try:
            addresses = self.look_up(where.host, where.port)
        except (OSError, UnicodeError):
            raise Unanswered("its name is not known") from None
        if not addresses or not all(map(self.is_allowed, addresses)):
            raise Unanswered("it is not a public address")
        connection.sock = socket.create_connection((addresses[0], where.port), timeout=self.seconds)
        if where.scheme == "https":
            trust = self.trust or ssl.create_default_context()
            connection.sock = trust.wrap_socket(connection.sock, server_hostname=where.host)


SAID = {"Accept": "application/json", "Connection": "close", "User-Agent": "Learning Together (single sign-on)"}


@dataclass(frozen=True)
class _Where:
    """``target`` is what stands in the first line of the request."""

    scheme: str
    host: str
    port: int
    target: str


def _cut_off(connection: HTTPConnection) -> None:
    """Wake whoever waits for the other side."""
    if connection.sock is not None:
        with suppress(OSError):  # it has ended by itself
            connection.sock.shutdown(socket.SHUT_RDWR)
