"""What mails about the forum show, and the links in them; asked anew for each letter and each click."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    SQLColumnExpression,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal,
    or_,
    select,
    true,
    union,
)
from sqlalchemy.orm import aliased

from cop.core import secrecy
from cop.core.errors import NotFound
from cop.core.work import Reading
from cop.models.accounts import Person
from cop.models.forum import Follow, FollowLevel, Mention, Post, Space, Topic
from cop.models.forum_mail import Pace
from cop.models.service import Observation
from cop.queries.forum.entering import gets_in
from cop.queries.forum.pace import is_reached, muted, wants_mail
from cop.queries.forum.pages import READ

UNFOLLOW = "unfollow"
"""The purpose under which links that end a subscription are signed."""

MENTION, BY_TOPIC, BY_SPACE = "mention", "topic", "space"
"""Why somebody hears of a post: it names them, they follow its topic, or its space."""


@cache
def told_at_once(*, is_first: bool, is_changed: bool) -> Select[*tuple[Any, ...]]:
    """To whom a letter about a new post goes at once, as ``person_id`` with the reason in ``why``; its values are those
    of ``what_is_told``.

    Those who chose a letter for each reply and follow the topic, or with its first post the space, and whoever is
    mentioned and wants mail of the forum at all; never its author, nor anybody who muted the topic or the space. Of a
    post that was changed hear only those whom it mentions.
    """
    topic_id, space_id = (bindparam(name, type_=BigInteger()) for name in ("topic_id", "space_id"))
    following = Follow.level == FollowLevel.FOLLOW
    mentioned = Mention.post_id == bindparam("post_id", type_=BigInteger())
    sources = [select(Mention.person_id, literal(MENTION).label("why")).where(mentioned)]
    if not is_changed:
        sources.append(select(Follow.person_id, literal(BY_TOPIC)).where(Follow.topic_id == topic_id, following))
    if is_first and not is_changed:
        sources.append(select(Follow.person_id, literal(BY_SPACE)).where(Follow.space_id == space_id, following))
    heard = sources[0].union_all(*sources[1:]).subquery("heard")
    is_named = func.bool_or(heard.c.why == MENTION)
    people = (
        select(heard.c.person_id, is_named.label("is_named"), func.max(heard.c.why).label("why"))
        .group_by(heard.c.person_id)
        .subquery("people")
    )
    return (
        select(people.c.person_id, case((people.c.is_named, MENTION), else_=people.c.why).label("why"))
        .join(Person, Person.id == people.c.person_id)
        .where(
            Person.id != bindparam("author_id"),
            or_(wants_mail(Person.id, Pace.EACH), and_(people.c.is_named, wants_mail(Person.id))),
            ~muted(Person.id, topic_id=topic_id, space_id=space_id),
            is_reached(),
        )
    )


def what_is_told(topic: Topic, post: Post) -> Mapping[str, int]:
    return {"post_id": post.id, "topic_id": topic.id, "space_id": topic.space_id, "author_id": post.author_id}


@dataclass(frozen=True)
class Window:
    """What a digest tells of: posts after the one instant, up to the other."""

    after: Any
    until: Any


def is_news(person: SQLColumnExpression[int], window: Window) -> ColumnElement[bool]:
    """Whether there is anything for a digest to tell somebody, as a column or a value; needs ``now``."""
    return or_(*(exists(_new(person, window, by_topic=by_topic)) for by_topic in (True, False)))


def _new(person: SQLColumnExpression[int], window: Window, *, by_topic: bool) -> Select[int]:
    """The posts that are news to somebody who follows their topic or, with its first post, its space.

    As they may read it now: nothing that they muted, have read, were mailed about because it names them or do not get
    in for any more, and nothing that was deleted or hidden.
    """
    of_this = Follow.topic_id == Topic.id if by_topic else Follow.space_id == Topic.space_id
    of_topic = true() if by_topic else Post.number == 1
    return (
        select(Post.id)
        .select_from(Follow)
        .join(Topic, of_this)
        .join(Space, Space.id == Topic.space_id)
        .join(Post, and_(Post.topic_id == Topic.id, of_topic))
        .where(
            Follow.person_id == person,
            Follow.level == FollowLevel.FOLLOW,
            Topic.last_post_at > window.after,
            Post.made_at > window.after,
            Post.made_at <= window.until,
            ~exists().where(Mention.post_id == Post.id, Mention.person_id == person).correlate_except(Mention),
            *_readable(person),
            ~_was_read(person),
        )
        .correlate_except(Follow, Topic, Space, Post)
    )


def _readable(person: SQLColumnExpression[int]) -> tuple[ColumnElement[bool], ...]:
    """Conditions under which a letter to somebody may tell of a ``Post``."""
    return (
        Post.author_id != person,
        Post.deleted_at.is_(None),
        Post.hidden_at.is_(None),
        Topic.hidden_at.is_(None),
        ~muted(person, topic_id=Topic.id, space_id=Topic.space_id),
        gets_in(person),
    )


def _was_read(person: SQLColumnExpression[int]) -> ColumnElement[bool]:
    return (
        exists()
        .where(
            Observation.kind == READ,
            Observation.subject_kind == "topic",
            Observation.subject_id == Topic.id,
            Observation.person_id == person,
            Observation.value >= Post.number,
        )
        .correlate_except(Observation)
    )


@dataclass(frozen=True)
class News:
    """A post in a letter. ``follow_id`` names the subscription that told of it, to its topic or to its space."""

    follow_id: str | None
    by_topic: bool
    post_id: int
    number: int
    body: str
    html: str
    author: str
    topic_id: int
    topic_slug: str
    topic: str
    is_open: bool
    space_slug: str
    space: str


def news(read: Reading, *, person_id: int, after: datetime, until: datetime, limit: int) -> Sequence[News]:
    """What a digest tells somebody of this time, topic by topic, ``limit`` + 1 of the posts."""
    person, window = literal(person_id), Window(after, until)
    found = union(*(_new(person, window, by_topic=by_topic) for by_topic in (True, False)))
    return _told(read, person_id, Post.id.in_(found), limit=limit + 1)


def one_post_of_news(read: Reading, *, person_id: int, post_id: int, is_preview: bool = False) -> News | None:
    """The post of a letter about it alone; None where it is not for them any more, or they have read it since.

    A preview is shown whatever they read.
    """
    person = literal(person_id)
    unread = () if is_preview else (~_was_read(person), wants_mail(person))
    return next(iter(_told(read, person_id, and_(Post.id == post_id, *_readable(person), *unread), limit=1)), None)


def _told(read: Reading, person_id: int, which: ColumnElement[bool], *, limit: int) -> Sequence[News]:
    topical, spatial = aliased(Follow), aliased(Follow)
    by_topic = func.coalesce(topical.level == FollowLevel.FOLLOW, False)
    rows = read.session.execute(
        select(
            case((by_topic, topical.public_id), else_=spatial.public_id),
            by_topic,
            Post.id,
            Post.number,
            Post.body,
            Post.html,
            Person.name,
            Topic.id,
            Topic.slug,
            Topic.title,
            and_(Topic.locked_at.is_(None), Space.closed_at.is_(None)),
            Space.slug,
            Space.name,
        )
        .select_from(Post)
        .join(Topic, Topic.id == Post.topic_id)
        .join(Space, Space.id == Topic.space_id)
        .join(Person, Person.id == Post.author_id)
        .outerjoin(topical, and_(topical.person_id == person_id, topical.topic_id == Topic.id))
        .outerjoin(spatial, and_(spatial.person_id == person_id, spatial.space_id == Space.id))
        .where(which)
        .order_by(Topic.id, Post.number)
        .limit(limit),
        {"now": read.now},
    )
    return [News(*row) for row in rows]


def token_of_follow(follow_id: str) -> str:
    """What the link in a letter is signed with that ends one subscription."""
    return secrecy.sign(UNFOLLOW, follow_id)


def token_of_topic(person_public_id: str, topic_id: int) -> str:
    """The same for all mail about a topic, whether somebody follows it or was mentioned in it."""
    return secrecy.sign(UNFOLLOW, f"{person_public_id}-{topic_id}")


def read_token(token: str) -> tuple[str, int | None]:
    """The word in a genuine token and, where it mutes a topic for the person of that word, the topic's id."""
    signed = secrecy.read_signed(UNFOLLOW, token)
    if signed is None:
        raise NotFound
    name, _, topic_id = signed[0].partition("-")
    return name, int(topic_id) if topic_id else None


@dataclass(frozen=True)
class Followed:
    """What a link in a mail ends. ``name`` is empty where the person does not get in any more."""

    level: FollowLevel
    is_topic: bool
    name: str


def followed_by_link(read: Reading, *, token: str) -> Followed:
    """What the signed link of a mail stands for; NotFound for a forged one."""
    name, topic_id = read_token(token)
    if topic_id is not None:
        return _topic_by_link(read, name, topic_id)
    may_know = and_(gets_in(Follow.person_id), or_(Topic.id.is_(None), Topic.hidden_at.is_(None)))
    found: Any = (
        select(Follow.level, Follow.topic_id, Topic.title, Space.name, may_know)
        .outerjoin(Topic, Topic.id == Follow.topic_id)
        .join(Space, or_(Space.id == Follow.space_id, Space.id == Topic.space_id))
        .where(Follow.public_id == name)
    )
    row = read.session.execute(found, {"now": read.now}).one_or_none()
    if row is None:
        raise NotFound
    level, of_topic, title, space, known = row
    return Followed(level, of_topic is not None, (title or space) if known else "")


def _topic_by_link(read: Reading, public_id: str, topic_id: int) -> Followed:
    """A topic that somebody may hear of without following it."""
    person = func.coalesce(Person.merged_into, Person.id)
    found = (
        select(Follow.level, Topic.title, and_(gets_in(person), Topic.hidden_at.is_(None)))
        .select_from(Person)
        .join(Topic, Topic.id == topic_id)
        .join(Space, Space.id == Topic.space_id)
        .outerjoin(Follow, and_(Follow.person_id == person, Follow.topic_id == topic_id))
        .where(Person.public_id == public_id)
    )
    row = read.session.execute(found, {"now": read.now}).one_or_none()
    if row is None:
        raise NotFound
    level, title, known = row
    return Followed(level or FollowLevel.FOLLOW, is_topic=True, name=title if known else "")
