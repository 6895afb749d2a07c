"""Numbers for the evaluation, by programme and event."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, select

from cop.core.access import Role
from cop.core.work import Reading
from cop.models.events import Attendance, Booking, BookingState, Event, EventState, Mark, Part, Seat
from cop.models.programmes import Programme

READERS = (Role.ADMIN, Role.EVALUATOR)


def programmes(read: Reading) -> Sequence[Programme]:
    """The programmes whose results the actor may read."""
    found = read.session.scalars(select(Programme).order_by(Programme.starts_on.desc(), Programme.id)).all()
    return [item for item in found if read.actor.may(*READERS, programme_id=item.id)]


def must_pseudonymise(read: Reading, *, slug: str) -> bool:
    """Whether the actor reads this programme as an evaluator, who never sees names."""
    programme_id = read.session.scalar(select(Programme.id).where(Programme.slug == slug))
    return not read.actor.may(Role.ADMIN, programme_id=programme_id)


@dataclass(frozen=True)
class EventAttendance:
    """Seats of one event, by what became of them."""

    slug: str
    title: str
    starts_at: datetime
    booked: int
    cancelled: int
    attended: int
    missed: int


def attendance(read: Reading, *, limit: int = 50) -> Sequence[EventAttendance]:
    """Seats booked, cancelled, attended and missed at each event of the programmes that the actor may read."""
    allowed = [item.id for item in programmes(read)]
    starts = select(func.min(Part.starts_at)).where(Part.event_id == Event.id).scalar_subquery()
    live = Booking.state == BookingState.LIVE
    current = and_(Mark.seat_id == Seat.id, Mark.superseded_at.is_(None))
    came = func.count(func.distinct(Seat.id)).filter(Mark.status.in_([Attendance.ATTENDED, Attendance.PARTIAL]))
    missed = func.count(func.distinct(Seat.id)).filter(Mark.status.in_([Attendance.ABSENT, Attendance.EXCUSED]))
    rows = read.session.execute(
        select(
            Event.slug,
            Event.title,
            starts.label("starts_at"),
            func.count(func.distinct(Seat.id)).filter(live).label("booked"),
            func.count(func.distinct(Seat.id)).filter(~live).label("cancelled"),
            came.label("attended"),
            missed.label("missed"),
        )
        .join(Booking, Booking.event_id == Event.id)
        .join(Seat, Seat.booking_id == Booking.id)
        .outerjoin(Mark, current)
        .where(Event.programme_id.in_(allowed), Event.state != EventState.DRAFT)
        .group_by(Event.id)
        .order_by(starts.desc())
        .limit(limit)
    ).all()
    return [EventAttendance(**row._asdict()) for row in rows]
