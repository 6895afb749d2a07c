"""One line in the log for each request: no token, no text of a person, a reference to find it by."""

import json
import logging

import pytest
from flask import Flask, g

from cop.web.requests import SECRET_PATHS, JsonLines, log_to_standard_error
from tests.support.browse import Browse
from tests.support.make import Make


def of_requests(caplog: pytest.LogCaptureFixture) -> list[dict[str, object]]:
    return [record.fields for record in caplog.records if record.name == "cop.request"]  # type: ignore[attr-defined]


def test_a_request_is_one_line(browse: Browse, make: Make, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    person = make.account()
    browse.sign_in(person).get("/trial/me", q="private words")
    [line] = of_requests(caplog)
    assert {name: line[name] for name in ("method", "path", "status", "person")} == {
        "method": "GET",
        "path": "/trial/me",
        "status": 200,
        "person": person.id,
    }
    assert isinstance(line["milliseconds"], float)
    assert "private" not in caplog.text


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/sign-in/WzEsMF0.abc", "/sign-in/…"),
        ("/calendar/WzEsMF0.abc.ics", "/calendar/….abc.ics"),
        ("/bookings/t/WzEsMF0.abc/cancel", "/bookings/t/….abc/cancel"),
        ("/visits/healthy-hub", "/visits/healthy-hub"),
        ("/calendar.ics", "/calendar.ics"),
    ],
)
def test_a_token_in_an_address_is_not_logged(path: str, shown: str) -> None:
    hidden = SECRET_PATHS.sub(r"\1…", path)
    assert "WzEsMF0" not in hidden
    assert hidden.startswith(shown[: shown.index("…") + 1] if "…" in shown else shown)


def test_no_address_with_a_token_is_forgotten(app: Flask) -> None:
    with_token = [rule.rule for rule in app.url_map.iter_rules() if "<token>" in rule.rule]
    assert len(with_token) > 10
    assert [rule for rule in with_token if "<token>" in SECRET_PATHS.sub(r"\1…", rule)] == []


def test_a_line_is_json_with_its_reference(app: Flask) -> None:
    record = logging.LogRecord("cop", logging.WARNING, __file__, 1, "%s went wrong", ("something",), None)
    record.fields = {"job": "send_outbox"}
    with app.test_request_context("/"):
        g.reference = "abcd1234"
        line = json.loads(JsonLines().format(record))
    assert {name: line[name] for name in ("level", "logger", "message", "reference", "job")} == {
        "level": "warning",
        "logger": "cop",
        "message": "something went wrong",
        "reference": "abcd1234",
        "job": "send_outbox",
    }
    assert line["at"].endswith("+00:00")


def test_an_exception_stays_on_one_line() -> None:
    with pytest.raises(ZeroDivisionError) as raised:
        _ = 1 / 0
    given = (raised.type, raised.value, raised.tb)
    text = JsonLines().format(logging.LogRecord("cop", logging.ERROR, __file__, 1, "broken", (), given))
    assert "\n" not in text
    assert "ZeroDivisionError" in json.loads(text)["exception"]


def test_the_log_goes_to_standard_error(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", [])
    monkeypatch.setattr(root, "level", root.level)
    log_to_standard_error()
    logging.getLogger("cop").warning("heard")
    assert json.loads(capsys.readouterr().err)["message"] == "heard"


def test_headers_over_tls(app: Flask) -> None:
    plain = app.test_client().get("/trial/me")
    assert "Strict-Transport-Security" not in plain.headers
    assert (
        "max-age"
        in app.test_client().get("/trial/me", base_url="https://localhost").headers["Strict-Transport-Security"]
    )
