"""What telephones noted at the door while they had no connection: each press counts once, and the newest one wins."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import and_, func, select

from cop.core.access import EVENT_STAFF
from cop.core.errors import NotFound
from cop.core.place import day_of
from cop.core.work import Work
from cop.models.doors import DoorPress, Synced
from cop.models.events import CAME, Attendance, Claim, Event, Mark, MarkSource, Part, PartState, Seat

LONGEST = timedelta(days=2)
"""A press that is older counts as if it were so old: no door is open for longer."""

COUNTED = (Synced.MARKED, Synced.KNOWN)


@dataclass(frozen=True)
class Press:
    """One press: ``ago`` is how long before it was sent, because telephones' clocks are wrong; no status is an undo."""

    id: UUID
    part_id: int
    seat_id: int
    status: Attendance | None
    ago: timedelta


def take_presses(work: Work, *, event_id: int, presses: Sequence[Press]) -> Mapping[UUID, Synced]:
    """What came of each press. One that is sent twice counts once, and says the same again.

    A press loses against whatever a person in the room said later, at another door too. What was said in the meantime
    by a report of the meeting does not count against it.
    """
    event = work.session.get(Event, event_id)
    if event is None or not work.actor.may(*EVENT_STAFF, programme_id=event.programme_id, event_id=event.id):
        raise NotFound
    seats = _lock_seats(work, event, presses)
    outcomes = dict(_taken_before(work, presses))
    parts = {part.id: part for part in work.session.scalars(select(Part).where(Part.event_id == event.id))}
    for press in sorted(presses, key=lambda press: press.ago, reverse=True):
        if press.id in outcomes:
            continue
        part = parts.get(press.part_id)
        if part is None or press.seat_id not in seats:
            outcomes[press.id] = Synced.REFUSED
            continue
        at = work.now - min(max(press.ago, timedelta()), LONGEST)
        outcomes[press.id] = _take(work, part, press, at)
        work.session.add(
            DoorPress(
                id=press.id,
                part_id=part.id,
                seat_id=press.seat_id,
                status=press.status,
                pressed_at=at,
                arrived_at=work.now,
                by_person_id=work.actor.person_id,
                outcome=outcomes[press.id],
            )
        )
        work.session.flush()
    return outcomes


def _lock_seats(work: Work, event: Event, presses: Sequence[Press]) -> set[int]:
    """Those of the event, in one order, so that two telephones wait for one another and never for ever."""
    wanted = {press.seat_id for press in presses}
    found = select(Seat.id).where(Seat.event_id == event.id, Seat.id.in_(wanted)).order_by(Seat.id)
    return set(work.session.scalars(found.with_for_update(key_share=True)))


def _taken_before(work: Work, presses: Sequence[Press]) -> Sequence[tuple[UUID, Synced]]:
    known = select(DoorPress.id, DoorPress.outcome).where(DoorPress.id.in_([press.id for press in presses]))
    return [(row.id, row.outcome) for row in work.session.execute(known)]


def _take(work: Work, part: Part, press: Press, at: datetime) -> Synced:
    if part.state is PartState.CANCELLED or day_of(at) < day_of(part.starts_at) or not _is_expected(work, part, press):
        return Synced.REFUSED
    said = _last_said(work, part, press)
    if said is not None and at < said:
        return Synced.OLDER
    current = work.session.scalars(
        select(Mark).where(Mark.part_id == part.id, Mark.seat_id == press.seat_id, Mark.superseded_at.is_(None))
    ).one_or_none()
    if (current.status if current is not None else None) is press.status:
        return Synced.KNOWN
    if press.status in CAME and current is not None and current.status in CAME:
        return Synced.KNOWN
    if current is not None:
        current.superseded_at = max(at, current.recorded_at)
        work.session.flush()
    if press.status is not None:
        work.session.add(
            Mark(
                part_id=part.id,
                seat_id=press.seat_id,
                status=press.status,
                source=MarkSource.CHECK_IN,
                recorded_at=at,
                recorded_by=work.actor.person_id,
            )
        )
        work.session.flush()
    return Synced.MARKED


def _is_expected(work: Work, part: Part, press: Press) -> bool:
    """Whether the seat's booking still claims the part."""
    claims = select(Seat.id).join(
        Claim, and_(Claim.booking_id == Seat.booking_id, Claim.part_id == part.id, Claim.released_at.is_(None))
    )
    return work.session.scalar(claims.where(Seat.id == press.seat_id, Seat.live)) is not None


def _last_said(work: Work, part: Part, press: Press) -> datetime | None:
    """When a person in the room last said anything about this seat, a mark or the taking back of one."""
    by_people = select(func.max(func.greatest(Mark.recorded_at, Mark.superseded_at))).where(
        Mark.part_id == part.id, Mark.seat_id == press.seat_id, Mark.source != MarkSource.IMPORT
    )
    pressed = select(func.max(DoorPress.pressed_at)).where(
        DoorPress.part_id == part.id, DoorPress.seat_id == press.seat_id, DoorPress.outcome.in_(COUNTED)
    )
    said = [at for at in (work.session.scalar(by_people), work.session.scalar(pressed)) if at is not None]
    return max(said, default=None)
