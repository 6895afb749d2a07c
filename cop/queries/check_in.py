"""Who is expected at one part of an event and who is here, searched by hosts at the door."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import aliased

from cop.core.errors import NotFound
from cop.core.place import day_of, instant_on
from cop.core.work import Reading
from cop.models.accounts import Affiliation, Person
from cop.models.events import (
    CAME,
    Attendance,
    Booking,
    BookingState,
    Claim,
    Event,
    Mark,
    MarkSource,
    Part,
    PartState,
    Seat,
)
from cop.models.organisations import Organisation
from cop.models.summits import PartKind
from cop.queries.events import may_run

MOST_WORDS = 8


@dataclass(frozen=True)
class Arrival:
    """One seat, with who holds it and what was said about it last; ``name`` is None for a guest nobody named."""

    seat_id: int
    name: str | None
    booker: str
    organisation: str | None
    mark_id: int | None
    status: Attendance | None
    marked_at: datetime | None
    marked_by: str | None
    source: MarkSource | None

    @property
    def is_here(self) -> bool:
        return self.status in CAME

    @property
    def by_themselves(self) -> bool:
        return self.source is MarkSource.SELF_CHECK_IN


@dataclass(frozen=True)
class Tally:
    here: int
    expected: int


@dataclass(frozen=True)
class Shown:
    """The booking whose code somebody shows at the door, and the parts that it holds."""

    public_id: str
    booker: str
    is_live: bool
    part_ids: Collection[int]


def slug_for_host(read: Reading, *, public_id: str) -> str | None:
    """The event at whose door this booking is shown, if the actor stands there; None for everybody else."""
    found = select(Event).join(Booking, Booking.event_id == Event.id).where(Booking.public_id == public_id)
    event = read.session.scalars(found).one_or_none()
    if event is None:
        raise NotFound
    return event.slug if may_run(read.actor, event) else None


def shown_booking(read: Reading, event: Event, *, public_id: str) -> Shown:
    """A booking of this event; the caller has checked that a host asks."""
    row = read.session.execute(
        select(Booking.id, Booking.state, Person.name)
        .join(Person, Person.id == Booking.person_id)
        .where(Booking.public_id == public_id, Booking.event_id == event.id)
    ).one_or_none()
    if row is None:
        raise NotFound
    held = select(Claim.part_id).where(
        Claim.booking_id == row.id, Claim.part_id.is_not(None), Claim.released_at.is_(None)
    )
    part_ids = {part_id for part_id in read.session.scalars(held) if part_id is not None}
    return Shown(public_id, row.name, row.state is BookingState.LIVE, part_ids)


def current_part(
    event: Event, now: datetime, part_id: int | None = None, *, among: Collection[int] = ()
) -> Part | None:
    """The part asked for, else the one that runs now or comes next, else the last.

    Where an agenda belongs to everybody, it comes before the breakouts beside it. Parts of ``among`` come before
    others.
    """
    planned = [part for part in event.parts if part.state is PartState.PLANNED]
    asked = [part for part in planned if part.id == part_id]
    planned = [part for part in planned if part.id in among] or planned
    agenda = [part for part in planned if part.kind == PartKind.AGENDA] or planned
    coming = [part for part in agenda if part.ends_at > now]
    return next(iter([*asked, *coming, *agenda[-1:]]), None)


def arrivals(
    read: Reading, part: Part, *, words: str = "", booking: str | None = None, limit: int = 50
) -> Sequence[Arrival]:
    """Seats of the part by name, ``limit`` + 1 of them; the caller has checked that a host asks.

    Each word may stand anywhere in the name of the guest, of the booker, or of the organisation. ``booking`` leaves
    those of one booking.
    """
    marker = aliased(Person)
    name = func.coalesce(Seat.name, Person.name)
    found = (
        select(
            Seat.id.label("seat_id"),
            Seat.name,
            Seat.person_id,
            Person.name.label("booker"),
            func.coalesce(Organisation.name, Affiliation.organisation_text).label("organisation"),
            Mark.id.label("mark_id"),
            Mark.status,
            Mark.recorded_at.label("marked_at"),
            marker.name.label("marked_by"),
            Mark.source,
        )
        .select_from(Claim)
        .join(Booking, Booking.id == Claim.booking_id)
        .join(Seat, and_(Seat.booking_id == Booking.id, Seat.live))
        .join(Person, Person.id == Booking.person_id)
        .outerjoin(Organisation, Organisation.id == Booking.organisation_id)
        .outerjoin(
            Affiliation, and_(Affiliation.person_id == Person.id, Affiliation.is_primary, Affiliation.to_on.is_(None))
        )
        .outerjoin(Mark, and_(Mark.part_id == Claim.part_id, Mark.seat_id == Seat.id, Mark.superseded_at.is_(None)))
        .outerjoin(marker, marker.id == Mark.recorded_by)
        .where(Claim.part_id == part.id, Claim.released_at.is_(None), *_holding(words), *_of_booking(booking))
        .order_by(name, Booking.id, Seat.position)
        .limit(limit + 1)
    )
    return [_arrival(row._asdict()) for row in read.session.execute(found)]


def _arrival(values: dict[str, object]) -> Arrival:
    person_id = values.pop("person_id")
    if person_id is not None:
        values["name"] = values["booker"]
    return Arrival(**values)  # type: ignore[arg-type]  # the columns are its fields


def _holding(words: str) -> Sequence[ColumnElement[bool]]:
    looked_through = (Seat.name, Person.name, Organisation.name, Affiliation.organisation_text)
    return [
        or_(*(column.icontains(word, autoescape=True) for column in looked_through))
        for word in words.split()[:MOST_WORDS]
    ]


def _of_booking(public_id: str | None) -> Sequence[ColumnElement[bool]]:
    return [Booking.public_id == public_id] if public_id else []


def tally(read: Reading, part: Part) -> Tally:
    """How many of those who are expected at the part are here."""
    here = Mark.status.in_(CAME)
    row = read.session.execute(
        select(func.count(Seat.id).label("expected"), func.count(Mark.id).filter(here).label("here"))
        .select_from(Claim)
        .join(Seat, and_(Seat.booking_id == Claim.booking_id, Seat.live))
        .outerjoin(Mark, and_(Mark.part_id == Claim.part_id, Mark.seat_id == Seat.id, Mark.superseded_at.is_(None)))
        .where(Claim.part_id == part.id, Claim.released_at.is_(None))
    ).one()
    return Tally(row.here, row.expected)


OFFLINE_MOST = 2_000
"""Guests of one part that a telephone keeps."""


@dataclass(frozen=True)
class Today:
    """The parts of one day with those who are expected, and how long the day lasts."""

    parts: Sequence[tuple[Part, Sequence[Arrival]]]
    seconds_left: int


def today(read: Reading, event: Event) -> Today:
    """What runs on this day; the caller has checked that a host asks."""
    on = day_of(read.now)
    parts = [part for part in event.parts if part.state is PartState.PLANNED and day_of(part.starts_at) == on]
    left = (instant_on(on + timedelta(days=1), time(0)) - read.now) // timedelta(seconds=1)
    return Today([(part, arrivals(read, part, limit=OFFLINE_MOST)) for part in parts], left)
