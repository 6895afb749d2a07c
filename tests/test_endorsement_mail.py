"""What supporters and those for whom staff apply are written, letter for letter, and when it is no longer worth it."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from cop.core.access import Role
from cop.models.accounts import Person, Sector
from cop.models.cohorts import Endorsement, EndorsementKind
from cop.models.events import Event
from cop.models.outbox import Outbox
from cop.queries.cohorts.endorsements import link_token
from cop.services.cohorts import applications, editing
from cop.services.events.booking import Guest
from scheduled import remind_applicants
from tests.support import cohorts
from tests.support.clock import START, FixedClock
from tests.support.cohorts import ANSWERS, DAY
from tests.support.golden import Golden
from tests.support.mailbox import Mail, Mailbox
from tests.support.make import Make, Reads, Working
from tests.test_mail import readable, without

GOLDEN = Path(__file__).parent / "golden" / "mail"

LETTERS = (
    "endorsement-asked",
    "endorsement-asked-nominator",
    "endorsement-reminder",
    "endorsement-given",
    "endorsement-declined",
    "application-begun-by-staff",
    "application-entered-by-staff",
)

Posted = Callable[..., Sequence[Outbox]]


class Supporting:
    """An application with a supporter, one that staff enter, and the letters that come of both."""

    def __init__(self, app: Flask, make: Make, work: Working, clock: FixedClock, mailbox: Mailbox) -> None:
        self._app, self._make, self._work, self._clock, self._mailbox = app, make, work, clock, mailbox
        self.course: Event = cohorts.course(work, make)
        self.person: Person = make.account("Amina Yusuf", "amina@council.example", sector=Sector.RESIDENT)
        cohorts.begin(work, make, self.person, self.course, **ANSWERS)
        mailbox.deliver()

    def letter(self, name: str) -> Mail:
        match name:
            case "endorsement-asked":
                self.ask()
            case "endorsement-asked-nominator":
                self.ask(EndorsementKind.NOMINATOR)
            case "endorsement-reminder":
                self.ask()
                self._mailbox.deliver()
                self.remind()
                return self._to("ruth@council.example")
            case "endorsement-given" | "endorsement-declined":
                asked = self.ask()
                self._mailbox.deliver()
                cohorts.supported(self._work, asked, supports=name == "endorsement-given", words="A secret.")
            case "application-begun-by-staff":
                self.enter()
            case _:
                self.enter(submit=True)
        return self._mailbox.deliver()[-1]

    def ask(self, kind: EndorsementKind = EndorsementKind.MANAGER) -> Endorsement:
        return cohorts.named(self._work, self._make, self.person, self.course, kind=kind)

    def enter(self, *, submit: bool = False) -> None:
        chair = self._make.account("Femi")
        self._make.grant(chair, Role.FACILITATOR, event=self.course)
        actor = self._make.actor(chair)
        guest = Guest("Hana Lee", "hana@council.example", None, None, Sector.VCSE)
        made = cohorts.entered(self._work, actor, self.course, guest)
        if submit:
            with self._work(actor) as unit:
                applications.save(unit, event_id=self.course.id, answers=ANSWERS, seen=0, public_id=made.public_id)
                applications.submit(unit, event_id=self.course.id, public_id=made.public_id)

    def remind(self) -> None:
        self._clock.set(START + 12 * DAY)
        with self._app.app_context():
            remind_applicants.run()

    def _to(self, address: str) -> Mail:
        return next(mail for mail in self._mailbox.deliver() if address in mail["To"])


@pytest.fixture
def supporting(app: Flask, make: Make, work: Working, clock: FixedClock, mailbox: Mailbox) -> Supporting:
    return Supporting(app, make, work, clock, mailbox)


@pytest.mark.parametrize("name", LETTERS)
def test_a_letter_is_what_was_read_and_approved(
    supporting: Supporting, golden: Golden, reading: Reads, name: str
) -> None:
    mail = supporting.letter(name)
    with reading() as read:
        random = dict.fromkeys(read.session.scalars(select(Outbox.message_id)), "MESSAGE")
        random |= {link_token(item): "TOKEN" for item in read.session.scalars(select(Endorsement))}
    text = without(random, readable(mail.message))
    assert "A secret" not in text
    golden(GOLDEN / f"{name}.txt", text)


def test_a_letter_to_somebody_who_was_replaced_or_has_answered_does_not_go_out(
    supporting: Supporting, work: Working, make: Make, mailbox: Mailbox
) -> None:
    supporting.ask()
    cohorts.named(work, make, supporting.person, supporting.course, name="Sola", email="sola@council.example")
    (mail,) = mailbox.deliver()
    assert "sola@council.example" in mail["To"]
    supported = supporting.ask(EndorsementKind.NOMINATOR)
    cohorts.supported(work, supported)
    (mail,) = mailbox.deliver()
    assert "supports your application" in mail["Subject"]


class TestReminding:
    def posted(self, supporting: Supporting, outbox: Posted) -> int:
        supporting.remind()
        return len(outbox("endorsement_reminder"))

    def test_happens_once(self, supporting: Supporting, outbox: Posted) -> None:
        supporting.ask()
        assert self.posted(supporting, outbox) == 1
        assert self.posted(supporting, outbox) == 1

    def test_leaves_alone_whoever_has_answered_or_was_just_asked(
        self, supporting: Supporting, outbox: Posted, work: Working, clock: FixedClock
    ) -> None:
        cohorts.supported(work, supporting.ask(), supports=False)
        clock.set(START + 12 * DAY + timedelta(hours=1))
        supporting.ask(EndorsementKind.NOMINATOR)
        assert self.posted(supporting, outbox) == 0

    def test_ends_with_a_withdrawal(self, supporting: Supporting, outbox: Posted, work: Working, make: Make) -> None:
        supporting.ask()
        with work(make.actor(supporting.person)) as unit:
            applications.withdraw(unit, event_id=supporting.course.id)
        assert self.posted(supporting, outbox) == 0

    def test_of_a_close_that_was_moved_does_not_go_out(
        self, supporting: Supporting, outbox: Posted, work: Working, mailbox: Mailbox
    ) -> None:
        supporting.ask()
        mailbox.deliver()
        assert self.posted(supporting, outbox) == 1
        with work() as unit:
            editing.edit_window(
                unit, event_id=supporting.course.id, opens_at=supporting.course.opens_at, closes_at=START + 20 * DAY
            )
        assert not [mail for mail in mailbox.deliver() if "ruth@" in mail["To"]]
