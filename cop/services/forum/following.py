"""Who hears of what by e-mail: everybody who wrote in a topic, and whoever asks for a topic or a space."""

from sqlalchemy import ColumnElement, select
from sqlalchemy.dialects.postgresql import Insert, insert

from cop.core import secrecy
from cop.core.errors import NotFound
from cop.core.secrecy import random_word
from cop.core.work import Work
from cop.models.forum import Follow, FollowLevel, Post, Topic
from cop.models.outbox import Outbox, OutboxClass, OutboxState
from cop.queries import forum as queries
from cop.services import outbox
from cop.services.forum.shared import locked_space, locked_topic


def follow_topic(work: Work, *, topic_id: int, level: FollowLevel) -> None:
    """Hear of each reply, or of none whatever one writes there."""
    topic, _space = locked_topic(work, topic_id)
    _set(work, level, topic_id=topic.id)


def follow_space(work: Work, *, space_id: int, level: FollowLevel) -> None:
    """Hear of each new topic, or not."""
    _set(work, level, space_id=locked_space(work, space_id).id)


def follow_by_writing(work: Work, topic: Topic) -> None:
    """Let whoever wrote hear of replies, unless they said already what they want."""
    work.session.execute(_row(work, FollowLevel.FOLLOW, topic_id=topic.id).on_conflict_do_nothing())


def follow_by_link(work: Work, *, token: str, level: FollowLevel) -> None:
    """End what the signed link of a mail stands for, or take it up again, by whoever holds it."""
    signed = secrecy.read_signed(queries.UNFOLLOW, token)
    found = select(Follow).where(Follow.public_id == (signed[0] if signed else "")).with_for_update()
    follow = work.session.scalars(found).one_or_none()
    if follow is None:
        raise NotFound
    follow.level = level


def tell_of_reply(work: Work, post: Post) -> None:
    """Mail everybody who follows the topic, but the author."""
    _tell(work, post, of=Follow.topic_id == post.topic_id)


def tell_of_topic(work: Work, topic: Topic, post: Post) -> None:
    """Mail everybody who follows the space, but the author."""
    _tell(work, post, of=Follow.space_id == topic.space_id)


def _tell(work: Work, post: Post, *, of: ColumnElement[bool]) -> None:
    """Promise each of them a letter. One that waits already tells of this post too, for it is written when it goes."""
    people = queries.followers(work, but=post.author_id, of=of)
    waiting = (
        select(Outbox.person_id)
        .where(
            Outbox.person_id.in_([person.id for person in people]),
            Outbox.template == "forum_news",
            Outbox.state == OutboxState.PENDING,
        )
        .order_by(Outbox.id)
        .with_for_update()  # so that none goes out before this post can be read
    )
    will_hear = set(work.session.scalars(waiting))
    for person in people:
        if person.id not in will_hear:
            outbox.post(
                work,
                key=f"forum-news:{post.id}:{person.id}",
                to=person,
                template="forum_news",
                urgency=OutboxClass.ROUTINE,
                since=post.id,
            )


def _set(work: Work, level: FollowLevel, **of: int) -> None:
    if work.actor.person_id is None:
        raise NotFound
    row = _row(work, level, **of)
    keys = ["person_id", *of]
    work.session.execute(row.on_conflict_do_update(index_elements=keys, set_={"level": level}))


def _row(work: Work, level: FollowLevel, **of: int) -> Insert:
    return insert(Follow).values(
        public_id=random_word(), person_id=work.actor.person_id, level=level, since=work.now, **of
    )
