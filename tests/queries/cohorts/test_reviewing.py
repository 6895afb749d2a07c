"""Who is to score what, who may not, what reviewers read, and how strictly each of them scores."""

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from cop.core.access import Role
from cop.core.errors import NotFound, Refusal
from cop.models.accounts import Affiliation, Person
from cop.models.events import Event
from cop.models.organisations import Organisation, OrganisationSuccession
from cop.models.surveys import Response
from cop.queries.cohorts import panel as queries
from cop.queries.cohorts import reviewing, selection, sharing
from cop.queries.cohorts.panel import Hidden
from cop.queries.cohorts.severity import Severity, severities
from tests.support import panel
from tests.support import reviewing as work_of_panel
from tests.support.clock import FixedClock
from tests.support.make import Make, Reads, Working
from tests.support.queries import count_queries


@pytest.fixture
def course(make: Make) -> Event:
    return panel.course(make)


@pytest.fixture
def femi(make: Make) -> Person:
    return panel.chair(make)


@pytest.fixture
def hidden_from(make: Make, reading: Reads, course: Event) -> Callable[[Person], Counter[Hidden]]:
    """How many applications somebody of the panel may not see, for which reason."""

    def look(who: Person) -> Counter[Hidden]:
        with reading(make.actor(who)) as read:
            return Counter(queries.pile(read, queries.course_of_panel(read, slug=course.slug)).hidden)

    return look


def succeed(work: Working, before: Organisation, after: Organisation) -> None:
    with work() as opened:
        opened.session.add(
            OrganisationSuccession(
                predecessor_id=before.id, successor_id=after.id, on_date=date(2026, 4, 1), moves_domains=True
            )
        )


class TestAConflict:
    def test_reaches_over_any_number_of_successions_both_ways(
        self, make: Make, work: Working, course: Event, hidden_from: Callable[[Person], Counter[Hidden]]
    ) -> None:
        district, unitary, city = (make.organisation(name) for name in ("District", "Unitary", "City"))
        succeed(work, district, unitary)
        succeed(work, unitary, city)
        for place, council in enumerate((district, unitary, city)):
            panel.application(make, course, f"Of {place}", organisation=council)
        for council in (district, unitary, city):
            assert hidden_from(panel.reviewer(make, organisation=council)) == {Hidden.ORGANISATION: 3}

    def test_is_none_between_two_that_took_over_from_one(
        self, make: Make, work: Working, course: Event, hidden_from: Callable[[Person], Counter[Hidden]]
    ) -> None:
        county, east, west = (make.organisation(name) for name in ("County", "East", "West"))
        succeed(work, county, east)
        succeed(work, county, west)
        panel.application(make, course, organisation=east)
        assert hidden_from(panel.reviewer(make, organisation=west)) == {}
        assert hidden_from(panel.reviewer(make, organisation=county)) == {Hidden.ORGANISATION: 1}

    def test_reaches_from_where_the_applicant_is_now(
        self, make: Make, work: Working, course: Event, hidden_from: Callable[[Person], Counter[Hidden]]
    ) -> None:
        before, after = make.organisation("Before"), make.organisation("After")
        succeed(work, before, after)
        applied = panel.application(make, course, organisation=make.organisation("Elsewhere"))
        with work() as opened:
            moved = select(Affiliation).where(Affiliation.person_id == applied.person_id)
            opened.session.scalars(moved).one().organisation_id = before.id
        assert hidden_from(panel.reviewer(make, organisation=after)) == {Hidden.ORGANISATION: 1}

    def test_is_with_whoever_was_asked_to_support_it(
        self, make: Make, course: Event, hidden_from: Callable[[Person], Counter[Hidden]]
    ) -> None:
        applied = panel.application(make, course)
        enid = panel.reviewer(make, "Enid", email="enid@council.example")
        assert hidden_from(enid) == {}
        work_of_panel.endorsement(make, applied, "enid@council.example")
        assert hidden_from(enid) == {Hidden.ENDORSED: 1}
        with pytest.raises(NotFound):
            panel.review(make, enid, course, 1)
        assert hidden_from(panel.reviewer(make, "Somebody else")) == {}


class TestWhatReviewersRead:
    def read(self, make: Make, reading: Reads, who: Person, course: Event) -> str:
        with reading(make.actor(who)) as read:
            cohort = queries.course_of_panel(read, slug=course.slug)
            found = queries.application_to_review(read, cohort, number=1)
            return " ".join(words for part in found.answered for _item, words in part.answers)

    def test_is_the_copy_where_there_is_one(self, make: Make, reading: Reads, course: Event, femi: Person) -> None:
        panel.application(make, course, challenge="I am Amina, from Stevenage")
        rhona = panel.reviewer(make)
        assert "Amina" in self.read(make, reading, rhona, course)
        work_of_panel.redact(make, femi, course, 1, challenge="I am [name], from [place]")
        assert self.read(make, reading, rhona, course) == "I am [name], from [place]"

    def test_is_nothing_before_somebody_looked_it_through_where_that_is_needed(
        self, make: Make, reading: Reads, course: Event, femi: Person
    ) -> None:
        panel.application(make, course)
        rhona = panel.reviewer(make)
        work_of_panel.wanting(make, course, None, redacting=True)
        assert work_of_panel.pile(make, rhona, course) == []
        with pytest.raises(NotFound):
            self.read(make, reading, rhona, course)
        with pytest.raises(NotFound):
            panel.review(make, rhona, course, 1)
        work_of_panel.redact(make, femi, course, 1)
        assert work_of_panel.pile(make, rhona, course) == [1]
        assert panel.review(make, rhona, course, 1).total == 3.0

    @pytest.mark.parametrize("needed", [True, False])
    def test_is_nothing_once_the_answers_are_others_than_those_copied(
        self,
        make: Make,
        work: Working,
        course: Event,
        femi: Person,
        clock: FixedClock,
        needed: bool,  # noqa: FBT001
    ) -> None:
        applied = panel.application(make, course)
        rhona = panel.reviewer(make)
        work_of_panel.wanting(make, course, None, redacting=needed)
        work_of_panel.redact(make, femi, course, 1, challenge="[left out]")
        clock.move(timedelta(minutes=1))
        with work() as opened:
            response = opened.session.get_one(Response, applied.response_id)
            response.answers, response.saved_at = {"challenge": "I am Amina"}, opened.now
            response.revision += 1
        assert work_of_panel.pile(make, rhona, course) == []
        work_of_panel.redact(make, femi, course, 1)
        assert work_of_panel.pile(make, rhona, course) == [1]

    def test_is_for_a_reviewer_only_what_is_theirs(self, make: Make, reading: Reads, course: Event) -> None:
        panel.application(make, course)
        rhona = panel.reviewer(make)
        work_of_panel.wanting(make, course, 1)
        with pytest.raises(NotFound):
            self.read(make, reading, rhona, course)
        with reading(make.actor(rhona)) as read:
            assert not queries.may_see(read, queries.course_of_panel(read, slug=course.slug), number=1)
        with pytest.raises(NotFound):
            panel.review(make, rhona, course, 1)


class TestOthersScores:
    """Whoever chairs and scores sees nothing of what others said before their own review is in."""

    @pytest.fixture
    def both(self, make: Make, course: Event, femi: Person) -> Person:
        make.grant(femi, Role.REVIEWER, programme=make.programme())
        panel.applications(make, course, 2)
        rhona = panel.reviewer(make)
        for number, score in ((1, 5), (2, 1)):
            panel.review(make, rhona, course, number, score)
        return femi

    def seen(self, make: Make, reading: Reads, who: Person, course: Event) -> selection.Selection:
        with reading(make.actor(who)) as read:
            return selection.selection(
                read, queries.course_of_chair(read, slug=course.slug), order=selection.Order.MEAN
            )

    def test_come_one_by_one(self, make: Make, reading: Reads, course: Event, both: Person) -> None:
        other = panel.chair(make, "Another chair")
        panel.moderate(make, other, course, 2, 4.5)
        before = self.seen(make, reading, both, course).candidates
        assert [(one.number, one.is_owed, one.score, one.spread) for one in before] == [
            (1, True, None, None),
            (2, True, None, None),
        ]
        panel.review(make, both, course, 2, 3)
        after = self.seen(make, reading, both, course).candidates
        assert [(one.number, one.is_owed, one.score, one.spread) for one in after] == [
            (2, False, 4.5, 2.0),
            (1, True, None, None),
        ]
        assert [one.score for one in self.seen(make, reading, other, course).candidates] == [5.0, 4.5]

    def test_are_not_on_the_page_of_one_application(
        self, make: Make, reading: Reads, course: Event, both: Person
    ) -> None:
        panel.moderate(make, panel.chair(make, "Another chair"), course, 1, 4.5)
        for is_in in (False, True):
            if is_in:
                panel.review(make, both, course, 1)
            with reading(make.actor(both)) as read:
                cohort = queries.course_of_chair(read, slug=course.slug)
                whole = selection.application_whole(read, cohort, number=1)
            assert bool(whole.reviews) is bool(whole.record) is is_in

    def test_are_not_set_by_whoever_has_not_seen_them(self, make: Make, course: Event, both: Person) -> None:
        with pytest.raises(Refusal, match="your own review first"):
            panel.moderate(make, both, course, 1, 2.0)
        panel.review(make, both, course, 1)
        panel.moderate(make, both, course, 1, 2.0)

    def test_are_told_to_a_chair_to_whom_nothing_was_shared_out(
        self, make: Make, reading: Reads, course: Event, both: Person
    ) -> None:
        work_of_panel.wanting(make, course, 1)
        assert [one.score for one in self.seen(make, reading, both, course).candidates] == [5.0, 1.0]

    def test_are_told_after_the_release(self, make: Make, reading: Reads, course: Event, both: Person) -> None:
        panel.decide(make, both, course, "od")
        panel.release(make, both, course)
        assert [one.score for one in self.seen(make, reading, both, course).candidates] == [5.0, 1.0]


class TestFarApart:
    def test_asks_for_a_word_of_the_panel_until_it_has_spoken(
        self, make: Make, reading: Reads, course: Event, femi: Person, clock: FixedClock
    ) -> None:
        panel.applications(make, course, 2)
        ann, ben = panel.reviewer(make, "Ann"), panel.reviewer(make, "Ben")
        for number, scores in ((1, (2, 4)), (2, (3, 4))):
            for who, score in zip((ann, ben), scores, strict=True):
                panel.review(make, who, course, number, score)

        def seen() -> selection.Selection:
            with reading(make.actor(femi)) as read:
                return selection.selection(read, queries.course_of_chair(read, slug=course.slug))

        assert [(one.is_apart, one.is_talked_over) for one in seen().candidates] == [(True, False), (False, False)]
        assert seen().to_talk_over == 1
        panel.moderate(make, femi, course, 1, None)
        assert seen().to_talk_over == 0
        clock.move(timedelta(minutes=1))
        panel.review(make, ann, course, 1, 1, seen=1)
        assert seen().to_talk_over == 1, "a review that came later is to be talked about too"
        work_of_panel.wanting(make, course, None, spread=3.5)
        assert seen().to_talk_over == 0


class TestSeverity:
    def test_is_the_mean_difference_from_the_others_on_the_same(
        self, make: Make, reading: Reads, course: Event
    ) -> None:
        team = [panel.reviewer(make, name) for name in ("Ann", "Ben", "Cy")]
        panel.applications(make, course, 6)
        given = {1: (1, 3, 5), 2: (2, 3, 3), 3: (2, 2, 5), 4: (1, 2, None), 5: (3, 4, None), 6: (None, 5, None)}
        for number, scores in given.items():
            for who, score in zip(team, scores, strict=True):
                if score is not None:
                    panel.review(make, who, course, number, score)
        with reading() as read:
            found = severities(read, queries.course_of_chair(read, slug=course.slug))
        differences: dict[int, list[float]] = {}
        for scores in given.values():
            for place, score in enumerate(scores):
                others = [other for at, other in enumerate(scores) if at != place and other is not None]
                if score is not None and others:
                    differences.setdefault(place, []).append(score - sum(others) / len(others))
        assert found == {
            team[place].id: Severity(len(told), round(sum(told) / len(told), 2))
            for place, told in differences.items()
            if len(told) >= 5
        }
        assert team[2].id not in found, "three applications say nothing"
        assert found[team[0].id].difference < 0 < found[team[1].id].difference + 1

    def test_waits_until_the_chair_owes_nothing(self, make: Make, course: Event, femi: Person) -> None:
        make.grant(femi, Role.REVIEWER, programme=make.programme())
        panel.applications(make, course, 5)
        team = [panel.reviewer(make, name) for name in ("Ann", "Ben")]
        for number in range(1, 6):
            for place, who in enumerate(team):
                panel.review(make, who, course, number, 2 + place)
        before = work_of_panel.progress(make, femi, course)
        assert before.is_owing
        assert not any(one.severity for one in before.reviewers)
        for number in range(1, 6):
            panel.review(make, femi, course, number, 3)
        after = work_of_panel.progress(make, femi, course)
        assert {one.name: one.severity.difference for one in after.reviewers if one.severity} == {
            "Ann": -1.0,
            "Ben": 0.5,
            "Femi Chair": 0.5,
        }


class TestProgress:
    def test_tells_how_far_each_is_and_what_is_missing(
        self, make: Make, course: Event, femi: Person, clock: FixedClock
    ) -> None:
        council = make.organisation()
        panel.application(make, course, "A colleague", organisation=council)
        panel.applications(make, course, 3)
        ann, ben = panel.reviewer(make, "Ann", organisation=council), panel.reviewer(make, "Ben")
        panel.reviewer(make, "Cy")
        work_of_panel.wanting(make, course, 2)
        work_of_panel.assign(make, femi, course, 1, [ben])
        work_of_panel.assign(make, femi, course, 2, [ann, ben])
        panel.review(make, ann, course, 2)
        panel.review(make, ben, course, 2)
        panel.review(make, ben, course, 1, submit=False)
        found = work_of_panel.progress(make, femi, course)
        assert (found.applications, found.scored, found.reviews, found.short, found.left) == (4, 1, 2, 3, 1)
        told = {one.name: (one.may_see, one.theirs, one.submitted, one.drafts, one.left) for one in found.reviewers}
        assert told == {"Ann": (3, 1, 1, 0, 0), "Ben": (4, 2, 1, 1, 1), "Cy": (4, 0, 0, 0, 0)}
        assert found.reviewers[0].hidden == {Hidden.ORGANISATION: 1}
        assert found.reviewers[0].last_at == clock.now()

    def test_counts_what_reviewers_wait_for(self, make: Make, course: Event, femi: Person) -> None:
        panel.applications(make, course, 3)
        panel.reviewer(make)
        work_of_panel.wanting(make, course, None, redacting=True)
        work_of_panel.redact(make, femi, course, 2)
        found = work_of_panel.progress(make, femi, course)
        assert (found.looked_through, found.left, found.short) == (1, 1, 3)
        assert [one.unread for one in found.reviewers] == [2]

    def test_is_for_the_chair(self, make: Make, reading: Reads, course: Event) -> None:
        rhona = panel.reviewer(make)
        with reading(make.actor(rhona)) as read:
            cohort = queries.course_of_panel(read, slug=course.slug)
            for ask in (reviewing.progress, reviewing.shares, sharing.plan_of):
                with pytest.raises(NotFound):
                    ask(read, cohort)

    def test_takes_the_same_statements_however_much_there_is(
        self, make: Make, reading: Reads, course: Event, femi: Person
    ) -> None:
        counts = []
        for more in (1, 2):
            panel.applications(make, course, more)
            panel.reviewer(make, f"Reviewer {more}")
            with reading(make.actor(femi)) as read:
                cohort = queries.course_of_chair(read, slug=course.slug)
                with count_queries() as statements:
                    reviewing.progress(read, cohort)
                    reviewing.shares(read, cohort)
                    sharing.plan_of(read, cohort)
            counts.append(len(statements))
        assert counts == [9, 9]


class TestThePlan:
    def test_says_why_somebody_gets_more(self, make: Make, course: Event, femi: Person) -> None:
        council = make.organisation()
        for place in range(4):
            panel.application(make, course, f"Colleague {place}", organisation=council)
        panel.applications(make, course, 1)
        panel.reviewer(make, "Ann")
        panel.reviewer(make, "Ben", organisation=council)
        work_of_panel.wanting(make, course, 1)
        found = work_of_panel.plan(make, femi, course)
        told = {one.name: (one.before, one.after, one.may_see, one.only) for one in found.reviewers}
        assert told == {"Ann": (0, 4, 5, 4), "Ben": (0, 1, 1, 0)}
        assert not found.is_even

    def test_counts_hidden_applications_too(self, make: Make, course: Event) -> None:
        """A chair in conflict shares those out as well, as they release decisions that they may not see."""
        council = make.organisation()
        panel.application(make, course, organisation=council)
        panel.reviewer(make)
        work_of_panel.wanting(make, course, 1)
        assert work_of_panel.plan(make, panel.chair(make, organisation=council), course).applications == 1


def test_shares_of_hidden_applications_are_not_listed(make: Make, reading: Reads, course: Event) -> None:
    council = make.organisation()
    panel.application(make, course, organisation=council)
    panel.applications(make, course, 1)
    who = panel.chair(make, organisation=council)
    with reading(make.actor(who)) as read:
        cohort = queries.course_of_chair(read, slug=course.slug)
        assert [one.number for one in reviewing.shares(read, cohort)] == [2]
        assert [one.number for one in reviewing.shares(read, cohort, short=True)] == [2]
