"""Debian's Chromium, and what every page has to be in it."""

import os
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Error, Page

SHOTS = Path(__file__).parents[1] / "browser" / "shots"

LAUNCH: dict[str, Any] = {
    "executable_path": "/usr/bin/chromium",
    "args": [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
    ],
}

AXE = {
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}


class Console:
    """What a page complained of since it was opened; the answer 404 or 422 of a page itself is no complaint."""

    def __init__(self, page: Page, *, javascript: bool) -> None:
        self.errors: list[str] = []
        self.javascript = javascript
        self._page = page
        page.on("console", self._hear)
        page.on("pageerror", self._fail)

    def _hear(self, message: ConsoleMessage) -> None:
        about_the_page = (
            message.text.startswith("Failed to load resource") and message.location["url"] == self._page.url
        )
        if message.type == "error" and not about_the_page:
            self.errors.append(f"{message.text} ({message.location['url']})")

    def _fail(self, error: Error) -> None:
        self.errors.append(str(error))


def faults(page: Page, console: Console) -> list[str]:
    """What axe finds, what sticks out sideways, and what the console said; nothing for a sound page."""
    page.wait_for_load_state("load")
    found = _violations(page if console.javascript else _with_scripts_for_axe_alone(page))
    width, room = page.evaluate("[document.scrollingElement.scrollWidth, document.scrollingElement.clientWidth]")
    if width > room:
        found.append(f"scrolls sideways: {width} pixels wide in {room}")
    return found + [f"console: {error}" for error in console.errors]


def _violations(page: Page) -> list[str]:
    return [
        f"{violation['id']}: {node['html'][:200]}: {node['failureSummary']}"
        for violation in Axe().run(page, options=AXE).response["violations"]
        for node in violation["nodes"]
    ]


def _with_scripts_for_axe_alone(page: Page) -> Page:
    """The same document where scripts can run, but without any of its own: axe needs them.

    One page of a browser serves all tests, so that the stylesheet is read once and not for each document.
    """
    browser = page.context.browser
    assert browser is not None
    if browser not in _TWINS:
        _TWINS[browser] = browser.new_context(reduced_motion="reduce").new_page()
        _TWINS[browser].route("**/*.js*", lambda route: route.abort())
    twin, html = _TWINS[browser], page.content()
    if page.viewport_size is not None:
        twin.set_viewport_size(page.viewport_size)
    if page.url == "about:blank":
        twin.goto("about:blank")
        twin.set_content(html)
    else:
        address = page.url.partition("#")[0]

        def is_address(url: str) -> bool:
            return url == address

        twin.route(is_address, lambda route: route.fulfill(body=html, content_type="text/html"))
        twin.goto(address)
        twin.unroute(is_address)
    return twin


_TWINS: WeakKeyDictionary[Browser, Page] = WeakKeyDictionary()


def shoot(page: Page, name: str) -> None:
    """Keep a picture of the whole page for a person to look at, if ``SHOTS=1``."""
    if os.environ.get("SHOTS") == "1":
        SHOTS.mkdir(exist_ok=True)
        width = (page.viewport_size or {"width": 0})["width"]
        page.screenshot(path=SHOTS / f"{name}-{width}.png", full_page=True)
