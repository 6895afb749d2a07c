from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from cop.core.access import Role
from cop.models.cohorts import ApplicationState, DecisionOutcome
from cop.models.events import Event, EventKind
from cop.models.offers import OfferState
from cop.models.outbox import Outbox, OutboxState
from cop.models.programmes import Programme
from cop.models.summits import Answer
from tests.support.browse import Browse
from tests.support.clock import FixedClock
from tests.support.evidence import Evidence
from tests.support.make import Make, Reads, Working
from tests.support.queries import count_queries

EVENTS = {"Events", "Webinars", "Visits", "Courses", "Summits"}
DOORS = EVENTS | {
    *("Practice forum", "Surveys", "Organisations", "People", "Programmes", "Messages", "Evaluation"),
}


def doors(browse: Browse) -> set[str]:
    return {link.get_text() for link in browse.soup.select(".cop-card h3 a")} & DOORS


@pytest.fixture
def evidence(app: Flask, make: Make) -> Evidence:
    return Evidence(app, make)


class TestLanding:
    @pytest.mark.parametrize(
        ("role", "scope", "open_to"),
        [
            (Role.ADMIN, None, DOORS),
            (Role.ADMIN, "programme", EVENTS | {"Practice forum", "Surveys", "Programmes", "Evaluation"}),
            (Role.FACILITATOR, "programme", EVENTS | {"Practice forum", "Surveys"}),
            (Role.HOST, "event", EVENTS),
            (Role.EVALUATOR, "programme", {"Surveys", "Evaluation"}),
            (Role.REVIEWER, "programme", set()),
            (Role.LEAD, "organisation", set()),
        ],
    )
    def test_each_sees_the_doors_that_open(
        self, browse: Browse, make: Make, role: Role, scope: str | None, open_to: set[str]
    ) -> None:
        person, visit = make.account(), make.visit()
        scopes: dict[str, Any] = {"programme": make.programme(), "event": visit, "organisation": make.organisation()}
        make.grant(person, role, **{scope: scopes[scope]} if scope else {})
        browse.sign_in(person).get("/admin/")
        assert (browse.status, doors(browse)) == (200, open_to)
        assert ("What is next" in browse.text) == (open_to >= EVENTS)
        for link in browse.soup.select(".cop-card h3 a"):
            assert browse.another().sign_in(person).get(str(link["href"])).status == 200

    def test_a_door_leads_to_the_events_of_its_kind(self, browse: Browse, make: Make, evidence: Evidence) -> None:
        make.visit("A morning")
        evidence.event(EventKind.SUMMIT, "A summit")
        browse.sign_in(make.admin()).get("/admin/").click("Summits")
        assert "A summit" in browse.text
        assert "A morning" not in browse.text

    def test_it_is_for_staff(self, browse: Browse, make: Make) -> None:
        assert browse.get("/admin/", follow=False).location == "/sign-in?next=/admin/"
        assert browse.sign_in(make.account()).get("/admin/").status == 404

    def test_what_is_next_with_places_taken(self, browse: Browse, make: Make) -> None:
        visit = make.visit("A morning at the hub", capacity=10)
        make.booking(make.person(), visit, 0, 3)
        browse.sign_in(make.admin()).get("/admin/")
        (row,) = [" ".join(row.get_text(" ").split()) for row in browse.soup.select("tbody tr")]
        assert row == "A morning at the hub Visit Mon 9 Mar 3 of 20"
        assert [bar["width"] for bar in browse.soup.select("svg rect.bar")] == ["15.0%"]

    def test_what_waits(self, browse: Browse, make: Make, work: Working, clock: FixedClock) -> None:
        visit = make.visit("A morning at the hub")
        make.booking(make.person(), visit, 0, 2)
        make.booking(make.person(email=None), visit)
        with work() as unit:
            unit.session.execute(update(Outbox).where(Outbox.id == 1).values(state=OutboxState.DEAD))
        browse.sign_in(make.admin()).get("/admin/")
        assert "1 message for somebody without e-mail" in browse.text
        assert "1 message could not be delivered" in browse.text
        assert "Mark who came" not in browse.text
        clock.move(timedelta(days=8))
        browse.get("/admin/")
        assert "0 of 3 marked" in browse.text
        assert browse.click("Mark who came").status == 200

    def test_what_waits_is_within_the_grant(self, browse: Browse, make: Make, clock: FixedClock) -> None:
        own, other = make.visit("Own"), make.visit("Other")
        for visit in (own, other):
            make.booking(make.person(), visit)
        host = make.account()
        make.grant(host, Role.HOST, event=own)
        clock.move(timedelta(days=8))
        browse.sign_in(host).get("/admin/")
        assert "Own" in browse.text
        assert "Other" not in browse.text
        assert "message" not in browse.text

    def test_what_was_lately(self, browse: Browse, make: Make, clock: FixedClock) -> None:
        make.booking(make.person(), make.visit("A morning"), party_size=2)
        clock.move(timedelta(days=8))
        assert "Monday 9 March 2026 A morning Visit · 2 people" in browse.sign_in(make.admin()).get("/admin/").text

    def test_more_of_everything_takes_no_more_statements(
        self, browse: Browse, make: Make, clock: FixedClock, evidence: Evidence
    ) -> None:
        browse.sign_in(make.admin())
        counted = []
        for number in (1, 2):
            for _ in range(number):
                make.booking(make.person(), make.visit())
                past = make.visit(slots=[clock.now() + timedelta(minutes=5)])
                make.booking(make.person(), past)
                course = evidence.course(closes_at=clock.now())
                evidence.application(make.person(), course)
                evidence.invitation(make.person(), evidence.event(EventKind.SUMMIT, "Summit"))
                evidence.ask(make.person(), past)
            clock.move(timedelta(hours=2))
            with count_queries() as statements:
                browse.get("/admin/")
            counted.append(len(statements))
        assert counted[0] == counted[1]


def waiting(browse: Browse) -> list[str]:
    """What the cards say that wait for somebody."""
    return [" ".join(card.get_text(" ").split()) for card in browse.soup.select(".cop-card--action")]


class TestWhatWaitsOnACourse:
    @pytest.fixture
    def course(self, evidence: Evidence, clock: FixedClock) -> Event:
        """A course for which nobody can apply any more."""
        return evidence.course("Change makers", closes_at=clock.now())

    def test_applications_wait_for_each_reviewer_who_has_no_conflict(
        self, browse: Browse, make: Make, evidence: Evidence, course: Event
    ) -> None:
        brent = make.organisation("Brent")
        rita, remy = make.account("Rita", organisation=brent), make.account("Remy")
        for reviewer in (rita, remy):
            make.grant(reviewer, Role.REVIEWER, programme=make.programme())
        evidence.application(make.person("Colleague", organisation=brent), course)
        for total in (None, 4.0):
            evidence.review(evidence.application(make.person(), course), rita, total)
        evidence.application(make.person(), course, ApplicationState.DRAFT)
        browse.sign_in(rita).get("/admin/")
        assert waiting(browse) == ["1 application for you to review Change makers Review them : Change makers"]
        assert browse.click("Review them").status == 200
        assert waiting(browse.sign_in(remy).get("/admin/"))[0].startswith("3 applications for you to review")

    def test_decisions_wait_for_the_chair_and_then_their_release(
        self, browse: Browse, make: Make, evidence: Evidence, course: Event
    ) -> None:
        chair = make.account()
        make.grant(chair, Role.FACILITATOR, event=course)
        applications = [evidence.application(make.person(), course) for _ in range(2)]
        evidence.decision(applications[0], chair, DecisionOutcome.OFFER)
        browse.sign_in(chair).get("/admin/")
        assert waiting(browse) == ["1 of 2 applications without a decision Change makers Decide : Change makers"]
        assert browse.click("Decide").status == 200
        evidence.decision(applications[1], chair, DecisionOutcome.DECLINE)
        (card,) = waiting(browse.get("/admin/"))
        assert card.startswith("2 applications are decided, and nobody has been told")
        evidence.release(course)
        assert waiting(browse.get("/admin/")) == []

    def test_nothing_waits_while_people_can_apply(
        self, browse: Browse, make: Make, evidence: Evidence, clock: FixedClock
    ) -> None:
        evidence.application(make.person(), evidence.course(closes_at=clock.now() + timedelta(days=1)))
        assert waiting(browse.sign_in(make.admin()).get("/admin/")) == []

    def test_offers_wait_with_the_places_that_are_free(
        self, browse: Browse, make: Make, evidence: Evidence, clock: FixedClock
    ) -> None:
        course, admin = evidence.course("Change makers", places=3, closes_at=clock.now()), make.admin()
        applications = [evidence.application(make.person(), course) for _ in range(4)]
        for application in applications[:3]:
            evidence.decision(application, admin, DecisionOutcome.OFFER)
        evidence.decision(applications[3], admin, DecisionOutcome.RESERVE, rank=1)
        evidence.release(course)
        evidence.offer(applications[0], days=7)
        evidence.offer(applications[1], days=3)
        evidence.offer(applications[2], OfferState.DECLINED)
        browse.sign_in(admin).get("/admin/")
        ending = "The next one ends on 5 March 2026 at 9am."
        assert waiting(browse) == [
            f"2 offers without an answer Change makers {ending} See the offers : Change makers",
            "1 free place to offer Change makers 1 reserve has had no offer. Move a reserve up : Change makers",
        ]
        clock.set(course.parts[0].starts_at)
        assert "offer" not in " ".join(waiting(browse.get("/admin/")))

    def test_it_is_within_the_grant(self, browse: Browse, make: Make, evidence: Evidence, course: Event) -> None:
        evidence.application(make.person(), course)
        person = make.account()
        for role in (Role.REVIEWER, Role.FACILITATOR):
            make.grant(person, role, programme=make.programme("another"))
        make.grant(person, Role.HOST, event=course)
        make.grant(person, Role.EVALUATOR, programme=make.programme())
        assert waiting(browse.sign_in(person).get("/admin/")) == []


class TestWhatWaitsElsewhere:
    def test_invitations_without_an_answer(self, browse: Browse, make: Make, evidence: Evidence) -> None:
        summit = evidence.event(EventKind.SUMMIT, "The summit")
        for response in Answer:
            evidence.invitation(make.person(), summit, response)
        browse.sign_in(make.admin()).get("/admin/")
        assert waiting(browse) == [
            "2 of 4 people invited have not said yes or no The summit See the invitations : The summit"
        ]
        assert browse.click("See the invitations").status == 200

    def test_surveys_that_few_have_answered(
        self, browse: Browse, make: Make, evidence: Evidence, clock: FixedClock
    ) -> None:
        visit = make.visit("A morning", kind=EventKind.WEBINAR)
        for answers in ({"confidence": 3}, None, None):
            evidence.ask(make.person(), visit, answers)
        assert waiting(browse.sign_in(make.admin()).get("/admin/")) == []
        clock.move(timedelta(days=3))
        (card,) = waiting(browse.get("/admin/"))
        assert card.startswith(
            "33% of 3 people have answered “How was it?” A morning It closes on 16 March 2026 at 9am."
        )
        assert browse.click("See the survey").status == 200
        evidence.ask(make.person(), visit, {"confidence": 4})
        assert waiting(browse.get("/admin/")) == []

    def test_reports_about_posts(self, browse: Browse, make: Make, evidence: Evidence) -> None:
        amina = make.person()
        post = evidence.post(evidence.topic(evidence.space(), amina), amina)
        evidence.report(post, make.person("Ben"))
        browse.sign_in(make.admin()).get("/admin/")
        assert waiting(browse) == ["1 report about a post in the forum Look at them"]
        assert browse.click("Look at them").status == 200
        other = make.account()
        make.grant(other, Role.FACILITATOR, programme=make.programme("another"))
        assert waiting(browse.sign_in(other).get("/admin/")) == []


WORDS: dict[str, Any] = {
    "name": "Housing and health",
    "summary": "What damp does to lungs.",
    "starts_on-day": "1",
    "starts_on-month": "9",
    "starts_on-year": "2026",
    "ends_on-day": "31",
    "ends_on-month": "8",
    "ends_on-year": "2027",
}


class TestProgrammes:
    def test_one_is_added_changed_and_put_on_the_home_page(self, browse: Browse, make: Make, reading: Reads) -> None:
        make.programme()
        browse.sign_in(make.admin()).get("/admin/programmes/").click("Add a programme").submit(**WORDS)
        assert browse.seen == [302, 200]
        assert "The programme is added." in browse.text
        browse.click("Change Housing and health").submit(name="Warm homes")
        assert "1 September 2026 to 31 August 2027" in browse.text
        browse.click("Show it on the home page")
        assert "It takes the place of “Tackling health inequalities”" in browse.text
        browse.submit("Yes, show it")
        with reading() as read:
            rows = read.session.execute(select(Programme.slug, Programme.name).where(Programme.is_current)).all()
        assert [tuple(row) for row in rows] == [("housing-and-health", "Warm homes")]

    def test_the_first_is_asked_for(self, browse: Browse, make: Make) -> None:
        assert "There is no programme yet" in browse.sign_in(make.admin()).get("/admin/programmes/").text

    @pytest.mark.parametrize(
        ("values", "error"),
        [
            ({"name": " "}, "Enter the name of the programme"),
            ({"summary": ""}, "Enter a summary"),
            ({"summary": "a" * 1001}, "Use 1000 characters or fewer"),
            ({"name": "A\x00B"}, "Remove the invisible control characters from this answer"),
            ({"slug": "Not Words"}, "Use only small letters a to z, numbers and single hyphens, at most 80 in all"),
            ({"slug": "health-inequalities"}, "“health-inequalities” is in use already. Choose another web address."),
            ({"starts_on-day": "31"}, "First day must be a real date"),
            ({"ends_on-year": "2025"}, "The last day must not be before the first day"),
        ],
    )
    def test_a_bad_answer_is_refused_and_nothing_saved(
        self, browse: Browse, make: Make, reading: Reads, values: dict[str, Any], error: str
    ) -> None:
        make.programme()
        browse.sign_in(make.admin()).get("/admin/programmes/new").submit(**WORDS | values)
        assert (browse.status, browse.errors) == (422, [error])
        with reading() as read:
            assert len(read.session.scalars(select(Programme)).all()) == 1

    def test_series_are_added_and_changed(self, browse: Browse, make: Make) -> None:
        make.programme()
        browse.sign_in(make.admin()).get("/admin/programmes/").click("Add a series")
        browse.submit(name="Speaker series", summary="An hour each.")
        assert browse.seen == [302, 200]
        browse.click("Speaker series")
        assert browse.path == "/admin/programmes/health-inequalities/series/speaker-series"
        browse.submit(name="")
        assert browse.errors == ["Enter the name of the series"]
        browse.submit(name="Speakers")
        assert "Speakers" in browse.text

    def test_an_admin_of_one_programme_has_that_one_only(self, browse: Browse, make: Make) -> None:
        make.programme("other", name="The other one")
        make.series("theirs", programme=make.programme("other"))
        person = make.account()
        make.grant(person, Role.ADMIN, programme=make.programme())
        browse.sign_in(person).get("/admin/programmes/")
        assert "The other one" not in browse.text
        assert "Add a programme" not in browse.text
        assert browse.get("/admin/programmes/health-inequalities/edit").status == 200
        for path in (
            "/admin/programmes/new",
            "/admin/programmes/other/edit",
            "/admin/programmes/other/series/new",
            "/admin/programmes/other/series/theirs",
            "/admin/programmes/health-inequalities/series/theirs",
            "/admin/programmes/health-inequalities/current",
        ):
            assert browse.get(path).status == 404, path
