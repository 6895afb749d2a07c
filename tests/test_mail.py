"""What arrives in somebody's mailbox: real MIME over real SMTP, entries that calendars act on, links that work."""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage, Message
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

import pytest
from flask import Flask
from icalendar import Calendar
from sqlalchemy import select

from cop.models.accounts import Person
from cop.models.events import Booking, BookingState, Entry, Event
from cop.models.outbox import Outbox, OutboxState
from cop.services import accounts
from cop.services.events import booking as bookings
from scheduled import send_outbox, send_reminders
from tests.support.browse import Browse
from tests.support.clock import FixedClock
from tests.support.golden import Golden
from tests.support.html import faults
from tests.support.mailbox import Mail, Mailbox, open_mailbox
from tests.support.make import Make, Reads, Working

GOLDEN = Path(__file__).parent / "golden" / "mail"

CALENDARS = {"confirmation": "REQUEST", "change": "REQUEST", "cancellation": "CANCEL"}
LETTERS = (*CALENDARS, "reminder", "sign-in")

Posted = Callable[..., Sequence[Outbox]]


class Correspondence:
    """One visitor's way through a booking, and the letters that came of it, in order."""

    def __init__(self, app: Flask, make: Make, work: Working, clock: FixedClock, mailbox: Mailbox) -> None:
        self._app, self._make, self._work, self._clock, self._mailbox = app, make, work, clock, mailbox
        self.person: Person = make.account("Amina Yusuf", "amina@council.example")
        self.visit: Event = make.visit(
            getting_there="Bus 4 from the station.\n\nTen minutes on foot.",
            step_free="A lift to every floor.",
            bring="A warm coat – it’s a walk.",
        )
        self.held: Booking

    def letter(self, name: str) -> Mail:
        """The letter of that name, and whatever has to happen before it."""
        steps = {
            "confirmation": [self.confirm],
            "change": [self.confirm, self.move],
            "cancellation": [self.confirm, self.move, self.cancel],
            "reminder": [self.confirm, self.remind],
            "sign-in": [self.sign_in],
        }
        return [step() for step in steps[name]][-1]

    def confirm(self) -> Mail:
        self.held = self._make.booking(self.person, self.visit, party_size=3, names=["Ben Okri", "Çağla 🌻"])
        return self._delivered()

    def move(self) -> Mail:
        self._clock.move(timedelta(hours=1))
        to, party = [self.visit.parts[1].id], bookings.Party(3, ("Ben Okri", "Çağla 🌻"))
        with self._work(self._make.actor(self.person)) as work:
            bookings.change(work, public_id=self.held.public_id, part_ids=to, party=party)
        return self._delivered()

    def cancel(self) -> Mail:
        self._clock.move(timedelta(hours=1))
        with self._work(self._make.actor(self.person)) as work:
            bookings.cancel(work, public_id=self.held.public_id)
        return self._delivered()

    def remind(self) -> Mail:
        self._clock.set(self.visit.parts[0].starts_at - timedelta(days=1))
        with self._app.app_context():
            send_reminders.run()
        return self._delivered()

    def sign_in(self) -> Mail:
        with self._work() as work:
            accounts.ask_to_sign_in(
                work, email="amina@council.example", next_path="/", browser="this browser", network="192.0.2.1"
            )
        return self._delivered()

    def _delivered(self) -> Mail:
        (mail,) = self._mailbox.deliver()
        return mail


@pytest.fixture
def post(app: Flask, make: Make, work: Working, clock: FixedClock, mailbox: Mailbox) -> Correspondence:
    return Correspondence(app, make, work, clock, mailbox)


def kinds(message: EmailMessage) -> list[str]:
    return [part.get_content_type() for part in message.walk()]


def calendar_part(mail: Mail) -> EmailMessage:
    (part,) = [part for part in mail.message.walk() if part.get_content_type() == "text/calendar"]
    return part


def entry_of(mail: Mail) -> Any:
    """The one event of the calendar that came with the letter."""
    assert mail.calendar
    calendar = Calendar.from_ical(mail.calendar)
    assert isinstance(calendar, Calendar)
    (event,) = calendar.events
    return event


def mailto(mail: Mail) -> list[str]:
    return [address.addr_spec for address in mail.message["To"].addresses]


class TestTheShape:
    @pytest.mark.parametrize("name", CALENDARS)
    def test_offers_the_entry_as_last_alternative_and_as_a_file(self, post: Correspondence, name: str) -> None:
        message = post.letter(name).message
        assert kinds(message) == [
            "multipart/mixed",
            "multipart/alternative",
            "text/plain",
            "text/html",
            "text/calendar",
            "application/ics",
        ]
        *_, inline, file = message.walk()
        assert file.get_filename() == "invite.ics"
        assert file.get_content_disposition() == "attachment"
        assert [content_of(part).splitlines() for part in (inline, file)] == [content_of(file).splitlines()] * 2

    @pytest.mark.parametrize(("name", "method"), CALENDARS.items())
    def test_names_the_method_outside_as_inside(self, post: Correspondence, name: str, method: str) -> None:
        mail = post.letter(name)
        part = calendar_part(mail)
        assert dict(part["Content-Type"].params) == {"charset": "utf-8", "method": method}
        assert mail.calendar
        assert re.findall(r"^METHOD:(\w+)\r?$", mail.calendar, re.MULTILINE) == [method]
        assert part["Content-Transfer-Encoding"] in {"base64", "quoted-printable"}

    @pytest.mark.parametrize("name", CALENDARS)
    def test_ends_the_lines_of_the_entry_as_its_standard_demands(self, post: Correspondence, name: str) -> None:
        *_, inline, file = post.letter(name).message.walk()
        for part in (inline, file):
            lines = content_of(part).split(b"\r\n")
            assert not [line for line in lines if b"\n" in line], part.get_content_type()
            assert max(map(len, lines)) <= 75

    @pytest.mark.parametrize("name", ["reminder", "sign-in"])
    def test_is_text_and_html_alone_where_there_is_nothing_for_a_calendar(
        self, post: Correspondence, name: str
    ) -> None:
        assert kinds(post.letter(name).message) == ["multipart/alternative", "text/plain", "text/html"]

    @pytest.mark.parametrize("name", LETTERS)
    def test_keeps_to_the_lines_of_smtp(self, post: Correspondence, name: str) -> None:
        lines = post.letter(name).raw.split(b"\r\n")
        assert max(map(len, lines)) <= 998
        assert not [line for line in lines if b"\n" in line or b"\r" in line]
        assert all(line.isascii() for line in lines)

    @pytest.mark.parametrize("name", LETTERS)
    def test_says_who_writes_to_whom_and_when(
        self, post: Correspondence, clock: FixedClock, outbox: Posted, name: str
    ) -> None:
        mail = post.letter(name)
        assert mail["From"] == "Learning Together <programme@cop.example>"
        assert mailto(mail) == ["amina@council.example"]
        assert mail.message["Date"].datetime == clock.now()
        assert mail["Message-ID"] == f"<{outbox()[-1].message_id}@localhost>"
        assert mail["Auto-Submitted"] == "auto-generated"
        assert not mail.message.defects

    @pytest.mark.parametrize("name", LETTERS)
    def test_is_letter_for_letter_what_was_read_and_approved(
        self, post: Correspondence, golden: Golden, reading: Reads, name: str
    ) -> None:
        mail = post.letter(name)
        with reading() as read:
            random = {mail.code(): "123456"} if name == "sign-in" else {}
            random |= {uid.hex: "ENTRY" for uid in read.session.scalars(select(Entry.uid))}
            random |= dict.fromkeys(read.session.scalars(select(Booking.public_id)), "BOOKING")
            random |= dict.fromkeys(read.session.scalars(select(Outbox.message_id)), "MESSAGE")
        golden(GOLDEN / f"{name}.txt", without(random, readable(mail.message)))


def content_of(part: Message) -> bytes:
    """The bytes of a part as a client unpacks them."""
    return cast("bytes", part.get_payload(decode=True))


def readable(message: EmailMessage) -> str:
    """The letter decoded: its headers, and each part under a line that says what it is; what ends it has no token."""
    lines = [f"{name}: {value}" for name, value in message.items() if name != "Content-Type"]
    for part in message.walk():
        if part.is_multipart():
            continue
        lines += ["", f"––– {part['Content-Type']} –––"]
        lines += ["(the same entry)"] if part.is_attachment() else content_of(part).decode().splitlines()
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)) + "\n"
    return re.sub(r"/unsubscribe/[\w.-]+", "/unsubscribe/TOKEN", text)


def without(random: dict[str, str], text: str) -> str:
    """The text with a word in the place of each value that differs from run to run."""
    plain = re.sub(r"\b(\w{8})-(\w{4})-(\w{4})-(\w{4})-(\w{12})\b", r"\1\2\3\4\5", text)
    plain = re.sub(r"/(bookings/t|sign-in)/[\w.-]+", r"/\1/TOKEN", plain)
    for value, word in random.items():
        plain = plain.replace(value, word)
    return plain


class TestTheEntry:
    def test_is_one_from_booking_to_cancellation_under_a_rising_sequence(
        self, post: Correspondence, reading: Reads
    ) -> None:
        first, second, last = (entry_of(step()) for step in (post.confirm, post.move, post.cancel))
        with reading() as read:
            entry = read.session.scalars(select(Entry)).one()
        assert {str(event["UID"]) for event in (first, second, last)} == {f"{entry.uid}@localhost"}
        assert [event["SEQUENCE"] for event in (first, second, last)] == [0, 1, 2]
        assert [event["STATUS"] for event in (first, second, last)] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]
        assert [event.start for event in (first, second, last)] == [
            post.visit.parts[number].starts_at for number in (0, 1, 1)
        ]
        stamps = [event["DTSTAMP"].dt for event in (first, second, last)]
        assert stamps == sorted(set(stamps))

    @pytest.mark.parametrize("name", CALENDARS)
    def test_is_from_the_mailbox_that_writes_to_the_one_that_reads(self, post: Correspondence, name: str) -> None:
        mail = post.letter(name)
        event = entry_of(mail)
        assert str(event["ORGANIZER"]).lower() == f"mailto:{mail.message['From'].addresses[0].addr_spec}"
        assert str(event["ATTENDEE"]).lower() == "mailto:amina@council.example"
        assert event["ATTENDEE"].params["CN"] == "Amina Yusuf"
        if CALENDARS[name] == "REQUEST":
            assert event["ATTENDEE"].params["RSVP"] == "TRUE"
            assert event["ATTENDEE"].params["PARTSTAT"] == "NEEDS-ACTION"

    @pytest.mark.parametrize("name", CALENDARS)
    def test_says_what_when_and_where(self, post: Correspondence, name: str) -> None:
        event = entry_of(post.letter(name))
        part = post.visit.parts[0 if name == "confirmation" else 1]
        assert post.visit.title in str(event["SUMMARY"])
        assert (event.start, event.end) == (part.starts_at, part.ends_at)
        assert event["LOCATION"] == post.visit.place
        assert event["URL"] == f"http://localhost/bookings/{post.held.public_id}"

    def test_tells_on_the_day_how_to_get_there_as_the_own_feed_does(self, post: Correspondence) -> None:
        description = str(entry_of(post.confirm()).get("DESCRIPTION", ""))
        for words in ("3 people", "Bus 4 from the station", "A lift to every floor", "A warm coat"):
            assert words in description

    def test_of_a_cancellation_has_a_higher_sequence_than_the_invitation_though_nothing_moved(
        self, post: Correspondence
    ) -> None:
        assert entry_of(post.confirm())["SEQUENCE"] < entry_of(post.cancel())["SEQUENCE"]


class TestTheMessageId:
    def test_is_the_same_when_a_letter_is_tried_again(
        self, app: Flask, make: Make, clock: FixedClock, outbox: Posted
    ) -> None:
        make.booking(make.person(), make.visit())
        with app.app_context():
            send_outbox.run()  # nobody listens
        (row,) = outbox()
        assert (row.state, row.attempts) == (OutboxState.PENDING, 1)
        clock.move(timedelta(minutes=1))
        with open_mailbox(app) as mailbox:
            (mail,) = mailbox.deliver()
        assert mail["Message-ID"] == f"<{row.message_id}@localhost>"

    def test_differs_from_letter_to_letter(self, post: Correspondence) -> None:
        assert len({step()["Message-ID"] for step in (post.confirm, post.move, post.cancel)}) == 3


NAMES = {
    "comma": "Yusuf, Amina",
    "quotes": 'Amina "Mina" Yusuf',
    "backslash": "Amina \\ Yusuf",
    "emoji": "Amina 🌻",
    "emoji and comma": "Yusuf, Amina 🌻, evil@x.example",
    "right to left": "أمينة يوسف",
    "turned round": "Amina \u202eYusuf",
    "another address": "<evil@x.example>, Amina",
    "parentheses, colon and semicolon": "Amina (Mina): Yusuf;",
    "apostrophe": "Amina O’Yusuf",
}

INJECTIONS = {
    "CRLF": "Amina\r\nBcc: evil@x.example",
    "LF": "Amina\nBcc: evil@x.example",
    "CR": "Amina\rBcc: evil@x.example",
    "next line": "Amina\x85Bcc: evil@x.example",
    "line separator": "Amina\u2028Bcc: evil@x.example",
    "end of headers": "Amina\r\n\r\n<h1>Evil</h1>",
}

TITLES = ", Cabinet Member for Health, Housing and Adult Social Care, Westminster City Council"


class TestTheNameOfTheRecipient:
    def letter_to(self, make: Make, mailbox: Mailbox, name: str) -> Mail:
        make.booking(make.person(name, "amina@council.example"), make.visit())
        (mail,) = mailbox.deliver()
        return mail

    @pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
    def test_arrives_as_it_is(self, make: Make, mailbox: Mailbox, name: str) -> None:
        mail = self.letter_to(make, mailbox, name)
        assert [(to.display_name, to.addr_spec) for to in mail.message["To"].addresses] == [
            (name, "amina@council.example")
        ]
        assert entry_of(mail)["ATTENDEE"].params["CN"] == name.replace('"', "'")
        assert f"Hello {name}," in mail.text
        assert f"Hello {name}," in mail.soup.get_text()

    @pytest.mark.parametrize("name", INJECTIONS.values(), ids=INJECTIONS)
    def test_cannot_add_a_header_and_does_not_stop_the_letter(self, make: Make, mailbox: Mailbox, name: str) -> None:
        mail = self.letter_to(make, mailbox, name)
        assert mailto(mail) == ["amina@council.example"]
        assert not {"Bcc", "Cc"} & set(mail.message.keys())
        assert kinds(mail.message)[:2] == ["multipart/mixed", "multipart/alternative"]
        assert mail.calendar
        assert "\r\nBcc" not in mail.calendar

    @pytest.mark.parametrize("name", [f"Dr Amina Yusuf{TITLES}", f"Dr Amina 🌻{TITLES}", "🌻" * 200, "a" * 200])
    def test_may_be_long_and_the_letter_has_one_recipient_all_the_same(
        self, make: Make, mailbox: Mailbox, name: str
    ) -> None:
        mail = self.letter_to(make, mailbox, name)
        assert mailto(mail) == ["amina@council.example"]

    def test_is_text_in_html_and_never_markup(self, make: Make, mailbox: Mailbox) -> None:
        mail = self.letter_to(make, mailbox, "<b>Amina</b> & Ben")
        assert not mail.soup.select("b")
        assert "Hello <b>Amina</b> & Ben," in mail.soup.get_text()
        assert "Hello <b>Amina</b> & Ben," in mail.text


def test_a_title_cannot_add_a_header(make: Make, mailbox: Mailbox) -> None:
    make.booking(make.person(), make.visit("Morning\r\nBcc: evil@x.example\r\n\r\nEvil"))
    (mail,) = mailbox.deliver()
    assert mail.subject == "Booked: Morning Bcc: evil@x.example Evil"
    assert "Bcc" not in mail.message


class TestTheWords:
    @pytest.mark.parametrize("name", [*CALENDARS, "reminder"])
    def test_tell_why_the_letter_came_when_and_where_the_visit_is(self, post: Correspondence, name: str) -> None:
        mail = post.letter(name)
        time = "10am to 11am" if name in {"confirmation", "reminder"} else "11:30am to 12:30pm"
        for words in (
            "You get this message because you booked a place",
            post.visit.title,
            f"Monday 9 March 2026, {time}",
            post.visit.place,
            "3 people",
            "Ben Okri, Çağla 🌻",
        ):
            assert words in " ".join(mail.text.split()), "in text"
            assert words in " ".join(mail.soup.get_text(" ").split()), "in HTML"

    def test_tell_why_a_sign_in_came_to_somebody_who_did_not_ask(self, post: Correspondence) -> None:
        mail = post.sign_in()
        for body in (mail.text, mail.soup.get_text(" ")):
            assert "You get this message because somebody typed your address" in body
            assert "do nothing" in body

    @pytest.mark.parametrize("name", ["confirmation", "change", "reminder"])
    def test_tell_how_to_get_there_how_it_is_without_steps_and_what_to_bring(
        self, post: Correspondence, name: str
    ) -> None:
        mail = post.letter(name)
        for body in (mail.text, mail.soup.get_text(" ")):
            for words in ("How to get there", "Bus 4", "Ten minutes on foot", "Step-free", "A lift", "A warm coat"):
                assert words in body

    @pytest.mark.parametrize("name", LETTERS)
    def test_stand_in_sound_html_without_anything_from_elsewhere(self, post: Correspondence, name: str) -> None:
        mail = post.letter(name)
        assert [fault for fault in faults(mail.soup) if "attribute style" not in fault] == []
        assert mail.soup.html
        assert mail.soup.html["lang"] == "en-GB"
        assert not mail.soup.select("img, script, link, iframe, form, [background]")
        levels = [int(heading.name[1]) for heading in mail.soup.select("h1, h2, h3, h4")]
        assert levels[0] == 1
        assert all(after <= before + 1 for before, after in pairwise(levels))

    def test_tell_the_time_by_the_clock_of_the_place(self, make: Make, mailbox: Mailbox) -> None:
        make.booking(make.person(), make.visit(slots=[datetime(2026, 7, 14, 9, tzinfo=UTC)]))
        (mail,) = mailbox.deliver()
        assert "Tuesday 14 July 2026, 10am to 11am" in mail.text

    @pytest.mark.parametrize("name", LETTERS)
    def test_put_each_link_on_a_line_of_its_own(self, post: Correspondence, name: str) -> None:
        linked = [line for line in post.letter(name).text.splitlines() if "://" in line]
        assert linked
        assert [line for line in linked if not line.startswith("http")] == []

    @pytest.mark.parametrize("name", LETTERS)
    def test_have_the_same_links_in_both_forms(self, post: Correspondence, name: str) -> None:
        mail = post.letter(name)
        links = {str(link["href"]) for link in mail.soup.select("a[href]")}
        assert links == set(re.findall(r"https?://\S+", mail.text))
        assert links


class TestTheLink:
    def test_opens_the_booking_signed_out(self, post: Correspondence, browse: Browse) -> None:
        page = browse.get(post.confirm().link("/bookings/t/"))
        assert page.status == 200
        assert page.heading == "You are booked"
        assert post.visit.title in page.text

    @pytest.mark.parametrize("name", ["confirmation", "change", "reminder"])
    def test_cancels_by_a_press_and_not_by_looking(
        self, post: Correspondence, browse: Browse, reading: Reads, name: str
    ) -> None:
        def state() -> BookingState:
            with reading() as read:
                return read.session.get_one(Booking, post.held.id).state

        page = browse.get(post.letter(name).link("/bookings/t/")).click("Cancel the booking")
        assert page.heading == "Do you want to cancel this booking?"
        assert state() is BookingState.LIVE
        page.submit("Yes, cancel it")
        assert page.heading == "This booking is cancelled"
        assert state() is BookingState.CANCELLED

    def test_of_a_cancelled_booking_shows_that_it_is(self, post: Correspondence, browse: Browse) -> None:
        link = post.confirm().link("/bookings/t/")
        post.cancel()
        page = browse.get(link)
        assert page.heading == "This booking is cancelled"
        assert "Cancel the booking" not in page.text

    @pytest.mark.parametrize("name", LETTERS)
    def test_may_be_opened_by_a_scanner_without_any_effect(
        self, post: Correspondence, browse: Browse, outbox: Posted, reading: Reads, name: str
    ) -> None:
        mail = post.letter(name)
        for _ in range(2):
            for link in re.findall(r"http://localhost(/\S*)", mail.text):
                browse.another().get(link)
        assert {row.template for row in outbox() if row.state is OutboxState.PENDING} == set()
        with reading() as read:
            states = {found.state for found in read.session.scalars(select(Booking))}
        assert states <= {BookingState.CANCELLED if name == "cancellation" else BookingState.LIVE}

    def test_to_sign_in_works_after_a_scanner_has_opened_it(self, post: Correspondence, browse: Browse) -> None:
        link = post.sign_in().link("/sign-in/")
        browse.another().get(link)
        page = browse.get(link)
        page.submit(page.soup.select("main form button")[0].get_text(strip=True))
        assert "Amina" in browse.get("/account").text


class TestTheOutbox:
    @pytest.mark.parametrize("name", LETTERS)
    def test_holds_no_link_and_no_code(self, post: Correspondence, outbox: Posted, name: str) -> None:
        mail = post.letter(name)
        tokens = re.findall(r"/(?:t|sign-in)/(\S+)", mail.text)
        secrets = [*tokens, mail.code()] if name == "sign-in" else tokens
        assert secrets or name == "cancellation"
        kept = " ".join(str({**vars(row), "_sa_instance_state": None}) for row in outbox())
        assert [secret for secret in secrets if secret in kept] == []

    def test_holds_ids_and_instants_alone(self, post: Correspondence, outbox: Posted) -> None:
        for name in ("cancellation", "sign-in"):
            post.letter(name)
        post.confirm()
        post.remind()
        assert {key for row in outbox() for key in row.params} == {
            "booking_id",
            "sign_in_id",
            "part_id",
            "starts_at",
            "ahead",
        }
