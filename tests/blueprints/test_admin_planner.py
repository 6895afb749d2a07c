"""Staff rehearse an event before they publish it: the plan by month and by day, and how each message reads."""

from datetime import UTC, datetime

import pytest
from flask import Flask

from cop.core.access import Role
from cop.models.accounts import Person
from cop.models.events import Event, EventState
from tests.support.browse import Browse
from tests.support.clock import FixedClock
from tests.support.make import Make
from tests.support.rules import DAY, Rules, terms

TUESDAY = datetime(2026, 3, 24, 10, tzinfo=UTC)


@pytest.fixture
def editor(make: Make) -> Person:
    person = make.account("Edi Editor")
    make.grant(person, Role.FACILITATOR, programme=make.programme())
    return person


@pytest.fixture
def draft(make: Make) -> Event:
    return make.visit("Healthy Hub", slots=[TUESDAY], state=EventState.DRAFT)


def address(event: Event) -> str:
    return f"/admin/events/{event.slug}/messages/plan"


def test_a_draft_is_rehearsed_and_a_letter_is_read(
    app: Flask, browse: Browse, clock: FixedClock, editor: Person, draft: Event
) -> None:
    Rules(app, clock).add(draft, terms(after=-2 * DAY))
    page = browse.sign_in(editor).get(f"/admin/events/{draft.slug}").click("Messages and what will be sent")
    page.click("See all that will be sent, and to whom")
    assert "The event is a draft." in page.text
    assert "each person booked" in page.text
    assert "March 2026" in page.text
    assert "It belongs to 22 March 2026 at 10am and waits for working hours." in page.text
    assert "Saturday 21 March 2026" in page.text
    assert "What people need (access, diet, whom to call) is deleted" in page.text
    page.click("Getting ready for Healthy Hub")
    assert "Hello a person to come," in page.text
    assert "See you on Tuesday 24 March 2026, 10am to 11am." in page.text
    page.get(f"{page.path}/html")
    assert "See you on" in page.text


def test_a_baseline_survey_has_no_day(browse: Browse, make: Make, editor: Person) -> None:
    page = browse.sign_in(editor).get(address(make.visit(slots=[], state=EventState.DRAFT)))
    assert "No dates are set." in page.text
    assert "Nothing has a day, as things stand." in page.text


@pytest.mark.parametrize(
    "ending", ["reminder-month/2026-03-17", "reminder-week/2026-03-18", "reminder-week/2026-13-99"]
)
def test_what_is_not_in_the_plan_is_not_there(browse: Browse, editor: Person, draft: Event, ending: str) -> None:
    page = browse.sign_in(editor).get(f"{address(draft)}/{ending}")
    assert page.status == 404
    assert page.get(f"{address(draft)}/{ending}/html").status == 404


def test_a_survey_is_shown_that_nobody_was_asked_yet(browse: Browse, editor: Person, draft: Event) -> None:
    page = browse.sign_in(editor).get(f"{address(draft)}/survey_invitation-pulse/2026-03-24")
    assert "Healthy Hub" in page.text
    assert "As the first of them would read it" in page.text


@pytest.mark.parametrize("role", [Role.HOST, Role.EVALUATOR, Role.REVIEWER])
def test_others_do_not_get_in(browse: Browse, make: Make, draft: Event, role: Role) -> None:
    person = make.account()
    make.grant(person, role, programme=make.programme())
    browse.sign_in(person)
    for ending in ("", "/reminder-week/2026-03-17", "/reminder-week/2026-03-17/html"):
        assert browse.get(f"{address(draft)}{ending}").status == 404
