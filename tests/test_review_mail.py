"""What reviewers are written, letter for letter."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from cop.models.accounts import Person
from cop.models.cohorts import Cohort
from cop.models.events import Event
from cop.models.outbox import Outbox
from cop.services.cohorts import reviewing
from tests.support import panel
from tests.support.golden import Golden
from tests.support.html import faults
from tests.support.mailbox import Mailbox
from tests.support.make import Make, Reads, Working
from tests.test_mail import readable, without

GOLDEN = Path(__file__).parent / "golden" / "mail"


@pytest.fixture
def course(make: Make, work: Working) -> Event:
    course = panel.course(make)
    panel.applications(make, course, 3)
    with work() as unit:
        unit.session.get_one(Cohort, course.id).decisions_on = date(2026, 3, 20)
    return course


@pytest.fixture
def rhona(make: Make) -> Person:
    return panel.reviewer(make, email="rhona@council.example")


def remind(make: Make, work: Working, course: Event) -> int:
    with work(make.actor(panel.chair(make))) as unit:
        return reviewing.remind(unit, cohort_id=course.id)


def test_the_reminder_counts_what_is_left_when_it_leaves(
    make: Make, work: Working, course: Event, rhona: Person, mailbox: Mailbox, golden: Golden, reading: Reads
) -> None:
    assert remind(make, work, course) == 1
    panel.review(make, rhona, course, 1)
    (mail,) = mailbox.deliver()
    assert [fault for fault in faults(mail.soup) if "attribute style" not in fault] == []
    assert "/cohorts/change-makers/reviews" in mail.text
    with reading() as read:
        random = dict.fromkeys(read.session.scalars(select(Outbox.message_id)), "MESSAGE")
    golden(GOLDEN / "reviews-waiting.txt", without(random, readable(mail.message)))


def test_the_reminder_goes_to_nobody_who_was_quicker_than_it(
    make: Make, work: Working, course: Event, rhona: Person, mailbox: Mailbox
) -> None:
    remind(make, work, course)
    for number in (1, 2, 3):
        panel.review(make, rhona, course, number)
    assert mailbox.deliver() == []


def test_the_reminder_is_pointless_after_the_release(
    make: Make, work: Working, course: Event, rhona: Person, mailbox: Mailbox
) -> None:
    remind(make, work, course)
    femi = panel.chair(make, "Another chair")
    panel.decide(make, femi, course, "ddd")
    panel.release(make, femi, course)
    assert not [mail for mail in mailbox.deliver() if "wait" in mail.subject]
