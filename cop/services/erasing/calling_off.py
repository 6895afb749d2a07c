"""Calling off what somebody had before them, by the same services that they would use, so that others move up."""

from collections.abc import Sequence

from sqlalchemy import Select, exists, func, or_, select, union

from cop.core.access import Actor
from cop.core.work import Work
from cop.models.cohorts import Application, ApplicationState, Decision
from cop.models.events import Booking, BookingState, Event, Part
from cop.models.offers import Offer, OfferState
from cop.models.summits import Invitation
from cop.models.waiting import Waiting
from cop.queries.privacy.held import Who
from cop.queries.waiting import LIVE
from cop.services.cohorts import applications
from cop.services.events import booking as bookings
from cop.services.events import waiting
from cop.services.events.locking import lock_event_to_edit
from cop.services.summits import inviting


def lock_events(work: Work, of: Who) -> Sequence[int]:
    """Lock every event that they have to do with, before their record: the order of all locks. Which they are."""
    event_ids = events_of(work, of)
    for event_id in event_ids:
        lock_event_to_edit(work, event_id)
    return event_ids


def events_of(work: Work, of: Who) -> Sequence[int]:
    """The events that they booked, wait for, were offered a place at, were invited or applied to, by their ids."""
    held: list[Select[int]] = [
        select(column).where(whose.in_(of.ids))
        for column, whose in (
            (Booking.event_id, Booking.person_id),
            (Waiting.event_id, Waiting.person_id),
            (Offer.event_id, Offer.person_id),
            (Invitation.event_id, Invitation.person_id),
            (Application.cohort_id, Application.person_id),
        )
    ]
    return sorted(work.session.scalars(union(*held)))


def call_off(work: Work, of: Who) -> None:
    """Give back the places to come, leave the lists, and withdraw what was applied for and not told yet."""
    them = Work(work.session, work.now, Actor(of.id, via="system"))
    last = select(func.max(Part.ends_at)).where(Part.event_id == Event.id).scalar_subquery()
    lies_ahead = exists().where(Event.id == Invitation.event_id, or_(last.is_(None), last > work.now))
    invited = select(Invitation.public_id).where(
        Invitation.person_id == of.id, Invitation.withdrawn_at.is_(None), lies_ahead
    )
    for public_id in work.session.scalars(invited.order_by(Invitation.id)).all():
        inviting.withdraw(them, public_id=public_id)
    waits = select(Waiting.public_id).where(Waiting.person_id == of.id, Waiting.state.in_(LIVE))
    for public_id in work.session.scalars(waits.order_by(Waiting.id)).all():
        waiting.leave(them, public_id=public_id)
    open_offers = select(Offer).where(Offer.person_id == of.id, Offer.state == OfferState.OPEN)
    for offer in work.session.scalars(open_offers.order_by(Offer.id)).all():
        bookings.end_offer(them, offer, OfferState.DECLINED)
    coming = (
        select(Booking.public_id)
        .join(Event, Event.id == Booking.event_id)
        .where(Booking.person_id == of.id, Booking.state == BookingState.LIVE, last > work.now)
    )
    for public_id in work.session.scalars(coming.order_by(Booking.id)).all():
        bookings.cancel(them, public_id=public_id)
    told = exists().where(Decision.application_id == Application.id, Decision.released_at.is_not(None))
    applied = select(Application.cohort_id).where(
        Application.person_id == of.id,
        Application.state != ApplicationState.WITHDRAWN,
        Application.anonymised_at.is_(None),
        ~told,
    )
    for event_id in work.session.scalars(applied.order_by(Application.cohort_id)).all():
        applications.withdraw(them, event_id=event_id)
