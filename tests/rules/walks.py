"""Walks over all addresses: what each visitor is answered, and what is wrong with it."""

import traceback
from collections.abc import Iterator
from itertools import product

from flask import Flask
from werkzeug.datastructures import Headers
from werkzeug.routing import AnyConverter, IntegerConverter, Rule

from cop.core.access import VISITOR, Access
from cop.web.requests import HEADERS
from tests.rules.conftest import World
from tests.support.browse import Browse
from tests.support.make import Make

NOTHING = "no-such-thing"
ANSWERS = frozenset({200, 301, 302, 303, 304, 308, 404, 410, 422, 429})


def access_of(app: Flask, rule: Rule) -> Access:
    access = getattr(app.view_functions[rule.endpoint], "access", None)
    assert isinstance(access, Access)
    return access


def rules(app: Flask, method: str) -> list[Rule]:
    """Those for people; programs, who show a token, have their own walk in tests/blueprints/test_api_access.py."""
    found = (rule for rule in app.url_map.iter_rules() if method in (rule.methods or ()))
    return sorted((rule for rule in found if not access_of(app, rule).by_token), key=lambda rule: rule.rule)


def addresses(rule: Rule, world: World) -> list[str]:
    """The rule's address with every combination of values that name something."""
    return built(rule, _known(rule, world))


def absent(rule: Rule, world: World) -> Iterator[str]:
    """The rule's address with one value after another that names nothing, beside each of the others that do."""
    known = _known(rule, world)
    for name in (name for name in known if name not in choices(rule)):
        nothing = ["999999" if name in numbers(rule) else NOTHING]
        for turn in range(max((len(values) for other, values in known.items() if other != name), default=1)):
            beside = {other: [values[turn % len(values)]] for other, values in known.items()}
            yield from built(rule, {**beside, name: nothing})


def built(rule: Rule, values: dict[str, list[str]]) -> list[str]:
    filled_in = [dict(zip(values, choice, strict=True)) for choice in product(*values.values())]
    return [address[1] for address in map(rule.build, filled_in) if address is not None]


def numbers(rule: Rule) -> set[str]:
    return {name for name, converter in rule._converters.items() if isinstance(converter, IntegerConverter)}


def choices(rule: Rule) -> set[str]:
    """The parameters that are one of some words: no address can be built with another."""
    return {name for name, converter in rule._converters.items() if isinstance(converter, AnyConverter)}


def _known(rule: Rule, world: World) -> dict[str, list[str]]:
    return {name: world.values(rule.rule, name) for name in sorted(rule.arguments)}


def walk(app: Flask, make: Make, world: World, visitor: str, method: str) -> list[str]:
    """Try every address as this visitor; what was answered that should not have been.

    Signed out, what needs signing in leads there; signed in, what one has no right to is not found; nothing ever
    ends in a fault of ours, and every answer carries the headers.
    """
    who = world.visitors[visitor]
    actor = make.actor(who) if who else VISITOR
    wrong, browse = [], Browse(app, make)
    if who is not None:
        browse.sign_in(who)
    for rule in rules(app, method):
        allowed = access_of(app, rule).allows(actor)
        hidden = who is not None and not allowed  # not found, whatever the address names
        for address in [*addresses(rule, world), *([] if hidden else absent(rule, world))]:
            if who is not None and method != "GET":
                browse.sign_in(who)  # anew, for the last form may have signed them out
            try:
                page = browse.get(address, follow=False) if method == "GET" else browse.post(address, follow=False)
            except Exception as error:  # noqa: BLE001  a fault is listed, and the walk goes on
                wrong.append(f"{method} {address} ({rule.endpoint}): {fault(error)}")
                continue
            found = [*wrong_status(page, allowed=allowed, signed_in=who is not None), *weaker(page.response.headers)]
            if who is not None and method == "GET":
                found += kept_too_long(page)
            wrong += [f"{method} {address} ({rule.endpoint}): {', '.join(found)}"] if found else []
    if who is not None and method == "GET" and not browse.is_signed_in:
        wrong.append("some page on the way signed the visitor out")
    return wrong


def wrong_status(page: Browse, *, allowed: bool, signed_in: bool) -> list[str]:
    if allowed:
        right = page.status in ANSWERS
    elif signed_in:
        right = page.status == 404
    else:
        right = page.status == 302 and page.location.startswith("/sign-in?next=")
    return [] if right else [str(page.status)]


def weaker(headers: Headers) -> list[str]:
    """Headers that are missing or say less than they should.

    A page may keep its address even more to itself, and what is sandboxed (a letter as it was sent, a file) has a
    policy of its own, stricter than that of pages.
    """
    is_sandboxed = "sandbox" in headers.get("Content-Security-Policy", "")
    own = {"Content-Security-Policy", "X-Frame-Options"} if is_sandboxed else set()
    return [
        name
        for name, value in HEADERS.items()
        if name not in own
        and headers.get(name) != value
        and (name, headers.get(name)) != ("Referrer-Policy", "no-referrer")
    ]


def kept_too_long(page: Browse) -> list[str]:
    """The header of a page for somebody signed in that lets others keep it."""
    kept = page.response.headers.get("Cache-Control") != "private, no-store"
    return ["Cache-Control"] if kept and page.response.mimetype == "text/html" else []


def fault(error: Exception) -> str:
    """One line about an exception, with the last line of our own code that it came through."""
    ours = [frame for frame in traceback.extract_tb(error.__traceback__) if "/cop/" in frame.filename]
    where = f" at {ours[-1].filename.rpartition('/cop/')[2]}:{ours[-1].lineno}" if ours else ""
    return f"{type(error).__name__}{where}: {' '.join(str(error).split())[:300]}"
