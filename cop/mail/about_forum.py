"""Letters about what is new in the forum, and about answers that came to it by e-mail."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from markupsafe import Markup

from cop.core.work import Reading
from cop.formats import markdown
from cop.mail.kinds import Values, is_preview
from cop.models.accounts import Person
from cop.models.forum_mail import Because, ForumAnswer, MailOutcome
from cop.models.outbox import Outbox
from cop.queries import forum
from cop.queries.forum import News
from cop.web import address, ports

ANSWERS = "Re: "
"""How the subject of an answer begins in all languages, so that mail programs keep a topic together."""

POSTS_MOST = 20
EXCERPT_MOST = 300
"""Characters of a post in a digest; the letter about one post alone has all of it."""


@dataclass(frozen=True)
class Told:
    """One post, cut where it is long."""

    number: int
    author: str
    excerpt: str
    link: str


@dataclass(frozen=True)
class TopicNews:
    """What is new in one topic; ``mute_link`` ends the subscription that told of it, to the topic or to its space.

    ``answer_to`` is the address that takes answers, where it can be answered by e-mail.
    """

    title: str
    space: str
    by_topic: bool
    posts: Sequence[Told]
    mute_link: str
    answer_to: str | None
    subject: str


def forum_news(read: Reading, row: Outbox) -> Values | None:
    """Pointless once they have read it all, or stopped following, or do not get in any more."""
    if row.person_id is None or "after" not in row.params:
        return None
    after, until = (datetime.fromisoformat(row.params[name]) for name in ("after", "until"))
    found = forum.news(read, person_id=row.person_id, after=after, until=until, limit=POSTS_MOST)
    if not found:
        return None
    shown, person = found[:POSTS_MOST], read.session.get_one(Person, row.person_id)
    generation = forum.generation_of(read, person_id=person.id)
    topics = [
        _of_topic(person, generation, list(posts)) for _id, posts in groupby(shown, key=lambda news: news.topic_id)
    ]
    return {
        "topics": topics,
        "count": len(shown),
        "is_more": len(found) > POSTS_MOST,
        "forum_link": address("forum.index"),
        "pace_link": address("forum.mails"),
    }


def _of_topic(person: Person, generation: int, posts: Sequence[News]) -> TopicNews:
    first = posts[0]
    return TopicNews(
        title=first.topic,
        space=first.space,
        by_topic=first.by_topic,
        posts=[Told(news.number, news.author, _cut(markdown.to_text(news.body)), _link(news)) for news in posts],
        mute_link=address("messages.unsubscribe", token=forum.token_of_follow(first.follow_id or "")),
        answer_to=_answer_to(person, generation, first),
        subject=f"{ANSWERS}{first.topic}",
    )


def forum_post(read: Reading, row: Outbox) -> Values | None:
    """Pointless once they have read it, muted it, or do not get in any more."""
    if row.person_id is None:
        return None
    news = forum.one_post_of_news(
        read, person_id=row.person_id, post_id=row.params["post_id"], is_preview=is_preview(row)
    )
    if news is None:
        return None
    person = read.session.get_one(Person, row.person_id)
    answer_to = _answer_to(person, forum.generation_of(read, person_id=person.id), news)
    by_space = row.params["why"] == forum.BY_SPACE and news.follow_id is not None and not news.by_topic
    token = forum.token_of_follow(news.follow_id) if by_space and news.follow_id else None
    return {
        "post": news,
        "subject": f"{ANSWERS}{news.topic}" if news.number > 1 else news.topic,
        "is_mention": row.params["why"] == forum.MENTION,
        "words": markdown.to_text(news.body),
        "html": Markup(news.html),  # noqa: S704  it was sanitised when it was written
        "link": _link(news),
        "mute_link": address("messages.unsubscribe", token=forum.token_of_topic(person.public_id, news.topic_id)),
        "mute_space_link": address("messages.unsubscribe", token=token) if token else None,
        "pace_link": address("forum.mails"),
        "can_answer": answer_to is not None,
        "headers": _thread(news, answer_to),
    }


def _thread(news: News, answer_to: str | None) -> Mapping[str, str]:
    """What lets mail programs show the letters about one topic together, and answer to the right place.

    They all refer to one letter that was never sent: everybody has another selection of the topic's letters.
    """
    domain = ports().settings.domain
    root = f"<forum-topic-{news.topic_id}@{domain}>"
    thread = {"In-Reply-To": root, "References": root, "List-Id": f"<{news.space_slug}.forum.{domain}>"}
    return {**thread, "Reply-To": answer_to} if answer_to else thread


def _answer_to(person: Person, generation: int, news: News) -> str | None:
    reply_address = ports().settings.reply_address
    if reply_address is None or not news.is_open:
        return None
    return forum.answer_address(reply_address, person.public_id, news.topic_id, generation)


def forum_answer(read: Reading, row: Outbox) -> Values | None:
    """What became of an answer by e-mail. Of a topic that they may not read any more it says nothing."""
    answer = read.session.get(ForumAnswer, row.params["answer_id"])
    if answer is None or answer.person_id is None:
        return None
    return {
        "reason": Because(answer.reason),
        "is_posted": answer.outcome is MailOutcome.POSTED,
        "words": answer.words,
        "link": _where_answered(read, answer),
        "rules_link": address("forum.rules"),
        "forum_link": address("forum.index"),
        "headers": {"In-Reply-To": answer.message_id} if answer.message_id.startswith("<") else {},
    }


def _where_answered(read: Reading, answer: ForumAnswer) -> str | None:
    """The address of the post that was made, or of the topic, where they still may read it."""
    found = forum.place_of(read, answer)
    return _address(*found) if found is not None else None


def _cut(words: str) -> str:
    return words if len(words) <= EXCERPT_MOST else f"{words[:EXCERPT_MOST].rstrip()} …"


def _link(news: News) -> str:
    return _address(news.space_slug, news.topic_id, news.topic_slug, news.number)


def _address(space: str, topic_id: int, slug: str, number: int) -> str:
    page = forum.page_of(number)
    where = {"space": space, "topic_id": topic_id, "slug": slug}
    return address("forum.topic", **where, page=page if page > 1 else None) + f"#post-{number}"
