"""Counting who looks at the toolkit and who takes something from it, on the server: no cookie, no pixel, no script.

A press that is repeated within half a minute counts once. Programs, requests ahead of a press and staff are left out.
Of somebody who is signed in it is noted for which organisation and in which role; of others, nothing but the look.
"""

from datetime import timedelta

from flask import request
from sqlalchemy import and_, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert

from cop.core import secrecy
from cop.models.accounts import Affiliation
from cop.models.service import Observation
from cop.models.toolkit import RecentLook
from cop.queries.toolkit_use import is_staff
from cop.web.acting import current_actor
from cop.web.database import db, ports
from cop.web.readers import is_somebody

COUNTED_ONCE = timedelta(seconds=30)
"""For so long after a look that counted, the same visitor's next one does not."""


def visitor() -> bytes:
    """Sixteen bytes that stand for whoever asks, today and for nobody who has not the service's secret.

    Somebody who is signed in is the same on each of their machines; others are told apart by their address and by what
    their browser calls itself.
    """
    person_id = current_actor().person_id
    who = ("person", person_id) if person_id is not None else (request.remote_addr, request.user_agent.string)
    return bytes.fromhex(secrecy.digest("look", ports().clock.now().date(), *who))[:16]


def note_look(kind: str, subject_kind: str, subject_id: int, *, value: int) -> None:
    """Count this request as a look at the subject, or as taking it, if it is one; ``value`` is the version.

    For views that have found the record already, so that nothing counts that was not seen.
    """
    actor, now = current_actor(), ports().clock.now()
    if not is_somebody() or not request.user_agent.string or _goes_on() or is_staff(actor):
        return
    looked = upsert(RecentLook).values(visitor=visitor(), kind=kind, subject_id=subject_id, at=now)
    counts = looked.on_conflict_do_update(
        index_elements=["visitor", "kind", "subject_id"],
        set_={"at": now},
        where=RecentLook.at <= now - COUNTED_ONCE,
    ).returning(RecentLook.subject_id)
    of_today = and_(
        Affiliation.person_id == actor.person_id, Affiliation.to_on.is_(None), Affiliation.is_primary.is_(True)
    )
    with db.engine.begin() as connection:
        if connection.scalar(counts) is None:
            return
        connection.execute(
            insert(Observation).values(
                kind=kind,
                subject_kind=subject_kind,
                subject_id=subject_id,
                person_id=actor.person_id,
                value=value,
                at=now,
                organisation_id=select(Affiliation.organisation_id).where(of_today).scalar_subquery(),
                sector=select(Affiliation.sector).where(of_today).scalar_subquery(),
            )
        )


def _goes_on() -> bool:
    """Whether only a later piece of a file is asked for, whose beginning counted."""
    wanted = request.range
    return wanted is not None and bool(wanted.ranges) and wanted.ranges[0][0] != 0
