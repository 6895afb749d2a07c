from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from icalendar import Calendar, Event
from sqlalchemy import delete, update
from werkzeug.test import TestResponse

from cop.core.access import SYSTEM
from cop.core.errors import NotFound
from cop.models.accounts import Person
from cop.models.events import Booking, Entry, EventState, Part, PartState, Visibility
from cop.queries import calendars as queries
from cop.services.events import booking as bookings
from tests.support.browse import Browse
from tests.support.clock import FixedClock
from tests.support.make import Make, Reads, Working
from tests.support.queries import count_queries


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A calendar: it keeps no cookies and never signs in."""
    return app.test_client(use_cookies=False)


def events(response: TestResponse) -> list[Event]:
    assert response.status_code == 200
    assert response.content_type == "text/calendar; charset=utf-8"
    found = Calendar.from_ical(response.data)
    assert isinstance(found, Calendar)
    return found.events


def titles(response: TestResponse) -> list[str]:
    return [str(event["SUMMARY"]) for event in events(response)]


def edit(work: Working, row: Any, **values: Any) -> None:
    with work() as unit:
        table = type(row)
        unit.session.execute(update(table).where(table.id == row.id).values(**values))


def own_path(browse: Browse, person: Person) -> str:
    """The address of a person's own feed, as their page shows it."""
    page = browse.sign_in(person).get("/calendar")
    (path,) = {
        code.text.partition("localhost")[2]
        for code in page.soup.select("code.cop-address")
        if "/calendar/" in code.text
    }
    return path


class TestThePublicFeed:
    def test_shows_every_date_of_public_events(self, client: FlaskClient, make: Make) -> None:
        visit = make.visit("A morning at the Healthy Hub", slots=2)
        found = events(client.get("/calendar.ics"))
        assert [str(event["UID"]) for event in found] == [f"{part.uid}@localhost" for part in visit.parts]
        assert [event.start for event in found] == [part.starts_at for part in visit.parts]
        assert found[0]["SUMMARY"] == "A morning at the Healthy Hub: Visit at 10:00"
        assert found[0]["LOCATION"] == visit.place
        assert found[0]["URL"] == f"http://localhost/visits/{visit.slug}"
        assert str(found[0]["DESCRIPTION"]).startswith(visit.summary)
        assert str(found[0]["URL"]) in str(found[0]["DESCRIPTION"])

    @pytest.mark.parametrize(
        "hidden",
        [
            {"state": EventState.DRAFT},
            {"visibility": Visibility.UNLISTED},
            {"visibility": Visibility.INVITED},
        ],
        ids=["draft", "unlisted", "by invitation"],
    )
    def test_hides_what_is_not_public(self, client: FlaskClient, make: Make, work: Working, hidden: Any) -> None:
        edit(work, make.visit(slots=1), **hidden)
        assert events(client.get("/calendar.ics")) == []

    def test_a_cancelled_event_is_shown_as_such_for_thirty_days(
        self, client: FlaskClient, make: Make, work: Working, clock: FixedClock
    ) -> None:
        visit = make.visit("Visit", slots=[clock.now() + timedelta(days=60)])
        edit(work, visit, state=EventState.CANCELLED, sequence=1, changed_at=clock.now())
        (event,) = events(client.get("/calendar.ics"))
        assert str(event["SUMMARY"]).startswith("CANCELLED: ")
        assert (event["STATUS"], event["SEQUENCE"]) == ("CANCELLED", 1)
        clock.move(timedelta(days=31))
        assert events(client.get("/calendar.ics")) == []

    def test_a_cancelled_time_leaves_the_others(
        self, client: FlaskClient, make: Make, work: Working, clock: FixedClock
    ) -> None:
        visit = make.visit(slots=2)
        edit(work, visit.parts[0], state=PartState.CANCELLED, changed_at=clock.now())
        assert [event["STATUS"] for event in events(client.get("/calendar.ics"))] == ["CANCELLED", "CONFIRMED"]

    def test_a_time_cancelled_long_ago_stays_away_when_the_event_is_edited(
        self, client: FlaskClient, make: Make, work: Working, clock: FixedClock
    ) -> None:
        visit = make.visit(slots=1)
        edit(work, visit.parts[0], state=PartState.CANCELLED, changed_at=clock.now() - timedelta(days=40))
        edit(work, visit, title="Edited", changed_at=clock.now())
        assert events(client.get("/calendar.ics")) == []

    def test_times_are_those_of_london_in_winter_and_summer(self, client: FlaskClient, make: Make) -> None:
        make.visit(slots=[datetime(2026, 3, 10, 10, tzinfo=UTC), datetime(2026, 7, 14, 9, tzinfo=UTC)])
        body = client.get("/calendar.ics").data
        assert b"DTSTART;TZID=Europe/London:20260310T100000\r\n" in body
        assert b"DTSTART;TZID=Europe/London:20260714T100000\r\n" in body

    def test_the_past_ends_after_ninety_days(self, client: FlaskClient, make: Make, clock: FixedClock) -> None:
        make.visit("Visit", slots=[clock.now() - timedelta(days=89), clock.now() - timedelta(days=91)])
        assert len(events(client.get("/calendar.ics"))) == 1

    def test_each_time_may_have_a_place_of_its_own(self, client: FlaskClient, make: Make, work: Working) -> None:
        visit = make.visit(slots=2, place="Healthy Hub")
        edit(work, visit.parts[1], place="Town Hall")
        assert [event["LOCATION"] for event in events(client.get("/calendar.ics"))] == ["Healthy Hub", "Town Hall"]

    def test_needs_the_same_few_statements_however_many_events(self, client: FlaskClient, make: Make) -> None:
        make.visit(slots=1)
        with count_queries() as one:
            client.get("/calendar.ics")
        for _ in range(3):
            make.visit(slots=3)
        with count_queries() as many:
            assert len(events(client.get("/calendar.ics"))) == 10
        assert len(one) == len(many) == 3


class TestAskingAgain:
    def test_nothing_new_is_said_in_one_statement_and_no_bytes(self, client: FlaskClient, make: Make) -> None:
        make.visit()
        first = client.get("/calendar.ics")
        assert not first.headers["ETag"].startswith("W/")
        costs = []
        for _ in range(20):  # in a quiet moment: transactions of other tests count too, because they share the server
            with count_queries() as sent:
                again = client.get("/calendar.ics", headers={"If-None-Match": first.headers["ETag"]})
            assert (again.status_code, again.data) == (304, b"")
            assert again.headers["ETag"] == first.headers["ETag"]
            costs.append(len(sent))
        assert min(costs) == 1

    def test_the_same_events_give_the_same_bytes_at_any_time(
        self, client: FlaskClient, make: Make, clock: FixedClock
    ) -> None:
        make.visit()
        first = client.get("/calendar.ics")
        clock.move(timedelta(hours=5))
        again = client.get("/calendar.ics")
        assert (again.data, again.headers["ETag"]) == (first.data, first.headers["ETag"])

    def test_every_kind_of_change_shows_even_within_one_instant(
        self, client: FlaskClient, make: Make, work: Working, clock: FixedClock
    ) -> None:
        visit = make.visit(slots=2)
        seen = [client.get("/calendar.ics")]

        def changed() -> bool:
            seen.append(client.get("/calendar.ics", headers={"If-None-Match": seen[-1].headers["ETag"]}))
            return seen[-1].status_code == 200 and seen[-1].data != seen[-2].data

        assert not changed()
        seen.pop()
        edit(work, visit, title="Another title")
        assert changed()
        edit(work, visit.parts[0], starts_at=visit.parts[0].starts_at - timedelta(hours=1))
        assert changed()
        make.visit(slots=1)
        assert changed()
        with work() as unit:
            unit.session.execute(delete(Part).where(Part.id == visit.parts[1].id))
        assert changed()
        clock.move(timedelta(days=120))
        assert changed()
        assert events(seen[-1]) == []

    def test_headers_say_how_to_keep_it(self, client: FlaskClient, make: Make, clock: FixedClock) -> None:
        make.visit()
        headers = client.get("/calendar.ics").headers
        assert headers["Cache-Control"] == "public, max-age=900"
        assert headers["Content-Disposition"] == 'inline; filename="calendar.ics"'
        assert headers["Last-Modified"] == f"{clock.now():%a, %d %b %Y %H:%M:%S} GMT"

    def test_head_says_the_same_without_the_bytes(self, client: FlaskClient, make: Make) -> None:
        make.visit()
        got, head = client.get("/calendar.ics"), client.head("/calendar.ics")
        assert (head.status_code, head.data) == (200, b"")
        assert head.headers["ETag"] == got.headers["ETag"]
        assert head.headers["Content-Length"] == str(len(got.data))


class TestOneSeries:
    def test_shows_its_own_dates(self, client: FlaskClient, make: Make) -> None:
        series = make.series("speaker-series", name="Speakers, live")
        make.visit("In the series", slots=1, series_id=series.id)
        make.visit("Outside", slots=1)
        response = client.get("/series/speaker-series.ics")
        assert titles(response) == ["In the series: Visit at 10:00"]
        assert b"X-WR-CALNAME:Speakers\\, live\r\n" in response.data
        assert response.headers["Content-Disposition"] == 'inline; filename="speaker-series.ics"'

    def test_a_new_name_is_a_change(self, client: FlaskClient, make: Make, work: Working) -> None:
        series = make.series("speaker-series")
        before = client.get("/series/speaker-series.ics").headers["ETag"]
        edit(work, series, name="Renamed")
        assert client.get("/series/speaker-series.ics", headers={"If-None-Match": before}).status_code == 200

    def test_that_does_not_exist_is_not_found(self, client: FlaskClient) -> None:
        assert client.get("/series/nothing.ics").status_code == 404


class TestOneEvent:
    def test_shows_all_its_dates_though_it_is_unlisted(
        self, client: FlaskClient, make: Make, clock: FixedClock
    ) -> None:
        slots = [clock.now() - timedelta(days=200), clock.now() + timedelta(days=7)]
        visit = make.visit(slots=slots, visibility=Visibility.UNLISTED)
        make.visit()
        assert len(events(client.get(f"/events/{visit.slug}.ics"))) == 2

    @pytest.mark.parametrize(
        "hidden",
        [{"state": EventState.DRAFT}, {"visibility": Visibility.INVITED}],
        ids=["draft", "by invitation"],
    )
    def test_that_is_not_open_to_all_is_not_found(
        self, client: FlaskClient, make: Make, work: Working, hidden: Any
    ) -> None:
        visit = make.visit()
        edit(work, visit, **hidden)
        assert client.get(f"/events/{visit.slug}.ics").status_code == 404
        assert client.get("/events/nothing.ics").status_code == 404


class TestTheOwnFeed:
    def test_shows_what_one_booked_and_nothing_else(
        self, client: FlaskClient, browse: Browse, make: Make, reading: Reads
    ) -> None:
        amina, ben = make.account("Amina"), make.account("Ben")
        visit = make.visit("A morning", getting_there="Bus 4 from the station", bring="A warm coat", step_free="Lift")
        booking = make.booking(amina, visit, slot=1, party_size=3)
        make.booking(ben, visit, slot=0)
        response = client.get(own_path(browse, amina))
        (event,) = events(response)
        with reading() as read:
            entry = read.session.query(Entry).where(Entry.booking_id == booking.id).one()
        assert event["UID"] == f"{entry.uid}@localhost"
        assert (event["SUMMARY"], event.start) == ("A morning", visit.parts[1].starts_at)
        assert event["URL"] == f"http://localhost/bookings/{booking.public_id}"
        for words in ("3 people", "Bus 4 from the station", "A warm coat", "Lift", str(event["URL"])):
            assert words in str(event["DESCRIPTION"])
        assert b"ATTENDEE" not in response.data

    def test_an_entry_moves_with_its_booking(
        self, client: FlaskClient, browse: Browse, make: Make, work: Working
    ) -> None:
        amina, visit = make.account(), make.visit()
        booking, path = make.booking(amina, visit, slot=0), own_path(browse, amina)
        (before,) = events(client.get(path))
        change(work, make, amina, booking, visit.parts[1], size=2)
        (after,) = events(client.get(path))
        assert after["UID"] == before["UID"]
        assert (before["SEQUENCE"], after["SEQUENCE"]) == (0, 1)
        assert (before.start, after.start) == (visit.parts[0].starts_at, visit.parts[1].starts_at)

    def test_another_party_size_is_a_change(
        self, client: FlaskClient, browse: Browse, make: Make, work: Working
    ) -> None:
        amina, visit = make.account(), make.visit()
        booking, path = make.booking(amina, visit), own_path(browse, amina)
        tag = client.get(path).headers["ETag"]
        assert client.get(path, headers={"If-None-Match": tag}).status_code == 304
        change(work, make, amina, booking, visit.parts[0], size=4)
        response = client.get(path, headers={"If-None-Match": tag})
        assert "4 people" in str(events(response)[0]["DESCRIPTION"])

    def test_a_cancelled_booking_is_shown_as_such_for_thirty_days(
        self, client: FlaskClient, browse: Browse, make: Make, work: Working, clock: FixedClock
    ) -> None:
        amina = make.account()
        booking = make.booking(amina, make.visit(slots=[clock.now() + timedelta(days=60)]))
        path = own_path(browse, amina)
        with work(make.actor(amina)) as unit:
            bookings.cancel(unit, public_id=booking.public_id)
        (event,) = events(client.get(path))
        assert (event["STATUS"], event["SEQUENCE"]) == ("CANCELLED", 1)
        clock.move(timedelta(days=31))
        assert events(client.get(path)) == []

    def test_shows_visits_by_invitation_too(
        self, client: FlaskClient, browse: Browse, make: Make, work: Working
    ) -> None:
        amina, visit = make.account(), make.visit()
        make.booking(amina, visit)
        edit(work, visit, visibility=Visibility.INVITED)
        assert len(events(client.get(own_path(browse, amina)))) == 1

    def test_is_kept_to_oneself(self, client: FlaskClient, browse: Browse, make: Make) -> None:
        headers = client.get(own_path(browse, make.account())).headers
        assert headers["Cache-Control"] == "private, max-age=900"
        assert headers["Referrer-Policy"] == "no-referrer"

    @pytest.mark.parametrize("token", ["x", "WzEsMF0.x", "WzEsMF0", "..", "%00", "é" * 40])
    def test_a_forged_address_is_not_found(self, client: FlaskClient, make: Make, token: str) -> None:
        make.account()
        assert client.get(f"/calendar/{token}.ics").status_code == 404

    def test_a_token_made_for_another_purpose_is_not_found(self, make: Make, reading: Reads) -> None:
        from cop.core import secrecy  # noqa: PLC0415  keys are set by the application

        amina = make.account()
        with reading() as read, pytest.raises(NotFound):
            queries.owner_of_address(read, token=secrecy.sign("booking", amina.public_id))

    def test_the_system_has_none(self, reading: Reads) -> None:
        with reading(SYSTEM) as read, pytest.raises(NotFound):
            queries.address_token(read)


def change(work: Working, make: Make, person: Person, booking: Booking, part: Part, *, size: int) -> None:
    with work(make.actor(person)) as unit:
        bookings.change(unit, public_id=booking.public_id, part_ids=[part.id], party=bookings.Party(size))


class TestANewAddress:
    def test_is_asked_for_and_ends_the_old_one(self, client: FlaskClient, browse: Browse, make: Make) -> None:
        amina, ben = make.account("Amina"), make.account("Ben")
        old, others = own_path(browse, amina), own_path(browse.another(), ben)
        page = browse.get("/calendar").click("Get a new address")
        assert page.heading == "Get a new address for your calendar feed"
        assert client.get(old).status_code == 200
        page.submit("Get a new address")
        assert "new address" in page.text
        new = own_path(browse, amina)
        assert new != old
        assert client.get(old).status_code == 404
        assert client.get(new).status_code == client.get(others).status_code == 200

    def test_is_for_those_who_are_signed_in(self, browse: Browse) -> None:
        page = browse.get("/calendar/renew", follow=False)
        assert (page.status, page.location) == (302, "/sign-in?next=/calendar/renew")


class TestThePage:
    def test_explains_each_calendar_and_shows_whole_addresses(self, browse: Browse, make: Make) -> None:
        series = make.series("speaker-series", name="Speaker series")
        make.visit(series_id=series.id)
        make.series("empty-series", name="Nothing yet")
        page = browse.get("/calendar")
        assert page.heading == "Our dates in your calendar"
        for name in ("Outlook", "Google Calendar", "iPhone", "Mac"):
            assert name in page.text
        assert [code.text for code in page.soup.select("code.cop-address")] == [
            "http://localhost/calendar.ics",
            "webcal://localhost/calendar.ics",
            "http://localhost/series/speaker-series.ics",
            "webcal://localhost/series/speaker-series.ics",
        ]
        assert "Nothing yet" not in page.text

    def test_invites_to_sign_in(self, browse: Browse) -> None:
        page = browse.get("/calendar")
        assert "to get a feed of your own" in page.text
        assert page.soup.select_one('a[href="/sign-in?next=/calendar"]')

    def test_without_series_says_so(self, browse: Browse) -> None:
        assert "No series has a public date yet" in browse.get("/calendar").text

    def test_warns_that_the_own_address_is_secret(self, browse: Browse, make: Make) -> None:
        page = browse.sign_in(make.account()).get("/calendar")
        assert "This address is secret" in page.text
        assert page.response.headers["Cache-Control"] == "private, no-store"

    def test_needs_the_same_few_statements_however_many_series(self, browse: Browse, make: Make) -> None:
        counts = []
        for number in range(3):
            make.visit(series_id=make.series(f"series-{'abc'[number]}").id)
            with count_queries() as sent:
                browse.get("/calendar")
            counts.append(len(sent))
        assert set(counts) == {1}
