"""How often somebody hears of the forum by e-mail: as conditions on a person, and for the page where they choose."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, SQLColumnExpression, and_, case, exists, null, or_, select

from cop.core.work import Reading
from cop.models.accounts import Person
from cop.models.forum import Follow, FollowLevel, Space, Topic
from cop.models.forum_mail import ForumMail, Pace
from cop.models.outbox import MailTopic
from cop.queries.forum.entering import PERSON, may_enter, who
from cop.queries.reach import comes_back, turned_off


def wants_mail(person: SQLColumnExpression[int], *paces: Pace) -> ColumnElement[bool]:
    """Whether a person, as a column or a value, chose to get mail of the forum, or chose one of these paces.

    Nobody gets any who did not choose it, nor anybody who turned it off since.
    """
    chose = ForumMail.pace.in_(paces) if paces else ForumMail.pace != Pace.NEVER
    chosen = exists().where(ForumMail.person_id == person, chose).correlate_except(ForumMail)
    return and_(chosen, ~turned_off(person, MailTopic.FORUM))


def is_reached() -> ColumnElement[bool]:
    """Whether mail reaches a ``Person``."""
    return and_(Person.email.is_not(None), ~comes_back(Person.email))


def muted(person: SQLColumnExpression[int], *, topic_id: Any, space_id: Any) -> ColumnElement[bool]:
    """Whether a person wants to hear nothing of a topic, or nothing of its space."""
    return (
        exists()
        .where(
            Follow.person_id == person,
            Follow.level == FollowLevel.MUTE,
            or_(Follow.topic_id == topic_id, Follow.space_id == space_id),
        )
        .correlate_except(Follow)
    )


def level_heard() -> ColumnElement[FollowLevel | None]:
    """The level of a ``Follow``; NULL where somebody follows and gets no mail, because they never chose to."""
    in_vain = and_(Follow.level == FollowLevel.FOLLOW, ~wants_mail(Follow.person_id))
    return case((in_vain, null()), else_=Follow.level)


def pace(read: Reading) -> Pace | None:
    """What the actor chose; None where they were never asked."""
    found = select(case((turned_off(ForumMail.person_id, MailTopic.FORUM), Pace.NEVER), else_=ForumMail.pace)).where(
        ForumMail.person_id == read.actor.person_id
    )
    chosen = read.session.scalar(found)
    return Pace(chosen) if chosen is not None else None


@dataclass(frozen=True)
class Listened:
    """A topic or (``topic_id`` None) a space of which somebody wants to hear, or does not."""

    id: int
    level: FollowLevel
    space_slug: str
    space: str
    topic_id: int | None
    topic_slug: str | None
    topic: str | None


def listened(read: Reading, *, before: int | None = None, limit: int = 50) -> Sequence[Listened]:
    """What the actor follows and what they muted, as far as they may read it: the newest choice first, ``limit`` + 1
    of them; ``before`` continues below that id.
    """
    found = (
        select(Follow.id, Follow.level, Space.slug, Space.name, Topic.id, Topic.slug, Topic.title)
        .select_from(Follow)
        .outerjoin(Topic, Topic.id == Follow.topic_id)
        .join(Space, or_(Space.id == Follow.space_id, Space.id == Topic.space_id))
        .where(Follow.person_id == PERSON, Topic.hidden_at.is_(None), Topic.merged_into.is_(None), may_enter())
        .order_by(Follow.id.desc())
        .limit(limit + 1)
    )
    if before is not None:
        found = found.where(Follow.id < before)
    return [Listened(*row) for row in read.session.execute(found, who(read))]
