"""Who is expected at one part of an event and who is here, searched by hosts at the door."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import aliased

from cop.core.work import Reading
from cop.models.accounts import Affiliation, Person
from cop.models.events import CAME, Attendance, Booking, Claim, Event, Mark, Part, PartState, Seat
from cop.models.organisations import Organisation
from cop.models.summits import PartKind

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

    @property
    def is_here(self) -> bool:
        return self.status in CAME


@dataclass(frozen=True)
class Tally:
    here: int
    expected: int


def current_part(event: Event, now: datetime, part_id: int | None = None) -> Part | None:
    """The part asked for, else the one that runs now or comes next, else the last.

    Where an agenda belongs to everybody, it comes before the breakouts beside it.
    """
    planned = [part for part in event.parts if part.state is PartState.PLANNED]
    asked = [part for part in planned if part.id == part_id]
    agenda = [part for part in planned if part.kind == PartKind.AGENDA] or planned
    coming = [part for part in agenda if part.ends_at > now]
    return next(iter([*asked, *coming, *agenda[-1:]]), None)


def arrivals(read: Reading, part: Part, *, words: str = "", limit: int = 50) -> Sequence[Arrival]:
    """Seats of the part by name, ``limit`` + 1 of them; the caller has checked that a host asks.

    Each word may stand anywhere in the name of the guest, of the booker, or of the organisation.
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
        .where(Claim.part_id == part.id, Claim.released_at.is_(None), *_holding(words))
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
