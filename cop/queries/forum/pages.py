"""What the pages of the forum show: spaces with their news, topics, and posts twenty at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    bindparam,
    case,
    func,
    select,
    true,
)

from cop.core.errors import NotFound
from cop.core.work import Reading, rows
from cop.models.accounts import Person
from cop.models.base import UtcDateTime
from cop.models.forum import Follow, FollowLevel, Space, Topic
from cop.models.service import Observation
from cop.queries.forum.entering import (
    PERSON,
    has_accepted,
    may_enter,
    moderates,
    who,
)

POSTS_A_PAGE = 20
TOPICS_A_PAGE = 25
UNANSWERED_SHOWN = 5

NEWS_FOR = timedelta(days=90)
"""What was written longer ago is no news: whoever comes in new need not read the years before."""

READ = "topic read"
"""The kind of observation that says how far somebody read a topic: its value is the number of the last post shown."""


@dataclass(frozen=True)
class SpaceRow:
    """A space on the forum's first page. ``unread`` counts topics with something new; the rest is the last topic."""

    id: int
    programme_id: int
    cohort_id: int | None
    slug: str
    name: str
    about: str
    unread: int
    topic_id: int | None
    topic_slug: str | None
    topic_title: str | None
    last_post_at: datetime | None
    subgroup_id: int | None


def spaces(read: Reading) -> Sequence[SpaceRow]:
    """All spaces that the actor gets into, in their order."""
    rows = read.session.execute(_spaces(), {**who(read), "news_since": read.now - NEWS_FOR})
    return [SpaceRow(*row) for row in rows]


_NEWS_SINCE = bindparam("news_since", type_=UtcDateTime())


def _seen() -> ColumnElement[int]:
    """The number of the last post of a ``Topic`` that the actor was shown; 0 for none."""
    last = select(func.max(Observation.value)).where(
        Observation.person_id == PERSON, Observation.kind == READ, Observation.subject_id == Topic.id
    )
    return func.coalesce(last.correlate(Topic).scalar_subquery(), 0)


def _unread() -> ColumnElement[int]:
    """How many posts of a ``Topic`` are new to the actor; nothing is that has been quiet for long."""
    return case((Topic.last_post_at > _NEWS_SINCE, func.greatest(Topic.posts - _seen(), 0)), else_=0)


@cache
def _spaces() -> Select[*tuple[Any, ...]]:
    of_this = and_(Topic.space_id == Space.id, Topic.hidden_at.is_(None))
    news = (
        select(func.count())
        .select_from(Topic)
        .where(of_this, Topic.last_post_at > _NEWS_SINCE, Topic.posts > _seen())
        .correlate(Space)
        .scalar_subquery()
    )
    last = (
        select(Topic.id, Topic.slug, Topic.title, Topic.last_post_at)
        .where(of_this)
        .order_by(Topic.last_post_at.desc(), Topic.id.desc())
        .limit(1)
        .correlate(Space)
        .lateral("last")
    )
    return (
        select(
            Space.id,
            Space.programme_id,
            Space.cohort_id,
            Space.slug,
            Space.name,
            Space.about,
            news,
            last.c.id,
            last.c.slug,
            last.c.title,
            last.c.last_post_at,
            Space.subgroup_id,
        )
        .outerjoin(last, true())
        .where(may_enter())
        .order_by(Space.programme_id, Space.position, Space.id)
    )


@dataclass(frozen=True)
class Unanswered:
    space_slug: str
    space: str
    id: int
    slug: str
    title: str
    author: str
    made_at: datetime


def unanswered(read: Reading) -> Sequence[Unanswered]:
    """Topics of late to which nobody has replied, the longest waiting first."""
    rows = read.session.execute(_unanswered(), {**who(read), "news_since": read.now - NEWS_FOR})
    return [Unanswered(*row) for row in rows]


@cache
def _unanswered() -> Select[*tuple[Any, ...]]:
    waiting = and_(Topic.posts == 1, Topic.hidden_at.is_(None), Topic.locked_at.is_(None))
    return (
        select(Space.slug, Space.name, Topic.id, Topic.slug, Topic.title, Person.name, Topic.made_at)
        .select_from(Topic)
        .join(Space, Space.id == Topic.space_id)
        .join(Person, Person.id == Topic.author_id)
        .where(may_enter(), Topic.last_post_at > _NEWS_SINCE, waiting)
        .order_by(Topic.made_at, Topic.id)
        .limit(UNANSWERED_SHOWN)
    )


@dataclass(frozen=True)
class SpacePage:
    moderates: bool
    id: int
    programme_id: int
    cohort_id: int | None
    slug: str
    name: str
    about: str
    position: int
    level: FollowLevel | None
    accepted: bool


def space_page(read: Reading, *, slug: str) -> SpacePage:
    """A space with what the actor wants to hear of it."""
    row = read.session.execute(_space(), {**who(read), "slug": slug}).one_or_none()
    if row is None:
        raise NotFound
    return SpacePage(moderates(read.actor, row), *row)


@cache
def _space() -> Select[*tuple[Any, ...]]:
    level = select(Follow.level).where(Follow.person_id == PERSON, Follow.space_id == Space.id).scalar_subquery()
    return select(
        Space.id,
        Space.programme_id,
        Space.cohort_id,
        Space.slug,
        Space.name,
        Space.about,
        Space.position,
        level,
        has_accepted(Space.programme_id),
    ).where(Space.slug == bindparam("slug"), may_enter())


@dataclass(frozen=True)
class TopicRow:
    id: int
    slug: str
    title: str
    posts: int
    last_post_at: datetime
    locked_at: datetime | None
    hidden_at: datetime | None
    author: str
    unread: int


def topics(read: Reading, space: SpacePage, *, offset: int = 0, limit: int = TOPICS_A_PAGE) -> Sequence[TopicRow]:
    """The topics of a space, ``limit`` + 1 of them, those with the latest post first; hidden ones for moderators."""
    values = {"space_id": space.id, "news_since": read.now - NEWS_FOR, "offset": offset, "limit": limit + 1}
    rows = read.session.execute(_topics(with_hidden=space.moderates), {**who(read), **values})
    return [TopicRow(*row) for row in rows]


@cache
def _topics(*, with_hidden: bool) -> Select[*tuple[Any, ...]]:
    found = (
        select(
            Topic.id,
            Topic.slug,
            Topic.title,
            Topic.posts,
            Topic.last_post_at,
            Topic.locked_at,
            Topic.hidden_at,
            Person.name,
            _unread(),
        )
        .join(Person, Person.id == Topic.author_id)
        .where(Topic.space_id == bindparam("space_id"))
        .order_by(Topic.last_post_at.desc(), Topic.id.desc())
        .offset(bindparam("offset"))
        .limit(bindparam("limit"))
    )
    return found if with_hidden else found.where(Topic.hidden_at.is_(None))


@dataclass(frozen=True)
class TopicPage:
    """A topic for whoever may enter its space. A hidden one has no title and no slug but for moderators."""

    moderates: bool
    id: int
    slug: str
    title: str
    posts: int
    locked_at: datetime | None
    hidden_at: datetime | None
    hidden_why: str
    space_slug: str
    space: str
    programme_id: int
    cohort_id: int | None
    level: FollowLevel | None
    seen: int
    accepted: bool

    @property
    def is_withheld(self) -> bool:
        return self.hidden_at is not None and not self.moderates


def topic_page(read: Reading, *, space: str, topic_id: int) -> TopicPage:
    row = rows(read.session, _topic(), {**who(read), "slug": space, "topic_id": topic_id}).one_or_none()
    if row is None:
        raise NotFound
    may_moderate = moderates(read.actor, row)
    if row.hidden_at is not None and not may_moderate:
        return TopicPage(False, row[0], "", "", *row[3:])
    return TopicPage(may_moderate, *row)


@cache
def _topic() -> Select[*tuple[Any, ...]]:
    level = select(Follow.level).where(Follow.person_id == PERSON, Follow.topic_id == Topic.id).scalar_subquery()
    return (
        select(
            Topic.id,
            Topic.slug,
            Topic.title,
            Topic.posts,
            Topic.locked_at,
            Topic.hidden_at,
            Topic.hidden_why,
            Space.slug,
            Space.name,
            Space.programme_id,
            Space.cohort_id,
            level,
            _seen(),
            has_accepted(Space.programme_id),
        )
        .join(Space, Space.id == Topic.space_id)
        .where(Topic.id == bindparam("topic_id"), Space.slug == bindparam("slug"), may_enter())
    )
