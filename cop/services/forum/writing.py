"""Writing in the forum: topics, replies, and changing what one wrote oneself."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select

from cop.core.errors import NotFound, Refusal, marked
from cop.core.work import Work
from cop.formats import markdown
from cop.models.forum import Post, PostSource, PostVersion, Space, Topic
from cop.services.forum.attaching import Upload, attach, detach
from cop.services.forum.following import follow_by_writing, tell_of_reply, tell_of_topic
from cop.services.forum.mentioning import mention
from cop.services.forum.rules import refuse_without_rules
from cop.services.forum.shared import (
    forget_answer,
    locked_space,
    locked_topic,
    own_post,
    refuse_when_closed,
    refuse_when_locked,
)
from cop.services.forum.sorting import About, sort_new
from cop.services.programmes import slug_from

PRESSED_TWICE = timedelta(minutes=1)
"""The same words by the same person within so long are one press of a button that arrived twice."""

WITHOUT_LETTERS = "topic"
"""The words in the address of a topic whose title has no Latin letters."""


def open_topic(
    work: Work,
    *,
    space_id: int,
    title: str,
    body: str,
    about: About | None = None,
    uploads: Sequence[Upload] = (),
) -> Topic:
    """Begin a topic with its first post, and tell whoever follows the space. A second press finds the first's topic."""
    body = _with_plain_line_ends(body)
    space = locked_space(work, space_id)
    _refuse_to_write(work, space)
    before = _pressed_before(work, space, title, body)
    if before is not None:
        return before
    topic = Topic(
        space_id=space.id,
        author_id=work.actor.person_id,
        title=title,
        slug=slug_from(title) or WITHOUT_LETTERS,
        posts=0,
        made_at=work.now,
        last_post_at=work.now,
    )
    work.session.add(topic)
    work.session.flush()
    post = _add_post(work, topic, body)
    sort_new(work, space, topic, about or About())
    attach(work, post, uploads)
    mention(work, space, post)
    tell_of_topic(work, topic, post)
    return topic


def reply(
    work: Work, *, topic_id: int, body: str, uploads: Sequence[Upload] = (), source: PostSource = PostSource.WEB
) -> Post:
    """Add a post to a topic and tell whoever follows it. A second press finds the first's post."""
    body = _with_plain_line_ends(body)
    topic, space = locked_topic(work, topic_id)
    _refuse_to_write(work, space)
    refuse_when_locked(topic)
    again = select(Post).where(
        Post.topic_id == topic.id,
        Post.author_id == work.actor.person_id,
        Post.body == body,
        Post.made_at > work.now - PRESSED_TWICE,
        Post.deleted_at.is_(None),
    )
    before = work.session.scalars(again.order_by(Post.number).limit(1)).first()
    if before is not None:
        return before
    post = _add_post(work, topic, body, source)
    attach(work, post, uploads)
    mention(work, space, post)
    tell_of_reply(work, post)
    return post


def edit_post(
    work: Work,
    *,
    post_id: int,
    body: str,
    revision: int,
    uploads: Sequence[Upload] = (),
    without: Sequence[str] = (),
) -> Post:
    """Change what one wrote; what it said before is kept. ``revision`` is the one that the page showed.

    ``without`` names files of the post that it is to bring no more. Whoever it mentions newly is told.
    """
    body = _with_plain_line_ends(body)
    post, topic, space = own_post(work, post_id)
    _refuse_to_write(work, space)
    refuse_when_locked(topic)
    if post.deleted_at is not None or post.hidden_at is not None:
        raise Refusal(marked("A post that is deleted or hidden cannot be changed."))
    if post.revision != revision:
        raise Refusal(
            marked(
                "This post was changed in another window meanwhile. What it says now stands below. Save again to put "
                "your text in its place."
            )
        )
    detach(work, post, without)
    attach(work, post, uploads)
    if post.body == body:
        return post
    work.session.add(PostVersion(post_id=post.id, revision=post.revision, body=post.body, until=work.now))
    post.body, post.html = body, _drawn(body)
    post.revision, post.edited_at = post.revision + 1, work.now
    if mention(work, space, post):
        tell_of_reply(work, post)
    return post


def delete_post(work: Work, *, post_id: int) -> Post:
    """Take one's own words away; the place stays, so that the answers to them still make sense."""
    post, topic, _space = own_post(work, post_id)
    if post.deleted_at is None:
        post.deleted_at = work.now
        forget_answer(topic, post)
    return post


def restore_post(work: Work, *, post_id: int) -> Post:
    """Take the deletion back."""
    post, _topic, _space = own_post(work, post_id)
    post.deleted_at = None
    return post


def _refuse_to_write(work: Work, space: Space) -> None:
    if work.actor.person_id is None:
        raise NotFound
    refuse_without_rules(work, space)
    refuse_when_closed(space)


def _pressed_before(work: Work, space: Space, title: str, body: str) -> Topic | None:
    found = (
        select(Topic)
        .join(Post, Post.topic_id == Topic.id)
        .where(
            Post.number == 1,
            Post.body == body,
            Topic.space_id == space.id,
            Topic.author_id == work.actor.person_id,
            Topic.title == title,
            Topic.made_at > work.now - PRESSED_TWICE,
        )
    )
    return work.session.scalars(found.order_by(Topic.id).limit(1)).first()


def _add_post(work: Work, topic: Topic, body: str, source: PostSource = PostSource.WEB) -> Post:
    topic.posts, topic.last_post_at = topic.posts + 1, work.now
    post = Post(
        topic_id=topic.id,
        number=topic.posts,
        author_id=work.actor.person_id,
        body=body,
        html=_drawn(body),
        made_at=work.now,
        source=source,
    )
    work.session.add(post)
    work.session.flush()
    follow_by_writing(work, topic)
    return post


def _with_plain_line_ends(body: str) -> str:
    """Browsers send two characters at the end of a line."""
    return body.replace("\r\n", "\n")


def _drawn(body: str) -> str:
    html = markdown.to_html(body)
    if not html:
        raise Refusal(marked("Write something that others can see"), field="body")
    return html
