"""Pages of those who receive people: the roll, notes, walk-ins, one's own slots, and the visit pack."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from cop.core import secrecy
from cop.core.access import Role
from cop.models.accounts import Person
from cop.models.events import Booking, BookingSource, Event, EventKind, MarkSource
from cop.models.service import Observation
from cop.services.events import booking as bookings
from cop.services.events import editing
from tests.services.events.test_editing import TEXTS, as_it_is
from tests.support.browse import Browse
from tests.support.clock import FixedClock
from tests.support.make import Make, Reads, Working
from tests.support.queries import count_queries
from tests.support.visiting import PACK, ask, asked_of, host_of, marks_of, walk_in


@pytest.fixture
def visit(make: Make) -> Event:
    """Two slots on Monday 9 March, at 10:00 and 11:30."""
    return make.visit()


@pytest.fixture
def host(make: Make, visit: Event, browse: Browse) -> Person:
    person = host_of(make, visit)
    browse.sign_in(person)
    return person


def newest_booking(reading: Reads) -> Booking:
    with reading() as read:
        return read.session.scalars(select(Booking).order_by(Booking.id.desc()).limit(1)).one()


STAFF_PAGES = ("roll", "notes", "walk-in", "pack")


@pytest.mark.parametrize("page", STAFF_PAGES)
def test_they_are_for_staff_of_the_event(browse: Browse, make: Make, visit: Event, page: str) -> None:
    address = f"/events/{visit.slug}/{page}"
    assert browse.get(address).heading == "Sign in or join"
    guest, stranger = make.account(), make.account()
    make.booking(guest, visit)
    make.grant(stranger, Role.HOST, event=make.visit())
    for person in (guest, stranger):
        assert browse.sign_in(person).get(address).status == 404
        assert browse.post(address, {"name": "x", "notes": "x", "part": visit.parts[0].id}).status in {404, 405}


class TestTheRoll:
    def test_is_two_presses_from_the_list_and_shows_a_day(
        self, browse: Browse, make: Make, visit: Event, host: Person, reading: Reads, clock: FixedClock, work: Working
    ) -> None:
        make.booking(make.person("Amina", needs="A ramp, please"), visit, party_size=2)
        clock.set(visit.parts[0].starts_at)
        walk_in(work, visit, party_size=2)
        page = browse.get(f"/events/{visit.slug}/bookings").click("Emergency roll")
        assert page.heading == f"Emergency roll {visit.title} · Monday 9 March 2026"
        rows = [" ".join(row.get_text(" ").split()) for row in page.soup.select("tbody tr")]
        assert rows[:4] == [
            "Amina Not yet seen – party of 2 A ramp, please",
            "Guest of Amina Not yet seen with Amina",
            "Nell Neighbour Yes – party of 2 Without a booking",
            "Guest of Nell Neighbour Yes with Nell Neighbour Without a booking",
        ]
        assert len(page.soup.select(".cop-blank")) == 16
        assert page.soup.select("[data-print]")
        with reading() as read:
            seen = read.session.scalars(select(Observation).order_by(Observation.id.desc()).limit(1)).one()
        assert (seen.kind, seen.subject_id, seen.person_id) == ("access needs read", visit.id, host.id)

    def test_of_another_day_is_one_choice_away(self, browse: Browse, make: Make, clock: FixedClock) -> None:
        first = make.visit().parts[0].starts_at
        visit = make.visit(slots=[first, first + timedelta(days=1)])
        page = browse.sign_in(make.admin()).get(f"/events/{visit.slug}/roll")
        page.submit("Show", day="2026-03-10")
        assert page.heading.endswith("Tuesday 10 March 2026")
        for nonsense in ("2026-03-11", "tomorrow"):
            assert browse.get(f"/events/{visit.slug}/roll", day=nonsense).heading.endswith("Monday 9 March 2026")

    def test_says_when_there_is_nothing(self, browse: Browse, make: Make) -> None:
        page = browse.sign_in(make.admin()).get(f"/events/{make.visit(slots=0).slug}/roll")
        assert "Nothing is planned yet" in page.text

    def test_asks_the_database_as_often_for_three_as_for_one(
        self, browse: Browse, make: Make, visit: Event, host: Person
    ) -> None:
        counts = []
        for _number in range(3):
            make.booking(make.person(), visit)
            with count_queries() as statements:
                browse.get(f"/events/{visit.slug}/roll")
            counts.append(len(statements))
        assert len(set(counts)) == 1


class TestNotes:
    def test_stand_on_the_list_and_nowhere_else(self, browse: Browse, make: Make, visit: Event, host: Person) -> None:
        page = browse.get(f"/events/{visit.slug}/bookings").click("Write notes")
        page.submit("Save the notes", notes="The key is at the desk.\n\nTea at 11.")
        assert "The notes are saved." in page.text
        assert "The key is at the desk. Tea at 11." in page.text
        amina = make.account("Amina")
        held = make.booking(amina, visit)
        browse.sign_in(amina)
        for address in (f"/visits/{visit.slug}", f"/bookings/{held.public_id}", f"/bookings/{held.public_id}/pack"):
            assert "The key" not in browse.get(address).html

    def test_of_two_hosts_neither_loses_a_word(self, browse: Browse, visit: Event, host: Person) -> None:
        other = browse.another().sign_in(host).get(f"/events/{visit.slug}/notes")
        browse.get(f"/events/{visit.slug}/notes").submit("Save the notes", notes="First")
        other.submit("Save the notes", notes="Second")
        assert other.status == 422
        assert "Somebody else has changed these notes" in other.errors[0]
        assert other.soup.select("textarea")[0].get_text().strip() == "Second"
        assert "What stands there now First" in other.text
        other.submit("Save the notes", notes="First and second")
        assert "First and second" in other.text


class TestWalkIns:
    def test_are_added_at_the_door(
        self, browse: Browse, visit: Event, host: Person, clock: FixedClock, reading: Reads
    ) -> None:
        clock.set(visit.parts[0].starts_at)
        page = browse.get(f"/events/{visit.slug}/check-in").click("Add somebody without a booking")
        assert "Monday 9 March 2026, 10am to 11am" in page.text
        page.submit("They are here", name="Nell Neighbour", party_size="2", organisation="Friends")
        assert page.path == f"/events/{visit.slug}/check-in?part={visit.parts[0].id}"
        assert "Nell Neighbour is written down as here." in page.text
        assert "2 people came without a booking" in page.text
        assert "0 of 0 here" in page.text
        assert "Without a booking · Friends · here since 10am, by Hana Host" in page.text
        made = newest_booking(reading)
        assert (made.source, made.party_size, made.by_person_id) == (BookingSource.WALK_IN, 2, host.id)
        assert {mark.source for mark in marks_of(reading, made)} == {MarkSource.CHECK_IN}

    def test_are_added_on_the_sheet_of_who_came(
        self, browse: Browse, visit: Event, host: Person, clock: FixedClock, reading: Reads
    ) -> None:
        clock.set(visit.parts[1].starts_at + timedelta(days=2))
        page = browse.get(f"/events/{visit.slug}/attendance", slot=visit.parts[1].id)
        page.click("Add somebody who came without a booking").submit("They are here", name="Nell")
        assert page.path == f"/events/{visit.slug}/attendance?slot={visit.parts[1].id}"
        assert "1 person came without a booking" in page.text
        [mark] = marks_of(reading, newest_booking(reading))
        assert (mark.part_id, mark.source) == (visit.parts[1].id, MarkSource.ROSTER)

    def test_are_on_the_list_of_who_is_coming_and_can_be_taken_back(
        self, browse: Browse, work: Working, visit: Event, host: Person, clock: FixedClock, reading: Reads
    ) -> None:
        clock.set(visit.parts[0].starts_at)
        walk_in(work, visit, party_size=2)
        assert "Nell Neighbour · 2 people" in browse.get(f"/events/{visit.slug}/bookings").text
        page = browse.get(f"/events/{visit.slug}/check-in").click("Take back : Nell Neighbour")
        assert page.heading.startswith("Was Nell Neighbour written down by mistake?")
        other = browse.another().sign_in(host).get(page.path)
        page.submit("Yes, take it back")
        assert "It is taken back" in page.text
        assert "Nell Neighbour" not in page.text
        other.submit("Yes, take it back")
        assert other.status == 422
        assert other.errors == ["Somebody else took this back a moment ago."]
        assert browse.get(other.path).status == 404

    def test_of_somebody_with_a_booking_leads_to_it_and_keeps_what_was_typed(
        self, browse: Browse, make: Make, visit: Event, host: Person, clock: FixedClock
    ) -> None:
        held = make.booking(make.person("Amina Yusuf", "amina@council.example"), visit, 1)
        clock.set(visit.parts[0].starts_at)
        page = browse.get(f"/events/{visit.slug}/walk-in", part=visit.parts[0].id)
        page.submit("They are here", name="Mina", email="Amina@council.example", party_size="3")
        assert page.status == 422
        assert "Mina has a booking here" in page.errors[0]
        assert "Amina Yusuf" not in page.text
        assert [page.soup.select(f"[name={name}]")[0]["value"] for name in ("name", "party_size")] == ["Mina", "3"]
        assert page.click("See the booking").path == f"/bookings/{held.public_id}"

    def test_wait_for_the_day(self, browse: Browse, visit: Event, host: Person, reading: Reads) -> None:
        page = browse.get(f"/events/{visit.slug}/walk-in")
        assert "You can add people from the day itself" in page.text
        assert not page.soup.select("main form")
        page.post(page.path, {"name": "Nell", "party_size": "1", "part": visit.parts[0].id})
        assert page.status == 422
        with reading() as read:
            assert not read.session.scalars(select(Booking)).all()

    def test_a_forged_part_is_not_found(
        self, browse: Browse, make: Make, visit: Event, host: Person, clock: FixedClock
    ) -> None:
        other = make.visit(slots=[visit.parts[0].starts_at])
        clock.set(visit.parts[0].starts_at)
        values = {"name": "Nell", "party_size": "1", "part": other.parts[0].id}
        assert browse.get(f"/events/{visit.slug}/walk-in", part=other.parts[0].id).status == 404
        assert browse.post(f"/events/{visit.slug}/walk-in", values).status == 404
        assert browse.post(f"/events/{visit.slug}/walk-in", {"name": "Nell", "party_size": "1"}).status == 422

    def test_see_what_they_came_to_and_cannot_change_it(
        self, browse: Browse, make: Make, work: Working, visit: Event, clock: FixedClock
    ) -> None:
        amina = make.account("Amina", "amina@council.example")
        clock.set(visit.parts[0].starts_at - timedelta(hours=1))
        held = walk_in(work, visit, email="amina@council.example")
        page = browse.sign_in(amina).get(f"/bookings/{held.public_id}")
        assert page.heading == "You came without a booking"
        assert "Monday 9 March 2026, 10am to 11am" in page.text
        assert "Change time" not in page.text
        assert browse.get(f"/bookings/{held.public_id}/change").path == f"/bookings/{held.public_id}"


class TestOwnSlots:
    def test_are_answered_by_whoever_was_asked(
        self, browse: Browse, make: Make, work: Working, reading: Reads, visit: Event, host: Person
    ) -> None:
        ask(work, visit, host)
        page = browse.get("/admin/")
        assert "2 slots that you are asked to receive" in page.text
        page.click("Say yes or no")
        page.submit("Yes, I receive them : Monday 9 March 2026, 10am to 11am")
        assert "Thank you: you receive these visitors." in page.text
        page.submit("No, I cannot : Monday 9 March 2026, 11:30am to 12:30pm")
        assert "Thank you for telling us." in page.text
        assert [one.accepted for one in asked_of(reading, host)] == [True, False]

    def test_a_slot_that_moved_is_answered_again(
        self, browse: Browse, work: Working, reading: Reads, visit: Event, host: Person
    ) -> None:
        ask(work, visit, host, visit.parts[0])
        page = browse.get(f"/events/{visit.slug}/rota")
        with work() as unit:
            editing.edit_slot(unit, **{**as_it_is(visit.parts[0]), "place": "The annexe"})
        page.submit("Yes, I receive them : Monday 9 March 2026, 10am to 11am")
        assert page.status == 422
        assert "This slot has moved meanwhile" in page.errors[0]
        assert [one.accepted for one in asked_of(reading, host)] == [None]

    def test_are_nobody_elses(
        self, browse: Browse, make: Make, work: Working, reading: Reads, visit: Event, host: Person
    ) -> None:
        ask(work, visit, host)
        [first, _second] = asked_of(reading, host)
        address = f"/events/{visit.slug}/rota"
        for person in (make.account(), make.admin(), host_of(make, visit, "Olu")):
            assert browse.sign_in(person).get(address).status == 404
            values = {"slot_host_id": first.id, "seen": 0, "answer": "yes"}
            assert browse.post(address, values).status == 404
        assert browse.sign_in(host).post(address, {"slot_host_id": first.id, "seen": 0}).status == 422


class TestThePack:
    def test_is_linked_from_the_booking_and_opens_by_the_link_of_a_mail(
        self, browse: Browse, make: Make, work: Working, visit: Event
    ) -> None:
        with work() as unit:
            editing.edit_practicalities(unit, event_id=visit.id, **TEXTS, **PACK)
        amina = make.account("Amina")
        held = make.booking(amina, visit, party_size=2, names=["Ben"])
        page = browse.sign_in(amina).get(f"/bookings/{held.public_id}").click("Visit pack")
        token = secrecy.sign("booking", held.public_id, held.link_generation)
        signed_out = browse.another().get(f"/bookings/t/{token}").click("Visit pack")
        for shown in (page, signed_out):
            assert shown.heading == f"Visit pack {visit.title}"
            for words in ("Monday 9 March 2026, 10am", "2 people", "Ben", "Bus 5", "A ramp", "A cup", *PACK.values()):
                if words != PACK["map_url"]:
                    assert words in shown.text
            assert shown.soup.select(f"a[href='{PACK['map_url']}']")

    def test_of_hosts_names_nobody(self, browse: Browse, make: Make, visit: Event, host: Person) -> None:
        make.booking(make.person("Amina"), visit)
        page = browse.get(f"/events/{visit.slug}/bookings").click("Visit pack")
        assert visit.place in page.text
        assert "Amina" not in page.text

    def test_belongs_to_a_booking_that_stands(self, browse: Browse, make: Make, work: Working, visit: Event) -> None:
        amina = make.account("Amina")
        held = make.booking(amina, visit)
        assert browse.sign_in(make.account()).get(f"/bookings/{held.public_id}/pack").status == 404
        with work(make.actor(amina)) as unit:
            bookings.cancel(unit, public_id=held.public_id)
        assert browse.sign_in(amina).get(f"/bookings/{held.public_id}/pack").path == f"/bookings/{held.public_id}"
        webinar = make.booking(amina, make.visit(kind=EventKind.WEBINAR))
        assert browse.get(f"/bookings/{webinar.public_id}/pack").status == 404
        assert "Visit pack" not in browse.get(f"/bookings/{webinar.public_id}").text
        assert browse.sign_in(make.admin()).get(f"/events/{make.visit(kind=EventKind.WEBINAR).slug}/pack").status == 404

    def test_what_only_those_who_booked_see_is_not_public(self, browse: Browse, work: Working, visit: Event) -> None:
        with work() as unit:
            editing.edit_practicalities(unit, event_id=visit.id, **TEXTS, **PACK)
        page = browse.get(f"/visits/{visit.slug}")
        assert PACK["parking"] in page.text
        assert page.soup.select(f"a[href='{PACK['map_url']}']")
        assert PACK["contact"] not in page.html
        assert PACK["safety"] not in page.html
