"""Self-ratings, pledges, the page of an organisation for its lead, and the figures of adoption."""

import re

import pytest
from sqlalchemy import select

from cop.core.access import Role
from cop.models.accounts import Person
from cop.models.events import Attendance, Event, Mark, MarkSource, Seat
from cop.models.organisations import Organisation
from cop.models.telling import Purpose
from cop.services import consents
from tests.support.adoption import PRINCIPLES, lead_of, pledge, principles, rate
from tests.support.browse import Browse
from tests.support.clock import FixedClock
from tests.support.make import Make, Working
from tests.support.queries import count_queries
from tests.support.stories import tell


@pytest.fixture
def council(make: Make) -> Organisation:
    return make.organisation("Brent Council", slug="brent")


@pytest.fixture
def lea(make: Make, work: Working, council: Organisation) -> Person:
    principles(make, work)
    return lead_of(make, council)


class TestRating:
    def test_goes_through_the_principles_and_is_completed(
        self, browse: Browse, lea: Person, clock: FixedClock, make: Make, work: Working, council: Organisation
    ) -> None:
        browse.sign_in(lea).get("/admin/").click("Your organisation")
        browse.click("How it rates itself on the principles").click("Begin the first rating")
        assert browse.submit("Save and go on").errors == ["Choose one of the five levels"]
        for _ in PRINCIPLES[:-1]:
            browse.submit("Save and go on", level="2", example="A book club.")
        browse.submit("Save and come back later", level="4", example="")
        assert "1 principle is still to do." in browse.text
        browse.get("/organisations/brent/rating/baseline/complete").submit("It is complete")
        assert browse.status == 422
        browse.get(f"/organisations/brent/rating/baseline/{PRINCIPLES[-1]}")
        browse.submit("Save and go on", example="We meet residents.").submit("It is complete")
        assert "Thank you. The rating is complete." in browse.text
        clock.set(clock.now().replace(month=7))
        browse.get("/organisations/brent/rating").click("Begin the second rating")
        assert "The first time you said: 2. First steps A book club." in browse.text

    def test_a_stale_page_shows_what_is_saved(self, browse: Browse, lea: Person) -> None:
        path = "/organisations/brent/rating/baseline/learning"
        other = browse.another().sign_in(lea)
        browse.sign_in(lea).get(path)
        other.get(path).submit("Save and go on", level="2", example="First.")
        assert browse.submit("Save and go on", level="3", example="Second.").status == 422
        assert "2. First steps First." in browse.text
        browse.submit("Save and come back later", level="3", example="Second.")
        assert "Second." in browse.text

    def test_opens_again(self, browse: Browse, make: Make, work: Working, lea: Person, council: Organisation) -> None:
        rate(work, make.actor(lea), council)
        browse.sign_in(lea).get("/organisations/brent/rating/baseline/learning")
        assert "This rating is complete." in browse.text
        browse.get("/organisations/brent/rating").click("Open it again").submit("Yes, open it again")
        assert "Everything is answered." in browse.text

    def test_is_nobody_elses(self, browse: Browse, make: Make, lea: Person, council: Organisation) -> None:
        pages = ("", "/baseline/learning", "/baseline/complete", "/baseline/reopen")
        for page in pages:
            assert browse.get(f"/organisations/brent/rating{page}", follow=False).status == 302
        other = lead_of(make, make.organisation(), "Other Lead")
        for person in (other, make.account("Colleague", organisation=council)):
            browse.sign_in(person)
            for page in pages:
                assert browse.get(f"/organisations/brent/rating{page}").status == 404
        browse.sign_in(lea)
        for page in ("/sometime/learning", "/baseline/housing", "/follow-up/complete", "/baseline/reopen"):
            assert browse.get(f"/organisations/brent/rating{page}").status == 404
        assert browse.get("/ratings/").status == 200
        assert browse.sign_in(make.account("Sam")).get("/ratings/").status == 404

    def test_without_principles_says_what_to_do(self, browse: Browse, make: Make, council: Organisation) -> None:
        make.programme()
        browse.sign_in(make.admin()).get("/organisations/brent/rating").click("Add the ready-made words")
        assert browse.heading == "Words to sort by"


class TestPledges:
    def test_one_is_made_changed_said_to_stand_and_kept(self, browse: Browse, make: Make, lea: Person) -> None:
        browse.sign_in(lea).get("/pledges/")
        assert "You have made no pledge yet." in browse.text
        browse.click("Make a pledge").submit("Make the pledge", owner="organisation brent", what="Open the hall.")
        assert browse.heading.endswith("Pledge of Brent Council")
        browse.click("Change it").submit("Save", what="Open the hall on Sundays.")
        assert "Open the hall on Sundays." in browse.text
        assert browse.click("Say how it stands").submit("Write it down", state="stuck").status == 422
        browse.submit("Write it down", state="done")
        assert "Done" in browse.text
        assert "Remove it" not in browse.text
        assert "Open the hall on Sundays." in browse.get("/organisations/brent").text

    def test_what_was_written_by_mistake_is_removed(self, browse: Browse, make: Make, lea: Person) -> None:
        browse.sign_in(lea).get("/pledges/new")
        assert browse.submit("Make the pledge").errors == ["Choose who makes the pledge", "Say what you promise"]
        browse.submit("Make the pledge", owner="me", what="By mistake.").click("Remove it").submit("Yes, remove it")
        assert "You have made no pledge yet." in browse.text

    def test_is_nobody_elses(self, browse: Browse, make: Make, work: Working, lea: Person) -> None:
        path = f"/pledges/{pledge(work, make.actor(lea)).public_id}"
        browse.sign_in(make.account("Sam"))
        for page in ("", "/edit", "/check", "/remove"):
            assert browse.get(path + page).status == 404
        assert browse.get("/pledges/t/nothing").status == 404


def come(make: Make, work: Working, person: Person, visit: Event, status: Attendance = Attendance.ATTENDED) -> None:
    """Somebody books a place at a visit, and is marked."""
    made = make.booking(person, visit)
    with work() as opened:
        seat = opened.session.scalars(select(Seat).where(Seat.booking_id == made.id)).one()
        opened.session.add(
            Mark(
                part_id=visit.parts[0].id,
                seat_id=seat.id,
                status=status,
                source=MarkSource.ROSTER,
                recorded_at=opened.now,
            )
        )


class TestOrganisation:
    @pytest.fixture
    def visit(self, make: Make, work: Working, council: Organisation, lea: Person) -> Event:
        """Four came, of whom one agreed to be named; one who agreed too was absent."""
        visit = make.visit()
        for name in ("Ann Archer", "Ben Baker", "Cem Cole", "Dee Drew"):
            come(make, work, make.account(name, organisation=council), visit)
        eve = make.account("Eve Absent", organisation=council)
        come(make, work, eve, visit, Attendance.ABSENT)
        noa = make.account("Noa Named", organisation=council)
        come(make, work, noa, make.visit("Another visit"))
        for person in (eve, noa):
            with work(make.actor(person)) as opened:
                consents.give(opened, purpose=Purpose.DIRECTORY)
        return visit

    def test_counts_for_the_lead_and_names_who_agreed(self, browse: Browse, visit: Event, lea: Person) -> None:
        browse.sign_in(lea).get("/organisations/brent")
        assert re.search(r"Visit 2 5\b", browse.text)
        assert "Noa Named" in browse.text
        assert not any(
            name in browse.text for name in ("Ann Archer", "Ben Baker", "Cem Cole", "Dee Drew", "Eve Absent")
        )

    def test_hides_few_from_the_lead_and_nothing_from_the_secretariat(
        self, browse: Browse, make: Make, work: Working, council: Organisation, lea: Person
    ) -> None:
        come(make, work, make.account("Ann", organisation=council), make.visit())
        browse.sign_in(lea).get("/organisations/brent")
        assert "Visit 1 fewer than 5" in browse.text
        browse.sign_in(make.admin()).get("/organisations/brent")
        assert "Visit 1 1" in browse.text

    def test_is_for_the_lead_and_the_secretariat_alone(
        self, browse: Browse, make: Make, council: Organisation, visit: Event
    ) -> None:
        femi = make.account("Femi")
        make.grant(femi, Role.FACILITATOR, programme=make.programme())
        readers = (make.account("Colleague", organisation=council), lead_of(make, make.organisation(), "Leo"), femi)
        assert "What it took part in" not in browse.get("/organisations/brent").text
        for person in readers:
            browse.sign_in(person).get("/organisations/brent")
            assert browse.status == 200
            assert "What it took part in" not in browse.text
            assert "Noa Named" not in browse.text

    def test_the_secretariat_makes_a_pledge_for_it(self, browse: Browse, make: Make, council: Organisation) -> None:
        make.programme()
        browse.sign_in(make.admin()).get("/organisations/brent").click("Make a pledge for the organisation")
        browse.submit("Make the pledge", what="Open the hall.")
        assert browse.heading.endswith("Pledge of Brent Council")


class TestFigures:
    def test_says_less_to_the_evaluator_than_to_the_secretariat(
        self, browse: Browse, make: Make, work: Working, council: Organisation, lea: Person
    ) -> None:
        rate(work, make.actor(lea), council, level=3)
        pledge(work, make.actor(lea), "organisation brent")
        tell(make, work, lea)
        eli = make.account("Eli")
        make.grant(eli, Role.EVALUATOR, programme=make.programme())
        browse.sign_in(eli).get("/evaluation/").click("Adoption: self-ratings, pledges and stories")
        assert "Complete first ratings: fewer than 5" in browse.text
        assert "Learning not shown not shown" in browse.text
        assert "3.0" not in browse.text
        browse.sign_in(make.admin()).get("/evaluation/adoption")
        assert "Complete first ratings: 1" in browse.text
        assert "Learning 3.0 not shown" in browse.text
        assert "Organisations 1 0 0 1" in browse.text
        assert "Everybody 1" in browse.text

    def test_shows_the_evaluator_means_of_five(self, browse: Browse, make: Make, work: Working, lea: Person) -> None:
        admin = make.actor(make.admin())
        for level in (1, 2, 3, 4, 4):
            rate(work, admin, make.organisation(), level=level)
        eli = make.account("Eli")
        make.grant(eli, Role.EVALUATOR, programme=make.programme())
        browse.sign_in(eli).get("/evaluation/adoption")
        assert "Learning 2.8 not shown" in browse.text
        assert "Complete first ratings: 5" in browse.text

    def test_is_for_the_evaluation(self, browse: Browse, make: Make, lea: Person) -> None:
        assert browse.sign_in(lea).get("/evaluation/adoption").status == 404
        eli = make.account("Eli")
        make.grant(eli, Role.EVALUATOR, programme=make.programme("another"))
        browse.sign_in(eli)
        assert browse.get("/evaluation/adoption?programme=health-inequalities").status == 404


class TestInviting:
    def test_says_how_many_and_invites_them(self, browse: Browse, make: Make, lea: Person) -> None:
        browse.sign_in(make.admin()).get("/admin/").click("Adoption")
        assert "Brent Council Yes Not begun Not begun" in browse.text
        browse.click("Invite leads to the second rating")
        assert "There is nobody to invite" in browse.text
        browse.get("/admin/adoption").click("Invite leads to the first rating").submit("Yes, invite them")
        assert "1 lead is invited." in browse.text
        assert browse.get("/admin/adoption/invite/sometime").status == 404

    def test_is_for_the_secretariat_of_the_programme(self, browse: Browse, make: Make, lea: Person) -> None:
        other = make.account("Else")
        make.grant(other, Role.ADMIN, programme=make.programme("another"))
        for person in (lea, other):
            for page in ("/admin/adoption", "/admin/adoption/invite/baseline"):
                assert browse.sign_in(person).get(page).status == 404


@pytest.mark.parametrize(
    "path",
    [
        "/evaluation/adoption",
        "/admin/adoption",
        "/organisations/brent",
        "/organisations/brent/rating",
        "/pledges/",
        "/stories/",
        "/stories/mine",
    ],
)
def test_pages_ask_a_fixed_number_of_statements(
    browse: Browse, make: Make, work: Working, lea: Person, council: Organisation, path: str
) -> None:
    admin = make.admin()

    def asked() -> int:
        browse.get(path)
        with count_queries() as said:
            assert browse.get(path).status == 200
        return len(said)

    browse.sign_in(admin)
    rate(work, make.actor(lea), council)
    for person in (admin, lea):
        pledge(work, make.actor(person))
        tell(make, work, person, "The first")
    few = asked()
    for number in range(3):
        other = make.organisation(f"Council {number}", slug=f"council-{number}")
        lead = lead_of(make, other, f"Lead {number}")
        rate(work, make.actor(lead), other)
        for person in (admin, lea, lead):
            pledge(work, make.actor(person))
            tell(make, work, person, f"Story {number}")
    assert asked() == few
