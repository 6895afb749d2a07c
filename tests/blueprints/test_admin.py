from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from cop.core.access import Role
from cop.models.outbox import Outbox, OutboxState
from cop.models.programmes import Programme
from tests.support.browse import Browse
from tests.support.clock import FixedClock
from tests.support.make import Make, Reads, Working
from tests.support.queries import count_queries

DOORS = {"Events", "Organisations", "People", "Programmes", "Messages", "Evaluation"}


def doors(browse: Browse) -> set[str]:
    return {link.get_text() for link in browse.soup.select(".cop-card h3 a")} & DOORS


class TestLanding:
    @pytest.mark.parametrize(
        ("role", "scope", "open_to"),
        [
            (Role.ADMIN, None, DOORS),
            (Role.ADMIN, "programme", {"Events", "Programmes", "Evaluation"}),
            (Role.FACILITATOR, "programme", {"Events"}),
            (Role.HOST, "event", {"Events"}),
            (Role.EVALUATOR, "programme", {"Evaluation"}),
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
        assert ("What is next" in browse.text) == ("Events" in open_to)
        for link in browse.soup.select(".cop-card h3 a"):
            assert browse.another().sign_in(person).get(str(link["href"])).status == 200

    def test_it_is_for_staff(self, browse: Browse, make: Make) -> None:
        assert browse.get("/admin/", follow=False).location == "/sign-in?next=/admin/"
        assert browse.sign_in(make.account()).get("/admin/").status == 404

    def test_what_is_next_with_places_taken(self, browse: Browse, make: Make) -> None:
        visit = make.visit("A morning at the hub", capacity=10)
        make.booking(make.person(), visit, 0, 3)
        browse.sign_in(make.admin()).get("/admin/")
        (row,) = [" ".join(row.get_text(" ").split()) for row in browse.soup.select("tbody tr")]
        assert row == "A morning at the hub Mon 9 Mar 3 of 20"
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

    def test_more_visits_take_no_more_statements(self, browse: Browse, make: Make, clock: FixedClock) -> None:
        browse.sign_in(make.admin())
        counted = []
        for visits in (1, 2):
            for _ in range(visits):
                make.booking(make.person(), make.visit())
                past = make.visit(slots=[clock.now() + timedelta(minutes=5)])
                make.booking(make.person(), past)
            clock.move(timedelta(hours=2))
            with count_queries() as statements:
                browse.get("/admin/")
            counted.append(len(statements))
        assert counted[0] == counted[1]


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
