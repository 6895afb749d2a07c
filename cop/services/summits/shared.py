"""What answering and inviting have in common."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from cop.core.errors import NotFound
from cop.core.work import Work
from cop.models.events import Booking, BookingState, Event, Part
from cop.models.summits import Answer, Invitation, Substitution, SubstitutionState
from cop.services.events.locking import lock_event_to_edit


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


def locked_invitation(work: Work, public_id: str) -> tuple[Event, Invitation]:
    """An invitation with its event, both as they stand once they are locked; whose it is the caller checks."""
    event_id = work.session.scalar(select(Invitation.event_id).where(Invitation.public_id == public_id))
    if event_id is None:
        raise NotFound
    lock_event_to_edit(work, event_id)
    event = with_parts(work, event_id)
    found = select(Invitation).where(Invitation.public_id == public_id).with_for_update(key_share=True)
    return event, work.session.scalars(found.execution_options(populate_existing=True)).one()


def open_proposal(work: Work, invitation: Invitation) -> Substitution | None:
    """Whom the invited person wants to send in their place, while nobody has decided that; locked."""
    found = select(Substitution).where(
        Substitution.invitation_id == invitation.id, Substitution.state == SubstitutionState.PROPOSED
    )
    return work.session.scalars(found.with_for_update()).one_or_none()


def note_answer(work: Work, invitation: Invitation, response: Answer) -> None:
    """Each answer is later than the last, so that a page can tell which one it showed."""
    last = invitation.answered_at
    invitation.response = response
    invitation.answered_at = max(work.now, last + timedelta(microseconds=1)) if last is not None else work.now
