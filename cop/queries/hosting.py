"""What hosts have at hand on the day: their notes, and everybody who is in the building."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from cop.core import secrecy
from cop.core.place import day_of
from cop.core.work import Reading
from cop.models.events import CAME, Choice, Event, Part, PartState
from cop.queries.attendance import Guest, host_lists
from cop.queries.walk_ins import WalkIn, walk_ins


def notes_revision(event: Event) -> str:
    """Tells one state of the notes from another, so that two hosts cannot overwrite each other unseen."""
    return secrecy.digest("host notes", event.id, event.host_notes)[:16]


@dataclass(frozen=True)
class OnRoll:
    """One seat of the roll, and whether somebody has seen them come."""

    guest: Guest
    is_here: bool


@dataclass(frozen=True)
class Roll:
    """Those who are expected at ``parts``, which lie together, by name; and those who came without a booking."""

    parts: Sequence[Part]
    lines: Sequence[OnRoll]
    walk_ins: Sequence[WalkIn]


def days_of_roll(event: Event) -> Sequence[date]:
    """The local days on which the event has something planned."""
    return sorted({day_of(part.starts_at) for part in event.parts if part.state is PartState.PLANNED})


def day_to_call(days: Sequence[date], now: datetime) -> date | None:
    """Today or the next of the days, else the last; None where there is none."""
    coming = [day for day in days if day >= day_of(now)]
    return next(iter([*coming, *days[-1:]]), None)


def rolls(read: Reading, event: Event, on: date) -> Sequence[Roll]:
    """One for each slot of the day where people come to one of them; else one for the whole day.

    It holds access needs and emergency contacts: whoever shows it notes that they were read.
    """
    parts = [part for part in event.parts if part.state is PartState.PLANNED and day_of(part.starts_at) == on]
    guests = {
        found.part.id: found.guests
        for found in host_lists(read, event, with_needs=True, part_ids=[part.id for part in parts])
    }
    came = walk_ins(read, event)
    together = [[part] for part in parts] if event.choice is Choice.ONE else [parts] if parts else []
    return [
        Roll(
            group,
            _lines([guest for part in group for guest in guests.get(part.id, ())]),
            _parties([party for part in group for party in came.get(part.id, ())]),
        )
        for group in together
    ]


def _lines(guests: Sequence[Guest]) -> Sequence[OnRoll]:
    """Each seat once, here if it was seen at any of the parts; parties stay together."""
    here = {guest.seat_id for guest in guests if guest.status in CAME}
    once = {guest.seat_id: guest for guest in guests}
    found = sorted(once.values(), key=lambda guest: (guest.booker, guest.booking_id, guest.position))
    return [OnRoll(guest, guest.seat_id in here) for guest in found]


def _parties(parties: Sequence[WalkIn]) -> Sequence[WalkIn]:
    """Each party once, as large as it was at any of the parts."""
    once: dict[str, WalkIn] = {}
    for party in parties:
        known = once.get(party.public_id)
        if known is None or known.people < party.people:
            once[party.public_id] = party
    return sorted(once.values(), key=lambda party: party.name)
