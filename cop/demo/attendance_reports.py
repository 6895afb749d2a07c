"""The report that Microsoft Teams wrote of the past webinar, and what staff made of it two days ago."""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from cop.core.access import Actor
from cop.demo.stage import Stage
from cop.models.accounts import Person
from cop.models.events import Attendance, Event, MarkSource, Part, Seat
from cop.services.events import attendance as marking
from cop.services.imports import attendance

MINUTE = timedelta(minutes=1)
FILENAME = "Neighbours before doctors - Attendance report.csv"


@dataclass(frozen=True)
class There:
    """Somebody in the meeting, by minutes from the start of the part: one pair for each time that they joined."""

    name: str
    email: str
    times: tuple[tuple[int, int], ...]
    role: str = "Presenter"


def load(stage: Stage, event: Event, part: Part, people: Iterable[tuple[Person, Attendance]]) -> None:
    """``people`` booked, with what is to come of it. One came in as a guest, whom only the name tells, and one was
    marked as absent by the host although the report names her.
    """
    booked = list(people)
    came = [person for person, status in booked if status is Attendance.ATTENDED]
    absent = [person for person, status in booked if status is Attendance.ABSENT]
    _mark_absent(stage, part, absent)
    rows = [There("Hollis Amadi", "hollis@secretariat.example", ((-12, 66),), "Organizer")]
    for number, (person, status) in enumerate(booked):
        if status is not Attendance.ABSENT:
            rows.append(_there(person, number, status, is_guest=person is came[0]))
    rows.append(_there(absent[0], 1, Attendance.ATTENDED))
    rows.append(There("Perpetua Lindqvist", "perpetua@streetclubs.example", ((2, 60),), "Attendee"))
    rows.append(There("+44 1632 9***18", "", ((5, 48),), "Attendee"))
    reader = Actor(stage.role("facilitator").id, via="system")
    attendance.import_at_once(
        replace(stage.ago(days=2), actor=reader),
        part=part,
        data=teams_report(event.title, part.starts_at, rows, stage.zone),
        filename=FILENAME,
        zone=stage.zone,
    )


def _mark_absent(stage: Stage, part: Part, people: Iterable[Person]) -> None:
    """As the host did while the webinar ran."""
    during = replace(stage.work, now=part.ends_at, actor=Actor(stage.role("host").id, via="system"))
    for person in people:
        seat = select(Seat.id).where(Seat.event_id == part.event_id, Seat.person_id == person.id, Seat.live)
        seat_id = stage.work.session.scalars(seat).one()
        marking.mark(during, part_id=part.id, seat_id=seat_id, status=Attendance.ABSENT, source=MarkSource.ROSTER)


def _there(person: Person, number: int, status: Attendance, *, is_guest: bool = False) -> There:
    """Every fifth lost the line for a while."""
    if status is Attendance.PARTIAL:
        return There(person.name, person.email or "", ((number % 9, 20 + number % 9),))
    until = 57 + number % 5
    times = ((0, 20), (24, until)) if number % 5 == 0 else ((number % 4 - 2, until),)
    if is_guest:
        return There(f"{person.name} (Unverified)", "", times, "Attendee")
    return There(person.name, person.email or "", times)


def teams_report(title: str, starts_at: datetime, rows: Iterable[There], zone: ZoneInfo) -> bytes:
    """As Teams writes it: UTF-16, tabs, times of the clock on the wall, American dates, and everything in sections."""
    text = io.StringIO()
    write = csv.writer(text, delimiter="\t").writerow
    people = list(rows)

    def at(minute: int) -> str:
        local = (starts_at + minute * MINUTE).astimezone(zone)
        return f"{local.month}/{local.day}/{local:%y}, {local.hour % 12 or 12}:{local:%M:%S %p}"

    first = min(begin for person in people for begin, _ in person.times)
    last = max(end for person in people for _, end in person.times)
    write(["1. Summary"])
    write(["Meeting title", title])
    write(["Attended participants", len(people)])
    write(["Start time", at(first)])
    write(["End time", at(last)])
    write([])
    write(["2. Participants"])
    write(["Name", "First Join", "Last Leave", "In-Meeting Duration", "Email", "Participant ID (UPN)", "Role"])
    for person in people:
        total = sum(end - begin for begin, end in person.times)
        begin, end = person.times[0][0], person.times[-1][1]
        write([person.name, at(begin), at(end), f"{total}m", person.email, person.email, person.role])
    write([])
    write(["3. In-Meeting Activities"])
    write(["Name", "Join Time", "Leave Time", "Duration", "Email", "Role"])
    for person in people:
        for begin, end in person.times:
            write([person.name, at(begin), at(end), f"{end - begin}m", person.email, person.role])
    return text.getvalue().encode("utf-16")
