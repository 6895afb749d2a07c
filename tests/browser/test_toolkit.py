"""The toolkit in a real browser: made and published by an editor, found and taken by a visitor, narrow and without
JavaScript.
"""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from cop.core.access import Role
from tests.browser.conftest import Visitor
from tests.support.keyboard import Keyboard
from tests.support.make import Make, Working
from tests.support.pages import click_in_place, follow, heading, press
from tests.support.toolkit import Toolkit, pdf

Check = Callable[[Page], None]
Shoot = Callable[[Page, str], None]

EACH_WAY = pytest.mark.parametrize(("width", "javascript"), [(1280, True), (320, True), (320, False)])


@EACH_WAY
def test_an_editor_makes_a_resource_and_a_visitor_finds_and_takes_it(
    width: int,
    javascript: bool,  # noqa: FBT001
    visitor: Visitor,
    check_page: Check,
    shoot: Shoot,
    make: Make,
    work: Working,
    tmp_path: Path,
) -> None:
    toolkit = Toolkit(make, work)
    toolkit.tag("Housing")
    toolkit.resource("Fair pay")
    editor = make.account("Edi Editor")
    make.grant(editor, Role.FACILITATOR, programme=make.programme())
    chosen = tmp_path / "A guide to warm homes for everybody who knocks at a door.pdf"
    chosen.write_bytes(pdf(tagged=False))
    page = visitor(width, javascript=javascript, person=editor)

    page.goto("/admin/toolkit/")
    check_page(page)
    press(page, "Add a resource")
    check_page(page)
    press(page, "Save")
    assert page.get_by_role("alert").get_by_text("Enter a title").is_visible()
    check_page(page)
    page.get_by_label("Title", exact=True).fill("Warm homes")
    page.get_by_label("Summary", exact=True).fill("Whom to ask, and in which order.")
    page.get_by_label("Guide", exact=True).check()
    page.get_by_label("Everybody", exact=True).check()
    page.get_by_label("What shapes health: Housing").check()
    shoot(page, "toolkit-new")
    press(page, "Save")
    check_page(page)
    follow(page, "Add a file")
    check_page(page)
    page.get_by_label("File", exact=True).set_input_files(chosen)
    press(page, "Save")
    follow(page, "Add words")
    check_page(page)
    page.get_by_label("Title", exact=True).fill("The guide")
    page.get_by_label("The words", exact=True).fill("# First\nThe person, then the boiler.\n\n- Debt\n- Damp")
    press(page, "Save")
    check_page(page)
    shoot(page, "toolkit-overview")
    press(page, "Move up The guide")
    follow(page, "Look at it as visitors will")
    check_page(page)
    page.go_back()
    press(page, "Publish version 1")
    check_page(page)
    press(page, "Yes, publish it")
    assert page.get_by_role("alert").get_by_text("It is published.").is_visible()
    check_page(page)

    page = visitor(width, javascript=javascript)
    page.goto("/toolkit/")
    check_page(page)
    shoot(page, "toolkit")
    page.get_by_label("What shapes health").select_option(label="Housing (1)")
    press(page, "Search")
    assert page.get_by_role("main").get_by_role("link", name="Fair pay").count() == 0
    check_page(page)
    follow(page, "Warm homes")
    assert heading(page) == "Warm homes"
    check_page(page)
    shoot(page, "toolkit-resource")
    with page.expect_download() as download:
        click_in_place(page.get_by_role("main").get_by_role("link", name="Download"))
    assert download.value.suggested_filename == chosen.name
    assert Path(download.value.path()).read_bytes() == chosen.read_bytes()
    page.goto("/toolkit/recordings")
    check_page(page)


@EACH_WAY
def test_an_editor_gathers_a_collection_and_a_visitor_reads_it(
    width: int,
    javascript: bool,  # noqa: FBT001
    visitor: Visitor,
    check_page: Check,
    make: Make,
    work: Working,
) -> None:
    toolkit = Toolkit(make, work)
    for title in ("Warm homes", "Fair pay"):
        toolkit.resource(title)
    page = visitor(width, javascript=javascript, person=make.admin())
    page.goto("/admin/toolkit/")
    follow(page, "Add a collection")
    check_page(page)
    page.get_by_label("Title", exact=True).fill("Begin here")
    page.get_by_label("What belongs into it, and why").fill("For newcomers.")
    press(page, "Save")
    check_page(page)
    for title in ("Warm homes", "Fair pay"):
        page.get_by_label("Resource", exact=True).select_option(label=title)
        press(page, "Add it")
    check_page(page)
    press(page, "Move up Fair pay")
    check_page(page)
    page = visitor(width, javascript=javascript)
    page.goto("/toolkit/")
    follow(page, "Begin here")
    check_page(page)
    assert page.locator(".cop-roster h3").all_inner_texts() == ["Fair pay", "Warm homes"]


def test_the_toolkit_is_searched_and_read_without_a_pointer(visitor: Visitor, make: Make, work: Working) -> None:
    resource = Toolkit(make, work).draft("Warm homes")
    Toolkit(make, work).file(resource, pdf(tagged=True), body="The same words.")
    Toolkit(make, work).publish(resource)
    page = visitor()
    page.goto("/toolkit/")
    keys = Keyboard(page)
    keys.write("Search the toolkit", "warm")
    keys.press("Search")
    keys.follow("Warm homes")
    assert heading(page) == "Warm homes"
    keys.go_to(page.locator("summary"))
    page.keyboard.press("Enter")
    assert page.get_by_text("The same words.").is_visible()
