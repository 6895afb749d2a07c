"""Somebody else in one's place, and what stays of a summit, in a real browser and also without JavaScript."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from cop.core.access import Role
from cop.models.accounts import Person
from cop.models.summits import OutcomeKind
from cop.queries.events import revision
from cop.services import outcomes
from tests.browser.conftest import Visitor
from tests.support.clock import FixedClock
from tests.support.make import Make, Reads, Working
from tests.support.pages import follow, press
from tests.support.seating import Tables
from tests.support.summits import invitation_of, link_to

Check = Callable[[Page], None]
Shoot = Callable[[Page, str], None]

STAFF = "/admin/summits/roundtable-summit"

WAYS = pytest.mark.parametrize(("width", "javascript"), [(1280, True), (320, False)])


@pytest.fixture
def tables(make: Make, work: Working, reading: Reads) -> Tables:
    found = Tables(make, work, reading)
    found.come({"Amina Yusuf": "Brent Council", "Ben Okri": ""})
    found.set_up(4, 4)
    return found


@pytest.fixture
def editor(make: Make) -> Person:
    person = make.account("Femi Facilitator")
    make.grant(person, Role.FACILITATOR, programme=make.programme())
    return person


@WAYS
def test_somebody_else_is_sent_and_agreed_to(
    width: int,
    javascript: bool,  # noqa: FBT001
    visitor: Visitor,
    check_page: Check,
    shoot: Shoot,
    make: Make,
    work: Working,
    reading: Reads,
    tables: Tables,
    editor: Person,
) -> None:
    page = visitor(width, javascript=javascript)
    page.goto(link_to(invitation_of(reading, tables.event, "Ben Okri")))
    follow(page, "Send somebody else in your place")
    check_page(page)
    page.get_by_label("Their name").fill("Cara Cole")
    page.get_by_label("Their e-mail address").fill("cara@council.example")
    press(page, "Propose this person")
    expect(page.get_by_text("You would like to send Cara Cole in your place.")).to_be_visible()
    check_page(page)
    staff = visitor(width, person=editor, javascript=javascript)
    staff.goto(f"{STAFF}/substitutes")
    check_page(staff)
    shoot(staff, f"substitutes-{width}")
    press(staff, "Agree (Cara Cole)")
    check_page(staff)
    press(staff, "Yes, let them come")
    expect(staff.get_by_text("Cara Cole is invited.")).to_be_visible()
    staff.goto(f"{STAFF}/invitations/directory?kind=council")
    check_page(staff)
    shoot(staff, f"directory-{width}")


@WAYS
def test_a_table_writes_and_somebody_takes_something_home(
    width: int,
    javascript: bool,  # noqa: FBT001
    visitor: Visitor,
    check_page: Check,
    shoot: Shoot,
    clock: FixedClock,
    tables: Tables,
    editor: Person,
) -> None:
    clock.set(tables.event.parts[0].starts_at)
    page = visitor(width, person=editor, javascript=javascript)
    page.goto(f"{STAFF}/notes")
    follow(page, "Write (Table 1, round 1)")
    check_page(page)
    page.get_by_label("What did the table say?").fill("Damp flats make children ill.")
    press(page, "Write it down")
    check_page(page)
    shoot(page, f"notes-{width}")
    follow(page, "Make an action of it (Table 1, round 1)")
    check_page(page)
    page.get_by_label("Who takes it on?").select_option(label="Brent Council")
    page.get_by_label("What will be done?").fill("A fund for tenants.")
    press(page, "Note it")
    check_page(page)
    shoot(page, f"actions-{width}")
    follow(page, "Say how it stands (Brent Council, A fund for tenants.)")
    check_page(page)


@WAYS
def test_what_came_of_it_stands_on_the_public_page(
    width: int,
    javascript: bool,  # noqa: FBT001
    visitor: Visitor,
    check_page: Check,
    shoot: Shoot,
    make: Make,
    work: Working,
    tables: Tables,
    editor: Person,
) -> None:
    follows: Any = None
    for kind, title in ((OutcomeKind.REPORT, "What we heard"), (OutcomeKind.DECISION, "A fund for warm homes")):
        seen = revision(make.event(tables.event.id))
        with work() as opened:
            said = outcomes.Said(kind=kind, title=title, follows=follows)
            follows = outcomes.add_outcome(opened, event_id=tables.event.id, seen=seen, said=said).id
    page = visitor(width, javascript=javascript)
    page.goto("/summits/roundtable-summit")
    expect(page.get_by_role("heading", name="Decision 1: A fund for warm homes")).to_be_visible()
    check_page(page)
    shoot(page, f"outcomes-{width}")
    staff = visitor(width, person=editor, javascript=javascript)
    staff.goto(f"{STAFF}/outcomes/new")
    check_page(staff)
