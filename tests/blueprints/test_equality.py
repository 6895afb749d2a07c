"""The equality questions as applicants meet them, and the page of who came how far."""

import re
from collections.abc import Sequence
from datetime import timedelta

import pytest

from cop.core.access import Role
from cop.models.accounts import Person, Sector
from cop.models.cohorts import Cohort
from cop.models.events import Event
from tests.support import panel
from tests.support.browse import Browse
from tests.support.clock import FixedClock
from tests.support.equality import answer, count, crowd, kept, open_course
from tests.support.make import Make, Reads
from tests.support.queries import count_queries

DAY = timedelta(days=1)


@pytest.fixture
def event(make: Make) -> Event:
    return open_course(make)


@pytest.fixture
def amina(make: Make, event: Event) -> Person:
    """Somebody who has just submitted an application."""
    person = make.account(sector=Sector.RESIDENT)
    panel.application(make, event, person=person)
    return person


def address(event: Event, rest: str = "") -> str:
    return f"/cohorts/{event.slug}/application/equality{rest}"


class TestTheQuestions:
    def test_can_be_skipped_altogether(self, browse: Browse, make: Make, event: Event, amina: Person) -> None:
        page = browse.sign_in(amina).get(address(event))
        assert page.heading == "Change Makers We have received your application"
        page.submit("Continue", wants="no")
        assert page.heading == "Application submitted"
        assert kept(make) == []

    def test_need_a_choice(self, browse: Browse, event: Event, amina: Person) -> None:
        page = browse.sign_in(amina).get(address(event)).submit("Continue")
        assert page.status == 422
        assert page.errors == ["Choose whether you want to answer the equality questions"]

    def test_are_asked_in_their_order_one_to_a_page(
        self, browse: Browse, make: Make, event: Event, amina: Person
    ) -> None:
        page = browse.sign_in(amina).get(address(event)).submit("Continue", wants="yes")
        asked = []
        for given in (
            {"sex": "female"},
            {"age": "35-44"},
            {"conditions": "yes"},
            {"reduce": "a_little"},
            {"ethnic_group": "asian"},
            {"background_asian": "other_asian"},
            {"background_asian_words": "Nepali"},
            {"orientation": "prefer_not"},
            {},
            {"earner": "routine"},
        ):
            asked.append(page.heading)
            assert page.status == 200
            page.submit("Continue", **given)
        assert asked == [
            "What is your sex?",
            "How old are you?",
            (
                "Do you have any physical or mental health conditions or illness lasting or expected to last 12 months "
                "or more?"
            ),
            "Do any of your conditions or illnesses reduce your ability to carry out day to day activities?",
            "What is your ethnic group?",
            "Which of the following best describes your Asian or Asian British background?",
            "How would you describe your background? (optional)",
            "Which of the following options best describes how you think of yourself?",
            "What is your religion?",
            "What was the occupation of your main household earner when you were about aged 14?",
        ]
        assert page.heading == "Application submitted"
        (stored,) = kept(make)
        assert "Nepali" in stored.answers
        assert "religion" not in stored.answers

    def test_all_let_people_say_nothing(self, browse: Browse, event: Event, amina: Person) -> None:
        page = browse.sign_in(amina)
        for code in ("sex", "age", "conditions", "ethnic_group", "orientation", "religion", "earner"):
            labels = [label.get_text(strip=True) for label in page.get(address(event, f"/{code}")).soup.select("label")]
            assert labels[-1] == "Prefer not to say"

    def test_show_what_was_said_and_change_one_answer(
        self, browse: Browse, make: Make, event: Event, amina: Person
    ) -> None:
        answer(make, amina, event, sex="female", conditions="no")
        page = browse.sign_in(amina).get(f"/cohorts/{event.slug}/application")
        page.click("Change your answers to the equality questions")
        assert page.heading == "Change Makers Your answers to the equality questions"
        page.click("Change (Do you have any physical")
        assert page.soup.select_one("[name=conditions][checked]")["value"] == "no"  # type: ignore[index]
        page.submit("Continue", conditions="yes")
        assert page.heading.startswith("Do any of your conditions")
        page.submit("Continue", reduce="a_lot")
        assert page.heading == "Change Makers Your answers to the equality questions"
        assert "Yes, a lot" in page.text
        assert "Female" in page.text

    def test_can_be_taken_back(self, browse: Browse, make: Make, event: Event, amina: Person) -> None:
        answer(make, amina, event, sex="female")
        page = browse.sign_in(amina).get(address(event)).click("Remove all these answers")
        page.submit("Yes, remove them")
        assert "Your answers to the equality questions are removed." in page.html
        assert kept(make) == []

    def test_after_the_close_lead_to_the_application(
        self, browse: Browse, make: Make, event: Event, amina: Person, clock: FixedClock
    ) -> None:
        answer(make, amina, event, sex="female")
        page = browse.sign_in(amina).get(address(event, "/sex"))
        clock.move(DAY)
        page.submit("Continue", sex="male")
        assert page.status == 422
        assert page.soup.select_one("[name=sex][checked]")["value"] == "male"  # type: ignore[index]
        for rest in ("", "/sex", "/take-back"):
            assert page.get(address(event, rest)).path == f"/cohorts/{event.slug}/application"
        assert "equality questions" not in page.text

    def test_are_not_there_for_others(self, browse: Browse, make: Make, event: Event, amina: Person) -> None:
        for who in (make.account("Stranger"), panel.chair(make), make.admin()):
            page = browse.another().sign_in(who)
            for rest in ("", "/sex", "/take-back"):
                assert page.get(address(event, rest)).status == 404
            assert page.post(address(event, "/sex"), {"sex": "male"}).status == 404
        assert amina.id

    def test_forged_answers_and_codes_are_refused(self, browse: Browse, event: Event, amina: Person) -> None:
        page = browse.sign_in(amina).get(address(event, "/sex"))
        assert page.post(address(event, "/sex"), {"sex": "forged"}).status == 422
        assert page.get(address(event, "/reduce")).status == 404  # nobody said that they have a condition
        assert page.get(address(event, "/gender")).status == 404  # not asked here
        assert page.get(address(event, "/nothing")).status == 404

    def test_about_gender_identity_stand_apart_and_are_switched_on_by_staff(
        self, browse: Browse, make: Make, event: Event, amina: Person, reading: Reads
    ) -> None:
        staff = browse.another().sign_in(panel.chair(make)).get(f"/admin/cohorts/{event.slug}")
        assert "Without gender identity" in staff.text
        staff.click("Equality questions").submit("Save", asks_gender_identity=True)
        assert "With gender identity" in staff.text
        with reading() as read:
            assert read.session.get_one(Cohort, event.id).asks_gender_identity
        page = browse.sign_in(amina).get(address(event, "/sex")).submit("Continue", sex="female")
        assert page.heading == "Is the gender you identify with the same as your sex registered at birth?"


@pytest.fixture
def counted(make: Make, event: Event, clock: FixedClock) -> Event:
    """A course with forty applicants whose first step was counted."""
    crowd(make, event, (20, {"sex": "female"}), (14, {"sex": "male"}), (6, {}))
    clock.move(DAY)
    count(make, event)
    return event


def table(page: Browse, id_: str) -> Sequence[Sequence[str]]:
    region = page.soup.select_one(f"[aria-labelledby={id_}]")
    if region is None:
        return []
    return [[cell.get_text(" ", strip=True) for cell in row.select("th, td")] for row in region.select("tr")]


class TestWhoCameHowFar:
    def page(self, browse: Browse, make: Make, event: Event, role: Role) -> Browse:
        who = make.account(role.capitalize())
        make.grant(who, role, programme=make.programme())
        return browse.another().sign_in(who).get(f"/cohorts/{event.slug}/fairness")

    def test_shows_the_same_equality_counts_to_chair_and_evaluator(
        self, browse: Browse, make: Make, counted: Event
    ) -> None:
        for role in (Role.FACILITATOR, Role.EVALUATOR, Role.ADMIN):
            page = self.page(browse, make, counted, role)
            assert table(page, "equality-sex") == [
                ["Group", "Applied"],
                ["Female", "20 (50%)"],
                ["Male", "14 (35%)"],
                ["Not said", "6 (15%)"],
            ]

    def test_is_not_there_for_reviewers_hosts_and_others(self, browse: Browse, make: Make, counted: Event) -> None:
        for role in (Role.REVIEWER, Role.HOST):
            assert self.page(browse, make, counted, role).status == 404
        stranger = browse.another().sign_in(make.account("Stranger"))
        assert stranger.get(f"/cohorts/{counted.slug}/fairness").status == 404
        elsewhere = make.account("Elsewhere")
        make.grant(elsewhere, Role.EVALUATOR, programme=make.programme("another"))
        assert browse.another().sign_in(elsewhere).get(f"/cohorts/{counted.slug}/fairness").status == 404

    def test_gives_nobody_small_equality_counts(
        self, browse: Browse, make: Make, event: Event, clock: FixedClock
    ) -> None:
        crowd(make, event, (37, {"sex": "female"}), (3, {"sex": "male"}))
        clock.move(DAY)
        count(make, event)
        for role in (Role.FACILITATOR, Role.EVALUATOR, Role.ADMIN):
            page = self.page(browse, make, event, role)
            assert "Not shown for any step" in page.text
            assert table(page, "equality-sex") == []
            assert not re.search(r"\b37\b", page.text)

    def test_shows_sectors_as_they_are_to_those_who_see_applications_and_guarded_to_evaluators(
        self, browse: Browse, make: Make, event: Event, clock: FixedClock
    ) -> None:
        crowd(make, event, (30, {}))
        for number in range(2):
            panel.application(make, event, f"Councillor {number}", sector=Sector.COUNCILLOR)
        clock.move(DAY)
        exact = table(self.page(browse, make, event, Role.FACILITATOR), "known-sector")
        assert ["Residents", "30 (94%)"] in exact
        assert ["Councillors", "2 (6%)"] in exact
        guarded = self.page(browse, make, event, Role.EVALUATOR)
        assert table(guarded, "known-sector") == []
        assert not re.search(r"\b(30|2)\b \(", guarded.text)

    @pytest.mark.parametrize(("residents", "shown"), [(5, True), (7, False)])
    def test_tells_evaluators_no_group_of_which_few_are_left_beside_those_who_took_a_place(
        self,
        browse: Browse,
        make: Make,
        event: Event,
        clock: FixedClock,
        residents: int,
        shown: bool,  # noqa: FBT001
    ) -> None:
        """Their files say who those are: ten residents less seven are three."""
        crowd(make, event, (10, {}))
        for number in range(30):
            panel.application(make, event, f"Officer {number}", sector=Sector.COUNCIL_OFFICER)
        clock.move(DAY)
        chair = panel.chair(make)
        officers = 14 - residents
        panel.decide(
            make, chair, event, "o" * residents + "d" * (10 - residents) + "o" * officers + "d" * (30 - officers)
        )
        panel.release(make, chair, event)
        for offer in panel.offers_of(make, event):
            panel.accept(make, offer)
        before = self.page(browse, make, event, Role.EVALUATOR)
        assert "By group it is told once the course has begun." in before.text
        assert table(before, "known-sector") == []
        clock.move(31 * DAY)
        row = ["Residents", "10 (25%)", *[f"{residents} ({round(100 * residents / 14)}%)"] * 2]
        assert (row in table(self.page(browse, make, event, Role.EVALUATOR), "known-sector")) is shown
        applied = [cells[:2] for cells in table(self.page(browse, make, event, Role.EVALUATOR), "known-sector")]
        assert (["Residents", "10 (25%)"] in applied) is shown

    def test_says_why_there_is_nothing_yet(self, browse: Browse, make: Make, event: Event, clock: FixedClock) -> None:
        assert "Nothing is counted before the call has closed." in self.page(browse, make, event, Role.EVALUATOR).text
        clock.move(DAY)
        page = self.page(browse, make, event, Role.EVALUATOR)
        assert "With fewer than 30 applicants no groups are shown." in page.text
        assert "Nothing is there yet." in page.text

    def test_shows_all_steps_of_a_course_that_is_over(
        self, browse: Browse, make: Make, event: Event, clock: FixedClock
    ) -> None:
        crowd(make, event, (20, {"sex": "female"}), (20, {"sex": "male"}))
        clock.move(DAY)
        chair = panel.chair(make)
        panel.decide(make, chair, event, "o" * 7 + "d" * 13 + "o" * 7 + "r" + "d" * 12)
        panel.release(make, chair, event)
        for offer in panel.offers_of(make, event):
            panel.accept(make, offer)
        clock.move(31 * DAY)
        for offer in panel.offers_of(make, event)[:13]:
            panel.mark(make, event, offer.person_id, "aaaa")
        clock.move(31 * DAY)
        count(make, event)
        page = self.page(browse, make, event, Role.EVALUATOR)
        assert table(page, "equality-sex") == [
            ["Group", "Applied", "Offered a place", "Accepted it", "Completed"],
            ["Female", "20 (50%)", "7 (50%)", "7 (50%)", "not shown"],
            ["Male", "20 (50%)", "7 (50%)", "7 (50%)", "not shown"],
        ]
        assert page.soup.select_one("#equality-sex-bars-chart")

    def test_takes_the_same_statements_however_many_applied(
        self, browse: Browse, make: Make, event: Event, clock: FixedClock
    ) -> None:
        counts = []
        who = panel.chair(make)
        for number in (1, 3):
            crowded = open_course(make, slug=f"course-{number}", title=f"Course {number}")
            crowd(make, crowded, (30 * number, {"sex": "female"}))
            clock.move(DAY)
            count(make, crowded)
            page = browse.sign_in(who)
            page.get(f"/cohorts/{crowded.slug}/fairness")
            with count_queries() as statements:
                page.get(f"/cohorts/{crowded.slug}/fairness")
            counts.append(len(statements))
        assert counts[0] == counts[1]
        assert event.id

    def test_is_linked_from_the_evaluation_and_from_the_course(
        self, browse: Browse, make: Make, counted: Event
    ) -> None:
        evaluator = make.account("Evelyn")
        make.grant(evaluator, Role.EVALUATOR, programme=make.programme())
        page = browse.sign_in(evaluator).get("/evaluation/reach").click("Change Makers: who came how far, by group")
        assert page.path == f"/cohorts/{counted.slug}/fairness"
        page = browse.sign_in(panel.chair(make)).get(f"/admin/cohorts/{counted.slug}")
        page.click("Who came how far, by group")
        assert page.status == 200
