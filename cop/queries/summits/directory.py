"""Whom of the directory staff could invite: by what their organisation is, who they are, and what they came to."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import ColumnElement, and_, exists, func, select

from cop.core.work import Reading
from cop.models.accounts import FORMER_APPLICANT, Affiliation, Person, Sector
from cop.models.events import CAME, Event, EventKind, EventState, Mark, Part, Seat
from cop.models.organisations import Membership, Organisation, OrganisationKind
from cop.models.regions import Region
from cop.models.summits import Invitation

LIVE_PRIMARY = and_(Affiliation.person_id == Person.id, Affiliation.is_primary, Affiliation.to_on.is_(None))

EVENTS = 100
"""So many events that are over can be chosen from, the latest first."""


@dataclass(frozen=True)
class Wanted:
    """What those have in common who are to be invited; None does not count.

    ``came_to`` is the slug of an event, ``came_to_kind`` stands for any event of that kind.
    """

    kind: OrganisationKind | None = None
    region: Region | None = None
    membership: Membership | None = None
    sector: Sector | None = None
    came_to: str | None = None
    came_to_kind: EventKind | None = None

    @property
    def is_everybody(self) -> bool:
        return self == Wanted()


@dataclass(frozen=True)
class Fit:
    person_id: int
    name: str
    organisation: str | None
    has_email: bool
    is_invited: bool


@dataclass(frozen=True)
class Fits:
    """Everybody who fits, by name. Whoever was invited before is left out, also where that was withdrawn."""

    people: Sequence[Fit]

    @cached_property
    def new(self) -> Sequence[Fit]:
        return [one for one in self.people if not one.is_invited]

    @property
    def invited(self) -> int:
        return len(self.people) - len(self.new)

    @property
    def without_email(self) -> int:
        return sum(not one.has_email for one in self.new)

    @property
    def organisations(self) -> int:
        return len({one.organisation for one in self.new if one.organisation})

    @property
    def seen(self) -> int:
        """A number that stands for exactly these people, so that nobody is invited whom the page did not count."""
        ids = ",".join(str(one.person_id) for one in self.new)
        return int(hashlib.sha256(ids.encode()).hexdigest()[:15], 16)


def fits(read: Reading, event: Event, wanted: Wanted) -> Fits:
    """The caller has checked that those who invite ask."""
    invited = exists().where(Invitation.event_id == event.id, Invitation.person_id == Person.id)
    found = (
        select(
            Person.id,
            Person.name,
            func.coalesce(Organisation.name, Affiliation.organisation_text).label("organisation"),
            Person.email.is_not(None).label("has_email"),
            invited.label("is_invited"),
        )
        .outerjoin(Affiliation, LIVE_PRIMARY)
        .outerjoin(Organisation, Organisation.id == Affiliation.organisation_id)
        .where(
            Person.merged_into.is_(None),
            Person.erased_at.is_(None),
            Person.public_id != FORMER_APPLICANT,
            *_conditions(wanted),
        )
        .order_by(Person.name, Person.id)
    )
    return Fits([Fit(*row) for row in read.session.execute(found)])


def _conditions(wanted: Wanted) -> Sequence[ColumnElement[bool]]:
    plain = (
        (Organisation.kind, wanted.kind),
        (Organisation.region, wanted.region),
        (Organisation.membership, wanted.membership),
        (Affiliation.sector, wanted.sector),
    )
    conditions: list[ColumnElement[bool]] = [column == value for column, value in plain if value is not None]
    if wanted.came_to is not None:
        conditions.append(_was_there(Event.slug == wanted.came_to))
    if wanted.came_to_kind is not None:
        conditions.append(_was_there(Event.kind == wanted.came_to_kind))
    return conditions


def _was_there(which: ColumnElement[bool]) -> ColumnElement[bool]:
    """That somebody has marked the Person as having been there, for the whole of it or for a part."""
    return exists().where(
        Seat.person_id == Person.id,
        Mark.seat_id == Seat.id,
        Mark.superseded_at.is_(None),
        Mark.status.in_(CAME),
        Event.id == Seat.event_id,
        which,
    )


@dataclass(frozen=True)
class Past:
    slug: str
    title: str
    kind: EventKind


def past_events(read: Reading, event: Event) -> Sequence[Past]:
    """Events of the same programme that have begun, the latest first."""
    first = func.min(Part.starts_at)
    rows = read.session.execute(
        select(Event.slug, Event.title, Event.kind)
        .join(Part, Part.event_id == Event.id)
        .where(Event.programme_id == event.programme_id, Event.state == EventState.PUBLISHED, Event.id != event.id)
        .group_by(Event.id)
        .having(first <= read.now)
        .order_by(first.desc(), Event.id)
        .limit(EVENTS)
    )
    return [Past(*row) for row in rows]
