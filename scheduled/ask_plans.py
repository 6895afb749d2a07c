"""Ask those who wrote an action plan how it stands: a hundred days after the course, and once more if they are silent.

The key holds the plan and whether it is the first time, so nobody is asked a third time.
"""

from datetime import time

from sqlalchemy import exists, func, literal

from cop.core.access import SYSTEM
from cop.core.place import day_of, instant_on, last_minute_of
from cop.models.commitments import Commitment
from cop.models.outbox import Outbox, OutboxClass
from cop.queries.plans import ASK_AGAIN_AFTER, ASKED_FOR, CHECK_AFTER, due_checks
from cop.services import outbox
from cop.web import unit_of_work

BATCH = 200


def run() -> str:
    posted = 0
    for again in (False, True):
        while count := _post_batch(again=again):
            posted += count
    return f"{posted} people asked about their plan"


def _post_batch(*, again: bool) -> int:
    with unit_of_work(SYSTEM) as work:
        today = day_of(work.now)
        asked_on = today - ASK_AGAIN_AFTER if again else today
        key = f"plan-check:{'again' if again else 'first'}:"
        found = due_checks().where(
            Commitment.check_on > today - ASKED_FOR,
            ~exists().where(Outbox.key == func.concat(literal(key), Commitment.id)),
        )
        values = {"today": asked_on, "ended_by": instant_on(asked_on - CHECK_AFTER, time(23, 59))}
        rows = work.session.execute(found.limit(BATCH), values).all()
        for plan, person in rows:
            outbox.post(
                work,
                key=f"{key}{plan.id}",
                to=person,
                template="plan_check",
                urgency=OutboxClass.ROUTINE,
                useless_after=last_minute_of(plan.check_on + ASKED_FOR) if plan.check_on else None,
                plan_id=plan.id,
                again=again,
            )
    return len(rows)
