"""Reads of the posts of a topic: a page of them, one by itself, and what it said before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    ScalarSelect,
    Select,
    String,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import joinedload

from cop.core.errors import NotFound
from cop.core.work import Reading, rows
from cop.models.accounts import Affiliation, Person
from cop.models.forum import Post, PostFile, PostSource, PostVersion, Reaction
from cop.models.organisations import Organisation
from cop.queries.alumni import alumni
from cop.queries.forum.entering import (
    PERSON,
    facilitates,
    who,
)
from cop.queries.forum.pages import POSTS_A_PAGE, TopicPage


class ShownPost(NamedTuple):
    """A post on the page of its topic. ``html`` is empty where it was deleted or hidden; ``standing`` is who the
    author is to the forum: facilitator, alumnus, or nothing any more. ``own_reactions`` are those of the reader,
    ``files`` pairs of the word in the address and the name; both None where there are none.
    """

    number: int
    html: str
    made_at: datetime
    edited_at: datetime | None
    deleted_at: datetime | None
    hidden_at: datetime | None
    hidden_why: str
    author: str
    organisation: str | None
    standing: str
    is_own: bool
    helped: int
    me_too: int
    own_reactions: Sequence[str] | None
    files: Sequence[tuple[str, str]] | None
    source: PostSource


def posts(read: Reading, topic: TopicPage, *, page: int) -> Sequence[ShownPost]:
    """The posts of one page of a topic, in order, whichever page it is."""
    last = page * POSTS_A_PAGE
    values = {"topic_id": topic.id, "programme_id": topic.programme_id, "last": last, "first": last - POSTS_A_PAGE + 1}
    return [ShownPost._make(row) for row in rows(read.session, _posts(), {**who(read), **values})]


def page_of(number: int) -> int:
    """The page of a topic on which the post of this number stands."""
    return (number - 1) // POSTS_A_PAGE + 1


FACILITATOR, ALUMNUS = "facilitator", "alumnus"


@cache
def _posts() -> Select[*tuple[Any, ...]]:
    programme_id = bindparam("programme_id", type_=BigInteger())
    shown = and_(Post.topic_id == bindparam("topic_id"), Post.number.between(bindparam("first"), bindparam("last")))
    authors = select(Post.author_id).where(shown).distinct().cte("authors")
    done = alumni().subquery("completed")
    completed = exists().where(done.c.person_id == authors.c.author_id, done.c.programme_id == programme_id)
    standing = case(
        (facilitates(authors.c.author_id, programme_id), literal(FACILITATOR, String)),
        (completed.correlate_except(done), literal(ALUMNUS, String)),
        else_=literal("", String),
    )
    known = select(authors.c.author_id, standing.label("standing")).cte("known")
    known = known.prefix_with("MATERIALIZED")  # or PostgreSQL would ask again for each post of an author
    belongs = and_(Affiliation.person_id == Post.author_id, Affiliation.is_primary, Affiliation.to_on.is_(None))
    return (
        select(
            Post.number,
            case((or_(Post.deleted_at.is_not(None), Post.hidden_at.is_not(None)), ""), else_=Post.html),
            Post.made_at,
            Post.edited_at,
            Post.deleted_at,
            Post.hidden_at,
            Post.hidden_why,
            Person.name,
            func.coalesce(Organisation.name, Affiliation.organisation_text),
            known.c.standing,
            Post.author_id == PERSON,
            Post.helped,
            Post.me_too,
            _own_reactions(),
            _files(),
            Post.source,
        )
        .join(Person, Person.id == Post.author_id)
        .join(known, known.c.author_id == Post.author_id)
        .outerjoin(Affiliation, belongs)
        .outerjoin(Organisation, Organisation.id == Affiliation.organisation_id)
        .where(shown)
        .order_by(Post.number)
    )


def _own_reactions() -> ScalarSelect[Any]:
    own = select(func.array_agg(Reaction.kind)).where(Reaction.post_id == Post.id, Reaction.person_id == PERSON)
    return own.correlate(Post).scalar_subquery()


def _files() -> ScalarSelect[Any]:
    """The files of a ``Post`` that everybody can read, as pairs of their word and their name."""
    pair = func.json_build_array(PostFile.public_id, PostFile.name)
    listed = select(func.json_agg(aggregate_order_by(pair, PostFile.position, PostFile.id)))
    shown = (PostFile.post_id == Post.id, Post.deleted_at.is_(None), Post.hidden_at.is_(None))
    return listed.where(*shown).correlate(Post).scalar_subquery()


def file_of(read: Reading, topic: TopicPage, *, number: int, public_id: str) -> PostFile:
    """A file of a post that can be read; the topic was read as whoever asks may read it."""
    found = (
        select(PostFile)
        .options(joinedload(PostFile.file))
        .join(Post, Post.id == PostFile.post_id)
        .where(
            Post.topic_id == topic.id,
            Post.number == number,
            PostFile.public_id == public_id,
            Post.deleted_at.is_(None),
            Post.hidden_at.is_(None),
        )
    )
    file = read.session.scalars(found).one_or_none()
    if file is None or topic.is_withheld:
        raise NotFound
    return file


@dataclass(frozen=True)
class OnePost:
    """A post by itself. Only moderators are given the words of one that was deleted or hidden."""

    id: int
    number: int
    body: str
    html: str
    revision: int
    made_at: datetime
    edited_at: datetime | None
    deleted_at: datetime | None
    hidden_at: datetime | None
    hidden_why: str
    author: str
    is_own: bool
    files: Sequence[tuple[str, str]] | None = None

    @property
    def is_shown(self) -> bool:
        return self.deleted_at is None and self.hidden_at is None


def one_post(read: Reading, topic: TopicPage, *, number: int) -> OnePost:
    row = read.session.execute(_one_post(), {**who(read), "topic_id": topic.id, "number": number}).one_or_none()
    if row is None or topic.is_withheld:
        raise NotFound
    post = OnePost(*row)
    if not (post.is_shown or topic.moderates):
        return OnePost(post.id, post.number, "", "", *row[4:])
    return post


@cache
def _one_post() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Post.id,
            Post.number,
            Post.body,
            Post.html,
            Post.revision,
            Post.made_at,
            Post.edited_at,
            Post.deleted_at,
            Post.hidden_at,
            Post.hidden_why,
            Person.name,
            Post.author_id == PERSON,
            _files(),
        )
        .join(Person, Person.id == Post.author_id)
        .where(Post.topic_id == bindparam("topic_id"), Post.number == bindparam("number"))
    )


def versions(read: Reading, post: OnePost) -> Sequence[PostVersion]:
    """What the post said before, latest first; for moderators, which the caller has checked."""
    found = select(PostVersion).where(PostVersion.post_id == post.id).order_by(PostVersion.revision.desc())
    return read.session.scalars(found).all()
