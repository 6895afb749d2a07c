"""What the evaluation is given: numbers by event, and files of which each download is noted."""

import csv
import gc
import io
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from cop import exporting
from cop.core.access import Role
from cop.models.accounts import Person
from cop.models.cohorts import ApplicationState
from cop.models.events import Attendance, Booking, Event, EventKind, EventState
from cop.models.offers import OfferState
from cop.models.organisations import OrganisationKind
from cop.models.service import Observation
from cop.models.summits import Invitation
from cop.models.surveys import Wave
from cop.services.events import booking
from tests.support.browse import Browse
from tests.support.clock import FixedClock
from tests.support.evidence import Evidence
from tests.support.make import Make, Reads, Working
from tests.support.queries import count_queries

SLUG = "health-inequalities"
TABLE, BOOK = "/evaluation/exports/attendance.csv", "/evaluation/exports/attendance-codebook.csv"

PAGES = ["/evaluation/", *(f"/evaluation/{name}" for name in ("reach", "events", "learning", "actions", "community"))]

LEFT_OPEN = text(
    "SELECT query FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'"
)


@pytest.fixture(autouse=True)
def nothing_stays_open(reading: Reads) -> Iterator[None]:
    """A download whose transaction stayed open would keep its connection, and the next test waiting for ever."""
    yield
    with reading() as read:
        found = read.session.scalars(LEFT_OPEN).all()
    if found:
        gc.collect()
    assert found == []


@pytest.fixture
def evaluator(make: Make) -> Person:
    person = make.account("Eva Evaluator")
    make.grant(person, Role.EVALUATOR, programme=make.programme())
    return person


@pytest.fixture
def held(make: Make) -> Booking:
    amina = make.person("Amina Yusuf", "amina@brent.example", organisation=make.organisation("Brent"))
    return make.booking(amina, make.visit(), party_size=2, names=["Ben Okri"])


def rows(page: Browse) -> list[dict[str, str]]:
    assert page.status == 200
    return list(csv.DictReader(io.StringIO(page.response.get_data(as_text=True), newline="")))


def table(page: Browse, heading: str) -> list[list[str]]:
    """The rows of the table under the heading of this id."""
    found = page.soup.select(f"div[aria-labelledby={heading}] table tbody tr")
    return [[" ".join(cell.get_text(" ").split()) for cell in row.select("th, td")] for row in found]


def heads(row: list[str]) -> list[str]:
    """Of an event: seats booked, those who came, who missed it, and who is not marked."""
    return [row[4], *row[6:9]]


@pytest.fixture
def evidence(app: Flask, make: Make) -> Evidence:
    return Evidence(app, make)


@pytest.fixture
def admin(make: Make) -> Person:
    """An admin of the programme alone."""
    person = make.account("Ada Admin")
    make.grant(person, Role.ADMIN, programme=make.programme())
    return person


class TestTheFunnelOfEvents:
    def test_counts_seats_from_booking_to_coming(
        self, browse: Browse, make: Make, work: Working, admin: Person, evidence: Evidence
    ) -> None:
        visit, ben = make.visit("A morning"), make.person("Ben")
        held, left = make.booking(make.person(), visit, party_size=4), make.booking(ben, visit, party_size=3)
        with work(make.actor(ben)) as unit:
            booking.cancel(unit, public_id=left.public_id)
        for seat, status in enumerate((Attendance.ATTENDED, Attendance.PARTIAL, Attendance.EXCUSED)):
            evidence.mark(held, visit.parts[0], status, seat=seat)
        page = browse.sign_in(admin).get("/evaluation/events")
        assert table(page, "events") == [
            ["A morning", "9 March 2026", "0", "0", "4", "0", "2", "1", "1", "0", "3", "0", "0", "0"]
        ]

    def test_counts_invitations_and_answers(
        self, browse: Browse, make: Make, work: Working, admin: Person, evidence: Evidence
    ) -> None:
        summit, amina = evidence.event(EventKind.SUMMIT, "Summit"), make.person()
        invited = [evidence.invitation(person, summit) for person in (amina, make.person("Ben"), make.person("Cy"))]
        with work() as unit:
            unit.session.get_one(Invitation, invited[2].id).withdrawn_at = unit.now
        evidence.ask(amina, summit, {"confidence": 7})
        evidence.ask(amina, summit, wave=Wave.MONTHS_3)
        evidence.ask(make.person("Dee"), summit)
        page = browse.sign_in(admin).get("/evaluation/events")
        assert table(page, "events") == [
            ["Summit", "9 March 2026", "2", "0", "0", "0", "0", "0", "0", "0", "0", "2", "1", "0"]
        ]

    def test_counts_somebody_who_came_to_one_part_of_two_as_there(
        self, browse: Browse, make: Make, admin: Person, evidence: Evidence
    ) -> None:
        course = evidence.course()
        held = evidence.participant(make.person(), course)
        evidence.mark(held, course.parts[0], Attendance.ABSENT)
        evidence.mark(held, course.parts[1], Attendance.ATTENDED)
        assert heads(table(browse.sign_in(admin).get("/evaluation/events"), "events")[0]) == ["1", "1", "0", "0"]

    def test_shows_the_latest_event_first_and_no_draft(
        self, browse: Browse, make: Make, clock: FixedClock, admin: Person, work: Working
    ) -> None:
        for number, title in enumerate(["First", "Second", "Draft"]):
            visit = make.visit(title, slots=[clock.now().replace(day=10 + number)])
            make.booking(make.person(), visit)
            if title == "Draft":
                with work() as unit:
                    unit.session.get_one(Event, visit.id).state = EventState.DRAFT
        assert [row[0] for row in table(browse.sign_in(admin).get("/evaluation/events"), "events")] == [
            "Second",
            "First",
        ]

    def test_hides_small_numbers_from_evaluators_with_what_gives_them_away(
        self, browse: Browse, make: Make, evaluator: Person, evidence: Evidence
    ) -> None:
        visit = make.visit("A morning", capacity=None, party_max=30)
        held = make.booking(make.person(), visit, party_size=30)
        for seat in range(28):
            evidence.mark(held, visit.parts[0], Attendance.ABSENT if seat < 2 else Attendance.ATTENDED, seat=seat)
        (row,) = table(browse.sign_in(evaluator).get("/evaluation/events"), "events")
        assert heads(row) == ["30", "not shown", "not shown", "not shown"]


class TestReach:
    def test_is_told_by_kind_region_and_length_of_membership(
        self, browse: Browse, make: Make, admin: Person, evidence: Evidence
    ) -> None:
        old, new = date(2015, 1, 1), date(2025, 1, 1)
        brent = make.organisation("Brent", region="London", joined_on=old)
        leeds = make.organisation("Leeds", region="Yorkshire and The Humber", joined_on=new)
        make.organisation("Oldham", region="North West")
        trust = make.organisation("Trust", kind=OrganisationKind.HEALTH, membership=None, region="London")
        visit = make.visit(capacity=None)
        held = [make.booking(make.person(organisation=place), visit) for place in (brent, brent, leeds, trust)] + [
            make.booking(make.person(), visit, party_size=2, names=["Ben"])
        ]
        for each in (held[0], held[1], held[3], held[4]):
            evidence.mark(each, visit.parts[0])
        page = browse.sign_in(admin).get("/evaluation/reach")
        assert "Somebody came from 1 of 3 members of the network." in page.text
        everybody = ["All", "3", "2", "1", "5", "4"]
        assert table(page, "by-kind") == [
            ["Council", "3", "2", "1", "3", "2"],
            ["Health body", "0", "0", "0", "1", "1"],
            ["Not known", "0", "0", "0", "1", "1"],
            everybody,
        ]
        assert table(page, "by-region") == [
            ["London", "1", "1", "1", "3", "3"],
            ["North West", "1", "0", "0", "0", "0"],
            ["Yorkshire and The Humber", "1", "1", "0", "1", "0"],
            ["Not known", "0", "0", "0", "1", "1"],
            everybody,
        ]
        assert table(page, "by-newer") == [
            ["Newer members", "1", "1", "0", "1", "0"],
            ["Longer-standing members", "1", "1", "1", "2", "2"],
            ["Not known", "1", "0", "0", "2", "2"],
            everybody,
        ]

    def test_counts_somebody_once_and_no_cancelled_booking(
        self, browse: Browse, make: Make, work: Working, admin: Person
    ) -> None:
        brent = make.organisation(region="London")
        amina = make.person(organisation=brent)
        make.booking(amina, make.visit())
        left = make.booking(make.person("Ben", organisation=brent), make.visit())
        make.booking(amina, make.visit())
        with work() as unit:
            booking.cancel(unit, public_id=left.public_id)
        assert table(browse.sign_in(admin).get("/evaluation/reach"), "by-kind")[-1] == ["All", "1", "1", "0", "1", "0"]

    def test_stays_with_the_programme(self, browse: Browse, make: Make, admin: Person) -> None:
        make.booking(make.person(organisation=make.organisation()), make.visit(programme=make.programme("another")))
        assert table(browse.sign_in(admin).get("/evaluation/reach"), "by-kind")[-1] == ["All", "1", "0", "0", "0", "0"]

    def test_hides_from_evaluators_how_few_people_there_are(
        self, browse: Browse, make: Make, evaluator: Person
    ) -> None:
        brent, visit = make.organisation(region="London"), make.visit(capacity=None)
        health = make.organisation(region="London", kind=OrganisationKind.HEALTH)
        for place, people in ((brent, 8), (health, 3)):
            for _ in range(people):
                make.booking(make.person(organisation=place), visit)
        page = browse.sign_in(evaluator).get("/evaluation/reach")
        assert "it is not shown" in page.text
        assert [row[4] for row in table(page, "by-kind")] == ["not shown", "not shown", "11"]
        assert [row[4] for row in table(page, "by-region")] == ["11", "11"]

    def test_hides_which_pieces_are_small_where_another_table_tells_the_whole(
        self, browse: Browse, make: Make, evaluator: Person
    ) -> None:
        visit = make.visit(capacity=None)
        for kind in (OrganisationKind.COUNCIL, OrganisationKind.HEALTH):
            place = make.organisation(kind=kind, region="London")
            for _ in range(4):
                make.booking(make.person(organisation=place), visit)
        page = browse.sign_in(evaluator).get("/evaluation/reach")
        assert [row[4] for row in table(page, "by-kind")] == ["not shown", "not shown", "8"]
        assert [row[4] for row in table(page, "by-region")] == ["8", "8"]


class TestCourses:
    def test_are_counted_from_application_to_completion(
        self, browse: Browse, make: Make, admin: Person, evidence: Evidence, clock: FixedClock
    ) -> None:
        course = evidence.course("Change makers")
        evidence.alumnus(make.person(), course)
        held = evidence.participant(make.person(), course)
        evidence.mark(held, course.parts[0], Attendance.PARTIAL)
        evidence.offer(evidence.application(make.person(), course), OfferState.DECLINED)
        evidence.application(make.person(), course, ApplicationState.WITHDRAWN)
        evidence.application(make.person(), course, ApplicationState.DRAFT)
        clock.move(timedelta(days=30))
        page = browse.sign_in(admin).get("/evaluation/reach")
        assert table(page, "courses") == [["Change makers", "4", "0", "3", "2", "1"]]
        assert table(page, "half-days") == [
            ["Change makers: Part 1", "9 March 2026", "2", "1", "1", "0", "0"],
            ["Change makers: Part 2", "10 March 2026", "2", "1", "0", "0", "1"],
        ]

    def test_show_no_half_day_before_it_begins(
        self, browse: Browse, make: Make, admin: Person, evidence: Evidence, clock: FixedClock
    ) -> None:
        course = evidence.course()
        evidence.participant(make.person(), course)
        clock.set(course.parts[0].starts_at)
        assert len(table(browse.sign_in(admin).get("/evaluation/reach"), "half-days")) == 1

    def test_hide_small_numbers_from_evaluators(
        self, browse: Browse, make: Make, evaluator: Person, evidence: Evidence, clock: FixedClock
    ) -> None:
        course = evidence.course()
        for number in range(12):
            held = evidence.participant(make.person(), course)
            evidence.mark(held, course.parts[0], Attendance.ABSENT if number < 2 else Attendance.ATTENDED)
        clock.move(timedelta(days=30))
        page = browse.sign_in(evaluator).get("/evaluation/reach")
        assert table(page, "courses")[0][1:] == ["12", "0", "12", "12", "0"]
        assert table(page, "half-days")[0][2:] == ["12", "not shown", "not shown", "not shown", "not shown"]


class TestThePage:
    def test_says_in_words_what_each_chart_shows(
        self, browse: Browse, make: Make, held: Booking, admin: Person, evidence: Evidence, clock: FixedClock
    ) -> None:
        evidence.alumnus(make.person(), evidence.course())
        clock.move(timedelta(days=30))
        for path, least in (("reach", 6), ("events", 2)):
            page = browse.sign_in(admin).get(f"/evaluation/{path}")
            charts = page.soup.select("main [role=img]")
            assert len(charts) >= least
            for chart in charts:
                title = page.soup.select(f"#{chart['aria-labelledby']}")[0]
                assert title.get_text(strip=True).startswith("Chart: ")

    @pytest.mark.parametrize("role", [Role.EVALUATOR, Role.ADMIN])
    def test_offers_each_kind_and_names_to_admins_alone(
        self, browse: Browse, make: Make, held: Booking, role: Role
    ) -> None:
        person = make.account()
        make.grant(person, role, programme=make.programme())
        page = browse.sign_in(person).get("/evaluation/")
        assert ("with names" in page.text) == (role is Role.ADMIN)
        links = [str(link["href"]) for link in page.soup.select("main a[href*=exports]") if ".csv" in str(link["href"])]
        assert len(links) == len(exporting.KINDS) * (3 if role is Role.ADMIN else 2)
        for link in links:
            assert browse.another().sign_in(person).get(link).status == 200

    def test_shows_each_evaluator_their_own_programmes(self, browse: Browse, make: Make, evaluator: Person) -> None:
        other = make.programme("another", name="Another programme")
        make.booking(make.person(), make.visit("Of the other", programme=other))
        for path in PAGES:
            page = browse.sign_in(evaluator).get(path)
            assert "Another programme" not in page.text
            assert "Of the other" not in page.text
            assert browse.get(path, programme="another").status == 404
        for programme in ("another", "nothing", "%00", "🌻"):
            assert browse.get(f"/evaluation/?programme={programme}").status == 404

    def test_lets_somebody_choose_among_several(self, browse: Browse, make: Make, evaluator: Person) -> None:
        make.grant(evaluator, Role.EVALUATOR, programme=make.programme("another", name="Another programme"))
        make.programme()
        page = browse.sign_in(evaluator).get("/evaluation/")
        assert page.heading == "Tackling health inequalities Evaluation"
        assert page.submit(programme="another").heading == "Another programme Evaluation"

    def test_shows_an_evaluator_elsewhere_who_is_admin_here_all_numbers(
        self, browse: Browse, make: Make, admin: Person, held: Booking
    ) -> None:
        make.grant(admin, Role.EVALUATOR, programme=make.programme("another"))
        page = browse.sign_in(admin).get("/evaluation/", programme=SLUG)
        assert "fewer than 5" not in page.text
        assert "it is not shown" in page.get("/evaluation/", programme="another").text

    def test_is_there_before_anything_has_happened(self, browse: Browse, make: Make, evaluator: Person) -> None:
        make.visit("Nobody has booked yet")
        said = {
            "reach": ("No half-day of a course has begun", "There is no course here", "Nobody has been asked this"),
            "events": ("Nobody has been invited", "No event is over"),
            "learning": ("Nobody has answered both before and after", "No answer has a code yet"),
            "actions": ("Nobody has a place on a course", "at least 5 people have to answer"),
            "community": ("Nobody has written in the forum yet",),
        }
        browse.sign_in(evaluator)
        for path, sentences in said.items():
            page = browse.get(f"/evaluation/{path}")
            for sentence in sentences:
                assert sentence in page.text
        page = browse.get("/evaluation/")
        assert "No indicator answers this yet" in page.text
        assert page.click("Attendance, pseudonymised").status == 200

    def test_is_there_before_there_is_a_programme(self, browse: Browse, make: Make) -> None:
        assert "There is no programme yet" in browse.sign_in(make.admin()).get("/evaluation/").text

    def test_needs_the_same_statements_for_one_event_and_for_three(
        self, browse: Browse, make: Make, evaluator: Person, evidence: Evidence
    ) -> None:
        counts: dict[str, set[int]] = {path: set() for path in PAGES}
        for _ in range(3):
            make.booking(make.person(organisation=make.organisation()), make.visit())
            evidence.alumnus(make.person(), evidence.course())
            browse.sign_in(evaluator)
            for path in PAGES:
                with count_queries() as sent:
                    browse.get(path)
                counts[path].add(len(sent))
        assert {path: len(found) for path, found in counts.items()} == dict.fromkeys(PAGES, 1)


class TestADownload:
    def test_is_a_file_that_is_kept_nowhere(self, browse: Browse, evaluator: Person, held: Booking) -> None:
        for path, name in ((TABLE, "attendance.csv"), (BOOK, "attendance-codebook.csv")):
            headers = browse.sign_in(evaluator).get(path, programme=SLUG).response.headers
            assert headers["Content-Type"] == "text/csv; charset=utf-8"
            assert headers["Content-Disposition"] == f'attachment; filename="{name}"'
            assert headers["Cache-Control"] == "private, no-store"

    @pytest.mark.parametrize("query", [{}, {"pseudonymised": "0"}, {"pseudonymised": ""}, {"pseudonymised": "no"}])
    def test_by_an_evaluator_has_no_names_whatever_they_ask(
        self, browse: Browse, evaluator: Person, held: Booking, query: dict[str, str]
    ) -> None:
        page = browse.sign_in(evaluator).get(TABLE, programme=SLUG, **query)
        found = rows(page)
        assert len(found) == 2
        assert {row["name"] + row["email"] for row in found} == {""}
        for secret in ("Amina", "Ben Okri", "brent", "Brent"):
            assert secret not in page.html

    def test_by_an_admin_of_the_programme_has_names_unless_they_ask_otherwise(
        self, browse: Browse, make: Make, held: Booking
    ) -> None:
        admin = make.account()
        make.grant(admin, Role.ADMIN, programme=make.programme())
        browse.sign_in(admin)
        assert rows(browse.get(TABLE, programme=SLUG))[0]["name"] == "Amina Yusuf"
        assert rows(browse.get(TABLE, programme=SLUG, pseudonymised=1))[0]["name"] == ""

    def test_by_an_admin_elsewhere_who_evaluates_here_has_no_names(
        self, browse: Browse, make: Make, evaluator: Person, held: Booking
    ) -> None:
        make.grant(evaluator, Role.ADMIN, programme=make.programme("another"))
        assert rows(browse.sign_in(evaluator).get(TABLE, programme=SLUG))[0]["name"] == ""

    def test_is_noted_with_who_took_it_and_of_which_programme(
        self, browse: Browse, make: Make, evaluator: Person, held: Booking, reading: Reads
    ) -> None:
        browse.sign_in(evaluator).get(TABLE, programme=SLUG)
        with reading() as read:
            (note,) = read.session.scalars(select(Observation))
        assert (note.kind, note.person_id) == ("attendance exported", evaluator.id)
        assert (note.subject_kind, note.subject_id) == ("programme", make.programme().id)

    def test_that_was_turned_away_is_not_noted(
        self, browse: Browse, make: Make, evaluator: Person, reading: Reads
    ) -> None:
        make.programme("another")
        assert browse.sign_in(evaluator).get(TABLE, programme="another").status == 404
        with reading() as read:
            assert read.session.scalars(select(Observation)).all() == []

    def test_of_many_rows_comes_whole(self, browse: Browse, make: Make) -> None:
        visit = make.visit(capacity=None, party_max=100)
        for _ in range(25):
            make.booking(make.person(), visit, party_size=100, names=["x" * 50] * 99)
        assert len(rows(browse.sign_in(make.admin()).get(TABLE, programme=SLUG))) == 2_500


class TestWhoMayLook:
    @pytest.mark.parametrize("path", ["/evaluation/", TABLE, BOOK])
    def test_is_asked_to_sign_in(self, browse: Browse, path: str) -> None:
        page = browse.get(path, programme=SLUG, follow=False)
        assert page.status == 302
        assert page.location.startswith(f"/sign-in?next={path}")

    @pytest.mark.parametrize("path", ["/evaluation/", TABLE, BOOK])
    @pytest.mark.parametrize("role", [None, Role.FACILITATOR, Role.HOST, Role.REVIEWER, Role.LEAD])
    def test_is_nobody_else(self, browse: Browse, make: Make, path: str, role: Role | None) -> None:
        person, visit = make.account(), make.visit()
        scopes: dict[Role, dict[str, Any]] = {
            Role.HOST: {"event": visit},
            Role.LEAD: {"organisation": make.organisation()},
        }
        if role is not None:
            make.grant(person, role, **scopes.get(role, {"programme": visit.programme}))
        assert browse.sign_in(person).get(path, programme=SLUG).status == 404

    @pytest.mark.parametrize("programme", ["another", "nothing", "", "%00", "🌻", "' OR 1=1 --"])
    def test_finds_no_programme_that_is_not_theirs(
        self, browse: Browse, make: Make, evaluator: Person, programme: str
    ) -> None:
        make.programme("another")
        for path in (TABLE, BOOK):
            assert browse.sign_in(evaluator).get(f"{path}?programme={programme}").status == 404

    @pytest.mark.parametrize("path", [TABLE, BOOK])
    def test_has_to_name_a_programme(self, browse: Browse, evaluator: Person, path: str) -> None:
        assert browse.sign_in(evaluator).get(path).status == 404
