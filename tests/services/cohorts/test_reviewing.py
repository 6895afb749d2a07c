"""The chair arranges the panel's work: shared out evenly, changed by hand, and everybody reminded once."""

from collections import Counter

import pytest
from sqlalchemy import select

from cop.core.errors import NotFound, Refusal
from cop.models.accounts import Person, RoleGrant
from cop.models.audit import Audit
from cop.models.cohorts import ApplicationState, Assignment, Cohort
from cop.models.events import Event
from cop.models.outbox import Outbox
from cop.queries.cohorts.reviewing import version_of_reviewing
from cop.services.cohorts import reviewing
from cop.services.cohorts.reviews import declare_conflict
from tests.support import panel
from tests.support import reviewing as work_of_panel
from tests.support.make import Make, Reads, Working


@pytest.fixture
def course(make: Make) -> Event:
    return panel.course(make)


@pytest.fixture
def femi(make: Make) -> Person:
    return panel.chair(make)


@pytest.fixture
def team(make: Make) -> list[Person]:
    return [panel.reviewer(make, name) for name in ("Ann", "Ben", "Cy")]


def pairs(reading: Reads) -> set[tuple[int, int]]:
    with reading() as read:
        rows = read.session.execute(select(Assignment.application_id, Assignment.reviewer_id))
        return {(row.application_id, row.reviewer_id) for row in rows}


class TestSettings:
    def save(self, work: Working, make: Make, who: Person, course: Event, **settings: object) -> None:
        asked = {"reviews_wanted": 2, "spread_flag": 1.0, "redacting": True, **settings}
        with work(make.actor(who)) as opened:
            seen = version_of_reviewing(opened.session.get_one(Cohort, course.id))
            reviewing.edit_reviewing(opened, cohort_id=course.id, **{"seen": seen, **asked})  # type: ignore[arg-type]

    def test_are_kept(self, make: Make, work: Working, reading: Reads, course: Event, femi: Person) -> None:
        self.save(work, make, femi, course)
        with reading() as read:
            cohort = read.session.get_one(Cohort, course.id)
            assert (cohort.reviews_wanted, cohort.spread_flag, cohort.redacting) == (2, 1.0, True)

    def test_leave_what_somebody_has_begun_with_them(
        self, make: Make, work: Working, reading: Reads, course: Event, femi: Person, team: list[Person]
    ) -> None:
        panel.applications(make, course, 3)
        panel.review(make, team[0], course, 1)
        panel.review(make, team[1], course, 2, submit=False)
        self.save(work, make, femi, course, redacting=False)
        assert pairs(reading) == {(1, team[0].id), (2, team[1].id)}
        assert work_of_panel.pile(make, team[0], course) == [1]
        assert work_of_panel.pile(make, team[2], course) == []

    def test_are_refused_where_somebody_was_quicker(
        self, make: Make, work: Working, course: Event, femi: Person
    ) -> None:
        with pytest.raises(Refusal, match="a moment ago"):
            self.save(work, make, femi, course, seen="old")

    def test_are_for_the_chair(self, make: Make, work: Working, course: Event, team: list[Person]) -> None:
        for who in (team[0], panel.chair(make, event=panel.course(make, "Other", slug="other"))):
            with pytest.raises(NotFound):
                self.save(work, make, who, course)

    def test_end_with_the_release(self, make: Make, work: Working, course: Event, femi: Person) -> None:
        panel.applications(make, course, 1)
        panel.decide(make, femi, course, "d")
        panel.release(make, femi, course)
        with pytest.raises(Refusal, match="released"):
            self.save(work, make, femi, course)


class TestSharing:
    def test_gives_each_application_two_and_each_reviewer_as_many(
        self, make: Make, reading: Reads, course: Event, femi: Person, team: list[Person]
    ) -> None:
        panel.applications(make, course, 6)
        work_of_panel.wanting(make, course, 2)
        assert work_of_panel.share_out(make, femi, course) == 12
        shared = pairs(reading)
        assert set(Counter(application for application, _ in shared).values()) == {2}
        assert Counter(person for _, person in shared) == dict.fromkeys((person.id for person in team), 4)
        assert work_of_panel.share_out(make, femi, course) == 0, "the same again changes nothing"
        assert len(work_of_panel.pile(make, team[0], course)) == 4

    def test_gives_nobody_what_they_may_not_see(
        self, make: Make, reading: Reads, course: Event, femi: Person, team: list[Person]
    ) -> None:
        council = make.organisation()
        panel.application(make, course, "A colleague", organisation=council)
        panel.applications(make, course, 3)
        dora = panel.reviewer(make, "Dora", organisation=council)
        work_of_panel.wanting(make, course, 3)
        work_of_panel.share_out(make, femi, course)
        assert (1, dora.id) not in pairs(reading)
        assert Counter(application for application, _ in pairs(reading))[1] == 3

    def test_only_shares_what_was_submitted_among_those_who_may_score(
        self, make: Make, reading: Reads, course: Event, femi: Person, team: list[Person]
    ) -> None:
        panel.applications(make, course, 1)
        panel.application(make, course, "Gone", state=ApplicationState.WITHDRAWN)
        panel.reviewer(make, "Of another course", event=panel.course(make, "Other", slug="other"))
        work_of_panel.wanting(make, course, 9)
        work_of_panel.share_out(make, femi, course)
        assert pairs(reading) == {(1, person.id) for person in team}

    def test_keeps_what_has_begun_and_moves_the_rest(
        self, make: Make, work: Working, reading: Reads, course: Event, femi: Person, team: list[Person]
    ) -> None:
        panel.applications(make, course, 4)
        work_of_panel.wanting(make, course, 1)
        for number in range(1, 5):
            work_of_panel.assign(make, femi, course, number, [team[0]])
        panel.review(make, team[0], course, 1)
        panel.review(make, team[0], course, 2, submit=False)
        work_of_panel.share_out(make, femi, course)
        shared = pairs(reading)
        assert {(1, team[0].id), (2, team[0].id)} <= shared
        assert Counter(person for _, person in shared) == {team[0].id: 2, team[1].id: 1, team[2].id: 1}

    def test_keeps_the_review_of_somebody_who_left_and_not_their_share(
        self, make: Make, work: Working, reading: Reads, course: Event, femi: Person, team: list[Person]
    ) -> None:
        panel.applications(make, course, 2)
        work_of_panel.wanting(make, course, 1)
        for number in (1, 2):
            work_of_panel.assign(make, femi, course, number, [team[0]])
        panel.review(make, team[0], course, 1)
        with work() as opened:
            opened.session.scalars(
                select(RoleGrant).where(RoleGrant.person_id == team[0].id)
            ).one().revoked_at = opened.now
        work_of_panel.share_out(make, femi, course)
        shared = pairs(reading)
        assert (1, team[0].id) in shared
        assert (2, team[0].id) not in shared
        assert len(shared) == 2

    def test_fills_the_gap_of_a_declared_conflict(
        self, make: Make, work: Working, reading: Reads, course: Event, femi: Person, team: list[Person]
    ) -> None:
        panel.applications(make, course, 1)
        work_of_panel.wanting(make, course, 1)
        work_of_panel.assign(make, femi, course, 1, [team[0]])
        panel.review(make, team[0], course, 1)
        with work(make.actor(team[0])) as opened:
            declare_conflict(opened, cohort_id=course.id, number=1, reason="A friend")
        assert pairs(reading) == set()
        assert work_of_panel.progress(make, femi, course).short == 1
        work_of_panel.share_out(make, femi, course)
        assert pairs(reading) == {(1, team[1].id)}

    def test_is_on_record(self, make: Make, reading: Reads, course: Event, femi: Person, team: list[Person]) -> None:
        panel.applications(make, course, 1)
        work_of_panel.wanting(make, course, 1)
        work_of_panel.share_out(make, femi, course)
        work_of_panel.assign(make, femi, course, 1, [team[1]])
        with reading() as read:
            of_shares = select(Audit.actor_id).where(Audit.action.contains("assignment"))
            assert read.session.scalars(of_shares).all() == [femi.id] * 3

    def test_is_refused_where_the_plan_has_changed(
        self, make: Make, work: Working, course: Event, femi: Person, team: list[Person]
    ) -> None:
        panel.applications(make, course, 2)
        work_of_panel.wanting(make, course, 1)
        seen = work_of_panel.plan(make, femi, course).version
        panel.application(make, course, "A late one")
        with pytest.raises(Refusal, match="a moment ago"), work(make.actor(femi)) as opened:
            reviewing.share_out(opened, cohort_id=course.id, seen=seen)

    def test_needs_a_number_and_somebody(self, make: Make, course: Event, femi: Person) -> None:
        panel.applications(make, course, 1)
        with pytest.raises(Refusal, match="how many reviews"):
            work_of_panel.share_out(make, femi, course)
        work_of_panel.wanting(make, course, 1)
        with pytest.raises(Refusal, match="no reviewer"):
            work_of_panel.share_out(make, femi, course)

    def test_is_for_the_chair(self, make: Make, work: Working, course: Event, team: list[Person]) -> None:
        with pytest.raises(NotFound), work(make.actor(team[0])) as opened:
            reviewing.share_out(opened, cohort_id=course.id, seen="")


class TestByHand:
    def test_adds_and_takes_back_but_not_what_was_submitted(
        self, make: Make, reading: Reads, course: Event, femi: Person, team: list[Person]
    ) -> None:
        panel.applications(make, course, 1)
        work_of_panel.wanting(make, course, 1)
        work_of_panel.assign(make, femi, course, 1, team)
        panel.review(make, team[0], course, 1)
        panel.review(make, team[1], course, 1, submit=False)
        work_of_panel.assign(make, femi, course, 1, [])
        assert pairs(reading) == {(1, team[0].id)}
        assert work_of_panel.pile(make, team[1], course) == []
        with pytest.raises(NotFound):
            panel.review(make, team[1], course, 1, seen=1)

    def test_refuses_strangers_and_those_with_a_conflict(
        self, make: Make, course: Event, femi: Person, team: list[Person]
    ) -> None:
        council = make.organisation()
        panel.application(make, course, organisation=council)
        work_of_panel.wanting(make, course, 1)
        for who in (make.account("A stranger"), panel.reviewer(make, "Dora", organisation=council)):
            with pytest.raises(Refusal, match="may see this application") as refused:
                work_of_panel.assign(make, femi, course, 1, [who])
            assert refused.value.field == "reviewers"

    def test_is_not_for_a_chair_with_a_conflict(self, make: Make, course: Event, team: list[Person]) -> None:
        council = make.organisation()
        panel.application(make, course, organisation=council)
        work_of_panel.wanting(make, course, 1)
        with pytest.raises(NotFound):
            work_of_panel.assign(make, panel.chair(make, organisation=council), course, 1, team)

    def test_is_refused_where_somebody_was_quicker(
        self, make: Make, work: Working, course: Event, femi: Person, team: list[Person]
    ) -> None:
        panel.applications(make, course, 1)
        work_of_panel.wanting(make, course, 1)
        with pytest.raises(Refusal, match="a moment ago"), work(make.actor(femi)) as opened:
            reviewing.assign(opened, cohort_id=course.id, number=1, reviewer_ids=[team[0].id], seen="old")

    def test_needs_shares(self, make: Make, work: Working, course: Event, femi: Person, team: list[Person]) -> None:
        panel.applications(make, course, 1)
        with pytest.raises(Refusal, match="Everybody on the panel"):
            work_of_panel.assign(make, femi, course, 1, team)


class TestReminding:
    def remind(self, make: Make, work: Working, who: Person, course: Event) -> int:
        with work(make.actor(who)) as opened:
            return reviewing.remind(opened, cohort_id=course.id)

    def test_writes_once_a_day_to_those_who_have_something_left(
        self, make: Make, work: Working, reading: Reads, course: Event, femi: Person, team: list[Person]
    ) -> None:
        panel.applications(make, course, 1)
        panel.review(make, team[0], course, 1)
        assert self.remind(make, work, femi, course) == 2
        assert self.remind(make, work, femi, course) == 0
        with reading() as read:
            to = select(Outbox.person_id).where(Outbox.template == "reviews_waiting")
            assert set(read.session.scalars(to)) == {team[1].id, team[2].id}

    def test_writes_to_nobody_who_waits_for_a_copy_without_names(
        self, make: Make, work: Working, course: Event, femi: Person, team: list[Person]
    ) -> None:
        panel.applications(make, course, 1)
        work_of_panel.wanting(make, course, None, redacting=True)
        with pytest.raises(Refusal, match="nobody to write to"):
            self.remind(make, work, femi, course)
        work_of_panel.redact(make, femi, course, 1)
        assert self.remind(make, work, femi, course) == 3

    def test_is_for_the_chair(self, make: Make, work: Working, course: Event, team: list[Person]) -> None:
        with pytest.raises(NotFound):
            self.remind(make, work, team[0], course)
