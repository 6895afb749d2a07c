"""What every answer carries, and that reading sets no cookie."""

from http.cookies import SimpleCookie

import pytest
from flask import Flask

from cop.core.access import PUBLIC
from cop.web.requests import CONTENT_SECURITY_POLICY, HEADERS
from tests.rules.conftest import World
from tests.rules.test_access import access_of, addresses, everything, rules
from tests.support.browse import Browse
from tests.support.make import Make


def test_the_policy_allows_no_inline_script_or_style() -> None:
    policy = dict(item.split(" ", 1) for item in CONTENT_SECURITY_POLICY.split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert "unsafe" not in CONTENT_SECURITY_POLICY


@pytest.mark.parametrize("visitor", ["signed out", "participant", "admin"])
def test_every_answer_carries_the_headers(visitor: str, app: Flask, make: Make, world: World) -> None:
    browse = Browse(app, make)
    who = world.visitors[visitor]
    for rule in rules(app, "GET"):
        for address in addresses(app, rule, everything(world)):
            if who is not None:
                browse.sign_in(who)
            headers = browse.get(address, follow=False).response.headers
            assert {name: headers.get(name) for name in HEADERS} == HEADERS, address
            if who is not None and browse.response.mimetype == "text/html":
                assert headers["Cache-Control"] == "private, no-store", address


def test_an_error_page_carries_them_too(browse: Browse) -> None:
    page = browse.get("/no-such-thing")
    assert page.status == 404
    assert {name: page.response.headers.get(name) for name in HEADERS} == HEADERS


def test_reading_signed_out_sets_no_cookie(app: Flask, make: Make, world: World) -> None:
    """Only a page with a form does: its token is kept in the session."""
    read = 0
    for rule in rules(app, "GET"):
        if access_of(app, rule) is not PUBLIC:
            continue
        for address in addresses(app, rule, everything(world)):
            page = Browse(app, make).get(address, follow=False)
            if page.status == 200 and not page.soup.select("form[method=post]"):
                assert "Set-Cookie" not in page.response.headers, address
                read += 1
    assert read


def test_cookies_are_out_of_reach_of_scripts_and_other_sites(browse: Browse) -> None:
    cookie = SimpleCookie(browse.get("/sign-in").response.headers["Set-Cookie"])["cop"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")
