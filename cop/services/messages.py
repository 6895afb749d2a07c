"""What staff do about messages: say them to whom no mail reaches, try dead letters again, and look before sending."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select, update

from cop.core.errors import NotFound, Refusal, marked
from cop.core.secrecy import random_word
from cop.core.work import Work
from cop.models.accounts import Person
from cop.models.outbox import OFFER_LETTER, Outbox, OutboxChannel, OutboxState
from cop.services import offers, outbox

TESTS_AN_HOUR = 10


def mark_told(work: Work, *, outbox_id: int) -> None:
    """Note that somebody without e-mail was told; the message leaves the list."""
    message = _message(work, outbox_id)
    if message.channel is not OutboxChannel.TELL:
        raise NotFound
    if message.state is not OutboxState.PENDING:
        raise Refusal(marked("Somebody else has told this person already"))
    message.state, message.sent_at, message.attempts = OutboxState.SENT, work.now, message.attempts + 1
    if message.template == OFFER_LETTER:
        offers.start_clock(work, offer_id=message.params["offer_id"])


def retry(work: Work, *, outbox_id: int) -> None:
    """Put a dead letter back into the queue."""
    _message(work, outbox_id)
    if not outbox.retry(work, outbox_id=outbox_id):
        raise Refusal(marked("This message is no longer a dead letter. Look at the list again."))


def retry_alike(work: Work, *, outbox_id: int) -> int:
    """Put all dead letters that failed for the same reason as this one back into the queue; how many they are."""
    message = _message(work, outbox_id)
    if message.state is not OutboxState.DEAD:
        raise Refusal(marked("This message is no longer a dead letter. Look at the list again."))
    dead = update(Outbox).where(Outbox.state == OutboxState.DEAD, Outbox.last_error == message.last_error)
    again = dead.values(state=OutboxState.PENDING, attempts=0, due_at=work.now, lease_until=None)
    return len(work.session.scalars(again.returning(Outbox.id)).all())


def send_test(work: Work, *, kind: str, for_person: int, about: Mapping[str, Any]) -> None:
    """Send the acting admin, and nobody else, what this person would get, without the keys in it."""
    if not work.actor.is_admin() or work.actor.person_id is None:
        raise NotFound
    own = work.session.get_one(Person, work.actor.person_id, with_for_update={"key_share": True})
    lately = select(func.count()).where(
        Outbox.person_id == own.id, Outbox.template == "test", Outbox.posted_at > work.now - timedelta(hours=1)
    )
    if (work.session.scalar(lately) or 0) >= TESTS_AN_HOUR:
        raise Refusal(
            marked("You have sent yourself %(number)s tests within an hour. Wait a while."), number=TESTS_AN_HOUR
        )
    outbox.post(
        work,
        key=f"test:{own.id}:{random_word()}",
        to=own,
        template="test",
        kind=kind,
        for_person=for_person,
        about=dict(about),
    )


def _message(work: Work, outbox_id: int) -> Outbox:
    """The message, locked."""
    if not work.actor.is_admin():
        raise NotFound
    offers.lock_before_letter(work, outbox_id=outbox_id)
    message = work.session.get(Outbox, outbox_id, with_for_update=True)
    if message is None:
        raise NotFound
    return message
