"""The host's lists."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, case, null, select
from sqlalchemy.orm import aliased

from cop.core.work import Reading
from cop.models.accounts import Person, Sector
from cop.models.events import (
    Arrangement,
    Attendance,
    Booking,
    Claim,
    Event,
    Mark,
    MarkSource,
    Part,
    PartState,
    Seat,
)
from cop.models.organisations import Organisation


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
    emergency_contact: str | None
    organisation: str | None
    sector: Sector | None
    mark_id: int | None
    status: Attendance | None
    source: MarkSource | None
    minutes: int | None
    marked_at: datetime | None
    marked_by: str | None


@dataclass(frozen=True)
class HostList:
    part: Part
    guests: Sequence[Guest]


def host_lists(
    read: Reading, event: Event, *, with_needs: bool = False, part_ids: Collection[int] | None = None
) -> Sequence[HostList]:
    """Who comes to each part of the event, or to those named, by name of the booker; the caller has checked that a
    host asks.

    Access needs are those said for this booking, else those of the profile. They and whom to call in an emergency are
    only read, and decrypted, where the page shows them.
    """
    parts = [part for part in event.parts if part_ids is None or part.id in part_ids]
    marker = aliased(Person)
    said_or_known = case((Arrangement.booking_id.is_not(None), Arrangement.access), else_=Person.needs)
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
            (said_or_known if with_needs else null()).label("needs"),
            (Arrangement.emergency_contact if with_needs else null()).label("emergency_contact"),
            Organisation.name.label("organisation"),
            Booking.sector,
            Mark.id.label("mark_id"),
            Mark.status,
            Mark.source,
            Mark.minutes,
            Mark.recorded_at.label("marked_at"),
            marker.name.label("marked_by"),
        )
        .join(Booking, Booking.id == Claim.booking_id)
        .join(Seat, and_(Seat.booking_id == Booking.id, Seat.live))
        .join(Person, Person.id == Booking.person_id)
        .outerjoin(Arrangement, Arrangement.booking_id == Booking.id)
        .outerjoin(Organisation, Organisation.id == Booking.organisation_id)
        .outerjoin(Mark, and_(Mark.part_id == Claim.part_id, Mark.seat_id == Seat.id, Mark.superseded_at.is_(None)))
        .outerjoin(marker, marker.id == Mark.recorded_by)
        .where(
            Claim.event_id == event.id,
            Claim.part_id.in_([part.id for part in parts]),
            Claim.released_at.is_(None),
        )
        .order_by(Person.name, Booking.id, Seat.position)
    ).all()
    guests: dict[int, list[Guest]] = {part.id: [] for part in parts}
    for row in rows:
        values = row._asdict()
        part_id = values.pop("part_id")
        if values["position"] == 0:
            values["name"] = values["booker"]
        guests[part_id].append(Guest(**values))
    return [HostList(part, guests[part.id]) for part in parts if part.state is PartState.PLANNED or guests[part.id]]
