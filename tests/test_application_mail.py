"""What applicants are written, letter for letter, and that a letter which has become pointless does not go out."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, update

from cop.models.accounts import Person, Sector
from cop.models.events import Event
from cop.models.outbox import Outbox
from cop.services.cohorts import applications, editing
from cop.services.events import editing as events
from scheduled import remind_applicants
from tests.support import cohorts
from tests.support.clock import START, FixedClock
from tests.support.cohorts import ANSWERS, DAY
from tests.support.golden import Golden
from tests.support.mailbox import Mail, Mailbox
from tests.support.make import Make, Reads, Working
from tests.test_mail import readable, without

GOLDEN = Path(__file__).parent / "golden" / "mail"

LETTERS = ("started", "closing-soon", "submitted", "withdrawn", "course-cancelled")

Posted = Callable[..., Sequence[Outbox]]


class Applicant:
    """Somebody's way through an application, and the letters that came of it."""

    def __init__(self, app: Flask, make: Make, work: Working, clock: FixedClock, mailbox: Mailbox) -> None:
        self._app, self._make, self._work, self._clock, self._mailbox = app, make, work, clock, mailbox
        self.course: Event = cohorts.course(work, make)
        self.person: Person = make.account("Amina Yusuf", "amina@council.example", sector=Sector.RESIDENT)

    def letter(self, name: str) -> Mail:
        steps = {
            "started": [self.start],
            "closing-soon": [self.start, self.remind],
            "submitted": [self.start, self.submit],
            "withdrawn": [self.start, self.submit, self.withdraw],
            "course-cancelled": [self.start, self.submit, self.cancel],
        }
        return [step() for step in steps[name]][-1]

    def start(self) -> Mail:
        cohorts.begin(self._work, self._make, self.person, self.course, **ANSWERS)
        return self._delivered()

    def remind(self) -> Mail:
        assert self.course.closes_at is not None
        self._clock.set(self.course.closes_at - 2 * DAY)
        with self._app.app_context():
            remind_applicants.run()
        return self._delivered()

    def submit(self) -> Mail:
        with self._work(self._make.actor(self.person)) as unit:
            applications.submit(unit, event_id=self.course.id)
        return self._delivered()

    def withdraw(self) -> Mail:
        with self._work(self._make.actor(self.person)) as unit:
            applications.withdraw(unit, event_id=self.course.id)
        return self._delivered()

    def cancel(self) -> Mail:
        with self._work() as unit:
            events.cancel_event(unit, event_id=self.course.id, reason="The hall is being repaired.")
        return self._delivered()

    def _delivered(self) -> Mail:
        (mail,) = self._mailbox.deliver()
        return mail


@pytest.fixture
def applicant(app: Flask, make: Make, work: Working, clock: FixedClock, mailbox: Mailbox) -> Applicant:
    return Applicant(app, make, work, clock, mailbox)


@pytest.mark.parametrize("name", LETTERS)
def test_a_letter_is_what_was_read_and_approved(
    applicant: Applicant, golden: Golden, reading: Reads, name: str
) -> None:
    mail = applicant.letter(name)
    with reading() as read:
        random = dict.fromkeys(read.session.scalars(select(Outbox.message_id)), "MESSAGE")
    golden(GOLDEN / f"application-{name}.txt", without(random, readable(mail.message)))


def test_a_letter_about_a_draft_does_not_go_out_once_it_is_submitted(
    applicant: Applicant, make: Make, work: Working, mailbox: Mailbox
) -> None:
    cohorts.apply(work, make, applicant.person, applicant.course)
    (mail,) = mailbox.deliver()
    assert "We have your application" in mail["Subject"]


class TestReminding:
    @pytest.fixture
    def draft(self, applicant: Applicant) -> Applicant:
        applicant.start()
        return applicant

    def posted(self, app: Flask, outbox: Posted) -> int:
        with app.app_context():
            remind_applicants.run()
        return len(outbox("application_closing_soon"))

    def test_happens_once_in_the_last_two_days(
        self, app: Flask, draft: Applicant, outbox: Posted, clock: FixedClock
    ) -> None:
        clock.set(START + 12 * DAY - timedelta(seconds=1))
        assert self.posted(app, outbox) == 0
        clock.move(timedelta(seconds=1))
        assert self.posted(app, outbox) == 1
        clock.move(DAY)
        assert self.posted(app, outbox) == 1
        (row,) = outbox("application_closing_soon")
        assert row.useless_after == draft.course.closes_at

    def test_leaves_alone_those_who_have_submitted_withdrawn_or_just_begun(
        self, app: Flask, draft: Applicant, outbox: Posted, clock: FixedClock, make: Make, work: Working
    ) -> None:
        draft.submit()
        gone = make.account("Gone", sector=Sector.HEALTH)
        cohorts.begin(work, make, gone, draft.course)
        with work(make.actor(gone)) as unit:
            applications.withdraw(unit, event_id=draft.course.id)
        clock.set(START + 12 * DAY + timedelta(minutes=1))
        cohorts.begin(work, make, make.account("Late"), draft.course)
        assert self.posted(app, outbox) == 0

    def test_comes_too_late_after_the_close_and_not_for_a_cancelled_course(
        self, app: Flask, draft: Applicant, outbox: Posted, clock: FixedClock, work: Working
    ) -> None:
        clock.set(START + 14 * DAY)
        assert self.posted(app, outbox) == 0
        clock.reset()
        with work() as unit:
            events.cancel_event(unit, event_id=draft.course.id, reason="Rain")
        clock.set(START + 13 * DAY)
        assert self.posted(app, outbox) == 0

    def test_comes_again_when_the_call_is_open_for_longer(
        self, app: Flask, draft: Applicant, outbox: Posted, clock: FixedClock, work: Working, mailbox: Mailbox
    ) -> None:
        clock.set(START + 13 * DAY)
        assert self.posted(app, outbox) == 1
        with work() as unit:
            editing.edit_window(
                unit, event_id=draft.course.id, opens_at=draft.course.opens_at, closes_at=START + 20 * DAY
            )
        assert mailbox.deliver() == [], "the close that it names is no longer the close"
        clock.set(START + 18 * DAY)
        assert self.posted(app, outbox) == 2

    def test_becomes_something_to_tell_to_somebody_without_e_mail(
        self, app: Flask, draft: Applicant, outbox: Posted, clock: FixedClock, work: Working
    ) -> None:
        with work() as unit:
            unit.session.execute(update(Person).where(Person.id == draft.person.id).values(email=None))
        clock.set(START + 13 * DAY)
        assert self.posted(app, outbox) == 1
        assert [row.channel for row in outbox("application_closing_soon")] == ["tell"]
