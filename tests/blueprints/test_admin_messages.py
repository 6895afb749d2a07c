from typing import Any

import pytest
from sqlalchemy import update

from cop.core.access import Role
from cop.models.accounts import Person
from cop.models.events import Event
from cop.models.outbox import Outbox, OutboxState
from cop.services import outbox as posting
from cop.services.events import booking as bookings
from cop.services.events import editing
from tests.support.browse import Browse
from tests.support.make import Make, Reads, Working
from tests.support.queries import count_queries


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
        admin.get("/admin/messages/", show="dead").submit("Try again : sign in, amina@council.example")
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
        assert "Tell them about this message: something new." in admin.text
        assert "No phone number is known." in admin.text
