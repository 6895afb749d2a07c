"""The pages of the panel, as reviewers and the chair go through them."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from cop.core.access import Role
from cop.models.accounts import Person, Sector
from cop.models.cohorts import Cohort, Decision, Review
from cop.models.events import Event
from tests.support import panel
from tests.support.browse import Browse
from tests.support.clock import FixedClock
from tests.support.make import Make, Reads
from tests.support.queries import count_queries

BASE = "/cohorts/change-makers"
ALL = {"score_c1": "4", "reason_c1": "Known from close by", "score_c2": "2", "reason_c2": "Little said"}


@pytest.fixture
def course(make: Make) -> Event:
    return panel.course(make)


@pytest.fixture
def femi(make: Make) -> Person:
    return panel.chair(make)


@pytest.fixture
def rhona(make: Make) -> Person:
    return panel.reviewer(make)


def outcomes(reading: Reads) -> list[str]:
    with reading() as read:
        return [str(one.outcome) for one in read.session.scalars(select(Decision).order_by(Decision.application_id))]


class TestReviewing:
    def test_from_the_list_through_a_draft_to_the_next(
        self, make: Make, browse: Browse, course: Event, rhona: Person
    ) -> None:
        panel.applications(make, course, 2)
        page = browse.sign_in(rhona).get(f"{BASE}/reviews")
        assert "0 of 2 done" in page.text
        page.click("Review application 1")
        assert page.heading.startswith("Application 1")
        assert "Damp flats and asthma" in page.text
        page.submit("Save as a draft", score_c1="4")
        assert "Your draft is saved" in page.text
        page.submit("Submit the review", **ALL)
        assert "Your review of application 1 is submitted" in page.text
        assert page.heading.startswith("Application 2")
        page.submit("Submit the review", **ALL)
        assert page.path == f"{BASE}/reviews"
        assert "2 of 2 done" in page.text
        assert "3.33" in page.text

    def test_names_nobody(self, make: Make, browse: Browse, course: Event, rhona: Person) -> None:
        panel.application(make, course, "Amina Yusuf", organisation=make.organisation("Amina’s Council"))
        browse.sign_in(rhona)
        for path in ("/reviews", "/reviews/1", "/reviews/1/conflict"):
            page = browse.get(BASE + path)
            assert page.status == 200
            assert "Amina" not in page.html
            assert "@council.example" not in page.html
            assert "How confident" not in page.text, "the baseline is no reason to choose anybody"

    def test_shows_how_each_score_is_meant(self, make: Make, browse: Browse, course: Event, rhona: Person) -> None:
        panel.applications(make, course, 1)
        page = browse.sign_in(rhona).get(f"{BASE}/reviews/1")
        for words in ("A real challenge", "It matters to residents.", "1: None", "4: Clear and known"):
            assert words in page.text

    def test_what_is_missing_is_said_and_what_was_typed_stays(
        self, make: Make, browse: Browse, course: Event, rhona: Person, reading: Reads
    ) -> None:
        panel.applications(make, course, 1)
        page = browse.sign_in(rhona).get(f"{BASE}/reviews/1")
        page.submit("Submit the review", score_c1="4", reason_c2="A reason without a score", comment="Hm")
        assert page.status == 422
        assert page.errors == [
            "Give your reason for the score of “A real challenge”",
            "Choose a score for “Working together”",
        ]
        assert page.soup.select_one("[name=score_c1][checked]")["value"] == "4"  # type: ignore[index]
        assert "A reason without a score" in page.html
        with reading() as read:
            assert read.session.scalars(select(Review)).all() == []

    def test_a_forged_score_is_refused(self, make: Make, browse: Browse, course: Event, rhona: Person) -> None:
        panel.applications(make, course, 1)
        page = browse.sign_in(rhona).get(f"{BASE}/reviews/1")
        page.post(f"{BASE}/reviews/1", {**ALL, "score_c1": "6", "act": "submit", "revision": "0"})
        assert (page.status, page.errors) == (422, ["Choose one of the scores"])

    def test_a_second_window_loses_nothing(
        self, make: Make, browse: Browse, course: Event, rhona: Person, reading: Reads
    ) -> None:
        panel.applications(make, course, 1)
        first, second = browse.sign_in(rhona), browse.another().sign_in(rhona)
        for page in (first, second):
            page.get(f"{BASE}/reviews/1")
        first.submit("Save as a draft", score_c1="1", reason_c1="From the first window")
        second.submit("Submit the review", **ALL)
        assert second.status == 422
        assert "in another window" in second.errors[0]
        assert "Known from close by" in second.html
        with reading() as read:
            assert read.session.scalars(select(Review)).one().scores["c1"]["reason"] == "From the first window"
        second.submit("Submit the review")
        with reading() as read:
            assert read.session.scalars(select(Review)).one().total == 3.33

    def test_a_submitted_review_can_be_changed(self, make: Make, browse: Browse, course: Event, rhona: Person) -> None:
        panel.applications(make, course, 1)
        panel.review(make, rhona, course, 1, 5)
        page = browse.sign_in(rhona).get(f"{BASE}/reviews/1")
        assert "with a score of 5.00" in page.text
        page.submit("Save the changed review", reason_c1="")
        assert page.errors == ["Give your reason for the score of “A real challenge”"]
        page.submit("Save the changed review", score_c1="1", reason_c1="On second thoughts")
        assert "2.33" in page.get(f"{BASE}/reviews").text

    def test_begins_with_the_close_and_ends_with_the_release(
        self, make: Make, browse: Browse, rhona: Person, femi: Person, clock: FixedClock
    ) -> None:
        course = panel.course(make, closes_in=timedelta(days=1))
        panel.applications(make, course, 1)
        page = browse.sign_in(rhona).get(f"{BASE}/reviews")
        assert "Reviewing begins when the call closes" in page.text
        assert "once the call has closed" in page.get(f"{BASE}/reviews/1").text
        assert page.soup.select("main form") == []
        clock.move(timedelta(days=1))
        panel.review(make, rhona, course, 1, 4)
        panel.decide(make, femi, course, "d")
        panel.release(make, femi, course)
        for path in ("/reviews/1", "/selection/1", "/selection"):
            late = browse.another().sign_in(rhona if path.startswith("/reviews") else femi)
            late.post(BASE + path, {"score_c1": "x", "outcome_1": "x", "revision": "x"})
            assert (late.status, len(late.errors)) == (422, 1)
            assert "The decisions have been released" in late.errors[0]
        page.get(f"{BASE}/reviews/1")
        assert "You gave a score of 4.00" in page.text
        assert page.soup.select("main form") == []
        assert "The decisions were released" in page.get(f"{BASE}/reviews").text

    def test_somebody_says_that_they_should_not_judge(
        self, make: Make, browse: Browse, course: Event, rhona: Person
    ) -> None:
        panel.applications(make, course, 2)
        page = browse.sign_in(rhona).get(f"{BASE}/reviews/1").click("I should not judge this application")
        page.submit()
        assert page.errors == ["Say why you should not judge this application"]
        page.submit(reason="An old friend")
        assert "1 application that you may not see, because you said" in page.text
        assert "0 of 1 done" in page.text
        assert page.get(f"{BASE}/reviews/1").status == 404
        assert page.get(f"{BASE}/reviews/1/conflict").status == 404

    def test_an_empty_list_says_so(self, browse: Browse, course: Event, rhona: Person) -> None:
        assert "no application for you to review" in browse.sign_in(rhona).get(f"{BASE}/reviews").text

    def test_a_chair_who_does_not_score_is_led_to_the_selection(
        self, browse: Browse, course: Event, femi: Person
    ) -> None:
        assert browse.sign_in(femi).get(f"{BASE}/reviews").path == f"{BASE}/selection"

    def test_is_for_the_panel_of_this_course(self, make: Make, browse: Browse, course: Event) -> None:
        panel.applications(make, course, 1)
        other = panel.course(make, "Another", slug="another")
        for who in (panel.reviewer(make, event=other), make.account("Stranger")):
            browse.sign_in(who)
            for path in ("/reviews", "/reviews/1", "/reviews/1/conflict", "/selection", "/selection/1"):
                assert browse.get(BASE + path).status == 404
        browse.sign_in(panel.reviewer(make))
        for path in ("/selection", "/selection/1", "/selection/release", "/selection/1/offer", "/selection/1/withdraw"):
            assert browse.get(BASE + path).status == 404

    def test_the_list_takes_the_same_statements_however_long(
        self, make: Make, browse: Browse, course: Event, rhona: Person
    ) -> None:
        browse.sign_in(rhona)
        counts = []
        for more in (1, 2):
            panel.applications(make, course, more)
            browse.get(f"{BASE}/reviews")
            with count_queries() as statements:
                browse.get(f"{BASE}/reviews")
            counts.append(len(statements))
        assert counts[0] == counts[1]


class TestChoosing:
    def test_many_at_once_and_in_the_order_of_scores(
        self, make: Make, browse: Browse, course: Event, femi: Person, rhona: Person, reading: Reads
    ) -> None:
        panel.applications(make, course, 3)
        for number, score in ((1, 2), (2, 5), (3, 3)):
            panel.review(make, rhona, course, number, score)
        page = browse.sign_in(femi).get(f"{BASE}/selection")
        assert "0 of 15 chosen, 0 reserves, 3 undecided" in page.text
        page.click("Mean")
        names = [link.get_text() for link in page.soup.select("tbody th a")]
        assert names == ["Applicant 2", "Applicant 3", "Applicant 1"]
        page.submit("Save these choices", outcome_1="decline", outcome_2="offer", outcome_3="reserve")
        assert "3 choices are saved." in page.text
        assert "1 of 15 chosen, 1 reserve, 0 undecided" in page.text
        assert "sort=mean" in page.path
        assert outcomes(reading) == ["decline", "offer", "reserve"]

    def test_nothing_changed_is_said(self, make: Make, browse: Browse, course: Event, femi: Person) -> None:
        panel.applications(make, course, 1)
        page = browse.sign_in(femi).get(f"{BASE}/selection")
        page.submit("Save these choices")
        assert "Nothing was changed" in page.text

    def test_can_show_some_of_them(self, make: Make, browse: Browse, course: Event, femi: Person) -> None:
        panel.application(make, course, "Amina", sector=Sector.HEALTH)
        panel.application(make, course, "Ben", sector=Sector.RESIDENT)
        panel.decide(make, femi, course, "-o")
        page = browse.sign_in(femi)
        assert "Ben" not in page.get(f"{BASE}/selection", outcome="undecided").text
        assert "Amina" not in page.get(f"{BASE}/selection", outcome="offer").text
        assert "Ben" not in page.get(f"{BASE}/selection", sector="health").text
        assert "fits" in page.get(f"{BASE}/selection", outcome="decline").text
        assert {"Amina", "Ben"} <= set(page.get(f"{BASE}/selection", outcome="nonsense", sort="x").text.split())

    def test_two_chairs_do_not_overwrite_each_other(
        self, make: Make, browse: Browse, course: Event, femi: Person, reading: Reads
    ) -> None:
        panel.applications(make, course, 3)
        first, second = browse.sign_in(femi), browse.another().sign_in(make.admin())
        for page in (first, second):
            page.get(f"{BASE}/selection")
        first.submit("Save these choices", outcome_1="offer", outcome_2="offer")
        second.submit("Save these choices", outcome_2="decline", outcome_3="reserve")
        assert second.status == 422
        assert "Somebody else changed the choice" in second.errors[0]
        assert outcomes(reading) == ["offer", "offer"]
        chosen = {
            str(select_["name"]): str(select_.select_one("option[selected]")["value"])  # type: ignore[index]
            for select_ in second.soup.select("table select")
        }
        assert chosen == {"outcome_1": "offer", "outcome_2": "decline", "outcome_3": "reserve"}
        assert "Saved now: Offer" in second.text
        second.submit("Save these choices")
        assert outcomes(reading) == ["offer", "decline", "reserve"]

    def test_too_many_are_refused_and_stay_as_typed(
        self, make: Make, browse: Browse, femi: Person, reading: Reads
    ) -> None:
        course = panel.course(make, places=1)
        panel.applications(make, course, 2)
        page = browse.sign_in(femi).get(f"{BASE}/selection")
        page.submit("Save these choices", outcome_1="offer", outcome_2="offer")
        assert page.errors == ["You chose 2 people, and only 1 can have a place. Make somebody a reserve."]
        assert len(page.soup.select("table option[selected][value=offer]")) == 2
        assert outcomes(reading) == []
        page.submit("Save these choices", outcome_2="reserve")
        assert outcomes(reading) == ["offer", "reserve"]

    @pytest.mark.parametrize("rank", ["abc", "0", "99999"])
    def test_a_rank_is_a_number(self, make: Make, browse: Browse, course: Event, femi: Person, rank: str) -> None:
        panel.applications(make, course, 1)
        page = browse.sign_in(femi).get(f"{BASE}/selection")
        page.submit("Save these choices", outcome_1="reserve", rank_1=rank)
        assert page.status == 422
        assert page.soup.select_one("#rank_1")["value"] == rank  # type: ignore[index]

    def test_forged_rows_change_nothing(
        self, make: Make, browse: Browse, course: Event, femi: Person, reading: Reads
    ) -> None:
        panel.applications(make, course, 1)
        browse.sign_in(femi)
        forged = {"revision": "0", "outcome_1": "crown", "rank_1": "", "was_1": ""}
        assert browse.post(f"{BASE}/selection", forged).status == 422
        assert browse.post(f"{BASE}/selection", {"revision": "0", "outcome_9": "offer"}).status == 404
        assert browse.post(f"{BASE}/selection", {"outcome_1": "offer"}).status == 422
        assert browse.post(f"{BASE}/selection", {"revision": "0", "outcome_x": "offer"}).status == 200
        assert outcomes(reading) == []

    def test_weighs_the_mix_against_the_targets(self, make: Make, browse: Browse, femi: Person) -> None:
        targets = [
            {"attribute": "sector", "value": "resident", "minimum": 2, "maximum": None},
            {"attribute": "newer_member", "value": "yes", "minimum": 0, "maximum": 3},
        ]
        course = panel.course(make, targets=targets)
        panel.applications(make, course, 1)
        panel.decide(make, femi, course, "o")
        page = browse.sign_in(femi).get(f"{BASE}/selection")
        assert "Resident 1 1 2 or more 1 too few" in page.text
        assert "Newer members 0 0 0 to 3 Met" in page.text

    def test_before_the_close_there_is_nothing_to_choose(self, make: Make, browse: Browse, femi: Person) -> None:
        course = panel.course(make, closes_in=timedelta(days=1))
        page = browse.sign_in(femi).get(f"{BASE}/selection")
        assert "Nobody has submitted an application yet" in page.text
        panel.applications(make, course, 1)
        page.get(f"{BASE}/selection")
        assert "You can choose once the call has closed" in page.text
        assert page.soup.select("table select") == []

    def test_shows_nothing_of_a_colleague_but_how_many(self, make: Make, browse: Browse, course: Event) -> None:
        council = make.organisation("Colleague Council")
        panel.application(make, course, "Secret Applicant", organisation=council)
        browse.sign_in(panel.chair(make, organisation=council))
        page = browse.get(f"{BASE}/selection")
        assert "1 application that you may not see, because you share an organisation" in page.text
        assert "Ask somebody else who may choose" in page.text
        assert "Secret" not in page.html
        for path in ("/selection/1", "/selection/1/offer", "/selection/1/withdraw", "/reviews/1/conflict"):
            assert browse.get(BASE + path).status == 404
        forged = {"revision": "0", "outcome_1": "offer", "rank_1": "", "was_1": ""}
        assert browse.post(f"{BASE}/selection", forged).status == 404

    def test_the_page_takes_the_same_statements_however_many(
        self, make: Make, browse: Browse, course: Event, femi: Person, rhona: Person
    ) -> None:
        browse.sign_in(femi)
        counts = []
        for more in (1, 2):
            for made in panel.applications(make, course, more):
                panel.review(make, rhona, course, made.number or 0)
            browse.get(f"{BASE}/selection")
            with count_queries() as statements:
                browse.get(f"{BASE}/selection")
            counts.append(len(statements))
        assert counts[0] == counts[1]


class TestOneApplication:
    def test_shows_answers_reviews_and_what_the_panel_said(
        self, make: Make, browse: Browse, course: Event, femi: Person, rhona: Person
    ) -> None:
        panel.application(make, course, "Amina Yusuf", organisation=make.organisation("Leeds City Council"))
        panel.review(make, rhona, course, 1, 4)
        page = browse.sign_in(femi).get(f"{BASE}/selection").click("Amina Yusuf")
        for words in (
            "Leeds City Council",
            "Damp flats and asthma",
            "How confident",
            "Rhona Reviewer: 4.00",
            "It says",
        ):
            assert words in page.text
        page.submit("Add to the record", reason="Closer to residents than it reads", score="4.5")
        assert "Score set to 4.50." in page.text
        assert "Closer to residents than it reads" in page.text
        assert "4.50" in page.get(f"{BASE}/selection").text

    @pytest.mark.parametrize("score", ["7", "abc", "nan", "0.5"])
    def test_a_score_of_the_panel_is_from_one_to_five(
        self, make: Make, browse: Browse, course: Event, femi: Person, score: str
    ) -> None:
        panel.applications(make, course, 1)
        page = browse.sign_in(femi).get(f"{BASE}/selection/1")
        page.submit("Add to the record", reason="We talked", score=score)
        assert (page.status, page.errors) == (422, ["Enter a score from 1 to 5, like 3.5"])
        assert "We talked" in page.html

    def test_is_not_there_under_other_numbers(self, make: Make, browse: Browse, course: Event, femi: Person) -> None:
        browse.sign_in(femi)
        for number in ("0", "1", "1000001", "9" * 30):
            assert browse.get(f"{BASE}/selection/{number}").status == 404

    def test_a_chair_says_that_they_should_not_judge(
        self, make: Make, browse: Browse, course: Event, femi: Person
    ) -> None:
        panel.applications(make, course, 1)
        page = browse.sign_in(femi).get(f"{BASE}/selection/1").click("I should not judge this application")
        page.submit(reason="My sister")
        assert page.path == f"{BASE}/selection"
        assert "because you said that you should not judge it" in page.text


class TestReleasing:
    def test_says_what_will_happen_and_happens_on_a_press(
        self, make: Make, browse: Browse, course: Event, femi: Person, reading: Reads
    ) -> None:
        panel.applications(make, course, 4)
        panel.decide(make, femi, course, "oord")
        page = browse.sign_in(femi).get(f"{BASE}/selection").click("Release the decisions")
        for words in (
            "2 people are offered a place",
            "1 person learns that they are on the reserve",
            "1 person learns",
        ):
            assert words in page.text
        with reading() as read:
            assert read.session.get_one(Cohort, course.id).released_at is None
        page.submit("Release and tell everybody")
        assert "The decisions are released" in page.text
        assert "0 of 2 offers accepted, 2 not answered yet" in page.text
        assert "2 of 15 places taken or offered, 1 reserve" in page.get(f"{BASE}/selection").text

    def test_waits_for_the_last_decision(self, make: Make, browse: Browse, course: Event, femi: Person) -> None:
        panel.applications(make, course, 2)
        panel.decide(make, femi, course, "o-")
        page = browse.sign_in(femi).get(f"{BASE}/selection/release")
        assert "1 application has no decision yet" in page.text
        assert page.soup.select("main form") == []
        page.post(f"{BASE}/selection/release", {"revision": "1"})
        assert page.status == 422
        assert page.click("Show those without a decision").path == f"{BASE}/selection?outcome=undecided"

    def test_of_a_stale_page_asks_to_look_again(
        self, make: Make, browse: Browse, course: Event, femi: Person, reading: Reads
    ) -> None:
        panel.applications(make, course, 1)
        panel.decide(make, femi, course, "o")
        page = browse.sign_in(femi).get(f"{BASE}/selection/release")
        panel.decide(make, femi, course, "d")
        page.submit("Release and tell everybody")
        assert page.status == 422
        assert "0 people are offered a place" in page.text
        page.submit("Release and tell everybody")
        with reading() as read:
            assert read.session.get_one(Cohort, course.id).released_at is not None

    def test_without_applications_there_is_nothing_to_release(
        self, browse: Browse, course: Event, femi: Person
    ) -> None:
        page = browse.sign_in(femi).get(f"{BASE}/selection/release")
        assert "nothing to release" in page.text


class TestAfterTheRelease:
    def test_a_freed_place_goes_to_a_reserve_by_hand(self, make: Make, browse: Browse, femi: Person) -> None:
        course = panel.course(make, places=1)
        first = panel.offered(make, course, "ord")[0]
        page = browse.sign_in(femi).get(f"{BASE}/selection")
        assert "Move up" not in page.text
        panel.decline(make, first)
        page.get(f"{BASE}/selection")
        assert "1 place is free. Move a reserve up below." in page.text
        assert "Declined the offer" in page.text
        page.click("Move up Applicant 2").submit("Offer the place")
        assert "Applicant 2 is offered the place" in page.text
        assert "1 of 1 places taken or offered, 0 reserves" in page.text
        assert page.get(f"{BASE}/selection/2/offer").path == f"{BASE}/selection/2"

    def test_a_declined_applicant_is_offered_nothing(
        self, make: Make, browse: Browse, course: Event, femi: Person
    ) -> None:
        panel.offered(make, course, "d")
        browse.sign_in(femi)
        assert browse.get(f"{BASE}/selection/1/offer").path == f"{BASE}/selection/1"
        browse.post(f"{BASE}/selection/1/offer", {"revision": str(panel.revision(make, course))})
        assert browse.status == 422
        assert panel.offers_of(make, course) == []

    def test_an_offer_is_taken_back_with_a_reason(
        self, make: Make, browse: Browse, course: Event, femi: Person
    ) -> None:
        panel.offered(make, course)
        page = browse.sign_in(femi).get(f"{BASE}/selection").click("Take back")
        page.submit("Take the offer back")
        assert page.errors == ["Say why the offer is taken back"]
        page.submit("Take the offer back", reason="We counted wrongly")
        assert "the place is free" in page.text
        page.get(f"{BASE}/selection/1")
        assert "The reason: We counted wrongly" in page.text
        assert page.get(f"{BASE}/selection/1/withdraw").path == f"{BASE}/selection/1"

    def test_an_offer_that_was_answered_meanwhile_stays(
        self, make: Make, browse: Browse, course: Event, femi: Person
    ) -> None:
        offer = panel.offered(make, course)[0]
        page = browse.sign_in(femi).get(f"{BASE}/selection/1/withdraw")
        panel.accept(make, offer)
        page.submit("Take the offer back", reason="We counted wrongly")
        assert (page.status, len(page.errors)) == (422, 1)
        assert "We counted wrongly" in page.html

    def test_choices_are_over(self, make: Make, browse: Browse, course: Event, femi: Person) -> None:
        panel.offered(make, course, "or")
        page = browse.sign_in(femi).get(f"{BASE}/selection")
        assert page.soup.select("table select") == []
        forged = {"revision": str(panel.revision(make, course)), "outcome_2": "offer", "rank_2": "", "was_2": ""}
        assert page.post(f"{BASE}/selection", forged).status == 422

    def test_tells_when_the_reserve_who_comes_first_is_a_colleague(
        self, make: Make, browse: Browse, course: Event, femi: Person
    ) -> None:
        council = make.organisation()
        panel.application(make, course, organisation=council)
        panel.application(make, course, "Ben")
        panel.decide(make, femi, course, "rr")
        panel.release(make, femi, course)
        page = browse.sign_in(panel.chair(make, organisation=council)).get(f"{BASE}/selection")
        assert "The reserve who comes first is one that you may not see" in page.text


def test_long_lists_are_paged(
    make: Make, browse: Browse, course: Event, femi: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cop.blueprints.panel.PAGE", 2)
    panel.applications(make, course, 3)
    rhona = panel.reviewer(make)
    page = browse.sign_in(femi).get(f"{BASE}/selection")
    assert len(page.soup.select("table.cop-choice-table tbody tr")) == 2
    assert "Applicant 3" in page.click("Next page").text
    page = browse.sign_in(rhona).get(f"{BASE}/reviews").click("Next page")
    assert re.search(r"Application 3\b", page.text)


def test_somebody_who_chairs_and_scores_finds_both(make: Make, browse: Browse, course: Event, femi: Person) -> None:
    make.grant(femi, Role.REVIEWER, programme=make.programme())
    page = browse.sign_in(femi).get(f"{BASE}/selection").click("Your own reviews")
    assert page.click("Go to the selection").path == f"{BASE}/selection"
