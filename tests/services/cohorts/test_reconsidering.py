"""A decision is looked at again once, on request; a place only where one is free."""

from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest
from sqlalchemy import select

from cop.core.access import Actor
from cop.core.errors import NotFound, Refusal
from cop.models.accounts import Person
from cop.models.cohorts import Application, Decision, DecisionOutcome, Reconsideration
from cop.models.events import Event, EventState
from cop.models.offers import OfferState
from cop.models.outbox import Outbox
from cop.queries.soundness import unsound
from cop.services.cohorts import offers, reconsidering
from cop.services.cohorts.reconsidering import CameOf
from tests.support import audit, panel
from tests.support.clock import FixedClock
from tests.support.make import Make, Reads, Working

Posted = Callable[..., Sequence[Outbox]]

OFFER, RESERVE, DECLINE = DecisionOutcome.OFFER, DecisionOutcome.RESERVE, DecisionOutcome.DECLINE


@pytest.fixture
def course(make: Make) -> Event:
    return panel.course(make, places=1)


@pytest.fixture
def femi(make: Make) -> Person:
    return panel.chair(make)


def chosen(make: Make, course: Event, letters: str) -> list[Application]:
    made = panel.applications(make, course, len(letters))
    who = make.admin()
    panel.decide(make, who, course, letters)
    panel.release(make, who, course)
    return made


def decision(reading: Reads, application: Application) -> tuple[DecisionOutcome, int | None]:
    with reading() as read:
        found = read.session.get_one(Decision, application.id)
        return found.outcome, found.reserve_rank


class TestAsking:
    @pytest.mark.parametrize("letter", ["r", "d"])
    def test_is_for_whoever_was_not_chosen(self, make: Make, reading: Reads, course: Event, letter: str) -> None:
        (application,) = chosen(make, course, letter)
        panel.ask_review(make, application, "Please look at question two.")
        with reading() as read:
            kept = read.session.scalars(select(Reconsideration)).one()
        assert (kept.application_id, kept.words, kept.answered_at) == (
            application.id,
            "Please look at question two.",
            None,
        )

    def test_happens_once(self, make: Make, course: Event) -> None:
        (application,) = chosen(make, course, "d")
        panel.ask_review(make, application)
        with pytest.raises(Refusal, match="already"):
            panel.ask_review(make, application)

    def test_ends_four_weeks_after_the_release(self, make: Make, course: Event, clock: FixedClock) -> None:
        first, second = chosen(make, course, "dd")
        clock.set(panel.at(2026, 3, 30, 22, 59))
        panel.ask_review(make, first)
        clock.move(timedelta(minutes=1))
        with pytest.raises(Refusal, match="time to ask"):
            panel.ask_review(make, second)

    def test_is_not_for_whoever_was_offered_a_place(
        self, make: Make, work: Working, course: Event, femi: Person
    ) -> None:
        offered, reserve = chosen(make, panel.course(make, "Two", slug="two", places=2), "or")
        with pytest.raises(Refusal, match="offered a place"):
            panel.ask_review(make, offered)
        with work(make.actor(femi)) as opened:
            two = reserve.cohort_id
            offers.move_up(opened, cohort_id=two, number=2, seen=panel.revision(make, make.event(two)))
        with pytest.raises(Refusal, match="offered a place"):
            panel.ask_review(make, reserve)

    def test_is_for_the_applicant_after_the_release(
        self, make: Make, work: Working, course: Event, femi: Person
    ) -> None:
        (application,) = panel.applications(make, course, 1)
        panel.decide(make, femi, course, "d")
        with pytest.raises(NotFound):
            panel.ask_review(make, application)
        panel.release(make, femi, course)
        for actor in (make.actor(femi), Actor(via="link")):
            with pytest.raises(NotFound), work(actor) as opened:
                reconsidering.ask(opened, public_id=application.public_id, words="x")
        with pytest.raises(NotFound), work(Actor(application.person_id)) as opened:
            reconsidering.ask(opened, public_id="nobody", words="x")

    def test_is_pointless_once_the_course_is_cancelled(self, make: Make, work: Working, course: Event) -> None:
        (application,) = chosen(make, course, "d")
        with work() as opened:
            opened.session.get_one(Event, course.id).state = EventState.CANCELLED
        with pytest.raises(Refusal):
            panel.ask_review(make, application)

    def test_tells_nobody_of_the_panel(self, make: Make, course: Event, outbox: Posted) -> None:
        panel.reviewer(make)
        (application,) = chosen(make, course, "d")
        before = len(outbox())
        panel.ask_review(make, application)
        assert len(outbox()) == before


class TestAnswering:
    def test_that_it_stays(self, make: Make, reading: Reads, course: Event, femi: Person, outbox: Posted) -> None:
        (application,) = chosen(make, course, "d")
        panel.ask_review(make, application)
        assert panel.answer_review(make, femi, course, words="We stand by it.") is CameOf.STAYS
        assert decision(reading, application) == (DECLINE, None)
        (mail,) = outbox("decision_reviewed")
        assert (mail.person_id, mail.params["came_of"]) == (application.person_id, "stays")
        with reading() as read:
            kept = read.session.get_one(Reconsideration, application.id)
        assert (kept.answer, kept.changed, kept.answered_by) == ("We stand by it.", False, femi.id)

    def test_with_a_free_place_is_an_offer_by_the_ordinary_way(
        self, make: Make, reading: Reads, course: Event, femi: Person, outbox: Posted
    ) -> None:
        (application,) = chosen(make, course, "d")
        panel.ask_review(make, application)
        assert panel.answer_review(make, femi, course, changed=True) is CameOf.OFFERED
        assert decision(reading, application) == (OFFER, None)
        assert [offer.state for offer in panel.offers_of(make, course)] == [OfferState.OPEN]
        assert [row.person_id for row in outbox("offer_made")] == [application.person_id]
        assert make.event(course.id).seats_taken == 1
        with reading() as read:
            assert unsound(read) == []

    @pytest.mark.parametrize(("letter", "rank"), [("d", 2), ("r", 2)])
    def test_without_a_free_place_is_noted_on_the_reserve_list(
        self, make: Make, work: Working, reading: Reads, course: Event, femi: Person, letter: str, rank: int
    ) -> None:
        _holder, _first, application = chosen(make, course, f"or{letter}")
        panel.ask_review(make, application)
        assert panel.answer_review(make, femi, course, 3, changed=True) is CameOf.RESERVE
        assert decision(reading, application) == (RESERVE, rank)
        assert make.event(course.id).seats_taken == 1
        panel.decline(make, panel.offers_of(make, course)[0])
        with work(make.actor(femi)) as opened:
            moved = offers.move_up(opened, cohort_id=course.id, number=3, seen=panel.revision(make, course))
        assert moved.person_id == application.person_id

    def test_once_the_course_has_begun_is_noted_and_no_more(
        self, make: Make, reading: Reads, course: Event, femi: Person, clock: FixedClock
    ) -> None:
        (application,) = chosen(make, course, "d")
        panel.ask_review(make, application)
        clock.set(course.parts[0].starts_at)
        assert panel.answer_review(make, femi, course, changed=True) is CameOf.NOTED
        assert decision(reading, application) == (DECLINE, None)
        assert panel.offers_of(make, course) == []

    def test_happens_once(self, make: Make, course: Event, femi: Person, outbox: Posted) -> None:
        (application,) = chosen(make, course, "d")
        panel.ask_review(make, application)
        panel.answer_review(make, femi, course)
        with pytest.raises(Refusal, match="a moment ago"):
            panel.answer_review(make, make.admin(), course, changed=True)
        assert len(outbox("decision_reviewed")) == 1
        assert panel.offers_of(make, course) == []

    def test_that_it_changes_comes_too_late_for_somebody_who_moved_up(
        self, make: Make, work: Working, course: Event, femi: Person
    ) -> None:
        (application,) = chosen(make, course, "r")
        panel.ask_review(make, application)
        with work(make.actor(femi)) as opened:
            offers.move_up(opened, cohort_id=course.id, number=1, seen=panel.revision(make, course))
        with pytest.raises(Refusal, match="meanwhile"):
            panel.answer_review(make, femi, course, changed=True)
        assert panel.answer_review(make, femi, course) is CameOf.STAYS

    def test_is_for_a_chair_without_a_conflict_and_needs_a_request(self, make: Make, course: Event) -> None:
        council = make.organisation()
        application = panel.application(make, course, organisation=council)
        admin = make.admin()
        panel.decide(make, admin, course, "d")
        panel.release(make, admin, course)
        with pytest.raises(NotFound):
            panel.answer_review(make, admin, course)
        panel.ask_review(make, application)
        other = panel.course(make, "Another", slug="another")
        for who in (
            panel.reviewer(make),
            panel.chair(make, "A colleague", organisation=council),
            panel.chair(make, "Of another course", event=other),
        ):
            with pytest.raises(NotFound):
                panel.answer_review(make, who, course)

    def test_is_audited_without_the_words(self, make: Make, reading: Reads, course: Event, femi: Person) -> None:
        (application,) = chosen(make, course, "d")
        panel.ask_review(make, application, "A private matter")
        panel.answer_review(make, femi, course, words="A private answer")
        said = str(audit.lines(reading, "application", application.id))
        assert "reconsideration" in said
        assert "private" not in said
        assert "changed" in said
