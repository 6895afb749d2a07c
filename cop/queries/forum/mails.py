"""What mails about the forum show, and the links in them; asked anew for each letter and each click."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.dialects.postgresql import distinct_on

from cop.core import secrecy
from cop.core.errors import NotFound
from cop.core.work import Reading
from cop.models.accounts import Person
from cop.models.forum import Follow, FollowLevel, Post, Space, Topic
from cop.models.outbox import MailTopic
from cop.models.service import Observation
from cop.queries.forum.entering import gets_in
from cop.queries.forum.pages import READ
from cop.queries.reach import comes_back, turned_off

UNFOLLOW = "unfollow"
"""The purpose under which links that end a subscription are signed."""


@dataclass(frozen=True)
class News:
    """A post for somebody who follows its topic, or its space."""

    follow_id: str
    by_topic: bool
    post_id: int
    number: int
    body: str
    author: str
    topic_id: int
    topic_slug: str
    topic: str
    space_slug: str
    space: str


def news(read: Reading, *, person_id: int, since: int, limit: int) -> Sequence[News]:
    """What is new for somebody from the post ``since`` on, topic by topic, ``limit`` + 1 of them.

    As they may read it now: nothing that they stopped following, have read meanwhile or do not get in for any more,
    and nothing that was deleted or hidden.
    """
    was_read = exists().where(
        Observation.kind == READ,
        Observation.subject_kind == "topic",
        Observation.subject_id == Topic.id,
        Observation.person_id == person_id,
        Observation.value >= Post.number,
    )
    opened = and_(Follow.space_id == Topic.space_id, Post.number == 1)
    rows = read.session.execute(
        select(
            Follow.public_id,
            Follow.topic_id.is_not(None),
            Post.id,
            Post.number,
            Post.body,
            Person.name,
            Topic.id,
            Topic.slug,
            Topic.title,
            Space.slug,
            Space.name,
        )
        .select_from(Post)
        .join(Topic, Topic.id == Post.topic_id)
        .join(Space, Space.id == Topic.space_id)
        .join(Person, Person.id == Post.author_id)
        .join(Follow, and_(Follow.person_id == person_id, or_(Follow.topic_id == Topic.id, opened)))
        .ext(distinct_on(Topic.id, Post.id))  # by the topic where they follow that and its space
        .where(
            Post.id >= since,
            Post.author_id != person_id,
            Post.deleted_at.is_(None),
            Post.hidden_at.is_(None),
            Topic.hidden_at.is_(None),
            Follow.level == FollowLevel.FOLLOW,
            gets_in(Follow.person_id),
            ~was_read,
        )
        .order_by(Topic.id, Post.id, Follow.topic_id)
        .limit(limit + 1),
        {"now": read.now},
    )
    return [News(*row) for row in rows]


def followers(read: Reading, *, but: int | None, of: ColumnElement[bool]) -> Sequence[Person]:
    """Who follows and wants mail of the forum, leaving out ``but`` and whomever no mail reaches."""
    found = (
        select(Person)
        .join(Follow, Person.id == Follow.person_id)
        .where(
            of,
            Follow.level == FollowLevel.FOLLOW,
            Follow.person_id != but,
            Person.email.is_not(None),
            ~turned_off(Person.id, MailTopic.FORUM),
            ~comes_back(Person.email),
        )
        .order_by(Follow.id)
    )
    return read.session.scalars(found).all()


@dataclass(frozen=True)
class Followed:
    """What a link in a mail ends. ``name`` is empty where the person does not get in any more."""

    level: FollowLevel
    is_topic: bool
    name: str


def followed_by_link(read: Reading, *, token: str) -> Followed:
    """What the signed link of a mail stands for; NotFound for a forged one."""
    signed = secrecy.read_signed(UNFOLLOW, token)
    if signed is None:
        raise NotFound
    may_know = and_(gets_in(Follow.person_id), or_(Topic.id.is_(None), Topic.hidden_at.is_(None)))
    found: Any = (
        select(Follow.level, Follow.topic_id, Topic.title, Space.name, may_know)
        .outerjoin(Topic, Topic.id == Follow.topic_id)
        .join(Space, or_(Space.id == Follow.space_id, Space.id == Topic.space_id))
        .where(Follow.public_id == signed[0])
    )
    row = read.session.execute(found, {"now": read.now}).one_or_none()
    if row is None:
        raise NotFound
    level, topic_id, title, space, known = row
    return Followed(level, topic_id is not None, (title or space) if known else "")
