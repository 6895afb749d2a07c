"""The check that every journey makes of every page notices what it is there for."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Visitor
from tests.support.make import Make

SOUND = (
    '<!DOCTYPE html><html lang="en"><head><title>Page</title></head><body><main><h1>Page</h1>{}</main></body></html>'
)


@pytest.mark.parametrize("javascript", [True, False])
def test_a_sound_page_passes(javascript: bool, visitor: Visitor, check_page: Callable[[Page], None]) -> None:  # noqa: FBT001
    page = visitor(320, javascript=javascript)
    page.set_content(SOUND.format("<p>Fine</p>"))
    check_page(page)


@pytest.mark.parametrize(
    ("html", "fault"),
    [
        ('<input type="text">', "label"),
        ('<p style="color: #ccc; background: #fff">Faint</p>', "color-contrast"),
        ('<button style="width: 9px; height: 9px; padding: 0">1</button>' * 2, "target-size"),
        ('<p style="width: 400px">Wide</p>', "scrolls sideways"),
        ("<h4>Too deep</h4>", "heading-order"),
    ],
)
@pytest.mark.parametrize("javascript", [True, False])
def test_a_fault_is_noticed(
    html: str,
    fault: str,
    javascript: bool,  # noqa: FBT001
    visitor: Visitor,
    check_page: Callable[[Page], None],
) -> None:
    page = visitor(320, javascript=javascript)
    page.set_content(SOUND.format(html))
    with pytest.raises(AssertionError, match=fault):
        check_page(page)


def test_a_script_that_fails_is_noticed(visitor: Visitor, check_page: Callable[[Page], None]) -> None:
    page = visitor()
    page.set_content(SOUND.format("<script>nothing.at.all</script>"))
    with pytest.raises(AssertionError, match="console: "):
        check_page(page)


def test_a_file_that_is_missing_is_noticed(visitor: Visitor, check_page: Callable[[Page], None]) -> None:
    page = visitor()
    page.goto("/no-such-page")
    check_page(page)
    page.evaluate("fetch('/static/no-such-file.js')")
    page.wait_for_load_state("networkidle")
    with pytest.raises(AssertionError, match=r"console: .*no-such-file"):
        check_page(page)


def test_somebody_arrives_signed_in(visitor: Visitor, make: Make, check_page: Callable[[Page], None]) -> None:
    page = visitor(320, person=make.account("Amina Yusuf"))
    page.goto("/account")
    assert page.get_by_role("heading", level=1).is_visible()
    assert "/account" in page.url
    check_page(page)


def test_a_visitor_without_javascript_has_none(visitor: Visitor) -> None:
    page = visitor(javascript=False)
    page.set_content(SOUND.format("<p id='a'>Off</p><script>document.getElementById('a').textContent = 'On'</script>"))
    assert page.locator("#a").inner_text() == "Off"
