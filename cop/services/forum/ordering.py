"""Keeping a space tidy: pinning, moving and merging topics, closing a space. What can be taken back says until when."""

from datetime import datetime

from sqlalchemy import ColumnElement, exists, func, select, update
from sqlalchemy.dialects.postgresql import insert

from cop.core.errors import NotFound, Refusal, marked
from cop.core.secrecy import random_word
from cop.core.work import Work
from cop.models.forum import Act, Follow, ForumAct, Post, PostVersion, Space, Topic, TopicKind
from cop.queries.forum.moving import is_no_wider
from cop.services.forum.shared import locked_space, locked_topic, note_act, refuse_when_closed, to_moderate

PINNED_MOST = 5
"""In one space: what stands above the newest topics should not push them off a telephone's screen."""

MERGED_KINDS = frozenset({TopicKind.TALK, TopicKind.QUESTION})
"""Proposals, offers and asks are settled one by one."""


def pin_topic(work: Work, *, topic_id: int) -> None:
    """Let it stand above the others of its space."""
    topic, space = _to_order(work, topic_id)
    if topic.pinned_at is not None:
        return
    locked_space(work, space.id)
    pinned = select(func.count()).where(
        Topic.space_id == space.id, Topic.pinned_at.is_not(None), Topic.hidden_at.is_(None)
    )
    if work.session.execute(pinned).scalar_one() >= PINNED_MOST:
        raise Refusal(
            marked("%(most)s topics are pinned in this space already. Unpin one of them first."), most=PINNED_MOST
        )
    topic.pinned_at = work.now
    note_act(work, Act.PINNED, space, topic)


def unpin_topic(work: Work, *, topic_id: int) -> None:
    topic, space = _to_order(work, topic_id)
    if topic.pinned_at is not None:
        topic.pinned_at = None
        note_act(work, Act.UNPINNED, space, topic)


def move_topic(work: Work, *, topic_id: int, space_id: int, reason: str) -> Topic:
    """Put a topic into another space of the programme, whose readers could all read it before."""
    topic, source = _to_order(work, topic_id)
    target = locked_space(work, space_id)
    to_moderate(work, target)
    if target.id == source.id:
        return topic
    if target.closed_at is not None:
        raise Refusal(marked("That space is closed. Open it again first."), field="space_id")
    if not is_no_wider(source, target):
        raise Refusal(
            marked(
                "People who cannot read this topic today could read it there. Those who wrote it did not write for "
                "them, so it cannot be moved to that space. Ask its author to write it there anew."
            ),
            field="space_id",
        )
    _put(topic, target)
    note_act(work, Act.MOVED, target, topic, why=reason, other_space_id=source.id, posts=topic.posts)
    return topic


def _put(topic: Topic, space: Space) -> None:
    """A pin was for the space in which it was set."""
    topic.space_id, topic.pinned_at = space.id, None


def merge_topics(work: Work, *, topic_id: int, into_id: int, reason: str) -> Topic:
    """Append the posts of a topic to another one of the same space; its address leads there from then on.

    Numbers of posts that stand do not change, since people refer to them: the posts that come are numbered anew, after
    the last one, in their order. Whoever follows the topic, or muted it, does so with the other one.
    """
    topic, into, space = _both(work, topic_id, into_id)
    _refuse_to_merge(topic, into)
    before = into.posts
    _move_posts(work, from_id=topic.id, to_id=into.id, which=Post.topic_id == topic.id, by=before)
    into.posts, into.last_post_at = before + topic.posts, max(into.last_post_at, topic.last_post_at)
    topic.merged_into, topic.pinned_at = into.id, None
    topic.hidden_at, topic.hidden_by, topic.hidden_why = work.now, work.actor.person_id, ""
    _follow_along(work, topic, into)
    note_act(work, Act.MERGED, space, topic, why=reason, other_topic_id=into.id, posts=before)
    return into


def _both(work: Work, topic_id: int, into_id: int) -> tuple[Topic, Topic, Space]:
    """The two topics, locked in the order of their ids, so that two who merge them crosswise do not wait for ever."""
    found: dict[int, tuple[Topic, Space]] = {}
    for each in sorted({topic_id, into_id}):
        try:
            found[each] = locked_topic(work, each)
        except NotFound:
            if each == topic_id:
                raise
            raise Refusal(marked("There is no such topic in this space"), field="into") from None
    (topic, space), (into, other_space) = found[topic_id], found[into_id]
    to_moderate(work, space)
    if topic.id != topic_id:
        raise Refusal(marked("Somebody merged this topic a moment ago."))
    if topic.id == into.id:
        raise Refusal(marked("Choose another topic than this one"), field="into")
    if space.id != other_space.id:
        raise Refusal(
            marked("Both topics have to be in the same space, so that nobody reads what was not written for them"),
            field="into",
        )
    return topic, into, space


def _refuse_to_merge(topic: Topic, into: Topic) -> None:
    if not {topic.kind, into.kind} <= MERGED_KINDS:
        raise Refusal(marked("Proposals, offers and asks stand alone: only talks and questions can be merged"))
    if topic.hidden_at is not None or into.hidden_at is not None:
        raise Refusal(marked("A hidden topic cannot be merged. Show it again first."))
    if into.locked_at is not None:
        raise Refusal(marked("That topic is locked. Unlock it first."), field="into")


def _move_posts(work: Work, *, from_id: int, to_id: int, which: ColumnElement[bool], by: int) -> None:
    moved = update(Post).where(Post.topic_id == from_id, which)
    work.session.execute(moved.values(topic_id=to_id, number=Post.number + by), execution_options=_UNSEEN)


_UNSEEN = {"synchronize_session": False}
"""No post is in the session while topics are merged or parted."""


def _follow_along(work: Work, topic: Topic, into: Topic) -> None:
    found = select(Follow.person_id, Follow.level).where(Follow.topic_id == topic.id)
    rows = [
        {"public_id": random_word(), "person_id": person_id, "topic_id": into.id, "level": level, "since": work.now}
        for person_id, level in work.session.execute(found)
    ]
    if rows:
        work.session.execute(insert(Follow).values(rows).on_conflict_do_nothing())


def close_space(work: Work, *, space_id: int, reason: str) -> None:
    """Let nobody write in it any more; what is there stays to be read."""
    space = _space_to_order(work, space_id)
    if space.closed_at is None:
        space.closed_at = work.now
        note_act(work, Act.CLOSED, space, why=reason)


def reopen_space(work: Work, *, space_id: int) -> None:
    space = _space_to_order(work, space_id)
    if space.closed_at is not None:
        space.closed_at = None
        note_act(work, Act.REOPENED, space)


def undo(work: Work, *, act_id: int) -> Topic:
    """Take back that a topic was moved or merged, as long as nothing was written since that depends on it."""
    act = work.session.get(ForumAct, act_id, with_for_update=True)
    if act is None or act.topic_id is None or act.what not in {Act.MOVED, Act.MERGED}:
        raise NotFound
    take_back = _move_back if act.what is Act.MOVED else _part
    topic = take_back(work, act)
    act.undone_at = work.now
    return topic


def _move_back(work: Work, act: ForumAct) -> Topic:
    """More people may read there: what was written since was not written for them."""
    topic, space = _to_order(work, act.topic_id)
    source = locked_space(work, _known(act.other_space_id))
    to_moderate(work, source)
    refuse_when_closed(source)
    _refuse_when_done(act)
    if space.id != act.space_id or topic.id != act.topic_id:
        raise Refusal(marked("This topic was moved or merged since. Take that back first."))
    if topic.posts != act.posts or _was_edited(work, topic, act):
        raise Refusal(marked("Somebody wrote in this topic since, for those who read it there. It stays where it is."))
    _put(topic, source)
    note_act(work, Act.MOVED_BACK, source, topic, other_space_id=space.id)
    return topic


def _was_edited(work: Work, topic: Topic, act: ForumAct) -> bool:
    edited = (
        exists().where(PostVersion.post_id == Post.id, PostVersion.until >= act.at, Post.topic_id == topic.id).select()
    )
    return bool(work.session.scalar(edited))


def _part(work: Work, act: ForumAct) -> Topic:
    """Nobody may have written after the posts that came: numbers would be missing in the middle."""
    into, space = _to_order(work, act.other_topic_id)
    _refuse_when_done(act)
    topic = work.session.get_one(Topic, act.topic_id, with_for_update=True)
    before = _known(act.posts)
    if into.id != act.other_topic_id or into.posts != before + topic.posts:
        raise Refusal(marked("Somebody wrote in this topic since. The two cannot be parted any more."))
    _move_posts(work, from_id=into.id, to_id=topic.id, which=Post.number > before, by=-before)
    topic.merged_into, topic.space_id = None, into.space_id
    topic.hidden_at, topic.hidden_by = None, None
    into.posts = before
    into.last_post_at = _last_of(work, into)
    if into.answer_number is not None and into.answer_number > before:
        into.answer_number = into.answered_at = None
    note_act(work, Act.PARTED, space, topic, other_topic_id=into.id)
    return topic


def _last_of(work: Work, topic: Topic) -> datetime:
    last: datetime = work.session.execute(select(func.max(Post.made_at)).where(Post.topic_id == topic.id)).scalar_one()
    return last


def _refuse_when_done(act: ForumAct) -> None:
    if act.undone_at is not None:
        raise Refusal(marked("This was taken back already."))


def _known(value: int | None) -> int:
    if value is None:
        raise NotFound
    return value


def _to_order(work: Work, topic_id: int | None) -> tuple[Topic, Space]:
    topic, space = locked_topic(work, _known(topic_id))
    to_moderate(work, space)
    return topic, space


def _space_to_order(work: Work, space_id: int) -> Space:
    space = locked_space(work, space_id)
    to_moderate(work, space)
    return space
