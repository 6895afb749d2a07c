"""Letters about requests under data protection law: letter for letter, with and without an account."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from cop.core.access import Actor
from cop.models.privacy import PrivacyRequest, RequestKind, StoppedFor
from cop.services import requests
from scheduled import remind_requests
from tests.support.clock import FixedClock
from tests.support.golden import Golden
from tests.support.html import faults
from tests.support.mailbox import Mail, Mailbox
from tests.support.make import Make, Working
from tests.test_mail import GOLDEN, readable

Letter = Callable[[str], Mail]

LETTERS = (
    "received",
    "complaint-received",
    "acknowledged",
    "complaint-acknowledged",
    "stopped",
    "resumed",
    "extended",
    "answered",
    "refused",
    "complaint-answered",
    "withdrawn",
    "due-soon",
    "overdue",
)


class Case:
    """A request or a complaint, and what was done about it until a letter went."""

    def __init__(self, app: Flask, make: Make, work: Working, clock: FixedClock) -> None:
        self._app, self._work, self._clock = app, work, clock
        self.amina = make.account("Amina <b>Yusuf", "amina@council.example")
        self._asker, self._admin = make.actor(self.amina), make.actor(make.admin())
        self._request: PrivacyRequest | None = None

    def happens(self, name: str) -> None:
        kind, _, what = name.rpartition("-")
        is_complaint = kind == "complaint"
        self._ask(is_complaint=is_complaint)
        steps: dict[str, list[tuple[Callable[..., Any], dict[str, Any]]]] = {
            "received": [],
            "acknowledged": [(requests.acknowledge, {"words": "Thank you for your patience."})],
            "stopped": [
                (requests.stop, {"waits_for": StoppedFor.CLARIFICATION, "words": "Which <i>year</i>?\n\nAny will do."})
            ],
            "resumed": [
                (requests.stop, {"waits_for": StoppedFor.IDENTITY, "words": "Who are you?"}),
                (requests.resume, {}),
            ],
            "extended": [(requests.extend, {"words": "You asked for a lot."})],
            "answered": [(requests.answer, {"words": "It is done."})],
            "refused": [(requests.refuse, {"words": "The law asks us to keep it."})],
            "withdrawn": [(requests.withdraw, {})],
        }
        for act, given in steps.get(what, []):
            with self._work(self._admin) as unit:
                act(unit, public_id=self.request.public_id, **given)
        if what in {"soon", "overdue"}:
            self._clock.move(timedelta(days=24 if what == "soon" else 36))
            with self._app.app_context():
                remind_requests.run()

    @property
    def request(self) -> PrivacyRequest:
        assert self._request is not None
        return self._request

    def _ask(self, *, is_complaint: bool) -> None:
        with self._work(Actor() if is_complaint else self._asker) as unit:
            if is_complaint:
                self._request = requests.complain(
                    unit, name="Sam Pell", email="sam@home.example", asked_for="You wrote to me.", network="192.0.2.1"
                ).request
            else:
                self._request = requests.ask(unit, kind=RequestKind.ACCESS, asked_for="All of it")


@pytest.fixture
def letter(app: Flask, make: Make, work: Working, clock: FixedClock, mailbox: Mailbox) -> Letter:
    """The last letter that went out for this, or the reminder."""

    def write(name: str) -> Mail:
        Case(app, make, work, clock).happens(name)
        mails = mailbox.deliver()
        reminder = next((mail for mail in mails if " is due soon" in mail.subject or "overdue" in mail.subject), None)
        return reminder or mails[-1]

    return write


@pytest.mark.parametrize("name", LETTERS)
class TestALetter:
    def test_is_letter_for_letter_what_was_read_and_approved(self, letter: Letter, golden: Golden, name: str) -> None:
        text = re.sub(r"(?<=Message-ID: <)\w+", "MESSAGE", readable(letter(name).message))
        text = re.sub(r"(?<=/requests/)[a-z0-9]{12}", "NUMBER", text)
        text = re.sub(r"(?<=number is )[a-z0-9]{12}|(?<=\()[a-z0-9]{12}(?=\))", "NUMBER", text)
        golden(GOLDEN / f"request-{name}.txt", text)

    def test_is_sound_html_that_loads_nothing(self, letter: Letter, name: str) -> None:
        soup = letter(name).soup
        assert [fault for fault in faults(soup) if "attribute style" not in fault] == []
        assert not soup.select("img, script, iframe, form, b, i")


def test_a_reminder_is_pointless_once_the_request_is_closed(
    app: Flask, make: Make, work: Working, clock: FixedClock, mailbox: Mailbox
) -> None:
    case = Case(app, make, work, clock)
    case.happens("due-soon")
    with work(make.actor(make.admin("Bo Admin"))) as unit:
        requests.answer(unit, public_id=case.request.public_id, words="It is done.")
    assert "due soon" not in " ".join(mail.subject for mail in mailbox.deliver())
