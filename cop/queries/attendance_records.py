"""Records of attendance: what the paper of somebody who completed a course says, and whether a code stands for one.

Nothing of it is kept but the code. What the paper says is read from the marks each time, so a record whose marks were
corrected until the course is no longer completed is not valid any more.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, select

from cop.core.errors import NotFound
from cop.core.work import Reading
from cop.models.accounts import Person
from cop.models.events import Attendance, Booking, BookingState, Event, EventKind, Mark, Part, PartState, Seat
from cop.models.programmes import Programme
from cop.models.rosters import AttendanceRecord
from cop.queries import alumni, events

CODE_LENGTH = 12
"""Of 31 letters and digits: nobody finds one by trying."""

_OTHER = re.compile(r"[^a-z0-9]+")


def code_in(typed: str) -> str:
    """The code that somebody typed, with or without the dashes of the paper."""
    return _OTHER.sub("", typed.lower())


def code_on_paper(code: str) -> str:
    """In groups of four."""
    return "-".join(code[at : at + 4] for at in range(0, len(code), 4))


@dataclass(frozen=True)
class HalfDay:
    title: str
    starts_at: datetime
    ends_at: datetime
    attended: bool


@dataclass(frozen=True)
class Attended:
    """What the paper says. ``code`` and ``issued_at`` are None until it was made for the first time."""

    event_id: int
    person_id: int
    slug: str
    title: str
    programme: str
    name: str
    half_days: Sequence[HalfDay]
    code: str | None
    issued_at: datetime | None

    @property
    def attended(self) -> int:
        return sum(half_day.attended for half_day in self.half_days)

    @property
    def code_on_paper(self) -> str:
        return code_on_paper(self.code or "")


def own_record(read: Reading, *, slug: str) -> Attended:
    """That of the acting person, who completed the course; NotFound for everybody else."""
    event_id = read.session.scalar(select(Event.id).where(Event.slug == slug, Event.kind == EventKind.COHORT))
    if event_id is None or read.actor.person_id is None:
        raise NotFound
    return _found(read, event_id, read.actor.person_id)


def record_of_member(read: Reading, *, slug: str, public_id: str) -> Attended:
    """That of somebody who completed the course, for its staff."""
    event = events.staffed_event(read, slug=slug)
    person_id = read.session.scalar(select(Person.id).where(Person.public_id == public_id))
    if person_id is None:
        raise NotFound
    return _found(read, event.id, person_id)


def record_by_code(read: Reading, *, typed: str) -> Attended | None:
    """What a code stands for, for whoever has the paper; None where it stands for nothing, or for nothing any more."""
    code = code_in(typed)
    if len(code) != CODE_LENGTH:
        return None
    row = read.session.get(AttendanceRecord, code)
    return _attended(read, row.event_id, row.person_id, row) if row is not None else None


def latest(read: Reading, *, event_id: int, person_id: int) -> AttendanceRecord | None:
    """The record that was made for somebody; of two, after two people turned out to be one, the later."""
    made = select(AttendanceRecord).where(
        AttendanceRecord.event_id == event_id, AttendanceRecord.person_id == person_id
    )
    return read.session.scalars(
        made.order_by(AttendanceRecord.issued_at.desc(), AttendanceRecord.code).limit(1)
    ).one_or_none()


def has_completed(read: Reading, *, event_id: int, person_id: int) -> bool:
    done = alumni.alumni().subquery("done")
    found = select(done.c.person_id).where(done.c.person_id == person_id, done.c.event_id == event_id)
    return read.session.scalar(found, {"now": read.now}) is not None


def _found(read: Reading, event_id: int, person_id: int) -> Attended:
    found = _attended(read, event_id, person_id, latest(read, event_id=event_id, person_id=person_id))
    if found is None:
        raise NotFound
    return found


def _attended(read: Reading, event_id: int, person_id: int, record: AttendanceRecord | None) -> Attended | None:
    """None where the person has not completed the course."""
    if not has_completed(read, event_id=event_id, person_id=person_id):
        return None
    about = read.session.execute(
        select(Event.slug, Event.title, Programme.name.label("programme"), Person.name)
        .join(Programme, Programme.id == Event.programme_id)
        .join(Person, Person.id == person_id)
        .where(Event.id == event_id)
    ).one()
    live = and_(Booking.event_id == event_id, Booking.person_id == person_id, Booking.state == BookingState.LIVE)
    own = select(Seat.id).join(Booking, Booking.id == Seat.booking_id).where(live, Seat.position == 0)
    current = and_(
        Mark.part_id == Part.id,
        Mark.superseded_at.is_(None),
        Mark.status == Attendance.ATTENDED,
        Mark.seat_id.in_(own),
    )
    rows = read.session.execute(
        select(Part.title, Part.starts_at, Part.ends_at, Mark.id.is_not(None).label("attended"))
        .outerjoin(Mark, current)
        .where(Part.event_id == event_id, Part.state == PartState.PLANNED)
        .order_by(Part.starts_at, Part.id)
    )
    return Attended(
        event_id=event_id,
        person_id=person_id,
        **about._asdict(),
        half_days=[HalfDay(**row._asdict()) for row in rows],
        code=record.code if record is not None else None,
        issued_at=record.issued_at if record is not None else None,
    )
