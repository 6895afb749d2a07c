"""What becomes of somebody's words in the forum: they stay under “Former member”, or go with their files."""

from sqlalchemy import and_, delete, exists, select, true, update
from sqlalchemy.orm import aliased

from cop.core.errors import marked
from cop.core.work import Work
from cop.models.base import Base
from cop.models.forum import Mention, Post, PostFile, PostVersion, Topic
from cop.queries.privacy.held import Who

FORMER_TITLE = marked("Topic of a former member")
FORMER_SLUG = "topic"

# Of tables and not of models: the audit would write down, under nobody's key, what this takes away.
POST, TOPIC = (Base.metadata.tables[model.__tablename__] for model in (Post, Topic))


def settle_posts(work: Work, of: Who, *, delete_words: bool) -> None:
    """What was deleted and what was said before an edit goes in either case; nobody else can see it."""
    posts = select(Post.id).where(Post.author_id.in_(of.ids))
    work.session.execute(delete(PostVersion).where(PostVersion.post_id.in_(posts)))
    emptied = and_(POST.c.author_id.in_(of.ids), true() if delete_words else POST.c.deleted_at.is_not(None))
    gone = select(POST.c.id).where(emptied)
    work.session.execute(delete(PostFile).where(PostFile.post_id.in_(gone)))
    work.session.execute(delete(Mention).where(Mention.post_id.in_(gone)))
    if delete_words:
        _empty_topics(work, of)
    work.session.execute(update(POST).where(emptied).values(body="", html="", deleted_at=work.now, edited_at=None))


def _empty_topics(work: Work, of: Who) -> None:
    """A topic in which others wrote stays, without its title; one that nobody answered is hidden with it.

    A post that goes answers no question any more.
    """
    answers = exists().where(
        POST.c.topic_id == TOPIC.c.id, POST.c.number == TOPIC.c.answer_number, POST.c.author_id.in_(of.ids)
    )
    work.session.execute(update(TOPIC).where(answers).values(answer_number=None, answered_at=None))
    theirs = TOPIC.c.author_id.in_(of.ids)
    other = aliased(Post)
    answered = exists().where(other.topic_id == TOPIC.c.id, other.author_id.not_in(of.ids))
    work.session.execute(update(TOPIC).where(theirs, ~answered, TOPIC.c.hidden_at.is_(None)).values(hidden_at=work.now))
    work.session.execute(update(TOPIC).where(theirs).values(title=FORMER_TITLE, slug=FORMER_SLUG))
