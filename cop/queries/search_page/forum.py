"""What the search finds in the forum: topics by their titles, and posts, in the spaces that the reader gets into.

A million posts are searched in bounded time. The newest that the reader gets to see are looked through one by one: a
word that many posts hold is found there often enough. What is rarer is asked of the index, where the spaces stand as
words beside the others, so that what somebody may not read costs nothing.
"""

from functools import cache
from typing import Any

from sqlalchemy import CTE, Select, Text, case, cast, func, literal, null, select, true, union_all
from sqlalchemy.dialects.postgresql import TSQUERY

from cop.core.work import Reading
from cop.models.accounts import Person
from cop.models.forum import Post, Space, Topic
from cop.queries.forum import may_enter, spaces_entered
from cop.queries.search_page.shared import LIMIT, MOST_RANKED, OFFSET, asked, excerpt, ranked

NEWEST, NEWEST_TOPICS, NEWEST_OF_EACH = 10_000, 250, 400
"""So many posts are looked through for words that many posts hold: of so many topics, and so many of each at most."""

OFTEN = 100
"""A word is common where the newest posts hold it so often; these are put in order, and no others."""


def topics(_read: Reading) -> Select[*tuple[Any, ...]]:
    return _topics()


@cache
def _topics() -> Select[*tuple[Any, ...]]:
    shown = (Topic.space_id.in_(spaces_entered()), Topic.hidden_at.is_(None), Topic.merged_into.is_(None))
    fits = ranked(Topic.id, Topic.words, *shown)
    best = select(fits).order_by(fits.c.rank.desc(), fits.c.id.desc()).limit(LIMIT).offset(OFFSET).subquery("best")
    return (
        select(
            Topic.title,
            Space.name,
            literal(""),
            Space.slug.label("space"),
            Topic.id.label("topic_id"),
            Topic.slug.label("slug"),
        )
        .select_from(Topic)
        .join(best, best.c.id == Topic.id)
        .join(Space, Space.id == Topic.space_id)
        .order_by(best.c.rank.desc(), Topic.id.desc())
    )


def posts(_read: Reading) -> Select[*tuple[Any, ...]]:
    return _posts()


@cache
def _posts() -> Select[*tuple[Any, ...]]:
    mine = select(Space.id).where(may_enter()).cte("mine")
    question = _question(mine)
    fitting, words = (select(column).scalar_subquery() for column in (question.c.fitting, question.c.words))

    newest = _newest(mine)
    first = (  # in the order in which they come, so that PostgreSQL stops as soon as it has that many
        select(newest.id, newest.words)
        .where(newest.words.op("@@")(fitting), newest.deleted_at.is_(None), newest.hidden_at.is_(None))
        .limit(OFTEN)
        .subquery("first")
    )
    common = select(first.c.id, func.ts_rank(first.c.words, words).label("rank")).cte("common")
    common = common.prefix_with("MATERIALIZED")
    is_common = select(func.count() >= OFTEN).select_from(common).scalar_subquery()

    hidden = select(Topic.id).where(Topic.hidden_at.is_not(None))
    found = select(Post.id).where(
        Post.words.op("@@")(fitting),
        ~is_common,
        Post.deleted_at.is_(None),
        Post.hidden_at.is_(None),
        Post.topic_id.not_in(hidden),
    )
    # By an expression, so that PostgreSQL takes the index of the words, and not that of the keys.
    last = found.order_by(-Post.id).limit(MOST_RANKED)
    rare = select(Post.id, func.ts_rank(Post.words, words)).where(Post.id.in_(last))
    fits = union_all(select(common.c.id, common.c.rank).where(is_common), rare).subquery("fits")
    best = select(fits).order_by(fits.c.rank.desc(), fits.c.id.desc()).limit(LIMIT).offset(OFFSET).subquery("best")
    return (
        select(
            Topic.title,
            Person.name,
            excerpt(Post.body),
            Space.slug.label("space"),
            Topic.id.label("topic_id"),
            Topic.slug.label("slug"),
            Post.number.label("number"),
        )
        .select_from(Post)
        .join(best, best.c.id == Post.id)
        .join(Topic, Topic.id == Post.topic_id)
        .join(Space, Space.id == Topic.space_id)
        .join(Person, Person.id == Post.author_id)
        .order_by(best.c.rank.desc(), Post.id.desc())
    )


def _newest(mine: CTE) -> Any:
    """The last posts of the topics that were written in last, of all that the reader gets to see."""
    of_each_space = (
        select(Topic.id, Topic.last_post_at)
        .where(Topic.space_id == mine.c.id, Topic.hidden_at.is_(None))
        .order_by(Topic.last_post_at.desc(), Topic.id.desc())
        .limit(NEWEST_TOPICS)
        .lateral("of_each_space")
    )
    recent = (
        select(of_each_space.c.id)
        .select_from(mine)
        .join(of_each_space, true())
        .order_by(of_each_space.c.last_post_at.desc(), of_each_space.c.id.desc())
        .limit(NEWEST_TOPICS)
        .subquery("recent")
    )
    said = (
        select(Post.id, Post.words, Post.deleted_at, Post.hidden_at)
        .where(Post.topic_id == recent.c.id)
        .order_by(Post.number.desc())
        .limit(NEWEST_OF_EACH)
        .lateral("said")
    )
    return select(said).select_from(recent).join(said, true()).limit(NEWEST).subquery("newest").c


def _question(mine: CTE) -> CTE:
    """The words, and the words in one of the reader's spaces; nothing where no word is left or no space is theirs."""
    words = case((func.numnode(asked()) > 0, asked()), else_=cast(null(), TSQUERY))
    rooms = select(cast(func.string_agg(func.concat("'space=", mine.c.id, "'", type_=Text), " | "), TSQUERY))
    asking = select(words.label("words"), rooms.scalar_subquery().label("rooms")).subquery("asking")
    fitting = asking.c.words.op("&&", return_type=TSQUERY())(asking.c.rooms)
    return select(asking.c.words, fitting.label("fitting")).cte("question").prefix_with("MATERIALIZED")
