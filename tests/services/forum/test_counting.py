"""The figures of the forum, against a month of which everything is known beforehand."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from cop.core.access import Actor
from cop.core.errors import NotFound
from cop.models.accounts import Person
from cop.models.community import ForumMonth
from cop.models.forum import Audience, Reaction, ReactionKind, Space, Topic, TopicKind
from cop.models.service import Observation
from cop.queries.forum import READ
from cop.queries.forum.counting import due
from cop.services.forum import counting
from scheduled import count_forum
from tests.support.clock import FixedClock
from tests.support.forum import MakeForum
from tests.support.make import Make, Reads, Working

MARCH = date(2026, 3, 1)
Counted = Callable[[], dict[str, Any]]


@pytest.fixture
def counted(app: Flask, reading: Reads) -> Counted:
    """``counted()`` runs the job and returns the figures of March."""

    def figures() -> dict[str, Any]:
        with app.app_context():
            count_forum.run()
        with reading() as read:
            found: dict[str, Any] = read.session.scalars(
                select(ForumMonth.figures).where(ForumMonth.month == MARCH)
            ).one()
            return found

    return figures


@pytest.fixture
def was_read(work: Working) -> Callable[..., None]:
    """Somebody read a topic so many days ago."""

    def note(person: Person, topic: Topic, *, days_ago: float = 0) -> None:
        with work() as unit:
            unit.session.add(
                Observation(
                    kind=READ,
                    subject_kind="topic",
                    subject_id=topic.id,
                    person_id=person.id,
                    value=1,
                    at=unit.now - timedelta(days=days_ago),
                )
            )

    return note


@pytest.fixture
def ask(work: Working) -> Callable[[Topic, int | None], None]:
    """Make a topic a question that is open, or that the post with this number answered."""

    def change(topic: Topic, answer: int | None) -> None:
        values = {"kind": TopicKind.QUESTION, "answer_number": answer}
        with work() as unit:
            unit.session.execute(update(Topic).where(Topic.id == topic.id).values(values))

    return change


def test_a_known_month(
    forum: MakeForum,
    make: Make,
    work: Working,
    clock: FixedClock,
    counted: Counted,
    was_read: Callable[..., None],
    ask: Callable[[Topic, int | None], None],
    facilitator: Person,
    space: Space,
) -> None:
    brent, wigan = make.organisation("Brent"), make.organisation("Wigan")
    alma, ben = forum.alumna("Alma", organisation=brent), forum.alumna("Ben", organisation=wigan)
    cara = forum.alumna("Cara", organisation=wigan)
    clock.move(timedelta(days=2))
    answered = forum.topic(alma, space, "Who trains residents?")
    silent = forum.topic(ben, space, "Nobody says a word")
    was_read(cara, answered)
    clock.move(timedelta(hours=6))
    helped = forum.reply(ben, answered)
    clock.move(timedelta(days=1))
    forum.reply(cara, answered)
    forum.reply(alma, answered)
    forum.reply(facilitator, answered)
    ask(answered, helped.number)
    ask(silent, None)
    with work() as unit:
        unit.session.add(Reaction(post_id=helped.id, person_id=alma.id, kind=ReactionKind.HELPED, at=unit.now))
        unit.session.add(Reaction(post_id=helped.id, person_id=cara.id, kind=ReactionKind.ME_TOO, at=unit.now))
    assert counted() == {
        "posts": 6,
        "writers": 4,
        "replies": 3,
        "topics": 2,
        "replied": 1,
        "reply_hours": 6.0,
        "questions": 2,
        "answered": 1,
        "organisations": 2,
        "across": 2,
        "ties": 1,
        "helped": 1,
        "me_too": 1,
        "readers": 1,
        "began": 1,
        "by_staff": 1,
    }


def test_half_of_the_topics_waited_so_long_at_most(
    forum: MakeForum, alma: Person, ben: Person, space: Space, clock: FixedClock, counted: Counted
) -> None:
    for hours in (1, 3, 20):
        topic = forum.topic(alma, space, f"After {hours}")
        forum.reply(alma, topic, "One more thing.")
        clock.move(timedelta(hours=hours))
        forum.reply(ben, topic)
    assert counted()["reply_hours"] == 3


def test_what_is_hidden_deleted_or_in_a_room_of_its_own_does_not_count(
    forum: MakeForum, alma: Person, ben: Person, space: Space, make: Make, work: Working, counted: Counted
) -> None:
    gone = forum.topic(alma, space, "Gone")
    forum.hide_topic(gone)
    kept = forum.topic(alma, space, "Kept")
    forum.hide_post(forum.reply(ben, kept).id)
    private = forum.space("Among facilitators")
    forum.topic(alma, private, "Not for all")
    with work() as unit:
        unit.session.execute(update(Space).where(Space.id == private.id).values(audience=Audience.FACILITATORS))
    figures = counted()
    assert (figures["posts"], figures["topics"], figures["replied"], figures["writers"]) == (1, 1, 0, 1)


def test_whoever_wrote_before_did_not_begin(
    forum: MakeForum,
    alma: Person,
    ben: Person,
    space: Space,
    clock: FixedClock,
    counted: Counted,
    was_read: Callable[..., None],
) -> None:
    clock.set(datetime(2026, 2, 10, 9, tzinfo=UTC))
    topic = forum.topic(alma, space)
    was_read(alma, topic, days_ago=1)
    was_read(ben, topic)
    clock.set(datetime(2026, 3, 4, 9, tzinfo=UTC))
    forum.reply(alma, topic)
    assert counted()["began"] == 0
    forum.reply(ben, topic)
    clock.move(timedelta(days=1))
    assert counted()["began"] == 1


def test_whoever_read_on_the_day_itself_only_did_not_begin_as_a_reader(
    forum: MakeForum, alma: Person, ben: Person, space: Space, counted: Counted, was_read: Callable[..., None]
) -> None:
    topic = forum.topic(alma, space)
    was_read(ben, topic)
    forum.reply(ben, topic)
    assert counted()["began"] == 0


def test_months_are_counted_until_they_are_settled(
    app: Flask, forum: MakeForum, alma: Person, space: Space, clock: FixedClock, reading: Reads
) -> None:
    def waiting() -> list[date]:
        with reading() as read:
            return [month for _programme, month in due(read)]

    assert waiting() == []
    forum.topic(alma, space)
    assert waiting() == [MARCH]
    with app.app_context():
        assert count_forum.run() == "1 months of the forum counted"
    assert waiting() == []
    clock.move(timedelta(hours=21))
    assert waiting() == [MARCH]
    clock.set(datetime(2026, 4, 3, 9, tzinfo=UTC))
    assert waiting() == [MARCH, date(2026, 4, 1)]
    clock.set(datetime(2026, 4, 20, 9, tzinfo=UTC))
    with app.app_context():
        count_forum.run()
    clock.move(timedelta(days=2))
    assert waiting() == [date(2026, 4, 1)]


def test_nobody_counts_but_the_service(work: Working, make: Make) -> None:
    with work(make.actor(make.admin())) as unit, pytest.raises(NotFound):
        counting.count(unit, programme_id=1, month=MARCH)


def test_months_of_another_programme_are_its_own(
    forum: MakeForum, make: Make, alma: Person, space: Space, reading: Reads, counted: Counted
) -> None:
    other = make.programme("Other")
    forum.topic(alma, space)
    assert counted()["posts"] == 1
    with reading(Actor(via="system")) as read:
        assert read.session.scalars(select(ForumMonth).where(ForumMonth.programme_id == other.id)).all() == []
