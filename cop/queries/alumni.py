"""Who completed a course: a live booking whose marks satisfy the rule of the cohort. A query, never a flag."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, and_, bindparam, func, select

from cop.core.work import Reading
from cop.models.base import UtcDateTime
from cop.models.cohorts import Cohort
from cop.models.events import Attendance, Booking, BookingState, Event, Mark, Part, PartState, Seat


@dataclass(frozen=True)
class Completed:
    """One course that somebody completed; ``event_id`` is the cohort's."""

    event_id: int
    programme_id: int
    slug: str
    title: str
    ended_at: datetime


def usually_needed(half_days: Any) -> Any:
    """How many of so many half-days complete a course that does not say: all but one of each four; a number, or SQL."""
    return half_days - half_days // 4


@cache
def alumni() -> Select[int, int, int]:
    """Rows of (person_id, event_id, programme_id), one for each course that somebody completed by ``:now``.

    A course is completed once all its half-days are over and enough of them are marked as attended; partial
    attendance does not count. To be used as a subquery with ``now`` among the values.
    """
    planned = and_(Part.event_id == Event.id, Part.state == PartState.PLANNED)
    half_days = select(func.count(Part.id)).where(planned).scalar_subquery()
    last = select(func.max(Part.ends_at)).where(planned).scalar_subquery()
    attended = (
        select(func.count())
        .select_from(Mark)
        .join(Part, Part.id == Mark.part_id)
        .where(Mark.seat_id == Seat.id, Mark.superseded_at.is_(None), Mark.status == Attendance.ATTENDED, planned)
        .scalar_subquery()
    )
    return (
        select(Booking.person_id, Booking.event_id, Event.programme_id)
        .join(Cohort, Cohort.event_id == Booking.event_id)
        .join(Event, Event.id == Booking.event_id)
        .join(Seat, and_(Seat.booking_id == Booking.id, Seat.position == 0))
        .where(
            Booking.state == BookingState.LIVE,
            last <= bindparam("now", type_=UtcDateTime()),
            attended >= func.coalesce(Cohort.half_days_needed, usually_needed(half_days)),
        )
    )


def courses_completed(read: Reading, *, person_id: int) -> Sequence[Completed]:
    """The courses that somebody completed, latest first."""
    return courses_of(read, person_ids=[person_id]).get(person_id, ())


def courses_of(
    read: Reading, *, person_ids: Collection[int], but: int | None = None
) -> Mapping[int, Sequence[Completed]]:
    """The courses that each of these people completed, latest first, without the event ``but``."""
    done = alumni().subquery("done")
    last = select(func.max(Part.ends_at)).where(Part.event_id == Event.id).scalar_subquery().label("ended_at")
    wanted = (
        select(done.c.person_id, Event.id.label("event_id"), Event.programme_id, Event.slug, Event.title, last)
        .join(done, done.c.event_id == Event.id)
        .where(done.c.person_id.in_(list(person_ids)))
        .order_by(last.desc(), Event.id)
    )
    if but is not None:
        wanted = wanted.where(Event.id != but)
    found: dict[int, list[Completed]] = defaultdict(list)
    for row in read.session.execute(wanted, {"now": read.now}):
        values = row._asdict()
        found[values.pop("person_id")].append(Completed(**values))
    return found


def is_alumnus(read: Reading, *, programme_id: int, person_id: int) -> bool:
    """Whether somebody completed any course of the programme."""
    done = alumni().subquery("done")
    found = select(done.c.person_id).where(done.c.person_id == person_id, done.c.programme_id == programme_id).limit(1)
    return read.session.scalar(found, {"now": read.now}) is not None
