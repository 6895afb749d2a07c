"""Junk for every form and every question of an address, made from what the pages offer; the same at each run."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

from bs4 import BeautifulSoup, Tag
from bs4.filter import SoupStrainer
from flask import Flask
from werkzeug.routing import Rule

from cop.core.access import VISITOR
from tests.rules.conftest import World
from tests.rules.walks import ANSWERS, access_of, addresses, fault, rules
from tests.support.browse import Browse
from tests.support.make import Make

LONG = "a" * 20_000
WORDS = (
    "\x00",
    "a\x00b",
    "",
    " ",
    "\n\r\t",
    "\x1b[31m",
    "\ufeff\u202e\u200b🙂",
    "\ufffd\uffff\U0010ffff",
    "e\u0301" * 300,
    "%s %(x)s {name} {{ 7 * 7 }}",
    "'; DROP TABLE person; --",
    "<script>alert(1)</script>",
    "=1+1",
    "../../etc/passwd",
    LONG,
)
NUMBERS = (
    "0",
    "-1",
    "2147483647",
    "2147483648",
    "9223372036854775807",
    "9223372036854775808",
    "9" * 30,
    "9" * 5000,
    "1e309",
    "NaN",
    "Infinity",
    "1_000",
    "٣",
    "½",
    "²",
    "9999",
    "10000",
)
TIMES = (
    "0001-01-01",
    "9999-12-31",
    "10000-01-01",
    "2026-02-30",
    "2026-W01-1",
    "0001-01-01T00:00",
    "9999-12-31T23:59",
    "25:61",
    "00:00",
    "23:59",
)
ADDRESSES = (
    "nobody@example@example",
    "\u202e@example.org",
    "a@" + "b" * 70 + ".example",
    "http://[",
    "https://[::1",
    "https://example.org:99999999/",
    "https://exa mple.org/\x7f",
    "javascript:alert(1)",
    "//example.org",
    "{",
    "[" * 15_000,
    "[]",
    '{"a": {"a": null}}',
    '"\\ud800"',
    "null",
)
JUNK = (*WORDS, *NUMBERS, *TIMES, *ADDRESSES)
KINDS = {
    "date": TIMES,
    "time": TIMES,
    "datetime-local": TIMES,
    "numeric": NUMBERS,
    "email": ADDRESSES,
    "url": ADDRESSES,
}
"""What is thrown first at fields of these types."""

FILES = (
    (b"", "empty.csv"),
    (b"\x00\xff\xfe" * 50, "junk.csv"),
    (b'\xef\xbb\xbfEmail,Name\r\n"no end,\x00', "broken.csv"),
    (b"PK\x03\x04" + b"\x00" * 60, "broken.xlsx"),
    (b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART:99999999T999999\r\n", "broken.ics"),
    (b"%PDF-1.7 and no more", "broken.pdf"),
    (b"\x89PNG\r\n\x1a\n" + b"\x00" * 40, "\u202e" + "a" * 300 + ".png"),
    (b"words", "../../\x01\n.txt"),
)
FORMS, LINKS = SoupStrainer("form"), SoupStrainer("a")
OK = 200
KNOWN = ANSWERS | {400, 403, 413, 415}
"""Statuses of answers to junk: those to anybody, and what is no form, forged, too large or in no language of ours."""

LIKELY = {
    "numeric": "2",
    "date": "2026-04-01",
    "time": "10:00",
    "email": "new@council.example",
    "url": "https://example.org/",
}
"""What somebody might type into an empty field of these types."""

Sent = Mapping[str, str | Sequence[str] | tuple[bytes, str]]
"""By the name of a field: an answer, several, or the bytes and the name of a file."""


@dataclass(frozen=True)
class Field:
    """All the controls of one name in a form, and what they hold."""

    name: str
    kind: str
    held: tuple[str, ...]

    @property
    def junk(self) -> Sequence[str]:
        """What is odd for this type comes first."""
        first = KINDS.get(self.kind, ())
        return [*first, *(each for each in JUNK if each not in first)]


@dataclass(frozen=True)
class Filled:
    """A form as it stands on a page, and who sees it."""

    visitor: str
    address: str
    fields: tuple[Field, ...]
    number: int
    """Among all forms: each begins elsewhere in the junk."""

    is_guessed: bool = False
    """No page shows it: it has the fields of all forms, and goes once, with junk in all of them."""

    def with_junk(self) -> Iterator[Sent]:
        """What is sent instead of what belongs there.

        All fields are junk; then one after another is junk beside what the others hold; then every second one is
        missing; and at last all come several times, or files as text and text as files.
        """
        turn = count(self.number)
        held = {item.name: [*item.held] for item in self.fields if item.kind != "file"}
        files = {item.name: FILES[next(turn) % len(FILES)] for item in self.fields if item.kind == "file"}
        yield {**{item.name: item.junk[next(turn) % len(item.junk)] for item in self.fields}, **files}
        if self.is_guessed:
            return
        for number, item in enumerate(self.fields):
            at = number + next(turn)
            junk = FILES[at % len(FILES)] if item.kind == "file" else item.junk[at % len(item.junk)]
            yield {**held, **files, item.name: junk}
        yield {name: values for at, (name, values) in enumerate(held.items()) if at % 2 == self.number % 2}
        if self.number % 2:
            yield {name: [*values, JUNK[next(turn) % len(JUNK)], *values] for name, values in held.items()}
        else:
            yield {**{name: FILES[next(turn) % len(FILES)] for name in held}, **dict.fromkeys(files, "no file")}


def forms_of(app: Flask, make: Make, world: World, visitors: Sequence[str]) -> list[Filled]:
    """Each form that these visitors may be shown, one of a sort, and for each POST that no page offers one with all
    the fields that there are anywhere."""
    found: dict[object, Filled] = {}
    for visitor in visitors:
        browse = entered(app, make, world, visitor)
        for rule in open_to(app, make, world, visitor, "GET"):
            for address in addresses(rule, world):
                for form in forms_in(page_at(browse, address), "post"):
                    action = urljoin(address, str(form.get("action") or address))
                    fields = fields_of(form)
                    sort = (endpoint_of(app, action), frozenset(item.name for item in fields))
                    found.setdefault(sort, Filled(visitor, action, fields, len(found)))
    offered = {endpoint_of(app, filled.address) for filled in found.values()}
    every = tuple({item.name: item for filled in found.values() for item in filled.fields}.values())
    hidden: dict[str, Filled] = {}
    for visitor in visitors:
        for rule in open_to(app, make, world, visitor, "POST"):
            if rule.endpoint not in offered:
                number = len(found) + len(hidden)
                guess = Filled(visitor, addresses(rule, world)[0], every, number, is_guessed=True)
                hidden.setdefault(rule.endpoint, guess)
    return [*found.values(), *hidden.values()]


def open_to(app: Flask, make: Make, world: World, visitor: str, method: str) -> Iterator[Rule]:
    who = world.visitors[visitor]
    actor = make.actor(who) if who else VISITOR
    return (rule for rule in rules(app, method) if access_of(app, rule).allows(actor))


def entered(app: Flask, make: Make, world: World, visitor: str) -> Browse:
    who = world.visitors[visitor]
    return Browse(app, make).sign_in(who) if who else Browse(app, make)


def endpoint_of(app: Flask, address: str) -> str:
    return str(app.url_map.bind("localhost").match(urlsplit(address).path, method="POST")[0])


def page_at(browse: Browse, address: str) -> str:
    """The page of an address; nothing where there is none."""
    answer = browse.client.get(address, buffered=True)
    return answer.text if answer.status_code == OK and answer.mimetype == "text/html" else ""


def forms_in(page: str, method: str) -> Sequence[Tag]:
    forms = BeautifulSoup(page, "html.parser", parse_only=FORMS).select("form")
    return [form for form in forms if str(form.get("method", "get")).lower() == method]


def fields_of(form: Tag) -> tuple[Field, ...]:
    names = dict.fromkeys(str(item["name"]) for item in form.select("[name]") if item["name"] != "csrf_token")
    return tuple(_field(name, form.select(f'[name="{name}"]')) for name in names)


def _field(name: str, controls: Sequence[Tag]) -> Field:
    """With what would be sent if somebody filled it in; of choices the last, so that the form goes further."""
    first, last = controls[0], controls[-1]
    if first.name == "select":
        options = first.select("option")
        return Field(name, "select", tuple(str(option.get("value", "")) for option in options[-1:]))
    if first.name == "textarea":
        return Field(name, "textarea", (first.get_text().strip() or "Words",))
    kind = str(first.get("inputmode") or first.get("type") or "text")
    likely = "2026" if name.endswith("-year") else LIKELY.get(kind, "Words")
    return Field(name, kind, (str(last.get("value") or likely),))


def questions_in(page: str, address: str) -> dict[str, str]:
    """What a page asks for after its question mark, by its forms and by its links to itself."""
    asked = {item.name: "".join(item.held) for form in forms_in(page, "get") for item in fields_of(form)}
    for link in BeautifulSoup(page, "html.parser", parse_only=LINKS).select('a[href*="?"]'):
        target = urlsplit(urljoin(address, str(link["href"])))
        if target.path == address:
            asked |= {name: values[0] for name, values in parse_qs(target.query).items()}
    return asked


def wrong_answer(browse: Browse, address: str, **sent: Any) -> str:
    """What is wrong with the answer to a GET, or to a POST of ``data`` or ``json``; nothing if all is well."""
    try:
        status = browse.client.open(address, method="POST" if sent else "GET", buffered=True, **sent).status_code
    except Exception as error:  # noqa: BLE001  a fault is listed, and the walk goes on
        return fault(error)
    return "" if status in KNOWN else str(status)
