"""Who has a place on a course, which half-days they came to, and what they need."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import and_, func, select

from cop.core.errors import NotFound
from cop.core.work import Reading
from cop.models.accounts import Affiliation, Person, Sector
from cop.models.cohorts import Cohort
from cop.models.events import (
    Arrangement,
    Attendance,
    Booking,
    BookingSource,
    BookingState,
    Event,
    EventKind,
    Mark,
    Part,
    PartState,
    Seat,
)
from cop.models.organisations import Organisation
from cop.models.rosters import RosterNote, Subgroup, SubgroupMember
from cop.queries import alumni, events

HAS_PLACE = (Booking.state == BookingState.LIVE, Booking.source != BookingSource.WALK_IN)
"""Whoever walks in on a half-day has no place on the course."""


class Progress(StrEnum):
    """How somebody stands to the rule for completing the course."""

    COMPLETED = "completed"
    ON_COURSE = "on course"
    UNMARKED = "unmarked"
    MISSED = "missed"


@dataclass(frozen=True)
class Member:
    """Somebody with a place; ``marks`` in the order of the half-days, ``earlier`` courses that they completed."""

    person_id: int
    public_id: str
    name: str
    email: str | None
    phone: str | None
    organisation: str | None
    sector: Sector | None
    role_title: str | None
    group: str | None
    notes: int
    marks: tuple[Attendance | None, ...]
    progress: Progress
    earlier: Sequence[str]

    @property
    def attended(self) -> int:
        return self.marks.count(Attendance.ATTENDED)


@dataclass(frozen=True)
class Needs:
    """How many of those with a place told us of each; nothing of what they said."""

    answered: int
    access: int
    diet: int
    emergency_contact: int
    travel: int


@dataclass(frozen=True)
class Roster:
    event: Event
    half_days: Sequence[Part]
    needed: int
    members: Sequence[Member]
    needs: Needs

    def count(self, progress: str) -> int:
        return sum(member.progress is Progress(progress) for member in self.members)

    @property
    def groups(self) -> Sequence[str]:
        """The names of sub-groups that somebody is in."""
        return sorted({member.group for member in self.members if member.group is not None})

    @property
    def sectors(self) -> Sequence[Sector]:
        return [sector for sector in Sector if any(member.sector is sector for member in self.members)]

    def those(self, *, q: str = "", sector: str = "", progress: str = "", group: str = "") -> Sequence[Member]:
        """Members whose name, organisation or role holds ``q``, and who are what else is asked for."""
        return [
            member
            for member in self.members
            if q.casefold() in " ".join(filter(None, (member.name, member.organisation, member.role_title))).casefold()
            and sector in {"", member.sector}
            and progress in {"", member.progress}
            and group in {"", member.group}
        ]

    def member(self, public_id: str) -> Member:
        for member in self.members:
            if member.public_id == public_id:
                return member
        raise NotFound


def course_of_staff(read: Reading, *, slug: str) -> Event:
    """The event of a course with its half-days, for its staff."""
    event = events.staffed_event(read, slug=slug)
    if event.kind is not EventKind.COHORT:
        raise NotFound
    return event


def roster(read: Reading, *, slug: str) -> Roster:
    """Everybody with a place, by name; for the staff of the course."""
    event = course_of_staff(read, slug=slug)
    half_days = [part for part in event.parts if part.state is PartState.PLANNED]
    told = select(Cohort.half_days_needed).where(Cohort.event_id == event.id)
    needed = read.session.scalar(told) or alumni.usually_needed(len(half_days))
    notes = (
        select(func.count())
        .where(RosterNote.event_id == event.id, RosterNote.person_id == Person.id)
        .correlate(Person)
        .scalar_subquery()
    )
    rows = read.session.execute(
        select(
            Person.id.label("person_id"),
            Person.public_id,
            Person.name,
            Person.email,
            Person.phone,
            func.coalesce(Organisation.name, Affiliation.organisation_text).label("organisation"),
            Booking.sector,
            Affiliation.role_title,
            Subgroup.name.label("group"),
            notes.label("notes"),
        )
        .join(Booking, Booking.person_id == Person.id)
        .outerjoin(Organisation, Organisation.id == Booking.organisation_id)
        .outerjoin(
            SubgroupMember,
            and_(SubgroupMember.event_id == Booking.event_id, SubgroupMember.person_id == Booking.person_id),
        )
        .outerjoin(Subgroup, Subgroup.id == SubgroupMember.subgroup_id)
        .outerjoin(
            Affiliation, and_(Affiliation.person_id == Person.id, Affiliation.is_primary, Affiliation.to_on.is_(None))
        )
        .where(Booking.event_id == event.id, *HAS_PLACE)
        .order_by(Person.name, Person.id)
    ).all()
    marks = _marks(read, event)
    earlier = alumni.courses_of(read, person_ids=[row.person_id for row in rows], but=event.id)
    members = []
    for row in rows:
        of_person = tuple(marks.get((row.person_id, part.id)) for part in half_days)
        standing = progress_of(of_person, half_days, needed, read.now)
        found = [completed.title for completed in earlier.get(row.person_id, ())]
        members.append(Member(**row._asdict(), marks=of_person, progress=standing, earlier=found))
    return Roster(event, half_days, needed, members, _needs(read, event))


@dataclass(frozen=True)
class Note:
    id: int
    body: str
    by: str
    by_person_id: int
    at: datetime


def notes_about(read: Reading, event: Event, member: Member) -> Sequence[Note]:
    """What the staff of the event wrote down about somebody, latest first; the caller has checked that staff ask."""
    rows = read.session.execute(
        select(RosterNote.id, RosterNote.body, Person.name.label("by"), RosterNote.by_person_id, RosterNote.at)
        .join(Person, Person.id == RosterNote.by_person_id)
        .where(RosterNote.event_id == event.id, RosterNote.person_id == member.person_id)
        .order_by(RosterNote.id.desc())
    )
    return [Note(**row._asdict()) for row in rows]


def event_of_member(read: Reading, *, event_id: int, person_id: int | None) -> Event | None:
    """The course, where the person has a place on it, for a mail to them."""
    held = select(Event).join(Booking, Booking.event_id == Event.id)
    mine = held.where(Event.id == event_id, Booking.person_id == person_id, *HAS_PLACE)
    return read.session.scalars(mine).one_or_none()


def progress_of(marks: Sequence[Attendance | None], half_days: Sequence[Part], needed: int, now: datetime) -> Progress:
    """How somebody stands by these marks; the same rule as :mod:`cop.queries.alumni`, seen from before its end."""
    attended = list(marks).count(Attendance.ATTENDED)
    to_come = sum(mark is None and part.ends_at > now for mark, part in zip(marks, half_days, strict=True))
    unmarked = marks.count(None) - to_come
    if attended >= needed and all(part.ends_at <= now for part in half_days):
        return Progress.COMPLETED
    if attended + to_come >= needed:
        return Progress.ON_COURSE
    return Progress.UNMARKED if attended + to_come + unmarked >= needed else Progress.MISSED


def _marks(read: Reading, event: Event) -> Mapping[tuple[int, int], Attendance]:
    """The current mark by person and part."""
    rows = read.session.execute(
        select(Booking.person_id, Mark.part_id, Mark.status)
        .join(Seat, Seat.id == Mark.seat_id)
        .join(Booking, Booking.id == Seat.booking_id)
        .where(
            Booking.event_id == event.id,
            Booking.state == BookingState.LIVE,
            Seat.position == 0,
            Mark.superseded_at.is_(None),
        )
    )
    return {(row.person_id, row.part_id): row.status for row in rows}


def _needs(read: Reading, event: Event) -> Needs:
    columns = (Arrangement.access, Arrangement.diet, Arrangement.emergency_contact, Arrangement.travel)
    row = read.session.execute(
        select(func.count(Arrangement.booking_id), *(func.count(column) for column in columns))
        .join(Booking, Booking.id == Arrangement.booking_id)
        .where(Booking.event_id == event.id, *HAS_PLACE)
    ).one()
    return Needs(*[int(count) for count in row])


@dataclass(frozen=True)
class Arranged:
    """What one person told us for this course, or needs at any event by their profile (``always``)."""

    name: str
    phone: str | None
    access: str | None
    always: str | None
    diet: Mapping[str, object]
    emergency_contact: str | None
    travel: str | None


def arrangements(read: Reading, *, slug: str) -> tuple[Event, Sequence[Arranged]]:
    """What those with a place need, by name; whoever shows it notes that it was read."""
    event = course_of_staff(read, slug=slug)
    rows = read.session.execute(
        select(
            Person.name,
            Person.phone,
            Arrangement.access,
            Person.needs.label("always"),
            Arrangement.diet,
            Arrangement.emergency_contact,
            Arrangement.travel,
        )
        .join(Booking, Booking.person_id == Person.id)
        .outerjoin(Arrangement, Arrangement.booking_id == Booking.id)
        .where(Booking.event_id == event.id, *HAS_PLACE)
        .order_by(Person.name, Person.id)
    ).all()
    found = [Arranged(**{**row._asdict(), "diet": json.loads(row.diet) if row.diet else {}}) for row in rows]
    return event, [one for one in found if any(vars(one)[name] for name in _SAID)]


_SAID = ("access", "always", "diet", "emergency_contact", "travel")
