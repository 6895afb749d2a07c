"""What facilitators look at: open reports, one report, and what was done so far."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Select, Text, and_, case, func, null, select, text, union_all
from sqlalchemy.orm import aliased

from cop.core.access import EVENT_EDITORS
from cop.core.errors import NotFound
from cop.core.work import Reading
from cop.models.accounts import Person
from cop.models.cohorts import Cohort
from cop.models.events import Event
from cop.models.forum import Act, ForumAct, Post, Report, ReportState, Space, Topic
from cop.models.forum import Audience as Who
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
    """Something that facilitators did: ``what`` is a word of ``Act``, or upheld or dismissed for a report.

    A topic stands as it is called now, with its ``other``: where it was moved from, or into which it was merged.
    ``act_id`` names what can be taken back here.
    """

    at: datetime
    what: str
    why: str
    by: str | None
    space_slug: str
    space: str
    topic_id: int | None
    topic_slug: str | None
    topic: str | None
    number: int | None
    other: str | None
    act_id: int | None


def log(read: Reading, *, offset: int = 0, limit: int = LOG_PAGE) -> Sequence[LogRow]:
    """What was done in the spaces that the actor moderates, latest first; ``limit`` + 1 rows."""
    rows = read.session.execute(
        union_all(_acts(read), _decided(read))
        .order_by(text("at DESC"), text("ordinal DESC NULLS LAST"), text("number"))
        .offset(offset)
        .limit(limit + 1)
    )
    return [LogRow(*row[:-1]) for row in rows]


def _acts(read: Reading) -> Select[*tuple[Any, ...]]:
    """A post stands where it is now: a topic that was merged took its posts along."""
    from_space, into = aliased(Space), aliased(Topic)
    can_go_back = and_(ForumAct.what.in_([Act.MOVED, Act.MERGED]), ForumAct.undone_at.is_(None))
    return (
        select(
            ForumAct.at.label("at"),
            ForumAct.what.cast(Text).label("what"),
            ForumAct.why,
            Person.name,
            Space.slug,
            Space.name,
            Topic.id,
            Topic.slug,
            Topic.title,
            Post.number.label("number"),
            func.coalesce(into.title, from_space.name),
            case((can_go_back, ForumAct.id)).label("act_id"),
            ForumAct.id.label("ordinal"),
        )
        .join(Space, Space.id == ForumAct.space_id)
        .outerjoin(Post, Post.id == ForumAct.post_id)
        .outerjoin(Topic, Topic.id == func.coalesce(Post.topic_id, ForumAct.topic_id))
        .outerjoin(from_space, from_space.id == ForumAct.other_space_id)
        .outerjoin(into, into.id == ForumAct.other_topic_id)
        .outerjoin(Person, Person.id == ForumAct.by_id)
        .where(moderated_by(read.actor))
    )


def one_act(read: Reading, act_id: int) -> LogRow:
    """Something that can be taken back."""
    row = read.session.execute(_acts(read).where(ForumAct.id == act_id)).one_or_none()
    if row is None or row.act_id is None:
        raise NotFound
    return LogRow(*row[:-1])


def _decided(read: Reading) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Report.handled_at.label("at"),
            Report.state.cast(Text).label("what"),
            Report.note,
            Person.name,
            Space.slug,
            Space.name,
            Topic.id,
            Topic.slug,
            Topic.title,
            Post.number.label("number"),
            null().cast(Text),
            null().cast(BigInteger).label("act_id"),
            null().cast(BigInteger).label("ordinal"),
        )
        .join(Post, Post.id == Report.post_id)
        .join(Topic, Topic.id == Post.topic_id)
        .join(Space, Space.id == Topic.space_id)
        .outerjoin(Person, Person.id == Report.handled_by)
        .where(Report.handled_at.is_not(None), moderated_by(read.actor))
    )


@dataclass(frozen=True)
class Audience:
    """For whom the actor may add a space: alumni, members or facilitators of a programme, or the alumni of one course
    that has no space yet. ``name`` is that of the programme or of the course.
    """

    programme_id: int
    cohort_id: int | None
    name: str
    who: Who = Who.ALUMNI


def audiences(read: Reading) -> Sequence[Audience]:
    programmes = [
        Audience(row.id, None, row.name, who)
        for row in read.session.execute(
            select(Programme.id, Programme.name).order_by(Programme.is_current.desc(), Programme.starts_on.desc())
        )
        if read.actor.may(*EVENT_EDITORS, programme_id=row.id)
        for who in Who
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
        f"course-{item.cohort_id}" if item.cohort_id is not None else f"{item.who}-{item.programme_id}": item
        for item in audiences
    }
