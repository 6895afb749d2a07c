"""What people are written about resources of the toolkit, letter for letter."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from cop.core.access import SYSTEM, Role
from cop.models.accounts import Person
from cop.models.outbox import Outbox
from cop.models.toolkit import Resource, ResourceItem, ResourceTaken, Step
from cop.queries import toolkit_use as queries
from cop.services import toolkit as editing
from cop.services import toolkit_use
from scheduled import tend_toolkit
from tests.support.browse import Browse
from tests.support.clock import FixedClock
from tests.support.golden import Golden
from tests.support.html import faults
from tests.support.mailbox import Mail, Mailbox
from tests.support.make import Make, Reads, Working
from tests.support.toolkit import Toolkit
from tests.test_mail import readable, without

GOLDEN = Path(__file__).parent / "golden" / "mail"

REVIEW_ON = date(2026, 4, 1)


class Letters:
    """Somebody took a resource, somebody looks after it, and the jobs write to both."""

    def __init__(
        self, app: Flask, make: Make, work: Working, reading: Reads, clock: FixedClock, mailbox: Mailbox
    ) -> None:
        self._app, self._reading, self._clock, self._mailbox = app, reading, clock, mailbox
        self.work, self.make, self.toolkit = work, make, Toolkit(make, work)
        self.owner = make.account("Femi Facilitates", "femi@council.example")
        make.grant(self.owner, Role.FACILITATOR, programme=make.programme())
        self.amina = make.account("Amina Yusuf", "amina@council.example")
        self.resource = self.toolkit.draft(slug="panel", owner_id=self.owner.id, review_on=REVIEW_ON)
        self.item = self.toolkit.link(self.resource)
        self.resource = self.toolkit.publish(self.resource)

    def wish(self) -> None:
        with self.work(self.make.actor(self.amina)) as unit:
            toolkit_use.wish(unit, slug="panel", news=True, ask=True)

    def token(self) -> str:
        with self._reading() as read:
            return queries.link_token(read.session.scalars(select(ResourceTaken)).one())

    def renew(self, changes: str) -> None:
        with self.work(SYSTEM) as unit:
            editing.begin_version(unit, resource_id=self.resource.id)
        self.toolkit.publish(self.resource, changes)

    def fail(self) -> None:
        for _ in range(2):
            with self.work(SYSTEM) as unit:
                toolkit_use.note_try(unit, item_id=self.item.id, url=self.item.url or "", why="it answers with 404")

    def sent(self, *, after: timedelta = timedelta()) -> list[Mail]:
        """What the job posts after so long, and what the mail server gets."""
        self._clock.move(after)
        with self._app.app_context():
            tend_toolkit.run()
        return self._mailbox.deliver()

    def letter(self, name: str) -> Mail:
        if name == "resource-used":
            self.wish()
            sent = self.sent(after=timedelta(days=30))
        elif name == "resource-changed":
            self.wish()
            self.renew("Who to invite first.")
            self.renew("A list of what to ask.\n\nThe law of 2026.")
            sent = self.sent()
        elif name == "resource-review":
            sent = self.sent(after=timedelta(days=30))
        else:
            self.fail()
            sent = self.sent()
        [mail] = [mail for mail in sent if str(self.amina.email) in mail["To"] or name not in USERS]
        return mail


USERS = ("resource-used", "resource-changed")
NAMES = (*USERS, "resource-review", "resource-link-broken")


@pytest.fixture
def letters(app: Flask, make: Make, work: Working, reading: Reads, clock: FixedClock, mailbox: Mailbox) -> Letters:
    return Letters(app, make, work, reading, clock, mailbox)


@pytest.mark.parametrize("name", NAMES)
class TestALetter:
    def test_is_what_was_read_and_approved(self, letters: Letters, golden: Golden, reading: Reads, name: str) -> None:
        mail = letters.letter(name)
        with reading() as read:
            random = dict.fromkeys(read.session.scalars(select(Outbox.message_id)), "MESSAGE")
        if name in USERS:
            random[letters.token()] = "TOKEN"
        golden(GOLDEN / f"{name}.txt", without(random, readable(mail.message)))

    def test_is_sound_html_with_the_same_links_as_the_text(self, letters: Letters, name: str) -> None:
        mail = letters.letter(name)
        assert [fault for fault in faults(mail.soup) if "attribute style" not in fault] == []
        links = {str(link["href"]) for link in mail.soup.select("a[href]")}
        own = {line for line in mail.text.splitlines() if "://" in line and "else.example" not in line}
        assert links == own
        assert links


def test_a_letter_leads_to_the_page_that_takes_the_answer(letters: Letters, browse: Browse) -> None:
    page = browse.get(letters.letter("resource-used").link("/toolkit/t/"))
    page.submit("Write it down", step="used")
    assert "Thank you" in page.text


@pytest.mark.parametrize("name", USERS)
def test_one_press_ends_letters_about_the_toolkit(letters: Letters, name: str) -> None:
    mail = letters.letter(name)
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "/unsubscribe/" in mail["List-Unsubscribe"]


class TestALetterIsNotSent:
    """What was posted is looked at again when it goes: it can have become pointless while it waited."""

    @pytest.fixture
    def waits(self, letters: Letters, app: Flask, clock: FixedClock) -> Callable[[str], None]:
        def post(name: str) -> None:
            if name == "resource-used":
                letters.wish()
                clock.move(timedelta(days=30))
            elif name == "resource-changed":
                letters.wish()
                letters.renew("More.")
            elif name == "resource-review":
                clock.move(timedelta(days=30))
            else:
                letters.fail()
            with app.app_context():
                tend_toolkit.run()

        return post

    def sent_to(self, letters: Letters, person: Person) -> list[str]:
        return [mail.subject for mail in letters.sent() if str(person.email) in mail["To"]]

    @pytest.mark.parametrize("name", USERS)
    def test_where_the_wish_was_taken_back(self, letters: Letters, waits: Callable[[str], None], name: str) -> None:
        waits(name)
        with letters.work(letters.make.actor(letters.amina)) as unit:
            toolkit_use.wish(unit, slug="panel", news=False, ask=False)
        assert self.sent_to(letters, letters.amina) == []

    @pytest.mark.parametrize("name", NAMES)
    def test_where_the_resource_was_withdrawn(self, letters: Letters, waits: Callable[[str], None], name: str) -> None:
        waits(name)
        with letters.work(SYSTEM) as unit:
            editing.withdraw(unit, resource_id=letters.resource.id, reason="Out of date")
        assert letters.sent() == []

    def test_where_the_result_was_told_meanwhile(self, letters: Letters, waits: Callable[[str], None]) -> None:
        waits("resource-used")
        with letters.work(letters.make.actor(letters.amina)) as unit:
            toolkit_use.tell_use(unit, slug="panel", step=Step.RESULT, words="A panel that meets.")
        assert self.sent_to(letters, letters.amina) == []

    def test_where_the_review_was_done_meanwhile(self, letters: Letters, waits: Callable[[str], None]) -> None:
        waits("resource-review")
        with letters.work(SYSTEM) as unit:
            unit.session.get_one(Resource, letters.resource.id).review_on = date(2027, 4, 1)
        assert letters.sent() == []

    def test_where_the_address_answers_again(self, letters: Letters, waits: Callable[[str], None]) -> None:
        waits("resource-link-broken")
        with letters.work(SYSTEM) as unit:
            unit.session.get_one(ResourceItem, letters.item.id).failures = 0
        assert letters.sent() == []
