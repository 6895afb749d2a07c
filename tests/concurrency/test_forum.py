"""Many who write in one topic at the same moment."""

from collections.abc import Callable
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import func, select

from cop.core.errors import Refusal
from cop.models.forum import Follow, Post, Report, ReportState, Topic
from cop.services import forum as services
from tests.concurrency.crowds import at_once
from tests.support.forum import MakeForum
from tests.support.make import Make, Reads, working

AT_ONCE = 8
"""As many as the application has connections for."""


@pytest.fixture
def forum(app: Flask, make: Make) -> MakeForum:
    return MakeForum(app, make)


def test_replies_are_numbered_without_gaps(app: Flask, forum: MakeForum, reading: Reads) -> None:
    people = [forum.alumna(f"Person {number}") for number in range(AT_ONCE)]
    topic = forum.topic(people[0], forum.space())
    replies = at_once([partial(forum.reply, person, topic, f"From {person.name}.") for person in people])
    assert sorted(reply.number for reply in replies) == list(range(2, AT_ONCE + 2))
    with reading() as read:
        assert read.session.get_one(Topic, topic.id).posts == AT_ONCE + 1


def test_a_button_pressed_often_makes_one_post_and_one_topic(app: Flask, forum: MakeForum, reading: Reads) -> None:
    person, space = forum.alumna(), forum.space()
    topics = at_once([partial(forum.topic, person, space)] * AT_ONCE)
    assert len({topic.id for topic in topics}) == 1
    replies = at_once([partial(forum.reply, person, topics[0])] * AT_ONCE)
    assert {reply.number for reply in replies} == {2}
    with reading() as read:
        counts = [read.session.scalar(select(func.count()).select_from(table)) for table in (Topic, Post, Follow)]
    assert counts == [1, 2, 1]


def test_a_report_is_settled_by_one_facilitator(app: Flask, make: Make, forum: MakeForum, reading: Reads) -> None:
    author, reader = forum.alumna("Author"), forum.alumna("Reader")
    topic = forum.topic(author, forum.space())
    report = forum.report(reader, 1)
    actors = [make.actor(make.admin(f"Admin {number}")) for number in range(AT_ONCE)]

    def settle(number: int) -> bool:
        command = services.uphold_report if number % 2 else services.dismiss_report
        try:
            with working(app, actors[number]) as work:
                command(work, report_id=report.id, reason=f"Says {number}")
        except Refusal:
            return False
        return True

    settled = at_once([partial(settle, number) for number in range(AT_ONCE)])
    assert sum(settled) == 1
    winner = settled.index(True)
    with reading() as read:
        found, post = read.session.get_one(Report, report.id), read.session.scalars(select(Post)).one()
    assert (found.handled_by, found.note) == (actors[winner].person_id, f"Says {winner}")
    assert (found.state is ReportState.UPHELD) == (post.hidden_at is not None) == bool(winner % 2)
    assert topic.id == post.topic_id


def test_topics_that_are_merged_crosswise_become_one(app: Flask, make: Make, forum: MakeForum, reading: Reads) -> None:
    author, space = forum.alumna("Author"), forum.space()
    topics = [forum.topic(author, space, title) for title in ("One", "Two")]
    actors = [make.actor(make.admin(f"Admin {number}")) for number in range(AT_ONCE)]

    def merge(number: int) -> bool:
        one, other = topics if number % 2 else reversed(topics)
        try:
            with working(app, actors[number]) as work:
                services.merge_topics(work, topic_id=one.id, into_id=other.id, reason="The same")
        except Refusal:
            return False
        return True

    assert at_once([partial(merge, number) for number in range(AT_ONCE)]).count(True) == 1
    with reading() as read:
        numbers = read.session.execute(select(Post.topic_id, Post.number).order_by(Post.number)).all()
        merged = read.session.scalars(select(Topic.merged_into).where(Topic.merged_into.is_not(None))).all()
    assert [(topic_id, number) for topic_id, number in numbers] == [(merged[0], 1), (merged[0], 2)]


def test_replies_to_a_topic_that_is_being_merged_are_all_kept(
    app: Flask, make: Make, forum: MakeForum, reading: Reads
) -> None:
    people = [forum.alumna(f"Person {number}") for number in range(AT_ONCE - 1)]
    space = forum.space()
    gone, kept = forum.topic(people[0], space, "Gone"), forum.topic(people[0], space, "Kept")
    admin = make.actor(make.admin())

    def merge() -> None:
        with working(app, admin) as work:
            services.merge_topics(work, topic_id=gone.id, into_id=kept.id, reason="The same")

    writing: list[Callable[[], object]] = [
        partial(forum.reply, person, gone, f"From {person.name}.") for person in people
    ]
    at_once([*writing[:3], merge, *writing[3:]])
    with reading() as read:
        found = read.session.scalars(select(Post.number).where(Post.topic_id == kept.id).order_by(Post.number)).all()
        assert list(found) == list(range(1, len(people) + 3))
        assert read.session.get_one(Topic, kept.id).posts == len(people) + 2
