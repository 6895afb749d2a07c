"""The tables of a summit: set up, rules for who sits with whom, everybody seated, people moved by hand, published."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import Any

from sqlalchemy import delete, insert, select

from cop.algorithms.seating import Impossible, Obstacle, Room, Seated, Why, seat, seat_late
from cop.core.access import EVENT_EDITORS, EVENT_STAFF, Role
from cop.core.errors import NotFound, Refusal, marked
from cop.core.work import Work
from cop.models.events import Event, EventKind, EventState
from cop.models.seating import Company, Place, SeatingPlan, SeatingRule
from cop.models.tasks import Task
from cop.queries.seating import Seating, Sitter, seating_of
from cop.queries.tasks import SEATING
from cop.services import tasks
from cop.services.events.locking import lock_event_to_edit

MOST_TABLES = 60
MOST_SEATS = 30
MOST_ROUNDS = 6
MOST_RULES = 100

CHANGED_MEANWHILE = marked("Somebody else changed the tables meanwhile. Look at how they are now, then do yours again.")


@dataclass(frozen=True)
class TableToSet:
    name: str
    seats: int


def set_up(work: Work, *, event_id: int, tables: Sequence[TableToSet], rounds: int, seen: int) -> SeatingPlan:
    """Say which tables there are and for how many rounds people sit down. Whoever fits no more loses their place."""
    found = _locked(work, event_id, seen, EVENT_EDITORS)
    names = [table.name.casefold() for table in tables]
    if not (tables and len(tables) <= MOST_TABLES and all(1 <= table.seats <= MOST_SEATS for table in tables)):
        raise Refusal(
            marked("There may be %(tables)s tables at most, with %(seats)s seats each"),
            field="tables",
            tables=MOST_TABLES,
            seats=MOST_SEATS,
        )
    double = next((table.name for table in tables if names.count(table.name.casefold()) > 1), None)
    if double is not None:
        raise Refusal(marked("Two tables are called “%(name)s”"), field="tables", name=double)
    plan = found.plan or SeatingPlan(event_id=event_id, revision=0)
    plan.tables = [{"name": table.name, "seats": table.seats} for table in tables]
    plan.rounds = rounds
    work.session.add(plan)
    kept: dict[tuple[int, int], list[int]] = {}
    in_order = sorted(found.places.items(), key=lambda item: (not item[1].pinned, item[0]))
    for (round_, seat_id), sits in in_order:
        there = kept.setdefault((round_, sits.table), [])
        if round_ < rounds and sits.table < len(tables) and len(there) < tables[sits.table].seats:
            there.append(seat_id)
    _write(
        work,
        plan,
        {(round_, seat_id): table for (round_, table), there in kept.items() for seat_id in there},
        {place for place, sits in found.places.items() if sits.pinned},
    )
    return plan


def add_rules(
    work: Work, *, event_id: int, company: Company, seat_ids: Collection[int], seen: int
) -> Sequence[SeatingRule]:
    """Have all of these people sit together, or each apart from all others; what was said of two before is replaced."""
    found = _planned(work, event_id, seen, EVENT_EDITORS)
    chosen = sorted(found.sitter(seat_id).seat_id for seat_id in set(seat_ids))
    if len(chosen) < 2:  # noqa: PLR2004  a rule is about two
        raise Refusal(marked("Choose two people or more"), field="people")
    pairs = list(pairwise(chosen) if company is Company.TOGETHER else combinations(chosen, 2))
    known = {
        (rule.first_seat_id, rule.second_seat_id): rule
        for rule in work.session.scalars(select(SeatingRule).where(SeatingRule.event_id == event_id))
    }
    if len({*known, *pairs}) > MOST_RULES:
        raise Refusal(marked("There may be %(most)s rules at most"), most=MOST_RULES)
    made = []
    for first, second in pairs:
        rule = known.get((first, second)) or SeatingRule(
            event_id=event_id, first_seat_id=first, second_seat_id=second, company=company
        )
        rule.company = company
        work.session.add(rule)
        made.append(rule)
    _touch(found)
    work.session.flush()
    return made


def remove_rule(work: Work, *, event_id: int, rule_id: int, seen: int) -> None:
    found = _planned(work, event_id, seen, EVENT_EDITORS)
    rule = work.session.get(SeatingRule, rule_id)
    if rule is None or rule.event_id != event_id:
        raise NotFound
    work.session.delete(rule)
    _touch(found)
    work.session.flush()


def ask_to_seat(work: Work, *, event_id: int, seen: int) -> Task:
    """Have everybody seated anew but those who are pinned: long work that goes on without whoever asks."""
    found = _planned(work, event_id, seen, EVENT_EDITORS)
    if not found.sitters:
        raise Refusal(marked("Nobody has said yes so far, so there is nobody to seat"))
    _refuse_too_few_seats(found)
    params = {"event_id": event_id, "slug": found.event.slug, "seen": seen}
    return tasks.ask(work, kind=SEATING, title=f"Tables: {found.event.title}", params=params, total=100)


def compute(found: Seating, *, seen: int, tell: Callable[[int, int], None]) -> Seated:
    """Work out who sits where; it needs no database, and takes some seconds. The same tables give the same answer."""
    if found.plan is None or found.seen != seen:
        raise Refusal(CHANGED_MEANWHILE)
    return _or_refuse(found, lambda room: seat(room, seen, tell), found.room())


def keep_seated(work: Work, *, event_id: int, seen: int, seated: Seated) -> None:
    """Put on record what was computed. Who cancelled meanwhile is left out; who came since has no place yet."""
    found = _planned(work, event_id, seen, EVENT_EDITORS)
    still = {one.seat_id for one in found.sitters}
    pinned = {place: sits.table for place, sits in found.places.items() if sits.pinned}
    places = {
        (round_, seat_id): table
        for round_, tables in enumerate(seated)
        for seat_id, table in tables.items()
        if seat_id in still
    }
    plan = _plan(found)
    plan.computed_at = work.now
    _write(work, plan, places | pinned, set(pinned))


def seat_latecomers(work: Work, *, event_id: int, seen: int) -> Sequence[Sitter]:
    """Find a place for everybody who has none, and move nobody; says for whom."""
    found = _planned(work, event_id, seen, EVENT_STAFF)
    if not found.is_seated:
        raise Refusal(marked("Nobody has a place yet. Seat everybody first."))
    if not found.without:
        raise Refusal(marked("Everybody has a place"))
    _refuse_too_few_seats(found)
    seated = _or_refuse(found, lambda room: seat_late(room, found.seen), found.room(all_stay=True))
    places = {(round_, seat_id): table for round_, tables in enumerate(seated) for seat_id, table in tables.items()}
    _write(work, _plan(found), places, {place for place, sits in found.places.items() if sits.pinned})
    return found.without


def move(work: Work, *, event_id: int, round_: int, seat_id: int, table: int, seen: int) -> None:
    """Put somebody at another table with a free seat, where they stay when the others are seated anew."""
    found = _planned(work, event_id, seen, EVENT_STAFF)
    found.sitter(seat_id)
    tables = found.tables(round_)
    if not (0 <= round_ < found.rounds and 0 <= table < len(tables)):
        raise NotFound
    there = [one for one in tables[table].people if one.seat_id != seat_id]
    if len(there) >= tables[table].seats:
        raise Refusal(
            marked("“%(name)s” has no free seat. Change places with somebody instead."),
            field="table",
            name=tables[table].name,
        )
    _sit(work, found, {(round_, seat_id): table})


def swap(work: Work, *, event_id: int, round_: int, seat_id: int, other_id: int, seen: int) -> None:
    """Have two people change places in one round, where both stay when the others are seated anew."""
    found = _planned(work, event_id, seen, EVENT_STAFF)
    one, other = found.places.get((round_, seat_id)), found.places.get((round_, other_id))
    if one is None or other is None:
        raise NotFound
    if one.table == other.table:
        raise Refusal(marked("They sit at the same table already"), field="other")
    _sit(work, found, {(round_, seat_id): other.table, (round_, other_id): one.table})


def pin(work: Work, *, event_id: int, round_: int, seat_id: int, pinned: bool, seen: int) -> None:
    """Have somebody stay where they are, or not, when the others are seated anew."""
    found = _planned(work, event_id, seen, EVENT_STAFF)
    if (round_, seat_id) not in found.places:
        raise NotFound
    place = work.session.get_one(Place, (event_id, round_, seat_id))
    place.pinned = pinned
    _touch(found)
    work.session.flush()


def publish(work: Work, *, event_id: int, is_published: bool, seen: int) -> None:
    """Let those who come see their table on their booking and their invitation, or not any more."""
    found = _planned(work, event_id, seen, EVENT_EDITORS)
    if is_published and not found.is_seated:
        raise Refusal(marked("Nobody has a place yet. Seat everybody first."))
    _plan(found).published_at = work.now if is_published else None
    _touch(found)
    work.session.flush()


def _locked(work: Work, event_id: int, seen: int, roles: Collection[Role]) -> Seating:
    """The tables as they stand, locked with their event, as whoever acts has seen them."""
    event: Event = lock_event_to_edit(work, event_id)
    is_theirs = work.actor.may(*roles, programme_id=event.programme_id, event_id=event.id)
    if event.kind is not EventKind.SUMMIT or not is_theirs:
        raise NotFound
    if event.state is EventState.CANCELLED:
        raise Refusal(marked("“%(title)s” has been cancelled"), title=event.title)
    found = seating_of(work, event)
    if found.seen != seen:
        raise Refusal(CHANGED_MEANWHILE)
    return found


def _planned(work: Work, event_id: int, seen: int, roles: Collection[Role]) -> Seating:
    found = _locked(work, event_id, seen, roles)
    if found.plan is None:
        raise Refusal(marked("Say first which tables there are"))
    return found


def _plan(found: Seating) -> SeatingPlan:
    if found.plan is None:
        raise NotFound
    return found.plan


def _touch(found: Seating) -> None:
    _plan(found).revision += 1


def _sit(work: Work, found: Seating, places: Mapping[tuple[int, int], int]) -> None:
    for (round_, seat_id), table in places.items():
        place = work.session.get(Place, (found.event.id, round_, seat_id))
        place = place or Place(event_id=found.event.id, round=round_, seat_id=seat_id)
        place.table_number, place.pinned = table, True
        work.session.add(place)
    _touch(found)
    work.session.flush()


def _write(
    work: Work, plan: SeatingPlan, places: Mapping[tuple[int, int], int], pinned: Collection[tuple[int, int]]
) -> None:
    """Replace all places; with the rest go those of people who have cancelled."""
    plan.revision += 1
    work.session.flush()
    work.session.execute(delete(Place).where(Place.event_id == plan.event_id))
    rows: list[dict[str, Any]] = [
        {
            "event_id": plan.event_id,
            "round": round_,
            "seat_id": seat_id,
            "table_number": table,
            "pinned": (round_, seat_id) in pinned,
        }
        for (round_, seat_id), table in sorted(places.items())
    ]
    if rows:
        work.session.execute(insert(Place), rows)


def _refuse_too_few_seats(found: Seating) -> None:
    if len(found.sitters) > found.seats:
        raise Refusal(
            marked("%(people)s people come, and there are %(seats)s seats. Add tables or seats."),
            people=len(found.sitters),
            seats=found.seats,
        )


def _or_refuse(found: Seating, work_out: Callable[[Room], Seated], room: Room) -> Seated:
    try:
        return work_out(room)
    except Impossible as impossible:
        raise _refusal(found, impossible.obstacle) from None


def _refusal(found: Seating, obstacle: Obstacle) -> Refusal:
    """Which of the rules and places stand in the way, by name."""
    if obstacle.why is Why.TABLE and obstacle.table is not None and found.plan is not None:
        return Refusal(
            marked("More people are pinned to “%(table)s” in round %(round)s than it has seats"),
            table=found.plan.tables[obstacle.table]["name"],
            round=obstacle.round + 1,
        )
    pairs = [(pair, "with") for pair in obstacle.together] + [(pair, "not with") for pair in obstacle.apart]
    rules = "; ".join(
        f"{found.sitter(first).called} {word} {found.sitter(second).called}" for (first, second), word in pairs
    )
    if obstacle.why is Why.PARTY:
        return Refusal(marked("More people are to sit together than any free table has seats: %(rules)s."), rules=rules)
    if obstacle.held:
        return Refusal(
            marked(
                "With those who keep their places in round %(round)s, these rules cannot be kept: %(rules)s. Remove a "
                "rule, or let somebody be moved."
            ),
            round=obstacle.round + 1,
            rules=rules,
        )
    return Refusal(marked("These rules cannot all be kept: %(rules)s. Remove one of them."), rules=rules)
