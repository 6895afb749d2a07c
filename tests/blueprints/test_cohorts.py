"""Courses as applicants see them: the calls, the first questions, the application page by page, and its status."""

from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from cop.models.accounts import Person, Sector
from cop.models.cohorts import Application, Decision, DecisionOutcome
from cop.models.events import Event, Visibility
from cop.models.offers import Offer
from cop.models.outbox import Outbox
from cop.services.cohorts import applications
from cop.services.events import editing
from tests.support import cohorts
from tests.support.browse import Browse
from tests.support.clock import START, FixedClock
from tests.support.cohorts import ANSWERS, DAY
from tests.support.make import Make, Reads, Working
from tests.support.queries import count_queries

Posted = Callable[..., Sequence[Outbox]]


@pytest.fixture
def course(work: Working, make: Make) -> Event:
    return cohorts.course(work, make)


@pytest.fixture
def amina(make: Make) -> Person:
    return make.account("Amina Yusuf", "amina@council.example", sector=Sector.RESIDENT)


@pytest.fixture
def draft(work: Working, make: Make, amina: Person, course: Event) -> Application:
    return cohorts.begin(work, make, amina, course, challenge="Damp flats")


@pytest.fixture
def submitted(work: Working, make: Make, amina: Person, course: Event) -> Application:
    return cohorts.apply(work, make, amina, course)


def titles(page: Browse) -> list[str]:
    return [heading.get_text(strip=True) for heading in page.soup.select("main .cop-card h2")]


def statuses(page: Browse) -> dict[str, str]:
    """What the task list says of each task."""
    return {
        str(item.select_one("a").get_text(strip=True)): str(  # type: ignore[union-attr]
            item.select_one(".govuk-task-list__status").get_text(strip=True)  # type: ignore[union-attr]
        )
        for item in page.soup.select(".govuk-task-list__item")
    }


class TestTheList:
    def test_shows_open_calls_before_coming_ones(self, browse: Browse, work: Working, make: Make) -> None:
        cohorts.course(work, make, "Coming", opens_at=START + DAY)
        cohorts.course(work, make, "Open for long", closes_at=START + 20 * DAY)
        cohorts.course(work, make, "Open")
        cohorts.course(work, make, "Not shown yet", published=False)
        page = browse.get("/cohorts/")
        assert titles(page) == ["Open", "Open for long", "Coming"]
        assert "Applications open on 3 March 2026 at 9am" in page.text

    def test_of_the_past_shows_closed_and_cancelled_calls(
        self, browse: Browse, work: Working, make: Make, clock: FixedClock
    ) -> None:
        cancelled = cohorts.course(work, make, "Called off", closes_at=START + 20 * DAY)
        cohorts.course(work, make, "Closed")
        with work() as unit:
            editing.cancel_event(unit, event_id=cancelled.id, reason="Rain")
        clock.move(15 * DAY)
        page = browse.get("/cohorts/")
        assert "No course takes applications just now" in page.text
        page.click("Past calls for applications")
        assert titles(page) == ["Called off", "Closed"]

    def test_leaves_out_what_is_not_public(self, browse: Browse, work: Working, make: Make, course: Event) -> None:
        for visibility in (Visibility.UNLISTED, Visibility.INVITED):
            with work() as unit:
                unit.session.get_one(Event, course.id).visibility = visibility
            assert titles(browse.get("/cohorts/")) == []

    def test_takes_as_many_statements_for_three_as_for_one(self, browse: Browse, work: Working, make: Make) -> None:
        counts = []
        for names in (["One"], ["Two", "Three"]):
            for name in names:
                cohorts.course(work, make, name)
            with count_queries() as statements:
                browse.get("/cohorts/")
            counts.append(len(statements))
        assert counts[0] == counts[1]


class TestTheCall:
    def test_says_all_that_one_needs_to_decide(self, browse: Browse, course: Event) -> None:
        page = browse.get(f"/cohorts/{course.slug}")
        for words in (
            "What is involved",
            "Day 1 morning Wednesday 1 April 2026, 9:30am to 12:30pm Town Hall, Swindon",
            "Who can apply",
            "How we select",
            "A real challenge The challenge matters",
            "15 places",
            "until 16 March 2026 at 9am",
        ):
            assert words in page.text
        assert [item.get_text(" ", strip=True) for item in page.soup.select(".cop-timeline li")] == [
            "1 March 2026 at 9am Applications open",
            "16 March 2026 at 9am Applications close",
            "1 April 2026 The course begins",
            "2 April 2026 The course ends",
        ]

    def test_says_when_it_opens_and_when_it_has_closed(
        self, browse: Browse, work: Working, make: Make, clock: FixedClock
    ) -> None:
        course = cohorts.course(work, make, opens_at=START + DAY)
        page = browse.get(f"/cohorts/{course.slug}")
        assert "Applications open on 3 March 2026 at 9am" in page.text
        assert "Apply now" not in page.text
        clock.move(15 * DAY)
        page.get(f"/cohorts/{course.slug}")
        assert "Applications closed on 16 March 2026 at 9am" in page.text
        assert "Apply now" not in page.text

    def test_shows_ones_own_status(self, browse: Browse, course: Event, amina: Person, draft: Application) -> None:
        page = browse.sign_in(amina).get(f"/cohorts/{course.slug}")
        assert "Your application: Draft" in page.text
        assert page.click("Go on with your application").heading.endswith("Your application")

    def test_of_a_draft_is_not_found(self, browse: Browse, work: Working, make: Make, amina: Person) -> None:
        course = cohorts.course(work, make, published=False)
        for path in ("", "/check", "/apply", "/application"):
            assert browse.sign_in(amina).get(f"/cohorts/{course.slug}{path}").status == 404

    def test_is_no_visit(self, browse: Browse, make: Make) -> None:
        assert browse.get(f"/cohorts/{make.visit().slug}").status == 404


class TestTheFirstQuestions:
    @pytest.fixture
    def course(self, work: Working, make: Make) -> Event:
        return cohorts.course(work, make, screening=True)

    def test_lead_to_the_application_through_signing_in(self, browse: Browse, course: Event, amina: Person) -> None:
        page = browse.get(f"/cohorts/{course.slug}").click("Apply now")
        assert page.heading.endswith("Is this course for you?")
        page.submit("Continue", question_0="yes", question_1="yes")
        assert page.path.startswith("/sign-in?next=")
        wanted = f"/cohorts/{course.slug}/apply?checked=yes"
        page.another().sign_in(amina).get(wanted).submit("Start your application")
        page.sign_in(amina).get(wanted)
        assert "It is not submitted yet" in page.text

    def test_are_asked_of_whoever_comes_another_way(self, browse: Browse, course: Event, amina: Person) -> None:
        page = browse.sign_in(amina).get(f"/cohorts/{course.slug}/apply")
        assert page.path == f"/cohorts/{course.slug}/check"
        page.submit("Continue", question_0="yes", question_1="yes")
        assert page.heading.endswith("Before you start")
        assert page.get(f"/cohorts/{course.slug}/apply").heading.endswith("Before you start"), "remembered"

    def test_say_kindly_why_not(self, browse: Browse, course: Event) -> None:
        page = browse.get(f"/cohorts/{course.slug}/check").submit("Continue", question_0="yes", question_1="no")
        assert page.heading == "Other ways to take part"
        assert "everybody needs to be there" in page.text
        assert "network’s own places" not in page.text
        assert page.another().get(page.path).click("Hear when the next round opens").status == 200
        assert page.click("Webinars").status == 200

    def test_need_an_answer_each(self, browse: Browse, course: Event) -> None:
        page = browse.get(f"/cohorts/{course.slug}/check").submit("Continue", question_0="yes")
        assert page.status == 422
        assert page.errors == ["Choose yes or no"]
        assert page.soup.select("[name=question_0][value=yes][checked]")

    @pytest.mark.parametrize("because", ["", "7", "x,,-1", "0,0"])
    def test_take_a_senseless_reason_lightly(self, browse: Browse, course: Event, because: str) -> None:
        assert browse.get(f"/cohorts/{course.slug}/other-ways", because=because).status == 200

    def test_are_not_asked_when_nobody_can_apply(self, browse: Browse, course: Event, clock: FixedClock) -> None:
        clock.move(20 * DAY)
        assert browse.get(f"/cohorts/{course.slug}/check").path == f"/cohorts/{course.slug}"


class TestApplying:
    def test_goes_from_start_to_number_one_thing_a_page(
        self, browse: Browse, course: Event, amina: Person, outbox: Posted
    ) -> None:
        page = browse.sign_in(amina).get(f"/cohorts/{course.slug}").click("Apply now")
        assert "(up to 250 words)" in page.text
        page.submit("Start your application")
        assert statuses(page) == {
            "About you": "Complete",
            "Your challenge": "Not started",
            "Taking part": "Not started",
            "How confident you feel now": "Not started",
            "Who supports it": "Optional",
            "Check your answers": "Not ready yet",
        }
        page.click("Your challenge").submit("Save and continue", challenge=ANSWERS["challenge"])
        assert page.heading == "What do you hope will change, and for whom?"
        page.click("Back to your application")
        assert statuses(page)["Your challenge"] == "In progress"
        page.click("Your challenge").submit("Save and continue", change=ANSWERS["change"])
        page.submit("Save and continue", with_residents=ANSWERS["with_residents"])
        assert statuses(page)["Your challenge"] == "Complete"
        page.click("Taking part").submit("Save and continue", all_half_days="yes")
        page.submit("Save and continue", time_agreed="not needed").submit("Save and continue", heard="visit")
        page.submit("Save and continue", nominated_by="Our councillor")
        page.click("How confident you feel now")
        assert len(page.soup.select("[name=confident_coproduction]")) == 11
        page.submit("Save and continue", confident_coproduction="0", confident_change="10")
        assert statuses(page)["Check your answers"] == "Ready"
        page.click("Check your answers")
        assert "Our councillor" in page.text
        page.submit("Submit your application")
        assert page.heading == "Change Makers We have received your application"
        page.submit("Continue", wants="no")
        assert page.heading == "Application submitted"
        assert "Your application number 1" in page.text
        assert len(outbox("application_submitted")) == 1

    def test_can_stop_after_an_empty_page(self, browse: Browse, course: Event, amina: Person) -> None:
        page = browse.sign_in(amina).get(f"/cohorts/{course.slug}/apply").submit("Start your application")
        page.click("Your challenge").submit("Save and continue")
        assert page.heading == "What do you hope will change, and for whom?"

    def test_twice_leads_to_the_same_draft(
        self, browse: Browse, course: Event, amina: Person, draft: Application, reading: Reads
    ) -> None:
        page = browse.sign_in(amina).post(f"/cohorts/{course.slug}/apply")
        assert "It is not submitted yet" in page.text
        with reading() as read:
            assert read.session.scalar(select(func.count()).select_from(Application)) == 1

    def test_asks_who_they_are_before_they_submit(
        self, browse: Browse, course: Event, make: Make, work: Working
    ) -> None:
        nobody = make.account("Nia")
        cohorts.begin(work, make, nobody, course, **ANSWERS)
        page = browse.sign_in(nobody).get(f"/cohorts/{course.slug}/apply")
        assert statuses(page)["About you"] == "Incomplete"
        page.click("Check your answers")
        assert "say how you come to us" in page.text
        page.click("say how you come to us").click("Say how you come to us")
        assert page.path.startswith("/account/profile?next=")
        page.post(f"/cohorts/{course.slug}/apply/check-answers")
        assert page.status == 422
        assert "About you" in page.errors[0]

    def test_changes_an_answer_from_the_check(
        self, browse: Browse, course: Event, amina: Person, draft: Application
    ) -> None:
        page = browse.sign_in(amina).get(f"/cohorts/{course.slug}/apply/check-answers")
        link = page.soup.select(f'a[href="/cohorts/{course.slug}/apply/challenge?from=check"]')[0]
        page.get(str(link["href"])).submit("Save and continue", challenge="Mould")
        assert page.heading.endswith("Check your answers")
        assert "Mould" in page.text

    def test_of_somebody_else_is_not_found(self, browse: Browse, course: Event, make: Make, draft: Application) -> None:
        stranger = browse.sign_in(make.account("Ben"))
        for path in ("apply/challenge", "apply/about-you", "apply/check-answers", "application/sent"):
            assert stranger.get(f"/cohorts/{course.slug}/{path}").status == 404
        assert stranger.get(f"/cohorts/{course.slug}/application").path == f"/cohorts/{course.slug}"
        assert "Damp flats" not in stranger.text

    @pytest.mark.parametrize("code", ["nothing", "your_challenge", "confident_change", "Z", "x" * 3_000])
    def test_has_no_page_of_another_name(
        self, browse: Browse, course: Event, amina: Person, draft: Application, code: str
    ) -> None:
        assert browse.sign_in(amina).get(f"/cohorts/{course.slug}/apply/{code}").status == 404

    def test_costs_a_page_few_statements(
        self, browse: Browse, course: Event, amina: Person, draft: Application
    ) -> None:
        browse.sign_in(amina).get(f"/cohorts/{course.slug}/apply/change")
        with count_queries() as statements:
            browse.get(f"/cohorts/{course.slug}/apply/change")
        assert len(statements) <= 5


class TestARefusal:
    @pytest.mark.parametrize(
        ("typed", "words"),
        [
            ("word " * 251, "Use 250 words or fewer; you have used 251"),
            ("a" * 10_001, "Use 10000 characters or fewer"),
            ("a\x00b", "control characters"),
        ],
        ids=["words", "characters", "control"],
    )
    def test_keeps_what_was_typed(
        self, browse: Browse, course: Event, amina: Person, draft: Application, typed: str, words: str
    ) -> None:
        page = browse.sign_in(amina).post(
            f"/cohorts/{course.slug}/apply/challenge", {"challenge": typed, "revision": "1"}
        )
        assert page.status == 422
        assert words in page.errors[0]
        assert page.soup.select("a[href='#challenge']")
        assert page.soup.select_one("textarea").get_text().strip() == typed.strip()  # type: ignore[union-attr]
        assert "Damp flats" in page.get(f"/cohorts/{course.slug}/apply/challenge").html

    @pytest.mark.parametrize("value", ["11", "-1", "x", "4.5", "٣", ["1", "2"]])
    def test_meets_a_forged_choice(
        self, browse: Browse, course: Event, amina: Person, draft: Application, value: str
    ) -> None:
        page = browse.sign_in(amina).post(
            f"/cohorts/{course.slug}/apply/confident_coproduction",
            {"confident_coproduction": value, "confident_change": "12", "revision": "1"},
        )
        assert page.status == 422
        page.post(f"/cohorts/{course.slug}/apply/heard", {"heard": "a dream", "revision": "1"})
        assert page.errors == ["Choose from the list"]

    def test_of_a_stale_page_shows_both_and_lets_it_be_saved_after_all(
        self, browse: Browse, course: Event, amina: Person, draft: Application
    ) -> None:
        here = browse.sign_in(amina).get(f"/cohorts/{course.slug}/apply/challenge")
        there = browse.another().sign_in(amina).get(f"/cohorts/{course.slug}/apply/challenge")
        there.submit("Save and continue", challenge="From the phone")
        here.submit("Save and continue", challenge="From the desk")
        assert here.status == 422
        assert "another window" in here.errors[0]
        assert "From the phone" in here.text
        assert here.soup.select_one("textarea").get_text().strip() == "From the desk"  # type: ignore[union-attr]
        here.submit("Save and continue")
        assert here.status == 200
        assert "From the desk" in here.get(f"/cohorts/{course.slug}/apply/challenge").html

    def test_of_what_comes_late_keeps_it_on_the_page(
        self, browse: Browse, course: Event, amina: Person, draft: Application, clock: FixedClock
    ) -> None:
        page = browse.sign_in(amina).get(f"/cohorts/{course.slug}/apply/challenge")
        clock.move(14 * DAY)
        page.submit("Save and continue", challenge="A minute late")
        assert page.status == 422
        assert "have closed" in page.errors[0]
        assert "A minute late" in page.html
        page.post(f"/cohorts/{course.slug}/apply/check-answers")
        assert page.status == 422
        assert "have closed" in page.errors[0]
        for path in ("apply", "apply/challenge", "apply/check-answers", "apply/about-you"):
            assert page.get(f"/cohorts/{course.slug}/{path}").path == f"/cohorts/{course.slug}/application"
        assert "was not submitted" in page.text

    def test_of_a_page_that_is_half_filled_is_none(
        self, browse: Browse, course: Event, amina: Person, draft: Application
    ) -> None:
        path = f"/cohorts/{course.slug}/apply/confident_coproduction"
        page = browse.sign_in(amina).get(path).submit("Save and continue", confident_coproduction="0")
        assert statuses(page.get(f"/cohorts/{course.slug}/apply"))["How confident you feel now"] == "In progress"
        assert page.get(path).soup.select("[name=confident_coproduction][value='0'][checked]")

    def test_of_far_too_much_says_so_and_keeps_what_was_saved(
        self, browse: Browse, course: Event, amina: Person, draft: Application
    ) -> None:
        path = f"/cohorts/{course.slug}/apply/challenge"
        page = browse.sign_in(amina).get(path)
        page.submit("Save and continue", challenge="w" * 5_000_000)
        assert (page.status, page.heading) == (413, "That is too large")
        assert "what you typed should still be" in page.text
        assert "Damp flats" in page.get(path).html

    def test_of_an_unfinished_application_names_what_is_missing(
        self, browse: Browse, course: Event, amina: Person, draft: Application
    ) -> None:
        page = browse.sign_in(amina).post(f"/cohorts/{course.slug}/apply/check-answers")
        assert page.status == 422
        assert "Before you submit, answer: What do you hope will change" in page.errors[0]

    def test_of_a_forged_form_is_403(self, browse: Browse, course: Event, amina: Person, draft: Application) -> None:
        browse.sign_in(amina)
        for path in ("apply", "apply/challenge", "apply/check-answers", "application/withdraw"):
            assert browse.post(f"/cohorts/{course.slug}/{path}", csrf=False).status == 403

    def test_of_a_start_after_the_close(self, browse: Browse, course: Event, amina: Person, clock: FixedClock) -> None:
        page = browse.sign_in(amina).get(f"/cohorts/{course.slug}/apply")
        clock.move(14 * DAY)
        page.submit("Start your application")
        assert page.status == 422
        assert page.get(f"/cohorts/{course.slug}/apply").path == f"/cohorts/{course.slug}"

    def test_is_needed_for_nothing_when_submitting_again(
        self, browse: Browse, course: Event, amina: Person, submitted: Application, outbox: Posted
    ) -> None:
        page = browse.sign_in(amina).post(f"/cohorts/{course.slug}/apply/check-answers")
        assert page.heading == "Change Makers We have received your application"
        assert len(outbox("application_submitted")) == 1


class TestASubmittedApplication:
    def test_stays_submitted_while_it_is_changed(
        self, browse: Browse, course: Event, amina: Person, submitted: Application
    ) -> None:
        page = browse.sign_in(amina).get(f"/cohorts/{course.slug}/apply")
        assert "It stays submitted while you change it" in page.text
        page.get(f"/cohorts/{course.slug}/apply/challenge").submit("Save and continue", challenge="Better words")
        page.get(f"/cohorts/{course.slug}/application")
        assert "Submitted" in page.text
        assert "Better words" in page.text

    def test_is_not_left_incomplete(self, browse: Browse, course: Event, amina: Person, submitted: Application) -> None:
        page = browse.sign_in(amina).get(f"/cohorts/{course.slug}/apply/challenge")
        page.submit("Save and continue", challenge="")
        assert page.status == 422
        assert page.errors == ["Answer this question"]

    def test_is_withdrawn_after_a_question_and_can_be_begun_anew(
        self, browse: Browse, course: Event, amina: Person, submitted: Application, outbox: Posted
    ) -> None:
        page = browse.sign_in(amina).get(f"/cohorts/{course.slug}/application").click("Withdraw your application")
        page.submit("Yes, withdraw it")
        assert "You withdrew it on 2 March 2026 at 9am" in page.text
        assert len(outbox("application_withdrawn")) == 1
        assert page.post(f"/cohorts/{course.slug}/application/withdraw").path.endswith("/application")
        page.click("Apply again").submit("Start your application")
        assert statuses(page)["Your challenge"] == "Not started"


class TestTheStatus:
    def decide(
        self, work: Working, made: Application, outcome: DecisionOutcome, *, released: bool, offered: bool = False
    ) -> None:
        with work() as unit:
            unit.session.merge(
                Decision(
                    application_id=made.id,
                    outcome=outcome,
                    reserve_rank=1 if outcome is DecisionOutcome.RESERVE else None,
                    reason="A secret remark",
                    decided_by=made.person_id,
                    decided_at=unit.now,
                    released_at=unit.now if released else None,
                )
            )
            if offered:
                unit.session.add(
                    Offer(
                        event_id=made.cohort_id,
                        person_id=made.person_id,
                        application_id=made.id,
                        offered_at=unit.now,
                        expires_at=unit.now + 7 * DAY,
                    )
                )

    @pytest.mark.parametrize("outcome", list(DecisionOutcome))
    def test_is_the_same_to_the_letter_before_the_release(
        self,
        browse: Browse,
        course: Event,
        amina: Person,
        submitted: Application,
        work: Working,
        clock: FixedClock,
        outcome: DecisionOutcome,
    ) -> None:
        clock.move(15 * DAY)
        paths = [f"/cohorts/{course.slug}{path}" for path in ("", "/application", "/application/withdraw")]
        browse.sign_in(amina)
        before = [browse.get(path).text for path in paths]
        assert "Being reviewed" in before[1]
        self.decide(work, submitted, outcome, released=False, offered=outcome is DecisionOutcome.OFFER)
        assert [browse.get(path).text for path in paths] == before

    def test_leads_to_the_offer(
        self, browse: Browse, course: Event, amina: Person, submitted: Application, work: Working, clock: FixedClock
    ) -> None:
        clock.move(15 * DAY)
        self.decide(work, submitted, DecisionOutcome.OFFER, released=True, offered=True)
        page = browse.sign_in(amina).get(f"/cohorts/{course.slug}/application")
        assert "We offer you a place. Answer by 24 March 2026 at 9am" in page.text
        assert "A secret remark" not in page.text
        assert page.click("See your offer").path.startswith("/offers/")

    @pytest.mark.parametrize(
        ("outcome", "words"),
        [(DecisionOutcome.RESERVE, "on the reserve list"), (DecisionOutcome.DECLINE, "cannot offer you a place")],
    )
    def test_says_what_was_decided(
        self,
        browse: Browse,
        course: Event,
        amina: Person,
        submitted: Application,
        work: Working,
        clock: FixedClock,
        outcome: DecisionOutcome,
        words: str,
    ) -> None:
        clock.move(15 * DAY)
        self.decide(work, submitted, outcome, released=True)
        page = browse.sign_in(amina).get(f"/cohorts/{course.slug}/application")
        assert words in page.text
        assert "Withdraw" not in page.text
        page.post(f"/cohorts/{course.slug}/application/withdraw")
        assert page.status == 422
        assert "told our decision" in page.errors[0]

    def test_of_a_course_that_was_cancelled(
        self, browse: Browse, course: Event, amina: Person, submitted: Application, work: Working
    ) -> None:
        with work() as unit:
            editing.cancel_event(unit, event_id=course.id, reason="Rain")
        page = browse.sign_in(amina).get(f"/cohorts/{course.slug}/application")
        assert "The course is cancelled" in page.text


def test_the_call_costs_as_much_for_whoever_has_withdrawn_often(
    browse: Browse, course: Event, amina: Person, work: Working, make: Make, clock: FixedClock
) -> None:
    counts = []
    for times in (1, 2):
        for _ in range(times):
            cohorts.begin(work, make, amina, course)
            clock.move(timedelta(hours=1))
            with work(make.actor(amina)) as unit:
                applications.withdraw(unit, event_id=course.id)
        browse.sign_in(amina)
        with count_queries() as statements:
            browse.get(f"/cohorts/{course.slug}")
        counts.append(len(statements))
    assert counts[0] == counts[1]
