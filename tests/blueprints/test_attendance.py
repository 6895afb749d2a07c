"""The host's list on the day: one press for each person, and nothing that somebody else pressed is lost."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import func, select

from cop.core.access import Role
from cop.models.accounts import Person
from cop.models.events import Booking, Event, Mark, Seat
from tests.support.browse import Browse
from tests.support.clock import START, FixedClock
from tests.support.make import Make, Reads
from tests.support.queries import count_queries

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def visit(make: Make, clock: FixedClock) -> Event:
    """A visit today, in an hour and half."""
    return make.visit(slots=[START + HOUR, START + 3 * HOUR])


@pytest.fixture
def host(make: Make, visit: Event) -> Person:
    person = make.account("Hani Host")
    make.grant(person, Role.HOST, event=visit)
    return person


@pytest.fixture
def held(make: Make, visit: Event) -> Booking:
    return make.booking(make.account("Amina", needs="A quiet room"), visit, party_size=3, names=["Ben"])


@pytest.fixture
def seats(reading: Reads, held: Booking) -> list[int]:
    with reading() as read:
        return list(read.session.scalars(select(Seat.id).where(Seat.booking_id == held.id).order_by(Seat.position)))


@pytest.fixture
def sheet(browse: Browse, host: Person, visit: Event, held: Booking) -> Browse:
    """The host, looking at the list of a visit for which Amina has booked three seats."""
    return browse.sign_in(host).get(f"/events/{visit.slug}/attendance")


@pytest.fixture
def marks(reading: Reads) -> Callable[[], int]:
    """How many statements were ever made."""

    def count() -> int:
        with reading() as read:
            return read.session.scalar(select(func.count()).select_from(Mark)) or 0

    return count


def pressed(page: Browse) -> list[str]:
    """The buttons that show as pressed."""
    return [" ".join(button.get_text(" ").split()) for button in page.soup.select("button[aria-pressed=true]")]


def mark_of(visit: Event, seat: int, status: str, slot: int = 0, **more: str) -> dict[str, str]:
    return {"part": str(visit.parts[slot].id), "seat": str(seat), "seen": "0", "status": status, **more}


class TestTheList:
    def test_shows_everyone_named_or_not(self, sheet: Browse) -> None:
        assert sheet.heading == "Mark who came A morning at the Healthy Hub"
        assert [name.get_text() for name in sheet.soup.select(".cop-roster strong")] == [
            "Amina",
            "Ben",
            "Guest 2 of Amina",
        ]
        assert "0 of 3 marked" in sheet.text
        assert "A quiet room" not in sheet.html

    def test_names_the_person_in_every_button(self, sheet: Browse) -> None:
        buttons = [" ".join(item.get_text("").split()) for item in sheet.soup.select(".cop-roster button")]
        assert buttons[:4] == ["Came: Amina", "In part: Amina", "Did not come: Amina", "Excused: Amina"]
        assert len(buttons) == len(set(buttons)) == 12

    def test_opens_at_the_time_that_runs_or_comes_next(self, sheet: Browse, visit: Event, clock: FixedClock) -> None:
        path = f"/events/{visit.slug}/attendance"
        for instant, slot in ((START, 0), (START + 90 * HOUR / 60, 0), (START + 2 * HOUR, 1), (START + 9 * HOUR, 1)):
            clock.set(instant)
            (chosen,) = sheet.get(path).soup.select("option[selected]")
            assert chosen["value"] == str(visit.parts[slot].id)

    def test_shows_another_time_when_asked(self, sheet: Browse, visit: Event) -> None:
        sheet.submit("Show", slot=str(visit.parts[1].id))
        assert "Nobody is booked at this time" in sheet.text

    @pytest.mark.parametrize("slot", ["x", "0", "987654", "9" * 30, ""])
    def test_takes_a_senseless_time_lightly(self, sheet: Browse, visit: Event, slot: str) -> None:
        assert sheet.get(f"/events/{visit.slug}/attendance", slot=slot).status == 200

    def test_of_a_visit_without_times_says_so(self, browse: Browse, make: Make) -> None:
        page = browse.sign_in(make.admin()).get(f"/events/{make.visit(slots=[]).slug}/attendance")
        assert page.status == 200
        assert "Nobody is booked" in page.text

    def test_needs_the_same_statements_for_one_person_and_for_three(
        self, browse: Browse, make: Make, visit: Event, host: Person
    ) -> None:
        counts = []
        for number in range(3):
            make.booking(make.person(f"Guest {number}", organisation=make.organisation()), visit)
            browse.sign_in(host)
            with count_queries() as sent:
                browse.get(f"/events/{visit.slug}/attendance")
            counts.append(len(sent))
        assert set(counts) == {counts[0]}


class TestAPress:
    def test_marks_the_person_and_comes_back_to_them(self, sheet: Browse, visit: Event, seats: list[int]) -> None:
        sheet.submit("Came : Ben", follow=False)
        assert sheet.status == 302
        assert sheet.location.endswith(f"/attendance?slot={visit.parts[0].id}#seat-{seats[1]}")
        sheet.get(f"/events/{visit.slug}/attendance")
        assert pressed(sheet) == ["Came : Ben"]
        assert "1 of 3 marked" in sheet.text
        assert "Attended · marked on 2 March 2026 at 9am by Hani Host" in sheet.text

    def test_corrects_and_another_takes_back(self, sheet: Browse, marks: Callable[[], int]) -> None:
        sheet.submit("Did not come : Amina")
        sheet.submit("In part : Amina")
        assert pressed(sheet) == ["In part : Amina"]
        sheet.submit("Undo : Amina")
        assert pressed(sheet) == []
        assert "0 of 3 marked" in sheet.text
        assert marks() == 2

    def test_by_two_hosts_at_once_lets_the_first_stand(
        self, sheet: Browse, browse: Browse, make: Make, visit: Event
    ) -> None:
        other = browse.another().sign_in(make.admin()).get(f"/events/{visit.slug}/attendance")
        other.submit("Did not come : Amina")
        sheet.submit("Came : Amina")
        assert sheet.status == 422
        assert "Somebody else marked this person" in sheet.errors[0]
        assert pressed(sheet) == ["Did not come : Amina"]
        sheet.submit("Came : Amina")
        assert pressed(sheet) == ["Came : Amina"]

    def test_before_the_day_is_refused(
        self, browse: Browse, make: Make, host: Person, marks: Callable[[], int]
    ) -> None:
        visit = make.visit(slots=[START + DAY])
        make.grant(host, Role.HOST, event=visit)
        make.booking(make.person("Amina"), visit)
        page = browse.sign_in(host).get(f"/events/{visit.slug}/attendance").submit("Came : Amina")
        assert page.status == 422
        assert page.errors == ["Attendance can be marked from the day itself"]
        page.submit("Everyone without a mark came")
        assert page.status == 422
        assert page.errors == ["Attendance can be marked from the day itself"]
        assert marks() == 0

    def test_for_everyone_else_leaves_the_marks_that_were_made(self, sheet: Browse) -> None:
        sheet.submit("Did not come : Ben")
        sheet.submit("Everyone without a mark came")
        assert "2 people are marked as there" in sheet.text
        assert pressed(sheet) == ["Came : Amina", "Did not come : Ben", "Came : Guest 2 of Amina"]
        assert not sheet.soup.find(string="Everyone without a mark came")


class TestAForgedPress:
    def test_without_its_token_is_403(
        self, sheet: Browse, visit: Event, seats: list[int], marks: Callable[[], int]
    ) -> None:
        path = f"/events/{visit.slug}/attendance"
        assert sheet.post(path, mark_of(visit, seats[0], "attended"), csrf=False).status == 403
        assert sheet.post(f"{path}/all", {"part": str(visit.parts[0].id)}, csrf=False).status == 403
        assert marks() == 0

    @pytest.mark.parametrize(
        "broken",
        [
            {"part": ""},
            {"seat": ""},
            {"part": "x"},
            {"seat": "1\0"},
            {"seen": "x"},
            {"part": "-1"},
            {"part": "9" * 40},
            {"seat": "9" * 40},
            {"status": "invented"},
            {"status": "attended\0"},
            {"status": "ATTENDED"},
        ],
    )
    def test_that_says_nothing_sensible_is_refused_and_changes_nothing(
        self,
        sheet: Browse,
        visit: Event,
        seats: list[int],
        marks: Callable[[], int],
        broken: dict[str, str],
    ) -> None:
        sheet.submit("Came : Amina")
        given = mark_of(visit, seats[0], "absent") | broken
        assert sheet.post(f"/events/{visit.slug}/attendance", given).status in {404, 422}
        sheet.get(f"/events/{visit.slug}/attendance")
        assert pressed(sheet) == ["Came : Amina"]
        assert marks() == 1

    @pytest.mark.parametrize("part", ["", "x", "9" * 40, None])
    def test_for_everyone_of_no_time_is_refused(
        self, sheet: Browse, visit: Event, marks: Callable[[], int], part: str | None
    ) -> None:
        given = {} if part is None else {"part": part}
        assert sheet.post(f"/events/{visit.slug}/attendance/all", given).status in {404, 422}
        assert marks() == 0

    def test_for_a_seat_or_a_time_elsewhere_is_not_found(
        self, sheet: Browse, make: Make, visit: Event, seats: list[int], marks: Callable[[], int]
    ) -> None:
        other, path = make.visit(slots=[START + HOUR]), f"/events/{visit.slug}/attendance"
        for given in (
            mark_of(other, seats[0], "attended"),
            mark_of(visit, 987_654, "attended"),
            mark_of(visit, seats[0], "attended", slot=1),
        ):
            assert sheet.post(path, given).status == 404
        assert sheet.post(f"{path}/all", {"part": str(other.parts[0].id)}).status == 404
        assert marks() == 0

    def test_under_the_address_of_another_visit_is_not_found_even_by_the_host_of_both(
        self, sheet: Browse, make: Make, host: Person, visit: Event, seats: list[int], marks: Callable[[], int]
    ) -> None:
        other = make.visit()
        make.grant(host, Role.HOST, event=other)
        path = f"/events/{other.slug}/attendance"
        assert sheet.post(path, mark_of(visit, seats[0], "attended")).status == 404
        assert sheet.post(f"{path}/all", {"part": str(visit.parts[0].id)}).status == 404
        assert marks() == 0

    @pytest.mark.parametrize("who", ["booker", "host of another visit", "evaluator"])
    def test_by_somebody_else_is_not_found(
        self,
        browse: Browse,
        make: Make,
        visit: Event,
        seats: list[int],
        marks: Callable[[], int],
        who: str,
    ) -> None:
        person = make.account("Somebody")
        grants = {
            "host of another visit": partial(make.grant, person, Role.HOST, event=make.visit()),
            "evaluator": partial(make.grant, person, Role.EVALUATOR, programme=visit.programme),
        }
        if who in grants:
            grants[who]()
        path = f"/events/{visit.slug}/attendance"
        browse.sign_in(person)
        assert browse.post(path, mark_of(visit, seats[0], "attended")).status == 404
        assert browse.post(f"{path}/all", {"part": str(visit.parts[0].id)}).status == 404
        assert marks() == 0

    def test_signed_out_leads_to_sign_in(self, browse: Browse, visit: Event, seats: list[int]) -> None:
        path = f"/events/{visit.slug}/attendance"
        page = browse.post(path, mark_of(visit, seats[0], "attended"), follow=False)
        assert (page.status, page.location) == (302, f"/sign-in?next={path}")
