"""Messages by date in the demonstration, and what they will send."""

import pytest
from sqlalchemy import select

from cop.models.events import Event, EventKind
from cop.models.telling import MessageRule
from cop.queries.dry_run import dry_run
from cop.services.surveys import ROUNDS
from tests.support.make import Reads


@pytest.mark.usefixtures("loaded")
def test_the_summit_and_the_open_course_have_messages_that_will_reach_somebody(reading: Reads) -> None:
    with reading() as read:
        rules = read.session.scalars(select(MessageRule)).all()
        assert {rule.active for rule in rules} == {True, False}
        event_ids = {rule.event_id for rule in rules}
        events = read.session.scalars(select(Event).where(Event.id.in_(event_ids))).all()
        assert {event.kind for event in events} == {EventKind.SUMMIT, EventKind.COHORT}
        for event in events:
            read.session.refresh(event, ["parts"])
            sent = {line.rule.subject for line in dry_run(read, event, ROUNDS) if line.rule}
            assert sent == {rule.subject for rule in rules if rule.event_id == event.id and rule.active}
