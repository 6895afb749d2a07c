"""What somebody chooses to be mailed about, what they were sent, and the links in mails."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import select, update

from cop.models.accounts import Person
from cop.models.outbox import MailTopic, Outbox, OutboxState, Preference
from cop.queries import subscriptions
from cop.services import accounts
from cop.services import outbox as posting
from tests.support.browse import Browse
from tests.support.clock import FixedClock
from tests.support.mailbox import Mailbox
from tests.support.make import Make, Reads, Working
from tests.support.queries import count_queries

Posted = Callable[..., Sequence[Outbox]]

PAGE = "/account/messages"
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def amina(make: Make) -> Person:
    return make.account("Amina Yusuf", "amina@council.example")


@pytest.fixture
def at_home(browse: Browse, amina: Person) -> Browse:
    return browse.sign_in(amina)


def ticked(page: Browse) -> list[str]:
    return [str(box["value"]) for box in page.soup.select("input[name=topics][checked]")]


def turned_off(reading: Reads) -> set[str]:
    with reading() as read:
        return set(read.session.scalars(select(Preference.topic).where(~Preference.wanted)))


class TestChoosing:
    def test_begins_with_everything_and_keeps_what_was_chosen(self, at_home: Browse, reading: Reads) -> None:
        page = at_home.get("/account").click("What we mail you")
        assert ticked(page) == [str(topic) for topic in MailTopic]
        page.submit("Save", topics=["reminders", "forum"])
        assert page.seen == [302, 200]
        assert "Your choice is saved." in page.text
        assert ticked(page) == ["reminders", "forum"]
        assert turned_off(reading) == {"surveys", "notes", "toolkit", "news"}

    def test_may_leave_nothing(self, at_home: Browse, reading: Reads) -> None:
        at_home.get(PAGE).submit("Save", topics=[])
        assert turned_off(reading) == {str(topic) for topic in MailTopic}
        assert ticked(at_home) == []

    def test_of_what_there_is_not_is_refused_with_the_rest_still_ticked(self, at_home: Browse, reading: Reads) -> None:
        page = at_home.post(PAGE, {"topics": ["surveys", "sign-in"]})
        assert page.status == 422
        assert turned_off(reading) == set()
        assert ticked(page) == ["surveys"]

    def test_is_for_whoever_is_signed_in(self, browse: Browse) -> None:
        assert browse.get(PAGE, follow=False).location.startswith("/sign-in?next=")


class TestTheLog:
    def test_of_nobody_is_empty(self, at_home: Browse) -> None:
        assert "Nothing yet." in at_home.get(PAGE).text

    def test_shows_what_was_sent_to_me_and_how_it_went(
        self, at_home: Browse, make: Make, amina: Person, mailbox: Mailbox, work: Working
    ) -> None:
        make.booking(amina, make.visit())
        make.booking(make.person("Ben"), make.visit("Somewhere else"))
        mailbox.deliver()
        with work() as unit:
            posting.post(unit, key="1", to=amina, template="reminder")
            unit.session.execute(
                update(Outbox).where(Outbox.key == "1").values(state=OutboxState.DROPPED, last_error="turned off")
            )
        rows = [" ".join(row.get_text(" ").split()) for row in at_home.get(PAGE).soup.select("tbody tr")]
        assert rows == [
            "Reminder of a booking 2 March 2026 at 9am Not sent: mail of this sort is turned off",
            "Booking confirmed 2 March 2026 at 9am Sent",
        ]

    def test_shows_a_message_without_its_keys(
        self, at_home: Browse, make: Make, amina: Person, mailbox: Mailbox
    ) -> None:
        make.booking(amina, make.visit("A morning at the hub"))
        (mail,) = mailbox.deliver()
        page = at_home.get(PAGE).click("Booking confirmed")
        assert page.heading == "Booked: A morning at the hub"
        assert "Where: Healthy Hub, Stevenage SG1 1EP" in page.text
        assert mail.link("/bookings/t/") not in page.html
        assert "/bookings/t/…" in page.text

    def test_shows_nobody_what_others_were_sent(
        self, at_home: Browse, make: Make, work: Working, outbox: Posted
    ) -> None:
        make.booking(make.person("Ben"), make.visit())
        with work() as unit:
            accounts.ask_to_sign_in(unit, email="amina@council.example", next_path="/", browser="b", network="n")
        for row in outbox():
            assert at_home.get(f"{PAGE}/{row.id}").status == 404
        assert "Nothing yet." in at_home.get(PAGE).text

    def test_says_so_where_a_message_cannot_be_shown_any_more(
        self, at_home: Browse, amina: Person, work: Working
    ) -> None:
        with work() as unit:
            posting.post(unit, key="1", to=amina, template="booking_confirmed", booking_id=4711)
            posting.post(unit, key="2", to=amina, template="something_old")
        for number in (1, 2):
            assert "it cannot be shown" in at_home.get(f"{PAGE}/{number}").text

    def test_goes_on_by_pages_in_as_many_statements(self, at_home: Browse, amina: Person, work: Working) -> None:
        counted = []
        for number in (1, 3, 21):
            with work() as unit:
                for one in range(number):
                    posting.post(unit, key=f"{number}:{one}", to=amina, template="booking_confirmed", booking_id=1)
            with count_queries() as statements:
                at_home.get(PAGE)
            counted.append(len(statements))
        assert counted[0] == counted[1] == counted[2]
        assert len(at_home.soup.select("tbody tr")) == 20
        at_home.click("Older messages")
        assert len(at_home.soup.select("tbody tr")) == 5


class TestTheLinkOfATopic:
    @pytest.fixture
    def address(self, amina: Person) -> str:
        return f"/unsubscribe/{subscriptions.token_for(amina, MailTopic.SURVEYS)}"

    def test_shows_first_acts_on_a_press_and_can_be_undone(self, browse: Browse, address: str, reading: Reads) -> None:
        page = browse.get(address)
        assert (page.heading, turned_off(reading)) == ("Stop these mails?", set())
        assert "Short surveys after events and courses" in page.text
        assert "Amina" not in page.text
        page.submit("Stop these mails")
        assert (page.heading, turned_off(reading)) == ("These mails are stopped", {"surveys"})
        assert page.get(address).heading == "These mails are stopped"
        page.submit("Undo: I want these mails")
        assert (page.heading, turned_off(reading)) == ("You get these mails again", set())
        page.submit("Stop these mails")
        assert turned_off(reading) == {"surveys"}

    def test_takes_the_press_of_a_mail_programs_own_button(self, browse: Browse, address: str, reading: Reads) -> None:
        for _ in range(2):
            page = browse.post(address, ONE_CLICK, csrf=False)
            assert (page.status, page.heading) == (200, "These mails are stopped")
            assert turned_off(reading) == {"surveys"}

    @pytest.mark.parametrize(
        "body", [{}, {"again": "1"}, {**ONE_CLICK, "again": "1"}, {"List-Unsubscribe": "Two-Click"}]
    )
    def test_takes_nothing_else_without_its_token(
        self, browse: Browse, address: str, reading: Reads, body: dict[str, str]
    ) -> None:
        assert browse.post(address, body, csrf=False).status == 403
        assert turned_off(reading) == set()

    def test_forged_finds_nothing(self, browse: Browse, address: str) -> None:
        assert browse.get(f"{address}x").status == 404
        assert browse.post(f"{address}x", ONE_CLICK, csrf=False).status == 404

    def test_stands_in_the_mail_and_ends_what_comes_after(
        self, browse: Browse, make: Make, amina: Person, mailbox: Mailbox, clock: FixedClock, work: Working
    ) -> None:
        held = make.booking(amina, make.visit())
        part = make.event(held.event_id).parts[0]
        post = partial(
            posting.post,
            to=amina,
            template="reminder",
            booking_id=held.id,
            part_id=part.id,
            starts_at=part.starts_at.isoformat(),
        )
        with work() as unit:
            post(unit, key="1")
        mail = mailbox.deliver()[-1]
        assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        path = mail["List-Unsubscribe"].strip("<>").removeprefix("http://localhost")
        assert browse.post(path, ONE_CLICK, csrf=False).status == 200
        clock.move(timedelta(days=1))
        with work() as unit:
            post(unit, key="2")
        assert mailbox.deliver() == []
