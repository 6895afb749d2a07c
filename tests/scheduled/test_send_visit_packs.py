"""The pack comes three days before, to whoever holds a place, and once for each slot."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from cop.models.events import Event, EventKind
from cop.models.outbox import Outbox, OutboxChannel, OutboxClass
from cop.services.events import booking as bookings
from cop.services.events import editing
from scheduled import send_visit_packs
from tests.support.clock import FixedClock
from tests.support.make import Make, Working
from tests.support.visiting import walk_in

THREE_DAYS, SECOND = timedelta(days=3), timedelta(seconds=1)
FIRST = datetime(2026, 3, 20, 10, tzinfo=UTC)

Posted = Callable[..., Sequence[Outbox]]


@pytest.fixture
def visit(make: Make) -> Event:
    return make.visit(slots=[FIRST, FIRST + timedelta(hours=2)])


@pytest.fixture
def run(app: Flask) -> Callable[[], str]:
    def carry_out() -> str:
        with app.app_context():
            return send_visit_packs.run()

    return carry_out


def test_it_comes_at_its_time_and_once(
    make: Make, visit: Event, run: Callable[[], str], clock: FixedClock, outbox: Posted
) -> None:
    held = make.booking(make.person(), visit, party_size=4)
    clock.set(FIRST - THREE_DAYS - SECOND)
    assert run() == "0 visit packs posted"
    clock.set(FIRST - THREE_DAYS)
    assert run() == "1 visit packs posted"
    assert run() == "0 visit packs posted"
    [pack] = outbox("visit_pack")
    assert pack.key == f"visit-pack:{held.id}:{visit.parts[0].id}"
    assert (pack.person_id, pack.urgency, pack.useless_after) == (held.person_id, OutboxClass.TIMELY, FIRST)
    assert pack.params == {"booking_id": held.id, "part_id": visit.parts[0].id}


def test_whoever_books_later_gets_it_right_away(
    make: Make, visit: Event, run: Callable[[], str], clock: FixedClock, outbox: Posted
) -> None:
    clock.set(FIRST - timedelta(hours=5))
    make.booking(make.person(), visit)
    run()
    assert len(outbox("visit_pack")) == 1
    clock.set(FIRST)
    make.booking(make.person(), visit, slot=1)
    assert run() == "1 visit packs posted"
    clock.set(FIRST + timedelta(hours=2))
    assert run() == "0 visit packs posted"


def test_a_booking_that_moves_gets_the_pack_of_its_new_time(
    make: Make, work: Working, visit: Event, run: Callable[[], str], clock: FixedClock, outbox: Posted
) -> None:
    amina = make.person()
    held = make.booking(amina, visit)
    clock.set(FIRST - timedelta(days=2))
    run()
    with work(make.actor(amina)) as unit:
        bookings.change(unit, public_id=held.public_id, part_ids=[visit.parts[1].id], party=bookings.Party(1))
    run()
    assert [pack.params["part_id"] for pack in outbox("visit_pack")] == [part.id for part in visit.parts]


def test_nobody_gets_it_for_what_they_do_not_come_to(
    make: Make, work: Working, visit: Event, run: Callable[[], str], clock: FixedClock
) -> None:
    amina, webinar, gone = make.person(), make.visit(slots=[FIRST], kind=EventKind.WEBINAR), make.visit(slots=[FIRST])
    held = make.booking(amina, visit)
    make.booking(amina, webinar)
    make.booking(amina, gone)
    with work(make.actor(amina)) as unit:
        bookings.cancel(unit, public_id=held.public_id)
    with work() as unit:
        editing.cancel_event(unit, event_id=gone.id, reason="Flood")
    clock.set(FIRST - timedelta(minutes=1))
    walk_in(work, visit, email="nell@council.example")
    assert run() == "0 visit packs posted"


def test_somebody_without_mail_is_told(
    make: Make, visit: Event, run: Callable[[], str], clock: FixedClock, outbox: Posted
) -> None:
    make.booking(make.person(email=None), visit)
    clock.set(FIRST - THREE_DAYS)
    run()
    assert [pack.channel for pack in outbox("visit_pack")] == [OutboxChannel.TELL]
