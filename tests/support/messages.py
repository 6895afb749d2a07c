"""Messages of each class, and mail that comes back."""

from datetime import datetime
from itertools import count

from flask import Flask

from cop.core.work import Work
from cop.formats.delivery_reports import Failure
from cop.models.accounts import Person
from cop.models.events import Booking
from cop.models.outbox import Outbox, OutboxClass
from cop.services import bounces, outbox
from cop.services.bounces import Noted
from tests.support.make import working

_numbers = count(1)


def promise(
    work: Work,
    to: Person,
    booking: Booking,
    *,
    urgency: OutboxClass = OutboxClass.ROUTINE,
    due_at: datetime | None = None,
    useless_after: datetime | None = None,
) -> None:
    """Promise a letter about the booking, whoever holds it."""
    outbox.post(
        work,
        key=f"test:{next(_numbers)}",
        to=to,
        template="booking_confirmed",
        urgency=urgency,
        due_at=due_at,
        useless_after=useless_after,
        booking_id=booking.id,
    )


def failure(address: str, *, status: str = "5.1.1", action: str = "failed") -> Failure:
    return Failure(frozenset({address}), action, status, "smtp; no such user")


def comes_back(app: Flask, message: Outbox, address: str, **how: str) -> Noted:
    """Let a mail server report that a message could not be delivered."""
    with working(app) as work:
        return bounces.note(
            work,
            report_id=f"<{next(_numbers)}@mx.example> 1",
            failure=failure(address, **how),
            message_ids=[f"<{message.message_id}@localhost>"],
        )
