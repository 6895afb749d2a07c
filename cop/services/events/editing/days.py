"""How many people one day of a visit takes over all its slots."""

from datetime import date
from zoneinfo import ZoneInfo

from cop.core.errors import Refusal, marked
from cop.core.work import Work
from cop.models.events import DayLimit
from cop.services.events.booking import advance
from cop.services.events.editing.shared import (
    event_to_edit,
    lock_all_parts,
    lock_days,
    refuse_below,
    seats_claimed,
    touch,
)


def limit_day(work: Work, *, event_id: int, on_date: date, capacity: int | None, zone: ZoneInfo) -> DayLimit | None:
    """Set the day's limit, alter it, or lift it (None). The day is a local one; all its slots count."""
    event = event_to_edit(work, event_id)
    limit = lock_days(work, event).get(on_date)
    parts = [part for part in lock_all_parts(work, event) if part.starts_at.astimezone(zone).date() == on_date]
    if capacity is not None and not parts:
        raise Refusal(marked("There are no slots on this day"), field="capacity")
    refuse_below(sum(seats_claimed(work, event, part) for part in parts), capacity)
    touch(work, event, *parts)
    if capacity is None:
        for part in parts:
            part.day_limit_id = None
        work.session.flush()
        if limit is not None:
            work.session.delete(limit)
            work.session.flush()
        advance(work, event)
        return None
    if limit is None:
        limit = DayLimit(event_id=event.id, on_date=on_date, capacity=capacity)
        work.session.add(limit)
    limit.capacity = capacity
    work.session.flush()
    for part in parts:
        part.day_limit_id = limit.id
    work.session.flush()
    work.session.refresh(limit)  # a trigger counts the day's places
    advance(work, event)
    return limit
