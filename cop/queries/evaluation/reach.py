"""Which members of the network, and which people, a programme reached, by the map of then or by that of today."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    SQLColumnExpression,
    Subquery,
    Text,
    and_,
    case,
    cast,
    exists,
    func,
    literal,
    or_,
    select,
    tuple_,
)

from cop.core.place import day_of
from cop.core.small_numbers import Figure
from cop.core.work import Reading
from cop.models.accounts import Affiliation
from cop.models.events import CAME, Booking, Event, EventState, Mark, Seat
from cop.models.organisations import Organisation, OrganisationKind, OrganisationSuccession
from cop.models.programmes import Programme
from cop.models.regions import Region
from cop.models.service import Setting
from cop.queries.accounts import NEWER_MEMBER_YEARS
from cop.queries.evaluation.figures import alone, pieces
from cop.queries.succession import map_of


class Geography(StrEnum):
    """Which organisations are counted: those that there were, or those that stand in their place today."""

    THEN = "then"
    TODAY = "today"


NEWER, LONGER = "newer", "longer"

ORDER = {
    "kind": tuple(OrganisationKind),
    "region": tuple(Region),
    "newer": (NEWER, LONGER),
}
"""What members and people are counted by, and the order of the words."""

SETS = {0b011: "kind", 0b101: "region", 0b110: "newer", 0b111: "whole"}
"""What PostgreSQL's GROUPING says of a row of the grouping sets."""


@dataclass(frozen=True)
class Group:
    """Those who share something; ``name`` is None where it is not known.

    ``members`` of the directory, of them those from which somebody ``booked`` and ``came``; and the people themselves.
    """

    name: str | None
    members: int
    booked: int
    came: int
    people_booked: Figure
    people_came: Figure


@dataclass(frozen=True)
class Reach:
    whole: Group
    by_kind: Sequence[Group]
    by_region: Sequence[Group]
    by_newer: Sequence[Group]


def reach(read: Reading, programme: Programme, geography: Geography, *, hide: bool) -> Reach:
    """Somebody counts once in each group, whatever they booked.

    By the map of today, councils that one other has taken over count as that one, members and people alike.
    """
    since, today = _newer_since(read, programme.starts_on), day_of(read.now)
    members_counted: ColumnElement[bool]
    place: SQLColumnExpression[int | None]
    if geography is Geography.TODAY:
        stands_for = map_of(today)
        members_counted = exists().where(stands_for.c.origin_id == Organisation.id, stands_for.c.id == Organisation.id)
        place = select(stands_for.c.id).where(stands_for.c.origin_id == Booking.organisation_id).scalar_subquery()
    else:
        members_counted = _was_there(programme.starts_on, min(programme.ends_on, today))
        place = Booking.organisation_id
    members = {(SETS[row.by], row.name): row.members for row in read.session.execute(_members(since, members_counted))}
    people = {(SETS[row.by], row.name): row for row in read.session.execute(_people(programme.id, since, place))}
    groups, are_safe = {}, True
    for by, order in ORDER.items():
        groups[by], is_safe = _groups(by, _in_order(order, by, [*members, *people]), members, people, hide=hide)
        are_safe = are_safe and is_safe
    all_of_them = people["whole", None]
    people_counts = (all_of_them.people_booked, all_of_them.people_came)
    figures = [alone(count, hide=hide) if are_safe else Figure(None) for count in people_counts]
    whole = Group(None, members["whole", None], all_of_them.booked, all_of_them.came, *figures)
    return Reach(whole, groups["kind"], groups["region"], groups["newer"])


Key = tuple[str, str | None]


def _in_order(order: Sequence[str], by: str, keys: Sequence[Key]) -> list[str | None]:
    """The names that occur: known words first and in their order, None last."""
    found = {name for of, name in keys if of == by}
    words = [word for word in order if word in found]
    others = sorted(name for name in found if name is not None and name not in order)
    return [*words, *others, *([None] if None in found else [])]


def _groups(
    by: str, names: Sequence[str | None], members: Mapping[Key, int], people: Mapping[Key, Any], *, hide: bool
) -> tuple[Sequence[Group], bool]:
    """A group for each name, and whether the number of all people may stand beside them."""
    rows = [people.get((by, name)) for name in names]
    booked, all_booked = pieces([row.people_booked if row else 0 for row in rows], hide=hide)
    came, all_came = pieces([row.people_came if row else 0 for row in rows], hide=hide)
    groups = [
        Group(
            name,
            members.get((by, name), 0),
            row.booked if row else 0,
            row.came if row else 0,
            booked[position],
            came[position],
        )
        for position, (name, row) in enumerate(zip(names, rows, strict=True))
    ]
    return groups, all_booked.value is not None and all_came.value is not None


def _newer_since(read: Reading, starts_on: date) -> date:
    """Who joined on a later day was a newer member when the programme began, or has joined since."""
    years = read.session.scalar(select(Setting.value).where(Setting.name == "newer_member_years"))
    year = starts_on.year - (years or NEWER_MEMBER_YEARS)
    return date(year, starts_on.month, min(starts_on.day, 28))


def _was_there(first: date, last: date) -> ColumnElement[bool]:
    """Whether an organisation existed at any time from the first day to the last: neither ended before, nor made of
    others later. Whoever joined or had people earlier has taken others in, and was there before.
    """
    made = select(func.min(OrganisationSuccession.on_date))
    made_on = made.where(OrganisationSuccession.successor_id == Organisation.id).scalar_subquery()
    had_people = exists().where(Affiliation.organisation_id == Organisation.id, Affiliation.from_on < made_on)
    return and_(
        or_(Organisation.ended_on.is_(None), Organisation.ended_on > first),
        or_(made_on.is_(None), made_on <= last, Organisation.joined_on <= last, had_people),
    )


def _members(since: date, are_counted: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    is_member = and_(Organisation.membership.is_not(None), Organisation.merged_into.is_(None))
    rows = select(*_grouped_by(since)).where(is_member, are_counted).subquery()
    return _by_sets(rows, func.count().label("members"))


def _people(programme_id: int, since: date, place: SQLColumnExpression[int | None]) -> Select[*tuple[Any, ...]]:
    """Those on the seats that are held, with the organisation of the day of booking or the one in its ``place``."""
    here = exists().where(
        Mark.seat_id == Seat.id,
        Mark.superseded_at.is_(None),
        Mark.status.in_(CAME),
    )
    rows = (
        select(
            *_grouped_by(since),
            Seat.person_id,
            case((Organisation.membership.is_not(None), Organisation.id)).label("member_id"),
            here.label("came"),
        )
        .select_from(Event)
        .join(Booking, Booking.event_id == Event.id)
        .join(Seat, and_(Seat.booking_id == Booking.id, Seat.live, Seat.person_id.is_not(None)))
        .outerjoin(Organisation, Organisation.id == place)
        .where(Event.programme_id == programme_id, Event.state != EventState.DRAFT)
        .subquery()
    )
    people, members = func.count(rows.c.person_id.distinct()), func.count(rows.c.member_id.distinct())
    return _by_sets(
        rows,
        members.label("booked"),
        members.filter(rows.c.came).label("came"),
        people.label("people_booked"),
        people.filter(rows.c.came).label("people_came"),
    )


def _grouped_by(since: date) -> tuple[ColumnElement[Any], ...]:
    return (
        cast(Organisation.kind, Text).label("kind"),
        Organisation.region.label("region"),
        case(
            (Organisation.joined_on > since, literal(NEWER)), (Organisation.joined_on <= since, literal(LONGER))
        ).label("newer"),
    )


def _by_sets(rows: Subquery, *counts: ColumnElement[Any]) -> Select[*tuple[Any, ...]]:
    """The counts by each of the three columns and for all, in one statement."""
    columns = (rows.c.kind, rows.c.region, rows.c.newer)
    return select(func.grouping(*columns).label("by"), func.coalesce(*columns).label("name"), *counts).group_by(
        func.grouping_sets(*columns, tuple_())
    )
