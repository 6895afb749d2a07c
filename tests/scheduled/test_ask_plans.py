"""Asking how plans stand: a hundred days after the course, once more two weeks later, and never of what was said."""

from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from cop.models.accounts import Person
from cop.models.commitments import CommitmentState
from cop.models.events import Booking, Event, EventState, Part
from cop.models.outbox import Outbox, OutboxChannel, OutboxClass, OutboxState
from cop.queries.plans import ASKED_FOR
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
    assert run() == "0 people asked about their plan"
    clock.move(timedelta(minutes=1))
    assert [run(), run()] == ["1 people asked about their plan", "0 people asked about their plan"]
    [first] = outbox("plan_check")
    assert (first.person_id, first.urgency, first.params["again"]) == (alma.id, OutboxClass.ROUTINE, False)
    assert first.useless_after is not None
    clock.move(timedelta(days=14, minutes=-1))
    assert run() == "0 people asked about their plan"
    clock.move(timedelta(minutes=1))
    assert [run(), run()] == ["1 people asked about their plan", "0 people asked about their plan"]
    assert [row.params["again"] for row in outbox("plan_check")] == [False, True]
    clock.move(timedelta(days=30))
    assert run() == "0 people asked about their plan"


@pytest.mark.parametrize("state", [CommitmentState.DONE, CommitmentState.GIVEN_UP])
def test_does_not_ask_of_a_plan_that_has_ended(
    make: Make, course: Event, alma: Person, run: Callable[[], str], clock: FixedClock, state: CommitmentState
) -> None:
    plans.check(make, course, alma, state, "So it is.")
    clock.move(timedelta(days=1))
    assert run() == "0 people asked about their plan"


def test_asks_whoever_said_something_before_the_day_and_not_whoever_did_since(
    make: Make, course: Event, alma: Person, run: Callable[[], str], clock: FixedClock
) -> None:
    plans.check(make, course, alma, CommitmentState.STUCK, "No money.")
    clock.move(timedelta(days=1))
    assert run() == "1 people asked about their plan"
    plans.check(make, course, alma, CommitmentState.STUCK, "Still none.", seen=2)
    clock.move(timedelta(days=14))
    assert run() == "0 people asked about their plan"


def test_does_not_ask_whoever_gave_the_place_back_nor_of_a_course_that_is_not_there(
    work: Working, course: Event, alma: Person, run: Callable[[], str], clock: FixedClock
) -> None:
    clock.move(timedelta(days=1))
    with work() as unit:
        unit.session.get_one(Event, course.id).state = EventState.CANCELLED
    assert run() == "0 people asked about their plan"
    with work() as unit:
        unit.session.get_one(Event, course.id).state = EventState.PUBLISHED
        held = unit.session.scalars(select(Booking.public_id).where(Booking.person_id == alma.id)).one()
        booking.cancel(unit, public_id=held)
    assert run() == "0 people asked about their plan"


def test_waits_for_a_half_day_that_was_put_off(
    work: Working, course: Event, alma: Person, run: Callable[[], str], clock: FixedClock
) -> None:
    with work() as unit:
        last = unit.session.get_one(Part, course.parts[-1].id)
        last.starts_at, last.ends_at = last.starts_at + timedelta(days=7), last.ends_at + timedelta(days=7)
    clock.move(timedelta(days=6))
    assert run() == "0 people asked about their plan"
    clock.move(timedelta(days=2))
    assert run() == "1 people asked about their plan"


def test_does_not_ask_of_what_is_long_past(
    course: Event, alma: Person, run: Callable[[], str], clock: FixedClock
) -> None:
    clock.move(ASKED_FOR + timedelta(days=1))
    assert run() == "0 people asked about their plan"


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
