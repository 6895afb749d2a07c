"""What the page client asks of every page, and that it notices when one falls short."""

import pytest
from flask import Flask, Response

from tests.support.browse import Browse
from tests.support.html import faults, parse
from tests.support.make import Make

SOUND = """<!DOCTYPE html>
<html lang="en-GB"><head><title>Page – Service</title><script src="/a.js"></script></head><body>
<a href="#main">Skip</a><main id="main"><h1>Page</h1>{}</main></body></html>"""


def test_a_sound_page_has_no_faults() -> None:
    assert faults(parse(SOUND.format('<label for="a">A</label><input id="a"><img src="a.png" alt="">'))) == []


@pytest.mark.parametrize(
    ("html", "fault"),
    [
        (SOUND.replace(' lang="en-GB"', ""), "<html> has no lang"),
        (SOUND.replace("Page – Service", " – Service"), "does not name the page"),
        (SOUND.replace("<h1>Page</h1>", ""), "0 h1"),
        (SOUND.format("<h1>Again</h1>"), "2 h1"),
        (SOUND.format('<p id="main">'), "id 'main' is used 2 times"),
        (SOUND.format('<input name="a">'), "has no label"),
        (SOUND.format('<select name="a"></select>'), "has no label"),
        (SOUND.format('<label for="a"></label><textarea id="a"></textarea>'), "has no label"),
        (SOUND.format('<label for="a">A</label><input type="radio" id="a">'), "no fieldset"),
        (SOUND.format('<fieldset><label for="a">A</label><input type="radio" id="a"></fieldset>'), "no fieldset"),
        (SOUND.format('<img src="a.png">'), "has no alt"),
        (SOUND.format("<button></button>"), "has no text"),
        (SOUND.format('<a href="/"></a>'), "has no text"),
        (SOUND.format("<script>alert(1)</script>"), "inline script"),
        (SOUND.format("<style>p {}</style>"), "inline stylesheet"),
        (SOUND.format('<p style="color: red">A</p>'), "has the attribute style"),
        (SOUND.format('<p onclick="go()">A</p>'), "has the attribute onclick"),
        (SOUND.format('<a href="#nowhere">A</a>'), "leads to nothing"),
        (SOUND.format('<p aria-describedby="nowhere">A</p>'), "not on this page"),
        (SOUND.format('<ul class="govuk-error-summary__list"><li><a href="#">A</a></li></ul>'), "leads to no field"),
    ],
)
def test_a_fault_is_noticed(html: str, fault: str) -> None:
    found = faults(parse(html))
    assert len(found) == 1
    assert fault in found[0]


def test_the_client_looks_at_every_page(app: Flask, make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    endpoint = "accounts.sign_in"
    monkeypatch.setitem(app.view_functions, endpoint, lambda: Response("<p>no page</p>", mimetype="text/html"))
    with pytest.raises(AssertionError, match="has no lang"):
        Browse(app, make).get("/sign-in")
