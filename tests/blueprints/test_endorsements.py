"""Support for an application: named and asked again by the applicant, answered by a link, read by the chair alone."""

from collections import Counter
from collections.abc import Callable, Sequence

import pytest

from cop.core.access import Role
from cop.core.secrecy import sign
from cop.models.accounts import Person, Sector
from cop.models.cohorts import Application, Cohort, Endorsement, EndorsementState, Endorsing
from cop.models.events import Event
from cop.models.outbox import Outbox
from cop.queries.cohorts.endorsements import link_token
from cop.services.cohorts import applications
from tests.support import cohorts
from tests.support.browse import Browse
from tests.support.clock import FixedClock
from tests.support.cohorts import ANSWERS, DAY
from tests.support.make import Make, Reads, Working
from tests.support.queries import count_queries

Posted = Callable[..., Sequence[Outbox]]

RUTH = {"kind": "manager", "name": "Ruth Bello", "email": "ruth@council.example"}


@pytest.fixture
def course(work: Working, make: Make) -> Event:
    return cohorts.course(work, make)


@pytest.fixture
def amina(make: Make) -> Person:
    return make.account("Amina Yusuf", "amina@council.example", sector=Sector.RESIDENT)


@pytest.fixture
def draft(work: Working, make: Make, amina: Person, course: Event) -> Application:
    return cohorts.begin(work, make, amina, course, **ANSWERS)


@pytest.fixture
def asked(work: Working, make: Make, amina: Person, course: Event, draft: Application) -> Endorsement:
    return cohorts.named(work, make, amina, course)


def path_of(course: Event) -> str:
    return f"/cohorts/{course.slug}/apply/who-supports-it"


def want(work: Working, course: Event, endorsing: Endorsing) -> None:
    with work() as unit:
        unit.session.get_one(Cohort, course.id).endorsing = endorsing


class TestNaming:
    def test_is_a_task_of_the_application(
        self, browse: Browse, course: Event, amina: Person, draft: Application, outbox: Posted
    ) -> None:
        page = browse.sign_in(amina).get(f"/cohorts/{course.slug}/apply").click("Who supports it")
        assert "You need nobody for this" in page.text
        page.submit("Ask this person", **RUTH)
        assert "We have written to Ruth Bello." in page.html
        assert "Ruth Bello Asked Line manager ruth@council.example" in page.text
        assert len(outbox("endorsement_asked")) == 1
        assert "Ruth Bello Asked" in page.get(f"/cohorts/{course.slug}/application").text

    def test_is_needed_where_the_course_wants_it(
        self, browse: Browse, course: Event, amina: Person, draft: Application, work: Working
    ) -> None:
        want(work, course, Endorsing.REQUIRED)
        page = browse.sign_in(amina).get(f"/cohorts/{course.slug}/apply/check-answers")
        assert "Submit your application" not in page.text
        page.post(f"/cohorts/{course.slug}/apply/check-answers")
        assert page.status == 422
        assert page.errors == ["Before you submit, name somebody who supports the application"]
        page.click("name somebody who supports it").submit("Ask this person", **RUTH)
        page.get(f"/cohorts/{course.slug}/apply/check-answers").submit("Submit your application")
        assert "You submitted it, as number 1" in page.get(f"/cohorts/{course.slug}/application").text

    def test_is_not_asked_where_the_course_does_not_want_it(
        self, browse: Browse, course: Event, amina: Person, draft: Application, work: Working
    ) -> None:
        want(work, course, Endorsing.NONE)
        page = browse.sign_in(amina).get(f"/cohorts/{course.slug}/apply")
        assert "Who supports it" not in page.text
        assert page.get(path_of(course)).status == 404
        assert page.post(path_of(course), RUTH).status == 404

    def test_keeps_what_was_typed_when_it_is_refused(
        self, browse: Browse, course: Event, amina: Person, draft: Application
    ) -> None:
        page = browse.sign_in(amina).get(path_of(course)).submit("Ask this person", name="Ruth")
        assert page.status == 422
        assert page.errors == ["Choose who it is", "Enter their e-mail address"]
        assert page.soup.select("[name=name][value=Ruth]")
        page.submit("Ask this person", kind="manager", email="amina@council.example")
        assert page.errors == ["Somebody else has to support the application"]
        assert page.soup.select("a[href='#email']")
        assert page.soup.select("[name=email][value='amina@council.example']")

    def test_too_late_keeps_it_on_the_page(
        self, browse: Browse, course: Event, amina: Person, draft: Application, clock: FixedClock
    ) -> None:
        page = browse.sign_in(amina).get(path_of(course))
        clock.move(14 * DAY)
        page.submit("Ask this person", **RUTH)
        assert page.status == 422
        assert "have closed" in page.errors[0]
        assert page.soup.select("[name=email][value='ruth@council.example']")
        assert page.get(path_of(course)).path == f"/cohorts/{course.slug}/application"

    def test_again_goes_out_once_a_day(
        self, browse: Browse, course: Event, amina: Person, asked: Endorsement, outbox: Posted, clock: FixedClock
    ) -> None:
        page = browse.sign_in(amina).get(path_of(course)).submit("Ask again Ruth Bello")
        assert page.status == 422
        assert page.errors == ["We wrote to Ruth Bello today already. Ask again tomorrow."]
        clock.move(DAY)
        page.get(path_of(course)).submit("Ask again Ruth Bello")
        assert "We have written to Ruth Bello again." in page.html
        assert len(outbox("endorsement_asked")) == 2

    @pytest.mark.parametrize("kind", ["", "brother"])
    def test_again_meets_a_forged_kind(
        self, browse: Browse, course: Event, amina: Person, asked: Endorsement, kind: str
    ) -> None:
        page = browse.sign_in(amina).post(f"{path_of(course)}/again", {"kind": kind})
        assert (page.status, page.errors) == (422, ["Choose somebody from the list"])

    def test_of_somebody_elses_application_is_not_found(
        self, browse: Browse, course: Event, make: Make, asked: Endorsement
    ) -> None:
        stranger = browse.sign_in(make.account("Ben"))
        assert stranger.get(path_of(course)).status == 404
        assert stranger.post(path_of(course), RUTH).status == 404
        assert stranger.post(f"{path_of(course)}/again", {"kind": "manager"}).status == 404

    def test_costs_the_task_list_as_much_for_two_as_for_one(
        self, browse: Browse, course: Event, amina: Person, asked: Endorsement, work: Working, make: Make
    ) -> None:
        counts = []
        for email in (None, "sola@council.example"):
            if email:
                cohorts.named(work, make, amina, course, kind="nominator", email=email)  # type: ignore[arg-type]
            browse.sign_in(amina).get(f"/cohorts/{course.slug}/apply")
            with count_queries() as statements:
                browse.get(f"/cohorts/{course.slug}/apply")
            counts.append(len(statements))
        assert counts[0] == counts[1]

    def test_reads_everything_once_and_anew_only_after_a_refused_attempt(
        self, browse: Browse, course: Event, amina: Person, asked: Endorsement
    ) -> None:
        page = browse.sign_in(amina).get(path_of(course))
        with count_queries() as shown:
            page.get(path_of(course))
        assert len(shown) == len(set(shown))
        forged: list[tuple[str, dict[str, str]]] = [("", {"name": "Ruth"}), ("/again", {"kind": "brother"})]
        for ending, typed in forged:
            with count_queries() as refused_by_the_form:
                page.post(f"{path_of(course)}{ending}", typed)
            assert page.status == 422
            assert sorted(refused_by_the_form) == sorted(shown)
        with count_queries() as refused_by_the_service:
            page.post(f"{path_of(course)}/again", {"kind": "manager"})
        assert page.errors == ["We wrote to Ruth Bello today already. Ask again tomorrow."]
        assert max(Counter(refused_by_the_service).values()) == 2


class TestAnswering:
    def test_needs_no_account_and_shows_nothing_of_the_application(
        self, browse: Browse, course: Event, asked: Endorsement, reading: Reads
    ) -> None:
        page = browse.get(f"/endorsements/{link_token(asked)}")
        assert page.heading == "Change Makers Application of Amina Yusuf"
        assert "names you as line manager" in page.text
        assert "Day 1 morning" in page.text
        assert str(ANSWERS["challenge"]) not in page.html
        assert "amina@council.example" not in page.html
        page.submit("Send my answer", answer="yes", words="She asks the right questions.")
        assert page.heading.endswith("Thank you for your answer")
        assert "right questions" not in page.html, "the link may be passed on"
        with reading() as read:
            kept = read.session.get_one(Endorsement, asked.id)
        assert (kept.state, kept.words) == (EndorsementState.GIVEN, "She asks the right questions.")

    def test_only_looks_until_the_button_is_pressed(self, browse: Browse, asked: Endorsement, reading: Reads) -> None:
        for _ in range(2):
            assert browse.get(f"/endorsements/{link_token(asked)}").status == 200
        with reading() as read:
            assert read.session.get_one(Endorsement, asked.id).state is EndorsementState.ASKED

    def test_needs_a_choice_and_keeps_the_words(self, browse: Browse, asked: Endorsement) -> None:
        page = browse.get(f"/endorsements/{link_token(asked)}").submit("Send my answer", words="Many words")
        assert page.status == 422
        assert page.errors == ["Choose whether you support the application"]
        assert "Many words" in page.html
        page.submit("Send my answer", answer="yes", words="w" * 3_001)
        assert page.status == 422
        assert "w" * 3_001 in page.html

    def test_too_late_or_after_another_answer_keeps_the_words(
        self, browse: Browse, course: Event, asked: Endorsement, work: Working, clock: FixedClock
    ) -> None:
        page = browse.get(f"/endorsements/{link_token(asked)}")
        late = browse.another().get(f"/endorsements/{link_token(asked)}")
        clock.move(14 * DAY)
        late.submit("Send my answer", answer="yes", words="A minute late")
        assert late.status == 422
        assert "have closed" in late.errors[0]
        assert "A minute late" in late.html
        assert late.get(f"/endorsements/{link_token(asked)}").status == 410
        clock.reset()
        cohorts.supported(work, asked, supports=False)
        page.submit("Send my answer", answer="yes", words="After all")
        assert page.status == 422
        assert "answered already" in page.errors[0]
        assert "After all" in page.html

    def test_ends_when_somebody_else_is_named_or_the_application_is_withdrawn(
        self, browse: Browse, course: Event, amina: Person, asked: Endorsement, work: Working, make: Make
    ) -> None:
        other = cohorts.named(work, make, amina, course, name="Sola", email="sola@council.example")
        assert browse.get(f"/endorsements/{link_token(asked)}").status == 404
        with work(make.actor(amina)) as unit:
            applications.withdraw(unit, event_id=course.id)
        page = browse.get(f"/endorsements/{link_token(other)}")
        assert (page.status, page.heading) == (410, "Change Makers This link has ended")
        assert "Amina" not in page.html

    def test_by_a_forged_link_or_form_does_nothing(self, browse: Browse, asked: Endorsement) -> None:
        for token in ("x", link_token(asked)[:-1], sign("offer", asked.public_id, 0)):
            assert browse.get(f"/endorsements/{token}").status == 404
            assert browse.post(f"/endorsements/{token}", {"answer": "yes"}).status == 404
        assert browse.post(f"/endorsements/{link_token(asked)}", {"answer": "yes"}, csrf=False).status == 403
        page = browse.post(f"/endorsements/{link_token(asked)}", {"answer": "perhaps"})
        assert page.status == 422


class TestWhoReadsIt:
    WORDS = "Nobody knows this ward as she does."

    @pytest.fixture
    def judged(
        self, work: Working, make: Make, course: Event, amina: Person, asked: Endorsement, clock: FixedClock
    ) -> Event:
        with work(make.actor(amina)) as unit:
            applications.submit(unit, event_id=course.id)
        cohorts.supported(work, asked, words=self.WORDS)
        clock.move(15 * DAY)
        return course

    def test_is_the_chair(self, browse: Browse, judged: Event, make: Make) -> None:
        chair = make.account("Femi")
        make.grant(chair, Role.FACILITATOR, event=judged)
        page = browse.sign_in(chair).get(f"/cohorts/{judged.slug}/selection/1")
        assert "Ruth Bello, line manager: supports it" in page.text
        assert self.WORDS in page.text

    def test_is_no_reviewer_and_no_applicant(self, browse: Browse, judged: Event, make: Make, amina: Person) -> None:
        reviewer = make.account("Rae")
        make.grant(reviewer, Role.REVIEWER, event=judged)
        page = browse.sign_in(reviewer).get(f"/cohorts/{judged.slug}/reviews/1")
        assert page.status == 200
        assert "Ruth" not in page.html
        assert self.WORDS not in page.html
        assert page.get(f"/cohorts/{judged.slug}/selection/1").status == 404
        page.sign_in(amina).get(f"/cohorts/{judged.slug}/application")
        assert "Ruth Bello Supports it" in page.text
        assert self.WORDS not in page.html


class TestStaff:
    @pytest.fixture
    def chair(self, make: Make, course: Event) -> Person:
        found = make.account("Femi")
        make.grant(found, Role.FACILITATOR, event=course)
        return found

    def test_say_whether_a_course_wants_it(self, browse: Browse, course: Event, chair: Person) -> None:
        page = browse.sign_in(chair).get(f"/admin/cohorts/{course.slug}").click("Support from others")
        page.submit("Save", endorsing="required")
        assert "Needed" in page.text

    def test_do_not_overwrite_one_another(self, browse: Browse, course: Event, chair: Person, make: Make) -> None:
        here = browse.sign_in(chair).get(f"/admin/cohorts/{course.slug}/support")
        there = browse.another().sign_in(chair).get(f"/admin/cohorts/{course.slug}/support")
        there.submit("Save", endorsing="none")
        here.submit("Save", endorsing="required")
        assert here.status == 422
        assert "What is saved now: Not asked for" in here.text
        assert here.soup.select("[name=endorsing][value=required][checked]")
        assert here.submit("Save").status == 200
        other = make.account("Other")
        make.grant(other, Role.FACILITATOR, event=make.visit())
        assert browse.sign_in(other).get(f"/admin/cohorts/{course.slug}/support").status == 404
