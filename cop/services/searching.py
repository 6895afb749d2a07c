"""The words that the search knows, counted anew from what is there to be found."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    Text,
    and_,
    cast,
    delete,
    false,
    func,
    insert,
    null,
    or_,
    select,
    true,
    union_all,
)

from cop.core.work import Work
from cop.models.accounts import Person
from cop.models.adoption import Story, StoryConsent
from cop.models.events import Event, EventState, Visibility
from cop.models.forum import Audience, Post, Space, Topic
from cop.models.programmes import Series
from cop.models.search import SearchWord
from cop.models.toolkit import Resource, ResourceAudience, ResourceItem, ResourceState, ResourceVersion

MOST_WORDS = 20_000
MOST_POSTS = 50_000
"""The newest posts, which speak as people speak now."""

AUTHORS = 3
"""A word of the forum is known once so many people have written it; what fewer say may tell of one person."""

SHORTEST, LONGEST = 4, 30
"""Letters of a word that is worth knowing."""

BETWEEN_WORDS = r"[^[:alpha:]]+"
ADDRESSES = r"\S*(@|://|www\.)\S*"


def count_words(work: Work) -> int:
    """Count all words anew; how many are known now."""
    texts = union_all(*_public(), *_of_the_forum()).subquery("texts")
    plain = func.regexp_replace(texts.c.body, ADDRESSES, " ", "g")
    written = select(_words_of(plain).label("word"), texts.c.author_id, texts.c.is_public).subquery("written")
    has_no_capital = written.c.word == func.lower(written.c.word)  # which leaves most names out
    each = (
        select(written).where(has_no_capital, func.length(written.c.word).between(SHORTEST, LONGEST)).subquery("each")
    )
    names = select(_words_of(func.lower(Person.name)))
    is_public = func.bool_or(each.c.is_public)
    counted = (
        select(each.c.word, func.count(), is_public)
        .where(each.c.word.not_in(names))
        .group_by(each.c.word)
        .having(or_(is_public, func.count(each.c.author_id.distinct()) >= AUTHORS))
        .order_by(func.count().desc(), each.c.word)
        .limit(MOST_WORDS)
    )
    work.session.execute(delete(SearchWord))
    work.session.execute(insert(SearchWord).from_select(["word", "uses", "is_public"], counted))
    return work.session.scalar(select(func.count()).select_from(SearchWord)) or 0


def _words_of(text: ColumnElement[str]) -> ColumnElement[str]:
    return func.regexp_split_to_table(text, BETWEEN_WORDS, type_=Text)


def _text(body: Any, author_id: Any, is_public: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    return select(body.label("body"), author_id.label("author_id"), is_public.label("is_public"))


def _public() -> list[Select[*tuple[Any, ...]]]:
    """What everybody may read."""
    nobody = cast(null(), BigInteger)
    open_to_all = and_(Resource.state == ResourceState.PUBLISHED, Resource.audience == ResourceAudience.PUBLIC)
    published = and_(ResourceVersion.resource_id == Resource.id, ResourceVersion.number == Resource.version)
    told = (Story.title, Story.activity, Story.insight, Story.application, Story.result, Story.change)
    return [
        _text(func.concat_ws(" ", Event.title, Event.summary), nobody, true()).where(
            Event.state == EventState.PUBLISHED, Event.visibility == Visibility.PUBLIC
        ),
        _text(func.concat_ws(" ", Series.name, Series.summary), nobody, true()),
        _text(func.concat_ws(" ", Resource.title, Resource.summary), nobody, true()).where(open_to_all),
        _text(func.concat_ws(" ", ResourceItem.title, ResourceItem.body), nobody, true())
        .join(ResourceVersion, ResourceVersion.id == ResourceItem.version_id)
        .join(Resource, published)
        .where(open_to_all),
        _text(func.concat_ws(" ", *told), nobody, true()).where(
            Story.consent == StoryConsent.PUBLIC, Story.told_at.is_not(None), Story.hidden_at.is_(None)
        ),
    ]


def _of_the_forum() -> list[Select[*tuple[Any, ...]]]:
    """Titles and posts that stand, but for the rooms of sub-groups and of facilitators, whose words stay there."""
    shared = and_(Space.subgroup_id.is_(None), Space.audience != Audience.FACILITATORS)
    stands = and_(Topic.hidden_at.is_(None), Topic.merged_into.is_(None), shared)
    posts = (
        _text(Post.body, Post.author_id, false())
        .join(Topic, Topic.id == Post.topic_id)
        .join(Space, Space.id == Topic.space_id)
        .where(stands, Post.deleted_at.is_(None), Post.hidden_at.is_(None))
        .order_by(Post.id.desc())
        .limit(MOST_POSTS)
        .subquery("posts")
    )
    titles = _text(Topic.title, Topic.author_id, false()).join(Space, Space.id == Topic.space_id).where(stands)
    return [select(posts), titles]
