"""Reads about webinars: who speaks, who may still register or join now, and what is left afterwards."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cache

from sqlalchemy import ARRAY, Select, Text, and_, any_, bindparam, distinct, func, or_, select
from sqlalchemy.orm import selectinload

from cop.core import secrecy
from cop.core.errors import NotFound, marked
from cop.core.work import Reading
from cop.models.accounts import Person
from cop.models.base import UtcDateTime
from cop.models.events import (
    FOR_ANYBODY,
    Arrangement,
    Booking,
    BookingState,
    Event,
    EventKind,
    EventState,
    Part,
    PartState,
    Queue,
    Visibility,
)
from cop.models.organisations import Organisation
from cop.models.service import Observation
from cop.models.webinars import EventLink, LinkKind, Registration, Speaker
from cop.queries.events import EPOCH, places_left
from cop.queries.joining import JOINED

COMING_MOST = 50
"""Webinars of a series that one can register for at once."""


class Registering(StrEnum):
    """Whether people can register for a webinar now, and if not, why."""

    OPEN = "open"
    HIDDEN = "hidden"
    CANCELLED = "cancelled"
    OVER = "over"
    BEGUN = "begun"
    NOT_YET = "not yet"
    CLOSED = "closed"
    FULL = "full"
    KEPT = "kept"
    """There are places, but those who wait come first, or the person's organisation has its share."""
    OFFERED = "offered"
    """A place is held for the person by an offer from the waiting list, which they have not answered."""


WHY_NOT = {
    Registering.HIDDEN: marked("Nobody can register for “%(title)s” here."),
    Registering.CANCELLED: marked("“%(title)s” has been cancelled."),
    Registering.OVER: marked("“%(title)s” is over."),
    Registering.BEGUN: marked("“%(title)s” has begun already."),
    Registering.NOT_YET: marked("Registration for “%(title)s” has not opened yet."),
    Registering.CLOSED: marked("Registration for “%(title)s” has closed."),
    Registering.FULL: marked("“%(title)s” is full."),
    Registering.KEPT: marked("The places that are left in “%(title)s” are kept for others."),
    Registering.OFFERED: marked("We hold a place in “%(title)s” for you: answer the offer from the waiting list."),
}


def session_of(event: Event) -> Part | None:
    """The one part of a webinar; None before its time was set."""
    planned = [part for part in event.parts if part.state is PartState.PLANNED]
    return next(iter(planned or event.parts), None)


def registering(event: Event, now: datetime) -> Registering:
    """The event has its parts loaded."""
    part = session_of(event)
    left = places_left(event, part) if part is not None else None
    if part is None or event.state is EventState.DRAFT or event.visibility not in FOR_ANYBODY:
        return Registering.HIDDEN
    facts = {
        Registering.CANCELLED: event.state is EventState.CANCELLED or part.state is PartState.CANCELLED,
        Registering.OVER: part.ends_at <= now,
        Registering.BEGUN: part.starts_at <= now,
        Registering.NOT_YET: event.opens_at is not None and now < event.opens_at,
        Registering.CLOSED: event.closes_at is not None and event.closes_at <= now,
        Registering.FULL: left is not None and left <= 0,
    }
    return next((state for state, holds in facts.items() if holds), Registering.OPEN)


@dataclass
class Beside:
    """What a list says of an event beside its own words: who speaks, in the order of the programme, and whether there
    is a recording to watch.
    """

    speakers: list[str] = field(default_factory=list)
    is_recorded: bool = False


def beside(read: Reading, slugs: Collection[str]) -> Mapping[str, Beside]:
    """By the slug of their event."""
    found: dict[str, Beside] = defaultdict(Beside)
    for slug, speaker, is_recorded in read.session.execute(_beside(), {"slugs": list(slugs)}) if slugs else ():
        found[slug].is_recorded = is_recorded
        if speaker is not None:
            found[slug].speakers.append(speaker)
    return found


@cache
def _beside() -> Select[str, str | None, bool]:
    recorded = select(EventLink.event_id).where(EventLink.kind == LinkKind.RECORDING).distinct().subquery("recorded")
    return (
        select(Event.slug, Speaker.name, recorded.c.event_id.is_not(None))
        .outerjoin(Speaker, and_(Speaker.event_id == Event.id, Speaker.declined_at.is_(None)))
        .outerjoin(recorded, recorded.c.event_id == Event.id)
        .where(Event.slug == any_(bindparam("slugs", type_=ARRAY(Text()))))
        .order_by(Event.id, Speaker.position, Speaker.id)
    )


def links_of(read: Reading, event_id: int) -> Sequence[EventLink]:
    """Recordings first, then resources, each in their order."""
    return read.session.scalars(_links(), {"event_id": event_id}).all()


@cache
def _links() -> Select[EventLink]:
    return (
        select(EventLink)
        .where(EventLink.event_id == bindparam("event_id"))
        .order_by(EventLink.kind, EventLink.position, EventLink.id)
    )


def coming_with(read: Reading, event: Event) -> Sequence[Event]:
    """The webinar and those of its series that are to come, with their parts, by their time."""
    beside = coming_in_series(read, event.series_id) if event.series_id is not None else ()
    return sorted({item.id: item for item in (*beside, event)}.values(), key=_begins)


def coming_in_series(read: Reading, series_id: int) -> Sequence[Event]:
    """Public webinars of the series that are to come, with their parts, by their time."""
    values = {"series_id": series_id, "now": read.now}
    return read.session.scalars(_coming_in_series(), values).unique().all()


def full_ones(found: Iterable[Event], now: datetime) -> Sequence[Event]:
    """Those that are full and have a waiting list."""
    full = [event for event in found if registering(event, now) is Registering.FULL]
    return [event for event in full if event.queue is not Queue.NONE]


def still_open(found: Iterable[Event], now: datetime) -> Sequence[Event]:
    """Those that one can register for now."""
    return [event for event in found if registering(event, now) is Registering.OPEN]


@cache
def _coming_in_series() -> Select[Event]:
    return (
        select(Event)
        .join(Part, Part.event_id == Event.id)
        .where(
            Event.series_id == bindparam("series_id"),
            Event.kind == EventKind.WEBINAR,
            Event.state == EventState.PUBLISHED,
            Event.visibility == Visibility.PUBLIC,
            Part.starts_at > bindparam("now", type_=UtcDateTime()),
        )
        .options(selectinload(Event.parts).joinedload(Part.day_limit))
        .order_by(Part.starts_at, Event.id)
        .limit(COMING_MOST)
    )


def _begins(event: Event) -> tuple[datetime, int]:
    part = session_of(event)
    return (part.starts_at if part is not None else EPOCH, event.id)


def webinars(read: Reading, event_ids: Collection[int]) -> Sequence[Event]:
    """These webinars with their parts, in the order of time; whoever asks has the right to know of them."""
    found = select(Event).where(Event.id.in_(event_ids), Event.kind == EventKind.WEBINAR)
    with_parts = found.options(selectinload(Event.parts).joinedload(Part.day_limit))
    return sorted(read.session.scalars(with_parts), key=_begins)


def booked_by(read: Reading, person_id: int | None, event_ids: Collection[int]) -> Mapping[int, Booking]:
    """The person's live bookings of these events, by event."""
    if person_id is None or not event_ids:
        return {}
    live = select(Booking).where(
        Booking.person_id == person_id, Booking.event_id.in_(event_ids), Booking.state == BookingState.LIVE
    )
    return {booking.event_id: booking for booking in read.session.scalars(live)}


@dataclass(frozen=True)
class Asking:
    """A registration by e-mail: what it asks for, and once it is confirmed, what became of each."""

    registration: Registration
    events: Sequence[Event]
    booked: Mapping[int, Booking]

    def why_not(self, event: Event) -> str | None:
        """The reason, with the title to fill in, for which the webinar was refused when this was confirmed."""
        word = self._refused(event)
        return WHY_NOT[word] if word else None

    def is_full(self, event: Event) -> bool:
        """Whether it was refused for want of a place, so that only the waiting list is left."""
        return self._refused(event) in {Registering.FULL, Registering.KEPT}

    def _refused(self, event: Event) -> Registering | None:
        word = self.registration.wanted.get("refused", {}).get(str(event.id))
        return Registering(word) if word else None


def asking_of_link(read: Reading, *, token: str) -> Asking | None:
    """What a mailed link asks to confirm; None once it is too old. NotFound for a forged one."""
    signed = secrecy.read_signed("registration", token)
    if signed is None:
        raise NotFound
    found = select(Registration).where(Registration.public_id == signed[0])
    registration = read.session.scalars(found).one_or_none()
    if registration is None or (registration.confirmed_at is None and registration.expires_at <= read.now):
        return None
    return asking_of(read, registration)


def asking_of(read: Reading, registration: Registration) -> Asking:
    event_ids = registration.wanted["event_ids"]
    booked = booked_by(read, registration.person_id, event_ids)
    return Asking(registration, webinars(read, event_ids), booked)


@dataclass(frozen=True)
class Need:
    name: str
    public_id: str
    organisation: str | None
    access: str


def needs_of(read: Reading, event_id: int) -> Sequence[Need]:
    """What those registered need: as they said it when they registered, else as their profile says it.

    The caller has checked that staff ask, and notes that they did.
    """
    said = Arrangement.booking_id.is_not(None)
    rows = read.session.execute(
        select(
            Person.name,
            Booking.public_id,
            func.coalesce(Organisation.name, "").label("organisation"),
            said.label("said"),
            Arrangement.access,
            Person.needs,
        )
        .join(Person, Person.id == Booking.person_id)
        .outerjoin(Arrangement, Arrangement.booking_id == Booking.id)
        .outerjoin(Organisation, Organisation.id == Booking.organisation_id)
        .where(
            Booking.event_id == event_id,
            Booking.state == BookingState.LIVE,
            or_(Arrangement.access.is_not(None), and_(~said, Person.needs.is_not(None))),
        )
        .order_by(Person.name, Booking.id)
    )
    return [
        Need(row.name, row.public_id, row.organisation, (row.access if row.said else row.needs) or "") for row in rows
    ]


@dataclass(frozen=True)
class Turnout:
    """How many pressed the button to join, and how often each link was opened: two ways to take part, apart."""

    joined: int
    opened: Mapping[int, int]


def turnout(read: Reading, part_id: int | None, link_ids: Collection[int]) -> Turnout:
    joined = select(func.count(distinct(Observation.person_id))).where(
        Observation.kind == JOINED, Observation.subject_kind == "part", Observation.subject_id == part_id
    )
    opened = (
        select(Observation.subject_id, func.count().label("times"))
        .where(
            Observation.kind.in_([opened_as(kind) for kind in LinkKind]),
            Observation.subject_kind == "event link",
            Observation.subject_id.in_(link_ids),
        )
        .group_by(Observation.subject_id)
    )
    times = {row.subject_id: row.times for row in read.session.execute(opened)}
    return Turnout(read.session.scalar(joined) or 0, times)


def opened_as(kind: LinkKind) -> str:
    """The kind of observation that counts openings of such a link."""
    return f"{kind} opened"
