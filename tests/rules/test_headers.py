"""What every answer carries, and that reading sets no cookie."""

from http.cookies import SimpleCookie

import pytest
from flask import Flask
from werkzeug.datastructures import Headers

from cop.core.access import PUBLIC
from cop.web.requests import CONTENT_SECURITY_POLICY, HEADERS
from tests.rules.conftest import World
from tests.rules.test_access import access_of, addresses, rules
from tests.support.browse import Browse
from tests.support.make import Make


def test_the_policy_allows_no_inline_script_or_style() -> None:
    policy = dict(item.split(" ", 1) for item in CONTENT_SECURITY_POLICY.split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert "unsafe" not in CONTENT_SECURITY_POLICY


def weaker(headers: Headers) -> list[str]:
    """Headers that are missing or say less than they should; a page may keep its address even more to itself."""
    return [
        name
        for name, value in HEADERS.items()
        if headers.get(name) != value and (name, headers.get(name)) != ("Referrer-Policy", "no-referrer")
    ]


@pytest.mark.parametrize("visitor", ["signed out", "participant", "admin"])
def test_every_answer_carries_the_headers(visitor: str, app: Flask, make: Make, world: World) -> None:
    browse = Browse(app, make)
    who = world.visitors[visitor]
    for rule in rules(app, "GET"):
        for address in addresses(rule, world, absent=True):
            if who is not None:
                browse.sign_in(who)
            headers = browse.get(address, follow=False).response.headers
            assert weaker(headers) == [], address
            if who is not None and browse.response.mimetype == "text/html":
                assert headers["Cache-Control"] == "private, no-store", address


def test_an_error_page_carries_them_too(browse: Browse) -> None:
    page = browse.get("/no-such-thing")
    assert page.status == 404
    assert weaker(page.response.headers) == []


def test_a_header_that_is_missing_or_weaker_is_noticed() -> None:
    assert weaker(Headers(HEADERS)) == []
    assert weaker(Headers({**HEADERS, "Referrer-Policy": "no-referrer"})) == []
    assert weaker(Headers({**HEADERS, "Referrer-Policy": "unsafe-url"})) == ["Referrer-Policy"]
    assert weaker(Headers()) == list(HEADERS)


def test_reading_signed_out_sets_no_cookie(app: Flask, make: Make, world: World) -> None:
    """Only a page with a form does: its token is kept in the session."""
    read = 0
    for rule in rules(app, "GET"):
        if access_of(app, rule) is not PUBLIC or rule.rule.startswith("/demo/"):
            continue
        for address in addresses(rule, world, absent=True):
            page = Browse(app, make).get(address, follow=False)
            if page.status == 200 and not page.soup.select("form[method=post]"):
                assert "Set-Cookie" not in page.response.headers, address
                read += 1
    assert read


def test_cookies_are_out_of_reach_of_scripts_and_other_sites(browse: Browse) -> None:
    cookie = SimpleCookie(browse.get("/sign-in").response.headers["Set-Cookie"])["cop"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")
