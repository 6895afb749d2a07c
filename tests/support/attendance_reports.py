"""Reports of who came, as Zoom writes them about a meeting, and what comes of reading them."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from cop.core.access import SYSTEM, Actor
from cop.models.attendance_reports import AttendanceImport, ReportedPerson
from cop.models.events import Event, Mark, Part, Seat
from cop.services.imports import attendance
from tests.support.make import Make, Reads, Working

LONDON = ZoneInfo("Europe/London")
HEAD = "Name (original name),Email,Join time,Leave time,Duration (minutes),Guest"

Row = tuple[str, str, str, str]
"""Name, e-mail address, and from when until when, like 10:00."""


def zoom(day: date, *rows: Row) -> bytes:
    lines = [HEAD]
    for name, email, joined, left in rows:
        times = [
            f"{day:%m/%d/%Y} {int(at[:2]) % 12 or 12:02}:{at[3:]}:00 {'AP'[at >= '12:00']}M" for at in (joined, left)
        ]
        lines.append(f"{name},{email},{times[0]},{times[1]},,Yes")
    return "\n".join(lines).encode()


class Reports:
    def __init__(self, make: Make, work: Working, reading: Reads) -> None:
        self.make, self.work, self.reading = make, work, reading

    def file(self, event: Event, *rows: Row) -> bytes:
        return zoom(event.parts[0].starts_at.date(), *rows)

    def keep(self, event: Event, *rows: Row, actor: Actor = SYSTEM, name: str = "report.csv") -> AttendanceImport:
        """A draft about the first part."""
        with self.work(actor) as work:
            return attendance.keep_report(
                work,
                event_id=event.id,
                part_id=event.parts[0].id,
                data=self.file(event, *rows),
                filename=name,
                zone=LONDON,
            )

    def read(self, event: Event, *rows: Row, actor: Actor = SYSTEM) -> AttendanceImport:
        """One that is applied."""
        kept = self.keep(event, *rows, actor=actor)
        with self.work(actor) as work:
            attendance.apply(work, event_id=event.id, public_id=kept.public_id)
        return self.again(kept)

    def again(self, kept: AttendanceImport) -> AttendanceImport:
        with self.reading() as read:
            return read.session.get_one(AttendanceImport, kept.id)

    def plan(self, kept: AttendanceImport) -> attendance.Plan:
        with self.reading() as read:
            return attendance.plan_kept(read, self.again(kept), read.session.get_one(Part, kept.part_id))

    def said(self, kept: AttendanceImport) -> list[str]:
        """``2 email mark``, with the reason where there is one."""
        return said(self.plan(kept))

    def people(self, kept: AttendanceImport) -> Sequence[ReportedPerson]:
        with self.reading() as read:
            found = select(ReportedPerson).where(ReportedPerson.import_id == kept.id)
            return read.session.scalars(found.order_by(ReportedPerson.line)).all()

    def decide(
        self, event: Event, kept: AttendanceImport, position: int, actor: Actor = SYSTEM, **what: object
    ) -> None:
        person = self.people(kept)[position]
        seen = attendance.row_revision(person)
        with self.work(actor) as work:
            values: dict[str, Any] = {"seen": seen, **what}
            attendance.decide(work, event_id=event.id, public_id=kept.public_id, key=person.id, **values)

    def take_back(self, event: Event, kept: AttendanceImport) -> None:
        seen = self.again(kept).revision
        with self.work() as work:
            attendance.take_back(work, event_id=event.id, public_id=kept.public_id, seen=seen)

    def marks(self, event: Event) -> list[str]:
        """Current marks of the first part, like ``attended 60 import``, by seat."""
        with self.reading() as read:
            rows = read.session.scalars(
                select(Mark)
                .where(Mark.part_id == event.parts[0].id, Mark.superseded_at.is_(None))
                .order_by(Mark.seat_id)
            ).all()
        return [f"{mark.status} {mark.minutes} {mark.source}" for mark in rows]

    def seats(self, event: Event) -> list[int]:
        with self.reading() as read:
            return list(
                read.session.scalars(select(Seat.id).where(Seat.event_id == event.id, Seat.live).order_by(Seat.id))
            )


def said(plan: attendance.Plan) -> list[str]:
    return [
        f"{line.reported.line} {line.match} {line.action}" + (f": {line.reason}" if line.reason else "")
        for line in plan.lines
    ]
