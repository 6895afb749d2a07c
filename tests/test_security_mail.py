"""The letters about the security of an account."""

import re

import pytest

from cop.core.access import Actor
from cop.services import devices, factors
from cop.services.factors import Change
from tests.support.golden import Golden
from tests.support.html import faults
from tests.support.mailbox import Mail, Mailbox
from tests.support.make import Make, Working
from tests.support.passkeys import SITE, Device
from tests.test_mail import GOLDEN, readable

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
def letters(make: Make, work: Working, mailbox: Mailbox) -> dict[str, Mail]:
    """One about a new browser, and one about a passkey that was added."""
    amina = make.admin("Amina Yusuf")
    named = Actor(amina.id)
    device = make.device_of(amina)
    with work(named) as opened:
        devices.begin(opened, person_id=amina.id, session_epoch=0, user_agent=FIREFOX, before="")
    with work(named) as opened:
        challenge = factors.challenge(opened, device=device)
    with work(named) as opened:
        factors.add_passkey(opened, device=device, site=SITE, answer=Device().make(challenge), name="Laptop")
    first, second = mailbox.deliver()
    return {"new-browser": first, "factors-changed": second}


@pytest.mark.parametrize("name", ["new-browser", "factors-changed"])
def test_a_letter_is_what_was_read_and_approved(name: str, letters: dict[str, Mail], golden: Golden) -> None:
    text = readable(letters[name].message)
    golden(GOLDEN / f"{name}.txt", re.sub(r"(?<=Message-ID: <)\w+", "MESSAGE", text))
    assert [fault for fault in faults(letters[name].soup) if "attribute style" not in fault] == []


@pytest.mark.parametrize("change", Change)
def test_every_change_has_its_sentence(change: Change, make: Make, work: Working, mailbox: Mailbox) -> None:
    amina = make.account("Amina Yusuf")
    with work(Actor(amina.id)) as opened:
        factors.tell(opened, change, 1)
    (letter,) = mailbox.deliver()
    assert {
        Change.APP_ADDED: "app that shows codes was added",
        Change.APP_REMOVED: "app that shows codes was removed",
        Change.PASSKEY_ADDED: "passkey was added",
        Change.PASSKEY_REMOVED: "passkey was removed",
        Change.CODES_MADE: "New recovery codes",
        Change.RESET: "An admin removed all second factors",
    }[change] in " ".join(letter.text.split())
