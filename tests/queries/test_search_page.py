"""What a search finds among very many posts, for whom, and that its indexes serve it."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, text, update

from cop.core.access import Actor
from cop.models.accounts import Person
from cop.models.adoption import STORY_WORDS, Story
from cop.models.forum import Post, Space, Topic
from cop.models.toolkit import ITEM_WORDS, RESOURCE_WORDS, Resource, ResourceItem
from cop.queries.search_page import Kind, found
from cop.queries.search_page.forum import NEWEST, NEWEST_OF_EACH, OFTEN
from cop.queries.search_page.shared import vector
from tests.support.forum import MakeForum
from tests.support.make import Make, Reads, Working

MANY = text("""
INSERT INTO post (topic_id, number, author_id, body, html, revision, made_at, hidden_why, source, helped, me_too)
SELECT :topic_id, number, :author_id, :body, '', 0, now(), '', 'web', 0, 0
FROM generate_series(CAST(:first AS bigint), :last) AS number
""")


@pytest.fixture
def forum(app: Flask, make: Make) -> MakeForum:
    return MakeForum(app, make)


@pytest.fixture
def alma(forum: MakeForum) -> Person:
    return forum.alumna("Alma Ashdown")


@pytest.fixture
def space(forum: MakeForum) -> Space:
    return forum.space()


def write_many(work: Working, topic: Topic, body: str, *, first: int, last: int) -> None:
    values = {"topic_id": topic.id, "author_id": topic.author_id, "body": body, "first": first, "last": last}
    with work() as open_work:
        open_work.session.execute(MANY, values)
        open_work.session.get_one(Topic, topic.id).posts = last


def numbers(reading: Reads, actor: Actor, words: str) -> Sequence[int]:
    """The numbers of all posts that are found, page by page."""
    numbers: list[int] = []
    with reading(actor) as read:
        for page in range(1, 40):
            sections = found(read, words, kind=Kind.POSTS, page=page).sections
            if not sections:
                break
            numbers += [hit.names["number"] for hit in sections[0].hits]
            assert sections[0].has_more == bool(found(read, words, kind=Kind.POSTS, page=page + 1).sections)
    return numbers


class TestVeryManyPosts:
    def test_a_rare_word_is_found_however_long_ago_it_was_said(
        self, forum: MakeForum, alma: Person, space: Space, make: Make, reading: Reads, work: Working
    ) -> None:
        topic = forum.topic(alma, space, "Animals", "A quagga.")
        write_many(work, topic, "Nothing but tea.", first=2, last=NEWEST + 10)
        assert numbers(reading, make.actor(alma), "quagga") == [1]
        assert numbers(reading, make.actor(alma), "quagga tea") == []

    def test_of_a_word_of_all_posts_the_newest_are_put_in_order(
        self, forum: MakeForum, alma: Person, space: Space, make: Make, reading: Reads, work: Working
    ) -> None:
        topic = forum.topic(alma, space, "Tea", "Tea.")
        write_many(work, topic, "A cup of tea.", first=2, last=NEWEST_OF_EACH)
        best = forum.reply(alma, topic, "Tea, tea and tea.")
        forum.reply(alma, topic, "Coffee.")
        shown = numbers(reading, make.actor(alma), "tea")
        assert shown[0] == best.number
        assert shown[1:] == list(range(NEWEST_OF_EACH, NEWEST_OF_EACH + 1 - OFTEN, -1))

    def test_a_word_of_not_quite_so_many_is_found_in_each(
        self, forum: MakeForum, alma: Person, space: Space, make: Make, reading: Reads, work: Working
    ) -> None:
        topic = forum.topic(alma, space, "Tea", "Tea.")
        write_many(work, topic, "Tea.", first=2, last=OFTEN - 1)
        assert numbers(reading, make.actor(alma), "tea") == list(range(OFTEN - 1, 0, -1))

    def test_words_of_a_space_of_others_neither_show_nor_hide_anything(
        self, forum: MakeForum, alma: Person, make: Make, reading: Reads, work: Working
    ) -> None:
        """Thousands of posts that somebody may not read leave room for the one that they may."""
        theirs = forum.space("Change makers", course=forum.course(other := forum.alumna("Ola Other")))
        mine = forum.topic(alma, forum.space(), "Mine", "Tea for one.")
        busy = forum.topic(other, theirs, "Theirs", "Tea for many.")
        write_many(work, busy, "Tea for more.", first=2, last=NEWEST + 10)
        assert numbers(reading, make.actor(alma), "tea") == [1]
        assert numbers(reading, make.actor(make.account("Noah Nobody")), "tea") == []
        with reading(make.actor(alma)) as read:
            (section,) = found(read, "tea").sections
            assert [hit.names["topic_id"] for hit in section.hits] == [mine.id]


class TestWhatAPostIsFoundBy:
    def test_its_words_as_they_are_now(
        self, forum: MakeForum, alma: Person, space: Space, make: Make, reading: Reads, work: Working
    ) -> None:
        topic = forum.topic(alma, space, "Animals", "A quagga.")
        with work() as open_work:
            open_work.session.execute(update(Post).where(Post.topic_id == topic.id).values(body="An axolotl."))
        assert numbers(reading, make.actor(alma), "quagga") == []
        assert numbers(reading, make.actor(alma), "axolotl") == [1]

    def test_in_the_space_to_which_its_topic_was_moved(
        self, forum: MakeForum, alma: Person, space: Space, make: Make, reading: Reads, work: Working
    ) -> None:
        """Nobody who stays behind finds it, and whoever gets in there does."""
        other = forum.alumna("Ola Other")
        theirs = forum.space("Change makers", course=forum.course(other))
        topic = forum.topic(alma, space, "Animals", "A quagga.")
        assert numbers(reading, make.actor(alma), "quagga") == [1]
        with work() as open_work:
            open_work.session.get_one(Topic, topic.id).space_id = theirs.id
        assert numbers(reading, make.actor(alma), "quagga") == []
        assert numbers(reading, make.actor(other), "quagga") == [1]

    @pytest.mark.parametrize("words", ["space={0}", "'space={0}'", '"space={0}"', "tea | 'space={0}'", "-quagga"])
    def test_never_by_the_word_that_stands_for_its_space(
        self, words: str, forum: MakeForum, alma: Person, make: Make, reading: Reads
    ) -> None:
        theirs = forum.space("Change makers", course=forum.course(other := forum.alumna("Ola Other")))
        forum.topic(other, theirs, "Animals", "A vicuna.")
        assert numbers(reading, make.actor(alma), words.format(theirs.id)) == []

    def test_no_topic_that_was_merged_is_found(
        self, forum: MakeForum, alma: Person, space: Space, make: Make, reading: Reads, work: Working
    ) -> None:
        merged, into = (forum.topic(alma, space, f"Quagga {number}") for number in (1, 2))
        with work() as open_work:
            open_work.session.get_one(Topic, merged.id).merged_into = into.id
        with reading(make.actor(alma)) as read:
            (section,) = found(read, "quagga", kind=Kind.TOPICS).sections
        assert [hit.names["topic_id"] for hit in section.hits] == [into.id]


@pytest.mark.parametrize(
    ("key", "looked_through", "index"),
    [
        (Post.id, Post.words, "ix_post_words"),
        (Topic.id, Topic.words, "ix_topic_words"),
        (Story.id, vector(STORY_WORDS), "ix_story_words"),
        (Resource.id, vector(RESOURCE_WORDS), "ix_resource_words"),
        (ResourceItem.id, vector(ITEM_WORDS), "ix_resource_item_words"),
    ],
)
def test_a_search_can_use_the_index(key: Any, looked_through: Any, index: str, reading: Reads) -> None:
    """It could not if condition and index said the same in different words."""
    with reading() as read:
        connection = read.session.connection()
        search = select(key).where(looked_through.op("@@")(func.plainto_tsquery("west")))
        sql = search.compile(connection, compile_kwargs={"literal_binds": True})
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        assert index in "\n".join(connection.exec_driver_sql(f"EXPLAIN {sql}").scalars())


def test_the_newest_of_equals_come_first(
    forum: MakeForum, alma: Person, space: Space, make: Make, reading: Reads, clock: Any
) -> None:
    for title in ("One", "Two", "Three"):
        clock.move(timedelta(minutes=2))
        forum.topic(alma, space, f"{title} quagga")
    with reading(make.actor(alma)) as read:
        (section,) = found(read, "quagga", kind=Kind.TOPICS).sections
    assert [hit.title for hit in section.hits] == ["Three quagga", "Two quagga", "One quagga"]
