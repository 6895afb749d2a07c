"""The job that reminds of offers and lets them lapse."""

from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest
from flask import Flask

from cop.models.cohorts import Cohort
from cop.models.events import Event
from cop.models.offers import OfferState
from cop.models.outbox import Outbox
from scheduled import tend_offers
from tests.support import panel
from tests.support.clock import FixedClock
from tests.support.make import Make, Working

Posted = Callable[..., Sequence[Outbox]]


@pytest.fixture
def course(make: Make) -> Event:
    return panel.course(make)


@pytest.fixture
def run(app: Flask) -> Callable[[], str]:
    def once() -> str:
        with app.app_context():
            return tend_offers.run()

    return once


Run = Callable[[], str]


def test_nothing_is_due_while_there_is_time(make: Make, course: Event, run: Run, outbox: Posted) -> None:
    panel.offered(make, course, "oo")
    assert run() == "0 offers lapsed, 0 reminders posted, 0 parties offered places or let go"


def test_two_days_before_the_end_it_reminds_once_who_has_not_answered(
    make: Make, course: Event, run: Run, outbox: Posted, clock: FixedClock
) -> None:
    first, second = panel.offered(make, course, "oo")
    panel.accept(make, first)
    clock.set(panel.until(second) - timedelta(days=2))
    assert [run(), run()] == [
        "0 offers lapsed, 1 reminders posted, 0 parties offered places or let go",
        "0 offers lapsed, 0 reminders posted, 0 parties offered places or let go",
    ]
    (reminder,) = outbox("offer_reminder")
    assert (reminder.person_id, reminder.useless_after) == (second.person_id, second.expires_at)


def test_whoever_has_two_days_at_most_is_not_reminded(
    make: Make, work: Working, course: Event, run: Run, outbox: Posted
) -> None:
    with work() as opened:
        opened.session.get_one(Cohort, course.id).offer_days = 1
    panel.offered(make, course)
    assert run() == "0 offers lapsed, 0 reminders posted, 0 parties offered places or let go"


def test_at_the_end_an_offer_lapses_and_its_place_is_free(
    make: Make, course: Event, run: Run, outbox: Posted, clock: FixedClock
) -> None:
    offers = panel.offered(make, course, "ooo")
    panel.accept(make, offers[0])
    clock.set(panel.until(offers[1]))
    assert [run(), run()] == [
        "2 offers lapsed, 0 reminders posted, 0 parties offered places or let go",
        "0 offers lapsed, 0 reminders posted, 0 parties offered places or let go",
    ]
    states = [offer.state for offer in panel.offers_of(make, course)]
    assert states == [OfferState.ACCEPTED, OfferState.LAPSED, OfferState.LAPSED]
    assert len(outbox("offer_lapsed")) == 2
    assert make.event(course.id).seats_taken == 1
