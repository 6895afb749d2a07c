"""Reports of who came, as staff of an event see them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from cop.core.errors import NotFound
from cop.core.work import Reading
from cop.models.accounts import Person
from cop.models.attendance_reports import AttendanceImport, ImportState, ReportedPerson, ReportKind
from cop.models.events import Event, Part
from cop.queries.events import EPOCH


@dataclass(frozen=True)
class Imported:
    """One report in the list. ``people`` are those in it; ``found`` are those of them who count."""

    public_id: str
    filename: str
    kind: ReportKind
    state: ImportState
    part: str
    starts_at: datetime
    made_at: datetime
    made_by: str | None
    applied_at: datetime | None
    people: int
    found: int


def reports_of(read: Reading, event: Event, *, offset: int, limit: int) -> Sequence[Imported]:
    """The reports of an event, the latest first, ``limit`` + 1 of them; the caller has checked that its staff ask."""
    people = select(func.count(ReportedPerson.id)).where(ReportedPerson.import_id == AttendanceImport.id)
    rows = read.session.execute(
        select(
            AttendanceImport.public_id,
            AttendanceImport.filename,
            AttendanceImport.kind,
            AttendanceImport.state,
            Part.title.label("part"),
            Part.starts_at,
            AttendanceImport.made_at,
            Person.name.label("made_by"),
            AttendanceImport.applied_at,
            people.scalar_subquery().label("people"),
            people.where(ReportedPerson.seat_id.is_not(None)).scalar_subquery().label("found"),
        )
        .join(Part, Part.id == AttendanceImport.part_id)
        .outerjoin(Person, Person.id == AttendanceImport.made_by)
        .where(AttendanceImport.event_id == event.id)
        .order_by(AttendanceImport.id.desc())
        .offset(offset)
        .limit(limit + 1)
    )
    return [Imported(**row._asdict()) for row in rows]


def report(read: Reading, event: Event, *, public_id: str) -> AttendanceImport:
    """One report of the event; the caller has checked that its staff ask."""
    found = read.session.scalars(
        select(AttendanceImport).where(AttendanceImport.public_id == public_id, AttendanceImport.event_id == event.id)
    ).one_or_none()
    if found is None:
        raise NotFound
    return found


def row_revision(person: ReportedPerson) -> int:
    """Differs after every decision about somebody in a report; 0 where nobody decided."""
    return instant_revision(person.decided_at)


def instant_revision(at: datetime | None) -> int:
    return int((at - EPOCH).total_seconds() * 1_000_000) if at else 0
