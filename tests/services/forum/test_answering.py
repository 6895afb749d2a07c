"""Signs on posts, with counters that hold, and answers that are accepted."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import func, select

from cop.core.errors import NotFound, Refusal
from cop.core.work import Reading
from cop.models.accounts import Person
from cop.models.forum import Post, Reaction, ReactionKind, Space, Topic, TopicKind
from cop.services import forum as services
from tests.support.forum import MakeForum
from tests.support.make import Make, Reads, Working, working

Counted = Callable[[], tuple[int, int, int]]
Accepted = Callable[[], int | None]

HELPED, ME_TOO = ReactionKind.HELPED, ReactionKind.ME_TOO


@pytest.fixture
def question(forum: MakeForum, alma: Person, space: Space) -> Topic:
    return forum.topic(alma, space, about=services.About(kind=TopicKind.QUESTION))


def first_of(unit: Reading, topic: Topic, number: int = 1) -> int:
    return unit.session.scalars(select(Post.id).where(Post.topic_id == topic.id, Post.number == number)).one()


class TestReactions:
    @pytest.fixture
    def counted(self, reading: Reads, question: Topic) -> Counted:
        def found() -> tuple[int, int, int]:
            with reading() as read:
                post = read.session.scalars(select(Post).where(Post.topic_id == question.id, Post.number == 1)).one()
                return post.helped, post.me_too, read.session.scalar(select(func.count()).select_from(Reaction)) or 0

        return found

    def test_count_each_person_once_and_are_undone(
        self, work: Working, make: Make, question: Topic, ben: Person, facilitator: Person, counted: Counted
    ) -> None:
        def press(person: Person, command: Callable[..., Post], kind: ReactionKind) -> None:
            with work(make.actor(person)) as unit:
                command(unit, post_id=first_of(unit, question), kind=kind)

        for person in (ben, ben, facilitator):
            press(person, services.react, HELPED)
        press(ben, services.react, ME_TOO)
        assert counted() == (2, 1, 3)
        press(ben, services.take_back, HELPED)
        press(ben, services.take_back, HELPED)
        assert counted() == (1, 1, 2)
        press(facilitator, services.take_back, ME_TOO)
        assert counted() == (1, 1, 2)

    def test_of_many_at_once_are_all_counted_and_each_once(
        self, app: Flask, make: Make, forum: MakeForum, reading: Reads, question: Topic, counted: Counted
    ) -> None:
        people, start = [forum.alumna(f"Alumna {number}") for number in range(4)], Barrier(8)
        with reading() as read:
            post_id = first_of(read, question)

        def press(person: Person) -> None:
            start.wait(timeout=30)
            with working(app, make.actor(person)) as unit:
                services.react(unit, post_id=post_id, kind=HELPED)

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(press, people * 2))
        assert counted() == (4, 0, 4)

    def test_are_not_for_ones_own_post(self, work: Working, make: Make, question: Topic, alma: Person) -> None:
        with pytest.raises(Refusal, match="yourself"), work(make.actor(alma)) as unit:
            services.react(unit, post_id=first_of(unit, question), kind=HELPED)

    def test_are_for_those_who_get_in_and_accepted_the_rules(
        self, work: Working, make: Make, forum: MakeForum, question: Topic
    ) -> None:
        with pytest.raises(NotFound), work(make.actor(make.account())) as unit:
            services.react(unit, post_id=first_of(unit, question), kind=HELPED)
        with pytest.raises(NotFound), work() as unit:
            services.react(unit, post_id=first_of(unit, question), kind=HELPED)
        with pytest.raises(Refusal, match="rules"), work(make.actor(forum.alumna("Nell", accepts=False))) as unit:
            services.react(unit, post_id=first_of(unit, question), kind=HELPED)

    def test_are_not_for_what_is_gone_or_locked(
        self, work: Working, make: Make, forum: MakeForum, question: Topic, ben: Person
    ) -> None:
        hidden = forum.reply(ben, question)
        forum.hide_post(hidden.id)
        with pytest.raises(NotFound), work(make.actor(forum.alumna("Cleo"))) as unit:
            services.react(unit, post_id=hidden.id, kind=HELPED)
        forum.lock_topic(question)
        with pytest.raises(Refusal, match="locked"), work(make.actor(ben)) as unit:
            services.react(unit, post_id=first_of(unit, question), kind=ME_TOO)


class TestAnAnswer:
    @pytest.fixture
    def answer(self, forum: MakeForum, ben: Person, question: Topic) -> Post:
        return forum.reply(ben, question)

    @pytest.fixture
    def accepted(self, reading: Reads, question: Topic) -> Accepted:
        def number() -> int | None:
            with reading() as read:
                topic = read.session.get_one(Topic, question.id)
                assert (topic.answer_number is None) == (topic.answered_at is None)
                return topic.answer_number

        return number

    def accept(self, work: Working, make: Make, person: Person, post: Post) -> None:
        with work(make.actor(person)) as unit:
            services.accept_answer(unit, post_id=post.id)

    def test_is_accepted_by_who_asked_changed_and_taken_back(
        self,
        work: Working,
        make: Make,
        forum: MakeForum,
        question: Topic,
        alma: Person,
        ben: Person,
        answer: Post,
        accepted: Accepted,
    ) -> None:
        better = forum.reply(ben, question, "Better still.")
        self.accept(work, make, alma, answer)
        assert accepted() == 2
        self.accept(work, make, alma, better)
        assert accepted() == 3
        with work(make.actor(alma)) as unit:
            services.take_answer_back(unit, post_id=answer.id)
        assert accepted() == 3
        with work(make.actor(alma)) as unit:
            services.take_answer_back(unit, post_id=better.id)
        assert accepted() is None

    def test_is_accepted_by_a_facilitator_and_by_nobody_else(
        self, work: Working, make: Make, facilitator: Person, ben: Person, answer: Post, accepted: Accepted
    ) -> None:
        with pytest.raises(NotFound):
            self.accept(work, make, ben, answer)
        self.accept(work, make, facilitator, answer)
        assert accepted() == 2

    def test_is_no_first_post_none_that_is_gone_and_none_of_mere_talk(
        self, work: Working, make: Make, forum: MakeForum, question: Topic, alma: Person, ben: Person, space: Space
    ) -> None:
        gone, talk = forum.reply(ben, question), forum.reply(ben, forum.topic(alma, space, "Tea"))
        forum.hide_post(gone.id)
        with pytest.raises(Refusal):
            self.accept(work, make, alma, gone)
        with pytest.raises(Refusal), work(make.actor(alma)) as unit:
            services.accept_answer(unit, post_id=first_of(unit, question))
        with pytest.raises(NotFound):
            self.accept(work, make, alma, talk)

    @pytest.mark.parametrize("way", ["deleted", "hidden", "reported"])
    def test_is_none_any_more_when_it_goes_from_the_page(
        self,
        work: Working,
        make: Make,
        forum: MakeForum,
        alma: Person,
        ben: Person,
        answer: Post,
        accepted: Accepted,
        way: str,
    ) -> None:
        self.accept(work, make, alma, answer)
        if way == "deleted":
            with work(make.actor(ben)) as unit:
                services.delete_post(unit, post_id=answer.id)
        elif way == "hidden":
            forum.hide_post(answer.id)
        else:
            report = forum.report(alma, answer.id)
            with work() as unit:
                services.uphold_report(unit, report_id=report.id, reason="It names a patient")
        assert accepted() is None
