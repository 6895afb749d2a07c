"""Pinning, moving and merging topics and closing spaces: what follows, who may, and what can be taken back."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from itertools import product
from typing import Any

import pytest
from sqlalchemy import select

from cop.core.access import Actor, Role
from cop.core.errors import NotFound, Refusal
from cop.models.accounts import Person
from cop.models.events import Event
from cop.models.forum import Act, Audience, Follow, FollowLevel, ForumAct, Post, Space, Topic
from cop.models.organisations import Membership
from cop.queries import forum as queries
from cop.queries.forum.moving import is_no_wider
from cop.services import forum as services
from tests.support.clock import FixedClock
from tests.support.forum import MakeForum
from tests.support.make import Make, Reads, Working

Does = Callable[..., Any]


@pytest.fixture
def does(work: Working, make: Make, facilitator: Person) -> Does:
    """What the facilitator does, in a unit of work."""

    def act(command: Callable[..., Any], **what: Any) -> Any:
        with work(make.actor(facilitator)) as unit:
            return command(unit, **what)

    return act


@pytest.fixture
def topics_of(reading: Reads, make: Make, facilitator: Person) -> Callable[[Space], list[str]]:
    def titles(space: Space) -> list[str]:
        with reading(make.actor(facilitator)) as read:
            page = queries.space_page(read, slug=space.slug)
            return [topic.title for topic in queries.topics(read, page)]

    return titles


@pytest.fixture
def numbered(reading: Reads) -> Callable[[Topic], list[tuple[int, str]]]:
    """The posts of a topic, as they stand in the database."""

    def found(topic: Topic) -> list[tuple[int, str]]:
        with reading() as read:
            posts = read.session.scalars(select(Post).where(Post.topic_id == topic.id).order_by(Post.number))
            return [(post.number, post.body) for post in posts]

    return found


@pytest.fixture
def acts(reading: Reads) -> Callable[[], list[Act]]:
    def found() -> list[Act]:
        with reading() as read:
            return list(read.session.scalars(select(ForumAct.what).order_by(ForumAct.id)))

    return found


class TestAPin:
    def test_puts_a_topic_above_newer_ones_until_it_is_taken_out(
        self,
        forum: MakeForum,
        alma: Person,
        space: Space,
        clock: FixedClock,
        does: Does,
        topics_of: Callable[[Space], list[str]],
    ) -> None:
        old = forum.topic(alma, space, "Old")
        clock.move(timedelta(hours=1))
        forum.topic(alma, space, "New")
        assert topics_of(space) == ["New", "Old"]
        does(services.pin_topic, topic_id=old.id)
        does(services.pin_topic, topic_id=old.id)
        assert topics_of(space) == ["Old", "New"]
        does(services.unpin_topic, topic_id=old.id)
        assert topics_of(space) == ["New", "Old"]

    def test_comes_first_on_the_first_page_alone(
        self, forum: MakeForum, make: Make, reading: Reads, alma: Person, space: Space, clock: FixedClock, does: Does
    ) -> None:
        made = []
        for number in range(5):
            clock.move(timedelta(minutes=5))
            made.append(forum.topic(alma, space, f"Topic {number}"))
        does(services.pin_topic, topic_id=made[1].id)
        with reading(make.actor(alma)) as read:
            page = queries.space_page(read, slug=space.slug)
            pages = [
                [topic.title for topic in queries.topics(read, page, offset=offset, limit=2)[:2]]
                for offset in (0, 2, 4, 6)
            ]
        assert pages == [["Topic 1", "Topic 4"], ["Topic 3", "Topic 2"], ["Topic 0"], []]

    def test_is_refused_when_there_are_too_many(self, forum: MakeForum, alma: Person, space: Space, does: Does) -> None:
        for number in range(5):
            does(services.pin_topic, topic_id=forum.topic(alma, space, f"Topic {number}").id)
        with pytest.raises(Refusal, match="pinned in this space already"):
            does(services.pin_topic, topic_id=forum.topic(alma, space, "One too many").id)


class TestMoving:
    def test_takes_a_topic_to_fewer_readers_and_leaves_no_pin(
        self,
        forum: MakeForum,
        make: Make,
        reading: Reads,
        alma: Person,
        ben: Person,
        space: Space,
        does: Does,
        topics_of: Callable[[Space], list[str]],
    ) -> None:
        topic = forum.topic(alma, space)
        does(services.pin_topic, topic_id=topic.id)
        course = forum.course(alma)
        narrow = forum.space("Ours", course=course)
        does(services.move_topic, topic_id=topic.id, space_id=narrow.id, reason="It is about their course")
        assert topics_of(space) == []
        with reading(make.actor(alma)) as read:
            found = queries.topic_page(read, topic_id=topic.id)
        assert (found.space_slug, found.pinned_at) == (narrow.slug, None)
        with reading(make.actor(ben)) as read, pytest.raises(NotFound):
            queries.topic_page(read, topic_id=topic.id)

    def test_lets_searches_find_it_only_where_it_stands(
        self, forum: MakeForum, alma: Person, space: Space, reading: Reads, does: Does
    ) -> None:
        topic = forum.topic(alma, space, body="An axolotl, of all things.")
        narrow = forum.space("Staff", audience=Audience.FACILITATORS)
        does(services.move_topic, topic_id=topic.id, space_id=narrow.id, reason="Names a colleague")
        with reading() as read:
            words = read.session.scalar(select(Post.words).where(Post.topic_id == topic.id))
        assert words is not None
        assert f"'space={narrow.id}'" in words
        assert f"'space={space.id}'" not in words

    def test_to_more_readers_is_refused_with_the_reason(
        self, forum: MakeForum, alma: Person, space: Space, does: Does, acts: Callable[[], list[Act]]
    ) -> None:
        topic = forum.topic(alma, forum.space("Ours", course=forum.course(alma)))
        with pytest.raises(Refusal, match="did not write for them") as refused:
            does(services.move_topic, topic_id=topic.id, space_id=space.id, reason="Good for all")
        assert refused.value.field == "space_id"
        assert acts() == []

    def test_to_a_closed_space_is_refused(self, forum: MakeForum, alma: Person, space: Space, does: Does) -> None:
        topic, closed = forum.topic(alma, space), forum.space("Closed")
        does(services.close_space, space_id=closed.id, reason="Over")
        with pytest.raises(Refusal, match="closed"):
            does(services.move_topic, topic_id=topic.id, space_id=closed.id, reason="There")

    def test_needs_to_keep_order_in_both_spaces(
        self, forum: MakeForum, make: Make, work: Working, alma: Person, space: Space
    ) -> None:
        course = forum.course(alma)
        topic, narrow = forum.topic(alma, space), forum.space("Ours", course=course)
        of_course = make.account()
        make.grant(of_course, Role.FACILITATOR, event=course)
        for actor in (make.actor(of_course), make.actor(alma), Actor()):
            with pytest.raises(NotFound), work(actor) as unit:
                services.move_topic(unit, topic_id=topic.id, space_id=narrow.id, reason="Mine")

    def test_is_taken_back_until_somebody_writes_there(
        self, forum: MakeForum, alma: Person, space: Space, does: Does, reading: Reads, acts: Callable[[], list[Act]]
    ) -> None:
        narrow = forum.space("Ours", course=forum.course(alma))
        topic, other = forum.topic(alma, space), forum.topic(alma, space, "Other")
        for each in (topic, other):
            does(services.move_topic, topic_id=each.id, space_id=narrow.id, reason="Theirs")
        forum.reply(alma, other, "Between us.")
        with reading() as read:
            first, second = read.session.scalars(select(ForumAct.id).order_by(ForumAct.id))
        does(services.undo, act_id=first)
        with pytest.raises(Refusal, match="taken back already"):
            does(services.undo, act_id=first)
        with pytest.raises(Refusal, match="wrote in this topic since"):
            does(services.undo, act_id=second)
        with reading() as read:
            spaces = {each.id: read.session.get_one(Topic, each.id).space_id for each in (topic, other)}
        assert spaces == {topic.id: space.id, other.id: narrow.id}
        assert acts() == [Act.MOVED, Act.MOVED, Act.MOVED_BACK]

    def test_is_not_taken_back_after_an_edit(
        self, forum: MakeForum, make: Make, work: Working, alma: Person, space: Space, does: Does, reading: Reads
    ) -> None:
        topic = forum.topic(alma, space)
        narrow = forum.space("Ours", course=forum.course(alma))
        does(services.move_topic, topic_id=topic.id, space_id=narrow.id, reason="Theirs")
        with work(make.actor(alma)) as unit:
            services.edit_post(unit, post_id=1, body="Between us: it failed.", revision=0)
        with pytest.raises(Refusal, match="wrote in this topic since"):
            does(services.undo, act_id=1)


class TestNoWider:
    """The rule against the condition that lets people in, whoever they are."""

    @pytest.fixture
    def spaces(self, forum: MakeForum, make: Make) -> list[Space]:
        course = forum.course()
        self.people = _everybody(forum, make, course)
        elsewhere = make.programme("elsewhere")
        return [
            forum.space("Alumni"),
            forum.space("Alumni too"),
            forum.space("Members", audience=Audience.MEMBERS),
            forum.space("Facilitators", audience=Audience.FACILITATORS),
            forum.space("Course", course=course),
            forum.space("Another course", course=forum.course()),
            forum.space("Elsewhere", programme=elsewhere),
            forum.space("Members elsewhere", programme=elsewhere, audience=Audience.MEMBERS),
        ]

    def test_never_lets_anybody_read_who_did_not(self, spaces: list[Space], make: Make, reading: Reads) -> None:
        readers: dict[int, set[int]] = {space.id: set() for space in spaces}
        for person in self.people:
            with reading(make.actor(person)) as read:
                for space_id in read.session.scalars(queries.spaces_entered(), queries.who(read)):
                    readers[space_id].add(person.id)
        allowed = {(one.name, other.name) for one, other in product(spaces, spaces) if is_no_wider(one, other)}
        by_name = {space.name: readers[space.id] for space in spaces}
        assert [pair for pair in sorted(allowed) if not by_name[pair[1]] <= by_name[pair[0]]] == []
        assert all(by_name.values())
        assert ("Alumni", "Course") in allowed
        assert ("Members", "Alumni") in allowed
        assert ("Alumni", "Members") not in allowed
        assert ("Course", "Facilitators") not in allowed
        assert ("Alumni", "Elsewhere") not in allowed


def _everybody(forum: MakeForum, make: Make, course: Event) -> list[Person]:
    """Somebody of each sort that gets in anywhere."""
    elsewhere = make.programme("elsewhere")
    alumna, other, of_elsewhere = forum.alumna("Of another"), make.account("Of the course"), make.account("Elsewhere")
    forum.join(other, course)
    forum.course(of_elsewhere, programme=elsewhere)
    member = make.account("Member", organisation=make.organisation("Brent Council", membership=Membership.FULL))
    granted = [make.account(f"Facilitator {number}") for number in range(4)]
    make.grant(granted[0], Role.FACILITATOR, programme=make.programme())
    make.grant(granted[1], Role.FACILITATOR, event=course)
    make.grant(granted[2], Role.FACILITATOR, event=forum.course())
    make.grant(granted[3], Role.FACILITATOR, programme=elsewhere)
    return [alumna, other, of_elsewhere, member, *granted]


class TestMerging:
    @pytest.fixture
    def pair(self, forum: MakeForum, alma: Person, ben: Person, space: Space, clock: FixedClock) -> tuple[Topic, Topic]:
        """A topic of two posts that goes into one of two posts."""
        gone = forum.topic(alma, space, "Gone", "First of the other.")
        kept = forum.topic(ben, space, "Kept", "First.")
        clock.move(timedelta(hours=1))
        forum.reply(ben, gone, "Second of the other.")
        forum.reply(alma, kept, "Second.")
        return gone, kept

    def test_appends_the_posts_and_leaves_numbers_that_stand(
        self,
        pair: tuple[Topic, Topic],
        space: Space,
        does: Does,
        reading: Reads,
        make: Make,
        ben: Person,
        numbered: Callable[[Topic], list[tuple[int, str]]],
        topics_of: Callable[[Space], list[str]],
    ) -> None:
        gone, kept = pair
        does(services.merge_topics, topic_id=gone.id, into_id=kept.id, reason="The same question")
        assert numbered(kept) == [
            (1, "First."),
            (2, "Second."),
            (3, "First of the other."),
            (4, "Second of the other."),
        ]
        assert topics_of(space) == ["Kept"]
        with reading(make.actor(ben)) as read:
            found = queries.topic_page(read, topic_id=gone.id)
        assert (found.id, found.posts) == (kept.id, 4)
        assert found.merged == [["Gone", 3]]

    def test_lets_those_who_listened_go_along(
        self, pair: tuple[Topic, Topic], forum: MakeForum, make: Make, work: Working, does: Does, reading: Reads
    ) -> None:
        gone, kept = pair
        muting = forum.alumna("Mute")
        with work(make.actor(muting)) as unit:
            services.follow_topic(unit, topic_id=gone.id, level=FollowLevel.MUTE)
        does(services.merge_topics, topic_id=gone.id, into_id=kept.id, reason="The same question")
        with reading() as read:
            level = select(Follow.level).where(Follow.topic_id == kept.id, Follow.person_id == muting.id)
            assert read.session.scalar(level) is FollowLevel.MUTE

    def test_lets_an_answer_to_the_old_address_arrive(
        self,
        pair: tuple[Topic, Topic],
        forum: MakeForum,
        alma: Person,
        does: Does,
        numbered: Callable[[Topic], list[tuple[int, str]]],
    ) -> None:
        gone, kept = pair
        does(services.merge_topics, topic_id=gone.id, into_id=kept.id, reason="The same question")
        forum.reply(alma, gone, "Late.")
        assert numbered(kept)[-1] == (5, "Late.")

    def test_is_taken_back_with_all_that_it_changed(
        self,
        pair: tuple[Topic, Topic],
        space: Space,
        does: Does,
        reading: Reads,
        numbered: Callable[[Topic], list[tuple[int, str]]],
        topics_of: Callable[[Space], list[str]],
        acts: Callable[[], list[Act]],
    ) -> None:
        gone, kept = pair
        before = numbered(gone), numbered(kept)
        does(services.merge_topics, topic_id=gone.id, into_id=kept.id, reason="The same question")
        does(services.undo, act_id=1)
        assert (numbered(gone), numbered(kept)) == before
        assert sorted(topics_of(space)) == ["Gone", "Kept"]
        with reading() as read:
            both = [read.session.get_one(Topic, each.id) for each in (gone, kept)]
            assert [(each.posts, each.merged_into, each.hidden_at) for each in both] == [(2, None, None)] * 2
        assert acts() == [Act.MERGED, Act.PARTED]

    def test_is_not_taken_back_once_somebody_wrote_there(
        self, pair: tuple[Topic, Topic], forum: MakeForum, alma: Person, does: Does
    ) -> None:
        gone, kept = pair
        does(services.merge_topics, topic_id=gone.id, into_id=kept.id, reason="The same question")
        forum.reply(alma, kept, "Third.")
        with pytest.raises(Refusal, match="cannot be parted"):
            does(services.undo, act_id=1)

    def test_goes_on_from_topic_to_topic(
        self,
        pair: tuple[Topic, Topic],
        forum: MakeForum,
        make: Make,
        alma: Person,
        space: Space,
        does: Does,
        reading: Reads,
    ) -> None:
        gone, kept = pair
        third = forum.topic(alma, space, "Third")
        does(services.merge_topics, topic_id=gone.id, into_id=kept.id, reason="The same")
        does(services.merge_topics, topic_id=kept.id, into_id=third.id, reason="The same")
        with reading(make.actor(alma)) as read:
            assert queries.topic_page(read, topic_id=gone.id).id == third.id
        with pytest.raises(Refusal, match="cannot be parted"):
            does(services.undo, act_id=1)
        does(services.undo, act_id=2)
        does(services.undo, act_id=1)
        with reading(make.actor(alma)) as read:
            assert queries.topic_page(read, topic_id=gone.id).posts == 2

    def test_with_itself_or_across_spaces_or_with_what_is_hidden_is_refused(
        self, pair: tuple[Topic, Topic], forum: MakeForum, alma: Person, does: Does
    ) -> None:
        gone, kept = pair
        elsewhere = forum.topic(alma, forum.space("Elsewhere"))
        merge = partial(does, services.merge_topics, reason="The same")
        for into_id, words in ((gone.id, "another topic"), (elsewhere.id, "same space"), (10**6, "no such topic")):
            with pytest.raises(Refusal, match=words):
                merge(topic_id=gone.id, into_id=into_id)
        forum.lock_topic(kept)
        with pytest.raises(Refusal, match="locked"):
            merge(topic_id=gone.id, into_id=kept.id)
        forum.hide_topic(gone)
        with pytest.raises(Refusal, match="hidden topic"):
            merge(topic_id=gone.id, into_id=kept.id)

    def test_is_not_for_members(self, pair: tuple[Topic, Topic], make: Make, work: Working, alma: Person) -> None:
        gone, kept = pair
        with pytest.raises(NotFound), work(make.actor(alma)) as unit:
            services.merge_topics(unit, topic_id=gone.id, into_id=kept.id, reason="Mine")

    def test_cannot_be_taken_back_by_members_nor_twice_nor_when_it_is_something_else(
        self, pair: tuple[Topic, Topic], make: Make, work: Working, alma: Person, does: Does
    ) -> None:
        gone, kept = pair
        does(services.lock_topic, topic_id=gone.id)
        does(services.merge_topics, topic_id=gone.id, into_id=kept.id, reason="The same")
        for act_id in (1, 999):
            with pytest.raises(NotFound):
                does(services.undo, act_id=act_id)
        with pytest.raises(NotFound), work(make.actor(alma)) as unit:
            services.undo(unit, act_id=2)


class TestAClosedSpace:
    def test_can_be_read_and_takes_nothing_more_until_it_is_opened(
        self, forum: MakeForum, make: Make, work: Working, alma: Person, ben: Person, space: Space, does: Does
    ) -> None:
        topic = forum.topic(alma, space)
        does(services.close_space, space_id=space.id, reason="The programme is over")
        tries: list[Callable[[], Any]] = [
            partial(forum.topic, alma, space, "New"),
            partial(forum.reply, ben, topic),
        ]
        for write in tries:
            with pytest.raises(Refusal, match="space is closed"):
                write()
        with pytest.raises(Refusal, match="space is closed"), work(make.actor(alma)) as unit:
            services.edit_post(unit, post_id=1, body="Other words.", revision=0)
        does(services.reopen_space, space_id=space.id)
        assert forum.reply(ben, topic).number == 2

    def test_is_closed_and_opened_by_those_who_keep_order(
        self, make: Make, work: Working, alma: Person, space: Space
    ) -> None:
        for command in (partial(services.close_space, reason="Mine"), services.reopen_space):
            with pytest.raises(NotFound), work(make.actor(alma)) as unit:
                command(unit, space_id=space.id)


class TestTheLog:
    def test_tells_all_of_it_with_who_when_and_why(
        self,
        forum: MakeForum,
        make: Make,
        reading: Reads,
        alma: Person,
        facilitator: Person,
        space: Space,
        does: Does,
        clock: FixedClock,
    ) -> None:
        topic, other = forum.topic(alma, space, "One"), forum.topic(alma, space, "Two")
        narrow = forum.space("Ours", course=forum.course(alma))
        does(services.hide_topic, topic_id=topic.id, reason="A name")
        does(services.unhide_topic, topic_id=topic.id)
        does(services.lock_topic, topic_id=topic.id)
        does(services.lock_topic, topic_id=topic.id)
        does(services.unlock_topic, topic_id=topic.id)
        does(services.merge_topics, topic_id=topic.id, into_id=other.id, reason="The same")
        clock.move(timedelta(minutes=1))
        does(services.move_topic, topic_id=other.id, space_id=narrow.id, reason="Theirs")
        does(services.close_space, space_id=space.id, reason="Over")
        with reading(make.actor(facilitator)) as read:
            rows = queries.log(read)
        assert [(row.what, row.topic, row.other, row.why) for row in rows] == [
            ("space closed", None, None, "Over"),
            ("topic moved", "Two", "Project updates", "Theirs"),
            ("topics merged", "One", "Two", "The same"),
            ("topic unlocked", "One", None, ""),
            ("topic locked", "One", None, ""),
            ("topic shown", "One", None, ""),
            ("topic hidden", "One", None, "A name"),
        ]
        assert {row.by for row in rows} == {"Femi Facilitator"}
        assert rows[0].at > rows[-1].at
        assert [row.what for row in rows if row.act_id] == ["topic moved", "topics merged"]
