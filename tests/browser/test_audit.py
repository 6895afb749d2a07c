"""An admin finds out who changed what, and whether the service is well."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import Page

from cop.core.access import Actor
from cop.models.events import Event
from cop.services.operations import Runs, note_runs
from cop.web import observe
from tests.browser.conftest import Visitor
from tests.support.clock import FixedClock
from tests.support.make import Make, Working
from tests.support.pages import follow, heading, press

Check = Callable[[Page], None]
Shoot = Callable[[Page, str], None]


@pytest.mark.parametrize(("width", "javascript"), [(1280, True), (320, True), (320, False)])
def test_who_changed_a_visit_and_who_looked(
    visitor: Visitor,
    make: Make,
    work: Working,
    app: Flask,
    check_page: Check,
    shoot: Shoot,
    width: int,
    javascript: bool,  # noqa: FBT001  pytest hands it over
) -> None:
    admin, visit = make.admin("Ada Quill"), make.visit("Healthy Hub", place="The hall")
    make.booking(make.account("Ben Okoro"), visit)
    with work(make.actor(admin)) as unit:
        event = unit.session.get_one(Event, visit.id)
        event.place, event.description = "The garden", "A long walk through every room of the house. " * 8
    with app.app_context():
        observe("access needs read", "event", visit.id, actor=Actor(admin.id))
    page = visitor(width, javascript=javascript, person=admin)
    page.goto("/admin/")
    check_page(page)
    follow(page, "Audit")
    page.get_by_label("Who acted").fill("quill")
    page.get_by_label("Kind of record").select_option("Events")
    press(page, "Search")
    assert "place: The hall → became The garden" in _said(page)
    check_page(page)
    shoot(page, f"audit-{width}")
    follow(page, "Healthy Hub")
    assert heading(page) == "History of the event Healthy Hub"
    check_page(page)
    page.goto("/admin/audit/")
    follow(page, "Sensitive reads")
    assert "Ada Quill Access needs read Healthy Hub" in _said(page)
    check_page(page)


@pytest.mark.parametrize(("width", "javascript"), [(1280, True), (320, False)])
def test_whether_all_is_well(
    visitor: Visitor,
    make: Make,
    work: Working,
    clock: FixedClock,
    check_page: Check,
    shoot: Shoot,
    width: int,
    javascript: bool,  # noqa: FBT001  pytest hands it over
) -> None:
    admin = make.admin("Ada Quill")
    page = visitor(width, javascript=javascript, person=admin)
    page.goto("/admin/operations")
    assert "No job has run yet" in _said(page)
    check_page(page)
    make.booking(make.account(), make.visit())
    now = clock.now()
    with work() as unit:
        good = Runs(
            "send_outbox", "deliver messages that are due", 2, "web1.council.example:4711", now, now, now, runs=9
        )
        bad = Runs(
            "tend_offers", "let offers lapse", 60, "web2.council.example:42", now, now, None, now, "OSError: no", 1, 1
        )
        note_runs(unit, [good, bad])
    page.goto("/admin/operations")
    assert "tend_offers failed: OSError: no" in _said(page)
    check_page(page)
    shoot(page, f"operations-{width}")
    clock.move(timedelta(minutes=40))
    page.goto("/admin/operations")
    assert "send_outbox has not run for 40 minutes." in _said(page)
    check_page(page)


def _said(page: Page) -> str:
    return " ".join((page.get_by_role("main").text_content() or "").split())
