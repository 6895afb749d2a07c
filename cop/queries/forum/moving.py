"""Where a topic may go: to no space that more people read than the one where it was written."""

from collections.abc import Sequence

from sqlalchemy import select

from cop.core.work import Reading
from cop.models.forum import Audience, Space
from cop.queries.forum.entering import may_enter, moderated_by, who
from cop.queries.forum.pages import TopicPage


def is_no_wider(source: Space, target: Space) -> bool:
    """Whether all who get into ``target`` get into ``source`` too, whoever they are.

    The people of a sub-group may not have completed the course yet, and facilitators look after other courses too, so
    neither is a part of those who read the space of a course.
    """
    if source.id == target.id:
        return True
    if source.programme_id != target.programme_id or source.cohort_id is not None or target.subgroup_id is not None:
        return False
    return target.audience in _NO_WIDER[source.audience]


_NO_WIDER = {
    Audience.MEMBERS: frozenset(Audience),
    Audience.ALUMNI: frozenset({Audience.ALUMNI, Audience.FACILITATORS}),
    Audience.FACILITATORS: frozenset({Audience.FACILITATORS}),
}
"""The audiences within each; the space of a course says that it is for alumni."""


def other_spaces(read: Reading, topic: TopicPage) -> Sequence[Space]:
    """The other spaces of the programme in which the actor keeps order, in their order."""
    return read.session.scalars(
        select(Space)
        .where(
            Space.programme_id == topic.programme_id,
            Space.id != topic.space_id,
            Space.closed_at.is_(None),
            may_enter(),
            moderated_by(read.actor),
        )
        .order_by(Space.position, Space.id),
        who(read),
    ).all()
