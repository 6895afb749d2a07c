"""Topics, replies, and changing what one wrote."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from cop.core.access import Actor
from cop.core.errors import NotFound, Refusal
from cop.models.accounts import Person
from cop.models.forum import Post, PostVersion, Space, Topic
from cop.services import forum as services
from tests.support.clock import START, FixedClock
from tests.support.forum import MakeForum
from tests.support.make import Make, Reads, Working

MINUTE = timedelta(minutes=1)

Posts = Callable[[], list[Post]]


@pytest.fixture
def posts(reading: Reads) -> Posts:
    def found() -> list[Post]:
        with reading() as read:
            return list(read.session.scalars(select(Post).order_by(Post.topic_id, Post.number)))

    return found


@pytest.fixture
def topic(forum: MakeForum, alma: Person, space: Space) -> Topic:
    return forum.topic(alma, space)


class TestATopic:
    def test_begins_with_its_first_post(self, forum: MakeForum, alma: Person, space: Space, posts: Posts) -> None:
        topic = forum.topic(alma, space, "Tea & trust: what works?", "We *began* with tea.")
        assert (topic.slug, topic.posts, topic.last_post_at) == ("tea-trust-what-works", 1, START)
        (post,) = posts()
        assert (post.number, post.body, post.revision) == (1, "We *began* with tea.", 0)
        assert post.html == "<p>We <em>began</em> with tea.</p>"

    def test_has_an_address_although_its_title_has_no_latin_letters(
        self, forum: MakeForum, alma: Person, space: Space
    ) -> None:
        assert forum.topic(alma, space, "ما الذي ينجح؟").slug == "topic"

    def test_is_one_although_the_button_was_pressed_twice(
        self, forum: MakeForum, alma: Person, space: Space, posts: Posts, clock: FixedClock
    ) -> None:
        first = forum.topic(alma, space)
        clock.move(timedelta(seconds=59))
        assert forum.topic(alma, space).id == first.id
        assert len(posts()) == 1
        clock.move(timedelta(seconds=2))
        assert forum.topic(alma, space).id != first.id

    def test_of_somebody_else_with_the_same_words_is_another(
        self, forum: MakeForum, alma: Person, ben: Person, space: Space
    ) -> None:
        assert forum.topic(alma, space).id != forum.topic(ben, space).id


class TestAReply:
    def test_is_numbered_and_moves_the_topic_up(
        self, forum: MakeForum, ben: Person, topic: Topic, posts: Posts, clock: FixedClock, reading: Reads
    ) -> None:
        clock.move(MINUTE)
        assert forum.reply(ben, topic).number == 2
        clock.move(MINUTE)
        assert forum.reply(ben, topic, "And another thing.").number == 3
        with reading() as read:
            found = read.session.get_one(Topic, topic.id)
        assert (found.posts, found.last_post_at) == (3, START + 2 * MINUTE)

    def test_is_one_although_the_button_was_pressed_twice(
        self, forum: MakeForum, ben: Person, topic: Topic, posts: Posts, clock: FixedClock
    ) -> None:
        first = forum.reply(ben, topic)
        assert forum.reply(ben, topic).id == first.id
        forum.reply(ben, topic, "Other words.")
        assert forum.reply(ben, topic).id == first.id
        clock.move(2 * MINUTE)
        assert forum.reply(ben, topic).id != first.id
        assert [post.number for post in posts()] == [1, 2, 3, 4]

    def test_may_say_again_what_was_deleted(
        self, forum: MakeForum, make: Make, ben: Person, topic: Topic, work: Working
    ) -> None:
        first = forum.reply(ben, topic)
        with work(make.actor(ben)) as unit:
            services.delete_post(unit, post_id=first.id)
        assert forum.reply(ben, topic).number == 3

    def test_to_a_locked_topic_is_refused(self, forum: MakeForum, ben: Person, topic: Topic) -> None:
        forum.lock_topic(topic)
        with pytest.raises(Refusal, match="locked"):
            forum.reply(ben, topic)

    def test_to_a_hidden_topic_finds_nothing(self, forum: MakeForum, ben: Person, topic: Topic) -> None:
        forum.hide_topic(topic)
        with pytest.raises(NotFound):
            forum.reply(ben, topic)

    def test_that_shows_nothing_is_refused(self, forum: MakeForum, ben: Person, topic: Topic) -> None:
        with pytest.raises(Refusal, match="others can see"):
            forum.reply(ben, topic, "[a]: https://a.example")

    def test_needs_the_house_rules(self, forum: MakeForum, topic: Topic, space: Space) -> None:
        newcomer = forum.alumna("Nell Newcomer", accepts=False)
        with pytest.raises(Refusal, match="house rules"):
            forum.reply(newcomer, topic)
        with pytest.raises(Refusal, match="house rules"):
            forum.topic(newcomer, space)
        forum.accept(newcomer)
        assert forum.reply(newcomer, topic).number == 2

    def test_needs_a_person(self, topic: Topic, work: Working) -> None:
        with pytest.raises(NotFound), work() as unit:
            services.reply(unit, topic_id=topic.id, body="By nobody.")

    def test_to_no_topic_finds_nothing(self, alma: Person, make: Make, work: Working) -> None:
        with pytest.raises(NotFound), work(make.actor(alma)) as unit:
            services.reply(unit, topic_id=99, body="Hello?")


class TestTheRules:
    def test_are_accepted_once(self, forum: MakeForum, alma: Person) -> None:
        forum.accept(alma)
        forum.accept(alma)

    def test_that_were_not_shown_cannot_be_accepted(self, alma: Person, make: Make, work: Working) -> None:
        with pytest.raises(Refusal, match="have changed"), work(make.actor(alma)) as unit:
            services.accept_rules(unit, version=0)

    def test_are_not_for_strangers(self, make: Make, work: Working) -> None:
        with pytest.raises(NotFound), work(make.actor(make.account())) as unit:
            services.accept_rules(unit, version=1)


class TestOnesOwnPost:
    @pytest.fixture
    def own(self, forum: MakeForum, ben: Person, topic: Topic) -> Post:
        return forum.reply(ben, topic, "So did we.")

    @pytest.fixture
    def acts(self, make: Make, ben: Person) -> Actor:
        return make.actor(ben)

    def test_is_changed_and_what_it_said_is_kept(
        self, own: Post, acts: Actor, work: Working, reading: Reads, posts: Posts, clock: FixedClock
    ) -> None:
        clock.move(MINUTE)
        with work(acts) as unit:
            services.edit_post(unit, post_id=own.id, body="So did **they**.", revision=0)
        changed = posts()[1]
        assert (changed.body, changed.revision, changed.edited_at) == ("So did **they**.", 1, START + MINUTE)
        assert changed.html == "<p>So did <strong>they</strong>.</p>"
        with reading() as read:
            (before,) = read.session.scalars(select(PostVersion)).all()
        assert (before.post_id, before.revision, before.body, before.until) == (
            own.id,
            0,
            "So did we.",
            START + MINUTE,
        )

    def test_with_the_same_words_is_not_changed(self, own: Post, acts: Actor, work: Working, posts: Posts) -> None:
        with work(acts) as unit:
            services.edit_post(unit, post_id=own.id, body="So did we.", revision=0)
        assert (posts()[1].revision, posts()[1].edited_at) == (0, None)

    def test_is_not_changed_from_a_page_that_showed_something_else(
        self, own: Post, acts: Actor, work: Working, posts: Posts
    ) -> None:
        with work(acts) as unit:
            services.edit_post(unit, post_id=own.id, body="The first window.", revision=0)
        with pytest.raises(Refusal, match="another window"), work(acts) as unit:
            services.edit_post(unit, post_id=own.id, body="The second window.", revision=0)
        assert posts()[1].body == "The first window."

    def test_is_deleted_and_comes_back(self, own: Post, acts: Actor, work: Working, posts: Posts) -> None:
        for _ in range(2):
            with work(acts) as unit:
                services.delete_post(unit, post_id=own.id)
            assert posts()[1].deleted_at == START
        with pytest.raises(Refusal, match="deleted or hidden"), work(acts) as unit:
            services.edit_post(unit, post_id=own.id, body="Still here?", revision=0)
        with work(acts) as unit:
            services.restore_post(unit, post_id=own.id)
        assert posts()[1].deleted_at is None

    def test_is_not_changed_when_it_is_hidden_or_its_topic_locked(
        self, forum: MakeForum, own: Post, topic: Topic, acts: Actor, work: Working
    ) -> None:
        forum.hide_post(own.id)
        with pytest.raises(Refusal, match="deleted or hidden"), work(acts) as unit:
            services.edit_post(unit, post_id=own.id, body="Let me explain.", revision=0)
        forum.lock_topic(topic)
        with pytest.raises(Refusal, match="locked"), work(acts) as unit:
            services.edit_post(unit, post_id=own.id, body="Let me explain.", revision=0)

    @pytest.mark.parametrize("somebody", ["alma", "facilitator"])
    def test_is_nobody_elses(
        self, own: Post, somebody: str, make: Make, work: Working, request: pytest.FixtureRequest
    ) -> None:
        other = make.actor(request.getfixturevalue(somebody))
        with pytest.raises(NotFound), work(other) as unit:
            services.edit_post(unit, post_id=own.id, body="Not what Ben said.", revision=0)
        with pytest.raises(NotFound), work(other) as unit:
            services.delete_post(unit, post_id=own.id)
        with pytest.raises(NotFound), work(other) as unit:
            services.restore_post(unit, post_id=own.id)
