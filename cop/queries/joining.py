"""Joining online: from when, by which link, and whether the door is open. The same for webinars and meet-ups."""

from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload, selectinload

from cop.core import secrecy
from cop.core.errors import NotFound
from cop.core.work import Reading
from cop.models.events import Booking, BookingState, Event, EventKind, EventState, Part, PartState

JOINED = "joined"
"""The kind of an observation of somebody who pressed the button; its subject is the part."""

ONLINE = (EventKind.WEBINAR, EventKind.MEET_UP)
"""The kinds that people join by a page of ours."""


class Door(StrEnum):
    """Whether somebody who has a place can go in."""

    EARLY = "early"
    OPEN = "open"
    NO_ADDRESS = "no address"
    OVER = "over"
    CANCELLED = "cancelled"


def opens_to_join_at(event: Event, part: Part) -> datetime:
    return part.starts_at - timedelta(minutes=event.join_opens_minutes)


def door_of(booking: Booking, part: Part | None, now: datetime) -> Door:
    """``part`` is what the booking holds, or held when it was cancelled; the event is loaded."""
    ended = booking.state is BookingState.CANCELLED or booking.event.state is not EventState.PUBLISHED
    if part is None or ended or part.state is PartState.CANCELLED:
        return Door.CANCELLED
    if part.ends_at <= now:
        return Door.OVER
    if now < opens_to_join_at(booking.event, part):
        return Door.EARLY
    return Door.OPEN if part.join_url else Door.NO_ADDRESS


def holder_of_join_link(read: Reading, *, slug: str, token: str) -> Booking:
    """The booking, with its event and parts, that a joining link of this event stands for; NotFound for others."""
    signed = secrecy.read_signed("join", token)
    found = _to_join().where(Booking.public_id == (signed or ("", 0))[0])
    booking = read.session.scalars(found).one_or_none()
    if signed is None or booking is None or booking.link_generation != signed[1] or booking.event.slug != slug:
        raise NotFound
    return booking


def own_booking_to_join(read: Reading, *, event_id: int) -> Booking | None:
    """The acting person's live booking of this event."""
    own = _to_join().where(
        Booking.event_id == event_id,
        Booking.person_id == read.actor.person_id,
        Booking.state == BookingState.LIVE,
    )
    return read.session.scalars(own).one_or_none()


def _to_join() -> Select[Booking]:
    event = joinedload(Booking.event)
    return select(Booking).options(
        event.selectinload(Event.parts), event.joinedload(Event.series), selectinload(Booking.entries)
    )
