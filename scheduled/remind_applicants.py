"""Remind those whose application is still a draft two days before the call closes.

The key holds the close, so that whoever was reminded is reminded again when the call is open for longer.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Row

from cop.core.access import SYSTEM
from cop.core.work import Work
from cop.models.accounts import Person
from cop.models.cohorts import Application
from cop.models.events import Event
from cop.models.outbox import OutboxClass
from cop.queries.timetable import CLOSE_AHEAD, drafts_before_the_close
from cop.services import outbox
from cop.web import unit_of_work

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
    """Drafts of calls that close soon."""
    ready = (Event.closes_at > work.now, Event.closes_at <= work.now + CLOSE_AHEAD)
    found = drafts_before_the_close().add_columns(Person).join(Person, Person.id == Application.person_id)
    return work.session.execute(found.where(*ready).order_by(Event.closes_at, Application.id).limit(BATCH)).all()
