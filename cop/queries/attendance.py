"""The host's lists, and the rows of the attendance export."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, func, null, or_, select
from sqlalchemy.orm import aliased

from cop.core.access import Role
from cop.core.errors import NotFound
from cop.core.work import Reading
from cop.models.accounts import Person, Sector
from cop.models.events import (
    Attendance,
    Booking,
    BookingState,
    Claim,
    Entry,
    EntryStatus,
    Event,
    EventKind,
    Mark,
    MarkSource,
    Part,
    PartState,
    Seat,
)
from cop.models.organisations import Membership, Organisation, OrganisationKind
from cop.models.programmes import Programme


@dataclass(frozen=True)
class Guest:
    """One seat on a host's list, with who holds it and the last statement about it."""

    seat_id: int
    position: int
    name: str | None
    booking_id: int
    public_id: str
    booker: str
    party_size: int
    phone: str | None
    needs: str | None
    organisation: str | None
    sector: Sector | None
    mark_id: int | None
    status: Attendance | None
    marked_at: datetime | None
    marked_by: str | None


@dataclass(frozen=True)
class HostList:
    part: Part
    guests: Sequence[Guest]


def host_lists(read: Reading, event: Event, *, with_needs: bool = False) -> Sequence[HostList]:
    """Who comes to each part of the event, by name of the booker; the caller has checked that a host asks.

    Access needs are only read, and decrypted, where the page shows them.
    """
    marker = aliased(Person)
    rows = read.session.execute(
        select(
            Claim.part_id,
            Seat.id.label("seat_id"),
            Seat.position,
            Seat.name,
            Booking.id.label("booking_id"),
            Booking.public_id,
            Person.name.label("booker"),
            Booking.party_size,
            Person.phone,
            Person.needs if with_needs else null().label("needs"),
            Organisation.name.label("organisation"),
            Booking.sector,
            Mark.id.label("mark_id"),
            Mark.status,
            Mark.recorded_at.label("marked_at"),
            marker.name.label("marked_by"),
        )
        .join(Booking, Booking.id == Claim.booking_id)
        .join(Seat, and_(Seat.booking_id == Booking.id, Seat.live))
        .join(Person, Person.id == Booking.person_id)
        .outerjoin(Organisation, Organisation.id == Booking.organisation_id)
        .outerjoin(Mark, and_(Mark.part_id == Claim.part_id, Mark.seat_id == Seat.id, Mark.superseded_at.is_(None)))
        .outerjoin(marker, marker.id == Mark.recorded_by)
        .where(Claim.event_id == event.id, Claim.part_id.is_not(None), Claim.released_at.is_(None))
        .order_by(Person.name, Booking.id, Seat.position)
    ).all()
    guests: dict[int, list[Guest]] = {part.id: [] for part in event.parts}
    for row in rows:
        values = row._asdict()
        part_id = values.pop("part_id")
        if values["position"] == 0:
            values["name"] = values["booker"]
        guests[part_id].append(Guest(**values))
    return [
        HostList(part, guests[part.id]) for part in event.parts if part.state is PartState.PLANNED or guests[part.id]
    ]


@dataclass(frozen=True)
class ExportRow:
    """One row of the attendance export before it is written: a seat on a part, as the contract defines it."""

    event: str
    event_kind: EventKind
    session: str | None
    session_starts_at: datetime | None
    person_id: int | None
    public_id: str | None
    name: str | None
    email: str | None
    organisation_id: int | None
    organisation: str | None
    organisation_kind: OrganisationKind | None
    membership: Membership | None
    region: str | None
    newer_member: bool | None
    sector: Sector | None
    booking_state: BookingState
    mark: Attendance | None
    minutes: int | None
    source: MarkSource | None
    recorded_at: datetime | None


def export_programme(read: Reading, *, slug: str) -> Programme:
    """The programme, for those who may export it."""
    programme = read.session.scalars(select(Programme).where(Programme.slug == slug)).one_or_none()
    allowed = programme is not None and read.actor.may(Role.ADMIN, Role.EVALUATOR, programme_id=programme.id)
    if programme is None or not allowed:
        raise NotFound
    return programme


def export_rows(read: Reading, *, programme_id: int) -> Iterator[ExportRow]:
    """Rows by event, part, booking and seat, through a server-side cursor: memory stays the same for any number."""
    result = read.session.execute(_export(programme_id), execution_options={"yield_per": 2_000})
    for row in result:
        yield ExportRow(**row._asdict())


def _export(programme_id: int) -> Select[*tuple[Any, ...]]:
    """A row for each seat and part that its booking holds, held when it was cancelled, or that it is marked on.

    What was given up before, by a move or for fewer parts, counts no more. A booking without parts has one row.
    """
    held_at_the_end = and_(Booking.state == BookingState.CANCELLED, Entry.changed_at >= Booking.cancelled_at)
    held = (
        select(Seat.id.label("seat_id"), Entry.part_id)
        .join(Booking, Booking.id == Seat.booking_id)
        .join(Entry, Entry.booking_id == Booking.id)
        .where(or_(Entry.status == EntryStatus.CONFIRMED, held_at_the_end))
    )
    marked = select(Mark.seat_id, Mark.part_id).where(Mark.superseded_at.is_(None))
    on = held.union(marked).subquery("on_part")
    return (
        select(
            Event.slug.label("event"),
            Event.kind.label("event_kind"),
            Part.title.label("session"),
            Part.starts_at.label("session_starts_at"),
            Seat.person_id,
            Person.public_id,
            func.coalesce(Seat.name, Person.name).label("name"),
            Person.email,
            Booking.organisation_id,
            Organisation.name.label("organisation"),
            Organisation.kind.label("organisation_kind"),
            Booking.membership,
            Organisation.region,
            Booking.newer_member,
            Booking.sector,
            Booking.state.label("booking_state"),
            Mark.status.label("mark"),
            Mark.minutes,
            Mark.source,
            Mark.recorded_at,
        )
        .select_from(Event)
        .join(Booking, Booking.event_id == Event.id)
        .join(Seat, Seat.booking_id == Booking.id)
        .outerjoin(on, on.c.seat_id == Seat.id)
        .outerjoin(Part, Part.id == on.c.part_id)
        .outerjoin(Mark, and_(Mark.part_id == Part.id, Mark.seat_id == Seat.id, Mark.superseded_at.is_(None)))
        .outerjoin(Person, Person.id == Seat.person_id)
        .outerjoin(Organisation, Organisation.id == Booking.organisation_id)
        .where(Event.programme_id == programme_id)
        .order_by(Event.slug, Part.starts_at, Part.id, Booking.id, Seat.position)
    )
