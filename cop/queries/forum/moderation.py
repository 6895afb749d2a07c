"""What facilitators look at: open reports, one report, and what was done so far."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Select, String, Text, func, literal, null, select, union_all
from sqlalchemy.orm import aliased

from cop.core.access import EVENT_EDITORS
from cop.core.errors import NotFound
from cop.core.work import Reading
from cop.models.accounts import Person
from cop.models.cohorts import Cohort
from cop.models.events import Event
from cop.models.forum import Post, Report, ReportState, Space, Topic
from cop.models.programmes import Programme
from cop.queries.forum.entering import moderated_by

LOG_PAGE = 50

_Reporter = aliased(Person)


@dataclass(frozen=True)
class ReportRow:
    """A report with the post that it is about, words included: a facilitator has to judge them."""

    id: int
    state: ReportState
    reason: str
    made_at: datetime
    reporter: str
    space_slug: str
    topic_id: int
    topic_slug: str
    topic: str
    number: int
    author: str
    body: str
    html: str
    post_deleted_at: datetime | None
    post_hidden_at: datetime | None


def open_reports(read: Reading, *, offset: int = 0, limit: int = 25) -> Sequence[ReportRow]:
    """Reports that wait for somebody, ``limit`` + 1 of them, the oldest first."""
    waiting = _reports(read).where(Report.state == ReportState.OPEN).order_by(Report.id)
    return [ReportRow(*row) for row in read.session.execute(waiting.offset(offset).limit(limit + 1))]


def count_open_reports(read: Reading) -> int:
    """How many reports wait in the spaces that the actor moderates."""
    found = (
        select(func.count())
        .select_from(Report)
        .join(Post, Post.id == Report.post_id)
        .join(Topic, Topic.id == Post.topic_id)
        .join(Space, Space.id == Topic.space_id)
        .where(Report.state == ReportState.OPEN, moderated_by(read.actor))
    )
    return read.session.scalar(found) or 0


def one_report(read: Reading, report_id: int) -> ReportRow:
    row = read.session.execute(_reports(read).where(Report.id == report_id)).one_or_none()
    if row is None:
        raise NotFound
    return ReportRow(*row)


def _reports(read: Reading) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Report.id,
            Report.state,
            Report.reason,
            Report.made_at,
            _Reporter.name,
            Space.slug,
            Topic.id,
            Topic.slug,
            Topic.title,
            Post.number,
            Person.name,
            Post.body,
            Post.html,
            Post.deleted_at,
            Post.hidden_at,
        )
        .select_from(Report)
        .join(_Reporter, _Reporter.id == Report.reporter_id)
        .join(Post, Post.id == Report.post_id)
        .join(Person, Person.id == Post.author_id)
        .join(Topic, Topic.id == Post.topic_id)
        .join(Space, Space.id == Topic.space_id)
        .where(moderated_by(read.actor))
    )


@dataclass(frozen=True)
class LogRow:
    """Something that facilitators did: ``what`` is upheld, dismissed, hidden, topic hidden or topic locked."""

    at: datetime
    what: str
    why: str
    by: str | None
    space_slug: str
    topic_id: int
    topic_slug: str
    topic: str
    number: int | None


def log(read: Reading, *, offset: int = 0, limit: int = LOG_PAGE) -> Sequence[LogRow]:
    """What was done and still stands in the spaces that the actor moderates, latest first; ``limit`` + 1 rows."""
    number = Post.number
    no_number, nobody = null().cast(BigInteger), null().cast(BigInteger)
    decided = _done(Report.handled_at, Report.state.cast(Text), Report.note, Report.handled_by, number)
    hidden = _done(Post.hidden_at, literal("hidden", String), Post.hidden_why, Post.hidden_by, number)
    topic = _done(Topic.hidden_at, literal("topic hidden", String), Topic.hidden_why, Topic.hidden_by, no_number)
    locked = _done(Topic.locked_at, literal("topic locked", String), literal("", String), nobody, no_number)
    mine = moderated_by(read.actor)
    all_of_it = union_all(
        decided.select_from(Report)
        .join(Post, Post.id == Report.post_id)
        .join(Topic, Topic.id == Post.topic_id)
        .join(Space, Space.id == Topic.space_id)
        .where(mine),
        hidden.select_from(Post)
        .join(Topic, Topic.id == Post.topic_id)
        .join(Space, Space.id == Topic.space_id)
        .where(mine),
        topic.select_from(Topic).join(Space, Space.id == Topic.space_id).where(mine),
        locked.select_from(Topic).join(Space, Space.id == Topic.space_id).where(mine),
    ).subquery()
    rows = read.session.execute(
        select(
            all_of_it.c.at,
            all_of_it.c.what,
            all_of_it.c.why,
            Person.name,
            all_of_it.c.space_slug,
            all_of_it.c.topic_id,
            all_of_it.c.topic_slug,
            all_of_it.c.topic,
            all_of_it.c.number,
        )
        .select_from(all_of_it)
        .outerjoin(Person, Person.id == all_of_it.c.by)
        .order_by(all_of_it.c.at.desc(), all_of_it.c.topic_id, all_of_it.c.number)
        .offset(offset)
        .limit(limit + 1)
    )
    return [LogRow(*row) for row in rows]


def _done(at: Any, what: Any, why: Any, by: Any, number: Any) -> Select[*tuple[Any, ...]]:
    return select(
        at.label("at"),
        what.label("what"),
        why.label("why"),
        by.label("by"),
        Space.slug.label("space_slug"),
        Topic.id.label("topic_id"),
        Topic.slug.label("topic_slug"),
        Topic.title.label("topic"),
        number.label("number"),
    ).where(at.is_not(None))


@dataclass(frozen=True)
class Audience:
    """For whom the actor may add a space: a whole programme, or one course that has none yet."""

    programme_id: int
    cohort_id: int | None
    name: str


def audiences(read: Reading) -> Sequence[Audience]:
    programmes = [
        Audience(row.id, None, row.name)
        for row in read.session.execute(
            select(Programme.id, Programme.name).order_by(Programme.is_current.desc(), Programme.starts_on.desc())
        )
        if read.actor.may(*EVENT_EDITORS, programme_id=row.id)
    ]
    taken = select(Space.cohort_id).where(Space.cohort_id.is_not(None), Space.subgroup_id.is_(None))
    courses = read.session.execute(
        select(Event.id, Event.programme_id, Event.title)
        .join(Cohort, Cohort.event_id == Event.id)
        .where(Event.id.not_in(taken))
        .order_by(Event.title, Event.id)
    )
    return programmes + [
        Audience(row.programme_id, row.id, row.title)
        for row in courses
        if read.actor.may(*EVENT_EDITORS, programme_id=row.programme_id, event_id=row.id)
    ]


def labels(audiences: Sequence[Audience]) -> Mapping[str, Audience]:
    """Each audience by the word that stands for it in a form."""
    return {
        f"course-{item.cohort_id}" if item.cohort_id is not None else f"programme-{item.programme_id}": item
        for item in audiences
    }
