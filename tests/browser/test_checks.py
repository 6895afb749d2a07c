"""What every journey relies on notices what it is there for: the check of a page, arriving, the keyboard."""

import ast
from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Visitor
from tests.support.keyboard import Keyboard
from tests.support.make import Make
from tests.support.pages import arrive
from tests.support.source import modules

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


def clicks(tree: ast.Module) -> list[int]:
    """Lines that press something without the helpers of ``tests/support/pages.py``."""
    return [node.lineno for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr == "click"]


def test_every_click_says_whether_it_leads_to_another_document() -> None:
    assert not {path: lines for path, tree in modules("tests/browser") if (lines := clicks(tree))}


@pytest.mark.parametrize("source", ["page.get_by_role('link').first.click()", "act = button.click"])
def test_a_bare_click_is_noticed(source: str) -> None:
    assert clicks(ast.parse(source)) == [1]


def test_whoever_only_jumps_within_the_page_has_not_arrived(visitor: Visitor) -> None:
    page = visitor()
    page.set_content(SOUND.format("<a href='#below'>Below</a>"))
    with pytest.raises(AssertionError, match="the page stayed"):
        arrive(page.get_by_role("link"))


def test_whoever_arrives_sees_the_whole_next_page(visitor: Visitor) -> None:
    page = visitor()
    page.goto("/")
    arrive(page.get_by_role("link", name="Visits", exact=True))
    assert (page.url.endswith("/visits/"), page.evaluate("document.readyState")) == (True, "complete")


@pytest.mark.parametrize(
    ("first", "second", "fault"),
    [
        ("", "style='outline: none'", 'the focus does not show on <a href="#2"'),
        ("onkeydown='event.preventDefault()'", "", 'back at <a href="#1"'),
        ("tabindex='2'", "tabindex='1'", 'back at <a href="#1"'),
        ("", "tabindex='-1'", "the page is at its end"),
    ],
)
def test_what_keeps_a_keyboard_away_is_noticed(first: str, second: str, fault: str, visitor: Visitor) -> None:
    page = visitor()
    page.set_content(SOUND.format(f"<a href='#1' {first}>One</a> <a href='#2' {second}>Two</a>"))
    with pytest.raises(AssertionError, match=fault):
        Keyboard(page).go_to(page.get_by_role("link", name="Three"))


def test_a_keyboard_goes_through_a_sound_page_and_back(visitor: Visitor) -> None:
    page = visitor()
    page.set_content(SOUND.format("<a href='#1'>One</a> <a href='#2'>Two</a>"))
    keys = Keyboard(page)
    keys.go_to(page.get_by_role("link", name="Two"))
    keys.go_to(page.get_by_role("link", name="One"), "Shift+Tab")
    assert keys.is_at(page.get_by_role("link", name="One"))
