"""The pages of the letters: looked over one by one, released at one time, and what came of them."""

import pytest
from sqlalchemy import select

from cop.models.accounts import Person
from cop.models.cohorts import Cohort, Decision
from cop.models.events import Event
from tests.support import panel
from tests.support.browse import Browse
from tests.support.make import Make, Reads, Working
from tests.support.queries import count_queries

BASE = "/cohorts/change-makers/selection"


@pytest.fixture
def course(make: Make) -> Event:
    return panel.course(make, places=2)


@pytest.fixture
def femi(make: Make) -> Person:
    return panel.chair(make)


def feedback(reading: Reads) -> list[str]:
    with reading() as read:
        return [one.feedback for one in read.session.scalars(select(Decision).order_by(Decision.application_id))]


class TestOneByOne:
    def test_from_the_release_through_each_letter_and_back(
        self, make: Make, browse: Browse, course: Event, femi: Person, reading: Reads
    ) -> None:
        panel.applications(make, course, 3)
        panel.review_with(make, panel.reviewer(make), course, 2, {"c1": 5, "c2": 1})
        panel.decide(make, femi, course, "odr")
        page = browse.sign_in(femi).get(f"{BASE}/release")
        assert "2 letters go without feedback, because nobody has looked at them" in page.text
        page.click("Go through the letters one by one")
        assert page.heading.startswith("Letter to Applicant 2")
        assert "This is a proposal" in page.text
        proposal = page.soup.select_one("textarea").text  # type: ignore[union-attr]
        assert "What came out strongest in your application is “A real challenge”." in proposal
        assert "“Working together”" in proposal
        assert "It says so" not in proposal, "no reviewer is quoted"
        assert "A real challenge" not in page.soup.select_one("pre").text, "a proposal is no letter"  # type: ignore[union-attr]
        page.submit("Save and next", words="What came out strongest is the challenge.")
        assert page.heading.startswith("Letter to Applicant 3")
        assert "The feedback to application 2 is saved" in page.text
        page.submit("Save and next", words="")
        assert page.path == f"{BASE}/release"
        assert "go without feedback" not in page.text
        assert feedback(reading) == ["", "What came out strongest is the challenge.", ""]
        assert [cell.text.strip() for cell in page.soup.select("tbody tr td:last-child")] == [
            "Not needed",
            "Written",
            "Left out",
        ]

    def test_a_saved_letter_is_shown_as_it_will_be_read(
        self, make: Make, browse: Browse, course: Event, femi: Person
    ) -> None:
        panel.applications(make, course, 3)
        panel.decide(make, femi, course, "odr")
        panel.write_paragraphs(make, femi, course, offer="Welcome!", reserve="Wait a little.", decline="Thanks.")
        browse.sign_in(femi)
        for number, words in ((1, "Welcome!"), (2, "Thanks."), (3, "Wait a little.")):
            page = browse.get(f"{BASE}/{number}/letter")
            page.submit("Save", words=f"Words to {number}")
            assert page.path == f"{BASE}/{number}/letter"
            text = page.soup.select_one("pre").text  # type: ignore[union-attr]
            framed = page.get(f"{BASE}/{number}/letter/html").html
            for said in (words, f"Words to {number}"):
                assert said in text
                assert said in framed
        assert "Answer by: Monday 9 March 2026, 11:59pm" in browse.get(f"{BASE}/1/letter").text

    def test_two_who_write_at_once_lose_nothing(
        self, make: Make, browse: Browse, course: Event, femi: Person, reading: Reads
    ) -> None:
        panel.applications(make, course, 1)
        panel.decide(make, femi, course, "d")
        first, second = browse.sign_in(femi), browse.another().sign_in(make.admin())
        for page in (first, second):
            page.get(f"{BASE}/1/letter")
        first.submit("Save", words="The first")
        second.submit("Save", words="The second")
        assert (second.status, second.soup.select_one("textarea").text.strip()) == (422, "The second")  # type: ignore[union-attr]
        assert "The first" in second.soup.select_one("details").text  # type: ignore[union-attr]
        assert feedback(reading) == ["The first"]
        second.submit("Save")
        assert feedback(reading) == ["The second"]

    def test_too_late_or_too_long_is_refused_and_stays(
        self, make: Make, browse: Browse, course: Event, femi: Person, reading: Reads
    ) -> None:
        panel.applications(make, course, 1)
        panel.decide(make, femi, course, "d")
        page = browse.sign_in(femi).get(f"{BASE}/1/letter")
        page.submit("Save", words="Long " * 700)
        assert (page.status, page.errors) == (422, ["Use 3000 characters or fewer"])
        panel.release(make, femi, course)
        page.submit("Save", words="Too late")
        assert (page.status, "Too late" in page.html, feedback(reading)) == (422, True, [""])
        page.get(f"{BASE}/1/letter")
        assert page.soup.select("main textarea") == []
        assert "The letter as it went out" in page.text

    def test_without_a_decision_there_is_no_letter(
        self, make: Make, browse: Browse, course: Event, femi: Person
    ) -> None:
        panel.applications(make, course, 1)
        page = browse.sign_in(femi).get(f"{BASE}/1/letter")
        assert "there is no letter yet" in page.text
        assert page.get(f"{BASE}/1/letter/html").status == 404
        assert page.get(f"{BASE}/9/letter").status == 404

    def test_words_to_somebody_whose_choice_was_taken_back_meanwhile_stay(
        self, make: Make, browse: Browse, course: Event, femi: Person, reading: Reads
    ) -> None:
        panel.applications(make, course, 1)
        panel.decide(make, femi, course, "d")
        page = browse.sign_in(femi).get(f"{BASE}/1/letter")
        panel.decide(make, femi, course, "-")
        page.submit("Save", words="An hour of work")
        assert (page.status, page.errors) == (422, ["Decide on application 1 first"])
        assert page.soup.select_one("textarea").text.strip() == "An hour of work"  # type: ignore[union-attr]
        page.submit("Save", words="Longer " * 600)
        assert (page.status, page.html.count("Longer")) == (422, 600)
        panel.decide(make, femi, course, "d")
        page.submit("Save", words="An hour of work")
        assert (page.status, feedback(reading)) == (422, [""]), "it was decided anew: look at it first"
        page.submit("Save")
        assert feedback(reading) == ["An hour of work"]

    def test_nothing_is_shown_of_a_colleague(self, make: Make, browse: Browse, course: Event, femi: Person) -> None:
        council = make.organisation()
        panel.application(make, course, "Secret Applicant", organisation=council)
        panel.decide(make, femi, course, "d")
        browse.sign_in(panel.chair(make, "A colleague", organisation=council))
        page = browse.get(f"{BASE}/release")
        assert "1 letter that you may not see" in page.text
        assert "Secret" not in page.html
        for path in ("1/letter", "1/letter/html"):
            assert browse.get(f"{BASE}/{path}").status == 404
        assert browse.post(f"{BASE}/1/letter", {"words": "x", "act": "save"}).status == 404


class TestWordsForAll:
    def test_are_written_and_shown_again(
        self, make: Make, browse: Browse, course: Event, femi: Person, reading: Reads
    ) -> None:
        panel.applications(make, course, 1)
        page = browse.sign_in(femi).get(f"{BASE}/release").click("Add words to all letters")
        page.submit("Save", offer="Welcome", decline="Thank you")
        assert page.path == f"{BASE}/release"
        page.click("Change the words for all letters")
        assert page.soup.select_one("#decline").text.strip() == "Thank you"  # type: ignore[union-attr]
        with reading() as read:
            assert read.session.get_one(Cohort, course.id).letters == {"offer": "Welcome", "decline": "Thank you"}

    def test_of_a_stale_page_are_refused_and_stay(
        self, make: Make, browse: Browse, course: Event, femi: Person
    ) -> None:
        page = browse.sign_in(femi).get(f"{BASE}/letters")
        panel.write_paragraphs(make, femi, course, offer="The first")
        page.submit("Save", offer="The second")
        assert page.status == 422
        assert page.soup.select_one("#offer").text.strip() == "The second"  # type: ignore[union-attr]
        assert "The first" in page.soup.select_one("details").text  # type: ignore[union-attr]

    def test_stay_as_they_are_after_the_release(self, make: Make, browse: Browse, course: Event, femi: Person) -> None:
        panel.write_paragraphs(make, femi, course, decline="Thank you")
        panel.offered(make, course, "d")
        page = browse.sign_in(femi).get(f"{BASE}/letters")
        assert page.soup.select("main form") == []
        assert "Thank you" in page.text


class TestTheRelease:
    def test_waits_for_words_that_nobody_looked_at_again(
        self, make: Make, browse: Browse, course: Event, femi: Person
    ) -> None:
        panel.applications(make, course, 1)
        panel.decide(make, femi, course, "d")
        panel.write_feedback(make, femi, course, 1, "Apply again.")
        panel.decide(make, femi, course, "r")
        page = browse.sign_in(femi).get(f"{BASE}/release")
        assert "Feedback in 1 letter was written before the choice changed" in page.text
        assert page.soup.select("main form") == []
        assert page.post(f"{BASE}/release", {"revision": str(panel.revision(make, course))}).status == 422
        page.get(f"{BASE}/release").click("Go through the letters one by one").submit("Save and next")
        page.submit("Release and tell everybody")
        assert "What went out" in page.heading

    def test_says_where_offers_exceed_the_places(
        self, make: Make, browse: Browse, course: Event, femi: Person, work: Working
    ) -> None:
        panel.applications(make, course, 2)
        panel.decide(make, femi, course, "oo")
        with work() as opened:
            opened.session.get_one(Event, course.id).capacity = 1
        page = browse.sign_in(femi).get(f"{BASE}/release")
        assert "2 people are to be offered a place, and only 1 can have one" in page.text
        assert page.soup.select("main form") == []

    def test_shows_what_came_of_it(self, make: Make, browse: Browse, course: Event, femi: Person) -> None:
        first, _second = panel.offered(make, course, "ord" + "o")
        panel.accept(make, first)
        panel.ask_review(make, panel.application_of(make, course, 3))
        page = browse.sign_in(femi).get(f"{BASE}/release")
        for words in (
            "1 of 2 offers accepted, 1 not answered yet",
            "1 person asked for a review of the decision 1 waits for an answer",
            "Reserve list, rank 1",
            "On its way",
        ):
            assert words in page.text
        assert page.click("Applicant 3").heading.startswith("Letter to Applicant 3")

    def test_is_not_there_for_others(self, make: Make, browse: Browse, course: Event) -> None:
        browse.sign_in(panel.reviewer(make))
        for path in ("release", "letters", "1/letter", "1/letter/html"):
            assert browse.get(f"{BASE}/{path}").status in {403, 404}

    @pytest.mark.parametrize("is_released", [False, True])
    def test_takes_the_same_statements_however_many(
        self,
        make: Make,
        browse: Browse,
        femi: Person,
        is_released: bool,  # noqa: FBT001
    ) -> None:
        browse.sign_in(femi)
        counts = []
        for number in (1, 3):
            course = panel.course(make, slug=f"of-{number}", places=5)
            panel.applications(make, course, number)
            panel.decide(make, femi, course, "ord"[:number])
            if is_released:
                panel.release(make, femi, course)
            browse.get(f"/cohorts/{course.slug}/selection/release")
            with count_queries() as statements:
                browse.get(f"/cohorts/{course.slug}/selection/release")
            counts.append(len(statements))
        assert counts[0] == counts[1]
