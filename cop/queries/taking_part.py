"""What an organisation took part in, in counts, for its lead and the secretariat.

Nothing here tells of applications, decisions, reviews, answers or absence, and only people who agreed are named.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, distinct, exists, func, select, tuple_

from cop.core.small_numbers import Figure
from cop.core.work import Reading
from cop.models.accounts import Affiliation, Person
from cop.models.events import CAME, Booking, Event, EventKind, Mark, Seat
from cop.models.forum import Audience, Post, Space, Topic
from cop.models.organisations import Organisation
from cop.models.programmes import Programme
from cop.models.telling import Purpose
from cop.models.toolkit import Resource, ResourceUse
from cop.queries import consents, programmes
from cop.queries.evaluation.figures import alone
from cop.queries.ratings import is_secretariat, leads

NAMES_MOST = 50


@dataclass(frozen=True)
class Came:
    """Events of one kind at which somebody from the organisation was, and how many people that were."""

    kind: EventKind
    events: int
    people: Figure


@dataclass(frozen=True)
class Record:
    """``people`` came to anything, ``writers`` wrote in the forum, ``users`` used something of the toolkit.

    ``posts`` and ``resources`` are how much that was, or None where so few people stand behind it that they are hidden.
    ``named`` are (name, role) of people who belong there today, came, and agreed to be named to others who take part.
    """

    programme: Programme
    is_exact: bool
    came: Sequence[Came]
    people: Figure
    writers: Figure
    posts: int | None
    users: Figure
    resources: int | None
    named: Sequence[tuple[str, str | None]]


def record(read: Reading, organisation: Organisation) -> Record | None:
    """That of the current programme; None for everybody but the lead and the secretariat, and without a programme."""
    actor = read.actor
    if actor.person_id is None:
        return None
    programme = programmes.current(read)
    if programme is None:
        return None
    sees_all = is_secretariat(actor, programme.id)
    if not (sees_all or leads(actor, organisation.id)):
        return None
    hide = not sees_all
    rows = read.session.execute(_came(programme.id, organisation.id)).all()
    by_kind = {row.kind: row for row in rows if row.kind is not None}
    people = next(row.people for row in rows if row.kind is None)
    writers, posts = read.session.execute(_wrote(programme.id, organisation.id)).one()
    users, resources = read.session.execute(_used(programme.id, organisation.id)).one()
    wrote, used = alone(writers, hide=hide), alone(users, hide=hide)
    return Record(
        programme,
        sees_all,
        [
            Came(kind, by_kind[kind].events, alone(by_kind[kind].people, hide=hide))
            for kind in EventKind
            if kind in by_kind
        ],
        alone(people, hide=hide),
        wrote,
        None if wrote.value is None else posts,
        used,
        None if used.value is None else resources,
        [(name, role) for name, role in read.session.execute(_named(programme.id, organisation.id))],
    )


def _came(programme_id: int, organisation_id: int) -> Select[*tuple[Any, ...]]:
    """A row for each kind and one for all, whose kind is None. Guests without a name count as people."""
    human = func.coalesce(Seat.person_id, -Seat.id)
    return (
        select(
            Event.kind,
            func.count(distinct(Event.id)).label("events"),
            func.count(distinct(human)).label("people"),
        )
        .join(Booking, Booking.event_id == Event.id)
        .join(Seat, Seat.booking_id == Booking.id)
        .where(Event.programme_id == programme_id, Booking.organisation_id == organisation_id, _was_there())
        .group_by(func.grouping_sets(tuple_(Event.kind), tuple_()))
    )


def _was_there() -> ColumnElement[bool]:
    return exists().where(Mark.seat_id == Seat.id, Mark.superseded_at.is_(None), Mark.status.in_(CAME))


def _belongs(person_id: Any, organisation_id: int) -> ColumnElement[bool]:
    return and_(
        Affiliation.person_id == person_id,
        Affiliation.organisation_id == organisation_id,
        Affiliation.is_primary,
        Affiliation.to_on.is_(None),
    )


def _wrote(programme_id: int, organisation_id: int) -> Select[int, int]:
    """People and posts in the spaces that are for all alumni or all members; rooms of a few are nobody else's."""
    return (
        select(func.count(distinct(Post.author_id)), func.count())
        .select_from(Post)
        .join(Affiliation, _belongs(Post.author_id, organisation_id))
        .join(Topic, Topic.id == Post.topic_id)
        .join(Space, Space.id == Topic.space_id)
        .where(
            Space.programme_id == programme_id,
            Space.cohort_id.is_(None),
            Space.audience != Audience.FACILITATORS,
            Topic.hidden_at.is_(None),
            Post.deleted_at.is_(None),
            Post.hidden_at.is_(None),
        )
    )


def _used(programme_id: int, organisation_id: int) -> Select[int, int]:
    return (
        select(func.count(distinct(ResourceUse.person_id)), func.count(distinct(ResourceUse.resource_id)))
        .join(Resource, Resource.id == ResourceUse.resource_id)
        .where(Resource.programme_id == programme_id, ResourceUse.organisation_id == organisation_id)
    )


def _named(programme_id: int, organisation_id: int) -> Select[str, str | None]:
    came = exists().where(
        Seat.person_id == Person.id, Event.id == Seat.event_id, Event.programme_id == programme_id, _was_there()
    )
    return (
        select(Person.name, Affiliation.role_title)
        .join(Affiliation, _belongs(Person.id, organisation_id))
        .where(consents.stands(Person.id, Purpose.DIRECTORY), came)
        .order_by(Person.name, Person.id)
        .limit(NAMES_MOST)
    )
