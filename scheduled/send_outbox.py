"""Deliver due messages: claim in one short transaction, send outside any, mark in another.

Whoever is killed between sending and marking leaves one message to be sent again, under the same Message-ID.
"""

import logging
import smtplib
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import ColumnElement, and_, or_, select, update

from cop import mail
from cop.core.access import SYSTEM
from cop.core.work import Read
from cop.models.outbox import Outbox, OutboxChannel, OutboxState
from cop.web import db, ports, unit_of_work

LEASE = timedelta(minutes=5)
BATCH = 20
BACK_OFF = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=6))
"""How long a failed message waits before each further try; after the last it is a dead letter."""

log = logging.getLogger("scheduled.send_outbox")


def run() -> str:
    """Send until nothing is due; a message that fails harms no other."""
    sent = failed = dropped = 0
    while rows := _claim():
        outcomes = _deliver(rows)
        sent += outcomes.count(OutboxState.SENT)
        dropped += outcomes.count(OutboxState.DROPPED)
        failed += len(rows) - outcomes.count(OutboxState.SENT) - outcomes.count(OutboxState.DROPPED)
    return f"{sent} sent, {dropped} dropped, {failed} failed"


def _claim() -> Sequence[Outbox]:
    """Lease the next messages that are due: nobody else touches them until the lease is over."""
    with unit_of_work(SYSTEM) as work:
        free = or_(
            Outbox.state == OutboxState.PENDING,
            and_(Outbox.state == OutboxState.LEASED, Outbox.lease_until < work.now),
        )
        due = (
            select(Outbox)
            .where(
                Outbox.state.in_([OutboxState.PENDING, OutboxState.LEASED]),
                Outbox.channel == OutboxChannel.EMAIL,
                Outbox.due_at <= work.now,
                free,
            )
            .order_by(Outbox.urgency, Outbox.due_at, Outbox.id)  # answers to an act overtake reminders
            .limit(BATCH)
            .with_for_update(skip_locked=True)
        )
        rows = work.session.scalars(due).all()
        spent = [row for row in rows if row.attempts > len(BACK_OFF)]  # each try ended with its runner
        for row in spent:
            row.state, row.last_error = OutboxState.DEAD, "every runner that took this message died with it"
        rows = [row for row in rows if row not in spent]
        for row in rows:
            row.state, row.lease_until, row.attempts = OutboxState.LEASED, work.now + LEASE, row.attempts + 1
        work.session.flush()
        work.session.expunge_all()
    return rows or (_claim() if spent else [])  # others may be due behind those that were put aside


def _deliver(rows: Sequence[Outbox]) -> list[OutboxState]:
    """Send over one connection, and over a new one after a letter that broke it."""
    outcomes: list[OutboxState] = []
    while len(outcomes) < len(rows):
        try:
            with mail.connection() as connection:
                for row in rows[len(outcomes) :]:
                    outcomes.append(_deliver_one(connection, row))
                    if connection.is_broken():
                        break
        except (OSError, smtplib.SMTPException) as error:
            log.warning("mail server out of reach", extra={"fields": {"error": str(error)}})
            outcomes += [_settle(row, OutboxState.PENDING, str(error)) for row in rows[len(outcomes) :]]
    return outcomes


def _deliver_one(connection: mail.TimedConnection, row: Outbox) -> OutboxState:
    try:
        present = Read(db.session(), ports().clock.now(), SYSTEM)  # a long run judges each letter by its own instant
        letter = None if row.useless_after and row.useless_after <= present.now else mail.letter(present, row)
        db.session.remove()  # no transaction stays open while the mail server thinks
        if letter is None:
            return _settle(row, OutboxState.DROPPED, None)
        if not _still_ours(row):
            return OutboxState.LEASED
        connection.send(letter)
    except Exception as error:
        db.session.remove()
        log.warning("message failed", exc_info=error, extra={"fields": {"outbox": row.id, "template": row.template}})
        return _settle(row, OutboxState.PENDING, f"{type(error).__name__}: {error}")
    return _settle(row, OutboxState.SENT, None)


def _still_ours(row: Outbox) -> bool:
    """Renew the lease just before sending; False where it ran out meanwhile and another runner has the message."""
    with unit_of_work(SYSTEM) as work:
        renewed = update(Outbox).where(_leased(row)).values(lease_until=work.now + LEASE).returning(Outbox.id)
        return work.session.scalar(renewed) is not None


def _leased(row: Outbox) -> ColumnElement[bool]:
    return and_(Outbox.id == row.id, Outbox.state == OutboxState.LEASED, Outbox.attempts == row.attempts)


def _settle(row: Outbox, state: OutboxState, error: str | None) -> OutboxState:
    """Note how it went, unless the lease ran out and another runner has the message now."""
    with unit_of_work(SYSTEM) as work:
        values: dict[str, object] = {"state": state, "lease_until": None, "last_error": error[:500] if error else None}
        if state is OutboxState.SENT:
            values["sent_at"] = work.now
        elif state is OutboxState.PENDING and row.attempts > len(BACK_OFF):
            values["state"] = OutboxState.DEAD
        elif state is OutboxState.PENDING:
            values["due_at"] = work.now + BACK_OFF[row.attempts - 1]
        work.session.execute(update(Outbox).where(_leased(row)).values(values))
    return state
