"""What a booking or an offer holds: parts that can be had, claims on them, and calendar entries."""

from collections.abc import Collection, Sequence
from datetime import datetime
from itertools import pairwise

from sqlalchemy import insert, select, update

from cop.core.errors import Refusal, marked
from cop.core.work import Work
from cop.models.events import (
    Booking,
    Choice,
    Claim,
    Entry,
    EntryStatus,
    Event,
    EventKind,
    EventState,
    Part,
    PartState,
)
from cop.models.summits import PartKind
from cop.services.events.locking import lock_parts

AGENDA = PartKind.AGENDA.value
"""The kind of part that belongs to every booking where the others, such as breakouts, are chosen."""


def chosen_parts(work: Work, event: Event, part_ids: Collection[int]) -> Sequence[Part]:
    if event.state is EventState.CANCELLED:
        raise Refusal(marked("“%(title)s” has been cancelled"), title=event.title)
    if event.choice is not Choice.ONE:
        planned = select(Part.id).where(Part.event_id == event.id, Part.state == PartState.PLANNED)
        if event.choice is Choice.ALL:
            part_ids = work.session.scalars(planned).all()
        else:
            part_ids = {*part_ids, *work.session.scalars(planned.where(Part.kind == AGENDA))}
    parts = lock_parts(work, event.id, part_ids)
    if len(parts) != len(set(part_ids)) or (event.choice is Choice.ONE and len(parts) != 1):
        raise Refusal(marked("Choose one of the times in the list"), field="slot")
    for part in parts:
        if part.state is PartState.CANCELLED:
            raise Refusal(marked("This time has been cancelled. Choose another."), field="slot")
        if part.starts_at <= work.now:
            raise Refusal(marked("This time has passed. Choose another."), field="slot")
    if not parts and event.kind is EventKind.MEET_UP:
        raise Refusal(marked("Choose at least one date"), field="dates")
    if event.choice is Choice.ANY:
        _refuse_overlap([part for part in parts if part.kind != AGENDA])
    return parts


def _refuse_overlap(chosen: Sequence[Part]) -> None:
    for earlier, later in pairwise(chosen):
        if later.starts_at < earlier.ends_at:
            raise Refusal(
                marked("“%(first)s” and “%(second)s” are at the same time. Choose one of them."),
                field="breakouts",
                first=earlier.title,
                second=later.title,
            )


def refuse_if_full(event: Event, parts: Sequence[Part], size: int) -> None:
    """Say politely what the constraint would say anyway."""
    left = [part.places_left for part in parts]
    if event.capacity is not None:
        left.append(event.capacity - event.seats_taken)
    tightest = min((places for places in left if places is not None), default=size)
    if tightest <= 0:
        raise Refusal(marked("This time is full. Choose another."), field="slot")
    if tightest < size:
        raise Refusal(
            marked("Only %(left)s places are left at this time, and your party is %(size)s")
            if tightest > 1
            else marked("Only one place is left at this time, and your party is %(size)s"),
            field="party_size",
            size=size,
            **({"left": tightest} if tightest > 1 else {}),
        )


def claim(work: Work, event: Event, parts: Sequence[Part], seats: int, **holder: int) -> None:
    """Claim the event and then each part by id: the trigger counts in that order, the order of all locks.

    ``holder`` is ``booking_id`` or ``offer_id``.
    """
    rows = [
        {"event_id": event.id, "part_id": part_id, "seats": seats, **holder}
        for part_id in (None, *sorted(part.id for part in parts))
    ]
    work.session.execute(insert(Claim), rows)


def release_claims(work: Work, booking: Booking) -> None:
    held = update(Claim).where(Claim.booking_id == booking.id, Claim.released_at.is_(None))
    work.session.execute(held.values(released_at=work.now))


def add_entries(work: Work, booking: Booking, parts: Sequence[tuple[int, Part]]) -> None:
    rows = [
        {"booking_id": booking.id, "position": position, "part_id": part.id, "changed_at": work.now}
        for position, part in parts
    ]
    if rows:
        work.session.execute(insert(Entry), rows)


def entries_of(work: Work, booking: Booking) -> Sequence[Entry]:
    return work.session.scalars(select(Entry).where(Entry.booking_id == booking.id).order_by(Entry.position)).all()


def move_entries(work: Work, booking: Booking, entries: Sequence[Entry], parts: Sequence[Part]) -> None:
    """Entries keep the parts that stay, and what is new takes over one that is free: calendars show a move."""
    wanted = {part.id for part in parts}
    kept = {entry.part_id for entry in entries if entry.status is EntryStatus.CONFIRMED} & wanted
    free = [entry for entry in entries if entry.status is EntryStatus.CANCELLED or entry.part_id not in kept]
    new = [part for part in parts if part.id not in kept]
    for entry, part in zip(free, new, strict=False):
        _touch(entry, work.now, part_id=part.id, status=EntryStatus.CONFIRMED)
    for entry in free[len(new) :]:
        if entry.status is EntryStatus.CONFIRMED:
            _touch(entry, work.now, part_id=entry.part_id, status=EntryStatus.CANCELLED)
    add_entries(work, booking, list(enumerate(new[len(free) :], start=len(entries))))


def _touch(entry: Entry, now: datetime, *, part_id: int, status: EntryStatus) -> None:
    entry.part_id, entry.status, entry.changed_at = part_id, status, now
    entry.sequence += 1
