"""Offers and asks: what waits on the board, which of them fit together and why, and whom to tell of it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, func, literal, or_, select
from sqlalchemy.dialects.postgresql import JSONB, distinct_on
from sqlalchemy.orm import aliased

from cop.core.errors import NotFound
from cop.core.work import Reading
from cop.models.accounts import Person
from cop.models.base import UtcDateTime
from cop.models.forum import Post, Space, Topic, TopicKind, TopicTag
from cop.models.forum_mail import ForumMail, Pace
from cop.models.tags import Tag, TagKind
from cop.queries.forum.entering import gets_in, moderates, spaces_entered, who

BOARD = (TopicKind.OFFER, TopicKind.ASK)
SORTED_BY = (TagKind.SKILL, TagKind.THEME)
"""The lists whose words bring offers and asks together."""

NEWS_FOR = timedelta(days=14)
"""So long after it was written somebody is told of an offer or an ask that fits theirs."""

OWN_MOST = 20

_NOW = bindparam("now", type_=UtcDateTime())


@dataclass(frozen=True)
class OnBoard:
    """An offer or an ask; ``tags`` are all words that it is sorted by, ``help_tags`` the ids of those that match."""

    id: int
    title: str
    slug: str
    kind: TopicKind
    space: str
    space_slug: str
    author_id: int
    author: str
    made_at: datetime
    replies: int
    settled_at: datetime | None
    tags: Sequence[str] = ()
    help_tags: Sequence[int] = ()


@dataclass(frozen=True)
class Fitting:
    """What fits an offer or an ask; ``shared`` are the words that both name."""

    topic: OnBoard
    shared: Sequence[str]


def _is_there(topic: Any) -> ColumnElement[bool]:
    """Whether it is an offer or an ask that can be read, with its first post."""
    begins = exists().where(
        Post.topic_id == topic.id, Post.number == 1, Post.deleted_at.is_(None), Post.hidden_at.is_(None)
    )
    return and_(topic.kind.in_(BOARD), topic.hidden_at.is_(None), topic.merged_into.is_(None), begins)


def _waits(topic: Any) -> ColumnElement[bool]:
    """Whether somebody can still take it up."""
    is_open = exists().where(Space.id == topic.space_id, Space.closed_at.is_(None)).correlate_except(Space)
    return and_(_is_there(topic), topic.settled_at.is_(None), topic.locked_at.is_(None), is_open)


def _columns(topic: Any, space: Any, author: Any) -> Sequence[Any]:
    return (
        topic.id,
        topic.title,
        topic.slug,
        topic.kind,
        space.name,
        space.slug,
        topic.author_id,
        author.name,
        topic.made_at,
        topic.posts - 1,
        topic.settled_at,
    )


def _listed() -> Select[*tuple[Any, ...]]:
    """Offers and asks in the spaces that the actor gets into."""
    return (
        select(*_columns(Topic, Space, Person))
        .join(Space, Space.id == Topic.space_id)
        .join(Person, Person.id == Topic.author_id)
        .where(Topic.space_id.in_(spaces_entered()))
    )


def board(
    read: Reading, *, kind: TopicKind | None = None, tag: str = "", offset: int = 0, limit: int = 20
) -> Sequence[OnBoard]:
    """What waits to be taken up, the newest first; ``limit`` + 1 of them. ``tag`` is a slug."""
    found = _listed().where(_waits(Topic)).order_by(Topic.made_at.desc(), Topic.id.desc())
    if kind is not None:
        found = found.where(Topic.kind == kind)
    if tag:
        found = found.where(exists().where(TopicTag.topic_id == Topic.id, Tag.id == TopicTag.tag_id, Tag.slug == tag))
    return _with_tags(read, read.session.execute(found.offset(offset).limit(limit + 1), who(read)).all())


def own(read: Reading) -> Sequence[OnBoard]:
    """The actor's own that wait, the newest first."""
    mine = _listed().where(_waits(Topic), Topic.author_id == read.actor.person_id)
    found = mine.order_by(Topic.made_at.desc(), Topic.id.desc()).limit(OWN_MOST)
    return _with_tags(read, read.session.execute(found, who(read)).all())


def one(read: Reading, *, topic_id: int) -> OnBoard:
    """One, settled or not; NotFound where the actor does not get in, or it is neither an offer nor an ask."""
    rows = read.session.execute(_listed().where(Topic.id == topic_id, _is_there(Topic)), who(read)).all()
    if not rows:
        raise NotFound
    return _with_tags(read, rows)[0]


def may_settle(read: Reading, *, topic_id: int) -> bool:
    """Whether the actor wrote it, or keeps order in its space."""
    found = select(Topic.author_id, Space).join(Space, Space.id == Topic.space_id).where(Topic.id == topic_id)
    author_id, space = read.session.execute(found).one()
    return bool(author_id == read.actor.person_id or moderates(read.actor, space))


def fitting(read: Reading, topic_ids: Sequence[int], *, each: int) -> Mapping[int, Sequence[Fitting]]:
    """For each of these, what waits on the other side with the most words in common, ``each`` at most."""
    if not topic_ids:
        return {}
    this, other, space, author = aliased(Topic), aliased(Topic), aliased(Space), aliased(Person)
    pairs = _pairs(this, other).where(this.id.in_(topic_ids), other.space_id.in_(spaces_entered())).subquery("pairs")
    place = (
        func.row_number()
        .over(partition_by=pairs.c.this_id, order_by=[pairs.c.size.desc(), pairs.c.other_id.desc()])
        .label("place")
    )
    best = select(pairs, place).subquery("best")
    found = (
        select(best.c.this_id, best.c.shared, *_columns(other, space, author))
        .join(other, other.id == best.c.other_id)
        .join(space, space.id == other.space_id)
        .join(author, author.id == other.author_id)
        .where(best.c.place <= each)
        .order_by(best.c.this_id, best.c.place)
    )
    rows = read.session.execute(found, who(read)).all()
    topics = {topic.id: topic for topic in _with_tags(read, [row[2:] for row in rows])}
    by_topic: defaultdict[int, list[Fitting]] = defaultdict(list)
    for row in rows:
        by_topic[row[0]].append(Fitting(topics[row[2]], row[1]))
    return by_topic


def _pairs(this: Any, other: Any) -> Select[*tuple[Any, ...]]:
    """Rows of (this_id, other_id, shared, size): an offer and an ask of two people with words in common."""
    of_this, of_other = aliased(TopicTag), aliased(TopicTag)
    across = or_(
        and_(this.kind == TopicKind.OFFER, other.kind == TopicKind.ASK),
        and_(this.kind == TopicKind.ASK, other.kind == TopicKind.OFFER),
    )
    return (
        select(
            this.id.label("this_id"),
            other.id.label("other_id"),
            func.array_agg(Tag.name.distinct()).label("shared"),
            func.count(Tag.id).label("size"),
        )
        .select_from(this)
        .join(of_this, of_this.topic_id == this.id)
        .join(Tag, and_(Tag.id == of_this.tag_id, Tag.kind.in_(SORTED_BY)))
        .join(of_other, of_other.tag_id == Tag.id)
        .join(other, other.id == of_other.topic_id)
        .where(across, other.author_id != this.author_id, _waits(other))
        .group_by(this.id, other.id)
    )


def to_tell() -> Select[*tuple[Any, ...]]:
    """Rows of (person_id, key, until, params) for ``outbox.post_all``: whose offer or ask a newer one fits.

    Only those who chose letters of the forum and get into the space of the newer one; needs ``now``.
    """
    newer, older, space = aliased(Topic), aliased(Topic), Space
    pairs = (
        _pairs(newer, older)
        .where(newer.made_at > _NOW - NEWS_FOR, newer.id > older.id, _waits(newer))
        .subquery("pairs")
    )
    new, old = aliased(Topic), aliased(Topic)
    chose = exists().where(ForumMail.person_id == old.author_id, ForumMail.pace != Pace.NEVER)
    return (
        select(
            old.author_id.label("person_id"),
            func.concat("forum-match-", new.id, "-", old.author_id).label("key"),
            (new.made_at + NEWS_FOR).label("until"),
            func.jsonb_build_object("topic_id", new.id, "own_id", old.id, type_=JSONB).label("params"),
        )
        .select_from(pairs)
        .join(new, new.id == pairs.c.this_id)
        .join(old, old.id == pairs.c.other_id)
        .join(space, space.id == new.space_id)
        .where(chose, gets_in(old.author_id))
        .ext(distinct_on(new.id, old.author_id))
        .order_by(new.id, old.author_id, pairs.c.size.desc(), old.id)
    )


def told(read: Reading, *, person_id: int, topic_id: int, own_id: int) -> tuple[OnBoard, OnBoard, Sequence[str]] | None:
    """The newer one, the person's own and what they share, while both wait and they get in; else None."""
    this, other = aliased(Topic), aliased(Topic)
    pair = _pairs(this, other).where(this.id == own_id, other.id == topic_id, this.author_id == person_id, _waits(this))
    entered = exists().where(Topic.id == topic_id, Space.id == Topic.space_id, gets_in(literal(person_id)))
    row = read.session.execute(pair.where(entered), {"now": read.now}).one_or_none()
    if row is None:
        return None
    found = _all().where(Topic.id.in_([topic_id, own_id]))
    topics = {topic.id: topic for topic in _with_tags(read, read.session.execute(found).all())}
    return topics[topic_id], topics[own_id], row.shared


@cache
def _all() -> Select[*tuple[Any, ...]]:
    return (
        select(*_columns(Topic, Space, Person))
        .join(Space, Space.id == Topic.space_id)
        .join(Person, Person.id == Topic.author_id)
    )


def _with_tags(read: Reading, rows: Sequence[Any]) -> Sequence[OnBoard]:
    topics = [OnBoard(*row) for row in rows]
    named = (
        select(TopicTag.topic_id, Tag.id, Tag.name, Tag.kind)
        .join(Tag, Tag.id == TopicTag.tag_id)
        .where(TopicTag.topic_id.in_([topic.id for topic in topics]))
        .order_by(Tag.kind, Tag.position, Tag.id)
    )
    names: defaultdict[int, list[str]] = defaultdict(list)
    matching: defaultdict[int, list[int]] = defaultdict(list)
    for topic_id, tag_id, name, kind in read.session.execute(named):
        names[topic_id].append(name)
        if kind in SORTED_BY:
            matching[topic_id].append(tag_id)
    return [replace(topic, tags=names[topic.id], help_tags=matching[topic.id]) for topic in topics]
