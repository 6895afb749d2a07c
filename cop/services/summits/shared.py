"""What answering and inviting have in common."""

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from cop.core.work import Work
from cop.models.events import Booking, BookingState, Event, Part
from cop.models.summits import Invitation


def with_parts(work: Work, event_id: int) -> Event:
    """The event as it stands now, with its parts; the caller has locked it."""
    loaded = select(Event).where(Event.id == event_id).options(selectinload(Event.parts).joinedload(Part.day_limit))
    return work.session.scalars(loaded.execution_options(populate_existing=True)).one()


def live_booking(work: Work, invitation: Invitation) -> Booking | None:
    """The booking that a yes has made, locked."""
    live = select(Booking).where(
        Booking.event_id == invitation.event_id,
        Booking.person_id == invitation.person_id,
        Booking.state == BookingState.LIVE,
    )
    return work.session.scalars(live.with_for_update(key_share=True)).one_or_none()
