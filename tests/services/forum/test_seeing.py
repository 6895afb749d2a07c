"""What is new to whom, in a space and in all, and saying that one has seen it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from cop.core.access import Actor
from cop.core.errors import NotFound
from cop.models.accounts import Person
from cop.models.forum import Space, SpaceSeen, Topic
from cop.models.service import Observation
from cop.queries import forum as queries
from cop.services import forum as services
from tests.support.clock import START, FixedClock
from tests.support.forum import MakeForum
from tests.support.make import Make, Reads, Working

MINUTE = timedelta(minutes=1)


@pytest.fixture
def news(reading: Reads, make: Make, ben: Person) -> Callable[[], dict[str, int]]:
    """How many topics of each space have something new for Ben."""

    def counted() -> dict[str, int]:
        with reading(make.actor(ben)) as read:
            return {space.name: space.unread for space in queries.spaces(read)}

    return counted


@pytest.fixture
def seen(work: Working, make: Make, ben: Person, clock: FixedClock) -> Callable[..., None]:
    def mark(space: Space | None = None) -> None:
        with work(make.actor(ben)) as unit:
            services.mark_seen(unit, until=clock.now(), space_id=space.id if space else None)

    return mark


def unread(reading: Reads, make: Make, person: Person, space: Space) -> dict[str, int]:
    with reading(make.actor(person)) as read:
        page = queries.space_page(read, slug=space.slug)
        return {topic.title: topic.unread for topic in queries.topics(read, page)}


class TestSeen:
    def test_leaves_nothing_new_in_one_space_and_others_alone(
        self,
        forum: MakeForum,
        make: Make,
        reading: Reads,
        alma: Person,
        ben: Person,
        space: Space,
        news: Callable[[], dict[str, int]],
        seen: Callable[..., None],
    ) -> None:
        other = forum.space("Other")
        for each in (space, space, other):
            forum.topic(alma, each, f"In {each.name} {len(news())}", f"Words {sum(news().values())}")
        assert news() == {"Project updates": 2, "Other": 1}
        seen(space)
        assert news() == {"Project updates": 0, "Other": 1}
        assert set(unread(reading, make, ben, space).values()) == {0}
        seen()
        assert news() == {"Project updates": 0, "Other": 0}

    def test_counts_only_what_is_written_after_it(
        self,
        forum: MakeForum,
        make: Make,
        reading: Reads,
        alma: Person,
        ben: Person,
        space: Space,
        clock: FixedClock,
        news: Callable[[], dict[str, int]],
        seen: Callable[..., None],
    ) -> None:
        topic = forum.topic(alma, space)
        forum.posts(alma, topic, 2)
        seen(space)
        clock.move(MINUTE)
        forum.reply(alma, topic, "Later.")
        assert news() == {"Project updates": 1}
        assert unread(reading, make, ben, space) == {"What works in Brent": 1}
        with reading(make.actor(ben)) as read:
            assert queries.topic_page(read, topic_id=topic.id).known == 3

    def test_is_as_of_the_page_and_never_goes_back_or_ahead(
        self,
        forum: MakeForum,
        make: Make,
        work: Working,
        reading: Reads,
        alma: Person,
        ben: Person,
        space: Space,
        clock: FixedClock,
        news: Callable[[], dict[str, int]],
    ) -> None:
        clock.move(MINUTE)
        forum.topic(alma, space)
        for until, expected in (
            (START, START),
            (START + timedelta(days=9), START + MINUTE),
            (START, START + MINUTE),
        ):
            with work(make.actor(ben)) as unit:
                services.mark_seen(unit, until=until, space_id=space.id)
            with reading() as read:
                assert read.session.scalars(select(SpaceSeen.until)).all() == [expected]
        assert news() == {"Project updates": 0}

    def test_is_each_person_s_own(
        self, forum: MakeForum, make: Make, reading: Reads, alma: Person, space: Space, seen: Callable[..., None]
    ) -> None:
        reader = forum.alumna("Rae")
        forum.topic(alma, space)
        seen()
        assert unread(reading, make, reader, space) == {"What works in Brent": 1}

    def test_is_of_spaces_that_one_enters(
        self, forum: MakeForum, make: Make, work: Working, reading: Reads, alma: Person, ben: Person, space: Space
    ) -> None:
        closed_to_ben = forum.space("Ours", course=forum.course(alma))
        for actor in (make.actor(ben), Actor()):
            with pytest.raises(NotFound), work(actor) as unit:
                services.mark_seen(unit, until=START, space_id=closed_to_ben.id)
        with work(make.actor(ben)) as unit:
            services.mark_seen(unit, until=START)
        with reading() as read:
            assert read.session.scalars(select(SpaceSeen.space_id)).all() == [space.id]

    def test_counts_no_topic_that_was_read_or_merged_away(
        self,
        forum: MakeForum,
        make: Make,
        work: Working,
        reading: Reads,
        alma: Person,
        ben: Person,
        facilitator: Person,
        space: Space,
        news: Callable[[], dict[str, int]],
    ) -> None:
        read_one, gone, kept = (forum.topic(alma, space, title) for title in ("Read", "Gone", "Kept"))
        _was_read(work, ben, read_one)
        with work(make.actor(facilitator)) as unit:
            services.merge_topics(unit, topic_id=gone.id, into_id=kept.id, reason="The same")
        assert news() == {"Project updates": 1}
        assert unread(reading, make, ben, space) == {"Read": 0, "Kept": 2}


def _was_read(work: Working, person: Person, topic: Topic) -> None:
    with work() as unit:
        looked = {"subject_kind": "topic", "subject_id": topic.id, "person_id": person.id}
        unit.session.add(Observation(kind=queries.READ, value=topic.posts, at=unit.now, **looked))
