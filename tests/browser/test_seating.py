"""The tables of a summit in a real browser: set up, seated, somebody moved, and what a guest sees."""

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from cop.core.access import Role
from cop.models.accounts import Person
from scheduled import run_tasks
from tests.browser.conftest import Visitor
from tests.support.make import Make, Reads, Working
from tests.support.pages import follow, heading, press
from tests.support.seating import Tables

Check = Callable[[Page], None]
Shoot = Callable[[Page, str], None]

SUMMIT = "/admin/summits/roundtable-summit"
GUESTS = ("Ana Ash", "Ben Brook", "Cleo Carr", "Dora Dale", "Emil Elm", "Femi Field", "Gita Glen", "Hal Heath")


@pytest.fixture
def tables(make: Make, work: Working, reading: Reads) -> Tables:
    found = Tables(make, work, reading)
    found.come({name: ("Leeds City Council", "Wigan Council")[at % 2] for at, name in enumerate(GUESTS)})
    return found


@pytest.fixture
def facilitator(make: Make, tables: Tables) -> Person:
    person = make.account("Fay Facilitator")
    make.grant(person, Role.FACILITATOR, programme=make.programme())
    return person


@pytest.mark.parametrize(("width", "javascript"), [(1280, True), (320, False)])
def test_everybody_is_seated_and_one_of_them_moved(
    width: int,
    javascript: bool,  # noqa: FBT001
    visitor: Visitor,
    check_page: Check,
    shoot: Shoot,
    app: Flask,
    tables: Tables,
    facilitator: Person,
) -> None:
    page = visitor(width, javascript=javascript, person=facilitator)
    page.goto(SUMMIT)
    follow(page, "Tables: who sits where")
    check_page(page)
    press(page, "Set up the tables")
    page.get_by_label("Which tables are there?").fill("Top table: 4\n2 x 4")
    page.get_by_label("How many times do people sit down?").fill("2")
    check_page(page)
    press(page, "Save the tables")
    follow(page, "Who sits together, and who apart")
    page.get_by_label("Find people by name or organisation").fill("ash, brook")
    press(page, "Find")
    page.get_by_label("Ana Ash").check()
    page.get_by_label("Ben Brook").check()
    page.get_by_label("Keep them apart").check()
    press(page, "Add the rule")
    check_page(page)
    shoot(page, "tables-rules")
    page.goto(f"{SUMMIT}/tables")
    press(page, "Seat everybody")
    with app.app_context():
        run_tasks.run()
    page.goto(page.url)
    press(page, "Go on to the tables")
    check_page(page)
    shoot(page, "tables")
    here = tables.table_of("Ana Ash", 1)
    page.goto(f"{SUMMIT}/tables?round=2")
    follow(page, "Ana Ash")
    check_page(page)
    shoot(page, "tables-move")
    other = next(table for table in tables.now().tables(1) if table.name != here and table.free)
    page.get_by_label(f"{other.name}, ").check()
    press(page, "Move")
    assert heading(page).endswith("Tables")
    expect(page.get_by_role("alert")).to_contain_text(f"Ana Ash sits at “{other.name}” now.")
    expect(page.get_by_text("Pinned", exact=True)).to_have_count(1)
    press(page, "Publish the tables")
    check_page(page)
