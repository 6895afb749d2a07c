"""What topics are about: the words they are sorted by, what they link to, and both ways back to the topics."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from cop.core.work import Reading
from cop.models.accounts import Person
from cop.models.commitments import Commitment, CommitmentState
from cop.models.events import Event, EventKind, EventState, Part, Visibility
from cop.models.forum import Space, Topic, TopicLink, TopicTag
from cop.models.toolkit import Resource, ResourceAudience, ResourceState
from cop.queries.forum.entering import may_enter, who

OFFERED = 100
"""Events, and resources, that a form offers to link to."""

LINKED_SINCE = timedelta(days=365)
"""Events that ended longer ago are offered no more."""

SHOWN_BACK = 5
"""Topics that the page of an event or a resource leads to."""


def can_be_linked() -> ColumnElement[bool]:
    """Whether anybody may see an ``Event`` that a topic names."""
    return and_(Event.visibility == Visibility.PUBLIC, Event.state != EventState.DRAFT)


def seen_by_all() -> ColumnElement[bool]:
    """Whether all who get into a ``Space`` may see a ``Resource``. People of a sub-group may be no members yet."""
    whole = Space.subgroup_id.is_(None)
    return and_(
        Resource.state == ResourceState.PUBLISHED,
        or_(
            Resource.audience == ResourceAudience.PUBLIC,
            and_(Resource.audience == ResourceAudience.MEMBERS, whole),
            and_(Resource.audience == ResourceAudience.COHORT, Resource.cohort_id == Space.cohort_id, whole),
        ),
    )


def tag_ids(read: Reading, topic_id: int) -> Sequence[int]:
    return read.session.scalars(select(TopicTag.tag_id).where(TopicTag.topic_id == topic_id)).all()


@dataclass(frozen=True)
class NamedEvent:
    """As much of an event as a link to it needs."""

    slug: str
    title: str
    kind: EventKind


@dataclass(frozen=True)
class Link:
    """What a topic links to: ``kind`` is event, resource or plan; ``word`` names it in an address."""

    kind: str
    word: str
    title: str
    event: NamedEvent | None = None


def links_of(read: Reading, topic_id: int) -> Sequence[Link]:
    """What everybody who reads the topic may see of what it links to, as it is now; of a plan, what it is to change."""
    found = (
        select(
            Event.slug,
            Event.title,
            Event.kind,
            Resource.slug,
            Resource.title,
            Commitment.public_id,
            Commitment.what,
        )
        .select_from(TopicLink)
        .join(Topic, Topic.id == TopicLink.topic_id)
        .join(Space, Space.id == Topic.space_id)
        .outerjoin(Event, and_(Event.id == TopicLink.event_id, can_be_linked()))
        .outerjoin(Resource, and_(Resource.id == TopicLink.resource_id, seen_by_all()))
        .outerjoin(Commitment, and_(Commitment.id == TopicLink.commitment_id, Commitment.person_id == Topic.author_id))
        .where(TopicLink.topic_id == topic_id)
        .order_by(TopicLink.id)
    )
    links = []
    for event, event_title, of, resource, resource_title, plan, what in read.session.execute(found):
        if event is not None:
            links.append(Link("event", event, event_title, NamedEvent(event, event_title, of)))
        if resource is not None:
            links.append(Link("resource", resource, resource_title))
        if plan is not None:
            links.append(Link("plan", plan, what))
    return links


Choice = tuple[str, str]
"""What a form offers: the word that names a record, and what it is called."""


def events_to_link(read: Reading, *, programme_id: int, kept: str = "") -> Sequence[Choice]:
    """Events of the programme that are to come or were of late, the latest first, and the one that stands there."""
    last = select(func.max(Part.ends_at)).where(Part.event_id == Event.id).scalar_subquery()
    of_late = and_(Event.programme_id == programme_id, last > read.now - LINKED_SINCE)
    found = (
        select(Event.slug, Event.title)
        .where(can_be_linked(), or_(of_late, Event.slug == kept))
        .order_by(last.desc(), Event.id)
        .limit(OFFERED)
    )
    return [(slug, title) for slug, title in read.session.execute(found)]


def resources_to_link(read: Reading, *, space_id: int) -> Sequence[Choice]:
    """Resources of the programme that all who get into the space may see."""
    found = (
        select(Resource.slug, Resource.title)
        .join(Space, Space.programme_id == Resource.programme_id)
        .where(Space.id == space_id, seen_by_all())
        .order_by(Resource.title, Resource.id)
        .limit(OFFERED)
    )
    return [(slug, title) for slug, title in read.session.execute(found)]


def plans_to_link(read: Reading) -> Sequence[Choice]:
    """What the actor has promised and not given up, latest first."""
    found = (
        select(Commitment.public_id, Commitment.what)
        .where(Commitment.person_id == read.actor.person_id, Commitment.state != CommitmentState.GIVEN_UP)
        .order_by(Commitment.id.desc())
        .limit(OFFERED)
    )
    return [(public_id, what) for public_id, what in read.session.execute(found)]


@dataclass(frozen=True)
class Found:
    """A topic in a list of another page than that of its space."""

    id: int
    slug: str
    title: str
    kind: str
    replies: int
    last_post_at: datetime
    space_slug: str
    space: str
    author: str


def topics_of_tag(read: Reading, *, tag_id: int, offset: int, limit: int) -> Sequence[Found]:
    """Topics sorted by a word in all spaces that the actor gets into, ``limit`` + 1 of them, the latest first."""
    found = _found().join(TopicTag, TopicTag.topic_id == Topic.id).where(TopicTag.tag_id == tag_id)
    return _rows(read, found.offset(offset).limit(limit + 1))


def topics_about(read: Reading, *, event_id: int | None = None, resource_id: int | None = None) -> Sequence[Found]:
    """The latest topics about an event or a resource in spaces that the actor gets into; none for a stranger."""
    if read.actor.person_id is None:
        return ()
    of = TopicLink.event_id == event_id if event_id is not None else TopicLink.resource_id == resource_id
    return _rows(read, _found().join(TopicLink, TopicLink.topic_id == Topic.id).where(of).limit(SHOWN_BACK))


def topics_about_plan(read: Reading, *, public_id: str) -> Sequence[Found]:
    """The same about a plan."""
    found = (
        _found()
        .join(TopicLink, TopicLink.topic_id == Topic.id)
        .join(Commitment, Commitment.id == TopicLink.commitment_id)
        .where(Commitment.public_id == public_id)
    )
    return _rows(read, found.limit(SHOWN_BACK))


def _found() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Topic.id,
            Topic.slug,
            Topic.title,
            Topic.kind,
            Topic.posts - 1,
            Topic.last_post_at,
            Space.slug,
            Space.name,
            Person.name,
        )
        .join(Space, Space.id == Topic.space_id)
        .join(Person, Person.id == Topic.author_id)
        .where(may_enter(), Topic.hidden_at.is_(None), Topic.merged_into.is_(None))
        .order_by(Topic.last_post_at.desc(), Topic.id.desc())
    )


def _rows(read: Reading, found: Select[*tuple[Any, ...]]) -> Sequence[Found]:
    return [Found(*row) for row in read.session.execute(found, who(read))]
