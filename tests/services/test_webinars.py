"""Registering for webinars: by e-mail with a link that confirms it, and with an account."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import select, update

from cop.core import secrecy
from cop.core.access import VISITOR
from cop.core.errors import NotFound, Refusal
from cop.models.accounts import Account, Affiliation, Person
from cop.models.events import Arrangement, Booking, BookingState, EventState, Visibility
from cop.models.outbox import Outbox
from cop.models.webinars import Registration
from cop.queries import webinars as queries
from cop.services import webinars as services
from cop.services.events import booking
from scheduled import purge_expired
from tests.support.clock import START, FixedClock
from tests.support.make import Make, Reads, Working
from tests.support.webinars import Webinars

ADDRESS = "noor@stevenage.example"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)

Posted = Callable[..., Sequence[Outbox]]
Confirm = Callable[[Registration], None]
Rows = Callable[[Any], Sequence[Any]]


@pytest.fixture
def webinars(make: Make, work: Working) -> Webinars:
    return Webinars(make, work)


@pytest.fixture
def confirm(work: Working) -> Confirm:
    def use(registration: Registration) -> None:
        with work(VISITOR) as unit:
            services.confirm(unit, token=secrecy.sign("registration", registration.public_id))

    return use


@pytest.fixture
def rows(reading: Reads) -> Rows:
    def all_of(table: Any) -> Sequence[Any]:
        with reading() as read:
            return read.session.scalars(select(table).order_by(*table.__table__.primary_key)).all()

    return all_of


def edit(work: Working, row: Any, **values: Any) -> None:
    with work() as unit:
        unit.session.execute(update(type(row)).where(type(row).id == row.id).values(**values))


class TestAskingByMail:
    def test_keeps_what_was_typed_and_mails_a_link_and_books_nothing(
        self, webinars: Webinars, rows: Rows, outbox: Posted
    ) -> None:
        webinar = webinars.webinar()
        webinars.asking(webinar, email=" Noor@Stevenage.example ", organisation="Brent", needs="BSL")
        (asked,) = rows(Registration)
        assert (asked.email, asked.name, asked.organisation_text) == (ADDRESS, "Noor Adeyemi", "Brent")
        assert asked.wanted == {"event_ids": [webinar.id], "timezone": "Europe/London"}
        assert asked.expires_at == START + timedelta(hours=24)
        (row,) = outbox()
        assert (row.template, row.address, row.person_id) == ("registration_confirm", ADDRESS, None)
        assert row.params == {"registration_id": asked.id}
        assert [*rows(Person), *rows(Booking)] == []

    def test_encrypts_the_access_needs(self, webinars: Webinars, reading: Reads) -> None:
        webinars.asking(webinars.webinar(), needs="A BSL interpreter")
        with reading() as read:
            kept = read.session.connection().exec_driver_sql("SELECT row_to_json(r)::text FROM registration r").scalar()
        assert "BSL" not in str(kept)

    def test_of_somebody_known_leaves_the_same_traces(self, webinars: Webinars, make: Make, outbox: Posted) -> None:
        make.account("Somebody Else", ADDRESS)
        webinar = webinars.webinar()
        webinars.asking(webinar, email="stranger@stevenage.example")
        webinars.asking(webinar, email=ADDRESS)
        assert [(row.template, row.person_id) for row in outbox()] == [("registration_confirm", None)] * 2

    @pytest.mark.parametrize(
        ("columns", "words"),
        [
            ({"state": EventState.CANCELLED}, "has been cancelled"),
            ({"closes_at": START - HOUR}, "has closed"),
            ({"opens_at": START + HOUR}, "has not opened yet"),
            ({"begins": START - DAY}, "is over"),
            ({"begins": START - HOUR / 2}, "has begun"),
            ({"capacity": 0}, "is full"),
            ({"published": False}, "Choose a webinar from the list"),
            ({"visibility": Visibility.INVITED}, "Choose a webinar from the list"),
        ],
    )
    def test_for_what_cannot_be_had_is_refused_by_name(
        self, webinars: Webinars, columns: dict[str, Any], words: str, outbox: Posted
    ) -> None:
        webinar = webinars.webinar("Guelph", **columns)
        with pytest.raises(Refusal, match=words) as refused:
            webinars.asking(webinar)
        assert refused.value.field == "webinars"
        assert outbox() == []

    def test_for_a_visit_or_for_nothing_is_refused(self, webinars: Webinars, make: Make) -> None:
        for events in ([make.visit()], []):
            with pytest.raises(Refusal, match="Choose a webinar from the list"):
                webinars.asking(*events)

    def test_needs_an_address_that_is_one(self, webinars: Webinars) -> None:
        with pytest.raises(Refusal, match="correct format"):
            webinars.asking(webinars.webinar(), email="noor at stevenage")

    def test_mails_an_address_five_times_an_hour_and_no_more(
        self, webinars: Webinars, outbox: Posted, clock: FixedClock, work: Working
    ) -> None:
        webinar = webinars.webinar()
        for _ in range(services.MAILS_AN_ADDRESS):
            webinars.asking(webinar)
        with work(VISITOR) as unit:
            asked = services.ask_to_register(
                unit,
                email=ADDRESS,
                name="Noor",
                organisation="",
                event_ids=[webinar.id],
                needs="",
                timezone="Europe/London",
                network="198.51.100.7",
            )
        assert asked == services.Asked(None)
        webinars.asking(webinar, email="another@stevenage.example")
        clock.move(HOUR + timedelta(seconds=1))
        webinars.asking(webinar)
        assert len(outbox()) == services.MAILS_AN_ADDRESS + 2

    def test_from_one_network_is_bounded(
        self, webinars: Webinars, monkeypatch: pytest.MonkeyPatch, work: Working
    ) -> None:
        monkeypatch.setattr(services, "REQUESTS_A_NETWORK", 2)
        webinar = webinars.webinar()
        for number in range(2):
            webinars.asking(webinar, email=f"person{number}@crowd.example")
        values: dict[str, Any] = {"name": "Noor", "organisation": "", "needs": "", "timezone": "Europe/London"}
        with work(VISITOR) as unit:
            asked = services.ask_to_register(unit, email=ADDRESS, event_ids=[webinar.id], network="192.0.2.1", **values)
        assert asked.network_is_busy
        assert webinars.asking(webinar, network="198.51.100.7")


class TestConfirming:
    def test_makes_the_person_and_books_each_webinar(
        self, webinars: Webinars, confirm: Confirm, rows: Rows, outbox: Posted
    ) -> None:
        one, other = webinars.webinar(), webinars.webinar("Another", begins=START + 20 * DAY)
        confirm(webinars.asking(one, other, timezone="America/Toronto", organisation="Friends of Guelph"))
        (person,) = rows(Person)
        assert (person.name, person.email, person.timezone) == ("Noor Adeyemi", ADDRESS, "America/Toronto")
        assert rows(Account) == [], "whoever confirms has not signed in"
        assert {(found.event_id, found.person_id, found.state) for found in rows(Booking)} == {
            (one.id, person.id, BookingState.LIVE),
            (other.id, person.id, BookingState.LIVE),
        }
        assert len(outbox("booking_confirmed")) == 2
        (belongs,) = rows(Affiliation)
        assert (belongs.organisation_id, belongs.organisation_text) == (None, "Friends of Guelph")

    def test_knows_the_organisation_by_the_domain_or_by_its_exact_name(
        self, webinars: Webinars, confirm: Confirm, rows: Rows, make: Make
    ) -> None:
        by_domain = make.organisation("Stevenage Borough Council", domains=["stevenage.example"])
        by_name = make.organisation("Brent Council")
        webinar = webinars.webinar()
        confirm(webinars.asking(webinar, organisation="brent council"))
        confirm(webinars.asking(webinar, email="ann@mail.example", organisation="brent council"))
        assert [found.organisation_id for found in rows(Affiliation)] == [by_domain.id, by_name.id]
        assert [found.organisation_id for found in rows(Booking)] == [by_domain.id, by_name.id]

    def test_never_changes_somebody_who_is_known(
        self, webinars: Webinars, confirm: Confirm, rows: Rows, make: Make
    ) -> None:
        own = make.organisation()
        known = make.account("Noor A. Adeyemi", ADDRESS, organisation=own, timezone="Europe/Paris")
        confirm(webinars.asking(webinars.webinar(), name="Somebody Else", organisation="Brent", timezone="Asia/Tokyo"))
        (person,) = rows(Person)
        assert (person.id, person.name, person.timezone) == (known.id, "Noor A. Adeyemi", "Europe/Paris")
        assert [found.organisation_id for found in rows(Affiliation)] == [own.id]

    def test_keeps_the_needs_with_the_bookings_and_nowhere_else(
        self, webinars: Webinars, confirm: Confirm, rows: Rows
    ) -> None:
        webinar = webinars.webinar()
        confirm(webinars.asking(webinar, needs="Captions"))
        assert [found.access for found in rows(Arrangement)] == ["Captions"]
        assert [found.needs for found in rows(Registration)] == [None]

    def test_twice_changes_nothing(self, webinars: Webinars, confirm: Confirm, rows: Rows, outbox: Posted) -> None:
        asking = webinars.asking(webinars.webinar())
        confirm(asking)
        before = [row.id for row in outbox()], [found.id for found in rows(Booking)]
        confirm(asking)
        assert ([row.id for row in outbox()], [found.id for found in rows(Booking)]) == before

    def test_after_the_booking_was_cancelled_does_not_book_again(
        self, webinars: Webinars, confirm: Confirm, rows: Rows, work: Working, make: Make
    ) -> None:
        asking = webinars.asking(webinars.webinar())
        confirm(asking)
        (held,), (person,) = rows(Booking), rows(Person)
        with work(make.actor(person)) as unit:
            booking.cancel(unit, public_id=held.public_id)
        confirm(asking)
        assert [found.state for found in rows(Booking)] == [BookingState.CANCELLED]

    def test_what_one_is_registered_for_already_is_fine(
        self, webinars: Webinars, confirm: Confirm, rows: Rows, make: Make
    ) -> None:
        one, other = webinars.webinar(), webinars.webinar("Another")
        webinars.register(make.account("Noor", ADDRESS), one)
        asking = webinars.asking(one, other, needs="Captions")
        confirm(asking)
        assert sorted(found.event_id for found in rows(Booking)) == [one.id, other.id]
        assert {found.access for found in rows(Arrangement)} == {"Captions"}
        (kept,) = rows(Registration)
        assert kept.wanted["refused"] == {}

    def test_what_is_full_or_closed_by_then_is_told_and_the_rest_stands(
        self, webinars: Webinars, confirm: Confirm, rows: Rows, work: Working, reading: Reads
    ) -> None:
        full, closed, hidden, fine = (webinars.webinar(title) for title in ("Full", "Closed", "Hidden", "Fine"))
        asking = webinars.asking(full, closed, hidden, fine)
        edit(work, full, capacity=0)
        edit(work, closed, closes_at=START)
        edit(work, hidden, visibility=Visibility.INVITED)
        confirm(asking)
        assert [found.event_id for found in rows(Booking)] == [fine.id]
        with reading() as read:
            found = queries.asking_of_link(read, token=secrecy.sign("registration", asking.public_id))
        assert found
        reasons = {event.title: found.why_not(event) for event in found.events}
        assert reasons == {
            "Full": "“%(title)s” is full.",
            "Closed": "Registration for “%(title)s” has closed.",
            "Hidden": "Nobody can register for “%(title)s” here.",
            "Fine": None,
        }

    def test_a_day_later_is_refused(self, webinars: Webinars, confirm: Confirm, clock: FixedClock, rows: Rows) -> None:
        asking = webinars.asking(webinars.webinar())
        clock.move(timedelta(hours=24))
        with pytest.raises(Refusal, match="older than 24 hours"):
            confirm(asking)
        assert rows(Booking) == []

    @pytest.mark.parametrize("token", ["", "nonsense", "WyIxIiwwXQ.forged"])
    def test_with_a_forged_link_is_not_found(self, webinars: Webinars, work: Working, token: str) -> None:
        webinars.asking(webinars.webinar())
        with pytest.raises(NotFound), work(VISITOR) as unit:
            services.confirm(unit, token=token)

    def test_with_a_link_made_for_something_else_is_not_found(self, webinars: Webinars, work: Working) -> None:
        asking = webinars.asking(webinars.webinar())
        with pytest.raises(NotFound), work(VISITOR) as unit:
            services.confirm(unit, token=secrecy.sign("booking", asking.public_id))

    def test_ten_times_at_once_books_once(
        self, webinars: Webinars, confirm: Confirm, rows: Rows, work: Working
    ) -> None:
        asking = webinars.asking(webinars.webinar(capacity=5))
        line = Barrier(10)

        def press(_number: int) -> None:
            line.wait(timeout=10)
            confirm(asking)

        with ThreadPoolExecutor(10) as pool:
            list(pool.map(press, range(10)))
        assert (len(rows(Person)), len(rows(Booking))) == (1, 1)

    def test_is_forgotten_two_days_after_it_was_asked(
        self, webinars: Webinars, confirm: Confirm, clock: FixedClock, rows: Rows, app: Any
    ) -> None:
        confirm(webinars.asking(webinars.webinar(), needs="Captions"))
        clock.move(2 * DAY + HOUR)
        with app.app_context():
            purge_expired.run()
        assert rows(Registration) == []
        assert len(rows(Booking)) == 1


class TestWithAnAccount:
    def test_books_and_keeps_what_was_said_about_access(self, webinars: Webinars, make: Make, rows: Rows) -> None:
        webinar = webinars.webinar()
        held = webinars.register(make.account(needs="From the profile"), webinar, needs="Captions")
        assert (held.event_id, held.party_size) == (webinar.id, 1)
        assert [found.access for found in rows(Arrangement)] == ["Captions"]

    def test_twice_is_refused(self, webinars: Webinars, make: Make) -> None:
        webinar, person = webinars.webinar(), make.account()
        webinars.register(person, webinar)
        with pytest.raises(Refusal, match="already booked"):
            webinars.register(person, webinar)

    @pytest.mark.parametrize(
        ("columns", "words"),
        [
            ({"capacity": 0}, "“Guelph” is full"),
            ({"closes_at": START}, "has closed"),
            ({"begins": START - DAY}, "is over"),
            ({"state": EventState.CANCELLED}, "has been cancelled"),
        ],
    )
    def test_is_refused_with_the_reason(
        self, webinars: Webinars, make: Make, columns: dict[str, Any], words: str
    ) -> None:
        webinar = webinars.webinar("Guelph", **columns)
        with pytest.raises(Refusal, match=words):
            webinars.register(make.account(), webinar)

    @pytest.mark.parametrize("columns", [{"published": False}, {"visibility": Visibility.INVITED}])
    def test_what_is_hidden_is_not_found(self, webinars: Webinars, make: Make, columns: dict[str, Any]) -> None:
        webinar = webinars.webinar(**columns)
        with pytest.raises(NotFound):
            webinars.register(make.account(), webinar)

    def test_a_visit_is_not_a_webinar(self, webinars: Webinars, make: Make) -> None:
        with pytest.raises(NotFound):
            webinars.register(make.account(), make.visit())

    def test_signed_out_nobody_registers(self, webinars: Webinars, work: Working) -> None:
        webinar = webinars.webinar()
        with pytest.raises(NotFound), work(VISITOR) as unit:
            services.register(unit, event_id=webinar.id, needs="")
        with pytest.raises(NotFound), work(VISITOR) as unit:
            services.register_for_several(unit, event_ids=[webinar.id], needs="")

    def test_for_several_takes_what_can_be_had(self, webinars: Webinars, make: Make, work: Working, rows: Rows) -> None:
        person = make.account()
        full, held, fine = webinars.webinar("Full", capacity=0), webinars.webinar("Held"), webinars.webinar("Fine")
        webinars.register(person, held)
        with work(make.actor(person)) as unit:
            outcome = services.register_for_several(unit, event_ids=[full.id, held.id, fine.id], needs="")
        assert [event.title for event in outcome.booked] == ["Held", "Fine"]
        assert [(event.title, state) for event, state in outcome.refused] == [("Full", queries.Registering.FULL)]
        assert sorted(found.event_id for found in rows(Booking)) == [held.id, fine.id]

    def test_for_none_is_refused(self, work: Working, make: Make) -> None:
        with pytest.raises(Refusal), work(make.actor(make.account())) as unit:
            services.register_for_several(unit, event_ids=[], needs="")


class TestTheNeeds:
    def test_are_those_of_the_registration_else_those_of_the_profile(
        self, webinars: Webinars, make: Make, confirm: Confirm, reading: Reads
    ) -> None:
        webinar = webinars.webinar()
        webinars.register(make.account("Ada", needs="Profile"), webinar, needs="Said")
        webinars.register(make.account("Bea", needs="Profile"), webinar, needs="")
        make.account("Cem", ADDRESS, needs="Profile")
        confirm(webinars.asking(webinar))
        webinars.register(make.account("Dan"), webinar)
        with reading() as read:
            found = queries.needs_of(read, webinar.id)
        assert [(need.name, need.access) for need in found] == [("Ada", "Said"), ("Cem", "Profile")]

    def test_of_a_cancelled_booking_are_left_out(
        self, webinars: Webinars, make: Make, work: Working, reading: Reads
    ) -> None:
        webinar, person = webinars.webinar(), make.account()
        held = webinars.register(person, webinar, needs="Captions")
        with work(make.actor(person)) as unit:
            booking.cancel(unit, public_id=held.public_id)
        with reading() as read:
            assert queries.needs_of(read, webinar.id) == []


def test_the_list_of_a_series_holds_what_is_public_and_to_come(webinars: Webinars, make: Make, reading: Reads) -> None:
    series = make.series()
    for title, columns in (
        ("Later", {"begins": START + 20 * DAY}),
        ("Sooner", {}),
        ("Full", {"capacity": 0}),
        ("Draft", {"published": False}),
        ("Unlisted", {"visibility": Visibility.UNLISTED}),
        ("Over", {"begins": START - DAY}),
    ):
        webinars.webinar(title, series_id=series.id, **columns)
    webinars.webinar("Of no series")
    with reading() as read:
        coming = queries.coming_in_series(read, series.id)
        assert [event.title for event in coming] == ["Sooner", "Full", "Later"]
        assert [event.title for event in queries.still_open(coming, START)] == ["Sooner", "Later"]
