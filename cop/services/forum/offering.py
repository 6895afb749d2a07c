"""Offers and asks: settling one that was taken up or taken back, and telling people of what fits theirs."""

from cop.core.errors import NotFound
from cop.core.work import Work
from cop.models.forum import Topic
from cop.models.outbox import OutboxClass
from cop.queries import forum as queries
from cop.queries.forum import offers
from cop.services import outbox
from cop.services.forum.shared import locked_topic


def settle(work: Work, *, topic_id: int) -> Topic:
    """Take an offer or an ask off the board: it was taken up, or its author takes it back. The topic stays."""
    topic = _to_settle(work, topic_id)
    topic.settled_at = topic.settled_at or work.now
    return topic


def put_back(work: Work, *, topic_id: int) -> Topic:
    topic = _to_settle(work, topic_id)
    topic.settled_at = None
    return topic


def tell(work: Work) -> int:
    """Promise a letter to everybody whose offer or ask a newer one fits, once for each; how many it were."""
    found = offers.to_tell().params(now=work.now)
    return outbox.post_all(work, found=found, template="forum_match", urgency=OutboxClass.ROUTINE)


def _to_settle(work: Work, topic_id: int) -> Topic:
    topic, space = locked_topic(work, topic_id)
    is_own = work.actor.person_id is not None and topic.author_id == work.actor.person_id
    if topic.kind not in offers.BOARD or not (is_own or queries.moderates(work.actor, space)):
        raise NotFound
    return topic
