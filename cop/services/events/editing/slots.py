"""The slots of a visit, in the local time of the place where it happens."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import exists, or_, select

from cop.core.errors import Refusal, marked
from cop.core.place import day_of
from cop.core.work import Work
from cop.models.events import Claim, DayLimit, Entry, Mark, Part, PartState
from cop.models.waiting import WaitingPart
from cop.services.events.blackouts import refuse_blackout
from cop.services.events.booking import advance
from cop.services.events.editing.shared import (
    announce_move,
    call_off,
    delete_part,
    event_to_edit,
    instant_of,
    lock_all_parts,
    lock_days,
    refuse_below,
    seats_claimed,
    slot_to_edit,
    touch,
)
from cop.services.events.rota import forget_hosts


def title_by_time(starts_at: datetime, zone: ZoneInfo) -> str:
    """What a slot is called until staff name it: no two of a day are alike in lists and exports."""
    local = starts_at.astimezone(zone)
    return f"{local:%A} {local.day} {local:%B} at {local:%H:%M}"


def add_slots(
    work: Work,
    *,
    event_id: int,
    on_date: date,
    first_start: time,
    length_minutes: int,
    gap_minutes: int,
    count: int,
    capacity: int | None,
    zone: ZoneInfo,
) -> Sequence[Part]:
    """Plan ``count`` slots of one day, one after the other with a gap between; ``capacity`` is that of each."""
    event = event_to_edit(work, event_id)
    refuse_blackout(work, event, on_date)
    limit = lock_days(work, event).get(on_date)
    others = lock_all_parts(work, event)
    parts = []
    for start, end in _times(on_date, first_start, length_minutes, gap_minutes, count):
        part = Part(
            event_id=event.id,
            day_limit_id=limit.id if limit else None,
            starts_at=instant_of(on_date, start, zone, field="first_start"),
            ends_at=instant_of(on_date, end, zone, field="first_start"),
            place="",
            capacity=capacity,
            changed_at=work.now,
        )
        part.title = title_by_time(part.starts_at, zone)
        _refuse_twin(others, part.starts_at, part.ends_at, part.place, zone, field="first_start")
        parts.append(part)
    if parts[0].starts_at <= work.now:
        raise Refusal(marked("The first slot must begin in the future"), field="on_date")
    work.session.add_all(parts)
    touch(work, event, *parts)
    work.session.flush()
    return parts


def _times(on_date: date, first: time, length: int, gap: int, count: int) -> Iterable[tuple[time, time]]:
    begin = datetime.combine(on_date, first)
    slots = [begin + timedelta(minutes=number * (length + gap)) for number in range(count)]
    if (slots[-1] + timedelta(minutes=length)).date() != on_date:
        raise Refusal(marked("The last slot would end after midnight: plan fewer or shorter slots"), field="count")
    return [(start.time(), (start + timedelta(minutes=length)).time()) for start in slots]


def edit_slot(  # noqa: PLR0913  one for each thing that a slot has
    work: Work,
    *,
    part_id: int,
    on_date: date,
    start: time,
    end: time,
    title: str,
    place: str,
    capacity: int | None,
    zone: ZoneInfo,
    seen: int | None = None,
    note: str = "",
) -> Part:
    """Alter a slot; another time or place is told to all who booked it. A blank title names it by its time.

    ``seen`` is the sequence of the slot that the page showed: when somebody else has moved it since, nothing is saved.
    ``note`` is what they should know about a move.
    """
    event, part = slot_to_edit(work, part_id)
    if seen is not None and seen != part.sequence:
        raise Refusal(marked("Somebody else moved this slot a moment ago. Look at the list of slots again."))
    starts_at = instant_of(on_date, start, zone, field="start")
    ends_at = instant_of(on_date, end, zone, field="end")
    before = (part.starts_at, part.ends_at, part.place or event.place)
    if (starts_at, ends_at) != before[:2]:
        _refuse_times(work, part, starts_at, ends_at)
    if on_date != day_of(part.starts_at):
        refuse_blackout(work, event, on_date)
    taken = seats_claimed(work, event, part)
    refuse_below(taken, capacity)
    limit = lock_days(work, event).get(on_date)
    _refuse_full_day(part, limit, taken)
    others = [other for other in lock_all_parts(work, event) if other is not part]
    _refuse_twin(others, starts_at, ends_at, place, zone, field="start")
    moves = (starts_at, ends_at, place or event.place) != before
    part.starts_at, part.ends_at, part.place, part.capacity = starts_at, ends_at, place, capacity
    part.title = title or title_by_time(starts_at, zone)
    part.day_limit_id = limit.id if limit else None
    touch(work, event, part)
    if moves:
        announce_move(work, [part], was=before[0] if before[0] != starts_at else None, note=note)
    work.session.flush()
    work.session.refresh(part)  # triggers count places anew
    advance(work, event)
    return part


def _refuse_times(work: Work, part: Part, starts_at: datetime, ends_at: datetime) -> None:
    if part.starts_at <= work.now:
        raise Refusal(marked("This slot has begun already, so its times stay as they are"), field="start")
    if ends_at <= starts_at:
        raise Refusal(marked("The slot must end after it begins"), field="end")
    if starts_at <= work.now:
        raise Refusal(marked("The slot must begin in the future"), field="on_date")


def _refuse_full_day(part: Part, limit: DayLimit | None, taken: int) -> None:
    """A slot that brings its bookings to another day must fit under that day's limit."""
    if limit is None or limit.id == part.day_limit_id:
        return
    left = limit.capacity - limit.seats_taken
    if taken > left:
        raise Refusal(
            marked("%(taken)s people are booked on this slot, and that day has places for only %(left)s"),
            field="on_date",
            taken=taken,
            left=left,
        )


def _refuse_twin(
    others: Iterable[Part], starts_at: datetime, ends_at: datetime, place: str, zone: ZoneInfo, *, field: str
) -> None:
    """Slots may overlap, as for two groups at once, but not be the same in every respect."""
    for other in others:
        twins = (other.starts_at, other.ends_at, other.place) == (starts_at, ends_at, place)
        if twins and other.state is PartState.PLANNED:
            raise Refusal(
                marked("There is a slot from %(start)s to %(end)s already"),
                field=field,
                start=f"{starts_at.astimezone(zone):%H:%M}",
                end=f"{ends_at.astimezone(zone):%H:%M}",
            )


def remove_slot(work: Work, *, part_id: int) -> None:
    """Delete a slot as if it had never been planned; refused once anybody held a place in it."""
    event, part = slot_to_edit(work, part_id)
    held = or_(*(exists().where(table.part_id == part.id) for table in (Claim, Entry, Mark, WaitingPart)))
    if work.session.scalar(select(held)):
        raise Refusal(marked("Somebody has held a place in this slot or waits for it. Cancel it instead."))
    forget_hosts(work, part)
    delete_part(work, part)
    event.changed_at = work.now
    work.session.flush()


def cancel_slot(work: Work, *, part_id: int, reason: str, offer_others: bool = False) -> int:
    """Call off one slot and end its bookings, and tell everybody who had one; how many bookings that ended.

    With ``offer_others`` the message names the other times of the visit that have places left.
    """
    event, part = slot_to_edit(work, part_id)
    if part.ends_at <= work.now:
        raise Refusal(marked("This slot is over and cannot be cancelled"))
    touch(work, event, part)
    return call_off(work, [part], reason=reason, offer_others=offer_others)
