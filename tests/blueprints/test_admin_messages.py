from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from cop.core.access import Role
from cop.mail.samples import SAMPLES
from cop.models.accounts import Person
from cop.models.events import Event
from cop.models.outbox import Bounce, Dropped, MailTopic, Outbox, OutboxClass, OutboxState
from cop.services import accounts, preferences
from cop.services import outbox as posting
from cop.services.events import booking as bookings
from cop.services.events import editing
from cop.services.messages import TESTS_AN_HOUR
from tests.support import panel
from tests.support.browse import Browse
from tests.support.clock import FixedClock
from tests.support.golden import Golden
from tests.support.html import faults
from tests.support.mailbox import Mailbox
from tests.support.make import Make, Reads, Working, working
from tests.support.messages import comes_back
from tests.support.queries import count_queries
from tests.test_mail import GOLDEN, readable

Posted = Callable[..., Sequence[Outbox]]


@pytest.fixture
def admin(browse: Browse, make: Make) -> Browse:
    return browse.sign_in(make.admin())


def post(work: Working, to: Person | str, template: str = "sign_in", **params: Any) -> None:
    with work() as unit:
        posting.post(unit, key=f"{template}:{to}:{params}", to=to, template=template, **params)


def alter(work: Working, outbox_id: int, **values: Any) -> None:
    with work() as unit:
        unit.session.execute(update(Outbox).where(Outbox.id == outbox_id).values(**values))


def book_for_olive(work: Working, make: Make) -> Event:
    visit = make.visit("A morning at the hub")
    with work() as unit:
        guest = bookings.Guest("Olive Offline", phone="01438 555 0199")
        bookings.book_for(unit, event_id=visit.id, part_ids=[visit.parts[0].id], party=bookings.Party(2), guest=guest)
    return visit


def rows(browse: Browse) -> list[str]:
    return [" ".join(row.get_text(" ").split()) for row in browse.soup.select("tbody tr")]


class TestLists:
    def test_each_message_is_in_the_list_of_its_state(self, admin: Browse, work: Working) -> None:
        for number, (state, shown) in enumerate(
            [
                (OutboxState.PENDING, "waiting"),
                (OutboxState.LEASED, "waiting"),
                (OutboxState.SENT, "sent"),
                (OutboxState.DEAD, "dead"),
                (OutboxState.DROPPED, "dropped"),
            ],
            start=1,
        ):
            post(work, f"p{number}@council.example")
            alter(work, number, state=state)
            assert f"p{number}@council.example" in admin.get("/admin/messages/", show=shown).text
        assert len(rows(admin.get("/admin/messages/", show="waiting"))) == 2
        assert "Waiting to be sent (2)" in admin.text
        assert "Failed (1)" in admin.text
        assert rows(admin.get("/admin/messages/")) == rows(admin.get("/admin/messages/", show="sent"))
        assert admin.get("/admin/messages/", show="nonsense", before="x").status == 200

    def test_a_row_tells_how_it_went_and_no_secret(self, admin: Browse, make: Make, work: Working) -> None:
        post(work, make.person("Amina Yusuf", "amina@council.example"), "booking_changed", booking_id=4711)
        alter(work, 1, state=OutboxState.DEAD, attempts=8, last_error="550 no such user " + "x" * 300)
        (row,) = rows(admin.get("/admin/messages/", show="dead"))
        assert row.startswith(
            "Booking changed Amina Yusuf amina@council.example 2 March 2026 at 9am 2 March 2026 at 9am 8 550 no such"
        )
        assert "x" * 250 not in admin.html
        assert "4711" not in admin.html

    def test_newest_first_by_pages(self, admin: Browse, work: Working) -> None:
        for number in range(52):
            post(work, f"p{number}@council.example")
        admin.get("/admin/messages/", show="waiting")
        assert len(rows(admin)) == 50
        assert "p51@council.example" in rows(admin)[0]
        admin.click("Older messages")
        assert ["p1@council.example" in rows(admin)[0], "p0@council.example" in rows(admin)[1]] == [True, True]

    @pytest.mark.parametrize("show", ["waiting", "tell"])
    def test_more_messages_take_no_more_statements(self, admin: Browse, make: Make, show: str) -> None:
        counted: list[int] = []
        for people in (1, 2):
            for _ in range(people):
                make.booking(make.person(email=None) if show == "tell" else make.person(), make.visit())
            with count_queries() as statements:
                admin.get("/admin/messages/", show=show)
            counted.append(len(statements))
        assert counted[0] == counted[1]

    @pytest.mark.parametrize("show", ["waiting", "sent", "dead", "dropped", "tell"])
    def test_empty_lists_say_so(self, admin: Browse, show: str) -> None:
        assert admin.get("/admin/messages/", show=show).status == 200
        assert admin.get("/admin/messages/", show=show).soup.select(".govuk-inset-text")

    def test_only_admins_of_the_service(self, browse: Browse, make: Make, work: Working) -> None:
        person = make.account()
        make.grant(person, Role.ADMIN, programme=make.programme())
        post(work, make.person(email=None))
        browse.sign_in(person)
        assert browse.get("/admin/messages/").status == 404
        assert browse.post("/admin/messages/1/told").status == 404
        assert browse.post("/admin/messages/1/retry").status == 404


class TestRetry:
    def test_a_dead_letter_is_tried_again(self, admin: Browse, work: Working, reading: Reads) -> None:
        post(work, "amina@council.example")
        alter(work, 1, state=OutboxState.DEAD, attempts=8)
        admin.get("/admin/messages/", show="dead").submit("Try again : Sign in, amina@council.example")
        assert (admin.seen, "No message has failed." in admin.text) == ([302, 200], True)
        with reading() as read:
            assert read.session.get_one(Outbox, 1).state is OutboxState.PENDING

    def test_what_is_not_dead_is_left_alone(self, admin: Browse, work: Working) -> None:
        post(work, "amina@council.example")
        assert admin.post("/admin/messages/1/retry").status == 422
        assert admin.post("/admin/messages/99/retry").status == 404
        assert admin.post(f"/admin/messages/{10**30}/retry").status == 404
        assert admin.get("/admin/messages/1/retry").status == 405


class TestTelling:
    def test_whom_to_call_and_what_to_say(self, admin: Browse, make: Make, work: Working) -> None:
        book_for_olive(work, make)
        admin.get("/admin/messages/", show="tell")
        assert "To tell (1)" in admin.text
        assert "Olive Offline 01438 555 0199" in admin.text
        assert (
            "Your place at “A morning at the hub” is booked for 2 people: Monday 9 March 2026, 10am to 11am, "
            "Healthy Hub, Stevenage SG1 1EP." in admin.text
        )
        phone = admin.soup.select_one("a[href^='tel:']")
        assert phone is not None
        assert phone["href"] == "tel:014385550199"
        admin.submit("I have told them : Olive Offline")
        assert "Everybody has been told." in admin.text
        assert "by telephone" in admin.get("/admin/messages/", show="sent").text

    def test_bad_news_is_told_with_its_reason(self, admin: Browse, make: Make, work: Working) -> None:
        visit = book_for_olive(work, make)
        with work() as unit:
            editing.cancel_slot(unit, part_id=visit.parts[0].id, reason="The boiler broke.")
        admin.get("/admin/messages/", show="tell")
        assert (
            "We are sorry: “A morning at the hub” on Monday 9 March 2026, 10am to 11am will not take place. "
            "The reason: The boiler broke." in admin.text
        )

    @pytest.mark.parametrize(
        ("template", "words"),
        [
            ("booking_changed", "has changed. It is now Monday 9 March 2026, 10am to 11am"),
            ("booking_cancelled", "is cancelled, and your places are free for others."),
            ("reminder", "We look forward to seeing you at"),
            ("something_new", "There is news about “A morning at the hub”"),
        ],
    )
    def test_a_sentence_for_each_message(
        self, admin: Browse, make: Make, work: Working, template: str, words: str
    ) -> None:
        book_for_olive(work, make)
        post(work, make.person("Bea", None), template, booking_id=1)
        assert words in admin.get("/admin/messages/", show="tell").text

    def test_a_message_about_no_booking_is_named(self, admin: Browse, make: Make, work: Working) -> None:
        post(work, make.person("Bea", None), "something_new")
        admin.get("/admin/messages/", show="tell")
        assert "Tell them about this message: Something new." in admin.text
        assert "No phone number is known." in admin.text


class TestFilters:
    @pytest.fixture
    def messages(self, make: Make, work: Working, clock: FixedClock) -> Person:
        """Two messages to Amina on two days, and one to somebody else."""
        amina = make.person("Amina Yusuf", "amina@council.example")
        post(work, amina, "booking_confirmed", booking_id=1)
        post(work, "ben@council.example")
        clock.move(timedelta(days=1))
        post(work, amina, "reminder")
        return amina

    @pytest.mark.parametrize(
        ("asked", "found"),
        [
            ({}, ["Reminder of a booking", "Sign in", "Booking confirmed"]),
            ({"kind": "reminder"}, ["Reminder of a booking"]),
            ({"q": "yusuf"}, ["Reminder of a booking", "Booking confirmed"]),
            ({"q": "amina@council.example"}, ["Reminder of a booking", "Booking confirmed"]),
            ({"q": "BEN@council.example"}, ["Sign in"]),
            ({"on-day": "2", "on-month": "3", "on-year": "2026"}, ["Sign in", "Booking confirmed"]),
            ({"q": "amina", "on-day": "3", "on-month": "3", "on-year": "2026"}, ["Reminder of a booking"]),
            ({"kind": "survey_invitation"}, []),
            (
                {"kind": "nonsense", "on-day": "31", "on-month": "2", "on-year": "2026"},
                ["Reminder of a booking", "Sign in", "Booking confirmed"],
            ),
        ],
    )
    def test_find_messages(self, admin: Browse, messages: Person, asked: dict[str, str], found: list[str]) -> None:
        admin.get("/admin/messages/", show="all", **asked)
        assert [str(link.get_text(strip=True)) for link in admin.soup.select("tbody th a")] == found
        if not found:
            assert "No message in this list fits the search." in admin.text

    def test_are_kept_from_list_to_list(self, admin: Browse, messages: Person) -> None:
        admin.get("/admin/messages/", show="all", q="yusuf").click("Waiting to be sent (3)")
        assert len(rows(admin)) == 2
        admin.click("Show everything in this list")
        assert len(rows(admin)) == 3

    def test_of_one_person_lead_there_and_back(self, admin: Browse, messages: Person) -> None:
        admin.get(f"/admin/people/{messages.public_id}").click("All messages to this person")
        assert "All: messages to Amina Yusuf" in admin.text
        assert len(rows(admin)) == 2
        assert admin.click("Amina Yusuf").path == f"/admin/people/{messages.public_id}"
        assert admin.get("/admin/messages/", person="nobody").status == 404

    def test_need_no_more_statements_for_more(self, admin: Browse, work: Working, make: Make) -> None:
        counted = []
        for number in (1, 3):
            for one in range(number):
                post(work, make.person("Yusuf"), "reminder", number=f"{number}.{one}")
            with count_queries() as statements:
                admin.get("/admin/messages/", show="all", q="yusuf", kind="reminder")
            counted.append(len(statements))
        assert counted[0] == counted[1]


class TestTheQueue:
    def test_says_how_long_it_is_and_since_when(
        self, admin: Browse, work: Working, clock: FixedClock, make: Make
    ) -> None:
        assert "Nothing is overdue." in admin.get("/admin/messages/").text
        post(work, "a@council.example")
        clock.move(timedelta(hours=1))
        post(work, "b@council.example")
        with work() as unit:
            posting.post(unit, key="r", to=make.person(), template="survey_invitation", urgency=OutboxClass.ROUTINE)
        admin.get("/admin/messages/")
        assert (
            "2 messages are due and will be sent at once; the oldest has been due since 2 March 2026 at 9am."
            in admin.text
        )
        assert "1 routine message waits for working hours or its turn." in admin.text


class TestOneMessage:
    def test_is_shown_as_its_recipient_reads_it_without_its_keys(
        self, admin: Browse, make: Make, mailbox: Mailbox
    ) -> None:
        make.booking(make.person("Amina Yusuf"), make.visit("A morning at the hub"))
        (mail,) = mailbox.deliver()
        page = admin.get("/admin/messages/").click("Booking confirmed")
        assert page.heading == "Booking confirmed: Amina Yusuf"
        assert "Booked: A morning at the hub" in page.text
        assert "Hello Amina Yusuf," in page.text
        key = mail.link("/bookings/t/")
        assert key not in page.html
        frame = page.soup.select_one("iframe")
        assert frame is not None
        drawn = admin.client.get(str(frame["src"]))
        assert "sandbox" in drawn.headers["Content-Security-Policy"]
        assert drawn.headers["X-Frame-Options"] == "SAMEORIGIN"
        assert "A morning at the hub" in drawn.text
        assert key not in drawn.text
        assert "/bookings/t/…" in drawn.text

    def test_that_is_a_key_shows_neither_link_nor_code(self, admin: Browse, work: Working, mailbox: Mailbox) -> None:
        with work() as unit:
            accounts.ask_to_sign_in(unit, email="amina@council.example", next_path="/", browser="b", network="n")
        (mail,) = mailbox.deliver()
        page = admin.get("/admin/messages/1")
        html = admin.client.get("/admin/messages/1/html").text
        for shown in (page.html, html):
            assert mail.link("/sign-in/") not in shown
            assert mail.code() not in shown
        assert "Open this address to sign in" in page.text

    def test_says_what_came_back(self, app: Flask, admin: Browse, make: Make, mailbox: Mailbox, outbox: Posted) -> None:
        make.booking(make.person("Amina", "amina@council.example"), make.visit())
        mailbox.deliver()
        comes_back(app, outbox()[0], "amina@council.example")
        page = admin.get("/admin/messages/1")
        assert "Came back 2 March 2026 at 9am: 5.1.1 smtp; no such user" in page.text
        assert "To tell" in page.text

    @pytest.mark.parametrize(("attempts", "doubt"), [(1, False), (2, True)])
    def test_says_that_a_dropped_one_may_have_arrived(
        self, admin: Browse, work: Working, attempts: int, *, doubt: bool
    ) -> None:
        post(work, "amina@council.example", "something_old")
        alter(work, 1, state=OutboxState.DROPPED, attempts=attempts, last_error=Dropped.POINTLESS)
        assert ("May have arrived" in admin.get("/admin/messages/1").text) is doubt

    def test_that_cannot_be_shown_says_so(self, admin: Browse, work: Working) -> None:
        post(work, "a@council.example", "something_old")
        assert "It cannot be shown" in admin.get("/admin/messages/1").text
        assert admin.get("/admin/messages/1/html").status == 404
        assert admin.get("/admin/messages/2").status == 404


class TestRetryOfAllAlike:
    def test_takes_those_that_failed_for_the_same_reason(self, admin: Browse, work: Working, reading: Reads) -> None:
        for number in range(1, 5):
            post(work, f"p{number}@council.example")
            error = "550 relaying denied" if number < 4 else "452 mailbox full"
            alter(work, number, state=OutboxState.DEAD, attempts=6, last_error=error)
        admin.get("/admin/messages/", show="dead").submit("Try all 3 again : 550 relaying denied")
        assert "3 messages are in the queue again." in admin.text
        with reading() as read:
            states = [read.session.get_one(Outbox, number).state for number in range(1, 5)]
        assert states == [OutboxState.PENDING] * 3 + [OutboxState.DEAD]
        assert admin.post("/admin/messages/1/retry-alike").status == 422
        assert admin.post("/admin/messages/99/retry-alike").status == 404


class TestAddressesThatBounce:
    @pytest.fixture
    def amina(self, app: Flask, make: Make, mailbox: Mailbox, outbox: Posted) -> Person:
        amina = make.person("Amina Yusuf", "amina@council.example")
        make.booking(amina, make.visit())
        mailbox.deliver()
        comes_back(app, outbox()[0], "amina@council.example")
        return amina

    def test_are_listed_and_lifted(self, admin: Browse, amina: Person) -> None:
        page = admin.get("/admin/messages/").click("Addresses from which mail comes back")
        assert "amina@council.example Amina Yusuf Since 2 March 2026 at 9am: 5.1.1 smtp; no such user" in page.text
        page.submit("Send there again : amina@council.example")
        assert "Mail goes to amina@council.example again." in page.text
        assert "None. Mail arrives" in page.text
        assert page.post("/admin/messages/bounces/1/lift").status == 422

    def test_stand_on_the_record_of_their_owner(self, admin: Browse, amina: Person) -> None:
        page = admin.get(f"/admin/people/{amina.public_id}")
        assert "Mail to this address comes back." in page.text
        page.submit("Send there again : amina@council.example")
        assert "comes back" not in admin.get(f"/admin/people/{amina.public_id}").text

    def test_take_no_more_statements_when_they_are_more(self, admin: Browse, work: Working) -> None:
        counted = []
        for number in (1, 3):
            with work() as unit:
                for one in range(number):
                    report = f"{number}.{one}"
                    unit.session.add(Bounce(address=f"{report}@x.example", hard=True, report_id=report, at=unit.now))
            with count_queries() as statements:
                admin.get("/admin/messages/bounces")
            counted.append(len(statements))
        assert counted[0] == counted[1]


def test_a_record_says_what_somebody_turned_off(admin: Browse, make: Make, work: Working) -> None:
    amina = make.account("Amina")
    with work(make.actor(amina)) as unit:
        preferences.choose(unit, wanted=[MailTopic.REMINDERS, MailTopic.FORUM, MailTopic.NOTES])
    page = admin.get(f"/admin/people/{amina.public_id}")
    assert "Turned off: Short surveys after events and courses" in page.text


class TestLookingBeforeSending:
    @pytest.fixture
    def amina(self, make: Make) -> Person:
        amina = make.person("Amina Yusuf", "amina@council.example")
        make.booking(amina, make.visit("A morning at the hub"))
        return amina

    def test_goes_by_kind_and_person_to_the_words(self, admin: Browse, amina: Person, outbox: Posted) -> None:
        page = admin.get("/admin/messages/").click("Look at a message before it is sent")
        page.submit("Search", kind="booking_cancelled_by_staff", q="amina")
        assert "Who is meant?" in page.text
        page.click("Amina Yusuf")
        assert "As Amina Yusuf would read it" in page.text
        assert "Cancelled: A morning at the hub" in page.text
        assert "/bookings/t/…" in page.text or "/bookings/t/" not in page.html
        frame = page.soup.select_one("iframe")
        assert frame is not None
        assert "A morning at the hub" in admin.client.get(str(frame["src"])).text
        assert len(outbox()) == 1

    def test_asks_which_where_there_are_several(self, admin: Browse, make: Make, amina: Person) -> None:
        make.booking(amina, make.visit("An afternoon"))
        page = admin.get("/admin/messages/preview", kind="booking_confirmed", person=amina.public_id)
        assert "What is it about, for Amina Yusuf?" in page.text
        assert not page.soup.select("iframe")
        page.click("An afternoon (2 March 2026 at 9am)")
        assert "Booked: An afternoon" in page.text

    def test_says_so_where_there_is_nothing_to_tell_or_nobody(self, admin: Browse, amina: Person) -> None:
        page = admin.get("/admin/messages/preview", kind="offer_made", person=amina.public_id)
        assert "There is nothing about Amina Yusuf that this message could tell." in page.text
        assert "Nobody fits this search." in admin.get("/admin/messages/preview", kind="reminder", q="zzz").text
        assert admin.get("/admin/messages/preview", kind="reminder", person="nobody").status == 404
        assert admin.get("/admin/messages/preview/html", kind="reminder", person="nobody").status == 404
        assert admin.get("/admin/messages/preview/html", person=amina.public_id).status == 404
        assert admin.get("/admin/messages/preview", kind="sign_in", person=amina.public_id).status == 200

    def test_keeps_letters_of_an_application_from_admins_who_have_still_to_score_it(
        self, browse: Browse, make: Make, amina: Person, outbox: Posted
    ) -> None:
        course, chair = panel.course(make), panel.chair(make)
        applied = panel.application(make, course, person=amina)
        ada = make.admin("Ada Both")
        make.grant(ada, Role.REVIEWER, programme=make.programme())
        with working(make._app) as work:
            posting.post(work, key="letter", to=amina, template="application_submitted", application_id=applied.id)
        (letter,) = outbox("application_submitted")
        looked = {
            "/admin/messages/preview": {"kind": "application_declined", "person": amina.public_id},
            f"/admin/messages/{letter.id}": {},
        }
        for path, asked in looked.items():
            assert not browse.sign_in(ada).get(path, **asked).soup.select("iframe")
        assert "Another admin can read it." in browse.text
        assert browse.get(f"/admin/messages/{letter.id}/html").status == 404
        panel.review(make, ada, course, 1)
        panel.decide(make, chair, course, "d")
        for path, asked in looked.items():
            assert browse.get(path, **asked).soup.select("iframe")

    def test_sends_a_test_to_whoever_looks_and_to_nobody_else(
        self, browse: Browse, make: Make, amina: Person, mailbox: Mailbox, outbox: Posted, golden: Golden
    ) -> None:
        (real,) = mailbox.deliver()
        page = browse.sign_in(make.admin())
        page.get("/admin/messages/preview", kind="booking_confirmed", person=amina.public_id)
        page.submit("Send a test to myself")
        assert "The test is on its way to you, and to nobody else." in page.text
        (mail,) = mailbox.deliver()
        assert mail.message["To"].addresses[0].display_name == "Ada Admin"
        assert mail.subject == "[Test] Booked: A morning at the hub"
        assert "This is a test. Amina Yusuf would get what follows" in mail.text
        assert "Hello Amina Yusuf," in mail.text
        assert mail.calendar is None
        assert mail.message["List-Unsubscribe"] is None
        key = real.link("/bookings/t/").rpartition("/")[2]
        assert key not in mail.raw.decode()
        assert key not in mail.text
        assert key not in str(mail.soup)
        assert [fault for fault in faults(mail.soup) if "attribute style" not in fault] == []
        (message_id,) = (row.message_id for row in outbox("test"))
        golden(GOLDEN / "test.txt", readable(mail.message).replace(message_id, "MESSAGE"))

    def test_sends_so_many_tests_an_hour(self, admin: Browse, amina: Person, clock: FixedClock, outbox: Posted) -> None:
        for _ in range(TESTS_AN_HOUR):
            admin.get("/admin/messages/preview", kind="reminder", person=amina.public_id)
            assert admin.submit("Send a test to myself").seen == [302, 200]
        assert admin.submit("Send a test to myself").status == 422
        assert "You have sent yourself 10 tests within an hour. Wait a while." in admin.text
        assert "As Amina Yusuf would read it" in admin.text
        assert len(outbox("test")) == TESTS_AN_HOUR
        clock.move(timedelta(hours=1))
        assert admin.submit("Send a test to myself").seen == [302, 200]

    def test_is_for_admins_of_the_service(self, browse: Browse, make: Make, amina: Person, outbox: Posted) -> None:
        person = make.account()
        make.grant(person, Role.ADMIN, programme=make.programme())
        browse.sign_in(person)
        for path in ("preview", "preview/html", "1", "1/html", "bounces"):
            assert browse.get(f"/admin/messages/{path}").status == 404
        query = f"?kind=booking_confirmed&person={amina.public_id}"
        assert browse.post(f"/admin/messages/preview{query}").status == 404
        assert outbox("test") == []

    def test_shows_every_kind_without_a_fault(self, admin: Browse, amina: Person) -> None:
        for kind in SAMPLES:
            page = admin.get("/admin/messages/preview", kind=kind, person=amina.public_id)
            assert page.status == 200, kind
