"""Letters about a summit: the invitation, its reminder, what is cancelled, and links that work."""

import re
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import select

from cop.models.events import Booking, Entry, Event
from cop.models.outbox import Outbox
from cop.models.summits import Answer, Invitation
from cop.services import summits as services
from cop.services.events.editing import summits as editing
from tests.support.browse import Browse
from tests.support.clock import FixedClock
from tests.support.golden import Golden
from tests.support.html import faults
from tests.support.mailbox import Mail, Mailbox
from tests.support.make import Make, Reads, Working
from tests.support.summits import answer, breakouts_of, invitation_of, invite, link_to, make_summit, propose
from tests.test_mail import GOLDEN, readable, without

LETTERS = (
    "invitation",
    "invitation-of-substitute",
    "invitation-reminder",
    "invitation-withdrawn",
    "part-cancelled",
    "place-passed-on",
    "substitute-approved",
    "substitute-declined",
    "substitute-welcome",
    "summit-confirmation",
)


class Correspondence:
    """One guest's letters, in the order in which they would come."""

    def __init__(self, make: Make, work: Working, reading: Reads, clock: FixedClock, mailbox: Mailbox) -> None:
        self._work, self._reading, self._clock, self._mailbox = work, reading, clock, mailbox
        self.summit: Event = make_summit(make, work)
        self.person = make.person("Amina Yusuf", "amina@council.example")

    @property
    def invitation(self) -> Invitation:
        return invitation_of(self._reading, self.summit, self.person)

    def letter(self, name: str) -> Mail:
        steps: dict[str, list[Callable[[], Mail]]] = {
            "invitation": [self.invite],
            "invitation-reminder": [self.invite, self.remind],
            "summit-confirmation": [self.invite, self.confirm],
            "part-cancelled": [self.invite, self.confirm, self.cancel_breakout],
            "invitation-withdrawn": [self.invite, self.confirm, self.withdraw],
            "place-passed-on": [self.invite, self.confirm, partial(self.substitute, to="amina")],
            "substitute-welcome": [self.invite, self.confirm, partial(self.substitute, to="ben")],
            "substitute-approved": [self.invite, partial(self.substitute, to="amina")],
            "invitation-of-substitute": [self.invite, partial(self.substitute, to="ben")],
            "substitute-declined": [self.invite, self.decline],
        }
        return [step() for step in steps[name]][-1]

    def invite(self) -> Mail:
        invite(self._work, self.summit, self.person)
        return self._delivered()

    def remind(self) -> Mail:
        answer(self._work, self.invitation, Answer.TENTATIVE)
        self._clock.move(timedelta(days=3))
        with self._work() as opened:
            services.remind(opened, event_id=self.summit.id, tentative=True)
        return self._delivered()

    def confirm(self) -> Mail:
        answer(self._work, self.invitation, Answer.YES, breakouts_of(self.summit)[0])
        return self._delivered()

    def cancel_breakout(self) -> Mail:
        with self._work() as opened:
            editing.cancel_part(opened, part_id=breakouts_of(self.summit)[0].id, reason="The speaker is ill.")
        return self._delivered()

    def withdraw(self) -> Mail:
        with self._work() as opened:
            services.withdraw(opened, public_id=self.invitation.public_id, reason="There is no room.")
        return self._delivered()

    def substitute(self, to: str) -> Mail:
        proposal = propose(self._work, self.invitation)
        with self._work() as opened:
            services.approve(opened, substitution_id=proposal.id)
        return next(mail for mail in self._mailbox.deliver() if f"{to}@" in mail["To"])

    def decline(self) -> Mail:
        proposal = propose(self._work, self.invitation)
        with self._work() as opened:
            services.decline(opened, substitution_id=proposal.id, reason="There is one place for each council.")
        return self._delivered()

    def _delivered(self) -> Mail:
        (mail,) = self._mailbox.deliver()
        return mail


@pytest.fixture
def post(make: Make, work: Working, reading: Reads, clock: FixedClock, mailbox: Mailbox) -> Correspondence:
    return Correspondence(make, work, reading, clock, mailbox)


@pytest.mark.parametrize("name", LETTERS)
def test_is_letter_for_letter_what_was_read_and_approved(
    post: Correspondence, golden: Golden, reading: Reads, name: str
) -> None:
    mail = post.letter(name)
    with reading() as read:
        random = {
            uid.hex: f"ENTRY-{number}"
            for number, uid in enumerate(
                read.session.scalars(select(Entry.uid).order_by(Entry.booking_id, Entry.position))
            )
        }
        random |= dict.fromkeys(read.session.scalars(select(Booking.public_id)), "BOOKING")
        random |= dict.fromkeys(read.session.scalars(select(Outbox.message_id)), "MESSAGE")
    plain = re.sub(r"/invitations/[\w.-]+", "/invitations/TOKEN", readable(mail.message))
    golden(GOLDEN / f"{name}.txt", without(random, plain))


@pytest.mark.parametrize("name", LETTERS)
def test_stands_in_sound_html_with_the_same_links_as_its_text(post: Correspondence, name: str) -> None:
    mail = post.letter(name)
    assert [fault for fault in faults(mail.soup) if "attribute style" not in fault] == []
    links = {str(link["href"]) for link in mail.soup.select("a[href]")}
    assert links == set(re.findall(r"https?://\S+", mail.text))
    assert [line for line in mail.text.splitlines() if "://" in line and not line.startswith("http")] == []


@pytest.mark.parametrize("name", ["invitation", "invitation-reminder", "part-cancelled"])
def test_the_link_opens_the_invitation_signed_out(post: Correspondence, browse: Browse, name: str) -> None:
    page = browse.get(post.letter(name).link("/invitations/"))
    assert (page.status, page.heading) == (200, "Invitation Roundtable summit")
    page.submit("Send my answer", response="no")
    assert "Thank you for telling us" in page.text


def test_the_entries_of_a_summit_say_which_part_they_are(post: Correspondence) -> None:
    mail = post.letter("summit-confirmation")
    files = [part for part in mail.message.walk() if part.get_content_type() == "application/ics"]
    titles = [re.search(rb"SUMMARY:(.*)\r\n", part.get_payload(decode=True)) for part in files]  # type: ignore[arg-type]
    assert [title[1].decode() for title in titles if title] == [
        "Roundtable summit: Welcome",
        "Roundtable summit: Breakout 1",
        "Roundtable summit: Closing",
    ]


def test_the_entry_of_a_cancelled_breakout_is_taken_out(post: Correspondence) -> None:
    mail = post.letter("part-cancelled")
    files = [part for part in mail.message.walk() if part.get_content_type() == "application/ics"]
    methods = [re.search(rb"METHOD:(\w+)", part.get_payload(decode=True)) for part in files]  # type: ignore[arg-type]
    assert sorted(method[1] for method in methods if method) == [b"CANCEL", b"REQUEST", b"REQUEST"]


@pytest.mark.parametrize("response", [Answer.YES, Answer.NO])
def test_a_letter_that_waited_is_not_sent_after_the_answer(
    make: Make, work: Working, reading: Reads, mailbox: Mailbox, response: Answer
) -> None:
    summit, person = make_summit(make, work), make.person("Amina Yusuf", "amina@council.example")
    invite(work, summit, person)
    answer(work, invitation_of(reading, summit, person), response)
    assert [mail.subject for mail in mailbox.deliver()] == (
        ["Booked: Roundtable summit"] if response is Answer.YES else []
    )


def test_the_outbox_holds_no_link(post: Correspondence, reading: Reads) -> None:
    post.letter("invitation")
    token = link_to(post.invitation).rpartition("/")[2]
    with reading() as read:
        [row] = read.session.scalars(select(Outbox))
        assert token not in str({**vars(row), "_sa_instance_state": None})
    assert row.params == {"invitation_id": post.invitation.id}


def test_the_list_of_people_to_tell_says_what_to_say(make: Make, work: Working, browse: Browse, reading: Reads) -> None:
    summit = make_summit(make, work)
    invite(work, summit, "Rosa Resident")
    page = browse.sign_in(make.admin()).get("/admin/messages/", show="tell")
    assert "You are invited to “Roundtable summit”. Will you come?" in page.text
    answer(work, invitation_of(reading, summit, "Rosa Resident"), Answer.YES, breakouts_of(summit)[0])
    with work() as opened:
        editing.cancel_part(opened, part_id=breakouts_of(summit)[0].id, reason="The speaker is ill.")
        services.withdraw(
            opened, public_id=invitation_of(reading, summit, "Rosa Resident").public_id, reason="There is no room."
        )
    page.get("/admin/messages/", show="tell")
    for words in ("The reason: The speaker is ill.", "The reason: There is no room."):
        assert words in page.text
