"""The practice forum of the demonstration, written by those who completed the first course since it was over."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from cop.core.access import Actor
from cop.core.work import Work
from cop.demo.stage import Stage, as_person, working_day
from cop.models.accounts import Person
from cop.models.events import Event, Part
from cop.models.forum import FollowLevel, Post, ProposalOf, ReactionKind, Space, Topic, TopicKind
from cop.models.service import Observation
from cop.models.tags import Tag
from cop.queries.alumni import alumni
from cop.queries.forum import READ, RULES_VERSION
from cop.services import forum

WRITTEN = Path(__file__).parent / "data" / "forum.toml"

COURSE_SLUG = "change-makers-1"
COURSE = "course"
"""Stands for the space of the course in the file."""

READ_WHOLLY = 4
"""So many threads the alumna has read to the end; of the others, what stood there when she wrote herself."""

Thread = Mapping[str, Any]


def load(stage: Stage) -> None:
    written = tomllib.loads(WRITTEN.read_text(encoding="utf-8"))
    event = stage.work.session.scalars(select(Event).where(Event.slug == COURSE_SLUG)).one()
    began = _day_after(stage.work, event)
    alumna, facilitator = stage.role("alumna"), stage.role("facilitator")
    others = [person for person in completed(stage.work, event) if person.id != alumna.id]
    for person in (*others, alumna, facilitator):
        forum.accept_rules(as_person(stage.work, person, began), version=RULES_VERSION)
    spaces = _spaces(stage, event)
    follow = as_person(stage.work, alumna, began)
    forum.follow_space(follow, space_id=spaces["what-worked"], level=FollowLevel.FOLLOW)
    tag_ids = {tag.slug: tag.id for tag in stage.work.session.scalars(select(Tag))}
    for number, thread in enumerate(written["threads"]):
        named = {"alumna": alumna, "facilitator": facilitator}
        authors = [named.get(post["by"]) or others[post["by"] % len(others)] for post in thread["posts"]]
        topic = _write(stage, thread, authors, began, tag_ids, space_id=spaces[thread["space"]])
        _sign(stage, topic, thread, others)
        _keep_order(stage, topic, thread, reporter=alumna)
        own = max((place for place, author in enumerate(authors, start=1) if author is alumna), default=0)
        if read := topic.posts if number < READ_WHOLLY else own:
            _was_read(stage.work, topic, alumna, read)
    stage.work.session.flush()


def _day_after(work: Work, event: Event) -> datetime:
    last: datetime = work.session.execute(select(func.max(Part.ends_at)).where(Part.event_id == event.id)).scalar_one()
    return last + timedelta(days=1)


def completed(work: Work, event: Event) -> Sequence[Person]:
    done = alumni().subquery("done")
    found = select(Person).join(done, done.c.person_id == Person.id).where(done.c.event_id == event.id)
    return work.session.scalars(found.order_by(Person.id), {"now": work.now}).all()


def _spaces(stage: Stage, event: Event) -> dict[str, int]:
    """The ids of the ready-made spaces by their name in the store, and of the space of the course."""
    made = stage.work.session.execute(
        select(Space.ready_made, Space.id).where(
            Space.programme_id == stage.programme.id, Space.ready_made.is_not(None)
        )
    )
    return {str(code): space_id for code, space_id in made} | {
        COURSE: forum.ensure_cohort_space(stage.work, event.id).id
    }


def _write(
    stage: Stage,
    thread: Thread,
    authors: Sequence[Person],
    began: datetime,
    tag_ids: Mapping[str, int],
    *,
    space_id: int,
) -> Topic:
    written = [
        (as_person(stage.work, author, at), post["text"])
        for author, at, post in zip(authors, _times(stage, thread, began), thread["posts"], strict=True)
    ]
    first, *replies = written
    about = forum.About(
        kind=TopicKind(thread.get("kind", TopicKind.TALK)),
        proposal_of=ProposalOf(thread["proposal_of"]) if "proposal_of" in thread else None,
        tag_ids=[tag_ids[slug] for slug in thread.get("tags", ())],
        starter=thread.get("starter", ""),
    )
    topic = forum.open_topic(first[0], space_id=space_id, title=thread["title"], body=first[1], about=about)
    for then, words in replies:
        forum.reply(then, topic_id=topic.id, body=words)
    return topic


def _times(stage: Stage, thread: Thread, began: datetime) -> Iterator[datetime]:
    """When each post was written: evenly between the first and the last, on working days and by daylight."""
    span, steps = stage.work.now - began, max(len(thread["posts"]) - 1, 1)
    for number in range(len(thread["posts"])):
        at = began + span * (thread["began"] + (thread["ended"] - thread["began"]) * number / steps)
        on = working_day(at.astimezone(stage.zone).date())
        yield min(datetime.combine(on, time(9 + number * 5 % 8, number * 17 % 60), stage.zone), stage.work.now)


def _sign(stage: Stage, topic: Topic, thread: Thread, others: Sequence[Person]) -> None:
    """The first of the others press signs on posts that they did not write; who asked accepts the answer."""
    posts = {post.number: post for post in stage.work.session.scalars(select(Post).where(Post.topic_id == topic.id))}
    for kind, pressed in ((ReactionKind.HELPED, "helped"), (ReactionKind.ME_TOO, "me_too")):
        for number, count in thread.get(pressed, ()):
            readers = [person for person in others if person.id != posts[number].author_id]
            for person in readers[:count]:
                forum.react(as_person(stage.work, person), post_id=posts[number].id, kind=kind)
    if answer := thread.get("answer"):
        asker = stage.work.session.get_one(Person, topic.author_id)
        forum.accept_answer(as_person(stage.work, asker), post_id=posts[answer].id)


def _keep_order(stage: Stage, topic: Topic, thread: Thread, *, reporter: Person) -> None:
    """What the facilitator did: a reported post hidden, a topic locked; one report still waits."""
    later = replace(stage.work, now=stage.at(-4, 15), actor=Actor(stage.role("facilitator").id, via="system"))
    before = as_person(stage.work, reporter, stage.at(-5, 10))
    for number in filter(None, (thread.get("hidden_post"), thread.get("reported_post"))):
        of_this = select(Post.id).where(Post.topic_id == topic.id, Post.number == number)
        post_id = stage.work.session.scalars(of_this).one()
        reason = "This tells more about a colleague than they would want to be told."
        report = forum.report_post(before, post_id=post_id, reason=reason)
        if number == thread.get("hidden_post"):
            forum.uphold_report(later, report_id=report.id, reason="It tells of a colleague who has not agreed to it")
    if thread.get("locked"):
        forum.lock_topic(later, topic_id=topic.id)
    if thread.get("pinned"):
        forum.pin_topic(later, topic_id=topic.id)


def _was_read(work: Work, topic: Topic, person: Person, posts: int) -> None:
    work.session.add(
        Observation(
            kind=READ,
            subject_kind="topic",
            subject_id=topic.id,
            person_id=person.id,
            value=posts,
            at=work.now - timedelta(hours=2),
        )
    )
