"""A new e-mail address: asked for, confirmed by link, stopped by whoever has the one before."""

import re
from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from cop.core.access import Actor, Role
from cop.core.errors import NotFound, Refusal
from cop.core.secrecy import sign
from cop.models.accounts import Account, Person, SignIn
from cop.models.merging import AddressChange
from cop.models.outbox import Outbox
from cop.queries.addresses import CONFIRMS
from cop.services import accounts, addresses
from cop.web.second_factor import FRESH_SECONDS
from scheduled import purge_expired
from tests.support.browse import Browse
from tests.support.clock import FixedClock
from tests.support.mailbox import Mail, Mailbox
from tests.support.make import Make, Reads, Working

Posted = Callable[..., Sequence[Outbox]]

OLD, NEW = "amina@council.example", "amina@home.example"


@pytest.fixture
def amina(make: Make) -> Person:
    return make.account("Amina Yusuf", OLD)


def ask(browse: Browse, person: Person, email: str = NEW) -> Browse:
    return browse.sign_in(person).get("/account/email").submit("Send a link there", email=email)


def mails(mailbox: Mailbox) -> dict[str, Mail]:
    return {mail.message["To"].addresses[0].addr_spec: mail for mail in mailbox.deliver()}


def email_of(reading: Reads, person: Person) -> str | None:
    with reading() as read:
        return read.session.get_one(Person, person.id).email


def test_the_new_address_counts_once_its_owner_confirms_it(
    browse: Browse, amina: Person, mailbox: Mailbox, reading: Reads
) -> None:
    elsewhere = browse.another().sign_in(amina)
    ask(browse, amina)
    assert f"We have sent a message to {NEW}" in browse.text
    assert "waits to be confirmed" not in browse.text
    sent = mails(mailbox)
    assert sent[NEW].message["Subject"] == "Confirm your new e-mail address"
    link = sent[NEW].link("/confirm/")
    browse.get(link)
    assert browse.heading == "Use this address?"
    assert email_of(reading, amina) == OLD  # looking changes nothing
    browse.submit("Yes, use this address")
    assert browse.heading == "Your address has changed"
    assert email_of(reading, amina) == NEW
    assert browse.get("/account").heading == "Hello, Amina Yusuf"  # still signed in here
    assert elsewhere.get("/account").heading == "Sign in or join"  # and nowhere else
    assert browse.get(link).heading == "Your address has changed"


def test_a_second_factor_of_long_ago_is_no_fresher_by_it(
    browse: Browse, amina: Person, make: Make, mailbox: Mailbox
) -> None:
    make.grant(amina, Role.ADMIN)
    ask(browse, amina)
    link = mails(mailbox)[NEW].link("/confirm/")
    with browse.client.session_transaction() as session:
        session["second"] -= FRESH_SECONDS + 60
    browse.get(link).submit("Yes, use this address")
    assert browse.get("/admin/people/").heading == "People"
    browse.get(f"/admin/people/{amina.public_id}/grants", follow=False)
    assert browse.location.startswith("/account/security/confirm?")


def test_whoever_confirms_need_not_be_signed_in_and_is_not_signed_in(
    browse: Browse, amina: Person, mailbox: Mailbox, reading: Reads
) -> None:
    ask(browse, amina)
    stranger = browse.another().get(mails(mailbox)[NEW].link("/confirm/"))
    stranger.submit("Yes, use this address")
    assert email_of(reading, amina) == NEW
    assert stranger.get("/account").heading == "Sign in or join"


def test_links_to_sign_in_end_and_links_in_mails_about_bookings_stay_good(
    browse: Browse, amina: Person, make: Make, mailbox: Mailbox, work: Working, reading: Reads
) -> None:
    booking = make.booking(amina, make.visit())
    with work() as opened:
        token = accounts.make_sign_in_link(opened, email=OLD)
    ask(browse, amina)
    browse.get(mails(mailbox)[NEW].link("/confirm/")).submit("Yes, use this address")
    with reading() as read:
        assert read.session.scalars(select(SignIn.closed_at)).one() is not None
    visitor = browse.another()
    assert visitor.get(f"/sign-in/{token}").status == 410
    assert visitor.get(f"/bookings/t/{sign('booking', booking.public_id, booking.link_generation)}").status == 200


def test_the_address_before_is_told_and_can_stop_it(
    browse: Browse, amina: Person, mailbox: Mailbox, reading: Reads
) -> None:
    ask(browse, amina)
    sent = mails(mailbox)
    assert f"the address {NEW}" in sent[OLD].text
    owner = browse.another().get(sent[OLD].link("/confirm/"))
    assert owner.heading == "Was this not you?"
    with reading() as read:
        assert read.session.scalars(select(AddressChange.ended_at)).one() is None  # looking changes nothing
    owner.submit("Stop the change")
    assert owner.heading == "Nothing was changed"
    assert browse.get("/account").heading == "Sign in or join"  # every device is signed out
    assert browse.get(sent[NEW].link("/confirm/")).status == 410
    assert email_of(reading, amina) == OLD


def test_too_late_to_stop_leads_to_help(browse: Browse, amina: Person, mailbox: Mailbox) -> None:
    ask(browse, amina)
    sent = mails(mailbox)
    browse.get(sent[NEW].link("/confirm/")).submit("Yes, use this address")
    owner = browse.another().get(sent[OLD].link("/confirm/"))
    assert owner.heading == "The address has been changed already"
    assert "tell us at once" in owner.text


def test_an_address_of_somebody_else_gets_the_same_answer_and_another_mail(
    browse: Browse, amina: Person, make: Make, mailbox: Mailbox
) -> None:
    make.person("Ben", "ben@council.example")

    def answer(email: str) -> str:
        page = ask(browse.another(), amina, email)
        return re.sub(re.escape(email), "…", page.text)

    assert answer(NEW) == answer("ben@council.example")
    (known, notice) = mailbox.deliver()[-2:]
    assert known.message["Subject"] == "This address is known to us already"
    assert "/confirm/" not in known.text
    assert notice.message["To"].addresses[0].addr_spec == OLD


def test_an_address_that_somebody_took_meanwhile_is_refused(
    browse: Browse, amina: Person, make: Make, mailbox: Mailbox, reading: Reads
) -> None:
    ask(browse, amina)
    link = mails(mailbox)[NEW].link("/confirm/")
    make.person("Somebody quicker", NEW)
    browse.get(link).submit("Yes, use this address")
    assert browse.status == 422
    assert browse.errors == ["Somebody with this e-mail address is already known."]
    assert email_of(reading, amina) == OLD


def test_a_link_works_for_a_day_and_only_the_newest(
    browse: Browse, amina: Person, mailbox: Mailbox, clock: FixedClock
) -> None:
    ask(browse, amina)
    first = mails(mailbox)[NEW].link("/confirm/")
    ask(browse, amina, "third@home.example")
    second = mails(mailbox)["third@home.example"].link("/confirm/")
    assert browse.get(first).status == 410
    assert browse.get(second).status == 200
    clock.move(timedelta(hours=24))
    assert browse.get(second).status == 410
    assert browse.post(second, follow=False).status == 410


def test_one_may_keep_the_address_after_all(browse: Browse, amina: Person, mailbox: Mailbox) -> None:
    ask(browse, amina).submit("Keep the address that I have")
    assert "Your address stays as it is" in browse.soup.get_text()
    assert NEW not in browse.text
    assert mailbox.deliver()[0].message["To"].addresses[0].addr_spec == OLD  # the link to the new one was pointless


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ("", "Enter the new e-mail address"),
        ("amina", "correct format"),
        (OLD.upper(), "the address that we have already"),
    ],
)
def test_what_is_no_new_address_is_refused(typed: str, error: str, browse: Browse, amina: Person) -> None:
    page = ask(browse, amina, typed)
    assert page.status == 422
    assert error in page.errors[0]


def test_nobody_fills_a_strangers_mailbox(browse: Browse, amina: Person, clock: FixedClock) -> None:
    for number in range(5):
        assert ask(browse, amina, f"a{number}@home.example").status == 200
    assert "Try again in an hour" in ask(browse, amina, "a6@home.example").errors[0]
    clock.move(timedelta(hours=1, minutes=1))
    assert ask(browse, amina, "a6@home.example").status == 200


def test_somebody_without_an_account_keeps_none(amina: Person, make: Make, work: Working, reading: Reads) -> None:
    ben = make.person("Ben", "ben@council.example")
    with work(make.actor(make.admin())) as opened:
        change = addresses.ask(opened, email="ben@home.example", public_id=ben.public_id)
    with work() as opened:
        assert addresses.confirm(opened, token=sign(CONFIRMS, change.public_id)) is None
    assert email_of(reading, ben) == "ben@home.example"
    with reading() as read:
        assert read.session.get(Account, ben.id) is None


def test_a_forged_link_is_not_found(browse: Browse, amina: Person, work: Working) -> None:
    assert browse.get(f"/confirm/{sign(CONFIRMS, 'nosuchchange')}").status == 404
    assert browse.get("/confirm/forged").status == 404
    with work(Actor(amina.id)) as opened:
        change = addresses.ask(opened, email=NEW)
    assert browse.get(f"/confirm/{sign('booking', change.public_id)}").status == 404


# Staff


def test_admins_send_a_link_for_somebody(browse: Browse, amina: Person, make: Make, mailbox: Mailbox) -> None:
    browse.sign_in(make.admin()).get(f"/admin/people/{amina.public_id}")
    browse.click("Send a link to a new address")
    browse.submit("Send a link there", email="amina")
    assert browse.status == 422
    browse.submit("Send a link there", email=NEW)
    assert f"{NEW} waits to be confirmed" in browse.text
    assert set(mails(mailbox)) == {NEW, OLD}


def test_nobody_else_asks_for_somebody(amina: Person, make: Make, work: Working) -> None:
    facilitator = make.account("Facilitator")
    make.grant(facilitator, Role.FACILITATOR, programme=make.programme())
    for person in (facilitator, make.account("Stranger")):
        with pytest.raises(NotFound), work(make.actor(person)) as opened:
            addresses.ask(opened, email=NEW, public_id=amina.public_id)


def test_two_presses_change_once(amina: Person, make: Make, work: Working) -> None:
    with work(make.actor(amina)) as opened:
        change = addresses.ask(opened, email=NEW)
    token = sign(CONFIRMS, change.public_id)
    with work() as opened:
        addresses.confirm(opened, token=token)
    with pytest.raises(Refusal, match="used already"), work() as opened:
        addresses.confirm(opened, token=token)


def test_what_has_ended_is_forgotten(
    amina: Person, make: Make, work: Working, clock: FixedClock, reading: Reads, app: Flask
) -> None:
    with work(make.actor(amina)) as opened:
        addresses.ask(opened, email=NEW)
    clock.move(timedelta(days=1))
    with app.app_context():
        purge_expired.run()
    with reading() as read:
        assert len(read.session.scalars(select(AddressChange)).all()) == 1
    clock.move(timedelta(days=31))
    with app.app_context():
        purge_expired.run()
    with reading() as read:
        assert read.session.scalars(select(AddressChange)).all() == []
