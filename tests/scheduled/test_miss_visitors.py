"""A kind word to those who did not come: once, a day later, and only where nobody of them was excused."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from cop.models.events import Attendance, Event, EventKind
from cop.models.outbox import Outbox, OutboxClass
from cop.queries.no_shows import is_missed, times_missed
from cop.queries.records import record
from scheduled import miss_visitors
from tests.support.clock import FixedClock
from tests.support.make import Make, Reads, Working
from tests.support.visiting import mark_party, walk_in

FIRST = datetime(2026, 3, 9, 10, tzinfo=UTC)
NEXT_DAY = datetime(2026, 3, 10, 9, tzinfo=UTC)
ABSENT, CAME, EXCUSED = Attendance.ABSENT, Attendance.ATTENDED, Attendance.EXCUSED

Posted = Callable[..., Sequence[Outbox]]


@pytest.fixture
def visit(make: Make) -> Event:
    return make.visit(slots=[FIRST])


@pytest.fixture
def run(app: Flask) -> Callable[[], str]:
    def carry_out() -> str:
        with app.app_context():
            return miss_visitors.run()

    return carry_out


def test_it_waits_for_the_next_day_and_comes_once(
    make: Make,
    work: Working,
    reading: Reads,
    visit: Event,
    run: Callable[[], str],
    clock: FixedClock,
    outbox: Posted,
) -> None:
    held = make.booking(make.person(), visit, party_size=2)
    clock.set(FIRST + timedelta(hours=2))
    mark_party(work, reading, held, visit.parts[0], ABSENT, ABSENT)
    assert run() == "0 people missed at a visit written to"
    clock.set(NEXT_DAY)
    assert run() == "1 people missed at a visit written to"
    assert run() == "0 people missed at a visit written to"
    [word] = outbox("visit_missed")
    assert (word.key, word.urgency) == (f"visit-missed:{held.id}", OutboxClass.ROUTINE)
    assert (word.person_id, word.params) == (held.person_id, {"booking_id": held.id})


@pytest.mark.parametrize("marks", [(ABSENT, EXCUSED), (ABSENT, CAME), (ABSENT, None), (EXCUSED, EXCUSED), (None, None)])
def test_it_is_for_parties_of_whom_nobody_came_or_was_excused(
    make: Make,
    work: Working,
    reading: Reads,
    visit: Event,
    run: Callable[[], str],
    clock: FixedClock,
    marks: tuple[Attendance | None, ...],
) -> None:
    held = make.booking(make.person(), visit, party_size=2)
    clock.set(FIRST)
    mark_party(work, reading, held, visit.parts[0], *marks)
    clock.set(NEXT_DAY)
    assert run().startswith("0 ")


def test_it_is_not_for_other_events_nor_long_after_nor_for_those_without_mail(
    make: Make, work: Working, reading: Reads, visit: Event, run: Callable[[], str], clock: FixedClock
) -> None:
    webinar = make.visit(slots=[FIRST], kind=EventKind.WEBINAR)
    held = [make.booking(make.person(), webinar), make.booking(make.person(email=None), visit)]
    late = make.booking(make.person(), visit)
    clock.set(FIRST)
    for booking, event in zip([*held, late], (webinar, visit, visit), strict=True):
        mark_party(work, reading, booking, event.parts[0], ABSENT)
    clock.set(FIRST + timedelta(days=15))
    assert run().startswith("0 ")
    clock.set(NEXT_DAY)
    assert run().startswith("1 ")


def test_a_mark_that_was_corrected_takes_it_back(
    make: Make, work: Working, reading: Reads, visit: Event, clock: FixedClock
) -> None:
    held = make.booking(make.person(), visit)
    clock.set(FIRST)
    mark_party(work, reading, held, visit.parts[0], ABSENT)
    with reading() as read:
        assert is_missed(read, booking_id=held.id)
    mark_party(work, reading, held, visit.parts[0], CAME)
    with reading() as read:
        assert not is_missed(read, booking_id=held.id)


def test_staff_see_on_a_record_how_often_somebody_did_not_come(
    make: Make, work: Working, reading: Reads, visit: Event, clock: FixedClock
) -> None:
    amina = make.person(email="amina@council.example")
    events = [visit, *(make.visit(slots=[FIRST], kind=kind) for kind in (EventKind.WEBINAR, EventKind.MEET_UP))]
    held = [make.booking(amina, event) for event in events]
    clock.set(FIRST)
    for booking, event, status in zip(held, events, (ABSENT, ABSENT, EXCUSED), strict=True):
        mark_party(work, reading, booking, event.parts[0], status)
    walk_in(work, make.visit(slots=[FIRST]), email="amina@council.example")
    with reading(make.actor(make.admin())) as read:
        assert times_missed(read, person_id=amina.id) == 2
        assert record(read, person_id=amina.id).missed == 2
