"""What a report of a mail server stops, and what it does not."""

from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from cop.core.errors import NotFound, Refusal
from cop.models.accounts import Person
from cop.models.events import Booking
from cop.models.outbox import Bounce, Outbox, OutboxChannel, OutboxState
from cop.services import accounts, bounces, outbox
from cop.services.bounces import Noted, is_hard
from tests.support.clock import FixedClock
from tests.support.mailbox import Mailbox
from tests.support.make import Make, Reads, Working
from tests.support.messages import comes_back, failure, promise

ADDRESS = "amina@council.example"
DAY = timedelta(days=1)

Posted = Callable[..., Sequence[Outbox]]


@pytest.fixture
def amina(make: Make) -> Person:
    return make.account("Amina Yusuf", ADDRESS)


@pytest.fixture
def held(make: Make, amina: Person) -> Booking:
    return make.booking(amina, make.visit())


@pytest.fixture
def confirmed(held: Booking, mailbox: Mailbox, outbox: Posted) -> Outbox:
    """The confirmation, as it was sent."""
    mailbox.deliver()
    return outbox()[0]


def standing(reading: Reads) -> list[str]:
    with reading() as read:
        found = select(Bounce.address).where(Bounce.hard, Bounce.lifted_at.is_(None))
        return list(read.session.scalars(found))


@pytest.mark.parametrize(
    ("status", "action", "hard"),
    [
        ("5.1.1", "failed", True),
        ("5.1.10", "failed", True),
        ("5.0.0", "failed", True),
        ("5.4.1", "failed", True),
        ("5.2.1", "failed", True),
        ("5.2.2", "failed", False),
        ("5.3.4", "failed", False),
        ("5.6.1", "failed", False),
        ("5.7.1", "failed", False),
        ("4.4.7", "failed", False),
        ("5.1.1", "delayed", False),
        ("2.0.0", "delivered", False),
        ("", "failed", False),
        ("5.20.2", "failed", True),
    ],
)
def test_a_bounce_is_hard_when_the_address_is_at_fault_for_good(status: str, action: str, hard: bool) -> None:  # noqa: FBT001
    assert is_hard(failure(ADDRESS, status=status, action=action)) is hard


class TestAHardBounce:
    def test_makes_what_did_not_arrive_and_what_comes_after_it_something_to_tell(
        self, app: Flask, confirmed: Outbox, make: Make, work: Working, amina: Person, mailbox: Mailbox, outbox: Posted
    ) -> None:
        with work() as unit:
            promise(unit, amina, Booking(id=confirmed.params["booking_id"]), due_at=unit.now + DAY)
        assert comes_back(app, confirmed, ADDRESS) is Noted.HARD
        make.booking(amina, make.visit("Another"))
        channels = [(row.channel, row.state) for row in outbox()]
        assert channels == [
            (OutboxChannel.TELL, OutboxState.PENDING),
            (OutboxChannel.EMAIL, OutboxState.PENDING),
            (OutboxChannel.TELL, OutboxState.PENDING),
        ]
        assert (outbox()[0].last_error or "").startswith("came back: 5.1.1 smtp; no such user")

    def test_stops_what_is_in_the_queue_when_its_time_comes(
        self, app: Flask, confirmed: Outbox, work: Working, amina: Person, mailbox: Mailbox, outbox: Posted
    ) -> None:
        with work() as unit:
            promise(unit, amina, Booking(id=confirmed.params["booking_id"]))
        comes_back(app, confirmed, ADDRESS)
        assert mailbox.deliver() == []
        assert (outbox()[1].channel, outbox()[1].state) == (OutboxChannel.TELL, OutboxState.PENDING)

    def test_of_what_is_of_no_use_any_more_is_nothing_to_tell(
        self,
        app: Flask,
        work: Working,
        amina: Person,
        held: Booking,
        clock: FixedClock,
        mailbox: Mailbox,
        outbox: Posted,
    ) -> None:
        with work() as unit:
            promise(unit, amina, held, useless_after=unit.now + DAY)
        mailbox.deliver()
        clock.move(DAY)
        assert comes_back(app, outbox()[1], ADDRESS) is Noted.HARD
        assert (outbox()[1].channel, outbox()[1].state) == (OutboxChannel.EMAIL, OutboxState.SENT)

    def test_stops_nobody_from_asking_to_sign_in(
        self, app: Flask, confirmed: Outbox, work: Working, mailbox: Mailbox
    ) -> None:
        comes_back(app, confirmed, ADDRESS)
        with work() as unit:
            accounts.ask_to_sign_in(unit, email=ADDRESS, next_path="/", browser="b", network="192.0.2.1")
        assert [mail.subject for mail in mailbox.deliver()] == ["Sign in to Learning Together"]

    def test_of_a_link_to_sign_in_is_nothing_to_tell(
        self, app: Flask, work: Working, amina: Person, mailbox: Mailbox, outbox: Posted, reading: Reads
    ) -> None:
        with work() as unit:
            accounts.ask_to_sign_in(unit, email=ADDRESS, next_path="/", browser="b", network="192.0.2.1")
        mailbox.deliver()
        assert comes_back(app, outbox()[0], ADDRESS) is Noted.HARD
        assert outbox()[0].channel is OutboxChannel.EMAIL
        assert standing(reading) == [ADDRESS]


class TestAReport:
    def test_of_a_soft_bounce_is_noted_and_stops_nothing(
        self, app: Flask, confirmed: Outbox, reading: Reads, make: Make, amina: Person, mailbox: Mailbox
    ) -> None:
        for _ in range(5):
            assert comes_back(app, confirmed, ADDRESS, status="5.2.2") is Noted.SOFT
        assert standing(reading) == []
        make.booking(amina, make.visit("Another"))
        assert len(mailbox.deliver()) == 1

    def test_that_is_read_twice_changes_nothing(self, confirmed: Outbox, work: Working, reading: Reads) -> None:
        ids = [f"<{confirmed.message_id}@localhost>"]
        said = {"report_id": "<1@mx> 1", "failure": failure(ADDRESS), "message_ids": ids}
        outcomes = []
        for _ in range(2):
            with work() as unit:
                outcomes.append(bounces.note(unit, **said))  # type: ignore[arg-type]
        assert outcomes == [Noted.HARD, Noted.NOTHING]
        with work() as unit:
            bounces.lift_all(unit, address=ADDRESS, by=None)
        with work() as unit:
            bounces.note(unit, **said)  # type: ignore[arg-type]
        assert standing(reading) == []

    @pytest.mark.parametrize("address", ["ben@council.example", "amina@elsewhere.example"])
    def test_about_an_address_that_we_did_not_write_to_stops_nothing(
        self, app: Flask, confirmed: Outbox, reading: Reads, make: Make, address: str
    ) -> None:
        make.person("Ben", "ben@council.example")
        assert comes_back(app, confirmed, address) is Noted.NOTHING
        assert standing(reading) == []

    def test_about_a_message_that_we_did_not_send_stops_nothing(
        self, work: Working, amina: Person, reading: Reads
    ) -> None:
        with work() as unit:
            for ids in (["<guess@localhost>"], ["<1@cop.example>", "nonsense", ""], []):
                noted = bounces.note(unit, report_id="1", failure=failure(ADDRESS), message_ids=ids)
                assert noted is Noted.NOTHING
        assert standing(reading) == []

    def test_about_the_address_that_somebody_had_before_stops_nothing(
        self, app: Flask, confirmed: Outbox, work: Working, amina: Person, reading: Reads
    ) -> None:
        with work() as unit:
            unit.session.get_one(Person, amina.id).email = "amina@new.example"
        assert comes_back(app, confirmed, ADDRESS) is Noted.NOTHING
        assert standing(reading) == []

    def test_is_taken_from_nobody_but_the_service(self, confirmed: Outbox, make: Make, work: Working) -> None:
        with pytest.raises(NotFound), work(make.actor(make.account())) as unit:
            bounces.note(unit, report_id="1", failure=failure(ADDRESS), message_ids=[confirmed.message_id])


class TestItEnds:
    @pytest.fixture
    def bounce(self, app: Flask, confirmed: Outbox, reading: Reads) -> Bounce:
        comes_back(app, confirmed, ADDRESS)
        with reading() as read:
            return read.session.scalars(select(Bounce)).one()

    def test_when_staff_say_so_once(self, bounce: Bounce, make: Make, work: Working, reading: Reads) -> None:
        admin = make.admin()
        with work(make.actor(admin)) as unit:
            assert bounces.lift(unit, bounce_id=bounce.id) == ADDRESS
        assert standing(reading) == []
        with reading() as read:
            lifted = read.session.get_one(Bounce, bounce.id)
            assert (lifted.lifted_by, lifted.lifted_at) == (admin.id, read.now)
        with pytest.raises(Refusal, match="already"), work(make.actor(admin)) as unit:
            bounces.lift(unit, bounce_id=bounce.id)

    def test_when_its_owner_signs_in(
        self, bounce: Bounce, make: Make, work: Working, reading: Reads, amina: Person
    ) -> None:
        with work() as unit:
            token = accounts.make_sign_in_link(unit, email=ADDRESS)
            accounts.sign_in_by_link(unit, token=token)
        assert standing(reading) == []

    def test_for_a_new_address_at_once(
        self, bounce: Bounce, make: Make, work: Working, amina: Person, mailbox: Mailbox
    ) -> None:
        with work() as unit:
            unit.session.get_one(Person, amina.id).email = "amina@new.example"
        make.booking(amina, make.visit("Another"))
        assert len(mailbox.deliver()) == 1

    def test_for_nobody_by_a_stranger(self, bounce: Bounce, make: Make, work: Working, reading: Reads) -> None:
        with pytest.raises(NotFound), work(make.actor(make.account())) as unit:
            bounces.lift(unit, bounce_id=bounce.id)
        with pytest.raises(NotFound), work() as unit:
            bounces.lift(unit, bounce_id=999)
        assert standing(reading) == [ADDRESS]


def test_a_message_may_be_forgotten_and_what_it_taught_stays(
    app: Flask, confirmed: Outbox, work: Working, reading: Reads
) -> None:
    comes_back(app, confirmed, ADDRESS)
    with work() as unit:
        unit.session.delete(unit.session.get_one(Outbox, confirmed.id))
    assert standing(reading) == [ADDRESS]


def test_news_of_the_forum_are_nothing_to_tell(work: Working, amina: Person) -> None:
    with work() as unit:
        unit.session.add(Bounce(address=ADDRESS, hard=True, report_id="1", at=unit.now))
        outbox.post(unit, key="1", to=amina, template="forum_news", since=1)
        outbox.post(unit, key="2", to=amina, template="survey_invitation", ask_id=1)
        rows = unit.session.scalars(select(Outbox).order_by(Outbox.id)).all()
        assert [(row.state, row.channel, row.last_error) for row in rows] == [
            (OutboxState.DROPPED, OutboxChannel.EMAIL, "unreachable"),
            (OutboxState.PENDING, OutboxChannel.TELL, None),
        ]
