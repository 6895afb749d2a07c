"""Questions that wait: for somebody to answer, and for whoever asked to say what answered them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, literal, or_, select

from cop.core.work import Reading
from cop.models.accounts import Person, RoleGrant
from cop.models.base import UtcDateTime
from cop.models.forum import Post, Space, Topic, TopicKind
from cop.queries.forum.entering import MODERATORS, gets_in, may_enter, who
from cop.queries.forum.pace import muted

WAITING_A_PAGE = 25
ASKED_AFTER = timedelta(days=7)
"""So long after the first reply whoever asked is asked in turn whether a reply answered the question."""

NO_LONGER_AFTER = timedelta(days=60)
"""What is older is left alone: whoever takes a forum over gets no letters about all that was ever asked."""


@dataclass(frozen=True)
class Waiting:
    """A question that nobody answered. ``nudged_at`` is when a facilitator was told of it."""

    space_slug: str
    space: str
    id: int
    slug: str
    title: str
    author: str
    made_at: datetime
    nudged_at: datetime | None


def waiting(
    read: Reading, *, since: datetime | None = None, offset: int = 0, limit: int = WAITING_A_PAGE
) -> Sequence[Waiting]:
    """Questions without an accepted answer to which nobody else has replied, where the actor may: the one that waits
    longest first, ``limit`` + 1 of them; with ``since`` only those that were asked after that.
    """
    values = {"since": since or datetime.min.replace(tzinfo=read.now.tzinfo), "offset": offset, "limit": limit + 1}
    return [Waiting(*row) for row in read.session.execute(_waiting(), {**who(read), **values})]


@cache
def _waiting() -> Select[*tuple[Any, ...]]:
    since = bindparam("since", type_=UtcDateTime())
    found = _questions().where(may_enter(), is_unanswered(), ~has_reply(), Topic.made_at > since)
    return found.offset(bindparam("offset")).limit(bindparam("limit"))


def _questions() -> Select[*tuple[Any, ...]]:
    """The columns of ``Waiting``, the first asked first."""
    return (
        select(Space.slug, Space.name, Topic.id, Topic.slug, Topic.title, Person.name, Topic.made_at, Topic.nudged_at)
        .select_from(Topic)
        .join(Space, Space.id == Topic.space_id)
        .join(Person, Person.id == Topic.author_id)
        .order_by(Topic.made_at, Topic.id)
    )


def is_unanswered() -> ColumnElement[bool]:
    """Whether a ``Topic`` of a ``Space`` asks a question that can be answered and has no accepted answer."""
    return and_(
        Topic.kind == TopicKind.QUESTION,
        Topic.answer_number.is_(None),
        Topic.hidden_at.is_(None),
        Topic.merged_into.is_(None),
        Topic.locked_at.is_(None),
        Space.closed_at.is_(None),
    )


def has_reply(*, before: datetime | None = None) -> ColumnElement[bool]:
    """Whether somebody else replied in a ``Topic``, where all can read it; with ``before``, until then."""
    found = exists().where(
        Post.topic_id == Topic.id,
        Post.number > 1,
        Post.author_id != Topic.author_id,
        Post.deleted_at.is_(None),
        Post.hidden_at.is_(None),
    )
    return (found if before is None else found.where(Post.made_at <= before)).correlate_except(Post)


def to_nudge(until: datetime, *, now: datetime) -> Select[Topic, Space]:
    """Questions that were asked until then, wait for an answer still, and of which no facilitator was told."""
    return (
        select(Topic, Space)
        .join(Space, Space.id == Topic.space_id)
        .where(
            is_unanswered(),
            ~has_reply(),
            Topic.nudged_at.is_(None),
            Topic.made_at <= until,
            Topic.made_at > now - NO_LONGER_AFTER,
        )
        .order_by(Topic.id)
    )


def to_ask(now: datetime) -> Select[Topic, Person]:
    """Questions with replies for a week and no accepted answer, whose authors were not asked about it, with those."""
    return (
        select(Topic, Person)
        .join(Space, Space.id == Topic.space_id)
        .join(Person, Person.id == Topic.author_id)
        .where(
            is_unanswered(),
            has_reply(before=now - ASKED_AFTER),
            Topic.asked_at.is_(None),
            Topic.made_at > now - NO_LONGER_AFTER,
        )
        .order_by(Topic.id)
    )


def questions_to_tell(
    read: Reading, *, person_id: int, topic_ids: Sequence[int], replied: bool | None
) -> Sequence[Waiting]:
    """Those of the questions that wait still and that a person may read, and did not mute, the first asked first.

    ``replied`` says whether somebody else has to have replied by now, or nobody; None takes any topic.
    """
    reads = and_(gets_in(literal(person_id)), Topic.hidden_at.is_(None), Topic.merged_into.is_(None))
    found = _questions().where(
        Topic.id.in_(topic_ids), reads, ~muted(literal(person_id), topic_id=Topic.id, space_id=Topic.space_id)
    )
    if replied is not None:
        found = found.where(is_unanswered(), has_reply() if replied else ~has_reply())
    return [Waiting(*row) for row in read.session.execute(found, {"now": read.now})]


def facilitators(read: Reading, space: Space) -> Sequence[Person]:
    """Who looks after a space: those of its course, else of its programme, else those who look after everything."""
    held = (
        select(Person, RoleGrant.event_id, RoleGrant.programme_id)
        .join(RoleGrant, RoleGrant.person_id == Person.id)
        .where(
            RoleGrant.role.in_(MODERATORS),
            RoleGrant.revoked_at.is_(None),
            or_(
                RoleGrant.event_id == space.cohort_id,
                RoleGrant.programme_id == space.programme_id,
                and_(RoleGrant.event_id.is_(None), RoleGrant.programme_id.is_(None)),
            ),
        )
        .order_by(Person.id)
    )
    rows = read.session.execute(held).all()
    nearest = (
        [person for person, event_id, _programme_id in rows if event_id is not None],
        [person for person, _event_id, programme_id in rows if programme_id is not None],
        [person for person, *_of_all in rows],
    )
    return list(dict.fromkeys(next((people for people in nearest if people), [])))
