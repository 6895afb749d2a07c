"""One month of a programme's forum in numbers, counted from its posts.

Counted is what stands in the spaces for alumni and for members: words that were deleted or hidden are not, nor what is
written in the rooms of sub-groups and of facilitators.
"""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Double,
    Select,
    and_,
    case,
    cast,
    exists,
    func,
    lateral,
    or_,
    select,
    true,
)
from sqlalchemy.orm import aliased

from cop.core.place import day_of, instant_on
from cop.core.work import Reading
from cop.models.accounts import Affiliation
from cop.models.community import ForumMonth
from cop.models.forum import Audience, Post, Reaction, ReactionKind, Space, Topic, TopicKind
from cop.models.service import Observation
from cop.queries.forum.entering import facilitates
from cop.queries.forum.pages import READ

SETTLES_AFTER = timedelta(days=14)
"""So long after its end a month is still counted anew, because questions of its last days get their replies then."""

ANEW_AFTER = timedelta(hours=20)

PERCENT_OF_HALF = 0.5


def first_of(day: date) -> date:
    return day.replace(day=1)


def next_month(month: date) -> date:
    return first_of(month + timedelta(days=31))


def bounds(month: date) -> tuple[datetime, datetime]:
    """The instants at which the month begins and ends by the clock of the place."""
    return instant_on(month, time(0)), instant_on(next_month(month), time(0))


def due(read: Reading) -> Sequence[tuple[int, date]]:
    """Programmes and their months to be counted: never counted, or not settled and counted a while ago."""
    began = select(Space.programme_id, func.min(Topic.made_at)).join(Space, Space.id == Topic.space_id)
    began = began.where(Space.subgroup_id.is_(None)).group_by(Space.programme_id).order_by(Space.programme_id)
    counted = {
        (programme_id, month): at
        for programme_id, month, at in read.session.execute(
            select(ForumMonth.programme_id, ForumMonth.month, ForumMonth.counted_at)
        )
    }
    wanted, this_month = [], first_of(day_of(read.now))
    for programme_id, first in read.session.execute(began):
        month = first_of(day_of(first))
        while month <= this_month:
            at = counted.get((programme_id, month))
            is_open = at is None or (at < bounds(month)[1] + SETTLES_AFTER and at <= read.now - ANEW_AFTER)
            if is_open:
                wanted.append((programme_id, month))
            month = next_month(month)
    return wanted


def figures(read: Reading, *, programme_id: int, month: date) -> dict[str, Any]:
    """The numbers of the month, by the names of ``queries.forum.health.Month``."""
    begins, ends = bounds(month)
    posts = _posts(programme_id, begins, ends)
    values = {"now": read.now}
    one = read.session.execute(_of_posts(posts), values).one()
    threads = read.session.execute(_of_topics(programme_id, begins, ends)).one()
    across = read.session.execute(_across(posts, month)).one()
    reactions = read.session.execute(_reactions(programme_id, begins, ends)).one()
    return {
        **one._asdict(),
        **threads._asdict(),
        **across._asdict(),
        **reactions._asdict(),
        "readers": read.session.scalar(_readers(programme_id, begins, ends)),
        "began": read.session.scalar(_began(posts, programme_id, begins)),
        "by_staff": read.session.scalar(_by_staff(posts, programme_id), values),
    }


def _is_counted(programme_id: int) -> ColumnElement[bool]:
    """The spaces that count, as a condition on ``Space``."""
    return and_(
        Space.programme_id == programme_id, Space.subgroup_id.is_(None), Space.audience != Audience.FACILITATORS
    )


def _is_shown() -> ColumnElement[bool]:
    return and_(Post.deleted_at.is_(None), Post.hidden_at.is_(None), Topic.hidden_at.is_(None))


def _posts(programme_id: int, begins: datetime, ends: datetime) -> CTE:
    """The posts of the month, each with who began its topic."""
    return (
        select(
            Post.id,
            Post.author_id,
            Post.number,
            Post.made_at,
            Topic.id.label("topic_id"),
            Topic.author_id.label("asker_id"),
        )
        .join(Topic, Topic.id == Post.topic_id)
        .join(Space, Space.id == Topic.space_id)
        .where(Post.made_at >= begins, Post.made_at < ends, _is_counted(programme_id), _is_shown())
        .cte("posts")
    )


def _of_posts(posts: CTE) -> Select[*tuple[Any, ...]]:
    return select(
        func.count().label("posts"),
        func.count(posts.c.author_id.distinct()).label("writers"),
        func.count().filter(posts.c.author_id != posts.c.asker_id).label("replies"),
    ).select_from(posts)


def _of_topics(programme_id: int, begins: datetime, ends: datetime) -> Select[*tuple[Any, ...]]:
    """Topics that began in the month, and how long they waited for the first words of somebody else."""
    reply = lateral(
        select(Post.made_at)
        .where(
            Post.topic_id == Topic.id,
            Post.author_id != Topic.author_id,
            Post.deleted_at.is_(None),
            Post.hidden_at.is_(None),
        )
        .order_by(Post.number)
        .limit(1)
        .correlate(Topic)
    ).alias("reply")
    waited = cast(func.extract("epoch", reply.c.made_at - Topic.made_at) / 3600, Double)
    asked = Topic.kind == TopicKind.QUESTION
    return (
        select(
            func.count().label("topics"),
            func.count(reply.c.made_at).label("replied"),
            func.percentile_cont(PERCENT_OF_HALF).within_group(waited).label("reply_hours"),
            func.count().filter(asked).label("questions"),
            func.count().filter(asked, Topic.answer_number.is_not(None)).label("answered"),
        )
        .select_from(Topic)
        .join(Space, Space.id == Topic.space_id)
        .outerjoin(reply, true())
        .where(
            Topic.made_at >= begins,
            Topic.made_at < ends,
            Topic.hidden_at.is_(None),
            Topic.merged_into.is_(None),
            _is_counted(programme_id),
        )
    )


def _across(posts: CTE, month: date) -> Select[*tuple[Any, ...]]:
    """Who answered whom, by the organisations that they belonged to in that month."""
    of_author, of_asker = aliased(Affiliation), aliased(Affiliation)
    last = next_month(month) - timedelta(days=1)
    one, other = of_author.organisation_id, of_asker.organisation_id
    other_house = and_(posts.c.author_id != posts.c.asker_id, one != other)
    pair = func.concat(func.least(one, other), "-", func.greatest(one, other))
    return (
        select(
            func.count(one.distinct()).label("organisations"),
            func.count().filter(other_house).label("across"),
            func.count(case((other_house, pair)).distinct()).label("ties"),
        )
        .select_from(posts)
        .outerjoin(of_author, _belonged(of_author, posts.c.author_id, last))
        .outerjoin(of_asker, _belonged(of_asker, posts.c.asker_id, last))
    )


def _belonged(place: Any, person_id: Any, day: date) -> ColumnElement[bool]:
    return and_(
        place.person_id == person_id,
        place.is_primary,
        place.organisation_id.is_not(None),
        place.from_on <= day,
        or_(place.to_on.is_(None), place.to_on > day),
    )


def _reactions(programme_id: int, begins: datetime, ends: datetime) -> Select[*tuple[Any, ...]]:
    return (
        select(
            func.count().filter(Reaction.kind == ReactionKind.HELPED).label("helped"),
            func.count().filter(Reaction.kind == ReactionKind.ME_TOO).label("me_too"),
        )
        .select_from(Reaction)
        .join(Post, Post.id == Reaction.post_id)
        .join(Topic, Topic.id == Post.topic_id)
        .join(Space, Space.id == Topic.space_id)
        .where(Reaction.at >= begins, Reaction.at < ends, _is_counted(programme_id), _is_shown())
    )


def _seen(programme_id: int) -> ColumnElement[bool]:
    """That an observation is of a topic which counts."""
    known = select(Topic.id).join(Space, Space.id == Topic.space_id).where(_is_counted(programme_id))
    return and_(Observation.kind == READ, Observation.subject_kind == "topic", Observation.subject_id.in_(known))


def _readers(programme_id: int, begins: datetime, ends: datetime) -> Select[int]:
    return select(func.count(Observation.person_id.distinct())).where(
        Observation.at >= begins, Observation.at < ends, _seen(programme_id)
    )


def _began(posts: CTE, programme_id: int, begins: datetime) -> Select[int]:
    """Who wrote for the first time, and had read on an earlier day."""
    firsts = select(posts.c.author_id, func.min(posts.c.made_at).label("at")).group_by(posts.c.author_id).cte("firsts")
    before = (
        exists()
        .where(
            Post.author_id == firsts.c.author_id,
            Post.made_at < begins,
            Topic.id == Post.topic_id,
            Space.id == Topic.space_id,
            _is_counted(programme_id),
        )
        .correlate(firsts)
    )
    day = func.date_trunc("day", firsts.c.at)
    had_read = (
        exists()
        .where(Observation.person_id == firsts.c.author_id, Observation.at < day, _seen(programme_id))
        .correlate(firsts)
    )
    return select(func.count()).select_from(firsts).where(~before, had_read)


def _by_staff(posts: CTE, programme_id: int) -> Select[int]:
    """Posts by those who facilitate the programme or one of its courses today."""
    each = select(posts.c.author_id, func.count().label("written")).group_by(posts.c.author_id).subquery("each")
    written = cast(func.coalesce(func.sum(each.c.written), 0), BigInteger)
    return select(written).where(facilitates(each.c.author_id, programme_id))
