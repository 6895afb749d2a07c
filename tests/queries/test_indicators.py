"""What indicators are made of: paired changes, who answered, the automatic measures, and what is hidden."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from cop.core.small_numbers import Figure
from cop.models.accounts import Sector
from cop.models.commitments import CommitmentState
from cop.models.community import ForumMonth
from cop.models.events import Arrangement, Attendance, Event
from cop.models.evidence import Unit
from cop.models.organisations import Membership
from cop.models.surveys import Mode, Wave
from cop.queries import indicators as queries
from cop.queries.indicators import Measured, PairedChange
from cop.queries.indicators.counting import Counted, counted
from cop.queries.indicators.guarding import Heads, heads, shown
from cop.services import indicators as services
from tests.support.adoption import pledge, principles
from tests.support.clock import FixedClock
from tests.support.evidence import Evidence
from tests.support.indicators import Indicators
from tests.support.make import Make, Reads, Working
from tests.support.plans import check, plan
from tests.support.queries import count_queries
from tests.support.surveys import Surveys

TODAY = date(2026, 3, 2)


@pytest.fixture
def evidence(app: Flask, make: Make) -> Evidence:
    return Evidence(app, make)


@pytest.fixture
def indicators(app: Flask, make: Make) -> Indicators:
    return Indicators(app, make)


class TestPairedChanges:
    @pytest.fixture
    def course(self, evidence: Evidence) -> Event:
        return evidence.course()

    def said(
        self,
        evidence: Evidence,
        make: Make,
        course: Event,
        pairs: Sequence[tuple[Mapping[str, Any] | None, Mapping[str, Any] | None]],
        wave: Wave = Wave.END,
    ) -> None:
        """For each person what they said before the course and what after it."""
        for before, after in pairs:
            person = make.person()
            if before is not None:
                evidence.ask(person, course, dict(before), wave=Wave.BASELINE)
            if after is not None:
                evidence.ask(person, course, dict(after), wave=wave)

    def changes(self, reading: Reads, make: Make, *, hide: bool = False) -> dict[tuple[str, Wave], PairedChange]:
        with reading() as read:
            found = queries.paired_changes(read, make.programme(), hide=hide)
        return {(change.code, change.wave): change for change in found}

    def test_the_mean_of_what_somebody_answered_both_times(
        self, evidence: Evidence, make: Make, course: Event, reading: Reads
    ) -> None:
        """Means 3 to 6, 4 to 8 and 5 to 5: differences 3, 4 and 0."""
        self.said(
            evidence,
            make,
            course,
            [
                ({"se1": 2, "se2": 4, "se8": 10}, {"se1": 5, "se2": 7}),
                ({"se1": 4}, {"se1": 8}),
                ({"se1": 5, "se2": 5}, {"se1": 6, "se2": 4}),
                ({"se1": 9}, None),
                (None, {"se1": 1}),
                (None, {"se1": 2}),
            ],
        )
        found = self.changes(reading, make)["confidence", Wave.END]
        assert (found.n, found.before_only, found.after_only) == (Figure(3), Figure(1), Figure(2))
        assert (found.before, found.after, found.difference, found.interval) == (4, 6, 3, None)
        assert (found.rose, found.stayed, found.fell) == (Figure(2), Figure(1), Figure(0))
        by_question = self.changes(reading, make)["se1", Wave.END]
        assert (by_question.n, by_question.difference) == (Figure(3), 3)

    def test_by_wave_and_by_thing(self, evidence: Evidence, make: Make, course: Event, reading: Reads) -> None:
        self.said(evidence, make, course, [({"se1": 3, "k1": 1, "n1": 2}, {"se1": 6, "k1": 4, "n1": 9})])
        person = make.person()
        evidence.ask(person, course, {"n1": 1}, wave=Wave.BASELINE)
        evidence.ask(person, course, {"n1": 4}, wave=Wave.MONTHS_6)
        found = self.changes(reading, make)
        assert found["knowledge", Wave.END].difference == 3
        assert found["contacts", Wave.END].difference == 7
        assert found["contacts", Wave.MONTHS_6].difference == 3
        assert ("knowledge", Wave.MONTHS_6) not in found
        assert ("contacts", Wave.MONTHS_3) not in found

    def test_what_is_no_number_is_left_out(self, evidence: Evidence, make: Make, course: Event, reading: Reads) -> None:
        self.said(evidence, make, course, [({"se1": "much"}, {"se1": 4}), ({"se1": True}, {"se1": [4]})])
        assert self.changes(reading, make) == {}

    def test_panels_are_paired_by_their_keys_and_anonymous_answers_not_at_all(
        self, make: Make, reading: Reads, app: Flask, clock: FixedClock
    ) -> None:
        surveys = Surveys(app, make, clock)
        course = surveys.course(clock.now() + timedelta(days=1))
        people = [make.person() for _ in range(3)]
        items = [{"code": "se1", "kind": "scale", "text": "How sure are you?", "required": True}]
        for mode, gain in ((Mode.PANEL, 2), (Mode.ANONYMOUS, 9)):
            for wave, value in ((Wave.BASELINE, 1), (Wave.END, 1 + gain)):
                for asked in surveys.put(people, course, mode, wave=wave, items=items):
                    surveys.answer(asked, se1=value)
        found = self.changes(reading, make)["confidence", Wave.END]
        assert found.difference == 2
        assert found.n == Figure(3)
        assert self.changes(reading, make)["se1", Wave.END].name == "How sure are you?"

    def test_whoever_takes_two_courses_counts_in_each(self, evidence: Evidence, make: Make, reading: Reads) -> None:
        person = make.person()
        for course, after in ((evidence.course("One"), 5), (evidence.course("Two"), 9)):
            evidence.ask(person, course, {"se1": 3}, wave=Wave.BASELINE)
            evidence.ask(person, course, {"se1": after}, wave=Wave.END)
        assert self.changes(reading, make)["confidence", Wave.END].difference == 4

    def test_other_programmes_and_events_are_others(self, evidence: Evidence, make: Make, reading: Reads) -> None:
        elsewhere = evidence.course(programme=make.programme("another"))
        self.said(evidence, make, elsewhere, [({"se1": 3}, {"se1": 4})])
        self.said(evidence, make, make.visit(), [({"se1": 3}, {"se1": 4})])
        assert self.changes(reading, make) == {}

    def test_few_pairs_are_hidden_from_evaluators(
        self, evidence: Evidence, make: Make, course: Event, reading: Reads
    ) -> None:
        self.said(evidence, make, course, [({"se1": 3}, {"se1": 6})] * 4)
        found = self.changes(reading, make, hide=True)["confidence", Wave.END]
        assert found.is_hidden
        assert (found.difference, found.before, found.after, found.interval) == (None, None, None, None)
        assert found.rose.value is None

    def test_enough_pairs_are_shown_without_their_small_parts(
        self, evidence: Evidence, make: Make, course: Event, reading: Reads
    ) -> None:
        pairs = [({"se1": 3}, {"se1": 6})] * 8 + [({"se1": 3}, {"se1": 2})] * 2 + [({"se1": 3}, None)]
        self.said(evidence, make, course, pairs)
        found = self.changes(reading, make, hide=True)["confidence", Wave.END]
        assert (found.n, found.difference) == (Figure(10), 3)
        assert found.interval is not None
        assert found.before_only == Figure(None, is_small=True)
        assert found.fell.value is None
        assert found.rose.value is None  # else those who fell could be told by subtraction
        assert found.stayed.value is None  # else everybody would know that the others are nobody or few


class TestAnswering:
    def test_by_sector_region_and_membership(self, evidence: Evidence, make: Make, reading: Reads) -> None:
        course = evidence.course(places=20)
        brent = make.organisation("Brent", region="London", membership=Membership.FULL)
        for number in range(12):
            sector = Sector.RESIDENT if number < 6 else Sector.COUNCIL_OFFICER
            person = make.person(organisation=brent if number % 2 else None, sector=sector)
            evidence.participant(person, course)
            evidence.ask(person, course, {"se1": 3} if number < 7 else None, wave=Wave.END)
        with reading() as read:
            [exact] = queries.answering(read, make.programme(), hide=False)
            [hidden] = queries.answering(read, make.programme(), hide=True)
        assert exact.wave is Wave.END
        assert exact.whole is not None
        assert (exact.whole.asked, exact.whole.answered, exact.whole.rate) == (12, 7, 58)
        sectors = [(name, group.asked, group.answered) for name, group in exact.by_sector.groups]
        assert sectors == [("resident", 6, 6), ("council officer", 6, 1)]
        assert [(name, group.asked) for name, group in exact.by_region.groups] == [("London", 6), (None, 6)]
        assert [(name, group.asked) for name, group in exact.by_membership.groups] == [("full", 6), (None, 6)]
        assert (list(hidden.by_sector.groups), hidden.by_sector.joined) == ([], ["resident", "council officer"])

    def test_few_altogether(self, evidence: Evidence, make: Make, reading: Reads) -> None:
        course = evidence.course()
        evidence.ask(make.person(), course, {"se1": 3}, wave=Wave.BASELINE)
        with reading() as read:
            [found] = queries.answering(read, make.programme(), hide=True)
        assert found.whole is None
        assert (list(found.by_sector.groups), found.by_sector.others) == ([], None)


class TestCounting:
    @pytest.fixture
    def count(self, reading: Reads, make: Make) -> Any:
        def found() -> dict[str, Counted]:
            with reading() as read:
                return dict(counted(read, make.programme()))

        return found

    def test_of_nothing(self, count: Any, make: Make) -> None:
        make.programme()
        found = count()
        assert set(found) <= set(queries.MEASURES)
        assert {code for code, value in found.items() if value.value != 0} == set()
        assert "satisfied" not in found
        assert "confidence-change" not in found

    def test_reach(self, count: Any, evidence: Evidence, make: Make) -> None:
        newer = make.organisation("Newer", joined_on=date(2025, 6, 1))
        longer = make.organisation("Longer", joined_on=date(2015, 6, 1))
        make.organisation("Never", joined_on=date(2015, 6, 1))
        visit = make.visit(capacity=None)
        for organisation, sector in ((newer, Sector.RESIDENT), (longer, Sector.HEALTH), (longer, None)):
            person = make.person(organisation=organisation, sector=sector)
            evidence.mark(make.booking(person, visit), visit.parts[0])
        absent = make.booking(make.person(organisation=longer, sector=Sector.BUSINESS), visit)
        evidence.mark(absent, visit.parts[0], Attendance.ABSENT)
        found = count()
        assert found["organisations-reached"] == Counted(Decimal(2), 3)
        assert found["newer-organisations-reached"] == Counted(Decimal(1), 1)
        assert found["people-reached"].value == 3
        assert found["sectors-reached"].value == 2
        assert found["residents-share"] == Counted(Decimal("33.333333"), 3)

    def test_those_who_did_not_come(self, count: Any, evidence: Evidence, make: Make, clock: FixedClock) -> None:
        visit = make.visit(capacity=None)
        for status in (Attendance.ATTENDED, Attendance.PARTIAL, Attendance.ABSENT, Attendance.EXCUSED):
            evidence.mark(make.booking(make.person(), visit), visit.parts[0], status)
        make.booking(make.person(), visit)  # of whom nobody says anything
        assert "dropped-off" not in count()  # the visit is still to come
        clock.move(timedelta(days=30))
        assert count()["dropped-off"] == Counted(Decimal(50), 4)

    def test_a_course(self, count: Any, evidence: Evidence, make: Make, clock: FixedClock) -> None:
        course = evidence.course(half_days=4)
        for _ in range(3):
            evidence.alumnus(make.person(), course)
        part_time = evidence.participant(make.person(), course)
        for part in course.parts[:3]:
            evidence.mark(part_time, part)
        evidence.application(make.person(), course)
        found = count()
        assert (found["applied"].value, found["selected"].value) == (5, 4)
        assert "completed" not in found  # it has not begun
        clock.move(timedelta(days=20))
        found = count()
        assert found["attended-every-half-day"] == Counted(Decimal(3), 4)
        assert found["completed"] == Counted(Decimal(4), 4)

    def test_answers(self, count: Any, evidence: Evidence, make: Make, clock: FixedClock) -> None:
        course = evidence.course()
        for number in range(8):
            happy = number < 6
            said = {
                "e1_1": 5 if happy else 3,
                "e1_2": 4,
                "e1_3": 2,
                "safe": 4,
                "listened": 5,
                "connections": 4,
                "e1_5": "no" if happy else "yes",
            }
            evidence.ask(make.person(), course, said, wave=Wave.END)
        evidence.ask(make.person(), course, {"used": "once", "safe": 1}, wave=Wave.MONTHS_3)
        evidence.ask(make.person(), course, {"used": "not yet"}, wave=Wave.MONTHS_6)
        evidence.ask(make.person(), course, wave=Wave.MONTHS_6)
        evidence.ask(make.person(), course, wave=Wave.MONTHS_12, days=60)
        found = count()
        assert found["satisfied"] == Counted(Decimal(75), 8)
        assert found["relevant"] == Counted(Decimal(100), 8)
        assert found["will-use"] == Counted(Decimal(0), 8)
        assert found["felt-safe"] == Counted(Decimal(100), 8)
        assert found["felt-listened-to"] == found["useful-connections"] == Counted(Decimal(100), 8)
        assert found["needs-met"] == Counted(Decimal(75), 8)
        assert found["used-learning"] == Counted(Decimal(50), 2)
        assert "response-rate" not in found
        clock.move(timedelta(days=20))
        assert count()["response-rate"] == Counted(Decimal("90.909091"), 11)

    def test_changes(self, count: Any, evidence: Evidence, make: Make) -> None:
        course = evidence.course()
        for gain in (1, 2, 6):
            person = make.person()
            evidence.ask(person, course, {"se1": 3, "n1": 1}, wave=Wave.BASELINE)
            evidence.ask(person, course, {"se1": 3 + gain, "n1": 1}, wave=Wave.END)
        found = count()
        assert found["confidence-change"] == Counted(Decimal(2), 3)
        assert found["contacts-change"] == Counted(Decimal(0), 3)
        assert "confidence-change-6-months" not in found

    def test_plans(self, count: Any, evidence: Evidence, make: Make, clock: FixedClock) -> None:
        course = evidence.course()
        people = [make.person() for _ in range(4)]
        for person in people:
            evidence.participant(person, course)
        clock.move(timedelta(days=9))
        for person in people[:3]:
            plan(make, course, person)
        assert count()["plans-made"] == Counted(Decimal(75), 4)
        assert "plans-reviewed" not in count()
        clock.move(timedelta(days=110))
        check(make, course, people[0], CommitmentState.DONE)
        check(make, course, people[1], CommitmentState.STUCK, "No room.")
        found = count()
        assert found["plans-reviewed"] == Counted(Decimal("66.666667"), 3)
        assert found["plans-done"] == Counted(Decimal("33.333333"), 3)
        assert found["plans-stuck"] == Counted(Decimal("33.333333"), 3)

    def test_the_forum_in_the_last_whole_month(self, count: Any, make: Make, work: Working) -> None:
        figures = {
            "writers": 12,
            "readers": 30,
            "posts": 61,
            "ties": 17,
            "reply_hours": 5.5,
            "replied": 9,
            "topics": 12,
        }
        with work() as unit:
            for month, more in ((date(2026, 2, 1), {}), (date(2026, 3, 1), {"writers": 99})):
                row = ForumMonth(programme_id=make.programme().id, month=month, counted_at=unit.now)
                row.figures = figures | more
                unit.session.add(row)
        found = count()
        assert found["community-writers"].value == 12
        assert found["community-readers"].value == 30
        assert found["community-posts"] == Counted(Decimal(61), 12)
        assert found["community-ties"].value == 17
        assert found["first-reply"] == Counted(Decimal("5.5"), 9)
        assert found["unanswered"] == Counted(Decimal(25), 12)

    def test_the_toolkit(self, count: Any, evidence: Evidence, make: Make, clock: FixedClock) -> None:
        council = make.organisation("Brent")
        evidence.resource_used(make.person(organisation=council))
        assert count()["toolkit-organisations-again"].value == 0
        clock.move(timedelta(days=2))
        evidence.resource_used(make.person(organisation=council))
        evidence.resource_used(make.person(organisation=make.organisation("Swindon")))
        found = count()
        assert found["toolkit-used"].value == 3
        assert found["toolkit-organisations"].value == 2
        assert found["toolkit-organisations-again"].value == 1

    def test_adoption_and_pledges(self, count: Any, make: Make, work: Working, clock: FixedClock) -> None:
        principles(make, work)
        person = make.account("Amina")
        kept = pledge(work, make.actor(person))
        pledge(work, make.actor(person), what="Open the hall on Mondays.")
        with work() as unit:
            unit.session.merge(kept).state = CommitmentState.DONE
        assert count()["pledges-made"].value == 2
        assert count()["pledges-kept"] == Counted(Decimal(50), 2)
        assert count()["rated-first"].value == 0

    def test_access_needs(self, count: Any, make: Make, work: Working) -> None:
        visit = make.visit(capacity=None)
        with work() as unit:
            for number in range(3):
                held = make.booking(make.person(), visit)
                unit.session.add(
                    Arrangement(
                        booking_id=held.id,
                        access="A ramp" if number else None,
                        saved_at=unit.now,
                        forget_at=unit.now + timedelta(days=30),
                    )
                )
        assert count()["needs-asked"].value == 2

    def test_in_the_same_number_of_statements(self, count: Any, evidence: Evidence, make: Make, work: Working) -> None:
        make.programme()
        with count_queries() as of_nothing:
            count()
        course = evidence.course()
        for _ in range(5):
            person = make.person(organisation=make.organisation())
            evidence.alumnus(person, course)
            evidence.ask(person, course, {"se1": 3}, wave=Wave.BASELINE)
            evidence.ask(person, course, {"se1": 5}, wave=Wave.END)
        with count_queries() as of_much:
            count()
        assert len(of_much) == len(of_nothing)


class TestGuarding:
    @pytest.mark.parametrize(
        ("unit", "value", "n", "expected"),
        [
            (Unit.COUNT, 12, None, Heads(12, None)),
            (Unit.COUNT, 12, 40, Heads(12, 40)),
            (Unit.PERCENT, 75, 8, Heads(6, 8)),
            (Unit.PERCENT, 75, None, Heads(None, None)),
            (Unit.MEDIAN, 3, 9, Heads(None, 9)),
            (Unit.HOURS, 3, None, Heads(None, None)),
        ],
    )
    def test_what_a_result_counts(self, unit: Unit, value: int, n: int | None, expected: Heads) -> None:
        assert heads(unit, Decimal(value), n, None) == expected

    def test_sectors_and_posts_are_no_people(self) -> None:
        assert heads(Unit.COUNT, Decimal(3), None, "sectors-reached") == Heads(None, None)
        assert heads(Unit.COUNT, Decimal(9), 2, "community-posts").are_few

    @pytest.mark.parametrize(
        ("each", "few"),
        [
            (Heads(0, 20), False),
            (Heads(20, 20), False),
            (Heads(4, 20), True),
            (Heads(16, 20), True),
            (Heads(15, 20), False),
            (Heads(None, 4), True),
            (Heads(30, 12), False),
        ],
    )
    def test_few_of_many_and_many_of_few(self, each: Heads, few: Any) -> None:
        assert each.are_few is few

    def test_what_would_be_a_small_difference_is_left_out(self) -> None:
        chain = [Heads(60, None), Heads(57, None), Heads(50, None), Heads(50, None), Heads(3, None), Heads(0, None)]
        assert shown(chain) == [True, False, True, True, False, True]

    def measured(self, reading: Reads, indicators: Indicators, *, hide: bool = True) -> dict[str, Measured]:
        with reading() as read:
            return {one.code: one for one in queries.measured(read, indicators.programme, hide=hide)}

    def test_a_chain_hides_the_few_who_got_lost(self, reading: Reads, indicators: Indicators) -> None:
        for code, value in (("completed", 9), ("attended-every-half-day", 10)):
            indicators.add(code, name=code)
            indicators.counted(code, value, 15)
        found = self.measured(reading, indicators)
        assert (found["attended-every-half-day"].value, found["completed"].value) == (Decimal(10), None)
        assert found["completed"].hidden
        assert found["completed"].n is None
        assert self.measured(reading, indicators, hide=False)["completed"].value == 9

    def test_one_statement_and_nothing_retired(self, reading: Reads, indicators: Indicators, work: Working) -> None:
        indicators.add(name="Old")
        for day in (TODAY - timedelta(days=9), TODAY):
            indicators.note("old", 10, on=day)
        with count_queries() as statements:
            assert self.measured(reading, indicators)["old"].on == TODAY
        assert len(statements) == 1
        with work(indicators.actor) as unit:
            services.retire(unit, slug=indicators.programme.slug, code="old")
        assert self.measured(reading, indicators) == {}
