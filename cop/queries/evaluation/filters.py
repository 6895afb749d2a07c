"""What figures of the evaluation can be narrowed to, and the people and events that fit."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, time

from sqlalchemy import ColumnElement, ScalarSelect, SQLColumnExpression, and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from cop.core.place import instant_on
from cop.core.work import Reading
from cop.models.accounts import Affiliation, Sector
from cop.models.events import Event, EventState, Part, PartState
from cop.models.organisations import Membership, Organisation, OrganisationKind
from cop.models.programmes import Programme
from cop.models.regions import Region

NEWER, LONGER = "newer", "longer"

EVENTS_OFFERED = 200


@dataclass(frozen=True)
class Quarter:
    """Three months, from the first of January, April, July or October. Written like ``2026-q1``."""

    year: int
    number: int

    def __str__(self) -> str:
        return f"{self.year}-q{self.number}"

    @property
    def first_day(self) -> date:
        return date(self.year, 3 * self.number - 2, 1)

    @property
    def following(self) -> "Quarter":
        return Quarter(self.year, self.number + 1) if self.number < 4 else Quarter(self.year + 1, 1)  # noqa: PLR2004

    @property
    def bounds(self) -> tuple[datetime, datetime]:
        """The instant at which it begins, and that at which it is over."""
        return instant_on(self.first_day, time()), instant_on(self.following.first_day, time())


def quarter_of(day: date) -> Quarter:
    return Quarter(day.year, (day.month + 2) // 3)


@dataclass(frozen=True)
class Filters:
    """What is asked for; what is None or empty is not asked. ``event`` is a slug.

    People are in a group as they were when they booked or applied. An event belongs to the quarter of its first day.
    """

    event: str = ""
    sector: Sector | None = None
    region: Region | None = None
    membership: Membership | None = None
    kind: OrganisationKind | None = None
    newer: str = ""
    quarter: Quarter | None = None

    def __bool__(self) -> bool:
        return any(getattr(self, field.name) for field in fields(self))

    @property
    def are_of_people(self) -> bool:
        return bool(self.sector or self.region or self.membership or self.kind or self.newer)

    def events(self) -> Sequence[ColumnElement[bool]]:
        """Conditions on Event."""
        found: list[ColumnElement[bool]] = []
        if self.event:
            found.append(Event.slug == self.event)
        if self.quarter is not None:
            begins, ends = self.quarter.bounds
            first = _first_start()
            found += [first >= begins, first < ends]
        return found

    def booked(self, sector: SQLColumnExpression[Sector | None], newer_since: date) -> Sequence[ColumnElement[bool]]:
        """Conditions on who somebody was in a snapshot, whose organisation is joined as Organisation."""
        found = list(self.organisations(newer_since))
        if self.sector is not None:
            found.append(sector == self.sector)
        return found

    def organisations(self, newer_since: date) -> Sequence[ColumnElement[bool]]:
        """Conditions on Organisation; what is asked about people alone is none."""
        found: list[ColumnElement[bool]] = []
        if self.region is not None:
            found.append(Organisation.region == self.region)
        if self.membership is not None:
            found.append(Organisation.membership == self.membership)
        if self.kind is not None:
            found.append(Organisation.kind == self.kind)
        if self.newer:
            is_newer = Organisation.joined_on > newer_since
            found.append(is_newer if self.newer == NEWER else Organisation.joined_on <= newer_since)
        return found

    def people(self, person_id: SQLColumnExpression[int], newer_since: date) -> Sequence[ColumnElement[bool]]:
        """Conditions on somebody of whom there is no snapshot: who they are today."""
        if not self.are_of_people:
            return []
        theirs = and_(Affiliation.person_id == person_id, Affiliation.is_primary, Affiliation.to_on.is_(None))
        now = select(Affiliation.id).outerjoin(Organisation, Organisation.id == Affiliation.organisation_id)
        return [exists(now.where(theirs, *self.booked(Affiliation.sector, newer_since)))]


NOTHING = Filters()


def _first_start() -> ScalarSelect[datetime]:
    """Of the Event; of its cancelled parts only where it is cancelled itself."""
    part = aliased(Part)
    counts = or_(part.state == PartState.PLANNED, Event.state == EventState.CANCELLED)
    first = select(func.min(part.starts_at)).where(part.event_id == Event.id, counts)
    return first.correlate(Event).scalar_subquery()


def quarters(programme: Programme) -> Sequence[Quarter]:
    """Those of the programme, the latest first."""
    found, last = [quarter_of(programme.starts_on)], quarter_of(programme.ends_on)
    while found[-1].first_day < last.first_day:
        found.append(found[-1].following)
    return found[::-1]


def events_to_choose(read: Reading, programme: Programme) -> Sequence[tuple[str, str]]:
    """Slug and title of the programme's events, the latest first. The caller has checked who asks."""
    found = (
        select(Event.slug, Event.title)
        .where(Event.programme_id == programme.id, Event.state != EventState.DRAFT)
        .order_by(_first_start().desc().nulls_last(), Event.id.desc())
        .limit(EVENTS_OFFERED)
    )
    return [(slug, title) for slug, title in read.session.execute(found)]
