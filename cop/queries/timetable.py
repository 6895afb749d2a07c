"""What the service sends by itself on the dates of events: to whom, and how long before what.

Each function says who is in line and has not got it; the job that posts it adds that the time has come, and the dry run
of an event says when it will.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, SQLColumnExpression, and_, exists, func, select
from sqlalchemy.orm import aliased

from cop.models.cohorts import Application, ApplicationState, Endorsement, EndorsementState
from cop.models.events import Booking, BookingState, Entry, EntryStatus, Event, EventKind, EventState, Part, PartState
from cop.models.offers import Offer, OfferState
from cop.models.outbox import Outbox

PACK_AHEAD = timedelta(days=3)
CLOSE_AHEAD = timedelta(days=2)
OFFER_AHEAD = timedelta(days=2)


@dataclass(frozen=True)
class Ahead:
    """A reminder goes out ``before`` the start and is useless once ``until`` remains.

    It serves for whatever else the booking holds within ``serves`` after that start: a course of two days needs one
    reminder in the week before, and one for each day.
    """

    name: str
    before: timedelta
    until: timedelta
    serves: timedelta


AHEAD = (
    Ahead("week", timedelta(days=7), timedelta(days=2), serves=timedelta(days=7)),
    Ahead("day", timedelta(days=1), timedelta(hours=2), serves=timedelta(hours=12)),
    Ahead("hour", timedelta(hours=1), timedelta(), serves=timedelta(hours=12)),
)


def reminders(ahead: Ahead) -> Select[str, int, int, int, datetime]:
    """Entries to be reminded of; whoever booked or moved after that needs none."""
    key = func.concat(
        "reminder:", ahead.name, ":", Entry.id, ":", func.extract("epoch", Part.starts_at).cast(BigInteger)
    )
    earlier_entry, earlier = aliased(Entry), aliased(Part)
    served = exists().where(
        earlier_entry.booking_id == Entry.booking_id,
        earlier_entry.status == EntryStatus.CONFIRMED,
        earlier.id == earlier_entry.part_id,
        earlier.state == PartState.PLANNED,
        earlier.starts_at < Part.starts_at,
        earlier.starts_at >= Part.starts_at - ahead.serves,
    )
    return (
        select(
            key.label("key"),
            Booking.person_id,
            Booking.id.label("booking_id"),
            Part.id.label("part_id"),
            Part.starts_at,
        )
        .join(Entry, Entry.part_id == Part.id)
        .join(Booking, Booking.id == Entry.booking_id)
        .where(
            Part.state == PartState.PLANNED,
            Entry.status == EntryStatus.CONFIRMED,
            Booking.state == BookingState.LIVE,
            Entry.changed_at <= Part.starts_at - ahead.before,
            ~served,
            ~_posted(key),
        )
    )


def visit_packs() -> Select[str, int, int, datetime]:
    """Booked slots of visits. The key names the booking and its slot, so that whoever moves gets the pack of that."""
    key = func.concat("visit-pack:", Booking.id, ":", Part.id)
    return (
        select(key.label("key"), Booking.id.label("booking_id"), Part.id.label("part_id"), Part.starts_at)
        .select_from(Part)
        .join(Event, Event.id == Part.event_id)
        .join(Entry, Entry.part_id == Part.id)
        .join(Booking, Booking.id == Entry.booking_id)
        .where(
            Part.state == PartState.PLANNED,
            Event.kind == EventKind.VISIT,
            Event.state == EventState.PUBLISHED,
            Entry.status == EntryStatus.CONFIRMED,
            Booking.state == BookingState.LIVE,
            ~_posted(key),
        )
    )


def drafts_before_the_close() -> Select[str, int, datetime | None]:
    """Drafts of calls that close; whoever began shortly before has just had a mail. The key holds the close, so that
    whoever was reminded is reminded again when the call is open for longer.
    """
    key = func.concat(
        "application-closing:", Application.id, ":", func.extract("epoch", Event.closes_at).cast(BigInteger)
    )
    return (
        select(key.label("key"), Application.id, Event.closes_at)
        .join(Event, Event.id == Application.cohort_id)
        .where(
            Application.state == ApplicationState.DRAFT,
            Event.state == EventState.PUBLISHED,
            Application.started_at <= Event.closes_at - CLOSE_AHEAD,
            ~_posted(key),
        )
    )


def endorsements_before_the_close() -> Select[str, int, str, datetime | None]:
    """Those asked to support an application who have not answered, in the same way. They need not be people we know."""
    closes = func.extract("epoch", Event.closes_at).cast(BigInteger)
    key = func.concat("endorsement-reminder:", Endorsement.id, ":", closes)
    return (
        select(key.label("key"), Endorsement.id, Endorsement.email, Event.closes_at)
        .join(Application, Application.id == Endorsement.application_id)
        .join(Event, Event.id == Application.cohort_id)
        .where(
            Endorsement.state == EndorsementState.ASKED,
            Endorsement.replaced_at.is_(None),
            Application.state != ApplicationState.WITHDRAWN,
            Event.state == EventState.PUBLISHED,
            Endorsement.asked_at <= Event.closes_at - CLOSE_AHEAD,
            ~_posted(key),
        )
    )


def offer_to_be_reminded_of() -> ColumnElement[bool]:
    """That an offer is open and its holder was not reminded; whoever was offered it shortly before its end knows."""
    keys = (func.concat("offer-reminder:", Offer.id), func.concat("place-offer-reminder:", Offer.id))
    return and_(
        Offer.state == OfferState.OPEN,
        Offer.offered_at <= Offer.expires_at - OFFER_AHEAD,
        ~exists().where(Outbox.key.in_(keys)),
    )


def _posted(key: SQLColumnExpression[Any]) -> ColumnElement[bool]:
    return exists().where(Outbox.key == key)
