"""Staff write a message that hangs on the dates of an event, look at it, switch it on, and see what will be sent."""

from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import select

from cop.core.access import Role
from cop.models.accounts import Person
from cop.models.events import Event, EventState
from cop.models.telling import Anchor, MessageRule, RuleAudience
from tests.support.browse import Browse
from tests.support.clock import FixedClock
from tests.support.make import Make, Reads
from tests.support.queries import count_queries
from tests.support.rules import DAY, Rules, terms

TUESDAY = datetime(2026, 3, 24, 10, tzinfo=UTC)

GIVEN = {
    "audience": "booked",
    "number": "3",
    "unit": "days",
    "side": "before",
    "anchor": "start",
    "subject": "Boots for {event}",
    "body": "Dear {name},\n\nbring **boots** on {when}.",
}


@pytest.fixture
def rules(app: Flask, clock: FixedClock) -> Rules:
    return Rules(app, clock)


@pytest.fixture
def editor(make: Make) -> Person:
    person = make.account("Edi Editor")
    make.grant(person, Role.FACILITATOR, programme=make.programme())
    return person


@pytest.fixture
def visit(make: Make) -> Event:
    return make.visit(slots=[TUESDAY])


def home(event: Event) -> str:
    return f"/admin/events/{event.slug}/messages/"


def test_a_message_is_written_looked_at_switched_on_and_planned(
    browse: Browse, make: Make, editor: Person, visit: Event
) -> None:
    make.booking(make.person("Amina"), visit)
    make.booking(make.person("Ben"), visit)
    page = browse.sign_in(editor).get(f"/admin/events/{visit.slug}").click("Messages and what will be sent")
    assert "None yet." in page.text
    page.click("Write a message").submit("Save and look at it", **GIVEN)
    assert "The message is saved. Nobody gets it until you switch it on." in page.text
    assert "If you switch it on now, it goes to 2 people as things stand." in page.text
    assert "Boots for A morning at the Healthy Hub" in page.text
    assert "bring boots on Tuesday 24 March 2026, 10am to 11am." in page.text
    page.click("Ben")
    assert "Dear Ben," in page.text
    page.get(f"{page.path}/html", **{"as": "nobody"})
    assert "Hello Amina," in page.text
    page.get(home(visit)).click("Boots for A morning at the Healthy Hub").submit("Switch it on")
    assert "The message is switched on." in page.text
    assert "As things stand, it goes to 2 people." in page.text
    page.get(home(visit)).click("See all that will be sent, and to whom")
    assert "Saturday 21 March 2026" in page.text  # the visit pack, at any hour
    monday = page.text.partition("Monday 23 March 2026")[2]
    assert "8am · Boots for A morning at the Healthy Hub" in monday
    assert "Amina, Ben" in monday
    page.click("Boots for A morning at the Healthy Hub").click("Change this message or switch it off")
    page.submit("Switch it off")
    assert "The message is switched off." in page.text


def test_a_ready_made_message_is_taken_and_changed(
    browse: Browse, editor: Person, visit: Event, reading: Reads
) -> None:
    page = browse.sign_in(editor).get(home(visit)).click("Thank you for coming to A morning at the Healthy Hub")
    page.submit("Save and look at it", subject="Thank you")
    with reading() as read:
        rule = read.session.scalars(select(MessageRule)).one()
    assert (rule.audience, rule.anchor, rule.after) == (RuleAudience.ATTENDED, Anchor.END, DAY)
    assert (rule.subject, rule.active) == ("Thank you", False)
    page.get(home(visit))
    assert "Thank you for coming" not in page.text


def test_what_is_wrong_is_said_and_nothing_typed_is_lost(browse: Browse, editor: Person, visit: Event) -> None:
    page = browse.sign_in(editor).get(f"{home(visit)}new")
    page.submit("Save and look at it", **{**GIVEN, "body": "Dear {nme}"})
    assert page.status == 422
    assert "“{nme}” stands for nothing. You can use {name}, {event}, {when}, {until}." in page.text
    assert page.soup.select("textarea")[0].get_text(strip=True) == "Dear {nme}"
    assert page.soup.select("[name=subject]")[0]["value"] == "Boots for {event}"
    page.submit("Save and look at it", **{**GIVEN, "audience": "attended"})
    assert page.status == 422
    assert "Who came is known afterwards" in page.text


def test_what_somebody_else_changed_is_not_overwritten(
    browse: Browse, editor: Person, visit: Event, rules: Rules
) -> None:
    rule = rules.add(visit, active=False)
    page = browse.sign_in(editor).get(f"{home(visit)}{rule.id}/edit")
    assert page.soup.select("[name=number]")[0]["value"] == "3"
    rules.switch(rule, active=True)
    page.submit("Save and look at it", subject="Mine")
    assert page.status == 422
    assert "Somebody else has changed this message meanwhile. Look at it again." in page.text
    assert page.soup.select("[name=subject]")[0]["value"] == "Mine"


def test_a_message_that_nobody_got_is_removed(browse: Browse, editor: Person, visit: Event, rules: Rules) -> None:
    rule = rules.add(visit, terms(after=-6 * DAY / 24))
    page = browse.sign_in(editor).get(f"{home(visit)}{rule.id}")
    assert "6 hours before the start" in page.text
    assert "Nobody as things stand." in page.text
    page.click("Remove it").submit("Yes, remove it")
    assert "The message is removed." in page.text
    assert "None yet." in page.text


def test_an_event_that_was_cancelled_offers_nothing(browse: Browse, make: Make, editor: Person) -> None:
    page = browse.sign_in(editor).get(home(make.visit(state=EventState.CANCELLED)))
    assert "Write a message" not in page.text
    page.click("See all that will be sent, and to whom")
    assert "The event is called off: nothing more goes out by itself." in page.text


@pytest.mark.parametrize("role", [Role.HOST, Role.EVALUATOR, Role.REVIEWER])
def test_others_do_not_get_in(browse: Browse, make: Make, visit: Event, rules: Rules, role: Role) -> None:
    rule = rules.add(visit)
    person = make.account()
    make.grant(person, role, programme=make.programme())
    browse.sign_in(person)
    for address in ("", "new", "plan", f"{rule.id}", f"{rule.id}/edit", f"{rule.id}/html", f"{rule.id}/remove"):
        assert browse.get(f"{home(visit)}{address}").status == 404


def test_a_rule_stands_under_its_own_event_only(
    browse: Browse, make: Make, editor: Person, visit: Event, rules: Rules
) -> None:
    rule = rules.add(make.visit("Another", slug="another"))
    assert browse.sign_in(editor).get(f"{home(visit)}{rule.id}").status == 404


def test_the_list_takes_as_many_statements_for_many_rules(
    browse: Browse, editor: Person, visit: Event, rules: Rules
) -> None:
    browse.sign_in(editor)
    counts = []
    for days in (1, 2, 3):
        rules.add(visit, terms(after=-days * DAY))
        with count_queries() as statements:
            browse.get(home(visit))
        counts.append(len(statements))
    assert counts[0] == counts[2]
