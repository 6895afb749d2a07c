"""Remove what has served its purpose: old requests, what people needed on a day long past, messages after a year."""

from datetime import timedelta

from sqlalchemy import delete

from cop.core.access import SYSTEM
from cop.models.accounts import SignIn
from cop.models.events import Arrangement
from cop.models.outbox import Outbox, OutboxState
from cop.models.webinars import Registration
from cop.web import unit_of_work

KEEP_SIGN_INS = timedelta(days=1)
KEEP_REGISTRATIONS = timedelta(days=1)
KEEP_MESSAGES = timedelta(days=365)

SETTLED = (OutboxState.SENT, OutboxState.DEAD, OutboxState.DROPPED)


def run() -> str:
    with unit_of_work(SYSTEM) as work:
        sign_ins = delete(SignIn).where(SignIn.asked_at < work.now - KEEP_SIGN_INS).returning(SignIn.id)
        old = Outbox.posted_at < work.now - KEEP_MESSAGES
        messages = delete(Outbox).where(old, Outbox.state.in_(SETTLED)).returning(Outbox.id)
        arrangements = delete(Arrangement).where(Arrangement.forget_at <= work.now).returning(Arrangement.booking_id)
        registrations = delete(Registration).where(Registration.expires_at < work.now - KEEP_REGISTRATIONS)
        each = (sign_ins, messages, arrangements, registrations.returning(Registration.id))
        removed = [len(work.session.execute(statement).all()) for statement in each]
    return (
        f"{removed[0]} requests to sign in, {removed[1]} messages, {removed[2]} arrangements and {removed[3]} "
        "registrations removed"
    )
