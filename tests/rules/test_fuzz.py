"""Junk in forms, instead of forms and after the question mark of an address: never a fault of ours."""

from collections.abc import Iterator
from io import BytesIO
from itertools import count
from urllib.parse import urlencode

import pytest
from flask import Flask

from tests.rules.conftest import Lasting, World
from tests.rules.fuzzing import (
    JUNK,
    Filled,
    Sent,
    endpoint_of,
    entered,
    forms_of,
    open_to,
    page_at,
    questions_in,
    wrong_answer,
)
from tests.rules.walks import addresses, rules
from tests.support.browse import Browse
from tests.support.make import Make

VISITORS = ("admin", "signed out", "participant", "alumna")
"""The first who is shown a form fills it in."""

BODIES = (
    "[1]",
    "null",
    '"words"',
    '{"a": {"b": [null]}, "seen": 1, "name": ["\\ud800"], "title": {}, "email": 7}',
    '{"presses": [{"id": [], "part": 1e400, "status": {}}]}',
    "[" * 100_000,
    "9" * 5_000,
    "{",
)
"""Sent as JSON."""


def test_no_form_fails_over_junk(app: Flask, make: Make, world: World) -> None:
    forms = forms_of(app, make, world, VISITORS)
    assert {endpoint_of(app, filled.address) for filled in forms} == {rule.endpoint for rule in rules(app, "POST")}
    assert wrong_among(app, make, world, forms) == []


def wrong_among(app: Flask, make: Make, world: World, forms: list[Filled]) -> list[str]:
    """Every form with its first junk, then every form with its second: what goes through comes late for the others."""
    wrong = []
    for filled, sent in in_turns(forms):
        browse = entered(app, make, world, filled.visitor)  # anew, for the last form may have signed them out
        said = wrong_answer(browse, filled.address, data=posted(browse, sent))
        wrong += [f"{filled.visitor}, {filled.address}: {said} ({shortly(sent)})"] if said else []
    return wrong


def in_turns(forms: list[Filled]) -> Iterator[tuple[Filled, Sent]]:
    ahead = [(filled, filled.with_junk()) for filled in forms if filled.fields]
    while ahead:
        nearest = [(filled, next(junk, None), junk) for filled, junk in ahead]
        yield from ((filled, sent) for filled, sent, _junk in nearest if sent is not None)
        ahead = [(filled, junk) for filled, sent, junk in nearest if sent is not None]


def posted(browse: Browse, sent: Sent) -> dict[str, object]:
    files = {name: (BytesIO(each[0]), each[1]) for name, each in sent.items() if isinstance(each, tuple)}
    return {"csrf_token": browse._csrf_token(), **sent, **files}


def shortly(sent: Sent) -> str:
    return ", ".join(f"{name}={str(each)[:30]!r}" for name, each in sent.items())[:400]


def test_no_address_fails_over_json(app: Flask, make: Make, world: World) -> None:
    """Where a form is waited for, it counts as a form without any answer."""
    wrong, tried = [], count()
    for visitor in ("signed out", "admin"):
        for rule in open_to(app, make, world, visitor, "POST"):
            address, body = addresses(rule, world)[0], BODIES[next(tried) % len(BODIES)]
            browse = entered(app, make, world, visitor)
            headers = {"X-CSRFToken": browse._csrf_token()}
            said = wrong_answer(browse, address, data=body, content_type="application/json", headers=headers)
            wrong += [f"{visitor}, {address}: {said} ({body[:60]})"] if said else []
    assert wrong == []


@pytest.mark.parametrize("visitor", ["signed out", "admin"])
def test_no_question_fails_over_junk(visitor: str, lasting: Lasting) -> None:
    """All that a page asks for is junk, and then one thing after another."""
    app, make, world = lasting.app, lasting.make, lasting.world
    browse, wrong, tried = lasting.browse(visitor), [], count()
    for rule in open_to(app, make, world, visitor, "GET"):
        for address in addresses(rule, world):
            page = page_at(browse, address)
            held = questions_in(page, address)
            junk = [dict.fromkeys(held, JUNK[next(tried) % len(JUNK)])] if held else []
            junk += [{**held, name: JUNK[(next(tried) + at) % len(JUNK)]} for at, name in enumerate(held)]
            for asked in junk:
                said = wrong_answer(browse, f"{address}?{urlencode(asked)}")
                wrong += [f"{address}: {said} ({shortly(asked)})"] if said else []
            if page:
                break
    assert next(tried)
    assert wrong == []


def test_a_form_that_fails_over_junk_is_noticed(lasting: Lasting, monkeypatch: pytest.MonkeyPatch) -> None:
    app, make, world = lasting.app, lasting.make, lasting.world

    def trusting() -> str:
        raise ValueError("no number")

    forms = [filled for filled in forms_of(app, make, world, ["signed out"]) if filled.address == "/sign-in"]
    monkeypatch.setitem(app.view_functions, "accounts.sign_in", trusting)
    found = wrong_among(app, make, world, forms)
    assert found
    assert all("ValueError" in line for line in found)
