"""Who receives which slot: asked in one message, answered by themselves, asked again when a slot moves."""

from collections.abc import Callable, Sequence
from datetime import time, timedelta
from typing import Any

import pytest

from cop.core.access import VISITOR, Role
from cop.core.errors import NotFound, Refusal
from cop.models.events import Event
from cop.models.outbox import Outbox
from cop.models.visits import SlotHost
from cop.queries import rota as queries
from cop.services.events import editing, rota
from tests.services.events.test_editing import TEXTS, as_it_is
from tests.support.clock import FixedClock
from tests.support.make import Make, Reads, Working
from tests.support.visiting import answer, ask, asked_of, host_of

Posted = Callable[..., Sequence[Outbox]]


@pytest.fixture
def visit(make: Make) -> Event:
    """Two slots on 9 March, at 10:00 and 11:30."""
    return make.visit()


def stand_down(work: Working, visit: Event, asked: SlotHost, seen: str = "") -> None:
    with work() as unit:
        rota.stand_down(unit, event_id=visit.id, slot_host_id=asked.id, seen=seen)


class TestAsking:
    def test_is_one_message_for_all_slots(
        self, make: Make, work: Working, reading: Reads, visit: Event, outbox: Posted, clock: FixedClock
    ) -> None:
        host, facilitator = host_of(make, visit), make.account("Femi")
        make.grant(facilitator, Role.FACILITATOR, programme=make.programme())
        with work(make.actor(facilitator)) as unit:
            part_ids = [part.id for part in visit.parts]
            assert rota.ask_host(unit, event_id=visit.id, person_id=host.id, part_ids=part_ids) == 2
        asked = asked_of(reading, host)
        assert [one.part_id for one in asked] == part_ids
        assert {(one.accepted, one.asked_at, one.asked_by) for one in asked} == {(None, clock.now(), facilitator.id)}
        [message] = outbox("host_asked")
        assert (message.person_id, message.params) == (host.id, {"event_id": visit.id})

    def test_again_asks_only_for_what_is_new(
        self, make: Make, work: Working, reading: Reads, visit: Event, outbox: Posted
    ) -> None:
        host = host_of(make, visit)
        ask(work, visit, host, visit.parts[0])
        ask(work, visit, host)
        assert len(asked_of(reading, host)) == 2
        with pytest.raises(Refusal, match="Hana Host has been asked") as refused:
            ask(work, visit, host)
        assert refused.value.field == "part_ids"
        assert len(outbox("host_asked")) == 2

    def test_is_for_those_who_hold_the_role_here(self, make: Make, work: Working, reading: Reads, visit: Event) -> None:
        other = make.visit()
        ann, stranger = make.account("Ann"), host_of(make, other, "Olu")
        host_of(make, visit, "Zoe")
        make.grant(ann, Role.HOST, programme=make.programme())
        make.grant(make.account("Rae"), Role.REVIEWER, programme=make.programme())
        with reading() as read:
            assert [one.name for one in queries.candidates(read, visit)] == ["Ann", "Zoe"]
        for person in (stranger, make.person()):
            with pytest.raises(Refusal, match="Choose somebody from the list") as refused:
                ask(work, visit, person)
            assert refused.value.field == "person_id"

    def test_is_for_slots_to_come_of_this_visit(
        self, make: Make, work: Working, visit: Event, clock: FixedClock
    ) -> None:
        host = host_of(make, visit)
        with pytest.raises(Refusal, match="still to come"):
            ask(work, visit, host, make.visit().parts[0])
        clock.set(visit.parts[0].starts_at)
        with pytest.raises(Refusal, match="still to come") as refused:
            ask(work, visit, host)
        assert refused.value.field == "part_ids"

    @pytest.mark.parametrize("role", [None, Role.HOST, Role.REVIEWER])
    def test_is_for_editors(self, make: Make, work: Working, visit: Event, role: Role | None) -> None:
        host, person = host_of(make, visit), make.account()
        if role:
            make.grant(person, role, event=visit)
        for actor in (VISITOR, make.actor(person)):
            with work(actor) as unit, pytest.raises(NotFound):
                rota.ask_host(unit, event_id=visit.id, person_id=host.id, part_ids=[visit.parts[0].id])

    def test_warns_of_two_slots_at_once(self, make: Make, work: Working, reading: Reads, visit: Event) -> None:
        host = host_of(make, visit)
        same = make.visit(slots=[visit.parts[0].starts_at + timedelta(minutes=30)])
        make.grant(host, Role.HOST, event=same)
        ask(work, visit, host)
        ask(work, same, host)
        with reading() as read:
            found = queries.rota(read, visit)
        assert [found[part.id][0].clashes for part in visit.parts] == [True, False]
        answer(work, same, next(one for one in asked_of(reading, host) if one.part_id == same.parts[0].id), yes=False)
        with reading() as read:
            assert not queries.rota(read, visit)[visit.parts[0].id][0].clashes


class TestAnswering:
    def test_can_be_thought_over_until_the_slot_begins(
        self, make: Make, work: Working, reading: Reads, visit: Event, clock: FixedClock
    ) -> None:
        host = host_of(make, visit)
        ask(work, visit, host)
        first, _second = asked_of(reading, host)
        said = answer(work, visit, first)
        assert (said.accepted, said.answered_at) == (True, clock.now())
        assert answer(work, visit, first, yes=False).accepted is False
        clock.set(visit.parts[0].starts_at)
        with pytest.raises(Refusal, match="begun"):
            answer(work, visit, first)

    def test_is_for_the_one_who_was_asked(self, make: Make, work: Working, reading: Reads, visit: Event) -> None:
        host, other = host_of(make, visit), host_of(make, visit, "Olu")
        ask(work, visit, host)
        [first, _second] = asked_of(reading, host)
        for actor in (VISITOR, make.actor(other), make.actor(make.admin())):
            with work(actor) as unit, pytest.raises(NotFound):
                rota.answer_rota(unit, event_id=visit.id, slot_host_id=first.id, accepted=True, seen=0)
        with pytest.raises(NotFound):
            answer(work, make.visit(), first)

    def test_to_another_time_than_was_shown_is_none(
        self, make: Make, work: Working, reading: Reads, visit: Event
    ) -> None:
        host = host_of(make, visit)
        ask(work, visit, host)
        first, _second = asked_of(reading, host)
        move(work, make, visit)
        with pytest.raises(Refusal, match="moved meanwhile"):
            answer(work, visit, first, seen=0)
        assert answer(work, visit, first, seen=1).accepted

    def test_to_what_is_cancelled_is_refused(self, make: Make, work: Working, reading: Reads, visit: Event) -> None:
        host = host_of(make, visit)
        ask(work, visit, host)
        first, second = asked_of(reading, host)
        with work() as unit:
            editing.cancel_slot(unit, part_id=visit.parts[0].id, reason="Flood")
        with pytest.raises(Refusal, match="cancelled"):
            answer(work, visit, first, seen=1)
        with work() as unit:
            editing.cancel_event(unit, event_id=visit.id, reason="Flood")
        with pytest.raises(Refusal, match="cancelled"):
            answer(work, visit, second, seen=1)


def move(work: Working, make: Make, visit: Event, **values: Any) -> None:
    part = make.event(visit.id).parts[0]
    with work() as unit:
        editing.edit_slot(unit, **{**as_it_is(part), "start": time(14), "end": time(15), **values})


class TestWhenASlotChanges:
    def test_hosts_of_a_slot_that_moves_are_asked_again(
        self, make: Make, work: Working, reading: Reads, visit: Event, outbox: Posted, clock: FixedClock
    ) -> None:
        said_yes, said_no = host_of(make, visit), host_of(make, visit, "Olu")
        for host in (said_yes, said_no):
            ask(work, visit, host, visit.parts[0])
            answer(work, visit, asked_of(reading, host)[0], yes=host is said_yes)
        clock.move(timedelta(hours=1))
        move(work, make, visit)
        assert [one.accepted for host in (said_yes, said_no) for one in asked_of(reading, host)] == [None, False]
        assert [message.person_id for message in outbox("host_asked")] == [said_yes.id, said_no.id, said_yes.id]

    def test_another_place_asks_again_too(
        self, make: Make, work: Working, reading: Reads, visit: Event, outbox: Posted, clock: FixedClock
    ) -> None:
        host = host_of(make, visit)
        ask(work, visit, host)
        answer(work, visit, asked_of(reading, host)[0])
        clock.move(timedelta(minutes=1))
        with work() as unit:
            editing.edit_practicalities(unit, event_id=visit.id, **TEXTS | {"place": "The annexe"})
        assert [one.accepted for one in asked_of(reading, host)] == [None, None]
        assert len(outbox("host_asked")) == 2

    @pytest.mark.parametrize("cancelled", ["visit", "slot"])
    def test_hosts_are_told_when_it_does_not_take_place(
        self, make: Make, work: Working, reading: Reads, visit: Event, outbox: Posted, cancelled: str
    ) -> None:
        host, refused = host_of(make, visit), host_of(make, visit, "Olu")
        for person in (host, refused):
            ask(work, visit, person, visit.parts[0])
        answer(work, visit, asked_of(reading, refused)[0], yes=False)
        with work() as unit:
            if cancelled == "visit":
                editing.cancel_event(unit, event_id=visit.id, reason="Flood")
            else:
                editing.cancel_slot(unit, part_id=visit.parts[0].id, reason="Flood")
        [message] = outbox("host_not_needed")
        assert (message.person_id, message.useless_after) == (host.id, visit.parts[0].starts_at)
        assert message.params["starts_at"] == visit.parts[0].starts_at.isoformat()

    def test_a_slot_that_is_removed_takes_its_rota_along(
        self, make: Make, work: Working, reading: Reads, visit: Event, outbox: Posted
    ) -> None:
        host = host_of(make, visit)
        ask(work, visit, host)
        with work() as unit:
            editing.remove_slot(unit, part_id=visit.parts[0].id)
        assert [one.part_id for one in asked_of(reading, host)] == [visit.parts[1].id]
        assert [message.person_id for message in outbox("host_not_needed")] == [host.id]


class TestStandingDown:
    def test_tells_those_who_might_have_come(
        self, make: Make, work: Working, reading: Reads, visit: Event, outbox: Posted
    ) -> None:
        host, refused = host_of(make, visit), host_of(make, visit, "Olu")
        for person in (host, refused):
            ask(work, visit, person, visit.parts[0])
        answer(work, visit, asked_of(reading, refused)[0], yes=False)
        stand_down(work, visit, asked_of(reading, host)[0])
        stand_down(work, visit, asked_of(reading, refused)[0], seen="no")
        assert not asked_of(reading, host)
        assert [message.person_id for message in outbox("host_not_needed")] == [host.id]

    def test_does_not_pass_over_an_answer_that_the_page_did_not_show(
        self, make: Make, work: Working, reading: Reads, visit: Event
    ) -> None:
        host = host_of(make, visit)
        ask(work, visit, host, visit.parts[0])
        [asked] = asked_of(reading, host)
        answer(work, visit, asked)
        with pytest.raises(Refusal, match="answered meanwhile"):
            stand_down(work, visit, asked)
        stand_down(work, visit, asked, seen="yes")

    def test_is_for_editors_and_this_visit(self, make: Make, work: Working, reading: Reads, visit: Event) -> None:
        host = host_of(make, visit)
        ask(work, visit, host, visit.parts[0])
        [asked] = asked_of(reading, host)
        with work(make.actor(host)) as unit, pytest.raises(NotFound):
            rota.stand_down(unit, event_id=visit.id, slot_host_id=asked.id, seen="")
        with pytest.raises(NotFound):
            stand_down(work, make.visit(), asked)


class TestWhatWaits:
    def test_slots_without_a_host_wait_for_editors_and_questions_for_those_asked(
        self, make: Make, work: Working, reading: Reads, visit: Event
    ) -> None:
        make.visit(slots=[visit.parts[0].starts_at + timedelta(days=60)])
        host, admin = host_of(make, visit), make.admin()
        ask(work, visit, host)
        with reading(make.actor(admin)) as read:
            waiting = queries.waiting(read)
        assert [(one.slug, one.slots, one.next_at) for one in waiting.without_host] == [
            (visit.slug, 2, visit.parts[0].starts_at)
        ]
        assert waiting.asked == []
        answer(work, visit, asked_of(reading, host)[0])
        with reading(make.actor(host)) as read:
            waiting = queries.waiting(read)
        assert waiting.without_host == []
        assert [(one.slug, one.slots, one.next_at) for one in waiting.asked] == [
            (visit.slug, 1, visit.parts[1].starts_at)
        ]
        with reading(make.actor(admin)) as read:
            assert [one.slots for one in queries.waiting(read).without_host] == [1]
