"""The chair's choice: all or nothing, never unseen, and one release for everybody."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest
from sqlalchemy import select

from cop.core.errors import NotFound, Refusal
from cop.models.accounts import Person
from cop.models.cohorts import Application, ApplicationState, Cohort, Decision, DecisionOutcome, Moderation
from cop.models.events import Event, EventState
from cop.models.offers import OfferState
from cop.models.outbox import Outbox, OutboxChannel
from cop.services.cohorts import choice
from cop.services.cohorts.choice import Verdict
from tests.support import panel
from tests.support.clock import FixedClock
from tests.support.make import Make, Reads, Working

Posted = Callable[..., Sequence[Outbox]]

OFFER, RESERVE, DECLINE = DecisionOutcome.OFFER, DecisionOutcome.RESERVE, DecisionOutcome.DECLINE


@pytest.fixture
def course(make: Make) -> Event:
    return panel.course(make, places=2)


@pytest.fixture
def femi(make: Make) -> Person:
    return panel.chair(make)


def outcomes(reading: Reads) -> dict[int | None, tuple[DecisionOutcome, int | None]]:
    with reading() as read:
        rows = read.session.execute(
            select(Application.number, Decision).join(Decision, Decision.application_id == Application.id)
        )
        return {row.number: (row.Decision.outcome, row.Decision.reserve_rank) for row in rows}


class TestChoosing:
    def choose(
        self, make: Make, work: Working, who: Person, course: Event, verdicts: dict[int, Verdict], seen: int = 0
    ) -> int:
        with work(make.actor(who)) as opened:
            return choice.choose(opened, cohort_id=course.id, verdicts=verdicts, seen=seen)

    def test_many_at_once(self, make: Make, work: Working, reading: Reads, course: Event, femi: Person) -> None:
        panel.applications(make, course, 5)
        panel.decide(make, femi, course, "ordr-")
        assert outcomes(reading) == {1: (OFFER, None), 2: (RESERVE, 1), 3: (DECLINE, None), 4: (RESERVE, 2)}
        assert panel.revision(make, course) == 1

    def test_a_choice_is_changed_and_taken_back(
        self, make: Make, work: Working, reading: Reads, course: Event, femi: Person
    ) -> None:
        panel.applications(make, course, 2)
        panel.decide(make, femi, course, "or")
        changed = self.choose(make, work, femi, course, {1: Verdict(None), 2: Verdict(OFFER)}, seen=1)
        assert (changed, outcomes(reading)) == (2, {2: (OFFER, None)})

    def test_what_was_the_same_already_is_no_change(
        self, make: Make, work: Working, course: Event, femi: Person
    ) -> None:
        panel.applications(make, course, 2)
        panel.decide(make, femi, course, "or")
        assert self.choose(make, work, femi, course, {1: Verdict(OFFER), 2: Verdict(RESERVE)}, seen=1) == 0
        assert panel.revision(make, course) == 1

    def test_ranks_are_given_or_follow_the_last(
        self, make: Make, work: Working, reading: Reads, course: Event, femi: Person
    ) -> None:
        panel.applications(make, course, 3)
        wanted = {1: Verdict(RESERVE, 7), 2: Verdict(RESERVE), 3: Verdict(RESERVE, 2)}
        self.choose(make, work, femi, course, wanted)
        assert outcomes(reading) == {1: (RESERVE, 7), 2: (RESERVE, 8), 3: (RESERVE, 2)}

    def test_two_reserves_cannot_have_one_rank(
        self, make: Make, work: Working, reading: Reads, course: Event, femi: Person
    ) -> None:
        panel.applications(make, course, 2)
        with pytest.raises(Refusal, match="rank 3"):
            self.choose(make, work, femi, course, {1: Verdict(RESERVE, 3), 2: Verdict(RESERVE, 3)})
        assert outcomes(reading) == {}

    def test_more_than_the_places_are_refused_plainly(
        self, make: Make, reading: Reads, course: Event, femi: Person
    ) -> None:
        panel.applications(make, course, 3)
        with pytest.raises(Refusal, match="3 people, and only 2 can"):
            panel.decide(make, femi, course, "ooo")
        assert outcomes(reading) == {}

    def test_a_course_without_a_limit_takes_all(self, make: Make, reading: Reads, femi: Person) -> None:
        course = panel.course(make, places=None)
        panel.applications(make, course, 3)
        panel.decide(make, femi, course, "ooo")
        assert len(outcomes(reading)) == 3

    def test_a_stale_page_overwrites_nothing(
        self, make: Make, work: Working, reading: Reads, course: Event, femi: Person
    ) -> None:
        panel.applications(make, course, 2)
        panel.decide(make, femi, course, "o-")
        with pytest.raises(Refusal, match="Somebody else changed the choice"):
            self.choose(make, work, make.admin(), course, {1: Verdict(DECLINE)}, seen=0)
        assert outcomes(reading) == {1: (OFFER, None)}

    def test_waits_for_the_close_of_the_call(self, make: Make, femi: Person, clock: FixedClock) -> None:
        course = panel.course(make, closes_in=timedelta(hours=1))
        panel.applications(make, course, 1)
        with pytest.raises(Refusal, match="still change"):
            panel.decide(make, femi, course, "o")

    def test_what_was_withdrawn_meanwhile_is_named(
        self, make: Make, work: Working, course: Event, femi: Person
    ) -> None:
        panel.application(make, course, state=ApplicationState.WITHDRAWN)
        with pytest.raises(Refusal, match="Application 1 was withdrawn"):
            panel.decide(make, femi, course, "o")
        with pytest.raises(NotFound):
            self.choose(make, work, femi, course, {99: Verdict(OFFER)})

    def test_is_for_the_chair_alone(self, make: Make, course: Event) -> None:
        other = panel.course(make, "Another", slug="another")
        panel.applications(make, course, 1)
        for person in (panel.reviewer(make), panel.chair(make, event=other), make.account("A stranger")):
            with pytest.raises(NotFound):
                panel.decide(make, person, course, "o")

    def test_nobody_decides_on_a_colleague(self, make: Make, reading: Reads, course: Event) -> None:
        council = make.organisation()
        panel.application(make, course, organisation=council)
        with pytest.raises(NotFound):
            panel.decide(make, panel.chair(make, organisation=council), course, "d")
        panel.decide(make, panel.chair(make, "Another chair"), course, "d")
        assert outcomes(reading) == {1: (DECLINE, None)}


class TestModerating:
    def moderate(
        self, make: Make, work: Working, who: Person, course: Event, score: float | None = 4.5, number: int = 1
    ) -> None:
        with work(make.actor(who)) as opened:
            choice.moderate(opened, cohort_id=course.id, number=number, reason="Closer to home", score=score)

    def test_adds_to_the_record(self, make: Make, work: Working, reading: Reads, course: Event, femi: Person) -> None:
        panel.applications(make, course, 1)
        self.moderate(make, work, femi, course, None)
        self.moderate(make, work, femi, course)
        with reading() as read:
            said = read.session.scalars(select(Moderation).order_by(Moderation.id)).all()
        assert [(one.score, one.by_person_id) for one in said] == [(None, femi.id), (4.5, femi.id)]

    @pytest.mark.parametrize("score", [0.0, 5.01])
    def test_a_score_is_from_one_to_five(
        self, make: Make, work: Working, course: Event, femi: Person, score: float
    ) -> None:
        panel.applications(make, course, 1)
        with pytest.raises(Refusal) as refused:
            self.moderate(make, work, femi, course, score)
        assert refused.value.field == "score"

    def test_is_for_a_chair_without_a_conflict(self, make: Make, work: Working, course: Event) -> None:
        council = make.organisation()
        panel.application(make, course, organisation=council)
        for person in (panel.reviewer(make), panel.chair(make, organisation=council)):
            with pytest.raises(NotFound):
                self.moderate(make, work, person, course)

    def test_ends_with_the_release(self, make: Make, work: Working, course: Event, femi: Person) -> None:
        panel.applications(make, course, 1)
        panel.decide(make, femi, course, "d")
        panel.release(make, femi, course)
        with pytest.raises(Refusal, match="released"):
            self.moderate(make, work, femi, course)


class TestReleasing:
    def test_tells_everybody_at_one_instant_and_holds_the_places(
        self, make: Make, reading: Reads, course: Event, femi: Person, outbox: Posted, clock: FixedClock
    ) -> None:
        people = [made.person for made in panel.applications(make, course, 5)]
        panel.decide(make, femi, course, "oordr")
        released = panel.release(make, femi, course)
        assert (released.offers, released.reserves, released.declined) == (2, 2, 1)
        with reading() as read:
            cohort = read.session.get_one(Cohort, course.id)
            instants = set(read.session.scalars(select(Decision.released_at)))
        assert instants == {cohort.released_at} == {clock.now()}
        assert [(offer.person_id, offer.state) for offer in panel.offers_of(make, course)] == [
            (people[0].id, OfferState.OPEN),
            (people[1].id, OfferState.OPEN),
        ]
        assert make.event(course.id).seats_taken == 2
        letters = {(row.person_id, row.template) for row in outbox()}
        templates = ["offer_made", "offer_made", "application_reserve", "application_declined", "application_reserve"]
        assert letters == {(person.id, template) for person, template in zip(people, templates, strict=True)}

    def test_an_offer_ends_with_its_last_day(self, make: Make, course: Event, femi: Person, clock: FixedClock) -> None:
        panel.applications(make, course, 1)
        panel.decide(make, femi, course, "o")
        panel.release(make, femi, course)
        assert panel.offers_of(make, course)[0].expires_at == panel.at(2026, 3, 9, 23, 59)

    def test_an_offer_ends_at_the_latest_when_the_course_begins(self, make: Make, femi: Person) -> None:
        course = panel.course(make, starts_in=timedelta(days=3))
        panel.applications(make, course, 1)
        panel.decide(make, femi, course, "o")
        panel.release(make, femi, course)
        assert panel.offers_of(make, course)[0].expires_at == course.parts[0].starts_at

    def test_waits_until_each_application_has_a_decision(
        self, make: Make, course: Event, femi: Person, outbox: Posted
    ) -> None:
        panel.applications(make, course, 3)
        panel.decide(make, femi, course, "o-d")
        with pytest.raises(Refusal, match="decision: 1"):
            panel.release(make, femi, course)
        assert outbox() == []
        assert panel.offers_of(make, course) == []

    def test_leaves_out_what_was_withdrawn(
        self, make: Make, work: Working, course: Event, femi: Person, outbox: Posted
    ) -> None:
        panel.application(make, course, state=ApplicationState.WITHDRAWN)
        panel.application(make, course, "Ben")
        with pytest.raises(Refusal):
            panel.release(make, femi, course)
        with work(make.actor(femi)) as opened:
            choice.choose(opened, cohort_id=course.id, verdicts={2: Verdict(OFFER)}, seen=0)
        panel.release(make, femi, course)
        assert Counter(row.template for row in outbox()) == {"offer_made": 1}

    def test_happens_once(self, make: Make, course: Event, femi: Person, outbox: Posted) -> None:
        panel.applications(make, course, 1)
        panel.decide(make, femi, course, "o")
        panel.release(make, femi, course)
        with pytest.raises(Refusal, match="released"):
            panel.release(make, femi, course)
        assert len(outbox()) == 1

    def test_of_a_stale_page_is_refused(self, make: Make, work: Working, course: Event, femi: Person) -> None:
        panel.applications(make, course, 1)
        panel.decide(make, femi, course, "o")
        with pytest.raises(Refusal, match="Somebody else"), work(make.actor(femi)) as opened:
            choice.release(opened, cohort_id=course.id, seen=0)

    def test_is_refused_once_the_course_has_begun(
        self, make: Make, course: Event, femi: Person, clock: FixedClock
    ) -> None:
        panel.applications(make, course, 1)
        panel.decide(make, femi, course, "o")
        clock.set(course.parts[0].starts_at)
        with pytest.raises(Refusal, match="has begun"):
            panel.release(make, femi, course)

    def test_is_refused_for_a_course_that_nobody_sees(
        self, make: Make, work: Working, course: Event, femi: Person
    ) -> None:
        with pytest.raises(Refusal, match="Nobody has applied"):
            panel.release(make, femi, course)
        with work() as opened:
            opened.session.get_one(Event, course.id).state = EventState.CANCELLED
        with pytest.raises(Refusal, match="not published"):
            panel.release(make, femi, course)

    def test_releases_also_what_the_chair_may_not_see(
        self, make: Make, course: Event, femi: Person, outbox: Posted
    ) -> None:
        council = make.organisation()
        panel.application(make, course, organisation=council)
        panel.decide(make, femi, course, "o")
        panel.release(make, panel.chair(make, "A colleague", organisation=council), course)
        assert [row.template for row in outbox()] == ["offer_made"]

    def test_somebody_without_e_mail_is_to_be_told(
        self, make: Make, course: Event, femi: Person, outbox: Posted
    ) -> None:
        panel.application(make, course, email=None)
        panel.decide(make, femi, course, "o")
        panel.release(make, femi, course)
        assert [row.channel for row in outbox()] == [OutboxChannel.TELL]

    def test_is_for_the_chair_alone(self, make: Make, course: Event, femi: Person) -> None:
        panel.applications(make, course, 1)
        panel.decide(make, femi, course, "o")
        with pytest.raises(NotFound):
            panel.release(make, panel.reviewer(make), course)
