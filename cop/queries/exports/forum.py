"""Rows of the export of the forum: one for each post that can be read there."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, select

from cop.core.work import Reading
from cop.models.accounts import Affiliation, Person
from cop.models.events import Event, EventKind
from cop.models.forum import Post, Space, Topic
from cop.models.organisations import Organisation
from cop.models.service import Setting
from cop.queries.accounts import NEWER_MEMBER_YEARS, is_newer_member
from cop.queries.exports import Who, of_organisation, streamed


@dataclass(frozen=True)
class PostRow(Who):
    """A post with its author as they are known today. ``opened_at`` is when its topic began."""

    event: str | None
    event_kind: EventKind | None
    space: str
    topic_id: int
    title: str
    number: int
    made_at: datetime
    opened_at: datetime
    body: str


def post_rows(read: Reading, *, programme_id: int) -> Iterator[PostRow]:
    """Rows by space, topic and number; what was deleted or hidden is left out."""
    for row in streamed(read, posts(programme_id).order_by(Space.slug, Topic.id, Post.number)):
        yield post_row(row)


def post_row(row: dict[str, Any]) -> PostRow:
    """A row of :func:`posts`, whose dictionary is used up."""
    joined_on, years = row.pop("joined_on"), row.pop("years") or NEWER_MEMBER_YEARS
    newer = is_newer_member(joined_on, row["made_at"].date(), years) if joined_on else None
    return PostRow(newer_member=newer, **row)


def posts(programme_id: int) -> Select[*tuple[Any, ...]]:
    """The posts that can be read, in no order."""
    primary = and_(Affiliation.person_id == Person.id, Affiliation.is_primary, Affiliation.to_on.is_(None))
    years = select(Setting.value).where(Setting.name == "newer_member_years").scalar_subquery()
    return (
        select(
            Event.slug.label("event"),
            Event.kind.label("event_kind"),
            Person.id.label("person_id"),
            Person.public_id.label("public_id"),
            Person.name.label("name"),
            Person.email.label("email"),
            *of_organisation(),
            Organisation.membership,
            Organisation.joined_on,
            years.label("years"),
            Affiliation.sector,
            Space.slug.label("space"),
            Topic.id.label("topic_id"),
            Topic.title.label("title"),
            Post.number,
            Post.made_at,
            Topic.made_at.label("opened_at"),
            Post.body,
        )
        .select_from(Space)
        .join(Topic, and_(Topic.space_id == Space.id, Topic.hidden_at.is_(None)))
        .join(Post, and_(Post.topic_id == Topic.id, Post.deleted_at.is_(None), Post.hidden_at.is_(None)))
        .join(Person, Person.id == Post.author_id)
        .outerjoin(Event, Event.id == Space.cohort_id)
        .outerjoin(Affiliation, primary)
        .outerjoin(Organisation, Organisation.id == Affiliation.organisation_id)
        .where(Space.programme_id == programme_id, Space.subgroup_id.is_(None))  # groups were promised to be alone
    )
