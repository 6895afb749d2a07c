"""Questions that wait: who sees them, when a facilitator is told, and when whoever asked is."""

from collections.abc import Callable, Sequence
from datetime import date, time, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from cop.core.access import Role
from cop.core.errors import NotFound
from cop.core.place import instant_on
from cop.models.accounts import Person
from cop.models.forum import FollowLevel, Post, Space, Topic
from cop.models.forum_mail import Pace
from cop.models.outbox import Outbox
from cop.queries import forum as queries
from cop.services import forum as services
from scheduled import nudge_questions
from tests.support.clock import FixedClock
from tests.support.forum import MakeForum
from tests.support.golden import Golden
from tests.support.mailbox import Mail, Mailbox
from tests.support.make import Make, Reads, Working
from tests.test_mail import readable, without

Posted = Callable[..., Sequence[Outbox]]
Remind = Callable[[], str]

DAY = timedelta(days=1)
GOLDEN = Path(__file__).parents[2] / "golden" / "mail"


@pytest.fixture
def remind(app: Flask) -> Remind:
    """The job."""

    def run() -> str:
        with app.app_context():
            return nudge_questions.run()

    return run


def approved(reading: Reads, golden: Golden, mail: Mail, name: str) -> None:
    with reading() as read:
        random = dict.fromkeys(read.session.scalars(select(Outbox.message_id)), "MESSAGE")
    golden(GOLDEN / f"{name}.txt", without(random, readable(mail.message)))


@pytest.fixture
def waiting(reading: Reads, make: Make, ben: Person) -> Callable[[], list[str]]:
    def titles() -> list[str]:
        with reading(make.actor(ben)) as read:
            return [topic.title for topic in queries.waiting(read)]

    return titles


@pytest.fixture
def question(forum: MakeForum, alma: Person, space: Space) -> Topic:
    return forum.question(alma, space)


class TestWaiting:
    def test_are_questions_without_a_reply_by_somebody_else(
        self,
        forum: MakeForum,
        alma: Person,
        ben: Person,
        space: Space,
        question: Topic,
        clock: FixedClock,
        waiting: Callable[[], list[str]],
    ) -> None:
        forum.topic(alma, space, "No question")
        clock.move(timedelta(minutes=2))
        second = forum.question(alma, space, "Second?")
        forum.reply(alma, question, "Nobody?")
        assert waiting() == ["Who pays for the minibus?", "Second?"]
        reply = forum.reply(ben, question)
        assert waiting() == ["Second?"]
        forum.hide_post(reply.id)
        assert waiting() == ["Who pays for the minibus?", "Second?"]
        forum.lock_topic(second)
        assert waiting() == ["Who pays for the minibus?"]
        forum.hide_topic(question)
        assert waiting() == []

    def test_are_those_of_open_spaces_that_one_enters(
        self,
        forum: MakeForum,
        make: Make,
        work: Working,
        alma: Person,
        space: Space,
        question: Topic,
        facilitator: Person,
        waiting: Callable[[], list[str]],
    ) -> None:
        forum.question(alma, forum.space("Ours", course=forum.course(alma)), "A secret?")
        assert waiting() == [question.title]
        with work(make.actor(facilitator)) as unit:
            services.close_space(unit, space_id=space.id, reason="Over")
        assert waiting() == []

    def test_come_in_pages(self, forum: MakeForum, make: Make, reading: Reads, alma: Person, space: Space) -> None:
        for number in range(3):
            forum.question(alma, space, f"Question {number}?")
        with reading(make.actor(alma)) as read:
            pages = [[row.title[-2] for row in queries.waiting(read, offset=at, limit=2)[:2]] for at in (0, 2, 4)]
        assert pages == [["0", "1"], ["2"], []]


class TestANudge:
    def test_comes_after_three_working_days_and_once(
        self, remind: Remind, facilitator: Person, question: Topic, clock: FixedClock, outbox: Posted
    ) -> None:
        clock.move(3 * DAY - timedelta(minutes=1))
        remind()
        assert outbox("forum_waiting") == []
        clock.move(timedelta(minutes=1))
        assert remind() == "1 questions told of to facilitators, 0 asked about replies"
        clock.move(5 * DAY)
        remind()
        (letter,) = outbox("forum_waiting")
        assert (letter.person_id, letter.params["topic_ids"]) == (facilitator.id, [question.id])

    def test_counts_no_weekend_and_no_bank_holiday(
        self,
        remind: Remind,
        forum: MakeForum,
        facilitator: Person,
        alma: Person,
        space: Space,
        clock: FixedClock,
        outbox: Posted,
    ) -> None:
        thursday = date(2026, 4, 2)  # before Good Friday and Easter Monday
        clock.set(instant_on(thursday, time(10)))
        forum.question(alma, space)
        for day, expected in ((6, 0), (8, 0), (9, 1)):
            clock.set(instant_on(thursday.replace(day=day), time(11)))
            remind()
            assert len(outbox("forum_waiting")) == expected, day

    def test_goes_to_those_who_look_after_the_space_but_not_to_the_asker(
        self,
        remind: Remind,
        forum: MakeForum,
        make: Make,
        facilitator: Person,
        alma: Person,
        clock: FixedClock,
        outbox: Posted,
    ) -> None:
        course = forum.course(alma)
        of_course = make.account("Of the course")
        make.grant(of_course, Role.FACILITATOR, event=course)
        make.grant(make.account("Of another"), Role.FACILITATOR, event=forum.course())
        forum.question(alma, forum.space("Ours", course=course))
        forum.question(facilitator, forum.space("For all"))
        clock.move(4 * DAY)
        remind()
        assert [letter.person_id for letter in outbox("forum_waiting")] == [of_course.id]

    def test_goes_to_admins_where_nobody_else_looks_after_it(
        self, remind: Remind, make: Make, question: Topic, clock: FixedClock, outbox: Posted
    ) -> None:
        admin = make.admin()
        clock.move(4 * DAY)
        remind()
        assert [letter.person_id for letter in outbox("forum_waiting")] == [admin.id]

    @pytest.mark.usefixtures("facilitator", "question")
    def test_tells_of_several_in_one_letter_and_of_none_that_is_answered_by_then(
        self,
        remind: Remind,
        forum: MakeForum,
        alma: Person,
        ben: Person,
        space: Space,
        clock: FixedClock,
        mailbox: Mailbox,
        reading: Reads,
        golden: Golden,
    ) -> None:
        answered = forum.question(alma, space, "Answered meanwhile?")
        forum.question(alma, space, "Where did you find a venue?")
        clock.move(3 * DAY)
        remind()
        forum.reply(ben, answered)
        (letter,) = mailbox.deliver()
        assert "femi@" in letter.message["To"]
        assert "Answered meanwhile" not in letter.text
        approved(reading, golden, letter, "forum-waiting")

    def test_is_not_sent_when_all_are_answered(
        self,
        remind: Remind,
        forum: MakeForum,
        facilitator: Person,
        ben: Person,
        question: Topic,
        clock: FixedClock,
        mailbox: Mailbox,
    ) -> None:
        clock.move(3 * DAY)
        remind()
        forum.reply(ben, question)
        assert list(mailbox.deliver()) == []

    def test_leaves_old_questions_alone(
        self, remind: Remind, facilitator: Person, question: Topic, clock: FixedClock, outbox: Posted
    ) -> None:
        clock.move(61 * DAY)
        remind()
        assert outbox("forum_waiting") == []


class TestAskingTheAsker:
    @pytest.fixture
    def replied(self, forum: MakeForum, alma: Person, ben: Person, question: Topic) -> Topic:
        forum.hears(alma, pace=Pace.WEEKLY)
        forum.reply(ben, question)
        return question

    def test_comes_a_week_after_the_first_reply_and_once(
        self,
        remind: Remind,
        alma: Person,
        replied: Topic,
        clock: FixedClock,
        outbox: Posted,
        mailbox: Mailbox,
        reading: Reads,
        golden: Golden,
    ) -> None:
        clock.move(7 * DAY - timedelta(minutes=1))
        remind()
        assert outbox("forum_answered") == []
        clock.move(timedelta(minutes=1))
        remind()
        clock.move(7 * DAY)
        remind()
        (letter,) = outbox("forum_answered")
        assert (letter.person_id, letter.params) == (alma.id, {"topic_id": replied.id})
        (mail,) = mailbox.deliver()
        approved(reading, golden, mail, "forum-answered")

    def test_is_not_about_what_has_an_answer_or_no_reply(
        self,
        remind: Remind,
        forum: MakeForum,
        make: Make,
        work: Working,
        reading: Reads,
        alma: Person,
        space: Space,
        replied: Topic,
        clock: FixedClock,
        outbox: Posted,
    ) -> None:
        forum.question(alma, space, "Without a reply?")
        with reading() as read:
            post_id = read.session.execute(select(Post.id).where(Post.number == 2)).scalar_one()
        with work(make.actor(alma)) as unit:
            services.accept_answer(unit, post_id=post_id)
        clock.move(8 * DAY)
        remind()
        assert outbox("forum_answered") == []

    def test_is_no_mail_to_who_wants_none(
        self, remind: Remind, forum: MakeForum, alma: Person, replied: Topic, clock: FixedClock, outbox: Posted
    ) -> None:
        forum.hears(alma, pace=Pace.NEVER)
        clock.move(8 * DAY)
        remind()
        forum.hears(alma, pace=Pace.WEEKLY)
        remind()
        assert outbox("forum_answered") == []

    def test_is_not_sent_to_who_muted_it(
        self,
        remind: Remind,
        make: Make,
        work: Working,
        alma: Person,
        replied: Topic,
        clock: FixedClock,
        mailbox: Mailbox,
    ) -> None:
        with work(make.actor(alma)) as unit:
            services.follow_topic(unit, topic_id=replied.id, level=FollowLevel.MUTE)
        clock.move(7 * DAY)
        remind()
        assert list(mailbox.deliver()) == []


def test_only_the_service_reminds(make: Make, work: Working, facilitator: Person) -> None:
    for command in (services.nudge_facilitators, services.ask_askers):
        with pytest.raises(NotFound), work(make.actor(facilitator)) as unit:
            command(unit)
