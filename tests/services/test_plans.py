"""Action plans: when they can be written and by whom, how they stand, and that nobody overwrites anybody unseen."""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from cop.core.access import SYSTEM, VISITOR, Actor, Role
from cop.core.errors import NotFound, Refusal
from cop.core.place import day_of
from cop.models.accounts import Person
from cop.models.commitments import CommitmentCheck, CommitmentState
from cop.models.events import Booking, Event, EventState, Part, PartState
from cop.queries import plans as queries
from cop.queries.plans import Standing
from cop.services.events import booking
from tests.support import panel, plans
from tests.support.clock import FixedClock
from tests.support.make import Make, Reads, Working

DONE, STUCK, UNDER_WAY = CommitmentState.DONE, CommitmentState.STUCK, CommitmentState.UNDER_WAY


@pytest.fixture
def course(make: Make) -> Event:
    return panel.course(make)


@pytest.fixture
def alma(make: Make, course: Event, clock: FixedClock) -> Person:
    """With a place on a course whose second half-day begins now."""
    person = plans.member(make, course)
    clock.set(course.parts[1].starts_at)
    return person


@pytest.fixture
def femi(make: Make, course: Event) -> Person:
    return panel.chair(make, "Femi Follows", event=course)


class TestWriting:
    def test_is_possible_from_the_second_half_day_on(
        self, make: Make, course: Event, alma: Person, clock: FixedClock
    ) -> None:
        clock.move(timedelta(minutes=-1))
        with pytest.raises(Refusal, match="from the second half-day on"):
            plans.plan(make, course, alma)
        clock.move(timedelta(minutes=1))
        made = plans.plan(make, course, alma)
        assert (made.what, made.confidence, made.state) == (plans.PLAN["what"], 7, CommitmentState.PLANNED)
        assert made.check_on == day_of(course.parts[-1].ends_at) + timedelta(days=100)

    def test_is_possible_from_the_first_half_day_where_there_is_no_other(
        self, make: Make, work: Working, course: Event, alma: Person, clock: FixedClock
    ) -> None:
        clock.set(course.parts[0].starts_at)
        with work() as unit:
            for part in unit.session.scalars(
                select(Part).where(Part.event_id == course.id, Part.id != course.parts[0].id)
            ):
                part.state = PartState.CANCELLED
        assert plans.plan(make, course, alma).revision == 1

    @pytest.mark.parametrize("state", [EventState.CANCELLED, EventState.DRAFT])
    def test_is_not_possible_where_the_course_is_not_there(
        self, make: Make, work: Working, course: Event, alma: Person, state: EventState
    ) -> None:
        with work() as unit:
            unit.session.get_one(Event, course.id).state = state
        with pytest.raises(Refusal):
            plans.plan(make, course, alma)

    def test_months_later_asks_a_hundred_days_after_it(
        self, make: Make, course: Event, alma: Person, clock: FixedClock
    ) -> None:
        clock.set(course.parts[-1].ends_at + timedelta(days=100))
        today = day_of(clock.now())
        assert plans.plan(make, course, alma, by_on=today).check_on == today + timedelta(days=100)

    def test_again_changes_it_and_keeps_the_day_of_the_check(
        self, make: Make, course: Event, alma: Person, clock: FixedClock
    ) -> None:
        first = plans.plan(make, course, alma)
        clock.set(course.parts[-1].ends_at + timedelta(days=120))
        second = plans.plan(make, course, alma, what="Something else.", seen=1)
        assert (second.id, second.what, second.revision) == (first.id, "Something else.", 2)
        assert second.check_on == first.check_on

    def test_does_not_overwrite_what_the_page_did_not_show(
        self, make: Make, course: Event, alma: Person, femi: Person
    ) -> None:
        plans.plan(make, course, alma)
        for seen, by in ((0, alma), (0, femi), (2, alma)):
            with pytest.raises(Refusal, match="changed meanwhile"):
                plans.plan(make, course, alma, by, what="Lost?", seen=seen)

    def test_needs_a_day_to_come(self, make: Make, course: Event, alma: Person, clock: FixedClock) -> None:
        today = day_of(clock.now())
        with pytest.raises(Refusal, match="today or later"):
            plans.plan(make, course, alma, by_on=today - timedelta(days=1))
        plans.plan(make, course, alma, by_on=today)
        clock.move(timedelta(days=3))
        assert plans.plan(make, course, alma, by_on=today, what="Else", seen=1).by_on == today

    def test_is_for_oneself_and_the_facilitators(self, make: Make, course: Event, alma: Person, femi: Person) -> None:
        host, other = make.account("Hana Host"), make.account("Other")
        make.grant(host, Role.HOST, event=course)
        make.grant(other, Role.FACILITATOR, event=panel.course(make, "Another", slug="another"))
        for actor in (host, other, make.account("Stranger"), VISITOR, Actor(alma.id, via="link")):
            with pytest.raises(NotFound):
                plans.plan(make, course, alma, actor)
        assert plans.plan(make, course, alma, femi).person_id == alma.id

    def test_is_for_those_with_a_place(
        self, make: Make, work: Working, course: Event, alma: Person, femi: Person
    ) -> None:
        stranger = make.account("Stranger")
        for actor in (stranger, femi):
            with pytest.raises(NotFound):
                plans.plan(make, course, stranger, actor)
        with work() as unit:
            held = unit.session.scalars(select(Booking.public_id).where(Booking.person_id == alma.id)).one()
            booking.cancel(unit, public_id=held)
        with pytest.raises(NotFound):
            plans.plan(make, course, alma)


class TestChecking:
    def test_adds_a_statement_and_changes_how_the_plan_stands(
        self, make: Make, course: Event, alma: Person, reading: Reads
    ) -> None:
        plans.plan(make, course, alma)
        plans.check(make, course, alma, STUCK, "Nobody answers.")
        plan = plans.check(make, course, alma, DONE, "They came.", seen=2)
        assert (plan.state, plan.revision) == (DONE, 3)
        with reading(make.actor(alma)) as read:
            said = queries.own_plan(read, slug=course.slug).checks
        assert [(one.state, one.what_happened) for one in said] == [(DONE, "They came."), (STUCK, "Nobody answers.")]

    def test_twice_in_the_same_words_is_one_statement(
        self, make: Make, course: Event, alma: Person, reading: Reads
    ) -> None:
        plans.plan(make, course, alma)
        for _ in range(2):
            plans.check(make, course, alma, UNDER_WAY, "So so.")
        with reading() as read:
            assert read.session.scalar(select(func.count()).select_from(CommitmentCheck)) == 1

    @pytest.mark.parametrize("state", [STUCK, CommitmentState.GIVEN_UP])
    def test_needs_a_reason_where_it_does_not_go_on(
        self, make: Make, course: Event, alma: Person, state: CommitmentState
    ) -> None:
        plans.plan(make, course, alma)
        with pytest.raises(Refusal, match="stood in the way"):
            plans.check(make, course, alma, state)

    def test_does_not_follow_a_plan_that_the_page_did_not_show(self, make: Make, course: Event, alma: Person) -> None:
        plans.plan(make, course, alma)
        plans.plan(make, course, alma, what="Something else.", seen=1)
        with pytest.raises(Refusal, match="changed meanwhile"):
            plans.check(make, course, alma, DONE)

    def test_is_for_the_owner_their_link_and_the_facilitators(
        self, make: Make, course: Event, alma: Person, femi: Person
    ) -> None:
        plans.plan(make, course, alma)
        host = make.account("Hana Host")
        make.grant(host, Role.HOST, event=course)
        for actor in (host, make.account("Stranger"), VISITOR, SYSTEM):
            with pytest.raises(NotFound):
                plans.check(make, course, alma, DONE, by=actor)
        plans.check(make, course, alma, UNDER_WAY, by=Actor(alma.id, via="link"))
        plans.check(make, course, alma, DONE, "Told on the phone.", by=femi, seen=2)

    def test_needs_a_plan(self, make: Make, course: Event, alma: Person) -> None:
        with pytest.raises(NotFound):
            plans.check(make, course, alma, DONE)


class TestFollowing:
    def test_shows_who_needs_a_word_first(
        self, make: Make, course: Event, femi: Person, reading: Reads, clock: FixedClock
    ) -> None:
        names = ("Ada", "Ben", "Cleo", "Dora", "Emil", "Fay")
        people = dict(zip(names, plans.members(make, course, *names), strict=True))
        clock.set(course.parts[1].starts_at)
        for name in names[1:]:
            plans.plan(make, course, people[name])
        plans.check(make, course, people["Cleo"], STUCK, "No money.")
        plans.check(make, course, people["Dora"], DONE)
        clock.set(course.parts[-1].ends_at + timedelta(days=100))
        plans.check(make, course, people["Emil"], UNDER_WAY, "It goes.")
        with reading(make.actor(femi)) as read:
            found = queries.plans_of_course(read, slug=course.slug)
        assert [(one.name, one.standing) for one in found.people] == [
            ("Ada", Standing.NONE),
            ("Ben", Standing.SILENT),
            ("Cleo", Standing.SILENT),
            ("Fay", Standing.SILENT),
            ("Emil", Standing.UNDER_WAY),
            ("Dora", Standing.DONE),
        ]
        assert (found.count("silent"), [one.name for one in found.standing("done")]) == (3, ["Dora"])
        assert found.people[2].what_happened == "No money."

    def test_is_for_the_facilitators_of_that_course(
        self, make: Make, course: Event, alma: Person, reading: Reads
    ) -> None:
        host, other = make.account("Hana Host"), make.account("Other")
        make.grant(host, Role.HOST, event=course)
        make.grant(other, Role.FACILITATOR, event=panel.course(make, "Another", slug="another"))
        for person in (host, other, alma, panel.reviewer(make)):
            with reading(make.actor(person)) as read:
                with pytest.raises(NotFound):
                    queries.plans_of_course(read, slug=course.slug)
                with pytest.raises(NotFound):
                    queries.plan_of_member(read, slug=course.slug, public_id=alma.public_id)

    def test_somebody_elses_plan_is_not_there(self, make: Make, course: Event, alma: Person, reading: Reads) -> None:
        plans.plan(make, course, alma)
        with reading(make.actor(make.account("Stranger"))) as read:
            with pytest.raises(NotFound):
                queries.own_plan(read, slug=course.slug)
            assert queries.own_plans(read) == []


class TestTheLink:
    def test_is_good_until_two_months_after_the_check(
        self, make: Make, course: Event, alma: Person, reading: Reads, clock: FixedClock
    ) -> None:
        plan = plans.plan(make, course, alma)
        token = queries.link_token(plan)
        clock.set(course.parts[-1].ends_at + timedelta(days=160))
        with reading(VISITOR) as read:
            assert queries.plan_of_link(read, token=token).person_id == alma.id
        clock.move(timedelta(days=1))
        with reading(VISITOR) as read, pytest.raises(NotFound):
            queries.plan_of_link(read, token=token)

    def test_that_was_not_signed_leads_nowhere(self, make: Make, course: Event, alma: Person, reading: Reads) -> None:
        plan = plans.plan(make, course, alma)
        with reading(VISITOR) as read:
            for token in ("", plan.public_id, f"{queries.link_token(plan)}x"):
                with pytest.raises(NotFound):
                    queries.plan_of_link(read, token=token)


def test_one_sees_what_one_applied_with_until_there_is_a_plan(
    make: Make, course: Event, alma: Person, reading: Reads
) -> None:
    with reading(make.actor(alma)) as read:
        assert queries.own_plan(read, slug=course.slug).challenge == "Damp flats and asthma"
    plans.plan(make, course, alma)
    with reading(make.actor(alma)) as read:
        assert queries.own_plan(read, slug=course.slug).challenge == ""


def test_one_is_asked_for_a_plan_while_the_course_is_fresh_and_then_how_it_stands(
    make: Make, course: Event, alma: Person, reading: Reads, clock: FixedClock
) -> None:
    def waits() -> tuple[bool, bool]:
        with reading(make.actor(alma)) as read:
            [own] = queries.own_plans(read)
        return own.waits_for_plan(clock.now()), own.waits_for_check(clock.now())

    ends = course.parts[-1].ends_at
    assert waits() == (True, False)
    clock.set(ends + timedelta(days=60))
    assert waits() == (False, False)
    clock.set(course.parts[1].starts_at)
    plans.plan(make, course, alma)
    assert waits() == (False, False)
    clock.set(ends + timedelta(days=100))
    assert waits() == (False, True)
    plans.check(make, course, alma, STUCK, "No money.")
    assert waits() == (False, False)


def test_the_days_of_a_plan_go_by_the_local_calendar(make: Make) -> None:
    late = Part(starts_at=panel.at(2026, 6, 1, 20), ends_at=panel.at(2026, 6, 1, 23, 30), state=PartState.PLANNED)
    assert queries.first_check_on([late], date(2026, 6, 2)) == date(2026, 6, 2) + timedelta(days=100)
