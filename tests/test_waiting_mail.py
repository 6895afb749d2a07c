"""Letters of the waiting list: what has happened, what its receiver can do, until when, and what follows if they do
nothing.
"""

import re
from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from cop import mail
from cop.models.accounts import Person
from cop.models.events import Booking, Event
from cop.models.offers import OfferState
from cop.models.outbox import Outbox
from cop.services.events import booking, editing, waiting
from cop.services.events.booking import Guest, Party
from cop.services.events.waiting import Wish
from scheduled import tend_offers
from tests.support.browse import Browse
from tests.support.clock import FixedClock
from tests.support.golden import Golden
from tests.support.html import faults
from tests.support.mailbox import Mail, Mailbox
from tests.support.make import Make, Reads, Working, reading
from tests.support.waiting import Line
from tests.support.webinars import Webinars
from tests.test_mail import GOLDEN, readable, without

LETTERS = (
    "waiting-joined",
    "waiting-ended",
    "place-offered",
    "place-offer-reminder",
    "place-offer-lapsed",
    "place-offer-withdrawn",
)


class Correspondence:
    """Somebody who waits with a friend for either of two slots, and the letters that this brings them."""

    def __init__(self, app: Flask, make: Make, work: Working, clock: FixedClock, mailbox: Mailbox) -> None:
        self._app, self._make, self._work = app, make, work
        self._clock, self._mailbox = clock, mailbox
        self.person: Person = make.account("Amina Yusuf", "amina@council.example", timezone="America/Toronto")
        self.visit: Event = make.visit("The Healthy Hub", slug="hub", capacity=2)
        self.line = Line(app, make, self.visit)
        self._holders = [make.account(name) for name in ("Ben", "Cleo")]
        self._held = [make.booking(holder, self.visit, slot, party_size=2) for slot, holder in enumerate(self._holders)]

    def letter(self, name: str) -> Mail:
        return {
            "waiting-joined": self.join,
            "waiting-ended": self.end,
            "place-offered": self.offer,
            "place-offer-reminder": self.remind,
            "place-offer-lapsed": self.lapse,
            "place-offer-withdrawn": self.withdraw,
        }[name]()

    def join(self) -> Mail:
        self.line.join(self._make.account("Dana"), slots=(1,))
        self._mailbox.deliver()
        self.line.join(self.person, slots=(0, 1), size=2, split_ok=True)
        return self._delivered()

    def end(self) -> Mail:
        self.join()
        self._clock.set(self.visit.parts[1].starts_at)
        self._run()
        return self._delivered()

    def offer(self) -> Mail:
        """A single place becomes free at the first slot."""
        self.join()
        self.give_back()
        return self._delivered()

    def give_back(self) -> None:
        with self._work(self._make.actor(self._holders[0])) as unit:
            to = [self.visit.parts[0].id]
            booking.change(unit, public_id=self._held[0].public_id, part_ids=to, party=Party(1))

    def remind(self) -> Mail:
        with self._work() as unit:
            unit.session.execute(update(Event).where(Event.id == self.visit.id).values(offer_hours=40))
        self.offer()
        (open_offer,) = self.line.offers()
        assert open_offer.expires_at is not None
        self._clock.set(open_offer.expires_at - timedelta(days=2))
        self._run()
        return self._delivered()

    def lapse(self) -> Mail:
        self.offer()
        (open_offer,) = self.line.offers()
        assert open_offer.expires_at is not None
        self._clock.set(open_offer.expires_at)
        self._run()
        return self._delivered()

    def withdraw(self) -> Mail:
        self.offer()
        with self._work() as unit:
            editing.cancel_slot(unit, part_id=self.visit.parts[0].id, reason="The boiler broke")
        return self._delivered()

    def _run(self) -> None:
        with self._app.app_context():
            tend_offers.run()

    def _delivered(self) -> Mail:
        """The one letter to who waits; those to others arrive beside it."""
        (found,) = [found for found in self._mailbox.deliver() if "amina@council.example" in found["To"]]
        return found


@pytest.fixture
def post(app: Flask, make: Make, work: Working, clock: FixedClock, mailbox: Mailbox) -> Correspondence:
    return Correspondence(app, make, work, clock, mailbox)


@pytest.mark.parametrize("name", LETTERS)
def test_is_letter_for_letter_what_was_read_and_approved(
    post: Correspondence, golden: Golden, reading: Reads, name: str
) -> None:
    letter = post.letter(name)
    with reading() as read:
        random = dict.fromkeys(read.session.scalars(select(Outbox.message_id)), "MESSAGE")
    golden(GOLDEN / f"{name}.txt", without(random, tokenless(readable(letter.message))))


def tokenless(letter: str) -> str:
    return re.sub(r"/(offers|waiting/t)/[\w.-]+", r"/\1/TOKEN", letter)


@pytest.mark.parametrize("name", LETTERS)
def test_stands_in_sound_html_with_the_same_links_as_its_text(post: Correspondence, name: str) -> None:
    letter = post.letter(name)
    assert [fault for fault in faults(letter.soup) if "attribute style" not in fault] == []
    links = {str(link["href"]) for link in letter.soup.select("a[href]")}
    assert links == set(re.findall(r"https?://\S+", letter.text))
    assert [line for line in letter.text.splitlines() if "://" in line and not line.startswith("http")] == []


@pytest.mark.parametrize("name", LETTERS)
def test_may_be_opened_by_a_scanner_without_any_effect(post: Correspondence, browse: Browse, name: str) -> None:
    letter = post.letter(name)
    before = (post.line.states(), [offer.state for state in OfferState for offer in post.line.offers(state)])
    for link in re.findall(r"http://localhost(/\S*)", letter.text):
        assert browse.another().get(link).status == 200
    assert (post.line.states(), [offer.state for state in OfferState for offer in post.line.offers(state)]) == before


@pytest.mark.parametrize("name", ["place-offered", "place-offer-reminder"])
def test_tells_until_when_also_by_the_clock_of_the_receiver(post: Correspondence, name: str) -> None:
    letter = post.letter(name)
    (offer,) = post.line.offers()
    assert offer.expires_at is not None
    for body in (letter.text, letter.soup.get_text(" ")):
        assert f"{offer.expires_at.day} March 2026, 9am" in body
        assert "4am in Toronto" in body
        assert "If you do nothing" in body


def test_the_link_of_an_offer_accepts_by_a_press(post: Correspondence, browse: Browse, reading: Reads) -> None:
    browse.get(post.letter("place-offered").link("/offers/")).submit("Accept the place")
    with reading() as read:
        assert read.session.scalars(select(Booking.party_size).where(Booking.person_id == post.person.id)).all() == [1]


def words(app: Flask, row: Outbox) -> str:
    """The text of a message, also of one that is said instead of mailed."""
    with app.test_request_context(), reading(app) as read:
        drawn = mail.drawn(read, row)
    assert drawn is not None
    return drawn.text


def test_what_is_said_to_somebody_without_email_tells_how_long_they_have_from_then(
    app: Flask, make: Make, work: Working, post: Correspondence, outbox: Callable[..., Sequence[Outbox]]
) -> None:
    wish = Wish([post.visit.parts[0].id], 1)
    with work(make.actor(make.admin())) as unit:
        waiting.join_for(unit, event_id=post.visit.id, wish=wish, guest=Guest("Rose Hall"))
    post.give_back()
    (row,) = outbox("place_offered")
    assert "Answer by: 10 working hours after you have been told" in words(app, row)


def test_a_letter_about_a_webinar_speaks_of_no_party(
    app: Flask, make: Make, work: Working, outbox: Callable[..., Sequence[Outbox]]
) -> None:
    webinar = Webinars(make, work).webinar("Damp homes", capacity=1)
    holder, ana = make.account("Holder"), make.account("Ana")
    held = make.booking(holder, webinar)
    line = Line(app, make, webinar)
    line.join(ana, slots=())
    assert "Your place in the line: You are next" in words(app, outbox("waiting_joined")[0])
    with work(make.actor(holder)) as unit:
        booking.cancel(unit, public_id=held.public_id)
    offered = words(app, outbox("place_offered")[0])
    assert "We hold a place for you until the time below." in offered
    assert "Places" not in offered
