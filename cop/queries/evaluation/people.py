"""The rows behind the figures of people, with names: for those from whom nothing is hidden."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, func, select

from cop.core.access import Role
from cop.core.errors import NotFound
from cop.core.work import Reading
from cop.models.accounts import Person, Sector
from cop.models.events import CAME, Booking, BookingSource, Event, EventKind, EventState, Mark, Seat
from cop.models.organisations import Organisation
from cop.models.programmes import Programme
from cop.queries.evaluation.filters import Filters
from cop.queries.evaluation.reach import newer_since


@dataclass(frozen=True)
class Taken:
    """One seat that somebody holds or held. ``name`` is None for members of a party whom nobody named."""

    name: str | None
    organisation: str | None
    sector: Sector | None
    event: str
    slug: str
    kind: EventKind
    booked_at: datetime
    is_live: bool
    walked_in: bool
    came: bool


def people(
    read: Reading, programme: Programme, filters: Filters, *, offset: int = 0, limit: int = 50
) -> Sequence[Taken]:
    """The seats that the figures count, by name, ``limit`` + 1 of them; NotFound for who may not see names."""
    if not read.actor.may(Role.ADMIN, programme_id=programme.id):
        raise NotFound
    since = newer_since(read, programme)
    came = exists().where(Mark.seat_id == Seat.id, Mark.superseded_at.is_(None), Mark.status.in_(CAME))
    name = func.coalesce(Person.name, Seat.name)
    found = (
        select(
            name.label("name"),
            Organisation.name.label("organisation"),
            Booking.sector,
            Event.title.label("event"),
            Event.slug,
            Event.kind,
            Booking.booked_at,
            Seat.live.label("is_live"),
            (Booking.source == BookingSource.WALK_IN).label("walked_in"),
            came.label("came"),
        )
        .select_from(Seat)
        .join(Event, Event.id == Seat.event_id)
        .join(Booking, Booking.id == Seat.booking_id)
        .outerjoin(Person, Person.id == Seat.person_id)
        .outerjoin(Organisation, Organisation.id == Booking.organisation_id)
        .where(
            Event.programme_id == programme.id,
            Event.state != EventState.DRAFT,
            *filters.events(),
            *filters.booked(Booking.sector, since),
        )
        .order_by(func.lower(name).nulls_last(), Seat.id)
    )
    rows = read.session.execute(found.offset(offset).limit(limit + 1))
    return [Taken(**row._asdict()) for row in rows]
