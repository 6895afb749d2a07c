"""Letters that rules send: the same shape as every letter, with what is the recipient's own."""

import re
from datetime import timedelta

import pytest
from flask import Flask

from cop import mail
from cop.models.outbox import Outbox
from cop.models.telling import Anchor, RuleAudience
from cop.services.ready_made_rules import READY_MADE
from tests.support import cohorts, panel
from tests.support.browse import Browse
from tests.support.clock import FixedClock
from tests.support.golden import Golden
from tests.support.mailbox import Mail, Mailbox
from tests.support.make import Make, Working
from tests.support.rules import DAY, Rules, terms
from tests.support.summits import invite, make_summit
from tests.support.surveys import Surveys
from tests.support.waiting import Line
from tests.test_mail import GOLDEN, readable

SAID = {one.code: one.terms for one in READY_MADE}


@pytest.fixture
def letters(app: Flask, make: Make, work: Working, clock: FixedClock, mailbox: Mailbox) -> dict[str, Mail]:
    """A reminder of an invitation, and a note after a visit."""
    rules, amina = Rules(app, clock), make.person("Amina Yusuf", "amina@council.example")
    summit = make_summit(make, work)
    invite(work, summit, amina)
    visit = make.visit(slots=[(clock.now() + timedelta(days=7)).replace(hour=10)])
    held = make.booking(amina, visit)
    mailbox.deliver()
    rules.add(visit, SAID["thank-you"])
    clock.set(visit.parts[0].ends_at)
    Surveys(app, make, clock).mark(held, visit.parts[0])
    rules.at(visit.parts[0].ends_at + DAY)
    (note,) = mailbox.deliver()
    rules.add(summit, SAID["answer-soon"])
    rules.at(summit.parts[0].starts_at - 13 * DAY)  # the day before is Easter Monday
    (reminder,) = mailbox.deliver()
    return {"event-reminder": reminder, "event-note": note}


@pytest.mark.parametrize("name", ["event-reminder", "event-note"])
def test_a_letter_is_what_was_read_and_approved(name: str, letters: dict[str, Mail], golden: Golden) -> None:
    text = re.sub(r"(?<=/invitations/)[\w.-]+", "TOKEN", readable(letters[name].message))
    golden(GOLDEN / f"{name}.txt", re.sub(r"(?<=Message-ID: <)\w+", "MESSAGE", text))


def test_its_button_leads_to_ones_own_invitation(letters: dict[str, Mail], browse: Browse) -> None:
    page = browse.get(letters["event-reminder"].link("/invitations/"))
    assert "Roundtable summit" in page.text


def test_each_button_leads_to_what_is_the_recipients_own(
    app: Flask, make: Make, work: Working, clock: FixedClock
) -> None:
    rules = Rules(app, clock)
    full, course, chosen = (
        make.visit(capacity=1),
        cohorts.course(work, make),
        panel.course(make, "Chosen", slug="chosen"),
    )
    booked, waits, drafts = (make.account(name) for name in ("Booked", "Waits", "Drafts"))
    make.booking(booked, full)
    Line(app, make, full).join(waits)
    cohorts.begin(work, make, drafts, course)
    (offered,) = panel.offered(make, chosen, "o")
    cases = (
        (full, RuleAudience.BOOKED, booked.id, "/bookings/t/"),
        (full, RuleAudience.WAITING, waits.id, "/waiting/t/"),
        (full, RuleAudience.SILENT, waits.id, f"/visits/{full.slug}"),
        (course, RuleAudience.DRAFTING, drafts.id, f"/cohorts/{course.slug}/apply"),
        (chosen, RuleAudience.SILENT, offered.person_id, "/offers/"),
    )
    for event, audience, person_id, start in cases:
        rule = rules.add(event, terms(audience, anchor=Anchor.DEADLINE), active=False)
        with work() as unit:
            row = Outbox(template="event_reminder", person_id=person_id, params={"rule_id": rule.id})
            drawn = mail.drawn(unit, row)
        assert drawn is not None
        assert str(drawn.values["link"]).removeprefix("http://localhost").startswith(start), audience
