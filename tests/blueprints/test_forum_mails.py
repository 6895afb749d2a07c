"""The page on which people say how often the forum writes to them, and what it asks after a first post."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select

from cop.models.accounts import Person
from cop.models.forum import Follow, FollowLevel, Space, Topic
from cop.models.forum_mail import ForumMail, Pace
from cop.services import preferences
from tests.support.browse import Browse
from tests.support.forum import MakeForum, address_of
from tests.support.make import Make, Reads, Working
from tests.support.queries import count_queries

PAGE = "/forum/mails"


@pytest.fixture
def forum(app: Flask, make: Make) -> MakeForum:
    return MakeForum(app, make)


@pytest.fixture
def space(forum: MakeForum) -> Space:
    return forum.space()


@pytest.fixture
def alma(forum: MakeForum) -> Person:
    return forum.alumna("Alma Ashdown", email="alma@council.example")


@pytest.fixture
def newcomer(forum: MakeForum, make: Make, work: Working) -> Person:
    """Somebody who accepted the house rules and has not written yet."""
    person = forum.alumna("Nia New", email="nia@council.example")
    with work() as unit:
        unit.session.delete(unit.session.get_one(ForumMail, person.id))
    return person


@pytest.fixture
def chosen(reading: Reads) -> Callable[[Person], Pace | None]:
    def pace(person: Person) -> Pace | None:
        with reading() as read:
            return read.session.scalar(select(ForumMail.pace).where(ForumMail.person_id == person.id))

    return pace


Chosen = Callable[[Person], Pace | None]


class TestAFirstPost:
    def test_is_followed_by_one_question(
        self, browse: Browse, newcomer: Person, alma: Person, forum: MakeForum, space: Space, chosen: Chosen
    ) -> None:
        topic = forum.topic(alma, space)
        page = browse.sign_in(newcomer).get(address_of(space, topic)).submit("Reply", body="We have a kettle.")
        assert page.heading == "Your post is there. Shall we mail you the answers?"
        assert chosen(newcomer) is Pace.NEVER
        page.submit("Save", pace="each")
        assert page.path == address_of(space, topic)
        assert "Your choice is saved." in page.text
        assert chosen(newcomer) is Pace.EACH

    def test_is_followed_by_no_second_question_whatever_came_of_the_first(
        self, browse: Browse, newcomer: Person, forum: MakeForum, alma: Person, space: Space, chosen: Chosen
    ) -> None:
        topic = forum.topic(alma, space)
        browse.sign_in(newcomer).get(address_of(space, topic)).submit("Reply", body="We have a kettle.")
        page = browse.click("Not now: go to your post")
        assert page.path == f"{address_of(space, topic)}#post-2"
        page.submit("Reply", body="And cups.")
        assert page.path == address_of(space, topic)
        assert chosen(newcomer) is Pace.NEVER

    def test_that_opens_a_topic_asks_too(self, browse: Browse, newcomer: Person, space: Space) -> None:
        page = browse.sign_in(newcomer).get(f"/forum/{space.slug}/new")
        page.submit("Post the topic", title="Tea", body="We began with tea.")
        assert page.heading == "Your post is there. Shall we mail you the answers?"
        assert page.click("Not now: go to your post").heading == "Tea"

    @pytest.mark.parametrize(
        "query",
        [
            "?space=//evil.example&topic_id=1&slug=x&number=0",
            "?space=a&topic_id=x&slug=b&number=1",
            "?number=2",
            "?space=a",
        ],
    )
    def test_leads_nowhere_else(self, browse: Browse, alma: Person, query: str) -> None:
        page = browse.sign_in(alma).get(f"{PAGE}{query}").submit("Save", pace="daily")
        assert page.path == PAGE


class TestThePage:
    def test_keeps_the_choice(self, browse: Browse, alma: Person, chosen: Chosen) -> None:
        page = browse.sign_in(alma).get(PAGE)
        for pace in Pace:
            page.submit("Save", pace=str(pace))
            assert "Your choice is saved." in page.text
            assert chosen(alma) is pace
            assert [str(radio["value"]) for radio in page.soup.select("input[name=pace][checked]")] == [pace]

    @pytest.mark.parametrize("said", ["hourly", ""])
    def test_refuses_what_there_is_not(self, browse: Browse, alma: Person, chosen: Chosen, said: str) -> None:
        page = browse.sign_in(alma).post(PAGE, {"pace": said})
        assert page.status == 422
        assert page.errors == ["Choose how often the forum may write to you"]
        assert chosen(alma) is Pace.NEVER

    def test_is_for_people_of_the_forum(self, browse: Browse, make: Make) -> None:
        assert browse.get(PAGE, follow=False).location.startswith("/sign-in?next=")
        browse.sign_in(make.account("Stranger"))
        assert browse.get(PAGE).status == 404
        assert browse.post(f"{PAGE}/new-addresses", {}).status == 404

    def test_shows_no_letters_while_all_are_turned_off(
        self, browse: Browse, forum: MakeForum, make: Make, work: Working, alma: Person
    ) -> None:
        forum.hears(alma, pace=Pace.DAILY)
        with work(make.actor(alma)) as unit:
            preferences.choose(unit, wanted=[])
        page = browse.sign_in(alma).get(PAGE)
        assert [str(radio["value"]) for radio in page.soup.select("input[name=pace][checked]")] == ["never"]

    def test_is_found_from_what_we_mail(self, browse: Browse, alma: Person, make: Make) -> None:
        page = browse.sign_in(alma).get("/account/messages").click("Choose how often the forum writes to you")
        assert page.path == PAGE
        stranger = browse.sign_in(make.account("Stranger")).get("/account/messages")
        assert "Choose how often the forum writes to you" not in stranger.text


class TestWhatIsFollowed:
    @pytest.fixture
    def topic(self, forum: MakeForum, alma: Person, space: Space) -> Topic:
        return forum.topic(alma, space)

    def level(self, reading: Reads) -> FollowLevel:
        with reading() as read:
            return read.session.scalars(select(Follow.level)).one()

    def test_is_muted_and_followed_again(
        self, browse: Browse, alma: Person, topic: Topic, reading: Reads, chosen: Chosen
    ) -> None:
        page = browse.sign_in(alma).get(PAGE).submit(f"Mute {topic.title}")
        assert self.level(reading) is FollowLevel.MUTE
        page.submit(f"Follow {topic.title}")
        assert self.level(reading) is FollowLevel.FOLLOW
        assert chosen(alma) is Pace.DAILY

    def test_is_nobody_elses_to_change(self, browse: Browse, forum: MakeForum, topic: Topic, reading: Reads) -> None:
        with reading() as read:
            follow_id = read.session.scalars(select(Follow.id)).one()
        other = browse.sign_in(forum.alumna("Ben"))
        assert other.post(f"{PAGE}/{follow_id}", {"level": "mute"}).status == 404
        assert other.post(f"{PAGE}/{10**12}", {"level": "mute"}).status == 404
        assert self.level(reading) is FollowLevel.FOLLOW

    def test_is_empty_with_a_next_step(self, browse: Browse, alma: Person) -> None:
        assert "Nothing yet. Write in a topic" in browse.sign_in(alma).get(PAGE).text

    def test_is_paged_at_a_constant_number_of_statements(
        self, browse: Browse, forum: MakeForum, alma: Person, space: Space
    ) -> None:
        forum.topic(alma, space, "The first")
        browse.sign_in(alma).get(PAGE)
        with count_queries() as few:
            browse.get(PAGE)
        for number in range(26):
            forum.topic(alma, space, f"Topic {number}")
        with count_queries() as many:
            page = browse.get(PAGE)
        assert len(many) == len(few)
        assert "The first" not in page.text
        assert "The first" in page.click("Older ones").text


class TestTheAddresses:
    @pytest.fixture(autouse=True)
    def takes_answers(self, app: Flask) -> Iterator[None]:
        ports = app.extensions["cop"]
        before = ports.settings
        ports.settings = replace(before, reply_address="replies@cop.example")
        yield
        ports.settings = before

    def test_end_when_their_owner_says_so(self, browse: Browse, alma: Person, reading: Reads) -> None:
        page = browse.sign_in(alma).get(PAGE).submit("End the addresses of older letters")
        assert "take no answers any more" in page.text
        with reading() as read:
            assert read.session.scalars(select(ForumMail.generation)).all() == [1]


def test_a_topic_that_somebody_follows_in_vain_says_so(
    browse: Browse, forum: MakeForum, alma: Person, space: Space
) -> None:
    topic = forum.topic(alma, space)
    page = browse.sign_in(alma).get(address_of(space, topic))
    assert "You get no mail about this topic." in page.text
    page.submit("Mail me about replies")
    assert "We mail you about replies." in page.text


def test_a_space_is_muted_and_followed(browse: Browse, alma: Person, space: Space) -> None:
    page = browse.sign_in(alma).get(f"/forum/{space.slug}/")
    assert "You get no mail about new topics here." in page.text
    page.submit("Mail me about new topics")
    assert "We mail you about new topics." in page.text
    page.submit("Stop mails about this space")
    assert "You get no mail about this space, even if you write in it." in page.text
