"""Where what somebody marked and what the reports say differ, and a person says which of them is right."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, case, func, select
from sqlalchemy.orm import aliased

from cop.core.errors import NotFound, Refusal
from cop.core.work import Reading, Work
from cop.formats.attendance_reports import Interval, Reported, minutes_together
from cop.models.accounts import Person
from cop.models.attendance_reports import AttendanceImport, ImportState, ReportedInterval, ReportedPerson
from cop.models.events import Attendance, Booking, Event, Mark, MarkSource, Part, Seat
from cop.services.events.attendance import status_by_minutes
from cop.services.imports.attendance.keeping import STALE, lock_part
from cop.services.imports.attendance.settling import mark_by_reports


@dataclass(frozen=True)
class Difference:
    """One seat at one part. ``mark_id`` is the mark that a person made."""

    part: Part
    seat_id: int
    name: str | None
    booker: str
    mark_id: int
    source: MarkSource
    by_hand: Attendance
    marked_at: datetime
    marked_by: str | None
    by_report: Attendance
    minutes: int | None


def differences(read: Reading, event: Event) -> Sequence[Difference]:
    """By part and name; the caller has checked that staff of the event ask.

    Who marked after the report was there knew what it says: that settled it.
    """
    rows = _marked_by_hand(read, event)
    reported, applied_at = _reported(read, event, [row.seat_id for row in rows])
    parts = {part.id: part for part in event.parts}
    found = []
    for row in rows:
        key = (row.part_id, row.seat_id)
        if key not in reported or (row.recorded_by is not None and row.marked_at >= applied_at[key]):
            continue
        minutes = minutes_together(reported[key])
        said = status_by_minutes(parts[row.part_id], minutes)
        if said is not row.status:
            found.append(
                Difference(
                    part=parts[row.part_id],
                    seat_id=row.seat_id,
                    name=row.name,
                    booker=row.booker,
                    mark_id=row.mark_id,
                    source=row.source,
                    by_hand=row.status,
                    marked_at=row.marked_at,
                    marked_by=row.marked_by,
                    by_report=said,
                    minutes=minutes,
                )
            )
    return found


def _marked_by_hand(read: Reading, event: Event) -> Sequence[Row[*tuple[Any, ...]]]:
    person, booker, marker = aliased(Person), aliased(Person), aliased(Person)
    counted = (
        select(ReportedPerson.id)
        .join(AttendanceImport, AttendanceImport.id == ReportedPerson.import_id)
        .where(
            AttendanceImport.state == ImportState.APPLIED,
            AttendanceImport.part_id == Mark.part_id,
            ReportedPerson.seat_id == Mark.seat_id,
        )
        .exists()
    )
    return read.session.execute(
        select(
            Mark.part_id,
            Mark.seat_id,
            case((Seat.person_id.is_not(None), person.name), else_=Seat.name).label("name"),
            booker.name.label("booker"),
            Mark.id.label("mark_id"),
            Mark.source,
            Mark.status,
            Mark.recorded_at.label("marked_at"),
            Mark.recorded_by,
            marker.name.label("marked_by"),
        )
        .join(Part, Part.id == Mark.part_id)
        .join(Seat, Seat.id == Mark.seat_id)
        .join(Booking, Booking.id == Seat.booking_id)
        .join(booker, booker.id == Booking.person_id)
        .outerjoin(person, person.id == Seat.person_id)
        .outerjoin(marker, marker.id == Mark.recorded_by)
        .where(Part.event_id == event.id, Mark.superseded_at.is_(None), Mark.source != MarkSource.IMPORT, counted)
        .order_by(Part.starts_at, Part.id, booker.name, Seat.position)
    ).all()


Key = tuple[int, int]


def _reported(
    read: Reading, event: Event, seat_ids: Sequence[int]
) -> tuple[dict[Key, list[Reported]], dict[Key, datetime]]:
    """What the reports that count say of these seats, by part and seat; and since when the first of them counts."""
    rows = read.session.execute(
        select(
            AttendanceImport.part_id,
            AttendanceImport.applied_at,
            ReportedPerson.seat_id,
            ReportedPerson.line,
            ReportedPerson.minutes,
            func.array_agg(ReportedInterval.joined_at).filter(ReportedInterval.id.is_not(None)).label("joined"),
            func.array_agg(ReportedInterval.left_at).filter(ReportedInterval.id.is_not(None)).label("left"),
        )
        .join(ReportedPerson, ReportedPerson.import_id == AttendanceImport.id)
        .outerjoin(ReportedInterval, ReportedInterval.reported_person_id == ReportedPerson.id)
        .where(
            AttendanceImport.event_id == event.id,
            AttendanceImport.state == ImportState.APPLIED,
            ReportedPerson.seat_id.in_(seat_ids),
            ReportedPerson.came,
            ReportedPerson.skipped == "",
        )
        .group_by(AttendanceImport.id, ReportedPerson.id)
        .order_by(ReportedPerson.id)
    )
    said: dict[Key, list[Reported]] = defaultdict(list)
    since: dict[Key, datetime] = {}
    for row in rows:
        key = (row.part_id, row.seat_id)
        times = tuple(Interval(*pair) for pair in zip(row.joined or (), row.left or (), strict=True))
        said[key].append(Reported(row.line, "", "", came=True, minutes=row.minutes, intervals=times))
        since[key] = min(row.applied_at, since.get(key, row.applied_at))
    return said, since


def reconcile(work: Work, *, event_id: int, part_id: int, seat_id: int, seen: int, by_report: bool) -> None:
    """Say which of the two is right. ``seen`` is the id of the mark that the page showed."""
    part, event = lock_part(work, event_id, part_id)
    seat = select(Seat).where(Seat.id == seat_id, Seat.event_id == event.id).with_for_update(key_share=True)
    if work.session.scalars(seat).one_or_none() is None:
        raise NotFound
    stands = work.session.scalars(
        select(Mark).where(Mark.part_id == part.id, Mark.seat_id == seat_id, Mark.superseded_at.is_(None))
    ).one_or_none()
    reported = mark_by_reports(work, part, seat_id)
    if stands is None or stands.id != seen or reported is None:
        raise Refusal(STALE)
    stands.superseded_at = work.now
    work.session.flush()
    kept = Mark(
        part_id=part.id,
        seat_id=seat_id,
        status=stands.status,
        source=MarkSource.ROSTER,
        recorded_at=work.now,
        recorded_by=work.actor.person_id,
    )
    work.session.add(reported if by_report else kept)
    work.session.flush()
