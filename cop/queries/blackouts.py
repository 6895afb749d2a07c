"""Days on which a visit receives nobody."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, and_, or_, select

from cop.core.place import day_of
from cop.core.work import Reading
from cop.models.accounts import Person
from cop.models.events import Event, Part, PartState
from cop.models.visits import Blackout


@dataclass(frozen=True)
class BlackoutRow:
    """``for_all``: of every visit of the programme, and not of this one alone."""

    id: int
    first_on: date
    last_on: date
    reason: str
    for_all: bool
    added_by: str | None


def concerns(event: Event) -> ColumnElement[bool]:
    """The blackouts that hold for a visit, as a condition: its own, and those of its whole programme."""
    return and_(
        Blackout.programme_id == event.programme_id, or_(Blackout.event_id.is_(None), Blackout.event_id == event.id)
    )


def blackouts(read: Reading, event: Event) -> Sequence[BlackoutRow]:
    """Those that are not over, in order; the caller has checked that staff of the event ask."""
    rows = read.session.execute(
        select(
            Blackout.id,
            Blackout.first_on,
            Blackout.last_on,
            Blackout.reason,
            Blackout.event_id.is_(None).label("for_all"),
            Person.name.label("added_by"),
        )
        .outerjoin(Person, Person.id == Blackout.added_by)
        .where(concerns(event), Blackout.last_on >= day_of(read.now))
        .order_by(Blackout.first_on, Blackout.id)
    )
    return [BlackoutRow(**row._asdict()) for row in rows]


def slots_on(event: Event, found: Sequence[BlackoutRow]) -> Sequence[Part]:
    """The planned slots of the event that lie on such a day."""
    return [
        part
        for part in event.parts
        if part.state is PartState.PLANNED
        and any(item.first_on <= day_of(part.starts_at) <= item.last_on for item in found)
    ]
