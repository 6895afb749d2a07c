"""What staff do about messages: say them to people without e-mail, and try dead letters again."""

from cop.core.errors import NotFound, Refusal, marked
from cop.core.work import Work
from cop.models.outbox import Outbox, OutboxChannel, OutboxState
from cop.services import outbox


def mark_told(work: Work, *, outbox_id: int) -> None:
    """Note that somebody without e-mail was told; the message leaves the list."""
    message = _message(work, outbox_id)
    if message.channel is not OutboxChannel.TELL:
        raise NotFound
    if message.state is not OutboxState.PENDING:
        raise Refusal(marked("Somebody else has told this person already"))
    message.state, message.sent_at, message.attempts = OutboxState.SENT, work.now, message.attempts + 1


def retry(work: Work, *, outbox_id: int) -> None:
    """Put a dead letter back into the queue."""
    _message(work, outbox_id)
    if not outbox.retry(work, outbox_id=outbox_id):
        raise Refusal(marked("This message is no longer a dead letter. Look at the list again."))


def _message(work: Work, outbox_id: int) -> Outbox:
    message = work.session.get(Outbox, outbox_id, with_for_update=True) if work.actor.is_admin() else None
    if message is None:
        raise NotFound
    return message
