"""Which members of the network, and which people, a programme reached, by the map of then or by that of today."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import partial
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
    null,
    or_,
    select,
    tuple_,
)

from cop.core.place import day_of
from cop.core.small_numbers import Figure
from cop.core.work import Reading
from cop.models.accounts import Affiliation, Sector
from cop.models.events import CAME, Booking, Event, EventState, Mark, Seat
from cop.models.organisations import Membership, Organisation, OrganisationKind, OrganisationSuccession
from cop.models.programmes import Programme
from cop.models.regions import Region
from cop.models.service import Setting
from cop.queries.accounts import NEWER_MEMBER_YEARS
from cop.queries.evaluation.figures import chain, ladders
from cop.queries.evaluation.filters import LONGER, NEWER, NOTHING, Filters
from cop.queries.evaluation.kept import Rows, kept_or
from cop.queries.succession import map_of

__all__ = ["NEWER", "Geography", "Group", "Reach", "newer_since", "reach"]


class Geography(StrEnum):
    """Which organisations are counted: those that there were, or those that stand in their place today."""

    THEN = "then"
    TODAY = "today"


ORDER: Mapping[str, Sequence[str]] = {
    "newer": (NEWER, LONGER),
    "kind": tuple(OrganisationKind),
    "membership": tuple(Membership),
    "region": tuple(Region),
    "sector": tuple(Sector),
}
"""What members and people are counted by, and the order of the words."""

WHOLE = (1 << len(ORDER)) - 1

SETS = {WHOLE: "whole"} | {WHOLE - (1 << place): by for place, by in enumerate(reversed([*ORDER]))}
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
    """By sector there are people alone: organisations have none."""

    whole: Group
    by_kind: Sequence[Group]
    by_region: Sequence[Group]
    by_newer: Sequence[Group]
    by_membership: Sequence[Group]
    by_sector: Sequence[Group]


def reach(
    read: Reading, programme: Programme, geography: Geography, *, hide: bool, filters: Filters = NOTHING
) -> Reach:
    """Somebody counts once in each group, whatever they booked.

    By the map of today, councils that one other has taken over count as that one, members and people alike. ``filters``
    narrow what is counted; the caller asks for none together with ``hide``.
    """
    count = partial(reach_rows, read, programme, geography, filters)
    found = kept_or(read, programme.id, f"reach {geography}", filters, count)
    members = {(SETS[by], name): count for what, by, name, count, *_more in found if what == "members"}
    people = {(SETS[by], name): tuple(counts) for what, by, name, *counts in found if what == "people"}
    groups = {
        by: _groups(by, _in_order(order, by, [*members, *people]), members, people, hide=hide)
        for by, order in ORDER.items()
    }
    booked, came, *counts = people["whole", None]
    whole = Group(None, members["whole", None], booked, came, *chain(*counts, hide=hide))
    return Reach(whole, *(groups[by] for by in ("kind", "region", "newer", "membership", "sector")))


Key = tuple[str, str | None]


def reach_rows(read: Reading, programme: Programme, geography: Geography, filters: Filters) -> Rows:
    since, today = newer_since(read, programme), day_of(read.now)
    members_counted: ColumnElement[bool]
    place: SQLColumnExpression[int | None]
    if geography is Geography.TODAY:
        stands_for = map_of(today)
        members_counted = exists().where(stands_for.c.origin_id == Organisation.id, stands_for.c.id == Organisation.id)
        place = select(stands_for.c.id).where(stands_for.c.origin_id == Booking.organisation_id).scalar_subquery()
    else:
        members_counted = _was_there(programme.starts_on, min(programme.ends_on, today))
        place = Booking.organisation_id
    members = _members(since, members_counted, filters)
    people = _people(programme.id, since, place, filters)
    return [
        *(["members", *row] for row in read.session.execute(members)),
        *(["people", *row] for row in read.session.execute(people)),
    ]


def _in_order(order: Sequence[str], by: str, keys: Sequence[Key]) -> list[str | None]:
    """The names that occur: known words first and in their order, None last."""
    found = {name for of, name in keys if of == by}
    words = [word for word in order if word in found]
    others = sorted(name for name in found if name is not None and name not in order)
    return [*words, *others, *([None] if None in found else [])]


NOBODY = (0, 0, 0, 0)


def _groups(
    by: str,
    names: Sequence[str | None],
    members: Mapping[Key, int],
    people: Mapping[Key, Sequence[int]],
    *,
    hide: bool,
) -> Sequence[Group]:
    """A group for each name."""
    rows = [people.get((by, name), NOBODY) for name in names]
    figures = ladders([row[2:] for row in rows], hide=hide)
    return [
        Group(
            name,
            0 if by == "sector" else members.get((by, name), 0),
            row[0],
            row[1],
            *figures[position],
        )
        for position, (name, row) in enumerate(zip(names, rows, strict=True))
    ]


def newer_since(read: Reading, programme: Programme) -> date:
    """Who joined on a later day was a newer member when the programme began, or has joined since."""
    years = read.session.scalar(select(Setting.value).where(Setting.name == "newer_member_years"))
    first = programme.starts_on
    return date(first.year - (years or NEWER_MEMBER_YEARS), first.month, min(first.day, 28))


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


def _members(since: date, are_counted: ColumnElement[bool], filters: Filters) -> Select[*tuple[Any, ...]]:
    is_member = and_(Organisation.membership.is_not(None), Organisation.merged_into.is_(None))
    nobody = cast(null(), Text)
    rows = select(*_grouped_by(since, nobody)).where(is_member, are_counted, *filters.organisations(since)).subquery()
    return _by_sets(rows, func.count())


def _people(
    programme_id: int, since: date, place: SQLColumnExpression[int | None], filters: Filters
) -> Select[*tuple[Any, ...]]:
    """Those on the seats that are held, with the organisation of the day of booking or the one in its ``place``."""
    here = exists().where(
        Mark.seat_id == Seat.id,
        Mark.superseded_at.is_(None),
        Mark.status.in_(CAME),
    )
    rows = (
        select(
            *_grouped_by(since, cast(Booking.sector, Text)),
            Seat.person_id,
            case((Organisation.membership.is_not(None), Organisation.id)).label("member_id"),
            here.label("came"),
        )
        .select_from(Event)
        .join(Booking, Booking.event_id == Event.id)
        .join(Seat, and_(Seat.booking_id == Booking.id, Seat.live, Seat.person_id.is_not(None)))
        .outerjoin(Organisation, Organisation.id == place)
        .where(
            Event.programme_id == programme_id,
            Event.state != EventState.DRAFT,
            *filters.events(),
            *filters.booked(Booking.sector, since),
        )
        .subquery()
    )
    people, members = func.count(rows.c.person_id.distinct()), func.count(rows.c.member_id.distinct())
    return _by_sets(rows, members, members.filter(rows.c.came), people, people.filter(rows.c.came))


def _grouped_by(since: date, sector: ColumnElement[Any]) -> Sequence[ColumnElement[Any]]:
    """In the order of ORDER."""
    newer = case((Organisation.joined_on > since, literal(NEWER)), (Organisation.joined_on <= since, literal(LONGER)))
    of_organisation = (newer, cast(Organisation.kind, Text), cast(Organisation.membership, Text), Organisation.region)
    return [column.label(by) for by, column in zip(ORDER, (*of_organisation, sector), strict=True)]


def _by_sets(rows: Subquery, *counts: ColumnElement[Any]) -> Select[*tuple[Any, ...]]:
    """The counts by each of the columns of ORDER and for all, in one statement."""
    columns = [rows.c[by] for by in ORDER]
    return select(func.grouping(*columns), func.coalesce(*columns), *counts).group_by(
        func.grouping_sets(*columns, tuple_())
    )
