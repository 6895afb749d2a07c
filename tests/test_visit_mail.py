"""Letters about visits: the pack, a slot that moved, what is offered instead, a kind word, and what hosts are asked."""

import re
from collections.abc import Callable
from datetime import time, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from cop.models.accounts import Person
from cop.models.events import Attendance, Booking, Entry, Event, EventKind
from cop.models.outbox import Outbox
from cop.services.events import editing
from scheduled import miss_visitors, send_visit_packs
from tests.services.events.test_editing import TEXTS, as_it_is
from tests.support.browse import Browse
from tests.support.clock import START, FixedClock
from tests.support.golden import Golden
from tests.support.html import faults
from tests.support.mailbox import Mail, Mailbox
from tests.support.make import Make, Reads, Working
from tests.support.visiting import PACK, answer, ask, asked_of, host_of, mark_party
from tests.test_mail import GOLDEN, entry_of, readable, without

LETTERS = ("visit-pack", "visit-moved", "visit-cancelled", "slot-cancelled", "visit-missed", "host-asked", "host-free")


class Correspondence:
    """A visitor, a host, and the letters that the days around a visit bring them."""

    def __init__(
        self, app: Flask, make: Make, work: Working, reading: Reads, clock: FixedClock, mailbox: Mailbox
    ) -> None:
        self._app, self._make, self._work, self._reading = app, make, work, reading
        self._clock, self._mailbox = clock, mailbox
        self.person: Person = make.account("Amina Yusuf", "amina@council.example")
        self.visit: Event = make.visit(slots=3)
        with work() as unit:
            texts = TEXTS | {"place": self.visit.place}
            editing.edit_practicalities(unit, event_id=self.visit.id, **texts, **PACK)
        self.held: Booking

    def letter(self, name: str) -> Mail:
        return {
            "visit-pack": self.pack,
            "visit-moved": self.move,
            "visit-cancelled": self.cancel,
            "slot-cancelled": self.cancel_slot,
            "visit-missed": self.miss,
            "host-asked": self.ask,
            "host-free": self.stand_down,
        }[name]()

    def book(self) -> None:
        self.held = self._make.booking(self.person, self.visit, party_size=3, names=["Ben Okri"])
        self._mailbox.deliver()

    def pack(self) -> Mail:
        self.book()
        self._clock.set(self.visit.parts[0].starts_at - timedelta(days=3))
        self._run(send_visit_packs.run)
        return self._delivered()

    def move(self) -> Mail:
        self.book()
        self._clock.move(timedelta(hours=1))
        with self._work() as unit:
            values = as_it_is(self._make.event(self.visit.id).parts[0])
            editing.edit_slot(unit, **{**values, "start": time(15), "end": time(16)})
        return self._delivered()

    def cancel(self) -> Mail:
        self.book()
        other = self._make.visit("Another date", slug="another-date", slots=[START + timedelta(days=30)])
        online = self._make.visit(
            "Hubs online", slug="hubs-online", kind=EventKind.WEBINAR, slots=[START + timedelta(days=20)]
        )
        with self._work() as unit:
            editing.choose_online(unit, event_id=self.visit.id, online_event_id=online.id)
            editing.cancel_event(unit, event_id=self.visit.id, reason="Flood", instead_event_id=other.id)
        return self._delivered()

    def cancel_slot(self) -> Mail:
        self.book()
        with self._work() as unit:
            editing.cancel_slot(unit, part_id=self.visit.parts[0].id, reason="Flood", offer_others=True)
        return self._delivered()

    def miss(self) -> Mail:
        self.book()
        part = self.visit.parts[0]
        self._clock.set(part.ends_at)
        mark_party(self._work, self._reading, self.held, part, *[Attendance.ABSENT] * 3)
        self._clock.move(timedelta(days=1))
        self._run(miss_visitors.run)
        return self._delivered()

    def ask(self) -> Mail:
        self.host = host_of(self._make, self.visit)
        ask(self._work, self.visit, self.host, *self.visit.parts[:2])
        return self._delivered()

    def stand_down(self) -> Mail:
        self.ask()
        answer(self._work, self.visit, asked_of(self._reading, self.host)[0])
        with self._work() as unit:
            editing.cancel_slot(unit, part_id=self.visit.parts[0].id, reason="Flood")
        return self._delivered()

    def _run(self, job: Callable[[], str]) -> None:
        with self._app.app_context():
            job()

    def _delivered(self) -> Mail:
        (mail,) = self._mailbox.deliver()
        return mail


@pytest.fixture
def post(app: Flask, make: Make, work: Working, reading: Reads, clock: FixedClock, mailbox: Mailbox) -> Correspondence:
    return Correspondence(app, make, work, reading, clock, mailbox)


@pytest.mark.parametrize("name", LETTERS)
def test_is_letter_for_letter_what_was_read_and_approved(
    post: Correspondence, golden: Golden, reading: Reads, name: str
) -> None:
    mail = post.letter(name)
    with reading() as read:
        random = {uid.hex: "ENTRY" for uid in read.session.scalars(select(Entry.uid))}
        random |= dict.fromkeys(read.session.scalars(select(Booking.public_id)), "BOOKING")
        random |= dict.fromkeys(read.session.scalars(select(Outbox.message_id)), "MESSAGE")
    plain = re.sub(r"/mail/stop/[\w.-]+", "/mail/stop/TOKEN", readable(mail.message))
    golden(GOLDEN / f"{name}.txt", without(random, plain))


@pytest.mark.parametrize("name", LETTERS)
def test_stands_in_sound_html_with_the_same_links_as_its_text(post: Correspondence, name: str) -> None:
    mail = post.letter(name)
    assert [fault for fault in faults(mail.soup) if "attribute style" not in fault] == []
    links = {str(link["href"]) for link in mail.soup.select("a[href]")}
    assert links == set(re.findall(r"https?://\S+", mail.text))
    assert [line for line in mail.text.splitlines() if "://" in line and not line.startswith("http")] == []


def test_the_links_of_the_pack_open_signed_out(post: Correspondence, browse: Browse) -> None:
    mail = post.letter("visit-pack")
    token = mail.link("/bookings/t/")
    assert browse.get(token).heading == "You are booked"
    assert browse.get(f"{token}/pack").heading == f"Visit pack {post.visit.title}"
    assert f"http://localhost{token}/pack" in mail.text


def test_a_slot_that_moves_keeps_the_entry_and_raises_its_sequence(post: Correspondence) -> None:
    mail = post.letter("visit-moved")
    entry = entry_of(mail)
    assert (entry["SEQUENCE"], entry.start.hour) == (1, 15)
    assert "It was to begin on 9 March 2026 at 10am" in " ".join(mail.text.split())


def test_a_pack_is_pointless_once_the_place_was_given_back_or_moved(
    post: Correspondence, make: Make, work: Working, mailbox: Mailbox, app: Flask, clock: FixedClock
) -> None:
    post.book()
    clock.set(post.visit.parts[0].starts_at - timedelta(days=3))
    with app.app_context():
        send_visit_packs.run()
    with work() as unit:
        editing.cancel_slot(unit, part_id=post.visit.parts[0].id, reason="Flood")
    assert [mail.subject for mail in mailbox.deliver()] == [f"Cancelled: {post.visit.title}"]


def test_hosts_are_not_asked_for_what_they_have_answered_or_what_was_cancelled(
    post: Correspondence, make: Make, work: Working, reading: Reads, mailbox: Mailbox
) -> None:
    host = host_of(make, post.visit)
    ask(work, post.visit, host, post.visit.parts[0])
    answer(work, post.visit, asked_of(reading, host)[0])
    assert not mailbox.deliver()


def test_a_kind_word_is_pointless_once_the_mark_was_corrected(
    post: Correspondence, work: Working, reading: Reads, mailbox: Mailbox, app: Flask, clock: FixedClock
) -> None:
    post.book()
    part = post.visit.parts[0]
    clock.set(part.ends_at)
    mark_party(work, reading, post.held, part, *[Attendance.ABSENT] * 3)
    clock.move(timedelta(days=1))
    with app.app_context():
        miss_visitors.run()
    mark_party(work, reading, post.held, part, *[Attendance.ATTENDED] * 3)
    assert not mailbox.deliver()


def test_the_answer_of_a_host_is_asked_for_on_a_page_of_their_own(post: Correspondence, browse: Browse) -> None:
    mail = post.letter("host-asked")
    link = mail.link(f"/events/{post.visit.slug}/rota")
    assert browse.get(link).heading == "Sign in or join"
    assert browse.sign_in(post.host).get(link).heading.startswith("Could you receive the visitors?")
