from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from cop.core.access import SYSTEM, Actor, Role
from cop.core.errors import NotFound, Refusal
from cop.models.accounts import Person
from cop.models.events import (
    Booking,
    BookingState,
    Claim,
    DayLimit,
    Entry,
    EntryStatus,
    Event,
    EventState,
    Part,
    PartState,
    Visibility,
)
from cop.models.outbox import Outbox, OutboxChannel
from cop.services.events import booking as bookings
from cop.services.events import editing
from tests.support.clock import START, FixedClock
from tests.support.make import Make, Reads, Working

LONDON = ZoneInfo("Europe/London")
DAY = date(2026, 3, 9)
"""The Monday on which the slots of ``make.visit`` are, at 10:00 and 11:30."""

Posted = Callable[..., Sequence[Outbox]]

TEXTS: dict[str, Any] = {"place": "Healthy Hub", "getting_there": "Bus 5", "step_free": "A ramp", "bring": "A cup"}
RULES: dict[str, Any] = {"party_max": 5, "capacity": None, "opens_at": None, "closes_at": None, "change_until": None}
SLOTS: dict[str, Any] = {
    "on_date": date(2026, 3, 10),
    "first_start": time(10),
    "length_minutes": 60,
    "gap_minutes": 30,
    "count": 3,
    "capacity": 10,
    "zone": LONDON,
}


def as_it_is(part: Part) -> dict[str, Any]:
    """The slot as ``edit_slot`` would leave it alone."""
    starts, ends = part.starts_at.astimezone(LONDON), part.ends_at.astimezone(LONDON)
    return {
        "part_id": part.id,
        "on_date": starts.date(),
        "start": starts.time(),
        "end": ends.time(),
        "title": part.title,
        "place": part.place,
        "capacity": part.capacity,
        "zone": LONDON,
    }


class Stage:
    """A visit with two slots of ten places on 9 March, and short ways to alter it."""

    def __init__(self, work: Working, reading: Reads, make: Make) -> None:
        self.work, self.reading, self.make = work, reading, make
        self.visit = make.visit(getting_there="Bus 5", step_free="A ramp")

    def do(self, command: Callable[..., Any], *, actor: Actor = SYSTEM, **values: Any) -> Any:
        with self.work(actor) as unit:
            return command(unit, **values)

    def edit_slot(self, number: int = 0, **values: Any) -> Part:
        part: Part = self.do(editing.edit_slot, **as_it_is(self.part(number)) | values)
        return part

    def part(self, number: int = 0) -> Part:
        return self.make.event(self.visit.id).parts[number]

    def book(self, slot: int = 0, party_size: int = 1, person: Person | None = None) -> Booking:
        return self.make.booking(person or self.make.person(), self.visit, self.part(slot), party_size)

    def limit(self, capacity: int | None, on: date = DAY) -> DayLimit | None:
        limit: DayLimit | None = self.do(
            editing.limit_day, event_id=self.visit.id, on_date=on, capacity=capacity, zone=LONDON
        )
        return limit

    def one(self, table: type[Any], **values: Any) -> Any:
        with self.reading() as read:
            return read.session.scalars(select(table).filter_by(**values)).one()


@pytest.fixture
def stage(work: Working, reading: Reads, make: Make) -> Stage:
    return Stage(work, reading, make)


class TestMakingAVisit:
    def test_it_starts_as_a_draft_for_one_slot_a_booking(self, stage: Stage) -> None:
        made: Event = stage.do(
            editing.create_visit, programme_id=stage.visit.programme_id, title="Kidsgrove hub", summary="See it."
        )
        event = stage.make.event(made.id)
        assert (event.slug, event.state, event.kind, event.choice) == ("kidsgrove-hub", "draft", "visit", "one")
        assert (event.visibility, event.party_max, event.changed_at) == (Visibility.PUBLIC, 5, START)

    def test_the_series_has_to_be_of_the_programme(self, stage: Stage) -> None:
        own = stage.make.series()
        foreign = stage.make.series("other", programme=stage.make.programme("other"))
        words: dict[str, Any] = {"programme_id": stage.visit.programme_id, "title": "Hub", "summary": "See it."}
        with pytest.raises(Refusal) as refused:
            stage.do(editing.create_visit, **words, series_id=foreign.id)
        assert refused.value.field == "series_id"
        assert stage.do(editing.create_visit, **words, series_id=own.id).series_id == own.id

    def test_an_address_in_use_is_refused(self, stage: Stage) -> None:
        with pytest.raises(Refusal, match="in use") as refused:
            stage.do(
                editing.create_visit,
                programme_id=stage.visit.programme_id,
                title="Hub",
                summary="See it.",
                slug=stage.visit.slug,
            )
        assert refused.value.field == "slug"

    def test_its_programme_has_to_exist(self, stage: Stage) -> None:
        with pytest.raises(NotFound):
            stage.do(editing.create_visit, programme_id=99, title="Hub", summary="See it.")


class TestWhoMayAlter:
    @pytest.mark.parametrize(
        ("role", "scope", "may"),
        [
            (Role.ADMIN, None, True),
            (Role.ADMIN, "programme", True),
            (Role.FACILITATOR, "programme", True),
            (Role.FACILITATOR, "event", True),
            (Role.FACILITATOR, "other", False),
            (Role.ADMIN, "other", False),
            (Role.HOST, "programme", False),
            (Role.HOST, "event", False),
            (Role.EVALUATOR, "programme", False),
        ],
    )
    def test_admins_and_facilitators_within_their_scope(
        self, stage: Stage, role: Role, scope: str | None, *, may: bool
    ) -> None:
        person = stage.make.account()
        scopes = {"programme": stage.make.programme(), "other": stage.make.programme("other")}
        event = stage.visit if scope == "event" else None
        stage.make.grant(person, role, programme=scopes.get(scope or ""), event=event)
        actor = stage.make.actor(person)
        event_id, slot = {"event_id": stage.visit.id}, as_it_is(stage.part())
        commands: list[tuple[Callable[..., Any], dict[str, Any]]] = [
            (editing.edit_details, {**event_id, **DETAILS}),
            (editing.edit_practicalities, event_id | TEXTS),
            (editing.edit_booking_rules, event_id | RULES),
            (editing.add_slots, event_id | SLOTS),
            (editing.edit_slot, slot),
            (editing.limit_day, {**event_id, "on_date": DAY, "capacity": 15, "zone": LONDON}),
            (editing.unpublish, event_id),
            (editing.publish_event, event_id),
            (editing.remove_slot, {"part_id": slot["part_id"]}),
            (editing.cancel_slot, {"part_id": stage.part(1).id, "reason": "Rain"}),
            (editing.cancel_event, {**event_id, "reason": "Rain"}),
        ]
        for command, values in commands:
            if may:
                stage.do(command, actor=actor, **values)
            else:
                with pytest.raises(NotFound):
                    stage.do(command, actor=actor, **values)

    @pytest.mark.parametrize("command", [editing.remove_slot, editing.edit_slot, editing.cancel_slot])
    def test_a_slot_that_is_none_is_not_found(self, stage: Stage, command: Callable[..., Any]) -> None:
        values = {
            editing.edit_slot: as_it_is(stage.part()) | {"part_id": 99},
            editing.cancel_slot: {"part_id": 99, "reason": "Rain"},
        }
        with pytest.raises(NotFound):
            stage.do(command, **values.get(command, {"part_id": 99}))


DETAILS: dict[str, Any] = {
    "title": "An afternoon at the hub",
    "summary": "See it.",
    "description": "Walk and talk.",
    "series_id": None,
    "visibility": Visibility.UNLISTED,
}


class TestWords:
    def test_details_are_replaced_and_calendars_know_it(self, stage: Stage, clock: FixedClock) -> None:
        clock.move(timedelta(hours=1))
        stage.do(editing.edit_details, event_id=stage.visit.id, **DETAILS)
        event = stage.make.event(stage.visit.id)
        assert {name: getattr(event, name) for name in DETAILS} == DETAILS
        assert {event.changed_at, *(part.changed_at for part in event.parts)} == {clock.now()}
        assert {part.sequence for part in event.parts} == {0}

    def test_better_directions_are_no_news(self, stage: Stage, outbox: Posted) -> None:
        stage.book()
        stage.do(editing.edit_practicalities, event_id=stage.visit.id, **TEXTS | {"place": stage.visit.place})
        assert stage.make.event(stage.visit.id).bring == "A cup"
        assert not outbox("booking_changed")

    def test_another_place_is_told_to_all_who_come_there(self, stage: Stage, outbox: Posted) -> None:
        booking = stage.book()
        stage.edit_slot(1, place="The annexe")
        elsewhere = stage.book(1)
        stage.do(editing.edit_practicalities, event_id=stage.visit.id, **TEXTS)
        assert [row.params for row in outbox("booking_changed")] == [{"booking_id": booking.id}]
        assert stage.one(Entry, booking_id=booking.id).sequence == 1
        assert stage.one(Entry, booking_id=elsewhere.id).sequence == 0
        assert [stage.part(number).sequence for number in (0, 1)] == [1, 1]

    def test_the_place_of_what_is_over_is_no_news(self, stage: Stage, outbox: Posted, clock: FixedClock) -> None:
        stage.book()
        clock.set(stage.part().ends_at)
        stage.do(editing.edit_practicalities, event_id=stage.visit.id, **TEXTS)
        assert not outbox("booking_changed")


class TestRules:
    def test_they_are_saved(self, stage: Stage) -> None:
        rules: dict[str, Any] = {
            "party_max": 3,
            "capacity": 12,
            "opens_at": START,
            "closes_at": START + timedelta(days=3),
            "change_until": START + timedelta(days=4),
        }
        stage.do(editing.edit_booking_rules, event_id=stage.visit.id, **rules)
        event = stage.make.event(stage.visit.id)
        assert {name: getattr(event, name) for name in rules} == rules

    def test_a_capacity_counts_those_who_booked_before_it(self, stage: Stage) -> None:
        stage.book(0, 3)
        stage.book(1, 4)
        with pytest.raises(Refusal, match="7 places are taken") as refused:
            stage.do(editing.edit_booking_rules, event_id=stage.visit.id, **RULES | {"capacity": 6})
        assert refused.value.field == "capacity"
        event = stage.do(editing.edit_booking_rules, event_id=stage.visit.id, **RULES | {"capacity": 7})
        assert (event.capacity, event.seats_taken) == (7, 7)
        event = stage.do(editing.edit_booking_rules, event_id=stage.visit.id, **RULES)
        assert (event.capacity, event.seats_taken) == (None, 0)

    def test_booking_closes_after_it_opens(self, stage: Stage) -> None:
        with pytest.raises(Refusal) as refused:
            stage.do(
                editing.edit_booking_rules, event_id=stage.visit.id, **RULES | {"opens_at": START, "closes_at": START}
            )
        assert refused.value.field == "closes_at"


class TestAddingSlots:
    def add(self, stage: Stage, **values: Any) -> Sequence[Part]:
        parts: Sequence[Part] = stage.do(editing.add_slots, event_id=stage.visit.id, **SLOTS | values)
        return parts

    def test_several_of_one_day_with_gaps(self, stage: Stage) -> None:
        parts = self.add(stage)
        assert [f"{part.starts_at:%d %H:%M}-{part.ends_at:%H:%M}" for part in parts] == [
            "10 10:00-11:00",
            "10 11:30-12:30",
            "10 13:00-14:00",
        ]
        assert parts[0].title == "Tuesday 10 March at 10:00"
        assert {(part.capacity, part.kind, part.state) for part in parts} == {(10, "slot", PartState.PLANNED)}

    def test_times_are_those_on_the_wall(self, stage: Stage) -> None:
        (part,) = self.add(stage, on_date=date(2026, 7, 1), count=1)
        assert part.starts_at == datetime(2026, 7, 1, 9, tzinfo=UTC)

    @pytest.mark.parametrize(
        ("values", "field"),
        [
            ({"on_date": date(2026, 3, 1)}, "on_date"),
            ({"on_date": date(2026, 3, 2), "first_start": time(9)}, "on_date"),
            ({"first_start": time(20)}, "count"),
            ({"first_start": time(23), "count": 1}, "count"),
            ({"on_date": date(2026, 3, 29), "first_start": time(1, 30), "count": 1}, "first_start"),
            ({"on_date": DAY, "first_start": time(8, 30)}, "first_start"),
        ],
        ids=["yesterday", "now", "over midnight", "until midnight", "in the skipped hour", "twin"],
    )
    def test_what_cannot_be_is_refused(self, stage: Stage, values: dict[str, Any], field: str) -> None:
        with pytest.raises(Refusal) as refused:
            self.add(stage, **values)
        assert refused.value.field == field
        assert len(stage.make.event(stage.visit.id).parts) == 2

    def test_overlapping_slots_are_fine(self, stage: Stage) -> None:
        self.add(stage, on_date=DAY, first_start=time(10, 15), count=1)
        assert len(stage.make.event(stage.visit.id).parts) == 3

    def test_the_place_of_a_cancelled_slot_is_free(self, stage: Stage) -> None:
        stage.do(editing.cancel_slot, part_id=stage.part().id, reason="Rain")
        self.add(stage, on_date=DAY, first_start=time(10), count=1)
        assert len(stage.make.event(stage.visit.id).parts) == 3

    def test_they_count_towards_the_limit_of_their_day(self, stage: Stage) -> None:
        limit = stage.limit(12)
        parts = self.add(stage, on_date=DAY, first_start=time(15), count=1)
        assert limit is not None
        assert parts[0].day_limit_id == limit.id


class TestEditingASlot:
    def test_saying_the_same_is_no_news(self, stage: Stage, outbox: Posted) -> None:
        stage.book()
        part = stage.edit_slot()
        assert part.sequence == 0
        assert not outbox("booking_changed")

    def test_another_time_moves_the_entries_and_is_told(self, stage: Stage, outbox: Posted, clock: FixedClock) -> None:
        booking, stranger = stage.book(0, 3), stage.book(1)
        clock.move(timedelta(hours=1))
        part = stage.edit_slot(start=time(14), end=time(15))
        assert (part.sequence, part.changed_at) == (1, clock.now())
        assert part.starts_at == datetime(2026, 3, 9, 14, tzinfo=UTC)
        entry = stage.one(Entry, booking_id=booking.id)
        assert (entry.sequence, entry.changed_at) == (1, clock.now())
        (message,) = outbox("booking_changed")
        was = stage.visit.parts[0].starts_at.isoformat()
        assert (message.person_id, message.params) == (booking.person_id, {"booking_id": booking.id, "was": was})
        assert message.key == f"slot-moved:{part.id}:1:{booking.id}"
        assert stage.one(Entry, booking_id=stranger.id).sequence == 0

    def test_each_move_is_told(self, stage: Stage, outbox: Posted) -> None:
        stage.book()
        stage.edit_slot(start=time(9))
        stage.edit_slot(start=time(10))
        assert len(outbox("booking_changed")) == 2

    def test_those_without_mail_come_onto_the_list_to_tell(self, stage: Stage, outbox: Posted) -> None:
        guest = bookings.Guest("Olive Offline", phone="01438 555 0199")
        party = bookings.Party(1)
        stage.do(bookings.book_for, event_id=stage.visit.id, part_ids=[stage.part().id], party=party, guest=guest)
        stage.edit_slot(place="The annexe")
        assert [row.channel for row in outbox("booking_changed")] == [OutboxChannel.TELL]

    def test_a_place_that_is_the_same_in_effect_is_no_news(self, stage: Stage, outbox: Posted) -> None:
        stage.book()
        stage.edit_slot(place=stage.visit.place)
        assert not outbox("booking_changed")

    def test_a_blank_title_says_the_time(self, stage: Stage) -> None:
        assert stage.edit_slot(title="").title == "Monday 9 March at 10:00"
        assert stage.edit_slot(title="Walk").title == "Walk"

    @pytest.mark.parametrize(
        ("values", "field"),
        [
            ({"capacity": 2}, "capacity"),
            ({"end": time(10)}, "end"),
            ({"on_date": date(2026, 3, 2), "start": time(8)}, "on_date"),
            ({"start": time(11, 30), "end": time(12, 30)}, "start"),
        ],
        ids=["fewer than are booked", "ends as it begins", "past", "twin"],
    )
    def test_what_cannot_be_is_refused(self, stage: Stage, outbox: Posted, values: dict[str, Any], field: str) -> None:
        stage.book(0, 3)
        with pytest.raises(Refusal) as refused:
            stage.edit_slot(**values)
        assert refused.value.field == field
        assert stage.part().sequence == 0
        assert not outbox("booking_changed")

    def test_a_slot_that_has_begun_keeps_its_times(self, stage: Stage, clock: FixedClock) -> None:
        clock.set(stage.part().starts_at)
        with pytest.raises(Refusal) as refused:
            stage.edit_slot(end=time(12))
        assert refused.value.field == "start"
        assert stage.edit_slot(title="Walk", capacity=12).capacity == 12

    def test_a_capacity_begins_to_count_and_ends(self, stage: Stage) -> None:
        stage.book(0, 3)
        assert stage.edit_slot(capacity=None).seats_taken == 0
        with pytest.raises(Refusal, match="3 places"):
            stage.edit_slot(capacity=2)
        assert stage.edit_slot(capacity=3).seats_taken == 3

    def test_another_day_counts_by_its_own_limit(self, stage: Stage) -> None:
        stage.do(editing.add_slots, event_id=stage.visit.id, **SLOTS | {"count": 1})
        tuesday = stage.limit(2, SLOTS["on_date"])
        monday = stage.limit(15)
        assert monday is not None
        assert tuesday is not None
        stage.book(0, 3)
        with pytest.raises(Refusal, match="3 people are booked") as refused:
            stage.edit_slot(on_date=SLOTS["on_date"], start=time(15), end=time(16))
        assert refused.value.field == "on_date"
        stage.limit(20, SLOTS["on_date"])
        moved = stage.edit_slot(on_date=SLOTS["on_date"], start=time(15), end=time(16))
        assert moved.day_limit_id == tuesday.id
        assert stage.one(DayLimit, id=tuesday.id).seats_taken == 3
        assert stage.one(DayLimit, id=monday.id).seats_taken == 0


class TestRemovingASlot:
    def test_nobody_ever_claimed_it(self, stage: Stage) -> None:
        stage.do(editing.remove_slot, part_id=stage.part().id)
        assert len(stage.make.event(stage.visit.id).parts) == 1

    def test_somebody_did_and_left(self, stage: Stage) -> None:
        booking = stage.book()
        stage.do(bookings.cancel, public_id=booking.public_id)
        with pytest.raises(Refusal, match="Cancel it instead"):
            stage.do(editing.remove_slot, part_id=stage.part().id)


class TestCancellingASlot:
    def test_its_bookings_end_and_everybody_is_told(self, stage: Stage, outbox: Posted, clock: FixedClock) -> None:
        booking, stranger = stage.book(0, 3), stage.book(1)
        clock.move(timedelta(hours=1))
        ended = stage.do(editing.cancel_slot, part_id=stage.part().id, reason="The boiler broke")
        part = stage.part()
        assert (ended, part.state, part.sequence, part.seats_taken) == (1, PartState.CANCELLED, 1, 0)
        cancelled = stage.one(Booking, id=booking.id)
        assert (cancelled.state, cancelled.cancelled_at) == (BookingState.CANCELLED, clock.now())
        entry = stage.one(Entry, booking_id=booking.id)
        assert (entry.status, entry.sequence) == (EntryStatus.CANCELLED, 1)
        (message,) = outbox("booking_cancelled_by_staff")
        assert (message.person_id, message.params) == (
            booking.person_id,
            {"booking_id": booking.id, "reason": "The boiler broke"},
        )
        assert stage.one(Booking, id=stranger.id).state is BookingState.LIVE

    def test_once_is_enough(self, stage: Stage) -> None:
        stage.do(editing.cancel_slot, part_id=stage.part().id, reason="Rain")
        with pytest.raises(Refusal, match="has been cancelled"):
            stage.do(editing.cancel_slot, part_id=stage.part().id, reason="Rain")
        with pytest.raises(Refusal, match="has been cancelled"):
            stage.do(editing.remove_slot, part_id=stage.part().id)
        with pytest.raises(Refusal, match="has been cancelled"):
            stage.edit_slot(title="Walk")

    def test_what_is_over_did_happen(self, stage: Stage, clock: FixedClock) -> None:
        clock.set(stage.part().ends_at)
        with pytest.raises(Refusal, match="over"):
            stage.do(editing.cancel_slot, part_id=stage.part().id, reason="Rain")


class TestLimitingADay:
    def test_it_counts_what_is_booked_on_its_slots(self, stage: Stage) -> None:
        stage.book(0, 3)
        stage.book(1, 4)
        limit = stage.limit(12)
        assert limit is not None
        assert (limit.capacity, limit.seats_taken) == (12, 7)
        stage.book(0, 5)
        with pytest.raises(Refusal):
            stage.book(1, 1)

    def test_it_is_not_below_what_is_taken(self, stage: Stage) -> None:
        stage.book(0, 3)
        for capacity, right in ((2, False), (3, True), (2, False)):
            if right:
                stage.limit(capacity)
                continue
            with pytest.raises(Refusal, match="3 places") as refused:
                stage.limit(capacity)
            assert refused.value.field == "capacity"

    def test_it_is_altered_and_lifted(self, stage: Stage, reading: Reads) -> None:
        stage.book(0, 3)
        stage.limit(5)
        altered = stage.limit(6)
        assert altered is not None
        assert (altered.capacity, altered.seats_taken) == (6, 3)
        assert stage.limit(None) is None
        assert stage.part().day_limit_id is None
        with reading() as read:
            assert read.session.scalars(select(DayLimit)).all() == []
        assert stage.limit(None) is None

    def test_a_day_without_slots_has_nothing_to_limit(self, stage: Stage) -> None:
        with pytest.raises(Refusal):
            stage.limit(5, date(2026, 3, 11))

    def test_the_day_is_a_local_one(self, stage: Stage) -> None:
        late = {"on_date": date(2026, 7, 1), "first_start": time(0, 15), "count": 1}
        (part,) = stage.do(editing.add_slots, event_id=stage.visit.id, **SLOTS | late)
        assert part.starts_at.date() == date(2026, 6, 30)
        limit = stage.limit(5, date(2026, 7, 1))
        assert limit is not None
        assert stage.one(Part, id=part.id).day_limit_id == limit.id


class TestPublishing:
    def draft(self, stage: Stage) -> Event:
        made: Event = stage.do(
            editing.create_visit, programme_id=stage.visit.programme_id, title="Kidsgrove hub", summary="See it."
        )
        return made

    def test_what_is_missing_is_said_in_one_sentence(self, stage: Stage) -> None:
        event = self.draft(stage)
        with pytest.raises(Refusal) as refused:
            stage.do(editing.publish_event, event_id=event.id)
        assert str(refused.value) == (
            "Before you publish, add the place, how to get there, what step-free access there is "
            "and at least one date in the future"
        )

    def test_slots_have_to_come(self, stage: Stage, clock: FixedClock) -> None:
        event = self.draft(stage)
        stage.do(editing.edit_practicalities, event_id=event.id, **TEXTS)
        stage.do(editing.add_slots, event_id=event.id, **SLOTS | {"count": 1})
        clock.move(timedelta(days=30))
        with pytest.raises(Refusal, match=r"^Before you publish, add at least one date in the future$"):
            stage.do(editing.publish_event, event_id=event.id)

    def test_what_is_whole_is_published(self, stage: Stage) -> None:
        event = self.draft(stage)
        stage.do(editing.edit_practicalities, event_id=event.id, **TEXTS)
        stage.do(editing.add_slots, event_id=event.id, **SLOTS)
        stage.do(editing.publish_event, event_id=event.id)
        assert stage.make.event(event.id).state is EventState.PUBLISHED

    def test_it_goes_back_while_nobody_relies_on_it(self, stage: Stage) -> None:
        booking = stage.book()
        with pytest.raises(Refusal, match="People have booked"):
            stage.do(editing.unpublish, event_id=stage.visit.id)
        stage.do(bookings.cancel, public_id=booking.public_id)
        stage.do(editing.unpublish, event_id=stage.visit.id)
        assert stage.make.event(stage.visit.id).state is EventState.DRAFT


class TestCancellingAVisit:
    def test_all_that_is_to_come_is_called_off(self, stage: Stage, outbox: Posted) -> None:
        stage.limit(15)
        booked = [stage.book(0, 3), stage.book(1, 2)]
        assert stage.do(editing.cancel_event, event_id=stage.visit.id, reason="The boiler broke") == 2
        event = stage.make.event(stage.visit.id)
        assert (event.state, event.sequence) == (EventState.CANCELLED, 1)
        assert [(part.state, part.sequence, part.seats_taken) for part in event.parts] == [
            (PartState.CANCELLED, 1, 0),
            (PartState.CANCELLED, 1, 0),
        ]
        assert [row.params["booking_id"] for row in outbox("booking_cancelled_by_staff")] == [row.id for row in booked]
        assert {row.params["reason"] for row in outbox("booking_cancelled_by_staff")} == {"The boiler broke"}
        assert stage.one(DayLimit).seats_taken == 0

    def test_what_is_over_stays_with_its_bookings(self, stage: Stage, clock: FixedClock) -> None:
        past, coming = stage.book(0), stage.book(1)
        clock.set(stage.part().ends_at)
        assert stage.do(editing.cancel_event, event_id=stage.visit.id, reason="Rain") == 1
        assert [stage.part(number).state for number in (0, 1)] == [PartState.PLANNED, PartState.CANCELLED]
        assert stage.one(Booking, id=past.id).state is BookingState.LIVE
        assert stage.one(Claim, booking_id=past.id, part_id=stage.part().id).released_at is None
        assert stage.one(Booking, id=coming.id).state is BookingState.CANCELLED

    def test_when_all_is_over_there_is_nothing_to_cancel(self, stage: Stage, clock: FixedClock) -> None:
        clock.set(stage.part(1).ends_at)
        with pytest.raises(Refusal, match="over"):
            stage.do(editing.cancel_event, event_id=stage.visit.id, reason="Rain")

    def test_a_draft_without_slots_can_be_given_up(self, stage: Stage) -> None:
        empty = stage.make.visit(slots=0, published=False)
        assert stage.do(editing.cancel_event, event_id=empty.id, reason="Rain") == 0

    def test_a_cancelled_visit_stays_as_it_was(self, stage: Stage) -> None:
        stage.do(editing.cancel_event, event_id=stage.visit.id, reason="Rain")
        for command, values in (
            (editing.edit_practicalities, TEXTS),
            (editing.publish_event, {}),
            (editing.cancel_event, {"reason": "Rain"}),
            (editing.add_slots, SLOTS),
        ):
            with pytest.raises(Refusal, match="has been cancelled"):
                stage.do(command, event_id=stage.visit.id, **values)
