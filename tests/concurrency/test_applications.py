"""Applications at the same moment, over real processes: submitted once, saved by one device, answered by one press."""

from collections import Counter
from datetime import timedelta
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import select

from cop.core.clock import SystemClock
from cop.models.accounts import Person, Sector
from cop.models.cohorts import Application, Endorsement, EndorsementState
from cop.models.events import Event
from cop.models.outbox import Outbox
from cop.models.surveys import Response
from cop.queries.cohorts.endorsements import link_token
from tests.concurrency.crowds import Visitor, at_once
from tests.concurrency.processes import Web
from tests.support import cohorts
from tests.support.cohorts import ANSWERS
from tests.support.make import Make, Reads, Working

PEOPLE, PRESSES = 15, 2
FOUND, UNPROCESSABLE = 302, 422


@pytest.fixture
def course(work: Working, make: Make) -> Event:
    now = SystemClock().now()
    opens_at, closes_at = now - timedelta(days=1), now + timedelta(days=20)
    return cohorts.course(work, make, opens_at=opens_at, closes_at=closes_at, begins_at=now + timedelta(days=40))


def draft(work: Working, make: Make, course: Event, name: str) -> tuple[Person, Application]:
    person = make.account(name, f"{name.lower()}@crowd.example", sector=Sector.RESIDENT)
    return person, cohorts.begin(work, make, person, course, **ANSWERS)


def test_everybody_who_presses_twice_at_once_is_numbered_once(
    app: Flask, web: Web, course: Event, work: Working, make: Make, reading: Reads
) -> None:
    people = [draft(work, make, course, f"Person{number}")[0] for number in range(PEOPLE)]
    visitors = [Visitor(app, person.id, web.port) for person in people for _ in range(PRESSES)]
    path = f"/cohorts/{course.slug}/apply/check-answers"
    replies = at_once([partial(visitor.post, path) for visitor in visitors])
    assert Counter(reply.status for reply in replies) == {FOUND: PEOPLE * PRESSES}
    with reading() as read:
        numbers = Counter(read.session.scalars(select(Application.number)))
        told = read.session.scalars(select(Outbox.person_id).where(Outbox.template == "application_submitted")).all()
    assert numbers == Counter(range(1, PEOPLE + 1))
    assert Counter(told) == Counter(person.id for person in people)


def test_of_devices_that_save_one_page_at_once_one_wins_and_the_others_keep_their_words(
    app: Flask, web: Web, course: Event, work: Working, make: Make, reading: Reads
) -> None:
    person, made = draft(work, make, course, "Amina")
    words = [f"Written on device {number}" for number in range(6)]
    path = f"/cohorts/{course.slug}/apply/challenge"
    replies = at_once(
        [partial(Visitor(app, person.id, web.port).post, path, challenge=each, revision=1) for each in words]
    )
    assert Counter(reply.status for reply in replies) == {FOUND: 1, UNPROCESSABLE: len(words) - 1}
    assert all(each in reply.body for each, reply in zip(words, replies, strict=True) if reply.is_polite)
    won = next(each for each, reply in zip(words, replies, strict=True) if reply.status == FOUND)
    with reading() as read:
        kept = read.session.get_one(Response, made.response_id)
    assert (kept.answers["challenge"], kept.revision) == (won, 2)


def test_a_supporter_who_presses_yes_and_no_at_once_has_said_one_of_them(
    app: Flask, web: Web, course: Event, work: Working, make: Make, reading: Reads
) -> None:
    person, _made = draft(work, make, course, "Amina")
    asked = cohorts.named(work, make, person, course)
    path = f"/endorsements/{link_token(asked)}"
    said = ["yes", "no"] * 4
    replies = at_once([partial(Visitor(app, None, web.port).post, path, answer=each) for each in said])
    with reading() as read:
        state = read.session.get_one(Endorsement, asked.id).state
        told = read.session.scalars(select(Outbox.id).where(Outbox.template == "endorsement_answered")).all()
    counted = "yes" if state is EndorsementState.GIVEN else "no"
    assert state is not EndorsementState.ASKED
    assert [reply.status for reply in replies] == [FOUND if each == counted else UNPROCESSABLE for each in said]
    assert len(told) == 1
