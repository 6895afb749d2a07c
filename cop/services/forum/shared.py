"""Reaching a topic or a post to change it: locked, in a space that the actor gets into."""

from sqlalchemy import select

from cop.core.errors import NotFound, Refusal, marked
from cop.core.work import Work
from cop.models.forum import Act, ForumAct, Post, Space, Topic
from cop.queries import forum as queries


def locked_space(work: Work, space_id: int) -> Space:
    found = select(Space).where(Space.id == space_id, queries.may_enter()).with_for_update(key_share=True, of=Space)
    space = work.session.scalars(found, queries.who(work)).one_or_none()
    if space is None:
        raise NotFound
    return space


def locked_topic(work: Work, topic_id: int) -> tuple[Topic, Space]:
    """The topic and its space, or those of the topic that it was merged into; a hidden one is there for moderators."""
    found = (
        select(Topic, Space)
        .join(Space, Space.id == Topic.space_id)
        .where(Topic.id == topic_id, queries.may_enter())
        .with_for_update(of=Topic)
    )
    row = work.session.execute(found, queries.who(work)).one_or_none()
    if row is None:
        raise NotFound
    topic, space = row
    if topic.merged_into is not None:
        return locked_topic(work, topic.merged_into)
    if topic.hidden_at is not None and not queries.moderates(work.actor, space):
        raise NotFound
    return topic, space


def locked_post(work: Work, post_id: int) -> tuple[Post, Topic, Space]:
    """The post with its topic, which is locked before it."""
    topic_id = work.session.scalar(select(Post.topic_id).where(Post.id == post_id))
    if topic_id is None:
        raise NotFound
    topic, space = locked_topic(work, topic_id)
    return work.session.get_one(Post, post_id, with_for_update=True), topic, space


def own_post(work: Work, post_id: int) -> tuple[Post, Topic, Space]:
    post, topic, space = locked_post(work, post_id)
    if post.author_id != work.actor.person_id:
        raise NotFound
    return post, topic, space


def to_moderate(work: Work, space: Space) -> None:
    if not queries.moderates(work.actor, space):
        raise NotFound


def note_act(
    work: Work,
    what: Act,
    space: Space,
    topic: Topic | None = None,
    post: Post | None = None,
    *,
    why: str = "",
    **more: int,
) -> None:
    """Write into the log of a space what was done in it to keep order."""
    work.session.add(
        ForumAct(
            space_id=space.id,
            topic_id=topic.id if topic is not None else None,
            post_id=post.id if post is not None else None,
            what=what,
            why=why,
            by_id=work.actor.person_id,
            at=work.now,
            **more,
        )
    )


def refuse_when_locked(topic: Topic) -> None:
    if topic.locked_at is not None:
        raise Refusal(marked("This topic is locked: it can be read, and nobody can write in it any more."))


def refuse_when_closed(space: Space) -> None:
    if space.closed_at is not None:
        raise Refusal(marked("This space is closed: it can be read, and nobody can write in it any more."))


def forget_answer(topic: Topic, post: Post) -> None:
    """A post that goes from the page answers no question any more."""
    if topic.answer_number == post.number:
        topic.answer_number = topic.answered_at = None
