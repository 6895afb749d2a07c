"""A real server on a loopback port, a real Chromium, and visitors of any width, with and without JavaScript."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from threading import Thread
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, sync_playwright
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from cop import create_app
from cop.core.settings import Settings
from cop.models.accounts import Person
from cop.web import db
from tests.conftest import empty_tables
from tests.support import chromium
from tests.support.clock import FixedClock
from tests.support.make import Make

Visitor = Callable[..., Page]

PATIENCE_MILLISECONDS = 30_000


class QuietHandler(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002  Werkzeug's name
        """Say nothing: the service has a log of its own."""


@pytest.fixture(scope="session")
def server() -> Iterator[BaseWSGIServer]:
    """A server on a free port; its application is put in once that can be told the port."""
    server = make_server("127.0.0.1", 0, Flask("empty"), threaded=True, request_handler=QuietHandler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="session")
def worker_live_app(settings: Settings, worker_clock: FixedClock, server: BaseWSGIServer) -> Iterator[Flask]:
    app = create_app(replace(settings, base_url=f"http://127.0.0.1:{server.port}"), clock=worker_clock)
    server.app = app
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def app(worker_live_app: Flask, clock: FixedClock) -> Iterator[Flask]:
    """The application that the server serves, with empty tables and the clock that stands still."""
    assert clock is not None
    yield worker_live_app
    empty_tables(worker_live_app)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**chromium.LAUNCH)
        yield browser
        browser.close()


@pytest.fixture
def consoles() -> dict[Page, chromium.Console]:
    """What each page of this test complained of."""
    return {}


@pytest.fixture
def visitor(
    app: Flask, make: Make, browser: Browser, server: BaseWSGIServer, consoles: dict[Page, chromium.Console]
) -> Iterator[Visitor]:
    """``visitor(width=320, javascript=False, person=person)`` is a new person at a new machine, seeing nothing yet.

    ``page.goto("/visits/")`` takes paths. With ``person`` they are signed in already.
    """
    contexts = []

    def arrive(width: int = 1280, *, javascript: bool = True, person: Person | None = None) -> Page:
        context = browser.new_context(
            base_url=f"http://127.0.0.1:{server.port}",
            viewport={"width": width, "height": 900},
            java_script_enabled=javascript,
            locale="en-GB",
            timezone_id="Europe/London",
            reduced_motion="reduce",
        )
        context.set_default_timeout(PATIENCE_MILLISECONDS)
        contexts.append(context)
        if person is not None:
            url = f"http://127.0.0.1:{server.port}"
            context.add_cookies([{"name": "cop", "value": session_cookie(app, make, person), "url": url}])
        page = context.new_page()
        consoles[page] = chromium.Console(page, javascript=javascript)
        return page

    yield arrive
    for context in contexts:
        context.close()


def session_cookie(app: Flask, make: Make, person: Person) -> str:
    """The cookie of somebody who has signed in and given a second factor."""
    epoch, device = make.account_of(person).session_epoch, make.device_of(person)
    signer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    seen = int(time.time())  # noqa: TID251  sessions stay on real time
    said = {"_user_id": f"{person.id}.{epoch}", "_fresh": True, "_permanent": True, "seen": seen, "second": seen}
    return str(signer.dumps({**said, "device": device}))


@pytest.fixture
def check_page(consoles: dict[Page, chromium.Console]) -> Callable[[Page], None]:
    """``check_page(page)``: axe finds nothing, nothing sticks out sideways, the console is silent."""

    def check(page: Page) -> None:
        found = chromium.faults(page, consoles[page])
        assert not found, f"{page.url}: " + "\n".join(found)

    return check


@pytest.fixture
def shoot() -> Callable[[Page, str], None]:
    """``shoot(page, "visit")`` keeps a picture in tests/browser/shots/ if ``SHOTS=1``."""
    return chromium.shoot
