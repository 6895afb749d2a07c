"""Marking who came: each statement with its source, its author and its history."""

from datetime import timedelta

from sqlalchemy import exists, select

from cop.core.access import EVENT_STAFF
from cop.core.errors import NotFound, Refusal, marked
from cop.core.place import day_of
from cop.core.work import Reading, Work
from cop.models.events import Attendance, Claim, Event, Mark, MarkSource, Part, Seat

ATTENDED_PERCENT = 75
"""Who was there for so much of a part's planned time attended; for less, they were there in part."""


def status_by_minutes(part: Part, minutes: int | None) -> Attendance:
    """What being there for so long comes to; whoever came without anybody having measured it attended."""
    enough = (part.ends_at - part.starts_at) * ATTENDED_PERCENT / 100
    return Attendance.ATTENDED if minutes is None or timedelta(minutes=minutes) >= enough else Attendance.PARTIAL


def mark(
    work: Work,
    *,
    part_id: int,
    seat_id: int,
    status: Attendance | None,
    source: MarkSource = MarkSource.ROSTER,
    seen: int | None = None,
) -> Mark | None:
    """State that this seat was there, or not; None as ``status`` takes the last statement back.

    ``seen`` is the id of the mark that the host's page showed (0 for none): when another host was quicker, the
    statement is refused rather than lost. Leave it None where nobody looked at a page.
    """
    part, event = part_to_mark(work, part_id)
    seat = work.session.scalars(
        select(Seat).where(Seat.id == seat_id, Seat.event_id == event.id).with_for_update(key_share=True)
    ).one_or_none()
    if seat is None or not _held(work, seat, part):
        raise NotFound
    current = work.session.scalars(
        select(Mark).where(Mark.part_id == part.id, Mark.seat_id == seat.id, Mark.superseded_at.is_(None))
    ).one_or_none()
    if seen is not None and seen != (current.id if current else 0):
        raise Refusal(marked("Somebody else marked this person a moment ago. Look at the list again."))
    if current is not None:
        if current.status is status and current.source is source:
            return current
        current.superseded_at = work.now
        work.session.flush()
    if status is None:
        return None
    statement = Mark(
        part_id=part.id,
        seat_id=seat.id,
        status=status,
        source=source,
        recorded_at=work.now,
        recorded_by=work.actor.person_id,
    )
    work.session.add(statement)
    work.session.flush()
    return statement


def mark_rest_attended(work: Work, *, event_id: int, part_id: int) -> int:
    """State that everybody without a mark was there; how many that were. Marks already made stand."""
    part, event = part_to_mark(work, part_id)
    if event.id != event_id:
        raise NotFound
    marked_already = exists().where(Mark.seat_id == Seat.id, Mark.part_id == part.id, Mark.superseded_at.is_(None))
    claimed = exists().where(Claim.booking_id == Seat.booking_id, Claim.part_id == part.id, Claim.released_at.is_(None))
    seats = work.session.scalars(select(Seat.id).where(Seat.live, claimed, ~marked_already)).all()
    work.session.add_all(
        Mark(
            part_id=part.id,
            seat_id=seat_id,
            status=Attendance.ATTENDED,
            source=MarkSource.ROSTER,
            recorded_at=work.now,
            recorded_by=work.actor.person_id,
        )
        for seat_id in seats
    )
    work.session.flush()
    return len(seats)


def part_to_mark(work: Reading, part_id: int) -> tuple[Part, Event]:
    """The part and its event, if the actor is staff of it and its day has come; Refusal before that day."""
    part = work.session.get(Part, part_id)
    event = work.session.get(Event, part.event_id) if part is not None else None
    if part is None or event is None:
        raise NotFound
    if not work.actor.may(*EVENT_STAFF, programme_id=event.programme_id, event_id=event.id):
        raise NotFound
    if day_of(work.now) < day_of(part.starts_at):
        raise Refusal(marked("Attendance can be marked from the day itself"))
    return part, event


def _held(work: Work, seat: Seat, part: Part) -> bool:
    """Whether the seat's booking claims the part."""
    claim = select(Claim.id).where(
        Claim.booking_id == seat.booking_id, Claim.part_id == part.id, Claim.released_at.is_(None)
    )
    return work.session.scalar(claim) is not None
