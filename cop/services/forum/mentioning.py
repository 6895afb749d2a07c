"""Posts that name people: who is meant by @Name, and how many anybody may name."""

import re
from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import delete, func, select

from cop.core.errors import Refusal, marked
from cop.core.work import Work
from cop.models.forum import Mention, Post, Space
from cop.queries import forum as queries

MOST_IN_A_POST = 10
MOST_A_DAY = 30
"""So many people may one writer name in a day, all posts together."""

WORDS_MOST = 6
"""Words in the name of a person that we look for."""

MARK = re.compile(r"(?<![\w.@])@(?=\w)")
GAP = re.compile(r"[^\S\n]+")
WORD = re.compile(r"[\w'’.-]*\w")


def mention(work: Work, space: Space, post: Post) -> bool:
    """Note whom the post names: people who take part in the space and may read it. True where somebody is new.

    The lock of the topic, which the caller holds, lets one edit of a post happen after the other. Refusal on ``body``
    where they are too many.
    """
    named = queries.people_named(work, space_id=space.id, names=sorted(set(_names(post.body))), but=post.author_id)
    if len(named) > MOST_IN_A_POST:
        raise Refusal(marked("A post can name at most %(most)s people"), field="body", most=MOST_IN_A_POST)
    there = set(work.session.scalars(select(Mention.person_id).where(Mention.post_id == post.id)))
    if gone := there - named:
        work.session.execute(delete(Mention).where(Mention.post_id == post.id, Mention.person_id.in_(gone)))
    new = named - there
    if new:
        _refuse_too_many(work, post.author_id, len(new))
        work.session.add_all(Mention(post_id=post.id, person_id=person_id) for person_id in sorted(new))
        work.session.flush()
    return bool(new)


def _names(body: str) -> Iterator[str]:
    """All that could be a name behind an @: one word, two words, and so on, as long as they stand in one line."""
    for mark in MARK.finditer(body):
        at = mark.end()
        words: list[str] = []
        while len(words) < WORDS_MOST and (word := WORD.match(body, at)):
            words.append(word.group())
            yield " ".join(words)
            gap = GAP.match(body, word.end())
            if gap is None:
                break
            at = gap.end()


def _refuse_too_many(work: Work, author_id: int, new: int) -> None:
    lately = (
        select(func.count())
        .select_from(Mention)
        .join(Post, Post.id == Mention.post_id)
        .where(Post.author_id == author_id, Post.made_at > work.now - timedelta(days=1))
    )
    if (work.session.scalar(lately) or 0) + new > MOST_A_DAY:
        raise Refusal(marked("You have named many people today. Take the @ away, or post this tomorrow."), field="body")
