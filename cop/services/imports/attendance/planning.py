"""What a report of attendance would do, human by human: whom it marks or adds, and about whom a person decides."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Any

from sqlalchemy import and_, case, or_, select

from cop.core.errors import Refusal, marked
from cop.core.work import Reading
from cop.formats.attendance_reports import Interval, Report, Reported, minutes_together
from cop.models.accounts import Person
from cop.models.attendance_reports import (
    AttendanceImport,
    ImportState,
    Match,
    ReportedInterval,
    ReportedPerson,
)
from cop.models.events import Attendance, Booking, BookingState, Mark, MarkSource, Part, Seat
from cop.models.merging import Merge, MergeKind
from cop.services.accounts import clean_email
from cop.services.events.attendance import status_by_minutes
from cop.services.imports.attendance.matching import NOBODY, Found, Holder, Spoken, recognise
from cop.services.imports.planning import Reason

LEFT_OUT = "left out"
"""What ``skipped`` says where a person decided so, and no report."""

SKIPPED = {
    "organiser": marked("the organiser of the meeting"),
    "host": marked("a host of the meeting"),
    "panellist": marked("a panellist"),
    "telephone": marked("a telephone number, which we do not keep"),
    LEFT_OUT: marked("left out by hand"),
}

BY_HAND = {
    MarkSource.CHECK_IN: marked("checked in at the door as %(status)s, which stands"),
    MarkSource.SELF_CHECK_IN: marked("checked themselves in as %(status)s, which stands"),
    MarkSource.ROSTER: marked("marked by hand as %(status)s, which stands"),
}

ASKS = {
    Match.NAME: marked("found by the name alone: a person decides"),
    Match.AMBIGUOUS: marked("more than one person has this name or this address: a person decides"),
}


class Action(StrEnum):
    MARK = "mark"
    WALK_IN = "walk-in"
    CONFIRM = "confirm"
    SKIP = "skip"
    NONE = "none"


@dataclass(frozen=True)
class Told:
    """One human of a report, and what a person decided about them: a seat, a walk-in, or nothing yet."""

    key: int
    reported: Reported
    skipped: str = ""
    seat_id: int | None = None
    match: Match | None = None
    decided_at: datetime | None = None
    decided_by: str | None = None

    @property
    def is_decided(self) -> bool:
        return self.decided_at is not None

    @property
    def is_walk_in(self) -> bool:
        return self.is_decided and self.seat_id is None and not self.skipped

    @property
    def spoken(self) -> Spoken:
        names = tuple(filter(None, (self.reported.name, *self.reported.also)))
        return Spoken(self.key, names, _clean(self.reported.email))


@dataclass(frozen=True)
class Line:
    """What becomes of one human. ``status`` and ``total`` are those of all reports of the part together."""

    told: Told
    match: Match
    action: Action
    reason: Reason | None = None
    holder: Holder | None = None
    person_id: int | None = None
    public_id: str | None = None
    status: Attendance | None = None
    total: int | None = None

    @property
    def reported(self) -> Reported:
        return self.told.reported

    @property
    def by_hand(self) -> bool:
        """Whether a mark that a person made stands against what the report says, or beside it."""
        return self.reason is not None and self.reason.message in BY_HAND.values()


@dataclass(frozen=True)
class Plan:
    lines: tuple[Line, ...]
    holders: tuple[Holder, ...]

    @cached_property
    def counts(self) -> Counter[Action]:
        return Counter(line.action for line in self.lines)

    def line(self, key: int) -> Line | None:
        return next((line for line in self.lines if line.told.key == key), None)


@dataclass(frozen=True)
class Standing:
    """What stands about a part already: marks by seat, and what other reports say that were read, by seat."""

    marks: Mapping[int, Mark]
    reported: Mapping[int, Sequence[Reported]]


def told_by(report: Report) -> list[Told]:
    """For a report that was not kept: nobody has decided anything."""
    return [
        Told(number, reported, skipped=str(reported.skipped or "")) for number, reported in enumerate(report.people)
    ]


def plan_kept(read: Reading, kept: AttendanceImport, part: Part) -> Plan:
    """What a draft would do now, or what an import stands for."""
    return plan_attendance(read, part, told_in(read, kept.id), besides=kept.id)


def told_in(read: Reading, import_id: int) -> list[Told]:
    """As a kept report says it, with what people decided since."""
    rows = read.session.execute(
        select(ReportedPerson, Person.name)
        .outerjoin(Person, Person.id == ReportedPerson.decided_by)
        .where(ReportedPerson.import_id == import_id)
        .order_by(ReportedPerson.line, ReportedPerson.id)
    ).all()
    times = _intervals_of(read, [row.ReportedPerson.id for row in rows])
    return [
        Told(
            key=person.id,
            reported=_reported_again(person, times.get(person.id, ())),
            skipped=person.skipped,
            seat_id=person.seat_id,
            decided_at=person.decided_at,
            match=person.match if person.seat_id is not None and person.decided_at is None else None,
            decided_by=decider,
        )
        for person, decider in rows
    ]


def _intervals_of(read: Reading, person_ids: Sequence[int]) -> Mapping[int, list[Interval]]:
    found: dict[int, list[Interval]] = defaultdict(list)
    rows = read.session.execute(
        select(ReportedInterval.reported_person_id, ReportedInterval.joined_at, ReportedInterval.left_at)
        .where(ReportedInterval.reported_person_id.in_(person_ids))
        .order_by(ReportedInterval.joined_at)
    )
    for row in rows if person_ids else ():
        found[row.reported_person_id].append(Interval(row.joined_at, row.left_at))
    return found


def _reported_again(person: ReportedPerson, intervals: Iterable[Interval]) -> Reported:
    return Reported(
        line=person.line,
        name=person.name or "",
        email=person.email or "",
        came=person.came,
        organisation=person.organisation_text,
        minutes=person.minutes,
        intervals=tuple(intervals),
        also=tuple((person.also or "").splitlines()),
    )


def plan_attendance(read: Reading, part: Part, people: Sequence[Told], *, besides: int | None = None) -> Plan:
    """What a report of this part would do. ``besides`` is its own id, if it was kept.

    Who was decided about, or counted already, is where that left them; the others are looked for anew each time.
    """
    holders = holders_of(read, part.event_id)
    by_seat = {holder.seat_id: holder for holder in holders}
    looked_for = [told.spoken for told in people if not told.skipped]
    owners = owners_of(read, [spoken.email for spoken in looked_for if spoken.email])
    found = recognise(looked_for, holders, owners)
    led = {told.key: _led(told, by_seat, found) for told in people}
    seats: dict[int, list[Told]] = defaultdict(list)
    for told in people:
        holder = led[told.key].holder
        if holder and told.reported.came and _counts(told, led[told.key]):
            seats[holder.seat_id].append(told)
    known = _people_known(read, [each.person_id for each in led.values() if each.person_id is not None])
    standing = standing_of_part(read, part, besides=besides)
    planning = _Planning(part, seats, standing, known)
    return Plan(tuple(planning.line(told, led[told.key]) for told in people), tuple(holders))


def _led(told: Told, by_seat: Mapping[int, Holder], found: Mapping[int, Found]) -> Found:
    """The seat that somebody decided on, or that the address led to before; else what was found just now."""
    fresh = found.get(told.key, NOBODY)
    if told.seat_id is not None and told.seat_id in by_seat:
        holder = by_seat[told.seat_id]
        return Found(told.match or fresh.match, holder, holder.person_id)
    if told.is_walk_in:
        return Found(fresh.match, None, fresh.person_id if fresh.holder is None else None)
    return fresh


def _counts(told: Told, led: Found) -> bool:
    return told.is_decided or told.seat_id is not None or led.match is Match.EMAIL


@dataclass(frozen=True)
class _Planning:
    part: Part
    seats: Mapping[int, Sequence[Told]]
    standing: Standing
    known: Mapping[int, str]

    def line(self, told: Told, led: Found) -> Line:
        if told.skipped:
            return Line(told, Match.NONE, Action.SKIP, Reason(SKIPPED.get(told.skipped, told.skipped)))
        if not told.reported.came:
            return self._line(told, led, Action.NONE, marked("the report does not say that they came"))
        if led.holder and _counts(told, led):
            return self._of_seat(told, led, led.holder.seat_id)
        if told.is_walk_in:
            return self._walk_in(told, led, marked("came without a booking, as somebody decided"))
        if led.match in ASKS:
            return self._line(told, led, Action.CONFIRM, ASKS[led.match])
        return self._stranger(told, led)

    def _stranger(self, told: Told, led: Found) -> Line:
        if told.spoken.email:
            return self._walk_in(told, led, marked("had not booked"))
        if told.reported.email:
            return self._line(told, led, Action.NONE, marked("the e-mail address cannot be right"))
        return self._line(told, led, Action.NONE, marked("no e-mail address, and nobody of this name has booked"))

    def _line(self, told: Told, led: Found, action: Action, reason: str, **params: Any) -> Line:
        who = led.holder.public_id if led.holder else self.known.get(led.person_id or 0)
        why = Reason(reason, params) if reason else None
        return Line(told, led.match, action, why, led.holder, led.person_id, who)

    def _walk_in(self, told: Told, led: Found, reason: str) -> Line:
        total = minutes_together([told.reported])
        line = self._line(told, led, Action.WALK_IN, reason)
        return replace(line, total=total, status=status_by_minutes(self.part, total))

    def _of_seat(self, told: Told, led: Found, seat_id: int) -> Line:
        here = self.seats[seat_id]
        total = minutes_together([*self.standing.reported.get(seat_id, ()), *(each.reported for each in here)])
        status = status_by_minutes(self.part, total)
        stands = self.standing.marks.get(seat_id)
        if stands and stands.source in BY_HAND:
            line = self._line(told, led, Action.NONE, BY_HAND[stands.source], status=str(stands.status))
        elif stands and (stands.status, stands.minutes) == (status, total):
            line = self._line(told, led, Action.NONE, marked("marked so already"))
        elif here[0] is not told:
            first = here[0].reported.line
            line = self._line(told, led, Action.MARK, marked("the same person as in line %(line)s"), line=first)
        else:
            line = self._line(told, led, Action.MARK, "")
        return replace(line, total=total, status=status)


def holders_of(read: Reading, event_id: int) -> list[Holder]:
    """The seats of all who booked the event, or came to it without a booking."""
    person = Person.__table__.alias("in_seat")
    booker = Person.__table__.alias("booker")
    named = case((Seat.person_id.is_not(None), person.c.name), else_=Seat.name)
    rows = read.session.execute(
        select(
            Seat.id.label("seat_id"),
            Seat.booking_id,
            named.label("name"),
            booker.c.name.label("booker"),
            Seat.person_id,
            person.c.public_id,
        )
        .join(Booking, Booking.id == Seat.booking_id)
        .join(booker, booker.c.id == Booking.person_id)
        .outerjoin(person, person.c.id == Seat.person_id)
        .where(Seat.event_id == event_id, Seat.live, Booking.state == BookingState.LIVE)
        .order_by(Seat.booking_id, Seat.position)
    )
    return [Holder(**row._asdict()) for row in rows]


def owners_of(read: Reading, emails: Sequence[str]) -> Mapping[str, int]:
    """To whom addresses belong; also those of a record that was merged with another, which nobody else has since."""
    if not emails:
        return {}
    rows = read.session.execute(select(Person.email, Person.id).where(Person.email.in_(set(emails))))
    found = {str(row.email): row.id for row in rows}
    gone, kept = Merge.before["gone"]["email"].astext, Merge.before["kept"]["email"].astext
    missing = set(emails) - set(found)
    merged = read.session.execute(
        select(gone, kept, Merge.kept_id)
        .where(Merge.kind == MergeKind.PERSON, Merge.undone_at.is_(None), or_(gone.in_(missing), kept.in_(missing)))
        .order_by(Merge.id)
    ).all()
    for of_gone, of_kept, kept_id in merged if missing else ():
        found |= {email: _last(read, kept_id) for email in (of_gone, of_kept) if email in missing}
    return found


def _last(read: Reading, person_id: int) -> int:
    """The record that is kept in the end, where one after the other was merged."""
    while (into := read.session.scalar(select(Person.merged_into).where(Person.id == person_id))) is not None:
        person_id = into
    return person_id


def _people_known(read: Reading, person_ids: Sequence[int]) -> Mapping[int, str]:
    rows = read.session.execute(select(Person.id, Person.public_id).where(Person.id.in_(set(person_ids))))
    return {row.id: row.public_id for row in rows} if person_ids else {}


def standing_of_part(
    read: Reading, part: Part, *, besides: int | None = None, seat_ids: Iterable[int] | None = None
) -> Standing:
    """The marks of a part, and who came by the reports of it that count; of all its seats or of those named."""
    only = list(seat_ids) if seat_ids is not None else None
    marks = select(Mark).where(Mark.part_id == part.id, Mark.superseded_at.is_(None))
    told = (ReportedPerson.id, ReportedPerson.seat_id, ReportedPerson.line, ReportedPerson.minutes)
    people = select(*told).join(
        AttendanceImport,
        and_(AttendanceImport.id == ReportedPerson.import_id, AttendanceImport.state == ImportState.APPLIED),
    )
    people = people.where(AttendanceImport.part_id == part.id, ReportedPerson.came, ReportedPerson.skipped == "")
    people = people.where(ReportedPerson.seat_id.is_not(None))
    if besides is not None:
        people = people.where(AttendanceImport.id != besides)
    if only is not None:
        marks, people = marks.where(Mark.seat_id.in_(only)), people.where(ReportedPerson.seat_id.in_(only))
    rows = read.session.execute(people.order_by(ReportedPerson.id)).all()
    times = _intervals_of(read, [row.id for row in rows])
    reported: dict[int, list[Reported]] = defaultdict(list)
    for row in rows:
        intervals = tuple(times.get(row.id, ()))
        said = Reported(row.line, "", "", came=True, minutes=row.minutes, intervals=intervals)
        reported[row.seat_id].append(said)
    return Standing({mark.seat_id: mark for mark in read.session.scalars(marks)}, reported)


def _clean(email: str) -> str:
    """The address as we keep it; blank for one that cannot be right."""
    try:
        return clean_email(email) if email else ""
    except Refusal:
        return ""
