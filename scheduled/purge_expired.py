"""Remove what has served its purpose: old requests to sign in, and the log of messages after a year."""

from datetime import timedelta

from sqlalchemy import delete

from cop.core.access import SYSTEM
from cop.models.accounts import SignIn
from cop.models.outbox import Outbox
from cop.web import unit_of_work

KEEP_SIGN_INS = timedelta(days=1)
KEEP_MESSAGES = timedelta(days=365)


def run() -> str:
    with unit_of_work(SYSTEM) as work:
        sign_ins = work.session.execute(delete(SignIn).where(SignIn.asked_at < work.now - KEEP_SIGN_INS))
        messages = work.session.execute(delete(Outbox).where(Outbox.posted_at < work.now - KEEP_MESSAGES))
    return f"{sign_ins.rowcount} requests to sign in and {messages.rowcount} messages removed"
