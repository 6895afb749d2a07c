"""What members propose for webinars and visits, and what facilitators decide about it."""

from sqlalchemy import select

from cop.core.errors import NotFound, Refusal, marked
from cop.core.work import Work
from cop.models.events import Event
from cop.models.forum import Proposal
from cop.queries import forum as queries
from cop.services.forum.shared import locked_topic, to_moderate


def decide_proposal(work: Work, *, topic_id: int, planned: bool, answer: str, event_slug: str = "") -> Proposal:
    """Plan what a topic proposes, with its event where that is there already, or say why not.

    Decided again, the later decision stands: an event may be added when it is made.
    """
    topic, space = locked_topic(work, topic_id)
    to_moderate(work, space)
    proposal = work.session.get(Proposal, topic.id, with_for_update=True)
    if proposal is None:
        raise NotFound
    answer = answer.strip()
    if not planned and not answer:
        raise Refusal(marked("Say why not, so that those who support it know"), field="answer")
    event_id = _event(work, space.programme_id, event_slug) if event_slug else None
    if event_id is not None and not planned:
        raise Refusal(marked("Choose an event only for what is planned"), field="event")
    proposal.planned, proposal.event_id, proposal.answer = planned, event_id, answer
    proposal.decided_at, proposal.decided_by = work.now, work.actor.person_id
    topic.settled_at = topic.settled_at or work.now
    return proposal


def _event(work: Work, programme_id: int, slug: str) -> int:
    found = select(Event.id).where(Event.slug == slug, Event.programme_id == programme_id, queries.can_be_linked())
    event_id = work.session.scalar(found)
    if event_id is None:
        raise Refusal(marked("Choose an event from the list"), field="event")
    return event_id
