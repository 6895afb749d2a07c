"""Checking oneself in on the pages: the code of the host, the slide, and what whoever booked sees."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import select

from cop.core.access import Role
from cop.models.accounts import Person
from cop.models.doors import DoorCode
from cop.models.events import Attendance, Event, Mark, MarkSource
from tests.support.browse import Browse
from tests.support.clock import FixedClock
from tests.support.doors import open_code
from tests.support.make import Make, Reads, Working
from tests.support.queries import count_queries


@pytest.fixture
def visit(make: Make) -> Event:
    return make.visit(slots=2)


@pytest.fixture
def amina(make: Make, visit: Event) -> Person:
    person = make.account("Amina Yusuf", "amina@council.example")
    make.booking(person, visit, party_size=2, names=["Ben"])
    return person


@pytest.fixture
def host(make: Make, visit: Event, amina: Person, clock: FixedClock) -> Person:
    person = make.account("Hana Host")
    make.grant(person, Role.HOST, event=visit)
    clock.set(visit.parts[0].starts_at)
    return person


@pytest.fixture
def door(make: Make, work: Working, visit: Event, host: Person) -> DoorCode:
    return open_code(make, work, visit, host)


def marks(reading: Reads) -> Sequence[tuple[Attendance, MarkSource, int | None]]:
    with reading() as read:
        return [
            (mark.status, mark.source, mark.recorded_by)
            for mark in read.session.scalars(select(Mark).where(Mark.superseded_at.is_(None)))
        ]


class TestTheHost:
    def test_opens_a_code_shows_it_and_closes_it(
        self, browse: Browse, visit: Event, host: Person, reading: Reads, clock: FixedClock
    ) -> None:
        page = browse.sign_in(host).get(f"/events/{visit.slug}/check-in").click("Let people check themselves in")
        page.submit("Open a code", minutes="20")
        with reading() as read:
            door = read.session.scalars(select(DoorCode)).one()
        assert door.part_id == visit.parts[0].id
        assert page.heading.startswith("Check yourself in")
        assert f"{door.code[:3]} {door.code[3:]}".upper() in page.text
        assert "localhost/check-in/" in page.text
        assert "0 of 2 here" in page.text
        assert page.soup.select_one("svg.cop-qr path")
        clock.move(timedelta(minutes=1))
        page.submit("Close the code")
        assert page.heading.startswith("Let people check themselves in")
        assert "Open now" not in page.text
        page.get(f"/events/{visit.slug}/self-check-in/{door.code}")
        assert page.path == f"/events/{visit.slug}/self-check-in"

    def test_is_told_what_is_missing(self, browse: Browse, visit: Event, host: Person) -> None:
        path = f"/events/{visit.slug}/self-check-in"
        browse.sign_in(host).get(path).post(path, {"minutes": "7", "part": "999"})
        assert browse.status == 422
        assert browse.errors == ["Choose what people check in for", "Choose for how long the code is open"]

    def test_waits_for_the_day(self, browse: Browse, visit: Event, host: Person, clock: FixedClock) -> None:
        clock.move(timedelta(days=-1))
        page = browse.sign_in(host).get(f"/events/{visit.slug}/self-check-in")
        assert "A code can be opened on the day" in page.text
        assert not page.soup.select("main form")

    def test_asks_the_database_as_often_for_two_codes_as_for_one(
        self, browse: Browse, make: Make, work: Working, visit: Event, host: Person, clock: FixedClock
    ) -> None:
        clock.set(visit.parts[1].starts_at)
        browse.sign_in(host)
        counts = []
        for part in visit.parts:
            open_code(make, work, visit, host, part)
            with count_queries() as statements:
                browse.get(f"/events/{visit.slug}/self-check-in")
            counts.append(len(statements))
        assert len(set(counts)) == 1

    def test_of_another_event_sees_nothing(self, browse: Browse, make: Make, visit: Event, door: DoorCode) -> None:
        other = make.account()
        make.grant(other, Role.HOST, event=make.visit("Another visit"))
        for path in ("", f"/{door.code}"):
            assert browse.sign_in(other).get(f"/events/{visit.slug}/self-check-in{path}").status == 404
        assert browse.post(f"/events/{visit.slug}/self-check-in/{door.code}/close").status == 404


class TestWhoBooked:
    def test_is_here_with_one_press(
        self, browse: Browse, amina: Person, host: Person, visit: Event, door: DoorCode, reading: Reads
    ) -> None:
        page = browse.sign_in(amina).get("/check-in/").submit("Continue", code=f" {door.code[:3]} {door.code[3:]}")
        assert "You are signed in as Amina Yusuf" in page.text
        assert marks(reading) == []
        page.submit("I am here")
        assert page.heading == "You are here"
        assert marks(reading) == [(Attendance.ATTENDED, MarkSource.SELF_CHECK_IN, amina.id)]
        page = browse.sign_in(host).get(f"/events/{visit.slug}/check-in")
        assert "checked themselves in at" in page.text
        assert "1 of 2 here" in page.text

    def test_and_has_no_account_types_the_address(
        self, browse: Browse, amina: Person, door: DoorCode, reading: Reads
    ) -> None:
        page = browse.get(f"/check-in/{door.code}").submit("I am here", email="")
        assert page.errors == ["Enter the e-mail address that you booked with"]
        answers = []
        for email in ("nobody@council.example", "amina@council.example", "amina@council.example"):
            page.submit("I am here", email=email)
            answers.append(page.text)
        assert "If this address has a booking here, you are checked in" in answers[0]
        assert len(set(answers)) == 1
        assert len(marks(reading)) == 1

    def test_is_told_when_there_is_no_booking(self, browse: Browse, make: Make, door: DoorCode) -> None:
        page = browse.sign_in(make.account("Nobody")).get(f"/check-in/{door.code}").submit("I am here")
        assert page.status == 422
        assert page.errors == ["You have no booking for this. Speak to a host, who can write you down."]

    def test_is_told_when_the_code_is_closed(
        self, browse: Browse, amina: Person, door: DoorCode, clock: FixedClock, reading: Reads
    ) -> None:
        browse.get(f"/check-in/{door.code}")
        clock.move(timedelta(minutes=21))
        page = browse.submit("I am here", email="amina@council.example")
        assert page.status == 404
        assert "This code is not open" in page.text
        assert page.get("/check-in/zzzzzz").status == 404
        assert marks(reading) == []

    def test_waits_when_the_network_is_busy(
        self, browse: Browse, amina: Person, door: DoorCode, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("cop.services.events.self_check_in.TRIES_A_NETWORK", 0)
        page = browse.get(f"/check-in/{door.code}").submit("I am here", email="amina@council.example")
        assert page.status == 429
