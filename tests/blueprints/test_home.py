"""One's own page: what is next, what waits for an answer, and what was, for each sort of person."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from cop.core.access import Role
from cop.models.accounts import Person, Sector
from cop.models.cohorts import ApplicationState, Cohort, DecisionOutcome
from cop.models.events import Attendance, Event, EventKind, Part
from cop.models.offers import OfferState
from cop.models.summits import Answer, Invitation
from cop.services.events import booking
from tests.support.browse import Browse
from tests.support.clock import FixedClock
from tests.support.evidence import Evidence
from tests.support.make import Make, Working
from tests.support.queries import count_queries


@pytest.fixture
def evidence(app: Flask, make: Make) -> Evidence:
    return Evidence(app, make)


@pytest.fixture
def amina(make: Make) -> Person:
    return make.account("Amina Yusuf", organisation=make.organisation(), sector=Sector.COUNCILLOR)


def waiting(browse: Browse) -> list[str]:
    """What the cards say that wait for somebody."""
    return [" ".join(card.get_text(" ").split()) for card in browse.soup.select(".cop-card--action")]


def steps(browse: Browse) -> list[str]:
    """The lines of time, those to come before those that were."""
    return [" ".join(step.get_text(" ").split()) for step in browse.soup.select(".cop-timeline li")]


def home(browse: Browse, person: Person) -> Browse:
    return browse.sign_in(person).get("/account")


class TestWhatIsNext:
    def test_is_nothing_at_first_and_leads_on(self, browse: Browse, amina: Person) -> None:
        page = home(browse, amina)
        assert (waiting(page), steps(page)) == ([], [])
        assert "You have nothing booked." in page.text
        assert "What was" not in page.text
        assert page.click("See the webinars").status == 200

    def test_holds_bookings_of_all_kinds_in_their_order(
        self, browse: Browse, make: Make, evidence: Evidence, amina: Person, clock: FixedClock, work: Working
    ) -> None:
        webinar = evidence.event(EventKind.WEBINAR, "A talk", starts=[clock.now() + timedelta(days=3)])
        with work(make.actor(amina)) as unit:
            booking.book(unit, event_id=webinar.id, part_ids=(), party=booking.Party(1))
        make.booking(amina, make.visit("A morning"), party_size=2)
        evidence.participant(amina, evidence.course("Change makers"))
        assert steps(home(browse, amina)) == [
            "Thursday 5 March 2026, 9am to 10am A talk Webinar",
            "Monday 9 March 2026, 10am to 11am A morning Visit · Healthy Hub, Stevenage SG1 1EP · 2 people",
            "Monday 9 March 2026, 10am to 11am Change makers: Part 1 Course",
            "Tuesday 10 March 2026, 10am to 11am Change makers: Part 2 Course",
        ]
        assert page_opens(browse, "A talk")

    def test_opens_the_door_of_a_webinar_in_time(
        self, browse: Browse, make: Make, evidence: Evidence, amina: Person, clock: FixedClock, work: Working
    ) -> None:
        starts = clock.now() + timedelta(hours=3)
        webinar = evidence.event(EventKind.WEBINAR, "A talk", starts=[starts], join_opens_minutes=30)
        with work() as unit:
            unit.session.get_one(Part, webinar.parts[0].id).join_url = "https://meet.example/secret"
        with work(make.actor(amina)) as unit:
            booking.book(unit, event_id=webinar.id, part_ids=(), party=booking.Party(1))
        page = home(browse, amina)
        assert "you can join from 2 March 2026 at 11:30am" in page.text
        assert "Join now" not in page.text
        clock.set(starts - timedelta(minutes=30))
        page = home(browse, amina)
        assert "secret" not in page.html
        page.click("Join now")
        assert (page.status, page.path.partition("?")[0]) == (200, f"/webinars/{webinar.slug}/join")

    def test_leaves_out_what_was_cancelled(self, browse: Browse, make: Make, amina: Person, work: Working) -> None:
        held = make.booking(amina, make.visit("A morning"))
        with work(make.actor(amina)) as unit:
            booking.cancel(unit, public_id=held.public_id)
        assert steps(home(browse, amina)) == []
        assert "Cancelled" in browse.get("/account/bookings").text

    def test_tells_how_an_application_stands(
        self, browse: Browse, make: Make, evidence: Evidence, amina: Person, clock: FixedClock, work: Working
    ) -> None:
        course, admin = evidence.course("Change makers", closes_at=clock.now()), make.admin()
        with work() as unit:
            unit.session.get_one(Cohort, course.id).decisions_on = datetime(2026, 3, 20, tzinfo=UTC).date()
        application = evidence.application(amina, course)
        assert (
            "Change makers : your application is sent; we tell everybody by 20 March 2026" in home(browse, amina).text
        )
        evidence.decision(application, admin, DecisionOutcome.RESERVE, rank=1)
        assert "reserve" not in browse.get("/account").text
        evidence.release(course)
        assert "Change makers : you are on the list of reserves" in browse.get("/account").text


def page_opens(browse: Browse, link: str) -> bool:
    return browse.click(link).status == 200


class TestWhatWaits:
    def test_an_offer_until_it_ends(self, browse: Browse, evidence: Evidence, amina: Person, clock: FixedClock) -> None:
        evidence.offer(evidence.application(amina, evidence.course("Change makers")), days=3)
        page = home(browse, amina)
        (card,) = waiting(page)
        assert card.startswith("Change makers You are offered a place, and it is held for you.")
        assert card.endswith("Until 5 March 2026 at 9am Accept or decline : Change makers")
        assert page.click("Accept or decline").status == 200
        assert page.path.startswith("/offers/")
        clock.move(timedelta(days=3))
        assert waiting(home(browse, amina)) == []

    @pytest.mark.parametrize(
        ("response", "waits"), [(Answer.NONE, True), (Answer.TENTATIVE, True), (Answer.YES, False), (Answer.NO, False)]
    )
    def test_an_invitation_without_an_answer_for_good(
        self,
        browse: Browse,
        evidence: Evidence,
        amina: Person,
        response: Answer,
        waits: bool,  # noqa: FBT001
    ) -> None:
        evidence.invitation(amina, evidence.event(EventKind.SUMMIT, "The summit"), response)
        page = home(browse, amina)
        assert bool(waiting(page)) is waits
        if waits:
            assert "The summit You are invited. Until 9 March 2026 at 10am" in page.text
            assert page_opens(page, "Say whether you come")

    def test_no_invitation_that_cannot_be_answered(
        self, browse: Browse, evidence: Evidence, amina: Person, clock: FixedClock, work: Working
    ) -> None:
        evidence.invitation(amina, evidence.event(EventKind.SUMMIT, "Closed", closes_at=clock.now()))
        opens_at = clock.now() + timedelta(days=1)
        evidence.invitation(amina, evidence.event(EventKind.SUMMIT, "Not open yet", opens_at=opens_at))
        taken_back = evidence.invitation(amina, evidence.event(EventKind.SUMMIT, "Another"))
        with work() as unit:
            unit.session.get_one(Invitation, taken_back.id).withdrawn_at = unit.now
        assert waiting(home(browse, amina)) == []

    def test_a_draft_while_the_course_takes_applications(
        self, browse: Browse, evidence: Evidence, amina: Person, clock: FixedClock
    ) -> None:
        course = evidence.course("Change makers", closes_at=clock.now() + timedelta(days=2))
        evidence.application(amina, course, ApplicationState.DRAFT)
        page = home(browse, amina)
        assert waiting(page) == [
            "Change makers Your application is not sent yet. Until 4 March 2026 at 9am Go on with it : Change makers"
        ]
        assert page_opens(page, "Go on with it")
        clock.move(timedelta(days=2))
        assert waiting(home(browse, amina)) == []

    def test_a_survey(self, browse: Browse, make: Make, evidence: Evidence, amina: Person) -> None:
        visit = make.visit("A morning")
        evidence.ask(amina, visit)
        evidence.ask(make.person(), visit)
        page = home(browse, amina)
        assert waiting(page) == ["How was it? A morning Until 16 March 2026 at 9am Answer : How was it?"]
        assert page_opens(page, "Answer")

    def test_a_profile_until_it_is_told(self, browse: Browse, make: Make) -> None:
        assert waiting(home(browse, make.account()))[0].startswith("Your profile Tell us where you belong")


class TestAnAlumna:
    @pytest.fixture
    def course(self, evidence: Evidence, amina: Person, clock: FixedClock) -> Event:
        course = evidence.course("Change makers")
        evidence.alumnus(amina, course)
        clock.set(course.parts[-1].ends_at)
        return course

    def test_sees_what_she_completed(self, browse: Browse, course: Event, amina: Person) -> None:
        page = home(browse, amina)
        assert "Completed Change makers, on 10 March 2026" in page.text
        assert steps(page) == ["9 March 2026 to 10 March 2026 Change makers Course · you came to 2 of 2"]
        assert page_opens(page, "Change makers")

    def test_is_asked_to_agree_to_the_house_rules_and_told_of_news(
        self, browse: Browse, make: Make, evidence: Evidence, course: Event, amina: Person
    ) -> None:
        space = evidence.space()
        page = home(browse, amina)
        assert waiting(page)[0].startswith("House rules of the forum")
        assert "Nothing new since you last looked." in page.text
        for number in range(2):
            evidence.topic(space, make.person(), f"Question {number}")
        assert "2 topics with something new for you" in home(browse, amina).text
        page.click("Read the house rules").submit(follow=False)
        page = home(browse, amina)
        assert waiting(page) == ["Your action plan Change makers Write it : Your action plan"]
        assert page_opens(page, "Go to the forum")

    def test_is_nobody_who_missed_a_half_day(
        self, browse: Browse, evidence: Evidence, amina: Person, clock: FixedClock
    ) -> None:
        evidence.space()
        course = evidence.course("Change makers")
        held = evidence.participant(amina, course)
        for part, status in zip(course.parts, (Attendance.ATTENDED, Attendance.ABSENT), strict=True):
            evidence.mark(held, part, status)
        clock.set(course.parts[-1].ends_at)
        page = home(browse, amina)
        assert "you came to 1 of 2" in page.text
        assert "Completed" not in page.text
        assert "orum" not in page.text


class TestWhatWas:
    def test_says_whether_one_came(
        self, browse: Browse, make: Make, evidence: Evidence, amina: Person, clock: FixedClock
    ) -> None:
        for number, status in enumerate((Attendance.ATTENDED, Attendance.EXCUSED, None)):
            visit = make.visit(f"Visit {number}", slots=[clock.now() + timedelta(days=number + 1)])
            held = make.booking(amina, visit)
            if status is not None:
                evidence.mark(held, visit.parts[0], status)
        clock.move(timedelta(days=10))
        assert steps(home(browse, amina)) == [
            "5 March 2026 Visit 2 Visit",
            "4 March 2026 Visit 1 Visit Missed",
            "3 March 2026 Visit 0 Visit You came",
        ]


class TestOthers:
    def test_see_nothing_of_it(self, browse: Browse, make: Make, evidence: Evidence, amina: Person) -> None:
        course = evidence.course("Change makers")
        make.booking(amina, make.visit("A morning"))
        evidence.offer(evidence.application(amina, course))
        evidence.invitation(amina, evidence.event(EventKind.SUMMIT, "The summit"))
        evidence.ask(amina, course)
        page = home(browse, make.admin())
        for words in ("Change makers", "A morning", "The summit", "How was it?"):
            assert words not in page.text

    @pytest.mark.parametrize("role", list(Role))
    def test_of_each_role_have_a_page(self, browse: Browse, make: Make, role: Role) -> None:
        person = make.account()
        scope = {"organisation": make.organisation()} if role is Role.LEAD else {"programme": make.programme()}
        make.grant(person, role, **scope)
        assert home(browse, person).heading == "Hello, Amina Yusuf"


def test_the_page_reads_the_same_number_of_statements_however_full(
    browse: Browse, make: Make, evidence: Evidence, amina: Person, clock: FixedClock
) -> None:
    counted = []
    for _ in range(3):
        browse.sign_in(amina)
        with count_queries() as sent:
            browse.get("/account")
        counted.append(len(sent))
        make.booking(amina, make.visit())
        evidence.application(amina, evidence.course(), ApplicationState.DRAFT)
        evidence.offer(evidence.application(amina, evidence.course()), OfferState.OPEN)
        evidence.invitation(amina, evidence.event(EventKind.SUMMIT, "The summit"))
        evidence.ask(amina, make.visit())
    assert set(counted) == {counted[0]}


class TestTheListOfBookings:
    def test_holds_every_kind_with_its_own_page(
        self, browse: Browse, make: Make, evidence: Evidence, amina: Person
    ) -> None:
        course = evidence.course("Change makers")
        evidence.participant(amina, course)
        make.booking(amina, make.visit("A morning"))
        page = browse.sign_in(amina).get("/account/bookings")
        assert [step.rpartition(" About it")[0] for step in steps(page)] == [
            "Monday 9 March 2026, 10am to 11am Change makers: Part 1 Course ·",
            "Monday 9 March 2026, 10am to 11am A morning Visit · Healthy Hub, Stevenage SG1 1EP ·",
            "Tuesday 10 March 2026, 10am to 11am Change makers: Part 2 Course ·",
        ]
        for link in page.soup.select(".cop-timeline a"):
            assert browse.another().sign_in(amina).get(str(link["href"])).status == 200
