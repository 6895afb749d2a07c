"""Scoring without names: what is kept, what is refused, and who may not."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from cop.core.criteria import Score
from cop.core.errors import NotFound, Refusal
from cop.models.accounts import Person
from cop.models.cohorts import ApplicationState, Cohort, Conflict, Review, ReviewState
from cop.models.events import Event
from cop.services.cohorts import reviews
from tests.support import panel
from tests.support.clock import FixedClock
from tests.support.make import Make, Reads, Working


@pytest.fixture
def course(make: Make) -> Event:
    return panel.course(make)


@pytest.fixture
def rhona(make: Make) -> Person:
    return panel.reviewer(make)


def count(reading: Reads) -> int:
    with reading() as read:
        return read.session.scalar(select(func.count()).select_from(Review)) or 0


class TestSaving:
    def test_a_submitted_review_has_the_mean_by_weight(
        self, make: Make, work: Working, course: Event, rhona: Person
    ) -> None:
        panel.application(make, course)
        said = {"c1": Score(5, "Known from close by"), "c2": Score(2, "Little")}
        with work(make.actor(rhona)) as opened:
            saved = reviews.save_review(
                opened, cohort_id=course.id, number=1, scores=said, comment="Fine", seen=0, submit=True
            )
        assert (saved.state, saved.total, saved.revision) == (ReviewState.SUBMITTED, 4.0, 1)
        assert saved.scores["c1"] == {"score": 5, "reason": "Known from close by"}
        assert saved.comment == "Fine"

    def test_a_draft_may_be_half_done_and_has_no_total(
        self, make: Make, work: Working, course: Event, rhona: Person
    ) -> None:
        panel.application(make, course)
        with work(make.actor(rhona)) as opened:
            saved = reviews.save_review(
                opened, cohort_id=course.id, number=1, scores={"c1": Score(4)}, comment="", seen=0, submit=False
            )
        assert (saved.state, saved.total) == (ReviewState.DRAFT, None)
        assert saved.scores == {"c1": {"score": 4, "reason": ""}}

    @pytest.mark.parametrize(
        ("said", "field"),
        [
            ({"c1": Score(4, "Good")}, "score_c2"),
            ({"c1": Score(4), "c2": Score(4, "Good")}, "reason_c1"),
            ({"c1": Score(6, "Good"), "c2": Score(4, "Good")}, "score_c1"),
        ],
    )
    def test_submitting_needs_a_score_and_a_reason_for_each(
        self,
        make: Make,
        work: Working,
        reading: Reads,
        course: Event,
        rhona: Person,
        said: dict[str, Score],
        field: str,
    ) -> None:
        panel.application(make, course)
        with pytest.raises(Refusal) as refused, work(make.actor(rhona)) as opened:
            reviews.save_review(opened, cohort_id=course.id, number=1, scores=said, comment="", seen=0, submit=True)
        assert refused.value.field == field
        assert count(reading) == 0

    def test_a_submitted_review_stays_submitted_and_complete(
        self, make: Make, work: Working, course: Event, rhona: Person
    ) -> None:
        panel.application(make, course)
        panel.review(make, rhona, course, 1)
        assert panel.review(make, rhona, course, 1, 5, seen=1, submit=False).total == 5.0
        with pytest.raises(Refusal), work(make.actor(rhona)) as opened:
            reviews.save_review(opened, cohort_id=course.id, number=1, scores={}, comment="", seen=2, submit=False)

    def test_a_second_window_is_refused_and_nothing_is_lost(
        self, make: Make, reading: Reads, course: Event, rhona: Person
    ) -> None:
        panel.application(make, course)
        panel.review(make, rhona, course, 1, 2, submit=False)
        with pytest.raises(Refusal, match="another window"):
            panel.review(make, rhona, course, 1, 5, seen=0)
        with reading() as read:
            assert read.session.scalars(select(Review)).one().scores["c1"]["score"] == 2

    def test_scores_without_criteria_are_refused(self, make: Make, work: Working, course: Event, rhona: Person) -> None:
        panel.application(make, course)
        with work() as opened:
            opened.session.get_one(Cohort, course.id).criteria = []
        with pytest.raises(Refusal, match="no criteria"):
            panel.review(make, rhona, course, 1)


class TestWhen:
    def test_nothing_is_scored_before_the_call_has_closed(self, make: Make, rhona: Person, clock: FixedClock) -> None:
        course = panel.course(make, closes_in=timedelta(days=1))
        panel.application(make, course)
        with pytest.raises(Refusal, match="still change"):
            panel.review(make, rhona, course, 1)
        clock.move(timedelta(days=1))
        assert panel.review(make, rhona, course, 1).total == 3.0

    def test_nothing_changes_after_the_release(self, make: Make, course: Event, rhona: Person) -> None:
        panel.application(make, course)
        panel.review(make, rhona, course, 1)
        who = panel.chair(make)
        panel.decide(make, who, course, "d")
        panel.release(make, who, course)
        with pytest.raises(Refusal, match="released"):
            panel.review(make, rhona, course, 1, 5, seen=1)


class TestWho:
    def test_a_chair_who_is_no_reviewer_does_not_score(self, make: Make, course: Event) -> None:
        panel.application(make, course)
        for person in (panel.chair(make), make.admin(), make.account("A stranger")):
            with pytest.raises(NotFound):
                panel.review(make, person, course, 1)

    def test_a_reviewer_of_one_course_does_not_score_for_another(self, make: Make, course: Event) -> None:
        other = panel.course(make, "Another", slug="another")
        panel.application(make, course)
        rhona = panel.reviewer(make, event=other)
        with pytest.raises(NotFound):
            panel.review(make, rhona, course, 1)

    @pytest.mark.parametrize("state", [ApplicationState.DRAFT, ApplicationState.WITHDRAWN])
    def test_only_what_was_submitted_is_scored(
        self, make: Make, course: Event, rhona: Person, state: ApplicationState
    ) -> None:
        panel.application(make, course, state=state)
        with pytest.raises(NotFound):
            panel.review(make, rhona, course, 1)

    def test_nobody_scores_a_colleague(self, make: Make, course: Event) -> None:
        council = make.organisation()
        panel.application(make, course, organisation=council)
        rhona = panel.reviewer(make, organisation=council)
        with pytest.raises(NotFound):
            panel.review(make, rhona, course, 1)

    def test_nobody_scores_while_they_apply_themselves(self, make: Make, course: Event, rhona: Person) -> None:
        panel.application(make, course)
        panel.application(make, course, person=rhona)
        with pytest.raises(NotFound):
            panel.review(make, rhona, course, 1)


class TestConflicts:
    def declare(self, make: Make, work: Working, who: Person, course: Event, number: int = 1) -> None:
        with work(make.actor(who)) as opened:
            reviews.declare_conflict(opened, cohort_id=course.id, number=number, reason="A friend")

    def test_a_declared_conflict_keeps_the_reviewer_away_for_good(
        self, make: Make, work: Working, reading: Reads, course: Event, rhona: Person
    ) -> None:
        panel.application(make, course)
        panel.review(make, rhona, course, 1, submit=False)
        self.declare(make, work, rhona, course)
        with reading() as read:
            assert read.session.scalars(select(Conflict)).one().reason == "A friend"
        with pytest.raises(NotFound):
            panel.review(make, rhona, course, 1, seen=1)
        with pytest.raises(NotFound):
            self.declare(make, work, rhona, course)

    def test_a_chair_may_declare_one_too(self, make: Make, work: Working, reading: Reads, course: Event) -> None:
        panel.application(make, course)
        femi = panel.chair(make)
        self.declare(make, work, femi, course)
        with reading() as read:
            assert read.session.scalars(select(Conflict.reviewer_id)).one() == femi.id
        with pytest.raises(NotFound):
            panel.decide(make, femi, course, "o")

    def test_a_stranger_has_nothing_to_declare(self, make: Make, work: Working, course: Event) -> None:
        panel.application(make, course)
        with pytest.raises(NotFound):
            self.declare(make, work, make.account("A stranger"), course)
