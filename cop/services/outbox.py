"""Promising a message: it is kept together with the change that caused it, or not at all."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy.dialects.postgresql import insert

from cop.core.work import Work
from cop.core.working_hours import next_working_moment
from cop.models.accounts import Person
from cop.models.outbox import Outbox, OutboxClass, OutboxState
from cop.queries import reach


def post(
    work: Work,
    *,
    key: str,
    to: Person | str,
    template: str,
    urgency: OutboxClass = OutboxClass.NOW,
    due_at: datetime | None = None,
    useless_after: datetime | None = None,
    **params: Any,
) -> None:
    """Queue one message with this transaction; a key already posted is left alone.

    ``to`` is a person, or the address of somebody who is not one yet. A person without e-mail cannot be mailed:
    the message becomes an item on the staff's list of people to tell, as for those whose mail comes back. What
    somebody turned off is noted and not sent. Routine messages are for people, and are due in working hours.
    ``params`` hold record ids, never secrets.
    """
    person = to if isinstance(to, Person) else None
    if person is None and urgency is OutboxClass.ROUTINE:
        raise ValueError("routine messages are counted by person")
    way = reach.way(work, person, template) if person is not None else reach.Way()
    due_at = due_at or work.now
    work.session.execute(
        insert(Outbox)
        .values(
            key=key,
            person_id=person.id if person is not None else None,
            address=None if isinstance(to, Person) else to,
            channel=way.channel,
            urgency=urgency,
            template=template,
            params=params,
            posted_at=work.now,
            due_at=next_working_moment(due_at) if urgency is OutboxClass.ROUTINE else due_at,
            useless_after=useless_after,
            state=OutboxState.DROPPED if way.dropped else OutboxState.PENDING,
            last_error=way.dropped,
            attempts=0,
            message_id=uuid4().hex,
        )
        .on_conflict_do_nothing(index_elements=["key"])
    )


def retry(work: Work, *, outbox_id: int) -> bool:
    """Put a dead letter back in the queue; False where it is not dead."""
    row = work.session.get(Outbox, outbox_id, with_for_update=True)
    if row is None or row.state is not OutboxState.DEAD:
        return False
    row.state, row.attempts, row.due_at, row.lease_until = OutboxState.PENDING, 0, work.now, None
    return True
