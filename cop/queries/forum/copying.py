"""A whole space of the forum to be taken along: what its readers see of it, topic by topic."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, select

from cop.core.errors import NotFound
from cop.core.work import Reading
from cop.models.accounts import Person
from cop.models.files import File
from cop.models.forum import Post, PostFile, Space, Topic, TopicKind, TopicTag
from cop.models.programmes import Programme
from cop.models.tags import Tag
from cop.queries.forum.entering import moderates

CHUNK = 200
"""Rows that are read at a time."""


@dataclass(frozen=True)
class CopiedSpace:
    """``topics`` is how many there are to copy."""

    id: int
    programme_id: int
    slug: str
    name: str
    about: str
    programme: str
    topics: int


@dataclass(frozen=True)
class CopiedTopic:
    id: int
    slug: str
    title: str
    kind: TopicKind
    author: str
    made_at: datetime
    answer_number: int | None
    tags: Sequence[str]


@dataclass(frozen=True)
class CopiedFile:
    """``folder`` tells files of the same name apart."""

    folder: str
    name: str
    file: File


@dataclass(frozen=True)
class CopiedPost:
    """``html`` and ``body`` are empty where the post was deleted or hidden."""

    id: int
    number: int
    author: str
    made_at: datetime
    edited_at: datetime | None
    is_deleted: bool
    is_hidden: bool
    body: str
    html: str
    helped: int
    me_too: int
    files: Sequence[CopiedFile]


def space(read: Reading, *, slug: str) -> CopiedSpace:
    """The space, for those who keep order there. Rooms of sub-groups are their people's own, and nobody takes them."""
    found = read.session.execute(
        select(Space, Programme.name).join(Programme, Programme.id == Space.programme_id).where(Space.slug == slug)
    ).one_or_none()
    if found is None or found[0].subgroup_id is not None or not moderates(read.actor, found[0]):
        raise NotFound
    held, programme = found
    count = read.session.scalar(select(func.count()).select_from(Topic).where(_is_shown(held.id)))
    return CopiedSpace(held.id, held.programme_id, held.slug, held.name, held.about, programme, count or 0)


def _is_shown(space_id: int) -> ColumnElement[bool]:
    return and_(Topic.space_id == space_id, Topic.hidden_at.is_(None), Topic.merged_into.is_(None))


def topics(read: Reading, copied: CopiedSpace) -> Iterator[CopiedTopic]:
    """All that members can read, in the order in which they were begun."""
    last = 0
    while True:
        found = read.session.execute(
            select(
                Topic.id,
                Topic.slug,
                Topic.title,
                Topic.kind,
                Person.name,
                Topic.made_at,
                Topic.answer_number,
                func.array(
                    select(Tag.name)
                    .join(TopicTag, TopicTag.tag_id == Tag.id)
                    .where(TopicTag.topic_id == Topic.id)
                    .order_by(Tag.name)
                    .correlate(Topic)
                    .scalar_subquery()
                ),
            )
            .join(Person, Person.id == Topic.author_id)
            .where(_is_shown(copied.id), Topic.id > last)
            .order_by(Topic.id)
            .limit(CHUNK)
        ).all()
        for row in found:
            yield CopiedTopic(*row)
        if len(found) < CHUNK:
            return
        last = found[-1][0]


def posts(read: Reading, topic_id: int) -> Iterator[CopiedPost]:
    """The posts of a topic in order; of those that are gone, that they were there."""
    last = 0
    while True:
        found = read.session.execute(
            select(Post, Person.name)
            .join(Person, Person.id == Post.author_id)
            .where(Post.topic_id == topic_id, Post.number > last)
            .order_by(Post.number)
            .limit(CHUNK)
        ).all()
        files = _files(read, [post.id for post, _author in found])
        for post, author in found:
            yield _copied(post, author, files.get(post.id, ()))
        if len(found) < CHUNK:
            return
        last = found[-1][0].number


def _files(read: Reading, post_ids: Sequence[int]) -> dict[int, list[CopiedFile]]:
    found: dict[int, list[CopiedFile]] = {}
    rows = read.session.execute(
        select(PostFile, File)
        .join(File, File.sha256 == PostFile.sha256)
        .where(PostFile.post_id.in_(post_ids))
        .order_by(PostFile.post_id, PostFile.position)
    )
    for held, file in rows:
        found.setdefault(held.post_id, []).append(CopiedFile(held.public_id, held.name, file))
    return found


def _copied(post: Post, author: str, files: Sequence[CopiedFile]) -> CopiedPost:
    is_shown = post.deleted_at is None and post.hidden_at is None
    return CopiedPost(
        id=post.id,
        number=post.number,
        author=author,
        made_at=post.made_at,
        edited_at=post.edited_at,
        is_deleted=post.deleted_at is not None,
        is_hidden=post.hidden_at is not None,
        body=post.body if is_shown else "",
        html=post.html if is_shown else "",
        helped=post.helped,
        me_too=post.me_too,
        files=files if is_shown else (),
    )
