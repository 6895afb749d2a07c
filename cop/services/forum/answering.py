"""Small signs that mean something: a post helped, somebody has the same question, a question is answered."""

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from cop.core.errors import NotFound, Refusal, marked
from cop.core.work import Work
from cop.models.forum import Post, Reaction, ReactionKind, Topic, TopicKind
from cop.queries import forum as queries
from cop.services.forum.rules import refuse_without_rules
from cop.services.forum.shared import locked_post, refuse_when_closed, refuse_when_locked


def react(work: Work, *, post_id: int, kind: ReactionKind) -> Post:
    """Say that a post helped, or that one has the same question; a second time changes nothing.

    Nobody is helped by what they wrote themselves.
    """
    post = _post_to_react_to(work, post_id)
    if post.author_id == work.actor.person_id:
        raise Refusal(marked("You wrote this post yourself"))
    row = insert(Reaction).values(post_id=post.id, person_id=work.actor.person_id, kind=kind, at=work.now)
    if work.session.scalar(row.on_conflict_do_nothing().returning(Reaction.post_id)) is not None:
        _count(post, kind, 1)
    return post


def take_back(work: Work, *, post_id: int, kind: ReactionKind) -> Post:
    """Undo a reaction of one's own, where there is one."""
    post = _post_to_react_to(work, post_id)
    own = delete(Reaction).where(
        Reaction.post_id == post.id, Reaction.person_id == work.actor.person_id, Reaction.kind == kind
    )
    if work.session.scalar(own.returning(Reaction.post_id)) is not None:
        _count(post, kind, -1)
    return post


def accept_answer(work: Work, *, post_id: int) -> Topic:
    """Say which post answered a question, for whoever asked it and for facilitators. Another one takes its place."""
    post, topic = _question(work, post_id)
    if post.number == 1 or not _is_shown(post):
        raise Refusal(marked("Choose a reply that everybody can read"))
    topic.answer_number, topic.answered_at = post.number, work.now
    return topic


def take_answer_back(work: Work, *, post_id: int) -> Topic:
    """Say that the question waits again."""
    post, topic = _question(work, post_id)
    if topic.answer_number == post.number:
        topic.answer_number = topic.answered_at = None
    return topic


def _post_to_react_to(work: Work, post_id: int) -> Post:
    if work.actor.person_id is None:
        raise NotFound
    post, topic, space = locked_post(work, post_id)
    refuse_without_rules(work, space)
    refuse_when_closed(space)
    refuse_when_locked(topic)
    if not _is_shown(post):
        raise NotFound
    return post


def _question(work: Work, post_id: int) -> tuple[Post, Topic]:
    post, topic, space = locked_post(work, post_id)
    is_asker = work.actor.person_id is not None and topic.author_id == work.actor.person_id
    if topic.kind is not TopicKind.QUESTION or not (is_asker or queries.moderates(work.actor, space)):
        raise NotFound
    return post, topic


def _count(post: Post, kind: ReactionKind, change: int) -> None:
    if kind is ReactionKind.HELPED:
        post.helped += change
    else:
        post.me_too += change


def _is_shown(post: Post) -> bool:
    return post.deleted_at is None and post.hidden_at is None
