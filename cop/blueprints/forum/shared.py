"""What all pages of the forum share: their area, the shapes of addresses, and the record that an address names."""

from typing import Any

from flask import url_for

from cop.core.errors import NotFound
from cop.queries import forum as queries
from cop.web import Area, read

LARGEST = 2**63 - 1
"""The largest number that the database knows: greater ones are no addresses."""

SPACE = "/forum/<space>"
TOPIC = f"{SPACE}/<int(max={LARGEST}):topic_id>-<slug>"
POST = f"{TOPIC}/posts/<int(max={LARGEST}):number>"

area = Area("forum", "cop.blueprints.forum")


@area.url_value_preprocessor
def _leave_out_the_words(endpoint: str | None, values: dict[str, Any] | None) -> None:
    """A topic is named by its number. The words after it are for people, and only its own page puts them right."""
    if values is not None and endpoint != "forum.topic":
        values.pop("slug", None)


def address_of(topic: queries.TopicPage, **more: Any) -> str:
    return url_for(".topic", space=topic.space_slug, topic_id=topic.id, slug=topic.slug, **more)


def address_at(topic: queries.TopicPage, number: int) -> str:
    """The permanent address of one post."""
    page = queries.page_of(number)
    return address_of(topic, page=page if page > 1 else None, _anchor=f"post-{number}")


def topic_to_act_on(space: str, topic_id: int) -> queries.TopicPage:  # noqa: ARG001  it may have left that space
    """The topic, to act on it, or the one that it was merged into; a hidden one is there for moderators alone."""
    found = queries.topic_page(read(), topic_id=topic_id)
    if found.is_withheld:
        raise NotFound
    return found


def post_to_act_on(space: str, topic_id: int, number: int) -> tuple[queries.TopicPage, queries.OnePost]:
    found = topic_to_act_on(space, topic_id)
    if found.id != topic_id:  # a merged topic: its posts have other numbers now
        raise NotFound
    return found, queries.one_post(read(), found, number=number)


def about(topic: queries.TopicPage, post: queries.OnePost) -> dict[str, Any]:
    return {"topic": topic, "post": post, "back_to": address_at(topic, post.number)}
