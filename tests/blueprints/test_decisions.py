"""What was decided, by a mailed link: a review is asked for once, and answered."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from cop.core import secrecy
from cop.models.accounts import Person
from cop.models.cohorts import Application, Reconsideration
from cop.models.events import Event
from cop.models.organisations import Organisation
from tests.support import drawing as draws
from tests.support import panel
from tests.support.browse import Browse
from tests.support.clock import FixedClock
from tests.support.mailbox import Mailbox
from tests.support.make import Make, Reads
from tests.support.queries import count_queries

BASE = "/cohorts/change-makers"


@pytest.fixture
def course(make: Make) -> Event:
    return panel.course(make, places=1)


@pytest.fixture
def femi(make: Make) -> Person:
    return panel.chair(make)


@pytest.fixture
def council(make: Make) -> Organisation:
    return make.organisation()


@pytest.fixture
def declined(make: Make, course: Event, femi: Person, council: Organisation) -> Application:
    person = make.account("Amina Yusuf", "amina@council.example", organisation=council)
    application = panel.application(make, course, person=person)
    panel.decide(make, femi, course, "d")
    panel.write_feedback(make, femi, course, 1, "Say more about who you would do it with.")
    panel.release(make, femi, course)
    return application


def asked(reading: Reads) -> list[str]:
    with reading() as read:
        return [one.words for one in read.session.scalars(select(Reconsideration))]


class TestAsking:
    def test_from_the_letter_to_the_answer(
        self, browse: Browse, declined: Application, femi: Person, mailbox: Mailbox, reading: Reads
    ) -> None:
        link = mailbox.deliver()[0].link("/decisions/")
        page = browse.get(link)
        assert "We cannot offer you a place this time" in page.text
        assert "Say more about who you would do it with." in page.text
        assert asked(reading) == []
        page.submit("Ask for a review", words="You misread question two.")
        assert "We have your request" in page.text
        assert "You misread question two." in page.text
        assert page.soup.select("main form") == []
        staff = browse.another().sign_in(femi).get(f"{BASE}/selection").click("Reviews of decisions")
        staff.click("Amina Yusuf")
        staff.submit("Send the answer", changed="no", words="Two others read it again.")
        assert "Amina Yusuf gets your answer by e-mail" in staff.text
        (mail,) = mailbox.deliver()
        assert mail.subject == "The review of your application to Change Makers"
        page.get(mail.link("/decisions/"))
        assert "the decision stays as it is" in page.text
        assert "Two others read it again." in page.text

    def test_from_the_status_page(self, make: Make, browse: Browse, declined: Application, reading: Reads) -> None:
        with reading() as read:
            amina = read.session.get_one(Person, declined.person_id)
        page = browse.sign_in(amina).get(f"{BASE}/application")
        page.click("See the decision and our feedback, or ask for a review")
        page.submit("Ask for a review", words="Look again")
        assert asked(reading) == ["Look again"]

    def test_twice_is_told_kindly_and_nothing_typed_is_lost(
        self, browse: Browse, declined: Application, reading: Reads
    ) -> None:
        first, second = browse, browse.another()
        for page in (first, second):
            page.get(f"/decisions/{panel.decision_token(declined)}")
        first.submit("Ask for a review", words="The first")
        second.submit("Ask for a review", words="The second")
        assert (second.status, second.errors) == (422, ["You have asked for a review of this decision already"])
        assert second.soup.select_one("textarea").text.strip() == "The second"  # type: ignore[union-attr]
        assert asked(reading) == ["The first"]

    def test_too_late_is_told_kindly_and_nothing_typed_is_lost(
        self, browse: Browse, declined: Application, reading: Reads, clock: FixedClock
    ) -> None:
        address = f"/decisions/{panel.decision_token(declined)}"
        page = browse.get(address)
        clock.move(timedelta(days=40))
        page.submit("Ask for a review", words="A long letter")
        assert (page.status, page.errors) == (422, ["The time to ask for a review is over"])
        assert "A long letter" in page.html
        page.get(address)
        assert (page.status, page.soup.select("main form")) == (200, [])
        assert "could be asked for until 30 March 2026" in page.text
        assert asked(reading) == []

    def test_needs_words(self, browse: Browse, declined: Application) -> None:
        page = browse.get(f"/decisions/{panel.decision_token(declined)}")
        page.submit("Ask for a review", words="  ")
        assert (page.status, page.errors) == (422, ["Say what we should look at again"])
        page.submit("Ask for a review", words="x" * 3001)
        assert page.status == 422

    def test_forged_links_lead_nowhere(self, browse: Browse, make: Make, declined: Application, femi: Person) -> None:
        other = panel.course(make, "Undecided", slug="undecided")
        undecided = panel.application(make, other, "Ben")
        panel.decide(make, femi, other, "d")
        for token in (
            secrecy.sign("offer", declined.public_id),
            secrecy.sign("decision", "nobody"),
            "nonsense",
            f"{panel.decision_token(declined)}x",
            panel.decision_token(undecided),
        ):
            assert browse.get(f"/decisions/{token}").status == 404
            assert browse.post(f"/decisions/{token}", {"words": "x"}).status == 404

    def test_whoever_was_offered_a_place_sees_no_form(self, make: Make, browse: Browse, course: Event) -> None:
        panel.offered(make, course, "o")
        page = browse.get(f"/decisions/{panel.decision_token(panel.application_of(make, course, 1))}")
        assert "You were offered a place" in page.text
        assert page.soup.select("main form") == []


class TestAnswering:
    def test_a_changed_decision_offers_the_free_place(
        self, make: Make, browse: Browse, course: Event, declined: Application, femi: Person, mailbox: Mailbox
    ) -> None:
        panel.ask_review(make, declined)
        mailbox.deliver()
        page = browse.sign_in(femi).get(f"{BASE}/reconsiderations/1")
        assert "A place is free: with a changed decision it is offered to them at once" in page.text
        page.submit("Send the answer", changed="yes", words="You are right.")
        assert "and the offer of a place" in page.text
        assert sorted(mail.subject for mail in mailbox.deliver()) == [
            "A place for you: Change Makers",
            "The review of your application to Change Makers",
        ]
        assert len(panel.offers_of(make, course)) == 1

    def test_where_places_were_drawn_nobody_is_promised_that_they_are_moved_up(
        self, make: Make, browse: Browse
    ) -> None:
        drawn, chair = draws.course(make, slug="drawn")
        draws.drawn(make, chair, drawn)
        panel.release(make, chair, drawn)
        panel.ask_review(make, panel.application_of(make, drawn, 9))
        page = browse.sign_in(chair).get("/cohorts/drawn/reconsiderations/9")
        assert (
            "Places that become free are given to reserves as the draw says, so you cannot move them up." in page.text
        )
        assert "The report of the draw says that the decision was changed after a review of it" in page.text
        page.submit("Send the answer", changed="yes", words="You are right.")
        assert "is on the reserve list. Free places are given to reserves as the draw says" in page.text
        assert "ove them up" not in page.text

    def test_where_they_were_not_the_chair_moves_reserves_up(
        self, make: Make, browse: Browse, course: Event, femi: Person
    ) -> None:
        panel.applications(make, course, 3)
        panel.decide(make, femi, course, "ord")
        panel.release(make, femi, course)
        panel.ask_review(make, panel.application_of(make, course, 3))
        page = browse.sign_in(femi).get(f"{BASE}/reconsiderations/3")
        assert "you can move them up when a place becomes free" in page.text
        assert "The report of the draw" not in page.text
        page.submit("Send the answer", changed="yes", words="You are right.")
        assert "Move them up when a place is free." in page.text

    def test_two_who_answer_at_once_send_one_answer(
        self, make: Make, browse: Browse, declined: Application, femi: Person, reading: Reads
    ) -> None:
        panel.ask_review(make, declined)
        first, second = browse.sign_in(femi), browse.another().sign_in(make.admin())
        for page in (first, second):
            page.get(f"{BASE}/reconsiderations/1")
        first.submit("Send the answer", changed="no", words="The first")
        second.submit("Send the answer", changed="yes", words="The second")
        assert (second.status, "The second" in second.html) == (422, True)
        assert "Somebody else answered this request" in second.errors[0]
        with reading() as read:
            assert read.session.get_one(Reconsideration, declined.id).answer == "The first"

    def test_needs_an_outcome_and_words(self, make: Make, browse: Browse, declined: Application, femi: Person) -> None:
        panel.ask_review(make, declined)
        page = browse.sign_in(femi).get(f"{BASE}/reconsiderations/1")
        page.submit("Send the answer")
        assert (page.status, page.errors) == (422, ["Choose what came of it", "Enter what you answer"])

    def test_is_for_a_chair_without_a_conflict(
        self, make: Make, browse: Browse, declined: Application, council: Organisation
    ) -> None:
        panel.ask_review(make, declined)
        colleague = panel.chair(make, "A colleague", organisation=council)
        page = browse.sign_in(colleague).get(f"{BASE}/reconsiderations")
        assert "Nobody has asked for a review." in page.text
        assert browse.get(f"{BASE}/reconsiderations/1").status == 404
        browse.sign_in(panel.reviewer(make))
        for path in ("/reconsiderations", "/reconsiderations/1"):
            assert browse.get(BASE + path).status in {403, 404}

    def test_the_list_takes_the_same_statements_however_many(self, make: Make, browse: Browse, femi: Person) -> None:
        browse.sign_in(femi)
        counts = []
        for number in (1, 3):
            course = panel.course(make, slug=f"of-{number}")
            made = panel.applications(make, course, number)
            panel.decide(make, femi, course, "d" * number)
            panel.release(make, femi, course)
            for application in made:
                panel.ask_review(make, application)
            browse.get(f"/cohorts/{course.slug}/reconsiderations")
            with count_queries() as statements:
                page = browse.get(f"/cohorts/{course.slug}/reconsiderations")
            assert len(page.soup.select("tbody tr")) == number
            counts.append(len(statements))
        assert counts[0] == counts[1]
