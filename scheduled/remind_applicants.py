"""Remind those whose application is still a draft two days before the call closes.

The key holds the close, so that whoever was reminded is reminded again when the call is open for longer.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import BigInteger, Row, exists, func, select

from cop.core.access import SYSTEM
from cop.core.work import Work
from cop.models.accounts import Person
from cop.models.cohorts import Application, ApplicationState
from cop.models.events import Event, EventState
from cop.models.outbox import Outbox, OutboxClass
from cop.services import outbox
from cop.web import unit_of_work

AHEAD = timedelta(days=2)
BATCH = 200


def run() -> str:
    posted = 0
    while count := _post_batch():
        posted += count
    return f"{posted} applicants reminded of their draft"


def _post_batch() -> int:
    with unit_of_work(SYSTEM) as work:
        rows = _due(work)
        for key, application_id, closes_at, person in rows:
            outbox.post(
                work,
                key=key,
                to=person,
                template="application_closing_soon",
                urgency=OutboxClass.TIMELY,
                useless_after=closes_at,
                application_id=application_id,
                closes_at=str(closes_at),
            )
    return len(rows)


def _due(work: Work) -> Sequence[Row[str, int, datetime | None, Person]]:
    """Drafts of calls that close within two days; whoever began in these two days has just had a mail."""
    key = func.concat(
        "application-closing:", Application.id, ":", func.extract("epoch", Event.closes_at).cast(BigInteger)
    )
    return work.session.execute(
        select(key.label("key"), Application.id, Event.closes_at, Person)
        .join(Event, Event.id == Application.cohort_id)
        .join(Person, Person.id == Application.person_id)
        .where(
            Application.state == ApplicationState.DRAFT,
            Event.state == EventState.PUBLISHED,
            Event.closes_at > work.now,
            Event.closes_at <= work.now + AHEAD,
            Application.started_at <= Event.closes_at - AHEAD,
            ~exists().where(Outbox.key == key),
        )
        .order_by(Event.closes_at, Application.id)
        .limit(BATCH)
    ).all()
