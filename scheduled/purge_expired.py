"""Remove what has served its purpose: old requests to sign in, and the log of messages after a year."""

from datetime import timedelta

from sqlalchemy import delete

from cop.core.access import SYSTEM
from cop.models.accounts import SignIn
from cop.models.outbox import Outbox, OutboxState
from cop.web import unit_of_work

KEEP_SIGN_INS = timedelta(days=1)
KEEP_MESSAGES = timedelta(days=365)

SETTLED = (OutboxState.SENT, OutboxState.DEAD, OutboxState.DROPPED)


def run() -> str:
    with unit_of_work(SYSTEM) as work:
        sign_ins = delete(SignIn).where(SignIn.asked_at < work.now - KEEP_SIGN_INS).returning(SignIn.id)
        old = Outbox.posted_at < work.now - KEEP_MESSAGES
        messages = delete(Outbox).where(old, Outbox.state.in_(SETTLED)).returning(Outbox.id)
        removed = [len(work.session.execute(each).all()) for each in (sign_ins, messages)]
    return f"{removed[0]} requests to sign in and {removed[1]} messages removed"
