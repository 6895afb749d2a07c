"""What a topic is there for and what it is about: its kind, the words it is sorted by, and what it links to."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import delete, select

from cop.core.errors import NotFound, Refusal, marked
from cop.core.work import Work
from cop.models.commitments import Commitment
from cop.models.events import Event
from cop.models.forum import Proposal, ProposalOf, Space, Topic, TopicKind, TopicLink, TopicTag
from cop.models.toolkit import Resource
from cop.queries import forum as queries
from cop.services import tags
from cop.services.forum.rules import refuse_without_rules
from cop.services.forum.shared import locked_topic, refuse_when_closed, refuse_when_locked

MOST_TAGS = 8


@dataclass(frozen=True)
class About:
    """What somebody says of a topic beside its words. Events and resources are named by their slug, a plan by its
    public id; ``starter`` is the template with which they began.
    """

    kind: TopicKind = TopicKind.TALK
    proposal_of: ProposalOf | None = None
    tag_ids: Sequence[int] = ()
    event: str = ""
    resource: str = ""
    plan: str = ""
    starter: str = field(default="", compare=False)


def sort_new(work: Work, space: Space, topic: Topic, about: About) -> None:
    """Sort a topic that is just being opened."""
    topic.kind, topic.starter = about.kind, about.starter
    if about.kind is TopicKind.PROPOSAL:
        _propose(work, topic, about)
    _tag(work, topic, about.tag_ids, frozenset())
    for link in _links(work, space, topic, about):
        work.session.add(link)
    work.session.flush()


def sort_topic(work: Work, *, topic_id: int, about: About) -> Topic:
    """Change what one's own topic is about; facilitators sort those of others too, and link nobody's plan.

    A proposal stays one, and nothing becomes one: it is decided as a proposal, and its support counts for that.
    """
    topic, space = locked_topic(work, topic_id)
    is_own = work.actor.person_id is not None and topic.author_id == work.actor.person_id
    if not (is_own or queries.moderates(work.actor, space)):
        raise NotFound
    if is_own:
        refuse_without_rules(work, space)
    refuse_when_closed(space)
    refuse_when_locked(topic)
    if TopicKind.PROPOSAL in {topic.kind, about.kind} and topic.kind is not about.kind:
        raise Refusal(marked("A proposal stays one. Start a topic of its own for what you propose."), field="kind")
    if topic.kind is TopicKind.QUESTION and about.kind is not TopicKind.QUESTION:
        topic.answer_number = topic.answered_at = None
    topic.kind = about.kind
    _tag(work, topic, about.tag_ids, frozenset(queries.tag_ids(work, topic.id)))
    links = _links(work, space, topic, about)
    gone = delete(TopicLink).where(TopicLink.topic_id == topic.id)
    work.session.execute(gone if is_own else gone.where(TopicLink.commitment_id.is_(None)))
    work.session.add_all(links)
    work.session.flush()
    return topic


def _propose(work: Work, topic: Topic, about: About) -> None:
    if about.proposal_of is None:
        raise Refusal(marked("Choose what you propose"), field="proposal_of")
    work.session.add(Proposal(topic_id=topic.id, of=about.proposal_of))
    work.session.flush()


def _tag(work: Work, topic: Topic, tag_ids: Sequence[int], before: frozenset[int]) -> None:
    wanted = tags.chosen(work, tag_ids, kept=before)
    if len(wanted) > MOST_TAGS:
        raise Refusal(marked("Choose at most %(most)s words"), field="tags", most=MOST_TAGS)
    if gone := before - wanted:
        work.session.execute(delete(TopicTag).where(TopicTag.topic_id == topic.id, TopicTag.tag_id.in_(gone)))
    work.session.add_all(TopicTag(topic_id=topic.id, tag_id=tag_id) for tag_id in sorted(wanted - before))


def _links(work: Work, space: Space, topic: Topic, about: About) -> Sequence[TopicLink]:
    """What the topic links to: only what everybody who reads the space may see, and the actor's own plan."""
    found = []
    if about.event:
        listed = select(Event.id).where(Event.slug == about.event, queries.can_be_linked())
        found.append(TopicLink(topic_id=topic.id, event_id=_one(work.session.scalar(listed), "event")))
    if about.resource:
        seen = (
            select(Resource.id)
            .join(Space, Space.id == space.id)
            .where(Resource.slug == about.resource, queries.seen_by_all())
        )
        found.append(TopicLink(topic_id=topic.id, resource_id=_one(work.session.scalar(seen), "resource")))
    if about.plan:
        own = select(Commitment.id).where(Commitment.public_id == about.plan, Commitment.person_id == topic.author_id)
        plan_id = work.session.scalar(own) if topic.author_id == work.actor.person_id else None
        found.append(TopicLink(topic_id=topic.id, commitment_id=_one(plan_id, "plan")))
    return found


def _one(record_id: int | None, field: str) -> int:
    if record_id is None:
        raise Refusal(marked("Choose one from the list"), field=field)
    return record_id
