"""What the pages of the forum show: spaces with their news, topics, and posts twenty at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    ScalarSelect,
    Select,
    and_,
    bindparam,
    case,
    exists,
    func,
    select,
    true,
    union_all,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import aliased

from cop.core.errors import NotFound
from cop.core.work import Reading, rows
from cop.models.accounts import Person
from cop.models.base import UtcDateTime
from cop.models.forum import (
    Act,
    Audience,
    Follow,
    FollowLevel,
    ForumAct,
    Post,
    Space,
    SpaceSeen,
    Topic,
    TopicKind,
    TopicLink,
    TopicTag,
)
from cop.models.service import Observation
from cop.models.tags import Tag
from cop.queries.forum.entering import (
    PERSON,
    has_accepted,
    may_enter,
    moderates,
    who,
)
from cop.queries.forum.pace import level_heard

POSTS_A_PAGE = 20
TOPICS_A_PAGE = 25

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
    audience: Audience
    closed_at: datetime | None


def spaces(read: Reading) -> Sequence[SpaceRow]:
    """All spaces that the actor gets into, in their order."""
    rows = read.session.execute(_spaces(), {**who(read), "news_since": read.now - NEWS_FOR})
    return [SpaceRow(*row) for row in rows]


_NEWS_SINCE = bindparam("news_since", type_=UtcDateTime())


def _said_seen(space_id: Any) -> ScalarSelect[datetime]:
    """Up to when the actor said that they have seen all of a space; NULL where they never did."""
    return (
        select(SpaceSeen.until)
        .where(SpaceSeen.person_id == PERSON, SpaceSeen.space_id == space_id)
        .correlate_except(SpaceSeen)
        .scalar_subquery()
    )


def _known() -> ColumnElement[int]:
    """The number of the last post of a ``Topic`` that is not new: shown to the actor, or older than what they said."""
    until = _said_seen(Topic.space_id)
    older = (
        select(Post.number)
        .where(Post.topic_id == Topic.id, Post.made_at <= until)
        .order_by(Post.number.desc())
        .limit(1)
        .correlate(Topic)
        .scalar_subquery()
    )
    said = case((Topic.last_post_at <= until, Topic.posts), (Topic.made_at <= until, func.coalesce(older, 0)), else_=0)
    return func.greatest(_seen(), said)  # posts are only looked at from the last back to that moment


def _seen() -> ColumnElement[int]:
    """The number of the last post of a ``Topic`` that the actor was shown; 0 for none."""
    last = select(func.max(Observation.value)).where(
        Observation.person_id == PERSON, Observation.kind == READ, Observation.subject_id == Topic.id
    )
    return func.coalesce(last.correlate(Topic).scalar_subquery(), 0)


def _unread() -> ColumnElement[int]:
    """How many posts of a ``Topic`` are new to the actor; nothing is that has been quiet for long."""
    return case((Topic.last_post_at > _NEWS_SINCE, func.greatest(Topic.posts - _known(), 0)), else_=0)


@cache
def _spaces() -> Select[*tuple[Any, ...]]:
    of_this = and_(Topic.space_id == Space.id, Topic.hidden_at.is_(None))
    shown = (
        select(Observation.subject_id, func.max(Observation.value).label("number"))
        .where(Observation.person_id == PERSON, Observation.kind == READ)
        .group_by(Observation.subject_id)
        .cte("shown")
    )
    news = (
        select(func.count())
        .select_from(Topic)
        .outerjoin(shown, shown.c.subject_id == Topic.id)
        .where(
            of_this,
            Topic.last_post_at > func.greatest(_NEWS_SINCE, _said_seen(Space.id)),
            Topic.posts > func.coalesce(shown.c.number, 0),
        )
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
            Space.audience,
            Space.closed_at,
        )
        .outerjoin(last, true())
        .where(may_enter())
        .order_by(Space.programme_id, Space.position, Space.id)
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
    audience: Audience
    subgroup_id: int | None
    closed_at: datetime | None
    seen_until: datetime | None


def space_page(read: Reading, *, slug: str) -> SpacePage:
    """A space with what the actor wants to hear of it."""
    row = read.session.execute(_space(), {**who(read), "slug": slug}).one_or_none()
    if row is None:
        raise NotFound
    return SpacePage(moderates(read.actor, row), *row)


@cache
def _space() -> Select[*tuple[Any, ...]]:
    level = select(level_heard()).where(Follow.person_id == PERSON, Follow.space_id == Space.id).scalar_subquery()
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
        Space.audience,
        Space.subgroup_id,
        Space.closed_at,
        _said_seen(Space.id),
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
    kind: TopicKind
    pinned_at: datetime | None
    answer_number: int | None


def topics(read: Reading, space: SpacePage, *, offset: int = 0, limit: int = TOPICS_A_PAGE) -> Sequence[TopicRow]:
    """The topics of a space, ``limit`` + 1 of them: pinned ones, then those with the latest post; hidden ones for
    moderators.
    """
    values = {"space_id": space.id, "news_since": read.now - NEWS_FOR, "offset": offset, "limit": limit + 1}
    rows = read.session.execute(_topics(with_hidden=space.moderates), {**who(read), **values})
    return [TopicRow(*row) for row in rows]


@cache
def _topics(*, with_hidden: bool) -> Select[*tuple[Any, ...]]:
    each, last = aliased(Topic), bindparam("offset", type_=BigInteger()) + bindparam("limit", type_=BigInteger())
    stands = and_(each.space_id == bindparam("space_id"), each.merged_into.is_(None))
    if not with_hidden:
        stands = and_(stands, each.hidden_at.is_(None))
    columns = select(each.id, each.pinned_at, each.last_post_at).where(stands)
    pinned = columns.where(each.pinned_at.is_not(None))
    latest = columns.where(each.pinned_at.is_(None)).order_by(each.last_post_at.desc(), each.id.desc()).limit(last)
    listed = union_all(pinned, latest.subquery().select()).subquery("listed")
    in_order = (listed.c.pinned_at.desc().nulls_last(), listed.c.last_post_at.desc(), listed.c.id.desc())
    of_page = select(listed).order_by(*in_order).offset(bindparam("offset")).limit(bindparam("limit")).subquery("page")
    return (
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
            Topic.kind,
            Topic.pinned_at,
            Topic.answer_number,
        )
        .join(of_page, of_page.c.id == Topic.id)
        .join(Person, Person.id == Topic.author_id)
        .order_by(of_page.c.pinned_at.desc().nulls_last(), of_page.c.last_post_at.desc(), of_page.c.id.desc())
    )


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
    kind: TopicKind
    answer_number: int | None
    is_own: bool
    tags: Sequence[tuple[str, str]] | None
    is_linked: bool
    space_id: int
    known: int
    pinned_at: datetime | None
    space_closed_at: datetime | None
    merged: Sequence[Sequence[Any]] | None
    merged_into: int | None

    @property
    def is_withheld(self) -> bool:
        return self.hidden_at is not None and not self.moderates


def topic_page(read: Reading, *, topic_id: int) -> TopicPage:
    """The topic in whichever space it stands now; in the place of one that was merged, that into which it was."""
    row = rows(read.session, _topic(), {**who(read), "topic_id": topic_id}).one_or_none()
    if row is None:
        raise NotFound
    if row.merged_into is not None:
        return topic_page(read, topic_id=row.merged_into)
    may_moderate = moderates(read.actor, row)
    if row.hidden_at is not None and not may_moderate:
        return TopicPage(False, row[0], "", "", *row[3:])
    return TopicPage(may_moderate, *row)


@cache
def _topic() -> Select[*tuple[Any, ...]]:
    level = select(level_heard()).where(Follow.person_id == PERSON, Follow.topic_id == Topic.id).scalar_subquery()
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
            Topic.kind,
            Topic.answer_number,
            Topic.author_id == PERSON,
            _tags(),
            exists().where(TopicLink.topic_id == Topic.id),
            Topic.space_id,
            _known(),
            Topic.pinned_at,
            Space.closed_at,
            _merged(),
            Topic.merged_into,
        )
        .join(Space, Space.id == Topic.space_id)
        .where(Topic.id == bindparam("topic_id"), may_enter())
    )


def _merged() -> ScalarSelect[Any]:
    """The topics that were merged into a ``Topic``, as pairs of the title and the number of the first post that came;
    None for none.
    """
    gone = aliased(Topic)
    pair = func.json_build_array(gone.title, ForumAct.posts + 1)
    listed = select(func.json_agg(aggregate_order_by(pair, ForumAct.posts)))
    came = and_(ForumAct.topic_id == gone.id, ForumAct.what == Act.MERGED, ForumAct.undone_at.is_(None))
    return (
        listed.select_from(gone)
        .join(ForumAct, came)
        .where(gone.merged_into == Topic.id)
        .correlate(Topic)
        .scalar_subquery()
    )


def _tags() -> ScalarSelect[Any]:
    """The words that a ``Topic`` is sorted by, as pairs of the word in the address and the name; None for none."""
    pair = func.json_build_array(Tag.slug, Tag.name)
    listed = select(func.json_agg(aggregate_order_by(pair, Tag.kind, Tag.position, Tag.id)))
    given = listed.join(TopicTag, TopicTag.tag_id == Tag.id).where(TopicTag.topic_id == Topic.id)
    return given.correlate(Topic).scalar_subquery()
