"""Reports of attendance that are kept: read as drafts, decided about, applied, and taken back."""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import tzinfo

from sqlalchemy import delete, select

from cop.core.errors import NotFound, Refusal, marked
from cop.core.place import day_of
from cop.core.work import Reading, Work
from cop.formats.attendance_reports import Report, Reported, read_report
from cop.models.attendance_reports import (
    AttendanceImport,
    ImportState,
    ReportedInterval,
    ReportedPerson,
    ReportKind,
)
from cop.models.events import Event, Part, PartState, Seat
from cop.queries.attendance_reports import row_revision
from cop.services.accounts import name_from
from cop.services.events.attendance import part_to_mark
from cop.services.events.locking import lock_event, lock_parts
from cop.services.events.walk_ins import refuse_what_does_not_happen, seat_without_booking
from cop.services.imports.attendance.planning import (
    LEFT_OUT,
    Action,
    Line,
    Plan,
    plan_attendance,
    plan_kept,
    told_by,
)
from cop.services.imports.attendance.settling import settle

NAME_OF_FILE = 200

STALE = marked("Somebody else changed this a moment ago. Look at it again.")


def digest_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def keep_report(
    work: Work, *, event_id: int, part_id: int, data: bytes, filename: str, zone: tzinfo
) -> AttendanceImport:
    """Read a report of one part and keep it as a draft, which marks nobody. TableError where it is refused.

    The same file again is the draft, or the import, that is there already; the file itself is not kept.
    """
    part, event = lock_part(work, event_id, part_id)
    refuse_what_does_not_happen(event, part)
    known = _known(work, part, digest_of(data))
    if known is not None:
        return known
    report = read_report(data, day=day_of(part.starts_at), zone=zone)
    kept = AttendanceImport(
        event_id=event.id,
        part_id=part.id,
        sha256=digest_of(data),
        filename=" ".join(filename.split())[:NAME_OF_FILE] or "report.csv",
        kind=ReportKind(report.kind.value),
        met_from=report.met_from,
        met_until=report.met_until,
        made_at=work.now,
        made_by=work.actor.person_id,
    )
    work.session.add(kept)
    work.session.flush()
    _keep_people(work, kept, report)
    return kept


def part_named(read: Reading, *, slug: str, title: str | None) -> Part:
    """The part of an event that a report is about: the one of that title, or the only one."""
    parts = read.session.scalars(
        select(Part).join(Event, Event.id == Part.event_id).where(Event.slug == slug).order_by(Part.starts_at, Part.id)
    ).all()
    planned = [part for part in parts if part.state is PartState.PLANNED]
    named = [part for part in planned if title is None or part.title.casefold() == title.strip().casefold()]
    if not parts:
        raise NotFound
    if len(named) != 1:
        titles = ", ".join(f"“{part.title}”" for part in planned)
        raise Refusal(marked("Name one of its sessions with --session: %(titles)s"), titles=titles)
    return named[0]


def plan_file(read: Reading, part: Part, data: bytes, *, zone: tzinfo) -> Plan:
    """What a report would do, which is not kept; or, if it is the same file as one that is kept, what that would."""
    part_to_mark(read, part.id)
    known = _known(read, part, digest_of(data))
    if known is not None:
        return plan_kept(read, known, part)
    report = read_report(data, day=day_of(part.starts_at), zone=zone)
    return plan_attendance(read, part, told_by(report))


def import_at_once(work: Work, *, part: Part, data: bytes, filename: str, zone: tzinfo) -> Plan:
    """Keep a report and apply it; whoever it finds by the name alone is left for somebody to decide about."""
    kept = keep_report(work, event_id=part.event_id, part_id=part.id, data=data, filename=filename, zone=zone)
    return apply(work, event_id=part.event_id, public_id=kept.public_id)


def _known(read: Reading, part: Part, sha256: str) -> AttendanceImport | None:
    same = select(AttendanceImport).where(AttendanceImport.part_id == part.id, AttendanceImport.sha256 == sha256)
    counts = same.where(AttendanceImport.state != ImportState.TAKEN_BACK)
    return read.session.scalars(counts.order_by(AttendanceImport.state, AttendanceImport.id).limit(1)).one_or_none()


def _keep_people(work: Work, kept: AttendanceImport, report: Report) -> None:
    people = [_row(kept, person) for person in report.people]
    work.session.add_all(people)
    work.session.flush()
    work.session.add_all(
        ReportedInterval(reported_person_id=row.id, joined_at=each.joined_at, left_at=each.left_at)
        for row, person in zip(people, report.people, strict=True)
        for each in person.intervals
    )
    work.session.flush()


def _row(kept: AttendanceImport, person: Reported) -> ReportedPerson:
    return ReportedPerson(
        import_id=kept.id,
        line=person.line,
        name=person.name or None,
        email=person.email or None,
        also="\n".join(person.also) or None,
        organisation_text=person.organisation,
        came=person.came,
        minutes=person.minutes,
        skipped=str(person.skipped or ""),
    )


def apply(work: Work, *, event_id: int, public_id: str, seen: int | None = None) -> Plan:
    """Mark those whom a draft finds by their address or by a decision, and write down those who had not booked.

    ``seen`` is the revision that the page showed. Who is still to be decided about is left out, and can be decided
    about later.
    """
    kept, part, event = _lock_import(work, event_id, public_id)
    if kept.state is ImportState.APPLIED:
        return plan_kept(work, kept, part)
    refuse_what_does_not_happen(event, part)
    if kept.state is not ImportState.DRAFT or seen not in {None, kept.revision}:
        raise Refusal(STALE)
    plan = plan_kept(work, kept, part)
    rows = _people_of(work, kept)
    for line in plan.lines:
        row = rows[line.told.key]
        row.match = line.match
        if line.action is Action.WALK_IN:
            row.seat_id = _seat_of_walk_in(work, event, line, rows)
        elif line.status is not None and line.holder is not None:
            row.seat_id = line.holder.seat_id
    kept.state, kept.applied_at, kept.revision = ImportState.APPLIED, work.now, kept.revision + 1
    work.session.flush()
    settle(work, part, _seats_of(rows.values()))
    return plan


def decide(
    work: Work,
    *,
    event_id: int,
    public_id: str,
    key: int,
    seen: int,
    seat_id: int | None = None,
    walk_in: bool = False,
    leave_out: bool = False,
) -> None:
    """Say who somebody in a report is: whoever holds a seat, somebody who had not booked, or nobody who counts.

    Without any of these, a decision is undone. ``seen`` is the row's revision that the page showed. In a report that
    was applied it takes effect at once.
    """
    kept, part, event = _lock_import(work, event_id, public_id)
    if kept.state is ImportState.TAKEN_BACK:
        raise Refusal(STALE)
    row = _people_of(work, kept).get(key)
    if row is None or row.skipped not in {"", LEFT_OUT} or not row.came:
        raise NotFound
    if seen != row_revision(row):
        raise Refusal(STALE)
    _refuse_forgotten(row)
    before = row.seat_id
    row.seat_id = _seat_to_lead_to(work, event, seat_id)
    row.skipped = LEFT_OUT if leave_out else ""
    is_undone = seat_id is None and not walk_in and not leave_out
    row.decided_at = None if is_undone else work.now
    row.decided_by = None if is_undone else work.actor.person_id
    kept.revision += 1
    work.session.flush()
    if kept.state is ImportState.APPLIED:
        if walk_in:
            line = plan_kept(work, kept, part).line(key)
            if line is not None and line.action is Action.WALK_IN:
                row.seat_id = _seat_of_walk_in(work, event, line, _people_of(work, kept))
                work.session.flush()
        settle(work, part, [found for found in (before, row.seat_id) if found is not None])


def _refuse_forgotten(row: ReportedPerson) -> None:
    if row.name is None and row.email is None:
        raise Refusal(marked("There is no name, or it is no longer kept: nobody can tell who it was."))


def _seat_to_lead_to(work: Work, event: Event, seat_id: int | None) -> int | None:
    if seat_id is None:
        return None
    seat = work.session.scalars(
        select(Seat).where(Seat.id == seat_id, Seat.event_id == event.id, Seat.live).with_for_update(key_share=True)
    ).one_or_none()
    if seat is None:
        raise Refusal(marked("This booking has been cancelled meanwhile. Choose again."), field="seat")
    return seat.id


def _seat_of_walk_in(work: Work, event: Event, line: Line, rows: Mapping[int, ReportedPerson]) -> int:
    """An address is that of one person: for another who has the same, a record is made without any."""
    email, reported = line.told.spoken.email, line.reported
    others = (row for row in rows.values() if row.id != line.told.key and row.seat_id is not None)
    is_free = bool(email) and all(row.email != reported.email for row in others)
    return seat_without_booking(
        work,
        event,
        person_id=line.person_id,
        name=reported.name or name_from(email),
        email=email if is_free else None,
        organisation=reported.organisation,
    )


def take_back(work: Work, *, event_id: int, public_id: str, seen: int) -> None:
    """Undo an import: its marks go, but for what other reports of the part say; a draft goes altogether."""
    kept, part, _ = _lock_import(work, event_id, public_id)
    if kept.state is ImportState.TAKEN_BACK or kept.revision != seen:
        raise Refusal(STALE)
    if kept.state is ImportState.DRAFT:
        remove(work, [kept.id])
        return
    kept.state, kept.revision = ImportState.TAKEN_BACK, kept.revision + 1
    work.session.flush()
    settle(work, part, _seats_of(_people_of(work, kept).values()))


def remove(work: Work, import_ids: Iterable[int]) -> None:
    """Remove drafts with all that they say."""
    ids = list(import_ids)
    people = select(ReportedPerson.id).where(ReportedPerson.import_id.in_(ids))
    work.session.execute(delete(ReportedInterval).where(ReportedInterval.reported_person_id.in_(people)))
    work.session.execute(delete(ReportedPerson).where(ReportedPerson.import_id.in_(ids)))
    work.session.execute(delete(AttendanceImport).where(AttendanceImport.id.in_(ids)))


def lock_part(work: Work, event_id: int, part_id: int) -> tuple[Part, Event]:
    """The part and its event, locked in their order, for its staff from the day itself on."""
    part, event = part_to_mark(work, part_id)
    if event.id != event_id:
        raise NotFound
    event = lock_event(work, event.id)
    (part,) = lock_parts(work, event.id, [part.id])
    return part, event


def _lock_import(work: Work, event_id: int, public_id: str) -> tuple[AttendanceImport, Part, Event]:
    found = select(AttendanceImport).where(
        AttendanceImport.public_id == public_id, AttendanceImport.event_id == event_id
    )
    kept = work.session.scalars(found).one_or_none()
    if kept is None:
        raise NotFound
    part, event = lock_part(work, event_id, kept.part_id)
    locked = found.with_for_update().execution_options(populate_existing=True)
    kept = work.session.scalars(locked).one_or_none()
    if kept is None:
        raise Refusal(STALE)
    return kept, part, event


def _people_of(work: Work, kept: AttendanceImport) -> dict[int, ReportedPerson]:
    rows = work.session.scalars(select(ReportedPerson).where(ReportedPerson.import_id == kept.id)).all()
    return {row.id: row for row in rows}


def _seats_of(rows: Iterable[ReportedPerson]) -> list[int]:
    return [row.seat_id for row in rows if row.seat_id is not None]
