"""What has served its purpose goes, and nothing that still has one."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import func, select, text, update

from cop.core.access import VISITOR, Actor
from cop.models.accounts import SignIn
from cop.models.audit import Audit
from cop.models.doors import DoorTry
from cop.models.events import Arrangement, Booking
from cop.models.forum_mail import Because, ForumAnswer, MailOutcome
from cop.models.outbox import Outbox, OutboxState
from cop.models.service import Observation
from cop.models.summits import Substitution
from cop.services import accounts
from cop.services.cohorts import offers
from cop.services.events.arrangements import Diet
from cop.services.events.self_check_in import check_in_by_email
from cop.services.summits import decline
from cop.web import observe
from scheduled import purge_expired
from tests.support import panel
from tests.support.clock import FixedClock
from tests.support.doors import open_code
from tests.support.make import Make, Reads, Working
from tests.support.summits import invitation_of, invite, make_summit, propose

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)


@pytest.fixture
def purge(app: Flask) -> Callable[[], str]:
    def run() -> str:
        with app.app_context():
            return purge_expired.run()

    return run


@pytest.fixture
def ask(work: Working) -> Callable[[str], None]:
    """``ask("a@b.example")`` asks to sign in."""

    def asking(email: str) -> None:
        with work() as unit:
            accounts.ask_to_sign_in(unit, email=email, next_path="/", browser="b", network="192.0.2.1")

    return asking


def test_requests_to_sign_in_go_after_a_day(
    ask: Callable[[str], None], purge: Callable[[], str], clock: FixedClock, reading: Reads
) -> None:
    ask("old@x.example")
    clock.move(SECOND)
    ask("young@x.example")
    clock.move(DAY)
    assert purge() == "1 sign-ins removed"
    with reading() as read:
        assert read.session.scalars(select(SignIn.email)).all() == ["young@x.example"]


@pytest.mark.parametrize(
    ("state", "goes"),
    [
        (OutboxState.SENT, 1),
        (OutboxState.DEAD, 1),
        (OutboxState.DROPPED, 1),
        (OutboxState.PENDING, 0),
        (OutboxState.LEASED, 0),
    ],
)
def test_messages_that_are_settled_go_after_a_year(
    make: Make,
    work: Working,
    purge: Callable[[], str],
    clock: FixedClock,
    outbox: Callable[..., Sequence[Outbox]],
    state: OutboxState,
    goes: int,
) -> None:
    make.booking(make.person(), make.visit())
    with work() as unit:
        unit.session.execute(update(Outbox).values(state=state))
    clock.move(timedelta(days=365))
    purge()
    assert len(outbox()) == 1
    clock.move(SECOND)
    purge()
    assert len(outbox()) == 1 - goes


def test_bookings_stay(make: Make, purge: Callable[[], str], clock: FixedClock, reading: Reads) -> None:
    held = make.booking(make.person(), make.visit())
    clock.move(timedelta(days=1_000))
    purge()
    with reading() as read:
        assert read.session.get(Booking, held.id)


def test_the_audit_and_the_log_of_reads_go_after_six_years(
    app: Flask, make: Make, purge: Callable[[], str], clock: FixedClock, reading: Reads
) -> None:
    make.visit()
    with app.app_context():
        observe("access needs read", "event", 1)
        observe("downloaded", "task", 1)
        observe("downloaded", "file", 1)
    clock.move(timedelta(days=6 * 365 + 1))
    purge()
    with reading() as read:
        kept = [read.session.scalar(select(func.count()).select_from(table)) for table in (Audit, Observation)]
    clock.move(SECOND)
    purge()
    with reading() as read:
        assert read.session.scalars(select(Observation.subject_kind)).all() == ["file"]
        assert read.session.scalars(select(Audit.id)).all() == []
    assert all(kept)


def test_nothing_is_left_to_do_the_second_time(
    ask: Callable[[str], None], purge: Callable[[], str], clock: FixedClock
) -> None:
    for each in map(partial("{}@x.example".format), "abc"):
        ask(each)
    clock.move(2 * DAY)
    assert [purge(), purge()] == ["3 sign-ins removed", "nothing removed"]


def test_what_somebody_needs_on_a_course_is_sealed_and_gone_thirty_days_after_it(
    make: Make, work: Working, purge: Callable[[], str], clock: FixedClock, reading: Reads
) -> None:
    course = panel.course(make)
    (offer,) = panel.offered(make, course)
    booked = panel.accept(make, offer)
    with work(Actor(offer.person_id, via="link")) as unit:
        offers.arrange(
            unit,
            public_id=offer.public_id,
            access="A ramp",
            diet=Diet(other="No nuts"),
            emergency_contact="Sam, 01632 960 001",
            travel="By the 9:04 train",
        )
    words = text("SELECT access, diet, emergency_contact, travel FROM arrangement")
    with reading() as read:
        kept = read.session.execute(words).one()
        told = read.session.get_one(Arrangement, booked.id)
        assert (told.access, told.travel) == ("A ramp", "By the 9:04 train")
    assert all(isinstance(column, bytes) for column in kept)
    assert all(said not in bytes(column) for column in kept for said in (b"A ramp", b"No nuts", b"Sam,", b"9:04"))
    ends_at = course.parts[-1].ends_at
    clock.set(ends_at + timedelta(days=29))
    purge()
    with reading() as read:
        assert read.session.get(Arrangement, booked.id) is not None
    clock.set(ends_at + timedelta(days=30, seconds=1))
    assert "1 needs" in purge()
    with reading() as read:
        assert read.session.get(Arrangement, booked.id) is None


def test_whoever_was_proposed_as_a_substitute_is_forgotten_thirty_days_after_the_decision(
    make: Make, work: Working, purge: Callable[[], str], clock: FixedClock, reading: Reads
) -> None:
    summit, people = make_summit(make, work), [make.person(name, f"{name}@council.example") for name in ("ana", "bo")]
    invite(work, summit, *people)
    first, second = (
        propose(work, invitation_of(reading, summit, person), email=f"for-{person.name}@x.example") for person in people
    )
    with work() as opened:
        decline(opened, substitution_id=first.id, reason="No.")
    clock.move(timedelta(days=30))
    purge()
    with reading() as read:
        assert read.session.scalars(select(Substitution.id).order_by(Substitution.id)).all() == [first.id, second.id]
    clock.move(SECOND)
    purge()
    with reading() as read:
        assert read.session.scalars(select(Substitution.id)).all() == [second.id]
    clock.move(timedelta(days=335))
    purge()
    with reading() as read:
        assert read.session.scalars(select(Substitution.id)).all() == []


def test_attempts_to_check_in_go_after_a_day(
    make: Make, work: Working, reading: Reads, purge: Callable[[], str], clock: FixedClock
) -> None:
    visit = make.visit()
    clock.set(visit.parts[0].starts_at)
    door = open_code(make, work, visit, make.admin())
    for number in range(2):
        with work(VISITOR) as opened:
            check_in_by_email(opened, code=door.code, email="nobody@council.example", network=f"192.0.2.{number}")
        clock.move(timedelta(minutes=10))
    clock.move(DAY - timedelta(minutes=15))
    assert "1 door-tries" in purge()
    with reading() as read:
        assert read.session.scalar(select(func.count()).select_from(DoorTry)) == 1


def test_what_came_to_the_forum_by_mail_goes_after_thirty_days(
    make: Make, work: Working, purge: Callable[[], str], clock: FixedClock
) -> None:
    person = make.person()
    with work() as unit:
        unit.session.add(
            ForumAnswer(
                message_id="<1@x.example>",
                person_id=person.id,
                outcome=MailOutcome.REFUSED,
                reason=Because.LOCKED,
                words="We have a kettle.",
                came_at=unit.now,
            )
        )
    clock.move(30 * DAY)
    assert "forum-answers" not in purge()
    clock.move(SECOND)
    assert "1 forum-answers" in purge()
