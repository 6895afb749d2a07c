"""Remind those whose application is still a draft two days before the call closes, and those asked to support one.

The key holds the close, so that whoever was reminded is reminded again when the call is open for longer.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Row

from cop.core.access import SYSTEM
from cop.core.work import Work
from cop.models.accounts import Person
from cop.models.cohorts import Application, Endorsement
from cop.models.events import Event
from cop.models.outbox import OutboxClass
from cop.queries.timetable import CLOSE_AHEAD, drafts_before_the_close, endorsements_before_the_close
from cop.services import outbox
from cop.web import run as carry_out

BATCH = 200


def run() -> str:
    return f"{_all(_drafts)} applicants reminded of their draft, {_all(_supporters)} people asked for their support"


def _all(post_batch: Callable[[Work], int]) -> int:
    """Batch by batch, each in a transaction of its own; how many were posted."""
    posted = 0
    while count := carry_out(post_batch, SYSTEM):
        posted += count
    return posted


def _drafts(work: Work) -> int:
    rows = _due_drafts(work)
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


def _due_drafts(work: Work) -> Sequence[Row[str, int, datetime | None, Person]]:
    found = drafts_before_the_close().add_columns(Person).join(Person, Person.id == Application.person_id)
    return work.session.execute(
        found.where(*_closes_soon(work)).order_by(Event.closes_at, Application.id).limit(BATCH)
    ).all()


def _supporters(work: Work) -> int:
    found = endorsements_before_the_close().where(*_closes_soon(work))
    rows = work.session.execute(found.order_by(Event.closes_at, Endorsement.id).limit(BATCH)).all()
    for key, endorsement_id, address, closes_at in rows:
        outbox.post(
            work,
            key=key,
            to=address,
            template="endorsement_reminder",
            urgency=OutboxClass.TIMELY,
            useless_after=closes_at,
            endorsement_id=endorsement_id,
            closes_at=str(closes_at),
        )
    return len(rows)


def _closes_soon(work: Work) -> tuple[ColumnElement[bool], ...]:
    return (Event.closes_at > work.now, Event.closes_at <= work.now + CLOSE_AHEAD)
