"""One booking for its owner and for whoever holds the link in the mail; and the host's list of who is coming."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from icalendar import Calendar
from sqlalchemy import select, update

from cop.core import secrecy
from cop.core.access import Role
from cop.models.accounts import Person, Sector
from cop.models.events import Booking, BookingSource, BookingState, Event
from cop.models.outbox import Outbox, OutboxChannel
from cop.models.service import Observation
from cop.services.events import booking as services
from tests.support.browse import Browse
from tests.support.clock import START, FixedClock
from tests.support.html import parse
from tests.support.make import Make, Reads, Working
from tests.support.queries import count_queries

HOUR, DAY = timedelta(hours=1), timedelta(days=1)

Posted = Callable[..., Sequence[Outbox]]


@pytest.fixture
def amina(make: Make) -> Person:
    return make.account("Amina Yusuf", "amina@council.example")


@pytest.fixture
def visit(make: Make) -> Event:
    return make.visit(getting_there="Bus 4 from the station.")


@pytest.fixture
def host(make: Make, visit: Event) -> Person:
    """Runs the visit of the test and no other."""
    person = make.account("Hani Host")
    make.grant(person, Role.HOST, event=visit)
    return person


@pytest.fixture
def held(make: Make, amina: Person, visit: Event) -> Booking:
    return make.booking(amina, visit, party_size=3, names=["Ben Okri"])


@pytest.fixture
def link(held: Booking) -> str:
    """The path in Amina's mail."""
    return f"/bookings/t/{secrecy.sign('booking', held.public_id, held.link_generation)}"


@pytest.fixture
def state(reading: Reads, held: Booking) -> Callable[[], BookingState]:
    """What has become of Amina's booking."""

    def now() -> BookingState:
        with reading() as read:
            return read.session.get_one(Booking, held.id).state

    return now


State = Callable[[], BookingState]


def edit(work: Working, row: Any, **values: Any) -> None:
    with work() as unit:
        unit.session.execute(update(type(row)).where(type(row).id == row.id).values(**values))


def change_of(visit: Event, slot: int = 0, **more: str) -> dict[str, str]:
    return {"slot": str(visit.parts[slot].id), "party_size": "1", "names": "", **more}


class TestOnesBooking:
    def test_says_what_when_where_and_with_whom(self, browse: Browse, amina: Person, held: Booking) -> None:
        page = browse.sign_in(amina).get(f"/bookings/{held.public_id}")
        assert page.heading == "You are booked"
        for words in (
            "A morning at the Healthy Hub",
            "Monday 9 March 2026, 10am to 11am",
            "Healthy Hub, Stevenage SG1 1EP",
            "Amina Yusuf",
            "3 people",
            "Ben Okri",
            "Bus 4 from the station.",
        ):
            assert words in page.text

    def test_says_afterwards_that_it_was(
        self, browse: Browse, amina: Person, held: Booking, visit: Event, clock: FixedClock
    ) -> None:
        clock.set(visit.parts[0].ends_at)
        page = browse.sign_in(amina).get(f"/bookings/{held.public_id}")
        assert page.heading == "You were booked"
        assert "Cancel the booking" not in page.text

    def test_leads_into_calendars(self, browse: Browse, amina: Person, held: Booking, visit: Event) -> None:
        page = browse.sign_in(amina).get(f"/bookings/{held.public_id}")
        links = {str(link["href"]).partition("?")[0] for link in page.soup.select("main a[rel=noreferrer]")}
        assert links == {
            "https://calendar.google.com/calendar/render",
            "https://outlook.office.com/calendar/0/deeplink/compose",
        }
        page.click("Calendar file")
        assert page.response.content_type == "text/calendar; charset=utf-8"
        assert page.response.headers["Content-Disposition"] == f'attachment; filename="{visit.slug}.ics"'
        calendar = Calendar.from_ical(page.response.data)
        assert isinstance(calendar, Calendar)
        assert calendar["METHOD"] == "PUBLISH"
        assert [event.start for event in calendar.events] == [visit.parts[0].starts_at]
        assert b"ATTENDEE" not in page.response.data

    @pytest.mark.parametrize("page", ["", "/change", "/cancel", "/calendar.ics"])
    @pytest.mark.parametrize("who", ["stranger", "host of another visit", "evaluator"])
    def test_is_not_found_by_others(
        self, browse: Browse, make: Make, visit: Event, held: Booking, state: State, who: str, page: str
    ) -> None:
        person, path = make.account("Stranger"), f"/bookings/{held.public_id}{page}"
        if who == "host of another visit":
            make.grant(person, Role.HOST, event=make.visit())
        elif who == "evaluator":
            make.grant(person, Role.EVALUATOR, programme=visit.programme)
        assert browse.sign_in(person).get(path).status == 404
        if page in {"/change", "/cancel"}:
            assert browse.post(path, change_of(visit, 1)).status == 404
        assert state() is BookingState.LIVE

    @pytest.mark.parametrize("page", ["", "/change", "/cancel", "/calendar.ics"])
    def test_asks_whoever_is_signed_out_to_sign_in(self, browse: Browse, held: Booking, page: str) -> None:
        path = f"/bookings/{held.public_id}{page}"
        assert browse.get(path, follow=False).location == f"/sign-in?next={path}"

    @pytest.mark.parametrize("public_id", ["nothing", "%00", "🌻", "a" * 3_000, "1"])
    def test_that_is_none_is_not_found(self, browse: Browse, amina: Person, public_id: str) -> None:
        for page in ("", "/change", "/cancel", "/calendar.ics"):
            assert browse.sign_in(amina).get(f"/bookings/{public_id}{page}").status == 404

    def test_is_open_to_the_host(self, browse: Browse, host: Person, held: Booking) -> None:
        assert browse.sign_in(host).get(f"/bookings/{held.public_id}").status == 200


class TestAChange:
    def test_begins_with_what_is_booked(self, browse: Browse, amina: Person, held: Booking, visit: Event) -> None:
        page = browse.sign_in(amina).get(f"/bookings/{held.public_id}/change")
        (chosen,) = page.soup.select("[name=slot][checked]")
        assert chosen["value"] == str(visit.parts[0].id)
        assert page.soup.select("[name=party_size]")[0]["value"] == "3"
        assert page.soup.select("[name=names]")[0].get_text(strip=True) == "Ben Okri"
        assert "Your time now" in page.text

    def test_of_nothing_changes_nothing(self, browse: Browse, amina: Person, held: Booking, outbox: Posted) -> None:
        page = browse.sign_in(amina).get(f"/bookings/{held.public_id}/change").submit("Save the change")
        assert page.heading == "You are booked"
        assert "Ben Okri" in page.text
        assert outbox("booking_changed") == []

    def test_keeps_ones_own_time_open_though_it_is_full(self, browse: Browse, make: Make, amina: Person) -> None:
        visit = make.visit(capacity=3)
        held = make.booking(amina, visit, party_size=3)
        page = browse.sign_in(amina).get(f"/bookings/{held.public_id}/change")
        assert not page.soup.select("[name=slot][disabled]")
        page.submit("Save the change", party_size="2")
        assert "2 people" in page.text

    @pytest.mark.parametrize(
        ("answers", "error"),
        [
            ({"party_size": "10000"}, "A party here is"),
            ({"party_size": "0"}, "whole number"),
            ({"party_size": "2", "names": "Ben\nCem"}, "more names than"),
            ({"names": "Ben\0"}, "control characters"),
            ({"slot": ""}, ""),
            ({"slot": "987654"}, ""),
        ],
    )
    def test_that_breaks_a_rule_is_refused_and_the_answers_kept(
        self,
        browse: Browse,
        amina: Person,
        held: Booking,
        visit: Event,
        reading: Reads,
        answers: dict[str, str],
        error: str,
    ) -> None:
        given = change_of(visit, 1, party_size="2") | answers
        page = browse.sign_in(amina).post(f"/bookings/{held.public_id}/change", given)
        assert page.status == 422
        assert error in page.errors[0]
        if "slot" not in answers:
            (chosen,) = page.soup.select("[name=slot][checked]")
            assert chosen["value"] == given["slot"]
        with reading() as read:
            assert read.session.get_one(Booking, held.id).party_size == 3

    def test_to_a_full_time_is_refused(self, browse: Browse, make: Make, amina: Person) -> None:
        visit = make.visit(capacity=2)
        held = make.booking(amina, visit)
        make.booking(make.person(), visit, slot=1, party_size=2)
        page = browse.sign_in(amina).post(f"/bookings/{held.public_id}/change", change_of(visit, 1))
        assert page.status == 422
        assert page.errors == ["This time is full. Choose another."]

    def test_after_the_cut_off_is_neither_offered_nor_made(
        self, browse: Browse, make: Make, amina: Person, clock: FixedClock
    ) -> None:
        visit = make.visit(change_until=START + DAY)
        held = make.booking(amina, visit)
        clock.move(DAY)
        page = browse.sign_in(amina).get(f"/bookings/{held.public_id}")
        assert "Changes closed on 3 March 2026 at 9am" in page.text
        assert "Change time, party or names" not in page.text
        page.post(f"/bookings/{held.public_id}/change", change_of(visit, 1))
        assert page.status == 422
        assert "too late" in page.errors[0]
        page.post(f"/bookings/{held.public_id}/cancel")
        assert page.status == 422
        assert "too late" in page.errors[0]

    def test_after_the_start_is_neither_offered_nor_made(
        self, browse: Browse, amina: Person, held: Booking, visit: Event, clock: FixedClock
    ) -> None:
        clock.set(visit.parts[0].starts_at)
        page = browse.sign_in(amina).get(f"/bookings/{held.public_id}")
        assert "Change time, party or names" not in page.text
        page.post(f"/bookings/{held.public_id}/change", change_of(visit, 1))
        assert page.status == 422
        assert "already begun" in page.errors[0]

    def test_of_the_last_time_after_its_start_is_a_sound_page(
        self, browse: Browse, make: Make, amina: Person, clock: FixedClock
    ) -> None:
        visit = make.visit(slots=[START + HOUR])
        held = make.booking(amina, visit)
        clock.move(HOUR)
        page = browse.sign_in(amina).get(f"/bookings/{held.public_id}/change")
        assert page.status == 200
        page.post(f"/bookings/{held.public_id}/change", change_of(visit))
        assert page.status == 422

    def test_is_open_to_the_host_after_the_cut_off(
        self, browse: Browse, amina: Person, held: Booking, visit: Event, host: Person, work: Working
    ) -> None:
        edit(work, visit, change_until=START - HOUR)
        page = browse.sign_in(host).get(f"/bookings/{held.public_id}").click("Change time, party or names")
        page.submit("Save the change", slot=visit.parts[1].id)
        assert "11:30am to 12:30pm" in page.text

    def test_of_a_cancelled_booking_leads_to_it(
        self, browse: Browse, make: Make, amina: Person, held: Booking, work: Working
    ) -> None:
        with work(make.actor(amina)) as unit:
            services.cancel(unit, public_id=held.public_id)
        for page in ("change", "cancel"):
            assert browse.sign_in(amina).get(f"/bookings/{held.public_id}/{page}").path == f"/bookings/{held.public_id}"
            assert browse.heading == "This booking is cancelled"

    def test_of_five_megabytes_is_a_page_that_says_so(
        self, browse: Browse, amina: Person, held: Booking, visit: Event
    ) -> None:
        given = change_of(visit, names="a" * 5_000_000)
        assert browse.sign_in(amina).post(f"/bookings/{held.public_id}/change", given).status == 413


class TestACancellation:
    def test_asks_first_and_acts_on_a_press(self, browse: Browse, amina: Person, held: Booking, state: State) -> None:
        page = browse.sign_in(amina).get(f"/bookings/{held.public_id}").click("Cancel the booking")
        assert page.heading == "Do you want to cancel this booking?"
        assert "Monday 9 March 2026, 10am to 11am" in page.text
        assert state() is BookingState.LIVE
        page.submit("Yes, cancel it")
        assert page.heading == "This booking is cancelled"
        assert state() is BookingState.CANCELLED

    def test_can_be_thought_over(self, browse: Browse, amina: Person, held: Booking, state: State) -> None:
        browse.sign_in(amina).get(f"/bookings/{held.public_id}/cancel").click("No, keep it")
        assert browse.path == f"/bookings/{held.public_id}"
        assert state() is BookingState.LIVE

    def test_pressed_twice_is_refused_the_second_time(
        self, browse: Browse, amina: Person, held: Booking, outbox: Posted
    ) -> None:
        page = browse.sign_in(amina).get(f"/bookings/{held.public_id}/cancel")
        page.post(f"/bookings/{held.public_id}/cancel")
        page.post(f"/bookings/{held.public_id}/cancel")
        assert page.status == 422
        assert page.errors == ["This booking has been cancelled already"]
        assert len(outbox("booking_cancelled")) == 1

    def test_of_a_forged_form_is_403(self, browse: Browse, amina: Person, held: Booking, state: State) -> None:
        assert browse.sign_in(amina).post(f"/bookings/{held.public_id}/cancel", csrf=False).status == 403
        assert state() is BookingState.LIVE

    def test_still_says_when_the_visit_would_have_been(self, browse: Browse, amina: Person, held: Booking) -> None:
        browse.sign_in(amina).get(f"/bookings/{held.public_id}/cancel").submit("Yes, cancel it")
        assert "Monday 9 March 2026, 10am to 11am" in browse.text


class TestTheLinkInTheMail:
    def test_shows_the_booking_to_whoever_holds_it(self, browse: Browse, make: Make, held: Booking, link: str) -> None:
        for visitor in (browse, browse.another().sign_in(make.account("Ben"))):
            page = visitor.get(link)
            assert page.status == 200
            assert page.heading == "You are booked"

    def test_changes_nothing_by_being_opened(
        self, browse: Browse, held: Booking, link: str, state: State, outbox: Posted
    ) -> None:
        posted = len(outbox())
        for path in (link, f"{link}/cancel"):
            assert browse.get(path).status == 200
            assert browse.client.head(path).status_code == 200
        assert state() is BookingState.LIVE
        assert len(outbox()) == posted

    def test_cancels_on_a_press(self, browse: Browse, link: str, state: State) -> None:
        page = browse.get(link).click("Cancel the booking").submit("Yes, cancel it")
        assert (page.path, page.heading) == (link, "This booking is cancelled")
        assert state() is BookingState.CANCELLED

    def test_does_not_ask_to_cancel_what_is_cancelled(self, browse: Browse, link: str) -> None:
        page = browse.get(f"{link}/cancel").submit("Yes, cancel it")
        page.get(f"{link}/cancel")
        assert page.heading == "This booking is cancelled"

    def test_asks_for_sign_in_before_anything_else_is_changed(self, browse: Browse, link: str, held: Booking) -> None:
        page = browse.get(link).click("Change time, party or names")
        assert page.path == f"/sign-in?next=/bookings/{held.public_id}/change"

    def test_shows_no_other_page_of_its_owner(self, browse: Browse, link: str, held: Booking) -> None:
        browse.get(link)
        assert browse.get(f"/bookings/{held.public_id}", follow=False).status == 302
        assert browse.get("/account/bookings", follow=False).status == 302

    def test_is_too_late_when_its_owner_is(
        self, browse: Browse, link: str, visit: Event, state: State, clock: FixedClock
    ) -> None:
        page = browse.get(f"{link}/cancel")
        clock.set(visit.parts[0].starts_at)
        page.submit("Yes, cancel it")
        assert page.status == 422
        assert state() is BookingState.LIVE

    def test_of_a_forged_form_is_403(self, browse: Browse, link: str, state: State) -> None:
        assert browse.post(f"{link}/cancel", csrf=False).status == 403
        assert state() is BookingState.LIVE

    def test_no_longer_works_once_it_was_revoked(self, browse: Browse, held: Booking, link: str, work: Working) -> None:
        edit(work, held, link_generation=1)
        assert browse.get(link).status == 404
        assert browse.post(f"{link}/cancel").status == 404

    def test_made_for_another_purpose_is_not_found(self, browse: Browse, held: Booking) -> None:
        for purpose in ("sign-in", "calendar"):
            assert browse.get(f"/bookings/t/{secrecy.sign(purpose, held.public_id, 0)}").status == 404

    @pytest.mark.parametrize(
        "forge",
        [
            lambda token: token[:-1] + ("A" if token[-1] != "A" else "Q"),
            lambda token: token.upper(),
            lambda token: token.partition(".")[0],
            lambda token: "." + token.partition(".")[2],
            lambda token: "W10." + token.partition(".")[2],
            lambda token: token + "x",
            lambda token: token + "%00",
            lambda token: "🌻",
            lambda token: "a" * 4_000,
            lambda token: "WyJ4IiwwXQ.x",
        ],
    )
    def test_that_was_forged_is_not_found(
        self, browse: Browse, link: str, state: State, forge: Callable[[str], str]
    ) -> None:
        path = f"/bookings/t/{forge(link.rpartition('/')[2])}"
        assert browse.get(path).status == 404
        assert browse.get(f"{path}/cancel").status == 404
        assert browse.post(f"{path}/cancel").status == 404
        assert state() is BookingState.LIVE

    def test_is_not_told_to_other_sites(self, browse: Browse, link: str) -> None:
        headers = browse.get(link).response.headers
        assert headers["Referrer-Policy"] in {"no-referrer", "same-origin"}
        assert "no-store" in headers["Cache-Control"] or "no-cache" in headers["Cache-Control"]


class TestWhoIsComing:
    def roster(self, page: Browse) -> list[list[str]]:
        """What the list says of each person, time by time."""
        return [
            [" ".join(item.get_text(" ").split()) for item in part.select(".cop-roster > li")]
            for part in page.soup.select("main section")
        ]

    def test_is_listed_by_time_with_all_that_a_host_has_to_know(
        self, browse: Browse, make: Make, visit: Event, host: Person
    ) -> None:
        zoe = make.person("Zoe", phone="01438 000000", sector=Sector.VCSE, needs="Step-free, please")
        amina = make.person("Amina", organisation=make.organisation("Brent"), sector=Sector.COUNCILLOR)
        make.booking(zoe, visit)
        make.booking(amina, visit, party_size=3, names=["Ben 🌻"])
        page = browse.sign_in(host).get(f"/visits/{visit.slug}").click("Who is coming")
        first, second = self.roster(page)
        assert second == []
        assert "Nobody has booked this time yet" in page.text
        assert "4 people of 10 places" in page.text
        assert [item.split(" ·")[0] for item in first] == [
            "Amina Brent",
            "Ben 🌻 with Amina",
            "Guest of Amina, not yet named with Amina",
            "Zoe No organisation given",
        ]
        for words in ("Councillor", "party of 3"):
            assert words in first[0]
        for words in ("VCSE", "party of 1", "01438 000000", "Access needs: Step-free, please"):
            assert words in first[3]

    def test_shows_whatever_people_are_called_as_text(
        self, browse: Browse, make: Make, visit: Event, host: Person
    ) -> None:
        evil = "<script>alert(1)</script> 100% {{ 7 * 7 }}"
        held = make.booking(make.person(evil, needs=evil), visit, party_size=2, names=[evil])
        browse.sign_in(host)
        for path in (
            f"/events/{visit.slug}/bookings",
            f"/events/{visit.slug}/attendance",
            f"/bookings/{held.public_id}",
        ):
            assert browse.get(path).text.count(evil) >= 2

    def test_leaves_out_whoever_cancelled_or_moved(
        self, browse: Browse, make: Make, visit: Event, host: Person, work: Working
    ) -> None:
        leaver, mover = make.account("Leaver"), make.account("Mover")
        left, moved = make.booking(leaver, visit), make.booking(mover, visit)
        with work(make.actor(leaver)) as unit:
            services.cancel(unit, public_id=left.public_id)
        to = [visit.parts[1].id]
        with work(make.actor(mover)) as unit:
            services.change(unit, public_id=moved.public_id, part_ids=to, party=services.Party(1))
        first, second = self.roster(browse.sign_in(host).get(f"/events/{visit.slug}/bookings"))
        assert (len(first), len(second)) == (0, 1)
        assert second[0].startswith("Mover")

    def test_prints_people_and_needs_and_no_buttons(
        self, browse: Browse, make: Make, visit: Event, host: Person
    ) -> None:
        make.booking(make.person("Amina", needs="A BSL interpreter", phone="01438 1"), visit, party_size=2)
        page = browse.sign_in(host).get(f"/events/{visit.slug}/bookings")
        soup = parse(page.html)
        for hidden in soup.select(".cop-no-print"):
            hidden.decompose()
        assert soup.main
        assert not soup.main.select("button, form, .govuk-button, section a")
        printed = " ".join(soup.main.get_text(" ").split())
        for words in ("Monday 9 March 2026, 10am to 11am", "Amina", "A BSL interpreter", "01438 1", "party of 2"):
            assert words in printed

    @pytest.mark.parametrize("page", ["bookings", "attendance", "bookings/new"])
    def test_is_not_found_by_others(
        self, browse: Browse, make: Make, visit: Event, amina: Person, held: Booking, page: str
    ) -> None:
        elsewhere, evaluator = make.account("Host elsewhere"), make.account("Evaluator")
        make.grant(elsewhere, Role.HOST, event=make.visit())
        make.grant(evaluator, Role.EVALUATOR, programme=visit.programme)
        path = f"/events/{visit.slug}/{page}"
        assert browse.get(path, follow=False).location == f"/sign-in?next={path}"
        for person in (amina, elsewhere, evaluator):
            assert browse.sign_in(person).get(path).status == 404

    @pytest.mark.parametrize("slug", ["nothing", "%00", "🌻"])
    def test_of_no_event_is_not_found(self, browse: Browse, make: Make, slug: str) -> None:
        assert browse.sign_in(make.admin()).get(f"/events/{slug}/bookings").status == 404

    def test_is_empty_without_times_and_says_so(self, browse: Browse, make: Make) -> None:
        visit = make.visit(slots=[])
        page = browse.sign_in(make.admin()).get(f"/events/{visit.slug}/bookings")
        assert "There are no times yet" in page.text

    def test_needs_the_same_statements_for_one_booking_and_for_three(
        self, browse: Browse, make: Make, visit: Event, host: Person
    ) -> None:
        counts = []
        for number in range(3):
            make.booking(make.person(f"Guest {number}", needs="x", organisation=make.organisation()), visit)
            with count_queries() as sent:
                browse.sign_in(host).get(f"/events/{visit.slug}/bookings")
            counts.append(len([line for line in sent if "account" not in line]))
        assert set(counts) == {counts[0]}


class TestAccessNeeds:
    NEEDS = "A quiet room for prayer"

    @pytest.fixture
    def held(self, make: Make, visit: Event) -> Booking:
        person = make.account("Amina Yusuf", needs=self.NEEDS)
        return make.booking(person, visit)

    def seen(self, reading: Reads) -> list[tuple[str, str, int | None, int | None]]:
        with reading() as read:
            notes = read.session.scalars(select(Observation).order_by(Observation.id))
            return [(note.kind, note.subject_kind, note.subject_id, note.person_id) for note in notes]

    def test_are_shown_to_the_host_and_each_look_is_noted(
        self, browse: Browse, visit: Event, host: Person, held: Booking, reading: Reads
    ) -> None:
        for _ in range(2):
            assert self.NEEDS in browse.sign_in(host).get(f"/events/{visit.slug}/bookings").text
        assert self.seen(reading) == [("access needs read", "event", visit.id, host.id)] * 2

    def test_are_on_no_other_page_about_the_booking(
        self, browse: Browse, visit: Event, host: Person, held: Booking, link: str, reading: Reads
    ) -> None:
        browse.sign_in(host)
        for path in (
            f"/bookings/{held.public_id}",
            f"/bookings/{held.public_id}/change",
            f"/bookings/{held.public_id}/calendar.ics",
            f"/events/{visit.slug}/attendance",
            link,
        ):
            assert self.NEEDS not in browse.get(path).html
        assert self.seen(reading) == []

    def test_are_noted_for_nobody_who_is_turned_away(
        self, browse: Browse, make: Make, visit: Event, held: Booking, reading: Reads
    ) -> None:
        assert browse.sign_in(make.account("Stranger")).get(f"/events/{visit.slug}/bookings").status == 404
        assert self.seen(reading) == []


class TestBookingForSomebody:
    def form(self, browse: Browse, host: Person, visit: Event) -> Browse:
        return browse.sign_in(host).get(f"/events/{visit.slug}/bookings").click("Book for somebody")

    def test_without_email_puts_them_on_the_list_and_mails_nobody(
        self, browse: Browse, make: Make, host: Person, visit: Event, outbox: Posted, reading: Reads
    ) -> None:
        make.organisation("Brent")
        page = self.form(browse, host, visit)
        page.submit(
            "Book for this person",
            name="Rosa Lund 🌻",
            phone="01438 000000",
            organisation="Brent",
            sector="resident",
            slot=visit.parts[1].id,
            party_size="2",
            names="לאה",
        )
        assert page.path == f"/events/{visit.slug}/bookings"
        for words in ("Rosa Lund 🌻 is booked", "Brent · Resident · party of 2 · 01438 000000", "לאה"):
            assert words in page.text
        assert [message.channel for message in outbox()] == [OutboxChannel.TELL]
        with reading() as read:
            (made,) = read.session.scalars(select(Booking))
        assert (made.source, made.by_person_id) == (BookingSource.STAFF, host.id)

    def test_with_a_known_address_books_that_person(
        self, browse: Browse, make: Make, host: Person, visit: Event, outbox: Posted
    ) -> None:
        make.account("Amina Yusuf", "amina@council.example")
        page = self.form(browse, host, visit)
        page.submit("Book for this person", name="Amina", email="AMINA@council.example", slot=visit.parts[0].id)
        assert "Amina Yusuf" in page.text
        assert [message.channel for message in outbox()] == [OutboxChannel.EMAIL]

    @pytest.mark.parametrize(
        ("answers", "error"),
        [
            ({"name": ""}, "Enter the person’s full name"),
            ({"name": "   "}, "Enter the person’s full name"),
            ({"name": "Rosa\0"}, "control characters"),
            ({"name": "a" * 201}, "200 characters or fewer"),
            ({"email": "rosa at example"}, "e-mail address"),
            ({"organisation": "No such council"}, "No organisation has this name"),
            ({"sector": "wizard"}, ""),
            ({"slot": ""}, "Choose a time"),
            ({"party_size": "101"}, "1 to 100 people"),
            ({"party_size": "10000"}, "1 to 100 people"),
            ({"names": "Ben"}, "more names than"),
        ],
    )
    def test_that_breaks_a_rule_is_refused_and_the_answers_kept(
        self,
        browse: Browse,
        host: Person,
        visit: Event,
        outbox: Posted,
        answers: dict[str, str],
        error: str,
    ) -> None:
        given = {"name": "Rosa Lund", "phone": "01438 1", "sector": "", **change_of(visit), **answers}
        page = browse.sign_in(host).post(f"/events/{visit.slug}/bookings/new", given)
        assert page.status == 422
        assert error in page.errors[0]
        assert page.soup.select("[name=phone]")[0]["value"] == "01438 1"
        assert outbox() == []

    def test_of_somebody_with_line_ends_in_the_name_is_refused_or_made_harmless(
        self, browse: Browse, host: Person, visit: Event, reading: Reads
    ) -> None:
        given = {"name": "Rosa\r\nBcc: evil@x.example", "sector": "", **change_of(visit)}
        browse.sign_in(host).post(f"/events/{visit.slug}/bookings/new", given)
        with reading() as read:
            assert not [name for name in read.session.scalars(select(Person.name)) if "\n" in name or "\r" in name]

    def test_says_so_where_no_time_is_left(self, browse: Browse, make: Make) -> None:
        visit = make.visit(slots=[START - DAY])
        page = browse.sign_in(make.admin()).get(f"/events/{visit.slug}/bookings/new")
        assert "No time is still to come" in page.text
        assert not page.soup.select("main form")
