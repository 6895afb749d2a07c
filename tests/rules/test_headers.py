"""What every answer carries, and that reading sets no cookie."""

from http.cookies import SimpleCookie

import pytest
from werkzeug.datastructures import Headers

from cop.core.access import PUBLIC
from cop.web.requests import CONTENT_SECURITY_POLICY, HEADERS
from tests.rules.conftest import Lasting
from tests.rules.walks import access_of, addresses, rules, walk, weaker
from tests.support.browse import Browse


def test_the_policy_allows_no_inline_script_or_style() -> None:
    policy = dict(item.split(" ", 1) for item in CONTENT_SECURITY_POLICY.split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert "unsafe" not in CONTENT_SECURITY_POLICY


def test_an_answer_without_the_headers_is_noticed(lasting: Lasting, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the walks over all pages and forms, as every kind of visitor, in test_access.py."""
    app = lasting.app
    rule = next(rule for rule in rules(app, "GET") if rule.rule == "/account")
    monkeypatch.setattr(app.url_map, "iter_rules", lambda: iter([rule]))
    assert walk(app, lasting.make, lasting.world, "participant", "GET") == []
    monkeypatch.setitem(app.after_request_funcs, None, [])
    (found,) = walk(app, lasting.make, lasting.world, "participant", "GET")
    assert all(name in found for name in ("GET /account", *HEADERS, "Cache-Control"))


def test_an_error_page_carries_them_too(browse: Browse) -> None:
    page = browse.get("/no-such-thing")
    assert page.status == 404
    assert weaker(page.response.headers) == []


def test_a_header_that_is_missing_or_weaker_is_noticed() -> None:
    assert weaker(Headers(HEADERS)) == []
    assert weaker(Headers({**HEADERS, "Referrer-Policy": "no-referrer"})) == []
    assert weaker(Headers({**HEADERS, "Referrer-Policy": "unsafe-url"})) == ["Referrer-Policy"]
    assert weaker(Headers()) == list(HEADERS)


def test_reading_signed_out_sets_no_cookie(lasting: Lasting) -> None:
    """Only a page with a form does: its token is kept in the session."""
    read = 0
    for rule in rules(lasting.app, "GET"):
        if access_of(lasting.app, rule) is not PUBLIC or rule.rule.startswith("/demo/"):
            continue
        for address in addresses(rule, lasting.world):
            page = lasting.browse("signed out").get(address, follow=False)
            has_form = page.response.mimetype == "text/html" and page.soup.select("form[method=post]")
            if page.status == 200 and not has_form:
                assert "Set-Cookie" not in page.response.headers, address
                read += 1
    assert read


def test_cookies_are_out_of_reach_of_scripts_and_other_sites(browse: Browse) -> None:
    cookie = SimpleCookie(browse.get("/sign-in").response.headers["Set-Cookie"])["cop"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")
