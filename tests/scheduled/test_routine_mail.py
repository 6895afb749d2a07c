"""Routine mail: in working hours, seldom, once each, and dropped when it is of no use any more."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from cop.core.place import day_of
from cop.core.working_hours import is_quiet, next_working_moment
from cop.models.accounts import Person
from cop.models.events import Booking
from cop.models.outbox import Dropped, Outbox, OutboxClass, OutboxState
from cop.services import outbox as promises
from scheduled import send_outbox
from tests.support.clock import START, FixedClock
from tests.support.mailbox import Mailbox, open_mailbox
from tests.support.make import Make, Working
from tests.support.messages import promise

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

Posted = Callable[..., Sequence[Outbox]]


@pytest.fixture
def amina(make: Make) -> Person:
    return make.person("Amina Yusuf", "amina@council.example")


@pytest.fixture
def held(make: Make, amina: Person, work: Working) -> Booking:
    booking = make.booking(amina, make.visit(capacity=None))
    with work() as unit:
        unit.session.execute(delete(Outbox))
    return booking


def post(work: Working, to: Person, held: Booking, useless_after: datetime | None = None) -> None:
    with work() as unit:
        promise(unit, to, held, useless_after=useless_after)


class TestQuietHours:
    @pytest.mark.parametrize(
        ("at", "sent"),
        [
            (datetime(2026, 3, 2, 7, 59, 59, tzinfo=UTC), datetime(2026, 3, 2, 8, tzinfo=UTC)),
            (datetime(2026, 3, 2, 18, tzinfo=UTC), datetime(2026, 3, 3, 8, tzinfo=UTC)),
            (datetime(2026, 3, 6, 20, tzinfo=UTC), datetime(2026, 3, 9, 8, tzinfo=UTC)),
            (datetime(2026, 4, 2, 19, tzinfo=UTC), datetime(2026, 4, 7, 7, tzinfo=UTC)),
        ],
        ids=["early", "late", "on a Friday night", "before Easter"],
    )
    def test_are_waited_for(
        self,
        work: Working,
        clock: FixedClock,
        mailbox: Mailbox,
        amina: Person,
        held: Booking,
        at: datetime,
        sent: datetime,
    ) -> None:
        clock.set(at)
        post(work, amina, held)
        assert mailbox.deliver() == []
        clock.set(sent - timedelta(seconds=1))
        assert mailbox.deliver() == []
        clock.set(sent)
        assert len(mailbox.deliver()) == 1

    def test_hold_back_nothing_else(
        self, work: Working, clock: FixedClock, mailbox: Mailbox, amina: Person, held: Booking
    ) -> None:
        clock.set(datetime(2026, 3, 7, 3, tzinfo=UTC))
        with work() as unit:
            for urgency in OutboxClass:
                promise(unit, amina, held, urgency=urgency)
        assert len(mailbox.deliver()) == 2

    def test_that_begin_while_others_are_sent_put_the_rest_off_and_cost_no_try(
        self, work: Working, make: Make, clock: FixedClock, mailbox: Mailbox, held: Booking, outbox: Posted
    ) -> None:
        for _ in range(3):
            post(work, make.person(), held)
        clock.set(datetime(2026, 3, 2, 17, 59, 30, tzinfo=UTC))
        with slow_server(mailbox, clock, MINUTE):
            assert len(mailbox.deliver()) == 1
        morning = datetime(2026, 3, 3, 8, tzinfo=UTC)
        waiting = [row for row in outbox() if row.state is OutboxState.PENDING]
        assert {(row.due_at, row.attempts) for row in waiting} == {(morning, 0)}
        clock.set(morning)
        assert len(mailbox.deliver()) == 2


@contextmanager
def slow_server(mailbox: Mailbox, clock: FixedClock, time: timedelta) -> Iterator[None]:
    """Let the server take its time over each letter."""
    keep = mailbox.handle_DATA

    async def handle(server: SMTP, session: Session, envelope: Envelope) -> str:
        clock.move(time)
        return await keep(server, session, envelope)

    vars(mailbox)["handle_DATA"] = handle
    yield
    del vars(mailbox)["handle_DATA"]


class TestTheCap:
    def test_lets_one_a_day_and_three_a_week_through_the_eldest_first(
        self, work: Working, clock: FixedClock, mailbox: Mailbox, amina: Person, held: Booking, outbox: Posted
    ) -> None:
        for _ in range(5):
            post(work, amina, held)
        came = []
        for _ in range(10 * 24):
            came += [clock.now()] * len(mailbox.deliver())
            clock.move(HOUR)
        nine = START.replace(hour=9)
        assert came[0] == START
        assert [day_of(at) for at in came] == [day_of(nine + DAY * number) for number in (0, 1, 2, 7, 8)]
        assert [row.state for row in outbox()] == [OutboxState.SENT] * 5
        sent = [row.sent_at for row in outbox() if row.sent_at]
        assert sent == sorted(sent)

    def test_counts_each_person_and_no_other_class(
        self, work: Working, make: Make, mailbox: Mailbox, amina: Person, held: Booking
    ) -> None:
        ben = make.person("Ben", "ben@council.example")
        for to in (amina, amina, ben, ben):
            post(work, to, held)
        with work() as unit:
            promise(unit, amina, held, urgency=OutboxClass.NOW)
            promise(unit, amina, held, urgency=OutboxClass.TIMELY)
        came = Counter(mail.message["To"].addresses[0].username for mail in mailbox.deliver())
        assert came == {"amina": 3, "ben": 1}

    def test_moves_the_rest_to_when_they_may_go_or_are_of_no_use(
        self, work: Working, clock: FixedClock, mailbox: Mailbox, amina: Person, held: Booking, outbox: Posted
    ) -> None:
        soon = clock.now() + HOUR
        for until in (None, None, soon):
            post(work, amina, held, until)
        mailbox.deliver()
        assert [row.due_at for row in outbox()] == [START, datetime(2026, 3, 3, 8, tzinfo=UTC), soon]
        clock.set(soon)
        assert mailbox.deliver() == []
        assert (outbox()[2].state, outbox()[2].last_error) == (OutboxState.DROPPED, Dropped.TOO_LATE)

    def test_is_not_used_up_by_what_is_of_no_use(
        self, work: Working, clock: FixedClock, mailbox: Mailbox, amina: Person, held: Booking
    ) -> None:
        post(work, amina, held, clock.now() + HOUR)
        post(work, amina, held)
        clock.move(HOUR)
        assert len(mailbox.deliver()) == 1

    def test_is_not_used_up_by_what_failed(
        self, app: Flask, work: Working, clock: FixedClock, amina: Person, held: Booking, outbox: Posted
    ) -> None:
        for _ in range(2):
            post(work, amina, held)
        with app.app_context():
            send_outbox.run()  # nobody listens, so the first one failed and the second may have its turn
        clock.move(MINUTE)
        with open_mailbox(app) as mailbox:
            assert len(mailbox.deliver()) == 1
        assert Counter(row.state for row in outbox()) == {OutboxState.SENT: 1, OutboxState.PENDING: 1}

    def test_is_kept_by_a_dead_letter_that_is_tried_again(
        self, work: Working, clock: FixedClock, mailbox: Mailbox, amina: Person, held: Booking, outbox: Posted
    ) -> None:
        post(work, amina, held)
        with work() as unit:
            unit.session.scalars(select(Outbox)).one().state = OutboxState.DEAD
        post(work, amina, held)
        assert len(mailbox.deliver()) == 1
        with work() as unit:
            promises.retry(unit, outbox_id=outbox()[0].id)
        assert mailbox.deliver() == []
        clock.move(DAY)
        assert len(mailbox.deliver()) == 1


class TestSeveralSenders:
    def test_send_one_person_one_letter_though_the_first_is_still_on_its_way(
        self, app: Flask, work: Working, mailbox: Mailbox, amina: Person, held: Booking
    ) -> None:
        for _ in range(2):
            post(work, amina, held)
        with app.app_context():
            assert len(send_outbox._claim()) == 1  # a runner that is about to send
            assert send_outbox._claim() == []
        assert mailbox.deliver() == []

    def test_at_once_keep_to_the_cap_and_leave_nobody_out(
        self, app: Flask, work: Working, make: Make, mailbox: Mailbox, held: Booking, outbox: Posted
    ) -> None:
        people = [make.person() for _ in range(25)]
        with work() as unit:
            for _ in range(3):
                for person in people:
                    promise(unit, person, held)
        together = Barrier(4)

        def send() -> None:
            together.wait()
            with app.app_context():
                send_outbox.run()

        with ThreadPoolExecutor(4) as pool:
            for done in [pool.submit(send) for _ in range(4)]:
                done.result()
        came = Counter(mail.message["To"].addresses[0].addr_spec for mail in mailbox.messages)
        assert came == {str(person.email): 1 for person in people}
        assert Counter(row.state for row in outbox()) == {OutboxState.SENT: 25, OutboxState.PENDING: 50}


POSTINGS = st.lists(
    st.tuples(
        st.integers(0, 2),  # to whom
        st.integers(0, 9 * 24 * 60),  # when, in minutes from the first Friday
        st.none() | st.integers(30, 4 * 24 * 60),  # of use for so many minutes
    ),
    min_size=1,
    max_size=14,
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(POSTINGS)
def test_whenever_it_is_posted_it_leaves_once_at_a_good_time_or_is_dropped_as_useless(
    app: Flask,
    make: Make,
    work: Working,
    clock: FixedClock,
    outbox: Posted,
    postings: list[tuple[int, int, int | None]],
) -> None:
    friday = datetime(2026, 3, 27, tzinfo=UTC)  # summer time begins on the Sunday, and Easter is the week after
    clock.set(START)
    with work() as unit:
        unit.session.execute(delete(Outbox))
    people = [make.person() for _ in range(3)]
    held = make.booking(people[0], make.visit(capacity=None, slots=[friday + 60 * DAY]))
    with work() as unit:
        unit.session.execute(delete(Outbox))
    with open_mailbox(app) as mailbox:
        for to, minute, use in sorted(postings, key=lambda posting: posting[1]):
            run_until(clock, mailbox, friday + minute * MINUTE)
            until = clock.now() + use * MINUTE if use is not None else None
            post(work, people[to], held, until)
        run_until(clock, mailbox, friday + 60 * DAY)
    rows = outbox()
    assert len(rows) == len(postings)
    assert len(mailbox.messages) == len({mail["Message-ID"] for mail in mailbox.messages})
    for row in rows:
        if row.state is OutboxState.DROPPED:
            assert row.useless_after is not None
            assert row.last_error == Dropped.TOO_LATE
        else:
            assert row.state is OutboxState.SENT
            assert row.sent_at is not None
            assert not is_quiet(row.sent_at)
            assert row.sent_at >= row.posted_at
            assert row.useless_after is None or row.sent_at < row.useless_after
    assert sum(row.state is OutboxState.SENT for row in rows) == len(mailbox.messages)
    for person in people:
        days = [day_of(row.sent_at) for row in rows if row.person_id == person.id and row.sent_at]
        assert len(days) == len(set(days))
        assert all(sum(0 <= (day - other).days < 7 for other in days) <= 3 for day in days)


def run_until(clock: FixedClock, mailbox: Mailbox, end: datetime) -> None:
    """Run the job whenever something can be due: at the beginning of each working day, and every four hours."""
    while clock.now() < end:
        mailbox.deliver()
        clock.set(min(end, next_working_moment(clock.now() + 4 * HOUR)))
    mailbox.deliver()
