"""What people are written about pledges and self-ratings, letter for letter."""

from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from cop.models.adoption import RatingWave
from cop.models.outbox import Outbox
from cop.queries import pledges
from cop.services import ratings
from scheduled import ask_plans
from tests.support.adoption import lead_of, pledge, principles, rate
from tests.support.browse import Browse
from tests.support.clock import FixedClock
from tests.support.golden import Golden
from tests.support.html import faults
from tests.support.mailbox import Mail, Mailbox
from tests.support.make import Make, Reads, Working
from tests.support.panel import at
from tests.test_mail import readable, without

GOLDEN = Path(__file__).parent / "golden" / "mail"

MONDAY = at(2026, 7, 13, 10)

PLEDGES = {
    "pledge-check": ("me", 0),
    "pledge-check-again": ("me", 14),
    "pledge-check-organisation": ("organisation brent", 0),
}


def approved(reading: Reads, golden: Golden, mail: Mail, name: str, **hidden: str) -> None:
    with reading() as read:
        random = dict.fromkeys(read.session.scalars(select(Outbox.message_id)), "MESSAGE")
    golden(GOLDEN / f"{name}.txt", without({**random, **hidden}, readable(mail.message)))
    assert [fault for fault in faults(mail.soup) if "attribute style" not in fault] == []
    links = {str(link["href"]) for link in mail.soup.select("a[href]")}
    assert links == {line for line in mail.text.splitlines() if "://" in line}


@pytest.mark.parametrize("name", PLEDGES)
def test_a_letter_about_a_pledge_is_what_was_read_and_approved(
    app: Flask,
    make: Make,
    work: Working,
    reading: Reads,
    clock: FixedClock,
    mailbox: Mailbox,
    golden: Golden,
    browse: Browse,
    name: str,
) -> None:
    make.programme()
    owner, days = PLEDGES[name]
    lea = lead_of(make, make.organisation("Brent Council", slug="brent"))
    promise = pledge(work, make.actor(lea), owner, by_on=MONDAY.date())
    mails: list[Mail] = []
    for later in sorted({0, days}):
        clock.set(MONDAY + timedelta(days=later))
        with app.app_context():
            ask_plans.run()
        mails = mailbox.deliver()
    [mail] = mails
    token = pledges.link_token(lea, promise.id)
    approved(reading, golden, mail, name, **{token: "TOKEN", str(lea.email): "somebody@council.example"})
    page = browse.get(mail.link("/pledges/t/"))
    assert "Open the hall on Sundays." in page.text
    assert page.submit("Write it down", state="stuck").status == 422
    page.submit("Write it down", state="done")
    assert "Thank you" in page.text


@pytest.mark.parametrize("wave", RatingWave)
def test_an_invitation_to_rate_is_what_was_read_and_approved(
    make: Make,
    work: Working,
    reading: Reads,
    clock: FixedClock,
    mailbox: Mailbox,
    golden: Golden,
    browse: Browse,
    wave: RatingWave,
) -> None:
    principles(make, work)
    council = make.organisation("Brent Council", slug="brent")
    lea = lead_of(make, council)
    admin = make.actor(make.admin())
    if wave is RatingWave.FOLLOW_UP:
        rate(work, make.actor(lea), council)
    clock.set(MONDAY)
    with work(admin) as opened:
        ratings.invite(opened, programme_id=make.programme().id, wave=wave)
    [mail] = mailbox.deliver()
    approved(reading, golden, mail, f"rating-invitation-{wave}", **{str(lea.email): "somebody@council.example"})
    path = mail.link("/organisations/brent/rating")
    assert browse.get(path).heading == "Sign in or join"
    browse.sign_in(lea).get(path)
    assert browse.heading.startswith("Brent Council")
