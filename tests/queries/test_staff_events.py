from collections.abc import Sequence
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from cop.core.access import Actor, Role
from cop.core.errors import NotFound
from cop.models.events import Attendance, Event, EventState, Seat
from cop.queries import staff_events as queries
from cop.queries.staff_events import Places, When
from cop.services.events import attendance, editing
from tests.support.clock import FixedClock
from tests.support.make import Make, Reads, Working

LONDON = ZoneInfo("Europe/London")


def titles(rows: Sequence[queries.EventRow]) -> list[str]:
    return [row.title for row in rows]


def places_of(reading: Reads, event: Event) -> Places:
    with reading() as read:
        return queries.staff_event(read, slug=event.slug).places


class TestPlaces:
    @pytest.mark.parametrize(
        ("limits", "capacity"),
        [
            ({"capacity": 10}, 20),
            ({"capacity": None}, None),
            ({"capacity": 10, "day_capacity": 12}, 12),
            ({"capacity": None, "day_capacity": 12}, 12),
            ({"capacity": 10, "event_capacity": 8}, 8),
            ({"capacity": None, "event_capacity": 8}, 8),
            ({"capacity": 2, "day_capacity": 12, "event_capacity": 8}, 4),
        ],
    )
    def test_the_tightest_of_slots_days_and_event(
        self, reading: Reads, make: Make, limits: dict[str, int | None], capacity: int | None
    ) -> None:
        visit = make.visit(**limits)  # type: ignore[arg-type]  # a table of keyword arguments
        make.booking(make.person(), visit, 0, 2)
        make.booking(make.person(), visit, 1, 1)
        assert places_of(reading, visit) == Places(3, capacity)

    def test_days_with_and_without_a_limit_add_up(self, work: Working, reading: Reads, make: Make) -> None:
        visit = make.visit(slots=1)
        on = visit.parts[0].starts_at
        two_days = make.visit(slots=[on, on + timedelta(days=1)], capacity=10)
        with work() as unit:
            editing.limit_day(unit, event_id=two_days.id, on_date=on.date(), capacity=4, zone=LONDON)
        assert places_of(reading, two_days) == Places(0, 14)

    def test_cancelled_slots_offer_none(self, work: Working, reading: Reads, make: Make) -> None:
        visit = make.visit()
        with work() as unit:
            editing.cancel_slot(unit, part_id=visit.parts[0].id, reason="Rain")
        assert places_of(reading, visit) == Places(0, 10)


class TestTheList:
    def test_by_time_and_state(self, reading: Reads, make: Make, clock: FixedClock) -> None:
        make.visit("Later", slots=[clock.now() + timedelta(days=9)])
        make.visit("Soon", slots=[clock.now() + timedelta(days=2)], published=False)
        make.visit("Empty", slots=0, published=False)
        make.visit("Long ago", slots=[clock.now() - timedelta(days=9)])
        make.visit("Yesterday", slots=[clock.now() - timedelta(days=1)])
        with reading() as read:
            assert titles(queries.listed(read)) == ["Soon", "Later", "Empty"]
            assert titles(queries.listed(read, state=EventState.PUBLISHED)) == ["Later"]
            assert titles(queries.listed(read, when=When.PAST)) == ["Yesterday", "Long ago"]
            assert titles(queries.listed(read, offset=1, limit=1)) == ["Later", "Empty"]

    def test_the_next_date_is_that_of_a_slot_that_takes_place(
        self, work: Working, reading: Reads, make: Make, clock: FixedClock
    ) -> None:
        visit = make.visit(slots=[clock.now() + timedelta(days=days) for days in (-1, 1, 2)])
        with work() as unit:
            editing.cancel_slot(unit, part_id=visit.parts[1].id, reason="Rain")
        with reading() as read:
            (row,) = queries.listed(read)
        assert (row.next_at, row.slots) == (visit.parts[2].starts_at, 2)


class TestScope:
    @pytest.fixture
    def visits(self, make: Make) -> list[Event]:
        return [make.visit("Own"), make.visit("Other", programme=make.programme("other"))]

    def seen(self, reading: Reads, actor: Actor) -> tuple[list[str], list[str]]:
        """What is in the list, and what may be altered of it."""
        with reading(actor) as read:
            rows = queries.listed(read)
            editable = []
            for row in rows:
                try:
                    editable.append(queries.staff_event(read, slug=row.slug, to_edit=True).event.title)
                except NotFound:
                    assert queries.staff_event(read, slug=row.slug).event.title == row.title
        return titles(rows), editable

    def test_each_sees_what_was_granted(self, reading: Reads, make: Make, visits: list[Event]) -> None:
        cases = [
            (Role.ADMIN, {}, ["Other", "Own"], ["Other", "Own"]),
            (Role.ADMIN, {"programme": make.programme()}, ["Own"], ["Own"]),
            (Role.FACILITATOR, {"programme": make.programme()}, ["Own"], ["Own"]),
            (Role.FACILITATOR, {"event": visits[1]}, ["Other"], ["Other"]),
            (Role.HOST, {"event": visits[0]}, ["Own"], []),
            (Role.HOST, {"programme": make.programme()}, ["Own"], []),
            (Role.EVALUATOR, {"programme": make.programme()}, [], []),
            (Role.REVIEWER, {"programme": make.programme()}, [], []),
            (Role.LEAD, {"organisation": make.organisation()}, [], []),
        ]
        for role, scope, listed, editable in cases:
            person = make.account()
            make.grant(person, role, **scope)  # type: ignore[arg-type]  # a table of keyword arguments
            seen = self.seen(reading, make.actor(person))
            assert tuple(map(sorted, seen)) == (listed, editable), role

    def test_a_stranger_sees_nothing(self, reading: Reads, make: Make, visits: list[Event]) -> None:
        with reading(make.actor(make.account())) as read:
            assert queries.listed(read) == []
            assert queries.unmarked(read) == []
            with pytest.raises(NotFound):
                queries.staff_event(read, slug=visits[0].slug)


class TestDays:
    def test_slots_by_local_day_with_its_limit(self, work: Working, reading: Reads, make: Make) -> None:
        visit = make.visit()
        with work() as unit:
            editing.limit_day(unit, event_id=visit.id, on_date=date(2026, 3, 9), capacity=12, zone=LONDON)
            for part in visit.parts:
                editing.remove_slot(unit, part_id=part.id)
        with reading() as read:
            (day,) = queries.staff_event(read, slug=visit.slug).days(LONDON)
        assert (day.on, day.slots) == (date(2026, 3, 9), [])
        assert day.limit is not None

    def test_a_slot_of_another_event_is_none_of_this(self, reading: Reads, make: Make) -> None:
        visit, other = make.visit(), make.visit()
        with reading() as read, pytest.raises(NotFound):
            queries.staff_event(read, slug=visit.slug).slot(other.parts[0].id)


class TestUnmarked:
    def test_slots_that_are_over_until_every_seat_is_marked(
        self, work: Working, reading: Reads, make: Make, clock: FixedClock
    ) -> None:
        visit = make.visit()
        booking = make.booking(make.person(), visit, 0, 2)
        with reading() as read:
            assert queries.unmarked(read) == []
        clock.set(visit.parts[1].ends_at)
        for expected in (0, 1):
            with reading() as read:
                (slot,) = queries.unmarked(read)
                assert (slot.slug, slot.seats, slot.marked) == (visit.slug, 2, expected)
                seats = read.session.query(Seat).filter_by(booking_id=booking.id).order_by(Seat.position).all()
            with work() as unit:
                attendance.mark(unit, part_id=visit.parts[0].id, seat_id=seats[expected].id, status=Attendance.ATTENDED)
        with reading() as read:
            assert queries.unmarked(read) == []

    def test_after_three_months_nobody_is_asked_any_more(self, reading: Reads, make: Make, clock: FixedClock) -> None:
        visit = make.visit()
        make.booking(make.person(), visit)
        clock.set(visit.parts[0].ends_at + queries.STILL_WORTH_MARKING)
        with reading() as read:
            assert queries.unmarked(read) == []
