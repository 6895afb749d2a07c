"""Asking how plans stand: a hundred days after the course, once more two weeks later, and never of what was said."""

from collections.abc import Callable, Sequence
from datetime import time, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import select

from cop.core.place import day_of, instant_on
from cop.models.accounts import Person
from cop.models.commitments import CommitmentState
from cop.models.events import Booking, Event, EventState
from cop.models.outbox import Outbox, OutboxChannel, OutboxClass, OutboxState
from cop.queries.plans import ASKED_FOR
from cop.services.cohorts import editing
from cop.services.events import booking
from scheduled import ask_plans
from tests.support import panel, plans
from tests.support.clock import FixedClock
from tests.support.mailbox import Mailbox
from tests.support.make import Make, Working

Posted = Callable[..., Sequence[Outbox]]


@pytest.fixture
def course(make: Make) -> Event:
    return panel.course(make)


@pytest.fixture
def alma(make: Make, course: Event, clock: FixedClock) -> Person:
    """With a plan; the clock stands a minute before the day of the check begins."""
    person = plans.member(make, course)
    clock.set(course.parts[1].starts_at)
    plans.plan(make, course, person)
    clock.set(panel.at(2026, 7, 10, 22, 59))
    return person


@pytest.fixture
def run(app: Flask) -> Callable[[], str]:
    def carry_out() -> str:
        with app.app_context():
            return ask_plans.run()

    return carry_out


def test_asks_on_the_hundredth_day_and_once_more(
    course: Event, alma: Person, run: Callable[[], str], clock: FixedClock, outbox: Posted
) -> None:
    assert run() == "0 people asked about their plan, 0 about an action, 0 about a pledge"
    clock.move(timedelta(minutes=1))
    assert [run(), run()] == [
        "1 people asked about their plan, 0 about an action, 0 about a pledge",
        "0 people asked about their plan, 0 about an action, 0 about a pledge",
    ]
    [first] = outbox("plan_check")
    assert (first.person_id, first.urgency, first.params["again"]) == (alma.id, OutboxClass.ROUTINE, False)
    assert first.useless_after is not None
    clock.move(timedelta(days=14, minutes=-1))
    assert run() == "0 people asked about their plan, 0 about an action, 0 about a pledge"
    clock.move(timedelta(minutes=1))
    assert [run(), run()] == [
        "1 people asked about their plan, 0 about an action, 0 about a pledge",
        "0 people asked about their plan, 0 about an action, 0 about a pledge",
    ]
    assert [row.params["again"] for row in outbox("plan_check")] == [False, True]
    clock.move(timedelta(days=30))
    assert run() == "0 people asked about their plan, 0 about an action, 0 about a pledge"


@pytest.mark.parametrize("state", [CommitmentState.DONE, CommitmentState.GIVEN_UP])
def test_does_not_ask_of_a_plan_that_has_ended(
    make: Make, course: Event, alma: Person, run: Callable[[], str], clock: FixedClock, state: CommitmentState
) -> None:
    plans.check(make, course, alma, state, "So it is.")
    clock.move(timedelta(days=1))
    assert run() == "0 people asked about their plan, 0 about an action, 0 about a pledge"


def test_asks_whoever_said_something_before_the_day_and_not_whoever_did_since(
    make: Make, course: Event, alma: Person, run: Callable[[], str], clock: FixedClock
) -> None:
    plans.check(make, course, alma, CommitmentState.STUCK, "No money.")
    clock.move(timedelta(days=1))
    assert run() == "1 people asked about their plan, 0 about an action, 0 about a pledge"
    plans.check(make, course, alma, CommitmentState.STUCK, "Still none.", seen=2)
    clock.move(timedelta(days=14))
    assert run() == "0 people asked about their plan, 0 about an action, 0 about a pledge"


def test_does_not_ask_whoever_gave_the_place_back_nor_of_a_course_that_is_not_there(
    work: Working, course: Event, alma: Person, run: Callable[[], str], clock: FixedClock
) -> None:
    clock.move(timedelta(days=1))
    with work() as unit:
        unit.session.get_one(Event, course.id).state = EventState.CANCELLED
    assert run() == "0 people asked about their plan, 0 about an action, 0 about a pledge"
    with work() as unit:
        unit.session.get_one(Event, course.id).state = EventState.PUBLISHED
        held = unit.session.scalars(select(Booking.public_id).where(Booking.person_id == alma.id)).one()
        booking.cancel(unit, public_id=held)
    assert run() == "0 people asked about their plan, 0 about an action, 0 about a pledge"


def test_asks_once_where_nobody_was_asked_in_time(
    course: Event, alma: Person, run: Callable[[], str], clock: FixedClock, outbox: Posted
) -> None:
    clock.move(timedelta(days=15))
    assert run() == "1 people asked about their plan, 0 about an action, 0 about a pledge"
    clock.move(timedelta(days=13))
    assert run() == "0 people asked about their plan, 0 about an action, 0 about a pledge"
    clock.move(timedelta(days=1))
    assert run() == "1 people asked about their plan, 0 about an action, 0 about a pledge"
    assert [row.params["again"] for row in outbox("plan_check")] == [False, True]


@pytest.mark.parametrize("later", [7, 61])
def test_the_day_moves_with_the_last_half_day(
    make: Make, work: Working, course: Event, run: Callable[[], str], clock: FixedClock, later: int
) -> None:
    person, chair = plans.member(make, course), panel.chair(make)
    clock.set(course.parts[1].starts_at)
    plans.plan(make, course, person)
    last = course.parts[-1]
    until = day_of(last.ends_at) + timedelta(days=later)
    with work(make.actor(chair)) as unit:
        editing.edit_half_day(
            unit,
            part_id=last.id,
            title=last.title,
            on_date=until,
            start=time(9),
            end=time(12),
            place="",
            zone=ZoneInfo("Europe/London"),
        )
    clock.set(instant_on(until + timedelta(days=99), time(12)))
    assert run() == "0 people asked about their plan, 0 about an action, 0 about a pledge"
    clock.move(timedelta(days=1))
    assert run() == "1 people asked about their plan, 0 about an action, 0 about a pledge"


def test_a_last_half_day_that_is_cancelled_makes_it_earlier(
    make: Make, work: Working, course: Event, run: Callable[[], str], clock: FixedClock
) -> None:
    person, chair = plans.member(make, course), panel.chair(make)
    clock.set(course.parts[1].starts_at)
    plans.plan(make, course, person)
    with work(make.actor(chair)) as unit:
        for part in course.parts[2:]:
            editing.cancel_half_day(unit, part_id=part.id, reason="No room is free")
    clock.set(course.parts[1].ends_at + timedelta(days=100))
    assert run() == "1 people asked about their plan, 0 about an action, 0 about a pledge"


def test_does_not_ask_of_what_is_long_past(
    course: Event, alma: Person, run: Callable[[], str], clock: FixedClock
) -> None:
    clock.move(ASKED_FOR + timedelta(days=1))
    assert run() == "0 people asked about their plan, 0 about an action, 0 about a pledge"


def test_somebody_without_e_mail_is_asked_by_staff(
    make: Make, work: Working, course: Event, alma: Person, run: Callable[[], str], clock: FixedClock, outbox: Posted
) -> None:
    with work() as unit:
        unit.session.get_one(Person, alma.id).email = None
    clock.move(timedelta(days=1))
    run()
    assert outbox("plan_check")[0].channel is OutboxChannel.TELL


def test_the_letter_is_not_sent_once_it_was_said(
    make: Make,
    course: Event,
    alma: Person,
    run: Callable[[], str],
    clock: FixedClock,
    outbox: Posted,
    mailbox: Mailbox,
) -> None:
    mailbox.deliver()
    clock.set(panel.at(2026, 7, 13, 8))
    run()
    plans.check(make, course, alma, CommitmentState.UNDER_WAY, "It goes.")
    clock.set(panel.at(2026, 7, 13, 11))
    assert mailbox.deliver() == []
    assert outbox("plan_check")[0].state is OutboxState.DROPPED
