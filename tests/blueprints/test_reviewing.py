"""The pages on which a chair arranges the work of the panel, and takes names out of applications."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from cop.core.access import Role
from cop.models.accounts import Person
from cop.models.cohorts import Assignment, Cohort, Redaction
from cop.models.events import Event
from cop.models.outbox import Outbox
from tests.support import panel
from tests.support import reviewing as work_of_panel
from tests.support.browse import Browse
from tests.support.make import Make, Reads
from tests.support.queries import count_queries

BASE = "/cohorts/change-makers"


@pytest.fixture
def course(make: Make) -> Event:
    return panel.course(make)


@pytest.fixture
def femi(make: Make) -> Person:
    return panel.chair(make)


@pytest.fixture
def chair(browse: Browse, femi: Person) -> Browse:
    return browse.sign_in(femi)


class TestArranging:
    def test_from_the_selection_to_shares_and_a_reminder(
        self, make: Make, reading: Reads, course: Event, chair: Browse
    ) -> None:
        panel.applications(make, course, 4)
        rhona, seth = panel.reviewer(make), panel.reviewer(make, "Seth Scorer")
        page = chair.get(f"{BASE}/selection").click("The work of the panel")
        assert "0 of 4 applications have a review" in page.text
        page.click("Change how the panel works").submit("Save", reviews_wanted="1", spread_flag="2")
        assert "0 of 4 applications have their 1 review" in page.text
        assert "4 applications have too few reviewers" in page.text
        page.click("Share the applications out")
        assert "4 new, 0 taken back, 0 as they are" in page.text
        page.submit("Share them out like this")
        assert "4 shares are new." in page.text
        page.click("Remind reviewers")
        assert "Rhona Reviewer: 2 left" in page.text
        assert "2 applications to “Change Makers” wait for your review." in page.text
        page.submit("Send it")
        assert "The reminder goes to 2 people." in page.text
        page.click("Remind reviewers").submit("Send it")
        assert "not sent again" in page.text
        with reading() as read:
            to = select(Outbox.person_id).where(Outbox.template == "reviews_waiting").order_by(Outbox.id)
            assert read.session.scalars(to).all() == [rhona.id, seth.id]

    def test_changes_who_scores_one(self, make: Make, reading: Reads, course: Event, chair: Browse) -> None:
        council = make.organisation()
        panel.application(make, course, organisation=council)
        rhona = panel.reviewer(make)
        panel.reviewer(make, "Cora Colleague", organisation=council)
        work_of_panel.wanting(make, course, 1)
        page = chair.get(f"{BASE}/reviewing/applications")
        assert "1 too few" in page.text
        page.click("Change")
        assert "Cora Colleague cannot: shares an organisation with the applicant" in page.text
        page.submit("Save", reviewers=[str(rhona.id)])
        assert "Who scores application 1 is saved." in page.text
        assert "Rhona Reviewer" in page.text
        assert "0 of 1" in page.text
        panel.review(make, rhona, course, 1)
        assert "Rhona Reviewer (submitted)" in chair.get(f"{BASE}/reviewing/applications").text
        assert "has its reviewers" not in page.text
        assert (
            "Every application that you may see has its reviewers."
            in page.get(f"{BASE}/reviewing/applications", show="short").text
        )

    def test_a_forged_reviewer_is_refused(self, make: Make, reading: Reads, course: Event, chair: Browse) -> None:
        panel.applications(make, course, 1)
        panel.reviewer(make)
        work_of_panel.wanting(make, course, 1)
        page = chair.get(f"{BASE}/reviewing/applications/1")
        page.post(f"{BASE}/reviewing/applications/1", {"reviewers": "999", "seen": "x"})
        assert (page.status, page.errors) == (422, ["Choose from the list"])
        with reading() as read:
            assert read.session.scalars(select(Assignment)).all() == []

    def test_two_chairs_at_once_lose_nothing(self, make: Make, reading: Reads, course: Event, chair: Browse) -> None:
        other = chair.another().sign_in(panel.chair(make, "Another chair"))
        for page in (chair, other):
            page.get(f"{BASE}/reviewing/settings")
        chair.submit("Save", reviews_wanted="3")
        other.submit("Save", reviews_wanted="2", spread_flag="1")
        assert other.status == 422
        assert "Something changed a moment ago" in other.errors[0]
        assert "Saved now: 3 reviews of each application" in other.text
        assert other.soup.select_one("[name=reviews_wanted]")["value"] == "2"  # type: ignore[index]
        other.submit("Save")
        with reading() as read:
            assert read.session.get_one(Cohort, course.id).reviews_wanted == 2

    @pytest.mark.parametrize(
        ("typed", "error"),
        [
            ({"reviews_wanted": "12"}, "Enter a whole number from 1 to 9"),
            ({"spread_flag": "wide"}, "Enter a difference from 0.01 to 4, like 1.5"),
            ({"spread_flag": "0"}, "Enter a difference from 0.01 to 4, like 1.5"),
            ({"spread_flag": "nan"}, "Enter a difference from 0.01 to 4, like 1.5"),
            ({"spread_flag": ""}, "Enter a difference, like 1.5"),
        ],
    )
    def test_settings_that_make_no_sense(self, course: Event, chair: Browse, typed: dict[str, str], error: str) -> None:
        page = chair.get(f"{BASE}/reviewing/settings").submit("Save", **typed)
        assert (page.status, page.errors) == (422, [error])

    def test_says_what_there_is_to_do_while_nothing_can_be_done(self, make: Make, browse: Browse) -> None:
        panel.course(make, closes_in=timedelta(days=1))
        page = browse.sign_in(make.admin()).get(f"{BASE}/reviewing")
        assert "Reviewing begins when the call closes" in page.text
        assert "Nobody has submitted an application yet." in page.text
        assert "Give somebody the role of reviewer" in page.text
        assert page.get(f"{BASE}/reviewing/share").path == f"{BASE}/reviewing"
        assert "nobody to remind" in page.get(f"{BASE}/reviewing/remind").text
        assert "Look through them once the call has closed" in page.get(f"{BASE}/redactions").text

    def test_is_not_there_for_reviewers_and_strangers(self, make: Make, browse: Browse, course: Event) -> None:
        panel.applications(make, course, 1)
        work_of_panel.wanting(make, course, 1)
        other = panel.chair(make, event=panel.course(make, "Other", slug="other"))
        for who in (panel.reviewer(make), make.account("A stranger"), other):
            browse.sign_in(who)
            for path in ("", "/settings", "/share", "/applications", "/applications/1", "/remind"):
                assert browse.get(f"{BASE}/reviewing{path}").status == 404
            for path in ("", "/1"):
                assert browse.get(f"{BASE}/redactions{path}").status == 404


class TestTakingNamesOut:
    def test_marks_suggests_and_keeps_what_staff_write(
        self, make: Make, browse: Browse, reading: Reads, course: Event, chair: Browse
    ) -> None:
        make.organisation("Stevenage Borough Council")
        challenge = "I am Amina from Stevenage.\nWrite to me@home.example."
        panel.application(make, course, "Amina Yusuf", challenge=challenge)
        panel.applications(make, course, 1)
        work_of_panel.wanting(make, course, None, redacting=True)
        rhona = browse.another().sign_in(panel.reviewer(make))
        assert (
            "2 more applications come to you once somebody has taken the names out."
            in rhona.get(f"{BASE}/reviews").text
        )
        page = chair.get(f"{BASE}/reviewing").click("Look through them").click("Application 1")
        assert [mark.text for mark in page.soup.select("mark")] == ["Amina", "Stevenage", "me@home.example"]
        page.submit("Take out what is marked")
        assert page.status == 200
        written = "I am [name] from [place].\nWrite to [e-mail address]."
        assert page.soup.select_one("textarea").text.strip() == written  # type: ignore[union-attr]
        with reading() as read:
            assert read.session.scalars(select(Redaction)).all() == []
        page.submit("Save: reviewers may read this", copy_challenge=written.replace("from", "of"))
        assert page.heading.startswith("Take names out of application 2")
        with reading() as read:
            kept = read.session.scalars(select(Redaction)).one()
            assert kept.answers == {"challenge": written.replace("from", "of")}
        assert "I am [name] of [place]." in rhona.get(f"{BASE}/reviews/1").text
        page.submit("Save: reviewers may read this")
        assert page.path == f"{BASE}/redactions"
        assert "1 more" not in rhona.get(f"{BASE}/reviews").text

    def test_two_chairs_at_once_lose_nothing(self, make: Make, course: Event, chair: Browse) -> None:
        panel.application(make, course, challenge="I am Amina")
        other = chair.another().sign_in(panel.chair(make, "Another chair"))
        for page in (chair, other):
            page.get(f"{BASE}/redactions/1")
        chair.submit("Save: reviewers may read this", copy_challenge="First")
        other.submit("Save: reviewers may read this", copy_challenge="Second")
        assert other.status == 422
        assert "Somebody else changed this copy" in other.errors[0]
        assert "Second" in other.html

    def test_leaves_no_answer_empty(self, make: Make, course: Event, chair: Browse) -> None:
        panel.application(make, course)
        page = chair.get(f"{BASE}/redactions/1").submit("Save: reviewers may read this", copy_challenge=" ")
        assert page.status == 422
        assert page.errors == ["Leave something for reviewers to read, “[left out]” for example"]

    def test_is_not_for_a_chair_in_conflict(self, make: Make, browse: Browse, course: Event) -> None:
        council = make.organisation()
        panel.application(make, course, "Amina Yusuf", organisation=council)
        page = browse.sign_in(panel.chair(make, organisation=council)).get(f"{BASE}/redactions")
        assert "Amina" not in page.text
        assert page.get(f"{BASE}/redactions/1").status == 404

    def test_lists_run_the_same_statements_however_long(self, make: Make, course: Event, chair: Browse) -> None:
        work_of_panel.wanting(make, course, 1)
        panel.reviewer(make)
        counts = []
        for more in (1, 2):
            panel.applications(make, course, more)
            with count_queries() as statements:
                for path in ("reviewing", "reviewing/applications", "redactions", "redactions/1"):
                    chair.get(f"{BASE}/{path}")
            counts.append(len(statements))
        assert counts[0] == counts[1]


class TestTheSelection:
    def test_shows_what_to_talk_about(self, make: Make, course: Event, femi: Person, chair: Browse) -> None:
        panel.applications(make, course, 2)
        ann, ben = panel.reviewer(make, "Ann"), panel.reviewer(make, "Ben")
        for who, score in ((ann, 1), (ben, 4)):
            panel.review(make, who, course, 1, score)
            panel.review(make, who, course, 2, 3)
        page = chair.get(f"{BASE}/selection").click("1 application whose scores lie far apart")
        assert "Applicant 1" in page.text
        assert "Applicant 2" not in page.text
        page.click("Applicant 1")
        assert "The scores lie 3.00 apart." in page.text
        page.submit("Add to the record", reason="We talked")
        assert "The panel has talked about them." in page.text
        assert "to talk about" not in page.get(f"{BASE}/selection").soup.select("ul.govuk-list a")[0].text

    def test_hides_the_scores_of_others_from_a_chair_who_owes_a_review(
        self, make: Make, course: Event, femi: Person, chair: Browse
    ) -> None:
        make.grant(femi, Role.REVIEWER, programme=make.programme())
        panel.applications(make, course, 1)
        panel.review(make, panel.reviewer(make), course, 1, 5, reason="A secret reason")
        page = chair.get(f"{BASE}/selection")
        assert "Yours first" in page.text
        assert "5.00" not in page.text
        page.click("Applicant 1")
        assert "A secret reason" not in page.html
        assert "5.00" not in page.html
        assert "once your own review is in" in page.text
        assert "once your own reviews are in" in page.get(f"{BASE}/reviewing").text
        panel.review(make, femi, course, 1, 1)
        assert "A secret reason" in page.get(f"{BASE}/selection/1").html


def test_two_thousand_applications_take_a_few_statements_and_many_pages(
    make: Make, browse: Browse, course: Event
) -> None:
    work_of_panel.many(make, course, 2_000)
    browse.sign_in(panel.reviewer(make))
    with count_queries() as statements:
        page = browse.get(f"{BASE}/reviews", page=20)
    assert len(statements) < 8
    assert "Application 2000" in page.text
    assert "Application 1900" not in page.text
    assert "0 of 2000 done" in page.text
