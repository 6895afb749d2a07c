"""The chair freezes, seals and draws, and everybody reads how it was done: wide, and narrow without JavaScript."""

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page

from scheduled import run_tasks
from tests.browser.conftest import Visitor
from tests.support import drawing as draws
from tests.support import panel
from tests.support.make import Make
from tests.support.pages import follow, heading, press

Check = Callable[[Page], None]

BASE = "/cohorts/change-makers/selection"


@pytest.mark.parametrize(("width", "javascript"), [(1280, True), (320, False)])
def test_from_the_pool_to_the_report(
    width: int,
    javascript: bool,  # noqa: FBT001
    visitor: Visitor,
    check_page: Check,
    make: Make,
    app: Flask,
) -> None:
    course, chair = draws.course(make)
    page = visitor(width, javascript=javascript, person=chair)
    page.goto(f"{BASE}/rules")
    check_page(page)
    press(page, "Save")
    check_page(page)
    press(page, "Freeze the pool")
    check_page(page)
    page.get_by_label("Is anybody in or out whatever the draw says?").fill("2 in Promised a place last year")
    press(page, "Freeze the pool")
    check_page(page)
    press(page, "Compute and seal the chances")
    check_page(page)
    page.get_by_label("Where will the panel’s own part of the seed come from?").fill("Two dice")
    press(page, "Compute and seal")
    with app.app_context():
        run_tasks.run()
    page.reload()
    press(page, "Go on to the draw")
    check_page(page)
    press(page, "Draw")
    check_page(page)
    page.get_by_label("The panel’s own part of the seed").fill("6 and 3")
    press(page, "Draw now")
    assert "3 people are drawn." in page.inner_text("main")
    check_page(page)
    follow(page, "See the decisions")
    check_page(page)
    panel.release(make, chair, course)
    anybody = visitor(width, javascript=javascript)
    anybody.goto(f"{BASE}/report")
    assert heading(anybody).endswith("How the places were given")
    check_page(anybody)
    panel.decline(make, panel.offers_of(make, course)[0])
    page.goto(f"{BASE}/draw")
    check_page(page)
    press(page, "Draw a replacement now")
    assert "1 reserve is offered a place." in page.inner_text("main")
    press(page, "Read the report")
    assert "1 place was drawn among" in page.inner_text("main")
    check_page(page)
