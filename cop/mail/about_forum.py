"""Messages about what is new in the forum."""

from cop.core import secrecy
from cop.core.work import Reading
from cop.mail.kinds import Values, address
from cop.models.outbox import Outbox
from cop.queries import forum

EXCERPT_MOST = 1_000


def forum_news(read: Reading, row: Outbox) -> Values | None:
    """Pointless once they stopped following or do not get in any more, or a facilitator hid it."""
    news = forum.news(read, post_id=row.params["post_id"], follow_id=row.params["follow_id"])
    if news is None:
        return None
    where = {"space": news.space_slug, "topic_id": news.topic_id, "slug": news.topic_slug}
    page = forum.page_of(news.number)
    return {
        "news": news,
        "excerpt": news.body if len(news.body) <= EXCERPT_MOST else f"{news.body[:EXCERPT_MOST].rstrip()} …",
        "link": address("forum.topic", **where, page=page if page > 1 else None) + f"#post-{news.number}",
        "unsubscribe_link": address("forum.unsubscribe", token=secrecy.sign(forum.UNFOLLOW, news.follow_id)),
    }
