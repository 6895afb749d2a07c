"""Posts that name people: only those who take part and may read them, and not many."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from cop.core.errors import Refusal
from cop.models.accounts import Person
from cop.models.forum import Mention, Space, Topic
from cop.services import forum as services
from cop.services.forum import mentioning
from tests.support.forum import MakeForum
from tests.support.make import Make, Reads, Working

Named = Callable[[], list[int]]


@pytest.fixture
def named(reading: Reads) -> Named:
    """Whom posts name, in the order of the posts."""

    def found() -> list[int]:
        with reading() as read:
            return list(read.session.scalars(select(Mention.person_id).order_by(Mention.post_id, Mention.person_id)))

    return found


@pytest.fixture
def topic(forum: MakeForum, alma: Person, ben: Person, space: Space) -> Topic:
    """One in which both have written."""
    begun = forum.topic(alma, space)
    forum.reply(ben, begun)
    return begun


class TestAMention:
    @pytest.mark.parametrize(
        "body",
        [
            "@Ben Birkett",
            "What do you say, @Ben Birkett?",
            "(@Ben Birkett)",
            "**@Ben Birkett** did it",
            "@Ben  Birkett and his team",
            "> quoted\n\n@Ben Birkett: yes",
        ],
    )
    def test_is_an_at_before_the_name_of_who_takes_part(
        self, forum: MakeForum, alma: Person, ben: Person, topic: Topic, named: Named, body: str
    ) -> None:
        forum.reply(alma, topic, body)
        assert named() == [ben.id]

    @pytest.mark.parametrize(
        "body",
        [
            "Ben Birkett",
            "@ Ben Birkett",
            "mail ben@Ben Birkett",
            "@@Ben Birkett",
            "@Ben",
            "@Ben\nBirkett",
            "@Birkett",
            "@Alma Ashdown",
            "@Nobody Known",
            "@" + "x" * 9_000,
            "@a " * 3_000,
        ],
    )
    def test_is_nothing_else_and_never_oneself(
        self, forum: MakeForum, alma: Person, topic: Topic, named: Named, body: str
    ) -> None:
        forum.reply(alma, topic, body)
        assert named() == []

    def test_reaches_nobody_who_does_not_write_there_or_may_not_read_it(
        self, forum: MakeForum, make: Make, alma: Person, ben: Person, space: Space, named: Named
    ) -> None:
        course = forum.course(alma)
        closed = forum.space("Of the course", course=course)
        forum.topic(ben, space)
        begun = forum.topic(alma, closed, "For us", "@Ben Birkett, have you heard?")
        forum.alumna("Cleo Quiet")
        forum.reply(alma, begun, "And @Cleo Quiet?")
        forum.topic(alma, space, "For all", "@Cleo Quiet, have you heard?")
        assert named() == []

    def test_is_none_where_two_share_the_name(self, forum: MakeForum, alma: Person, topic: Topic, named: Named) -> None:
        forum.reply(forum.alumna("Ben Birkett", email="another@council.example"), topic, "Me too.")
        forum.reply(alma, topic, "@Ben Birkett")
        assert named() == []

    def test_follows_the_words_when_they_are_changed(
        self, forum: MakeForum, work: Working, make: Make, alma: Person, ben: Person, topic: Topic, named: Named
    ) -> None:
        cleo = forum.alumna("Cleo Cole")
        forum.reply(cleo, topic, "Me too.")
        post = forum.reply(alma, topic, "@Ben Birkett")
        with work(make.actor(alma)) as unit:
            services.edit_post(unit, post_id=post.id, body="@Cleo Cole", revision=0)
        assert named() == [cleo.id]


class TestTooMany:
    @pytest.fixture
    def crowd(self, forum: MakeForum, topic: Topic) -> list[str]:
        names = [f"Person {letter}" for letter in "ABC"]
        for name in names:
            forum.reply(forum.alumna(name), topic, "Here.")
        return names

    def test_in_one_post_are_refused(
        self, forum: MakeForum, alma: Person, topic: Topic, crowd: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(mentioning, "MOST_IN_A_POST", 2)
        forum.reply(alma, topic, " ".join(f"@{name}" for name in crowd[:2]))
        with pytest.raises(Refusal) as refused:
            forum.reply(alma, topic, " ".join(f"@{name}" for name in crowd))
        assert refused.value.field == "body"

    def test_in_one_day_are_refused_all_posts_together(
        self,
        forum: MakeForum,
        alma: Person,
        ben: Person,
        topic: Topic,
        crowd: list[str],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(mentioning, "MOST_A_DAY", 2)
        for name in crowd[:2]:
            forum.reply(alma, topic, f"@{name}")
        with pytest.raises(Refusal, match="today"):
            forum.reply(alma, topic, f"@{crowd[2]}")
        forum.reply(ben, topic, f"@{crowd[2]}")

    def test_that_nobody_bears_do_no_harm(self, forum: MakeForum, alma: Person, topic: Topic) -> None:
        assert forum.reply(alma, topic, " ".join(f"@Nobody {number}" for number in range(500))).number == 3
