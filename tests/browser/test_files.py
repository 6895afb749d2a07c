"""Files and tasks in a real browser: adding and downloading, and watching long work, narrow and without JavaScript."""

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page

from cop.core.access import Role
from scheduled import run_tasks
from tests.browser.conftest import Visitor
from tests.support.files import PDF
from tests.support.make import Make
from tests.support.pages import arriving, click_in_place, follow, heading, press

Check = Callable[[Page], None]
Shoot = Callable[[Page, str], None]

EACH_WAY = pytest.mark.parametrize(("width", "javascript"), [(1280, True), (320, True), (320, False)])


def downloaded(page: Page, name: str) -> tuple[str, bytes]:
    """Press a link that hands out a file: what it is called, and what is in it."""
    with page.expect_download() as download:
        click_in_place(page.get_by_role("main").get_by_text(name, exact=True))
    return download.value.suggested_filename, Path(download.value.path()).read_bytes()


@EACH_WAY
def test_a_facilitator_adds_files_and_a_visitor_downloads_them(
    width: int,
    javascript: bool,  # noqa: FBT001
    visitor: Visitor,
    check_page: Check,
    shoot: Shoot,
    make: Make,
    tmp_path: Path,
) -> None:
    visit = make.visit()
    facilitator, guest = make.account("Fay Facilitator"), make.account("Amina Yusuf")
    make.grant(facilitator, Role.FACILITATOR, programme=make.programme())
    booking = make.booking(guest, visit)
    page = visitor(width, javascript=javascript, person=facilitator)

    def arrived_at(title: str) -> None:
        assert title in heading(page)
        check_page(page)

    page.goto(f"/admin/events/{visit.slug}")
    follow(page, "Files for those who come")
    arrived_at("Files")
    press(page, "Add a file")
    arrived_at("Add a file")
    shoot(page, "files-add")
    press(page, "Add the file")
    assert page.get_by_role("alert").get_by_text("Choose a file").is_visible()
    check_page(page)
    for name, title in (("map.pdf", "Map and parking"), ("Risk assessment for the leisure centre.pdf", "")):
        chosen = tmp_path / name
        chosen.write_bytes(PDF + name.encode())
        page.get_by_label("File", exact=True).set_input_files(chosen)
        page.get_by_label("Title (optional)").fill(title)
        press(page, "Add the file")
        arrived_at("Files")
        if not title:
            break
        press(page, "Add a file")
    press(page, "Move up Risk assessment for the leisure centre.pdf")
    arrived_at("Files")
    shoot(page, "files-of-an-event")
    follow(page, "Change Map and parking")
    arrived_at("Change “Map and parking”")
    page.get_by_label("For everybody who can see the event, and not only for those who come").check()
    press(page, "Save")
    follow(page, "Remove Risk assessment for the leisure centre.pdf")
    arrived_at("Remove “Risk assessment for the leisure centre.pdf”?")
    press(page, "Yes, remove it")
    arrived_at("Files")

    page = visitor(width, javascript=javascript, person=guest)
    page.goto(f"/bookings/{booking.public_id}")
    check_page(page)
    shoot(page, "files-on-a-booking")
    assert downloaded(page, "Map and parking") == ("map.pdf", PDF + b"map.pdf")
    page.goto(f"/visits/{visit.slug}")
    check_page(page)
    shoot(page, "files-on-a-visit")


@EACH_WAY
def test_an_evaluator_asks_for_an_export_and_the_page_shows_when_it_is_there(
    width: int,
    javascript: bool,  # noqa: FBT001
    app: Flask,
    visitor: Visitor,
    check_page: Check,
    shoot: Shoot,
    make: Make,
) -> None:
    make.booking(make.account("Amina Yusuf"), make.visit())
    evaluator = make.account("Eva Evaluator")
    make.grant(evaluator, Role.EVALUATOR, programme=make.programme())
    page = visitor(width, javascript=javascript, person=evaluator)
    page.goto("/evaluation/")
    check_page(page)
    follow(page, "Bookings: prepare a file in the background")
    press(page, "Prepare the file")
    assert page.get_by_role("alert").get_by_text("Choose what kind of file you want").count() == 1
    check_page(page)
    page.get_by_label("CSV").check()
    shoot(page, "export-to-prepare")
    press(page, "Prepare the file")
    assert heading(page) == "Bookings of health-inequalities, pseudonymised"
    check_page(page)
    shoot(page, "task-waiting")
    with arriving(page), app.app_context():  # by itself, once it is done
        run_tasks.run()
    check_page(page)
    shoot(page, "task-done")
    name, data = downloaded(page, "Download bookings-health-inequalities-pseudonymised.zip")
    assert (name, data[:2]) == ("bookings-health-inequalities-pseudonymised.zip", b"PK")
    page.goto("/tasks/")
    assert heading(page) == "Your tasks"
    check_page(page)
    shoot(page, "tasks")
