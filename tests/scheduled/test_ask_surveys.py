"""Who is asked how it was, and when: once, of those who came, and reminded twice at most."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from cop.core.access import Role
from cop.models.accounts import Person, RoleGrant
from cop.models.events import Attendance, Event, EventKind, EventState, Part, PartState
from cop.models.outbox import Outbox, OutboxChannel, OutboxClass, OutboxState
from cop.models.surveys import Mode, Questionnaire, Wave
from cop.models.webinars import LinkKind
from cop.services.events import booking
from cop.services.surveys import templates
from cop.services.surveys.publishing import publish_template
from scheduled import close_surveys
from tests.support.clock import FixedClock
from tests.support.mailbox import Mailbox
from tests.support.make import Make, Reads, Working
from tests.support.queries import count_queries
from tests.support.surveys import Surveys

HOUR, DAY, SECOND = timedelta(hours=1), timedelta(days=1), timedelta(seconds=1)

Posted = Callable[..., Sequence[Outbox]]


@pytest.fixture
def surveys(app: Flask, make: Make, clock: FixedClock) -> Surveys:
    return Surveys(app, make, clock)


@pytest.fixture
def amina(make: Make) -> Person:
    return make.person("Amina", "amina@council.example")


@pytest.fixture
def visit(make: Make) -> Event:
    """A visit with two slots, at 10 and 11:30 on Monday 9 March."""
    return make.visit(slots=2)


def ends(event: Event, slot: int = 0) -> datetime:
    return event.parts[slot].ends_at


class TestAfterAnEvent:
    @pytest.mark.parametrize("status", [Attendance.ATTENDED, Attendance.PARTIAL])
    def test_those_who_came_are_asked_an_hour_after_it(
        self, status: Attendance, surveys: Surveys, make: Make, clock: FixedClock, amina: Person, visit: Event
    ) -> None:
        held = make.booking(amina, visit)
        clock.set(ends(visit))
        surveys.mark(held, visit.parts[0], status)
        assert surveys.at(ends(visit) + HOUR - SECOND) == []
        assert surveys.at(ends(visit) + HOUR) == [("pulse", "Amina")]

    @pytest.mark.parametrize("kind", [EventKind.WEBINAR, EventKind.SUMMIT])
    def test_of_every_kind(
        self, kind: EventKind, surveys: Surveys, make: Make, work: Working, clock: FixedClock, amina: Person
    ) -> None:
        event = make.visit(kind=kind, slots=1)
        with work() as unit:
            person = unit.session.get_one(Person, amina.id)
            held = booking.book_invited(unit, event_id=event.id, person=person, part_ids=[event.parts[0].id])
        clock.set(ends(event))
        surveys.mark(held, event.parts[0])
        assert surveys.at(ends(event) + HOUR) == [("pulse", "Amina")]

    @pytest.mark.parametrize("status", [Attendance.ABSENT, Attendance.EXCUSED, None])
    def test_others_are_not(
        self,
        status: Attendance | None,
        surveys: Surveys,
        make: Make,
        clock: FixedClock,
        amina: Person,
        visit: Event,
    ) -> None:
        held = make.booking(amina, visit)
        clock.set(ends(visit))
        if status:
            surveys.mark(held, visit.parts[0], status)
        assert surveys.at(ends(visit) + HOUR) == []

    def test_a_mark_that_was_corrected_counts_as_it_is_now(
        self, surveys: Surveys, make: Make, clock: FixedClock, amina: Person, visit: Event
    ) -> None:
        held = make.booking(amina, visit)
        clock.set(ends(visit))
        surveys.mark(held, visit.parts[0], Attendance.ATTENDED)
        surveys.mark(held, visit.parts[0], Attendance.ABSENT)
        assert surveys.at(ends(visit) + HOUR) == []

    @pytest.mark.parametrize(("late", "asked"), [(7 * DAY, True), (7 * DAY + SECOND, False)])
    def test_a_mark_comes_in_time_or_asks_nobody(
        self,
        late: timedelta,
        asked: bool,  # noqa: FBT001
        surveys: Surveys,
        make: Make,
        clock: FixedClock,
        amina: Person,
        visit: Event,
    ) -> None:
        held = make.booking(amina, visit)
        clock.set(ends(visit) + late)
        surveys.mark(held, visit.parts[0])
        assert bool(surveys.at(clock.now())) is asked

    @pytest.mark.parametrize(("late", "asked"), [(14 * DAY - SECOND, True), (14 * DAY, False)])
    def test_an_event_of_long_ago_asks_nobody(
        self,
        late: timedelta,
        asked: bool,  # noqa: FBT001
        surveys: Surveys,
        make: Make,
        clock: FixedClock,
        amina: Person,
        visit: Event,
    ) -> None:
        held = make.booking(amina, visit)
        clock.set(ends(visit))
        surveys.mark(held, visit.parts[0])
        assert (("pulse", "Amina") in surveys.at(ends(visit) + late)) is asked

    def test_who_has_another_part_before_them_is_asked_after_that(
        self, surveys: Surveys, make: Make, work: Working, clock: FixedClock, amina: Person
    ) -> None:
        summit = make.visit(kind=EventKind.SUMMIT, choice="any", slots=2)
        with work() as unit:
            person = unit.session.get_one(Person, amina.id)
            parts = [part.id for part in summit.parts]
            held = booking.book_invited(unit, event_id=summit.id, person=person, part_ids=parts)
        clock.set(ends(summit))
        surveys.mark(held, summit.parts[0])
        assert surveys.at(ends(summit) + HOUR) == []
        assert surveys.at(ends(summit, 1) + HOUR - SECOND) == []
        assert surveys.at(ends(summit, 1) + HOUR) == [("pulse", "Amina")]

    def test_who_came_to_two_parts_is_asked_once(
        self, surveys: Surveys, make: Make, work: Working, clock: FixedClock, amina: Person
    ) -> None:
        summit = make.visit(kind=EventKind.SUMMIT, choice="any", slots=2)
        with work() as unit:
            person = unit.session.get_one(Person, amina.id)
            parts = [part.id for part in summit.parts]
            held = booking.book_invited(unit, event_id=summit.id, person=person, part_ids=parts)
        clock.set(ends(summit, 1))
        for part in summit.parts:
            surveys.mark(held, part)
        assert surveys.at(ends(summit, 1) + HOUR) == [("pulse", "Amina")]
        assert surveys.at(ends(summit, 1) + 2 * HOUR) == []

    def test_guests_whom_nobody_knows_are_not_asked(
        self, surveys: Surveys, make: Make, clock: FixedClock, amina: Person, visit: Event
    ) -> None:
        held = make.booking(amina, visit, party_size=3, names=["Ben"])
        clock.set(ends(visit))
        for seat in (1, 2):
            surveys.mark(held, visit.parts[0], seat=seat)
        assert surveys.at(ends(visit) + HOUR) == []

    def test_a_cancelled_event_asks_nobody(
        self, surveys: Surveys, make: Make, work: Working, clock: FixedClock, amina: Person, visit: Event
    ) -> None:
        held = make.booking(amina, visit)
        clock.set(ends(visit))
        surveys.mark(held, visit.parts[0])
        with work() as unit:
            unit.session.execute(update(Event).where(Event.id == visit.id).values(state=EventState.CANCELLED))
        assert surveys.at(ends(visit) + HOUR) == []

    def test_the_invitation_is_promised_with_it(
        self, surveys: Surveys, make: Make, outbox: Posted, amina: Person, clock: FixedClock
    ) -> None:
        surveys.pulse([amina, make.person("Rosa", None)])
        asked = {ask.person_id: ask for ask in surveys.asks()}
        posted = outbox("survey_invitation")
        assert [(row.person_id, row.channel) for row in posted] == [
            (amina.id, OutboxChannel.EMAIL),
            (max(asked), OutboxChannel.TELL),
        ]
        assert {row.urgency for row in posted} == {OutboxClass.ROUTINE}
        assert {row.useless_after for row in posted} == {clock.now() + 14 * DAY}
        assert {ask.opens_at for ask in asked.values()} == {clock.now()}


class TestSomeTimeAfterAnEvent:
    @pytest.mark.parametrize(
        ("kind", "wave", "days", "until"),
        [(EventKind.VISIT, "reflection", 14, 28), (EventKind.SUMMIT, "60 days", 60, 88)],
    )
    def test_those_who_came_are_asked_once_more(
        self,
        kind: EventKind,
        wave: str,
        days: int,
        until: int,
        surveys: Surveys,
        make: Make,
        work: Working,
        clock: FixedClock,
    ) -> None:
        event = make.visit(kind=kind, slots=1, capacity=None)
        held = {}
        for name in ("Amina", "Ben", "Cara"):
            with work() as unit:
                person = unit.session.get_one(Person, make.person(name).id)
                parts = [part.id for part in event.parts]
                held[name] = booking.book_invited(unit, event_id=event.id, person=person, part_ids=parts)
        clock.set(ends(event))
        for name in ("Amina", "Ben"):
            surveys.mark(held[name], event.parts[0])
        surveys.at(ends(event) + HOUR)
        assert surveys.at(ends(event) + days * DAY - SECOND) == []
        assert surveys.at(ends(event) + days * DAY) == [(wave, "Amina"), (wave, "Ben")]
        surveys.mark(held["Cara"], event.parts[0])
        assert surveys.at(ends(event) + until * DAY) == []
        assert surveys.at(ends(event) + until * DAY - SECOND) == [(wave, "Cara")]

    def test_a_webinar_is_not_reflected_upon(
        self, surveys: Surveys, make: Make, work: Working, clock: FixedClock, amina: Person
    ) -> None:
        webinar = make.visit(kind=EventKind.WEBINAR, slots=1)
        with work() as unit:
            person = unit.session.get_one(Person, amina.id)
            held = booking.book_invited(unit, event_id=webinar.id, person=person, part_ids=[webinar.parts[0].id])
        clock.set(ends(webinar))
        surveys.mark(held, webinar.parts[0])
        surveys.at(ends(webinar) + HOUR)
        assert surveys.at(ends(webinar) + 14 * DAY) == surveys.at(ends(webinar) + 60 * DAY) == []

    def test_who_comes_after_an_anonymous_survey_has_closed_is_not_asked(
        self, surveys: Surveys, app: Flask, make: Make, work: Working, clock: FixedClock, amina: Person
    ) -> None:
        """To a date that is put off until then, say: their answers would stand alone."""
        with work() as unit:
            publish_template(unit, replace(templates.REFLECTION, mode=Mode.ANONYMOUS))
        people = [make.person(f"Guest {number}") for number in range(5)]
        visit = make.visit(slots=2, capacity=None)
        held = [make.booking(person, visit) for person in people]
        late = make.booking(amina, visit, 1)
        clock.set(ends(visit))
        for booked in held:
            surveys.mark(booked, visit.parts[0])
        assert len(surveys.at(ends(visit) + 14 * DAY)) == 5
        for person in people:
            surveys.answer(surveys.ask_of(person, Wave.REFLECTION))
        clock.move(15 * DAY)
        with app.app_context():
            assert close_surveys.run() == "1 anonymous surveys closed"
        with work() as unit:
            put_off = unit.session.get_one(Part, visit.parts[1].id)
            put_off.starts_at, put_off.ends_at = unit.now - HOUR, unit.now
        surveys.mark(late, visit.parts[1])
        clock.move(14 * DAY)
        assert surveys.at(clock.now()) == []


class TestAlongACourse:
    @pytest.fixture
    def course(self, surveys: Surveys) -> Event:
        """Two half-days: Friday 27 March, in winter time, and Tuesday 31 March, in summer time, 2pm to 3pm."""
        return surveys.course(datetime(2026, 3, 27, 14, tzinfo=UTC), datetime(2026, 3, 31, 13, tzinfo=UTC))

    def test_people_are_asked_before_at_the_end_and_in_the_year_after(
        self, surveys: Surveys, course: Event, clock: FixedClock, amina: Person
    ) -> None:
        held = surveys.place(amina, course)
        assert surveys.at(clock.now()) == [("baseline", "Amina")]
        clock.set(ends(course))
        surveys.mark(held, course.parts[0])
        for wave, due in (
            ("end", datetime(2026, 3, 31, 14, tzinfo=UTC)),
            ("3 months", datetime(2026, 6, 30, 14, tzinfo=UTC)),
            ("6 months", datetime(2026, 9, 30, 14, tzinfo=UTC)),
            ("12 months", datetime(2027, 3, 31, 14, tzinfo=UTC)),
        ):
            assert surveys.at(due - SECOND) == []
            assert surveys.at(due) == [(wave, "Amina")]
        assert surveys.at(clock.now() + 400 * DAY) == []
        assert [ask.questionnaire.code for ask in surveys.asks()] == [
            "course-baseline",
            "course-end",
            "course-follow-up",
            "course-follow-up",
            "course-follow-up-year",
        ]

    def test_months_follow_the_wall_clock(self, surveys: Surveys, clock: FixedClock, amina: Person) -> None:
        """3pm in March is 3pm in December, though an hour of summer time lies between."""
        course = surveys.course(datetime(2026, 9, 15, 14, tzinfo=UTC))
        held = surveys.place(amina, course)
        surveys.run()
        clock.set(ends(course))
        surveys.mark(held, course.parts[0])
        surveys.run()
        due = datetime(2026, 12, 15, 16, tzinfo=UTC)
        assert surveys.at(due - SECOND) == []
        assert surveys.at(due) == [("3 months", "Amina")]

    def test_once_it_has_begun_no_baseline_is_asked(
        self, surveys: Surveys, course: Event, clock: FixedClock, amina: Person
    ) -> None:
        clock.set(course.parts[0].starts_at - SECOND)
        surveys.place(amina, course)
        assert surveys.at(course.parts[0].starts_at) == []

    def test_who_never_came_is_asked_no_more(self, surveys: Surveys, course: Event, amina: Person) -> None:
        surveys.place(amina, course)
        surveys.run()
        assert surveys.at(ends(course, 1)) == []

    def test_who_gave_up_the_place_is_asked_no_more(
        self, surveys: Surveys, course: Event, make: Make, work: Working, clock: FixedClock, amina: Person
    ) -> None:
        held = surveys.place(amina, course)
        with work(make.actor(amina)) as unit:
            booking.cancel(unit, public_id=held.public_id)
        assert surveys.at(clock.now()) == []

    def test_marks_of_a_half_day_that_was_called_off_tell_nothing(
        self, surveys: Surveys, course: Event, work: Working, clock: FixedClock, amina: Person
    ) -> None:
        held = surveys.place(amina, course)
        surveys.run()
        clock.set(ends(course))
        surveys.mark(held, course.parts[0])
        with work() as unit:
            unit.session.get_one(Part, course.parts[0].id).state = PartState.CANCELLED
        assert surveys.at(ends(course, 1)) == []

    @pytest.mark.parametrize(("late", "asked"), [(28 * DAY - SECOND, True), (28 * DAY, False)])
    def test_marks_that_come_late_ask_only_while_it_would_be_open(
        self,
        late: timedelta,
        asked: bool,  # noqa: FBT001
        surveys: Surveys,
        course: Event,
        clock: FixedClock,
        amina: Person,
    ) -> None:
        held = surveys.place(amina, course)
        surveys.run()
        clock.set(ends(course, 1) + late)
        surveys.mark(held, course.parts[0])
        assert bool(surveys.at(clock.now())) is asked

    def test_no_pulse_is_asked_of_a_course(
        self, surveys: Surveys, course: Event, clock: FixedClock, amina: Person
    ) -> None:
        held = surveys.place(amina, course)
        surveys.run()
        clock.set(ends(course))
        surveys.mark(held, course.parts[0])
        assert surveys.at(ends(course, 1) + HOUR) == [("end", "Amina")]


class TestAMonthAfterADownload:
    @pytest.fixture
    def webinar(self, make: Make) -> Event:
        return make.visit("Air and lungs", kind=EventKind.WEBINAR, slots=1, capacity=None)

    def test_they_are_asked_once_what_became_of_it(
        self, surveys: Surveys, clock: FixedClock, amina: Person, webinar: Event
    ) -> None:
        began = clock.now()
        surveys.take_along(amina, webinar)
        clock.move(3 * DAY)
        surveys.take_along(amina, webinar)
        assert surveys.at(began + 30 * DAY - SECOND) == []
        assert surveys.at(began + 30 * DAY) == [("30 days", "Amina")]
        assert surveys.at(began + 33 * DAY) == []

    def test_who_leads_a_council_is_asked_like_anybody_and_so_is_who_runs_nothing_any_more(
        self, surveys: Surveys, make: Make, work: Working, clock: FixedClock, webinar: Event
    ) -> None:
        grants: Mapping[str, Mapping[str, Any]] = {
            "Lea": {"role": Role.LEAD, "organisation": make.organisation()},
            "Eva": {"role": Role.EVALUATOR, "programme": make.programme()},
            "Fay": {"role": Role.FACILITATOR, "event": webinar},
        }
        for name, grant in grants.items():
            person = make.person(name)
            make.grant(person, **grant)
            surveys.take_along(person, webinar)
        with work() as unit:
            ended = update(RoleGrant).where(RoleGrant.role == Role.FACILITATOR)
            unit.session.execute(ended.values(revoked_at=unit.now))
        assert surveys.at(clock.now() + 30 * DAY) == [("30 days", "Lea"), ("30 days", "Fay")]

    def test_nobody_is_asked_who_only_watched_who_is_unknown_who_runs_it_or_whose_time_went_by(
        self, surveys: Surveys, make: Make, clock: FixedClock, amina: Person, webinar: Event
    ) -> None:
        surveys.take_along(None, webinar)
        surveys.take_along(make.admin(), webinar)
        surveys.take_along(make.person("Ben"), webinar, LinkKind.RECORDING)
        assert surveys.at(clock.now() + 30 * DAY) == []
        surveys.take_along(amina, webinar)
        assert surveys.at(clock.now() + 44 * DAY) == []


class TestTheJob:
    def test_asks_once_however_often_it_is_run(self, surveys: Surveys, amina: Person) -> None:
        surveys.pulse([amina])
        assert [surveys.run() for _ in range(2)] == ["0 people written to: 0 asked, 0 reminded"] * 2
        assert len(surveys.asks()) == 1

    def test_costs_the_same_for_one_and_for_many(self, surveys: Surveys, make: Make, clock: FixedClock) -> None:
        visits = [make.visit(slots=1, capacity=None) for _ in range(2)]
        numbers = (2, 12)
        held = [
            [make.booking(make.person(f"Guest {number}"), visit) for number in range(people)]
            for visit, people in zip(visits, numbers, strict=True)
        ]
        clock.set(ends(visits[0]) + HOUR)
        counts = []
        for visit, bookings in zip(visits, held, strict=True):
            for booked in bookings:
                surveys.mark(booked, visit.parts[0])
            with count_queries() as statements:
                surveys.run()
            counts.append(len(statements))
        assert len(surveys.asks()) == sum(numbers)
        assert counts[0] >= counts[1]  # the first run publishes the questions too

    def test_asks_once_however_many_run_at_once(
        self, surveys: Surveys, make: Make, clock: FixedClock, outbox: Posted
    ) -> None:
        visit = make.visit(slots=1, capacity=None)
        held = [make.booking(make.person(f"Guest {number}"), visit) for number in range(12)]
        clock.set(ends(visit) + HOUR)
        for booked in held:
            surveys.mark(booked, visit.parts[0])
        together, reports = Barrier(4), []

        def run() -> None:
            together.wait()
            reports.append(surveys.run())

        runners = [Thread(target=run) for _ in range(4)]
        for runner in runners:
            runner.start()
        for runner in runners:
            runner.join()
        assert sorted(reports, key=len) == [
            *["0 people written to: 0 asked, 0 reminded"] * 3,
            "12 people written to: 12 asked, 0 reminded",
        ]
        assert len({ask.person_id for ask in surveys.asks()}) == len(surveys.asks()) == 12
        assert len(outbox("survey_invitation")) == 12

    def test_works_in_batches(
        self, surveys: Surveys, make: Make, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("scheduled.ask_surveys.BATCH", 2)
        surveys.pulse([make.person(f"Guest {number}") for number in range(5)])
        assert len(surveys.asks()) == 5

    def test_asks_the_version_that_staff_published_and_leaves_those_who_were_asked_alone(
        self, surveys: Surveys, amina: Person, work: Working
    ) -> None:
        surveys.pulse([amina])
        with work() as unit:
            publish_template(unit, replace(templates.PULSE, title="How did you like it?"))
        surveys.run()
        assert len(surveys.asks()) == 1
        surveys.pulse([amina], "Another visit")
        assert [(ask.questionnaire.version, ask.questionnaire.title) for ask in surveys.asks()] == [
            (1, "How was it?"),
            (2, "How did you like it?"),
        ]

    def test_publishes_nothing_before_somebody_is_asked(self, surveys: Surveys, reading: Reads) -> None:
        surveys.run()
        with reading() as read:
            assert read.session.query(Questionnaire).count() == 0


class TestReminders:
    def test_of_a_pulse_come_after_three_and_seven_days(
        self, surveys: Surveys, amina: Person, clock: FixedClock, outbox: Posted
    ) -> None:
        surveys.pulse([amina])
        assert self.days(surveys, clock, outbox, clock.now(), last=14) == [3, 7]

    def test_of_a_course_come_after_seven_and_fourteen_days(
        self, surveys: Surveys, amina: Person, clock: FixedClock, outbox: Posted
    ) -> None:
        course = surveys.course(clock.now() + 60 * DAY)
        surveys.place(amina, course)
        surveys.run()
        assert self.days(surveys, clock, outbox, clock.now()) == [7, 14]

    def days(self, surveys: Surveys, clock: FixedClock, outbox: Posted, asked: datetime, last: int = 33) -> list[int]:
        """The days after which the job, which runs every six hours, posted a reminder."""
        found: list[int] = []
        for step in range(1, last * 4):
            clock.set(asked + step * 6 * HOUR)
            before = len(outbox("survey_reminder"))
            surveys.run()
            found += [step // 4] * (len(outbox("survey_reminder")) - before)
        return found

    def test_are_not_posted_a_second_too_early(
        self, surveys: Surveys, amina: Person, clock: FixedClock, outbox: Posted
    ) -> None:
        surveys.pulse([amina])
        asked = clock.now()
        surveys.at(asked + 3 * DAY - SECOND)
        assert outbox("survey_reminder") == []
        surveys.at(asked + 3 * DAY)
        assert [row.useless_after for row in outbox("survey_reminder")] == [asked + 7 * DAY]

    def test_end_with_the_answer(self, surveys: Surveys, amina: Person, clock: FixedClock, outbox: Posted) -> None:
        surveys.pulse([amina])
        surveys.answer(surveys.ask_of(amina))
        surveys.at(clock.now() + 3 * DAY)
        assert outbox("survey_reminder") == []

    def test_end_with_the_place(
        self,
        surveys: Surveys,
        make: Make,
        work: Working,
        amina: Person,
        clock: FixedClock,
        outbox: Posted,
    ) -> None:
        held = surveys.place(amina, surveys.course(clock.now() + 60 * DAY))
        surveys.run()
        with work(make.actor(amina)) as unit:
            booking.cancel(unit, public_id=held.public_id)
        surveys.at(clock.now() + 7 * DAY)
        assert outbox("survey_reminder") == []

    def test_do_not_come_both_at_once_after_jobs_stood_still(
        self, surveys: Surveys, amina: Person, clock: FixedClock, outbox: Posted
    ) -> None:
        surveys.pulse([amina])
        surveys.at(clock.now() + 8 * DAY)
        assert [row.key.split(":")[1] for row in outbox("survey_reminder")] == ["2"]

    def test_are_dropped_where_the_answer_was_quicker(
        self, surveys: Surveys, amina: Person, clock: FixedClock, outbox: Posted, mailbox: Mailbox
    ) -> None:
        surveys.pulse([amina])
        mailbox.deliver()
        surveys.at(clock.now() + 3 * DAY)
        surveys.answer(surveys.ask_of(amina))
        assert mailbox.deliver() == []
        assert outbox("survey_reminder")[0].state is OutboxState.DROPPED
