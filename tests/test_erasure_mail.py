"""The last letter to somebody who was erased."""

import re

import pytest

from cop.services import erasing
from cop.services.erasing import Posts
from tests.support.golden import Golden
from tests.support.html import faults
from tests.support.mailbox import Mail, Mailbox
from tests.support.make import Make, Working
from tests.test_mail import GOLDEN, readable


@pytest.fixture
def letter(make: Make, work: Working, mailbox: Mailbox) -> Mail:
    person = make.account("Edda Erased", "edda@council.example")
    with work(make.actor(person)) as own:
        erasing.erase_oneself(own, posts=Posts.KEEP)
    (sent,) = mailbox.deliver()
    return sent


def test_it_is_what_was_read_and_approved(letter: Mail, golden: Golden) -> None:
    golden(GOLDEN / "erased.txt", re.sub(r"(?<=Message-ID: <)\w+", "MESSAGE", readable(letter.message)))


def test_it_goes_to_the_address_that_is_forgotten_with_it_and_does_not_name_anybody(letter: Mail) -> None:
    assert "edda@council.example" in letter["To"]
    assert "Edda Erased" not in letter.text
    assert [fault for fault in faults(letter.soup) if "attribute style" not in fault] == []
