"""What letters say beside the words of all courses: paragraphs and feedback, looked over before they are sent."""

from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest
from sqlalchemy import select

from cop.core.criteria import read_criteria
from cop.core.errors import NotFound, Refusal
from cop.models.accounts import Person
from cop.models.cohorts import Cohort, Decision, DecisionOutcome
from cop.models.events import Event
from cop.models.outbox import Outbox
from cop.queries.cohorts import letters as queries
from cop.queries.cohorts import panel as panels
from cop.queries.cohorts.letters import Feedback, Standing
from cop.services.cohorts import choice, letters
from cop.services.cohorts.choice import Verdict
from tests.support import panel
from tests.support.clock import FixedClock
from tests.support.make import Make, Reads, Working

Posted = Callable[..., Sequence[Outbox]]


@pytest.fixture
def course(make: Make) -> Event:
    return panel.course(make, places=2)


@pytest.fixture
def femi(make: Make) -> Person:
    return panel.chair(make)


def choose(make: Make, work: Working, who: Person, course: Event, number: int, verdict: Verdict) -> None:
    with work(make.actor(who)) as opened:
        seen = panel.revision(make, course)
        choice.choose(opened, cohort_id=course.id, verdicts={number: verdict}, seen=seen)


def decisions(reading: Reads) -> list[Decision]:
    with reading() as read:
        return list(read.session.scalars(select(Decision).order_by(Decision.application_id)))


def seen_by(make: Make, reading: Reads, who: Person, course: Event) -> queries.Letters:
    with reading(make.actor(who)) as read:
        return queries.letters(read, panels.course_of_chair(read, slug=course.slug))


def portrait_for(make: Make, reading: Reads, who: Person, course: Event, number: int = 1) -> str:
    """The codes of what was strongest, and of what to work on."""
    with reading(make.actor(who)) as read:
        cohort = panels.course_of_chair(read, slug=course.slug)
        found = queries.letter(read, cohort, read_criteria(cohort.criteria), number=number).portrait
    if found is None:
        return "none"
    return "/".join(" ".join(one.code for one in part) for part in (found.strongest, found.to_work_on))


class TestFeedback:
    def test_is_kept_and_counts_as_looked_over(
        self, make: Make, reading: Reads, course: Event, femi: Person, clock: FixedClock
    ) -> None:
        panel.applications(make, course, 1)
        panel.decide(make, femi, course, "d")
        panel.write_feedback(make, femi, course, 1, "Say more about residents.")
        (kept,) = decisions(reading)
        assert (kept.feedback, kept.feedback_read_at) == ("Say more about residents.", clock.now())
        assert queries.feedback_of(kept) is Feedback.WRITTEN

    def test_of_somebody_else_meanwhile_is_not_overwritten(
        self, make: Make, work: Working, reading: Reads, course: Event, femi: Person
    ) -> None:
        panel.applications(make, course, 1)
        panel.decide(make, femi, course, "d")
        seen = queries.version_of_feedback(decisions(reading)[0])
        panel.write_feedback(make, femi, course, 1, "The first")
        with pytest.raises(Refusal, match="Somebody else"), work(make.actor(make.admin())) as opened:
            letters.write_feedback(opened, cohort_id=course.id, number=1, words="The second", seen=seen)
        assert decisions(reading)[0].feedback == "The first"

    def test_needs_a_decision_and_the_time_between_call_and_release(
        self, make: Make, work: Working, course: Event, femi: Person
    ) -> None:
        panel.applications(make, course, 2)
        panel.decide(make, femi, course, "d-")
        with pytest.raises(Refusal, match="Decide on application 2 first"), work(make.actor(femi)) as opened:
            letters.write_feedback(opened, cohort_id=course.id, number=2, words="x", seen="")
        panel.decide(make, femi, course, "dd")
        panel.release(make, femi, course)
        with pytest.raises(Refusal, match="released"):
            panel.write_feedback(make, femi, course, 1, "Too late")

    def test_is_for_a_chair_without_a_conflict(self, make: Make, work: Working, course: Event, femi: Person) -> None:
        council = make.organisation()
        panel.application(make, course, organisation=council)
        panel.decide(make, femi, course, "d")
        for who in (panel.reviewer(make), panel.chair(make, "A colleague", organisation=council)):
            with pytest.raises(NotFound):
                panel.write_feedback(make, who, course, 1, "x")

    def test_written_for_another_outcome_is_never_sent_before_somebody_looked_again(
        self, make: Make, work: Working, reading: Reads, course: Event, femi: Person, outbox: Posted
    ) -> None:
        panel.applications(make, course, 1)
        panel.decide(make, femi, course, "d")
        panel.write_feedback(make, femi, course, 1, "Apply again.")
        choose(make, work, femi, course, 1, Verdict(DecisionOutcome.OFFER))
        assert queries.feedback_of(decisions(reading)[0]) is Feedback.TO_READ
        with pytest.raises(Refusal, match=r"Look at it again first. Letters: 1"):
            panel.release(make, femi, course)
        assert outbox() == []
        panel.write_feedback(make, femi, course, 1, "Apply again.")
        panel.release(make, femi, course)
        assert [row.template for row in outbox()] == ["offer_made"]

    def test_stays_looked_over_where_only_the_rank_changed(
        self, make: Make, work: Working, reading: Reads, course: Event, femi: Person
    ) -> None:
        panel.applications(make, course, 1)
        panel.decide(make, femi, course, "r")
        panel.write_feedback(make, femi, course, 1, "Close.")
        choose(make, work, femi, course, 1, Verdict(DecisionOutcome.RESERVE, 5))
        assert queries.feedback_of(decisions(reading)[0]) is Feedback.WRITTEN

    def test_is_not_lost_with_a_choice_that_is_taken_back(
        self, make: Make, work: Working, reading: Reads, course: Event, femi: Person
    ) -> None:
        panel.applications(make, course, 1)
        panel.decide(make, femi, course, "d")
        panel.write_feedback(make, femi, course, 1, "A long letter.")
        with pytest.raises(Refusal, match="Empty it before"):
            choose(make, work, femi, course, 1, Verdict(None))
        panel.write_feedback(make, femi, course, 1, "")
        assert queries.feedback_of(decisions(reading)[0]) is Feedback.LEFT_OUT
        choose(make, work, femi, course, 1, Verdict(None))
        assert decisions(reading) == []


class TestAProposal:
    def test_tells_what_was_strongest_and_what_to_work_on(
        self, make: Make, reading: Reads, course: Event, femi: Person
    ) -> None:
        panel.applications(make, course, 1)
        for name, scores in (("Rhona", (5, 1)), ("Ruth", (4, 2))):
            panel.review_with(make, panel.reviewer(make, name), course, 1, dict(zip(("c1", "c2"), scores, strict=True)))
        assert portrait_for(make, reading, femi, course) == "c1/c2"

    def test_says_nothing_without_reviews_or_by_one_that_was_taken_back(
        self, make: Make, work: Working, reading: Reads, course: Event, femi: Person
    ) -> None:
        panel.applications(make, course, 1)
        assert portrait_for(make, reading, femi, course) == "/"
        rhona = panel.reviewer(make)
        panel.review(make, rhona, course, 1, 5)
        assert portrait_for(make, reading, femi, course) == "c1 c2/"
        panel.declare(make, rhona, course, 1)
        assert portrait_for(make, reading, femi, course) == "/"

    def test_shows_no_scores_to_a_chair_who_owes_a_review(self, make: Make, reading: Reads, course: Event) -> None:
        panel.applications(make, course, 1)
        panel.review(make, panel.reviewer(make), course, 1, 5)
        both = panel.both(make)
        assert portrait_for(make, reading, both, course) == "none"
        panel.review(make, both, course, 1, 1)
        assert portrait_for(make, reading, both, course) != "none"


class TestParagraphs:
    def test_are_kept_by_outcome(self, make: Make, reading: Reads, course: Event, femi: Person) -> None:
        panel.write_paragraphs(make, femi, course, offer="Welcome", reserve="", decline="Thank you")
        with reading() as read:
            assert read.session.get_one(Cohort, course.id).letters == {"offer": "Welcome", "decline": "Thank you"}

    def test_of_somebody_else_meanwhile_are_not_overwritten(
        self, make: Make, work: Working, reading: Reads, course: Event, femi: Person
    ) -> None:
        with reading() as read:
            seen = queries.version_of_letters(read.session.get_one(Cohort, course.id))
        panel.write_paragraphs(make, femi, course, offer="The first")
        with pytest.raises(Refusal, match="Somebody else"), work(make.actor(femi)) as opened:
            meant = {DecisionOutcome.OFFER: "The second"}
            letters.write_paragraphs(opened, cohort_id=course.id, paragraphs=meant, seen=seen)

    def test_are_for_the_chair_between_call_and_release(self, make: Make, course: Event, femi: Person) -> None:
        with pytest.raises(NotFound):
            panel.write_paragraphs(make, panel.reviewer(make), course, offer="x")
        later = panel.course(make, "Later", slug="later", closes_in=timedelta(days=1))
        with pytest.raises(Refusal, match="call has closed"):
            panel.write_paragraphs(make, femi, later, offer="x")
        panel.applications(make, course, 1)
        panel.decide(make, femi, course, "d")
        panel.release(make, femi, course)
        with pytest.raises(Refusal, match="released"):
            panel.write_paragraphs(make, femi, course, offer="x")


class TestTheList:
    def test_leads_from_one_letter_to_the_next(self, make: Make, reading: Reads, course: Event, femi: Person) -> None:
        panel.applications(make, course, 5)
        panel.decide(make, femi, course, "dor-d")
        panel.write_feedback(make, femi, course, 3, "Close.")
        found = seen_by(make, reading, femi, course)
        assert [line.feedback for line in found.lines] == [
            Feedback.MISSING,
            Feedback.OPTIONAL,
            Feedback.WRITTEN,
            None,
            Feedback.MISSING,
        ]
        assert (found.next_after(), found.next_after(1), found.next_after(5), found.undecided) == (1, 5, 1, 1)
        for number in (1, 5):
            panel.write_feedback(make, femi, course, number, "")
        assert seen_by(make, reading, femi, course).next_after() is None

    def test_tells_what_came_of_each_offer(
        self, make: Make, work: Working, reading: Reads, femi: Person, clock: FixedClock
    ) -> None:
        course = panel.course(make, places=3)
        first, second, _third = panel.offered(make, course, "ooord")
        panel.accept(make, first)
        panel.decline(make, second)
        found = seen_by(make, reading, femi, course)
        assert found.standings == {Standing.ACCEPTED: 1, Standing.DECLINED: 1, Standing.OPEN: 1}
        assert [line.number for line in found.lines] == [1, 2, 3, 4, 5]
        assert {line.message for line in found.lines} == {"pending"}
        clock.set(panel.until(second))
        assert seen_by(make, reading, femi, course).standings[Standing.LAPSED] == 1

    def test_counts_everybody_and_names_only_whom_one_may_see(
        self, make: Make, reading: Reads, course: Event, femi: Person
    ) -> None:
        council = make.organisation()
        panel.application(make, course, "A colleague of theirs", organisation=council)
        panel.application(make, course, "Ben")
        panel.decide(make, femi, course, "dd")
        colleague = panel.chair(make, "Colleague", organisation=council)
        found = seen_by(make, reading, colleague, course)
        assert [line.name for line in found.lines] == ["Ben"]
        assert (found.submitted, found.hidden_open, sum(found.hidden.values())) == (2, 1, 1)
        assert found.next_after(2) == 2
        with pytest.raises(NotFound):
            portrait_for(make, reading, colleague, course)

    def test_is_for_the_chair(self, make: Make, reading: Reads, course: Event) -> None:
        with reading(make.actor(panel.reviewer(make))) as read:
            cohort = panels.course_of_panel(read, slug=course.slug)
            with pytest.raises(NotFound):
                queries.letters(read, cohort)
            with pytest.raises(NotFound):
                queries.letter(read, cohort, [], number=1)
