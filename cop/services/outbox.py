"""Promising a message: it is kept together with the change that caused it, or not at all."""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import uuid4

from sqlalchemy import Select, Text, and_, bindparam, case, func, literal, not_, or_, select
from sqlalchemy.dialects.postgresql import Insert, insert

from cop.core.work import Work
from cop.core.working_hours import next_working_moment
from cop.models.accounts import Person
from cop.models.outbox import MAY_COME_AGAIN, TOPICS, Dropped, Outbox, OutboxChannel, OutboxClass, OutboxState
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
    way: reach.Way | None = None,
    **params: Any,
) -> None:
    """Queue one message with this transaction; a key already posted is left alone.

    ``to`` is a person, or the address of somebody who is not one yet. A person without e-mail cannot be mailed:
    the message becomes an item on the staff's list of people to tell, as for those whose mail comes back. What
    somebody turned off is noted and not sent. Routine messages are for people, and are due in working hours.
    ``way`` saves the look at how it reaches them where the caller had one. ``params`` hold record ids, never secrets.
    """
    person = to if isinstance(to, Person) else None
    if person is None and urgency is OutboxClass.ROUTINE:
        raise ValueError("routine messages are counted by person")
    if way is None:
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


def post_all(
    work: Work,
    *,
    found: Select[*tuple[Any, ...]],
    template: str,
    urgency: OutboxClass,
    values: Mapping[str, Any] | None = None,
    **params: Any,
) -> int:
    """Queue one message for everybody whom a SELECT finds, in one statement; how many it were.

    ``found`` has ``person_id``, ``key``, ``until``, after which it is useless (or NULL), and, where they differ from
    one to the next, ``params`` to add to those given; ``values`` are those of its own parameters. For each of them it
    does what :func:`post` does, but that a message which was dropped because its time had passed is queued anew.
    """
    due_at = next_working_moment(work.now) if urgency is OutboxClass.ROUTINE else work.now
    own = {"shared_params": params, "posted_now": work.now, "due_then": due_at}
    work.session.flush()
    result = work.session.connection().execute(
        _queued(found, template, urgency), {**(values or {}), **own}, execution_options={"preserve_rowcount": True}
    )
    return result.rowcount


@lru_cache(maxsize=32)
def _queued(found: Select[*tuple[Any, ...]], template: str, urgency: OutboxClass) -> Insert:
    """The statement of ``post_all``: kept, because putting it together takes longer than a short one runs."""
    to = found.subquery("found")
    topic = TOPICS.get(template)
    is_off = reach.turned_off(Person.id, topic) if topic else literal(value=False)
    no_mail = or_(Person.email.is_(None), reach.comes_back(Person.email))
    tells = reach.is_worth_a_call(template)
    is_dropped = is_off if tells else or_(is_off, no_mail)
    columns = Outbox.__table__.c
    shared = bindparam("shared_params", type_=columns.params.type)
    values = {
        "key": to.c.key,
        "person_id": Person.id,
        "channel": case(
            (and_(no_mail, not_(is_off), literal(tells)), literal(OutboxChannel.TELL, columns.channel.type)),
            else_=literal(OutboxChannel.EMAIL, columns.channel.type),
        ),
        "class": literal(urgency, columns["class"].type),
        "template": literal(template),
        "params": shared.op("||")(to.c.params) if "params" in to.c else shared,
        "posted_at": bindparam("posted_now", type_=columns.posted_at.type),
        "due_at": bindparam("due_then", type_=columns.due_at.type),
        "useless_after": to.c.until,
        "state": case(
            (is_dropped, literal(OutboxState.DROPPED, columns.state.type)),
            else_=literal(OutboxState.PENDING, columns.state.type),
        ),
        "last_error": case((is_off, Dropped.TURNED_OFF), (is_dropped, Dropped.UNREACHABLE)),
        "attempts": literal(0),
        "message_id": func.replace(func.gen_random_uuid().cast(Text), "-", ""),
    }
    everybody = select(*values.values()).join_from(to, Person, Person.id == to.c.person_id)
    everybody = everybody.where(Person.erased_at.is_(None))
    posted = insert(Outbox).from_select(list(values), everybody.order_by(Person.id))
    anew = {
        name: posted.excluded[name] for name in ("channel", "class", "due_at", "useless_after", "state", "last_error")
    }
    return posted.on_conflict_do_update(
        index_elements=["key"],
        set_={**anew, "attempts": 0},
        where=and_(Outbox.state == OutboxState.DROPPED, Outbox.last_error.in_(MAY_COME_AGAIN)),
    )


def retry(work: Work, *, outbox_id: int) -> bool:
    """Put a dead letter back in the queue; False where it is not dead."""
    row = work.session.get(Outbox, outbox_id, with_for_update=True)
    if row is None or row.state is not OutboxState.DEAD:
        return False
    row.state, row.attempts, row.due_at, row.lease_until = OutboxState.PENDING, 0, work.now, None
    return True
