"""Who comes: a party, somebody whom staff book for, and a seat for each head."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import delete, func, insert, select

from cop.core.errors import Refusal, marked
from cop.core.work import Work
from cop.models.accounts import Sector
from cop.models.events import (
    Booking,
    Mark,
    Seat,
)

STAFF_PARTY_MAX = 100


@dataclass(frozen=True)
class Party:
    """How many come, and the names of those beside the booker that are known already."""

    size: int
    names: tuple[str, ...] = ()

    def name_at(self, position: int) -> str | None:
        """The name of the seat, counted from the booker's own at 0; None for the booker and for whom nobody named."""
        return self.names[position - 1] if 0 < position <= len(self.names) else None


@dataclass(frozen=True)
class Guest:
    """Somebody whom staff book for: known by e-mail, or by name alone."""

    name: str
    email: str | None = None
    phone: str | None = None
    organisation_id: int | None = None
    sector: Sector | None = None


def party_of(work: Work, booking: Booking) -> Party:
    """The party as it stands, so that something else of the booking can be changed."""
    named = select(Seat.name).where(Seat.booking_id == booking.id, Seat.position > 0, Seat.name.is_not(None))
    names = [name for name in work.session.scalars(named.order_by(Seat.position)) if name]
    return Party(booking.party_size, tuple(names))


def refuse_party(party: Party, most: int) -> None:
    if not 1 <= party.size <= most:
        raise Refusal(marked("A party here is 1 to %(most)s people"), field="party_size", most=most)
    if len(party.names) > party.size - 1:
        raise Refusal(
            marked("You gave more names than your party has people beside you (%(others)s)"),
            field="names",
            others=party.size - 1,
        )


def seat_party(work: Work, booking: Booking, party: Party) -> None:
    """Give the seats that stay their names, add those that are missing, and take away those too many."""
    held = select(Seat).where(Seat.booking_id == booking.id)
    seats = {seat.position: seat for seat in work.session.scalars(held).all()}
    for position, seat in seats.items():
        seat.name = party.name_at(position)
    work.session.flush()
    add_seats(work, booking, party, [position for position in range(party.size) if position not in seats])
    spare = [seat.id for position, seat in seats.items() if position >= party.size]
    if spare:
        marked_seats = select(func.count()).select_from(Mark).where(Mark.seat_id.in_(spare))
        if work.session.scalar(marked_seats):
            raise Refusal(marked("Attendance of this party has been marked already"), field="party_size")
        work.session.execute(delete(Seat).where(Seat.id.in_(spare)))


def add_seats(work: Work, booking: Booking, party: Party, positions: Iterable[int]) -> None:
    """One seat a head: the booker first, then those named, then those to be named later."""
    rows = [
        {
            "booking_id": booking.id,
            "event_id": booking.event_id,
            "position": position,
            "person_id": booking.person_id if position == 0 else None,
            "name": party.name_at(position),
            "live": True,
        }
        for position in positions
    ]
    if rows:
        work.session.execute(insert(Seat), rows)
