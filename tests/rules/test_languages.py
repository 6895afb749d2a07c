"""Another language is a file away, and all sentences of ours are found for whoever translates them."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from cop import create_app
from cop.core.settings import Settings
from cop.web import db, languages
from tests.conftest import empty_tables
from tests.support.browse import Browse
from tests.support.clock import FixedClock
from tests.support.languages import sentences, write_catalogue
from tests.support.make import Make


def test_all_sentences_are_found() -> None:
    found = sentences()
    assert len(found) > 2_000
    for sentence in (
        "Language",
        "Choose a language",
        "Somebody booked or cancelled meanwhile. Look once more at who is told.",
    ):
        assert sentence in found


WELSH: Mapping[str, str] = {
    "Language": "Iaith",
    "Continue": "Parhau",
    "Accessibility": "Hygyrchedd",
    "Help and contact": "Cymorth a chysylltu",
}


@pytest.fixture
def welsh(settings: Settings, tmp_path: Path, clock: FixedClock) -> Iterator[Flask]:
    folder = write_catalogue(tmp_path, "cy", WELSH.get)
    (folder / "not a language" / "LC_MESSAGES").mkdir(parents=True)
    (folder / "not a language" / "LC_MESSAGES" / "messages.mo").write_bytes(b"")
    app = create_app(replace(settings, translations=folder), clock=clock)
    yield app
    empty_tables(app)
    with app.app_context():
        db.engine.dispose()


def language(page: Browse) -> str:
    assert page.soup.html is not None
    return str(page.soup.html["lang"])


def test_welsh_is_a_file(welsh: Flask) -> None:
    make = Make(welsh)
    visit = make.visit()
    page = Browse(welsh, make).get(f"/visits/{visit.slug}")
    assert language(page) == "en-GB"
    assert "Monday 9 March 2026" in page.text
    page.click("English / Cymraeg").submit("Continue", language="cy")
    assert page.path == f"/visits/{visit.slug}"
    assert language(page) == "cy"
    assert "Hygyrchedd" in page.html
    assert "Dydd Llun 9 Mawrth 2026" in page.text
    page.click("English / Cymraeg")
    assert page.heading == "Iaith"
    page.submit("Parhau", language="en_GB")
    assert language(page) == "en-GB"


def test_a_letter_is_in_english_also_where_it_is_shown(welsh: Flask) -> None:
    make = Make(welsh)
    person = make.account()
    make.booking(person, make.visit())
    page = Browse(welsh, make).sign_in(person)
    page.client.set_cookie(languages.COOKIE, "cy")
    page.get("/account/messages").click("Booking confirmed")
    letter = page.soup.select("pre")[0].get_text()
    assert "9 March 2026" in letter
    assert "Mawrth" not in letter
    assert "Mawrth" in page.text  # when it was sent


def test_a_page_that_is_drawn_once_is_drawn_once_for_each_language(welsh: Flask) -> None:
    make = Make(welsh)
    make.programme()
    english, welshwoman = Browse(welsh, make), Browse(welsh, make)
    welshwoman.client.set_cookie(languages.COOKIE, "cy")
    for _turn in range(2):
        assert language(english.get("/")) == "en-GB"
        assert language(welshwoman.get("/")) == "cy"


def test_a_language_that_is_not_there_is_english(welsh: Flask) -> None:
    browse = Browse(welsh, Make(welsh))
    for code in ("xx", "not a language", "../cy", ""):
        browse.client.set_cookie(languages.COOKIE, code)
        assert language(browse.get("/accessibility")) == "en-GB"
    assert browse.get("/language").post("/language", {"language": "xx"}).status == 422


def test_a_choice_leads_to_no_other_site(welsh: Flask) -> None:
    page = Browse(welsh, Make(welsh)).get("/language", next="https://evil.example/")
    page.submit("Continue", language="cy", follow=False)
    assert page.location.startswith("/")
    assert "evil" not in page.location


def test_with_one_language_there_is_nothing_to_choose(settings: Settings, clock: FixedClock) -> None:
    app = create_app(settings, clock=clock)
    browse = Browse(app, Make(app))
    assert browse.get("/language").status == 404
    assert "/language" not in browse.get("/accessibility").html
    with app.app_context():
        db.engine.dispose()
