"""What a change would tell whom: found out by doing it, before it is undone, or before it is kept.

Nothing is said twice in code: whoever is listed here is whoever the change itself writes to.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import func, select

from cop.core.errors import Refusal, marked
from cop.core.work import Work
from cop.models.accounts import Person
from cop.models.outbox import Outbox, OutboxChannel, OutboxState

T = TypeVar("T")


@dataclass(frozen=True)
class Told:
    """One message to one person. ``by_hand`` where no mail reaches them and staff tell them; ``not_at_all`` where they
    turned such messages off.
    """

    outbox_id: int
    template: str
    name: str
    by_hand: bool
    not_at_all: bool


def doing(work: Work, command: Callable[[Work], T]) -> tuple[T, Sequence[Told]]:
    """Carry the command out; what it returned, and the messages that it posted, by kind and name."""
    last = work.session.scalar(select(func.max(Outbox.id))) or 0
    result = command(work)
    work.session.flush()
    posted = (
        select(Outbox, Person.name)
        .outerjoin(Person, Person.id == Outbox.person_id)
        .where(Outbox.id > last, Outbox.posted_at == work.now)
        .order_by(Outbox.template, func.lower(func.coalesce(Person.name, Outbox.address)), Outbox.id)
    )
    told = [
        Told(
            row.id,
            row.template,
            name or row.address or "",
            row.channel is OutboxChannel.TELL,
            row.state is OutboxState.DROPPED,
        )
        for row, name in work.session.execute(posted)
    ]
    return result, told


def digest(told: Sequence[Told]) -> str:
    """A word that stands for who is told what."""
    lines = "\x1f".join(f"{one.template}\x1e{one.name}\x1e{one.by_hand}\x1e{one.not_at_all}" for one in told)
    return hashlib.sha256(lines.encode()).hexdigest()[:20]


def as_rehearsed(command: Callable[[Work], T], *, seen: str) -> Callable[[Work], T]:
    """The command, refused where it would not tell exactly those whom the page showed."""

    def carry_out(work: Work) -> T:
        result, told = doing(work, command)
        if digest(told) != seen:
            raise Refusal(
                marked("Somebody booked or cancelled meanwhile. Look once more at who is told."), field="told"
            )
        return result

    return carry_out
