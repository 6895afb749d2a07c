"""Who sees what is for the alumni of a programme: one condition under its pages, its booking and its waiting list.

Calendars, lists and searches that anybody can read ask for ``FOR_ANYBODY`` instead, and so never name such an event.
"""

from functools import cache

from sqlalchemy import BigInteger, Select, bindparam, or_, select

from cop.core.access import EVENT_STAFF
from cop.core.work import Reading
from cop.models.events import FOR_ANYBODY, Booking, Event, Visibility
from cop.models.programmes import Programme
from cop.queries.alumni import alumni
from cop.queries.forum.entering import facilitates

_PERSON = bindparam("person_id", type_=BigInteger())


def circles(read: Reading) -> frozenset[int]:
    """The programmes of which the actor completed a course, and those that they facilitate, as a
    whole or in one course.
    """
    if read.actor.person_id is None:
        return frozenset()
    values = {"person_id": read.actor.person_id, "now": read.now}
    return frozenset(read.session.scalars(_circles(), values))


@cache
def _circles() -> Select[int]:
    done = alumni().where(Booking.person_id == _PERSON).subquery("done")
    return select(Programme.id).where(
        or_(Programme.id.in_(select(done.c.programme_id)), facilitates(_PERSON, Programme.id))
    )


def may_come(read: Reading, event: Event) -> bool:
    """Whether the actor may ask for a place there of their own accord, as far as it depends on who they are."""
    if event.visibility is not Visibility.ALUMNI:
        return event.visibility in FOR_ANYBODY
    runs_it = read.actor.may(*EVENT_STAFF, programme_id=event.programme_id, event_id=event.id)
    return runs_it or event.programme_id in circles(read)
