"""Who hears of what by e-mail, and how it ends."""

from collections.abc import Callable, Sequence

import pytest
from sqlalchemy import delete, select, update

from cop.core import secrecy
from cop.core.access import VISITOR
from cop.core.errors import NotFound
from cop.models.accounts import Person
from cop.models.forum import Follow, FollowLevel, Space, Topic
from cop.models.outbox import Bounce, MailTopic, Outbox, OutboxClass, OutboxState
from cop.services import forum as services
from cop.services import preferences
from tests.support.forum import MakeForum
from tests.support.make import Make, Reads, Working

Posted = Callable[..., Sequence[Outbox]]
Told = Callable[[], list[str]]


@pytest.fixture
def told(outbox: Posted, reading: Reads) -> Told:
    """``told()`` are the first names of those who were promised a letter, in order."""

    def names() -> list[str]:
        with reading() as read:
            return [read.session.get_one(Person, row.person_id).name.split()[0] for row in outbox("forum_news")]

    return names


@pytest.fixture
def topic(forum: MakeForum, alma: Person, space: Space) -> Topic:
    return forum.topic(alma, space)


def listen(work: Working, make: Make, person: Person, level: FollowLevel, *, to: Topic | Space) -> None:
    with work(make.actor(person)) as unit:
        if isinstance(to, Topic):
            services.follow_topic(unit, topic_id=to.id, level=level)
        else:
            services.follow_space(unit, space_id=to.id, level=level)


def test_whoever_wrote_hears_of_replies_by_others(
    forum: MakeForum, alma: Person, ben: Person, facilitator: Person, topic: Topic, told: Told, outbox: Posted
) -> None:
    assert told() == []
    forum.reply(ben, topic)
    assert told() == ["Alma"]
    forum.reply(facilitator, topic, "Well said.")
    assert told() == ["Alma", "Ben"]  # the letter that waits for Alma tells her of both
    assert {row.urgency for row in outbox()} == {OutboxClass.ROUTINE}
    assert {key for row in outbox() for key in row.params} == {"since"}


def test_a_letter_that_is_on_its_way_is_followed_by_another(
    forum: MakeForum, work: Working, ben: Person, topic: Topic, told: Told
) -> None:
    forum.reply(ben, topic)
    for state in (OutboxState.LEASED, OutboxState.SENT, OutboxState.DEAD):
        with work() as unit:
            unit.session.execute(update(Outbox).values(state=state))
        before = len(told())
        forum.reply(ben, topic, f"More, when it was {state}")
        assert len(told()) == before + 1


def test_who_turned_the_forum_off_or_gets_no_mail_is_promised_nothing(
    forum: MakeForum, make: Make, work: Working, alma: Person, ben: Person, topic: Topic, outbox: Posted
) -> None:
    with work(make.actor(alma)) as unit:
        preferences.choose(unit, wanted=[MailTopic.SURVEYS])
    forum.reply(ben, topic)
    assert outbox() == []
    with work(make.actor(alma)) as unit:
        preferences.choose(unit, wanted=[MailTopic.FORUM])
    with work() as unit:
        unit.session.add(Bounce(address=alma.email, hard=True, report_id="1", at=unit.now))
    forum.reply(ben, topic, "More.")
    assert outbox() == []


def test_a_second_press_sends_no_second_mail(forum: MakeForum, ben: Person, topic: Topic, told: Told) -> None:
    forum.reply(ben, topic)
    forum.reply(ben, topic)
    assert told() == ["Alma"]


def test_readers_may_follow_and_stop(
    forum: MakeForum,
    make: Make,
    work: Working,
    alma: Person,
    ben: Person,
    facilitator: Person,
    topic: Topic,
    told: Told,
) -> None:
    listen(work, make, facilitator, FollowLevel.FOLLOW, to=topic)
    forum.reply(ben, topic)
    assert told() == ["Alma", "Femi"]
    listen(work, make, facilitator, FollowLevel.MUTE, to=topic)
    with work() as unit:
        unit.session.execute(delete(Outbox))
    forum.reply(ben, topic, "More.")
    assert told() == ["Alma"]


def test_who_muted_a_topic_may_write_in_it_in_peace(
    forum: MakeForum, make: Make, work: Working, alma: Person, ben: Person, topic: Topic, told: Told
) -> None:
    listen(work, make, ben, FollowLevel.MUTE, to=topic)
    forum.reply(ben, topic)
    forum.reply(alma, topic, "Thank you, Ben.")
    assert told() == ["Alma"]


def test_who_follows_a_space_hears_of_topics_and_not_of_replies(
    forum: MakeForum,
    make: Make,
    work: Working,
    alma: Person,
    ben: Person,
    facilitator: Person,
    space: Space,
    told: Told,
) -> None:
    for person in (facilitator, alma):
        listen(work, make, person, FollowLevel.FOLLOW, to=space)
    topic = forum.topic(alma, space)
    assert told() == ["Femi"]
    forum.reply(ben, topic)
    assert told() == ["Femi", "Alma"]
    listen(work, make, facilitator, FollowLevel.MUTE, to=space)
    with work() as unit:
        unit.session.execute(delete(Outbox))
    forum.topic(ben, space, "Another")
    assert told() == ["Alma"]


def test_who_has_no_address_is_no_work_for_staff(
    forum: MakeForum, make: Make, work: Working, alma: Person, ben: Person, topic: Topic, outbox: Posted
) -> None:
    with work() as unit:
        unit.session.get_one(Person, alma.id).email = None
    forum.reply(ben, topic)
    assert outbox() == []


def test_nobody_follows_what_they_may_not_read(make: Make, work: Working, topic: Topic, space: Space) -> None:
    stranger = make.account()
    for thing in (topic, space):
        with pytest.raises(NotFound):
            listen(work, make, stranger, FollowLevel.FOLLOW, to=thing)
    with pytest.raises(NotFound), work() as unit:
        services.follow_space(unit, space_id=space.id, level=FollowLevel.FOLLOW)


class TestTheLinkInAMail:
    def test_ends_one_subscription_however_often_it_is_used(
        self, forum: MakeForum, work: Working, reading: Reads, alma: Person, ben: Person, topic: Topic, told: Told
    ) -> None:
        other = forum.topic(alma, forum.space("Elsewhere"))
        token = forum.unsubscribe_token(alma, topic)
        for _ in range(2):
            with work(VISITOR) as unit:
                services.follow_by_link(unit, token=token, level=FollowLevel.MUTE)
        with reading() as read:
            levels = dict(read.session.execute(select(Follow.topic_id, Follow.level)).all())
        assert levels == {topic.id: FollowLevel.MUTE, other.id: FollowLevel.FOLLOW}
        forum.reply(alma, topic, "I write here without wanting mail.")
        forum.reply(ben, topic)
        assert told() == []

    @pytest.mark.parametrize("purpose", ["booking", "sign-in"])
    def test_of_another_sort_ends_nothing(self, reading: Reads, work: Working, topic: Topic, purpose: str) -> None:
        with reading() as read:
            word = read.session.scalars(select(Follow.public_id)).one()
        for token in (secrecy.sign(purpose, word), secrecy.sign("unfollow", "nobody"), "forged", ""):
            with pytest.raises(NotFound), work(VISITOR) as unit:
                services.follow_by_link(unit, token=token, level=FollowLevel.MUTE)
