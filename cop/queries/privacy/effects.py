"""What an erasure would do to somebody's records, before anybody does it; and what it cannot reach."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from cop.core.access import Role
from cop.core.errors import NotFound
from cop.core.work import Reading
from cop.models.accounts import Person
from cop.models.cohorts import Application, ApplicationState
from cop.models.events import Booking, BookingState, Event, Part
from cop.models.forum import Mention, Post
from cop.models.privacy import PrivacyRequest, RequestState
from cop.queries.privacy import holdings
from cop.queries.privacy.held import Who, who
from cop.queries.privacy.holdings import Holding


@dataclass(frozen=True)
class Effects:
    """``coming`` are titles of what is booked and not over, which is cancelled first; ``applied`` of courses.

    ``posts`` were written in the forum, ``mentioned`` in posts of others; ``stops`` are the roles to be revoked before.
    ``open_requests`` are withdrawn, but for that of the erasure.
    """

    name: str
    public_id: str
    holdings: Sequence[Holding]
    coming: Sequence[str]
    applied: Sequence[str]
    posts: int
    mentioned: int
    open_requests: int
    stops: Sequence[Role]


def own(read: Reading) -> Effects:
    if read.actor.person_id is None:
        raise NotFound
    return _effects(read, who(read, person_id=read.actor.person_id))


def of_person(read: Reading, *, public_id: str) -> Effects:
    """For admins of the whole service."""
    return _effects(read, holdings.by_public_id(read, public_id=public_id))


def _effects(read: Reading, of: Who) -> Effects:
    person = read.session.get_one(Person, of.id)
    ends = select(func.max(Part.ends_at)).where(Part.event_id == Event.id).scalar_subquery()
    coming = (
        select(Event.title)
        .join(Booking, Booking.event_id == Event.id)
        .where(Booking.person_id.in_(of.ids), Booking.state == BookingState.LIVE, ends > read.now)
        .order_by(Event.title)
    )
    applied = (
        select(Event.title)
        .join(Application, Application.cohort_id == Event.id)
        .where(Application.person_id.in_(of.ids), Application.state != ApplicationState.WITHDRAWN)
        .order_by(Event.title)
    )
    posts = select(func.count()).select_from(Post).where(Post.author_id.in_(of.ids))
    mentioned = select(func.count()).select_from(Mention).where(Mention.person_id.in_(of.ids))
    is_open = PrivacyRequest.state.in_([RequestState.OPEN, RequestState.STOPPED])
    asked = select(func.count()).select_from(PrivacyRequest).where(PrivacyRequest.person_id.in_(of.ids), is_open)
    return Effects(
        person.name,
        person.public_id,
        [holding for holding in holdings.of(read, of) if holding.lines],
        read.session.scalars(coming).all(),
        read.session.scalars(applied).all(),
        read.session.scalar(posts) or 0,
        read.session.scalar(mentioned) or 0,
        read.session.scalar(asked) or 0,
        holdings.roles_that_stop(read, of),
    )
