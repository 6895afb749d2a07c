"""Mail that came back: what a hard bounce stops, and how that ends."""

from collections.abc import Collection
from enum import Enum, auto

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from cop.core.errors import NotFound, Refusal, marked
from cop.core.work import Work
from cop.formats.delivery_reports import Failure
from cop.models.accounts import Person
from cop.models.outbox import OFFER_LETTER, Bounce, Outbox, OutboxChannel, OutboxState
from cop.queries import reach
from cop.services import offers

NOT_THE_ADDRESS = ("5.2.2", "5.2.3", "5.3.", "5.6.", "5.7.")
"""Failures for good that say nothing about the address: a full mailbox, a letter that was too long or not liked, and
servers that would take nothing from us at that moment."""

DIAGNOSTIC_MOST = 500


class Noted(Enum):
    """What came of a report: nothing where it is not about a message of ours, or was read before."""

    NOTHING = auto()
    SOFT = auto()
    HARD = auto()


def note(work: Work, *, report_id: str, failure: Failure, message_ids: Collection[str]) -> Noted:
    """Note what a mail server reported about one recipient of a message that we sent to that very address."""
    if not work.actor.is_admin():
        raise NotFound
    message = _sent(work, message_ids)
    address = _address_of(work, message) if message is not None else None
    if message is None or address is None or address not in failure.recipients:
        return Noted.NOTHING
    hard = is_hard(failure)
    made = work.session.scalar(
        insert(Bounce)
        .values(
            address=address,
            hard=hard,
            status=failure.status,
            diagnostic=failure.diagnostic[:DIAGNOSTIC_MOST],
            outbox_id=message.id,
            report_id=report_id,
            at=work.now,
        )
        .on_conflict_do_nothing(index_elements=["report_id"])
        .returning(Bounce.id)
    )
    if made is None:
        return Noted.NOTHING
    if hard:
        _tell_instead(work, message, failure)
    return Noted.HARD if hard else Noted.SOFT


def is_hard(failure: Failure) -> bool:
    """Whether the address itself is at fault, and for good."""
    is_final = failure.action == "failed" and failure.status.startswith("5.")
    return is_final and not failure.status.startswith(NOT_THE_ADDRESS)


def lift(work: Work, *, bounce_id: int) -> str:
    """Let staff send to an address again; which one."""
    bounce = work.session.get(Bounce, bounce_id) if work.actor.is_admin() else None
    if bounce is None or not bounce.hard:
        raise NotFound
    if not lift_all(work, address=bounce.address, by=work.actor.person_id):
        raise Refusal(marked("Mail goes to this address again already."))
    return bounce.address


def lift_all(work: Work, *, address: str, by: int | None) -> bool:
    """Send to an address again, because somebody says or has shown that mail arrives there; whether it was stopped."""
    standing = update(Bounce).where(Bounce.address == address, Bounce.hard, Bounce.lifted_at.is_(None))
    lifted = standing.values(lifted_at=work.now, lifted_by=by).returning(Bounce.id)
    return bool(work.session.scalars(lifted).all())


def _sent(work: Work, message_ids: Collection[str]) -> Outbox | None:
    """The message of ours that a report names. Its random Message-ID is known to whoever got it and to nobody else."""
    names = [message_id.strip().strip("<>").partition("@")[0] for message_id in message_ids]
    is_sent = Outbox.message_id.in_(names), Outbox.channel == OutboxChannel.EMAIL
    outbox_id = work.session.scalar(select(Outbox.id).where(*is_sent).order_by(Outbox.id).limit(1))
    if outbox_id is None:
        return None
    offers.lock_before_letter(work, outbox_id=outbox_id)
    found = select(Outbox).where(Outbox.id == outbox_id, *is_sent).with_for_update()
    return work.session.scalars(found.execution_options(populate_existing=True)).one_or_none()


def _address_of(work: Work, message: Outbox) -> str | None:
    if message.person_id is None:
        return message.address
    return work.session.get_one(Person, message.person_id).email


def _tell_instead(work: Work, message: Outbox, failure: Failure) -> None:
    """Put what never arrived on the list of what staff have to say, where it can still be of use."""
    is_over = message.useless_after is not None and message.useless_after <= work.now
    if message.person_id is None or message.state is not OutboxState.SENT or is_over:
        return
    if message.template == OFFER_LETTER:
        message.useless_after = offers.stop_clock(work, offer_id=message.params["offer_id"])
        if message.useless_after is None:
            return
    if reach.is_worth_a_call(message.template):
        message.channel, message.state, message.due_at = OutboxChannel.TELL, OutboxState.PENDING, work.now
        message.last_error = f"came back: {failure.status} {failure.diagnostic}"[:DIAGNOSTIC_MOST]
