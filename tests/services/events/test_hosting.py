"""The notes of those who run an event, and the roll of everybody in the building."""

from datetime import UTC, datetime, timedelta

import pytest

from cop.core.access import VISITOR, Role
from cop.core.errors import NotFound, Refusal
from cop.models.events import Attendance, Event
from cop.models.summits import Answer
from cop.queries import hosting as queries
from cop.services.events import hosting
from cop.services.events.arrangements import save_arrangements
from tests.support.clock import FixedClock
from tests.support.make import Make, Reads, Working
from tests.support.summits import answer, breakouts_of, invitation_of, invite, make_summit
from tests.support.visiting import host_of, mark_party, walk_in


class TestNotes:
    def test_are_kept_by_hosts(self, make: Make, work: Working) -> None:
        visit = make.visit()
        host = host_of(make, visit)
        with work(make.actor(host)) as unit:
            seen = queries.notes_revision(visit)
            hosting.write_host_notes(unit, event_id=visit.id, notes="The key is at the desk.", seen=seen)
        assert make.event(visit.id).host_notes == "The key is at the desk."

    def test_of_two_hosts_the_second_is_told_and_nothing_is_lost(self, make: Make, work: Working) -> None:
        visit = make.visit()
        seen = queries.notes_revision(visit)
        with work() as unit:
            hosting.write_host_notes(unit, event_id=visit.id, notes="First", seen=seen)
        with work() as unit, pytest.raises(Refusal, match="Somebody else") as refused:
            hosting.write_host_notes(unit, event_id=visit.id, notes="Second", seen=seen)
        assert refused.value.field == "notes"
        event = make.event(visit.id)
        assert event.host_notes == "First"
        with work() as unit:
            hosting.write_host_notes(unit, event_id=visit.id, notes="Both", seen=queries.notes_revision(event))
        assert make.event(visit.id).host_notes == "Both"

    def test_are_for_staff_of_the_event(self, make: Make, work: Working) -> None:
        visit, stranger = make.visit(), make.account()
        make.grant(stranger, Role.HOST, event=make.visit())
        for actor in (VISITOR, make.actor(stranger)):
            with work(actor) as unit, pytest.raises(NotFound):
                hosting.write_host_notes(unit, event_id=visit.id, notes="x", seen=queries.notes_revision(visit))


FIRST = datetime(2026, 3, 9, 10, tzinfo=UTC)


class TestTheRoll:
    @pytest.fixture
    def visit(self, make: Make) -> Event:
        """Two slots on a Monday, one on the Tuesday."""
        return make.visit(slots=[FIRST, FIRST + timedelta(hours=2), FIRST + timedelta(days=1)])

    def test_names_everybody_by_slot_with_what_a_warden_needs(
        self, make: Make, work: Working, reading: Reads, visit: Event, clock: FixedClock
    ) -> None:
        brent = make.organisation("Brent Council")
        amina = make.person("Amina", organisation=brent, needs="A ramp, please", phone="01632 960 001")
        held = make.booking(amina, visit, 0, party_size=3, names=["Ben"])
        make.booking(make.person("Zoe"), visit, 1)
        make.booking(make.person("Tuesday"), visit, 2)
        with work() as unit:
            save_arrangements(unit, booking_id=held.id, access="A ramp", emergency_contact="Omar, 01632 960 002")
        clock.set(FIRST)
        mark_party(work, reading, held, visit.parts[0], Attendance.ATTENDED, Attendance.ABSENT, None)
        walk_in(work, visit, party_size=2)
        with reading() as read:
            first, second = queries.rolls(read, make.event(visit.id), FIRST.date())
        assert [(line.guest.name, line.is_here) for line in first.lines] == [
            ("Amina", True),
            ("Ben", False),
            (None, False),
        ]
        guest = first.lines[0].guest
        assert (guest.organisation, guest.needs, guest.emergency_contact, guest.phone, guest.party_size) == (
            "Brent Council",
            "A ramp",
            "Omar, 01632 960 002",
            "01632 960 001",
            3,
        )
        assert [(party.name, party.people) for party in first.walk_ins] == [("Nell Neighbour", 2)]
        assert [line.guest.name for line in second.lines] == ["Zoe"]
        assert not second.walk_ins

    def test_is_of_today_or_of_the_next_day_or_the_last(self, visit: Event) -> None:
        days = queries.days_of_roll(visit)
        assert days == [FIRST.date(), FIRST.date() + timedelta(days=1)]
        assert queries.day_to_call(days, FIRST - timedelta(days=3)) == days[0]
        assert queries.day_to_call(days, FIRST + timedelta(hours=9)) == days[0]
        assert queries.day_to_call(days, FIRST + timedelta(days=1)) == days[1]
        assert queries.day_to_call(days, FIRST + timedelta(days=9)) == days[1]
        assert queries.day_to_call([], FIRST) is None

    def test_of_a_summit_is_one_for_the_day_with_everybody_once(
        self, make: Make, work: Working, reading: Reads, clock: FixedClock
    ) -> None:
        summit = make_summit(make, work)
        people = [make.person("Amina"), make.person("Ben")]
        invite(work, summit, *people)
        for person in people:
            answer(work, invitation_of(reading, summit, person), Answer.YES, breakouts_of(summit)[0])
        clock.set(summit.parts[0].starts_at)
        walk_in(work, summit, email="nell@council.example")
        walk_in(work, summit, email="nell@council.example", part_id=summit.parts[1].id, party_size=2)
        with reading() as read:
            [roll] = queries.rolls(read, make.event(summit.id), clock.now().date())
        assert [line.guest.name for line in roll.lines] == ["Amina", "Ben"]
        assert len(roll.parts) == 4
        assert [(party.name, party.people) for party in roll.walk_ins] == [("Nell Neighbour", 2)]
