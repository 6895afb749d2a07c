"""Deliver due messages: claim in one short transaction, send outside any, mark in another.

Whoever is killed between sending and marking leaves one message to be sent again, under the same Message-ID. One
runner sends at a time, so that a mail server or a database that dies leaves no more than one such message either.
"""

import logging
import smtplib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, update

from cop import mail
from cop.core.access import SYSTEM
from cop.core.frequency import first_day_that_counts, may_come_at
from cop.core.place import day_of
from cop.core.work import Read, Reading, Work
from cop.core.working_hours import is_quiet, next_working_moment
from cop.models.outbox import AT_THEIR_PACE, OFFER_LETTER, Dropped, Outbox, OutboxChannel, OutboxClass, OutboxState
from cop.queries import reach
from cop.services import offers
from cop.web import db, ports, unit_of_work
from scheduled.ending import ENDING

LEASE = timedelta(minutes=5)
BATCH = 20
BACK_OFF = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=6))
"""How long a failed message waits before each further try; after the last it is a dead letter."""

TURN = select(func.pg_try_advisory_xact_lock(func.hashtextextended("send_outbox", 0)))
"""True for the one runner whose turn it is; PostgreSQL passes the turn on when that one ends or dies."""

LET_GO_OF_THE_DEAD = select(
    func.set_config("tcp_keepalives_idle", "30", True),
    func.set_config("tcp_keepalives_interval", "10", True),
    func.set_config("tcp_keepalives_count", "3", True),
    func.set_config("idle_in_transaction_session_timeout", "10min", True),
)
"""A machine that lost its power or its network has lost its turn a minute later, and one that was put to sleep after
ten: by itself PostgreSQL would wait for two hours.
"""

log = logging.getLogger("scheduled.send_outbox")


class Went(StrEnum):
    """How a message that was claimed fared."""

    SENT = "sent"
    DROPPED = "dropped"
    FAILED = "failed"
    TO_TELL = "to tell"
    LATER = "later"
    TAKEN_OVER = "taken over"


def run() -> str:
    """Send until nothing is due; a message that fails harms no other."""
    went: Counter[Went] = Counter()
    with _turn() as is_ours:
        while not ENDING.is_set() and is_ours() and (rows := _claim()):
            went.update(_deliver(rows))
    always = (Went.SENT, Went.DROPPED, Went.FAILED)
    others = (outcome for outcome in Went if outcome not in always and went[outcome])
    return ", ".join(f"{went[outcome]} {outcome}" for outcome in (*always, *others))


@contextmanager
def _turn() -> Iterator[Callable[[], bool]]:
    """Whether nobody else is sending, asked before each batch: the connection that holds the turn may have died."""
    with db.engine.connect() as connection:
        connection.execute(LET_GO_OF_THE_DEAD)
        yield lambda: connection.scalar(TURN) is True


def _claim() -> Sequence[Outbox]:
    """Lease the next messages that are due: nobody else touches them until the lease is over."""
    while True:
        rows, seen = _claim_some()
        if rows or not seen:  # others may be due behind those that were put aside
            return rows


def _claim_some() -> tuple[Sequence[Outbox], int]:
    """What was leased of the next batch, and how many there were.

    Routine messages come last, in nobody's quiet hours, and to nobody too often.
    """
    with unit_of_work(SYSTEM) as work:
        due = _due(work, OutboxClass.NOW, OutboxClass.TIMELY)  # answers to an act overtake reminders
        if not due and not is_quiet(work.now):
            due = _due(work, OutboxClass.ROUTINE)
        spent = [row for row in due if row.attempts > len(BACK_OFF)]  # each try ended with its runner
        for row in spent:
            row.state, row.last_error = OutboxState.DEAD, "every runner that took this message died with it"
        rows = _within_the_cap(work, [row for row in due if row not in spent])
        for row in rows:
            row.state, row.lease_until, row.attempts = OutboxState.LEASED, work.now + LEASE, row.attempts + 1
        work.session.flush()
        work.session.expunge_all()
    return rows, len(due)


def _due(work: Work, *classes: OutboxClass) -> Sequence[Outbox]:
    free = or_(
        Outbox.state == OutboxState.PENDING,
        and_(Outbox.state == OutboxState.LEASED, Outbox.lease_until < work.now),
    )
    due = (
        select(Outbox)
        .where(
            Outbox.urgency.in_(classes),
            Outbox.state.in_([OutboxState.PENDING, OutboxState.LEASED]),
            Outbox.channel == OutboxChannel.EMAIL,
            Outbox.due_at <= work.now,
            free,
        )
        .order_by(Outbox.urgency, Outbox.due_at, Outbox.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    return work.session.scalars(due).all()


def _within_the_cap(work: Work, rows: Sequence[Outbox]) -> Sequence[Outbox]:
    """Those that may go; whoever has had their fill of routine mail gets the rest on another day, while it is of use.

    What a runner had in hand when it died counts as sent: perhaps it was.
    """
    routine = [row for row in rows if row.urgency is OutboxClass.ROUTINE and row.template not in AT_THEIR_PACE]
    if not routine:
        return rows
    days = _days_with_routine_mail(work, routine)
    may_go = []
    for row in rows:
        if row not in routine or _is_useless(row, work.now):  # it takes nobody's turn
            may_go.append(row)
            continue
        at = may_come_at(work.now, days[row.person_id])
        if at > work.now:
            row.state, row.lease_until = OutboxState.PENDING, None
            row.due_at = min(at, row.useless_after) if row.useless_after else at
        else:
            days[row.person_id].append(day_of(work.now))
            may_go.append(row)
    return may_go


def _days_with_routine_mail(work: Work, rows: Sequence[Outbox]) -> dict[int | None, list[date]]:
    """On which days each of their recipients got routine mail, as far as it counts, or is getting it now."""
    lately = and_(Outbox.state == OutboxState.SENT, Outbox.sent_at >= first_day_that_counts(work.now))
    others = (
        select(Outbox.person_id, Outbox.sent_at)
        .where(
            Outbox.urgency == OutboxClass.ROUTINE,
            Outbox.channel == OutboxChannel.EMAIL,
            Outbox.template.not_in(AT_THEIR_PACE),
            Outbox.person_id.in_({row.person_id for row in rows}),
            Outbox.id.not_in([row.id for row in rows]),
            or_(lately, Outbox.state == OutboxState.LEASED),
        )
        .order_by(Outbox.id)
    )
    days: dict[int | None, list[date]] = defaultdict(list)
    for person_id, sent_at in work.session.execute(others):
        days[person_id].append(day_of(sent_at or work.now))
    return days


def _is_useless(row: Outbox, now: datetime) -> bool:
    return row.useless_after is not None and row.useless_after <= now


def _deliver(rows: Sequence[Outbox]) -> list[Went]:
    """Send over one connection, and over a new one after a letter that broke it."""
    outcomes: list[Went] = []
    while len(outcomes) < len(rows):
        try:
            with mail.connection() as connection:
                for row in rows[len(outcomes) :]:
                    outcomes.append(_put_back(row) if ENDING.is_set() else _deliver_one(connection, row))
                    if connection.is_broken():
                        break
        except (OSError, smtplib.SMTPException) as error:
            log.warning("mail server out of reach", extra={"fields": {"error": str(error)}})
            outcomes += [_failed(row, str(error)) for row in rows[len(outcomes) :]]
    return outcomes


def _deliver_one(connection: mail.TimedConnection, row: Outbox) -> Went:
    try:
        present = Read(db.session(), ports().clock.now(), SYSTEM)  # a long run judges each letter by its own instant
        letter, instead = _prepared(present, row)
        db.session.remove()  # no transaction stays open while the mail server thinks
        if letter is None:
            return instead()
        if not _still_ours(row):
            return Went.TAKEN_OVER
        connection.send(letter)
    except Exception as error:
        db.session.remove()
        log.warning("message failed", exc_info=error, extra={"fields": {"outbox": row.id, "template": row.template}})
        return _failed(row, f"{type(error).__name__}: {error}")
    with unit_of_work(SYSTEM) as work:
        _settle(work, row, state=OutboxState.SENT, sent_at=work.now)
    return Went.SENT


def _prepared(present: Reading, row: Outbox) -> tuple[mail.Letter | None, Callable[[], Went]]:
    """The letter, or what to do instead of sending it, by how things stand at this instant."""
    if _is_useless(row, present.now):
        if row.template == OFFER_LETTER:  # an offer waits for its letter
            return None, partial(_to_tell, row)
        return None, partial(_dropped, row, Dropped.TOO_LATE)
    if row.urgency is OutboxClass.ROUTINE and is_quiet(present.now):
        return None, partial(_later, row)
    way = reach.way_of(present, row)
    if way.dropped:
        return None, partial(_dropped, row, way.dropped)
    if way.channel is OutboxChannel.TELL and mail.drawn(present, row):
        return None, partial(_to_tell, row)
    return mail.letter(present, row), partial(_dropped, row, Dropped.POINTLESS)


def _dropped(row: Outbox, why: Dropped) -> Went:
    with unit_of_work(SYSTEM) as work:
        _settle(work, row, state=OutboxState.DROPPED, last_error=why)
    return Went.DROPPED


def _to_tell(row: Outbox) -> Went:
    """Leave it to staff: no mail reaches this person. The time of an offer stands still until they were told."""
    with unit_of_work(SYSTEM) as work:
        until = row.useless_after
        if row.template == OFFER_LETTER:
            until = offers.stop_clock(work, offer_id=row.params["offer_id"])
            if until is None:
                _settle(work, row, state=OutboxState.DROPPED, last_error=Dropped.POINTLESS)
                return Went.DROPPED
        _settle(work, row, state=OutboxState.PENDING, channel=OutboxChannel.TELL, useless_after=until)
    return Went.TO_TELL


def _later(row: Outbox) -> Went:
    """Working hours ended while others were sent: this was no try."""
    with unit_of_work(SYSTEM) as work:
        at = next_working_moment(work.now)
        _settle(work, row, state=OutboxState.PENDING, due_at=at, attempts=row.attempts - 1)
    return Went.LATER


def _put_back(row: Outbox) -> Went:
    """The process is about to end: the next runner need not wait for the lease."""
    with unit_of_work(SYSTEM) as work:
        _settle(work, row, state=OutboxState.PENDING, attempts=row.attempts - 1)
    return Went.LATER


def _failed(row: Outbox, error: str) -> Went:
    if row.attempts > len(BACK_OFF) and row.template == OFFER_LETTER:
        return _to_tell(row)
    with unit_of_work(SYSTEM) as work:
        if row.attempts > len(BACK_OFF):
            _settle(work, row, state=OutboxState.DEAD, last_error=error[:500])
        else:
            at = work.now + BACK_OFF[row.attempts - 1]
            _settle(work, row, state=OutboxState.PENDING, last_error=error[:500], due_at=at)
    return Went.FAILED


def _still_ours(row: Outbox) -> bool:
    """Renew the lease just before sending; False where it ran out meanwhile and another runner has the message."""
    with unit_of_work(SYSTEM) as work:
        renewed = update(Outbox).where(_leased(row)).values(lease_until=work.now + LEASE).returning(Outbox.id)
        return work.session.scalar(renewed) is not None


def _leased(row: Outbox) -> ColumnElement[bool]:
    return and_(Outbox.id == row.id, Outbox.state == OutboxState.LEASED, Outbox.attempts == row.attempts)


def _settle(work: Work, row: Outbox, **values: Any) -> None:
    """Note how it went, unless the lease ran out and another runner has the message now."""
    values = {"lease_until": None, "last_error": None, **values}
    work.session.execute(update(Outbox).where(_leased(row)).values(values))
