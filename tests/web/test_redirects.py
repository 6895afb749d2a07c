"""No link to the sign-in page leads a person to somebody else's site."""

import pytest
from flask import Flask

from cop.web import safe_path

OTHERWISE = "/account"


@pytest.mark.parametrize(
    "target", ["/", "/visits/", "/visits/healthy-hub/book?slot=3", "/a?next=/b", "/ümlaut", "/a#b"]
)
def test_a_path_of_ours_is_kept(target: str, app: Flask) -> None:
    with app.test_request_context("/"):
        assert safe_path(target) == target


@pytest.mark.parametrize(
    "target",
    [
        None,
        "",
        "visits",
        "https://elsewhere.example/",
        "HTTPS://elsewhere.example/",
        "//elsewhere.example/",
        "///elsewhere.example/",
        "////elsewhere.example/",
        "/\\elsewhere.example",
        "\\\\elsewhere.example",
        "/\t/elsewhere.example",
        "\t//elsewhere.example",
        "/\n/elsewhere.example",
        " //elsewhere.example",
        "javascript:alert(1)",
        "data:text/html,x",
        "http:///elsewhere.example",
        "http:elsewhere.example",
        "/\x00",
        "/\u202e",
        "/" + "a" * 1000,
        "//[",
    ],
)
def test_anything_else_leads_to_the_account(target: str | None, app: Flask) -> None:
    with app.test_request_context("/"):
        assert safe_path(target) == OTHERWISE
