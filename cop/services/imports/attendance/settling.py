"""The marks of seats, made to say what all reports of a part say together."""

from collections.abc import Collection, Iterable

from sqlalchemy import func, select, update

from cop.core.work import Work
from cop.formats.attendance_reports import minutes_together
from cop.models.attendance_reports import AttendanceImport, ImportState, ReportedPerson
from cop.models.events import Mark, MarkSource, Part, Seat
from cop.services.events.attendance import status_by_minutes
from cop.services.events.walk_ins import end_unmarked
from cop.services.imports.attendance.planning import Standing, standing_of_part


def settle(work: Work, part: Part, seat_ids: Iterable[int]) -> int:
    """Make, correct and take back marks of these seats; how many changed. A mark that a person made stands.

    The caller has locked the part. Walk-ins of whom nothing is left end.
    """
    seats = sorted(set(seat_ids))
    locked = select(Seat).where(Seat.id.in_(seats)).order_by(Seat.id).with_for_update(key_share=True)
    found = work.session.scalars(locked.execution_options(populate_existing=True)).all()  # as at the door
    live = {seat.id for seat in found if seat.live}
    standing = standing_of_part(work, part, seat_ids=seats)
    latest = _latest_imports(work, part, seats)
    ends, made = [], []
    for seat_id in seats:
        stands = standing.marks.get(seat_id)
        if stands is not None and stands.source is not MarkSource.IMPORT:
            continue
        fresh = _mark_of(work, part, seat_id, standing, latest) if seat_id in live else None
        if _says_the_same(stands, fresh, latest.get(seat_id, ())):
            continue
        if stands is not None:
            ends.append(stands.id)
        if fresh is not None:
            made.append(fresh)
    work.session.execute(update(Mark).where(Mark.id.in_(ends)).values(superseded_at=work.now))
    work.session.add_all(made)
    work.session.flush()
    end_unmarked(work, seats)
    return max(len(ends), len(made))


def mark_by_reports(work: Work, part: Part, seat_id: int) -> Mark | None:
    """What the reports say of one seat, as a mark that is not saved; None where they do not name it."""
    standing = standing_of_part(work, part, seat_ids=[seat_id])
    return _mark_of(work, part, seat_id, standing, _latest_imports(work, part, [seat_id]))


def _latest_imports(work: Work, part: Part, seat_ids: Iterable[int]) -> dict[int, list[int]]:
    """The imports that name a seat, the latest first."""
    rows = work.session.execute(
        select(ReportedPerson.seat_id, func.array_agg(AttendanceImport.id.distinct()).label("import_ids"))
        .join(AttendanceImport, AttendanceImport.id == ReportedPerson.import_id)
        .where(
            AttendanceImport.part_id == part.id,
            AttendanceImport.state == ImportState.APPLIED,
            ReportedPerson.seat_id.in_(list(seat_ids)),
            ReportedPerson.came,
            ReportedPerson.skipped == "",
        )
        .group_by(ReportedPerson.seat_id)
    )
    return {row.seat_id: sorted(row.import_ids, reverse=True) for row in rows}


def _mark_of(work: Work, part: Part, seat_id: int, standing: Standing, latest: dict[int, list[int]]) -> Mark | None:
    reported = standing.reported.get(seat_id)
    if not reported:
        return None
    minutes = minutes_together(reported)
    return Mark(
        part_id=part.id,
        seat_id=seat_id,
        status=status_by_minutes(part, minutes),
        minutes=minutes,
        source=MarkSource.IMPORT,
        import_id=latest[seat_id][0],
        recorded_at=work.now,
        recorded_by=work.actor.person_id,
    )


def _says_the_same(stands: Mark | None, fresh: Mark | None, imports: Collection[int]) -> bool:
    if stands is None or fresh is None:
        return stands is fresh
    return (stands.status, stands.minutes) == (fresh.status, fresh.minutes) and stands.import_id in imports
