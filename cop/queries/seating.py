"""Reads about the tables of a summit: who sits where in which round, who has no place, and how good it is."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import and_, func, select

from cop.algorithms.seating import Guest, Room, Score, score
from cop.core.access import EVENT_EDITORS
from cop.core.errors import NotFound
from cop.core.work import Reading
from cop.models.accounts import Affiliation, Person, Sector
from cop.models.events import Booking, BookingState, Event, EventKind, Seat
from cop.models.organisations import Organisation
from cop.models.seating import Company, Place, SeatingPlan, SeatingRule
from cop.queries import events

LIVE_PRIMARY = and_(Affiliation.person_id == Person.id, Affiliation.is_primary, Affiliation.to_on.is_(None))


@dataclass(frozen=True)
class Sitter:
    """Somebody who comes. ``name`` is None for a guest whom nobody named, ``booker`` is whom they come with."""

    seat_id: int
    name: str | None
    booker: str
    organisation: str | None
    region: str | None
    sector: Sector | None
    newer_member: bool | None

    @property
    def called(self) -> str:
        """What to call them in a sentence."""
        return self.name or f"{self.booker} (guest)"

    @property
    def guest(self) -> Guest:
        membership = {True: "newer", False: "longer", None: ""}[self.newer_member]
        traits = (str(self.sector or ""), membership, self.region or "")
        return Guest(self.seat_id, " ".join((self.organisation or "").casefold().split()), traits)


@dataclass(frozen=True)
class Rule:
    id: int
    company: Company
    first: Sitter
    second: Sitter


@dataclass(frozen=True)
class Sits:
    table: int
    pinned: bool


@dataclass(frozen=True)
class Table:
    """One table in one round, with those who sit there by name."""

    number: int
    name: str
    seats: int
    people: Sequence[Sitter]

    @property
    def free(self) -> int:
        return self.seats - len(self.people)


@dataclass(frozen=True)
class Seating:
    """The tables of one event as they stand. Who has cancelled sits nowhere, and rules about them rest."""

    event: Event
    plan: SeatingPlan | None
    sitters: Sequence[Sitter]
    places: Mapping[tuple[int, int], Sits]
    """By round and seat."""
    rules: Sequence[Rule]

    @property
    def seen(self) -> int:
        """What a page shows, and sends back with what it wants to change."""
        return self.plan.revision if self.plan else 0

    @property
    def rounds(self) -> int:
        return self.plan.rounds if self.plan else 0

    @property
    def seats(self) -> int:
        """How many can sit at once."""
        return sum(table["seats"] for table in self.plan.tables) if self.plan else 0

    @cached_property
    def without(self) -> Sequence[Sitter]:
        """Those who have no place in some round."""
        rounds = range(self.rounds)
        return [one for one in self.sitters if any((round_, one.seat_id) not in self.places for round_ in rounds)]

    @property
    def is_seated(self) -> bool:
        return bool(self.places)

    def tables(self, round_: int) -> Sequence[Table]:
        there: dict[int, list[Sitter]] = defaultdict(list)
        for one in self.sitters:
            if (round_, one.seat_id) in self.places:
                there[self.places[round_, one.seat_id].table].append(one)
        known = self.plan.tables if self.plan else []
        return [Table(number, table["name"], table["seats"], there[number]) for number, table in enumerate(known)]

    def sitter(self, seat_id: int) -> Sitter:
        found = next((one for one in self.sitters if one.seat_id == seat_id), None)
        if found is None:
            raise NotFound
        return found

    def name_of_table(self, round_: int, seat_id: int) -> str | None:
        sits = self.places.get((round_, seat_id))
        return str(self.plan.tables[sits.table]["name"]) if self.plan and sits else None

    def room(self, *, all_stay: bool = False) -> Room:
        """What is to be seated: around the pinned places, or around all that there are."""
        return Room(
            [one.guest for one in self.sitters],
            [table["seats"] for table in self.plan.tables] if self.plan else [],
            self.rounds,
            self._pairs(Company.TOGETHER),
            self._pairs(Company.APART),
            {place: sits.table for place, sits in self.places.items() if sits.pinned or all_stay},
        )

    def _pairs(self, company: Company) -> frozenset[tuple[int, int]]:
        return frozenset((rule.first.seat_id, rule.second.seat_id) for rule in self.rules if rule.company is company)

    @cached_property
    def score(self) -> Score:
        tables: list[dict[int, int]] = [{} for _ in range(self.rounds)]
        for (round_, seat_id), sits in self.places.items():
            tables[round_][seat_id] = sits.table
        return score(self.room(), tables)


def seating(read: Reading, *, slug: str, to_edit: bool = False) -> Seating:
    """The tables of a summit, for its staff; ``to_edit``, for those of them who prepare it."""
    event = events.staffed_event(read, slug=slug)
    if event.kind is not EventKind.SUMMIT or (to_edit and not may_prepare(read, event)):
        raise NotFound
    return seating_of(read, event)


def may_prepare(read: Reading, event: Event) -> bool:
    """Hosts move people and find places for latecomers; who may not sit with whom is not for them."""
    return read.actor.may(*EVENT_EDITORS, programme_id=event.programme_id, event_id=event.id)


def seating_of(read: Reading, event: Event) -> Seating:
    """The same for a caller who has checked who asks."""
    plan = read.session.get(SeatingPlan, event.id, populate_existing=True)
    sitters = _sitters(read, event)
    by_seat = {one.seat_id: one for one in sitters}
    places = read.session.execute(
        select(Place.round, Place.seat_id, Place.table_number, Place.pinned)
        .where(Place.event_id == event.id)
        .order_by(Place.round, Place.seat_id)
    )
    rules = read.session.scalars(select(SeatingRule).where(SeatingRule.event_id == event.id).order_by(SeatingRule.id))
    return Seating(
        event,
        plan,
        sitters,
        {(row.round, row.seat_id): Sits(row.table_number, row.pinned) for row in places if row.seat_id in by_seat},
        [
            Rule(rule.id, rule.company, by_seat[rule.first_seat_id], by_seat[rule.second_seat_id])
            for rule in rules
            if rule.first_seat_id in by_seat and rule.second_seat_id in by_seat
        ],
    )


def _sitters(read: Reading, event: Event) -> Sequence[Sitter]:
    rows = read.session.execute(
        select(
            Seat.id,
            Seat.position,
            Seat.name,
            Person.name.label("booker"),
            func.coalesce(Organisation.name, Affiliation.organisation_text).label("organisation"),
            Organisation.region,
            Booking.sector,
            Booking.newer_member,
        )
        .join(Booking, and_(Booking.id == Seat.booking_id, Booking.state == BookingState.LIVE))
        .join(Person, Person.id == Booking.person_id)
        .outerjoin(Organisation, Organisation.id == Booking.organisation_id)
        .outerjoin(Affiliation, LIVE_PRIMARY)
        .where(Seat.event_id == event.id, Seat.live)
        .order_by(Person.name, Booking.id, Seat.position)
    )
    return [
        Sitter(
            row.id,
            row.booker if row.position == 0 else row.name,
            row.booker,
            row.organisation,
            row.region,
            row.sector if row.position == 0 else None,
            row.newer_member,
        )
        for row in rows
    ]


@dataclass(frozen=True)
class Own:
    """Where one seat of a booking is in each round, for whoever booked it; ``tables`` are names."""

    name: str | None
    tables: Sequence[str | None]


def own_tables(read: Reading, booking: Booking) -> Sequence[Own]:
    """Where those of a booking sit, once that is published; empty before."""
    plan = read.session.get(SeatingPlan, booking.event_id)
    if plan is None or plan.published_at is None or booking.state is not BookingState.LIVE:
        return []
    rows = read.session.execute(
        select(Seat.id, Seat.position, Seat.name, Place.round, Place.table_number)
        .join(Place, and_(Place.seat_id == Seat.id, Place.event_id == plan.event_id))
        .where(Seat.booking_id == booking.id, Seat.live)
        .order_by(Seat.position, Place.round)
    )
    found: dict[int, tuple[str | None, list[str | None]]] = {}
    for row in rows:
        tables = found.setdefault(row.id, (row.name, [None] * plan.rounds))[1]
        tables[row.round] = str(plan.tables[row.table_number]["name"])
    return [Own(name, tables) for name, tables in found.values()]
