"""A load generator that costs little: a few kept connections, each asking again as soon as it is answered."""

import selectors
import socket
from collections.abc import Generator, Iterator
from concurrent.futures import Executor
from contextlib import closing
from dataclasses import dataclass, field
from time import perf_counter
from typing import NamedTuple, Protocol

PROCESSES = 2
CONNECTIONS_EACH = 5
HOST = "127.0.0.1"
PIECE = 256 * 1024
BODYLESS = (b"204", b"304")
WRONG_ANSWERS_AT_MOST = 20


class Answer(NamedTuple):
    status: int
    head: bytes
    body: bytes

    def header(self, name: str) -> str:
        """The last value under this name, or nothing."""
        lines = self.head.decode("latin-1").splitlines()
        pairs = (line.partition(":") for line in reversed(lines))
        return next((value.strip() for found, _, value in pairs if found.lower() == name.lower()), "")


Journey = Generator[bytes, Answer, None]
"""One visitor's way through the service: it yields a request and is sent the answer, until it ends."""


class WrongAnswerError(Exception):
    """The service answered with something other than the scene is about."""


class Scene(Protocol):
    """What visitors do; it travels to other processes, so it is plain data."""

    def journeys(self, process: int) -> Iterator[Journey]:
        """The journeys of one of the load's processes, without end or until there are no more visitors."""
        ...


@dataclass
class Tally:
    """What happened in the seconds of a run; ``latencies`` are seconds, one for each answer, and ``cpu`` is what the
    web server's workers used.
    """

    seconds: float
    cpu: float = 0
    latencies: list[float] = field(default_factory=list)
    journeys: int = 0
    wrong: list[str] = field(default_factory=list)


def get(path: str, *headers: str) -> bytes:
    return "\r\n".join([f"GET {path} HTTP/1.1", f"Host: {HOST}", *headers, "", ""]).encode()


def post(path: str, body: str, *headers: str) -> bytes:
    form = ("Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}")
    return "\r\n".join([f"POST {path} HTTP/1.1", f"Host: {HOST}", *form, *headers, "", body]).encode()


def ask(port: int, request: bytes) -> Answer:
    """One answer over a connection of its own."""
    with closing(socket.create_connection((HOST, port))) as connection:
        connection.sendall(request)
        received = b""
        while (answer := _complete(received)) is None:
            piece = connection.recv(PIECE)
            if not piece:
                raise WrongAnswerError("the connection was closed before an answer was complete")
            received += piece
    return answer


def apply(executor: Executor, port: int, scene: Scene, seconds: float) -> Tally:
    """Load the service on ``port`` from several processes and add up what they saw."""
    runs = [executor.submit(run, port, scene, seconds, process) for process in range(PROCESSES)]
    tallies = [each.result() for each in runs]
    return Tally(
        seconds=max(tally.seconds for tally in tallies),
        latencies=sorted(latency for tally in tallies for latency in tally.latencies),
        journeys=sum(tally.journeys for tally in tallies),
        wrong=[wrong for tally in tallies for wrong in tally.wrong],
    )


def run(port: int, scene: Scene, seconds: float, process: int) -> Tally:
    """Keep every connection of one process busy for so many seconds."""
    tally, journeys = Tally(seconds), scene.journeys(process)
    began = perf_counter()
    with selectors.DefaultSelector() as selector:
        visitors = [_Visitor(port, journeys, tally, selector) for _ in range(CONNECTIONS_EACH)]
        for visitor in visitors:
            visitor.begin()
        while perf_counter() - began < seconds and any(visitor.is_busy for visitor in visitors):
            for key, _events in selector.select(timeout=1):
                key.data.hear()
        tally.seconds = perf_counter() - began
        for visitor in visitors:
            visitor.leave()
    return tally


class _Visitor:
    """One connection and the journey that is on it."""

    def __init__(self, port: int, journeys: Iterator[Journey], tally: Tally, selector: selectors.BaseSelector) -> None:
        self._port, self._journeys, self._tally, self._selector = port, journeys, tally, selector
        self._received = self._request = b""
        self._asked_at = 0.0
        self._journey: Journey | None = None
        self._connect()

    @property
    def is_busy(self) -> bool:
        return self._journey is not None

    def begin(self) -> None:
        self._journey = next(self._journeys, None)
        if self._journey is not None:
            self._ask(next(self._journey))

    def leave(self) -> None:
        self._selector.unregister(self._socket)
        self._socket.close()

    def hear(self) -> None:
        piece = self._socket.recv(PIECE)
        if not piece:  # a worker that has served its share of requests ends; the next one is asked again
            self.leave()
            self._connect()
            self._ask(self._request)
            return
        self._received += piece
        answer = _complete(self._received)
        if answer is not None:
            self._tally.latencies.append(perf_counter() - self._asked_at)
            self._go_on(answer)

    def _go_on(self, answer: Answer) -> None:
        assert self._journey is not None
        try:
            request = self._journey.send(answer)
        except StopIteration:
            self._tally.journeys += 1
        except WrongAnswerError as wrong:
            self._tally.wrong.append(str(wrong))
            if len(self._tally.wrong) > WRONG_ANSWERS_AT_MOST:
                raise
        else:
            self._ask(request)
            return
        self.begin()

    def _ask(self, request: bytes) -> None:
        self._request, self._received = request, b""
        self._asked_at = perf_counter()
        self._socket.sendall(request)

    def _connect(self) -> None:
        self._socket = socket.create_connection((HOST, self._port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._selector.register(self._socket, selectors.EVENT_READ, self)


def _complete(received: bytes) -> Answer | None:
    """The answer, once all of it has come; gunicorn tells the length of every body of ours."""
    end = received.find(b"\r\n\r\n")
    if end < 0:
        return None
    head, body = received[:end], received[end + 4 :]
    code = head[9:12]
    length = 0 if code in BODYLESS else _length(head)
    return Answer(int(code), head, body) if len(body) >= length else None


def _length(head: bytes) -> int:
    mark = b"\r\ncontent-length: "
    begin = head.lower().find(mark)
    if begin < 0:
        raise WrongAnswerError("an answer without a Content-Length")
    return int(head[begin + len(mark) :].split(b"\r\n", 1)[0])
