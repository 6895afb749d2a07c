"""Booking, changing and cancelling by many threads, with staff at work in between: every counter stays right."""

import random
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from threading import Event as Moment
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import select, text

from cop.core.access import SYSTEM, Actor
from cop.core.clock import SystemClock
from cop.core.errors import Refusal
from cop.core.work import Work
from cop.models.events import Booking, BookingState, Event
from cop.services.events import booking, editing
from cop.web import read, run
from tests.concurrency.crowds import at_once
from tests.concurrency.processes import PATIENCE, until
from tests.support.make import Make

BOOKERS, ACTS = 6, 40
CHANGES = 0.6
"""How much of what people do with a booking is changing it; the rest is cancelling."""

LONDON = ZoneInfo("Europe/London")

LIMITS: dict[str, dict[str, int | None]] = {
    "slots": {"capacity": 6},
    "slots and days": {"capacity": 6, "day_capacity": 9},
    "slots, days and the whole": {"capacity": 6, "day_capacity": 9, "event_capacity": 12},
    "the whole": {"capacity": None, "event_capacity": 12},
}

Act = Callable[[Work], Any]
Outcomes = Counter[str]


@pytest.fixture
def open_days(make: Make) -> Callable[..., Event]:
    """A visit of three days with two slots each."""
    first = (SystemClock().now() + timedelta(days=30)).replace(hour=10, minute=0, second=0, microsecond=0)
    slots = [first + timedelta(days=day, hours=hour) for day in range(3) for hour in (0, 2)]
    return partial(make.visit, slots=slots, party_max=4)


@pytest.mark.parametrize("limits", LIMITS.values(), ids=LIMITS.keys())
def test_counters_equal_claims_after_all_kinds_of_commands(
    app: Flask,
    people: Callable[[int], list[int]],
    open_days: Callable[..., Event],
    wrong_numbers: Callable[[], list[str]],
    limits: dict[str, int | None],
) -> None:
    event = open_days(**limits)
    ids = people(BOOKERS * 4)
    bookers = [partial(_booker, app, event, ids[number::BOOKERS], number) for number in range(BOOKERS)]
    outcomes = sum(at_once(bookers), Outcomes())
    assert set(outcomes) <= {"book", "change", "cancel", "refused"}, outcomes
    assert min(outcomes["book"], outcomes["change"], outcomes["cancel"]) > 0, outcomes
    assert wrong_numbers() == []


def test_counters_equal_claims_though_staff_alter_the_visit_meanwhile(
    app: Flask,
    people: Callable[[int], list[int]],
    open_days: Callable[..., Event],
    wrong_numbers: Callable[[], list[str]],
) -> None:
    event = open_days(capacity=6, day_capacity=9, event_capacity=14)
    ids = people(BOOKERS * 4)
    bookers = [partial(_booker, app, event, ids[number::BOOKERS], number) for number in range(BOOKERS)]
    outcomes = sum(at_once([*bookers, partial(_staff, app, event)]), Outcomes())
    assert set(outcomes) <= {"book", "change", "cancel", "refused", "altered"}, outcomes
    assert min(outcomes["book"], outcomes["change"], outcomes["cancel"], outcomes["altered"]) > 0, outcomes
    assert wrong_numbers() == []


def test_bookings_that_wait_while_the_visit_gets_its_first_limit_do_not_block_one_another(
    app: Flask, people: Callable[[int], list[int]], open_days: Callable[..., Event]
) -> None:
    event = open_days(capacity=None)
    is_limited = Moment()

    def limit(work: Work) -> None:
        _limit_event(random.Random(1), event)(work)  # noqa: S311  any limit
        is_limited.set()
        until(lambda: _waiting(app) == len(event.parts), "everybody waiting for the lock")

    def book(person_id: int, part_id: int) -> str:
        is_limited.wait(PATIENCE)
        one = booking.Party(1)
        act = partial(booking.book, event_id=event.id, part_ids=[part_id], party=one)
        return _outcome(app, act, Actor(person_id), "book")

    people_and_parts = zip(people(len(event.parts)), event.parts, strict=True)
    bookers = [partial(book, person_id, part.id) for person_id, part in people_and_parts]
    assert set(at_once([partial(_outcome, app, limit, SYSTEM, "altered"), *bookers])) == {"altered", "book"}


def _waiting(app: Flask) -> int:
    """How many connections to this test's database wait for a lock."""
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    with app.app_context():
        return int(read(SYSTEM).session.scalar(waiting) or 0)


def _booker(app: Flask, event: Event, person_ids: Sequence[int], seed: int) -> Outcomes:
    """Does, for one of these people after the other, whatever comes to mind."""
    chance, outcomes = random.Random(seed), Outcomes()  # noqa: S311  the same crowd each time
    for _ in range(ACTS):
        actor = Actor(chance.choice(person_ids))
        kind, act = _idea(chance, event, _held(app, actor))
        outcomes[_outcome(app, act, actor, kind)] += 1
    return outcomes


def _idea(chance: random.Random, event: Event, held: str | None) -> tuple[str, Act]:
    part_ids, party = [chance.choice(event.parts).id], booking.Party(chance.randint(1, 4))
    if held is None:
        return "book", partial(booking.book, event_id=event.id, part_ids=part_ids, party=party)
    if chance.random() < CHANGES:
        return "change", partial(booking.change, public_id=held, part_ids=part_ids, party=party)
    return "cancel", partial(booking.cancel, public_id=held)


def _staff(app: Flask, event: Event) -> Outcomes:
    """Alters limits, times and rooms of the visit; never so few places that nobody could book."""
    chance, outcomes = random.Random(15), Outcomes()  # noqa: S311  the same staff each time
    alterations = [_limit_day, _move_slot, _limit_event]
    for number in range(ACTS // 2):
        act = alterations[number % len(alterations)](chance, event)
        outcomes[_outcome(app, act, SYSTEM, "altered")] += 1
    return outcomes


def _limit_day(chance: random.Random, event: Event) -> Act:
    on_date = chance.choice(event.parts).starts_at.date()
    capacity = chance.choice([8, 9, None])
    return partial(editing.limit_day, event_id=event.id, on_date=on_date, capacity=capacity, zone=LONDON)


def _move_slot(chance: random.Random, event: Event) -> Act:
    part = chance.choice(event.parts)
    start = part.starts_at.astimezone(LONDON)
    return partial(
        editing.edit_slot,
        part_id=part.id,
        on_date=chance.choice(event.parts).starts_at.date(),
        start=start.time(),
        end=(start + timedelta(hours=1)).time(),
        title="",
        place=chance.choice(["", "Room 1"]),
        capacity=chance.choice([6, 7, 8, None]),
        zone=LONDON,
    )


def _limit_event(chance: random.Random, event: Event) -> Act:
    return partial(
        editing.edit_booking_rules,
        event_id=event.id,
        party_max=4,
        capacity=chance.choice([14, 16]),
        opens_at=None,
        closes_at=None,
        change_until=None,
    )


def _outcome(app: Flask, act: Act, actor: Actor, kind: str) -> str:
    """The kind of what was done, or that a rule stood against it; anything else by the name of its error."""
    try:
        with app.app_context():
            run(act, actor)
    except Refusal:
        return "refused"
    except Exception as error:  # noqa: BLE001  whatever it is, the test shows it
        return f"{kind}: {type(error).__name__}: {str(error).splitlines()[0]}"
    return kind


def _held(app: Flask, actor: Actor) -> str | None:
    live = select(Booking.public_id).where(Booking.person_id == actor.person_id, Booking.state == BookingState.LIVE)
    with app.app_context():
        return read(actor).session.scalar(live)
