"""Announcements: who fits an audience, to whom of them we may write, and how one fares.

Nobody gets an announcement who has not agreed to news, has no role and no booking in its programme, and does not stand
on its list of those who want to hear of the next round while it goes to that list.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import aliased, joinedload

from cop.core.access import Role
from cop.core.audiences import ANY_EVENT, Audience, read_audience
from cop.core.errors import NotFound
from cop.core.work import Reading
from cop.models.accounts import Affiliation, Person, RoleGrant, Sector
from cop.models.events import CAME, Booking, BookingState, Event, EventState, Mark, Seat
from cop.models.organisations import Organisation
from cop.models.outbox import MailTopic, Outbox, OutboxState
from cop.models.programmes import Programme
from cop.models.telling import Announcement, AnnouncementState, Purpose
from cop.queries import consents, interest, reach
from cop.queries.messages import of_announcement
from cop.queries.people import LIVE_PRIMARY

PLACE, AT = aliased(Affiliation), aliased(Organisation)
"""Where somebody belongs; statements name the plain tables for what they show."""

SAMPLE = 10

EVENTS_MOST = 200
"""The newest events of a programme that can be chosen from."""


def fits(audience: Audience, programme_id: int) -> ColumnElement[bool]:
    """Whether a person fits everything that an audience says."""
    return and_(Person.merged_into.is_(None), Person.erased_at.is_(None), *_conditions(audience, programme_id))


def _conditions(audience: Audience, programme_id: int) -> Iterator[ColumnElement[bool]]:
    if audience.kinds:
        yield _belongs(AT.kind.in_(audience.kinds))
    if audience.memberships:
        yield _belongs(AT.membership.in_(audience.memberships))
    if audience.sectors:
        yield _belongs(PLACE.sector.in_(audience.sectors))
    if audience.roles:
        of_organisation = RoleGrant.organisation_id.is_not(None)
        yield _holds(or_(_covers(programme_id), of_organisation), RoleGrant.role.in_(audience.roles))
    if audience.event:
        yield _took_part(audience, programme_id)
    if audience.interest:
        yield interest.is_interested(Person.id, programme_id)
    if audience.consent:
        yield consents.stands(Person.id, Purpose.NEWS)


def _belongs(which: ColumnElement[bool]) -> ColumnElement[bool]:
    live = (PLACE.person_id == Person.id, PLACE.is_primary, PLACE.to_on.is_(None))
    found = select(PLACE.id).outerjoin(AT, AT.id == PLACE.organisation_id).where(*live, which)
    return found.correlate(Person).exists()


def _took_part(audience: Audience, programme_id: int) -> ColumnElement[bool]:
    which = [Event.programme_id == programme_id]
    if audience.event != ANY_EVENT:
        which.append(Event.slug == audience.event)
    if not audience.attended:
        return _booked(*which)
    came = (Seat.person_id == Person.id, Mark.superseded_at.is_(None), Mark.status.in_(CAME))
    marks = select(Mark.id).join(Seat, Seat.id == Mark.seat_id).join(Event, Event.id == Seat.event_id)
    return marks.where(*came, *which).correlate(Person).exists()


def _booked(*which: ColumnElement[bool]) -> ColumnElement[bool]:
    live = (Booking.person_id == Person.id, Booking.state == BookingState.LIVE)
    found = select(Booking.id).join(Event, Event.id == Booking.event_id).where(*live, *which)
    return found.correlate(Person).exists()


def _holds(*which: ColumnElement[bool]) -> ColumnElement[bool]:
    live = (RoleGrant.person_id == Person.id, RoleGrant.revoked_at.is_(None))
    return select(RoleGrant.id).where(*live, *which).correlate(Person).exists()


def _covers(programme_id: int) -> ColumnElement[bool]:
    """Whether a grant is over the programme, one of its events, or everything."""
    events = select(Event.id).where(Event.programme_id == programme_id).correlate(None)
    over_everything = and_(
        RoleGrant.programme_id.is_(None), RoleGrant.event_id.is_(None), RoleGrant.organisation_id.is_(None)
    )
    return or_(RoleGrant.programme_id == programme_id, RoleGrant.event_id.in_(events), over_everything)


def may_be_told(audience: Audience, programme_id: int) -> ColumnElement[bool]:
    """Whether we may write to a person: by their consent, their role or booking, or because they asked for this."""
    ways = [
        consents.stands(Person.id, Purpose.NEWS),
        _holds(_covers(programme_id)),
        _booked(Event.programme_id == programme_id),
    ]
    if audience.interest:
        ways.append(interest.is_interested(Person.id, programme_id))
    return or_(*ways)


def is_reached(audience: Audience, programme_id: int) -> ColumnElement[bool]:
    """Whether a letter would go to somebody who fits: we may write, they want news, and mail gets there."""
    return and_(
        may_be_told(audience, programme_id),
        Person.email.is_not(None),
        ~reach.turned_off(Person.id, MailTopic.NEWS),
        ~reach.comes_back(Person.email),
    )


def got(announcement_id: int) -> ColumnElement[bool]:
    """Whether a letter of this announcement was posted to a person, whatever became of it."""
    return exists().where(of_announcement(announcement_id), Outbox.person_id == Person.id)


def recipients(announcement: Announcement) -> Select[int]:
    """The people to whom a letter is still to be posted."""
    audience, programme_id = read_audience(announcement.audience), announcement.programme_id
    return select(Person.id).where(
        fits(audience, programme_id), is_reached(audience, programme_id), ~got(announcement.id)
    )


def may_still_get(read: Reading, announcement: Announcement, *, person_id: int) -> bool:
    """Whether somebody to whom a letter was posted is still in its audience and may be written to."""
    audience, programme_id = read_audience(announcement.audience), announcement.programme_id
    still = select(Person.id).where(
        Person.id == person_id, fits(audience, programme_id), may_be_told(audience, programme_id)
    )
    return read.session.scalar(still) is not None


@dataclass(frozen=True)
class Counted:
    """How many fit an audience now, and how many of them would get a letter."""

    fitting: int
    reached: int


def counted(read: Reading, announcement: Announcement) -> Counted:
    _only_admins(read)
    audience, programme_id = read_audience(announcement.audience), announcement.programme_id
    reached = func.count().filter(is_reached(audience, programme_id))
    row = read.session.execute(select(func.count(), reached).select_from(Person).where(fits(audience, programme_id)))
    return Counted(*row.one())


@dataclass(frozen=True)
class Recipient:
    public_id: str
    name: str
    organisation: str | None
    sector: Sector | None


def sample(read: Reading, announcement: Announcement) -> Sequence[Recipient]:
    """Some of those who would get a letter, chosen without an order that means anything."""
    _only_admins(read)
    audience, programme_id = read_audience(announcement.audience), announcement.programme_id
    found = (
        select(Person.public_id, Person.name, Organisation.name, Affiliation.sector)
        .outerjoin(Affiliation, LIVE_PRIMARY)
        .outerjoin(Organisation, Organisation.id == Affiliation.organisation_id)
        .where(fits(audience, programme_id), is_reached(audience, programme_id))
        .order_by(func.md5(Person.public_id))
        .limit(SAMPLE)
    )
    return [Recipient(*row) for row in read.session.execute(found)]


@dataclass(frozen=True)
class Listed:
    public_id: str
    subject: str
    programme: str
    state: AnnouncementState
    made_at: datetime
    made_by: str | None
    send_at: datetime | None
    ended_at: datetime | None


def listed(read: Reading, *, offset: int = 0, limit: int = 50) -> Sequence[Listed]:
    """The newest first, ``limit`` + 1 of them so that the caller knows of a next page."""
    _only_admins(read)
    found = (
        select(
            Announcement.public_id,
            Announcement.subject,
            Programme.name,
            Announcement.state,
            Announcement.made_at,
            Person.name,
            Announcement.send_at,
            Announcement.ended_at,
        )
        .join(Programme, Programme.id == Announcement.programme_id)
        .outerjoin(Person, Person.id == Announcement.made_by)
        .order_by(Announcement.id.desc())
        .offset(offset)
        .limit(limit + 1)
    )
    return [Listed(*row) for row in read.session.execute(found)]


def announcement(read: Reading, *, public_id: str) -> Announcement:
    """With its programme."""
    _only_admins(read)
    found = select(Announcement).where(Announcement.public_id == public_id)
    one = read.session.scalars(found.options(joinedload(Announcement.programme))).one_or_none()
    if one is None:
        raise NotFound
    return one


def of_letter(read: Reading, *, announcement_id: int) -> Announcement:
    """With its programme, for the letters of it."""
    found = select(Announcement).where(Announcement.id == announcement_id)
    one = read.session.scalars(found.options(joinedload(Announcement.programme))).one_or_none()
    if one is None:
        raise NotFound
    return one


@dataclass(frozen=True)
class Progress:
    """How many letters were posted, by what became of them."""

    by_state: Mapping[OutboxState, int]

    @cached_property
    def posted(self) -> int:
        return sum(self.by_state.values())

    @cached_property
    def waiting(self) -> int:
        return sum(self.by_state.get(state, 0) for state in (OutboxState.PENDING, OutboxState.LEASED))

    def count(self, state: OutboxState) -> int:
        return self.by_state.get(state, 0)


def progress(read: Reading, *, announcement_id: int) -> Progress:
    _only_admins(read)
    own = select(Outbox.state, func.count()).where(of_announcement(announcement_id))
    return Progress({row[0]: row[1] for row in read.session.execute(own.group_by(Outbox.state))})


@dataclass(frozen=True)
class Eventful:
    slug: str
    title: str


def events_of(read: Reading, *, programme_id: int) -> Sequence[Eventful]:
    """The events of a programme in which somebody can have taken part, the newest first."""
    _only_admins(read)
    found = select(Event.slug, Event.title).where(Event.programme_id == programme_id, Event.state != EventState.DRAFT)
    return [Eventful(*row) for row in read.session.execute(found.order_by(Event.id.desc()).limit(EVENTS_MOST))]


def _only_admins(read: Reading) -> None:
    if not read.actor.may(Role.ADMIN):
        raise NotFound
