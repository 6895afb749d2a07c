"""Meet-ups: who sees and books them, dates that come again, and dates that are given back, moved or called off."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from cop.algorithms.repeating import Repetition, Rhythm
from cop.core.access import Role
from cop.core.errors import NotFound, Refusal
from cop.models.accounts import Person
from cop.models.events import (
    Booking,
    BookingState,
    Claim,
    Entry,
    EntryStatus,
    Event,
    EventState,
    Part,
    PartState,
    Queue,
    Seat,
    Visibility,
)
from cop.models.outbox import Outbox
from cop.models.replies import ReplyState
from cop.queries import alternatives, calendars, events, meet_ups, search_page, webinars
from cop.queries.calendars import Shown
from cop.queries.webinars import Registering
from cop.services.calling_off import cancel_part
from cop.services.events import booking, editing, waiting
from cop.services.events.editing import meet_ups as planning
from tests.support.clock import FixedClock
from tests.support.forum import MakeForum
from tests.support.make import Make, Reads, Working
from tests.support.meet_ups import FIRST, MeetUps
from tests.support.queries import count_queries
from tests.support.replies import Calendars
from tests.support.webinars import ADDRESS, LONDON

Posted = Callable[..., Sequence[Outbox]]


@pytest.fixture
def circle(make: Make, work: Working) -> MeetUps:
    return MeetUps(make, work)


@pytest.fixture
def forum(app: Flask, make: Make) -> MakeForum:
    return MakeForum(app, make)


@pytest.fixture
def alma(forum: MakeForum) -> Person:
    return forum.alumna("Alma Ashdown", email="alma@council.example", accepts=False)


def held(reading: Reads, booked: Booking) -> list[int]:
    with reading() as read:
        entries = select(Entry.part_id).where(Entry.booking_id == booked.id, Entry.status == EntryStatus.CONFIRMED)
        claims = select(Claim.part_id).where(
            Claim.booking_id == booked.id, Claim.part_id.is_not(None), Claim.released_at.is_(None)
        )
        found = sorted(read.session.scalars(entries))
        assert {*read.session.scalars(claims)} == {*found}
        return found


class TestWhoSeesIt:
    def test_alumni_and_staff_open_its_page(self, circle: MeetUps, alma: Person, make: Make, reading: Reads) -> None:
        event = circle.meet_up()
        facilitator, host = make.account("Femi"), make.account("Hana")
        make.grant(facilitator, Role.FACILITATOR, programme=make.programme())
        make.grant(host, Role.HOST, event=event)
        for person in (alma, facilitator, host):
            with reading(make.actor(person)) as read:
                assert events.event_page(read, slug=event.slug).id == event.id
                assert [row.slug for row in meet_ups.listed(read)] == [event.slug]

    def test_so_does_the_facilitator_of_a_course_of_the_programme(
        self, forum: MakeForum, circle: MeetUps, make: Make, reading: Reads
    ) -> None:
        event, course, person = circle.meet_up(), forum.course(make.account("Other")), make.account("Cy")
        make.grant(person, Role.FACILITATOR, event=course)
        with reading(make.actor(person)) as read:
            assert events.event_page(read, slug=event.slug).id == event.id
            assert [row.slug for row in meet_ups.listed(read)] == [event.slug]

    def test_nobody_else_does(self, circle: MeetUps, make: Make, reading: Reads) -> None:
        event = circle.meet_up()
        reviewer, stranger = make.account("Rae"), make.account("Sam")
        make.grant(reviewer, Role.REVIEWER, programme=make.programme())
        elsewhere = make.account("Elsa")
        other = make.programme("elsewhere")
        make.grant(elsewhere, Role.FACILITATOR, programme=other)
        for person in (reviewer, stranger, elsewhere):
            with reading(make.actor(person)) as read:
                assert meet_ups.listed(read) == []
                with pytest.raises(NotFound):
                    events.event_page(read, slug=event.slug)

    def test_alumni_of_another_programme_do_not(
        self, alma: Person, circle: MeetUps, make: Make, reading: Reads, work: Working
    ) -> None:
        event = circle.meet_up()
        with work() as opened:
            opened.session.get_one(Event, event.id).programme_id = make.programme("elsewhere").id
        with reading(make.actor(alma)) as read:
            assert meet_ups.listed(read) == []
            with pytest.raises(NotFound):
                events.event_page(read, slug=event.slug)

    def test_whoever_had_a_place_when_they_were_alumni_still_opens_it(
        self, alma: Person, circle: MeetUps, make: Make, reading: Reads, work: Working
    ) -> None:
        event = circle.meet_up()
        circle.book(alma, event)
        with work() as opened:
            opened.session.get_one(Event, event.id).programme_id = make.programme("elsewhere").id
        with reading(make.actor(alma)) as read:
            assert events.event_page(read, slug=event.slug).id == event.id

    def test_no_feed_no_search_and_no_choice_of_something_instead_names_it(
        self, circle: MeetUps, reading: Reads, make: Make
    ) -> None:
        event = circle.meet_up()
        with reading() as read:
            with pytest.raises(NotFound):
                calendars.event_shown(read, slug=event.slug)
            for shown in (Shown(), Shown(event_id=event.id)):
                assert calendars.public_occasions(read, shown) == []
            assert calendars.series_with_feeds(read) == []
            visit = make.visit()
            assert event.id not in {item.id for item in alternatives.instead_choices(read, visit)}
            listed = events.coming_in(read, LONDON, programme_id=event.programme_id)
            assert [row.slug for row in listed] == [visit.slug]
            assert webinars.registering(make.event(event.id), read.now) is Registering.HIDDEN

    @pytest.mark.parametrize("name", ["alternative", "instead"])
    def test_nor_does_it_stand_for_another_event(
        self, circle: MeetUps, reading: Reads, make: Make, work: Working, name: str
    ) -> None:
        event, visit = circle.meet_up(), make.visit()
        column = "online_event_id" if name == "alternative" else "instead_event_id"
        with work() as opened:
            setattr(opened.session.get_one(Event, visit.id), column, event.id)
        with reading() as read:
            found = alternatives.online_alternative if name == "alternative" else alternatives.instead
            assert found(read, make.event(visit.id)) is None

    def test_the_search_does_not_find_it(self, circle: MeetUps, alma: Person, reading: Reads, make: Make) -> None:
        circle.meet_up()
        with reading(make.actor(alma)) as read:
            assert "Quokka" not in str(search_page.found(read, "Quokka"))


class TestBooking:
    def test_alumni_book_all_dates_or_some(
        self, circle: MeetUps, alma: Person, make: Make, reading: Reads, outbox: Posted
    ) -> None:
        event = circle.meet_up()
        booked = circle.book(alma, event, event.parts[1:])
        assert held(reading, booked) == [part.id for part in event.parts[1:]]
        assert [row.template for row in outbox()] == ["booking_confirmed"]

    def test_strangers_cannot_book_or_wait(self, circle: MeetUps, make: Make, work: Working) -> None:
        event, stranger = circle.meet_up(queue=Queue.STRICT), make.account("Sam")
        with pytest.raises(NotFound):
            circle.book(stranger, event)
        with pytest.raises(NotFound), work(make.actor(stranger)) as opened:
            waiting.join(opened, event_id=event.id, wish=waiting.Wish([event.parts[0].id], 1))

    def test_no_waiting_list_is_made_for_it(self, circle: MeetUps, alma: Person, make: Make, work: Working) -> None:
        event = circle.meet_up()
        with pytest.raises(Refusal, match="no waiting list"), work(make.actor(alma)) as opened:
            waiting.join(opened, event_id=event.id, wish=waiting.Wish([event.parts[0].id], 1))

    def test_at_least_one_date_is_needed(self, circle: MeetUps, alma: Person) -> None:
        with pytest.raises(Refusal, match="at least one date"):
            circle.book(alma, circle.meet_up(), [])

    def test_what_was_stays_when_the_dates_to_come_are_changed(
        self, circle: MeetUps, alma: Person, reading: Reads, clock: FixedClock
    ) -> None:
        event = circle.meet_up()
        first, second, third = event.parts
        booked = circle.book(alma, event, [first, second])
        clock.set(first.ends_at)
        circle.change(alma, booked, [third.id])
        assert held(reading, booked) == [first.id, third.id]
        circle.change(alma, booked, [first.id, second.id])
        assert held(reading, booked) == [first.id, second.id]

    def test_nobody_adds_a_date_that_was(self, circle: MeetUps, alma: Person, clock: FixedClock) -> None:
        event = circle.meet_up()
        booked = circle.book(alma, event, event.parts[1:])
        clock.set(event.parts[0].ends_at)
        with pytest.raises(Refusal, match="has passed"):
            circle.change(alma, booked, [part.id for part in event.parts])

    def test_to_cancel_gives_back_what_is_to_come(
        self,
        circle: MeetUps,
        alma: Person,
        make: Make,
        reading: Reads,
        work: Working,
        clock: FixedClock,
        outbox: Posted,
    ) -> None:
        event = circle.meet_up()
        booked = circle.book(alma, event)
        clock.set(event.parts[0].ends_at)
        with work(make.actor(alma)) as opened:
            assert booking.cancel(opened, public_id=booked.public_id).state is BookingState.LIVE
        assert held(reading, booked) == [event.parts[0].id]
        assert [row.template for row in outbox()] == ["booking_confirmed", "booking_changed"]
        with pytest.raises(Refusal, match="already begun"), work(make.actor(alma)) as opened:
            booking.cancel(opened, public_id=booked.public_id)

    def test_before_the_first_date_to_cancel_ends_the_booking(
        self, circle: MeetUps, alma: Person, make: Make, work: Working
    ) -> None:
        booked = circle.book(alma, circle.meet_up())
        with work(make.actor(alma)) as opened:
            assert booking.cancel(opened, public_id=booked.public_id).state is BookingState.CANCELLED

    def test_a_calendar_gives_back_one_date_after_another_was(
        self, app: Flask, circle: MeetUps, alma: Person, reading: Reads, clock: FixedClock
    ) -> None:
        event = circle.meet_up()
        booked = circle.book(alma, event)
        clock.set(event.parts[0].ends_at)
        people = Calendars(app)
        assert people.answer(booked, number=1) is ReplyState.APPLIED
        assert held(reading, booked) == [event.parts[0].id, event.parts[2].id]
        assert people.answer(booked, number=2) is ReplyState.APPLIED
        assert held(reading, booked) == [event.parts[0].id]


class TestPlanning:
    def test_dates_stand_by_the_clock_of_the_place_when_it_changes(self, circle: MeetUps) -> None:
        event = circle.meet_up()
        begins = [part.starts_at.astimezone(LONDON) for part in event.parts]
        assert [f"{at:%d %b %H:%M}" for at in begins] == ["10 Mar 12:30", "14 Apr 12:30", "12 May 12:30"]
        assert {part.join_url for part in event.parts} == {ADDRESS}
        assert (event.visibility, event.queue) == (Visibility.ALUMNI, Queue.NONE)

    def test_bank_holidays_are_named_and_do_not_count(self, circle: MeetUps, make: Make) -> None:
        event = circle.meet_up(times=1)
        wanted = Repetition(date(2026, 4, 27), Rhythm.WEEKS, times=3)
        planned = circle.plan(event, wanted, sure=False)
        assert [day.isoformat() for day in planned.days] == ["2026-04-27", "2026-05-11", "2026-05-18"]
        assert planned.holidays == [(date(2026, 5, 4), "May Day")]
        assert len(make.event(event.id).parts) == 1

    def test_who_wants_to_meets_on_bank_holidays(self, circle: MeetUps) -> None:
        wanted = Repetition(date(2026, 5, 4), Rhythm.WEEKS, times=1, on_holidays=True)
        assert circle.plan(circle.meet_up(times=1), wanted).days == [date(2026, 5, 4)]

    def test_planned_again_it_adds_what_is_missing(self, circle: MeetUps, make: Make) -> None:
        event = circle.meet_up(times=2)
        planned = circle.plan(event, Repetition(FIRST, Rhythm.MONTHS, until=date(2026, 6, 30)))
        assert [day.isoformat() for day in planned.days] == ["2026-05-12", "2026-06-09"]
        assert planned.standing == [FIRST, date(2026, 4, 14)]
        assert len(make.event(event.id).parts) == 4

    @pytest.mark.parametrize(
        ("first", "rhythm", "more", "why"),
        [
            (FIRST, Rhythm.WEEKS, {}, "how many times"),
            (FIRST, Rhythm.WEEKS, {"until": date(2026, 3, 9)}, "not be before"),
            (date(2026, 3, 31), Rhythm.MONTHS, {"times": 2}, "fifth Tuesday"),
            (FIRST, Rhythm.MONTHS_LAST, {"times": 2}, "not the last Tuesday"),
            (FIRST, Rhythm.WEEKS, {"until": date(2028, 1, 1)}, "more than 60"),
            (date(2026, 3, 1), Rhythm.WEEKS, {"times": 1}, "in the future"),
            (date(2026, 5, 4), Rhythm.WEEKS, {"until": date(2026, 5, 8)}, "bank holidays"),
        ],
    )
    def test_what_cannot_be_planned_is_refused(
        self, circle: MeetUps, first: date, rhythm: Rhythm, more: dict[str, date], why: str
    ) -> None:
        event = circle.meet_up(times=1)
        with pytest.raises(Refusal, match=why):
            circle.plan(event, Repetition(first, rhythm, **more))  # type: ignore[arg-type]

    def test_hosts_and_strangers_do_not_plan(self, circle: MeetUps, make: Make, work: Working) -> None:
        event, host = circle.meet_up(), make.account("Hana")
        make.grant(host, Role.HOST, event=event)
        for person in (host, make.account("Sam")):
            mine = MeetUps(make, lambda who=person: work(make.actor(who)))
            with pytest.raises(NotFound):
                mine.plan(event, Repetition(FIRST, Rhythm.WEEKS, times=1))

    def test_a_visit_has_no_such_dates(self, circle: MeetUps, make: Make) -> None:
        with pytest.raises(NotFound):
            circle.plan(make.visit(), Repetition(FIRST, Rhythm.WEEKS, times=1))

    def test_nobody_makes_it_public(self, circle: MeetUps, make: Make, work: Working) -> None:
        event = circle.meet_up()
        with work() as opened:
            editing.edit_details(
                opened,
                event_id=event.id,
                title="Renamed",
                summary="",
                description="",
                visibility=Visibility.PUBLIC,
                series_id=make.series(programme=make.programme()).id,
            )
        now = make.event(event.id)
        assert (now.title, now.visibility, now.series_id) == ("Renamed", Visibility.ALUMNI, None)

    def test_one_address_for_all_dates_to_come(
        self, circle: MeetUps, make: Make, work: Working, clock: FixedClock
    ) -> None:
        event = circle.meet_up()
        clock.set(event.parts[0].ends_at)
        with work() as opened:
            planning.set_joining(
                opened,
                event_id=event.id,
                seen=circle.revision(event),
                join_url="https://meet.example/new",
                join_opens_minutes=10,
            )
        assert [part.join_url for part in make.event(event.id).parts] == [ADDRESS, *["https://meet.example/new"] * 2]
        with pytest.raises(Refusal, match="Somebody else"), work() as opened:
            planning.set_joining(opened, event_id=event.id, seen=1, join_url="", join_opens_minutes=10)


class TestMovingAndCallingOff:
    def test_a_move_is_told_to_those_who_come_to_that_date(
        self, circle: MeetUps, alma: Person, forum: MakeForum, make: Make, outbox: Posted
    ) -> None:
        event = circle.meet_up()
        ben = forum.alumna("Ben", accepts=False)
        circle.book(alma, event)
        circle.book(ben, event, event.parts[:1])
        circle.move(event, event.parts[1], date(2026, 4, 15))
        assert [row.person_id for row in outbox("booking_changed")] == [alma.id]
        moved = make.event(event.id).parts[1]
        assert (moved.title, moved.sequence) == ("Wednesday 15 April at 12:30", 1)

    def test_two_dates_are_not_at_the_same_time(self, circle: MeetUps) -> None:
        event = circle.meet_up()
        with pytest.raises(Refusal, match="at that time already"):
            circle.move(event, event.parts[1], event.parts[0].starts_at.date())

    def test_whoever_holds_other_dates_keeps_them(
        self, circle: MeetUps, alma: Person, forum: MakeForum, reading: Reads, work: Working, outbox: Posted
    ) -> None:
        event = circle.meet_up()
        ben = forum.alumna("Ben", accepts=False)
        mine, his = circle.book(alma, event), circle.book(ben, event, event.parts[:1])
        with work() as opened:
            assert cancel_part(opened, part_id=event.parts[0].id, reason="The host is ill") == 2
        assert held(reading, mine) == [part.id for part in event.parts[1:]]
        with reading() as read:
            assert read.session.get_one(Booking, his.id).state is BookingState.CANCELLED
            assert read.session.get_one(Part, event.parts[0].id).state is PartState.CANCELLED
        assert [row.person_id for row in outbox("part_cancelled")] == [alma.id]
        assert [row.person_id for row in outbox("booking_cancelled_by_staff")] == [ben.id]

    def test_to_call_off_all_of_it_leaves_what_was(
        self, circle: MeetUps, alma: Person, reading: Reads, work: Working, clock: FixedClock, outbox: Posted
    ) -> None:
        event = circle.meet_up()
        booked = circle.book(alma, event)
        clock.set(event.parts[0].ends_at)
        with work() as opened:
            assert editing.cancel_event(opened, event_id=event.id, reason="Nobody leads it") == 1
        assert held(reading, booked) == [event.parts[0].id]
        with reading() as read:
            assert read.session.get_one(Event, event.id).state is EventState.CANCELLED
            assert read.session.scalars(select(Seat.live).where(Seat.booking_id == booked.id)).all() == [True]
        assert [row.template for row in outbox()] == ["booking_confirmed", "part_cancelled"]


def test_the_list_takes_as_many_statements_for_three_as_for_one(
    circle: MeetUps, alma: Person, make: Make, reading: Reads
) -> None:
    circle.meet_up()
    actor = make.actor(alma)
    with reading(actor) as read, count_queries() as one:
        meet_ups.listed(read)
    circle.meet_up("Second")
    circle.meet_up("Third")
    with reading(actor) as read, count_queries() as three:
        assert [row.dates for row in meet_ups.listed(read)] == [3, 3, 3]
    assert len(one) == len(three)


def test_the_list_says_to_how_many_dates_one_comes(
    circle: MeetUps, alma: Person, make: Make, reading: Reads, clock: FixedClock
) -> None:
    event = circle.meet_up()
    circle.book(alma, event, event.parts[:2])
    clock.set(event.parts[0].ends_at + timedelta(minutes=1))
    with reading(make.actor(alma)) as read:
        (row,) = meet_ups.listed(read)
    assert (row.dates, row.held) == (2, 1)
    assert row.starts_at == event.parts[1].starts_at
