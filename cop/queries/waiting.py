"""The queue of an event as the algorithm sees it: who waits for what, and how much room there is."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Row, exists, func, select
from sqlalchemy.orm import joinedload

from cop.algorithms.queueing import Entrant, Option, Placed, Unit, Waits, serve
from cop.core.work import Reading
from cop.models.events import Booking, Choice, Claim, Event, Part, PartState, Queue
from cop.models.offers import Offer
from cop.models.summits import PartKind
from cop.models.waiting import Waiting, WaitingPart, WaitingState

LIVE = (WaitingState.WAITING, WaitingState.OFFERED)

LAST_CALL = timedelta(hours=2)
"""Nobody is offered a place of a part that begins sooner."""

NEWCOMER = 0
"""The key of somebody who is not in the line yet."""


def somebody_waits(read: Reading, event_id: int) -> bool:
    """Whether anybody waits for a place or was offered one; until neither, bookings need not regard a queue."""
    live = exists().where(Waiting.event_id == event_id, Waiting.state.in_(LIVE))
    return bool(read.session.scalar(select(live)))


def is_shared_out(event: Event, now: datetime) -> bool:
    """Whether one organisation may hold only so many places now."""
    return event.per_organisation is not None and (event.fair_share_until is None or now < event.fair_share_until)


@dataclass(frozen=True)
class Line:
    """All who wait for an event in their order, and the room that is left in everything limited.

    ``share`` is what each organisation may hold of one part, or of an event whose parts belong together.
    """

    event: Event
    parts: Mapping[int, Part]
    entrants: Sequence[Entrant]
    room: Mapping[Unit, int]
    share: int | None

    def served(self, *newcomers: Entrant) -> list[Placed | Waits]:
        """What becomes of each party if all free places are given out now, those who come new last."""
        entrants = [*self.entrants, *newcomers]
        shares = {} if self.share is None else _untouched_shares(entrants, self.share)
        return serve(entrants, {**shares, **self.room}, strict=self.event.queue is Queue.STRICT)

    def newcomer(self, *, size: int, organisation_id: int | None, part_ids: Iterable[int]) -> Entrant:
        """Somebody who asks for these parts now, whatever the time until they begin."""
        parts = [self.parts[part_id] for part_id in part_ids]
        shares_of = None if self.share is None else organisation_id
        return Entrant(NEWCOMER, size, [_option(self.event, parts, shares_of)])

    def parts_of(self, option: Option) -> list[Part]:
        return [part for part in self.parts.values() if ("part", part.id) in option.units]


def _untouched_shares(entrants: Iterable[Entrant], share: int) -> dict[Unit, int]:
    return {unit: share for entrant in entrants for option in entrant.options for unit in option.shares}


def line_of(read: Reading, event: Event) -> Line:
    """The line as it stands; whoever acts on it has locked the event, its days and its parts."""
    found = select(Part).where(Part.event_id == event.id, Part.state == PartState.PLANNED)
    ordered = found.options(joinedload(Part.day_limit)).order_by(Part.starts_at, Part.id)
    parts = {part.id: part for part in read.session.scalars(ordered)}
    share = event.per_organisation if is_shared_out(event, read.now) else None
    entrants = [
        Entrant(
            row.id,
            row.party_size,
            _options(event, parts, row.part_ids or (), None if share is None else row.organisation_id, read.now),
            row.split_ok,
        )
        for row in _waiting(read, event)
    ]
    room = _room(event, parts.values())
    if share is not None:
        room |= {unit: share - seats for unit, seats in _held_shares(read, event).items()}
    return Line(event, parts, entrants, room, share)


def _waiting(read: Reading, event: Event) -> Sequence[Row[int, int, bool, int | None, Sequence[int]]]:
    part_ids = func.array_agg(WaitingPart.part_id).filter(WaitingPart.part_id.is_not(None)).label("part_ids")
    return read.session.execute(
        select(Waiting.id, Waiting.party_size, Waiting.split_ok, Waiting.organisation_id, part_ids)
        .join(WaitingPart, WaitingPart.waiting_id == Waiting.id, isouter=True)
        .where(Waiting.event_id == event.id, Waiting.state == WaitingState.WAITING)
        .group_by(Waiting.id)
        .order_by(Waiting.id)
    ).all()


def _options(
    event: Event, parts: Mapping[int, Part], wanted: Sequence[int], shares_of: int | None, now: datetime
) -> list[Option]:
    """One for each slot that will do; of an event whose parts belong together, a single one."""
    chosen = [part for part in parts.values() if part.id in wanted]
    if event.choice is Choice.ONE:
        return [_option(event, [part], shares_of) for part in chosen if part.starts_at > now + LAST_CALL]
    if event.choice is Choice.ALL:
        chosen = list(parts.values())
    else:
        chosen += [part for part in parts.values() if part.kind == PartKind.AGENDA and part not in chosen]
    begins = min((part.starts_at for part in parts.values()), default=now)
    return [_option(event, chosen, shares_of)] if begins > now + LAST_CALL else []


def _option(event: Event, parts: Sequence[Part], shares_of: int | None) -> Option:
    units: set[Unit] = {"event"}
    for part in parts:
        units |= {("part", part.id), ("day", part.day_limit_id)}
    part_id = parts[0].id if event.choice is Choice.ONE else None
    shares = {("share", shares_of, part_id)} if shares_of is not None else ()
    return Option(part_id or 0, frozenset(units), frozenset(shares))


def _room(event: Event, parts: Iterable[Part]) -> dict[Unit, int]:
    room: dict[Unit, int] = {}
    if event.capacity is not None:
        room["event"] = event.capacity - event.seats_taken
    for part in parts:
        if part.capacity is not None:
            room["part", part.id] = part.capacity - part.seats_taken
        if part.day_limit is not None:
            room["day", part.day_limit.id] = part.day_limit.capacity - part.day_limit.seats_taken
    return room


def _held_shares(read: Reading, event: Event) -> dict[Unit, int]:
    """What organisations hold by bookings and by open offers."""
    organisation_id = func.coalesce(Booking.organisation_id, Waiting.organisation_id)
    by_part = event.choice is Choice.ONE
    held = (
        select(organisation_id, Claim.part_id, func.sum(Claim.seats))
        .join(Booking, Booking.id == Claim.booking_id, isouter=True)
        .join(Offer, Offer.id == Claim.offer_id, isouter=True)
        .join(Waiting, Waiting.id == Offer.waiting_id, isouter=True)
        .where(
            Claim.event_id == event.id,
            Claim.released_at.is_(None),
            Claim.part_id.is_not(None) if by_part else Claim.part_id.is_(None),
            organisation_id.is_not(None),
        )
        .group_by(organisation_id, Claim.part_id)
    )
    return {("share", row[0], row[1]): int(row[2]) for row in read.session.execute(held)}
