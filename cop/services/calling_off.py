"""Calling off a part of an event of any kind: a slot, a half-day, a piece of the agenda, a date."""

from sqlalchemy import select

from cop.core.errors import NotFound
from cop.core.work import Work
from cop.models.events import Event, EventKind, Part
from cop.services.cohorts.editing import cancel_half_day
from cop.services.events.editing import cancel_slot
from cop.services.events.editing.summits import cancel_part as cancel_part_of_summit

WHOLE = (EventKind.WEBINAR,)
"""Kinds with a single part: who calls it off calls off the event."""


def cancel_part(work: Work, *, part_id: int, reason: str, offer_others: bool = False) -> int:
    """Call it off and tell everybody who holds it why; how many bookings that touches.

    At a visit it was all that they had booked, so their booking ends, and the message can name the other times. Whoever
    comes to a summit or a course keeps the rest of it.
    """
    kind = work.session.scalar(select(Event.kind).join(Part, Part.event_id == Event.id).where(Part.id == part_id))
    if kind is None or kind in WHOLE:
        raise NotFound
    if kind is EventKind.COHORT:
        return cancel_half_day(work, part_id=part_id, reason=reason)
    if kind is EventKind.SUMMIT:
        return cancel_part_of_summit(work, part_id=part_id, reason=reason)
    return cancel_slot(work, part_id=part_id, reason=reason, offer_others=offer_others)
