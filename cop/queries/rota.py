"""Who receives the visitors of which slot: for those who plan it, for those who are asked, and what waits."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import aliased, joinedload

from cop.core.access import EVENT_EDITORS, Role
from cop.core.work import Reading
from cop.models.accounts import Person, RoleGrant
from cop.models.events import Event, EventKind, EventState, Part, PartState
from cop.models.visits import SlotHost
from cop.queries.staff_events import granted

RECEIVE = (Role.HOST, Role.FACILITATOR)
"""The roles whose holders are asked to receive visitors."""

SOON = timedelta(days=28)
"""A slot without a host is a matter for the staff so long before it."""


@dataclass(frozen=True)
class Receiving:
    """Somebody who was asked to receive the visitors of a slot; ``accepted`` is None until they answer.

    ``clashes``: they are asked for another slot at the same time, or have accepted it.
    """

    id: int
    part_id: int
    person_id: int
    name: str
    accepted: bool | None
    clashes: bool


def rota(read: Reading, event: Event) -> Mapping[int, Sequence[Receiving]]:
    """By part, in the order in which they were asked; the caller has checked that staff of the event ask."""
    rows = read.session.execute(
        select(SlotHost.id, SlotHost.part_id, SlotHost.person_id, Person.name, SlotHost.accepted, _clashes())
        .join(Person, Person.id == SlotHost.person_id)
        .join(Part, Part.id == SlotHost.part_id)
        .where(Part.event_id == event.id)
        .order_by(SlotHost.id)
    )
    found = defaultdict(list)
    for row in rows:
        found[row.part_id].append(Receiving(**row._asdict()))
    return found


def _clashes() -> ColumnElement[bool]:
    """Whether the person of SlotHost, who has not declined, is wanted elsewhere while Part lasts."""
    other, elsewhere = aliased(SlotHost), aliased(Part)
    return and_(
        SlotHost.accepted.is_distinct_from(False),
        exists()
        .where(
            other.person_id == SlotHost.person_id,
            other.id != SlotHost.id,
            other.accepted.is_distinct_from(False),
            elsewhere.id == other.part_id,
            elsewhere.state == PartState.PLANNED,
            elsewhere.starts_at < Part.ends_at,
            elsewhere.ends_at > Part.starts_at,
        )
        .correlate(SlotHost, Part),
    ).label("clashes")


def has_host(receiving: Sequence[Receiving]) -> bool:
    return any(one.accepted for one in receiving)


@dataclass(frozen=True)
class Candidate:
    id: int
    name: str


def candidates(read: Reading, event: Event) -> Sequence[Candidate]:
    """Those who can be asked: hosts and facilitators of the event or of its programme, by name."""
    rows = read.session.execute(select(Person.id, Person.name).where(may_receive(event)).order_by(Person.name))
    return [Candidate(*row) for row in rows]


def may_receive(event: Event) -> ColumnElement[bool]:
    """That a person holds a role to receive visitors of the event, as a condition."""
    return exists().where(
        RoleGrant.person_id == Person.id,
        RoleGrant.role.in_(RECEIVE),
        RoleGrant.revoked_at.is_(None),
        or_(RoleGrant.event_id == event.id, RoleGrant.programme_id == event.programme_id),
    )


def own_slots(read: Reading, event: Event) -> Sequence[SlotHost]:
    """What the acting person was asked to receive at the event, in order of time."""
    mine = select(SlotHost).join(Part, Part.id == SlotHost.part_id)
    found = mine.where(SlotHost.person_id == read.actor.person_id, Part.event_id == event.id)
    return read.session.scalars(found.options(joinedload(SlotHost.part)).order_by(Part.starts_at, Part.id)).all()


def slots_of(read: Reading, *, event_id: int, person_id: int | None) -> Sequence[SlotHost]:
    """The slots to come of one event that somebody was asked to receive, for a mail to them."""
    found = select(SlotHost).join(Part, Part.id == SlotHost.part_id)
    coming = (Part.event_id == event_id, Part.state == PartState.PLANNED, Part.starts_at > read.now)
    asked = found.where(SlotHost.person_id == person_id, *coming)
    return read.session.scalars(asked.options(joinedload(SlotHost.part)).order_by(Part.starts_at, Part.id)).all()


@dataclass(frozen=True)
class WithoutHost:
    """A visit with slots to come soon that nobody has agreed to receive."""

    slug: str
    title: str
    slots: int
    next_at: datetime


@dataclass(frozen=True)
class Asked:
    """Slots of a visit that the acting person was asked to receive and has not answered."""

    slug: str
    title: str
    slots: int
    next_at: datetime


@dataclass(frozen=True)
class Waiting:
    without_host: Sequence[WithoutHost]
    asked: Sequence[Asked]


def waiting(read: Reading) -> Waiting:
    """What waits for the acting person, as one who plans visits and as one who receives visitors."""
    counted = (Event.slug, Event.title, func.count(Part.id).label("slots"), func.min(Part.starts_at).label("next_at"))
    to_come = and_(
        Part.event_id == Event.id,
        Part.state == PartState.PLANNED,
        Part.starts_at > read.now,
        Event.kind == EventKind.VISIT,
        Event.state != EventState.CANCELLED,
    )
    accepted = exists().where(SlotHost.part_id == Part.id, SlotHost.accepted.is_(True))
    without = (
        select(*counted)
        .join(Part, to_come)
        .where(
            Event.state == EventState.PUBLISHED,
            Part.starts_at <= read.now + SOON,
            ~accepted,
            granted(read.actor, EVENT_EDITORS),
        )
        .group_by(Event.id)
        .order_by(func.min(Part.starts_at), Event.id)
    )
    mine = (
        select(*counted)
        .join(Part, to_come)
        .join(SlotHost, SlotHost.part_id == Part.id)
        .where(SlotHost.person_id == read.actor.person_id, SlotHost.accepted.is_(None))
        .group_by(Event.id)
        .order_by(func.min(Part.starts_at), Event.id)
    )
    return Waiting(
        [WithoutHost(**row._asdict()) for row in read.session.execute(without)],
        [Asked(**row._asdict()) for row in read.session.execute(mine)],
    )
