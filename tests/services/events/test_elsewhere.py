"""What there is for those who cannot come: another date, other times, or something online."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from cop.core.access import Role
from cop.core.errors import NotFound, Refusal
from cop.models.events import Event, EventKind, EventState, Visibility
from cop.models.outbox import Outbox
from cop.queries import alternatives
from cop.services.events import editing
from tests.services.events.test_editing import TEXTS, as_it_is
from tests.support.clock import START, FixedClock
from tests.support.make import Make, Reads, Working
from tests.support.visiting import PACK

Posted = Callable[..., Sequence[Outbox]]


@pytest.fixture
def visit(make: Make) -> Event:
    return make.visit()


def webinar(make: Make, title: str = "Online", **columns: Any) -> Event:
    return make.visit(title, kind=EventKind.WEBINAR, slots=[START + timedelta(days=20)], **columns)


def choose(work: Working, visit: Event, online: Event | None) -> Event:
    with work() as unit:
        chosen = online.id if online else None
        return editing.choose_online(unit, event_id=visit.id, online_event_id=chosen)


class TestOnline:
    def test_is_a_webinar_of_the_programme_that_anybody_can_still_book(
        self, make: Make, reading: Reads, visit: Event, clock: FixedClock
    ) -> None:
        good = webinar(make)
        webinar(make, published=False)
        webinar(make, visibility=Visibility.INVITED)
        webinar(make, closes_at=START)
        webinar(make, programme=make.programme("other"))
        make.visit("Over", kind=EventKind.WEBINAR, slots=[START - timedelta(days=1)])
        with reading() as read:
            assert [one.id for one in alternatives.online_choices(read, visit)] == [good.id]
            assert [one.starts_at for one in alternatives.online_choices(read, visit)] == [good.parts[0].starts_at]

    def test_is_shown_until_it_begins_or_is_cancelled(
        self, make: Make, work: Working, reading: Reads, visit: Event, clock: FixedClock
    ) -> None:
        online = webinar(make)
        assert choose(work, visit, online).online_event_id == online.id
        shown = make.event(visit.id)
        with reading() as read:
            found = alternatives.online_alternative(read, shown)
        assert found
        assert (found.slug, found.starts_at) == (online.slug, online.parts[0].starts_at)
        clock.set(online.parts[0].starts_at)
        with reading() as read:
            assert alternatives.online_alternative(read, shown) is None
        clock.reset()
        with work() as unit:
            unit.session.execute(update(Event).where(Event.id == online.id).values(state=EventState.CANCELLED))
        with reading() as read:
            assert alternatives.online_alternative(read, shown) is None
        assert choose(work, visit, None).online_event_id is None

    def test_is_chosen_from_the_list_by_editors_and_for_visits(self, make: Make, work: Working, visit: Event) -> None:
        with pytest.raises(Refusal, match="from the list") as refused:
            choose(work, visit, make.visit())
        assert refused.value.field == "online_event_id"
        with pytest.raises(NotFound):
            choose(work, webinar(make), None)
        host = make.account()
        make.grant(host, Role.HOST, event=visit)
        with work(make.actor(host)) as unit, pytest.raises(NotFound):
            editing.choose_online(unit, event_id=visit.id, online_event_id=None)


class TestAnotherDate:
    def test_stands_for_what_is_cancelled(self, make: Make, work: Working, reading: Reads, visit: Event) -> None:
        other = make.visit("Another date")
        with work() as unit:
            editing.cancel_event(unit, event_id=visit.id, reason="Flood", instead_event_id=other.id)
        with reading() as read:
            found = alternatives.instead(read, make.event(visit.id))
        assert found
        assert (found.title, found.starts_at) == ("Another date", other.parts[0].starts_at)

    def test_is_bookable_and_of_the_same_kind_or_online(self, make: Make, work: Working, visit: Event) -> None:
        draft, elsewhere = make.visit(published=False), make.visit(programme=make.programme("other"))
        for other in (visit, make.visit(kind=EventKind.SUMMIT), draft, elsewhere):
            with work() as unit, pytest.raises(Refusal, match="from the list") as refused:
                editing.cancel_event(unit, event_id=visit.id, reason="Flood", instead_event_id=other.id)
            assert refused.value.field == "instead_event_id"
        assert make.event(visit.id).state is EventState.PUBLISHED
        online = webinar(make)
        with work() as unit:
            editing.cancel_event(unit, event_id=visit.id, reason="Flood", instead_event_id=online.id)
        assert make.event(visit.id).instead_event_id == online.id

    def test_is_not_offered_where_people_are_invited_or_chosen(self, make: Make, reading: Reads, visit: Event) -> None:
        summits = [make.visit(kind=EventKind.SUMMIT) for _ in range(2)]
        with reading() as read:
            assert not alternatives.instead_choices(read, summits[0])


class TestOtherTimes:
    def test_are_those_to_come_with_places_for_the_party(
        self, make: Make, work: Working, reading: Reads, clock: FixedClock
    ) -> None:
        visit = make.visit(slots=4, capacity=3)
        make.booking(make.person(), visit, 1, party_size=2)
        make.booking(make.person(), visit, 2, party_size=3)
        event = make.event(visit.id)
        with reading() as read:
            names = {
                size: [part.title for part in alternatives.other_times(read, event, but=event.parts[0], size=size)]
                for size in (1, 2, 4)
            }
        assert names == {1: ["Visit at 11:30", "Visit at 14:30"], 2: ["Visit at 14:30"], 4: []}
        clock.set(event.parts[3].starts_at)
        with reading() as read:
            assert not alternatives.other_times(read, event)

    def test_there_are_none_once_booking_has_closed(self, make: Make, reading: Reads) -> None:
        with reading() as read:
            assert not alternatives.other_times(read, make.visit(closes_at=START))

    def test_are_named_in_the_message_if_staff_say_so(self, make: Make, work: Working, outbox: Posted) -> None:
        visit = make.visit(slots=3)
        for slot in range(2):
            make.booking(make.person(), visit, slot)
            with work() as unit:
                editing.cancel_slot(unit, part_id=visit.parts[slot].id, reason="Flood", offer_others=slot == 1)
        assert [message.params.get("offer_others") for message in outbox("booking_cancelled_by_staff")] == [None, True]


class TestMovingASlot:
    def test_is_told_with_a_note_where_people_have_booked(
        self, make: Make, work: Working, visit: Event, outbox: Posted
    ) -> None:
        moved = {**as_it_is(visit.parts[0]), "place": "The annexe"}
        make.booking(make.person(), visit)
        with work() as unit:
            assert editing.edit_slot(unit, **moved, note="Mind the step.").sequence == 1
        with work() as unit:
            assert editing.edit_slot(unit, **{**moved, "title": "Walk"}, note="Unsaid").title == "Walk"
        with work() as unit:
            free = {**as_it_is(visit.parts[1]), "place": "The annexe"}
            assert editing.edit_slot(unit, **free).sequence == 1
        assert [row.params["note"] for row in outbox("booking_changed")] == ["Mind the step."]

    def test_is_refused_where_somebody_else_was_quicker(self, make: Make, work: Working, visit: Event) -> None:
        values = as_it_is(visit.parts[0])
        with work() as unit:
            editing.edit_slot(unit, **{**values, "place": "The annexe"}, seen=0)
        with work() as unit, pytest.raises(Refusal, match="Somebody else moved this slot"):
            editing.edit_slot(unit, **{**values, "place": "The hall"}, seen=0)
        assert make.event(visit.id).parts[0].place == "The annexe"


class TestThePack:
    def test_is_kept_with_the_practicalities(self, make: Make, work: Working, visit: Event) -> None:
        with work() as unit:
            editing.edit_practicalities(unit, event_id=visit.id, **TEXTS, **PACK)
        event = make.event(visit.id)
        assert {name: getattr(event, name) for name in PACK} == PACK

    @pytest.mark.parametrize(
        "address", ["http://maps.example", "javascript:alert(1)", "maps.example", "https://a b.example"]
    )
    def test_has_a_map_that_a_browser_can_be_sent_to(self, work: Working, visit: Event, address: str) -> None:
        with work() as unit, pytest.raises(Refusal, match="https://") as refused:
            editing.edit_practicalities(unit, event_id=visit.id, **TEXTS, map_url=address)
        assert refused.value.field == "map_url"
