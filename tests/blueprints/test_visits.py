"""Visits as visitors see them: what there is, one visit, and the way from its page to a booking and back out."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from bs4 import Tag
from sqlalchemy import func, select, update

from cop.core.access import Role
from cop.models.accounts import Person
from cop.models.events import Booking, Event, EventKind, EventState, PartState, Visibility
from tests.support.browse import Browse
from tests.support.clock import START, FixedClock
from tests.support.make import Make, Reads, Working
from tests.support.queries import count_queries

HOUR, DAY = timedelta(hours=1), timedelta(days=1)

Count = Callable[[], int]


@pytest.fixture
def bookings(reading: Reads) -> Count:
    """How many bookings there are."""

    def count() -> int:
        with reading() as read:
            return read.session.scalar(select(func.count()).select_from(Booking)) or 0

    return count


@pytest.fixture
def amina(make: Make) -> Person:
    return make.account("Amina Yusuf", "amina@council.example")


def cards(page: Browse) -> list[str]:
    return [" ".join(card.get_text(" ").split()) for card in page.soup.select("main .cop-card")]


def titles(page: Browse) -> list[str]:
    return [heading.get_text(strip=True) for heading in page.soup.select("main .cop-card h2")]


def control(page: Browse, selector: str) -> Tag:
    (found,) = page.soup.select(f"main {selector}")
    return found


def edit(work: Working, row: Any, **values: Any) -> None:
    with work() as unit:
        unit.session.execute(update(type(row)).where(type(row).id == row.id).values(**values))


class TestTheList:
    def test_shows_what_is_to_come_in_order(self, browse: Browse, make: Make) -> None:
        make.visit("Later", slots=[START + 3 * DAY])
        make.visit("Sooner", slots=[START + DAY, START + 2 * DAY], place="Town Hall, Swindon")
        page = browse.get("/visits/")
        assert page.heading == "Visits"
        assert titles(page) == ["Sooner", "Later"]
        for words in ("Tuesday 3 March 2026", "to Wed 4 Mar", "Town Hall, Swindon", "20 places left"):
            assert words in cards(page)[0]
        assert page.click("Sooner").heading == "Sooner"

    @pytest.mark.parametrize(
        "columns",
        [
            {"published": False},
            {"state": EventState.CANCELLED},
            {"visibility": Visibility.UNLISTED},
            {"visibility": Visibility.INVITED},
            {"slots": [START - DAY]},
            {"slots": []},
        ],
        ids=["draft", "cancelled", "unlisted", "by invitation", "past", "without times"],
    )
    def test_hides_what_nobody_can_come_to(self, browse: Browse, make: Make, columns: dict[str, Any]) -> None:
        make.visit(**columns)
        page = browse.get("/visits/")
        assert titles(page) == []
        assert page.click("Subscribe").path == "/calendar"

    def test_of_the_past_shows_the_latest_first(self, browse: Browse, make: Make) -> None:
        make.visit("Long ago", slots=[START - 30 * DAY])
        make.visit("Yesterday", slots=[START - DAY])
        make.visit("Called off", slots=[START - 2 * DAY], state=EventState.CANCELLED)
        make.visit("To come")
        page = browse.get("/visits/").click("Visits that were")
        assert titles(page) == ["Yesterday", "Called off", "Long ago"]
        assert "Cancelled" in cards(page)[1]
        assert titles(page.click("Visits to come")) == ["To come"]

    def test_of_the_past_may_be_empty(self, browse: Browse) -> None:
        assert "No visit has taken place yet" in browse.get("/visits/", show="past").text

    def test_is_cut_into_pages(self, browse: Browse, make: Make) -> None:
        for number in range(21):
            make.visit(f"Visit {number:02d}", slots=[START + DAY + number * HOUR])
        page = browse.get("/visits/")
        assert len(titles(page)) == 20
        assert titles(page.click("Next page")) == ["Visit 20"]
        assert len(titles(page.click("Previous page"))) == 20

    @pytest.mark.parametrize("number", ["0", "-1", "x", "²", "1e9", "9" * 50, "9" * 5_000, ""])
    def test_takes_a_senseless_page_number_lightly(self, browse: Browse, make: Make, number: str) -> None:
        make.visit()
        assert browse.get("/visits/", page=number).status == 200

    @pytest.mark.parametrize(
        ("columns", "left"),
        [
            ({"slots": 2, "capacity": 10}, "20 places left"),
            ({"slots": 2, "capacity": 10, "event_capacity": 5}, "5 places left"),
            ({"slots": 2, "capacity": 10, "day_capacity": 6}, "6 places left"),
            ({"slots": [START + DAY, START + DAY + HOUR, START + 2 * DAY], "day_capacity": 6}, "12 places left"),
            ({"slots": 2, "capacity": 0}, "Full"),
            ({"slots": 2, "capacity": 10, "day_capacity": 0}, "Full"),
            ({"slots": 2, "capacity": None}, "Places for all"),
        ],
    )
    def test_says_how_many_can_still_come(self, browse: Browse, make: Make, columns: dict[str, Any], left: str) -> None:
        make.visit(**columns)
        assert left in cards(browse.get("/visits/"))[0]

    def test_does_not_count_places_of_a_time_that_has_begun(
        self, browse: Browse, make: Make, clock: FixedClock
    ) -> None:
        make.visit(slots=[START + HOUR, START + 2 * HOUR], capacity=10)
        clock.move(HOUR + timedelta(minutes=10))
        assert "10 places left" in cards(browse.get("/visits/"))[0]

    @pytest.mark.parametrize("minutes", [-1, 0, 30, 59, 60])
    def test_and_that_of_the_past_hold_every_visit_between_them_at_every_minute(
        self, browse: Browse, make: Make, clock: FixedClock, minutes: int
    ) -> None:
        make.visit("Today", slots=[START + HOUR])
        clock.move(HOUR + timedelta(minutes=minutes))
        assert titles(browse.get("/visits/")) + titles(browse.get("/visits/", show="past")) == ["Today"]

    def test_of_the_past_holds_what_has_only_times_left_that_were_called_off(
        self, browse: Browse, make: Make, work: Working
    ) -> None:
        visit = make.visit("Half of it", slots=[START - DAY, START + DAY])
        edit(work, visit.parts[1], state=PartState.CANCELLED)
        assert titles(browse.get("/visits/")) == []
        assert titles(browse.get("/visits/", show="past")) == ["Half of it"]

    def test_does_not_reach_to_a_day_that_was_called_off(self, browse: Browse, make: Make, work: Working) -> None:
        visit = make.visit(slots=[START + DAY, START + 5 * DAY])
        edit(work, visit.parts[1], state=PartState.CANCELLED)
        (card,) = cards(browse.get("/visits/"))
        assert "Tuesday 3 March 2026" in card
        assert "Sat 7 Mar" not in card

    def test_needs_the_same_few_statements_for_one_visit_and_for_three(self, browse: Browse, make: Make) -> None:
        counts = []
        for _ in range(3):
            make.visit(slots=3, day_capacity=9)
            with count_queries() as sent:
                browse.get("/visits/")
            counts.append(len(sent))
        assert set(counts) == {counts[0]}
        assert counts[0] <= 6


class TestTheVisitPage:
    def test_says_all_that_one_needs_to_decide(self, browse: Browse, make: Make) -> None:
        visit = make.visit(
            slots=[START + DAY, START + DAY + HOUR, START + 2 * DAY],
            capacity=4,
            getting_there="Bus 4 from the station.",
            step_free="A lift to every floor.",
            bring="A warm coat.",
        )
        make.booking(make.person(), visit, party_size=4)
        page = browse.get(f"/visits/{visit.slug}")
        assert page.heading == visit.title
        for words in (visit.summary, visit.description, visit.place, "Bus 4", "A lift", "A warm coat"):
            assert words in page.text
        assert cards(page)[1:] == [
            "Tuesday 3 March 2026 9am to 10am Full 10am to 11am 4 places left",
            "Wednesday 4 March 2026 9am to 10am 4 places left",
        ]
        assert "For hosts" not in page.text

    def test_leads_to_booking_and_to_a_calendar(self, browse: Browse, make: Make, amina: Person) -> None:
        visit = make.visit()
        page = browse.sign_in(amina).get(f"/visits/{visit.slug}")
        assert control(page, f'a[href="/events/{visit.slug}.ics"]').get_text() == "Add to your calendar"
        assert page.click("Book a visit").path == f"/visits/{visit.slug}/book"

    def test_tells_times_by_the_clock_of_the_place(self, browse: Browse, make: Make) -> None:
        visit = make.visit(slots=[datetime(2026, 7, 13, 23, 30, tzinfo=UTC)])
        assert "Tuesday 14 July 2026 12:30am to 1:30am" in browse.get(f"/visits/{visit.slug}").text

    @pytest.mark.parametrize(
        ("columns", "words"),
        [
            ({"state": EventState.CANCELLED}, "This visit is cancelled"),
            ({"opens_at": START + DAY}, "Booking opens on 3 March 2026 at 9am"),
            ({"closes_at": START - DAY}, "Booking closed on 1 March 2026 at 9am"),
            ({"slots": [START - DAY]}, "This visit is over"),
        ],
    )
    def test_says_why_it_cannot_be_booked_and_offers_no_button(
        self, browse: Browse, make: Make, columns: dict[str, Any], words: str
    ) -> None:
        page = browse.get(f"/visits/{make.visit(**columns).slug}")
        assert words in page.text
        assert "Book a visit" not in page.text

    def test_says_until_when_one_may_book_and_change(self, browse: Browse, make: Make) -> None:
        visit = make.visit(closes_at=START + DAY, change_until=START + 2 * DAY)
        page = browse.get(f"/visits/{visit.slug}")
        assert "Booking closes on 3 March 2026 at 9am" in page.text
        assert "You can change or cancel until 4 March 2026 at 9am" in page.text

    def test_leads_whoever_has_booked_to_their_booking(self, browse: Browse, make: Make, amina: Person) -> None:
        visit = make.visit()
        held = make.booking(amina, visit)
        page = browse.sign_in(amina).get(f"/visits/{visit.slug}")
        assert "You are booked" in page.text
        assert "Book a visit" not in page.text
        assert page.click("See your booking").path == f"/bookings/{held.public_id}"

    def test_of_an_unlisted_visit_is_there_for_whoever_knows_it(self, browse: Browse, make: Make) -> None:
        assert browse.get(f"/visits/{make.visit(visibility=Visibility.UNLISTED).slug}").status == 200

    @pytest.mark.parametrize(
        "columns", [{"published": False}, {"visibility": Visibility.INVITED}], ids=["draft", "by invitation"]
    )
    def test_of_a_hidden_visit_is_not_found_except_by_its_staff(
        self, browse: Browse, make: Make, amina: Person, columns: dict[str, Any]
    ) -> None:
        visit, host = make.visit(**columns), make.account("Hani Host")
        make.grant(host, Role.HOST, event=visit)
        path = f"/visits/{visit.slug}"
        assert browse.get(path).status == 404
        assert browse.sign_in(amina).get(path).status == 404
        assert browse.sign_in(host).get(path).status == 200
        assert ("Draft" in browse.text) == ("published" in columns)

    def test_of_a_visit_by_invitation_is_there_for_whoever_has_booked(
        self, browse: Browse, make: Make, amina: Person, work: Working
    ) -> None:
        visit = make.visit()
        make.booking(amina, visit)
        edit(work, visit, visibility=Visibility.INVITED)
        assert browse.sign_in(amina).get(f"/visits/{visit.slug}").status == 200

    @pytest.mark.parametrize("slug", ["nothing", "UPPER", "%00", "%F0%9F%8C%BB", "a" * 3_000, "..%2f..%2fetc"])
    def test_of_nothing_is_not_found(self, browse: Browse, slug: str) -> None:
        assert browse.get(f"/visits/{slug}").status == 404
        assert browse.get(f"/visits/{slug}/book").status in {404, 200}, "after being asked to sign in"

    def test_of_another_kind_of_event_is_not_found(self, browse: Browse, make: Make, work: Working) -> None:
        event = make.visit()
        edit(work, event, kind=EventKind.WEBINAR)
        assert browse.get(f"/visits/{event.slug}").status == 404

    def test_shows_hosts_and_nobody_else_the_way_to_their_lists(
        self, browse: Browse, make: Make, amina: Person
    ) -> None:
        visit, other, host = make.visit(), make.visit(), make.account("Hani Host")
        make.grant(host, Role.HOST, event=visit)
        assert "For hosts" in browse.sign_in(host).get(f"/visits/{visit.slug}").text
        assert "For hosts" not in browse.get(f"/visits/{other.slug}").text
        assert "For hosts" not in browse.sign_in(amina).get(f"/visits/{visit.slug}").text

    def test_needs_the_same_few_statements_for_one_time_and_for_three(self, browse: Browse, make: Make) -> None:
        counts = []
        for slots in (1, 3):
            visit = make.visit(slots=slots, day_capacity=9)
            with count_queries() as sent:
                browse.get(f"/visits/{visit.slug}")
            counts.append(len(sent))
        assert counts[0] == counts[1] <= 6


class TestTheJourney:
    def test_from_the_visit_to_a_booking_to_another_time_and_out_again(
        self, browse: Browse, make: Make, amina: Person
    ) -> None:
        visit = make.visit(slots=[START + DAY, START + DAY + HOUR, START + 2 * DAY], capacity=3)
        page = browse.sign_in(amina).get("/visits/").click(visit.title).click("Book a visit")
        assert page.heading == "Choose a date"
        page.submit("Continue", date="2026-03-03")
        assert [radio["value"] for radio in page.soup.select("[name=slot]")] == [
            str(part.id) for part in visit.parts[:2]
        ]
        page.submit("Book this visit", slot=visit.parts[1].id, party_size="3", names="Ben 🌻\r\n\r\n يوسف \r\n")
        assert page.heading == "You are booked"
        assert "Your visit is booked" in page.text
        for words in ("Tuesday 3 March 2026, 10am to 11am", "3 people", "Ben 🌻, يوسف"):
            assert words in page.text
        page.click("Change time, party or names")
        assert control(page, "[name=slot][checked]")["value"] == str(visit.parts[1].id)
        assert control(page, "[name=names]").get_text(strip=True).splitlines() == ["Ben 🌻", "يوسف"]
        page.submit("Save the change", slot=visit.parts[2].id, party_size="2", names="Ben 🌻")
        assert "Your booking is changed" in page.text
        assert "Wednesday 4 March 2026, 9am to 10am" in page.text
        page.click("Cancel the booking").submit("Yes, cancel it")
        assert page.heading == "This booking is cancelled"
        assert [part.places_left for part in make.event(visit.id).parts] == [3, 3, 3]
        assert page.click("Book again").click("Book a visit").heading == "Choose a date"

    def test_begins_with_sign_in_and_comes_back(self, browse: Browse, make: Make) -> None:
        visit = make.visit()
        page = browse.get(f"/visits/{visit.slug}/book", date="2026-03-09", follow=False)
        assert page.status == 302
        assert page.location.startswith(f"/sign-in?next=/visits/{visit.slug}/book")
        assert "2026-03-09" in page.location

    def test_of_a_post_signed_out_leads_to_sign_in_and_books_nothing(
        self, browse: Browse, make: Make, bookings: Count
    ) -> None:
        visit = make.visit()
        page = browse.post(f"/visits/{visit.slug}/book", booking_of(visit), follow=False)
        assert (page.status, page.location) == (302, f"/sign-in?next=/visits/{visit.slug}/book")
        assert bookings() == 0


def booking_of(visit: Event, slot: int = 0, **more: str) -> dict[str, str]:
    return {"slot": str(visit.parts[slot].id), "party_size": "1", "names": "", **more}


class TestChoosing:
    def test_skips_the_date_where_there_is_only_one(self, browse: Browse, make: Make, amina: Person) -> None:
        visit = make.visit(slots=2)
        page = browse.sign_in(amina).get(f"/visits/{visit.slug}/book")
        assert page.heading == visit.title
        assert len(page.soup.select("[name=slot]")) == 2

    def test_counts_a_date_as_gone_once_its_last_time_has_begun(
        self, browse: Browse, make: Make, amina: Person, clock: FixedClock
    ) -> None:
        visit = make.visit(slots=[START + HOUR, START + DAY, START + 2 * DAY])
        clock.move(HOUR)
        page = browse.sign_in(amina).get(f"/visits/{visit.slug}/book")
        assert [radio["value"] for radio in page.soup.select("[name=date]")] == ["2026-03-03", "2026-03-04"]

    @pytest.mark.parametrize("date", ["2030-01-01", "nonsense", "2026-03-03x", "", "🌻"])
    def test_takes_a_senseless_date_lightly(self, browse: Browse, make: Make, amina: Person, date: str) -> None:
        visit = make.visit(slots=[START + DAY, START + 2 * DAY])
        page = browse.sign_in(amina).get(f"/visits/{visit.slug}/book", date=date)
        assert page.status == 200
        assert page.soup.select("main form input[type=radio]")

    def test_shows_full_times_as_such_and_does_not_let_them_be_chosen(
        self, browse: Browse, make: Make, amina: Person
    ) -> None:
        visit = make.visit(capacity=2)
        make.booking(make.person(), visit, slot=0, party_size=2)
        page = browse.sign_in(amina).get(f"/visits/{visit.slug}/book")
        full, free = page.soup.select("[name=slot]")
        assert full.has_attr("disabled")
        assert not free.has_attr("disabled")
        assert control(page, f"#{full['aria-describedby']}").get_text(strip=True) == "Full"

    @pytest.mark.parametrize("limit", ["day_capacity", "event_capacity"])
    def test_shows_times_as_full_when_their_day_or_the_visit_is(
        self, browse: Browse, make: Make, amina: Person, limit: str
    ) -> None:
        columns: dict[str, Any] = {limit: 2}
        visit = make.visit(**columns)
        make.booking(make.person(), visit, slot=0, party_size=2)
        page = browse.sign_in(amina).get(f"/visits/{visit.slug}/book")
        assert all(radio.has_attr("disabled") for radio in page.soup.select("[name=slot]"))

    def test_leads_whoever_has_booked_to_their_booking(self, browse: Browse, make: Make, amina: Person) -> None:
        visit = make.visit()
        held = make.booking(amina, visit)
        page = browse.sign_in(amina).get(f"/visits/{visit.slug}/book")
        assert page.path == f"/bookings/{held.public_id}"
        assert "You have a booking for this visit already" in page.text

    @pytest.mark.parametrize(
        "columns",
        [
            {"slots": [START - DAY]},
            {"slots": []},
            {"state": EventState.CANCELLED},
            {"opens_at": START + DAY},
            {"closes_at": START},
        ],
        ids=["over", "without times", "cancelled", "not open yet", "closed"],
    )
    def test_offers_no_form_where_nothing_can_be_booked(
        self, browse: Browse, make: Make, amina: Person, columns: dict[str, Any]
    ) -> None:
        visit = make.visit(**columns)
        page = browse.sign_in(amina).get(f"/visits/{visit.slug}/book")
        assert page.status == 200
        assert not page.soup.select("main form")
        assert page.soup.select('main a[href^="/visits/"]'), "a next step"

    @pytest.mark.parametrize("columns", [{"published": False}, {"visibility": Visibility.INVITED}])
    def test_is_not_found_where_the_visit_is_hidden(
        self, browse: Browse, make: Make, amina: Person, columns: dict[str, Any]
    ) -> None:
        visit = make.visit(**columns)
        assert browse.sign_in(amina).get(f"/visits/{visit.slug}/book").status == 404
        assert browse.post(f"/visits/{visit.slug}/book", booking_of(visit)).status == 404


class TestARefusal:
    @pytest.mark.parametrize(
        ("answers", "error", "field"),
        [
            ({"party_size": "10000"}, "A party here is 1 to 5 people", "party_size"),
            ({"party_size": "6"}, "A party here is 1 to 5 people", "party_size"),
            ({"party_size": "0"}, "whole number", "party_size"),
            ({"party_size": "-1"}, "whole number", "party_size"),
            ({"party_size": ""}, "Enter how many people are coming", "party_size"),
            ({"party_size": "some"}, "whole number", "party_size"),
            ({"party_size": "1.5"}, "whole number", "party_size"),
            ({"party_size": "9" * 6_000}, "whole number", "party_size"),
            ({"party_size": "2", "names": "Ben\nCem"}, "more names than", "names"),
            ({"names": "a" * 201, "party_size": "2"}, "200 characters or fewer", "names"),
            ({"names": "a\n" * 3_000}, "5,000 characters or fewer", "names"),
            ({"names": "Ben\0", "party_size": "2"}, "control characters", "names"),
            ({"names": "Ben\x07", "party_size": "2"}, "control characters", "names"),
            ({"slot": ""}, "Choose a time", "slot"),
            ({"slot": "987654"}, "", "slot"),
            ({"slot": "x"}, "", "slot"),
            ({"slot": "1\0"}, "", "slot"),
            ({"slot": "9" * 100}, "", "slot"),
        ],
    )
    def test_keeps_the_answers_and_links_to_the_field(
        self,
        browse: Browse,
        make: Make,
        amina: Person,
        bookings: Count,
        answers: dict[str, str],
        error: str,
        field: str,
    ) -> None:
        visit = make.visit()
        given = booking_of(visit, 1) | answers
        page = browse.sign_in(amina).post(f"/visits/{visit.slug}/book", given)
        assert page.status == 422
        (item,) = page.errors
        assert error.replace(",", "") in item.replace(",", "")
        (link,) = page.soup.select(".govuk-error-summary__list a")
        assert str(link["href"]).startswith(f"#{field}")
        assert page.soup.title
        assert page.soup.title.get_text().startswith("Error: ")
        if field != "party_size":
            assert control(page, "[name=party_size]")["value"] == given["party_size"]
        if field != "slot":
            assert control(page, "[name=slot][checked]")["value"] == given["slot"]
        assert bookings() == 0

    def test_names_everything_that_is_wrong_at_once(self, browse: Browse, make: Make, amina: Person) -> None:
        visit = make.visit()
        page = browse.sign_in(amina).post(f"/visits/{visit.slug}/book", {"party_size": "", "names": "\0"})
        assert page.status == 422
        assert len(page.errors) == 3

    def test_meets_whoever_posts_a_full_time(self, browse: Browse, make: Make, amina: Person, bookings: Count) -> None:
        visit = make.visit(capacity=2)
        make.booking(make.person(), visit, party_size=2)
        page = browse.sign_in(amina).post(f"/visits/{visit.slug}/book", booking_of(visit))
        assert page.status == 422
        assert page.errors == ["This time is full. Choose another."]
        assert bookings() == 1

    def test_meets_a_party_that_no_longer_fits(self, browse: Browse, make: Make, amina: Person) -> None:
        visit = make.visit(capacity=3)
        page = browse.sign_in(amina).get(f"/visits/{visit.slug}/book")
        make.booking(make.person(), visit, party_size=2)
        page.submit("Book this visit", slot=visit.parts[0].id, party_size="2", names="Ben")
        assert page.status == 422
        assert page.errors == ["Only one place is left at this time, and your party is 2"]
        assert control(page, "[name=names]").get_text(strip=True) == "Ben"
        page.submit("Book this visit", slot=visit.parts[1].id)
        assert page.heading == "You are booked"

    @pytest.mark.parametrize(
        ("meanwhile", "words"), [("begun", "has passed"), ("called off", "has been cancelled"), ("full", "is full")]
    )
    def test_names_the_rule_when_the_time_is_no_longer_to_be_had(
        self,
        browse: Browse,
        make: Make,
        amina: Person,
        clock: FixedClock,
        work: Working,
        meanwhile: str,
        words: str,
    ) -> None:
        visit = make.visit(slots=[START + HOUR, START + 2 * HOUR], capacity=1)
        page = browse.sign_in(amina).get(f"/visits/{visit.slug}/book")
        if meanwhile == "begun":
            clock.move(HOUR)
        elif meanwhile == "called off":
            edit(work, visit.parts[0], state=PartState.CANCELLED)
        else:
            make.booking(make.person(), visit)
        page.submit("Book this visit", slot=visit.parts[0].id)
        assert page.status == 422
        assert words in page.errors[0]

    def test_meets_whoever_posts_a_time_of_another_visit(self, browse: Browse, make: Make, amina: Person) -> None:
        visit, other = make.visit(), make.visit()
        assert browse.sign_in(amina).post(f"/visits/{visit.slug}/book", booking_of(other)).status == 422

    def test_meets_whoever_books_twice(self, browse: Browse, make: Make, amina: Person, bookings: Count) -> None:
        visit = make.visit()
        page = browse.sign_in(amina).get(f"/visits/{visit.slug}/book")
        make.booking(amina, visit)
        page.submit("Book this visit", slot=visit.parts[1].id)
        assert page.status == 422
        assert page.errors == ["You have already booked. Change that booking instead."]
        assert bookings() == 1

    @pytest.mark.parametrize(
        ("columns", "words"),
        [({"opens_at": START + DAY}, "not opened yet"), ({"closes_at": START}, "has closed")],
    )
    def test_meets_whoever_posts_outside_the_window(
        self, browse: Browse, make: Make, amina: Person, columns: dict[str, Any], words: str
    ) -> None:
        visit = make.visit(**columns)
        page = browse.sign_in(amina).post(f"/visits/{visit.slug}/book", booking_of(visit))
        assert page.status == 422
        assert words in page.errors[0]

    def test_is_a_sound_page_even_when_the_last_time_began_meanwhile(
        self, browse: Browse, make: Make, amina: Person, clock: FixedClock
    ) -> None:
        visit = make.visit(slots=[START + HOUR])
        page = browse.sign_in(amina).get(f"/visits/{visit.slug}/book")
        clock.move(HOUR)
        page.submit("Book this visit", slot=visit.parts[0].id)
        assert page.status == 422
        assert page.errors

    def test_of_a_forged_form_is_403(self, browse: Browse, make: Make, amina: Person, bookings: Count) -> None:
        visit = make.visit()
        page = browse.sign_in(amina).post(f"/visits/{visit.slug}/book", booking_of(visit), csrf=False)
        assert page.status == 403
        assert bookings() == 0

    def test_of_five_megabytes_is_a_page_that_says_so(
        self, browse: Browse, make: Make, amina: Person, bookings: Count
    ) -> None:
        visit = make.visit()
        page = browse.sign_in(amina).post(f"/visits/{visit.slug}/book", booking_of(visit, names="a" * 5_000_000))
        assert page.status == 413
        assert page.heading == "That is too large"
        assert bookings() == 0
