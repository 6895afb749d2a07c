"""The letters that ask how it was: the same shape as every letter, a link that works, and nothing about anybody."""

import re
from datetime import timedelta

import pytest
from flask import Flask

from cop.models.accounts import Person
from cop.models.surveys import Wave
from cop.queries.surveys import token_of
from tests.support.browse import Browse
from tests.support.clock import FixedClock
from tests.support.golden import Golden
from tests.support.mailbox import Mail, Mailbox
from tests.support.make import Make
from tests.support.surveys import Surveys
from tests.test_mail import GOLDEN, readable


@pytest.fixture
def surveys(app: Flask, make: Make, clock: FixedClock) -> Surveys:
    return Surveys(app, make, clock)


@pytest.fixture
def amina(make: Make) -> Person:
    return make.person("Amina Yusuf", "amina@council.example")


@pytest.fixture
def letters(surveys: Surveys, amina: Person, clock: FixedClock, mailbox: Mailbox) -> dict[str, Mail]:
    """The invitation after a visit, and the first reminder."""
    surveys.pulse([amina])
    invitation = mailbox.deliver()[-1]
    clock.move(timedelta(days=3))
    surveys.run()
    (reminder,) = mailbox.deliver()
    return {"survey-invitation": invitation, "survey-reminder": reminder}


@pytest.mark.parametrize("name", ["survey-invitation", "survey-reminder"])
def test_a_letter_is_what_was_read_and_approved(name: str, letters: dict[str, Mail], golden: Golden) -> None:
    text = re.sub(r"(?<=/surveys/)[\w.-]+", "TOKEN", readable(letters[name].message))
    golden(GOLDEN / f"{name}.txt", re.sub(r"(?<=Message-ID: <)\w+", "MESSAGE", text))


@pytest.mark.parametrize("name", ["survey-invitation", "survey-reminder"])
def test_its_link_is_the_same_in_both_parts_and_works(name: str, letters: dict[str, Mail], browse: Browse) -> None:
    mail = letters[name]
    button, *_footer = [str(link["href"]) for link in mail.soup.select("a[href]")]
    assert button.endswith(mail.link("/surveys/"))
    assert browse.get(mail.link("/surveys/")).heading == "How was it?"


@pytest.mark.parametrize(
    ("wave", "subject"),
    [
        (Wave.BASELINE, "Before “Change makers”: a few questions"),
        (Wave.END, "“Change makers” is over: how was it?"),
        (Wave.MONTHS_3, "Three months after “Change makers”: how is it going?"),
        (Wave.MONTHS_6, "Six months after “Change makers”: how is it going?"),
        (Wave.MONTHS_12, "A year after “Change makers”: what came of it?"),
        (Wave.REFLECTION, "Two weeks after “Change makers”: what has stayed with you?"),
        (Wave.DAYS_30, "A month after you took something along from “Change makers”: was it of use?"),
        (Wave.DAYS_60, "Two months after “Change makers”: what became of it?"),
    ],
)
def test_its_subject_says_what_it_is_about(
    wave: Wave, subject: str, surveys: Surveys, clock: FixedClock, amina: Person, mailbox: Mailbox
) -> None:
    course = surveys.course(clock.now() + timedelta(days=1))
    asked = surveys.asked(amina, course, wave)
    (mail,) = mailbox.deliver()
    assert mail.subject == subject
    assert mail.link("/surveys/") == f"/surveys/{token_of(asked)}"


def test_the_token_lies_in_no_table(
    surveys: Surveys, amina: Person, browse: Browse, make: Make, mailbox: Mailbox
) -> None:
    surveys.pulse([amina])
    mailbox.deliver()
    browse.sign_in(make.admin()).get("/admin/messages/")
    assert "Amina" in browse.text
    assert token_of(surveys.ask_of(amina)) not in browse.html
