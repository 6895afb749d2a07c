"""Records of attendance and papers for the door, as people get them."""

import pytest

from cop.core.access import Role
from cop.models.accounts import Person
from cop.models.events import Event
from cop.queries.attendance_records import code_on_paper
from cop.services.attendance_records import issue
from tests.support import panel, pdf
from tests.support.browse import Browse
from tests.support.clock import FixedClock
from tests.support.make import Make, Working
from tests.support.queries import count_queries


@pytest.fixture
def course(make: Make) -> Event:
    return panel.course(make, needed=3)


@pytest.fixture
def alma(make: Make, course: Event, clock: FixedClock) -> Person:
    """Somebody with an account who came to three of four half-days."""
    person = make.account("Alma Alumna")
    panel.application(make, course, person=person)
    femi = panel.chair(make)
    panel.decide(make, femi, course, "o")
    panel.release(make, femi, course)
    panel.accept(make, panel.offers_of(make, course)[0])
    clock.set(course.parts[-1].ends_at)
    panel.mark(make, course, person.id, "aaxa")
    return person


@pytest.fixture
def code(work: Working, make: Make, course: Event, alma: Person) -> str:
    with work(make.actor(alma)) as unit:
        return issue(unit, event_id=course.id, person_id=alma.id).code


def test_leads_from_the_account_to_the_paper(browse: Browse, course: Event, alma: Person) -> None:
    page = browse.sign_in(alma).get("/account").click("Record of attendance")
    assert page.heading.startswith("Your record of attendance")
    assert page.get("/cohorts/change-makers/record.pdf").status == 404
    page.get("/cohorts/change-makers/record").submit("Make my record")
    assert "Download it (PDF)" in page.text
    assert "Make my record" not in page.text
    paper = browse.get("/cohorts/change-makers/record.pdf")
    assert paper.response.content_type == "application/pdf"
    assert paper.response.headers["Cache-Control"] == "private, no-store"
    words = pdf.words(paper.response.data)
    assert "Alma Alumna completed “Change Makers”" in words
    assert "Attended 3 of 4 half-days." in words
    assert paper.response.data == browse.get("/cohorts/change-makers/record.pdf").response.data


def test_the_paper_leads_to_a_page_that_says_the_same(browse: Browse, alma: Person, code: str) -> None:
    paper = browse.sign_in(alma).get("/cohorts/change-makers/record.pdf")
    words = pdf.words(paper.response.data)
    assert f"/verify/{code}" in words
    assert code_on_paper(code) in words
    stranger = browse.another().get(f"/verify/{code}")
    for said in ("This record is valid", "Alma Alumna", "Change Makers", "3 of 4 half-days"):
        assert said in stranger.text


def test_tells_whoever_asks_no_more_than_the_paper(browse: Browse, alma: Person, code: str) -> None:
    page = browse.get(f"/verify/{code}")
    assert alma.email
    assert alma.email not in page.html
    assert alma.public_id not in page.html
    assert page.response.headers["Cache-Control"] != "public"
    assert 'name="robots" content="noindex"' in page.html


def test_a_code_can_be_typed(browse: Browse, code: str) -> None:
    page = browse.get("/verify/")
    page.submit("Check", code=f" {code_on_paper(code).upper()} ")
    assert "This record is valid" in page.text


@pytest.mark.parametrize("typed", ["abcd-efgh-jkmn", "x", "nothing of ours " * 20])
def test_a_wrong_code_is_said_to_be_wrong(browse: Browse, code: str, typed: str) -> None:
    page = browse.get("/verify/").submit("Check", code=typed)
    assert page.status == 404
    assert "This code is not valid" in page.text
    assert "Alma" not in page.text


def test_nothing_typed_asks_again(browse: Browse) -> None:
    page = browse.get("/verify/").submit("Check", code=" - ")
    assert (page.status, page.path) == (200, "/verify/?code=+-+")
    assert "not valid" not in page.text


def test_is_for_those_who_completed_the_course(
    make: Make, browse: Browse, course: Event, alma: Person, clock: FixedClock
) -> None:
    stranger = make.account("Stranger")
    for path in ("/cohorts/change-makers/record", "/cohorts/change-makers/record.pdf"):
        assert browse.sign_in(stranger).get(path).status == 404
        assert browse.another().get(path, follow=False).location.startswith("/sign-in")
    panel.mark(make, course, alma.id, "x---")
    assert browse.sign_in(alma).get("/cohorts/change-makers/record").status == 404


class TestPapersForTheDoor:
    @pytest.fixture
    def visit(self, make: Make) -> Event:
        visit = make.visit(slots=2, party_max=3, capacity=20)
        organisation = make.organisation("Stevenage Borough Council", slug="stevenage-bc")
        make.booking(make.account("Amina Yusuf", organisation=organisation), visit, party_size=3, names=["Ben", ""])
        return visit

    @pytest.fixture
    def hana(self, make: Make, visit: Event) -> Person:
        person = make.account("Hana Host")
        make.grant(person, Role.HOST, event=visit)
        return person

    def test_badges_are_for_each_seat(self, browse: Browse, visit: Event, hana: Person) -> None:
        page = browse.sign_in(hana).get(f"/events/{visit.slug}/bookings")
        page.click("Badges (PDF)")
        words = pdf.words(page.response.data)
        for said in ("Amina Yusuf", "Stevenage Borough Council", "Ben", "Guest of Amina Yusuf"):
            assert said in words
        assert words.count("Guest of Amina Yusuf") == 2
        assert page.response.headers["Content-Disposition"] == f'attachment; filename="badges-{visit.slug}.pdf"'

    def test_a_sheet_is_for_each_time_with_lines_for_those_who_just_come(
        self, browse: Browse, visit: Event, hana: Person
    ) -> None:
        page = browse.sign_in(hana).get(f"/events/{visit.slug}/bookings")
        page.click("Sign-in sheets (PDF)")
        assert pdf.pages(page.response.data) == 2
        words = pdf.words(page.response.data)
        assert words.count("Signature") == 2
        assert "1 Amina Yusuf" in words
        one = browse.get(f"/events/{visit.slug}/sign-in.pdf", part=visit.parts[1].id)
        assert pdf.pages(one.response.data) == 1
        assert "Amina" not in pdf.words(one.response.data)

    def test_what_is_not_there_is_not_found(self, make: Make, browse: Browse, visit: Event, hana: Person) -> None:
        empty = make.visit("Empty", slug="empty")
        make.grant(hana, Role.HOST, event=empty)
        browse.sign_in(hana)
        assert browse.get("/events/empty/badges.pdf").status == 404
        assert browse.get("/events/empty/sign-in.pdf").status == 200
        for part in (empty.parts[0].id, "x", "9" * 30):
            assert browse.get(f"/events/{visit.slug}/sign-in.pdf", part=part).status == 404

    def test_are_for_those_who_run_it(self, make: Make, browse: Browse, visit: Event) -> None:
        other = make.account("Other host")
        make.grant(other, Role.HOST, event=make.visit("Another", slug="another"))
        for path in ("badges.pdf", "sign-in.pdf"):
            for who in (other, make.account("Stranger")):
                assert browse.sign_in(who).get(f"/events/{visit.slug}/{path}").status == 404
            assert browse.another().get(f"/events/{visit.slug}/{path}", follow=False).location.startswith("/sign-in")

    def test_take_the_same_statements_however_many_come(
        self, make: Make, browse: Browse, visit: Event, hana: Person
    ) -> None:
        browse.sign_in(hana)
        counts = []
        for _ in range(2):
            browse.get(f"/events/{visit.slug}/badges.pdf")
            with count_queries() as statements:
                browse.get(f"/events/{visit.slug}/badges.pdf")
                browse.get(f"/events/{visit.slug}/sign-in.pdf")
            counts.append(len(statements))
            for number in range(3):
                make.booking(make.account(f"More {number}"), visit)
        assert counts[0] == counts[1]
