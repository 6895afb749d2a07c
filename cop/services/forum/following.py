"""Who hears of what by e-mail: everybody who wrote in a topic, and whoever asks for a topic or a space."""

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import Insert, insert

from cop.core import secrecy
from cop.core.errors import NotFound
from cop.core.secrecy import random_word
from cop.core.work import Work
from cop.models.forum import Follow, FollowLevel, Post, Topic
from cop.models.outbox import OutboxClass
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


def unfollow(work: Work, *, token: str) -> None:
    """End what the signed link of a mail stands for, by whoever holds it; a second press changes nothing."""
    signed = secrecy.read_signed(queries.UNFOLLOW, token)
    found = select(Follow).where(Follow.public_id == (signed[0] if signed else "")).with_for_update()
    follow = work.session.scalars(found).one_or_none()
    if follow is None:
        raise NotFound
    follow.level = FollowLevel.MUTE


def tell_of_reply(work: Work, post: Post) -> None:
    """Mail everybody who follows the topic, but the author."""
    for follow_id, person in queries.followers(work, but=post.author_id, of=Follow.topic_id == post.topic_id):
        outbox.post(
            work,
            key=f"forum-reply:{post.id}:{follow_id}",
            to=person,
            template="forum_reply",
            urgency=OutboxClass.TIMELY,
            post_id=post.id,
            follow_id=follow_id,
        )


def tell_of_topic(work: Work, topic: Topic, post: Post) -> None:
    """Mail everybody who follows the space, but the author."""
    for follow_id, person in queries.followers(work, but=post.author_id, of=Follow.space_id == topic.space_id):
        outbox.post(
            work,
            key=f"forum-topic:{topic.id}:{follow_id}",
            to=person,
            template="forum_topic",
            urgency=OutboxClass.TIMELY,
            post_id=post.id,
            follow_id=follow_id,
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
