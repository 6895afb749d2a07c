"""Ask how promises stand: action plans a hundred days after the course, actions of a summit and pledges on their day,
and all of them once more of those who are silent.

The key holds what it is about and whether it is the first time, so nobody is asked a third time; what was put off to
another day is asked about anew.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func

from cop.core.access import SYSTEM
from cop.core.place import day_of, last_minute_of
from cop.models.accounts import Person
from cop.models.commitments import Commitment
from cop.models.outbox import Outbox, OutboxClass
from cop.queries.actions import due_actions
from cop.queries.plans import ASK_AGAIN_AFTER, ASKED_FOR, due_checks
from cop.queries.pledges import due_pledges
from cop.services import outbox
from cop.web import unit_of_work

BATCH = 200


@dataclass(frozen=True)
class Asking:
    """What is asked about: the name of it in the key and in the message, who is due, and what one question is of."""

    name: str
    due: Callable[[], Select[Commitment, Person]]
    of: tuple[Any, ...]

    def key(self, *, again: bool) -> ColumnElement[str]:
        """The message's key in the log, as SQL."""
        return func.concat(f"{self.name}-check:{'again' if again else 'first'}:", *self.of)


PLANS = Asking("plan", due_checks, (Commitment.id,))
ACTIONS = Asking("action", due_actions, (Commitment.id, ":", Commitment.check_on, ":", Person.id))
PLEDGES = Asking("pledge", due_pledges, (Commitment.id, ":", Commitment.check_on, ":", Person.id))
ALL = (PLANS, ACTIONS, PLEDGES)


def run() -> str:
    posted = {asking.name: 0 for asking in ALL}
    for asking in ALL:
        for again in (False, True):
            while count := _post_batch(asking, again=again):
                posted[asking.name] += count
    return (
        f"{posted['plan']} people asked about their plan, {posted['action']} about an action, "
        f"{posted['pledge']} about a pledge"
    )


def _post_batch(asking: Asking, *, again: bool) -> int:
    with unit_of_work(SYSTEM) as work:
        today = day_of(work.now)
        key = asking.key(again=again)
        found = asking.due().where(Commitment.check_on > today - ASKED_FOR, ~exists().where(Outbox.key == key))
        if again:
            first = Outbox.key == asking.key(again=False), Outbox.posted_at <= work.now - ASK_AGAIN_AFTER
            found = found.where(exists().where(*first))
        rows = work.session.execute(found.add_columns(key).limit(BATCH), {"today": today}).all()
        for promise, person, key_of_row in rows:
            outbox.post(
                work,
                key=key_of_row,
                to=person,
                template=f"{asking.name}_check",
                urgency=OutboxClass.ROUTINE,
                useless_after=last_minute_of(promise.check_on + ASKED_FOR) if promise.check_on else None,
                again=again,
                **{f"{asking.name}_id": promise.id},
            )
    return len(rows)
