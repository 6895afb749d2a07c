"""The letters about a new address: what each says to whom, and a link that waits for a press."""

import re

import pytest

from cop.services import addresses
from tests.support.browse import Browse
from tests.support.golden import Golden
from tests.support.html import faults
from tests.support.mailbox import Mail, Mailbox
from tests.support.make import Make, Working
from tests.test_mail import GOLDEN, readable

LETTERS = {"address-change-confirm": 0, "address-change-known": 2, "address-change-notice": 1}


@pytest.fixture
def letters(make: Make, work: Working, mailbox: Mailbox) -> list[Mail]:
    """The letters of two changes: one to a new address, one to an address that somebody has."""
    amina, ben = make.account("Amina Yusuf", "amina@council.example"), make.account("Ben Okri", "ben@council.example")
    sent = []
    for person, email in ((amina, "amina@home.example"), (ben, "amina@council.example")):
        with work(make.actor(person)) as opened:
            addresses.ask(opened, email=email)
        sent += mailbox.deliver()
    return sent


@pytest.mark.parametrize("name", LETTERS)
def test_a_letter_is_what_was_read_and_approved(name: str, letters: list[Mail], golden: Golden) -> None:
    text = re.sub(r"(?<=/confirm/)[\w.-]+", "TOKEN", readable(letters[LETTERS[name]].message))
    golden(GOLDEN / f"{name}.txt", re.sub(r"(?<=Message-ID: <)\w+", "MESSAGE", text))


@pytest.mark.parametrize("name", LETTERS)
def test_its_page_is_sound_and_both_parts_hold_the_same_link(name: str, letters: list[Mail], browse: Browse) -> None:
    mail = letters[LETTERS[name]]
    assert [fault for fault in faults(mail.soup) if "attribute style" not in fault] == []
    button = str(mail.soup.select("a[href]")[0]["href"])
    assert button in mail.text
    assert ("/confirm/" in button) == (name != "address-change-known")


def test_nothing_that_works_lies_in_a_table(letters: list[Mail], browse: Browse, make: Make) -> None:
    token = letters[0].link("/confirm/").rpartition("/")[2]
    browse.sign_in(make.admin())
    assert token not in browse.get("/admin/messages/", show="all").html
