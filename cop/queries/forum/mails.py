"""What mails about the forum show, and the links in them; asked anew for each letter and each click."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select

from cop.core import secrecy
from cop.core.errors import NotFound
from cop.core.work import Reading
from cop.models.accounts import Person
from cop.models.forum import Follow, FollowLevel, Post, Space, Topic
from cop.queries.forum.entering import gets_in

UNFOLLOW = "unfollow"
"""The purpose under which links that end a subscription are signed."""


@dataclass(frozen=True)
class News:
    """A post for somebody who follows its topic or its space."""

    follow_id: str
    number: int
    body: str
    author: str
    topic_id: int
    topic_slug: str
    topic: str
    space_slug: str
    space: str


def news(read: Reading, *, post_id: int, follow_id: int) -> News | None:
    """The post as the follower may read it now; None once they stopped following or do not get in any more, or the
    post or its topic was deleted or hidden.
    """
    rows = read.session.execute(
        select(
            Follow.public_id,
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
        .join(Follow, or_(Follow.topic_id == Topic.id, Follow.space_id == Space.id))
        .where(
            Post.id == post_id,
            Post.deleted_at.is_(None),
            Post.hidden_at.is_(None),
            Topic.hidden_at.is_(None),
            Follow.id == follow_id,
            Follow.level == FollowLevel.FOLLOW,
            gets_in(Follow.person_id),
        ),
        {"now": read.now},
    ).one_or_none()
    return News(*rows) if rows is not None else None


def followers(read: Reading, *, but: int | None, of: ColumnElement[bool]) -> Sequence[tuple[int, Person]]:
    """Who follows, with the id of their subscription, leaving out ``but`` and people without e-mail."""
    found = (
        select(Follow.id, Person)
        .join(Person, Person.id == Follow.person_id)
        .where(of, Follow.level == FollowLevel.FOLLOW, Follow.person_id != but, Person.email.is_not(None))
        .order_by(Follow.id)
    )
    return [(follow_id, person) for follow_id, person in read.session.execute(found)]


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
