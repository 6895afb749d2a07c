"""Messages that hang on the dates of an event: to whom, when, once, and in step with what changes."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import update

from cop.models.accounts import Person
from cop.models.events import Attendance, BookingSource, Event, EventState, Part
from cop.models.outbox import Dropped, MailTopic, Outbox, OutboxChannel, OutboxClass, OutboxState
from cop.models.summits import Answer
from cop.models.telling import Anchor, RuleAudience
from cop.services import preferences, summits
from cop.services.events import booking as bookings
from scheduled import tend_offers
from tests.support import cohorts, panel
from tests.support.clock import START, FixedClock
from tests.support.mailbox import Mailbox
from tests.support.make import Make, Reads, Working
from tests.support.merging import Merging
from tests.support.rules import DAY, Rules, terms
from tests.support.summits import answer, invitation_of, invite, make_summit
from tests.support.surveys import Surveys
from tests.support.waiting import Line

HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)

TUESDAY = datetime(2026, 3, 24, 10, tzinfo=UTC)


@pytest.fixture
def rules(app: Flask, clock: FixedClock) -> Rules:
    return Rules(app, clock)


@pytest.fixture
def visit(make: Make) -> Event:
    """Two slots, two days apart."""
    return make.visit(slots=[TUESDAY, TUESDAY + 2 * DAY])


def names(make: Make, rows: Sequence[Outbox], *people: Person) -> set[str]:
    by_id = {person.id: person.name for person in people}
    return {by_id[row.person_id or 0] for row in rows}


class TestWhen:
    def test_each_counts_from_the_part_that_they_hold(self, make: Make, rules: Rules, visit: Event) -> None:
        first, second = make.person("First"), make.person("Second")
        make.booking(first, visit, 0)
        make.booking(second, visit, 1)
        rule = rules.add(visit)
        assert rules.at(TUESDAY - 3 * DAY - SECOND) == []
        assert rules.run() == "0 messages of rules posted"
        (sent,) = rules.at(TUESDAY - 3 * DAY)
        assert (sent.person_id, sent.key) == (first.id, f"rule:{rule.id}:{visit.id}:{first.id}")
        assert [row.person_id for row in rules.at(TUESDAY - DAY)] == [second.id]

    def test_it_moves_with_the_date_and_comes_once(
        self, make: Make, rules: Rules, visit: Event, work: Working, clock: FixedClock
    ) -> None:
        make.booking(make.person(), visit)
        rules.add(visit)
        with work() as unit:
            later = {"starts_at": Part.starts_at + 7 * DAY, "ends_at": Part.ends_at + 7 * DAY}
            unit.session.execute(update(Part).values(later))
        assert rules.at(TUESDAY - 3 * DAY) == []
        clock.set(TUESDAY + 4 * DAY)
        assert rules.run() == "1 messages of rules posted"
        assert rules.at(TUESDAY + 5 * DAY) == []

    def test_it_is_routine_and_waits_for_working_hours(self, make: Make, rules: Rules, visit: Event) -> None:
        make.booking(make.person(), visit)
        rules.add(visit)
        (sent,) = rules.at(TUESDAY - 3 * DAY)  # a Saturday
        assert sent.urgency is OutboxClass.ROUTINE
        assert (sent.due_at.weekday(), sent.due_at.hour) == (0, 8)
        assert sent.useless_after == TUESDAY

    def test_within_a_day_of_the_start_it_goes_at_any_hour(self, make: Make, rules: Rules, visit: Event) -> None:
        make.booking(make.person(), visit)
        rules.add(visit, terms(after=-16 * HOUR))
        (sent,) = rules.at(TUESDAY - 16 * HOUR)
        assert (sent.urgency, sent.due_at) == (OutboxClass.TIMELY, TUESDAY - 16 * HOUR)

    def test_whoever_books_later_gets_it_then_and_nobody_once_it_has_begun(
        self, make: Make, rules: Rules, visit: Event, clock: FixedClock
    ) -> None:
        rules.add(visit)
        assert rules.at(TUESDAY - 2 * DAY) == []
        make.booking(make.person(), visit)
        assert len(rules.at(TUESDAY - 2 * DAY + HOUR)) == 1
        clock.set(TUESDAY - HOUR)
        make.booking(make.person(), visit)
        assert rules.at(TUESDAY) == []

    def test_what_comes_long_before_is_sent_until_the_start(self, make: Make, rules: Rules, visit: Event) -> None:
        rules.add(visit, terms(after=-20 * DAY))
        make.booking(make.person(), visit)
        assert len(rules.at(TUESDAY - 2 * DAY)) == 1

    @pytest.mark.parametrize(
        ("hour", "urgency", "due_at"),
        [
            (8, OutboxClass.TIMELY, TUESDAY - 3 * DAY - 2 * HOUR),
            (9, OutboxClass.ROUTINE, TUESDAY - DAY - 2 * HOUR),
        ],
    )
    def test_what_would_be_of_no_use_in_the_next_working_hours_goes_at_any_hour(
        self, make: Make, rules: Rules, visit: Event, work: Working, hour: int, urgency: OutboxClass, due_at: datetime
    ) -> None:
        """It is Saturday, and booking closes on Monday as they begin or an hour later."""
        make.booking(make.person(), visit)
        with work() as unit:
            unit.session.execute(update(Event).values(closes_at=(TUESDAY - DAY).replace(hour=hour)))
        rules.add(visit, terms(after=-2 * DAY - HOUR, anchor=Anchor.DEADLINE))
        (sent,) = rules.at(TUESDAY - 3 * DAY - 2 * HOUR)
        assert (sent.urgency, sent.due_at) == (urgency, due_at)

    def test_what_follows_is_sent_for_two_weeks(self, make: Make, rules: Rules, visit: Event) -> None:
        make.booking(make.person(), visit)
        rules.add(visit, terms(after=DAY, anchor=Anchor.END))
        assert rules.at(TUESDAY + HOUR + DAY + 14 * DAY) == []
        (sent,) = rules.at(TUESDAY + HOUR + DAY + 14 * DAY - SECOND)
        assert (sent.template, sent.useless_after) == ("event_note", TUESDAY + HOUR + 15 * DAY)

    def test_the_deadline_is_the_close_of_booking(self, make: Make, rules: Rules, visit: Event, work: Working) -> None:
        make.booking(make.person(), visit)
        rules.add(visit, terms(after=-DAY, anchor=Anchor.DEADLINE))
        assert rules.at(START + DAY) == []
        with work() as unit:
            unit.session.execute(update(Event).values(closes_at=START + 2 * DAY))
        assert len(rules.at(START + DAY + HOUR)) == 1

    def test_nothing_goes_out_for_drafts_and_what_is_called_off(
        self, make: Make, rules: Rules, visit: Event, work: Working
    ) -> None:
        make.booking(make.person(), visit)
        rules.add(visit)
        for columns in ({"state": EventState.DRAFT}, {"state": EventState.CANCELLED}):
            with work() as unit:
                unit.session.execute(update(Event).values(columns))
            assert rules.at(TUESDAY - 2 * DAY) == []

    def test_a_rule_that_is_switched_off_is_silent(self, make: Make, rules: Rules, visit: Event) -> None:
        make.booking(make.person(), visit)
        rule = rules.add(visit, active=False)
        assert rules.at(TUESDAY - 2 * DAY) == []
        rules.switch(rule, active=True)
        assert len(rules.at(TUESDAY - 2 * DAY)) == 1


class TestWhom:
    def test_booked_are_those_who_hold_places_and_did_not_walk_in(
        self, make: Make, rules: Rules, visit: Event, work: Working
    ) -> None:
        comes, gone, walked = make.person("Comes"), make.person("Gone"), make.person("Walked in")
        held = {person.id: make.booking(person, visit) for person in (comes, gone, walked)}
        with work(make.actor(gone)) as unit:
            bookings.cancel(unit, public_id=held[gone.id].public_id)
        with work() as unit:
            unit.session.get_one(type(held[walked.id]), held[walked.id].id).source = BookingSource.WALK_IN
        rules.add(visit)
        assert names(make, rules.at(TUESDAY - 2 * DAY), comes) == {"Comes"}

    def test_who_came_and_who_did_not_are_told_apart_by_their_marks(
        self, app: Flask, make: Make, rules: Rules, visit: Event, clock: FixedClock
    ) -> None:
        people = [make.person(name) for name in ("Came", "Partly", "Absent", "Excused", "Unmarked")]
        held = [make.booking(person, visit) for person in people]
        rules.add(visit, terms(RuleAudience.ATTENDED, HOUR, Anchor.END))
        missed = rules.add(visit, terms(RuleAudience.NO_SHOW, HOUR, Anchor.END))
        clock.set(TUESDAY + HOUR)
        surveys = Surveys(app, make, clock)
        statuses = (Attendance.ATTENDED, Attendance.PARTIAL, Attendance.ABSENT, Attendance.EXCUSED)
        for booked, status in zip(held, statuses, strict=False):
            surveys.mark(booked, visit.parts[0], status)
        sent = rules.at(TUESDAY + 3 * HOUR)
        to_absent = [row for row in sent if row.params["rule_id"] == missed.id]
        assert names(make, to_absent, *people) == {"Absent"}
        assert names(make, [row for row in sent if row not in to_absent], *people) == {"Came", "Partly"}

    def test_whoever_missed_one_of_several_parts_is_no_no_show_before_the_others_are_over(
        self, app: Flask, make: Make, rules: Rules, clock: FixedClock
    ) -> None:
        surveys = Surveys(app, make, clock)
        course = surveys.course(TUESDAY, TUESDAY + DAY)
        held = surveys.place(make.person(), course)
        rules.add(course, terms(RuleAudience.NO_SHOW, HOUR, Anchor.START))
        clock.set(TUESDAY + HOUR)
        surveys.mark(held, course.parts[0], Attendance.ABSENT)
        assert rules.at(TUESDAY + 2 * HOUR) == []
        clock.set(TUESDAY + DAY + HOUR)
        surveys.mark(held, course.parts[1], Attendance.ABSENT)
        assert len(rules.at(TUESDAY + DAY + 2 * HOUR)) == 1

    def test_waiting_are_those_to_whom_nothing_is_offered(self, app: Flask, make: Make, rules: Rules) -> None:
        full = make.visit(slots=[TUESDAY], capacity=1)
        make.booking(make.person("Booked"), full)
        waits = make.account("Waits")
        Line(app, make, full).join(waits)
        rules.add(full, terms(RuleAudience.WAITING))
        assert names(make, rules.at(TUESDAY - 2 * DAY), waits) == {"Waits"}

    def test_silent_and_accepted_follow_the_answers_to_invitations(
        self, make: Make, rules: Rules, work: Working, reading: Reads
    ) -> None:
        summit = make_summit(make, work)
        begins = summit.parts[0].starts_at
        people = [make.person(name) for name in ("Silent", "Yes", "No")]
        invite(work, summit, *people)
        answer(work, invitation_of(reading, summit, people[1]), Answer.YES)
        answer(work, invitation_of(reading, summit, people[2]), Answer.NO)
        rules.add(summit, terms(RuleAudience.SILENT, anchor=Anchor.DEADLINE))
        rules.add(summit, terms(RuleAudience.ACCEPTED, after=-2 * DAY))
        assert names(make, rules.at(begins - 3 * DAY), *people) == {"Silent"}
        assert names(make, rules.at(begins - 2 * DAY), *people) == {"Yes"}

    def test_whoever_was_offered_a_place_counts_from_their_own_deadline(
        self, make: Make, rules: Rules, reading: Reads
    ) -> None:
        course = panel.course(make, places=2)
        accepted, offered = panel.offered(make, course, "oo")[:2]
        panel.accept(make, accepted)
        rules.add(course, terms(RuleAudience.SILENT, after=-DAY, anchor=Anchor.DEADLINE))
        assert offered.expires_at is not None
        assert rules.at(offered.expires_at - DAY - SECOND) == []
        assert [row.person_id for row in rules.at(offered.expires_at - DAY)] == [offered.person_id]

    def test_drafting_are_those_who_began_an_application(self, make: Make, rules: Rules, work: Working) -> None:
        course = cohorts.course(work, make)
        person = make.account("Begins")
        cohorts.begin(work, make, person, course)
        rules.add(course, terms(RuleAudience.DRAFTING, anchor=Anchor.DEADLINE))
        assert course.closes_at is not None
        assert names(make, rules.at(course.closes_at - DAY), person) == {"Begins"}

    def test_the_silent_get_two_reminders_whatever_rules_there_are(
        self, make: Make, rules: Rules, work: Working
    ) -> None:
        summit = make_summit(make, work)
        invite(work, summit, make.person())
        begins = summit.parts[0].starts_at
        sent = []
        for days in (9, 8, 7):
            rule = rules.add(summit, terms(RuleAudience.SILENT, -days * DAY, Anchor.DEADLINE))
            sent.append(len(rules.at(begins - days * DAY)))
            rules.switch(rule, active=False)
        assert sent == [1, 1, 0]

    def test_what_staff_sent_by_hand_counts_among_the_two(
        self, make: Make, rules: Rules, work: Working, clock: FixedClock
    ) -> None:
        summit = make_summit(make, work)
        invite(work, summit, make.person())
        rules.add(summit, terms(RuleAudience.SILENT, -9 * DAY, Anchor.DEADLINE))
        for _time in (1, 2):
            clock.move(10 * DAY)
            with work() as unit:
                assert summits.remind(unit, event_id=summit.id, tentative=False) == 1
        assert rules.at(summit.parts[0].starts_at - 9 * DAY) == []

    def test_the_reminder_before_an_offer_ends_counts_among_the_two(
        self, app: Flask, make: Make, rules: Rules, clock: FixedClock
    ) -> None:
        course = panel.course(make)
        ends = panel.until(panel.offered(make, course)[0])
        for days in (3, 1):
            rules.add(course, terms(RuleAudience.SILENT, -days * DAY, Anchor.DEADLINE))
        assert len(rules.at(ends - 3 * DAY)) == 1
        clock.set(ends - 2 * DAY)
        with app.app_context():
            assert ", 1 reminders posted" in tend_offers.run()
        assert rules.at(ends - DAY) == []

    def test_whoever_was_merged_since_does_not_get_it_twice(
        self, app: Flask, make: Make, rules: Rules, visit: Event
    ) -> None:
        kept, gone = make.person("Amina"), make.person("Amina Yusuf")
        make.booking(gone, visit)
        rules.add(visit)
        assert len(rules.at(TUESDAY - 3 * DAY)) == 1
        Merging(app).people(kept, gone)
        assert rules.at(TUESDAY - 2 * DAY) == []
        assert [row.person_id for row in rules.posted()] == [kept.id]


class TestHow:
    def test_whom_no_mail_reaches_is_told_by_staff(self, make: Make, rules: Rules, visit: Event) -> None:
        make.booking(make.person(email=None), visit)
        rules.add(visit)
        (sent,) = rules.at(TUESDAY - 2 * DAY)
        assert (sent.channel, sent.state) == (OutboxChannel.TELL, OutboxState.PENDING)

    def test_whoever_turned_reminders_off_gets_none(
        self, make: Make, rules: Rules, visit: Event, work: Working
    ) -> None:
        person = make.account()
        make.booking(person, visit)
        with work(make.actor(person)) as unit:
            preferences.choose(unit, wanted=[MailTopic.NOTES])
        rules.add(visit)
        (sent,) = rules.at(TUESDAY - 2 * DAY)
        assert (sent.state, sent.last_error) == (OutboxState.DROPPED, Dropped.TURNED_OFF)
        assert rules.at(TUESDAY - DAY) == []

    def test_the_letter_fills_in_what_is_theirs(self, make: Make, rules: Rules, visit: Event, mailbox: Mailbox) -> None:
        make.booking(make.person("Amina *Yusuf*"), visit)
        mailbox.deliver()  # the confirmation
        rules.add(visit, terms(body="Dear {name},\n\nsee you on **{when}** at [our page](https://hub.example)."))
        assert rules.at(TUESDAY - DAY)
        (mail,) = mailbox.deliver()
        assert mail.subject == "Getting ready for A morning at the Healthy Hub"
        assert "Dear Amina *Yusuf*," in mail.text
        assert "see you on Tuesday 24 March 2026, 10am to 11am at our page: https://hub.example." in mail.text
        assert [bold.text for bold in mail.soup.select("strong")] == ["Tuesday 24 March 2026, 10am to 11am"]
        assert "/bookings/t/" in mail.text

    def test_what_waits_is_dropped_when_the_rule_is_switched_off(
        self, make: Make, rules: Rules, visit: Event, mailbox: Mailbox, clock: FixedClock
    ) -> None:
        make.booking(make.person(), visit)
        mailbox.deliver()  # the confirmation
        rule = rules.add(visit)
        rules.at(TUESDAY - 3 * DAY)
        rules.switch(rule, active=False)
        clock.set(TUESDAY - DAY)
        assert mailbox.deliver() == []
        assert [row.last_error for row in rules.posted()] == [Dropped.POINTLESS]

    def test_what_was_dropped_because_the_date_moved_comes_when_that_is_near(
        self, make: Make, rules: Rules, visit: Event, work: Working, mailbox: Mailbox, clock: FixedClock
    ) -> None:
        make.booking(make.person(), visit)
        mailbox.deliver()  # the confirmation
        rules.add(visit)
        rules.at(TUESDAY - 3 * DAY)
        with work() as unit:
            later = {"starts_at": Part.starts_at + 7 * DAY, "ends_at": Part.ends_at + 7 * DAY}
            unit.session.execute(update(Part).values(later))
        clock.set(TUESDAY - DAY)
        assert mailbox.deliver() == []
        clock.set(TUESDAY + 6 * DAY)
        rules.run()
        assert [mail.subject for mail in mailbox.deliver()] == ["Getting ready for A morning at the Healthy Hub"]
        rules.run()
        assert mailbox.deliver() == []
