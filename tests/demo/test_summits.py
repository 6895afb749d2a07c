"""The summit of the demo programme: invitations in every state, one breakout full, and everybody as it was promised."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select

from cop.core.access import SYSTEM
from cop.demo.roles import ROLES
from cop.models.accounts import Person
from cop.models.events import Event
from cop.models.summits import Answer, Invitation, PartKind
from cop.queries import seating
from cop.queries import summits as queries
from cop.web import read
from tests.support.make import Reads


@pytest.fixture
def summit(app: Flask, loaded: None) -> Iterator[Event]:
    with app.app_context():
        found = select(Event).where(Event.slug == "roundtable-summit")
        yield read(SYSTEM).session.scalars(found).one()


def test_it_shows_every_state(summit: Event, reading: Reads) -> None:
    with reading() as found:
        tally = queries.tally(found, summit)
        coming = queries.door_list(found, summit)
        event = queries.invitation_by_id(found, 1).event
        answers = dict(
            found.session.execute(
                select(Person.email, Invitation.response)
                .join(Invitation, Invitation.person_id == Person.id)
                .where(Person.email.in_(ROLES.values()))
            ).all()
        )
        needs = [queries.caterer_list(found, summit).people, queries.access_list(found, summit).people]
    assert min(tally.values()) > 0
    assert tally[queries.State.YES] == len(coming) == event.seats_taken
    assert event.capacity == 85
    breakouts = [part for part in event.parts if part.kind == PartKind.BREAKOUT]
    assert len(breakouts) == 4
    assert [part.places_left for part in breakouts].count(0) == 1
    assert answers == {
        ROLES["participant"]: Answer.YES,
        ROLES["alumna"]: Answer.TENTATIVE,
        ROLES["applicant"]: Answer.NONE,
    }
    assert all(needs)


def test_everybody_who_comes_sits_at_a_table_in_two_rounds(summit: Event, reading: Reads) -> None:
    with reading() as found:
        tables = seating.seating(found, slug=summit.slug)
        score = tables.score
    assert (tables.rounds, len(tables.rules), dict(score.broken)) == (2, 2, {})
    assert tables.without == []
    assert score.colleagues == score.least_colleagues
    assert tables.plan is not None
    assert tables.plan.published_at is not None
