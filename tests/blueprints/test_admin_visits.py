"""Pages on which staff prepare a visit: the rota, days off, what is online instead, and what a cancellation offers."""

from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest

from cop.core.access import Role
from cop.models.accounts import Person
from cop.models.events import Attendance, Event, EventKind, EventState
from cop.models.outbox import Outbox
from cop.services.events import editing
from tests.support.browse import Browse
from tests.support.clock import START, FixedClock
from tests.support.make import Make, Reads, Working
from tests.support.queries import count_queries
from tests.support.visiting import PACK, answer, ask, asked_of, day_off, host_of, mark_party

Posted = Callable[..., Sequence[Outbox]]

DAY = {"first_on-day": "10", "first_on-month": "3", "first_on-year": "2026"}
SLOTS = {
    "on_date-day": "10",
    "on_date-month": "3",
    "on_date-year": "2026",
    "first_start": "10am",
    "length_minutes": "60",
    "count": "1",
    "gap_minutes": "0",
}


@pytest.fixture
def visit(make: Make) -> Event:
    """Two slots on Monday 9 March, at 10:00 and 11:30."""
    return make.visit()


@pytest.fixture
def admin(make: Make, browse: Browse) -> Browse:
    return browse.sign_in(make.admin())


def page_of(visit: Event, name: str) -> str:
    return f"/admin/events/{visit.slug}/{name}"


@pytest.mark.parametrize("name", ["rota", "blackouts", "online"])
def test_they_are_for_visits_and_their_staff(browse: Browse, make: Make, visit: Event, name: str) -> None:
    stranger, host = make.account(), host_of(make, visit)
    make.grant(stranger, Role.FACILITATOR, event=make.visit())
    assert browse.sign_in(stranger).get(page_of(visit, name)).status == 404
    assert browse.sign_in(host).get(page_of(visit, name)).status == (200 if name == "rota" else 404)
    webinar = make.visit(kind=EventKind.WEBINAR)
    assert browse.sign_in(make.admin()).get(page_of(webinar, name)).status == 404


class TestTheRota:
    def test_asks_somebody_and_shows_what_they_say(
        self, admin: Browse, make: Make, work: Working, reading: Reads, visit: Event, outbox: Posted
    ) -> None:
        host = host_of(make, visit)
        assert "2 slots without a host" in admin.get(f"/admin/events/{visit.slug}").text
        assert "slots that nobody has agreed to receive" in admin.get("/admin/").text
        admin.get(page_of(visit, "rota"))
        assert admin.text.count("No host yet") == 2
        admin.submit("Ask them", person_id=str(host.id), part_ids=[str(part.id) for part in visit.parts])
        assert "Asked for 2 slots." in admin.text
        assert admin.text.count("Hana Host: asked, no answer yet") == 2
        assert len(outbox("host_asked")) == 1
        for asked in asked_of(reading, host):
            answer(work, visit, asked)
        assert admin.get(page_of(visit, "rota")).text.count("Hana Host: said yes") == 2
        assert "slots without a host" not in admin.get(f"/admin/events/{visit.slug}").text
        assert admin.get(page_of(visit, "slots")).text.count("Hana Host") == 2

    def test_keeps_what_was_chosen_when_it_is_refused(self, admin: Browse, make: Make, visit: Event) -> None:
        host = host_of(make, visit)
        admin.get(page_of(visit, "rota")).submit("Ask them", person_id=str(host.id))
        assert (admin.status, admin.errors) == (422, ["Choose at least one slot"])
        assert admin.soup.select(f"option[value='{host.id}'][selected]")
        admin.submit("Ask them", person_id="", part_ids=[str(visit.parts[0].id)])
        assert (admin.status, admin.errors) == (422, ["Choose a person"])
        assert admin.soup.select(f"input[value='{visit.parts[0].id}'][checked]")

    def test_takes_somebody_off_unless_they_have_answered_meanwhile(
        self, admin: Browse, make: Make, work: Working, reading: Reads, visit: Event
    ) -> None:
        host = host_of(make, visit)
        ask(work, visit, host, visit.parts[0])
        admin.get(page_of(visit, "rota"))
        answer(work, visit, asked_of(reading, host)[0])
        button = "Take off : Hana Host, Monday 9 March 2026, 10am to 11am"
        admin.submit(button)
        assert admin.status == 422
        assert "answered meanwhile" in admin.errors[0]
        admin.get(page_of(visit, "rota")).submit(button)
        assert "They are off this slot" in admin.text
        assert not asked_of(reading, host)

    def test_says_when_there_is_nobody_to_ask_or_nothing_to_receive(
        self, admin: Browse, make: Make, visit: Event
    ) -> None:
        assert "Nobody holds the role" in admin.get(page_of(visit, "rota")).text
        assert "No slot is to come" in admin.get(page_of(make.visit(slots=0), "rota")).text

    def test_asks_nobody_for_a_visit_that_was_cancelled_meanwhile(
        self, admin: Browse, make: Make, work: Working, visit: Event
    ) -> None:
        host = host_of(make, visit)
        admin.get(page_of(visit, "rota"))
        with work() as unit:
            editing.cancel_event(unit, event_id=visit.id, reason="Flood")
        admin.submit("Ask them", person_id=str(host.id), part_ids=[str(visit.parts[0].id)])
        assert "No slot is to come, so nobody can be asked." in admin.text

    def test_is_only_read_by_hosts(self, browse: Browse, make: Make, work: Working, visit: Event) -> None:
        host = host_of(make, visit)
        ask(work, visit, host)
        page = browse.sign_in(host).get(page_of(visit, "rota"))
        assert "Hana Host: asked" in page.text
        assert not page.soup.select("main form")
        values = {"person_id": host.id, "part_ids": visit.parts[0].id}
        assert browse.post(page_of(visit, "rota"), values).status == 404

    def test_asks_the_database_as_often_for_three_as_for_one(
        self, admin: Browse, make: Make, work: Working, visit: Event
    ) -> None:
        counts: dict[str, list[int]] = {"rota": [], "slots": [], "": []}
        for number in range(3):
            ask(work, visit, host_of(make, visit, f"Host{number}"))
            for name, found in counts.items():
                with count_queries() as statements:
                    admin.get(page_of(visit, name).rstrip("/"))
                found.append(len(statements))
        assert [len(set(found)) for found in counts.values()] == [1, 1, 1]


class TestDaysOff:
    def test_are_added_shown_where_slots_are_planned_and_removed(self, admin: Browse, visit: Event) -> None:
        admin.get(page_of(visit, "blackouts")).submit("Add them", **DAY, reason="The floor is renewed")
        assert "No slot can be planned on these days." in admin.text
        assert "Tuesday 10 March 2026 The floor is renewed" in admin.text
        admin.get(page_of(visit, "slots/new"))
        assert "Tuesday 10 March 2026: The floor is renewed" in admin.text
        admin.submit(**SLOTS)
        assert admin.status == 422
        assert admin.errors == ["No visits from 10 March 2026 to 10 March 2026: The floor is renewed"]
        assert admin.soup.select("[name=first_start]")[0]["value"] == "10am"
        admin.get(page_of(visit, "blackouts")).submit("Remove : Tuesday 10 March 2026")
        assert "Slots can be planned on these days again." in admin.text
        admin.get(page_of(visit, "slots/new")).submit(**SLOTS)
        assert "1 slot is added." in admin.text

    def test_warn_of_slots_that_are_there(self, admin: Browse, work: Working, visit: Event) -> None:
        day_off(work, visit, visit.parts[0].starts_at.date())
        page = admin.get(page_of(visit, "blackouts"))
        assert "These slots lie on such a day" in page.text
        assert len(page.soup.select(".govuk-inset-text li")) == 2
        assert admin.get(page_of(visit, "slots")).text.count("On a day without visits") == 2

    def test_what_is_refused_keeps_what_was_typed(self, admin: Browse, visit: Event) -> None:
        last = {"last_on-day": "9", "last_on-month": "3", "last_on-year": "2026"}
        admin.get(page_of(visit, "blackouts")).submit("Add them", **DAY, **last, reason="Floor")
        assert (admin.status, admin.errors) == (422, ["The last day must not come before the first"])
        assert admin.soup.select("[name=reason]")[0]["value"] == "Floor"

    def test_of_the_whole_programme_are_for_its_editors(
        self, browse: Browse, make: Make, work: Working, visit: Event
    ) -> None:
        person = make.account()
        make.grant(person, Role.FACILITATOR, event=visit)
        day_off(work, visit, visit.parts[0].starts_at.date(), for_all=True)
        page = browse.sign_in(person).get(page_of(visit, "blackouts"))
        assert "A facilitator of the programme can remove it" in page.text
        assert not page.soup.select("[name=for_all]")
        page.submit("Add them", **DAY)
        assert "This visit" in page.text
        address = page_of(visit, "blackouts")
        assert browse.post(address, {**DAY, "first_on-day": "12", "for_all": "y"}).status == 422
        assert browse.post(f"{address}/1/remove").status == 404


def webinar_of(make: Make) -> Event:
    return make.visit("Hubs online", kind=EventKind.WEBINAR, slots=[START + timedelta(days=20)])


class TestOnlineInstead:
    def test_is_shown_on_the_page_and_loudly_when_it_is_full(
        self, admin: Browse, browse: Browse, make: Make, visit: Event
    ) -> None:
        webinar = webinar_of(make)
        admin.get(page_of(visit, "online")).submit("Save", online_event_id=str(webinar.id))
        assert "Online instead For those who cannot come, or find it full Chosen" in admin.text
        page = browse.another().get(f"/visits/{visit.slug}")
        assert "Cannot come? If you cannot come, you can take part online: “Hubs online”" in page.text
        for slot in range(2):
            for _ in range(2):
                make.booking(make.person(), visit, slot, party_size=5)
        assert "It is full, but you can take part online" in page.get(f"/visits/{visit.slug}").text
        assert page.click("See “Hubs online”").path == f"/webinars/{webinar.slug}"

    def test_says_when_there_is_none(self, admin: Browse, visit: Event) -> None:
        assert "No webinar of the programme is to come" in admin.get(page_of(visit, "online")).text


class TestCancelling:
    def test_a_visit_offers_another_date(
        self, admin: Browse, make: Make, visit: Event, reading: Reads, outbox: Posted
    ) -> None:
        other = make.visit("Another date", slots=[START + timedelta(days=30)])
        amina = make.account("Amina")
        held = make.booking(amina, visit)
        admin.get(page_of(visit, "cancel"))
        admin.submit("See who is told", reason="", instead_event_id=str(other.id))
        assert admin.status == 422
        assert admin.soup.select(f"option[value='{other.id}'][selected]")
        admin.submit("See who is told", reason="Flood", instead_event_id=str(other.id))
        assert "There is another date instead: “Another date”" in admin.text
        admin.submit("Yes, cancel it and tell them")
        assert make.event(visit.id).instead_event_id == other.id
        assert len(outbox("booking_cancelled_by_staff")) == 1
        for page in (
            admin.another().get(f"/visits/{visit.slug}"),
            admin.sign_in(amina).get(f"/bookings/{held.public_id}"),
        ):
            assert "There is another date instead: “Another date”" in page.text
            assert page.click("See “Another date”").path == f"/visits/{other.slug}"

    def test_a_visit_without_another_date_asks_for_none(self, admin: Browse, make: Make, visit: Event) -> None:
        admin.get(page_of(visit, "cancel"))
        assert "Nothing else is to come that you could offer" in admin.text
        admin.submit("See who is told", reason="Flood").submit("Yes, cancel it")
        assert make.event(visit.id).state is EventState.CANCELLED

    def test_a_slot_names_the_other_times_that_have_places(
        self, admin: Browse, make: Make, visit: Event, outbox: Posted
    ) -> None:
        amina = make.account("Amina")
        held = make.booking(amina, visit)
        admin.get(page_of(visit, f"parts/{visit.parts[0].id}/cancel"))
        assert "Other times with places left now: Monday 9 March 2026, 11:30am to 12:30pm" in admin.text
        admin.submit("See who is told", reason="Flood").submit("Yes, cancel it and tell them")
        [message] = outbox("booking_cancelled_by_staff")
        assert message.params["offer_others"] is True
        page = admin.sign_in(amina).get(f"/bookings/{held.public_id}")
        assert "Other times with places left Monday 9 March 2026, 11:30am to 12:30pm" in page.text


class TestMovingASlot:
    def test_can_be_thought_over_and_nothing_typed_is_lost(
        self, admin: Browse, make: Make, visit: Event, outbox: Posted
    ) -> None:
        for _ in range(2):
            make.booking(make.person(), visit, party_size=2)
        admin.get(page_of(visit, f"slots/{visit.parts[0].id}"))
        admin.submit("Save", start="3pm", end="4pm", place="The annexe")
        assert "2 people by e-mail" in admin.text
        assert "Monday 9 March 2026, 15:00 to 16:00 The annexe" in admin.text
        admin.submit("No, change it")
        assert [admin.soup.select(f"[name={name}]")[0]["value"] for name in ("start", "place")] == [
            "3pm",
            "The annexe",
        ]
        admin.submit("Save", start="2pm", end="4pm").submit("Yes, move it and tell them")
        assert "The slot is moved, and people are told." in admin.text
        assert len(outbox("booking_changed")) == 2

    def test_that_nobody_has_booked_asks_nothing(self, admin: Browse, make: Make, visit: Event) -> None:
        admin.get(page_of(visit, f"slots/{visit.parts[0].id}")).submit("Save", start="3pm", end="4pm")
        assert "The slot is saved." in admin.text

    def test_of_two_editors_the_second_is_told(self, admin: Browse, make: Make, visit: Event) -> None:
        address = page_of(visit, f"slots/{visit.parts[0].id}")
        other = admin.another().sign_in(make.admin()).get(address)
        admin.get(address).submit("Save", start="3pm", end="4pm")
        other.submit("Save", start="1pm", end="2pm")
        assert other.status == 422
        assert "Somebody else moved this slot" in other.errors[0]
        assert other.soup.select("[name=start]")[0]["value"] == "1pm"


class TestPracticalities:
    def test_hold_what_the_pack_needs(self, admin: Browse, make: Make, visit: Event) -> None:
        admin.get(page_of(visit, "practicalities")).submit("Save", **PACK)
        event = make.event(visit.id)
        assert {name: getattr(event, name) for name in PACK} == PACK
        admin.get(page_of(visit, "practicalities")).submit("Save", map_url="http://maps.example")
        assert (admin.status, admin.errors) == (422, ["Enter a whole web address that begins with https://"])

    def test_of_other_events_have_no_pack(self, admin: Browse, make: Make) -> None:
        page = admin.get(page_of(make.visit(kind=EventKind.SUMMIT), "practicalities"))
        assert [bool(page.soup.select(f"[name={name}]")) for name in PACK] == [True, True, False, False]


def test_a_person_is_shown_with_how_often_they_did_not_come(
    admin: Browse, make: Make, work: Working, reading: Reads, visit: Event, clock: FixedClock
) -> None:
    amina: Person = make.person("Amina")
    held = make.booking(amina, visit)
    assert "Did not come" not in admin.get(f"/admin/people/{amina.public_id}").text
    clock.set(visit.parts[0].starts_at)
    mark_party(work, reading, held, visit.parts[0], Attendance.ABSENT)
    assert "Did not come to 1 booking, and was not excused." in admin.get(f"/admin/people/{amina.public_id}").text
