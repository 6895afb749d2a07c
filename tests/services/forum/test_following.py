"""Who hears of what by e-mail, how often, and how it ends."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, select

from cop.core import secrecy
from cop.core.access import VISITOR
from cop.core.errors import NotFound
from cop.models.accounts import Person
from cop.models.forum import Follow, FollowLevel, Mention, Post, Space, Topic
from cop.models.forum_mail import ForumMail, Pace
from cop.models.outbox import Bounce, MailTopic, Outbox, OutboxClass
from cop.queries import forum as queries
from cop.services import forum as services
from cop.services import preferences
from cop.services.forum.following import tell_of_reply
from tests.support.clock import FixedClock
from tests.support.forum import MakeForum
from tests.support.make import Make, Reads, Working
from tests.support.queries import count_queries

Posted = Callable[..., Sequence[Outbox]]
Told = Callable[..., list[str]]


@pytest.fixture
def told(outbox: Posted, reading: Reads) -> Told:
    """``told()`` are the first names of those who were promised a letter at once, in the order of the alphabet."""

    def names(template: str = "forum_post") -> list[str]:
        with reading() as read:
            people = [read.session.get_one(Person, row.person_id) for row in outbox(template)]
        return sorted(person.name.split()[0] for person in people)

    return names


@pytest.fixture(autouse=True)
def everybody_hears_at_once(forum: MakeForum, alma: Person, ben: Person, facilitator: Person) -> None:
    forum.hears(alma, ben, facilitator)


@pytest.fixture
def topic(forum: MakeForum, alma: Person, space: Space, everybody_hears_at_once: None) -> Topic:
    return forum.topic(alma, space)


def listen(work: Working, make: Make, person: Person, level: FollowLevel, *, to: Topic | Space) -> None:
    with work(make.actor(person)) as unit:
        if isinstance(to, Topic):
            services.follow_topic(unit, topic_id=to.id, level=level)
        else:
            services.follow_space(unit, space_id=to.id, level=level)


def mention(work: Working, post: Post, *people: Person) -> None:
    with work() as unit:
        unit.session.add_all(Mention(post_id=post.id, person_id=person.id) for person in people)
        tell_of_reply(unit, unit.session.get_one(Post, post.id))


def forget_letters(work: Working) -> None:
    with work() as unit:
        unit.session.execute(delete(Outbox))


class TestALetterForEachPost:
    def test_goes_to_whoever_wrote_but_its_author(
        self, forum: MakeForum, ben: Person, facilitator: Person, topic: Topic, told: Told, outbox: Posted
    ) -> None:
        assert told() == []
        post = forum.reply(ben, topic)
        assert told() == ["Alma"]
        forum.reply(facilitator, topic, "Well said.")
        assert told() == ["Alma", "Alma", "Ben"]
        assert {row.urgency for row in outbox()} == {OutboxClass.TIMELY}
        assert outbox()[0].params == {"post_id": post.id, "why": "topic"}

    def test_goes_to_nobody_who_did_not_choose_it(
        self, forum: MakeForum, alma: Person, ben: Person, topic: Topic, outbox: Posted
    ) -> None:
        for number, pace in enumerate((Pace.DAILY, Pace.WEEKLY, Pace.NEVER)):
            forum.hears(alma, pace=pace)
            forum.reply(ben, topic, f"Number {number}")
        assert outbox() == []

    def test_goes_to_nobody_who_was_never_asked(
        self, forum: MakeForum, work: Working, ben: Person, topic: Topic, outbox: Posted
    ) -> None:
        with work() as unit:
            unit.session.execute(delete(ForumMail))
        forum.reply(ben, topic)
        assert outbox() == []

    def test_goes_to_nobody_who_turned_the_forum_off_or_gets_no_mail(
        self, forum: MakeForum, make: Make, work: Working, alma: Person, ben: Person, topic: Topic, outbox: Posted
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

    def test_is_no_work_for_staff_where_there_is_no_address(
        self, forum: MakeForum, work: Working, alma: Person, ben: Person, topic: Topic, outbox: Posted
    ) -> None:
        with work() as unit:
            unit.session.get_one(Person, alma.id).email = None
        forum.reply(ben, topic)
        assert outbox() == []

    def test_is_one_for_two_presses(self, forum: MakeForum, ben: Person, topic: Topic, told: Told) -> None:
        forum.reply(ben, topic)
        forum.reply(ben, topic)
        assert told() == ["Alma"]

    def test_goes_to_readers_who_follow_until_they_stop(
        self, forum: MakeForum, make: Make, work: Working, ben: Person, facilitator: Person, topic: Topic, told: Told
    ) -> None:
        listen(work, make, facilitator, FollowLevel.FOLLOW, to=topic)
        forum.reply(ben, topic)
        assert told() == ["Alma", "Femi"]
        listen(work, make, facilitator, FollowLevel.MUTE, to=topic)
        forget_letters(work)
        forum.reply(ben, topic, "More.")
        assert told() == ["Alma"]

    def test_leaves_those_in_peace_who_muted_the_topic_and_write_in_it(
        self, forum: MakeForum, make: Make, work: Working, alma: Person, ben: Person, topic: Topic, told: Told
    ) -> None:
        listen(work, make, ben, FollowLevel.MUTE, to=topic)
        forum.reply(ben, topic)
        forum.reply(alma, topic, "Thank you, Ben.")
        assert told() == ["Alma"]

    def test_leaves_those_in_peace_who_muted_the_space_whatever_they_write_there(
        self,
        forum: MakeForum,
        make: Make,
        work: Working,
        alma: Person,
        ben: Person,
        space: Space,
        topic: Topic,
        told: Told,
    ) -> None:
        listen(work, make, alma, FollowLevel.MUTE, to=space)
        post = forum.reply(ben, topic)
        mention(work, post, alma)
        assert told() == []


class TestWhoFollowsASpace:
    def test_hears_of_topics_and_not_of_replies(
        self,
        forum: MakeForum,
        make: Make,
        work: Working,
        alma: Person,
        ben: Person,
        facilitator: Person,
        space: Space,
        told: Told,
        outbox: Posted,
    ) -> None:
        for person in (facilitator, alma):
            listen(work, make, person, FollowLevel.FOLLOW, to=space)
        topic = forum.topic(alma, space)
        assert told() == ["Femi"]
        assert outbox()[0].params["why"] == "space"
        forum.reply(ben, topic)
        assert told() == ["Alma", "Femi"]
        listen(work, make, facilitator, FollowLevel.MUTE, to=space)
        forget_letters(work)
        forum.topic(ben, space, "Another")
        assert told() == ["Alma"]


class TestAMention:
    @pytest.mark.parametrize("pace", [Pace.EACH, Pace.DAILY, Pace.WEEKLY])
    def test_is_told_at_once_to_whoever_wants_mail(
        self,
        forum: MakeForum,
        work: Working,
        ben: Person,
        facilitator: Person,
        topic: Topic,
        told: Told,
        outbox: Posted,
        pace: Pace,
    ) -> None:
        forum.hears(facilitator, pace=pace)
        mention(work, forum.reply(ben, topic), facilitator)
        assert told() == ["Alma", "Femi"]
        assert sorted(row.params["why"] for row in outbox()) == ["mention", "topic"]

    def test_is_told_once_to_whoever_follows_too(
        self, forum: MakeForum, work: Working, alma: Person, ben: Person, topic: Topic, told: Told
    ) -> None:
        mention(work, forum.reply(ben, topic), alma)
        assert told() == ["Alma"]

    def test_in_a_post_that_was_changed_is_told_to_them_alone(
        self,
        forum: MakeForum,
        make: Make,
        work: Working,
        ben: Person,
        facilitator: Person,
        topic: Topic,
        told: Told,
    ) -> None:
        post = forum.reply(ben, topic)
        forget_letters(work)
        with work(make.actor(ben)) as unit:
            services.edit_post(unit, post_id=post.id, body="Changed.", revision=0)
        mention(work, post, facilitator)
        assert told() == ["Femi"]

    def test_is_not_told_to_whoever_wants_no_mail(
        self, forum: MakeForum, work: Working, ben: Person, facilitator: Person, topic: Topic, told: Told
    ) -> None:
        forum.hears(facilitator, pace=Pace.NEVER)
        mention(work, forum.reply(ben, topic), facilitator, ben)
        assert told() == ["Alma"]


def test_nobody_follows_what_they_may_not_read(make: Make, work: Working, topic: Topic, space: Space) -> None:
    stranger = make.account()
    for thing in (topic, space):
        with pytest.raises(NotFound):
            listen(work, make, stranger, FollowLevel.FOLLOW, to=thing)
    with pytest.raises(NotFound), work() as unit:
        services.follow_space(unit, space_id=space.id, level=FollowLevel.FOLLOW)


class TestThePace:
    def chosen(self, reading: Reads, make: Make, person: Person) -> Pace | None:
        with reading(make.actor(person)) as read:
            return queries.pace(read)

    def test_is_asked_once(self, make: Make, work: Working, reading: Reads, forum: MakeForum) -> None:
        carol = make.account("Carol")
        assert self.chosen(reading, make, carol) is None
        for first in (True, False):
            with work(make.actor(carol)) as unit:
                assert services.note_asked(unit) is first
        assert self.chosen(reading, make, carol) is Pace.NEVER

    def test_is_daily_for_who_asks_for_mail_and_had_none(
        self, make: Make, work: Working, reading: Reads, forum: MakeForum, alma: Person, topic: Topic, space: Space
    ) -> None:
        for thing in (topic, space):
            forum.hears(alma, pace=Pace.NEVER)
            listen(work, make, alma, FollowLevel.MUTE, to=thing)
            assert self.chosen(reading, make, alma) is Pace.NEVER
            listen(work, make, alma, FollowLevel.FOLLOW, to=thing)
            assert self.chosen(reading, make, alma) is Pace.DAILY

    def test_stays_for_who_had_mail_and_asks_for_more(
        self, make: Make, work: Working, reading: Reads, forum: MakeForum, alma: Person, topic: Topic
    ) -> None:
        forum.hears(alma, pace=Pace.WEEKLY)
        listen(work, make, alma, FollowLevel.FOLLOW, to=topic)
        assert self.chosen(reading, make, alma) is Pace.WEEKLY

    def test_is_none_while_all_mail_of_the_forum_is_off_and_comes_back_with_a_choice(
        self, make: Make, work: Working, reading: Reads, forum: MakeForum, alma: Person
    ) -> None:
        with work(make.actor(alma)) as unit:
            preferences.choose(unit, wanted=[])
        assert self.chosen(reading, make, alma) is Pace.NEVER
        forum.hears(alma, pace=Pace.WEEKLY)
        assert self.chosen(reading, make, alma) is Pace.WEEKLY

    def test_is_chosen_by_somebody(self, work: Working) -> None:
        for command in (services.note_asked, services.renew_addresses):
            with pytest.raises(NotFound), work(VISITOR) as unit:
                command(unit)
        with pytest.raises(NotFound), work(VISITOR) as unit:
            services.choose_pace(unit, pace=Pace.DAILY)


class TestWhatSomebodyFollows:
    def test_is_listed_and_changed_by_them_alone(
        self, make: Make, work: Working, reading: Reads, alma: Person, ben: Person, topic: Topic
    ) -> None:
        with reading(make.actor(alma)) as read:
            (one,) = queries.listened(read)
        assert (one.topic, one.level) == (topic.title, FollowLevel.FOLLOW)
        with reading(make.actor(ben)) as read:
            assert queries.listened(read) == []
        with pytest.raises(NotFound), work(make.actor(ben)) as unit:
            services.listen(unit, follow_id=one.id, level=FollowLevel.MUTE)
        with work(make.actor(alma)) as unit:
            services.listen(unit, follow_id=one.id, level=FollowLevel.MUTE)
        with reading(make.actor(alma)) as read:
            assert queries.listened(read)[0].level is FollowLevel.MUTE

    def test_is_not_listed_where_it_is_not_for_them(
        self, forum: MakeForum, make: Make, reading: Reads, alma: Person, topic: Topic
    ) -> None:
        forum.hide_topic(topic)
        with reading(make.actor(alma)) as read:
            assert queries.listened(read) == []
        stranger = make.account()
        forum.follow_past_all_rules(stranger, topic=topic)
        with reading(make.actor(stranger)) as read:
            assert queries.listened(read) == []


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

    def test_mutes_a_topic_for_somebody_who_was_only_mentioned(
        self,
        forum: MakeForum,
        work: Working,
        reading: Reads,
        ben: Person,
        facilitator: Person,
        topic: Topic,
        told: Told,
    ) -> None:
        token = queries.token_of_topic(facilitator.public_id, topic.id)
        with reading(VISITOR) as read:
            found = queries.followed_by_link(read, token=token)
        assert (found.level, found.is_topic, found.name) == (FollowLevel.FOLLOW, True, topic.title)
        with work(VISITOR) as unit:
            services.follow_by_link(unit, token=token, level=FollowLevel.MUTE)
        mention(work, forum.reply(ben, topic), facilitator)
        assert told() == ["Alma"]

    def test_does_not_name_a_topic_that_is_hidden_or_not_theirs(
        self, forum: MakeForum, make: Make, reading: Reads, facilitator: Person, topic: Topic
    ) -> None:
        forum.hide_topic(topic)
        for person in (make.account(), facilitator):
            with reading(VISITOR) as read:
                token = queries.token_of_topic(person.public_id, topic.id)
                assert queries.followed_by_link(read, token=token).name == ""

    @pytest.mark.parametrize("purpose", ["booking", "sign-in"])
    def test_of_another_sort_ends_nothing(
        self, reading: Reads, work: Working, alma: Person, topic: Topic, purpose: str
    ) -> None:
        with reading() as read:
            word = read.session.scalars(select(Follow.public_id)).one()
        forged = (secrecy.sign(purpose, word), secrecy.sign("unfollow", "nobody"), "forged", "")
        nowhere = (queries.token_of_topic(alma.public_id, 10**9), queries.token_of_topic("nobody", topic.id))
        for token in (*forged, *nowhere):
            with pytest.raises(NotFound), work(VISITOR) as unit:
                services.follow_by_link(unit, token=token, level=FollowLevel.MUTE)
        for token in (*forged, *nowhere):
            with pytest.raises(NotFound), reading(VISITOR) as read:
                queries.followed_by_link(read, token=token)


class TestADigest:
    """The clock stands at 9:00 on Monday, 2 March 2026."""

    def post_digests(self, work: Working) -> int:
        with work() as unit:
            return services.post_digests(unit)

    @pytest.fixture
    def alma_hears_daily(self, forum: MakeForum, alma: Person, topic: Topic) -> None:
        forum.hears(alma, pace=Pace.DAILY)

    @pytest.mark.usefixtures("alma_hears_daily")
    def test_is_promised_the_next_morning_and_once(
        self, forum: MakeForum, work: Working, ben: Person, topic: Topic, clock: FixedClock, outbox: Posted, told: Told
    ) -> None:
        clock.move(timedelta(minutes=1))
        forum.reply(ben, topic)
        forum.reply(ben, topic, "More.")
        clock.set(datetime(2026, 3, 3, 8, 4, tzinfo=UTC))
        assert self.post_digests(work) == 0
        clock.set(datetime(2026, 3, 3, 8, 5, tzinfo=UTC))
        assert self.post_digests(work) == 1
        assert self.post_digests(work) == 0
        (row,) = outbox()
        assert (row.template, row.urgency) == ("forum_news", OutboxClass.ROUTINE)
        assert told("forum_news") == ["Alma"]

    @pytest.mark.usefixtures("alma_hears_daily")
    def test_is_not_promised_where_nothing_is_new(self, work: Working, clock: FixedClock) -> None:
        clock.move(timedelta(days=3))
        assert self.post_digests(work) == 0

    @pytest.mark.usefixtures("alma_hears_daily")
    def test_tells_of_a_weekend_on_monday(
        self, forum: MakeForum, work: Working, ben: Person, topic: Topic, clock: FixedClock, outbox: Posted
    ) -> None:
        clock.set(datetime(2026, 3, 6, 9, tzinfo=UTC))
        self.post_digests(work)
        clock.set(datetime(2026, 3, 7, 12, tzinfo=UTC))
        forum.reply(ben, topic)
        clock.set(datetime(2026, 3, 8, 12, tzinfo=UTC))
        assert self.post_digests(work) == 0
        clock.set(datetime(2026, 3, 9, 9, tzinfo=UTC))
        assert self.post_digests(work) == 1
        assert [datetime.fromisoformat(outbox()[0].params[name]) for name in ("after", "until")] == [
            datetime(2026, 3, 6, 8, tzinfo=UTC),
            datetime(2026, 3, 9, 8, tzinfo=UTC),
        ]

    def test_comes_on_the_first_working_day_of_a_week_to_whoever_chose_that(
        self, forum: MakeForum, work: Working, alma: Person, ben: Person, topic: Topic, clock: FixedClock
    ) -> None:
        forum.hears(alma, pace=Pace.WEEKLY)
        clock.set(datetime(2026, 3, 31, 9, tzinfo=UTC))
        forum.reply(ben, topic)
        clock.set(datetime(2026, 4, 2, 12, tzinfo=UTC))
        assert self.post_digests(work) == 0
        clock.set(datetime(2026, 4, 6, 12, tzinfo=UTC))  # Easter Monday
        assert self.post_digests(work) == 0
        clock.set(datetime(2026, 4, 7, 12, tzinfo=UTC))
        assert self.post_digests(work) == 1

    @pytest.mark.parametrize("pace", [Pace.EACH, Pace.NEVER])
    def test_comes_to_nobody_who_did_not_choose_it(
        self, forum: MakeForum, work: Working, alma: Person, ben: Person, topic: Topic, clock: FixedClock, pace: Pace
    ) -> None:
        forum.hears(alma, pace=pace)
        forum.reply(ben, topic)
        clock.move(timedelta(days=8))
        assert self.post_digests(work) == 0

    @pytest.mark.usefixtures("alma_hears_daily")
    def test_does_not_tell_again_what_a_letter_or_the_page_told(
        self, forum: MakeForum, work: Working, alma: Person, ben: Person, topic: Topic, clock: FixedClock
    ) -> None:
        clock.move(timedelta(minutes=1))
        mention(work, forum.reply(ben, topic), alma)
        clock.move(timedelta(days=1))
        assert self.post_digests(work) == 0

    @pytest.mark.usefixtures("alma_hears_daily")
    def test_goes_on_where_the_last_one_ended_after_another_pace(
        self, forum: MakeForum, work: Working, alma: Person, ben: Person, topic: Topic, clock: FixedClock
    ) -> None:
        clock.move(timedelta(minutes=1))
        forum.reply(ben, topic)
        forum.hears(alma, pace=Pace.WEEKLY)
        clock.move(timedelta(days=7))
        assert self.post_digests(work) == 1

    def test_does_not_begin_with_what_was_written_before_it_was_chosen(
        self, forum: MakeForum, work: Working, alma: Person, ben: Person, topic: Topic, clock: FixedClock
    ) -> None:
        forum.hears(alma, pace=Pace.NEVER)
        forum.reply(ben, topic)
        clock.move(timedelta(minutes=1))
        forum.hears(alma, pace=Pace.DAILY)
        clock.move(timedelta(days=1))
        assert self.post_digests(work) == 0

    @pytest.mark.usefixtures("alma_hears_daily")
    def test_takes_a_constant_number_of_statements(
        self,
        forum: MakeForum,
        make: Make,
        work: Working,
        ben: Person,
        space: Space,
        topic: Topic,
        clock: FixedClock,
        outbox: Posted,
    ) -> None:
        others = [forum.alumna(f"Reader {number}") for number in range(5)]
        forum.hears(*others, pace=Pace.DAILY)
        for person in others:
            listen(work, make, person, FollowLevel.FOLLOW, to=space)
        counted = []
        for expected in (6, 0):
            clock.move(timedelta(minutes=1))
            if expected:
                forum.reply(ben, topic)
                forum.topic(ben, space, "Another")
            clock.move(timedelta(days=1))
            with count_queries() as statements:
                assert self.post_digests(work) == expected
            counted.append(len(statements))
        assert counted[0] == counted[1]
        assert len(outbox("forum_news")) == 6

    def test_is_made_by_the_service_alone(self, make: Make, work: Working, alma: Person) -> None:
        with pytest.raises(NotFound), work(make.actor(alma)) as unit:
            services.post_digests(unit)
