"""The forum of the demo programme: written by those who completed the first course."""

import pytest
from sqlalchemy import func, select

from cop.models.accounts import Person
from cop.models.forum import Post, Report, ReportState, Space, Topic, TopicKind
from cop.models.outbox import Outbox, OutboxState
from cop.models.tags import Tag
from cop.queries import forum as queries
from tests.support.browse import Browse
from tests.support.make import Make, Reads

TOPICS = {
    "introductions": 3,
    "project-updates": 9,
    "funding-opportunities": 3,
    "what-worked": 3,
    "change-makers-1": 1,
}

ROLES = ("admin", "facilitator", "alumna", "reviewer", "evaluator", "host", "participant", "applicant")


def person(reading: Reads, role: str) -> Person:
    with reading() as read:
        return read.session.scalars(select(Person).where(Person.email == f"{role}@demo.example")).one()


@pytest.mark.usefixtures("loaded")
def test_the_forum_has_all_that_there_is_to_see(reading: Reads, make: Make, browse: Browse) -> None:
    with reading() as read:
        spaces = read.session.execute(select(Space.slug, func.count(Topic.id)).join(Topic).group_by(Space.slug)).all()
        assert dict(spaces) == TOPICS
        assert (read.session.scalar(select(func.count()).select_from(Post)) or 0) > 50
        assert len(set(read.session.scalars(select(Post.author_id)))) > 12
        answered = read.session.scalars(select(Topic).where(Topic.answer_number.is_not(None))).one()
        assert answered.kind is TopicKind.QUESTION
        (proposal,) = queries.proposals(read, decided=False, limit=5)
        assert proposal.support == 4
        assert read.session.scalar(select(func.count(Post.id)).where(Post.helped > 0)) == 2
        environment = read.session.scalars(select(Tag.id).where(Tag.slug == "communities-and-environment")).one()
        assert len(queries.topics_of_tag(read, tag_id=environment, offset=0, limit=25)) == 3
        states = read.session.scalars(select(Report.state).order_by(Report.state)).all()
        assert list(states) == [ReportState.OPEN, ReportState.UPHELD]
        assert read.session.scalar(select(func.count()).where(Topic.locked_at.is_not(None))) == 1
        assert read.session.scalars(select(Topic.title).where(Topic.pinned_at.is_not(None))).all() == [
            "Hello from the Change Makers"
        ]
        assert read.session.scalars(select(Post).where(Post.hidden_at.is_not(None))).one().hidden_why
        pending = select(Outbox).where(Outbox.template.like("forum%"), Outbox.state == OutboxState.PENDING)
        assert read.session.scalars(pending).all() == []

    with reading(make.actor(person(reading, "alumna"))) as read:
        assert sum(space.unread for space in queries.spaces(read)) > 2
    opened = {role for role in ROLES if browse.sign_in(person(reading, role)).get("/forum/what-worked/").status == 200}
    assert opened == {"admin", "facilitator", "alumna"}
