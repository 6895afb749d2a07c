"""The letter about what is new in the forum."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from cop.core import secrecy
from cop.core.work import Reading
from cop.mail.kinds import Values
from cop.models.outbox import Outbox
from cop.queries import forum
from cop.queries.forum import News
from cop.web import address

POSTS_MOST = 20
EXCERPT_MOST = 1_000
SHORT_EXCERPT_MOST = 300
"""Characters of a post in a letter that tells of it alone, and in one that tells of several."""


@dataclass(frozen=True)
class Told:
    """One post, cut where it is long."""

    number: int
    author: str
    excerpt: str
    link: str


@dataclass(frozen=True)
class TopicNews:
    """What is new in one topic; ``mute_link`` ends the subscription that told of it, to the topic or to its space."""

    title: str
    space: str
    by_topic: bool
    posts: Sequence[Told]
    mute_link: str


def forum_news(read: Reading, row: Outbox) -> Values | None:
    """Pointless once they have read it all, or stopped following, or do not get in any more."""
    if row.person_id is None:
        return None
    found = forum.news(read, person_id=row.person_id, since=row.params["since"], limit=POSTS_MOST)
    if not found:
        return None
    shown = found[:POSTS_MOST]
    most = EXCERPT_MOST if len(shown) == 1 else SHORT_EXCERPT_MOST
    topics = [_of_topic(list(posts), most) for _id, posts in groupby(shown, key=lambda news: news.topic_id)]
    return {
        "topics": topics,
        "count": len(shown),
        "is_more": len(found) > POSTS_MOST,
        "forum_link": address("forum.index"),
    }


def _of_topic(posts: Sequence[News], most: int) -> TopicNews:
    first = posts[0]
    mute = secrecy.sign(forum.UNFOLLOW, first.follow_id)
    return TopicNews(
        title=first.topic,
        space=first.space,
        by_topic=first.by_topic,
        posts=[Told(news.number, news.author, _cut(news.body, most), _link(news)) for news in posts],
        mute_link=address("messages.unsubscribe", token=mute),
    )


def _cut(body: str, most: int) -> str:
    return body if len(body) <= most else f"{body[:most].rstrip()} …"


def _link(news: News) -> str:
    page = forum.page_of(news.number)
    where = {"space": news.space_slug, "topic_id": news.topic_id, "slug": news.topic_slug}
    return address("forum.topic", **where, page=page if page > 1 else None) + f"#post-{news.number}"
