"""People of a space: those who write there, and whom a post may name."""

from collections.abc import Collection, Sequence
from functools import cache

from sqlalchemy import ColumnElement, Select, bindparam, exists, func, select

from cop.core.work import Reading, rows
from cop.models.accounts import Person
from cop.models.forum import Post, Space, Topic
from cop.queries.forum.entering import PERSON, gets_in, who
from cop.queries.forum.pages import TopicPage

OFFERED = 12
"""Names that the page with a reply offers."""

LATELY = 300
"""The last posts of a topic, of whose authors it offers the names."""


def _takes_part(space_id: int) -> ColumnElement[bool]:
    """Whether a ``Person`` has written in the space; what they deleted counts, what was hidden does not."""
    return exists().where(
        Post.author_id == Person.id,
        Post.hidden_at.is_(None),
        Topic.id == Post.topic_id,
        Topic.space_id == space_id,
        Topic.hidden_at.is_(None),
    )


def people_named(read: Reading, *, space_id: int, names: Collection[str], but: int | None) -> set[int]:
    """Who bears one of these names, takes part in the space and gets in today; nobody where two share the name."""
    if not names:
        return set()
    found = (
        select(Person.id, Person.name)
        .join(Space, Space.id == space_id)
        .where(Person.name.in_(names), Person.id != but, gets_in(Person.id), _takes_part(space_id))
    )
    by_name: dict[str, list[int]] = {}
    for person_id, name in read.session.execute(found, {"now": read.now}):
        by_name.setdefault(name, []).append(person_id)
    return {ids[0] for ids in by_name.values() if len(ids) == 1}


def names_to_mention(read: Reading, topic: TopicPage) -> Sequence[str]:
    """The names of those who wrote in the topic last and may still read it, without the actor's own."""
    values = {"topic_id": topic.id, "space_id": topic.space_id, "after": topic.posts - LATELY}
    return rows(read.session, _names_to_mention(), {**who(read), **values}).scalars().all()


@cache
def _names_to_mention() -> Select[str]:
    lately = (
        select(Post.author_id, func.max(Post.number).label("last"))
        .where(
            Post.topic_id == bindparam("topic_id"),
            Post.number > bindparam("after"),
            Post.hidden_at.is_(None),
            Post.author_id.is_distinct_from(PERSON),
        )
        .group_by(Post.author_id)
        .order_by(func.max(Post.number).desc())
        .limit(OFFERED)
        .subquery()
    )
    return (
        select(Person.name)
        .join(lately, lately.c.author_id == Person.id)
        .join(Space, Space.id == bindparam("space_id"))
        .where(gets_in(Person.id))
        .order_by(Person.name)
    )
