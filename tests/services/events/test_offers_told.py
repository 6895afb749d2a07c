"""Offers from the waiting list to people whom no mail reaches: their time begins when staff have told them."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import update

from cop.formats.delivery_reports import Failure
from cop.models.accounts import Person
from cop.models.events import Event
from cop.models.offers import OfferState
from cop.models.outbox import Bounce, Outbox, OutboxChannel, OutboxState
from cop.services import bounces, messages
from cop.services.bounces import Noted
from cop.services.events import booking
from scheduled import send_outbox
from tests.support.clock import FixedClock
from tests.support.make import Make, Working
from tests.support.queries import count_queries
from tests.support.waiting import Line

Posted = Callable[..., Sequence[Outbox]]

ADDRESS = "ana@people.example"
NEVER_TOLD = Failure(frozenset({ADDRESS}), "failed", "5.1.1", "No such user")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def visit(make: Make) -> Event:
    """A visit with one slot of one place."""
    return make.visit(slots=1, capacity=1)


@pytest.fixture
def line(app: Flask, make: Make, visit: Event) -> Line:
    return Line(app, make, visit)


@pytest.fixture
def ana(make: Make) -> Person:
    return make.account("Ana", ADDRESS)


@pytest.fixture
def offer_to_ana(make: Make, work: Working, line: Line, ana: Person) -> Callable[[], None]:
    """The slot is full and Ana waits; by the call, its one place becomes free."""
    holder = make.account("Holder")
    held = make.booking(holder, line.event)
    line.join(ana)

    def free() -> None:
        with work(make.actor(holder)) as unit:
            booking.cancel(unit, public_id=held.public_id)

    return free


def come_back(work: Working, letter: Outbox) -> Noted:
    """The letter was sent, and a mail server says that nobody is there."""
    with work() as unit:
        sent = unit.session.get_one(Outbox, letter.id)
        sent.state = OutboxState.SENT
        unit.session.flush()
        return bounces.note(unit, report_id="1", failure=NEVER_TOLD, message_ids=[sent.message_id])


def tell(make: Make, work: Working, letter: Outbox) -> None:
    with work(make.actor(make.admin())) as unit:
        messages.mark_told(unit, outbox_id=letter.id)


def bounced_before(work: Working) -> None:
    """Mail to Ana came back from her address some time ago."""
    with work() as unit:
        unit.session.add(Bounce(address=ADDRESS, hard=True, report_id="1", at=unit.now))


def test_an_offer_to_an_address_that_bounces_waits_until_they_are_told(
    make: Make, work: Working, line: Line, offer_to_ana: Callable[[], None], clock: FixedClock, outbox: Posted
) -> None:
    bounced_before(work)
    offer_to_ana()
    (offer,), (letter,) = line.offers(), outbox("place_offered")
    assert (offer.expires_at, letter.channel) == (None, OutboxChannel.TELL)
    clock.move(3 * DAY)
    assert not line.lapse(offer)
    tell(make, work, letter)
    assert line.offers()[0].expires_at == datetime(2026, 3, 6, 9, tzinfo=UTC)


def test_an_offer_whose_own_letter_comes_back_stands_still_until_they_are_told(
    make: Make, work: Working, line: Line, offer_to_ana: Callable[[], None], clock: FixedClock, outbox: Posted
) -> None:
    offer_to_ana()
    assert line.offers()[0].expires_at == datetime(2026, 3, 3, 9, tzinfo=UTC)
    assert come_back(work, outbox("place_offered")[0]) is Noted.HARD
    (letter,) = outbox("place_offered")
    assert (letter.channel, letter.state) == (OutboxChannel.TELL, OutboxState.PENDING)
    assert letter.useless_after == line.event.parts[0].starts_at - HOUR
    clock.move(3 * DAY)
    assert not line.lapse(line.offers()[0])
    tell(make, work, letter)
    assert line.offers()[0].expires_at == datetime(2026, 3, 6, 9, tzinfo=UTC)


def test_an_offer_that_has_ended_is_told_to_nobody_when_its_letter_comes_back(
    work: Working, line: Line, offer_to_ana: Callable[[], None], outbox: Posted
) -> None:
    offer_to_ana()
    line.decline(line.offers()[0])
    assert come_back(work, outbox("place_offered")[0]) is Noted.HARD
    assert outbox("place_offered")[0].state is OutboxState.SENT
    assert [offer.expires_at for offer in line.offers(OfferState.DECLINED)] == [datetime(2026, 3, 3, 9, tzinfo=UTC)]


@pytest.mark.usefixtures("mailbox")
def test_an_offer_whose_address_bounced_before_its_letter_went_stands_still_too(
    app: Flask,
    make: Make,
    work: Working,
    line: Line,
    offer_to_ana: Callable[[], None],
    clock: FixedClock,
    outbox: Posted,
) -> None:
    offer_to_ana()
    bounced_before(work)
    with app.app_context():
        send_outbox.run()
    (letter,) = outbox("place_offered")
    assert (letter.channel, letter.state) == (OutboxChannel.TELL, OutboxState.PENDING)
    assert line.offers()[0].expires_at is None
    tell(make, work, letter)
    assert line.offers()[0].expires_at == datetime(2026, 3, 3, 9, tzinfo=UTC)


@pytest.mark.usefixtures("mailbox")
def test_an_offer_that_ended_before_its_letter_went_is_told_to_nobody(
    app: Flask, work: Working, line: Line, offer_to_ana: Callable[[], None], outbox: Posted
) -> None:
    offer_to_ana()
    bounced_before(work)
    line.decline(line.offers()[0])
    with app.app_context():
        send_outbox.run()
    assert outbox("place_offered")[0].state is OutboxState.DROPPED


@pytest.mark.usefixtures("mailbox")
def test_an_offer_does_not_lapse_while_its_letter_waits_and_is_told_when_it_comes_too_late(
    app: Flask,
    make: Make,
    work: Working,
    line: Line,
    offer_to_ana: Callable[[], None],
    clock: FixedClock,
    outbox: Posted,
) -> None:
    offer_to_ana()
    clock.move(3 * DAY)
    assert not line.lapse(line.offers()[0])
    with app.app_context():
        send_outbox.run()
    (letter,) = outbox("place_offered")
    assert (letter.channel, letter.state) == (OutboxChannel.TELL, OutboxState.PENDING)
    assert line.offers()[0].expires_at is None
    tell(make, work, letter)
    assert line.offers()[0].expires_at == datetime(2026, 3, 6, 9, tzinfo=UTC)


def test_an_offer_whose_letter_the_mail_server_refuses_for_good_is_told(
    app: Flask, work: Working, line: Line, offer_to_ana: Callable[[], None], outbox: Posted
) -> None:
    offer_to_ana()
    with work() as unit:
        unit.session.execute(update(Outbox).values(attempts=len(send_outbox.BACK_OFF)))
    with app.app_context():
        send_outbox.run()  # nobody listens
    (letter,) = outbox("place_offered")
    assert (letter.channel, letter.state) == (OutboxChannel.TELL, OutboxState.PENDING)
    assert line.offers()[0].expires_at is None


def test_an_offer_that_nobody_could_be_told_of_ends_when_its_time_is_near(
    line: Line, offer_to_ana: Callable[[], None], clock: FixedClock
) -> None:
    offer_to_ana()
    clock.set(line.event.parts[0].starts_at - HOUR)
    assert line.lapse(line.offers()[0])


def test_how_an_offer_reaches_somebody_is_looked_up_once(offer_to_ana: Callable[[], None], outbox: Posted) -> None:
    before = len(outbox())
    with count_queries() as statements:
        offer_to_ana()
    assert sum("FROM bounce" in statement for statement in statements) == len(outbox()) - before


@pytest.mark.parametrize("act", ["come back", "tell"])
def test_an_offer_is_locked_before_its_letter(
    make: Make, work: Working, offer_to_ana: Callable[[], None], outbox: Posted, act: str
) -> None:
    """As everywhere: the other way round, whoever answers the offer meanwhile and this would wait for each other."""
    offer_to_ana()
    (letter,) = outbox("place_offered")
    if act == "tell":
        assert come_back(work, letter) is Noted.HARD
    with count_queries() as statements:
        tell(make, work, letter) if act == "tell" else come_back(work, letter)
    locks = [statement for statement in statements if "FOR UPDATE" in statement or "FOR NO KEY UPDATE" in statement]
    tables = [statement.partition("FROM ")[2].split()[0] for statement in locks]
    assert [table for table in dict.fromkeys(tables) if table in {"event", "offer", "outbox"}] == [
        "event",
        "offer",
        "outbox",
    ]
