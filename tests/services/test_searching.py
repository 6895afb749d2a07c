"""Which words the search knows: those that everybody may read, and those that several people of the forum wrote."""

from collections.abc import Mapping

import pytest
from flask import Flask
from sqlalchemy import select

from cop.models.accounts import Person
from cop.models.events import Visibility
from cop.models.forum import Audience, Space
from cop.models.search import SearchWord
from cop.services import searching
from scheduled import count_words
from tests.support.forum import MakeForum
from tests.support.make import Make, Reads, Working


@pytest.fixture
def forum(app: Flask, make: Make) -> MakeForum:
    return MakeForum(app, make)


@pytest.fixture
def three(forum: MakeForum) -> list[Person]:
    return [forum.alumna(name) for name in ("Alma Ashdown", "Ben Birch", "Cleo Cobb")]


@pytest.fixture
def space(forum: MakeForum) -> Space:
    return forum.space()


def write(forum: MakeForum, people: list[Person], space: Space, body: str) -> None:
    for person in people:
        forum.topic(person, space, "A Title", body)


def known(work: Working, reading: Reads) -> Mapping[str, bool]:
    """The words by whether everybody may be told of them."""
    with work() as open_work:
        searching.count_words(open_work)
    with reading() as read:
        return dict(read.session.execute(select(SearchWord.word, SearchWord.is_public)).all())


def test_words_of_public_events_are_known_to_all(make: Make, work: Working, reading: Reads) -> None:
    make.series(name="Warm rooms", summary="Hubs and libraries in winter.")
    make.visit("A morning at the Healthy Hub", summary="Kitchen tables, not plans.")
    make.visit("Not yet", summary="Something unready.", published=False)
    make.visit("For some", summary="Something unlisted.", visibility=Visibility.UNLISTED)
    words = known(work, reading)
    assert {"rooms", "libraries", "winter", "morning", "tables", "plans"} <= words.keys()
    assert set(words.values()) == {True}
    assert not {"unready", "unlisted", "something"} & words.keys()


def test_words_of_the_forum_are_known_once_three_people_wrote_them(
    forum: MakeForum, three: list[Person], space: Space, work: Working, reading: Reads
) -> None:
    write(forum, three, space, "A befriending round.")
    write(forum, three[:2], space, "A confidential matter, confidential indeed.")
    words = known(work, reading)
    assert words["befriending"] is False
    assert not {"confidential", "matter"} & words.keys()


def test_a_word_that_everybody_may_read_is_public_whoever_else_wrote_it(
    forum: MakeForum, three: list[Person], space: Space, make: Make, work: Working, reading: Reads
) -> None:
    make.series(name="Series", summary="About befriending.")
    write(forum, three, space, "A befriending round.")
    assert known(work, reading)["befriending"] is True


@pytest.mark.parametrize(
    "body",
    [
        "Thank you, ashdown.",
        "Ask Penhaligon.",
        "Write to penhaligon@council.example.",
        "See https://penhaligon.example.",
    ],
    ids=["a name in small letters", "a name", "an address", "a page"],
)
def test_no_name_and_no_address_is_known(
    body: str, forum: MakeForum, three: list[Person], space: Space, work: Working, reading: Reads
) -> None:
    write(forum, three, space, body)
    assert not {"ashdown", "penhaligon", "council"} & known(work, reading).keys()


def test_a_name_is_not_known_from_a_public_page_either(make: Make, work: Working, reading: Reads) -> None:
    make.person("Rosa Heather")
    make.series(name="Series", summary="Walks among heather and gorse.")
    words = known(work, reading).keys()
    assert "gorse" in words
    assert "heather" not in words


def test_what_was_taken_away_is_not_known(
    forum: MakeForum, three: list[Person], space: Space, work: Working, reading: Reads
) -> None:
    for person in three:
        forum.hide_topic(forum.topic(person, space, "A title", "A befriending round."))
        post = forum.reply(person, forum.topic(person, space, "A title"), "An allotment.")
        forum.hide_post(post.id)
    assert not {"befriending", "round", "allotment"} & known(work, reading).keys()


def test_words_of_rooms_that_few_get_into_stay_there(
    forum: MakeForum, three: list[Person], space: Space, work: Working, reading: Reads
) -> None:
    write(forum, three, space, "A befriending round.")
    assert "befriending" in known(work, reading)
    with work() as open_work:
        open_work.session.get_one(Space, space.id).audience = Audience.FACILITATORS
    assert "befriending" not in known(work, reading)


def test_words_are_counted_and_forgotten_again(
    forum: MakeForum, three: list[Person], space: Space, app: Flask, reading: Reads
) -> None:
    topics = [forum.topic(person, space, "Title", "Tides, tides and more tides.") for person in three]
    with app.app_context():
        assert count_words.run() == "3 words known to the search"
    with reading() as read:
        counted = dict(read.session.execute(select(SearchWord.word, SearchWord.uses)).all())
    assert counted == {"tides": 6, "makers": 3, "more": 3}
    for topic in topics:
        forum.hide_topic(topic)
    with app.app_context():
        assert count_words.run() == "1 words known to the search"
