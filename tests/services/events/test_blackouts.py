"""Days on which nobody can be received: nothing is planned or moved there, and what is there stays."""

from datetime import date, time, timedelta
from typing import Any

import pytest

from cop.core.access import VISITOR, Role
from cop.core.errors import NotFound, Refusal
from cop.models.events import Event, EventKind, Part
from cop.queries import blackouts as queries
from cop.services.events import blackouts, editing
from tests.services.events.test_editing import DAY, SLOTS, as_it_is
from tests.support.clock import FixedClock
from tests.support.make import Make, Reads, Working
from tests.support.visiting import day_off

TENTH = SLOTS["on_date"]


@pytest.fixture
def visit(make: Make) -> Event:
    """Two slots on 9 March, at 10:00 and 11:30."""
    return make.visit()


def plan(work: Working, visit: Event, **values: Any) -> Any:
    with work() as unit:
        return editing.add_slots(unit, event_id=visit.id, **SLOTS | values)


def edit(work: Working, part: Part, **values: Any) -> Part:
    with work() as unit:
        return editing.edit_slot(unit, **as_it_is(part) | values)


class TestADayOff:
    def test_refuses_slots_from_its_first_day_to_its_last_and_says_why(self, work: Working, visit: Event) -> None:
        day_off(work, visit, TENTH, TENTH + timedelta(days=2))
        for days in range(3):
            with pytest.raises(Refusal) as refused:
                plan(work, visit, on_date=TENTH + timedelta(days=days))
            assert refused.value.field == "on_date"
            assert str(refused.value) == "No visits from 10 March 2026 to 12 March 2026: The floor is renewed"
        assert len(plan(work, visit, on_date=TENTH + timedelta(days=3))) == 3
        assert len(plan(work, visit, on_date=TENTH - timedelta(days=1), first_start=time(15))) == 3

    def test_needs_no_reason_and_may_be_one_day(self, work: Working, visit: Event) -> None:
        found = day_off(work, visit, TENTH, reason="")
        assert found.last_on == TENTH
        with pytest.raises(Refusal, match=r"^No visits from 10 March 2026 to 10 March 2026$"):
            plan(work, visit)

    def test_refuses_a_slot_that_moves_there_and_leaves_one_that_is_there(self, work: Working, visit: Event) -> None:
        day_off(work, visit, DAY, TENTH)
        first = visit.parts[0]
        with pytest.raises(Refusal, match="floor") as refused:
            edit(work, first, on_date=TENTH)
        assert refused.value.field == "on_date"
        assert edit(work, first, start=time(9)).starts_at.hour == 9
        assert edit(work, first, title="Walk", start=time(9)).title == "Walk"
        away = edit(work, first, on_date=TENTH + timedelta(days=1))
        with pytest.raises(Refusal, match="floor"):
            edit(work, away, on_date=DAY)

    def test_is_for_one_visit_or_for_all_of_the_programme(self, make: Make, work: Working, visit: Event) -> None:
        other, stranger = make.visit(), make.visit(programme=make.programme("other"))
        day_off(work, visit, TENTH)
        assert plan(work, other)
        day_off(work, visit, TENTH + timedelta(days=1), for_all=True)
        for event in (visit, other):
            with pytest.raises(Refusal, match="floor"):
                plan(work, event, on_date=TENTH + timedelta(days=1))
        assert plan(work, stranger, on_date=TENTH + timedelta(days=1))

    def test_that_is_removed_refuses_nothing(self, work: Working, visit: Event) -> None:
        found = day_off(work, visit, TENTH)
        with work() as unit:
            blackouts.remove_blackout(unit, event_id=visit.id, blackout_id=found.id)
        assert plan(work, visit)

    @pytest.mark.parametrize(
        ("first", "last", "field", "message"),
        [
            (TENTH, DAY, "last_on", "must not come before"),
            (date(2026, 3, 1), None, "first_on", "over already"),
            (date(2026, 2, 1), date(2026, 3, 1), "first_on", "over already"),
        ],
    )
    def test_has_to_make_sense(
        self, work: Working, visit: Event, first: date, last: date | None, field: str, message: str
    ) -> None:
        with pytest.raises(Refusal, match=message) as refused:
            day_off(work, visit, first, last)
        assert refused.value.field == field

    def test_stands_in_the_list_once(self, work: Working, visit: Event) -> None:
        day_off(work, visit, TENTH)
        day_off(work, visit, TENTH, for_all=True)
        for for_all in (True, False):
            with pytest.raises(Refusal, match="in the list already"):
                day_off(work, visit, TENTH, for_all=for_all)


class TestTheList:
    def test_shows_what_is_not_over_and_the_slots_that_lie_there(
        self, work: Working, reading: Reads, visit: Event, clock: FixedClock
    ) -> None:
        day_off(work, visit, clock.now().date())
        day_off(work, visit, DAY, TENTH, for_all=True)
        clock.move(timedelta(days=1))
        with reading() as read:
            [row] = queries.blackouts(read, visit)
        assert (row.first_on, row.last_on, row.for_all, row.reason) == (DAY, TENTH, True, "The floor is renewed")
        assert [part.id for part in queries.slots_on(visit, [row])] == [part.id for part in visit.parts]


class TestWhoMay:
    def test_editors_of_a_visit_decide_for_it_and_those_of_the_programme_for_all(
        self, make: Make, work: Working, visit: Event
    ) -> None:
        person = make.account()
        make.grant(person, Role.FACILITATOR, event=visit)
        values = {"event_id": visit.id, "first_on": TENTH, "last_on": None, "reason": ""}
        with work(make.actor(person)) as unit:
            own = blackouts.add_blackout(unit, **values, for_all=False)
        with work(make.actor(person)) as unit, pytest.raises(Refusal, match="this visit only"):
            blackouts.add_blackout(unit, **values | {"first_on": TENTH + timedelta(days=1)}, for_all=True)
        for_all = day_off(work, visit, TENTH + timedelta(days=2), for_all=True)
        with work(make.actor(person)) as unit, pytest.raises(NotFound):
            blackouts.remove_blackout(unit, event_id=visit.id, blackout_id=for_all.id)
        with work(make.actor(person)) as unit:
            blackouts.remove_blackout(unit, event_id=visit.id, blackout_id=own.id)

    def test_nobody_else(self, make: Make, work: Working, visit: Event) -> None:
        host = make.account()
        make.grant(host, Role.HOST, event=visit)
        found = day_off(work, visit, TENTH)
        for actor in (VISITOR, make.actor(host)):
            with work(actor) as unit, pytest.raises(NotFound):
                blackouts.add_blackout(unit, event_id=visit.id, first_on=TENTH, last_on=None, reason="", for_all=False)
            with work(actor) as unit, pytest.raises(NotFound):
                blackouts.remove_blackout(unit, event_id=visit.id, blackout_id=found.id)
        with work() as unit, pytest.raises(NotFound):
            blackouts.remove_blackout(unit, event_id=make.visit().id, blackout_id=found.id)
        webinar = make.visit(kind=EventKind.WEBINAR)
        with pytest.raises(NotFound):
            day_off(work, webinar, TENTH)
