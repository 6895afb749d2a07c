"""The door: hosts search for somebody and press once."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import select

from cop.core.access import Role
from cop.models.accounts import Person
from cop.models.events import Attendance, Booking, Event, Mark, MarkSource, Part
from cop.models.summits import Answer
from cop.services.events import booking
from tests.support.browse import Browse
from tests.support.clock import FixedClock
from tests.support.make import Make, Reads, Working
from tests.support.queries import count_queries
from tests.support.summits import answer, breakouts_of, invitation_of, invite, make_summit

DOOR = "/events/roundtable-summit/check-in"


@pytest.fixture
def summit(make: Make, work: Working) -> Event:
    return make_summit(make, work)


@pytest.fixture
def guests(make: Make, work: Working, reading: Reads, summit: Event) -> list[Person]:
    """Amina chose the first breakout."""
    brent = make.organisation("Brent Council")
    people = [make.person("Amina Yusuf", organisation=brent), make.person("Ben Okri"), make.person("Cara 100%_")]
    invite(work, summit, *people)
    for number, person in enumerate(people):
        chosen = breakouts_of(summit)[:1] if number == 0 else []
        answer(work, invitation_of(reading, summit, person), Answer.YES, *chosen)
    return people


@pytest.fixture
def host(make: Make, browse: Browse, summit: Event, clock: FixedClock) -> Person:
    """At the door, a quarter of an hour before it begins."""
    person = make.account("Hana Host")
    make.grant(person, Role.HOST, event=summit)
    browse.sign_in(person)
    clock.set(summit.parts[0].starts_at - timedelta(minutes=15))
    return person


def names(page: Browse) -> list[str]:
    return [strong.get_text() for strong in page.soup.select(".cop-roster strong")]


def marks(reading: Reads) -> Sequence[Mark]:
    with reading() as read:
        return read.session.scalars(select(Mark).order_by(Mark.id)).all()


def shown_part(page: Browse, summit: Event) -> str:
    [chosen] = page.soup.select("#part option[selected]")
    return next(part.title for part in summit.parts if str(part.id) == chosen["value"])


class TestTheList:
    def test_finds_by_any_piece_of_a_name_or_organisation(
        self, browse: Browse, guests: list[Person], host: Person
    ) -> None:
        assert names(browse.get(DOOR)) == ["Amina Yusuf", "Ben Okri", "Cara 100%_"]
        for words, found in {
            "ami": ["Amina Yusuf"],
            "yusuf AMI": ["Amina Yusuf"],
            "rent": ["Amina Yusuf"],
            "100%_": ["Cara 100%_"],
            "%": ["Cara 100%_"],
            "zzz": [],
        }.items():
            assert names(browse.get(DOOR).submit("Show", q=words)) == found, words
        assert "Nobody who is expected here fits “zzz”" in browse.text

    def test_is_of_the_part_of_the_agenda_that_runs_now_or_comes_next(
        self, browse: Browse, guests: list[Person], host: Person, clock: FixedClock, summit: Event
    ) -> None:
        assert shown_part(browse.get(DOOR), summit) == "Welcome"
        clock.set(breakouts_of(summit)[0].starts_at + timedelta(minutes=5))
        assert shown_part(browse.get(DOOR), summit) == "Closing"
        page = browse.get(DOOR).submit("Show", part=str(breakouts_of(summit)[0].id))
        assert names(page) == ["Amina Yusuf"]
        clock.move(timedelta(days=1))
        assert shown_part(browse.get(DOOR), summit) == "Closing"

    def test_holds_fifty_and_says_that_there_are_more(
        self, browse: Browse, make: Make, work: Working, reading: Reads, summit: Event, host: Person, clock: FixedClock
    ) -> None:
        clock.move(timedelta(days=-10))
        people = [make.person(f"Person {number:02}") for number in range(51)]
        invite(work, summit, *people)
        for person in people:
            answer(work, invitation_of(reading, summit, person), Answer.YES)
        page = browse.get(DOOR)
        assert len(names(page)) == 50
        assert "There are more. Type a name" in page.text
        assert "0 of 51 here" in page.text
        assert names(page.submit("Show", q="50")) == ["Person 50"]

    def test_asks_the_database_as_often_for_three_as_for_one(
        self, browse: Browse, make: Make, work: Working, reading: Reads, summit: Event, host: Person, clock: FixedClock
    ) -> None:
        clock.move(timedelta(days=-10))
        browse.get(DOOR)  # notes that this browser was seen
        counts = []
        for number in range(3):
            person = make.person(f"Person {number}")
            invite(work, summit, person)
            answer(work, invitation_of(reading, summit, person), Answer.YES)
            with count_queries() as statements:
                browse.get(DOOR)
            counts.append(len(statements))
        assert len(set(counts)) == 1

    def test_waits_for_the_day(self, browse: Browse, guests: list[Person], host: Person, clock: FixedClock) -> None:
        clock.move(timedelta(days=-1))
        page = browse.get(DOOR)
        assert "People can be checked in on Monday 20 April 2026" in page.text
        assert not page.soup.select("[data-press]")

    def test_says_when_nobody_and_nothing_is_expected(
        self, browse: Browse, make: Make, summit: Event, host: Person
    ) -> None:
        assert "Nobody is expected at this time" in browse.get(DOOR).text
        browse.sign_in(make.admin())
        assert "Nothing is planned yet" in browse.get(f"/events/{make.visit(slots=0).slug}/check-in").text


class TestPressing:
    def test_checks_in_and_takes_back(
        self, browse: Browse, guests: list[Person], host: Person, reading: Reads, summit: Event
    ) -> None:
        page = browse.get(DOOR, q="ami").submit("Check in : Amina Yusuf")
        assert names(page) == ["Amina Yusuf"]
        assert "1 of 3 here" in page.text
        assert "here since 9:45am, by Hana Host" in page.text
        [mark] = marks(reading)
        assert (mark.status, mark.source, mark.recorded_by) == (Attendance.ATTENDED, MarkSource.CHECK_IN, host.id)
        page.submit("Undo : Amina Yusuf")
        assert "0 of 3 here" in page.text
        assert [mark.superseded_at is None for mark in marks(reading)] == [False]

    def test_of_two_hosts_one_wins_and_the_other_is_told(
        self, browse: Browse, guests: list[Person], host: Person, reading: Reads
    ) -> None:
        other = browse.another().sign_in(host).get(DOOR)
        browse.get(DOOR).submit("Check in : Ben Okri")
        other.submit("Check in : Ben Okri")
        assert other.status == 422
        assert "Somebody else marked this person a moment ago" in other.errors[0]
        assert "1 of 3 here" in other.text
        assert len(marks(reading)) == 1

    def test_works_for_a_visit_with_guests_nobody_named(
        self, browse: Browse, make: Make, clock: FixedClock, reading: Reads
    ) -> None:
        visit = make.visit(slots=1)
        make.booking(make.person("Amina Yusuf"), visit, party_size=3, names=["Ben"])
        clock.set(visit.parts[0].starts_at)
        page = browse.sign_in(make.admin()).get(f"/events/{visit.slug}/check-in")
        assert sorted(names(page)) == ["Amina Yusuf", "Ben", "Guest of Amina Yusuf"]
        assert names(page.get(f"/events/{visit.slug}/check-in", q="amina")) == names(page)
        page.submit("Check in : Ben")
        assert "1 of 3 here" in page.text

    def test_a_forged_press_is_refused(
        self, browse: Browse, guests: list[Person], host: Person, make: Make, reading: Reads, summit: Event
    ) -> None:
        stranger: Part = make.visit().parts[0]
        browse.get(DOOR)
        for data, status in (
            ({}, 422),
            ({"part": "x", "seat": "1", "status": "attended"}, 422),
            ({"part": str(summit.parts[0].id), "seat": "999999", "status": "attended"}, 404),
            ({"part": str(stranger.id), "seat": "1", "status": "attended"}, 404),
            ({"part": str(summit.parts[0].id), "seat": "1", "status": "dancing"}, 422),
        ):
            assert browse.post(DOOR, data).status == status, data
        assert marks(reading) == []


def test_the_door_is_for_staff_of_this_event(browse: Browse, make: Make, guests: list[Person], summit: Event) -> None:
    assert browse.get(DOOR).heading == "Sign in or join"
    other = make.account()
    make.grant(other, Role.HOST, event=make.visit())
    for person in (guests[0], other):
        assert browse.sign_in(person).get(DOOR).status == 404
        assert browse.post(DOOR, {"part": str(summit.parts[0].id), "seat": "1"}).status == 404


class TestTheCodeOfABooking:
    """Everybody who reads it with a camera comes to the same address."""

    @pytest.fixture
    def visit(self, make: Make) -> Event:
        return make.visit(slots=2)

    @pytest.fixture
    def amina(self, make: Make) -> Person:
        return make.account("Amina Yusuf")

    @pytest.fixture
    def booked(self, make: Make, visit: Event, amina: Person) -> Booking:
        make.booking(make.person("Zora"), visit)
        return make.booking(amina, visit, party_size=2, names=["Ben"])

    @pytest.fixture
    def hana(self, make: Make, visit: Event, booked: Booking, clock: FixedClock) -> Person:
        person = make.account("Hana Host")
        make.grant(person, Role.HOST, event=visit)
        clock.set(visit.parts[0].starts_at)
        return person

    def test_is_on_the_booking_and_in_the_pack_until_it_is_over(
        self, browse: Browse, amina: Person, booked: Booking, clock: FixedClock, visit: Event
    ) -> None:
        browse.sign_in(amina)
        for path in ("", "/pack"):
            assert "Show this code to a host" in browse.get(f"/bookings/{booked.public_id}{path}").text
            assert browse.soup.select_one("svg.cop-qr path")
        clock.set(visit.parts[-1].ends_at)
        for path in ("", "/pack"):
            assert not browse.get(f"/bookings/{booked.public_id}{path}").soup.select("svg.cop-qr")

    def test_leads_a_host_to_this_party_alone(
        self, browse: Browse, hana: Person, booked: Booking, visit: Event, reading: Reads
    ) -> None:
        page = browse.sign_in(hana).get(f"/bookings/{booked.public_id}/door")
        assert page.path.startswith(f"/events/{visit.slug}/check-in")
        assert sorted(names(page)) == ["Amina Yusuf", "Ben"]
        assert "This is the booking of Amina Yusuf" in page.text
        page.submit("Check in : Ben")
        assert sorted(names(page)) == ["Amina Yusuf", "Ben"]
        assert "1 of 3 here" in page.text
        assert len(marks(reading)) == 1
        assert sorted(names(page.click("Show everybody"))) == ["Amina Yusuf", "Ben", "Zora"]

    def test_opens_the_time_that_is_booked(
        self, browse: Browse, make: Make, hana: Person, visit: Event, clock: FixedClock
    ) -> None:
        clock.move(timedelta(days=-5))
        later = make.booking(make.person("Lena Later"), visit, slot=1)
        clock.set(visit.parts[0].starts_at)
        page = browse.sign_in(hana).get(f"/bookings/{later.public_id}/door")
        assert shown_part(page, visit) == visit.parts[1].title
        assert names(page) == ["Lena Later"]
        page.get(f"/events/{visit.slug}/check-in", booking=later.public_id, part=visit.parts[0].id)
        assert "It is not for this time" in page.text
        assert names(page) == []

    def test_of_a_cancelled_booking_says_so(
        self, browse: Browse, hana: Person, booked: Booking, work: Working, clock: FixedClock
    ) -> None:
        with work() as opened:
            booking.cancel(opened, public_id=booked.public_id)
        page = browse.sign_in(hana).get(f"/bookings/{booked.public_id}/door")
        assert "It is cancelled" in page.text
        assert names(page) == []

    def test_tells_everybody_else_to_show_it(
        self, browse: Browse, make: Make, hana: Person, amina: Person, booked: Booking, visit: Event
    ) -> None:
        other = make.account("Otto Other")
        make.grant(other, Role.HOST, event=make.visit("Another visit"))
        assert browse.get("/bookings/nothing/door").status == 404
        assert browse.get(f"/bookings/{booked.public_id}/door").heading == "Show this at the door"
        for person in (other, amina):
            page = browse.sign_in(person).get(f"/bookings/{booked.public_id}/door")
            assert page.heading == "Show this at the door"
            assert "Amina" not in page.text
        assert browse.sign_in(other).get(f"/events/{visit.slug}/check-in", booking=booked.public_id).status == 404

    def test_of_another_event_opens_nothing(self, browse: Browse, make: Make, hana: Person, visit: Event) -> None:
        strange = make.booking(make.person("Sven"), make.visit("Another visit"))
        page = browse.sign_in(hana).get(f"/events/{visit.slug}/check-in", booking=strange.public_id)
        assert page.status == 404
