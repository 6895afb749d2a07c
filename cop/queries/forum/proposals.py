"""What members proposed for webinars and visits, and who supports it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, select

from cop.core.work import Reading
from cop.models.accounts import Person
from cop.models.events import Event
from cop.models.forum import Post, Proposal, ProposalOf, Space, Topic
from cop.queries.forum.entering import may_enter, who
from cop.queries.forum.sorting import NamedEvent, can_be_linked


@dataclass(frozen=True)
class Proposed:
    """``support`` counts those who pressed “Me too”. The event is there once all readers may see it."""

    topic_id: int
    topic_slug: str
    title: str
    space_slug: str
    space: str
    author: str
    support: int
    made_at: datetime
    of: ProposalOf
    planned: bool | None
    answer: str
    decided_at: datetime | None
    event: NamedEvent | None


def proposals(read: Reading, *, decided: bool, offset: int = 0, limit: int) -> Sequence[Proposed]:
    """Proposals in the spaces that the actor gets into, ``limit`` + 1 of them: those that wait with the most support
    first, or those that were decided with the latest first.
    """
    order = (Proposal.decided_at.desc(),) if decided else (Post.me_too.desc(), Topic.made_at)
    found = _proposals().where(
        may_enter(),
        Topic.hidden_at.is_(None),
        Topic.merged_into.is_(None),
        Proposal.planned.is_not(None) if decided else Proposal.planned.is_(None),
    )
    rows = read.session.execute(found.order_by(*order, Topic.id).offset(offset).limit(limit + 1), who(read))
    return [_proposed(row) for row in rows]


def proposal_of(read: Reading, topic_id: int) -> Proposed | None:
    """What a topic proposes; the caller has checked who reads it."""
    row = read.session.execute(_proposals().where(Topic.id == topic_id)).one_or_none()
    return _proposed(row) if row is not None else None


def _proposed(row: Any) -> Proposed:
    *said, slug, title, kind = row
    return Proposed(*(*said, NamedEvent(slug, title, kind) if slug is not None else None))


def _proposals() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Topic.id,
            Topic.slug,
            Topic.title,
            Space.slug,
            Space.name,
            Person.name,
            Post.me_too,
            Topic.made_at,
            Proposal.of,
            Proposal.planned,
            Proposal.answer,
            Proposal.decided_at,
            Event.slug,
            Event.title,
            Event.kind,
        )
        .select_from(Proposal)
        .join(Topic, Topic.id == Proposal.topic_id)
        .join(Space, Space.id == Topic.space_id)
        .join(Person, Person.id == Topic.author_id)
        .join(Post, and_(Post.topic_id == Topic.id, Post.number == 1))
        .outerjoin(Event, and_(Event.id == Proposal.event_id, can_be_linked()))
    )
