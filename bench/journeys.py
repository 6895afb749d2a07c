"""What visitors do. Plain data without the service's code, for it travels to the processes of the load."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count, repeat
from secrets import token_hex
from urllib.parse import urlencode

from bench.load import PROCESSES, Answer, Journey, WrongAnswerError, get, post

TOKEN = re.compile(rb'name="csrf_token"[^>]* value="([^"]+)"')
OK, FOUND, UNCHANGED = 200, 302, 304


@dataclass(frozen=True)
class Page:
    """The same page again and again; ``anew`` asks under addresses that nobody has kept an answer to."""

    path: str
    headers: tuple[str, ...] = ()
    status: int = OK
    anew: bool = False

    def journeys(self, process: int) -> Iterator[Journey]:
        requests = self._new_requests(process) if self.anew else repeat(get(self.path, *self.headers))
        return (self._journey(request) for request in requests)

    def _new_requests(self, process: int) -> Iterator[bytes]:
        series = f"{process}{token_hex(4)}"
        return (get(f"{self.path}?anew={series}{number}", *self.headers) for number in count())

    def _journey(self, request: bytes) -> Journey:
        _expect(self.status, (yield request))


@dataclass(frozen=True)
class Bookings:
    """One person after the other books a place: form, button, and the page after it."""

    path: str
    slots: tuple[int, ...]
    cookies: tuple[str, ...]

    def journeys(self, process: int) -> Iterator[Journey]:
        mine = self.cookies[process::PROCESSES]
        return (self._journey(cookie, self.slots[number % len(self.slots)]) for number, cookie in enumerate(mine))

    def _journey(self, cookie: str, slot: int) -> Journey:
        form = yield get(self.path, f"Cookie: {cookie}")
        _expect(OK, form)
        cookie = _cookie(form) or cookie
        token = TOKEN.search(form.body)
        if token is None:
            raise WrongAnswerError(f"{self.path} holds no form")
        fields = {"csrf_token": token[1].decode(), "slot": slot, "party_size": 1, "names": ""}
        done = yield post(self.path, urlencode(fields), f"Cookie: {cookie}")
        _expect(FOUND, done)
        _expect(OK, (yield get(done.header("Location"), f"Cookie: {_cookie(done) or cookie}")))


@dataclass(frozen=True)
class Submissions:
    """One person after the other submits an application: the answers once more, button, and the page after it."""

    path: str
    cookies: tuple[str, ...]

    def journeys(self, process: int) -> Iterator[Journey]:
        return (self._journey(cookie) for cookie in self.cookies[process::PROCESSES])

    def _journey(self, cookie: str) -> Journey:
        form = yield get(self.path, f"Cookie: {cookie}")
        _expect(OK, form)
        cookie = _cookie(form) or cookie
        token = TOKEN.search(form.body)
        if token is None:
            raise WrongAnswerError(f"{self.path} holds no form")
        done = yield post(self.path, urlencode({"csrf_token": token[1].decode()}), f"Cookie: {cookie}")
        _expect(FOUND, done)
        _expect(OK, (yield get(done.header("Location"), f"Cookie: {_cookie(done) or cookie}")))


@dataclass(frozen=True)
class Responses:
    """One person after the other answers a survey: questions, button, and the thanks."""

    paths: tuple[str, ...]
    fields: tuple[tuple[str, str], ...]

    def journeys(self, process: int) -> Iterator[Journey]:
        return (self._journey(path) for path in self.paths[process::PROCESSES])

    def _journey(self, path: str) -> Journey:
        form = yield get(path)
        _expect(OK, form)
        token = TOKEN.search(form.body)
        if token is None:
            raise WrongAnswerError(f"{path} holds no form")
        cookie = f"Cookie: {_cookie(form)}"
        fields = {"csrf_token": token[1].decode(), "revision": "0", **dict(self.fields)}
        done = yield post(path, urlencode(fields), cookie)
        _expect(FOUND, done)
        _expect(OK, (yield get(done.header("Location"), cookie)))


def _cookie(answer: Answer) -> str:
    return answer.header("Set-Cookie").partition(";")[0]


def _expect(status: int, answer: Answer) -> None:
    if answer.status != status:
        raise WrongAnswerError(f"{answer.status} instead of {status}: {answer.body[:200]!r}")
