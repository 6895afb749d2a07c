"""From page to page in a real browser: whoever presses has arrived on the next document before the test looks.

Playwright's own ``click`` may be back before the next document is there, let alone whole; what a test then sees is
the old page, or half of the new one. So no test of ``tests/browser`` clicks by itself: a rule in ``test_checks.py``.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Locator, Page, Request


@contextmanager
def arriving(page: Page) -> Iterator[None]:
    """What is done in here leads to another document, which has loaded afterwards."""
    with page.expect_navigation(wait_until="load") as arrival:
        yield
    assert arrival.value is not None, f"{page.url}: the page stayed, and only its address changed"


def arrive(by: Locator) -> None:
    """Click what leads to another document."""
    with arriving(by.page):
        by.click()


def leave(by: Locator) -> Request:
    """Click what leads away to a host that there is not; what the browser asked of it."""
    with by.page.expect_event("requestfailed") as left:
        by.click()
    by.page.wait_for_url("chrome-error://**")  # the browser's own page about it, which must not interrupt the next
    return left.value


def click_in_place(what: Locator) -> None:
    """Click what loads no document: a jump within the page, a script, a download."""
    what.click()


def link(page: Page, name: str) -> Locator:
    return page.get_by_role("main").get_by_role("link", name=name, exact=True)


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("main").get_by_role("button", name=name, exact=True)


def follow(page: Page, name: str) -> None:
    arrive(link(page, name).first)


def press(page: Page, name: str) -> None:
    arrive(button(page, name))


def heading(page: Page) -> str:
    return " ".join(page.get_by_role("heading", level=1).inner_text().split())
