"""Reminders a week, a day and an hour before: to those who come, at the time that holds now, and once."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import update

from cop.models.accounts import Person
from cop.models.events import Booking, Choice, Event, Part, PartState
from cop.models.outbox import Outbox, OutboxChannel, OutboxClass, OutboxState
from cop.services.events import booking as bookings
from scheduled import send_reminders
from tests.support.clock import FixedClock
from tests.support.mailbox import Mailbox
from tests.support.make import Make, Working

WEEK, DAY, HOUR, SECOND = timedelta(days=7), timedelta(days=1), timedelta(hours=1), timedelta(seconds=1)
BEFORE = {"week": WEEK, "day": DAY, "hour": HOUR}

Posted = Callable[..., Sequence[Outbox]]


class Calendar:
    """A visitor, a visit, and time that passes with the job at work."""

    def __init__(self, app: Flask, make: Make, work: Working, clock: FixedClock, outbox: Posted) -> None:
        self._app, self._make, self._work, self._clock, self._outbox = app, make, work, clock, outbox
        self.person: Person = make.person("Amina", "amina@council.example")
        first = (clock.now() + timedelta(days=30)).replace(hour=10)
        self.visit: Event = make.visit(slots=[first, first + timedelta(days=3)])
        self.held: Booking

    def book(self, slot: int = 0, person: Person | None = None, size: int = 1) -> None:
        self.held = self._make.booking(person or self.person, self.visit, slot=slot, party_size=size)

    def starts(self, slot: int = 0) -> datetime:
        """When that slot begins now; slots keep the number that they had at first."""
        now = {part.id: part.starts_at for part in self._make.event(self.visit.id).parts}
        return now[self.visit.parts[slot].id]

    def move(self, slot: int) -> None:
        to = [self.visit.parts[slot].id]
        with self._work(self._make.actor(self.person)) as unit:
            bookings.change(unit, public_id=self.held.public_id, part_ids=to, party=bookings.Party(1))

    def cancel(self) -> None:
        with self._work(self._make.actor(self.person)) as unit:
            bookings.cancel(unit, public_id=self.held.public_id)

    def put_off(self, by: timedelta, slot: int = 0) -> None:
        """What staff do: the slot itself happens at another time."""
        part = self.visit.parts[slot]
        starts = Part.starts_at + by
        with self._work() as unit:
            unit.session.execute(
                update(Part).where(Part.id == part.id).values(starts_at=starts, ends_at=Part.ends_at + by)
            )

    def call_off(self, slot: int = 0) -> None:
        with self._work() as unit:
            unit.session.execute(
                update(Part).where(Part.id == self.visit.parts[slot].id).values(state=PartState.CANCELLED)
            )

    def run(self) -> str:
        with self._app.app_context():
            return send_reminders.run()

    def at(self, instant: datetime) -> list[str]:
        """What is reminded of when the job runs at that instant."""
        self._clock.set(instant)
        seen = len(self._outbox("reminder"))
        self.run()
        return [row.params["ahead"] for row in self._outbox("reminder")[seen:]]


@pytest.fixture
def calendar(app: Flask, make: Make, work: Working, clock: FixedClock, outbox: Posted) -> Calendar:
    return Calendar(app, make, work, clock, outbox)


class TestAReminder:
    @pytest.mark.parametrize(("ahead", "before"), BEFORE.items())
    def test_comes_at_its_time_and_not_a_second_earlier(
        self, calendar: Calendar, ahead: str, before: timedelta
    ) -> None:
        calendar.book()
        assert ahead not in calendar.at(calendar.starts() - before - SECOND)
        assert calendar.at(calendar.starts() - before) == [ahead]

    def test_comes_three_times_and_never_twice(self, calendar: Calendar) -> None:
        calendar.book()
        moments = [calendar.starts() - timedelta(hours=hours) for hours in range(175)]
        came = [(moment, ahead) for moment in sorted(moments) for ahead in calendar.at(moment)]
        assert came == [(calendar.starts() - before, ahead) for ahead, before in BEFORE.items()]

    def test_is_posted_once_however_often_and_by_however_many_the_job_is_run(self, calendar: Calendar) -> None:
        calendar.book()
        assert calendar.at(calendar.starts() - DAY) == ["day"]
        assert [calendar.run() for _ in range(3)] == ["0 reminders posted"] * 3

    def test_goes_to_the_booker_and_not_to_each_seat(self, calendar: Calendar, outbox: Posted) -> None:
        calendar.book(size=4)
        calendar.at(calendar.starts() - DAY)
        assert [row.person_id for row in outbox("reminder")] == [calendar.person.id]

    def test_is_timely_and_useless_once_it_would_no_longer_help(self, calendar: Calendar, outbox: Posted) -> None:
        calendar.book()
        for before in BEFORE.values():
            calendar.at(calendar.starts() - before)
        left = [calendar.starts() - row.useless_after for row in outbox("reminder") if row.useless_after]
        assert left == sorted(left, reverse=True)
        assert len(left) == 3
        assert left[-1] == timedelta()
        assert all(until < before for until, before in zip(left, BEFORE.values(), strict=True))
        assert {row.urgency for row in outbox("reminder")} == {OutboxClass.TIMELY}

    def test_that_is_useless_is_not_sent(self, calendar: Calendar, mailbox: Mailbox, clock: FixedClock) -> None:
        calendar.book()
        mailbox.deliver()
        calendar.at(calendar.starts() - HOUR)
        clock.set(calendar.starts())
        assert mailbox.deliver() == []

    def test_for_somebody_without_email_is_for_a_person_to_say(
        self, calendar: Calendar, make: Make, outbox: Posted
    ) -> None:
        calendar.book(person=make.person("Rosa Lund", None))
        calendar.at(calendar.starts() - DAY)
        assert [row.channel for row in outbox("reminder")] == [OutboxChannel.TELL]

    def test_comes_to_everyone(self, calendar: Calendar, make: Make, outbox: Posted) -> None:
        for number in range(10):
            calendar.book(person=make.person(f"Guest {number}"))
        assert len(calendar.at(calendar.starts() - DAY)) == 10
        assert len({row.person_id for row in outbox("reminder")}) == 10

    @pytest.mark.parametrize(
        ("left", "words"),
        [
            (WEEK, "In a week"),
            (DAY, "Tomorrow"),
            (HOUR, "In an hour"),
            (timedelta(days=3), None),
            (timedelta(hours=3), None),
            (timedelta(minutes=5), None),
        ],
    )
    def test_that_comes_late_says_nothing_untrue(
        self, calendar: Calendar, mailbox: Mailbox, left: timedelta, words: str | None
    ) -> None:
        """Jobs may have stood still; a letter three hours before the visit must not say “Tomorrow”."""
        calendar.book()
        mailbox.deliver()
        calendar.at(calendar.starts() - left)
        subjects = [mail.subject.partition(":")[0] for mail in mailbox.deliver()]
        if words:
            assert subjects == [words]
        assert set(subjects) & {"In a week", "Tomorrow", "In an hour"} <= {words}


class TestNobodyIsReminded:
    @pytest.mark.parametrize(
        ("booked", "reminded"),
        [
            (timedelta(days=10), ["week", "day", "hour"]),
            (WEEK, ["week", "day", "hour"]),
            (WEEK - SECOND, ["day", "hour"]),
            (timedelta(hours=20), ["hour"]),
            (timedelta(minutes=20), []),
        ],
    )
    def test_of_what_they_booked_a_moment_ago(
        self, calendar: Calendar, clock: FixedClock, booked: timedelta, reminded: list[str]
    ) -> None:
        starts = calendar.starts()
        clock.set(starts - booked)
        calendar.book()
        moments = [starts - booked + timedelta(minutes=10) * step for step in range(10 * 24 * 6)]
        aheads = [starts - before for before in BEFORE.values()]
        when = sorted({moment for moment in [*moments[:3], *aheads] if starts - booked <= moment < starts})
        assert [ahead for moment in when for ahead in calendar.at(moment)] == reminded

    def test_of_what_they_cancelled(self, calendar: Calendar) -> None:
        calendar.book()
        calendar.cancel()
        for before in BEFORE.values():
            assert calendar.at(calendar.starts() - before) == []

    def test_of_what_was_called_off(self, calendar: Calendar) -> None:
        calendar.book()
        calendar.call_off()
        for before in BEFORE.values():
            assert calendar.at(calendar.starts() - before) == []

    def test_of_what_has_begun(self, calendar: Calendar) -> None:
        calendar.book()
        assert calendar.at(calendar.starts()) == []

    def test_by_a_letter_that_was_posted_before_they_cancelled(
        self, calendar: Calendar, mailbox: Mailbox, outbox: Posted
    ) -> None:
        calendar.book()
        mailbox.deliver()
        calendar.at(calendar.starts() - DAY)
        calendar.cancel()
        assert [mail.subject.partition(":")[0] for mail in mailbox.deliver()] == ["Cancelled"]
        assert outbox("reminder")[0].state is OutboxState.DROPPED

    def test_of_what_they_moved_to_a_moment_ago(self, calendar: Calendar, clock: FixedClock) -> None:
        """They have just been told of the change; and a slot in three days is not “in a week”."""
        calendar.book(slot=1)
        clock.set(calendar.starts(0) - timedelta(days=3))
        calendar.move(0)
        assert calendar.at(clock.now()) == []
        assert calendar.at(calendar.starts(0) - DAY) == ["day"]


class TestReminders:
    def test_follow_the_booking_to_another_slot(self, calendar: Calendar) -> None:
        calendar.book(slot=0)
        calendar.move(1)
        assert calendar.at(calendar.starts(0) - WEEK) == []
        assert calendar.at(calendar.starts(1) - WEEK) == ["week"]

    def test_follow_the_slot_to_another_time(self, calendar: Calendar) -> None:
        calendar.book()
        planned = calendar.starts()
        calendar.put_off(timedelta(days=2))
        assert calendar.at(planned - WEEK) == []
        assert calendar.at(planned - WEEK + timedelta(days=2)) == ["week"]

    def test_come_again_when_the_slot_moves_after_the_first(
        self, calendar: Calendar, mailbox: Mailbox, clock: FixedClock
    ) -> None:
        calendar.book()
        mailbox.deliver()
        assert calendar.at(calendar.starts() - DAY) == ["day"]
        assert len(mailbox.deliver()) == 1
        calendar.put_off(timedelta(days=14))
        assert calendar.at(clock.now()) == []
        assert calendar.at(calendar.starts() - DAY) == ["day"]
        (mail,) = mailbox.deliver()
        assert "Wednesday 15 April 2026, 11am" in mail.text

    def test_that_were_posted_for_the_old_time_are_dropped(
        self, calendar: Calendar, mailbox: Mailbox, outbox: Posted
    ) -> None:
        calendar.book()
        mailbox.deliver()
        calendar.at(calendar.starts() - DAY)
        calendar.put_off(HOUR)
        assert mailbox.deliver() == []
        assert outbox("reminder")[0].state is OutboxState.DROPPED

    def test_move_within_the_day_without_getting_lost(self, calendar: Calendar, mailbox: Mailbox) -> None:
        calendar.book()
        mailbox.deliver()
        calendar.at(calendar.starts() - DAY)
        calendar.put_off(HOUR)
        calendar.at(calendar.starts() - DAY)
        (mail,) = mailbox.deliver()
        assert "midday to 1pm" in mail.text


class TestACourse:
    """Two days of two half-days: somebody who comes to all of them hears once in the week before and once a day."""

    def test_reminds_once_before_it_and_once_for_each_day(
        self, app: Flask, make: Make, work: Working, clock: FixedClock, outbox: Posted
    ) -> None:
        day = (clock.now() + timedelta(days=30)).replace(hour=9)
        starts = [day, day + 4 * HOUR, day + DAY, day + DAY + 4 * HOUR]
        course = make.visit(slots=starts, choice=Choice.ALL)
        make.booking(make.person(), course)
        clock.set(day - 8 * DAY)
        while clock.now() < starts[-1]:
            with app.app_context():
                send_reminders.run()
            clock.move(HOUR)
        told = [
            (row.params["ahead"], starts.index(datetime.fromisoformat(row.params["starts_at"])))
            for row in outbox("reminder")
        ]
        assert sorted(told) == [("day", 0), ("day", 2), ("hour", 0), ("hour", 2), ("week", 0)]
