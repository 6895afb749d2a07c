"""Pages in a language of Greek letters: what still stands there in Latin ones was never marked for translation."""

from collections.abc import Iterator
from dataclasses import replace
from zoneinfo import available_timezones

import pytest

from cop import create_app
from cop.core.access import SYSTEM
from cop.core.wcag import CRITERIA
from cop.queries import consents
from cop.queries.privacy import ready_made
from cop.queries.toolkit.licences import LICENCES
from cop.services import ready_made_rules
from cop.services.surveys import templates
from cop.web import db, languages, read
from tests.rules.conftest import Lasting, make_world
from tests.rules.walks import addresses, rules
from tests.support.browse import REDIRECTS
from tests.support.clock import FixedClock
from tests.support.hard_coded import Written, said, texts_in
from tests.support.languages import PSEUDO, in_pseudo, write_catalogue
from tests.support.make import Make
from tests.support.postgres import copy_of, settings_for_tests, worker_database

NAMES = ("Together", "English", "Google", "Outlook", "PDF", "Word", "Excel", "CSV", "JSON", "Message-ID", "ABC DEF")
"""Of the service, its languages, what others made, and the code in a picture that explains codes."""
AS_STORED = ("admin_audit.", "admin_operations.", "reviewing.remind")
"""Pages for whoever runs the service, with values as the database has them, and the names of packages; and a letter as
it is sent: letters are in English.
"""
SAMPLES = 2
"""Of one route: pages of another record say the same words."""


def content() -> Iterator[str]:
    """What comes with the service as a text of its own, to be changed by whoever runs it."""
    yield from NAMES
    yield from (zone.replace("_", " ") for zone in available_timezones())
    yield from (licence.name for licence in LICENCES.values())
    yield from (words for number, name in CRITERIA.items() for words in (name, f"{number} {name}"))
    yield from (str(words) for words in consents.WORDING.values())
    yield from (words for template in templates.ALL for words in (template.title, template.name))
    yield ready_made.RIGHTS
    for notice in ready_made.READY_MADE.values():
        yield from (notice.summary, notice.body)
    for rule in ready_made_rules.READY_MADE:
        yield from rule.terms.subject.split("{event}")
        yield rule.terms.body


@pytest.fixture(scope="module")
def greek(template_url: str, worker_id: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lasting]:
    folder = write_catalogue(tmp_path_factory.mktemp("languages"), PSEUDO, in_pseudo)
    with copy_of(template_url, worker_database(template_url, f"{worker_id}_greek")) as url:
        clock = FixedClock()
        settings = replace(settings_for_tests(url, tmp_path_factory.mktemp("data")), demo=True, translations=folder)
        app = create_app(settings, clock=clock)
        make = Make(app)
        yield Lasting(app, make, make_world(app, make, clock))
        with app.app_context():
            db.engine.dispose()


@pytest.mark.parametrize("visitor", ["alumna", "evaluator", "admin"])
def test_every_word_of_ours_can_be_translated(visitor: str, greek: Lasting) -> None:
    browse = greek.browse(visitor)
    browse.client.set_cookie(languages.COOKIE, PSEUDO)
    pages: list[tuple[str, str]] = []
    for rule in rules(greek.app, "GET"):
        if rule.endpoint.startswith(AS_STORED):
            continue
        for address in addresses(rule, greek.world)[:SAMPLES]:
            page = browse.get(address, follow=False)
            is_letter = "sandbox" in page.response.headers.get("Content-Security-Policy", "")
            if page.response.mimetype == "text/html" and page.status not in REDIRECTS and not is_letter:
                pages += [(text, rule.endpoint) for text in said(page.soup)]
    with greek.app.test_request_context("/"):
        written = Written([*content(), *texts_in(read(SYSTEM).session)])
    assert len(pages) > 1_000
    assert {left: endpoint for text, endpoint in pages if (left := written.left(text))} == {}


def test_a_word_that_is_not_translated_is_noticed(greek: Lasting) -> None:
    written = Written(["Warm homes", "# Who sees it\n\nStaff."])
    assert written.left("Warm homes") == ""
    assert written.left("Warm homes: βοοκεδ") == ""
    assert written.left("Who sees it") == ""
    assert written.left("Warm homes: booked") == ": booked"
    assert written.left("Βοοκεδ by Ann") == "Βοοκεδ by Ann"
