"""Those who came to a part without a booking, as the hosts at the door wrote them down."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, and_, bindparam, case, func, or_, select
from sqlalchemy.orm import aliased

from cop.core.work import Reading
from cop.models.accounts import Affiliation, Person
from cop.models.events import Booking, BookingSource, BookingState, Event, Mark, MarkSource, Seat
from cop.models.organisations import Organisation

NOT_TAKEN_BACK = or_(Booking.source != BookingSource.WALK_IN, Booking.state == BookingState.LIVE)
"""For figures and files: a walk-in that was written down by mistake has never been."""


@dataclass(frozen=True)
class WalkIn:
    """One party. ``name`` is what was typed at the door, or what a report says.

    ``organisation`` is empty where the person was known before: what we know of them is no news to a host.
    """

    public_id: str
    name: str
    organisation: str | None
    people: int
    since: datetime
    by: str | None
    is_reported: bool


def walk_ins(read: Reading, event: Event) -> Mapping[int, Sequence[WalkIn]]:
    """By part, the latest first; the caller has checked that a host asks."""
    found = defaultdict(list)
    for row in read.session.execute(_walk_ins(), {"event_id": event.id}):
        values = row._asdict()
        found[values.pop("part_id")].append(WalkIn(**values))
    return found


def people_in(parties: Sequence[WalkIn]) -> int:
    """How many heads they are."""
    return sum(party.people for party in parties)


@cache
def _walk_ins() -> Select[*tuple[Any, ...]]:
    marker = aliased(Person)
    made_at_the_door = Person.created_at == Booking.booked_at
    organisation = case((made_at_the_door, func.coalesce(Organisation.name, Affiliation.organisation_text)))
    return (
        select(
            Mark.part_id,
            Booking.public_id,
            func.max(Seat.name).label("name"),
            func.max(organisation).label("organisation"),
            func.count(Mark.id).label("people"),
            func.min(Mark.recorded_at).label("since"),
            func.max(marker.name).label("by"),
            func.bool_and(Mark.source == MarkSource.IMPORT).label("is_reported"),
        )
        .join(Person, Person.id == Booking.person_id)
        .join(Seat, and_(Seat.booking_id == Booking.id, Seat.live))
        .join(Mark, and_(Mark.seat_id == Seat.id, Mark.superseded_at.is_(None)))
        .outerjoin(marker, marker.id == Mark.recorded_by)
        .outerjoin(Organisation, Organisation.id == Booking.organisation_id)
        .outerjoin(
            Affiliation, and_(Affiliation.person_id == Person.id, Affiliation.is_primary, Affiliation.to_on.is_(None))
        )
        .where(
            Booking.event_id == bindparam("event_id"),
            Booking.source == BookingSource.WALK_IN,
            Booking.state == BookingState.LIVE,
        )
        .group_by(Booking.id, Mark.part_id)
        .order_by(func.min(Mark.id).desc())
    )


def booking_with(read: Reading, event: Event, *, email: str) -> str | None:
    """The address of the booking that somebody with this e-mail made for the event; None where there is none."""
    return read.session.scalar(
        select(Booking.public_id)
        .join(Person, Person.id == Booking.person_id)
        .where(
            Booking.event_id == event.id,
            Booking.state == BookingState.LIVE,
            Booking.source != BookingSource.WALK_IN,
            Person.email == email.strip().lower(),
        )
    )


def walk_in(read: Reading, event: Event, *, public_id: str, part_id: int) -> WalkIn | None:
    """One party at one part; the caller has checked that a host asks."""
    parties = walk_ins(read, event).get(part_id, ())
    return next((party for party in parties if party.public_id == public_id), None)
