"""What the evaluation is given: numbers by event, and files of which each download is noted."""

import csv
import gc
import io
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import select, text

from cop.core.access import Role
from cop.models.accounts import Person
from cop.models.events import Attendance, Booking, Event, EventState, Seat
from cop.models.service import Observation
from cop.services.events import attendance, booking
from tests.support.browse import Browse
from tests.support.clock import FixedClock
from tests.support.make import Make, Reads, Working
from tests.support.queries import count_queries

SLUG = "health-inequalities"
TABLE, BOOK = "/evaluation/exports/attendance.csv", "/evaluation/exports/attendance-codebook.csv"

LEFT_OPEN = text(
    "SELECT query FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'"
)


@pytest.fixture(autouse=True)
def nothing_stays_open(reading: Reads) -> Iterator[None]:
    """A download whose transaction stayed open would keep its connection, and the next test waiting for ever."""
    yield
    with reading() as read:
        found = read.session.scalars(LEFT_OPEN).all()
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


def numbers(page: Browse) -> list[list[str]]:
    """The table: title, first day, booked, came, missed, cancelled."""
    return [
        [cell.get_text(strip=True) for cell in row.select("th, td")] for row in page.soup.select("main table tbody tr")
    ]


class TestThePage:
    @pytest.fixture
    def mark(self, make: Make, work: Working) -> Callable[..., None]:
        """``mark(held, event, 0, status)`` says whether that seat came."""
        admin = make.admin()

        def state(held: Booking, event: Event, position: int, status: Attendance) -> None:
            wanted = select(Seat.id).where(Seat.booking_id == held.id, Seat.position == position)
            with work(make.actor(admin)) as unit:
                seat = unit.session.scalars(wanted).one()
                attendance.mark(unit, part_id=event.parts[0].id, seat_id=seat, status=status)

        return state

    def test_counts_seats_from_booking_to_coming(
        self,
        browse: Browse,
        make: Make,
        work: Working,
        clock: FixedClock,
        evaluator: Person,
        mark: Callable[..., None],
    ) -> None:
        visit, ben = make.visit("A morning"), make.person("Ben")
        held, left = make.booking(make.person(), visit, party_size=4), make.booking(ben, visit, party_size=3)
        with work(make.actor(ben)) as unit:
            booking.cancel(unit, public_id=left.public_id)
        clock.set(visit.parts[0].starts_at)
        statuses = (Attendance.ATTENDED, Attendance.PARTIAL, Attendance.ABSENT)
        for position, status in enumerate(statuses):
            mark(held, visit, position, status)
        mark(held, visit, 2, Attendance.EXCUSED)
        page = browse.sign_in(evaluator).get("/evaluation/")
        assert numbers(page) == [["A morning", "9 March 2026", "4", "2", "1", "3"]]

    def test_shows_the_latest_event_first_and_no_draft(
        self, browse: Browse, make: Make, clock: FixedClock, evaluator: Person, work: Working
    ) -> None:
        for number, title in enumerate(["First", "Second", "Draft"]):
            visit = make.visit(title, slots=[clock.now().replace(day=10 + number)])
            make.booking(make.person(), visit)
            if title == "Draft":
                with work() as unit:
                    unit.session.get_one(Event, visit.id).state = EventState.DRAFT
        assert [row[0] for row in numbers(browse.sign_in(evaluator).get("/evaluation/"))] == ["Second", "First"]

    def test_says_in_words_what_the_chart_shows(self, browse: Browse, held: Booking, evaluator: Person) -> None:
        page = browse.sign_in(evaluator).get("/evaluation/")
        (chart,) = page.soup.select("main svg[role=img]")
        assert page.soup.select(f"#{chart['aria-labelledby']}")
        assert page.soup.select("main table caption")

    @pytest.mark.parametrize("role", [Role.EVALUATOR, Role.ADMIN])
    def test_offers_names_to_admins_alone(self, browse: Browse, make: Make, held: Booking, role: Role) -> None:
        person = make.account()
        make.grant(person, role, programme=make.programme())
        page = browse.sign_in(person).get("/evaluation/")
        assert ("with names" in page.text) == (role is Role.ADMIN)
        page.click("Attendance, pseudonymised")
        assert page.path == f"{TABLE}?programme={SLUG}&pseudonymised=1"

    def test_shows_each_evaluator_their_own_programmes(self, browse: Browse, make: Make, evaluator: Person) -> None:
        other = make.programme("another", name="Another programme")
        make.booking(make.person(), make.visit("Of the other", programme=other))
        page = browse.sign_in(evaluator).get("/evaluation/")
        assert "Another programme" not in page.text
        assert "Of the other" not in page.text

    def test_is_there_before_anything_has_happened(self, browse: Browse, make: Make, evaluator: Person) -> None:
        make.visit("Nobody has booked yet")
        page = browse.sign_in(evaluator).get("/evaluation/")
        assert page.status == 200
        assert page.click("Attendance, pseudonymised").status == 200

    def test_needs_the_same_statements_for_one_event_and_for_three(
        self, browse: Browse, make: Make, evaluator: Person
    ) -> None:
        counts = []
        for _ in range(3):
            make.booking(make.person(), make.visit())
            browse.sign_in(evaluator)
            with count_queries() as sent:
                browse.get("/evaluation/")
            counts.append(len(sent))
        assert set(counts) == {counts[0]}


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
