"""What visitors do. Plain data without the service's code, for it travels to the processes of the load."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count, repeat
from secrets import token_hex
from urllib.parse import urlencode

from bench.load import PROCESSES, Answer, Journey, WrongAnswerError, get, post

TOKEN = re.compile(rb'name="csrf_token"[^>]* value="([^"]+)"')
OK, FOUND, SEE_OTHER, UNCHANGED = 200, 302, 303, 304


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
        fields = {"csrf_token": _token(form, self.path), "slot": slot, "party_size": 1, "names": ""}
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
        fields = {"csrf_token": _token(form, self.path)}
        done = yield post(self.path, urlencode(fields), f"Cookie: {cookie}")
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
        cookie = f"Cookie: {_cookie(form)}"
        fields = {"csrf_token": _token(form, path), "revision": "0", **dict(self.fields)}
        done = yield post(path, urlencode(fields), cookie)
        _expect(FOUND, done)
        _expect(OK, (yield get(done.header("Location"), cookie)))


@dataclass(frozen=True)
class Replies:
    """One reply after the other, in one topic after the other: form, button, and the page that it stands on."""

    paths: tuple[str, ...]
    cookie: str

    def journeys(self, process: int) -> Iterator[Journey]:
        series = token_hex(4)
        return (
            self._journey(self.paths[number % len(self.paths)], f"{series}-{number}")
            for number in count(process, PROCESSES)
        )

    def _journey(self, path: str, name: str) -> Journey:
        form = yield get(f"{path}/reply", f"Cookie: {self.cookie}")
        _expect(OK, form)
        cookie = _cookie(form) or self.cookie
        fields = {"csrf_token": _token(form, path), "body": f"Reply {name}: we **began** with two kitchen tables."}
        done = yield post(f"{path}/reply", urlencode(fields), f"Cookie: {cookie}")
        _expect(FOUND, done)
        where = done.header("Location").partition("#")[0]
        _expect(OK, (yield get(where, f"Cookie: {_cookie(done) or cookie}")))


@dataclass(frozen=True)
class Registers:
    """One person after the other registers from a network of their own: form, button, and “look into your mail”."""

    path: str
    numbers: tuple[int, ...]

    def journeys(self, process: int) -> Iterator[Journey]:
        return (self._journey(number) for number in self.numbers[process::PROCESSES])

    def _journey(self, number: int) -> Journey:
        network = f"X-Forwarded-For: 10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        form = yield get(self.path, network)
        _expect(OK, form)
        fields = [
            ("csrf_token", _token(form, self.path)),
            ("email", f"registers-{number}@crowd.example"),
            ("name", f"Viewer {number}"),
            ("organisation", "Town council"),
            *(("webinars", value) for value in _ticked(form.body)),
        ]
        cookie = f"Cookie: {_cookie(form)}"
        done = yield post(self.path, urlencode(fields), cookie, network)
        _expect(FOUND, done)
        _expect(OK, (yield get(done.header("Location"), f"Cookie: {_cookie(done)}", network)))


def _ticked(page: bytes) -> Sequence[str]:
    """The webinars that the form has ticked."""
    boxes = [box for box in page.split(b"<input")[1:] if b'name="webinars"' in box.partition(b">")[0]]
    return [box.partition(b'value="')[2].partition(b'"')[0].decode() for box in boxes]


@dataclass(frozen=True)
class Presses:
    """One person after the other opens a link and presses its button; what ``status`` answers is where it leads."""

    paths: tuple[str, ...]
    status: int

    def journeys(self, process: int) -> Iterator[Journey]:
        return (self._journey(path) for path in self.paths[process::PROCESSES])

    def _journey(self, path: str) -> Journey:
        form = yield get(path)
        _expect(OK, form)
        fields = {"csrf_token": _token(form, path)}
        _expect(self.status, (yield post(path, urlencode(fields), f"Cookie: {_cookie(form)}")))


@dataclass(frozen=True)
class CheckIns:
    """Hosts check in one guest after the other: find them, press, and the list again."""

    path: str
    part: int
    cookies: tuple[str, ...]
    seats: tuple[tuple[int, str], ...]

    def journeys(self, process: int) -> Iterator[Journey]:
        mine = list(enumerate(self.seats))[process::PROCESSES]
        return (self._journey(self.cookies[number % len(self.cookies)], *seat) for number, seat in mine)

    def _journey(self, cookie: str, seat: int, name: str) -> Journey:
        path = f"{self.path}?{urlencode({'q': name, 'part': self.part})}"
        page = yield get(path, f"Cookie: {cookie}")
        _expect(OK, page)
        cookie = _cookie(page) or cookie
        fields = {"csrf_token": _token(page, path), "part": self.part, "seat": seat, "seen": 0, "status": "attended"}
        done = yield post(path, urlencode(fields), f"Cookie: {cookie}")
        _expect(FOUND, done)
        _expect(OK, (yield get(done.header("Location").partition("#")[0], f"Cookie: {_cookie(done) or cookie}")))


def _token(form: Answer, path: str) -> str:
    found = TOKEN.search(form.body)
    if found is None:
        raise WrongAnswerError(f"{path} holds no form")
    return found[1].decode()


def _cookie(answer: Answer) -> str:
    return answer.header("Set-Cookie").partition(";")[0]


def _expect(status: int, answer: Answer) -> None:
    if answer.status != status:
        raise WrongAnswerError(f"{answer.status} instead of {status}: {answer.body[:200]!r}")
