"""What goes wrong ends on a page in plain English with a way on, and never in a stack trace."""

import io
import json
import logging
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask

from cop import MAX_UPLOAD_BYTES, create_app
from cop.core.settings import Settings
from cop.web.requests import HEADERS, JsonLines
from tests.support.browse import Browse
from tests.support.html import faults, parse

SECRETS = ("Traceback", "SELECT", "ZeroDivisionError", "psycopg", "sqlalchemy", ".py")


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What the service writes to its log, one JSON object a line."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield stream
    root.setLevel(before)
    root.removeHandler(handler)


def assert_no_secret(page: Browse) -> None:
    assert [secret for secret in SECRETS if secret in page.html] == []
    assert page.soup.select('main a[href^="/"]'), "a way on"
    assert {name: page.response.headers.get(name) for name in HEADERS} == HEADERS


@pytest.mark.parametrize("path", ["/no-such-page", "/trial/missing", "/trial/status/404", "/trial/status/x", "/%00"])
def test_not_found(path: str, browse: Browse) -> None:
    page = browse.get(path)
    assert page.status == 404
    assert_no_secret(page)


@pytest.mark.parametrize("code", [413, 429, 503])
def test_codes_with_a_page_of_their_own(code: int, browse: Browse) -> None:
    page = browse.get(f"/trial/status/{code}")
    assert page.status == code
    assert_no_secret(page)


@pytest.mark.parametrize("code", [400, 403, 405, 409, 410, 418, 502])
def test_every_other_code_has_a_page_too(code: int, browse: Browse) -> None:
    page = browse.get(f"/trial/status/{code}")
    assert page.status == code
    assert_no_secret(page)


def test_a_method_that_a_page_does_not_know(browse: Browse) -> None:
    page = browse.post("/trial/me")
    assert page.status == 405
    assert_no_secret(page)


def test_a_forged_form(browse: Browse) -> None:
    page = browse.post("/trial/closed", csrf=False)
    assert page.status == 403
    assert_no_secret(page)


def test_a_refusal_outside_a_form(browse: Browse) -> None:
    page = browse.get("/trial/refused")
    assert page.status == 422
    assert "Only 2 places are left" in page.text
    assert_no_secret(page)


@pytest.mark.parametrize("content_type", ["multipart/form-data; boundary=x", "application/x-www-form-urlencoded"])
def test_more_than_the_service_takes(content_type: str, browse: Browse) -> None:
    browse.response = browse.client.post(
        "/trial/refused", data=b"x" * (MAX_UPLOAD_BYTES + 1), content_type=content_type, buffered=True
    )
    assert browse.status == 413
    assert_no_secret(browse)


def test_more_text_than_a_field_takes(browse: Browse) -> None:
    part = b'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\n' + b"x" * 2_000_000 + b"\r\n--x--\r\n"
    browse.response = browse.client.post(
        "/trial/refused", data=part, content_type="multipart/form-data; boundary=x", buffered=True
    )
    assert browse.status == 413
    assert_no_secret(browse)


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_fault_of_ours_has_a_reference_that_is_in_the_log(method: str, browse: Browse, log: io.StringIO) -> None:
    page = getattr(browse, method)("/trial/broken")
    assert page.status == 500
    assert_no_secret(page)
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    [faulty] = [line for line in lines if "exception" in line]
    assert "ZeroDivisionError" in faulty["exception"]
    assert faulty["level"] == "error"
    reference = page.soup.select_one("main .cop-code")
    assert reference is not None
    assert reference.get_text() == faulty["reference"]
    assert [line["reference"] for line in lines if line["logger"] == "cop.request"] == [faulty["reference"]]


def test_a_database_that_is_away(browse: Browse, log: io.StringIO) -> None:
    page = browse.get("/trial/away")
    assert (page.status, page.response.headers["Retry-After"]) == (503, "10")
    assert_no_secret(page)
    assert "connection refused" in log.getvalue()


def test_a_database_that_is_really_away(settings: Settings) -> None:
    """Also for somebody signed in, whose page would begin by asking the database who they are."""
    app = create_app(replace(settings, database_url="postgresql+psycopg://127.0.0.1:1/cop"))
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"] = "1.0"
    response = client.get("/visits/")
    assert response.status_code == 503
    assert response.headers["Retry-After"] == "10"
    assert faults(parse(response.text)) == []
    assert not any(secret in response.text for secret in SECRETS)


def test_an_error_page_does_not_depend_on_who_reads_it(app: Flask, browse: Browse) -> None:
    with app.app_context():
        person = browse._make.account()
    assert browse.sign_in(person).get("/no-such-page").status == 404
    assert browse.get("/trial/broken").status == 500
