"""What people are written about an offer, a decision and a course, letter for letter."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from cop.core.access import SYSTEM, Actor
from cop.models.events import Event
from cop.models.offers import Offer
from cop.models.outbox import Outbox, OutboxState
from cop.services.cohorts import offers
from cop.services.cohorts.roster import write_to_roster
from cop.services.events import booking
from scheduled import tend_offers
from tests.support import panel
from tests.support.browse import Browse
from tests.support.clock import FixedClock
from tests.support.golden import Golden
from tests.support.html import faults
from tests.support.mailbox import Mail, Mailbox
from tests.support.make import Make, Reads, Working
from tests.test_mail import readable, without

GOLDEN = Path(__file__).parent / "golden" / "mail"

LETTERS = (
    "made",
    "made-in-full",
    "reminder",
    "lapsed",
    "withdrawn",
    "reserve",
    "reserve-in-full",
    "declined",
    "declined-in-full",
    "review-stays",
    "review-offered",
    "review-reserve",
    "review-noted",
    "roster",
)

WELCOME = "We look forward to all of you."
WAIT = "Last time three people moved up."
THANKS = "Sixty people applied.\n\nWe read every word."
FEEDBACK = "What came out strongest is “A real challenge”.\n\nSay more about who you would do it with."
ANSWER = "Two of us who had not read it before read it again.\n\nThank you for asking."

BODY = "Bring a picture.\nAnd a pen.\n\nLunch is at half past twelve."

Posted = Callable[..., Sequence[Outbox]]


class Chosen:
    """One application and what becomes of it, with the letters that came of it."""

    def __init__(self, app: Flask, make: Make, work: Working, clock: FixedClock, mailbox: Mailbox) -> None:
        self._app, self._make, self._work, self._clock, self._mailbox = app, make, work, clock, mailbox
        self.course: Event = panel.course(make)
        self.application = panel.application(make, self.course, "Amina Yusuf", email="amina@council.example")
        self.femi = panel.chair(make)

    def letter(self, name: str) -> Mail:
        steps: dict[str, list[Callable[[], Any]]] = {
            "made": [self.offer],
            "made-in-full": [lambda: self._decided("o", in_full=True)],
            "reserve-in-full": [lambda: self._decided("r", in_full=True)],
            "declined-in-full": [lambda: self._decided("d", in_full=True)],
            "review-stays": [self.decline, self.ask, self.stays],
            "review-offered": [self.decline, self.ask, self.change],
            "review-reserve": [self.decline, self.ask, self.fill, self.change],
            "review-noted": [self.decline, self.ask, self.begin, self.change],
            "reminder": [self.offer, self.remind],
            "lapsed": [self.offer, self.lapse],
            "withdrawn": [self.offer, self.withdraw],
            "reserve": [self.reserve],
            "declined": [self.decline],
            "roster": [self.offer, self.accept, self.write],
        }
        mail: Mail = [step() for step in steps[name]][-1]
        return mail

    def _decided(self, letter: str, *, in_full: bool = False) -> Mail:
        panel.decide(self._make, self.femi, self.course, letter)
        if in_full:
            panel.write_paragraphs(self._make, self.femi, self.course, offer=WELCOME, reserve=WAIT, decline=THANKS)
            panel.write_feedback(self._make, self.femi, self.course, 1, FEEDBACK)
        panel.release(self._make, self.femi, self.course)
        return self._delivered()

    def ask(self) -> None:
        panel.ask_review(self._make, self.application)

    def stays(self) -> Mail:
        return self._answered(changed=False)

    def change(self) -> Mail:
        return self._answered(changed=True)

    def _answered(self, *, changed: bool) -> Mail:
        panel.answer_review(self._make, self.femi, self.course, changed=changed, words=ANSWER)
        return next(mail for mail in self._mailbox.deliver() if "The review of" in mail.subject)

    def fill(self) -> None:
        """Every place is somebody’s."""
        with self._work() as unit:
            unit.session.get_one(Event, self.course.id).capacity = 0

    def begin(self) -> None:
        self._clock.set(self.course.parts[0].starts_at)

    def offer(self) -> Mail:
        return self._decided("o")

    def reserve(self) -> Mail:
        return self._decided("r")

    def decline(self) -> Mail:
        return self._decided("d")

    @property
    def offered(self) -> Offer:
        return panel.offers_of(self._make, self.course)[0]

    def _tended(self, before: timedelta) -> Mail:
        self._clock.set(panel.until(self.offered) - before)
        with self._app.app_context():
            tend_offers.run()
        return self._delivered()

    def remind(self) -> Mail:
        return self._tended(timedelta(days=2))

    def lapse(self) -> Mail:
        return self._tended(timedelta())

    def withdraw(self) -> Mail:
        with self._work(self._make.actor(self._make.admin())) as unit:
            offers.withdraw_offer(unit, cohort_id=self.course.id, number=1, reason="We counted the places wrongly.")
        return self._delivered()

    def accept(self) -> Mail:
        panel.accept(self._make, self.offered)
        return self._delivered()

    def write(self) -> Mail:
        with self._work(SYSTEM) as unit:
            write_to_roster(unit, event_id=self.course.id, subject="Before we meet", body=BODY)
        return self._delivered()

    def _delivered(self) -> Mail:
        (mail,) = self._mailbox.deliver()
        return mail


@pytest.fixture
def chosen(app: Flask, make: Make, work: Working, clock: FixedClock, mailbox: Mailbox) -> Chosen:
    return Chosen(app, make, work, clock, mailbox)


@pytest.mark.parametrize("name", LETTERS)
class TestALetter:
    def test_is_what_was_read_and_approved(self, chosen: Chosen, golden: Golden, reading: Reads, name: str) -> None:
        mail = chosen.letter(name)
        with reading() as read:
            random = dict.fromkeys(read.session.scalars(select(Outbox.message_id)), "MESSAGE")
        random |= {panel.token(offer): "TOKEN" for offer in panel.offers_of(chosen._make, chosen.course)}
        random[panel.decision_token(chosen.application)] = "TOKEN"
        golden(GOLDEN / f"offer-{name}.txt", without(random, readable(mail.message)))

    def test_is_sound_html_with_the_same_links_as_the_text(self, chosen: Chosen, name: str) -> None:
        mail = chosen.letter(name)
        assert [fault for fault in faults(mail.soup) if "attribute style" not in fault] == []
        links = {str(link["href"]) for link in mail.soup.select("a[href]")}
        lines = {line for line in mail.text.splitlines() if "://" in line}
        assert links == lines
        assert links

    def test_says_why_it_came(self, chosen: Chosen, name: str) -> None:
        why = "you have a place" if name == "roster" else "you applied for a place"
        mail = chosen.letter(name)
        for body in (mail.text, mail.soup.get_text(" ")):
            assert f"You get this message because {why} on this course." in " ".join(body.split())


def test_the_link_answers_by_a_press_and_not_by_looking(chosen: Chosen, browse: Browse) -> None:
    link = chosen.letter("made").link("/offers/")
    browse.another().get(link)
    page = browse.get(link)
    assert page.heading.startswith("A place for you")
    page.submit("Accept the place")
    assert page.get(link).heading == "The place is yours"


def test_no_link_lies_in_the_outbox(chosen: Chosen, outbox: Posted) -> None:
    chosen.letter("made")
    token = panel.token(chosen.offered)
    assert token not in " ".join(str(vars(row)) for row in outbox())


class TestALetterThatHasBecomePointless:
    def dropped(self, chosen: Chosen, outbox: Posted, template: str) -> bool:
        chosen._mailbox.deliver()
        return {row.state for row in outbox(template)} == {OutboxState.DROPPED}

    def test_is_not_sent_of_an_offer_that_was_answered(self, chosen: Chosen, make: Make, outbox: Posted) -> None:
        femi = panel.chair(make)
        panel.decide(make, femi, chosen.course, "o")
        panel.release(make, femi, chosen.course)
        panel.decline(make, chosen.offered)
        assert self.dropped(chosen, outbox, "offer_made")

    def test_is_not_sent_of_an_offer_whose_time_is_over(
        self, chosen: Chosen, make: Make, outbox: Posted, clock: FixedClock
    ) -> None:
        femi = panel.chair(make)
        panel.decide(make, femi, chosen.course, "o")
        panel.release(make, femi, chosen.course)
        clock.set(panel.until(chosen.offered))
        assert self.dropped(chosen, outbox, "offer_made")

    def test_is_not_sent_to_somebody_who_gave_their_place_back(
        self, chosen: Chosen, make: Make, work: Working, outbox: Posted
    ) -> None:
        chosen.letter("made")
        booked = panel.accept(make, chosen.offered)
        with work() as unit:
            write_to_roster(unit, event_id=chosen.course.id, subject="Before we meet", body=BODY)
        with work(Actor(booked.person_id)) as unit:
            booking.cancel(unit, public_id=booked.public_id)
        assert self.dropped(chosen, outbox, "roster_message")
