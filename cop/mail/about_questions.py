"""Letters about questions of the forum that wait: for an answer, or to be called answered."""

from collections.abc import Sequence
from dataclasses import dataclass

from cop.core.work import Reading
from cop.mail.kinds import Values, is_preview
from cop.models.outbox import Outbox
from cop.queries.forum import questions_to_tell
from cop.web import address


@dataclass(frozen=True)
class Question:
    title: str
    author: str
    space: str
    link: str


def forum_waiting(read: Reading, row: Outbox) -> Values | None:
    """Pointless once somebody has replied to all of them, or the reader looks after those spaces no more."""
    found = _questions(read, row, row.params["topic_ids"], with_reply=False)
    return {"topics": found, "link": address("forum.unanswered")} if found else None


def forum_answered(read: Reading, row: Outbox) -> Values | None:
    """Pointless once they said which reply it was, or do not get in any more."""
    found = _questions(read, row, [row.params["topic_id"]], with_reply=True)
    return {"title": found[0].title, "link": found[0].link} if found else None


def _questions(read: Reading, row: Outbox, topic_ids: Sequence[int], *, with_reply: bool) -> Sequence[Question]:
    if row.person_id is None:
        return ()
    state = None if is_preview(row) else with_reply
    return [
        Question(
            title=found.title,
            author=found.author,
            space=found.space,
            link=address("forum.topic", space=found.space_slug, topic_id=found.id, slug=found.slug),
        )
        for found in questions_to_tell(read, person_id=row.person_id, topic_ids=topic_ids, replied=state)
    ]
